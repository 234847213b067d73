"""What a file consists of, as a tree of names: keys, and what stands in lists, packages with their versions.

It is the tree of the text, whatever the format; only what a line of a list names is asked of its mention. Every symbol
has a name, its name lies within it, and it lies within its parent: editors refuse or misplace what does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from envls.document import Document
from envls.formats.conda.environment import ChannelRef, Dependency, Requirement
from envls.syntax import Alias, Entry, Mapping, Node, Scalar, Sequence, resolved
from envls.syntax import Kind as Meaning
from envls.text import Span
from envls.url import redact

DEEPEST = 40
"""Levels of an outline: a person reads none that deep."""
MOST = 1000
"""Items of one list: editors ask at every change, and who looks for one among more searches the text."""
LONGEST = 80
"""Characters of a name or a detail."""
_SECRET = re.compile(
    r".*(?:password|passwd|pwd|secret|token|credentials?|connection_?string)(?![a-z]).*|.*(?:key|sas)", re.IGNORECASE
)
"""Keys whose values an outline, which others see on a shared screen, does not repeat."""
_ORDINARY = re.compile(r"[\w.,<>=*!\[\]\"'-]*", re.ASCII)
"""What is on one line and holds no secret."""


class Kind(Enum):
    """What a symbol is, for the icon that an editor shows."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    NOTHING = "nothing"
    LIST = "list"
    MAPPING = "mapping"
    CHANNEL = "channel"
    PACKAGE = "package"
    OPTION = "option"


_MEANINGS = {
    Meaning.BOOLEAN: Kind.BOOLEAN,
    Meaning.INTEGER: Kind.NUMBER,
    Meaning.NUMBER: Kind.NUMBER,
    Meaning.NOTHING: Kind.NOTHING,
}
_SAYING = ("name", "id", "type")
"""The keys that tell best which item of a list it is."""


class Symbol(NamedTuple):
    """Something at `span`, called `name` in the words at `selection`; `detail` says more about it."""

    name: str
    detail: str
    kind: Kind
    span: Span
    selection: Span
    children: tuple[Symbol, ...] = ()


def outline(document: Document) -> list[Symbol]:
    """The symbols of a document at its top."""
    said: dict[int, Dependency | Requirement | ChannelRef] = {
        mention.span.start: mention
        for mention in document.mentions
        if isinstance(mention, Dependency | Requirement | ChannelRef)
    }
    root = document.tree.root
    return list(_below(root, said, 0)) if document.content is not None and root is not None else []


_Said = dict[int, "Dependency | Requirement | ChannelRef"]


def _below(node: Node, said: _Said, depth: int) -> tuple[Symbol, ...]:
    if depth > DEEPEST:
        return ()
    if isinstance(node, Mapping):
        return tuple([_of_entry(entry, entry.key.start, said, depth) for entry in node.entries])
    if isinstance(node, Sequence):
        shown = zip(node.items[:MOST], node.dashes[:MOST], strict=True)
        return (*(_of_item(item, dash, said, depth) for item, dash in shown), *_rest(node))
    return ()


def _rest(node: Sequence) -> Iterator[Symbol]:
    """One symbol for all that a long list has more."""
    if len(node.items) > MOST:
        first = node.dashes[MOST]
        end = max(first, node.items[-1].span.end)
        yield _symbol(f"… {len(node.items) - MOST} more", "", Kind.LIST, Span(first, end), node.items[MOST].span)


def _of_entry(entry: Entry, start: int, said: _Said, depth: int) -> Symbol:
    """A key with what stands below it; `start` is where it begins, with its dash where it is all of an item."""
    value = entry.value
    detail = value.value if isinstance(value, Scalar) else f"*{value.name}" if isinstance(value, Alias) else ""
    if detail and _SECRET.fullmatch(entry.key.value):
        detail = "…"
    return _symbol(
        entry.key.value,
        detail,
        _kind(value),
        Span(start, value.span.end),
        entry.key.span,
        _below(value, said, depth + 1),
    )


def _of_item(node: Node, dash: int, said: _Said, depth: int) -> Symbol:
    span = Span(dash, max(dash, node.span.end))
    if isinstance(node, Scalar):
        mention = said.get(node.span.start)
        if mention is not None and mention.node is node:
            return _of_mention(mention, span)
        return _symbol(node.value, "", _kind(node), span, node.span)
    if isinstance(node, Alias):
        return _symbol(f"*{node.name}", "", Kind.TEXT, span, node.span)
    if isinstance(node, Mapping) and len(node.entries) == 1:
        return _of_entry(node.entries[0], dash, said, depth)
    if isinstance(node, Mapping) and node.entries:
        entry = next((found for key in _SAYING if (found := node.entry(key))), node.entries[0])
        told = entry.value.value if isinstance(entry.value, Scalar) else ""
        return _symbol(told or entry.key.value, "", Kind.MAPPING, span, entry.span, _below(node, said, depth + 1))
    return _symbol("", "", _kind(node), span, node.span, _below(node, said, depth + 1))


def _of_mention(mention: Dependency | Requirement | ChannelRef, span: Span) -> Symbol:
    node = mention.node
    if isinstance(mention, ChannelRef):
        return _symbol(node.value, "", Kind.CHANNEL, span, node.span)
    if isinstance(mention, Dependency):
        spec = mention.spec
        asked = spec.text[spec.name_part.end :].strip() if spec.name_part.text else ""
        detail = " · ".join(filter(None, (asked, spec.channel.text if spec.channel else "")))
        return _symbol(spec.name_part.text or spec.text, detail, Kind.PACKAGE, span, node.span)
    line = mention.line
    if line.kind != "requirement":
        named = bool(line.name) and line.kind != "option"
        kind = Kind.PACKAGE if named or line.kind in ("address", "path") else Kind.OPTION
        return _symbol(line.name if named else line.text, line.text if named else "", kind, span, node.span)
    detail = line.text[line.name_part.end :].strip() if line.name else ""
    return _symbol(line.name_part.text or line.text, detail, Kind.PACKAGE, span, node.span)


def _symbol(
    name: str, detail: str, kind: Kind, span: Span, selection: Span, children: tuple[Symbol, ...] = ()
) -> Symbol:
    """A symbol that holds its name and its children, also where a broken text has been read as it may be meant."""
    inner = (selection, *(child.span for child in children))
    if not all(span.start <= one.start and one.end <= span.end for one in inner):
        span = Span(min(span.start, *(one.start for one in inner)), max(span.end, *(one.end for one in inner)))
    return Symbol(_short(name) or "…", _short(detail), kind, span, selection, children)


def _short(text: str) -> str:
    if len(text) <= LONGEST and _ORDINARY.fullmatch(text):
        return text
    line = " ".join(redact(text[: 10 * LONGEST]).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _kind(node: Node) -> Kind:
    if isinstance(node, Scalar):
        return _MEANINGS.get(resolved(node), Kind.TEXT)
    return Kind.LIST if isinstance(node, Sequence) else Kind.MAPPING if isinstance(node, Mapping) else Kind.TEXT
