"""The text of SDK v1's files, and which keys stand in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from envls.document import Document, Format
from envls.facts import Absent, Facts, FileAt, FolderAt, Known
from envls.formats.azureml import v1, workbench
from envls.formats.azureml.v1 import YAML, RunConfiguration
from envls.formats.azureml.v1_keys import INLINE_CONDA
from envls.formats.keys import Key
from envls.formats.paths import join
from envls.rules.keys import misspelt_key
from envls.rules.once import is_first
from envls.rules.rule import Finding, Severity, rule
from envls.rules.sdk_v1.values import KEYS
from envls.rules.structure import repeated_keys, unreadable_bytes, yaml_problems
from envls.syntax import Entry, Kind, Mapping, Node, Scalar, Sequence, resolve_alias, resolved

_FORMATS = (Format.V1, Format.V1_ENVIRONMENT)
_OF_USERS = frozenset(("environmentVariables", "sparkEnvVariables", "sparkConf"))
"""Keys below which the SDK leaves keys as they are."""


@rule("AML201", on=Document, severity=Severity.ERROR)
def not_yaml_in_sdk_v1(document: Document, facts: Facts) -> Iterator[Finding]:
    """A line of a run configuration is not YAML, or not text.

    azureml-core 1.61 (its own ruamel.yaml, YAML 1.2) refuses the whole file. JSON is as good.

    ```yaml .azureml/train.runconfig
    script: train.py
    arguments: [--epochs, 3  # <- AML201
    environment:
      name: mine
    ```
    """
    if document.format in _FORMATS and not document.template:
        yield from unreadable_bytes(document, facts)
        yield from yaml_problems(document)


@rule("AML202", on=Key, severity=Severity.WARNING)
def unknown_sdk_v1_key(key: Key, facts: Facts) -> Iterator[Finding]:
    """SDK v1 does not know a key.

    It is ignored in silence. In a run configuration a key may be in camelCase, snake_case or Title-case; in an environment
    section that has a file of its own azureml-core 1.61 only reads camelCase. Of a conda environment that is written below
    `condaDependencies` it refuses unknown keys.

    ```yaml .azureml/train.runconfig
    script: train.py
    node_count: 2
    environment:
      python:
        condaDependencyFile: conda.yml  # <- AML202
        userManagedDependencies: true
    ```

    ```yaml fixed
    script: train.py
    node_count: 2
    environment:
      python:
        condaDependenciesFile: conda.yml
        userManagedDependencies: true
    ```

    ```yaml conda.yml
    dependencies: [python=3.10]
    ```

    ```yaml train/environment.yml
    name: mine
    python:
      user_managed_dependencies: true  # <- AML202
      condaDependencies:
        dependencies: [python=3.10]
    ```
    """
    del facts
    if key.info is not None or not key.allowed or key.allowed[0] not in KEYS:
        return
    name = key.node.value
    if key.path[-1:] == (INLINE_CONDA.name,):
        found = misspelt_key(key, "SDK v1 refuses")
        found = found or Finding(key.span, f"SDK v1 refuses `{name}` in a conda environment")
        yield replace(found, severity=Severity.ERROR)
        return
    value = resolve_alias(key.entry.value)
    if isinstance(value, Scalar) and value.is_null:
        return  # it says nothing; the SDK itself has written such keys
    found = misspelt_key(key, "SDK v1 ignores", v1.camel(name) if name else "")
    yield found or Finding(key.span, f"SDK v1 ignores `{name}`; it knows no such key", severity=Severity.HINT)


@rule("AML204", on=Document, severity=Severity.ERROR)
def repeated_sdk_v1_key(document: Document, facts: Facts) -> Iterator[Finding]:
    """A key stands twice in one mapping.

    azureml-core 1.61 refuses the file; of two that only differ in their case it takes the last.

    ```yaml .azureml/train.runconfig
    script: train.py
    script: test.py  # <- AML204
    environment:
      name: mine
    ```
    """
    del facts
    if document.format in _FORMATS:
        yield from repeated_keys(document, "the SDK refuses the file")


@rule("AML205", on=Document, severity=Severity.ERROR)
def missing_sdk_v1_environment(document: Document, facts: Facts) -> Iterator[Finding]:
    """A run configuration of SDK v1 has no `environment`.

    azureml-core 1.61 then takes it for one of Workbench and reads nothing of what it says: it asks for
    `aml_config/local.compute`, whatever the target is.

    ```yaml .azureml/train.runconfig
    script: train.py  # <- AML205
    target: cpu-cluster
    ```

    ```yaml .azureml/fine.runconfig
    script: train.py
    target: cpu-cluster
    environment:
      name: mine
    ```
    """
    content, root = document.content, document.tree.root
    if not isinstance(content, RunConfiguration) or root is None or content.entry("environment"):
        return
    if isinstance(root, Mapping) and not root.entries:
        return
    compute = join(workbench.project_of(document.path), f"{workbench.FOLDER}/local.compute")
    loads = not isinstance(facts.ask(FileAt(compute)), Absent)
    where = root.entries[0].key.span if isinstance(root, Mapping) else root.span
    message = (
        "`environment` is missing: the SDK takes this for a run configuration of Workbench and reads nothing of it"
    )
    yield Finding(where, message, severity=Severity.WARNING if loads else None)


@rule("AML206", on=RunConfiguration, severity=Severity.ERROR)
def unreadable_sdk_v1_key(configuration: RunConfiguration, facts: Facts) -> Iterator[Finding]:
    """A key is no text, or begins with an underscore.

    azureml-core 1.61 puts every key but those of environment variables into camelCase, and fails on such a one.

    ```yaml .azureml/train.runconfig
    script: train.py
    environment:
      name: mine
    data:
      2024: {mechanism: mount}  # <- AML206
    environmentVariables:
      _DEBUG: "1"
    ```
    """
    del facts
    for entry in _put_into_camel_case(configuration.root):
        if entry.key.value.startswith("_"):
            yield Finding(entry.key.span, "the SDK cannot read a key that begins with `_`")
        elif entry.key.value != "<<" and resolved(entry.key, yaml=YAML) is not Kind.TEXT:
            yield Finding(entry.key.span, "the SDK cannot read a key that is no text; put it in quotes")
        elif not entry.key.value:
            yield Finding(entry.key.span, "the SDK cannot read an empty key")


def _put_into_camel_case(root: Node) -> Iterator[Entry]:
    todo = [root]
    while todo:
        node = resolve_alias(todo.pop())
        if isinstance(node, Sequence):
            todo += reversed(node.items)
        elif isinstance(node, Mapping):
            yield from node.entries
            todo += [entry.value for entry in node.entries if v1.camel(entry.key.value) not in _OF_USERS]


@rule("AML218", on=Document, severity=Severity.HINT)
def retired_sdk_v1(document: Document, facts: Facts) -> Iterator[Finding]:
    """Support of Azure ML SDK v1 has ended.

    Support ended on 30 June 2026; what runs, runs at one's own risk. In CLI v2 a job says `command`, `code`, `compute` and
    `environment`, and an environment says `image` and `conda_file`: in the editor, an action on a run configuration writes
    both beside it. It is said once in a project, on the first run configuration.

    ```yaml .azureml/score.runconfig
    script: score.py  # <- AML218
    environment:
      name: mine
    ```

    ```yaml .azureml/train.runconfig
    script: train.py
    environment:
      name: mine
    ```
    """
    content = document.content
    if isinstance(content, RunConfiguration) and content.root.entries and is_first(document, facts):
        message = "support of SDK v1 ended on 2026-06-30; a job of CLI v2 says the same"
        yield Finding(content.root.entries[0].key.span, message)


@rule("AML221", on=Document, severity=Severity.WARNING)
def hidden_run_configuration(document: Document, facts: Facts) -> Iterator[Finding]:
    """A folder `aml_config` hides the run configurations in `.azureml`.

    Where both are there, azureml-core 1.61 only looks into `aml_config`, even if that is empty: "Failed to load
    RunConfiguration". Given the path of the file itself, it loads it all the same.

    ```yaml .azureml/train.runconfig
    script: train.py  # <- AML221
    environment:
      name: mine
    ```

    ```yaml aml_config/conda_dependencies.yml
    dependencies: [python=3.10]
    ```
    """
    if not isinstance(document.content, RunConfiguration) or document.path.parent.name != ".azureml":
        return
    root, other = document.content.root, document.path.parent.with_name(workbench.FOLDER)
    if not root.entries or not isinstance(there := facts.ask(FolderAt(other)), Known):
        return
    if there.value and not any(name.partition(".")[0] == document.path.stem for name in there.value):
        message = "`aml_config` hides this file: of the two folders the SDK only looks into that one"
        yield Finding(root.entries[0].key.span, message)


@rule("AML225", on=Document, severity=Severity.HINT)
def template_of_run_configuration(document: Document, facts: Facts) -> Iterator[Finding]:
    """The run configuration is a template.

    What stands in `{{ }}` is filled in before the SDK sees the file; of these lines envls says nothing.

    ```yaml .azureml/train.runconfig
    script: train.py
    target: {{ target }}  # <- AML225
    environment:
      name: mine
    ```
    """
    del facts
    if document.format in _FORMATS and document.template:
        yield Finding(document.template, "this is a template; envls reads what is not filled in later")
