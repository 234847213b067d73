"""How the world is asked on behalf of documents: which questions are near, and how many are under way at once.

Near questions are about this machine and cost next to nothing; far ones go to an index, or are as many as there are
lines. Nobody waits here: who wants to hear of answers does so through `World.hear`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from envls.facts import (
    CondaNames,
    CondaPackage,
    Pending,
    PipPackage,
    Satisfies,
    Satisfying,
    Twin,
    Vulnerabilities,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from envls.facts import Answer, Question
    from envls.server.background import Background
    from envls.world import World

FAR = frozenset({CondaPackage, CondaNames, PipPackage, Satisfies, Twin, Vulnerabilities})
BATCH = 32
BATCHES = 2
"""Questions of one kind and document that are under way together: asking all at once would hold up the loop."""


def near(asked: Mapping[Question[Any], Answer[Any]]) -> list[Question[Any]]:
    """The questions that may be asked at once. What satisfies a spec is worked out from what is known, but there are as
    many as lines: only those without an answer, so that the others cost nothing."""
    return [
        question
        for question, answer in asked.items()
        if type(question) not in FAR and (type(question) is not Satisfying or isinstance(answer, Pending))
    ]


class Learner:
    """Asks the world, in the background."""

    def __init__(self, world: World, background: Background) -> None:
        self._world = world
        self._background = background

    def ask(self, questions: Iterable[Question[Any]]) -> None:
        """Ask these at once."""
        wanted = frozenset(questions)
        if wanted:
            self._background.do(self._world.learn(wanted, _ignore))

    def ask_by_and_by(self, questions: Iterable[Question[Any]], wanted: Callable[[], bool]) -> list[asyncio.Task[None]]:
        """Ask these in batches, for as long as they are `wanted`; no kind waits for another, as sources differ.

        What has been asked is waited for, unless the tasks are cancelled: then the world may give it up.
        """
        by_kind: dict[type, list[Question[Any]]] = {}
        for question in questions:
            by_kind.setdefault(type(question), []).append(question)
        return [self._background.do(self._ask_in_batches(of_one_kind, wanted)) for of_one_kind in by_kind.values()]

    async def _ask_in_batches(self, questions: list[Question[Any]], wanted: Callable[[], bool]) -> None:
        under_way: set[asyncio.Task[None]] = set()
        try:
            for start in range(0, len(questions), BATCH):
                under_way.add(self._background.do(self._world.learn(questions[start : start + BATCH], _ignore)))
                if len(under_way) >= BATCHES:
                    _, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                if not wanted():
                    break
            if under_way:
                await asyncio.wait(under_way)
        finally:
            for task in under_way:
                task.cancel()


def _ignore(questions: frozenset[Question[Any]]) -> None:
    """Nobody listens here."""
