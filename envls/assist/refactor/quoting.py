"""Quotes round a value: where they make text of it, or where somebody has selected it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from envls.assist.refactor.site import REWRITE, Offer, Site
from envls.syntax import Kind, Mapping, Node, Scalar, Sequence, Style, resolved
from envls.write import Replace

_ONE_LINE = ("\n", "\r")


def offers(site: Site) -> Iterator[Offer]:
    """Only for a value on one line: what is quoted over several is read otherwise."""
    node = _value_at(site.document.tree.root, site)
    if node is None or node.style is not Style.PLAIN or node.tag or node.anchor or not node.value:
        return
    if any(mark in node.text.raw for mark in _ONE_LINE) or node.text.raw != node.value:
        return
    quoted = "'" + node.value.replace("'", "''") + "'"
    kinds = {resolved(node), resolved(node, yaml="1.1")}
    if kinds - {Kind.TEXT}:
        title = f"Quote it: `{quoted}` is text, and not {_what(kinds)}"
    elif site.span.start < site.span.end and node.span.start <= site.span.start and site.span.end <= node.span.end:
        title = f"Quote it: `{quoted}`"
    else:
        return
    yield Offer(title, REWRITE, lambda: (Replace(node.span, quoted),))


def _what(kinds: set[Kind]) -> str:
    return min(str(kind.value) for kind in kinds if kind is not Kind.TEXT)


def _value_at(node: Node | None, site: Site) -> Scalar | None:
    """The value (not the key) on which the cursor is, or the selection begins."""
    at = site.span.start
    while node is not None and not isinstance(node, Scalar):
        if isinstance(node, Sequence):
            index = bisect_right(node.dashes, at) - 1
            node = node.items[index] if index >= 0 else None
        elif isinstance(node, Mapping):
            node = next((entry.value for entry in node.entries if entry.value.span.touches(at)), None)
        else:
            return None
    return node if node is not None and node.span.touches(at) else None
