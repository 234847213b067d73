"""How to change such a text: what a fix wants done, and the edits that do it in the file's own style.

A rule says what should change (`Replace`, `Remove`, `Add`, `Create`, ...); this room knows how the file at hand is
indented, quoted and ended. Nothing here decides whether a change is right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence as Many
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TypeAlias

from envls.syntax import Kind, Mapping, Node, Scalar, Sequence, Style, Text, Tree, resolve_alias, resolved, walk
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

    What is missing of the route is written too, and with a new list `beside`, an item that the list around it must have,
    unless it has one that begins so. `before` names a key in the list that the item goes in front of. With `near`, an
    offset, the route begins in the innermost mapping around it that has its first key; else at the top.
    """

    route: tuple[str, ...]
    item: str
    path: PurePath | None = None
    before: str = ""
    beside: str = ""
    near: int | None = None

    def moved(self, by: int) -> Add:
        return self if self.near is None else replace(self, near=self.near + by)


@dataclass(frozen=True, slots=True)
class SetKey:
    """Give the key at `route` (keys from the top) a value; what is missing of the route is written too.

    `value` is YAML that begins at column 0; one of several lines is written below its key. A key that has a value keeps it.
    """

    route: tuple[str, ...]
    value: str
    path: PurePath | None = None

    def moved(self, by: int) -> SetKey:
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


@dataclass(frozen=True, slots=True)
class SaveAsUtf8:
    """Write the file in another encoding; its text stays."""

    path: PurePath | None = None

    def moved(self, by: int) -> SaveAsUtf8:
        del by
        return self


Change: TypeAlias = Replace | Remove | BreakItem | Add | SetKey | Create | SaveAsUtf8


def edits(changes: Many[Change], text: str, tree: Tree) -> list[Edit]:
    """The edits that make `changes` in one text, of those that edit. Raises ValueError where one has no place."""
    lines = Lines(text)
    made: list[Edit] = []
    removed: list[Edit] = []
    added: dict[tuple[tuple[str, ...], str, int], list[Add]] = {}
    for change in changes:
        if isinstance(change, Replace):
            made.append(Edit(change.span, change.text))
        elif isinstance(change, Remove):
            removed.append(_remove(change.at, text, lines, tree))
        elif isinstance(change, BreakItem):
            made.append(Edit(change.span, change.line_end + " " * _column(change.at, lines) + "- "))
        elif isinstance(change, Add):
            top = _top_for(change, tree)
            added.setdefault((change.route, change.before, top.span.start if top else 0), []).append(change)
    made += _together(removed, text)
    insertions: dict[Span, str] = {}
    for edit in _keys([change for change in changes if isinstance(change, SetKey)], text, lines, tree):
        insertions[edit.span] = insertions.get(edit.span, "") + edit.text
    for together in added.values():
        edit = _add(together, text, lines, tree)
        if edit.text.startswith(", ") and any(_was_alone(one, edit.span.start, text) for one in made):
            edit = Edit(edit.span, edit.text.removeprefix(", "))
        insertions[edit.span] = insertions.get(edit.span, "") + edit.text
    inserting = [_beside(Edit(span, inserted), made, text) for span, inserted in insertions.items()]
    return [*made, *inserting]


def _beside(inserted: Edit, made: list[Edit], text: str) -> Edit:
    """An insertion where nothing is removed; one within a removal takes its place in `made`.

    The last line of a text without a line end goes with the line break before it; what is added below that break stands
    there instead.
    """
    at = inserted.span.start
    around = next((edit for edit in made if not edit.text and edit.span.start < at < edit.span.end), None)
    if around is None:
        return inserted
    made.remove(around)
    return Edit(around.span, text[around.span.start : at] + inserted.text.rstrip("\r\n"))


def _was_alone(removed: Edit, at: int, text: str) -> bool:
    """Whether a removal leaves nothing of a list in brackets, of which the item before `at` is the last."""
    opening = re.search(r"\[\s*\Z", text[max(removed.span.start - 200, 0) : removed.span.start])
    return not removed.text and removed.span.end == at and opening is not None


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


