"""What nodes of a run configuration say, as plain values."""

from __future__ import annotations

from envls.syntax import Mapping, Node, Scalar, Sequence, resolve_alias


def scalars(node: Node | None) -> dict[str, str]:
    """The scalars of a mapping as they are written, by key; what is empty has none."""
    node = resolve_alias(node) if node else None
    if not isinstance(node, Mapping):
        return {}
    values = ((entry.key.value, resolve_alias(entry.value)) for entry in node.entries)
    return {key: value.value for key, value in values if isinstance(value, Scalar) and not value.is_null}


def words(node: Node | None) -> list[str]:
    """The scalars of a list as they are written."""
    node = resolve_alias(node) if node else None
    items = map(resolve_alias, node.items) if isinstance(node, Sequence) else ()
    return [item.value for item in items if isinstance(item, Scalar) and not item.is_null]


def says_something(node: Node | None) -> bool:
    """Whether there is anything in a node but nulls, empty texts and empty lists."""
    node = resolve_alias(node) if node else None
    if isinstance(node, Mapping):
        return any(says_something(entry.value) for entry in node.entries)
    if isinstance(node, Sequence):
        return any(says_something(item) for item in node.items)
    return isinstance(node, Scalar) and not node.is_null and bool(node.value)
