"""Another name for an environment: in its conda file, and in the paths of the interpreters that live in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from envls.check import Changes
from envls.document import Document
from envls.facts import Facts
from envls.formats.azureml import v1
from envls.formats.azureml.workbench import Compute
from envls.formats.conda.environment import EnvironmentFile
from envls.runs import project_documents
from envls.syntax import Mapping, Scalar, Style
from envls.text import Edit, Span
from envls.write import as_text

_IN_ENVS = re.compile(r"(?<![^\\/])envs[\\/]+([^\\/]+)(?=[\\/]|$)", re.IGNORECASE)
_ILLEGAL = re.compile(r"[\s/\\:#'\"]")
_FOLDERS = (".azureml", "aml_config")


def name_at(document: Document, offset: int) -> Span | None:
    """The name of the environment at `offset`, without its quotes; None where there is none that can be changed."""
    name = _name(document)
    return name.within(0, len(name.value)) if name and name.span.touches(offset) else None


def why_not(new: str) -> str:
    """Why no environment can be called so; "" where it can."""
    illegal = not new or _ILLEGAL.search(new)
    return "conda refuses blanks, slashes, colons, quotes and # in the name of an environment" if illegal else ""


def rename(document: Document, offset: int, new: str, facts: Facts) -> Changes | None:
    """The edits that give the environment whose name stands at `offset` another one, which must be legal (`why_not`)."""
    name = _name(document)
    if name is None or not name.span.touches(offset):
        return None
    edits = {document.path: (Edit(name.span, as_text(new, like=name)), *_in_prefix(document, name.value, new))}
    for other in project_documents(document.path, facts, ".compute", ".runconfig", ".yml", ".yaml", ""):
        made = tuple(dict.fromkeys(_in_interpreters(other, name.value, new)))
        if made and _share_a_project(other.path, document.path):
            edits[other.path] = made
    return Changes(edits)


def _name(document: Document) -> Scalar | None:
    content = document.content
    name = content.name if isinstance(content, EnvironmentFile) else None
    plain = name is not None and name.style not in (Style.LITERAL, Style.FOLDED)
    return name if name and name.value and plain and document.template is None else None


def _in_prefix(document: Document, old: str, new: str) -> Iterator[Edit]:
    content = document.content
    root = content.root if isinstance(content, EnvironmentFile) else None
    prefix = root.get("prefix") if isinstance(root, Mapping) else None
    if isinstance(prefix, Scalar):
        yield from _in_path(prefix, old, new)


def _in_interpreters(document: Document, old: str, new: str) -> Iterator[Edit]:
    for node in _interpreters(document):
        yield from _in_path(node, old, new)


def _interpreters(document: Document) -> Iterator[Scalar]:
    content = document.content
    if isinstance(content, Compute) and content.interpreter:
        yield content.interpreter.node
    section = content.environment if isinstance(content, v1.RunConfiguration) else content
    if isinstance(section, v1.EnvironmentSection):
        node = section.node("python", "interpreterPath")
        if isinstance(node, Scalar):
            yield node


def _in_path(node: Scalar, old: str, new: str) -> Iterator[Edit]:
    """The edit of a path whose environment has the old name: that is behind the last `envs`."""
    found = list(_IN_ENVS.finditer(node.value))
    if found and found[-1][1] == old and node.style not in (Style.LITERAL, Style.FOLDED):
        yield Edit(node.within(*found[-1].span(1)), new)


def _share_a_project(one: PurePath, other: PurePath) -> bool:
    """Whether one of two files stands in the project of the other."""
    folders = [path.parent.parent if path.parent.name in _FOLDERS else path.parent for path in (one, other)]
    return folders[0].is_relative_to(folders[1]) or folders[1].is_relative_to(folders[0])
