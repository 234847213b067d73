"""Where a file leads and who leads to it: go to definition, and find references.

A path means its file; the path of an interpreter means the conda file that describes its environment. What is not known
yet leads nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from envls.assist.written import WrittenPath, written_path_at, written_paths
from envls.document import Document
from envls.facts import Facts, FileAt
from envls.formats.azureml import v2
from envls.formats.azureml.workbench import Compute, InterpreterRef
from envls.formats.conda.environment import EnvironmentFile
from envls.runs import (
    Run,
    environment_files,
    environment_named,
    name_of,
    pointers,
    project_documents,
    registered_name,
    uses_of,
)
from envls.syntax import Scalar
from envls.text import Span

POINTING = (".runconfig", ".yml", ".yaml", ".json", "")
"""How the names of files end that may write paths."""
_START = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file."""

    path: PurePath
    span: Span


@dataclass(frozen=True, slots=True)
class Definition:
    """What the words at `span` mean stands at `location`."""

    span: Span
    location: Location


def definition(document: Document, offset: int, facts: Facts) -> Definition | None:
    """The file that the path at `offset` leads to, or that registers or describes the environment which is named there."""
    if (path := written_path_at(document, offset)) is not None:
        target = path.target(facts)
        there = facts.value(FileAt(target)) if target is not None and path.leads_to_text else None
        return Definition(path.span, Location(there.path, _START)) if there else None
    if (registered := _registered_at(document, offset)) is not None:
        return _registering(registered, document.path, facts)
    interpreter = _interpreter_at(document, offset)
    described = interpreter and _described(document.path, interpreter, facts)
    if not interpreter or not described:
        return None
    return Definition(interpreter.node.within(0, len(interpreter.node.value)), _name_in(described))


def references(document: Document, offset: int, facts: Facts) -> list[Location]:
    """The places that lead to the file which is meant at `offset`.

    That is the file of the path there; in a conda file or a compute target, on its name or a key, the file itself.
    """
    if (path := written_path_at(document, offset)) is not None:
        target = path.target(facts)
        there = facts.value(FileAt(target)) if target is not None and path.leads_to_text else None
        return pointing_to(there.as_told(pointers(document, facts).get(there.path)), facts) if there else []
    if interpreter := _interpreter_at(document, offset):
        described = _described(document.path, interpreter, facts)
        return pointing_to(described, facts) if described else []
    return pointing_to(document, facts) if _means_itself(document, offset) else []


def pointing_to(document: Document, facts: Facts) -> list[Location]:
    """The places that lead to a document: paths, and the interpreters of the environment that it describes."""
    places = list(_paths_to(document.path, facts))
    if isinstance(document.content, EnvironmentFile):
        seen = {place.path for place in places}
        for use in uses_of(document.path, name_of(document), facts) or ():
            if use.local_run is not None:
                places += _interpreter_of(use.local_run)
            elif use.by not in seen:  # without a path of its own it reads the file that is the default
                places.append(Location(use.by, _START))
    return list(dict.fromkeys(places))


def _paths_to(path: PurePath, facts: Facts) -> Iterator[Location]:
    for document in project_documents(path, facts, *POINTING):
        for written in written_paths(document):
            if might_lead_to(written, path.name) and written.target(facts) == path:
                yield Location(document.path, written.span)


def might_lead_to(written: WrittenPath, name: str) -> bool:
    """Whether a path may lead to a file of this name; whoever asks further asks for other files."""
    return any(target.name.lower() == name.lower() for target in written.targets[:1])


def _interpreter_of(run: Run) -> Iterator[Location]:
    if run.interpreter and run.compute_path:
        node = run.interpreter.node
        yield Location(run.compute_path, node.within(0, len(node.value)))


def _registered_at(document: Document, offset: int) -> Scalar | None:
    """The name of a registered environment in a definition of CLI v2."""
    if not isinstance(document.content, v2.Definition):
        return None
    named = (value.node for value in document.content.values if value.info.path == "environment")
    return next((node for node in named if isinstance(node, Scalar) and node.span.touches(offset)), None)


def _registering(reference: Scalar, near: PurePath, facts: Facts) -> Definition | None:
    """Where the project registers the environment that a reference names."""
    name = registered_name(reference.value)
    there = environment_named(name, near, facts) if name else None
    written = there.content.root.get("name") if there and isinstance(there.content, v2.Definition) else None
    if there is None or not isinstance(written, Scalar):
        return None
    return Definition(reference.span, Location(there.path, written.span))


def _interpreter_at(document: Document, offset: int) -> InterpreterRef | None:
    content = document.content
    found = content.interpreter if isinstance(content, Compute) else None
    return found if found and found.span.touches(offset) else None


def _described(near: PurePath, interpreter: InterpreterRef, facts: Facts) -> Document | None:
    """The conda file that describes the environment which an interpreter is in."""
    name = interpreter.environment
    return next((file for file in environment_files(near, facts) if name and name_of(file) == name), None)


def _name_in(document: Document) -> Location:
    content = document.content
    name = content.name if isinstance(content, EnvironmentFile) else None
    return Location(document.path, name.span if name else _START)


def _means_itself(document: Document, offset: int) -> bool:
    content = document.content
    if not isinstance(content, EnvironmentFile | Compute):
        return False
    if isinstance(content, EnvironmentFile) and content.name and content.name.span.touches(offset):
        return True
    return any(key.span.touches(offset) for key in content.keys)
