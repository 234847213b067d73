"""Ways to take a line that fits nowhere where the line above it is at fault.

That one lacks its dash or its colon, says what is no value, or is commented out. After each of these ways the line fits
as it is written, and is read once more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from envls.syntax import values
from envls.syntax.builder import Builder
from envls.syntax.frames import Level, Open, enter, step, unwritten
from envls.syntax.heads import Begins, head
from envls.syntax.keys import Meant, key_of
from envls.syntax.misfit import ASTRAY, LACKING, SURE, UNLIKELY, Misfit, Repair, is_item
from envls.syntax.scalars import plain
from envls.syntax.tree import Node, Scalar, Style
from envls.text import Edit, Span

_NAME = re.compile(r"[\w-]+")


def ways(line: Misfit) -> Iterator[Repair]:
    """What the line above may have been meant to be."""
    if line.is_structural and not line.waits and line.index:
        yield from _value_above(line)
    yield from _commented_out(line)


def _value_above(line: Misfit) -> Iterator[Repair]:
    """What the line above says is a word that lacks its colon or dash, or no value of the key before it."""
    top, keep, indent = line.stack[-1], len(line.levels), line.line.indent
    above, start = line.lines[line.index - 1], top.last.span.start
    if top.last.span.end <= above.start:
        return
    if indent < top.column or (indent == top.column and (top.is_list or not line.is_item)):
        return
    in_list, own_line = top.is_list and keep > 1, top.newest < above.start
    written = above.content[max(start - above.start, 0) :]
    if not top.is_list:
        yield _no_value(line, top)
        key = line.keys.at_top(written) if keep == 2 else line.keys.in_item(written)
        if key is not None and written.endswith(":") and start >= above.start:
            yield KeyInValue(line.state(keep), SURE + 1, key)
    if (own_line or in_list) and not (in_list and line.is_item):
        cost = SURE + 4 if indent == above.indent else LACKING + 2
        yield FirstAbove(line.state(keep, Level(line.is_item, indent)), cost, line.is_item, indent)
    column = min(above.indent + start - above.start, indent - (not line.is_item))
    if (own_line or in_list) and column > top.column and start >= above.start:
        yield from _key_above(line, written, column, in_list)


def _no_value(line: Misfit, top: Open) -> Repair:
    above = line.lines[line.index - 1]
    known, key = line.keys.knows(top.newest_key), None
    if not known and (begins := key_of(above.content)):
        written, at = begins.text.raw, above.content.find(begins.text.raw)
        key = (line.keys.at_top if len(line.levels) == 2 else line.keys.in_item)(written + ":")
        key = replace(key, start=at, written=written) if key else None
    cost = UNLIKELY
    if line.page.is_broken(line.page.all_lines.place(above.start)[0]) or _says_nothing(top.last):
        cost = SURE + 3
    elif (known or key) and line.is_item:
        cost = LACKING - 4 if top.newest_key in line.keys.top else SURE + 4
    return NoValue(line.state(len(line.levels)), cost, key)


def _says_nothing(node: Node) -> bool:
    """Whether a value is no more than a sign, or a text of lines that are entries or items themselves."""
    if not isinstance(node, Scalar):
        return False
    if node.style in (Style.LITERAL, Style.FOLDED):
        first = node.value.split("\n", 1)[0]
        if not first or head(first).begins is Begins.ITEM:
            return True
        return head(first).begins is Begins.KEY and _NAME.fullmatch(head(first).text.value) is not None
    return re.fullmatch(r"[^\w./~-]+", node.value) is not None


def _key_above(line: Misfit, written: str, column: int, in_list: bool) -> Iterator[Repair]:
    key, cost = None, LACKING + UNLIKELY - 5
    if in_list:
        key = line.keys.in_item(written)
        key = key if key and key.is_alone_in(written) else None
        if key is None and line.is_item and line.keys.of_items:
            return  # several items that stand too deep
    elif len(line.levels) == 1:
        key = line.keys.at_top(written)
    if key:
        surely = not in_list or key.key != written or line.keys.items_that_begin_with(key.key) > 1
        # of a single item below `- pip` it is not known whether it is pip's or only stands too deep
        like_others = line.line.indent - line.levels[-1].column in (2, 4)
        cost = SURE + 3 if surely else ASTRAY + 1 if like_others else LACKING + 5
    yield KeyAbove(line.state(len(line.levels), Level(False, column)), cost, column, key)


@dataclass(frozen=True)
class NoValue(Repair):
    """What stands behind the key above is not its value."""

    key: Meant | None

    def apply(self, builder: Builder, index: int) -> int:
        page, top = builder.page, builder.stack[-1]
        start = top.unfill().span.start
        end = page.all_lines.span(page.all_lines.place(start)[0]).end
        page.blame(start, Span(start, end), "this cannot stand beside what stands below it")
        if self.key:
            top.key = self.key.scalar(page.lines[index - 1].start)
        top.waits = start
        page.forget_text(start)  # what a text of several lines swallowed is read as what it is
        return min(index, page.line_at(start + 1))


@dataclass(frozen=True)
class KeyInValue(Repair):
    """The value above is a key that lacks the line break before it."""

    key: Meant

    def apply(self, builder: Builder, index: int) -> int:
        top, above = builder.stack[-1], builder.page.lines[index - 1]
        start = top.unfill().span.start
        builder.fill(unwritten(start))
        top.key = self.key.scalar(start)
        top.waits = top.key.span.end
        builder.page.blame(above.start, top.key.span, "a key begins a line of its own")
        return index


@dataclass(frozen=True)
class FirstAbove(Repair):
    """What stands above is the first member of a collection at `column`, without its dash or its colon."""

    is_list: bool
    column: int

    def apply(self, builder: Builder, index: int) -> int:
        node = builder.stack[-1].unfill()
        start = node.span.start
        new = builder.enter(self.column, start, is_list=self.is_list)
        if new is None:
            builder.fill(node)
            return index
        written = builder.page.text[start : node.span.end]
        if not self.is_list and isinstance(node, Scalar) and (glued := builder.keys.glued(written)):
            fix = ("Insert the blank", Edit(Span(start + glued, start + glued), " "))
            builder.page.blame(start, node.span, "a blank follows the colon", fix)
            new.key = Scalar(start, plain(written[: glued - 1]))
            new.fill(Scalar(start + glued, plain(written[glued:])))
            return index
        if not self.is_list:
            _lacks_colon(builder, index, new, node, None)
            new.fill(unwritten(new.waits))
            return index
        dash = ("Insert the dash", Edit(Span(start, start), "- ")) if values.is_open(node) else None
        builder.page.blame(start, node.span, "an item of a list begins with `- `", dash)
        new.dashes.append(start)
        new.items.append(node)
        return index


@dataclass(frozen=True)
class KeyAbove(Repair):
    """What stands above is a key without its colon; its mapping is at `column`."""

    column: int
    key: Meant | None

    def apply(self, builder: Builder, index: int) -> int:
        node = builder.stack[-1].unfill()
        new = builder.enter(self.column, node.span.start, is_list=False)
        if new is None:
            builder.fill(node)
        else:
            _lacks_colon(builder, index, new, node, self.key)
        return index


def _lacks_colon(builder: Builder, index: int, new: Open, node: Node, meant: Meant | None) -> None:
    """Take a value for the key of a new mapping."""
    page, start = builder.page, node.span.start
    above = page.content(index - 1)
    if meant:
        key = meant.scalar(start)
    else:
        key = node if isinstance(node, Scalar) else Scalar(start, plain(page.text[start : max(start, above.end)]))
    behind = Span(key.span.end, max(key.span.end, node.span.end))
    sign = page.text[behind.start : behind.end].strip()
    fix = (f"Write `:` for `{sign}`" if sign else "Insert the colon", Edit(behind, ":"))
    mends = values.is_open(node) and key.start == start and sign in ("", "=", ";")
    page.blame(above.start, key.span, "a key ends with `:`", fix if mends else None)
    new.key, new.waits = key, key.span.end


# -- comments above -------------------------------------------------------------------------------------------


def _commented_out(line: Misfit) -> Iterator[Repair]:
    """The key that the line stands below is commented out."""
    for comment in line.page.commented_out(line.index):
        begins = key_of(comment.content)
        if begins is None or not comment.content.endswith(":") or not _NAME.fullmatch(begins.text.value):
            continue
        for keep in line.outward():
            level = line.levels[keep - 1]
            state = enter(line.levels[:keep], level.column, comment.content)
            after = step(state, line.line) if level.is_list is is_item(comment) else None
            if after:
                cost = SURE + 1 if line.keys.knows(begins.text.value) else UNLIKELY - 4
                cost += abs(level.column - comment.indent)
                yield CommentedOut(after, cost, keep, level.column, comment.start, comment.content)


@dataclass(frozen=True)
class CommentedOut(Repair):
    """The comment at `start` is the key that the line stands below."""

    keep: int
    column: int
    start: int
    content: str

    def apply(self, builder: Builder, index: int) -> int:
        builder.close_to(self.keep)
        builder.take(index, self.start, self.column, self.content)
        span = Span(self.start, self.start + len(self.content))
        builder.page.blame(self.start, span, "what stands below this is not commented out")
        return index
