"""Which keys stand in a file of Workbench, and what stands at them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from envls.facts import Facts
from envls.formats import keys
from envls.formats.azureml.workbench import RunConfiguration
from envls.formats.azureml.workbench_keys import COMPUTE_KEYS, RUN_KEYS, SPARK_KEYS
from envls.formats.keys import Holds, Key, KeyInfo, Value
from envls.rules.keys import misspelt_key, not_allowed, wrong_type
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.syntax import Node, Scalar, Sequence
from envls.write import Replace, scalar

_KEYS = frozenset(keys.all_of((*RUN_KEYS, *COMPUTE_KEYS, *SPARK_KEYS)))


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
        found = wrong_type(node, info, yaml="1.1")
        if isinstance(node, Scalar) and info.holds is Holds.TEXT:
            quoted = Fix("Put it in quotes", (Replace(node.span, f'"{node.value}"'),), sure=True)
            found = replace(found, fixes=(quoted,))
        yield found


def _is_text_enough(node: object, info: KeyInfo) -> bool:
    """A number or date where a text is wanted is read as it is written, but for a version that loses its zeros."""
    return info.holds is Holds.TEXT and isinstance(node, Scalar) and info.name != "version"


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


@rule("AML113", on=Key, severity=Severity.HINT)
def key_from_before_the_preview(key: Key, facts: Facts) -> Iterator[Finding]:
    """A key is from before the preview of Workbench.

    Workbench ignores it in silence.

    ```yaml aml_config/docker.runconfig
    ArgumentVector: [train.py]
    Target: docker
    CondaFile: aml_config/conda_dependencies.yml  # <- AML113
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
    if key.info is None or key.info not in _KEYS or key.info.successor is None:
        return
    now = key.info.successor
    fixes = (Fix(f"Rename to `{now}`", (Replace(key.span, scalar(now, like=key.node)),), sure=True),) if now else ()
    yield Finding(key.span, f"Workbench ignores `{key.node.value}`, a key from before its preview", fixes)
