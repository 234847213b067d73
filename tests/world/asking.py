"""Asking a world of one's own, from the first question to the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envls.facts import Indexes, Known, PipPackage
from envls.world import Settings, World
from world.doubles import Heard, run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import PurePath

    from envls.facts import Answer, Package, Question
    from envls.url import Url


def ask(
    *questions: Question[Any],
    settings: Settings | None = None,
    folders: Sequence[PurePath] = (),
    status: list[tuple[str, str]] | None = None,
) -> list[Answer[Any]]:
    """What a new world of these `folders` says, asked afresh; `status` gets its status at the end."""
    found: list[Answer[Any]] = []

    async def go() -> None:
        world = World(settings or Settings(timeout=5), folders=folders)
        await world.learn(questions, Heard(), fresh=True)
        found.extend(map(world.look, questions))
        if status is not None:
            status.extend(world.status())
        await world.aclose()

    run(go)
    return found


def ask_one(question: Question[Any], *folders: PurePath) -> Answer[Any]:
    """What a new world of these folders says to one question."""
    return ask(question, folders=folders)[0]


def of(
    name: str = "alpha-beta", index: Url | None = None, extra: Sequence[Url] = (), links: Sequence[Url] = ()
) -> PipPackage:
    return PipPackage(name, Indexes(index, tuple(extra), tuple(links)))


def package(answer: Answer[Package]) -> Package:
    assert isinstance(answer, Known), answer
    return answer.value
