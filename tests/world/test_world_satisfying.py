"""What satisfies a spec is conda's word on what is known; when that changes it is asked again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from envls.facts import (
    Absent,
    Answer,
    Channels,
    CondaPackage,
    Known,
    Package,
    Pending,
    Release,
    Satisfying,
    Unavailable,
)
from envls.world import Settings, World
from envls.world.satisfying import versions

WHERE = Channels(("conda-forge",), "linux-64")
NUMPY = CondaPackage("numpy", WHERE)
RELEASES = (
    Release("2.0.0", builds=("py312_0", "py311_0"), pythons=(">=3.12,<3.13.0a0", ">=3.11,<3.12.0a0")),
    Release("1.26.4", builds=("py311_0",), pythons=(">=3.11,<3.12.0a0",)),
    Release("1.26", builds=("h1_1",), pythons=("",)),
    Release("1.2.10rc1"),
    Release("1.2.9", builds=("py27_0",), pythons=("2.7.*",)),
)
PACKAGE = Package("numpy", RELEASES, newest="2.0.0")


@pytest.mark.parametrize(
    ("version", "build", "python", "found"),
    [
        ("", "", "", "2.0.0 1.26.4 1.26 1.2.10rc1 1.2.9"),
        ("1.26*", "", "", "1.26.4 1.26"),
        ("1.26", "", "", "1.26"),
        ("1.26.0", "", "", "1.26"),
        (">=1.2.9,<2.0a0", "", "", "1.26.4 1.26 1.2.10rc1 1.2.9"),
        (">1.2.9|1.2.9", "", "", "2.0.0 1.26.4 1.26 1.2.10rc1 1.2.9"),
        ("<1.2.10", "", "", "1.2.10rc1 1.2.9"),
        (">=3", "", "", ""),
        ("", "py311*", "", "2.0.0 1.26.4"),
        ("<2", "^py3.*$", "", "1.26.4"),
        ("", "", "3.12*", "2.0.0 1.26 1.2.10rc1"),
        ("", "", "3.12.4", "2.0.0 1.26 1.2.10rc1"),
        ("", "", "<3", "1.26 1.2.10rc1 1.2.9"),
        ("1.26.4", "", ">=3.11", "1.26.4"),
        ("", "", "99", "2.0.0 1.26.4 1.26 1.2.10rc1 1.2.9"),
        ("", "", "^3$", "2.0.0 1.26.4 1.26 1.2.10rc1 1.2.9"),
    ],
)
def test_what_satisfies(version: str, build: str, python: str, found: str) -> None:
    assert versions(PACKAGE, version, build, python) == tuple(found.split())


@pytest.mark.parametrize(("version", "build"), [("^1.2$", ""), ("1.*.2", ""), ("", "^(py$"), ("", "a'b")])
def test_what_cannot_be_read_is_not_known(version: str, build: str) -> None:
    assert isinstance(versions(PACKAGE, version, build, ""), Unavailable)


class Told:
    """A source of packages that says what it is told to."""

    def __init__(self, answer: Answer[Package]) -> None:
        self.answer = answer

    async def __call__(self, question: Any, *, fresh: bool) -> Answer[Package]:
        del question, fresh
        return self.answer


async def _learnt(world: World, *questions: Any) -> list[Any]:
    await world.learn(questions, lambda _: None)
    return [world.look(question) for question in questions]


def test_it_follows_what_is_known_and_asks_nobody() -> None:
    async def story() -> None:
        world = World(Settings(offline=True))
        source = Told(Known(PACKAGE, "conda-forge"))
        wanted = Satisfying(NUMPY, "<2", "py311*")
        assert isinstance(world.look(NUMPY), Pending)
        (unknown,) = await _learnt(world, wanted)
        assert isinstance(unknown, Unavailable), "the package was not asked for"
        world._source(CondaPackage)  # noqa: SLF001
        world._sources[CondaPackage] = world._sources[CondaPackage]._replace(ask=source)  # noqa: SLF001
        await _learnt(world, NUMPY)
        assert world.unsettled([wanted]), "what was said before the package was known is in doubt"
        (now,) = await _learnt(world, wanted)
        assert now == Known(("1.26.4",), "conda-forge")

        source.answer = Known(Package("numpy", RELEASES[:1], newest="2.0.0"), "conda-forge")
        world._due.clear()  # noqa: SLF001
        await world.learn([NUMPY], lambda _: None, fresh=True)
        assert world.unsettled([wanted])
        assert (await _learnt(world, wanted)) == [Known((), "conda-forge")]

        source.answer = Absent("conda-forge")
        world._due.clear()  # noqa: SLF001
        await world.learn([NUMPY], lambda _: None, fresh=True)
        assert (await _learnt(world, wanted)) == [Absent("conda-forge")]
        await world.aclose()

    asyncio.run(asyncio.wait_for(story(), 30))
