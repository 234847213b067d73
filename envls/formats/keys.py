"""Tables of keys: what a mapping may hold, what each key means, and when it has an effect.

One table per dialect stands beside its reader; completion, hover and validation all come from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from envls.syntax import Entry, Kind, Mapping, Node, Scalar, Sequence, resolve_alias, resolved
from envls.text import Span


class Holds(Enum):
    """What the value of a key must be."""

    ANYTHING = "anything"
    TEXT = "text"
    BOOLEAN = "`true` or `false`"
    INTEGER = "a whole number"
    NUMBER = "a number"
    LIST = "a list"
    MAPPING = "a mapping"


@dataclass(frozen=True, slots=True, eq=False)
class KeyInfo:
    """A key of a table.

    `holds` is what its value is, `also` what else is as good; `values` are the allowed ones; `path` says that the value
    is the path of such a file. `default` and `effect` are phrases for a person: what holds without the key, and when the
    key has an effect. `successor` is what to write instead of a key that is given up, as a path with dots ("" for one
    that has none); None says that the key is not given up.

    `keys` tells what may stand in the mapping, or in the mappings of the list, that it holds; `each` what in the mappings
    under names of the user's own. `of` is what each item of the list, or each value under such a name, must itself be.
    `spelled` is what a reader makes of a value before it looks it up among the allowed ones.
    """

    name: str
    meaning: str
    holds: Holds = Holds.TEXT
    values: tuple[str, ...] = ()
    default: str = ""
    effect: str = ""
    path: str = ""
    nullable: bool = False
    keys: Table | Chosen = ()
    also: tuple[Holds, ...] = ()
    each: Table | Chosen = ()
    required: bool = False
    successor: str | None = None
    of: KeyInfo | None = None
    spelled: Callable[[str], str] = str


Table = tuple[KeyInfo, ...]
Chosen = Callable[[Mapping | None], Table]
"""A table that depends on what the mapping says (None: nothing yet): one of its keys tells the kind of the rest."""
Spelling = Callable[[str], str]
"""What a dialect makes of a key before it looks it up."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is written. `info` is None for one that the table does not have; `allowed` is that table.

    `path` are the keys that lead to its mapping.
    """

    entry: Entry
    info: KeyInfo | None
    allowed: Table
    path: tuple[str, ...] = ()

    @property
    def node(self) -> Scalar:
        return self.entry.key

    @property
    def span(self) -> Span:
        return self.entry.key.span


@dataclass(frozen=True, slots=True)
class Value:
    """The value of a known key."""

    node: Node
    info: KeyInfo
    path: tuple[str, ...] = ()

    @property
    def span(self) -> Span:
        return self.node.span


def table_of(table: Table | Chosen, mapping: Mapping | None) -> Table:
    """The table for a mapping."""
    return table(mapping) if callable(table) else table


def find(table: Table, name: str, spelling: Spelling = str) -> KeyInfo | None:
    return _by_name(table, spelling).get(spelling(name))


@lru_cache(maxsize=1024)
def _by_name(table: Table, spelling: Spelling) -> dict[str, KeyInfo]:
    return {spelling(info.name): info for info in reversed(table)}


def all_of(table: Table) -> Iterator[KeyInfo]:
    """The keys of a table and of the tables below it, as far as these do not depend on a file."""
    for info in table:
        yield info
        for below in (info.keys, info.each):
            if not callable(below):
                yield from all_of(below)
        if info.of:
            yield from all_of((info.of,))


def read(mapping: Mapping, table: Table, path: tuple[str, ...] = (), spelling: Spelling = str) -> Iterator[Key | Value]:
    """Each key of `mapping` and below it, and each value that stands at a known key."""
    for entry in mapping.entries:
        info = find(table, entry.key.value, spelling)
        yield Key(entry, info, table, path)
        if info is None:
            continue
        value = resolve_alias(entry.value)
        yield Value(value, info, path)
        if info.of:
            yield from (Value(item, info.of, (*path, info.name)) for item in _single(value))
        for below, inner, own in _below(value, info):
            steps = (own.key.value,) if own else ()
            yield from read(below, inner, (*path, info.name, *steps), spelling)


@dataclass(frozen=True, slots=True)
class Placed:
    """A mapping with the table that it is judged by, and the entry that it is the value of (None for the outermost)."""

    mapping: Mapping
    table: Table
    entry: Entry | None = None


def placed(mapping: Mapping, table: Table, entry: Entry | None = None) -> Iterator[Placed]:
    """`mapping` and each mapping below it that a table tells of."""
    yield Placed(mapping, table, entry)
    for one in mapping.entries:
        if info := find(table, one.key.value):
            for below, inner, own in _below(resolve_alias(one.value), info):
                yield from placed(below, inner, own or one)


def _single(value: Node) -> Iterator[Node]:
    """The items of a list, or the values of a mapping."""
    if isinstance(value, Sequence):
        yield from map(resolve_alias, value.items)
    elif isinstance(value, Mapping):
        yield from (resolve_alias(entry.value) for entry in value.entries)


def _below(value: Node, info: KeyInfo) -> Iterator[tuple[Mapping, Table, Entry | None]]:
    """The mappings that a key's table tells of, each with its own table, and its entry where that is of the user's own naming."""
    if isinstance(value, Sequence):
        # the list of a large file has thousands of items, and most tables tell nothing of theirs
        for item in map(resolve_alias, value.items if info.keys else ()):
            if isinstance(item, Mapping) and (inner := table_of(info.keys, item)):
                yield item, inner, None
    elif isinstance(value, Mapping):
        if inner := table_of(info.keys, value):
            yield value, inner, None
        if info.each:
            for entry in value.entries:
                below = resolve_alias(entry.value)
                if isinstance(below, Mapping) and (inner := table_of(info.each, below)):
                    yield below, inner, entry


def fits(node: Node, info: KeyInfo, *, yaml: str) -> bool:
    """Whether a value is what its key must hold."""
    node = resolve_alias(node)
    held = {info.holds, *info.also}
    if Holds.ANYTHING in held:
        return True
    if not isinstance(node, Scalar):
        return (Holds.LIST if isinstance(node, Sequence) else Holds.MAPPING) in held
    kind = resolved(node, yaml=yaml)
    if kind is Kind.NOTHING:
        return info.nullable
    return any(_is(kind, one) for one in held)


def _is(kind: Kind, holds: Holds) -> bool:
    """Whether YAML reads a scalar as what a key holds."""
    match holds:
        case Holds.BOOLEAN:
            return kind is Kind.BOOLEAN
        case Holds.INTEGER:
            return kind is Kind.INTEGER
        case Holds.NUMBER:
            return kind in (Kind.INTEGER, Kind.NUMBER)
        case Holds.TEXT:
            return kind in (Kind.TEXT, Kind.OTHER)
        case _:
            return False


def described(node: Node, *, yaml: str) -> str:
    """What a value is, as a phrase for a person."""
    node = resolve_alias(node)
    if isinstance(node, Scalar):
        return {Kind.TEXT: "text", Kind.NOTHING: "empty"}.get(kind := resolved(node, yaml=yaml), kind.value)
    return "a list" if isinstance(node, Sequence) else "a mapping"
