"""Explains the piece of an item that the pointer rests on, where that says more than the card of the package: an operator,
a key in brackets, an extra, a variable of a marker, an option, a channel, a selector in the comment behind.
"""

from __future__ import annotations

from typing import NamedTuple

from envls.assist import pieces
from envls.assist.channel_card import channel_card
from envls.assist.markdown import code
from envls.assist.pieces import Kind, Piece
from envls.assist.taken import meaning
from envls.formats.conda.environment import Dependency, Requirement
from envls.formats.conda.pipoption import OPTIONS, PER_REQUIREMENT, SHORT
from envls.formats.conda.selectors import OF_CONDA_LOCK, selector_behind
from envls.known import markers, operators
from envls.known.pip_options import MEANINGS
from envls.known.spec_fields import FIELDS
from envls.text import Span


class Explanation(NamedTuple):
    """Markdown about what stands at `span`."""

    span: Span
    markdown: str


def explained(item: Dependency | Requirement, offset: int) -> Explanation | None:
    """What the piece at `offset` means; None where the item's own card tells it."""
    value = item.node.value
    found = pieces.of_spec(value) if isinstance(item, Dependency) else pieces.of_line(value)
    for number, piece in enumerate(found):
        span = item.node.within(piece.start, piece.end)
        if span.start <= offset < span.end:
            markdown = _explanation(item, piece, value[piece.start : piece.end], found[:number])
            return Explanation(span, markdown) if markdown else None
    return None


def _explanation(item: Dependency | Requirement, piece: Piece, text: str, before: tuple[Piece, ...]) -> str:
    match piece.kind:
        case Kind.OPERATOR if before and before[-1].kind is Kind.FIELD:
            return ""
        case Kind.OPERATOR:
            said = _named(text, _operators(item, piece).get(text, ""))
            return "\n\n".join(filter(None, (said, meaning(item)))) if said else ""
        case Kind.FIELD:
            return _named(text, FIELDS.get(text, ""))
        case Kind.VARIABLE if text in markers.VARIABLES:
            about, values, _ = markers.VARIABLES[text]
            shown = f" Values: {', '.join(map(code, values))}." if values else ""
            return _named(text, about + shown)
        case Kind.WORD:
            return _named(text, markers.OPERATORS.get(text, ""))
        case Kind.OPTION:
            return option_card(text)
        case Kind.EXTRA if isinstance(item, Requirement):
            return f"{code(text)}: an extra of {code(item.line.name)}. pip installs what the package asks for with it, too."
        case Kind.CHANNEL:
            return f"{channel_card(text)}\n\nThe package comes from this channel only."
    return ""


def _named(text: str, about: str) -> str:
    return f"{code(text)}: {about}" if about else ""


def _operators(item: Dependency | Requirement, piece: Piece) -> dict[str, str]:
    if isinstance(item, Dependency):
        return operators.CONDA
    marker = item.line.marker
    return markers.OPERATORS if marker and piece.start >= marker.start else operators.PIP


def option_card(written: str) -> str:
    """What an option of pip means, however it is written."""
    name = SHORT.get(written, written)
    if name in PER_REQUIREMENT:
        return f"{code(name)}: an option of this requirement alone."
    return _named(name, MEANINGS.get(name, "An option of pip." if name in OPTIONS else ""))


def explained_selector(item: Dependency | Requirement, text: str, offset: int) -> Explanation | None:
    """What a comment such as `# [win]` behind an item does."""
    selector = selector_behind(text, item.span.end)
    if selector is None or not selector.span.touches(offset):
        return None
    if selector.text.strip() in OF_CONDA_LOCK:
        reads = f"conda-lock keeps this line where the platform is {code(selector.text.strip())}"
    elif selector.names_platforms:
        reads = "A selector of conda-build's recipes; conda-lock does not know this one, and drops the line"
    else:
        return None
    return Explanation(selector.span, f"{reads}. conda, mamba and pip read it as a comment: the line always counts.")
