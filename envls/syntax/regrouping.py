"""Ways to take a line that fits nowhere where a collection above it is at fault.

It stands at another column than its first line says, holds what its first member should, or was closed too early. After
each of these ways the line fits as it is written, and is read once more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from envls.syntax.builder import Builder
from envls.syntax.frames import Level, Open, is_unwritten, unwritten
from envls.syntax.keys import Meant, key_of
from envls.syntax.misfit import ASTRAY, LACKING, SURE, UNLIKELY, Misfit, Repair, is_item
from envls.syntax.tree import Entry, Mapping, Node, Scalar, Sequence
from envls.text import Edit, Span

_ROUND = 50  # lines before and behind that are asked how deep items stand


def ways(line: Misfit) -> Iterator[Repair]:
    """Where the collections above may stand instead."""
    if not line.is_structural:
        return
    for keep in line.outward():
        yield from _moved(line, keep)
        yield from _nested(line, keep)
        yield from _reopened(line, keep)
    if not line.is_item and len(line.levels) > 1 and line.levels[1].is_list:
        yield KeysAtTop(line.state(1, Level(False, line.line.indent)), LACKING + LACKING)


def _moved(line: Misfit, keep: int) -> Iterator[Repair]:
    """The only member of a collection stands at another column than those that follow, or is of another kind."""
    one, outer, indent = line.stack[keep - 1], line.levels[keep - 2], line.line.indent
    if len(one) != 1 or (keep == 2 and one.column == 0):
        return
    if not one.is_list and keep == len(line.levels) and line.waits:
        ahead = line.lines[line.index + 1 : line.index + 9]
        columns = {other.indent for other in ahead if outer.column < other.indent < indent}
        for column in (*columns, indent) if line.is_item else columns:
            cost = SURE + 4 if line.is_item else ASTRAY + 2
            yield Moved(line.state(keep - 1, Level(False, column)), cost, keep, Level(False, column))
    if indent < outer.column or (indent == outer.column and (outer.is_list or not line.is_item)):
        return
    begun_above = one.newest >= line.lines[line.index - 1].start
    if line.is_item is one.is_list:
        cost = SURE if one.start in line.page.odd else ASTRAY + 1 if begun_above else ASTRAY + 6
        if one.is_list:
            here, there = _items_at(line, indent), _items_at(line, one.column)
            cost += ASTRAY * (there > here) - 2 * (here > there)
    elif line.keys.knows(one.newest_key) or not (begun_above or one.is_list):
        return
    else:
        is_dash_too_many = one.is_list and key_of(line.lines[line.page.line_at(one.newest)].content) is not None
        cost = ASTRAY + 1 if is_dash_too_many else LACKING
    outer_key = line.stack[keep - 2].newest_key
    if outer_key and not line.keys.knows(outer_key) and not line.page.begins_line(one.start):
        cost += ASTRAY  # it stands beside a key that is none
    level = Level(line.is_item, indent)
    yield Moved(line.state(keep - 1, level), cost, keep, level)


def _items_at(line: Misfit, column: int) -> int:
    """How many items round the line, without those that are asked about, stand at a column."""
    near = line.lines[max(0, line.index - _ROUND) : line.index + _ROUND]
    return sum(other.indent == column and other.content[0] == "-" for other in near)


@dataclass(frozen=True)
class Moved(Repair):
    """A collection with one member stands at another column; it is a list or a mapping as the others there are."""

    keep: int
    level: Level

    def apply(self, builder: Builder, index: int) -> int:
        page = builder.page
        builder.close_to(self.keep)
        one = builder.stack[-1]
        one.column = self.level.column
        if one.is_list is self.level.is_list:
            page.misplaced(one.start, self.level.column)
            return index
        builder.fill_unwritten()
        start = one.newest
        one.is_list = self.level.is_list
        if one.is_list:
            entry = one.entries.pop()
            one.items, one.dashes = [Mapping(entry.span, (entry,))], [start]
            fix = ("Insert the dash", Edit(Span(start, start), "- "))
            page.blame(start, page.line_of(start), "an item of a list begins with `- `", fix)
        else:
            one.entries = _entries(one.items.pop(), start)
            one.key = one.entries[-1].key
            page.blame(start, page.line_of(start), "a list item cannot stand among keys")
        return index


def _entries(item: Node, start: int) -> list[Entry]:
    """The entries of what was an item; below a first key without value those behind it are its value."""
    if not isinstance(item, Mapping):
        key = item if isinstance(item, Scalar) else unwritten(start)
        return [Entry(key, unwritten(key.span.end))]
    first, *others = item.entries
    if others and is_unwritten(first.value):
        span = Span(others[0].key.start, others[-1].span.end)
        return [Entry(first.key, Mapping(span, tuple(others)))]
    return [first, *others]


def _nested(line: Misfit, keep: int) -> Iterator[Repair]:
    """The first member of a collection waits for a value, and this line says that it stands further out."""
    one, outer, indent = line.stack[keep - 1], line.levels[keep - 2], line.line.indent
    if len(one) < 2 or not outer.column < indent < one.column or one.is_list is not line.is_item:
        return
    first = one.items[0] if one.is_list else None
    entries = first.entries if isinstance(first, Mapping) else one.entries
    if entries and (len(entries) == 1 or not one.is_list) and is_unwritten(entries[0].value):
        yield Nested(line.state(keep - 1, Level(one.is_list, indent)), ASTRAY + 1, keep, indent)


@dataclass(frozen=True)
class Nested(Repair):
    """The first member of a collection stands at `column`, and the others are its value."""

    keep: int
    column: int

    def apply(self, builder: Builder, index: int) -> int:
        builder.close_to(self.keep)
        builder.fill_unwritten()
        one = builder.stack[-1]
        one.column = self.column
        if not one.is_list:
            builder.page.misplaced(one.entries[0].key.start, self.column)
            one.entries = _entries(Mapping(Span(one.start, one.start), tuple(one.entries)), one.start)
            one.key = one.entries[-1].key
            return index
        first, *others = one.items
        assert isinstance(first, Mapping)
        builder.page.misplaced(one.dashes[0], self.column)
        span = Span(one.dashes[1], others[-1].span.end)
        entry = Entry(first.entries[0].key, Sequence(span, tuple(others), tuple(one.dashes[1:])))
        one.items, one.dashes = [Mapping(entry.span, (entry,))], one.dashes[:1]
        return index


@dataclass(frozen=True)
class KeysAtTop(Repair):
    """What the text begins with belongs to no key."""

    def apply(self, builder: Builder, index: int) -> int:
        builder.close_to(1)
        start = builder.stack[0].unfill().span.start
        builder.page.blame(start, builder.page.line_of(start), "a list item cannot stand among keys")
        return index


def _reopened(line: Misfit, keep: int) -> Iterator[Repair]:
    """The newest member belongs to a collection that it closed, and that this line fits."""
    one, wanted = line.stack[keep - 1], Level(line.is_item, line.line.indent)
    if len(one) < 2 or (one.is_list and not wanted.is_list):
        return
    closed = one.closed if one.closed_at == len(one) - 1 else ()
    inner = [Level(frame.is_list, frame.column) for frame in closed]
    lacks_dash = wanted.is_list and not one.is_list
    key = line.keys.in_item(one.newest_key) if lacks_dash else None
    cost = _cost_of_reopening(line, one, key, lacks_dash)
    for count in range(len(inner), 0, -1):
        if inner[count - 1] == wanted:
            yield Reopened(line.state(keep, *inner[:count]), cost, keep, count, None, key)
    left = closed[-1] if closed else one
    outer = inner[-1] if inner else line.levels[keep - 1]
    if _left_empty(left, 1 if closed or one.waits >= 0 else 2) and wanted.column >= outer.column + (
        outer.is_list or not wanted.is_list
    ):
        yield Reopened(line.state(keep, *inner, wanted), cost + 2, keep, len(inner), wanted, key)


def _cost_of_reopening(line: Misfit, one: Open, key: Meant | None, lacks_dash: bool) -> int:
    newest = one.newest_key
    if lacks_dash:
        cost = SURE + 1 if key or newest in line.keys.of_items or not re.search(r"\w", newest) else LACKING
        is_top_key = newest in line.keys.top or line.keys.at_top(newest + ":") is not None
        return cost + UNLIKELY * is_top_key
    if one.newest in line.page.odd:
        return SURE - 1
    after = line.next
    goes_on = line.is_item and after is not None and after.indent == one.column and is_item(after)
    return ASTRAY + 3 if goes_on else ASTRAY - 1


def _left_empty(one: Open, back: int) -> bool:
    """Whether the member `back` from the end was left without a value."""
    values_of = one.items if one.is_list else [entry.value for entry in one.entries[-2:]]
    return len(values_of) >= back and is_unwritten(values_of[-back])


@dataclass(frozen=True)
class Reopened(Repair):
    """The newest member belongs to the innermost of `count` collections that it closed, or to a new one in that."""

    keep: int
    count: int
    new: Level | None
    key: Meant | None

    def apply(self, builder: Builder, index: int) -> int:
        page, stack = builder.page, builder.stack
        one = stack[self.keep - 1]
        inner = list(one.closed)[: self.count]
        builder.close_to(self.keep)
        builder.fill_unwritten()
        node, start, entry = self._take_newest(one)
        one.unfill()
        for outer in inner[:-1]:
            outer.unfill()
        stack += inner
        if self.new:
            if inner:
                inner[-1].unfill()
            stack.append(Open(self.new.is_list, self.new.column, start))
        top = stack[-1]
        if top.is_list:
            top.items.append(node)
            top.dashes.append(start)
        elif entry:
            top.entries.append(entry)
            top.key = entry.key
        if one.is_list or not top.is_list:
            page.misplaced(start, top.column)
        else:
            fix = ("Insert the dash", Edit(Span(start, start), "- "))
            page.blame(start, Span(start, start + 1), "an item of a list begins with `- `", fix)
        return index

    def _take_newest(self, one: Open) -> tuple[Node, int, Entry | None]:
        """The newest member as an item, where it begins, and as an entry if it was one."""
        if one.is_list:
            return one.items.pop(), one.dashes.pop(), None
        entry = one.entries.pop()
        if self.key:
            entry = Entry(self.key.scalar(entry.key.start), entry.value)
        return Mapping(entry.span, (entry,)), entry.key.start, entry