def as_text(value: str, *, like: Scalar | None = None) -> str:
    """The same of what must stay a text: quoted also where YAML 1.1 or 1.2 takes it for a number, a boolean, or nothing."""
    written = scalar(value, like=like)
    plain = Scalar(0, Text(value, value))
    if written == value and any(resolved(plain, yaml=yaml) is not Kind.TEXT for yaml in ("1.1", "1.2")):
        return f"'{value}'"  # no quote stands in such a value
    return written


def _is_plain(value: str) -> bool:
    if not value or value != value.strip() or value[0] in ",[]{}#&*!|>'\"%@`=<~":
        return False
    if value[0] in "-?:" and not value[1:2].strip():
        return False
    return (
        ": " not in value and " #" not in value and not value.endswith(":") and not value.replace(".", "", 1).isdigit()
    )


# -- removing -------------------------------------------------------------------------------------------------


_PARTED = re.compile(r"(?:,[ \t]*|\r\n|\n|\r)\Z")


def _together(removed: list[Edit], text: str) -> list[Edit]:
    """Removals of items that follow each other up to the end of their list, where the last takes what parts it from the one
    before: as one, which takes what parts the first of them from what stays."""
    made: list[Edit] = []
    joined = False
    for edit in sorted(set(removed), reverse=True):
        start, end = edit.span
        last = made[-1].span if made else Span(end, end)
        overlaps = last.start < end < last.end
        if overlaps or (joined and end == last.start):
            made[-1], joined = Edit(Span(start, last.end), ""), True
            continue
        if joined:
            made[-1] = _without_what_parts(made[-1], text)
        made.append(edit)
        joined = False
    if joined:
        made[-1] = _without_what_parts(made[-1], text)
    return made


def _without_what_parts(removed: Edit, text: str) -> Edit:
    start = removed.span.start
    parted = _PARTED.search(text[max(start - 200, 0) : start])
    return Edit(Span(start - (len(parted.group()) if parted else 0), removed.span.end), "")


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


def _top_for(change: Add, tree: Tree) -> Node | None:
    """Where the route of an addition begins."""
    found, node = tree.root, tree.root
    while change.near is not None and isinstance(node, Mapping | Sequence):
        if isinstance(node, Mapping) and node.entry(change.route[0]):
            found = node
        below = [entry.value for entry in node.entries] if isinstance(node, Mapping) else list(node.items)
        node = next((one for one in below if one.span.start <= change.near < one.span.end), None)
    return found


def _add(together: list[Add], text: str, lines: Lines, tree: Tree) -> Edit:
    """The items of additions to one list at its end; what is missing of the route is written too."""
    route, before, items = together[0].route, together[0].before, [one.item for one in together]
    node = _top_for(together[0], tree)
    for depth, key in enumerate(route):
        holder = node
        if isinstance(node, Sequence):
            holder = next((item for item in node.items if isinstance(item, Mapping) and item.entry(key)), None)
        found = holder.entry(key) if isinstance(holder, Mapping) else None
        if found is None:
            beside = next((one.beside for one in together if one.beside), "")
            return _new_route(route[depth:], items, _lacking(beside, node), node, text, lines)
        node = resolve_alias(found.value)
        if isinstance(node, Scalar):
            if not node.is_null or node.value:
                raise ValueError(f"`{key}` holds no list")
            return _first_items(route[depth + 1 :], items, found.key, text, lines)
    if not isinstance(node, Sequence):
        raise ValueError("no list to add to")  # noqa: TRY004 (what the file says, not what the caller gave)
    return _next_flow_items(node, items, text) if node.flow else _next_items(node, items, before, text, lines)


def _lacking(beside: str, node: Node | None) -> list[str]:
    """The item that a list must have, where it has none that begins so."""
    items = node.items if isinstance(node, Sequence) else ()
    there = any(isinstance(item, Scalar) and re.match(rf"{re.escape(beside)}\b(?!-)", item.value) for item in items)
    return [beside] if beside and isinstance(node, Sequence) and not there else []


