"""What is kept: survives a crash, several servers, a broken file and a full disk; asked once, with backing off."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from envls.world import shelf as shelves
from envls.world.lanes import Lane, LoopThread
from envls.world.settings import NOTHING
from envls.world.shelf import FailedError, Shelf
from envls.world.store import NAME, OLDEST, Store
from world.doubles import run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "cache")
    yield store
    store.close()


def test_what_is_written_is_read_by_another_server(tmp_path: Path, store: Store) -> None:
    store.write("a", '{"x": 1}', time.time())
    other = Store(tmp_path / "cache")
    row = other.read("a")
    assert row is not None
    assert row[0] == '{"x": 1}'
    other.write("a", "2", time.time())
    assert (store.read("a") or ("",))[0] == "2"
    assert store.read("none") is None
    other.close()


def test_what_is_too_old_is_forgotten(tmp_path: Path, store: Store) -> None:
    store.write("old", "1", time.time() - OLDEST - 10)
    store.write("new", "1", time.time())
    other = Store(tmp_path / "cache")
    assert other.read("old") is None
    assert other.read("new")
    other.close()


@pytest.mark.parametrize("damage", ["garbage", "header", "truncated"])
def test_a_broken_store_is_made_anew(tmp_path: Path, damage: str) -> None:
    first = Store(tmp_path)
    for number in range(200):
        first.write(f"key {number}", "x" * 500, time.time())
    first.close()
    file = tmp_path / NAME
    whole = file.read_bytes()
    file.write_bytes(
        {"garbage": b"no database " * 1000, "header": b"\0" * 100 + whole[100:], "truncated": whole[:5000]}[damage]
    )
    store = Store(tmp_path)
    store.read("key 150")
    store.write("b", "2", time.time())
    assert (store.read("b") or ("",))[0] == "2"
    store.close()


def test_a_store_of_another_shape_does_not_stop_the_world(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / NAME)
    connection.execute("CREATE TABLE facts (something TEXT)")
    connection.commit()
    connection.close()
    store = Store(tmp_path)
    store.write("a", "1", time.time())
    assert store.read("a") is None
    store.close()


def test_a_killed_writer_leaves_a_sound_store(tmp_path: Path) -> None:
    script = (
        "import sys, time, os, pathlib; from envls.world.store import Store\n"
        "store = Store(pathlib.Path(sys.argv[1])); store.write('whole', '1', time.time())\n"
        "store._connection.execute('BEGIN IMMEDIATE')\n"
        "store._connection.execute('INSERT INTO facts VALUES (?, ?, ?)', ('half', 'x' * 100000, 1.0))\n"
        "print('now', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"now\n"
        process.kill()
    store = Store(tmp_path)
    assert (store.read("whole") or ("",))[0] == "1"
    assert store.read("half") is None
    store.write("after", "1", time.time())
    assert store.read("after")
    store.close()


def test_without_a_place_to_write_the_world_works(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = Store(tmp_path / "file" / "below")
    store.write("a", "1", time.time())
    assert store.read("a") is None
    store.close()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir(mode=0o500)
    store = Store(tmp_path / "cache")
    store.write("a", "1", time.time())
    assert store.read("a") is None
    store.close()


def test_a_full_disk_costs_the_keeping_only(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.write("a", "1", time.time())
    assert store._connection is not None  # noqa: SLF001
    store._connection.execute("PRAGMA max_page_count = 3")  # noqa: SLF001 - SQLite's own "database or disk is full"
    store.write("b", "x" * 100_000, time.time())
    assert store.read("b") is None
    assert store.read("a")
    store.close()


# -- the shelf ------------------------------------------------------------------------------------------------


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
async def shelf_in(
    folder: Path, clock: Callable[[], float] = time.monotonic
) -> AsyncIterator[tuple[Shelf, Store, Lane]]:
    store, lane = Store(folder), Lane("test", 1)
    shelf = Shelf(lane, store, clock)
    yield shelf, store, lane
    await shelf.aclose()
    await lane.run(store.close)
    lane.close()


def test_a_piece_is_asked_for_once_and_then_kept(tmp_path: Path) -> None:
    async def go() -> None:
        source = Source({"a": 1})
        async with shelf_in(tmp_path) as (shelf, _, _):
            pieces = await asyncio.gather(*(shelf.get("k", "s", source, age=100, fresh=False) for _ in range(5)))
            assert {piece.as_of for piece in pieces} == {pieces[0].as_of}
            await shelf.get("k", "s", source, age=100, fresh=True)
            assert source.formers == [None]
        async with shelf_in(tmp_path) as (other, _, _):
            assert (await other.get("k", "s", source, age=100, fresh=False)).value == {"a": 1}
            assert source.formers == [None]

    run(go)


def test_an_old_piece_will_do_unless_a_fresh_one_is_wanted(tmp_path: Path) -> None:
    async def go() -> None:
        async with shelf_in(tmp_path) as (shelf, store, lane):
            await lane.run(lambda: store.write("k", "1", time.time() - 1000))
            source = Source(2)
            assert (await shelf.get("k", "s", source, age=100, fresh=False)).value == 1
            assert (await shelf.get("k", "s", source, age=100, fresh=True)).value == 2
            assert source.formers == [1]

    run(go)


def test_nothing_is_kept_as_nothing(tmp_path: Path) -> None:
    async def go() -> None:
        async with shelf_in(tmp_path) as (shelf, _, _):
            source = Source(None)
            for _ in range(2):
                assert (await shelf.get("k", "s", source, age=100, fresh=False)).value is None
            assert len(source.formers) == 1

    run(go)


def test_nothing_is_not_believed_for_long(tmp_path: Path) -> None:
    async def go() -> None:
        async with shelf_in(tmp_path) as (shelf, store, lane):
            await lane.run(lambda: store.write("k", "null", time.time() - NOTHING - 1))
            assert (await shelf.get("k", "s", Source(1), age=10_000, fresh=False)).value == 1

    run(go)


def test_a_failing_source_is_left_alone_and_then_asked_again(tmp_path: Path) -> None:
    async def go() -> None:
        now = [1000.0]
        source = Source(FailedError("down", everything=True), FailedError("down", everything=True), 7)
        async with shelf_in(tmp_path, lambda: now[0]) as (shelf, _, _):
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
        async with shelf_in(tmp_path) as (shelf, _, _):
            with pytest.raises(FailedError):
                await shelf.get("a", "s", source, age=100, fresh=False)
            assert (await shelf.get("b", "s", source, age=100, fresh=False)).value == 7
            assert list(shelf.failing()) == []

    run(go)


def test_what_is_known_outlives_a_failure(tmp_path: Path) -> None:
    async def go() -> None:
        async with shelf_in(tmp_path) as (shelf, store, lane):
            await lane.run(lambda: store.write("k", "1", time.time() - 1000))
            source = Source(FailedError("down", everything=True))
            for _ in range(2):
                assert (await shelf.get("k", "s", source, age=100, fresh=True)).value == 1

    run(go)


# -- lanes ----------------------------------------------------------------------------------------------------


def test_a_lane_does_what_it_is_given_with_bounded_threads() -> None:
    async def go() -> None:
        lane = Lane("narrow", 2)
        barrier = threading.Barrier(2, timeout=10)
        names = await asyncio.gather(
            *(lane.run(lambda: (barrier.wait(), threading.current_thread().name)) for _ in range(6))
        )
        assert {name for _, name in names} == {"envls-narrow"}
        assert sum(thread.name == "envls-narrow" for thread in threading.enumerate()) == 2
        with pytest.raises(ZeroDivisionError):
            await lane.run(lambda: 1 // 0)
        assert await lane.run(lambda: 3) == 3
        lane.close()

    run(go)


def test_a_thread_with_a_loop_ends_when_all_is_done_and_cancels_nothing() -> None:
    async def go() -> None:
        thread = LoopThread("test")
        begun, gate = threading.Event(), threading.Event()
        said: list[str] = []

        async def slow() -> None:
            begun.set()
            await asyncio.to_thread(gate.wait)
            said.append("done")

        waiting = asyncio.create_task(thread.run(slow()))
        await asyncio.to_thread(begun.wait)
        assert await thread.run(asyncio.sleep(0, "x")) == "x"
        with pytest.raises(ZeroDivisionError):
            await thread.run(fail())
        assert not thread.is_idle
        waiting.cancel()
        ended = thread.close(lambda: said.append("closed"))
        assert said == []
        gate.set()
        await asyncio.to_thread(ended.wait)
        assert said == ["done", "closed"]

    async def fail() -> None:
        raise ZeroDivisionError

    run(go)


def test_a_thread_with_a_loop_that_never_ran_ends() -> None:
    said: list[str] = []
    assert LoopThread("test").close(lambda: said.append("closed")).is_set()
    assert said == ["closed"]
