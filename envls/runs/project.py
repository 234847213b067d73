"""The files of a project: which there are, what each points to, and what they say of one another."""

from __future__ import annotations

from functools import lru_cache
from pathlib import PurePath

from envls.document import Document, Format
from envls.facts import Absent, Facts, FileAt, ProjectFiles
from envls.formats.azureml import v1, v2
from envls.formats.azureml.inference import InferenceConfiguration
from envls.formats.azureml.workbench import FOLDER, RunConfiguration
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.paths import PathRef
from envls.formats.python import is_program

MOST = 200
POINTING = (".runconfig", ".yml", ".yaml", ".json", "")
"""How the names of files end that may point to others; a run configuration of SDK v1 needs no extension."""
_MEANT = {
    "conda file": Format.ENVIRONMENT,
    "Spark file": Format.SPARK,
    "environment section": Format.V1_ENVIRONMENT,
}


def name_of(document: Document | None) -> str:
    content = document.content if document else None
    return content.name.value if isinstance(content, EnvironmentFile) and content.name else ""


def paths_of(document: Document) -> tuple[PathRef, ...]:
    """The paths of other files that a run configuration, an environment section or a definition writes."""
    content = document.content
    if isinstance(
        content,
        RunConfiguration | v1.RunConfiguration | v1.EnvironmentSection | InferenceConfiguration | v2.Definition,
    ):
        return content.paths
    return ()


def target_of(path: PathRef, facts: Facts) -> PurePath:
    """Where a path leads: to the first of its targets that is there, or may be; else to the likeliest."""
    if not path.others:
        return path.target
    return next((one for one in path.targets if not isinstance(facts.ask(FileAt(one)), Absent)), path.target)


def pointers(document: Document, facts: Facts | None = None) -> dict[PurePath, Format]:
    """The files that a document points to, and what it says that they are; without facts, all that it may mean."""
    meant = [(path, _MEANT[path.kind]) for path in paths_of(document) if path.kind in _MEANT]
    if facts is None:
        return {target: format_ for path, format_ in meant for target in path.targets}
    return {target_of(path, facts): format_ for path, format_ in meant}


def told(path: PurePath, facts: Facts) -> Format | None:
    """What another file of the project says that the one at `path` is; None where none does, or that is not known yet."""
    if is_program(path):
        return None
    for document in project_documents(path, facts, *POINTING):
        meant = might_point(document, path) and pointers(document, facts).get(path)
        if meant:
            return meant
    return None


def might_point(document: Document, path: PurePath) -> bool:
    """Whether a document may point to the file at `path`; who asks further asks for other files."""
    name = path.name.lower()
    return any(name in one.node.value.lower() and path in one.targets for one in paths_of(document))


def project_documents(near: PurePath, facts: Facts, *suffixes: str) -> list[Document]:
    """The documents of the project that `near` belongs to, those with one of the `suffixes` ("" for none).

    Of a large project only the `MOST` nearest: each is read.
    """
    known = facts.value(ProjectFiles(near))
    paths = _nearest(known, near, suffixes) if known else ()
    asked = (facts.value(FileAt(path)) for path in paths)
    return [document for document in asked if document is not None]


@lru_cache(maxsize=64)
def _nearest(paths: tuple[PurePath, ...], near: PurePath, suffixes: tuple[str, ...]) -> tuple[PurePath, ...]:
    found = [path for path in paths if path.suffix.lower() in suffixes]
    return tuple(sorted(sorted(found, key=lambda path: _distance(path, near))[:MOST]) if len(found) > MOST else found)


def _distance(path: PurePath, near: PurePath) -> int:
    """How many steps lead from the folder of one file to that of the other."""
    shared = 0
    for one, other in zip(path.parent.parts, near.parent.parts, strict=False):
        if one != other:
            break
        shared += 1
    return len(path.parent.parts) + len(near.parent.parts) - 2 * shared


def is_managed_folder(path: PurePath) -> bool:
    """Whether a file stands where Azure ML's managed runs look for theirs."""
    return path.parent.name in (FOLDER, ".azureml")


def packages_of(document: Document | None) -> EnvironmentFile | None:
    """What a conda file lists; None for another file."""
    content = document.content if document else None
    return content if isinstance(content, EnvironmentFile) else None


def conda_file_at(path: PurePath, facts: Facts) -> EnvironmentFile | None:
    """What the file at `path` lists, which somebody names as a conda file."""
    there = facts.value(FileAt(path))
    return packages_of(there.as_told(Format.ENVIRONMENT)) if there else None
