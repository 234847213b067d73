"""What Azure ML refuses of a definition, or regrets, that its loader takes: images and names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envls.document import Document
from envls.facts import Facts
from envls.formats.azureml.v2 import Definition
from envls.formats.azureml.v2_keys import INLINE_ENVIRONMENT_KEYS
from envls.formats.keys import Placed
from envls.known.base_images import CURRENT, has_tag, successor, tagged
from envls.rules.cli_v2.keys import CONDA_KEYS
from envls.rules.cli_v2.text import definition_of
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.syntax import Mapping, Scalar
from envls.write import Replace, SetKey, scalar

_LONGEST = 255
_ENVIRONMENT = re.compile(r"[A-Za-z\d][\w-]*", re.ASCII)
_OTHERS = re.compile(r"[^\w-]+", re.ASCII)
_STEP = re.compile(r"[a-z_][a-z\d_]*")
_COMPONENT = re.compile(r"[a-z][a-z\d_]*")
_RESERVED = re.compile(r"azureml|microsoft", re.IGNORECASE)


@rule("AML311", on=Document, severity=Severity.WARNING)
def image_or_build(document: Document, facts: Facts) -> Iterator[Finding]:
    """An environment has neither an image nor a build context, or has both.

    azure-ai-ml 1.35 loads it, and refuses it when the environment is created: it needs one of the two.

    ```yaml environment.yml
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    conda_file: conda.yml  # <- AML311
    ```

    ```yaml fixed
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    conda_file: conda.yml
    image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
    ```

    ```yaml conda.yml
    dependencies:
      - python=3.11
    ```

    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
    ```
    """
    del facts
    definition = definition_of(document)
    for placed in definition.environments() if definition else ():
        mapping, names = placed.mapping, {entry.key.value for entry in placed.mapping.entries}
        if "<<" in names or names & CONDA_KEYS:
            continue
        image, build = mapping.entry("image"), mapping.entry("build")
        if image and build:
            message = "an environment has an image or a build context, not both; Azure ML refuses to create it"
            yield Finding(max(image, build, key=lambda entry: entry.key.start).key.span, message)
        elif not image and not build and names & {"conda_file", "name", "inference_config"}:
            told = mapping.entry("conda_file") or placed.entry or mapping.entry("name") or mapping.entries[0]
            message = "an environment needs an `image` or a `build`; without one it cannot be created"
            yield Finding(told.key.span, message, tuple(_with_image(placed, definition)))


def _with_image(placed: Placed, definition: Definition | None) -> Iterator[Fix]:
    """Setting the image that Azure ML itself takes today."""
    route: tuple[str, ...] = ()
    if placed.entry and definition and definition.root.entry("environment") is placed.entry:
        route = ("environment",)
    if placed.entry is None or route:
        yield Fix(f"Set `image` to `{CURRENT}`", (SetKey((*route, "image"), CURRENT),), sure=True)


@rule("AML312", on=Document, severity=Severity.WARNING)
def build_with_conda_file(document: Document, facts: Facts) -> Iterator[Finding]:
    """A conda file stands beside a build context.

    Azure ML makes a conda environment on top of an `image` only; with `build` the Dockerfile installs what is needed.

    ```yaml environment.yml
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    build:
      path: https://github.com/example/context
    conda_file: conda.yml  # <- AML312
    ```

    ```yaml conda.yml
    dependencies:
      - python=3.11
    ```
    """
    del facts
    definition = definition_of(document)
    for placed in definition.environments() if definition else ():
        conda = placed.mapping.entry("conda_file")
        if conda and placed.mapping.entry("build") and not placed.mapping.entry("image"):
            yield Finding(
                conda.key.span, "a conda file goes with an `image`; with `build` the Dockerfile installs the packages"
            )


@rule("AML313", on=Document, severity=Severity.WARNING)
def definition_image_without_tag(document: Document, facts: Facts) -> Iterator[Finding]:
    """A base image has neither a tag nor a digest.

    Azure ML's check of environments refuses it or takes `latest`, which is another image every few weeks.

    ```yaml environment.yml
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04  # <- AML313
    ```

    ```yaml fixed
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
    ```
    """
    del facts
    for node in _images(document):
        if node.value and "${{" not in node.value and not has_tag(node.value) and not successor(node.value):
            today = tagged(node.value)
            fixes = (Fix(f"Write `{today}`", (Replace(node.span, scalar(today, like=node)),)),) if today else ()
            message = "this image has no tag and no digest: which one it is changes from day to day"
            yield Finding(node.span, message, fixes)


@rule("AML314", on=Document, severity=Severity.WARNING)
def deprecated_definition_image(document: Document, facts: Facts) -> Iterator[Finding]:
    """A base image of Azure ML is given up.

    It gets no repairs of security any more, and environments on it are reported as vulnerable. The newer image has another
    Ubuntu and another Python, so the fix is not made without being asked for.

    ```yaml environment.yml
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    image: mcr.microsoft.com/azureml/openmpi3.1.2-ubuntu18.04:20210301.v1  # <- AML314
    ```

    ```yaml fixed
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
    ```
    """
    del facts
    for node in _images(document):
        newer = successor(node.value)
        if newer:
            fix = Fix(f"Write `{newer}`", (Replace(node.span, scalar(newer, like=node)),), sure=True)
            yield Finding(node.span, "this base image is given up, and gets no repairs any more", (fix,))


def _images(document: Document) -> Iterator[Scalar]:
    definition = definition_of(document)
    for placed in definition.environments() if definition else ():
        image = placed.mapping.get("image")
        if isinstance(image, Scalar):
            yield image


@rule("AML315", on=Document, severity=Severity.WARNING)
def illegal_definition_name(document: Document, facts: Facts) -> Iterator[Finding]:
    """A name that Azure ML does not take.

    Names of environments must not begin with `AzureML` or `Microsoft`, which are the curated ones', and have letters, digits,
    `_` and `-`, 255 at most; a dot, which some releases of the CLI refuse, is a hint. The names of components and of a pipeline's steps have small letters, digits and `_`; azure-ai-ml 1.35 refuses
    the file for any other, so that is an error.

    ```yaml environment.yml
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: AzureML-training  # <- AML315
    image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
    ```

    ```yaml fixed
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
    ```

    ```yaml other.yml
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training env  # <- AML315
    image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
    ```

    ```yaml fixed
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training-env
    image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
    ```
    """
    del facts
    definition = definition_of(document)
    if definition is None:
        return
    for placed in definition.environments():
        named = placed.mapping.get("name")
        if placed.table is not INLINE_ENVIRONMENT_KEYS and isinstance(named, Scalar) and not named.is_null:
            yield from _environment_name(named)
    node = definition.root.get("name")
    if isinstance(node, Scalar) and not node.is_null and definition.kind.endswith("Component"):
        yield from _spelling(
            node, _COMPONENT, "a component's name has small letters, digits and `_`, with a letter first"
        )
    jobs = definition.root.get("jobs") if definition.is_pipeline else None
    for entry in jobs.entries if isinstance(jobs, Mapping) else ():
        if entry.key.value != "<<":
            yield from _spelling(entry.key, _STEP, "a step's name has small letters, digits and `_`, no digit first")


def _environment_name(node: Scalar) -> Iterator[Finding]:
    if _RESERVED.match(node.value):
        rest = _RESERVED.sub("", node.value, count=1).lstrip("-_. ")
        fixes = (Fix(f"Write `{rest}`", (Replace(node.span, scalar(rest, like=node)),), sure=True),) if rest else ()
        message = "names that begin with `AzureML` or `Microsoft` are reserved for curated environments"
        yield Finding(node.span, message, fixes)
    elif len(node.value) > _LONGEST:
        yield Finding(node.span, f"this name has {len(node.value)} characters; {_LONGEST} are allowed")
    elif node.value and not _ENVIRONMENT.fullmatch(node.value):
        better = _OTHERS.sub("-", node.value).strip("-")
        fixes = (
            (Fix(f"Write `{better}`", (Replace(node.span, scalar(better, like=node)),), sure=True),) if better else ()
        )
        if _OTHERS.sub("", node.value) == node.value.replace(".", ""):
            message = "some releases of the CLI refuse a dot in the name of an environment"
            yield Finding(node.span, message, fixes, severity=Severity.HINT)
        else:
            yield Finding(node.span, "the name of an environment has letters, digits, `_` and `-`", fixes)


def _spelling(node: Scalar, allowed: re.Pattern[str], message: str) -> Iterator[Finding]:
    """What the loader itself refuses; the outputs of a step bear its name elsewhere, so that no fix is offered."""
    if not allowed.fullmatch(node.value):
        yield Finding(node.span, message + "; the file is refused", severity=Severity.ERROR)
