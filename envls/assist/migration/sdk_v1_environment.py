"""The environment section of SDK v1 as an environment of CLI v2: the image, the conda file, and who sees to what."""

from __future__ import annotations

import re

from envls.assist.migration.draft import HIDDEN, Draft, comment
from envls.assist.migration.files import CONDA, DOCKER, Files, set_conda_file, set_image, set_name
from envls.assist.migration.sdk_v1_compute import runs_here
from envls.assist.migration.secrets import without_secrets
from envls.assist.migration.values import says_something
from envls.document import Document, Format
from envls.facts import Facts, FileAt
from envls.formats.azureml.v1 import EnvironmentSection, RunConfiguration
from envls.formats.paths import PathRef
from envls.known.curated import CURATED, in_registry
from envls.runs import target_of
from envls.syntax import Mapping, Node, Scalar, Sequence, Style, resolve_alias

_CURATED = re.compile(r"azureml-", re.IGNORECASE)
_NOT_CARRIED = (
    (
        ("r",),
        "name",
        "`r`: R has no section of its own; install it in a Dockerfile, and start `Rscript` as the command.",
    ),
    (
        ("inferencingStackVersion",),
        "name",
        "`inferencingStackVersion` is for web services: an online deployment needs the package azureml-inference-server-http.",
    ),
    (
        ("python", "baseCondaEnvironment"),
        "conda_file",
        "`baseCondaEnvironment`: the packages are not added to an environment of the image, but make one of their own.",
    ),
    (
        ("docker", "baseImageRegistry", "registryIdentity"),
        "image",
        "`registryIdentity`: give the identity of the compute the right to pull from the registry.",
    ),
)


def section_of(run: RunConfiguration, facts: Facts) -> EnvironmentSection | None:
    """The environment section of a run, wherever it stands; None where there is none, or it cannot be read."""
    if run.environment is not None:
        return run.environment
    reference = next((path for path in run.paths if path.kind == "environment section"), None)
    there = facts.value(FileAt(target_of(reference, facts))) if reference else None
    content = there.as_told(Format.V1_ENVIRONMENT).content if there else None
    return content if isinstance(content, EnvironmentSection) else None


def interpreter_of(section: EnvironmentSection) -> str:
    """The Python that runs the script, as far as the run configuration chooses it."""
    return (section.user_managed and section.text("python", "interpreterPath")) or "python"


def paths_of_section(run: RunConfiguration, section: EnvironmentSection | None) -> tuple[PathRef, ...]:
    return section.paths if section and section is not run.environment else run.paths


def set_environment(
    document: Document, run: RunConfiguration, section: EnvironmentSection | None, files: Files, facts: Facts
) -> None:
    if section is None:
        set_image(files.environment, "")
        files.environment.note("name", "What the run's environment was is not known.")
        return
    if section.is_reference and section.text("name"):
        _set_reference(section, files.job)
        return
    if written := section.text("name"):
        set_name(files, written)
    if version := section.text("version"):
        files.environment.note("name", f"`version: {version}` is left out: Azure ML counts by itself.")
    for route, place, why in _NOT_CARRIED:
        if says_something(section.node(*route)):
            files.environment.note(place, why)
    _note_databricks(section, files.environment)
    _set_base(section, files)
    _set_packages(document, run, section, files, facts)


def _set_reference(section: EnvironmentSection, job: Draft) -> None:
    name, version = section.text("name"), section.text("version")
    if name in CURATED:
        job.set("environment", in_registry(name, "" if version.lower() == "latest" else version))
        return
    behind = f":{version}" if version and version.lower() != "latest" else "@latest"
    job.set("environment", f"azureml:{name}{behind}")
    if _CURATED.match(name):
        job.note(
            "environment",
            "Azure ML's own environments are in the registry `azureml` today (azureml://registries/azureml/environments/…);"
            " many old ones are gone.",
        )


def _note_databricks(section: EnvironmentSection, environment: Draft) -> None:
    node = section.node("databricks")
    said = [
        entry.key.value for entry in (node.entries if isinstance(node, Mapping) else ()) if says_something(entry.value)
    ]
    if said:
        named = ", ".join(f"`{key}`" for key in said)
        environment.note("name", f"`databricks` ({named}): a job of CLI v2 does not run on Databricks.")


# -- what it is made on ---------------------------------------------------------------------------------------


