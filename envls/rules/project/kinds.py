"""AML4: paths that lead to a file of another kind than the one that is read there."""

from __future__ import annotations

from collections.abc import Iterator

from envls import write
from envls.document import Document
from envls.facts import Facts, FileAt
from envls.formats.azureml import v1, v2
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.paths import PathRef
from envls.known.base_images import CURRENT
from envls.rules.rule import Finding, Fix, Related, Severity, rule
from envls.runs import paths_of, target_of
from envls.syntax import Entry
from envls.text import Span
from envls.write import Replace, scalar


@rule("AML406", on=Document, severity=Severity.WARNING)
def file_of_another_kind(document: Document, facts: Facts) -> Iterator[Finding]:
    """A path leads to a file of another kind than the one that is read there.

    A definition of an environment says which image and which conda file; a conda file says which packages. azure-ai-ml 1.35
    refuses a conda file where it wants a definition ("trying to specify a conda file"), so that is an error; the reverse, and a
    file of requirements, is first noticed when the image is built. azureml-core 1.61 takes a conda file for an environment
    section that says nothing.

    ```yaml job.yml
    $schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
    command: python train.py
    environment: file:./conda.yml  # <- AML406
    ```

    ```yaml fixed
    $schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
    command: python train.py
    environment:
      image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
      conda_file: ./conda.yml
    ```

    ```yaml conda.yml
    dependencies:
      - python=3.11
    ```
    """
    for path in paths_of(document):
        there = facts.value(FileAt(target_of(path, facts)))
        if there is None:
            continue
        if path.kind == "conda file" and (other := _no_conda_file(path, there)):
            yield Finding(path.node.span, f"this is {other}, not a conda environment file")
        elif path.kind == "environment section" and isinstance(there.content, EnvironmentFile):
            message = "this is a conda environment file; name it as `condaDependenciesFile` below `python`"
            yield Finding(path.node.span, message)
        elif path.kind == "environment definition" and isinstance(there.content, EnvironmentFile):
            related = (Related(Span(0, 0), "the conda file", there.path),)
            message = "this is a conda file; a definition of an environment names it as `conda_file`, beside an `image`"
            yield Finding(path.node.span, message, tuple(_around(path, document)), related, Severity.ERROR)


def _no_conda_file(path: PathRef, there: Document) -> str:
    """What a file is that is no conda file, "" for one that is, or may be."""
    content = there.content
    if isinstance(content, v2.Definition):
        return "a definition of Azure ML"
    if isinstance(content, v1.RunConfiguration | v1.EnvironmentSection):
        return "a file of SDK v1"
    return "a file of requirements of pip" if path.target.suffix == ".txt" else ""


def _around(path: PathRef, document: Document) -> Iterator[Fix]:
    """A definition that is written in place of the path, with the conda file in it."""
    keys = document.content.keys if isinstance(document.content, v2.Definition) else ()
    entry = next((key.entry for key in keys if key.entry.value is path.node), None)
    if entry is None or _is_in_braces(document, entry):
        return
    column = document.lines.place(entry.key.start)[1] + write.indentation(document.text)
    line_end = write.newline(document.text) + " " * column
    written = scalar(path.node.value.removeprefix(path.prefix))
    start = document.text.rindex(":", entry.key.span.end, path.node.span.start) + 1
    lines = line_end.join(("", f"image: {CURRENT}", f"conda_file: {written}"))
    yield Fix("Define the environment here", (Replace(Span(start, path.node.span.end), lines),), sure=True)


def _is_in_braces(document: Document, entry: Entry) -> bool:
    line = document.lines.place(entry.key.start)[0]
    return bool(document.text[document.lines.span(line).start : entry.key.start].strip(" -"))
