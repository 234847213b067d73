"""How conda puts together what several of its files say of one key, with its marks `#!final`, `#!top` and `#!bottom`.

Pure (`conda/common/configuration.py`). Files stand weakest first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Said(NamedTuple):
    """What one file says of a key; `flag` is its mark, `flags` those of its items (of a list) or keys (of a mapping)."""

    value: Any
    flag: str = ""
    flags: Mapping[int | str, str] = {}


def plain(said: Sequence[Said]) -> Any:
    """The strongest file's, or that of the weakest that says `final`."""
    relevant = _relevant([one for one in said if not isinstance(one.value, dict | list) and one.value is not None])
    return relevant[-1].value if relevant else None


def texts(said: Sequence[Said]) -> tuple[str, ...]:
    """All items, those of stronger files first; but `top` before all others, and `bottom` after them."""
    relevant = _relevant([one._replace(value=_items(one.value)) for one in said])
    items = [(item, one.flags.get(at, "")) for one in reversed(relevant) for at, item in enumerate(one.value)]
    weakest_first = [(item, one.flags.get(at, "")) for one in relevant for at, item in enumerate(one.value)]
    top = [item for item, flag in weakest_first if flag == "top"]
    bottom = [item for item, flag in items if flag == "bottom"]
    others = dict.fromkeys([*top, *(item for item, _ in items)])
    return tuple(dict.fromkeys([*(item for item in others if item not in bottom), *bottom]))


def mapping(said: Sequence[Said]) -> dict[str, Any]:
    """Each key of any file: the strongest file's value, or that of the weakest that says `final`."""
    relevant = _relevant([one for one in said if isinstance(one.value, dict)])
    found: dict[str, Any] = {}
    final: set[str] = set()
    for one in relevant:
        for key, value in one.value.items():
            name = str(key)
            if name not in final:
                found[name] = value
            if one.flags.get(name) == "final":
                final.add(name)
    return found


def _relevant(said: Sequence[Said]) -> Sequence[Said]:
    """Those up to the first that says that none after it counts."""
    end = next((at + 1 for at, one in enumerate(said) if one.flag == "final"), len(said))
    return said[:end]


def _items(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(item) for item in value if item is not None] if isinstance(value, list) else []
