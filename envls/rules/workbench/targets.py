"""The compute target of Workbench: what its type needs and does not use, and what it gives away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envls.document import Document
from envls.facts import Facts, FolderAt
from envls.formats.azureml.workbench import Compute, InterpreterRef
from envls.formats.azureml.workbench_keys import DOCKER, USES
from envls.known.base_images import has_tag
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.syntax import Scalar, bad_escape
from envls.write import Change, Replace, SetKey, scalar

_HDINSIGHT = re.compile(r"(?P<name>[\w-]+)(?P<rest>\.azurehdinsight\.net(?::\d+)?)", re.IGNORECASE)
_PASSWORD_REFERENCE = re.compile(r"ServiceName=[^#]*#[^#]*#[0-9A-Fa-f]+")


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

    Without it the run fails; where nothing is said, it is false on Windows and true elsewhere.

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

    ```yaml aml_config/vm.compute
    type: remotedocker
    address: vm.example.com
    username: me
    nativeSharedDirectory: ~/.azureml/share/  # <- AML107
    ```
    """
    del facts
    shared, volumes = compute.scalar("nativeSharedDirectory"), compute.scalar("sharedVolumes")
    if not shared or compute.type not in DOCKER or (volumes and volumes.value.lower() != "false"):
        return
    if volumes:
        fix = Fix("Set `sharedVolumes` to true", (Replace(volumes.span, "true"),), safe=True)
        yield Finding(shared.span, "with Docker the run fails unless `sharedVolumes` is true", (fix,))
    elif compute.root and not compute.root.entry("sharedVolumes"):
        fix = Fix("Set `sharedVolumes` to true", (SetKey(("sharedVolumes",), "true"),), sure=True)
        yield Finding(
            shared.span, "with Docker the run fails unless `sharedVolumes` is true; on Windows it is not", (fix,)
        )


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
    username: me
    yarnDeployMode: cluster  # <- AML112
    ```

    ```yaml fixed
    type: cluster
    address: mine-ssh.azurehdinsight.net
    username: me
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
            image.span,
            "this image has no tag and no digest: which one it is changes from day to day",
            (fix,) if "mmlspark" in image.value else (),
        )


_REMOTE = ("remote", "remotedocker", "cluster")


@rule("AML116", on=Compute, severity=Severity.WARNING)
def incomplete_compute_target(compute: Compute, facts: Facts) -> Iterator[Finding]:
    """A compute target does not say what it is, or not where, or not as whom it is reached.

    A remote machine and a cluster need `address` and `username`; the password may be left out, where a key of SSH opens them.

    ```yaml aml_config/vm.compute
    type: remotedocker  # <- AML116
    address: vm.example.com
    ```

    ```yaml aml_config/other.compute
    address: vm.example.com  # <- AML116
    username: me
    ```
    """
    del facts
    if compute.root is None or not compute.keys:
        return
    kind = compute.scalar("type")
    if kind is None:
        where = compute.root.entry("type") or compute.root.entries[0]
        yield Finding(where.key.span, "a compute target needs a `type`")
    elif compute.type in _REMOTE:
        missing = [key for key in ("address", "username") if not (written := compute.scalar(key)) or not written.value]
        if missing:
            names = " and ".join(f"`{key}`" for key in missing)
            yield Finding(kind.span, f"a compute target of the type `{compute.type}` needs {names}")
