"""Every real file: hover at every token, completion at every line end, and each offered change applied.

A change leaves a text without new YAML problems and the lines outside its edits as they were, a safe one all that is
asked of conda and pip; fixing twice is fixing once. By default a sample of the files; `ENVLS_ALL_LINES=1` takes all.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from asking import lost
from corpus import FILES, FOLDER, text_of
from ecosystem import Offline

from envls.assist.completion import complete
from envls.assist.hover import hover
from envls.check import changes_of, check, fixed
from envls.document import Document, read
from envls.facts import Facts
from envls.text import Lines, apply

EVERYTHING = os.environ.get("ENVLS_ALL_LINES") == "1"
SWEPT = FILES if EVERYTHING else FILES[::4]
WORLD = Offline()


def facts() -> Facts:
    return Facts(WORLD.look)


def ids(path: Path) -> str:
    return str(path.relative_to(FOLDER))


def test_there_are_real_files() -> None:
    if not FILES:
        pytest.skip(f"NO REAL FILES at {FOLDER}: nothing was swept")
    assert len(FILES) > 100


@pytest.mark.parametrize("path", SWEPT, ids=ids)
def test_hover_and_completion_answer_everywhere(path: Path) -> None:
    document = read(path, text_of(path))
    for token in re.finditer(r"[^\s,\[\]{}:'\"]+", document.text):
        card = hover(document, token.start(), facts())
        assert card is None or card.span.touches(token.start())
    for line in range(len(document.lines)):
        complete(document, document.lines.span(line).end, facts())


@pytest.mark.parametrize("path", SWEPT, ids=ids)
def test_each_fix_leaves_the_rest_alone(path: Path) -> None:
    document = read(path, text_of(path))
    for one in check(document, facts()):
        for fix in one.finding.fixes:
            edits = changes_of([fix], document, facts()).edits.get(path, ())
            new = apply(document.text, edits)
            after = read(path, new)
            assert len(after.tree.problems) <= len(document.tree.problems), (fix.title, new)
            touched = {n for edit in edits for n in _lines_of(document, *edit.span)}
            kept = [
                document.text[slice(*document.lines.span(n))] for n in range(len(document.lines)) if n not in touched
            ]
            there = iter(new[slice(*Lines(new).span(n))] for n in range(len(Lines(new))))
            assert all(line in there for line in kept), (fix.title, new)
            if fix.safe and not document.tree.problems:
                assert not lost(document, after), (fix.title, new)


def _lines_of(document: Document, start: int, end: int) -> range:
    return range(document.lines.place(start)[0], document.lines.place(end)[0] + 1)


@pytest.mark.parametrize("wanted", ["safe", "first"])
@pytest.mark.parametrize("path", SWEPT, ids=ids)
def test_fixing_twice_is_fixing_once(path: Path, wanted: str) -> None:
    def chosen(text: str) -> str:
        return fixed(read(path, text), facts(), wanted=lambda _, fix: fix.safe or wanted == "first").text

    text = text_of(path)
    once = chosen(text)
    assert chosen(once) == once
    before, after = read(path, text), read(path, once)
    assert after.format is before.format
    assert len(after.tree.problems) <= len(before.tree.problems)
    if wanted == "safe" and not before.tree.problems:
        assert not lost(before, after)
