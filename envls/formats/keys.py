"""Tables of keys: what a mapping may hold, what each key means, and when it has an effect.

One table per dialect stands beside its reader; completion, hover and validation all come from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from envls.syntax import Entry, Kind, Mapping, Node, Scalar, Sequence, resolve_alias, resolved
from envls.text import Span


class Holds(Enum):
    """What the value of a key must be."""

    ANYTHING = "anything"
    TEXT = "text"
    BOOLEAN = "`true` or `false`"
    INTEGER = "a whole number"
    LIST = "a list"
    MAPPING = "a mapping"


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """A key of a table. `values` are the allowed ones; `path` says that the value is the path of such a file.

    `default` and `effect` are phrases for a person: what holds without the key, and when the key has an effect.
    """

    name: str
    meaning: str
    holds: Holds = Holds.TEXT
    values: tuple[str, ...] = ()
    default: str = ""
    effect: str = ""
    path: str = ""
    nullable: bool = False
    keys: Table = ()


Table = tuple[KeyInfo, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is written. `info` is None for one that the table does not have; `allowed` is that table."""

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

    @property
    def span(self) -> Span:
        return self.node.span


def find(table: Table, name: str) -> KeyInfo | None:
    return next((info for info in table if info.name == name), None)


def read(mapping: Mapping, table: Table, path: tuple[str, ...] = ()) -> Iterator[Key | Value]:
    """Each key of `mapping` and below it, and each value that stands at a known key."""
    for entry in mapping.entries:
        info = find(table, entry.key.value)
        yield Key(entry, info, table, path)
        if info is None:
            continue
        value = resolve_alias(entry.value)
        yield Value(value, info)
        if info.keys and isinstance(value, Mapping):
            yield from read(value, info.keys, (*path, info.name))
        elif info.keys and isinstance(value, Sequence):
            for item in value.items:
                if isinstance(item, Mapping):
                    yield from read(item, info.keys, (*path, info.name))


def fits(node: Node, info: KeyInfo, *, yaml: str) -> bool:
    """Whether a value is what its key must hold; a value that is not written yet fits everywhere."""
    node = resolve_alias(node)
    if isinstance(node, Scalar):
        kind = resolved(node, yaml=yaml)
        if info.holds is Holds.ANYTHING or (kind is Kind.NOTHING and info.nullable):
            return True
        if info.holds is Holds.BOOLEAN:
            return kind is Kind.BOOLEAN
        if info.holds is Holds.INTEGER:
            return kind is Kind.INTEGER
        return info.holds is Holds.TEXT and kind in (Kind.TEXT, Kind.OTHER)
    if info.holds is Holds.ANYTHING:
        return True
    return info.holds is (Holds.LIST if isinstance(node, Sequence) else Holds.MAPPING)


def described(node: Node, *, yaml: str) -> str:
    """What a value is, as a phrase for a person."""
    node = resolve_alias(node)
    if isinstance(node, Scalar):
        return {Kind.TEXT: "text", Kind.NOTHING: "empty"}.get(kind := resolved(node, yaml=yaml), kind.value)
    return "a list" if isinstance(node, Sequence) else "a mapping"
