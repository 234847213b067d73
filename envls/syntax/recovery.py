"""What to do with a line that fits nowhere.

Each way to take it, or to take what stands above it, is tried on the lines that follow: the one after which they fit
furthest is chosen, and of equals the one that takes the smallest mistake. So of two lines that disagree the one that
stands alone is at fault. `astray` knows the ways in which that is the line itself, `hindsight` those in which it is the
line above, `regrouping` those in which a collection above stands elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from envls.syntax import astray, hindsight, regrouping
from envls.syntax.astray import pass_over
from envls.syntax.builder import Builder
from envls.syntax.frames import step
from envls.syntax.misfit import Misfit, Repair

AHEAD = 24  # lines that are asked which way is right

__all__ = ["choose", "pass_over"]


def choose(builder: Builder, index: int) -> Repair:
    """The best way to take line `index`, which fits nothing that is open."""
    alive = [(way, way.state) for way in _ways(Misfit(builder, index))]
    for line in builder.page.lines[index + 1 : index + 1 + AHEAD]:
        if len({state for _, state in alive}) == 1:
            break
        after = [(way, state) for way, old in alive if (state := step(old, line)) is not None]
        if not after:
            break
        alive = after
    return min((way for way, _ in alive), key=lambda way: way.cost)


def _ways(line: Misfit) -> Iterator[Repair]:
    yield from astray.ways(line)
    yield from hindsight.ways(line)
    yield from regrouping.ways(line)
