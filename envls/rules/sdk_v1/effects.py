"""What SDK v1 loads and nobody uses: settings without effect in this run, and keys that are given up."""

from __future__ import annotations

from collections.abc import Iterator

from envls.document import Document
from envls.facts import Facts
from envls.formats import keys
from envls.formats.azureml.v1 import EnvironmentSection, RunConfiguration, Section, is_true
from envls.formats.azureml.v1_keys import ENVIRONMENT_KEYS, RUN_KEYS
from envls.formats.keys import Key
from envls.known import base_images
from envls.rules.rule import Finding, Fix, Related, Severity, rule
from envls.rules.sdk_v1.sections import section_of
from envls.rules.sdk_v1.values import MEANT_FALSE
from envls.syntax import Entry, Mapping, Node, Scalar, Sequence, resolve_alias
from envls.write import Change, Remove, SetKey

_GIVEN_UP = frozenset(info for info in keys.all_of((*RUN_KEYS, *ENVIRONMENT_KEYS)) if info.successor is not None)


@rule("AML207", on=Document, severity=Severity.HINT)
def setting_without_effect(document: Document, facts: Facts) -> Iterator[Finding]:
    """A setting has no effect in this run.

    A conda file is not used where the user manages the packages (azureml-core 1.61 loads it all the same, so it must be
    there); an interpreter counts only there. Spark's settings need `PySpark`, those of `tensorflow`, `mpi` and `pytorch`
    their framework. What the SDK writes by itself into every file is not mentioned.

    ```yaml .azureml/train.runconfig
    script: train.py
    target: cpu-cluster
    framework: Python
    spark:  # <- AML207
      configuration:
        spark.executor.cores: 4
    environment:
      python:
        userManagedDependencies: true
        condaDependenciesFile: .azureml/conda.yml  # <- AML207
    ```

    ```yaml .azureml/other.runconfig
    script: train.py
    target: cpu-cluster
    environment:
      python:
        interpreterPath: /opt/python  # <- AML207
        condaDependenciesFile: .azureml/conda.yml
    ```

    ```yaml .azureml/conda.yml
    dependencies: [python=3.10]
    ```
    """
    del facts
    section = section_of(document)
    if section is not None and not section.is_reference:
        yield from _in_environment(section)
    if isinstance(document.content, RunConfiguration):
        yield from _in_run(document.content)


def _unused(entry: Entry, why: str) -> Finding:
    return Finding(entry.span, f"`{entry.key.value}` has no effect: {why}", unused=True)


def _in_environment(section: EnvironmentSection) -> Iterator[Finding]:
    file, inline = (section.entry("python", key) for key in ("condaDependenciesFile", "condaDependencies"))
    has_file = section.node("python", "condaDependenciesFile") is not None
    if section.user_managed:
        said = section.node("python", "userManagedDependencies")
        if isinstance(said, Scalar) and said.value.lower() in MEANT_FALSE:
            return  # the SDK takes it for true, which is what is wrong
        why = "`userManagedDependencies` is true"
        if file and has_file:
            yield _unused(file, why + "; the file must be there all the same")
        if inline and section.node("python", "condaDependencies") is not None:
            yield _unused(inline, why)
        return
    if inline and has_file:
        yield _unused(inline, "`condaDependenciesFile` names a file")
    interpreter = section.entry("python", "interpreterPath")
    if interpreter and section.text("python", "interpreterPath") not in ("", "python"):
        yield _unused(interpreter, "Azure ML makes the environment (`userManagedDependencies` is not true)")


def _in_run(run: RunConfiguration) -> Iterator[Finding]:
    framework = run.framework.lower()
    sections: list[tuple[str, bool, str]] = [
        ("spark", framework.startswith("pyspark"), "`framework` is not `PySpark`"),
        ("tensorflow", framework.startswith("tensorflow"), "`framework` is not `TensorFlow`"),
        ("mpi", "mpi" in (run.text("communicator") + framework).lower(), "`communicator` is no MPI"),
        ("pytorch", framework == "pytorch", "`framework` is not `PyTorch`"),
        ("amlcompute", run.target == "amlcompute", "`target` is not `amlcompute`"),
    ]
    for name, counts, why in sections:
        entry = run.entry(name)
        if entry and not counts and _is_of_a_person(run, name):
            yield _unused(entry, why)
    arguments = run.entry("docker", "arguments")
    if arguments and _has_items(arguments.value) and run.entry("docker", "useDocker") and not _uses_docker(run):
        yield _unused(arguments, "`useDocker` is not true")
    section = run.environment
    if section and run.target == "local" and not _uses_docker(run) and not section.is_reference:
        image = section.text("docker", "baseImage")
        entry = section.entry("docker", "baseImage")
        if entry and image and not base_images.is_of_azureml(image) and run.entry("target"):
            yield _unused(entry, "a local run without Docker has no image")


def _uses_docker(run: RunConfiguration) -> bool:
    section = run.environment
    return is_true(run.node("docker", "useDocker")) or bool(section and is_true(section.node("docker", "enabled")))


