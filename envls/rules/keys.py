"""What the rules of every dialect share that judge keys and their values by a table of keys."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from envls.formats import keys
from envls.formats.keys import Holds, Key, KeyInfo
from envls.rules.rule import Finding, Fix
from envls.syntax import Kind, Node, Scalar, resolved
from envls.text import Span
from envls.write import Replace, scalar

_MEANT = {"true": ("true", "yes", "on", "1"), "false": ("false", "no", "off", "0")}
"""What a person may write for a truth."""


def misspelt_key(key: Key, says: str, name: str = "") -> Finding | None:
    """That a key the table does not have is one of it misspelt; None where it resembles none.

    `says` is what happens to it, before its name: "Workbench ignores". `name` is how the key would be spelt in the table,
    where that is another case than its own.
    """
    name = name or key.node.value
    candidates = [info.name for info in key.allowed if info.successor is None]
    lowered = {candidate.lower(): candidate for candidate in candidates}
    near = lowered.get(name.lower()) or next(iter(get_close_matches(name, candidates, 1, 0.75)), "")
    near = near or _only_longer(name, candidates)
    if not near:
        return None
    fix = Fix(f"Rename to `{near}`", (Replace(key.span, scalar(near, like=key.node)),), sure=True)
    return Finding(key.span, f"{says} `{key.node.value}`; did you mean `{near}`?", (fix,))


def _only_longer(name: str, candidates: list[str]) -> str:
    """The one candidate that a name is the beginning of: `process_count` of `process_count_per_instance`."""
    longer = [one for one in candidates if one.lower().startswith(name.lower())] if len(name) > 3 else []
    return longer[0] if len(longer) == 1 else ""


def not_allowed(node: Scalar, info: KeyInfo, *, yaml: str, any_case: bool = False) -> Iterator[Finding]:
    """That a value is none of those that its key takes. `any_case`: the reader does not look at capitals."""
    if info.holds is Holds.BOOLEAN:
        if resolved(node, yaml=yaml) is not Kind.BOOLEAN and node.value.lower() not in ("true", "false"):
            meant = next(
                (word for word, said in _MEANT.items() if get_close_matches(node.value.lower(), said, 1, 0.7)), ""
            )
            fixes = (Fix(f"Write `{meant}`", (Replace(node.span, meant),), sure=True),) if meant else ()
            yield Finding(node.span, f"`{info.name}` is `true` or `false`, not `{node.value}`", fixes)
        return
    lowered = {allowed.lower(): allowed for allowed in info.values}
    if node.value in info.values or (any_case and node.value.lower() in lowered):
        return
    near = lowered.get(node.value.lower()) or next(iter(get_close_matches(node.value, info.values, 1, 0.6)), "")
    fixes = (Fix(f"Write `{near}`", (Replace(node.span, scalar(near, like=node)),), sure=True),) if near else ()
    known = ", ".join(f"`{allowed}`" for allowed in info.values)
    yield Finding(node.span, f"`{info.name}` is one of {known}", fixes)


def wrong_type(node: Node, info: KeyInfo, *, yaml: str) -> Finding:
    """That a value is not what its key holds."""
    span = node.span if isinstance(node, Scalar) else Span(node.span.start, node.span.start + 1)
    wanted = " or ".join(dict.fromkeys(holds.value for holds in (info.holds, *info.also)))
    return Finding(span, f"`{info.name}` must be {wanted}, not {keys.described(node, yaml=yaml)}")