def _next_flow_items(node: Sequence, items: list[str], text: str) -> Edit:
    """Quoted where the items before are."""
    last = next((item for item in reversed(node.items) if isinstance(item, Scalar)), None)
    return _next_flow(node, ", ".join(_within_brackets(item, last) for item in items), text)


def _within_brackets(item: str, like: Scalar | None = None) -> str:
    """An item as it can stand in brackets, where a comma would part it; one in quotes stays."""
    if item[:1] in ("'", '"'):
        return item
    written = scalar(item, like=like) if like else item
    return f"'{item}'" if written == item and any(mark in item for mark in ",[]{}") else written


def _next_flow(node: Sequence, joined: str, text: str) -> Edit:
    if not node.items:
        return Edit(Span(node.span.start + 1, node.span.end - 1), joined)
    if text[node.span.end - 1] != "]":
        raise ValueError("the list is not closed")
    end = node.items[-1].span.end
    return Edit(Span(end, end), ", " + joined)


def _next_items(node: Sequence, items: list[str], before: str, text: str, lines: Lines) -> Edit:
    column = _column(node.dashes[0], lines)
    for other, dash in zip(node.items, node.dashes, strict=True):
        if before and isinstance(other, Mapping) and other.entry(before):
            return _lines_before(dash, items, text, lines)
    plain = [i for i, other in enumerate(node.items) if isinstance(other, Scalar)]
    if not plain and isinstance(node.items[0], Mapping):
        return _lines_before(node.dashes[0], items, text, lines)
    index = plain[-1] if plain else len(node.items) - 1
    last_line = lines.place(max(node.items[index].span.end - 1, node.dashes[index]))[0]
    return _lines_after(last_line, [" " * column + "- " + item for item in items], text, lines)


def _column(offset: int, lines: Lines) -> int:
    return lines.place(offset)[1]


def _lines_before(dash: int, items: list[str], text: str, lines: Lines) -> Edit:
    rest = newline(text) + " " * _column(dash, lines)
    return Edit(Span(dash, dash), "".join(f"- {item}{rest}" for item in items))


def _lines_after(line: int, contents: list[str], text: str, lines: Lines) -> Edit:
    end = lines.whole(line).end
    joined = newline(text).join(contents)
    if end == len(text) and not text.endswith(("\n", "\r")):
        return Edit(Span(end, end), newline(text) + joined)
    return Edit(Span(end, end), joined + newline(text))


def _first_items(rest: tuple[str, ...], items: list[str], key: Scalar, text: str, lines: Lines) -> Edit:
    """The route leads to a key without value."""
    column = _column(key.start, lines) + indentation(text)
    return _lines_after(lines.place(key.start)[0], _nested(rest, items, column, text), text, lines)


def _new_route(
    rest: tuple[str, ...], items: list[str], beside: list[str], node: Node | None, text: str, lines: Lines
) -> Edit:
    """A key of the route is not there: it is written behind what is, and behind what must stand beside it."""
    if isinstance(node, Sequence):
        if node.flow:
            return _next_flow(node, ", ".join((*beside, _flow(rest, items))), text)
        column = _column(node.dashes[0], lines)
        inner = _nested(rest[1:], items, column + 2 + indentation(text), text)
        last_line = lines.place(max(node.span.end - 1, 0))[0]
        before = [" " * column + "- " + item for item in beside]
        return _lines_after(last_line, [*before, " " * column + f"- {rest[0]}:", *inner], text, lines)
    if isinstance(node, Mapping) and (node.flow or _column(node.span.start, lines)):
        raise ValueError("no place for a new key")
    contents = _nested(rest, items, 0, text)
    if not text.strip():
        return Edit(Span(len(text), len(text)), newline(text).join(contents) + newline(text))
    last = len(lines) - 1
    while last > 0 and not text[slice(*lines.span(last))].strip():
        last -= 1
    return _lines_after(last, contents, text, lines)


