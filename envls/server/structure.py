"""The requests about one file as it is written: outline, folding, selection, highlights, colours, formatting.

They ask nobody and wait for nobody: what they say is a pure function of the newest text. What is large is answered in
plain values (`Plain`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types as lsp

from envls.server.convert.legend import LEGEND
from envls.server.faults import report
from envls.server.stdio import Plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from envls.document import Document
    from envls.server.state import Server
    from envls.text import Span

T = TypeVar("T")


async def _asked(ls: Server, uri: str, view: Callable[[Document], T]) -> tuple[Document, T] | None:
    """A document of ours as it is now, and what `view` makes of it; None of any other, and where it fails."""
    document = await ls.session.current(uri)
    if document is None or document.content is None:
        return None
    try:
        return document, view(document)
    except Exception as error:  # noqa: BLE001 - a fault of an assist must not end the server
        report("an answer", error)
        return None


async def document_symbol(ls: Server, params: lsp.DocumentSymbolParams) -> Plain | None:
    from envls.assist.outline import outline  # noqa: PLC0415 - the core is imported late
    from envls.server.convert.structure import flat_symbols, symbols  # noqa: PLC0415

    uri = params.text_document.uri
    asked = await _asked(ls, uri, outline) if ls.display.outline else None
    if asked is None:
        return None
    document, found = asked
    places = ls.border.places(document)
    return Plain(symbols(found, places) if ls.client.nests_symbols else list(flat_symbols(found, places, uri)))


async def folding_range(ls: Server, params: lsp.FoldingRangeParams) -> Plain | None:
    from envls.assist.folding import folding_ranges  # noqa: PLC0415
    from envls.server.convert.structure import folds  # noqa: PLC0415

    most = ls.client.most_folds
    asked = await _asked(ls, params.text_document.uri, lambda document: folding_ranges(document, most))
    return Plain(folds(asked[1])) if asked else None


async def selection_range(ls: Server, params: lsp.SelectionRangeParams) -> Plain | None:
    from envls.assist.selection import selection_ranges  # noqa: PLC0415
    from envls.server.convert.structure import selection  # noqa: PLC0415

    def around(document: Document) -> list[list[Span]]:
        places = ls.border.places(document)
        return [selection_ranges(document, places.offset(position)) for position in params.positions]

    asked = await _asked(ls, params.text_document.uri, around)
    if asked is None:
        return None
    document, found = asked
    places = ls.border.places(document)
    return Plain([selection(spans, places) for spans in found])


async def document_highlight(ls: Server, params: lsp.DocumentHighlightParams) -> list[lsp.DocumentHighlight] | None:
    from envls.assist.highlights import highlights  # noqa: PLC0415

    def same(document: Document) -> list[Span]:
        return highlights(document, ls.border.places(document).offset(params.position))

    asked = await _asked(ls, params.text_document.uri, same)
    if asked is None:
        return None
    document, found = asked
    places = ls.border.places(document)
    return [lsp.DocumentHighlight(places.range(span)) for span in found] or None


# -- colours --------------------------------------------------------------------------------------------------


async def semantic_tokens_full(ls: Server, params: lsp.SemanticTokensParams) -> Plain | None:
    uri = params.text_document.uri
    data = await _tokens(ls, uri)
    return Plain({"resultId": ls.colours.keep(uri, data), "data": data}) if data is not None else None


async def semantic_tokens_full_delta(ls: Server, params: lsp.SemanticTokensDeltaParams) -> Plain | None:
    from envls.server.convert.structure import token_edits  # noqa: PLC0415

    uri = params.text_document.uri
    data = await _tokens(ls, uri)
    if data is None:
        return None
    before = ls.colours.kept(uri, params.previous_result_id)
    result = ls.colours.keep(uri, data)
    return Plain({"resultId": result, **({"data": data} if before is None else {"edits": token_edits(before, data)})})


async def semantic_tokens_range(ls: Server, params: lsp.SemanticTokensRangeParams) -> Plain | None:
    data = await _tokens(ls, params.text_document.uri, params.range)
    return Plain({"data": data}) if data is not None else None


async def _tokens(ls: Server, uri: str, range_: lsp.Range | None = None) -> list[int] | None:
    """The numbers for a document or a part of it; None where nothing is to be coloured."""
    from envls.assist.semantic_tokens import semantic_tokens  # noqa: PLC0415
    from envls.server.convert.structure import tokens  # noqa: PLC0415

    if not ls.display.semantic_highlighting:
        return None

    def coloured(document: Document) -> list[int]:
        places = ls.border.places(document)
        return tokens(semantic_tokens(document, places.span(range_) if range_ else None), places)

    asked = await _asked(ls, uri, coloured)
    return asked[1] if asked else None


# -- formatting -----------------------------------------------------------------------------------------------


async def formatting(ls: Server, params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit] | None:
    return await _formatted(ls, params.text_document.uri, params.options)


async def range_formatting(ls: Server, params: lsp.DocumentRangeFormattingParams) -> list[lsp.TextEdit] | None:
    return await _formatted(ls, params.text_document.uri, params.options, params.range)


async def _formatted(
    ls: Server, uri: str, options: lsp.FormattingOptions, range_: lsp.Range | None = None
) -> list[lsp.TextEdit] | None:
    from envls.assist.formatting import formatting as edits_for  # noqa: PLC0415

    indent = max(1, min(options.tab_size, 8))
    asked = await _asked(
        ls,
        uri,
        lambda document: edits_for(document, indent, ls.border.places(document).span(range_) if range_ else None),
    )
    if asked is None:
        return None
    document, edits = asked
    places = ls.border.places(document)
    return [lsp.TextEdit(places.range(edit.span), edit.text) for edit in edits]


FEATURES: tuple[tuple[str, Any, Any], ...] = (
    (lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL, document_symbol, None),
    (lsp.TEXT_DOCUMENT_FOLDING_RANGE, folding_range, None),
    (lsp.TEXT_DOCUMENT_SELECTION_RANGE, selection_range, None),
    (lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, document_highlight, None),
    (lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, semantic_tokens_full, LEGEND),
    (lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA, semantic_tokens_full_delta, LEGEND),
    (lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE, semantic_tokens_range, LEGEND),
)
ON_REQUEST: tuple[tuple[str, Any, Any], ...] = (
    (lsp.TEXT_DOCUMENT_FORMATTING, formatting, None),
    (lsp.TEXT_DOCUMENT_RANGE_FORMATTING, range_formatting, None),
)
"""What is offered only to those who want it: an editor asks which formatter to take where there are several."""
