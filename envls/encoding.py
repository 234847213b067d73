"""The bytes of a file and its text: how one is read from the other, so that it can be written back byte for byte.

Every tool reads UTF-8. UTF-16 and UTF-32 are known by their byte order mark or, as YAML 1.2 has it (section 5.2), by
the zeros of their first character. What is none of these is read all the same: each byte that is no UTF-8 becomes
one character of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_ZEROS = (
    (re.compile(rb"\x00\x00\x00[^\x00]"), "utf-32-be"),
    (re.compile(rb"[^\x00]\x00\x00\x00"), "utf-32-le"),
    (re.compile(rb"\x00[^\x00]"), "utf-16-be"),
    (re.compile(rb"[^\x00]\x00"), "utf-16-le"),
)
_ESCAPED = re.compile("[\udc80-\udcff]")


class Stray(NamedTuple):
    """A byte that is nothing in the encoding of its file, and where in the text it stands."""

    offset: int
    byte: int


@dataclass(frozen=True, slots=True)
class Encoding:
    """How bytes are text: Python's name of the codec, the byte order mark, and the first byte that it cannot read."""

    codec: str = "utf-8"
    mark: bytes = b""
    stray: Stray | None = None

    @property
    def name(self) -> str:
        """As a person writes it: UTF-8, UTF-16 or UTF-32."""
        return "-".join(self.codec.upper().split("-")[:2])

    @property
    def is_utf8(self) -> bool:
        return self.codec == "utf-8"

    def of(self, text: str) -> Encoding:
        """The same for another text of the file."""
        return replace(self, stray=next(stray_bytes(text), None)) if self.is_utf8 else self


UTF8 = Encoding()


def decode(raw: bytes) -> tuple[str, Encoding]:
    """The text of a file, without its byte order mark, and how it is encoded. Never fails."""
    for mark, codec in _MARKS:
        if raw.startswith(mark):
            return _decoded(raw[len(mark) :], codec, mark)
    for zeros, codec in _ZEROS:
        if zeros.match(raw):
            text, encoding = _decoded(raw, codec, b"")
            if encoding.stray is None and len(text.encode("ascii", "ignore")) > len(text) // 2:
                return text, encoding
    return _decoded(raw, "utf-8", b"")


def _decoded(raw: bytes, codec: str, mark: bytes) -> tuple[str, Encoding]:
    try:
        return raw.decode(codec), Encoding(codec, mark)
    except UnicodeDecodeError as error:
        before = len(raw[: error.start].decode(codec))
        text = raw.decode(codec, "surrogateescape" if codec == "utf-8" else "replace")
        return text, Encoding(codec, mark, Stray(before, raw[error.start]))


def encode(text: str, encoding: Encoding) -> bytes:
    """The bytes of a text: those that `decode` has read, where nothing but UTF-8 has stray bytes in it."""
    return encoding.mark + text.encode(encoding.codec, "surrogateescape")


def stray_bytes(text: str) -> Iterator[Stray]:
    """The bytes of a decoded text that are no UTF-8."""
    return (Stray(found.start(), ord(found.group()) - 0xDC00) for found in _ESCAPED.finditer(text))
