"""Pieces: asked for once, kept, renewed, and what becomes of a source that fails."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from envls.world import shelf as shelves
from envls.world.settings import NOTHING
from envls.world.shelf import FailedError, Said, Shelf, StoreLane
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


# -- turns, and who is left alone -----------------------------------------------------------------------------


class Gated:
    """A source that answers when it is let, and knows how many ask it at once."""

    def __init__(self, value: Any = 1) -> None:
        self.value = value
        self.gate = asyncio.Event()
        self.asked = 0
        self.inside = 0
        self.most = 0

    async def __call__(self, _: Any) -> Any:
        self.asked += 1
        self.inside += 1
        self.most = max(self.most, self.inside)
        await self.gate.wait()
        self.inside -= 1
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


async def until(ready: Callable[[], bool]) -> None:
    while not ready():  # noqa: ASYNC110 - turns of the loop, no time
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("wishes", "pauses"),
    [
        ([None] * 9, [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]),
        ([300, None, 7], [300, 120, 240]),
        ([7200, 1e12, -5, 3], [7200, 24 * 3600, 240, 480]),
    ],
)
def test_a_source_is_left_alone_longer_each_time_and_as_long_as_it_wishes(
    tmp_path: Path, wishes: list[float | None], pauses: list[float]
) -> None:
    async def go() -> None:
        now = [1000.0]
        failures = [FailedError("busy", everything=True, again=wish) for wish in wishes]
        source = Source(*failures, 7, 8)
        async with shelf_in(tmp_path, lambda: now[0]) as (shelf, _):

            async def ask() -> Any:
                return (await shelf.get("k", "s", source, age=100, fresh=False)).value

            for asked, pause in enumerate(pauses, 1):
                with pytest.raises(FailedError, match="busy"):
                    await ask()
                now[0] += pause - 1
                with pytest.raises(FailedError, match="busy"):
                    await ask()
                assert len(source.formers) == asked, "not a second too early"
                assert list(shelf.failing()) == [("s", "busy")], "said once, however many ask"
                now[0] += 1
            assert await ask() == 7
            assert list(shelf.failing()) == []

    run(go)


def test_one_tries_whether_a_source_has_recovered_and_the_others_wait_for_it(tmp_path: Path) -> None:
    async def go() -> None:
        now = [1000.0]
        source = Gated(FailedError("down", everything=True))
        async with shelf_in(tmp_path, lambda: now[0]) as (shelf, _):

            async def ask(number: int) -> Any:
                return (await shelf.get(f"{number}", "s", source, age=100, fresh=False)).value

            source.gate.set()
            await asyncio.gather(ask(0), return_exceptions=True)
            for value, answers in ((source.value, [source.value]), (7, [7])):
                now[0] += shelves.LONGEST_PAUSE
                source.gate.clear()
                source.asked = source.most = 0
                source.value = value
                asking = [asyncio.create_task(ask(number)) for number in range(20)]
                await until(lambda: source.inside == 1)
                source.gate.set()
                found = await asyncio.gather(*asking, return_exceptions=True)
                assert {str(one) for one in found} == {str(one) for one in answers}
                assert source.asked == (1 if value != 7 else 20)
            assert list(shelf.failing()) == []

    run(go)


def test_those_behind_a_source_that_turns_out_to_be_down_are_not_sent(tmp_path: Path) -> None:
    async def go() -> None:
        source = Gated(FailedError("down", everything=True))
        async with shelf_in(tmp_path) as (shelf, _):
            asking = [
                asyncio.create_task(shelf.get(f"{number}", "s", source, age=100, fresh=False)) for number in range(50)
            ]
            await until(lambda: source.inside == shelves.PARALLEL)
            other = await shelf.get("x", "another source", Source(7), age=100, fresh=False)
            assert other.value == 7, "nobody else waits for it"
            source.gate.set()
            found = await asyncio.gather(*asking, return_exceptions=True)
            assert {str(one) for one in found} == {"down"}
            assert source.asked == source.most == shelves.PARALLEL

    run(go)


def test_what_nobody_waits_for_is_not_asked_and_what_was_asked_is_kept(tmp_path: Path) -> None:
    async def go() -> None:
        source = Gated()
        async with shelf_in(tmp_path) as (shelf, _):

            def ask(number: int) -> asyncio.Task[Any]:
                return asyncio.create_task(shelf.get(f"{number}", "s", source, age=100, fresh=False))

            asking = [ask(number) for number in range(30)]
            again = ask(29)
            await until(lambda: source.inside == shelves.PARALLEL)
            for task in asking:
                task.cancel()
            await asyncio.wait(asking)
            source.gate.set()
            assert (await again).value == 1, "one who waits still gets it"
            assert source.asked == shelves.PARALLEL + 1
            assert (await ask(0)).value == 1
            assert source.asked == shelves.PARALLEL + 1, "what was on its way has been kept"
            assert (await ask(20)).value == 1, "and what was dropped can be asked again"

    run(go)


def test_what_goes_wrong_behind_those_who_have_left_is_no_complaint(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def go() -> None:
        source = Gated(FailedError("down"))
        async with shelf_in(tmp_path) as (shelf, _):
            asking = asyncio.create_task(shelf.get("k", "s", source, age=100, fresh=False))
            await until(lambda: source.inside == 1)
            asking.cancel()
            await asyncio.wait((asking,))
            source.gate.set()
            await until(lambda: not shelf._flights)  # noqa: SLF001

    run(go)
    gc.collect()
    assert caplog.text == ""


def test_who_wants_a_fresh_piece_gets_one_though_another_began_to_look_for_any(tmp_path: Path) -> None:
    async def go() -> None:
        async with shelf_in(tmp_path) as (shelf, store):
            await store.run(lambda store: store.write(Entry("k", "1", time.time() - 1000)))
            source = Source(2)
            old, new = await asyncio.gather(
                shelf.get("k", "s", source, age=100, fresh=False), shelf.get("k", "s", source, age=100, fresh=True)
            )
            assert new.value == 2
            assert old.value in (1, 2)
            assert len(source.formers) == 1

    run(go)


def test_what_a_source_says_of_its_answer_is_kept(tmp_path: Path) -> None:
    async def go() -> None:
        source = Source(Said(1, young=7200, validator="If-None-Match: x"), 2)
        async with shelf_in(tmp_path) as (shelf, store):
            await shelf.get("k", "s", source, age=100, fresh=False)
        async with shelf_in(tmp_path) as (shelf, store):
            entry = await store.run(lambda store: store.read("k"))
            assert entry is not None
            await store.run(lambda store: store.write(entry._replace(as_of=entry.as_of - 7000)))
            assert (await shelf.get("k", "s", source, age=100, fresh=True)).value == 1, "younger than it said itself"
            await store.run(lambda store: store.write(entry._replace(as_of=entry.as_of - 7300)))
            assert (await shelf.get("k", "s", source, age=10_000, fresh=True)).value == 2
            assert source.formers[-1].validator == "If-None-Match: x"
            assert source.formers[-1].young == 7200

    run(go)


def test_an_answer_is_there_for_whoever_asks_before_it_is_written(tmp_path: Path) -> None:
    async def go() -> None:
        async with shelf_in(tmp_path) as (shelf, store):
            busy = threading.Event()
            holding = asyncio.create_task(store.run(lambda _: busy.wait()))
            source = Source(1)
            for _ in range(3):
                assert (await shelf.get("k", "s", source, age=100, fresh=True)).value == 1
            assert len(source.formers) == 1
            busy.set()
            await holding
            await until(lambda: not shelf._unwritten)  # noqa: SLF001
            entry = await store.run(lambda store: store.read("k"))
            assert entry is not None
            assert entry.value == "1"

    run(go)
