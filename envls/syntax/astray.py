"""Ways to take a line that fits nowhere where the line itself is at fault.

It stands at the wrong column, lacks its dash or its colon, is broken before them, or says nothing at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from envls.syntax import values
from envls.syntax.builder import Builder
from envls.syntax.frames import Level, State, enter, step
from envls.syntax.heads import Begins, head, without_comment
from envls.syntax.keys import Meant, key_of
from envls.syntax.misfit import ASTRAY, LACKING, SURE, UNLIKELY, Misfit, Repair, is_item
from envls.syntax.page import Page
from envls.syntax.scalars import plain
from envls.syntax.tree import Scalar
from envls.text import Edit, Span

_GLUED = re.compile(r"-(?!-)\S(?![ \t])")  # `-e .` is what pip reads, and lacks its dash
_NOT_MEANT = ("{%", "{#", "<<<<<<<", ">>>>>>>")  # templates, and what a merge leaves behind


def ways(line: Misfit) -> Iterator[Repair]:
    """The line as a member of what is open or waited for, or as nothing."""
    yield _nothing(line)
    for keep in line.outward():
        level = line.levels[keep - 1]
        if level.is_list:
            yield _item(line, keep, level.column, line.levels[:keep])
        else:
            yield from _entry(line, keep, level.column, line.levels[:keep])
    if line.waits:
        yield from _first_member(line)


def _first_member(line: Misfit) -> Iterator[Repair]:
    """The first member of what a dash or key waits for, at the column of the next line or its own."""
    keep, outer = len(line.levels), line.levels[-1].column
    own = head(line.bare).begins
    columns = {line.line.indent: own}
    if line.next is not None:
        columns[line.next.indent] = head(line.next.content).begins
    for column, begins in columns.items():
        holds_list = line.stack[-1].newest_key in line.keys.of_items and column == line.line.indent
        if (Begins.ITEM in (begins, own) or (holds_list and own is Begins.PLAIN)) and column >= outer:
            yield _item(line, keep, column, (*line.levels, Level(True, column)))
        elif Begins.KEY in (begins, own) and column > outer:
            yield from _entry(line, keep, column, (*line.levels, Level(False, column)))


# -- nothing --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Nothing(Repair):
    """The line says nothing."""

    def apply(self, builder: Builder, index: int) -> int:
        return pass_over(builder, index)


def _nothing(line: Misfit) -> Repair:
    content = line.line.content
    aside = not re.search(r"\w", content) or content.startswith(_NOT_MEANT)
    return Nothing(State(line.levels, line.waits), SURE if aside else 2 * UNLIKELY)


def pass_over(builder: Builder, index: int) -> int:
    """Say that a line belongs nowhere, unless the one above it does not either, and go on behind it."""
    page, top = builder.page, builder.stack[-1]
    line = page.lines[index]
    message = "this does not belong to what stands before it"
    if not top.is_list and is_item(line):
        message = "a list item cannot stand among keys"
    elif not top.is_list and head(line.content).begins is Begins.PLAIN:
        message = "a key ends with `:`"
    if page.passed_over != index - 1:
        page.blame(line.start, page.content(index), message)
    page.passed_over = index
    page.comment_behind(line.start, line.content)
    return index + 1


# -- items ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item(Repair):
    """The line is an item of the list at `column`, `keep` collections stay open; `skip` characters of it are debris."""

    keep: int
    column: int
    skip: int
    key: Meant | None

    def apply(self, builder: Builder, index: int) -> int:
        page = builder.page
        line = page.lines[index]
        start, content = line.start + self.skip, line.content[self.skip :]
        lists = [one.column for one in builder.stack if one.is_list and one.column >= 0]
        builder.close_to(self.keep)
        begins = head(content).begins
        _blame_debris(page, line.start, self.skip, lacks_dash=begins is not Begins.ITEM)
        if begins is Begins.ITEM:
            page.misplaced(line.start, self.column)
            return builder.take(index, start, self.column, content)
        glued = _GLUED.match(content) is not None
        if glued:
            fix = ("Insert the blank", Edit(Span(start + 1, start + 1), " "))
        else:
            fix = ("Insert the dash", Edit(Span(start, start), "- "))
        # lines pasted at the left edge below a list in a list may be meant for either
        sure = page.unsure != index - 1 and (len(lists) < 2 or line.indent >= lists[0])
        page.unsure = page.unsure if sure else index
        page.blame(line.start, page.content(index), "an item of a list begins with `- `", fix, sure=sure)
        top = builder.enter(self.column, start, is_list=True)
        if top is None:
            return index + 1
        top.dashes.append(start)
        top.waits = start + glued
        following = builder.take(index, start + glued, self.column + 2 - glued, content[glued:])
        inner = builder.stack[-1]
        if self.key and inner.waits >= 0 and not inner.is_list:
            inner.key = self.key.scalar(line.start)
        return following


def _item(line: Misfit, keep: int, column: int, levels: tuple[Level, ...]) -> Repair:
    content = line.line.content
    begins = head(line.bare)
    cost = (SURE if line.is_odd else ASTRAY) + line.distance(column)
    key: Meant | None = None
    if begins.begins is Begins.ITEM:
        state = _with_keys_below(line, enter(levels, column, line.bare), column)
        if state.waits and _has_below(line, state):
            cost -= 3
        elif state.waits and line.next is not None and line.next.indent > line.line.indent:
            cost += ASTRAY  # what looks like its value would not be
    elif _GLUED.match(line.bare):
        state = _with_keys_below(line, enter(levels, column + 1, line.bare[1:]), column)
        key = line.keys.in_item(content) if begins.begins is Begins.KEY else None
        cost += 2
    else:
        state = _with_keys_below(line, enter(levels, column + 2, line.bare), column)
        word = begins.text.value if begins.begins is Begins.KEY else ""
        if word in line.keys.of_items:
            cost += 2
        else:
            key = line.keys.in_item(content) if word else None
            cost += LACKING - ASTRAY
            cost += UNLIKELY * (word in line.keys.top or line.keys.at_top(content) is not None)
            cost += UNLIKELY * (not re.search(r"\w", content))
    return Item(state, cost, keep, column, line.skip, key)


def _has_below(line: Misfit, state: State) -> bool:
    """Whether what waits for a value gets it on the next line."""
    after = step(state, line.next) if line.next is not None else None
    return after is not None and after.levels[: len(state.levels)] == state.levels


def _with_keys_below(line: Misfit, state: State, column: int) -> State:
    """The state behind an item that begins with a key: the other keys, or its list, stand where they stand."""
    inner, after = state.levels[-1], line.next
    if inner.is_list or inner.column <= column or after is None or after.indent <= column:
        return state
    if is_item(after):
        moves = after.indent < inner.column and state.waits
    else:
        moves = key_of(after.content) is not None and (after.indent < inner.column or not state.waits)
    return state._replace(levels=(*state.levels[:-1], Level(False, after.indent))) if moves else state


# -- entries --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry(Repair):
    """The line is an entry of the mapping at `column`; where `key` is given, or it has no colon, it is a key alone."""

    keep: int
    column: int
    skip: int
    key: Meant | None = None

    def apply(self, builder: Builder, index: int) -> int:
        page = builder.page
        line = page.lines[index]
        start, content = line.start + self.skip, line.content[self.skip :]
        builder.close_to(self.keep)
        begins = head(content)
        if begins.begins is Begins.KEY:
            _blame_debris(page, line.start, self.skip)
            page.misplaced(line.start, self.column)
            return builder.take(index, start, self.column, content)
        top = builder.enter(self.column, start, is_list=False)
        if top is None:
            return index + 1
        if self.key:
            key = self.key.scalar(line.start)
        else:
            key = Scalar(start, begins.text) if begins.begins is Begins.PLAIN else values.raw(start, content)
        fix = ("Insert the colon", Edit(Span(key.span.end, key.span.end), ":"))
        is_whole = not self.skip and key.text.raw == without_comment(content).rstrip()
        page.blame(line.start, page.content(index), "a key ends with `:`", fix if is_whole else None)
        top.key, top.waits = key, key.span.end
        page.comment_behind(line.start, line.content)
        return index + 1


@dataclass(frozen=True)
class GluedEntry(Repair):
    """The line is an entry of the mapping at `column` that lacks the blank before its value, which stands at `value`."""

    keep: int
    column: int
    start: int
    value: int

    def apply(self, builder: Builder, index: int) -> int:
        page = builder.page
        builder.close_to(self.keep)
        top = builder.enter(self.column, self.start, is_list=False)
        if top is None:
            return index + 1
        fix = ("Insert the blank", Edit(Span(self.value, self.value), " "))
        page.blame(self.start, page.content(index), "a blank follows the colon", fix)
        top.key = Scalar(self.start, plain(page.text[self.start : self.value - 1]))
        top.waits = self.value
        column = self.column + self.value - self.start
        return builder.take(index, self.value, column, page.text[self.value : page.content(index).end])


def _entry(line: Misfit, keep: int, column: int, levels: tuple[Level, ...]) -> Iterator[Repair]:
    content = line.line.content
    at_top, distance = len(levels) == 2, line.distance(column)
    begins = head(line.bare)
    if begins.begins is Begins.ITEM and (inner := key_of(line.bare)) is not None:
        # a dash that does not belong there
        skip = line.skip + begins.value
        cost = distance + (SURE + 3 if at_top and inner.text.value in line.keys.top else 25 if distance else 12)
        cost += UNLIKELY * (inner.text.value in line.keys.of_items)
        yield Entry(enter(levels, column, content[skip:]), cost, keep, column, skip)
    elif begins.begins is Begins.KEY:
        state, word = enter(levels, column, line.bare), begins.text.value
        is_top_key = word in line.keys.top
        cost = SURE if line.is_odd else ASTRAY
        cost += min(distance, 2) if at_top and is_top_key else distance
        cost += UNLIKELY * (is_top_key and not at_top)
        if word in line.keys.of_items or (not is_top_key and line.keys.in_item(content)):
            cost += UNLIKELY
        after, indent = line.next, line.line.indent
        if state.waits and after is not None and column < indent == after.indent and not is_item(after):
            cost += UNLIKELY // 2  # what looks like the next entry would be its value
        yield Entry(state, cost, keep, column, line.skip)
    elif re.search(r"\w", content):
        if at_top and (glued := line.keys.glued(line.bare)):
            start = line.line.start + line.skip
            state = enter(enter(levels, column, line.bare[:glued]).levels, column + glued, line.bare[glued:])
            yield GluedEntry(state, SURE + 3 + distance, keep, column, start, start + glued)
        key = line.keys.at_top(content) if at_top else None
        cost = (ASTRAY + 4 if key else LACKING + UNLIKELY) + distance
        if key or begins.begins is not Begins.ITEM:
            yield Entry(State(levels, True), cost, keep, column, line.skip, key)


_LIKE_A_DASH = re.compile(r"[-\u2010-\u2015\u2022\u2212\u00b7*][^\S\r\n]*")


def _blame_debris(page: Page, start: int, skip: int, *, lacks_dash: bool = False) -> None:
    """Say that the line at `start` begins with what does not belong there, or (copied from a web page) only looks like a dash."""
    if skip:
        written = page.text[start : start + skip]
        shown = written.strip()
        said, fix = f"`{shown}` cannot stand here", (f"Remove `{shown}`", Edit(Span(start, start + skip), ""))
        if lacks_dash and _LIKE_A_DASH.fullmatch(written):
            no_dash = (
                f"`{shown}` is no dash of a list"
                if shown != "-"
                else "behind the dash stands another blank than a space"
            )
            said, fix = f"{no_dash}; an item begins with `- `", ("Write `- `", Edit(Span(start, start + skip), "- "))
        page.blame(start, Span(start, start + skip), said, fix)
