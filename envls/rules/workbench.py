"""AML1: one file of Azure ML Workbench: a run configuration, a compute target, Spark dependencies."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envls.document import Document, Format
from envls.facts import Facts, FolderAt
from envls.formats import keys
from envls.formats.azureml.workbench import Compute, InterpreterRef, RunConfiguration
from envls.formats.azureml.workbench_keys import COMPUTE_KEYS, DOCKER, RUN_KEYS, SPARK_KEYS, USES
from envls.formats.keys import Holds, Key, KeyInfo, Value
from envls.known.base_images import has_tag
from envls.rules.keys import misspelt_key, not_allowed, wrong_type
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.rules.structure import repeated_keys, unreadable_bytes, yaml_problems
from envls.syntax import Node, Scalar, Sequence, bad_escape
from envls.write import Change, Replace, SetKey, scalar

_FORMATS = (Format.RUN_CONFIGURATION, Format.COMPUTE, Format.SPARK)
_KEYS = frozenset(keys.all_of((*RUN_KEYS, *COMPUTE_KEYS, *SPARK_KEYS)))
_HDINSIGHT = re.compile(r"(?P<name>[\w-]+)(?P<rest>\.azurehdinsight\.net(?::\d+)?)", re.IGNORECASE)
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
        yield from repeated_keys(document, "only the last one counts")


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


@rule("AML109", on=Document, severity=Severity.HINT)
def retired_workbench(document: Document, facts: Facts) -> Iterator[Finding]:
    """The service that a file of Workbench was for has ended.

    Workbench ended on 9 January 2019; SDK v1 (azureml-core 1.61) loads its files and reads nothing of what they say. In CLI
    v2 a job says `command` for `ArgumentVector`, `compute` for `Target`, and `environment` with an `image` and a `conda_file`
    for the rest. Locally, the conda file can be made and the script be run by hand.

    ```yaml aml_config/docker.runconfig
    ArgumentVector: [train.py]  # <- AML109
    Target: docker
    ```

    ```yaml aml_config/docker.compute
    type: localdocker
    ```
    """
    del facts
    content = document.content
    if isinstance(content, RunConfiguration | Compute) and content.keys:
        message = "Azure ML Workbench ended on 2019-01-09; a job of CLI v2 says `command`, `compute` and `environment`"
        if isinstance(content, Compute):
            message = "Azure ML Workbench ended on 2019-01-09; a job of CLI v2 names a compute target of the workspace"
        yield Finding(content.keys[0].node.span, message)


@rule("AML110", on=Compute, severity=Severity.HINT)
def unused_compute_key(compute: Compute, facts: Facts) -> Iterator[Finding]:
    """A key of a compute target has no effect with its type.

    An image is for targets with Docker, an interpreter for those without, an address for remote ones.

    ```yaml aml_config/docker.compute
    type: localdocker
    baseDockerImage: microsoft/mmlspark:plus-0.9.9
    pythonLocation: /opt/python/bin/python  # <- AML110
    ```
    """
    del facts
    if compute.root is None or compute.reads_conda_file is None:
        return
    for entry in compute.root.entries:
        value = entry.value
        says = isinstance(value, Scalar) and value.value and not value.is_null and value.value.lower() != "false"
        if says and compute.type not in USES.get(entry.key.value, (compute.type,)):
            yield Finding(entry.span, f"`{entry.key.value}` has no effect: the type is `{compute.type}`", unused=True)


@rule("AML111", on=Compute, severity=Severity.WARNING)
def hdinsight_without_ssh(compute: Compute, facts: Facts) -> Iterator[Finding]:
    """The address of an HDInsight cluster is not that of its SSH host.

    The SSH host has `-ssh` behind the name of the cluster; the other answers the web only.

    ```yaml aml_config/hdi.compute
    type: cluster
    address: mine.azurehdinsight.net  # <- AML111
    username: me
    ```

    ```yaml fixed
    type: cluster
    address: mine-ssh.azurehdinsight.net
    username: me
    ```
    """
    del facts
    address = compute.scalar("address")
    found = _HDINSIGHT.fullmatch(address.value.strip()) if address else None
    if address and found and not found["name"].lower().endswith("-ssh"):
        there = f"{found['name']}-ssh{found['rest']}"
        fix = Fix(f"Write `{there}`", (Replace(address.span, scalar(there, like=address)),), sure=True)
        yield Finding(address.span, "the SSH host of an HDInsight cluster has `-ssh` behind its name", (fix,))


@rule("AML112", on=Document, severity=Severity.HINT)
def cluster_mode_with_notebooks(document: Document, facts: Facts) -> Iterator[Finding]:
    """Notebooks cannot run on a cluster whose driver runs in the cluster.

    A notebook's kernel needs `yarnDeployMode: client`; without the key it is `cluster`. Said where the project folder has
    notebooks.

    ```yaml aml_config/hdi.compute
    type: cluster
    address: mine-ssh.azurehdinsight.net
    yarnDeployMode: cluster  # <- AML112
    ```

    ```yaml fixed
    type: cluster
    address: mine-ssh.azurehdinsight.net
    yarnDeployMode: client
    ```

    ```json explore.ipynb
    {"cells": []}
    ```
    """
    compute = document.content
    if not isinstance(compute, Compute) or compute.type != "cluster" or compute.root is None:
        return
    mode = compute.scalar("yarnDeployMode")
    if mode and mode.value.lower() == "client":
        return
    names = facts.value(FolderAt(compute.project)) or ()
    if any(name.lower().endswith(".ipynb") for name in names):
        kind = compute.scalar("type")
        change: Change = (
            Replace(mode.span, scalar("client", like=mode)) if mode else SetKey(("yarnDeployMode",), "client")
        )
        fix = Fix("Set `yarnDeployMode` to client", (change,), sure=True)
        where = mode or kind
        if where:
            yield Finding(where.span, "the notebooks of this project need `yarnDeployMode: client` here", (fix,))


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


@rule("AML114", on=Compute, severity=Severity.HINT)
def untagged_docker_image(compute: Compute, facts: Facts) -> Iterator[Finding]:
    """The image of a compute target has neither a tag nor a digest.

    Which one it is changes from day to day; Workbench wrote `microsoft/mmlspark:plus-0.9.9`, the last that it was tried with.

    ```yaml aml_config/docker.compute
    type: localdocker
    baseDockerImage: microsoft/mmlspark  # <- AML114
    ```

    ```yaml fixed
    type: localdocker
    baseDockerImage: microsoft/mmlspark:plus-0.9.9
    ```
    """
    del facts
    image = compute.scalar("baseDockerImage")
    if image and image.value and compute.type in DOCKER and not has_tag(image.value):
        tagged = f"{image.value}:plus-0.9.9"
        fix = Fix(f"Write `{tagged}`", (Replace(image.span, scalar(tagged, like=image)),))
        yield Finding(
            image.span, "this image has no tag: which one it is changes", (fix,) if "mmlspark" in image.value else ()
        )
