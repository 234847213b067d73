"""Another name for a package in one file: wherever the file has it by that name, in the conda list and for pip.

What stands behind the name stays. Where the two lists have one package under two names, each keeps its own: who renames
`pytorch` has said nothing of pip's `torch`.
"""

from __future__ import annotations

from collections.abc import Iterator

from envls.check import Changes
from envls.document import Document
from envls.formats.conda import matchspec, requirement
from envls.formats.conda.environment import Dependency, Requirement
from envls.formats.conda.requirement import normalised
from envls.syntax import Style
from envls.text import Edit, Span
from envls.write import as_text


def name_at(document: Document, offset: int) -> Span | None:
    """The name of the package at `offset`; None where there is none that can be changed."""
    item = _item_at(document, offset)
    return item.name_span if item else None


def why_not(document: Document, offset: int, new: str) -> str:
    """Why the package at `offset` cannot be called so in the lists that have it; "" where it can."""
    for item in _same(document, offset):
        if isinstance(item, Dependency) and not _is_name_for_conda(new):
            return f"`{new}` is no name of a conda package: letters, digits, `-`, `_` and `.` are"
        if isinstance(item, Requirement) and not _is_name_for_pip(new):
            return f"`{new}` is no name of a package for pip: letters, digits, `-`, `_` and `.` are"
    return ""


def rename(document: Document, offset: int, new: str) -> Changes | None:
    """The edits that give the package at `offset` another name, which must be legal (`why_not`)."""
    edits = tuple(dict.fromkeys(_renamed(item, new) for item in _same(document, offset)))
    return Changes({document.path: edits}) if edits else None


def _item_at(document: Document, offset: int) -> Dependency | Requirement | None:
    return next((item for item in _items(document, offset) if item.name_span.touches(offset)), None)


def _same(document: Document, offset: int) -> list[Dependency | Requirement]:
    """The items with the name of the one at `offset`."""
    here = _item_at(document, offset)
    return [item for item in _items(document) if _name(item) == _name(here)] if here else []


def _items(document: Document, at: int | None = None) -> Iterator[Dependency | Requirement]:
    """The items, those at an offset if one is given, whose name is written as it is, in one piece."""
    for mention in document.mentions if at is None else document.mentions_at(at):
        if isinstance(mention, Dependency | Requirement) and _name(mention):
            span = mention.name_span
            written = mention.spec.name_part.text if isinstance(mention, Dependency) else mention.line.name_part.text
            if document.text[span.start : span.end] == written:
                yield mention


def _name(item: Dependency | Requirement) -> str:
    """The name of an item that can be renamed, as pip compares names; "" for an item without."""
    if isinstance(item, Requirement):
        return item.line.name if item.line.kind in ("requirement", "address") and not _in_address(item) else ""
    spec = item.spec
    return "" if spec.archive or spec.feature or "*" in spec.name else normalised(spec.name)


def _in_address(item: Requirement) -> bool:
    """Whether the name is that of a file."""
    value = item.line.value
    return value is not None and value.start <= item.line.name_part.start < value.end


def _is_name_for_conda(new: str) -> bool:
    spec = matchspec.parse(new)
    return bool(new) and spec.name_part.text == new and not spec.problem and "*" not in new


def _is_name_for_pip(new: str) -> bool:
    line = requirement.parse(new)
    return line.kind == "requirement" and line.name_part.text == new and not line.problem


def _renamed(item: Dependency | Requirement, new: str) -> Edit:
    """The edit of one item; a name that would be no text for YAML is quoted."""
    node, part = item.node, item.spec.name_part if isinstance(item, Dependency) else item.line.name_part
    value = node.value[: part.start] + new + node.value[part.end :]
    if node.style is Style.PLAIN and (written := as_text(value)) != value:
        return Edit(node.span, written)
    return Edit(item.name_span, new)
