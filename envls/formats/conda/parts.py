"""What the grammars of a spec and of a line for pip have in common: a part of a line, and why a tool does not take it.

Offsets count in the value of the item.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Part(NamedTuple):
    """A part of a spec, and where it stands in it."""

    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


NOWHERE = Part("", 0)


@dataclass(frozen=True, slots=True)
class SpecProblem:
    """Why a tool does not take a line, where, and what to write instead where there is one right answer.

    A `replacement` that is empty takes the line away; unless it is `safe`, something that was wished is lost with it.
    `pip` is the line that says the same in the `pip` section, where it belongs there.
    """

    start: int
    end: int
    message: str
    replacement: str | None = None
    pip: str = ""
    safe: bool = True
