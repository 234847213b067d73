"""What may be done to a file: plain values, which a rule makes without knowing how the file is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TypeAlias

from envls.text import Span


@dataclass(frozen=True, slots=True)
class Replace:
    """Put `text` where `span` is."""

    span: Span
    text: str
    path: PurePath | None = None

    def moved(self, by: int) -> Replace:
        return replace(self, span=self.span.moved(by))


@dataclass(frozen=True, slots=True)
class Remove:
    """Take away the list item that begins (with its dash) at `at`, or the key that does, with its lines."""

    at: int
    path: PurePath | None = None

    def moved(self, by: int) -> Remove:
        return replace(self, at=self.at + by)


@dataclass(frozen=True, slots=True)
class BreakItem:
    """Begin a new item of the list, like the one that begins at `at`, where the line break `span` is."""

    at: int
    span: Span
    line_end: str
    path: PurePath | None = None

    def moved(self, by: int) -> BreakItem:
        return replace(self, at=self.at + by, span=self.span.moved(by))


@dataclass(frozen=True, slots=True)
class Add:
    """Add an item to the list at `route`: keys from the top, one step for each; a key may stand in a list.

    What is missing of the route is written too, and with a new list `beside`, an item that the list around it must have,
    unless it has one that begins so. `before` names a key in the list that the item goes in front of. With `near`, an
    offset, the route begins in the innermost mapping around it that has its first key; else at the top.
    """

    route: tuple[str, ...]
    item: str
    path: PurePath | None = None
    before: str = ""
    beside: str = ""
    near: int | None = None

    def moved(self, by: int) -> Add:
        return self if self.near is None else replace(self, near=self.near + by)


@dataclass(frozen=True, slots=True)
class SetKey:
    """Give the key at `route` (keys from the top) a value; what is missing of the route is written too.

    `value` is YAML that begins at column 0; one of several lines is written below its key. A key that has a value keeps it.
    """

    route: tuple[str, ...]
    value: str
    path: PurePath | None = None

    def moved(self, by: int) -> SetKey:
        del by
        return self


@dataclass(frozen=True, slots=True)
class Create:
    """Make a file; never one that exists."""

    path: PurePath
    text: str

    def moved(self, by: int) -> Create:
        del by
        return self


@dataclass(frozen=True, slots=True)
class SaveAsUtf8:
    """Write the file in another encoding; its text stays."""

    path: PurePath | None = None

    def moved(self, by: int) -> SaveAsUtf8:
        del by
        return self


Change: TypeAlias = Replace | Remove | BreakItem | Add | SetKey | Create | SaveAsUtf8
