"""What editors demand of symbols, folds, selections and colours, and what formatting promises, on every real file and its beginnings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from corpus import FILES, FOLDER, text_of
from structure_laws import check_structure, items, loaded, remarks

from envls.assist.formatting import formatting
from envls.assist.package_names import name_at, rename
from envls.document import read
from envls.formats.conda.environment import Dependency, Requirement
from envls.text import apply


def ids(path: Path) -> str:
    return str(path.relative_to(FOLDER))


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_what_is_told_of_a_file_is_as_editors_want_it(path: Path) -> None:
    text = text_of(path)
    for told in (text, text.replace("\r\n", "\n").replace("\n", "\r\n"), text.replace("num", "n\N{ROCKET}m")):
        check_structure(read(path, told), range(0, len(told), max(1, len(told) // 40)))


@pytest.mark.parametrize("path", FILES[::25], ids=ids)
def test_the_beginning_of_a_file_is_as_good(path: Path) -> None:
    text = text_of(path)[:2_000]
    for end in range(len(text)):
        document = read(path, text[:end])
        check_structure(document, (end,))
        formatting(document)


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
