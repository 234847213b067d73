"""What editors demand of symbols, folds, selections and colours, and what formatting promises, on every real file and its beginnings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from corpus import FILES, FOLDER, text_of

from envls.assist.folding import folding_ranges
from envls.assist.formatting import formatting
from envls.assist.highlights import highlights
from envls.assist.outline import Symbol, outline
from envls.assist.package_names import name_at, rename
from envls.assist.selection import selection_ranges
from envls.assist.semantic_tokens import semantic_tokens
from envls.document import Document, read
from envls.formats.conda.environment import Dependency, Requirement
from envls.text import Span, apply


def ids(path: Path) -> str:
    return str(path.relative_to(FOLDER))


def check_symbols(symbols: Iterable[Symbol], within: Span) -> None:
    for one in symbols:
        assert one.name
        assert within.start <= one.span.start <= one.selection.start
        assert one.selection.end <= one.span.end <= within.end
        check_symbols(one.children, one.span)


def check_all(document: Document, offsets: Iterable[int]) -> None:
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


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_what_is_told_of_a_file_is_as_editors_want_it(path: Path) -> None:
    text = text_of(path)
    for told in (text, text.replace("\r\n", "\n").replace("\n", "\r\n"), text.replace("num", "n\N{ROCKET}m")):
        check_all(read(path, told), range(0, len(told), max(1, len(told) // 40)))


@pytest.mark.parametrize("path", FILES[::25], ids=ids)
def test_the_beginning_of_a_file_is_as_good(path: Path) -> None:
    text = text_of(path)[:2_000]
    for end in range(len(text)):
        document = read(path, text[:end])
        check_all(document, (end,))
        formatting(document)


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


def disturbed(text: str) -> str:
    """The same twice as deep, with blanks behind every second dash or colon and at the ends of lines, comments askew."""
    lines = []
    for number, line in enumerate(text.split("\n")):
        bare = line.lstrip(" ")
        blanks = " " * (2 * (len(line) - len(bare)) + (bare.startswith("#") and number % 3))
        if number % 2:
            bare = re.sub(r"^(-|[\w]+:) (?=\S)", r"\1   ", bare)
        lines.append(blanks + bare + "  " * (number % 4 == 0))
    return "\n".join(lines)


def loaded(text: str) -> object:
    """What PyYAML makes of a text; None where it is none of its YAML."""
    try:
        return plain(yaml.safe_load(text))
    except yaml.YAMLError:
        return None


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_formatting_changes_no_meaning_and_settles(path: Path) -> None:
    for text in (text_of(path), disturbed(text_of(path))):
        document = read(path, text)
        for indent in (2, 4):
            after = document.with_text(apply(text, formatting(document, indent)))
            assert items(after) == items(document)
            assert remarks(after) == remarks(document)
            assert loaded(after.text) == loaded(text)
            assert not formatting(after, indent)


@pytest.mark.skipif(not FILES, reason=f"NO REAL FILES at {FOLDER}")
def test_formatting_finds_something_to_do() -> None:
    edited = sum(bool(formatting(read(path, disturbed(text_of(path))))) for path in FILES[::10])
    assert edited > len(FILES[::10]) / 2


@pytest.mark.parametrize("path", FILES[::5], ids=ids)
def test_a_package_is_renamed_there_and_back(path: Path) -> None:
    document = read(path, text_of(path))
    for item in [one for one in document.mentions if isinstance(one, Dependency | Requirement)][:20]:
        name = document.text[slice(*item.name_span)]
        changes = (
            rename(document, item.name_span.start, "some-name") if name_at(document, item.name_span.start) else None
        )
        if changes and len(changes.edits[path]) == 1 and item.node.value == document.text[slice(*item.node.span)]:
            after = document.with_text(apply(document.text, changes.edits[path]))
            back = rename(after, item.name_span.start, name)
            assert back and apply(after.text, back.edits[path]) == document.text
