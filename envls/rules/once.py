"""What is said once in a project, and not again in each of its files."""

from __future__ import annotations

import re
from pathlib import PurePath

from envls.document import Document
from envls.facts import Facts, FileAt, Known, Pending, ProjectFiles
from envls.formats.azureml import v1

_NAMED = re.compile(r".*\.runconfig|.*runconfig.*\.ya?ml", re.IGNORECASE)
_YAML = (".yml", ".yaml")


def is_first(document: Document, facts: Facts) -> bool:
    """Whether a run configuration is the first of its dialect in its project, by path; those that are named like one come
    first, and one of another name is compared with its own folder alone, so that few files are read."""
    files = facts.ask(ProjectFiles(document.path))
    if not isinstance(files, Known):
        return not isinstance(files, Pending)
    ours = _rank(document.path)
    earlier = (path for path in files.value if _may_be_one(path, document.path) and _rank(path) < ours)
    for path in earlier:
        there = facts.ask(FileAt(path))
        if isinstance(there, Pending) or (isinstance(there, Known) and there.value.format is document.format):
            return False
    return True


def _rank(path: PurePath) -> tuple[bool, PurePath]:
    return not _is_named(path), path


def _is_named(path: PurePath) -> bool:
    return _NAMED.fullmatch(path.name) is not None or v1.may_have_no_suffix(path)


def _may_be_one(path: PurePath, near: PurePath) -> bool:
    return _is_named(path) or (path.parent == near.parent and path.suffix.lower() in _YAML)
