"""Pieces: asked for once, kept, renewed, and what becomes of a source that fails."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from envls.world import shelf as shelves
from envls.world.settings import NOTHING
from envls.world.shelf import FailedError, Shelf, StoreLane
from envls.world.store import Entry
from world.doubles import run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path


class Source:
    def __init__(self, *values: Any) -> None:
        self.values = list(values)
        self.formers: list[Any] = []

    async def __call__(self, former: Any) -> Any:
        self.formers.append(former)
        await asyncio.sleep(0)
        value = self.values.pop(0) if len(self.values) > 1 else self.values[0]
        if isinstance(value, Exception):
            raise value
        return value


@asynccontextmanager
async def shelf_in(folder: Path, clock: Callable[[], float] = time.monotonic) -> AsyncIterator[tuple[Shelf, StoreLane]]:
    """A shelf, and a store of its own file that the test may write to."""
    reading, writing = StoreLane("reading", folder), StoreLane("writing", folder)
    shelf = Shelf(reading, writing, clock)
    yield shelf, writing
    await shelf.aclose()
    await reading.aclose()
    await writing.aclose()


def test_a_piece_is_asked_for_once_and_then_kept(tmp_path: Path) -> None:
    async def go() -> None:
        source = Source({"a": 1})
        async with shelf_in(tmp_path) as (shelf, _):
            pieces = await asyncio.gather(*(shelf.get("k", "s", source, age=100, fresh=False) for _ in range(5)))
            assert {piece.as_of for piece in pieces} == {pieces[0].as_of}
            await shelf.get("k", "s", source, age=100, fresh=True)
            assert source.formers == [None]
        async with shelf_in(tmp_path) as (other, _):
            assert (await other.get("k", "s", source, age=100, fresh=False)).value == {"a": 1}
            assert source.formers == [None]

    run(go)


def test_an_old_piece_will_do_unless_a_fresh_one_is_wanted(tmp_path: Path) -> None:
    async def go() -> None:
        async with shelf_in(tmp_path) as (shelf, store):
            await store.run(lambda store: store.write(Entry("k", "1", time.time() - 1000)))
            source = Source(2)
            assert (await shelf.get("k", "s", source, age=100, fresh=False)).value == 1
            assert (await shelf.get("k", "s", source, age=100, fresh=True)).value == 2
            assert [former.value for former in source.formers] == [1]

    run(go)


def test_nothing_is_kept_as_nothing(tmp_path: Path) -> None:
    async def go() -> None:
        async with shelf_in(tmp_path) as (shelf, _):
            source = Source(None)
            for _ in range(2):
                assert (await shelf.get("k", "s", source, age=100, fresh=False)).value is None
            assert len(source.formers) == 1

    run(go)


def test_nothing_is_not_believed_for_long(tmp_path: Path) -> None:
    async def go() -> None:
        async with shelf_in(tmp_path) as (shelf, store):
            await store.run(lambda store: store.write(Entry("k", "null", time.time() - NOTHING - 1)))
            assert (await shelf.get("k", "s", Source(1), age=10_000, fresh=False)).value == 1

    run(go)


def test_a_failing_source_is_left_alone_and_then_asked_again(tmp_path: Path) -> None:
    async def go() -> None:
        now = [1000.0]
        source = Source(FailedError("down", everything=True), FailedError("down", everything=True), 7)
        async with shelf_in(tmp_path, lambda: now[0]) as (shelf, _):
            for key in ("a", "b", "c"):
                with pytest.raises(FailedError, match="down"):
                    await shelf.get(key, "s", source, age=100, fresh=False)
            assert len(source.formers) == 1
            assert list(shelf.failing()) == [("s", "down")]
            for _ in range(2):
                now[0] += shelves.FIRST_PAUSE + 1
                with pytest.raises(FailedError):
                    await shelf.get("a", "s", source, age=100, fresh=False)
            assert len(source.formers) == 2, "the second pause is longer"
            now[0] += shelves.FIRST_PAUSE + 1
            assert (await shelf.get("a", "s", source, age=100, fresh=False)).value == 7
            assert list(shelf.failing()) == []

    run(go)


def test_one_broken_answer_does_not_silence_the_source(tmp_path: Path) -> None:
    async def go() -> None:
        source = Source(FailedError("cannot be read"), 7)
        async with shelf_in(tmp_path) as (shelf, _):
            with pytest.raises(FailedError):
                await shelf.get("a", "s", source, age=100, fresh=False)
            assert (await shelf.get("b", "s", source, age=100, fresh=False)).value == 7
            assert list(shelf.failing()) == []

    run(go)


def test_what_is_known_outlives_a_failure(tmp_path: Path) -> None:
    async def go() -> None:
        async with shelf_in(tmp_path) as (shelf, store):
            await store.run(lambda store: store.write(Entry("k", "1", time.time() - 1000)))
            source = Source(FailedError("down", everything=True))
            for _ in range(2):
                assert (await shelf.get("k", "s", source, age=100, fresh=True)).value == 1

    run(go)
