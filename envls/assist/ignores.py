"""Comments that quieten a finding: behind its line, or for the whole file. One that is there gets the code too."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from envls.check import NOT_YAML, Found
from envls.document import Document
from envls.ignoring import ignore_comments
from envls.syntax import Mapping, Node, Scalar, Sequence
from envls.text import Edit, Span
from envls.write import newline

_STATEMENT = re.compile(r"\{[%#]|[%#]\}")


def ignores(document: Document, one: Found) -> Iterator[tuple[str, Edit]]:
    """What quietens a finding, with a title each; nothing where the file has no place for a comment."""
    if one.rule.name in NOT_YAML or _is_json(document):
        return
    if edit := _here(document, one):
        yield f"Ignore {one.rule.code} here", edit
    yield f"Ignore {one.rule.code} in this file", _in_file(document, one.rule.code)


def _is_json(document: Document) -> bool:
    return document.path.suffix.lower() == ".json" or document.text.lstrip()[:1] == "{"


def _here(document: Document, one: Found) -> Edit | None:
    lines = document.lines
    line = lines.span(lines.place(one.finding.span.start)[0])
    comments = document.tree.comments
    first = bisect_left(comments, (line.start,))
    comment = next((one for one in comments[first : first + 1] if one.start < line.end), None)
    if comment is None:
        if _goes_on(document.tree.root, line.end):
            return None  # a comment would be a part of the text
        if _STATEMENT.search(document.text, line.start, line.end):
            return None  # a statement of Jinja has its line for itself
        at = line.start + len(document.text[line.start : line.end].rstrip())
        return Edit(Span(at, at), f"  # envls: ignore {one.rule.code}")
    known = next((other for other in ignore_comments(document) if other.span == comment), None)
    if known is not None and not known.whole_file:
        at = known.codes[-1][1].end if known.codes else comment.end
        return Edit(Span(at, at), f" {one.rule.code}")
    return Edit(Span(comment.start, comment.start), f"# envls: ignore {one.rule.code} ")


def _goes_on(node: Node | None, end: int) -> bool:
    """Whether a text is written on both sides of the line end `end`."""
    while node is not None and not isinstance(node, Scalar):
        if isinstance(node, Sequence):
            # the last that begins there: a list may have thousands
            last = bisect_right(node.items, end, key=lambda item: item.span.start) - 1
            node = node.items[last] if last >= 0 and end < node.items[last].span.end else None
        elif isinstance(node, Mapping):
            parts = (part for entry in node.entries for part in (entry.key, entry.value))
            node = next((part for part in parts if part.span.start <= end < part.span.end), None)
        else:
            return False
    return node is not None and node.span.start < end < node.span.end


def _in_file(document: Document, code: str) -> Edit:
    """In the comment for the whole file that has codes, or in a new one: at the top, below what must stand first."""
    known = next((one for one in ignore_comments(document) if one.whole_file and one.codes), None)
    if known is not None:
        at = known.codes[-1][1].end
        return Edit(Span(at, at), f" {code}")
    first = 0
    while document.text.startswith(("%", "#!"), document.lines.starts[first]) and first + 1 < len(document.lines):
        first += 1
    at = document.lines.starts[first]
    return Edit(Span(at, at), f"# envls: ignore-file {code}{newline(document.text)}")
