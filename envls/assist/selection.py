"""What a selection grows to, step by step: a part of a version, its spec, the item, the list, the section, the file."""

from __future__ import annotations

from collections.abc import Iterator

from envls.assist import pieces
from envls.document import Document
from envls.formats.conda.environment import Dependency, Requirement
from envls.syntax import Mapping, Node, Scalar, Sequence, Style
from envls.text import Span


def selection_ranges(document: Document, offset: int) -> list[Span]:
    """The spans around a cursor, the innermost first; each holds the one before and is larger."""
    spans = {Span(0, len(document.text)), *_comment(document, offset)}
    if document.tree.root is not None:
        spans.update(_around(document.tree.root, offset))
    for mention in document.mentions_at(offset):
        if isinstance(mention, Dependency | Requirement):
            spans.update(_in_item(mention))
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.end - span.start, span.start)):
        if span.touches(offset) and (not found or _holds(span, found[-1])):
            found.append(span)
    return found


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end and outer != inner


def _comment(document: Document, offset: int) -> Iterator[Span]:
    for comment in document.tree.comments:
        if comment.touches(offset):
            yield comment
            yield document.lines.span(document.lines.place(comment.start)[0])


def _around(node: Node, offset: int) -> Iterator[Span]:
    """The nodes around a cursor, lists and mappings with what stands before them."""
    here: Node | None = node
    while here is not None:
        yield here.span
        below: Node | None = None
        if isinstance(here, Sequence):
            for item, dash in zip(here.items, here.dashes, strict=True):
                if dash <= offset <= max(dash, item.span.end):
                    yield Span(dash, max(dash, item.span.end))
                    below = item
        elif isinstance(here, Mapping):
            for entry in here.entries:
                if entry.span.touches(offset):
                    yield entry.span
                    yield from _scalar(entry.key)
                    below = entry.value
        elif isinstance(here, Scalar):
            yield from _scalar(here)
        here = below


def _scalar(node: Scalar) -> Iterator[Span]:
    yield node.span
    if node.style in (Style.SINGLE, Style.DOUBLE):
        yield node.within(0, len(node.value))


def _in_item(item: Dependency | Requirement) -> Iterator[Span]:
    """The piece of a spec at the cursor, and what it is a part of."""
    node = item.node
    parts = pieces.of_spec(item.spec.text) if isinstance(item, Dependency) else pieces.of_line(item.line.text)
    for piece in parts:
        yield node.within(piece.start, piece.end)
    for part in (item.spec.version, item.spec.brackets) if isinstance(item, Dependency) else (item.line.version,):
        if part:
            yield node.within(part.start, part.end)
    if isinstance(item, Requirement) and (marker := item.line.marker) and marker.text:
        start = item.line.text.find(marker.text, marker.start)
        yield node.within(start, start + len(marker.text))
