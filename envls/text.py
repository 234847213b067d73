"""Places in a text, and changes to it.

An offset counts characters (code points) from 0; a `Span` is half open. Nothing here knows YAML, files or
the protocol; UTF-16 is the business of `server/convert/places.py`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

NEWLINE = re.compile(r"\r\n|\n|\r")


class Span(NamedTuple):
    """From `start` up to, not including, `end`."""

    start: int
    end: int

    def touches(self, offset: int) -> bool:
        """Whether a cursor at `offset` stands in the span or at one of its ends."""
        return self.start <= offset <= self.end

    def meets(self, other: Span) -> bool:
        """Whether a selection `other`, which may be empty, shares a character or an end with the span."""
        return self.start <= other.end and other.start <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two share a character, or one is empty and stands inside or at the start of the other."""
        return (self.start < other.end and other.start < self.end) or self.start == other.start

    def moved(self, by: int) -> Span:
        return Span(self.start + by, self.end + by)


class Edit(NamedTuple):
    """Replace what stands at `span` by `text`."""

    span: Span
    text: str


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text after all `edits`. Raises ValueError when two of them overlap."""
    parts: list[str] = []
    done = 0
    for edit in sorted(set(edits)):
        if edit.span.start < done:
            raise ValueError(f"overlapping edits at {edit.span.start}")
        parts += (text[done : edit.span.start], edit.text)
        done = edit.span.end
    return "".join((*parts, text[done:]))


class Lines:
    """Offsets to (line, column) and back, both from 0. A line ends with LF, CRLF or CR, as in the protocol."""

    def __init__(self, text: str) -> None:
        self.text = text
        if "\r" in text:
            self.starts = [0, *(found.end() for found in NEWLINE.finditer(text))]
        else:
            self.starts = [0]
            at = text.find("\n") + 1
            while at:
                self.starts.append(at)
                at = text.find("\n", at) + 1

    def __len__(self) -> int:
        return len(self.starts)

    def place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.starts, offset) - 1
        return line, offset - self.starts[line]

    def offset(self, line: int, column: int) -> int:
        """The offset of a place; one past the end of its line or of the text is moved back to that end."""
        if line >= len(self.starts):
            return len(self.text)
        return min(self.starts[line] + column, self.span(line).end)

    def span(self, line: int) -> Span:
        """A line without its end."""
        start = self.starts[line]
        if line + 1 == len(self.starts):
            return Span(start, len(self.text))
        end = self.starts[line + 1]
        return Span(start, end - (2 if self.text[end - 2 : end] == "\r\n" else 1))

    def whole(self, line: int) -> Span:
        """A line with its end."""
        return Span(self.starts[line], self.starts[line + 1] if line + 1 < len(self.starts) else len(self.text))
