"""Which keys may stand in a definition of CLI v2, and which must. Its loader refuses a file for one that it does not know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from envls.document import Document
from envls.facts import Facts
from envls.formats import keys
from envls.formats.azureml import v2
from envls.formats.azureml.v2 import Definition
from envls.formats.azureml.v2_keys import is_environment, snake, word
from envls.formats.keys import Key, KeyInfo, Placed, Table, table_of
from envls.rules.cli_v2.text import definition_of
from envls.rules.keys import misspelt_key
from envls.rules.rule import Finding, Fix, Related, Severity, rule
from envls.syntax import Entry, Mapping, Scalar, resolve_alias
from envls.text import Span
from envls.write import Change, Remove, Replace, SetKey

CONDA_KEYS = frozenset(("channels", "dependencies"))


@rule("AML303", on=Document, severity=Severity.ERROR, patient=True)
def unknown_definition_key(document: Document, facts: Facts) -> Iterator[Finding]:
    """The loader does not know a key.

    azure-ai-ml 1.35 refuses the file ("Unknown field."). Few mappings take any key: the steps of a pipeline that name a
    component, `settings`, a component's `resources`; there a key that looks misspelt is a warning.

    ```yaml environment.yml
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
    condaFile: conda.yml  # <- AML303
    ```

    ```yaml fixed
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
    conda_file: conda.yml
    ```

    ```yaml conda.yml
    dependencies:
      - python=3.11
    ```
    """
    del facts
    definition = definition_of(document)
    if definition is None:
        return
    misplaced = [group for one in definition.placed for group in outdented(one)]
    first_of = {id(group.entries[0]): group for group in misplaced}
    others = {id(entry) for group in misplaced for entry in group.entries[1:]}
    for key in definition.keys:
        name = key.node.value
        if key.info is not None or name == "<<" or id(key.entry) in others:
            continue
        found: Finding | None
        if group := first_of.get(id(key.entry)):
            found = _indent(group, document)
        elif name in CONDA_KEYS and is_environment(key.allowed):
            continue
        else:
            found = misspelt_key(replace(key, allowed=_candidates(key.allowed)), "Azure ML does not know", _snake(name))
        if v2.is_open(key.allowed):
            if found:
                yield replace(found, severity=Severity.WARNING)
            continue
        yield found or Finding(key.span, f"Azure ML does not know `{name}`, and refuses the file")


def _snake(name: str) -> str:
    return snake(name).replace("-", "_")


def _candidates(table: Table) -> Table:
    return tuple(info for info in table if not info.effect.startswith("none"))


@dataclass(frozen=True, slots=True)
class Outdented:
    """Entries that follow each other and belong into the mapping of the key `above` them: their indentation is lost."""

    above: str
    entries: list[Entry]


def outdented(placed: Placed) -> list[Outdented]:
    """What stands beside a key that holds nothing, and is unknown there and known below it."""
    found: list[Outdented] = []
    above: KeyInfo | None = None
    for entry in placed.mapping.entries:
        info = keys.find(placed.table, entry.key.value)
        value = resolve_alias(entry.value)
        if info is not None:
            empty = isinstance(value, Scalar) and value.is_null and bool(info.keys)
            above = info if empty else None
        elif above is not None and keys.find(table_of(above.keys, None), entry.key.value):
            if not found or found[-1].above != above.name:
                found.append(Outdented(above.name, []))
            found[-1].entries.append(entry)
    return found


def _indent(group: Outdented, document: Document) -> Finding:
    """That keys belong below the one above them."""
    first, last = group.entries[0], group.entries[-1]
    place = document.lines.place
    lines = range(place(first.key.start)[0], place(max(last.span.end - 1, last.key.start))[0] + 1)
    spans = map(document.lines.span, lines)
    starts = [span.start for span in spans if document.text[slice(*span)].strip()]
    changes = tuple(Replace(Span(start, start), "  ") for start in starts)
    names = " and ".join(f"`{entry.key.value}`" for entry in group.entries)
    verb, them = ("belongs", "it") if len(group.entries) == 1 else ("belong", "them")
    fix = Fix(f"Move {names} into `{group.above}`", changes, safe=True, sure=True)
    return Finding(first.key.span, f"{names} {verb} into `{group.above}`: indent {them}", (fix,))


@rule("AML304", on=Document, severity=Severity.ERROR)
def missing_definition_key(document: Document, facts: Facts) -> Iterator[Finding]:
    """A key is missing that the loader needs.

    azure-ai-ml 1.35 refuses the file ("Missing data for required field.").

    ```yaml job.yml
    $schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
    command: python train.py  # <- AML304
    compute: azureml:cluster
    ```

    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
    command: python train.py
    environment: azureml:sklearn@latest
    compute: azureml:cluster
    ```
    """
    del facts
    definition = definition_of(document)
    for placed in definition.placed if definition else ():
        names = {entry.key.value for entry in placed.mapping.entries}
        if "<<" in names or (names & CONDA_KEYS and is_environment(placed.table)):
            continue
        missing = [info.name for info in placed.table if info.required and info.name not in names]
        if missing:
            written = " and ".join(f"`{name}`" for name in missing)
            verb = "is" if len(missing) == 1 else "are"
            where = f" in `{placed.entry.key.value}`" if placed.entry else ""
            yield Finding(_head(placed), f"{written} {verb} missing{where}")


def _head(placed: Placed) -> Span:
    """Where something is said of a whole mapping: at its key, else at its first key that is no schema line."""
    if placed.entry:
        return placed.entry.key.span
    entries = [entry for entry in placed.mapping.entries if entry.key.value != "$schema"] or placed.mapping.entries
    return entries[0].key.span if entries else Span(placed.mapping.span.start, placed.mapping.span.start + 1)


@rule("AML310", on=Document, severity=Severity.ERROR)
def conda_keys_in_definition(document: Document, facts: Facts) -> Iterator[Finding]:
    """A conda environment stands where Azure ML wants an environment of its own.

    azure-ai-ml 1.35 refuses `channels` and `dependencies` in a definition ("trying to specify a conda file"); they belong into
    the file that `conda_file` names, or below it.

    ```yaml environment.yml
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
    channels: [conda-forge]  # <- AML310
    dependencies: [python=3.11]
    ```

    ```yaml fixed
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
    conda_file:
      channels: [conda-forge]
      dependencies: [python=3.11]
    ```
    """
    del facts
    definition = definition_of(document)
    for placed in definition.environments() if definition else ():
        conda = [entry for entry in placed.mapping.entries if entry.key.value in CONDA_KEYS]
        if conda:
            name = conda[0].key.value
            message = f"`{name}` belongs below `conda_file`, or into the file that it names; the file is refused"
            yield Finding(conda[0].key.span, message, tuple(_moved_below(placed, conda, document)))


def _moved_below(placed: Placed, conda: list[Entry], document: Document) -> Iterator[Fix]:
    """The packages of a definition, moved to where they are read; only where nothing stands there yet."""
    if placed.entry or placed.mapping.flow or placed.mapping.entry("conda_file"):
        return
    lines = document.lines
    ends = [lines.span(lines.place(max(entry.span.end - 1, entry.key.start))[0]).end for entry in conda]
    texts = [document.text[entry.key.start : end].rstrip() for entry, end in zip(conda, ends, strict=True)]
    if any(lines.place(entry.key.start)[1] for entry in conda):
        return
    changes: list[Change] = [Remove(entry.key.start) for entry in conda]
    changes.append(SetKey(("conda_file",), "\n".join(texts) + "\n"))
    yield Fix("Move them below `conda_file`", tuple(changes), safe=True, sure=True)


@rule("AML320", on=Document, severity=Severity.HINT)
def definition_key_without_effect(document: Document, facts: Facts) -> Iterator[Finding]:
    """A key has no effect in a definition.

    Azure ML writes it into what it shows, and takes no notice of yours; or it is the name of an environment that is written
    inside a job, which stays without one. A conda file counts together with an image only, see AML312.

    ```yaml job.yml
    $schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
    command: python train.py
    environment:
      name: training  # <- AML320
      image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
    creation_context: {created_by: me}  # <- AML320
    ```
    """
    del facts
    definition = definition_of(document)
    for key in definition.keys if definition else ():
        value = resolve_alias(key.entry.value)
        empty = isinstance(value, Scalar) and value.is_null
        why = _without_effect(key, definition) if definition and not empty else ""
        if why:
            yield Finding(key.entry.span, f"`{key.node.value}` has no effect: {why}", unused=True)


def _without_effect(key: Key, definition: Definition) -> str:
    """Why a key has no effect here, "" for one that has, or may have."""
    if key.info is None:
        return ""
    if key.info.effect.startswith("none"):
        return key.info.effect.removeprefix("none: ").rstrip(".")
    if key.info.name == "inference_config" and key.path and definition.kind.endswith(("Job", "Component")):
        return "only an online deployment reads it"
    settings = definition.root.get("settings")
    scoring = settings if isinstance(settings, Mapping) else definition.root
    if key.info.name == "output_file_name" and word(scoring, "output_action") == "summary_only":
        return "`output_action` is `summary_only`"
    return ""


@rule("AML321", on=Document, severity=Severity.ERROR)
def exclusive_definition_keys(document: Document, facts: Facts) -> Iterator[Finding]:
    """Two keys stand side by side of which only one is allowed.

    A pipeline has `jobs` or runs a `component`; azure-ai-ml 1.35 refuses both.

    ```yaml pipeline.yml
    $schema: https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json
    type: pipeline
    component: azureml:training:1
    jobs:  # <- AML321
      one:
        component: azureml:other:1
    ```
    """
    del facts
    definition = definition_of(document)
    if definition is None or definition.kind != "pipelineJob":
        return
    jobs, component = definition.root.entry("jobs"), definition.root.entry("component")
    if jobs and component:
        later, first = sorted((jobs, component), key=lambda entry: entry.key.start, reverse=True)
        related = (Related(first.key.span, f"`{first.key.value}` stands here"),)
        message = f"`{later.key.value}` does not go with `{first.key.value}`; the file is refused"
        yield Finding(later.key.span, message, related=related)
