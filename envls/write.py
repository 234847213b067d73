"""How to change such a text: what a fix wants done, and the edits that do it in the file's own style.

A rule says what should change (`Replace`, `Remove`, `Add`, `Create`); this room knows how the file at hand is
indented, quoted and ended. Nothing here decides whether a change is right.
"""

from __future__ import annotations

from collections.abc import Sequence as Many
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TypeAlias

from envls.syntax import Mapping, Node, Scalar, Sequence, Tree, resolve_alias, walk
from envls.text import Edit, Lines, Span


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

    What is missing of the route is written too. `before` names a key in the list that the item goes in front of.
    """

    route: tuple[str, ...]
    item: str
    path: PurePath | None = None
    before: str = ""

    def moved(self, by: int) -> Add:
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


Change: TypeAlias = Replace | Remove | BreakItem | Add | Create


def edits(changes: Many[Change], text: str, tree: Tree) -> list[Edit]:
    """The edits that make `changes` (all but `Create`) in one text."""
    lines = Lines(text)
    made: list[Edit] = []
    for change in changes:
        if isinstance(change, Replace):
            made.append(Edit(change.span, change.text))
        elif isinstance(change, Remove):
            made.append(_remove(change.at, text, lines, tree))
        elif isinstance(change, BreakItem):
            made.append(Edit(change.span, change.line_end + " " * _column(change.at, lines) + "- "))
        elif isinstance(change, Add):
            made.append(_add(change, text, lines, tree))
    return made


def newline(text: str) -> str:
    """The line end that a text uses."""
    return "\r\n" if "\r\n" in text else "\n"


def scalar(value: str, *, like: Scalar | None = None) -> str:
    """`value` as a YAML scalar on one line: quoted as `like` is, else only where it must be."""
    if like is not None and like.style.value in ("'", '"'):
        mark = like.style.value
        return (
            mark + (value.replace("'", "''") if mark == "'" else value.replace("\\", "\\\\").replace('"', '\\"')) + mark
        )
    return value if _is_plain(value) else "'" + value.replace("'", "''") + "'"


def _is_plain(value: str) -> bool:
    if not value or value != value.strip() or value[0] in "-?:,[]{}#&*!|>'\"%@`=<~":
        return False
    return (
        ": " not in value and " #" not in value and not value.endswith(":") and not value.replace(".", "", 1).isdigit()
    )


# -- removing -------------------------------------------------------------------------------------------------


def _remove(at: int, text: str, lines: Lines, tree: Tree) -> Edit:
    found = _item_at(tree.root, at)
    if found is None:
        return _remove_entry(at, text, lines, tree)
    sequence, index = found
    if sequence.flow:
        return Edit(_flow_item(sequence, index, text), "")
    first = lines.place(at)[0]
    last = lines.place(max(sequence.items[index].span.end - 1, at))[0]
    span = Span(lines.whole(first).start, lines.whole(last).end)
    before = text[lines.whole(first).start : at]
    if before.strip():
        # the first item of a list that begins on its parent's line: only the item goes
        return Edit(Span(at, sequence.dashes[index + 1]) if index + 1 < len(sequence.items) else Span(at, span.end), "")
    if span.end == len(text) and not text.endswith(("\n", "\r")) and span.start > 0:
        span = Span(lines.span(first - 1).end, span.end)
    return Edit(span, "")


def _remove_entry(at: int, text: str, lines: Lines, tree: Tree) -> Edit:
    for node in walk(tree.root):
        for entry in node.entries if isinstance(node, Mapping) and not node.flow else ():
            if entry.key.start == at:
                first, last = lines.place(at)[0], lines.place(max(entry.span.end - 1, at))[0]
                span = Span(lines.whole(first).start, lines.whole(last).end)
                if span.end == len(text) and not text.endswith(("\n", "\r")) and span.start > 0:
                    span = Span(lines.span(first - 1).end, span.end)
                return Edit(span, "")
    return Edit(Span(at, at), "")


def _flow_item(sequence: Sequence, index: int, text: str) -> Span:
    item = sequence.items[index].span
    if index + 1 < len(sequence.items):
        return Span(item.start, sequence.items[index + 1].span.start)
    start = sequence.items[index - 1].span.end if index else item.start
    end = item.end
    comma = text[end : sequence.span.end].lstrip()
    if not index and comma.startswith(","):
        end = text.index(",", end) + 1
    return Span(start, end)


def _item_at(node: Node | None, at: int) -> tuple[Sequence, int] | None:
    """The innermost list with an item that begins at `at`."""
    todo = [node] if node is not None else []
    found = None
    while todo:
        here = todo.pop()
        if isinstance(here, Sequence):
            if at in here.dashes:
                found = (here, here.dashes.index(at))
            todo += [item for item in here.items if item.span.start <= at < item.span.end]
        elif isinstance(here, Mapping):
            todo += [entry.value for entry in here.entries if entry.value.span.start <= at < entry.value.span.end]
    return found


# -- adding ---------------------------------------------------------------------------------------------------


def _add(change: Add, text: str, lines: Lines, tree: Tree) -> Edit:
    node = tree.root
    reached: list[Node] = []
    for key in change.route:
        entry_holder = node
        if isinstance(node, Sequence):
            entry_holder = next((i for i in node.items if isinstance(i, Mapping) and i.entry(key)), None)
        if not isinstance(entry_holder, Mapping) or (found := entry_holder.entry(key)) is None:
            return _new_route(change, len(reached), node, text, lines)
        node = resolve_alias(found.value)
        reached.append(node)
        if isinstance(node, Scalar) and not node.is_null:
            raise ValueError(f"`{key}` holds no list")
        if isinstance(node, Scalar):
            return _first_item(change, len(reached), found.key, text, lines)
    assert isinstance(node, Sequence | Mapping)
    return _next_item(node, change.item, text, lines, change.before)


def _next_item(node: Node, item: str, text: str, lines: Lines, before: str) -> Edit:
    if not isinstance(node, Sequence):
        raise ValueError("no list to add to")  # noqa: TRY004 (what the file says, not what the caller gave)
    if node.flow:
        if not node.items:
            return Edit(Span(node.span.start + 1, node.span.end - 1), item)
        end = node.items[-1].span.end
        return Edit(Span(end, end), ", " + item)
    if before:
        for other, dash in zip(node.items, node.dashes, strict=True):
            if isinstance(other, Mapping) and other.entry(before):
                column = _column(dash, lines)
                return Edit(Span(dash, dash), f"- {item}{newline(text)}{' ' * column}")
    plain = [i for i, other in enumerate(node.items) if isinstance(other, Scalar)]
    index = plain[-1] if plain else len(node.items) - 1
    column = _column(node.dashes[0], lines)
    if not plain and index >= 0 and isinstance(node.items[0], Mapping):
        return Edit(Span(node.dashes[0], node.dashes[0]), f"- {item}{newline(text)}{' ' * column}")
    end_line = lines.place(max(node.items[index].span.end - 1, node.dashes[index]))[0]
    return _line_after(end_line, " " * column + "- " + item, text, lines)


def _column(offset: int, lines: Lines) -> int:
    return lines.place(offset)[1]


def _line_after(line: int, content: str, text: str, lines: Lines) -> Edit:
    end = lines.whole(line).end
    if end == len(text) and not text.endswith(("\n", "\r")):
        return Edit(Span(end, end), newline(text) + content)
    return Edit(Span(end, end), content + newline(text))


def _first_item(change: Add, depth: int, key: Scalar, text: str, lines: Lines) -> Edit:
    """The route leads to a key without value."""
    column = _column(key.start, lines) + indentation(text)
    content = _nested(change.route[depth:], change.item, column, text)
    return _line_after(lines.place(key.start)[0], content, text, lines)


def _new_route(change: Add, depth: int, node: Node | None, text: str, lines: Lines) -> Edit:
    """A key of the route is not there: it is written behind what is."""
    rest = change.route[depth:]
    step = indentation(text)
    if isinstance(node, Sequence) and not node.flow and node.items:
        column = _column(node.dashes[0], lines)
        inner = _nested(rest[1:], change.item, column + 2 + step, text)
        content = " " * column + f"- {rest[0]}:" + newline(text) + inner
        return _line_after(lines.place(max(node.span.end - 1, 0))[0], content, text, lines)
    content = _nested(rest, change.item, 0, text)
    last = len(lines) - 1
    while last > 0 and not text[slice(*lines.span(last))].strip():
        last -= 1
    if not text.strip():
        return Edit(Span(len(text), len(text)), content + newline(text))
    return _line_after(last, content, text, lines)


def _nested(route: tuple[str, ...], item: str, column: int, text: str) -> str:
    if not route:
        return " " * column + "- " + item
    step = indentation(text)
    return " " * column + route[0] + ":" + newline(text) + _nested(route[1:], item, column + step, text)


def indentation(text: str) -> int:
    """How many blanks one level of a text has: as its first indented line, else two."""
    for line in text.splitlines():
        bare = line.lstrip(" ")
        if bare and bare[0] not in "#\t" and len(bare) < len(line):
            return min(len(line) - len(bare), 8)
    return 2
