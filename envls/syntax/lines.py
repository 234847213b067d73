"""The lines of a text that have content, and the comments that have a line of their own.

Only the first document of a file counts. What may not stand in YAML at all, and tabs that indent, are problems of
this room; the rest of the line is read all the same.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from envls.syntax.tree import Problem
from envls.text import Edit, Lines, Span

SHOWN = 50  # problems of the same kind
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MORE = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?[\r\n])*[ \t]*[^\s#.]")


class Line(NamedTuple):
    """A line with something on it: where its content stands, how deep, and its content without trailing blanks."""

    start: int
    indent: int
    content: str


def printable(text: str) -> tuple[str, list[Problem]]:
    """The text with each character that YAML forbids replaced, so that the rest can be read. Offsets stay."""
    if text.isascii() and text.isprintable():
        return text, []
    bom = text.startswith("\ufeff")
    found = list(_UNPRINTABLE.finditer(text, 1 if bom else 0))
    problems = [
        Problem(Span(*place.span()), f"the character U+{ord(place.group()):04X} may not stand in YAML")
        for place in found[:SHOWN]
    ]
    return _UNPRINTABLE.sub("\ufffd", text) if found else text, problems


def content_lines(text: str, lines: Lines, problems: list[Problem]) -> tuple[list[Line], list[Span]]:
    """The lines of the first document that have content, and the comments on lines of their own."""
    found: list[Line] = []
    comments: list[Span] = []
    begun = False
    tabs = 0
    starts = lines.starts
    new = tuple.__new__  # a NamedTuple's own constructor costs twice as much, once for each line
    for start, end in zip(starts, (*starts[1:], len(text)), strict=True):
        indent, content, is_plain = outline(text[start:end])
        if not content:
            continue
        at = start + indent
        if is_plain:
            found.append(new(Line, (at, indent, content)))
            continue
        line = text[start:end].rstrip(" \t\r\n")
        first = content[0]
        if first == "\ufeff" and start == 0:
            at, content = 1, content[1:]
            first = content[:1]
            if not first:
                continue
        if first == "#":
            comments.append(Span(at, start + len(line)))
            continue
        if indent == 0 and first in "-.%" and (mark := _document_mark(content)):
            if mark == "%" and not begun:
                continue
            if mark == "---" and not begun and not found:
                begun = True
                content = content[3:].lstrip(" \t")
                if not content or content[0] == "#":
                    continue
                at = start + len(line) - len(content)
            elif mark != "%":
                if mark == "---" or _MORE.match(text, end):
                    message = "only the first document of a file is read; a second one begins here"
                    problems.append(Problem(Span(start, start + 3), message))
                break
        if first == "\t":
            content = content.lstrip(" \t")
            at = start + len(line) - len(content)
            if content[0] == "#":
                comments.append(Span(at, start + len(line)))
                continue
            indent = len(text[start:at].replace("\t", "  "))
            tabs += 1
            if tabs <= SHOWN:
                fix = ("Indent with spaces", Edit(Span(start, at), " " * indent))
                problems.append(Problem(Span(start, at), "a tab cannot indent in YAML; use spaces", fix))
        found.append(Line(at, indent, content))
    return found, comments


@lru_cache(maxsize=1 << 17)
def outline(line: str) -> tuple[int, str, bool]:
    """How deep a line is indented, its content without trailing blanks, and whether it is nothing but content."""
    bare = line.rstrip(" \t\r\n")
    content = bare.lstrip(" ")
    indent = len(bare) - len(content)
    is_plain = bool(content) and content[0] not in "#\t\ufeff" and not (indent == 0 and content[0] in "-.%")
    return indent, content, is_plain


def _document_mark(content: str) -> str:
    """`---`, `...` or `%` where a line is a mark between documents or a directive, else nothing."""
    if content.startswith(("%YAML ", "%TAG ")):
        return "%"
    return content[:3] if content[:3] in ("---", "...") and content[3:4] in ("", " ", "\t") else ""