def _set_base(section: EnvironmentSection, files: Files) -> None:
    environment = files.environment
    image, dockerfile = section.text("docker", "baseImage"), section.text("docker", "baseDockerfile")
    if location := section.text("docker", "buildContext", "location"):
        _set_build_context(location, section.text("docker", "buildContext", "dockerfilePath"), environment)
    elif dockerfile:
        folder = files.beside(DOCKER)
        text, hidden = without_secrets(dockerfile.replace("\r\n", "\n").rstrip("\n") + "\n")
        files.further[folder / "Dockerfile"] = (
            "".join(line + "\n" for line in comment(HIDDEN)) + text if hidden else text
        )
        build = Draft()
        build.set("path", folder.name)
        environment.set("build", build, "The Dockerfile stood in the run configuration.")
    else:
        address = section.text("docker", "baseImageRegistry", "address")
        named = f"{address}/{image}" if image and address and not image.startswith(f"{address}/") else image
        set_image(environment, named)
    registry = ("docker", "baseImageRegistry")
    if section.text(*registry, "password") or section.text(*registry, "username"):
        environment.note(
            "image",
            "The user and the password of the registry are not copied: connect the registry to the workspace"
            " (`az ml connection create`), or give the identity of the compute the right to pull.",
        )
    if section.text("docker", "sharedVolumes").lower() == "false":
        files.job.note("compute", "`docker.sharedVolumes: false`: a local job always sees a copy of `code`.")
    system = section.text("docker", "platform", "os").lower()
    if system == "windows":
        environment.set("os_type", "windows")
    elif system not in ("", "linux"):
        environment.note("os_type", f"`os: {system}`: an environment is for Linux or Windows.")
    architecture = section.text("docker", "platform", "architecture").lower()
    if architecture not in ("", "amd64"):
        environment.note("os_type", f"`architecture: {architecture}`: choose an image that is made for it.")


def _set_build_context(location: str, dockerfile: str, environment: Draft) -> None:
    if not re.match(r"https?://", location):
        set_image(environment, "")
        environment.note(
            "image", f"It was built from `{location}`: put a copy beside this file, and name its folder as `build`."
        )
        return
    build = Draft("path", "dockerfile_path")
    build.set("path", location)
    if dockerfile:
        build.set("dockerfile_path", dockerfile)
    environment.set("build", build)


# -- its packages ---------------------------------------------------------------------------------------------


def _set_packages(
    document: Document, run: RunConfiguration, section: EnvironmentSection, files: Files, facts: Facts
) -> None:
    environment = files.environment
    reference = next((path for path in paths_of_section(run, section) if path.kind == "conda file"), None)
    if section.user_managed:
        if runs_here(run, section):
            environment.note(
                "conda_file",
                f"The run took the packages of `{interpreter_of(section)}` on this machine: a job takes those of the image,"
                " and of a conda file that is named here.",
            )
        elif reference or section.inline:
            environment.note(
                "conda_file", "`userManagedDependencies: true`: as before, the packages are those of the image alone."
            )
        return
    if "build" in environment and (reference or section.inline):
        named = files.written(target_of(reference, facts)) if reference else "the packages of the run configuration"
        environment.note(
            "build", f"Nothing is made on top of what is built: the Dockerfile has to install {named} itself."
        )
        return
    if reference:
        set_conda_file(files, target_of(reference, facts), facts)
    elif section.inline:
        path = files.beside(CONDA)
        files.further[path] = _inline_text(_described(document, run, facts), section)
        environment.set("conda_file", path.name, "It stood in the run configuration.")
    else:
        environment.note("conda_file", "No packages were named: the run had those of the image.")


def _described(document: Document, run: RunConfiguration, facts: Facts) -> Document:
    """The document that the environment section stands in."""
    reference = next((path for path in run.paths if path.kind == "environment section"), None)
    there = facts.value(FileAt(target_of(reference, facts))) if reference and run.environment is None else None
    return there or document


def _inline_text(document: Document, section: EnvironmentSection) -> str:
    """The conda environment that stands in a section, as a file: its own lines where they can stand alone."""
    import yaml  # noqa: PLC0415 - 10 ms, for an action that is seldom wanted

    entry = section.entry("python", "condaDependencies")
    node = resolve_alias(entry.value) if entry else None
    if not isinstance(node, Mapping):
        return ""
    text = "" if node.flow else _own_lines(document, node)
    text = text or yaml.safe_dump(_plain(node), sort_keys=False, allow_unicode=True)
    bare, hidden = without_secrets(text)
    return "".join(line + "\n" for line in comment(HIDDEN)) + bare if hidden else bare


def _own_lines(document: Document, node: Mapping) -> str:
    """The lines of a mapping without what indents them; "" where they say something that stands elsewhere."""
    first, last = (document.lines.place(offset)[0] for offset in (node.entries[0].key.start, node.span.end - 1))
    column = document.lines.place(node.entries[0].key.start)[1]
    lines = [document.text[slice(*document.lines.span(number))] for number in range(first, last + 1)]
    bare = [line[column:] for line in lines if not line[:column].strip() or line.lstrip().startswith("#")]
    if len(bare) != len(lines) or any(re.search(r"(?:^|\s)[*&]\w", line) for line in bare):
        return ""
    return "\n".join(line.rstrip() for line in bare).rstrip("\n") + "\n"


def _plain(node: Node) -> object:
    """What a node says, as YAML's own types."""
    import yaml  # noqa: PLC0415 - 10 ms, for an action that is seldom wanted

    node = resolve_alias(node)
    if isinstance(node, Mapping):
        return {entry.key.value: _plain(entry.value) for entry in node.entries}
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    return yaml.safe_load(node.value) if isinstance(node, Scalar) and node.style is Style.PLAIN else _value(node)


def _value(node: Node) -> str:
    return node.value if isinstance(node, Scalar) else ""