def _has_items(node: Node) -> bool:
    node = resolve_alias(node)
    return isinstance(node, Sequence) and bool(node.items)


_DEFAULTS = {"spark.app.name", "spark.yarn.maxAppAttempts"}


def _is_of_a_person(run: RunConfiguration, name: str) -> bool:
    """Whether a section says anything that the SDK does not write by itself."""
    if name == "spark":
        there = run.node("spark", "configuration")
        return isinstance(there, Mapping) and any(entry.key.value not in _DEFAULTS for entry in there.entries)
    if name == "amlcompute":
        return bool(run.text("amlcompute", "vmSize"))
    section = run.node(name)
    values = [resolve_alias(entry.value) for entry in section.entries] if isinstance(section, Mapping) else []
    return any(isinstance(one, Scalar) and not one.is_null and one.value not in ("1", "nccl", "Nccl") for one in values)


@rule("AML211", on=Document, severity=Severity.HINT)
def given_up_setting(document: Document, facts: Facts) -> Iterator[Finding]:
    """A key is given up.

    azureml-core 1.61 still loads it, and takes its successor where both stand; of one without a successor it takes no notice.
    Said once for a file.

    ```yaml .azureml/train.runconfig
    script: train.py
    autoPrepareEnvironment: true  # <- AML211
    environment:
      docker:
        baseImage: ubuntu:22.04
        enabled: true
        sharedVolumes: false
      environmentVariables:
        DEBUG: "1"
      python:
        userManagedDependencies: true
    ```

    ```yaml fixed
    script: train.py
    environment:
      docker:
        baseImage: ubuntu:22.04
      python:
        userManagedDependencies: true
    docker:
      useDocker: true
      sharedVolumes: false
    environmentVariables:
      DEBUG: "1"
    ```
    """
    del facts
    content = document.content
    if not isinstance(content, RunConfiguration | EnvironmentSection):
        return
    found = [key for key in content.keys if key.info in _GIVEN_UP and not _says_nothing(key)]
    if not found:
        return
    first, *others = found
    related = tuple(Related(key.span, f"`{key.node.value}`{_instead(key)}") for key in others[:5])
    more = f" (and {len(others)} more)" if others else ""
    changes = [change for key in found for change in _moved(key, found, content, document)]
    fixes = (Fix("Move to what is read today", tuple(changes), sure=True),) if changes else ()
    yield Finding(first.span, f"`{first.node.value}` is given up{_instead(first)}{more}", fixes, related)


_OWN = {"enabled": "false", "sharedVolumes": "true", "shmSize": "2g", "gpuSupport": "false"}
"""What the SDK writes by itself, today as well."""


def _instead(key: Key) -> str:
    successor = key.info.successor if key.info else ""
    return f"; write `{successor}`" if successor else "; nothing reads it"


def _says_nothing(key: Key) -> bool:
    """Whether the value is empty or the SDK's own default, so that nobody misses it."""
    value = resolve_alias(key.entry.value)
    if isinstance(value, Scalar) and key.info and value.value.lower() == _OWN.get(key.info.name):
        return True
    if isinstance(value, Mapping):
        return [entry.key.value for entry in value.entries] == ["EXAMPLE_ENV_VAR"] or not value.entries
    return value.is_null if isinstance(value, Scalar) else not _has_items(value)


def _moved(key: Key, given_up: list[Key], content: Section, document: Document) -> Iterator[Change]:
    """The key away, and its value where it is read today. Only in a file that has its run configuration in it.

    With the last key of a mapping the mapping goes, too.
    """
    successor = key.info.successor if key.info else None
    if content.root.flow or not isinstance(document.content, RunConfiguration) or successor == "applicationEndpoints":
        return
    if successor and content.entry(*successor.split(".")) is None:
        written = _text_of(key.entry.value, document)
        if written is None:
            return
        yield SetKey(tuple(successor.split(".")), written)
    above = content.entry(*key.path)
    around = resolve_alias(above.value) if above else None
    gone = [one for one in given_up if one.path == key.path]
    if above and isinstance(around, Mapping) and len(around.entries) == len(gone):
        yield from [Remove(above.key.start)] if key is gone[0] else []
    else:
        yield Remove(key.entry.key.start)


def _text_of(value: Node, document: Document) -> str | None:
    """A value as it is written, its lines moved to the margin; None for one that stands in more than one piece."""
    if resolve_alias(value) is not value:
        return None
    text = document.text[value.span.start : value.span.end].rstrip()
    column = document.lines.place(value.span.start)[1]
    first, *rest = text.splitlines() or [""]
    if any(line[:column].strip() for line in rest) or (rest and isinstance(value, Scalar)):
        return None
    block = not isinstance(value, Scalar) and not getattr(value, "flow", True)
    lines = [first, *(line[column:] for line in rest)]
    return "\n".join(lines) + ("\n" if block and not rest else "")
