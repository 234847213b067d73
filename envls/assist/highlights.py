"""Where else a file speaks of what the cursor is on: a package in both lists, a channel in its list and in specs.

One package may have two names, conda's and pip's; `python` is also what a marker asks for. Where nothing of that stands
under the cursor nothing is said: an editor then looks for the same word.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from envls.assist import pieces
from envls.assist.pieces import Kind
from envls.document import Document
from envls.formats.conda.environment import ChannelRef, Dependency, Requirement
from envls.formats.conda.matchspec import PLATFORMS
from envls.formats.conda.requirement import normalised
from envls.known.twins import ON_CONDA
from envls.text import Span

_OF_PYTHON = ("python_version", "python_full_version")


class _Place(NamedTuple):
    """Words that mean a package or a channel: `kind` and `name` are equal where the same is meant."""

    kind: Kind
    name: str
    span: Span


def highlights(document: Document, offset: int) -> list[Span]:
    """All places that mean what stands at `offset`, that one included, in the order of the text."""
    here = next((place for place in _places(document, Span(offset, offset)) if place.span.touches(offset)), None)
    if here is None:
        return []
    return sorted({place.span for place in _places(document) if (place.kind, place.name) == (here.kind, here.name)})


def _places(document: Document, span: Span | None = None) -> Iterator[_Place]:
    """What a document speaks of, in the items that `span` touches if one is given."""
    for mention in document.mentions:
        if span is not None and not mention.span.meets(span):
            continue
        if isinstance(mention, ChannelRef):
            node = mention.node
            yield _Place(Kind.CHANNEL, _channel(node.value), node.within(0, len(node.value)))
        elif isinstance(mention, Dependency):
            yield from _in_spec(mention)
        elif isinstance(mention, Requirement):
            yield from _in_line(mention)


def _in_spec(item: Dependency) -> Iterator[_Place]:
    spec = item.spec
    for kind, start, end in pieces.of_spec(spec.text):
        if kind is Kind.NAME and spec.name and "*" not in spec.name:
            yield _Place(Kind.NAME, normalised(spec.name), item.node.within(start, end))
        elif kind is Kind.CHANNEL:
            yield _Place(Kind.CHANNEL, _channel(spec.text[start:end]), item.node.within(start, end))


def _in_line(item: Requirement) -> Iterator[_Place]:
    line = item.line
    for kind, start, end in pieces.of_line(line.text):
        if kind is Kind.NAME and line.name:
            yield _Place(Kind.NAME, normalised(ON_CONDA.get(line.name, line.name)), item.node.within(start, end))
        elif kind is Kind.VARIABLE and line.text[start:end] in _OF_PYTHON:
            yield _Place(Kind.NAME, "python", item.node.within(start, end))


def _channel(written: str) -> str:
    """What a channel is called, written as an address or not, without the platform that a spec may name behind it."""
    parts = [part for part in written.rstrip("/").split("/") if part]
    if len(parts) > 1 and parts[-1] in PLATFORMS:
        parts.pop()
    return "/".join(parts[2:] if written.lower().startswith(("http:", "https:")) else parts).lower()
