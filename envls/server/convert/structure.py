"""What a file consists of, as the protocol has it: symbols, folds, selections, tokens.

An editor asks for these after every change, and a large file has thousands: so they are plain lists and dictionaries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from envls.assist.outline import Kind
from envls.assist.semantic_tokens import TYPES
from envls.server.convert.legend import LEGEND

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from envls.assist.folding import Fold
    from envls.assist.outline import Symbol
    from envls.assist.semantic_tokens import Token
    from envls.server.convert.places import Places
    from envls.text import Span

_TYPE = {kind: LEGEND.token_types.index(name) for kind, name in TYPES.items()}
_SYMBOLS = {
    Kind.TEXT: lsp.SymbolKind.String,
    Kind.NUMBER: lsp.SymbolKind.Number,
    Kind.BOOLEAN: lsp.SymbolKind.Boolean,
    Kind.NOTHING: lsp.SymbolKind.Null,
    Kind.LIST: lsp.SymbolKind.Array,
    Kind.MAPPING: lsp.SymbolKind.Object,
    Kind.CHANNEL: lsp.SymbolKind.Interface,
    Kind.PACKAGE: lsp.SymbolKind.Package,
    Kind.OPTION: lsp.SymbolKind.Property,
}
_KINDS = {kind: symbol.value for kind, symbol in _SYMBOLS.items()}


def symbols(found: Iterable[Symbol], places: Places) -> list[dict[str, Any]]:
    """As a tree (DocumentSymbol)."""
    return [
        {
            "name": one.name,
            "detail": one.detail,
            "kind": _KINDS[one.kind],
            "range": places.plain_range(one.span),
            "selectionRange": places.plain_range(one.selection),
            "children": symbols(one.children, places),
        }
        for one in found
    ]


def flat_symbols(found: Iterable[Symbol], places: Places, uri: str, container: str = "") -> Iterator[dict[str, Any]]:
    """One by one (SymbolInformation), for an editor that knows no tree."""
    for one in found:
        location = {"uri": uri, "range": places.plain_range(one.span)}
        yield {"name": one.name, "kind": _KINDS[one.kind], "location": location, "containerName": container}
        yield from flat_symbols(one.children, places, uri, one.name)


def folds(found: Iterable[Fold]) -> list[dict[str, Any]]:
    """Whole lines, as every editor can fold them."""
    return [
        {"startLine": one.first, "endLine": one.last, **({"kind": "comment"} if one.comment else {})} for one in found
    ]


def selection(spans: Sequence[Span], places: Places) -> dict[str, Any]:
    """`spans` stand from the innermost outwards."""
    made: dict[str, Any] = {}
    for span in reversed(spans):
        made = {"range": places.plain_range(span), **({"parent": made} if made else {})}
    return made


def tokens(found: Iterable[Token], places: Places) -> list[int]:
    """Five numbers for each token: lines and columns from the one before, length, type, no modifiers."""
    data: list[int] = []
    line = column = 0
    for start, length, kind in found:
        here, begin = places.place(start)
        width = places.width(start, start + length)
        data += (here - line, begin if here != line else begin - column, width, _TYPE[kind], 0)
        line, column = here, begin
    return data


def token_edits(old: Sequence[int], new: Sequence[int]) -> list[dict[str, Any]]:
    """What makes `new` of `old`: what lies between what both begin and end with."""
    if old == new:
        return []
    most = min(len(old), len(new))
    first = next((at for at in range(most) if old[at] != new[at]), most)
    behind = next((at for at in range(most - first) if old[-1 - at] != new[-1 - at]), most - first)
    return [{"start": first, "deleteCount": len(old) - first - behind, "data": new[first : len(new) - behind]}]
