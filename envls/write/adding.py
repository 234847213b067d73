"""How items are added to a list, in lines or in brackets, and what is missing of the way to it."""

from __future__ import annotations

import re

from envls.syntax import Mapping, Node, Scalar, Sequence, Tree, resolve_alias
from envls.text import Edit, Lines, Span
from envls.write.changes import Add
from envls.write.style import column_of, indentation, lines_after, newline, scalar


def top_for(change: Add, tree: Tree) -> Node | None:
    """Where the route of an addition begins."""
    found, node = tree.root, tree.root
    while change.near is not None and isinstance(node, Mapping | Sequence):
        if isinstance(node, Mapping) and node.entry(change.route[0]):
            found = node
        below = [entry.value for entry in node.entries] if isinstance(node, Mapping) else list(node.items)
        node = next((one for one in below if one.span.start <= change.near < one.span.end), None)
    return found


def addition(together: list[Add], text: str, lines: Lines, tree: Tree) -> Edit:
    """The items of additions to one list at its end; what is missing of the route is written too."""
    route, before, items = together[0].route, together[0].before, [one.item for one in together]
    node = top_for(together[0], tree)
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
    column = column_of(node.dashes[0], lines)
    for other, dash in zip(node.items, node.dashes, strict=True):
        if before and isinstance(other, Mapping) and other.entry(before):
            return _lines_before(dash, items, text, lines)
    plain = [i for i, other in enumerate(node.items) if isinstance(other, Scalar)]
    if not plain and isinstance(node.items[0], Mapping):
        return _lines_before(node.dashes[0], items, text, lines)
    index = plain[-1] if plain else len(node.items) - 1
    last_line = lines.place(max(node.items[index].span.end - 1, node.dashes[index]))[0]
    return lines_after(last_line, [" " * column + "- " + item for item in items], text, lines)


def _lines_before(dash: int, items: list[str], text: str, lines: Lines) -> Edit:
    rest = newline(text) + " " * column_of(dash, lines)
    return Edit(Span(dash, dash), "".join(f"- {item}{rest}" for item in items))


def _first_items(rest: tuple[str, ...], items: list[str], key: Scalar, text: str, lines: Lines) -> Edit:
    """The route leads to a key without value."""
    column = column_of(key.start, lines) + indentation(text)
    return lines_after(lines.place(key.start)[0], _nested(rest, items, column, text), text, lines)


def _new_route(
    rest: tuple[str, ...], items: list[str], beside: list[str], node: Node | None, text: str, lines: Lines
) -> Edit:
    """A key of the route is not there: it is written behind what is, and behind what must stand beside it."""
    if isinstance(node, Sequence):
        if node.flow:
            return _next_flow(node, ", ".join((*beside, _flow(rest, items))), text)
        column = column_of(node.dashes[0], lines)
        inner = _nested(rest[1:], items, column + 2 + indentation(text), text)
        last_line = lines.place(max(node.span.end - 1, 0))[0]
        before = [" " * column + "- " + item for item in beside]
        return lines_after(last_line, [*before, " " * column + f"- {rest[0]}:", *inner], text, lines)
    if isinstance(node, Mapping) and (node.flow or column_of(node.span.start, lines)):
        raise ValueError("no place for a new key")
    contents = _nested(rest, items, 0, text)
    if not text.strip():
        return Edit(Span(len(text), len(text)), newline(text).join(contents) + newline(text))
    last = len(lines) - 1
    while last > 0 and not text[slice(*lines.span(last))].strip():
        last -= 1
    return lines_after(last, contents, text, lines)


def _flow(route: tuple[str, ...], items: list[str]) -> str:
    inner = ", ".join(_within_brackets(item) for item in items)
    for key in reversed(route):
        inner = f"{{{key}: [{inner}]}}"
    return inner


def _nested(route: tuple[str, ...], items: list[str], column: int, text: str) -> list[str]:
    if not route:
        return [" " * column + "- " + item for item in items]
    return [" " * column + route[0] + ":", *_nested(route[1:], items, column + indentation(text), text)]
