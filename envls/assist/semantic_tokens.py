"""Which words of a file an editor colours by what they mean: the parts of a spec, of a line for pip, and the channels.

YAML's own grammar colours the rest. A token never leaves its line, and tokens never overlap.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import NamedTuple

from envls.assist import pieces
from envls.assist.pieces import Kind, Piece
from envls.document import Document
from envls.formats.conda.environment import ChannelRef, Dependency, Requirement
from envls.syntax import Scalar
from envls.text import Span
from envls.url import SCHEME

TYPES = {
    Kind.CHANNEL: "namespace",
    Kind.NAME: "class",
    Kind.OPERATOR: "operator",
    Kind.VERSION: "number",
    Kind.BUILD: "enumMember",
    Kind.FIELD: "property",
    Kind.TEXT: "string",
    Kind.EXTRA: "parameter",
    Kind.VARIABLE: "variable",
    Kind.WORD: "keyword",
    Kind.OPTION: "macro",
    Kind.ADDRESS: "string",
    Kind.PATH: "string",
}
"""The protocol's standard type for each kind of piece: themes know no others."""


class Token(NamedTuple):
    """A word at `start` that is `length` characters long, on one line."""

    start: int
    length: int
    kind: Kind


def semantic_tokens(document: Document, span: Span | None = None) -> list[Token]:
    """The tokens of a document, of the items that `span` touches if one is given, in the order of the text."""
    found: list[Token] = []
    for mention in document.mentions:
        if isinstance(mention, Dependency | Requirement | ChannelRef) and (span is None or mention.span.meets(span)):
            node, parts = mention.node, _pieces(mention)
            # of what is written in one piece each part stands where it stands in the value, and nothing breaks its line
            found += _in_one_piece(node, parts) if node.text.places is None else _elsewhere(node, parts, document.text)
    found.sort(key=itemgetter(0))
    return found if len({token.start for token in found}) == len(found) else _without_repetition(found)


def _pieces(mention: Dependency | Requirement | ChannelRef) -> tuple[Piece, ...]:
    if isinstance(mention, Dependency):
        return pieces.of_spec(mention.spec.text)
    if isinstance(mention, Requirement):
        return pieces.of_line(mention.line.text)
    value = mention.node.value
    return (Piece(Kind.ADDRESS if SCHEME.match(value) else Kind.CHANNEL, 0, len(value)),)


def _in_one_piece(node: Scalar, parts: tuple[Piece, ...]) -> list[Token]:
    begin = node.start + node.text.shift
    return [Token(begin + start, end - start, kind) for kind, start, end in parts]


def _elsewhere(node: Scalar, parts: tuple[Piece, ...], text: str) -> Iterator[Token]:
    for kind, first, last in parts:
        start, end = node.within(first, last)
        if end > start and not any(mark in text[start:end] for mark in "\r\n"):
            yield Token(start, end - start, kind)


def _without_repetition(tokens: list[Token]) -> list[Token]:
    """An item that is repeated by an alias stands in the text once."""
    kept: list[Token] = []
    for token in tokens:
        if not kept or token.start >= kept[-1].start + kept[-1].length:
            kept.append(token)
    return kept
