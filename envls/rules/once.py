"""What is said once in a project, and not again in each of its files."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePath

from envls.document import Document
from envls.facts import Facts, FileAt, Known, Pending, ProjectFiles
from envls.formats.azureml import v1

_NAMED = re.compile(r".*\.runconfig|.*runconfig.*\.ya?ml", re.IGNORECASE)


def is_first(document: Document, facts: Facts) -> bool:
    """Whether a run configuration is the first of its dialect in its project, by path.

    Those that are named like one come first; one of another name is compared with these and its own folder alone, so that
    few files are read.
    """
    files = facts.ask(ProjectFiles(document.path))
    if not isinstance(files, Known):
        return not isinstance(files, Pending)
    for path in _earlier(files.value, document.path):
        there = facts.ask(FileAt(path))
        if isinstance(there, Pending) or (isinstance(there, Known) and there.value.format is document.format):
            return False
    return True


@lru_cache(maxsize=64)
def _earlier(files: tuple[PurePath, ...], path: PurePath) -> tuple[PurePath, ...]:
    """The files that may be run configurations and come before the one at `path`."""
    named = [other for other in files if _is_named(other)]
    if _is_named(path):
        return tuple(other for other in named if other < path)
    beside = (other for other in files if other.suffix.lower() in (".yml", ".yaml") and other.parent == path.parent)
    return (*named, *(other for other in beside if other < path and not _is_named(other)))


def _is_named(path: PurePath) -> bool:
    return _NAMED.fullmatch(path.name) is not None or v1.may_have_no_suffix(path)
