"""What editors demand of symbols, folds, selections and colours, and what a text says: what formatting must not change."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import yaml

from envls.assist.folding import folding_ranges
from envls.assist.highlights import highlights
from envls.assist.outline import Symbol, outline
from envls.assist.package_names import name_at
from envls.assist.selection import selection_ranges
from envls.assist.semantic_tokens import semantic_tokens
from envls.document import Document
from envls.formats.conda.environment import Dependency, Requirement
from envls.text import Span


def check_symbols(symbols: Iterable[Symbol], within: Span) -> None:
    for one in symbols:
        assert one.name
        assert within.start <= one.span.start <= one.selection.start
        assert one.selection.end <= one.span.end <= within.end
        check_symbols(one.children, one.span)


def check_structure(document: Document, offsets: Iterable[int]) -> None:
    text = document.text
    check_symbols(outline(document), Span(0, len(text)))
    for fold in folding_ranges(document):
        assert 0 <= fold.first < fold.last < len(document.lines)
    done = 0
    for token in semantic_tokens(document):
        assert token.start >= done and token.length > 0
        done = token.start + token.length
        assert "\n" not in text[token.start : done] and done <= len(text)
    for offset in offsets:
        spans = selection_ranges(document, offset)
        assert spans[-1] == Span(0, len(text))
        for inner, outer in pairwise(spans):
            assert outer.start <= inner.start and inner.end <= outer.end and inner != outer
        found = highlights(document, offset)
        assert not found or any(span.touches(offset) for span in found)
        assert (span := name_at(document, offset)) is None or span.touches(offset)


def plain(value: object) -> object:
    """What PyYAML reads, without the blanks within texts, which formatting may take out of a spec."""
    if isinstance(value, dict):
        return {key: plain(below) for key, below in value.items()}
    if isinstance(value, list):
        return [plain(below) for below in value]
    return "".join(value.split()) if isinstance(value, str) else value


def items(document: Document) -> list[tuple[object, ...]]:
    """What conda and pip are asked for."""
    return [
        (one.spec.name, one.spec.wanted, one.spec.fields)
        if isinstance(one, Dependency)
        else (one.line.name, one.line.extras, one.line.url, one.line.option, one.line.pinned)
        for one in document.mentions
        if isinstance(one, Dependency | Requirement)
    ]


def remarks(document: Document) -> list[str]:
    return [document.text[slice(*comment)].rstrip() for comment in document.tree.comments]


def loaded(text: str) -> object:
    """What PyYAML makes of a text; None where it is none of its YAML."""
    try:
        return plain(yaml.safe_load(text))
    except yaml.YAMLError:
        return None
