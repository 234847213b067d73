"""How messages and titles of fixes enumerate what they speak of."""

from __future__ import annotations

from collections.abc import Sequence

FEW = 3


def enumerated(texts: Sequence[str], *, joint: str = "and", most: int | None = None) -> str:
    """`a, b and c`; where there are `most` and two more, the first of them and how many more there are. "" of none."""
    more = len(texts) - most if most is not None else 0
    if more > 1:
        return f"{', '.join(texts[:most])} and {more} more"
    return f"{', '.join(texts[:-1])} {joint} {texts[-1]}" if len(texts) > 1 else "".join(texts)
