"""A definition of CLI v2 while it is being put together: values under keys, comments above the key they are about.

No secret gets into a draft: one that stands in a value is left out, and a comment says so.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TypeAlias, Union

from envls.assist.migration.secrets import without_secrets
from envls.url import redact

WIDTH = 110
HIDDEN = "a secret stood here, for everybody who got the file; it was not copied"
Value: TypeAlias = Union[str, int, "Draft"]


class Draft:
    """A mapping. Its keys are written in `order`, those that are not in it behind them, as they came."""

    def __init__(self, *order: str) -> None:
        self._order = order
        self._values: dict[str, Value] = {}
        self._notes: dict[str, list[str]] = {}
        self._places: dict[str, int] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __getitem__(self, key: str) -> Value:
        return self._values[key]

    @property
    def says_something(self) -> bool:
        """Whether there is more in it than comments."""
        return any(not isinstance(value, Draft) or value.says_something for value in self._values.values())

    def set(self, key: str, value: Value, *notes: str) -> None:
        """Gives a key its value, in place of a former one."""
        if isinstance(value, str):
            value, hidden = without_secrets(value)
            notes = (*notes, HIDDEN) if hidden else notes
        self._place(key)
        self._values[key] = value
        for note in notes:
            self.note(key, note)

    def note(self, key: str, note: str) -> None:
        """A comment at the place of a key, whether or not it gets a value."""
        self._place(key)
        there = self._notes.setdefault(key, [])
        if note not in there:
            there.append(note)

    def part(self, key: str, *order: str) -> Draft:
        """The mapping under a key; it is written if anything gets into it."""
        there = self._values.get(key)
        if not isinstance(there, Draft):
            there = Draft(*order)
            self.set(key, there)
        return there

    def parts(self) -> Iterator[Draft]:
        """The mappings under its keys."""
        yield from (value for value in self._values.values() if isinstance(value, Draft))

    def _place(self, key: str) -> None:
        self._places.setdefault(key, len(self._places))

    def text(self) -> str:
        return "".join(line + "\n" for line in self.lines())

    def lines(self, indent: str = "") -> Iterator[str]:
        rank = {key: number for number, key in enumerate(self._order)}
        for key in sorted(self._places, key=lambda key: (rank.get(key, len(rank)), self._places[key])):
            for note in self._notes.get(key, ()):
                yield from comment(note, indent)
            value = self._values.get(key)
            if isinstance(value, Draft):
                if value.says_something:
                    yield f"{indent}{_scalar(key)}:"
                yield from value.lines(indent + "  " if value.says_something else indent)
            elif value is not None:
                yield f"{indent}{_scalar(key)}: {_scalar(value)}"


def comment(text: str, indent: str = "") -> list[str]:
    """A text as lines of a comment."""
    plain = " ".join("".join(one if one.isprintable() else " " for one in redact(text)).split())
    room = max(40, WIDTH - len(indent) - 2)
    wrapped = textwrap.wrap(plain, room, break_long_words=False, break_on_hyphens=False)
    return [f"{indent}# {line}" for line in wrapped]


def _scalar(value: str | int) -> str:
    """A value as YAML on one line."""
    import yaml  # noqa: PLC0415 - 10 ms, for an action that is seldom wanted

    style = '"' if isinstance(value, str) and "\n" in value else None
    dumped = yaml.safe_dump(value, default_style=style, width=float("inf"), allow_unicode=True)
    return str(dumped).removesuffix("\n").removesuffix("\n...")
