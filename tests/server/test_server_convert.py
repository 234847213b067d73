"""Places in the protocol's units and in ours: exact for every encoding, line end and half character."""

from __future__ import annotations

import random

import pytest
from lsprotocol.types import Position, Range

from envls.server.convert import Encoding, Places
from envls.server.texts import Text, split
from envls.text import Lines, Span

UTF16 = Encoding.of("utf-16")
ALPHABET = ("a", "- ", "é", "€", "😀", "\n", "\r\n", "\r", "\u2028", "\f", "\x85", "\ud83d", "\ude00", "")


def places(text: str, encoding: str = "utf-16") -> Places:
    return Places(Lines(text), Encoding.of(encoding))


@pytest.mark.parametrize(("encoding", "column"), [("utf-16", 4), ("utf-8", 6), ("utf-32", 3), (None, 4), ("utf-7", 4)])
def test_columns_count_the_units_that_were_agreed(encoding: str | None, column: int) -> None:
    text = "x: 1\n- 😀numpy"
    here = Places(Lines(text), Encoding.of(encoding))
    at = text.index("numpy")
    assert here.place(at) == (1, column)
    assert here.offset(Position(1, column)) == at


def test_a_column_within_a_character_is_its_end() -> None:
    assert places("😀x").offset(Position(0, 1)) == 1
    assert places("😀x", "utf-8").offset(Position(0, 2)) == 1


def test_a_lone_surrogate_is_one_unit() -> None:
    text = "\ud83dab😀c"
    here = places(text)
    assert [here.place(offset)[1] for offset in range(6)] == [0, 1, 2, 3, 5, 6]
    assert [here.offset(Position(0, column)) for column in (0, 1, 3, 5, 6)] == [0, 1, 3, 4, 5]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_the_protocol_says(end: str) -> None:
    text = f"a\u2028b\fc{end}de{end}"
    here = places(text)
    assert here.place(text.index("d")) == (1, 0)
    assert here.offset(Position(0, 99)) == 5
    assert here.offset(Position(1, 1)) == text.index("e")
    assert here.offset(Position(2, 0)) == len(text)
    assert here.offset(Position(9, 9)) == len(text)


def test_a_range_that_ends_before_it_starts_is_empty() -> None:
    assert places("abc").span(Range(Position(0, 2), Position(0, 1))) == Span(2, 2)


def test_ranges_in_both_forms_are_the_same() -> None:
    here = places("é: 😀\r\nx")
    span = Span(3, 6)
    plain = here.plain_range(span)
    assert here.range(span) == Range(Position(**plain["start"]), Position(**plain["end"]))


# -- the text that the editor changes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["", "a", "a\n", "a\nb", "a\r\nb\r\n", "a\rb", "\r\n\n\r\r\n", "a\u2028b\n\x0bc", "\n\n", "a\r\n"]
)
def test_split_loses_nothing_and_breaks_where_lines_break(text: str) -> None:
    lines = Lines(text)
    assert split(text) == [text[slice(*lines.whole(line))] for line in range(len(lines))]


def units(text: str) -> list[int]:
    raw = text.encode("utf-16-le", "surrogatepass")
    return [int.from_bytes(raw[at : at + 2], "little") for at in range(0, len(raw), 2)]


def as_text(of: list[int]) -> str:
    return b"".join(unit.to_bytes(2, "little") for unit in of).decode("utf-16-le", "surrogatepass")


class Model:
    """An editor's text as JavaScript has it: a list of UTF-16 units."""

    def __init__(self, text: str) -> None:
        self.units = units(text)

    def lines(self) -> list[tuple[int, int]]:
        """Each line's start and its end without the line end."""
        found, start, at = [], 0, 0
        while at < len(self.units):
            if self.units[at] in (10, 13):
                found.append((start, at))
                at += 2 if self.units[at : at + 2] == [13, 10] else 1
                start = at
            else:
                at += 1
        return [*found, (start, len(self.units))]

    def offset(self, position: Position) -> int:
        lines = self.lines()
        if position.line >= len(lines):
            return len(self.units)
        start, end = lines[position.line]
        return min(start + position.character, end)

    def replace(self, start: Position, end: Position, text: str) -> None:
        first = self.offset(start)
        self.units[first : max(first, self.offset(end))] = units(text)


@pytest.mark.parametrize("seed", range(60))
def test_edits_give_the_text_that_the_editor_has(seed: int) -> None:
    """Random edits, some of which cut a line end or a surrogate pair, or lie outside the text."""
    dice = random.Random(seed)

    def some(most: int) -> str:
        return as_text(units("".join(dice.choices(ALPHABET, k=dice.randrange(most)))))

    start = some(40)
    model, text = Model(start), Text(start, UTF16)
    for _ in range(60):
        last = len(model.lines())
        a, b = sorted((dice.randrange(last + 1), dice.choice((0, 1, 2, 3, 7, 99))) for _ in range(2))
        new = some(6)
        model.replace(Position(*a), Position(*b), new)
        text.replace(Position(*a), Position(*b), new)
        assert str(text) == as_text(model.units)
        assert text._lines == split(str(text))  # noqa: SLF001 - its law


@pytest.mark.parametrize("encoding", ["utf-8", "utf-32"])
def test_edits_in_other_units(encoding: str) -> None:
    text = Text("😀numpy\n", Encoding.of(encoding))
    column = Encoding.of(encoding).units("😀")
    text.replace(Position(0, column), Position(0, column + 5), "€scipy")
    text.replace(Position(0, column + Encoding.of(encoding).units("€")), Position(0, 99), "s")
    assert str(text) == "😀€s\n"


def test_an_edit_costs_its_line_not_its_file() -> None:
    text = Text("- numpy\n" * 1000, UTF16)
    untouched = text._lines[500]  # noqa: SLF001
    text.replace(Position(3, 7), Position(3, 7), "=1")
    assert text._lines[500] is untouched  # noqa: SLF001
    text.replace_all("a")
    assert str(text) == "a"
