"""The lists and mappings that are open while a text is read, and whether a line fits what is open.

`fits` is the grammar of indentation, and the only place that has it: `builder` asks it of the collections it builds,
`recovery` of those that a broken line may have meant.
"""

from __future__ import annotations

from collections.abc import Sequence as Several
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from envls.syntax.heads import PROPERTIES, Begins, head
from envls.syntax.lines import Line
from envls.syntax.scalars import BLOCK_HEADER
from envls.syntax.tree import EMPTY, Entry, Mapping, Node, Scalar, Sequence
from envls.text import Span


@dataclass(slots=True, eq=False)
class Open:
    """A list or mapping that is being read; its last dash or key may still wait for its value.

    `waits` is where that value would stand if nothing is written, or -1; `value_tag` and `value_anchor` are in front of
    it. `closed` are the collections that its newest member closed when it had `closed_at` members.
    """

    is_list: bool
    column: int
    start: int
    tag: str = ""
    anchor: str = ""
    items: list[Node] = field(default_factory=list)
    dashes: list[int] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    key: Scalar | None = None
    waits: int = -1
    value_tag: str = ""
    value_anchor: str = ""
    closed: Several[Open] = ()
    closed_at: int = -1

    def __len__(self) -> int:
        """How many members it has, the one that waits for its value included."""
        return len(self.items if self.is_list else self.entries) + (self.waits >= 0)

    @property
    def last(self) -> Node:
        """The value of its newest member that has one."""
        return self.items[-1] if self.is_list else self.entries[-1].value

    @property
    def newest(self) -> int:
        """Where its newest member begins: its dash or its key."""
        if self.is_list:
            return self.dashes[-1] if self.dashes else -1
        return self.key.start if self.key else -1

    @property
    def newest_key(self) -> str:
        """The key of its newest member; a list has none."""
        return self.key.value if self.key and not self.is_list else ""

    def fill(self, node: Node) -> None:
        """Give the newest member its value."""
        if self.is_list:
            self.items.append(node)
        elif self.key is not None:
            self.entries.append(Entry(self.key, node))
        self.waits = -1
        self.value_tag = self.value_anchor = ""

    def unfill(self) -> Node:
        """Take the newest member's value back."""
        if self.is_list:
            node = self.items.pop()
            self.waits = self.dashes[-1] + 1 if self.dashes else 0
        else:
            entry = self.entries.pop()
            self.key, node = entry.key, entry.value
            self.waits = self.key.span.end + 1
        return node

    def node(self) -> Node:
        """What was read, now that nothing more comes."""
        if self.is_list:
            end = max(self.items[-1].span.end, self.dashes[-1] + 1)
            return Sequence(
                Span(self.start, end), tuple(self.items), tuple(self.dashes), tag=self.tag, anchor=self.anchor
            )
        first, last = self.entries[0], self.entries[-1]
        span = Span(min(self.start, first.key.start), max(self.start, last.span.end))
        return Mapping(span, tuple(self.entries), tag=self.tag, anchor=self.anchor)


class Level(NamedTuple):
    """An open collection, as far as it matters for what fits."""

    is_list: bool
    column: int


class _Opened(Protocol):
    @property
    def is_list(self) -> bool: ...

    @property
    def column(self) -> int: ...


def fits(levels: Several[_Opened], waits: bool, indent: int, begins: Begins) -> int:
    """How many of the open collections stay open for a line; 0 where it is no part of any of them.

    `waits` says that the innermost has a dash or key without value. The outermost is the text itself, at column -1.
    """
    keep = len(levels)
    top = levels[-1]
    if waits and (indent > top.column or (indent == top.column and begins is Begins.ITEM and not top.is_list)):
        return keep
    while keep > 1:
        level = levels[keep - 1]
        if indent > level.column:
            return 0
        if indent == level.column:
            if begins is (Begins.ITEM if level.is_list else Begins.KEY):
                return keep
            outer = levels[keep - 2]
            if begins is not Begins.KEY or not level.is_list or outer.is_list or outer.column != indent:
                return 0  # a list may stand beside its key, and the next key ends it
        keep -= 1
    return 0


class State(NamedTuple):
    """What is open behind a line: what stands deeper than column `text` is a text of several lines."""

    levels: tuple[Level, ...]
    waits: bool
    text: int = 1 << 30


def step(state: State, line: Line) -> State | None:
    """What is open behind one more line; None where it does not fit."""
    indent = line.indent
    if indent > state.text:
        return state
    begins = head(line.content).begins
    keep = fits(state.levels, state.waits, indent, begins)
    if keep:
        return enter(state.levels[:keep], indent, line.content)
    goes_on = not state.waits and indent > state.levels[-1].column and begins not in (Begins.ITEM, Begins.KEY)
    return state if goes_on else None


def enter(levels: tuple[Level, ...], column: int, content: str) -> State:
    """What is open behind a line with `content` that fits the innermost of `levels`, or what that waits for."""
    while True:
        begins = head(content)
        if begins.begins in (Begins.ITEM, Begins.KEY):
            level = Level(begins.begins is Begins.ITEM, column)
            if levels[-1] != level:
                levels += (level,)
            if begins.value >= len(content):
                return State(levels, True)
            column += begins.value
            content = content[begins.value :]
            if begins.begins is Begins.ITEM or head(content).begins is Begins.ITEM:
                continue
        if content[0] in "&!" and PROPERTIES.fullmatch(content):
            return State(levels, True)
        if BLOCK_HEADER.match(content):
            return State(levels, False, levels[-1].column)
        return State(levels, False)


def unwritten(at: int) -> Scalar:
    """The value of what has none."""
    return Scalar(at, EMPTY)


def is_unwritten(node: Node) -> bool:
    return isinstance(node, Scalar) and not node.text.raw and not node.tag
