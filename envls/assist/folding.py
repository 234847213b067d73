"""What an editor can fold: lists, mappings and texts of several lines below their key, and comments.

An editor that is told of any range asks nobody else, and no indentation: so everything that stands deeper belongs to one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from envls.document import Document
from envls.syntax import Mapping, Node, Scalar, Sequence, walk
from envls.text import Lines, Span


class Fold(NamedTuple):
    """Lines from 0, both included; the first stays to be seen. `comment`: all of them are."""

    first: int
    last: int
    comment: bool = False


def folding_ranges(document: Document, most: int | None = None) -> list[Fold]:
    """The folds of a document in the order of the text; of those that begin on one line the widest. At most `most`, if given."""
    lines = document.lines
    remarks = _remarks(document)
    widest: dict[int, Fold] = {}
    for start, end, flow in _blocks(document.tree.root):
        first, last = lines.place(start)[0], lines.place(max(end - 1, start))[0]
        if last > first:
            fold = Fold(first, last - 1 if flow else _with_remarks(document, lines, first, last, remarks))
            if fold.last > first and (first not in widest or fold.last > widest[first].last):
                widest[first] = fold
    found = [*widest.values(), *_runs(sorted(remarks))]
    found.sort(key=lambda fold: (fold.first - fold.last, fold.first))
    return sorted(found[:most])


def _blocks(root: Node | None) -> Iterator[tuple[int, int, bool]]:
    """Where what may be folded begins and ends; what is in brackets ends on a line that stays."""
    for node in walk(root):
        if isinstance(node, Sequence):
            if node.flow:
                yield node.span.start, node.span.end, True
                continue
            for item, dash in zip(node.items, node.dashes, strict=True):
                if _may_be_long(item):
                    yield dash, _end(item), _is_flow(item)
        elif isinstance(node, Mapping):
            if node.flow:
                yield node.span.start, node.span.end, True
                continue
            for entry in node.entries:
                if _may_be_long(entry.value):
                    yield entry.key.start, _end(entry.value), _is_flow(entry.value)


def _may_be_long(node: Node) -> bool:
    return not isinstance(node, Scalar) or "\n" in node.text.raw or "\r" in node.text.raw


def _end(node: Node) -> int:
    """Where what a node says ends: the blank lines behind a text of several lines fold with it only where more follows."""
    return node.start + len(node.text.raw.rstrip()) if isinstance(node, Scalar) else node.span.end


def _is_flow(node: Node) -> bool:
    return isinstance(node, Sequence | Mapping) and node.flow


def _remarks(document: Document) -> set[int]:
    """The lines that hold a comment alone."""
    lines, text = document.lines, document.text
    numbers = ((lines.place(comment.start)[0], comment.start) for comment in document.tree.comments)
    return {line for line, start in numbers if not text[lines.starts[line] : start].strip()}


def _with_remarks(document: Document, lines: Lines, first: int, last: int, remarks: set[int]) -> int:
    """The last line of a block, with the comments behind it that stand as deep as what is in it."""
    column = _column(document.text, lines.span(first))
    line = end = last
    while line + 1 < len(lines):
        line += 1
        span = lines.span(line)
        if line in remarks and _column(document.text, span) > column:
            end = line
        elif line in remarks or document.text[span.start : span.end].strip():
            break
    return end


def _column(text: str, line: Span) -> int:
    written = text[line.start : line.end]
    return len(written) - len(written.lstrip())


def _runs(numbers: list[int]) -> Iterator[Fold]:
    """Lines that follow each other, two at least."""
    start = previous = -2
    for number in (*numbers, -2):
        if number != previous + 1:
            if previous > start >= 0:
                yield Fold(start, previous, comment=True)
            start = number
        previous = number