def _flow(route: tuple[str, ...], items: list[str]) -> str:
    inner = ", ".join(_within_brackets(item) for item in items)
    for key in reversed(route):
        inner = f"{{{key}: [{inner}]}}"
    return inner


def _nested(route: tuple[str, ...], items: list[str], column: int, text: str) -> list[str]:
    if not route:
        return [" " * column + "- " + item for item in items]
    return [" " * column + route[0] + ":", *_nested(route[1:], items, column + indentation(text), text)]


# -- keys -----------------------------------------------------------------------------------------------------


def _keys(changes: Many[SetKey], text: str, lines: Lines, tree: Tree) -> list[Edit]:
    """What gives keys their values. Those that share the part of their route which is missing are written together."""
    missing: dict[tuple[str, ...], list[SetKey]] = {}
    for change in changes:
        depth = 0
        node: Node | None = tree.root
        while depth < len(change.route) - 1 and isinstance(node, Mapping) and node.entry(change.route[depth]):
            node = node.get(change.route[depth])
            depth += 1
        if not (isinstance(node, Mapping) and node.entry(change.route[depth])):
            missing.setdefault(change.route[:depth], []).append(change)
    return [_in_mapping(there, together, text, lines, tree) for there, together in missing.items()]


def _in_mapping(there: tuple[str, ...], changes: list[SetKey], text: str, lines: Lines, tree: Tree) -> Edit:
    """New keys in the mapping that the route `there` leads to, behind its last one."""
    node: Node | None = tree.root
    entry = None
    for key in there:
        entry = node.entry(key) if isinstance(node, Mapping) else None
        node = resolve_alias(entry.value) if entry else None
    tail: dict[str, object] = {}
    for change in changes:
        level = tail
        for key in change.route[len(there) : -1]:
            below = level.setdefault(key, {})
            assert isinstance(below, dict)
            level = below
        level.setdefault(change.route[-1], change.value)
    if isinstance(node, Mapping) and node.entries and not node.flow:
        last_line = lines.place(max(node.entries[-1].span.end - 1, node.entries[-1].key.start))[0]
        return _lines_after(last_line, _written(tail, _column(node.entries[0].key.start, lines), text), text, lines)
    if isinstance(node, Mapping) and node.flow and text[node.span.end - 1] == "}":
        quote = '"' if node.entries and node.entries[0].key.style is Style.DOUBLE else ""
        inner = _in_braces(tail, quote)[1:-1]
        if not node.entries:
            return Edit(Span(node.span.start + 1, node.span.end - 1), inner)
        end = node.entries[-1].span.end
        return Edit(Span(end, end), ", " + inner)
    if entry is not None and isinstance(node, Scalar) and node.is_null and not node.value:
        column = _column(entry.key.start, lines) + indentation(text)
        return _lines_after(lines.place(entry.key.start)[0], _written(tail, column, text), text, lines)
    raise ValueError("no place for a new key")


def _in_braces(value: object, quote: str) -> str:
    """Keys and values in flow style; as JSON where the keys are quoted."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quote}{key}{quote}: {_in_braces(below, quote)}" for key, below in value.items()) + "}"
    if "\n" in str(value):
        raise ValueError("a value of several lines has no place in braces")
    is_text = quote and not re.fullmatch(r"true|false|null|-?\d+|[\[{\"].*", str(value))
    return f'"{value}"' if is_text else str(value)


def _written(keys: dict[str, object], column: int, text: str) -> list[str]:
    found: list[str] = []
    step = indentation(text)
    for key, value in keys.items():
        if isinstance(value, dict):
            found += [" " * column + key + ":", *_written(value, column + step, text)]
        elif "\n" in str(value):
            found += [" " * column + key + ":", *(" " * (column + step) + line for line in str(value).splitlines())]
        else:
            found.append(f"{' ' * column}{key}: {value}")
    return found


def indentation(text: str) -> int:
    """How many blanks one level of a text has: as its first indented line, else two."""
    for line in text.splitlines():
        bare = line.lstrip(" ")
        if bare and bare[0] not in "#\t" and len(bare) < len(line):
            return min(len(line) - len(bare), 8)
    return 2
