"""How keys get their values, in lines or in braces, and what is missing of the way to them."""

from __future__ import annotations

import re
from collections.abc import Sequence as Many

from envls.syntax import Mapping, Node, Scalar, Style, Tree, resolve_alias
from envls.text import Edit, Lines, Span
from envls.write.changes import SetKey
from envls.write.style import column_of, indentation, lines_after


def new_keys(changes: Many[SetKey], text: str, lines: Lines, tree: Tree) -> list[Edit]:
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
        return lines_after(last_line, _written(tail, column_of(node.entries[0].key.start, lines), text), text, lines)
    if isinstance(node, Mapping) and node.flow and text[node.span.end - 1] == "}":
        quote = '"' if node.entries and node.entries[0].key.style is Style.DOUBLE else ""
        inner = _in_braces(tail, quote)[1:-1]
        if not node.entries:
            return Edit(Span(node.span.start + 1, node.span.end - 1), inner)
        end = node.entries[-1].span.end
        return Edit(Span(end, end), ", " + inner)
    if entry is not None and isinstance(node, Scalar) and node.is_null and not node.value:
        column = column_of(entry.key.start, lines) + indentation(text)
        return lines_after(lines.place(entry.key.start)[0], _written(tail, column, text), text, lines)
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
