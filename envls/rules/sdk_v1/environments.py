"""What an environment of SDK v1 lacks, or has too much of. The SDK loads all of it; the service does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from envls.document import Document
from envls.facts import Absent, Facts, FileAt
from envls.formats.azureml.v1 import EnvironmentSection, RunConfiguration, bases
from envls.formats.azureml.v1_keys import ENVIRONMENT_NAME
from envls.formats.paths import relative
from envls.rules.rule import Finding, Fix, Related, Severity, rule
from envls.rules.sdk_v1.sections import is_said, section_of
from envls.runs import environment_files
from envls.syntax import Entry, Scalar
from envls.write import Change, Remove, Replace, SetKey, scalar

_REFERENCE = ("name", "version")
_IMAGES = ("baseImage", "baseDockerfile", "buildContext")
_NOT_WITH_CONTEXT = (
    ("python", "condaDependenciesFile"),
    ("python", "condaDependencies"),
    ("environmentVariables",),
    ("spark", "packages"),
    ("r",),
)
_RESERVED = re.compile(r"(?:AzureML|Microsoft)[-_. ]*", re.IGNORECASE)


@rule("AML208", on=Document, severity=Severity.WARNING)
def exclusive_settings(document: Document, facts: Facts) -> Iterator[Finding]:
    """Two settings stand side by side of which only one is allowed.

    azureml-core 1.61 loads them. It refuses `script` with `command` when the run is submitted; the service refuses more than
    one of `baseImage`, `baseDockerfile` and `buildContext`, and variables, a conda, Spark or R section beside `buildContext`.
    A registry is opened by a login or by an identity, not by both.

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
        if script and command and is_said(document.content, "script") and is_said(document.content, "command"):
            yield _beside(command, script, "the run is refused when it is submitted")
    section = section_of(document)
    if section is None:
        return
    images = [section.entry("docker", key) for key in _IMAGES if is_said(section, "docker", key)]
    there = [entry for entry in images if entry]
    for entry in there[1:]:
        yield _beside(entry, there[0], "the service refuses the environment")
    if is_said(section, "docker", "buildContext"):
        for route in _NOT_WITH_CONTEXT:
            other, context = section.entry(*route), section.entry("docker", "buildContext")
            if other and context and is_said(section, *route):
                yield _beside(other, context, "the service refuses the environment")
    registry = ("docker", "baseImageRegistry")
    identity, user = section.entry(*registry, "registryIdentity"), section.entry(*registry, "username")
    if (
        identity
        and user
        and is_said(section, *registry, "registryIdentity")
        and is_said(section, *registry, "username")
    ):
        yield _beside(
            max(identity, user, key=lambda entry: entry.key.start),
            min(identity, user, key=lambda entry: entry.key.start),
            "the service refuses the environment",
        )


def _beside(entry: Entry, other: Entry, result: str) -> Finding:
    names = other.key.value, entry.key.value
    related = (Related(other.key.span, f"`{names[0]}` stands here"),)
    return Finding(entry.key.span, f"`{names[1]}` does not go with `{names[0]}`; {result}", related=related)


@rule("AML214", on=EnvironmentSection, severity=Severity.WARNING)
def reserved_environment_name(section: EnvironmentSection, facts: Facts) -> Iterator[Finding]:
    """The name of an environment begins with `AzureML` or `Microsoft`.

    These are reserved: the service refuses an environment that is described under such a name. Where there is nothing but the
    name and the version, it is the curated environment itself that is meant; whatever else stands there describes another.

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
        fixes = [fix] if rest else []
        if others := [entry for entry in section.root.entries if section.spelling(entry.key.value) not in _REFERENCE]:
            removed = tuple(Remove(entry.key.start) for entry in others)
            fixes.append(Fix(f"Use the registered environment `{name.value}`", removed))
        message = "the service refuses environments of this name: its beginning is reserved"
        yield Finding(name.span, message, tuple(fixes))


_SAVED = "azureml_environment.json"
_BESIDE_SAVED = "conda_dependencies.yml"


@rule("AML215", on=Document, severity=Severity.WARNING)
def missing_conda_dependencies(document: Document, facts: Facts) -> Iterator[Finding]:
    """An environment that Azure ML shall make says no packages.

    The service then refuses it: "Conda dependencies were not specified". Either a conda file is named, or the packages are
    those of the image and `userManagedDependencies` is true. azureml-core 1.61 writes a default file for an empty value when it
    saves the run configuration, so `null` does not mean that there are none. Beside an `azureml_environment.json` it reads
    `conda_dependencies.yml`, whatever the JSON says.

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
    if document.path.name == _SAVED and not isinstance(facts.ask(FileAt(document.path.parent / _BESIDE_SAVED)), Absent):
        return
    if section.node("python", "condaDependenciesFile") is None and section.node("python", "condaDependencies") is None:
        python = section.entry("python")
        where = python.key.span if python else section.root.entries[0].key.span
        route = ("environment", "python") if isinstance(document.content, RunConfiguration) else ("python",)
        fixes = [
            _name(section, route, there.path, document.path) for there in environment_files(document.path, facts)[:3]
        ]
        fixes.append(Fix("Set `userManagedDependencies` to true", tuple(set_user_managed(section, route))))
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


def set_user_managed(section: EnvironmentSection, route: tuple[str, ...]) -> Iterator[Replace | SetKey]:
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
