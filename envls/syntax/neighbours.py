"""What the lines round a line say of it: which of two that disagree is at fault, and what a broken one was meant to be.

Nothing here reads or reports; `block` asks, and does both.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

from envls.syntax.heads import Begins, Head, head
from envls.syntax.lines import Line


def key_of(line: Line) -> Head | None:
    """The head of the key that a line begins with, behind its dash if it has one."""
    begins = head(line.content)
    if begins.begins is Begins.ITEM and begins.value < len(line.content):
        begins = head(line.content[begins.value :])
    return begins if begins.begins is Begins.KEY else None


class Neighbours:
    """The lines of a text that have content, asked about one by its index; one past the end says nothing."""

    def __init__(self, text: str, lines: list[Line], keys: Collection[str], item_keys: Collection[str]) -> None:
        self.text, self.lines = text, lines
        self.keys, self.item_keys = keys, item_keys

    def is_outer_key(self, index: int, begins: Begins) -> bool:
        """Whether a key among items belongs further out: its own items stand beside it."""
        if begins is not Begins.KEY or index + 1 >= len(self.lines):
            return False
        following = self.lines[index + 1]
        return following.indent == self.lines[index].indent and head(following.content).begins is Begins.ITEM

    def lacks_dash(self, index: int) -> bool:
        """Whether a line is an item without its dash: one stands behind it, and it is no key that lacks its colon."""
        if not self.keys:
            return False
        line = self.lines[index]
        begins = head(line.content)
        after = index + 1
        if begins.begins is Begins.KEY and begins.text.value in self.item_keys:
            after = self.skip_deeper(after, line.indent)
        elif begins.begins is not Begins.PLAIN and line.content[0] not in "-'\"":
            return False
        if after >= len(self.lines) or self.lines[after].indent != line.indent:
            return False
        following = head(self.lines[after].content)
        return following.begins is Begins.ITEM and not self.may_be(self.keys, begins.text.raw)

    def may_be(self, keys: Collection[str], word: str) -> bool:
        """Whether a word is one of `keys`, or the beginning of one, that is not written elsewhere."""
        return bool(word) and any(key.startswith(word) and key not in self._written for key in keys)

    @cached_property
    def _written(self) -> frozenset[str]:
        """The keys that some line begins with."""
        return frozenset(one.text.value for one in map(key_of, self.lines) if one is not None)

    def stands_alone(self, index: int, column: int) -> bool:
        """Whether an item that stands further out than its list is followed by the next one of that list.

        What it says is a scalar, so it cannot have that one below it; unless that one stands alone in its turn.
        """
        if index + 1 >= len(self.lines) or self.lines[index + 1].indent != column:
            return False
        ours, following = self.lines[index], self.lines[index + 1]
        if head(ours.content).begins is not Begins.ITEM or head(following.content).begins is not Begins.ITEM:
            return False
        after = self.lines[index + 2] if index + 2 < len(self.lines) else following
        tabbed = self.text[ours.start - 1] == "\t"
        if not tabbed and after.indent == ours.indent and head(after.content).begins is Begins.ITEM:
            return False
        value = ours.content[head(ours.content).value :]
        return (
            bool(value)
            and self.shows_column(index + 1)
            and key_of(ours) is None
            and not self.may_be(self.item_keys, value)
        )

    def shows_column(self, index: int) -> bool:
        """Whether the place of an item says where its list stands: it is not known how deep a tab is, and what
        follows a key at the same indentation may be below that key.
        """
        line = self.lines[index]
        if self.text[line.start - 1] == "\t":
            return False
        return not (key_of(line) and index + 1 < len(self.lines) and self.lines[index + 1].indent == line.indent)

    def is_first_alone(self, index: int, column: int) -> bool:
        """Whether the first item of a list stands alone where it stands, and its neighbours stand as the second one."""
        if not self.shows_column(index):
            return False
        second = self.lines[index]
        inner = -1 if key_of(second) else column
        following = (
            line.indent for line in self.lines[index + 1 :] if line.indent <= second.indent or line.indent == inner
        )
        return next(following, second.indent) == second.indent

    def next_indent(self, index: int) -> int:
        """The indentation of the first line behind `index` that is not below it; its own at the end."""
        indent = self.lines[index].indent
        for line in self.lines[index + 1 :]:
            if line.indent <= indent:
                return line.indent
        return indent

    def has_keys(self, index: int, parent: int) -> bool:
        """Whether line `index` is a key that stands deeper than `parent`."""
        if index >= len(self.lines):
            return False
        return self.lines[index].indent > parent and head(self.lines[index].content).begins is Begins.KEY

    def goes_on_with_key(self, index: int, column: int) -> bool:
        """Whether line `index` is a key with a value beside it, at `column`."""
        if index >= len(self.lines) or self.lines[index].indent != column:
            return False
        begins = head(self.lines[index].content)
        return begins.begins is Begins.KEY and begins.value < len(self.lines[index].content)

    def has_items(self, index: int, column: int) -> bool:
        """Whether line `index` is an item at `column` or deeper."""
        if index >= len(self.lines):
            return False
        line = self.lines[index]
        return line.indent >= column and head(line.content).begins is Begins.ITEM

    def skip_deeper(self, index: int, parent: int) -> int:
        """The first line from `index` on that is not deeper than `parent`."""
        while index < len(self.lines) and self.lines[index].indent > parent:
            index += 1
        return index
