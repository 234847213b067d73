"""The pieces of a match spec and of a line for pip: what each is, and where it stands in the item's value.

A pure function of the text of an item, and remembered: who colours or selects asks for all of a file. Pieces stand in
the order of the text and never overlap; what belongs to no piece (blanks, brackets, what nobody can read) has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from envls.formats.conda import matchspec, requirement
from envls.formats.conda.parts import NOWHERE, Part
from envls.formats.conda.pipoption import OPTIONS


class Kind(Enum):
    """What a piece is."""

    CHANNEL = "channel"
    NAME = "name"
    OPERATOR = "operator"
    VERSION = "version"
    BUILD = "build"
    FIELD = "field"  # a key in brackets
    TEXT = "text"  # the value of such a key, of a marker, of an option
    EXTRA = "extra"
    VARIABLE = "variable"  # of a marker
    WORD = "word"  # and, or, not, in
    OPTION = "option"
    ADDRESS = "address"
    PATH = "path"


class Piece(NamedTuple):
    """From character `start` up to `end` of the value."""

    kind: Kind
    start: int
    end: int


_CONDITIONS = re.compile(r"(?P<operator>[<>=!~]+|[,|])|(?P<version>[^\s,|<>=!~()]+)")
_FIELD = re.compile(r"(?P<key>[\w-]+)(?P<equals>=)(?P<quote>[\"']?)(?P<value>[^'\"]*?)(?P=quote)(?=[, ]|$)")
_MARKER = re.compile(
    r"(?P<text>\"[^\"]*\"|'[^']*')|(?P<operator>[<>=!~]+)|(?P<word>\b(?:and|or|not|in)\b)|(?P<variable>[A-Za-z_][\w.]*)"
)
_EXTRAS = re.compile(r"\s*\[([^\]]*)\]")
_WORD = re.compile(r"[A-Za-z0-9][\w.-]*")
_VALUES = {"url": Kind.ADDRESS, "file": Kind.PATH, "path": Kind.PATH}
_FIELD_VALUES = {"version": Kind.VERSION, "build": Kind.BUILD, "build_number": Kind.VERSION, "channel": Kind.CHANNEL}


@lru_cache(maxsize=1 << 15)
def of_spec(text: str) -> tuple[Piece, ...]:
    """The pieces of a match spec, as far as it can be read."""
    spec = matchspec.parse(text)
    return () if spec.feature else _in_order(_of_spec(spec))


@lru_cache(maxsize=1 << 15)
def of_line(text: str) -> tuple[Piece, ...]:
    """The pieces of a line of the `pip` section, as far as it can be read."""
    return _in_order(_of_line(requirement.parse(text)))


def _in_order(pieces: Iterator[Piece]) -> tuple[Piece, ...]:
    found: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: piece.start):
        if piece.end > piece.start and (not found or piece.start >= found[-1].end):
            found.append(piece)
    return tuple(found)


def _whole(kind: Kind, part: Part | None, text: str) -> Iterator[Piece]:
    """A part, where it stands in one piece: conda reads on over what it takes away in the middle."""
    if part and part != NOWHERE and text.startswith(part.text, part.start):
        yield Piece(kind, part.start, part.end)


def _conditions(part: Part | None, text: str) -> Iterator[Piece]:
    """The operators and versions of a part that is made of them."""
    for whole in _whole(Kind.VERSION, part, text):
        for found in _CONDITIONS.finditer(text, whole.start, whole.end):
            yield Piece(Kind(found.lastgroup), *found.span())


# -- conda ----------------------------------------------------------------------------------------------------


def _of_spec(spec: matchspec.MatchSpec) -> Iterator[Piece]:
    text = spec.text
    yield from _whole(Kind.NAME, spec.name_part, text)
    yield from _whole(Kind.CHANNEL, spec.channel, text)
    if spec.channel and (colons := text.find("::", spec.channel.end, spec.name_part.start)) >= 0:
        yield Piece(Kind.OPERATOR, colons, colons + 2)
    yield from _conditions(spec.version, text)
    if spec.build and spec.version:
        equals = text.find("=", spec.version.end, spec.build.start)
        if equals >= 0:
            yield Piece(Kind.OPERATOR, equals, equals + 1)
        yield from _whole(Kind.BUILD, spec.build, text)
    if spec.fields and spec.brackets:
        yield from _fields(spec.brackets, text)


def _fields(brackets: Part, text: str) -> Iterator[Piece]:
    for found in _FIELD.finditer(text, brackets.start + 1, brackets.end - 1):
        yield Piece(Kind.FIELD, *found.span("key"))
        yield Piece(Kind.OPERATOR, *found.span("equals"))
        kind = _FIELD_VALUES.get(found["key"], Kind.TEXT)
        if kind is Kind.VERSION:
            yield from _conditions(Part(found["value"], found.start("value")), text)
        else:
            yield Piece(kind, *found.span("value"))


# -- pip ------------------------------------------------------------------------------------------------------


def _of_line(line: requirement.PipLine) -> Iterator[Piece]:
    text = line.text
    for option in line.options:
        yield from _whole(Kind.OPTION if option.name else Kind.TEXT, option.written, text)
        yield from _whole(_VALUES.get(OPTIONS.get(option.name, ""), Kind.TEXT), option.value, text)
    if line.kind in ("address", "path"):
        yield from _whole(Kind.ADDRESS if line.kind == "address" else Kind.PATH, line.value, text)
    if line.kind in ("option", "lines", ""):
        return
    if not line.value or not line.value.start <= line.name_part.start < line.value.end:
        yield from _whole(Kind.NAME, line.name_part, text)
        if line.value and line.name and (at := text.find("@", line.name_part.end, line.value.start)) >= 0:
            yield Piece(Kind.OPERATOR, at, at + 1)
    if line.extras or line.kind == "address":
        yield from _extras(line)
    yield from _conditions(line.version, text)
    if line.marker:
        yield Piece(Kind.OPERATOR, line.marker.start - 1, line.marker.start)
        yield from _marker(line.marker, text)


def _extras(line: requirement.PipLine) -> Iterator[Piece]:
    if found := _EXTRAS.match(line.text, line.name_part.end):
        for word in _WORD.finditer(line.text, *found.span(1)):
            yield Piece(Kind.EXTRA, *word.span())


def _marker(marker: Part, text: str) -> Iterator[Piece]:
    start = text.find(marker.text, marker.start)  # the part begins behind its semicolon, its text behind the blanks
    if start >= 0:
        for found in _MARKER.finditer(text, start, start + len(marker.text)):
            yield Piece(Kind(found.lastgroup), *found.span())
