"""A line that fits nowhere, what stands round it, and what a way to take it is.

The cost of a way says how much of a mistake it takes; it decides where the lines behind do not. `SURE` is what is beyond
doubt, `ASTRAY` a line at the wrong column (and more the further it is), `LACKING` one without its dash or colon, and
what is more `UNLIKELY` is left for lines of which nothing else can be made.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass

from envls.syntax.builder import Builder
from envls.syntax.frames import Level, State, enter
from envls.syntax.heads import Begins, head
from envls.syntax.lines import Line

SURE, ASTRAY, LACKING, UNLIKELY = 5, 10, 20, 30
OUTWARD = 8  # open collections that a line may belong to

# what can stand before the beginning of a line by mistake: signs, but no dash that has a blank behind it
_DEBRIS = re.compile(r"(?:[&!*][^\s]*[ \t]+)?(?:[^\w.\-]|-(?![ \t]|$)(?=\W)|\.(?=\W))*")


@dataclass(frozen=True)
class Repair(ABC):
    """A way to take a line that fits nowhere; `state` is what is open behind the line then."""

    state: State
    cost: int

    @abstractmethod
    def apply(self, builder: Builder, index: int) -> int:
        """Do it, and say with which line to go on: the same where it fits now."""


class Misfit:
    """A line that fits nowhere: `bare` is what it says without what stands before that by mistake."""

    def __init__(self, builder: Builder, index: int) -> None:
        self.builder, self.page, self.keys, self.stack = builder, builder.page, builder.keys, builder.stack
        self.index = index
        self.lines = lines = builder.page.lines
        self.line = lines[index]
        self.next = lines[index + 1] if index + 1 < len(lines) else None
        self.levels = tuple(Level(one.is_list, one.column) for one in self.stack)
        self.waits = self.stack[-1].waits >= 0
        content = self.line.content
        self.begins = head(content)
        debris = _DEBRIS.match(content)
        is_quoted_key = content[0] in "'\"" and self.begins.begins is Begins.KEY
        self.skip = debris.end() if debris and debris.end() < len(content) and not is_quoted_key else 0
        self.bare = content[self.skip :]
        self.is_odd = self.line.start in self.page.odd

    @property
    def is_structural(self) -> bool:
        """Whether it is an item or an entry as it stands."""
        return self.begins.begins in (Begins.ITEM, Begins.KEY)

    @property
    def is_item(self) -> bool:
        return self.begins.begins is Begins.ITEM

    def outward(self) -> range:
        """How many collections would stay open for a member of each, from the innermost on."""
        return range(len(self.levels), max(1, len(self.levels) - OUTWARD), -1)

    def distance(self, column: int) -> int:
        return min(abs(self.line.indent - column), 8)

    def state(self, keep: int, *opened: Level) -> State:
        """What is open behind the line where it stands as it is written, in what is then open."""
        return enter((*self.levels[:keep], *opened), self.line.indent, self.line.content)


def is_item(line: Line) -> bool:
    return head(line.content).begins is Begins.ITEM
