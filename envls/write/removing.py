"""How an item of a list or a key is taken away, with what parts it from its neighbours."""

from __future__ import annotations

import re

from envls.syntax import Mapping, Node, Sequence, Tree, walk
from envls.text import Edit, Lines, Span

_PARTED = re.compile(r"(?:,[ \t]*|\r\n|\n|\r)\Z")


def in_one(removed: list[Edit], text: str) -> list[Edit]:
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


def removal(at: int, text: str, lines: Lines, tree: Tree) -> Edit:
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
