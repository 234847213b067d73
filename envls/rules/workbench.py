"""AML1: one file of Azure ML Workbench: a run configuration, a compute target, Spark dependencies."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envls.document import Document, Format
from envls.facts import Facts
from envls.formats import keys
from envls.formats.azureml.workbench import (
    COMPUTE_KEYS,
    DOCKER,
    RUN_KEYS,
    SPARK_KEYS,
    Compute,
    InterpreterRef,
    RunConfiguration,
)
from envls.formats.keys import Holds, Key, KeyInfo, Value
from envls.rules.keys import misspelt_key, not_allowed, wrong_type
from envls.rules.rule import Finding, Fix, Related, Severity, rule
from envls.rules.structure import repeated_keys, unreadable_bytes, yaml_problems
from envls.syntax import Node, Scalar, Sequence, bad_escape
from envls.write import Replace

_FORMATS = (Format.RUN_CONFIGURATION, Format.COMPUTE, Format.SPARK)
_KEYS = frozenset(keys.all_of((*RUN_KEYS, *COMPUTE_KEYS, *SPARK_KEYS)))
_PASSWORD_REFERENCE = re.compile(r"ServiceName=[^#]*#[^#]*#[0-9A-Fa-f]+")


@rule("AML101", on=Document, severity=Severity.ERROR)
def not_yaml_in_workbench(document: Document, facts: Facts) -> Iterator[Finding]:
    """A line of a run configuration is not YAML, or not text.

    The run does not start. JSON is as good as YAML here; a forgotten comma is found where it is missing.

    ```yaml aml_config/docker.runconfig
    ArgumentVector: ["train.py"  # <- AML101
    Target: docker
    TrackedRun: true
    ```

    ```yaml aml_config/docker.compute
    type: localdocker
    ```
    """
    if document.format in _FORMATS:
        yield from unreadable_bytes(document, facts)
        yield from yaml_problems(document)


@rule("AML102", on=Key, severity=Severity.WARNING)
def unknown_workbench_key(key: Key, facts: Facts) -> Iterator[Finding]:
    """Workbench does not know a key.

    It is ignored in silence; a key is written exactly as here, capitals included.

    ```yaml aml_config/docker.runconfig
    ArgumentVector: [train.py]
    Target: docker
    CondaDependencyFile: aml_config/conda_dependencies.yml  # <- AML102
    ```

    ```yaml fixed
    ArgumentVector: [train.py]
    Target: docker
    CondaDependenciesFile: aml_config/conda_dependencies.yml
    ```

    ```yaml aml_config/docker.compute
    type: localdocker
    ```

    ```yaml aml_config/conda_dependencies.yml
    name: project_environment
    dependencies:
      - python=3.5.2
    ```
    """
    del facts
    if key.info is not None or not key.allowed or key.allowed[0] not in _KEYS:
        return
    yield misspelt_key(key, "Workbench ignores") or Finding(
        key.node.span, f"Workbench ignores `{key.node.value}`; it knows no such key", severity=Severity.HINT
    )


@rule("AML103", on=Value, severity=Severity.WARNING)
def wrong_workbench_value(value: Value, facts: Facts) -> Iterator[Finding]:
    """A value is not what its key takes.

    ```yaml aml_config/docker.runconfig
    ArgumentVector: [train.py]
    Target: docker
    Framework: python  # <- AML103
    TrackedRun: "true"
    ```

    ```yaml fixed
    ArgumentVector: [train.py]
    Target: docker
    Framework: Python
    TrackedRun: "true"
    ```

    ```yaml aml_config/docker.compute
    type: localdocker
    ```
    """
    del facts
    info, node = value.info, value.node
    if info not in _KEYS or (isinstance(node, Scalar) and node.is_null):
        return
    if info.values and isinstance(node, Scalar):
        yield from not_allowed(node, info, yaml="1.1")
    elif not keys.fits(node, info, yaml="1.1") and not _is_text_enough(node, info):
        yield wrong_type(node, info, yaml="1.1")


def _is_text_enough(node: object, info: KeyInfo) -> bool:
    """A number or date where a text is wanted is read as it is written, but for a version that loses its zeros."""
    return info.holds is Holds.TEXT and isinstance(node, Scalar) and info.name != "version"


@rule("AML104", on=Document, severity=Severity.WARNING)
def repeated_workbench_key(document: Document, facts: Facts) -> Iterator[Finding]:
    """A key stands twice in one mapping.

    Only the last one counts.

    ```yaml aml_config/docker.runconfig
    ArgumentVector: [train.py]
    Target: docker
    Target: docker  # <- AML104
    ```

    ```yaml aml_config/docker.compute
    type: localdocker
    ```
    """
    del facts
    if document.format in _FORMATS:
        for first, again in repeated_keys(document):
            related = (Related(first.key.span, f"`{first.key.value}` stands here first"),)
            yield Finding(
                again.key.span, f"`{again.key.value}` stands twice; only the last one counts", related=related
            )


@rule("AML105", on=RunConfiguration, severity=Severity.ERROR)
def nothing_to_run(configuration: RunConfiguration, facts: Facts) -> Iterator[Finding]:
    """A run configuration says no script, or no compute target.

    ```yaml aml_config/docker.runconfig
    ArgumentVector: []  # <- AML105
    Target: docker
    ```

    ```yaml aml_config/docker.compute
    type: localdocker
    ```
    """
    del facts
    if configuration.root is None or not configuration.keys:
        return
    arguments = configuration.root.entry("ArgumentVector")
    if arguments and _is_empty(arguments.value):
        yield Finding(arguments.key.span, "`ArgumentVector` is empty; its first item is the script to run")
    target = configuration.root.entry("Target")
    if target and _is_empty(target.value):
        yield Finding(target.key.span, "`Target` is empty: it wants the name of a compute target")
    names = {key.node.value for key in configuration.keys}
    telling = {"ArgumentVector", "CondaDependenciesFile", "TrackedRun", "PrepareEnvironment"} & names
    if "Target" not in names and telling and not any(name.lower() == "target" for name in names):
        yield Finding(configuration.keys[0].node.span, "`Target` is missing: the name of a compute target")


def _is_empty(node: Node) -> bool:
    return (isinstance(node, Sequence) and not node.items) or (isinstance(node, Scalar) and node.is_null)


@rule("AML106", on=Compute, severity=Severity.WARNING)
def plaintext_password(compute: Compute, facts: Facts) -> Iterator[Finding]:
    """A compute target seems to hold a password itself.

    Workbench writes a reference into the key store of the machine; what else stands there is read by everybody who
    gets the project.

    ```yaml aml_config/vm.compute
    type: remotedocker
    address: vm.example.com
    username: me
    password: hunter2  # <- AML106
    ```
    """
    del facts
    password = compute.scalar("password")
    if password and password.value and not _PASSWORD_REFERENCE.fullmatch(password.value):
        yield Finding(
            password.span, "this looks like the password itself; Workbench keeps a reference to its key store here"
        )


@rule("AML107", on=Compute, severity=Severity.WARNING)
def shared_folder_without_volumes(compute: Compute, facts: Facts) -> Iterator[Finding]:
    """With Docker `nativeSharedDirectory` needs `sharedVolumes: true`.

    Without it the run fails.

    ```yaml aml_config/docker.compute
    type: localdocker
    sharedVolumes: false
    nativeSharedDirectory: ~/.azureml/share/  # <- AML107
    ```

    ```yaml fixed
    type: localdocker
    sharedVolumes: true
    nativeSharedDirectory: ~/.azureml/share/
    ```
    """
    del facts
    shared, volumes = compute.scalar("nativeSharedDirectory"), compute.scalar("sharedVolumes")
    if shared and volumes and compute.type in DOCKER and volumes.value.lower() == "false":
        fix = Fix("Set `sharedVolumes` to true", (Replace(volumes.span, "true"),), safe=True)
        yield Finding(shared.span, "with Docker the run fails unless `sharedVolumes` is true", (fix,))


@rule("AML108", on=InterpreterRef, severity=Severity.WARNING)
def single_backslash(interpreter: InterpreterRef, facts: Facts) -> Iterator[Finding]:
    r"""A path in double quotes has single backslashes.

    YAML takes a backslash in double quotes for an escape, so that the path names something else.

    ```yaml aml_config/local.compute
    type: local
    pythonLocation: "C:\tools\next\bin.exe"  # <- AML108
    ```

    ```yaml fixed
    type: local
    pythonLocation: "C:/tools/next/bin.exe"
    ```
    """
    del facts
    raw = interpreter.node.text.raw
    if raw[:1] == '"' and "\\" in raw.replace("\\\\", "") and bad_escape(raw) < 0:
        written = raw.replace("\\\\", "\\").replace("\\", "/")
        fix = Fix("Write forward slashes", (Replace(interpreter.node.span, written),))
        yield Finding(
            interpreter.node.span, "a backslash in double quotes begins an escape; write `/` or `\\\\`", (fix,)
        )
