"""The text of an open document, kept line by line so that a keystroke costs its line.

Lines end with LF, CRLF or CR and with nothing else, as the protocol says (pygls' own copy also breaks at form feeds
and at U+2028, and loses its place there). Columns count code units of the encoding agreed with the editor; they are
replaced in that encoding, so that an edit may even cut a surrogate pair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envls.text import NEWLINE

if TYPE_CHECKING:
    from lsprotocol.types import Position

    from envls.server.convert import Encoding


def split(text: str) -> list[str]:
    """The lines of a text with their ends; the last has none, and is "" after a line end."""
    if "\r" not in text:
        lines = [line + "\n" for line in text.split("\n")]
        lines[-1] = lines[-1][:-1]
        return lines
    lines = []
    start = 0
    for end in NEWLINE.finditer(text):
        lines.append(text[start : end.end()])
        start = end.end()
    lines.append(text[start:])
    return lines


class Range(NamedTuple):
    start: Position
    end: Position


class Text:
    """A text that changes."""

    def __init__(self, text: str, encoding: Encoding) -> None:
        self._encoding = encoding
        self._lines = split(text)
        self._joined: str | None = text

    def __str__(self) -> str:
        if self._joined is None:
            self._joined = "".join(self._lines)
        return self._joined

    def replace_all(self, text: str) -> None:
        self._lines = split(text)
        self._joined = text

    def replace(self, start: Position, end: Position, text: str) -> None:
        """Put `text` between two places. A place behind the end of its line or of the text means that end."""
        lines = self._lines
        last_line = len(lines) - 1
        first, first_column = (start.line, start.character) if start.line <= last_line else (last_line, 1 << 31)
        last, last_column = (end.line, end.character) if end.line <= last_line else (last_line, 1 << 31)
        last, last_column = max((last, last_column), (first, first_column))
        new = self._encoding.spliced(lines[first], first_column, text, lines[last], last_column)
        if first and lines[first - 1].endswith("\r") and new.startswith("\n"):
            first -= 1  # the two have become one line end
            new = lines[first] + new
        made = split(new)
        if last < last_line:
            made.pop()  # what follows is a line already
        lines[first : last + 1] = made
        self._joined = None
