"""What a YAML text is made of. Every node knows where it stands.

Nodes are values: nobody changes one after it was read. A value that is not written at all is a `Scalar` with
empty text. What a plain scalar means (text, number, boolean, nothing) depends on who reads it and is asked of
`resolved`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, TypeAlias

from envls.text import Edit, Span


class Style(Enum):
    """How a scalar is written; the value is its first character, as in YAML's own event model."""

    PLAIN = ""
    SINGLE = "'"
    DOUBLE = '"'
    LITERAL = "|"
    FOLDED = ">"


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar apart from its place: how it is written and what it says.

    `places[i]` is where character `i` of the value stands in `raw`, with one more for its end; None means that the
    value stands there in one piece, `shift` characters in.
    """

    raw: str
    value: str
    style: Style = Style.PLAIN
    shift: int = 0
    places: tuple[int, ...] | None = None

    def place(self, index: int) -> int:
        if self.places is None:
            return min(index, len(self.value)) + self.shift
        return self.places[min(index, len(self.value))]


class Scalar(NamedTuple):
    start: int
    text: Text
    tag: str = ""
    anchor: str = ""

    @property
    def value(self) -> str:
        return self.text.value

    @property
    def style(self) -> Style:
        return self.text.style

    @property
    def span(self) -> Span:
        """Where it is written, quotes and block header included."""
        return Span(self.start, self.start + len(self.text.raw))

    def within(self, start: int, end: int) -> Span:
        """Where the characters `start` up to `end` of the value are written."""
        text = self.text
        first = self.start + text.place(start)
        return Span(first, max(first, self.start + text.place(end)) if end > start else first)

    def index_at(self, offset: int) -> int:
        """The index into the value of the character written at `offset`."""
        inside = offset - self.start
        if self.text.places is None:
            return max(0, min(inside - self.text.shift, len(self.value)))
        return next((i for i, place in enumerate(self.text.places) if place >= inside), len(self.value))

    @property
    def is_null(self) -> bool:
        return self.style is Style.PLAIN and not self.tag and self.value in NULLS


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list. `dashes[i]` is where item `i` begins: its dash, or in flow style the item itself."""

    span: Span
    items: tuple[Node, ...]
    dashes: tuple[int, ...]
    flow: bool = False
    tag: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    key: Scalar
    value: Node

    @property
    def span(self) -> Span:
        return Span(self.key.start, max(self.key.span.end, self.value.span.end))


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping with all its entries in order, those with a key that occurs twice included."""

    span: Span
    entries: tuple[Entry, ...]
    flow: bool = False
    tag: str = ""
    anchor: str = ""

    def entry(self, key: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.key.value == key), None)

    def get(self, key: str) -> Node | None:
        """The value of `key`, an alias resolved; None where the key is not there."""
        found = self.entry(key)
        return resolve_alias(found.value) if found else None


@dataclass(frozen=True, slots=True)
class Alias:
    """A reference to an anchored node; `target` is None for an unknown anchor and for one still being read."""

    span: Span
    name: str
    target: Node | None


Node: TypeAlias = Scalar | Sequence | Mapping | Alias


@dataclass(frozen=True, slots=True)
class Problem:
    """Where a text is not YAML, why, and the edit that mends it where there is one right answer.

    It is not `sure` where the edit makes YAML of the line, but others might say what was meant as well.
    """

    span: Span
    message: str
    fix: tuple[str, Edit] | None = None
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Tree:
    """A text as it could be read: its first document, what is wrong with it, and its comments (from the `#`)."""

    root: Node | None
    problems: tuple[Problem, ...] = ()
    comments: tuple[Span, ...] = ()


def resolve_alias(node: Node) -> Node:
    """What an alias stands for; an alias to nothing is an empty scalar."""
    for _ in range(10):
        if not isinstance(node, Alias):
            return node
        node = node.target or Scalar(node.span.end, EMPTY)
    return Scalar(node.span.end, EMPTY)


def walk(node: Node | None) -> Iterator[Node]:
    """Every node that is written below `node`, itself first; aliases are not followed."""
    todo = [node] if node is not None else []
    while todo:
        here = todo.pop()
        yield here
        if isinstance(here, Sequence):
            todo += reversed(here.items)
        elif isinstance(here, Mapping):
            for entry in reversed(here.entries):
                todo += (entry.value, entry.key)


def mappings(node: Node | None) -> Iterator[Mapping]:
    """Every mapping that is written below `node`, itself first."""
    todo = [node] if node is not None else []
    while todo:
        here = todo.pop()
        if isinstance(here, Sequence):
            todo += [item for item in reversed(here.items) if type(item) is not Scalar]
        elif isinstance(here, Mapping):
            yield here
            todo += [entry.value for entry in reversed(here.entries)]


EMPTY = Text("", "")
NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_BOOL_12 = frozenset(("true", "True", "TRUE", "false", "False", "FALSE"))
_BOOL_11 = _BOOL_12 | {word for base in ("yes", "no", "on", "off") for word in (base, base.title(), base.upper())}
_INT_12 = re.compile(r"[-+]?(?:0b[01_]+|0o?[0-7_]+|[0-9_]+|0x[0-9a-fA-F_]+)")
_INT_11 = re.compile(r"[-+]?(?:0b[01_]+|0[0-7_]*|[1-9][0-9_]*|0x[0-9a-fA-F_]+|[1-9][0-9_]*(?::[0-5]?[0-9])+)")
_FLOAT_12 = re.compile(
    r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+|[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_FLOAT_11 = re.compile(
    r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_DATE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?"
)


class Kind(Enum):
    """What a reader takes a scalar for."""

    TEXT = "text"
    NOTHING = "nothing"
    BOOLEAN = "a boolean"
    INTEGER = "a whole number"
    NUMBER = "a number"
    DATE = "a date"
    OTHER = "a tagged value"


def resolved(scalar: Scalar, *, yaml: str = "1.2") -> Kind:
    """What the value is: YAML `1.2` as conda's reader has it, `1.1` as PyYAML (Azure ML, conda-lock) has it."""
    if scalar.tag:
        return Kind.TEXT if scalar.tag in {"!!str", "!"} else Kind.OTHER
    if scalar.style is not Style.PLAIN:
        return Kind.TEXT
    value = scalar.value
    if value in NULLS:
        return Kind.NOTHING
    first = value[0]
    if first.isalpha() or first == "_":
        return Kind.BOOLEAN if value in (_BOOL_12 if yaml == "1.2" else _BOOL_11) else Kind.TEXT
    if (_INT_12 if yaml == "1.2" else _INT_11).fullmatch(value):
        return Kind.INTEGER
    if (_FLOAT_12 if yaml == "1.2" else _FLOAT_11).fullmatch(value):
        return Kind.NUMBER
    return Kind.DATE if _DATE.fullmatch(value) else Kind.TEXT
