"""The lines of a text that have content, and the comments that have a line of their own.

Only the first document of a file counts; what goes on with it behind a stray `---` is part of it. What may not stand in
YAML at all, and what indents and is no space, are problems of this room; the rest of the line is read all the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from envls.syntax.heads import Begins, head
from envls.syntax.tree import Problem
from envls.text import Edit, Lines, Span

SHOWN = 50  # problems of the same kind
FORBIDDEN = "\ufffd"  # stands for a character that YAML forbids
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WIDTHS = {"\t": 2, "\ufeff": 0, "\u200b": 0, FORBIDDEN: 0}
_BLANKS = "\t\ufeff\u200b\xa0\u3000" + FORBIDDEN + "".join(map(chr, range(0x2000, 0x200B)))
_UNUSUAL = frozenset("#" + _BLANKS)


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
    return _UNPRINTABLE.sub(FORBIDDEN, text) if found else text, problems


class Outline(NamedTuple):
    """The lines with content, what is wrong with the indentation of some, and the comments beside them."""

    lines: list[Line]
    odd: dict[int, Problem]
    comments: list[Span]


def content_lines(text: str, lines: Lines, problems: list[Problem]) -> Outline:
    """The lines of the first document; `odd` is by the offset of what is indented with other characters than spaces."""
    page = _Outlines(text, problems)
    found = page.found
    starts = lines.starts
    new = tuple.__new__  # a NamedTuple's own constructor costs twice as much, once for each line
    for start, end in zip(starts, (*starts[1:], len(text)), strict=True):
        indent, content, is_plain = outline(text[start:end])
        if is_plain and not page.behind_mark:
            found.append(new(Line, (start + indent, indent, content)))
        elif content and not page.takes(start, indent, content):
            break
    return Outline(found, page.odd, page.comments)


@lru_cache(maxsize=1 << 17)
def outline(line: str) -> tuple[int, str, bool]:
    """How deep a line is indented, its content without trailing blanks, and whether it is nothing but content."""
    bare = line.rstrip(" \t\r\n")
    content = bare.lstrip(" ")
    indent = len(bare) - len(content)
    is_plain = bool(content) and content[0] not in _UNUSUAL and not (indent == 0 and content[0] in "-.%")
    return indent, content, is_plain


@dataclass
class _Outlines:
    """What was found of a text so far; `behind_mark` says that the last line was a mark between documents."""

    text: str
    problems: list[Problem]
    found: list[Line] = field(default_factory=list)
    comments: list[Span] = field(default_factory=list)
    begun: bool = False
    behind_mark: bool = False
    odd: dict[int, Problem] = field(default_factory=dict)

    def takes(self, start: int, indent: int, content: str) -> bool:
        """Take a line that may be more than content; False where the document ends before it."""
        at, is_odd = start + indent, False
        if at == 0 and content[0] == "\ufeff":
            bare = content[1:].lstrip(" ")
            indent = len(content) - 1 - len(bare)
            at, content = 1 + indent, bare
        if content[:1] and content[0] in _BLANKS:
            bare = content.lstrip(" " + _BLANKS)
            is_odd = content[0] == "\t" or (bool(bare) and head(bare).begins in (Begins.ITEM, Begins.KEY))
            if is_odd:
                at, content = at + len(content) - len(bare), bare
        if not content:
            return True
        if content[0] == "#":
            self.comments.append(Span(at, at + len(content)))
            if is_odd:
                self._odd_indent(start, at)
            return True
        mark = _document_mark(content) if indent == 0 and not is_odd and content[0] in "-.%" else ""
        if mark:
            rest = self._mark(mark, start, content)
            if not rest:
                return True
            at, content = at + len(content) - len(rest), rest
        elif self.behind_mark and not self._goes_on(indent, content):
            return False
        self.behind_mark = False
        self.found.append(Line(at, self._odd_indent(start, at) if is_odd else indent, content))
        return True

    def _odd_indent(self, start: int, at: int) -> int:
        """How deep a line is that is indented with other characters than spaces."""
        blanks = self.text[start:at]
        indent = sum(_WIDTHS.get(blank, 1) for blank in blanks)
        seen = blanks.strip(" " + FORBIDDEN)
        if seen:
            fix = ("Indent with spaces", Edit(Span(start, at), " " * indent))
            shown = "a tab" if "\t" in seen else f"U+{ord(seen[0]):04X}"
            self.odd[at] = Problem(Span(start, at), f"{shown} cannot indent in YAML; use spaces", fix)
        return indent

    def _mark(self, mark: str, start: int, content: str) -> str:
        """What stands behind a mark on its line and is content."""
        if mark == "%" and not self.begun:
            return ""
        if mark == "---" and not self.begun and not self.found:
            self.begun = True
            rest = content[3:].lstrip(" \t")
            return "" if rest.startswith("#") else rest
        if mark == "%":
            return content
        if not self.behind_mark:
            self.behind_mark = True
            message = "only the first document of a file is read; a second one begins here"
            if mark == "---" or _MORE.match(self.text, start + len(content)):
                self.problems.append(Problem(Span(start, start + 3), message))
        return ""

    def _goes_on(self, indent: int, content: str) -> bool:
        """Whether a line behind a mark goes on with the document before it: the mark stands there by mistake."""
        begins = head(content)
        outer = [line for line in self.found if line.indent == 0]
        if begins.begins is Begins.KEY and indent == 0:
            return all(head(line.content).text.value != begins.text.value for line in outer)
        waits = bool(self.found) and self.found[-1].content.endswith(":")
        return indent > 0 or waits or any(head(line.content).begins is begins.begins for line in outer)


_MORE = re.compile(r"[ \t]*(?:[\r\n](?:[ \t]*(?:#[^\r\n]*)?[\r\n])*[ \t]*[^\s#.])")


def _document_mark(content: str) -> str:
    """`---`, `...` or `%` where a line is a mark between documents or a directive, else nothing."""
    if content.startswith(("%YAML ", "%TAG ")):
        return "%"
    return content[:3] if content[:3] in ("---", "...") and content[3:4] in ("", " ", "\t") else ""
