"""Whether one version and build of a conda package satisfy a match spec, as py-rattler has it.

Only ever called in a lane: py-rattler is imported with the first question.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from envls.facts import Answer, Known, Unavailable

if TYPE_CHECKING:
    from rattler import MatchSpec

    from envls.facts import Satisfies
    from envls.world.lanes import Lane

AGE = float("inf")
"""What follows from the question alone stays true."""
_NAME = "x"
_AROUND_MARKS = re.compile(r"\s*([,|])\s*")


class Matching:
    """Answers Satisfies."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def satisfies(self, question: Satisfies, *, fresh: bool) -> Answer[bool]:
        del fresh
        return await self._lane.run(lambda: satisfies(question))


def satisfies(question: Satisfies) -> Answer[bool]:
    """Imports py-rattler."""
    from rattler import BuildString, PackageRecord  # noqa: PLC0415 - 60 ms, in a thread
    from rattler.exceptions import InvalidMatchSpecError, InvalidVersionError  # noqa: PLC0415

    if question.build and not question.found_build:
        return Unavailable("which build it is, is not known")
    try:
        spec = _spec(question.version, question.build)
        found = PackageRecord(_NAME, question.found_version, BuildString(question.found_build or "0"), 0, "noarch")
    except (InvalidMatchSpecError, InvalidVersionError) as error:
        return Unavailable(f"{type(error).__name__}: the spec or the version cannot be read")
    return Known(spec.matches(found))


@lru_cache(maxsize=4096)
def _spec(version: str, build: str) -> MatchSpec:
    from rattler import MatchSpec  # noqa: PLC0415

    version = _AROUND_MARKS.sub(r"\1", version.strip())
    fields = (("version", version), ("build", build.strip()))
    inside = ",".join(f"{name}='{value}'" for name, value in fields if value)
    return MatchSpec(f"{_NAME}[{inside}]" if inside else _NAME, strict=False)
