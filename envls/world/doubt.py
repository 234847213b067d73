"""Which answers a change to files puts in doubt: a pure function of what is known, and of nothing on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envls.facts import EncodingAt, FileAt, FolderAt, Installed, Known, LockBeside, ModuleNames, ProjectFiles
from envls.formats.python import is_program
from envls.world.disk import known_name, may_be_listed
from envls.world.locks import is_lock
from envls.world.project import project_root

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import PurePath

    from envls.facts import Answer, Question


def doubted_by(
    paths: Iterable[PurePath], answers: Mapping[Question[Any], Answer[Any]], folders: Sequence[PurePath]
) -> set[Question[Any]]:
    """The questions about these paths, the listings they have a place in, the environments they are part of, and the
    files that one of them may be the lock of.

    `answers` is gone through once, however many paths there are: a checkout touches thousands.
    """
    roots: dict[PurePath, set[Question[Any]]] = {}
    for question, answer in answers.items():
        if isinstance(question, ProjectFiles | ModuleNames):
            roots.setdefault(project_root(question.near, folders)[0], set()).add(question)
        elif isinstance(question, Installed) and isinstance(answer, Known):
            roots.setdefault(answer.value.prefix, set()).add(question)
    locked = [question for question in answers if isinstance(question, LockBeside)]
    doubted: set[Question[Any]] = set()
    for path in paths:
        doubted |= {FileAt(path), EncodingAt(path), FolderAt(path), FolderAt(path.parent)}
        if is_lock(path):
            doubted |= {question for question in locked if path.parent in question.path.parents}
        changed: tuple[type[Question[Any]], ...] = (Installed,)
        if known_name(path) or may_be_listed(path):
            changed = (Installed, ProjectFiles)
        elif is_program(path):
            changed = (Installed, ModuleNames)
        for root in roots.keys() & set(path.parents):
            doubted |= {question for question in roots[root] if isinstance(question, changed)}
    return doubted


def listings_without(
    path: PurePath, answers: Mapping[Question[Any], Answer[Any]], folders: Sequence[PurePath]
) -> set[Question[Any]]:
    """The listings of folders and projects that are known, in which `path` has its place, and which lack it."""
    found: set[Question[Any]] = set()
    for question in doubted_by([path], answers, folders):
        answer = answers.get(question)
        if isinstance(question, FolderAt | ProjectFiles) and answer is not None:
            listed = answer.value if isinstance(answer, Known) else ()
            if path not in listed and path.name not in listed:
                found.add(question)
    return found
