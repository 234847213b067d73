"""What an environment of SDK v1 lacks, has too much of, or should not show. The SDK loads all of it; the service does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from envls.document import Document
from envls.facts import Facts
from envls.formats.azureml.v1 import EnvironmentSection, RunConfiguration, Section, bases
from envls.formats.azureml.v1_keys import AMBIENT, BASE_IMAGE, DATASET, ENVIRONMENT_NAME
from envls.formats.keys import Value
from envls.formats.paths import relative
from envls.known import base_images
from envls.rules.rule import Finding, Fix, Related, Severity, rule
from envls.rules.secrets import in_addresses, is_filled_in, of_variables, tokens
from envls.runs import environment_files
from envls.syntax import Entry, Mapping, Scalar
from envls.text import Span
from envls.write import Change, Replace, SetKey, scalar

_IMAGES = ("baseImage", "baseDockerfile", "buildContext")
_RESERVED = re.compile(r"(?:AzureML|Microsoft)[-_. ]*", re.IGNORECASE)


@rule("AML208", on=Document, severity=Severity.WARNING)
def exclusive_settings(document: Document, facts: Facts) -> Iterator[Finding]:
    """Two settings stand side by side of which only one is allowed.

    azureml-core 1.61 loads them. It refuses `script` with `command` when the run is submitted; the service refuses more than
    one of `baseImage`, `baseDockerfile` and `buildContext`, and a conda, Spark or R section beside `buildContext`.

    ```yaml .azureml/train.runconfig
    script: train.py
    command: python train.py  # <- AML208
    environment:
      docker:
        baseImage: ubuntu:22.04
        baseDockerfile: "FROM ubuntu:22.04"  # <- AML208
      python:
        userManagedDependencies: true
    ```
    """
    del facts
    if isinstance(document.content, RunConfiguration):
        script, command = document.content.entry("script"), document.content.entry("command")
        if script and command and _is_said(document.content, "script") and _is_said(document.content, "command"):
            yield _beside(command, script, "the run is refused when it is submitted")
    section = section_of(document)
    if section is None:
        return
    images = [section.entry("docker", key) for key in _IMAGES if _is_said(section, "docker", key)]
    there = [entry for entry in images if entry]
    for entry in there[1:]:
        yield _beside(entry, there[0], "the service refuses the environment")
    if _is_said(section, "docker", "buildContext"):
        for route in (("python", "condaDependenciesFile"), ("python", "condaDependencies"), ("r",)):
            other, context = section.entry(*route), section.entry("docker", "buildContext")
            if other and context and _is_said(section, *route):
                yield _beside(other, context, "the service refuses the environment")


def _is_said(section: Section, *route: str) -> bool:
    """Whether a setting has a value that is not empty."""
    node = section.node(*route)
    if isinstance(node, Scalar):
        return bool(node.value)
    return node is not None and bool(node.entries if isinstance(node, Mapping) else getattr(node, "items", ()))


def _beside(entry: Entry, other: Entry, result: str) -> Finding:
    names = other.key.value, entry.key.value
    related = (Related(other.key.span, f"`{names[0]}` stands here"),)
    return Finding(entry.key.span, f"`{names[1]}` does not go with `{names[0]}`; {result}", related=related)


def section_of(document: Document) -> EnvironmentSection | None:
    """The environment section of a document."""
    content = document.content
    if isinstance(content, RunConfiguration):
        return content.environment
    return content if isinstance(content, EnvironmentSection) else None


@rule("AML209", on=Document, severity=Severity.WARNING)
def half_credentials(document: Document, facts: Facts) -> Iterator[Finding]:
    """Credentials, or the name of a dataset, are only given in part.

    The service refuses a registry with a user and no password, and the reverse; azureml-core 1.61 refuses each way to sign in
    without what it needs. A dataset is named by its ID, or by name and version.

    ```yaml .azureml/train.runconfig
    script: train.py
    history:
      ambientAuthentication:
        method: serviceprincipal  # <- AML209
        appId: mine
    data:
      images:
        dataLocation:
          dataset:
            name: images  # <- AML209
    environment:
      python:
        userManagedDependencies: true
      docker:
        baseImage: example.azurecr.io/team/image:1
        baseImageRegistry:
          address: example.azurecr.io
          username: me  # <- AML209
    ```
    """
    del facts
    section = section_of(document)
    if section:
        registry = ("docker", "baseImageRegistry")
        user, password = section.entry(*registry, "username"), section.entry(*registry, "password")
        has_user, has_password = _is_said(section, *registry, "username"), _is_said(section, *registry, "password")
        alone = user if has_user else password
        if alone and has_user != has_password:
            missing = "password" if has_user else "username"
            yield Finding(alone.key.span, f"`{alone.key.value}` needs `{missing}` beside it")
    if isinstance(document.content, RunConfiguration):
        for value in document.content.values:
            if value.info is AMBIENT and isinstance(value.node, Mapping):
                yield from _signs_in(Section(value.node, document.content.spelling))
            elif value.info is DATASET and isinstance(value.node, Mapping):
                yield from _dataset(value, Section(value.node, document.content.spelling))


_NEEDED = {"aadtoken": ("secret",), "runtoken": (), "serviceprincipal": ("appId", "secret", "tenant")}
_ALLOWED = {"aadtoken": ("secret", "deleteSecretAfterRun"), "runtoken": ()}


def _signs_in(section: Section) -> Iterator[Finding]:
    method = section.entry("method")
    name = section.text("method").lower()
    there = [key for key in ("appId", "secret", "tenant") if _is_said(section, key)]
    if method is None or not name:
        if there and (first := section.entry(there[0])):
            yield Finding(first.key.span, f"`{there[0]}` needs a `method` beside it")
        return
    missing = [f"`{key}`" for key in _NEEDED.get(name, ()) if key not in there]
    if missing:
        yield Finding(method.key.span, f"`{section.text('method')}` needs {', '.join(missing)}")
    for key in there:
        if key not in _ALLOWED.get(name, there) and (entry := section.entry(key)):
            yield Finding(entry.key.span, f"`{key}` is not allowed with `{section.text('method')}`")


def _dataset(value: Value, section: Section) -> Iterator[Finding]:
    if not section.text("id") and bool(section.text("name")) != bool(section.text("version")):
        start = section.root.entries[0].key.span if section.root.entries else value.span
        wanted = "version" if section.text("name") else "name"
        yield Finding(start, f"a dataset without `id` needs `{wanted}` as well")


@rule("AML210", on=Document, severity=Severity.WARNING)
def plaintext_credentials(document: Document, facts: Facts) -> Iterator[Finding]:
    """A password or a token stands in a run configuration.

    Whoever gets the file gets it. A registry is opened by the workspace's identity or its connection; a secret of a run
    belongs into the key vault of the workspace, where `Run.get_secret` of azureml-core 1.61 finds it.

    ```yaml .azureml/train.runconfig
    script: train.py
    environmentVariables:
      STORAGE_KEY_FILE: /run/key
      API_TOKEN: 9c1185a5c5e9fc54612808977ee8f548  # <- AML210
    environment:
      python:
        userManagedDependencies: true
      docker:
        baseImage: example.azurecr.io/team/image:1
        baseImageRegistry:
          username: me
          password: hunter2-hunter2  # <- AML210
    ```
    """
    del facts
    section = section_of(document)
    if section is None and not isinstance(document.content, RunConfiguration):
        return
    spans = [*in_addresses(document.text), *tokens(document.text)]
    for variables in (
        document.content.node("environmentVariables") if isinstance(document.content, RunConfiguration) else None,
        section.node("environmentVariables") if section else None,
    ):
        spans += [span for _, span in of_variables(variables)]
    password = section.node("docker", "baseImageRegistry", "password") if section else None
    if isinstance(password, Scalar) and password.value and not is_filled_in(password.value):
        spans.append(password.span)
    told: list[Span] = []
    for span in spans:
        if not any(span.overlaps(other) for other in told):
            told.append(span)
            yield Finding(span, "a secret stands here, for everybody who gets the file")


@rule("AML212", on=Value, severity=Severity.WARNING)
def deprecated_base_image(value: Value, facts: Facts) -> Iterator[Finding]:
    """A base image of Azure ML is given up.

    It gets no repairs of security any more, and the service warns of it. What azureml-core 1.61 takes today stands on Ubuntu
    22.04; the fix changes what is installed, so it is not made without being asked for.

    ```yaml .azureml/train.runconfig
    script: train.py
    environment:
      docker:
        baseImage: mcr.microsoft.com/azureml/base:0.2.4  # <- AML212
      python:
        userManagedDependencies: true
    ```

    ```yaml fixed
    script: train.py
    environment:
      docker:
        baseImage: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
      python:
        userManagedDependencies: true
    ```
    """
    del facts
    if (
        value.info is BASE_IMAGE
        and isinstance(value.node, Scalar)
        and (today := base_images.successor(value.node.value))
    ):
        fix = Fix(f"Write `{today}`", (Replace(value.node.span, scalar(today, like=value.node)),), sure=True)
        yield Finding(value.node.span, "this base image is given up, and gets no repairs any more", (fix,))


@rule("AML213", on=Value, severity=Severity.WARNING)
def image_without_tag(value: Value, facts: Facts) -> Iterator[Finding]:
    """A base image has neither a tag nor a digest.

    The service warns of it: what is built today is another image tomorrow.

    ```yaml .azureml/train.runconfig
    script: train.py
    environment:
      docker:
        baseImage: example.azurecr.io:5000/team/image  # <- AML213
      python:
        userManagedDependencies: true
    ```

    ```yaml .azureml/fine.runconfig
    script: train.py
    environment:
      docker:
        baseImage: example.azurecr.io/team/image@sha256:0123
      python:
        userManagedDependencies: true
    ```
    """
    del facts
    node = value.node
    image = node.value if value.info is BASE_IMAGE and isinstance(node, Scalar) and not node.is_null else ""
    if image and not (base_images.has_tag(image) or base_images.successor(image) or re.search(r"[<>{}$%\s]", image)):
        yield Finding(value.span, "this image has no tag and no digest: which one it is changes from day to day")


@rule("AML214", on=EnvironmentSection, severity=Severity.WARNING)
def reserved_environment_name(section: EnvironmentSection, facts: Facts) -> Iterator[Finding]:
    """The name of an environment begins with `AzureML` or `Microsoft`.

    These are reserved: the service refuses an environment that is described under such a name. Where there is nothing but the
    name and the version, it is the curated environment itself that is meant.

    ```yaml .azureml/train.runconfig
    script: train.py
    environment:
      name: AzureML-Scikit-learn-0.20.3  # <- AML214
      python:
        userManagedDependencies: true
    ```

    ```yaml fixed
    script: train.py
    environment:
      name: Scikit-learn-0.20.3
      python:
        userManagedDependencies: true
    ```

    ```yaml .azureml/fine.runconfig
    script: train.py
    environment:
      name: AzureML-Scikit-learn-0.20.3
    ```
    """
    del facts
    name = section.node(ENVIRONMENT_NAME.name)
    found = _RESERVED.match(name.value) if isinstance(name, Scalar) else None
    if found and isinstance(name, Scalar) and not section.is_reference:
        rest = name.value[found.end() :]
        fix = Fix(f"Write `{rest}`", (Replace(name.span, scalar(rest, like=name)),), sure=True)
        yield Finding(
            name.span,
            "the service refuses environments of this name: its beginning is reserved",
            (fix,) if rest else (),
        )


@rule("AML215", on=Document, severity=Severity.WARNING)
def missing_conda_dependencies(document: Document, facts: Facts) -> Iterator[Finding]:
    """An environment that Azure ML shall make says no packages.

    The service then refuses it: "Conda dependencies were not specified". Either a conda file is named, or the packages are
    those of the image and `userManagedDependencies` is true. azureml-core 1.61 writes a default file for an empty value when it
    saves the run configuration, so `null` does not mean that there are none.

    ```yaml .azureml/train.runconfig
    script: train.py
    target: cpu-cluster
    environment:
      python:  # <- AML215
        userManagedDependencies: false
        condaDependenciesFile: null
    ```

    ```yaml .azureml/fine.runconfig
    script: train.py
    target: cpu-cluster
    environment:
      python:
        userManagedDependencies: true
    ```
    """
    section = section_of(document)
    if section is None or section.is_reference or section.user_managed:
        return
    if section.node("docker", "buildContext") or section.node("databricks", "cluster") or section.node("assetId"):
        return
    if section.node("python", "condaDependenciesFile") is None and section.node("python", "condaDependencies") is None:
        python = section.entry("python")
        where = python.key.span if python else section.root.entries[0].key.span
        route = ("environment", "python") if isinstance(document.content, RunConfiguration) else ("python",)
        fixes = [
            _name(section, route, there.path, document.path) for there in environment_files(document.path, facts)[:3]
        ]
        fixes.append(Fix("Set `userManagedDependencies` to true", tuple(_set_true(section, route))))
        message = "the service refuses this: no conda dependencies, and the user does not manage them either"
        yield Finding(where, message, tuple(fixes))


def _name(section: EnvironmentSection, route: tuple[str, ...], there: PurePath, path: PurePath) -> Fix:
    """Naming a conda file that is there."""
    written = scalar(relative(there, bases(path)[0]))
    entry = section.entry("python", "condaDependenciesFile")
    change: Change = SetKey((*route, "condaDependenciesFile"), written)
    if entry:
        span = entry.value.span
        change = Replace(span, written if span.end > span.start else " " + written)
    return Fix(f"Name `{written}`", (change,))


def _set_true(section: EnvironmentSection, route: tuple[str, ...]) -> Iterator[Replace | SetKey]:
    """The change that says that the user manages the packages."""
    written = section.entry("python", "userManagedDependencies")
    if written:
        yield (
            Replace(written.value.span, "true")
            if written.value.span.end > written.value.span.start
            else Replace(written.value.span, " true")
        )
    else:
        yield SetKey((*route, "userManagedDependencies"), "true")


@rule("AML220", on=EnvironmentSection, severity=Severity.HINT)
def image_without_conda(section: EnvironmentSection, facts: Facts) -> Iterator[Finding]:
    """An environment is to be made with conda, in an image of one's own.

    The service runs the image's own conda: "conda not found" is how the build ends where it has none. Azure ML's images have
    one; where the packages are in the image already, `userManagedDependencies` is true.

    ```yaml .azureml/train.runconfig
    script: train.py
    environment:
      docker:
        baseImage: example.azurecr.io/team/image:1  # <- AML220
      python:
        condaDependenciesFile: .azureml/conda.yml
    ```

    ```yaml .azureml/fine.runconfig
    script: train.py
    environment:
      docker:
        baseImage: example.azurecr.io/team/image:1
      python:
        userManagedDependencies: true
    ```

    ```yaml .azureml/conda.yml
    dependencies: [python=3.10]
    ```
    """
    del facts
    image = section.node("docker", "baseImage")
    if not isinstance(image, Scalar) or not image.value or section.is_reference or section.user_managed:
        return
    has_conda = base_images.is_of_azureml(image.value) or re.search("conda|mamba|mmlspark", image.value, re.IGNORECASE)
    if not has_conda and (_is_said(section, "python", "condaDependenciesFile") or section.inline):
        yield Finding(image.span, "the environment is made with conda in this image: it must have one")


@rule("AML216", on=RunConfiguration, severity=Severity.HINT)
def conda_of_this_machine(configuration: RunConfiguration, facts: Facts) -> Iterator[Finding]:
    """A local run has its environment made, and no container.

    azureml-core 1.61 then needs conda 4.4 or newer on the path of the machine: "Unable to run Conda package manager". In a
    container, or with an environment of one's own, it needs none.

    ```yaml .azureml/train.runconfig
    script: train.py
    target: local  # <- AML216
    environment:
      python:
        condaDependenciesFile: .azureml/conda.yml
    ```

    ```yaml .azureml/conda.yml
    dependencies: [python=3.10]
    ```
    """
    del facts
    section, target = configuration.environment, configuration.entry("target")
    if section is None or section.is_reference or section.user_managed or configuration.target != "local":
        return
    if section.node("python", "condaDependenciesFile") is None and section.node("python", "condaDependencies") is None:
        return
    docker = configuration.text("docker", "useDocker") or section.text("docker", "enabled")
    if docker.lower() in ("", "false") and target:
        fixes: list[Fix] = []
        if not configuration.entry("docker", "useDocker"):
            fixes.append(Fix("Run it in a container", (SetKey(("docker", "useDocker"), "true"),)))
        fixes.append(Fix("Use an environment of your own", tuple(_set_true(section, ("environment", "python")))))
        yield Finding(target.key.span, "this local run needs conda on the path of the machine", tuple(fixes))


@rule("AML217", on=RunConfiguration, severity=Severity.WARNING)
def missing_machine_size(configuration: RunConfiguration, facts: Facts) -> Iterator[Finding]:
    """A cluster is to be made for a run, and no size of its machines is given.

    azureml-core 1.61 refuses the run when it is submitted: "Must specify VM size". A cluster of the workspace, named by
    `target`, is what to use today.

    ```yaml .azureml/train.runconfig
    script: train.py
    target: amlcompute  # <- AML217
    environment:
      name: mine
    ```
    """
    del facts
    target = configuration.entry("target")
    if target and configuration.text("target") == "amlcompute" and not configuration.text("amlcompute", "vmSize"):
        yield Finding(target.value.span, "`amlcompute.vmSize` is missing: the run is refused when it is submitted")
