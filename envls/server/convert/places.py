"""Offsets in our texts to the protocol's positions and back. UTF-16 (or what was agreed instead) ends here."""

from __future__ import annotations

from typing import NamedTuple

from lsprotocol import types as lsp

from envls.text import Lines, Span

_SIZES = {"utf-8": 1, "utf-16": 2, "utf-32": 4}


class Encoding(NamedTuple):
    """The unit in which the editor counts columns."""

    codec: str
    size: int

    @classmethod
    def of(cls, name: str | None) -> Encoding:
        name = name if name in _SIZES else "utf-16"
        return cls(name if name == "utf-8" else f"{name}-le", _SIZES[name])

    def units(self, text: str) -> int:
        """How many units a text has."""
        return len(text) if text.isascii() else len(text.encode(self.codec, "surrogatepass")) // self.size

    def characters(self, line: str, units: int) -> int:
        """How many characters of `line` stand before a column; a column within a character is its end."""
        if line.isascii():
            return min(units, len(line))
        return len(self._decoded(line.encode(self.codec, "surrogatepass")[: units * self.size]))

    def spliced(self, first: str, start: int, text: str, last: str, end: int) -> str:
        """What stands in `first` before column `start`, then `text`, then what stands in `last` from column `end`.

        The end of a line has no columns: that of `last` stays, that of `first` goes.
        """
        head, tail = first.rstrip("\r\n"), last.rstrip("\r\n")
        line_end = last[len(tail) :]
        if head.isascii() and tail.isascii():
            return head[:start] + text + tail[end:] + line_end
        encoded = (part.encode(self.codec, "surrogatepass") for part in (head, text, tail))
        before, between, after = encoded
        return self._decoded(before[: start * self.size] + between + after[end * self.size :]) + line_end

    def _decoded(self, raw: bytes) -> str:
        try:
            return raw.decode(self.codec, "surrogatepass")
        except UnicodeDecodeError:  # UTF-8, cut within a character
            return raw.decode(self.codec, "replace")


class Places:
    """Places of one text: offsets to the protocol's positions and back."""

    def __init__(self, lines: Lines, encoding: Encoding) -> None:
        self._lines = lines
        self._encoding = encoding
        self._plain = lines.text.isascii()

    def place(self, offset: int) -> tuple[int, int]:
        line, column = self._lines.place(offset)
        if self._plain:
            return line, column
        start = self._lines.starts[line]
        return line, self._encoding.units(self._lines.text[start:offset])

    def width(self, start: int, end: int) -> int:
        """How many columns lie between two offsets of one line."""
        return end - start if self._plain else self._encoding.units(self._lines.text[start:end])

    def range(self, span: Span) -> lsp.Range:
        return lsp.Range(lsp.Position(*self.place(span.start)), lsp.Position(*self.place(span.end)))

    def plain_range(self, span: Span) -> dict[str, dict[str, int]]:
        line, column = self.place(span.start)
        last, end = self.place(span.end)
        return {"start": {"line": line, "character": column}, "end": {"line": last, "character": end}}

    def offset(self, position: lsp.Position) -> int:
        """The offset of a position; one behind the end of its line or of the text means that end."""
        if position.line >= len(self._lines):
            return len(self._lines.text)
        span = self._lines.span(position.line)
        line = self._lines.text[span.start : span.end]
        return span.start + self._encoding.characters(line, position.character)

    def span(self, range_: lsp.Range) -> Span:
        start = self.offset(range_.start)
        return Span(start, max(start, self.offset(range_.end)))
