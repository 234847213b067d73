"""What a definition of CLI v2 says of things that stand elsewhere: registered, in a registry, or in a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from envls.document import Document
from envls.facts import Facts, FolderAt, Known, ProjectFiles
from envls.formats.azureml import v2
from envls.formats.keys import KeyInfo, Value
from envls.formats.paths import join
from envls.known.curated import CURATED, in_registry
from envls.rules.cli_v2.text import definition_of
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.runs import project_documents
from envls.syntax import Kind, Mapping, Scalar, resolved
from envls.write import Replace, scalar

_NAME = re.compile(r"[\w.-]+(?::[\w.-]+|@[\w.-]+)?")
_FILE = re.compile(r".*[/\\].*|.*\.ya?ml", re.IGNORECASE)


@rule("AML308", on=Document, severity=Severity.ERROR, patient=True)
def unknown_reference(document: Document, facts: Facts) -> Iterator[Finding]:
    """A reference says neither that it is a registered name nor that it is a file.

    azure-ai-ml 1.35 refuses a bare name and a bare path: what is registered begins with `azureml:`, the path of a definition
    with `file:`, what is in a registry with `azureml://`. Code that is registered is named with its version.

    ```yaml job.yml
    $schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
    command: python train.py
    environment: sklearn:1  # <- AML308
    ```

    ```yaml fixed
    $schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
    command: python train.py
    environment: azureml:sklearn:1
    ```
    """
    del facts
    definition = definition_of(document)
    for value in definition.values if definition else ():
        node, info = value.node, value.info
        if not isinstance(node, Scalar) or not _is_text(node):
            continue
        if found := _misshapen(node, info):
            yield found
            continue
        if info.path not in ("environment", "registered"):
            continue
        file = info.path == "environment" and node.value.startswith("file:")
        bound = "${{" in node.value and definition is not None and definition.is_pipeline
        serverless = info.name == "default_compute" and node.value.lower() == "serverless"
        if not (node.value.startswith("azureml:") or file or bound or serverless):
            yield _bare(node, value)


def _is_text(node: Scalar) -> bool:
    return resolved(node, yaml=v2.YAML) is Kind.TEXT


def _misshapen(node: Scalar, info: KeyInfo) -> Finding | None:
    """That something registered is named in a way that the loader does not take."""
    if info.path in ("environment", "component") and node.value.startswith("azureml:registries/"):
        better = node.value.replace("azureml:", "azureml://", 1)
        fix = Fix(f"Write `{better}`", (Replace(node.span, scalar(better, like=node)),), safe=True, sure=True)
        return Finding(node.span, "what is in a registry begins with `azureml://`", (fix,))
    if info.path == "environment" and re.match(r"azureml:[^/].*/", node.value):
        return Finding(node.span, "the name of a registered environment has no `/`; the file is refused")
    if info.path == "code" and re.fullmatch(r"azureml:[\w.-]+", node.value):
        return Finding(node.span, "code that is registered is named with its version: `azureml:name:version`")
    return None


def _bare(node: Scalar, value: Value) -> Finding:
    name, written = value.info.name, node.value
    prefix = "azureml:"
    if name == "environment" and _FILE.fullmatch(written):
        prefix = "file:"
    if not (prefix == "file:" or _NAME.fullmatch(written)):
        what = "what is registered begins with `azureml:`" + (", a path with `file:`" if name == "environment" else "")
        return Finding(node.span, f"`{written}` is no {name}: {what}" if written else f"`{name}` is empty: {what}")
    what = (
        "the path of a definition" if prefix == "file:" else f"the name of a registered {name.removeprefix('default_')}"
    )
    better = prefix + written
    fix = Fix(f"Write `{better}`", (Replace(node.span, scalar(better, like=node)),), safe=True, sure=True)
    return Finding(node.span, f"{what} begins with `{prefix}`; without it the file is refused", (fix,))


@rule("AML309", on=Document, severity=Severity.ERROR)
def file_prefix_before_conda_file(document: Document, facts: Facts) -> Iterator[Finding]:
    """The path of a conda file begins with `file:`.

    The preview of 2021 wrote it so; azure-ai-ml 1.35 takes `file:` for a part of the path, and finds no such file.

    ```yaml environment.yml
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
    conda_file: file:./conda.yml  # <- AML309
    ```

    ```yaml fixed
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
    conda_file: ./conda.yml
    ```

    ```yaml conda.yml
    dependencies:
      - python=3.11
    ```
    """
    del facts
    definition = definition_of(document)
    for value in definition.values if definition else ():
        node = value.node
        if value.info.path == "conda file" and isinstance(node, Scalar) and node.value.startswith("file:"):
            path = node.value.removeprefix("file:")
            fix = Fix(f"Write `{path}`", (Replace(node.span, scalar(path, like=node)),), safe=True, sure=True)
            yield Finding(node.span, "`file:` is taken for a part of this path, and nothing is found", (fix,))


_OF_PATHS = {
    "conda file": (re.compile(r"azureml:|git\+|\w+://"), "a file beside this one, or the packages themselves"),
    "build context": (re.compile(r"azureml:|git\+"), "a folder beside this file, or an `https:` address"),
    "model": (re.compile(r"azureml:(?!//)"), "a path; what is registered stands at `model` itself"),
}
"""What the value of a key that takes a path must not begin with, and what it wants."""


@rule("AML318", on=Document, severity=Severity.ERROR)
def reference_where_a_path_must_be(document: Document, facts: Facts) -> Iterator[Finding]:
    """Something registered, or an address, stands where only a path is read.

    azure-ai-ml 1.35 takes it for the path of a file beside this one, and finds none.

    ```yaml environment.yml
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
    conda_file: azureml:training-packages:1  # <- AML318
    ```
    """
    del facts
    definition = definition_of(document)
    for value in definition.values if definition else ():
        refused, wanted = _OF_PATHS.get(value.info.path, (None, ""))
        node = value.node
        if refused and isinstance(node, Scalar) and refused.match(node.value) and not node.value.startswith("file:"):
            yield Finding(
                node.span, f"`{value.info.name}` is taken for a path, and nothing is found; it wants {wanted}"
            )


_REGISTERED = re.compile(r"azureml:(?P<name>[\w.-]+)(?::(?P<version>[\w.-]+)|@(?P<label>[\w.-]+))?")


@rule("AML319", on=Document, severity=Severity.WARNING, patient=True)
def curated_environment_without_registry(document: Document, facts: Facts) -> Iterator[Finding]:
    """A curated environment is looked for in the workspace.

    The environments that Azure ML makes are in the registry `azureml`; a workspace has only its own, and says "No environment
    exists for name". Not said where a file of the project defines an environment of that name.

    ```yaml job.yml
    $schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
    command: python train.py
    environment: azureml:sklearn-1.5@latest  # <- AML319
    ```

    ```yaml fixed
    $schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
    command: python train.py
    environment: azureml://registries/azureml/environments/sklearn-1.5/labels/latest
    ```
    """
    definition = definition_of(document)
    for value in definition.values if definition else ():
        node = value.node
        if value.info.path != "environment" or not isinstance(node, Scalar):
            continue
        found = _REGISTERED.fullmatch(node.value)
        if found is None or found["name"] not in CURATED or _defines(found["name"], document, facts):
            continue
        better = in_registry(found["name"], found["version"] or "", found["label"] or "latest")
        fix = Fix(f"Write `{better}`", (Replace(node.span, scalar(better, like=node)),), sure=True)
        yield Finding(node.span, "this environment is in the registry `azureml`, not in the workspace", (fix,))


def _defines(name: str, document: Document, facts: Facts) -> bool:
    """Whether a file of the project defines an environment of its own under a name, or may."""
    if not isinstance(facts.ask(ProjectFiles(document.path)), Known):
        return True
    for other in project_documents(document.path, facts, ".yml", ".yaml"):
        content = other.content
        if isinstance(content, v2.Definition) and content.kind == "environment":
            written = content.root.get("name")
            if isinstance(written, Scalar) and written.value == name:
                return True
    return False


@rule("AML322", on=Document, severity=Severity.WARNING)
def missing_dockerfile(document: Document, facts: Facts) -> Iterator[Finding]:
    """A build context has no Dockerfile where it is looked for.

    It is `Dockerfile` in the folder of the context, or what `dockerfile_path` names, relative to that folder. azure-ai-ml 1.35
    uploads the folder all the same; the image cannot be built.

    ```yaml environment.yml
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    build:
      path: docker
      dockerfile_path: Dockerfil  # <- AML322
    ```

    ```yaml fixed
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    build:
      path: docker
      dockerfile_path: Dockerfile
    ```

    ```text docker/Dockerfile
    FROM ubuntu:22.04
    ```
    """
    definition = definition_of(document)
    for placed in definition.environments() if definition else ():
        build = placed.mapping.get("build")
        context = build.get("path") if isinstance(build, Mapping) else None
        if not isinstance(context, Scalar) or not isinstance(build, Mapping) or not v2.is_local(context.value):
            continue
        named = build.get("dockerfile_path")
        written = named.value if isinstance(named, Scalar) and not named.is_null else "Dockerfile"
        file = join(join(document.path.parent, context.value), written)
        there = facts.ask(FolderAt(file.parent))
        if "${{" in written or not isinstance(there, Known) or file.name in there.value:
            continue
        message = f"there is no `{written}` in `{context.value}`; the image cannot be built"
        if isinstance(named, Scalar) and not named.is_null:
            yield Finding(named.span, message, tuple(_dockerfiles(written, there.value, named)))
        else:
            yield Finding(context.span, message)


def _dockerfiles(written: str, names: tuple[str, ...], named: Scalar) -> Iterator[Fix]:
    """Naming a Dockerfile that is there."""
    folder, slash, name = written.rpartition("/")
    found = [one for one in names if "dockerfile" in one.lower() and not one.endswith("/")]
    for near in get_close_matches(name, found, 3, 0.5):
        better = folder + slash + near
        yield Fix(f"Write `{better}`", (Replace(named.span, scalar(better, like=named)),), sure=True)
