"""Asking the world about packages of pip's indexes, from the first question to the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envls.facts import Indexes, Known, PipPackage
from envls.world import Settings, World
from world.doubles import Heard, run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from envls.facts import Answer, Package
    from envls.url import Url


def ask(
    *questions: PipPackage, settings: Settings | None = None, status: list[tuple[str, str]] | None = None
) -> list[Answer[Package]]:
    """What a new world says, asked afresh; `status` gets its status at the end."""
    found: list[Answer[Package]] = []

    async def go() -> None:
        world = World(settings or Settings(timeout=5))
        await world.learn(questions, Heard(), fresh=True)
        found.extend(map(world.look, questions))
        if status is not None:
            status.extend(world.status())
        await world.aclose()

    run(go)
    return found


def of(
    name: str = "alpha-beta", index: Url | None = None, extra: Sequence[Url] = (), links: Sequence[Url] = ()
) -> PipPackage:
    return PipPackage(name, Indexes(index, tuple(extra), tuple(links)))


def package(answer: Answer[Package]) -> Package:
    assert isinstance(answer, Known), answer
    return answer.value
