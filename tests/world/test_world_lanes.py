"""Blocking work has threads of its own, bounded, and they end."""

from __future__ import annotations

import asyncio
import threading

import pytest

from envls.world.lanes import Lane, LoopThread
from world.doubles import run


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


def test_a_thread_with_a_loop_ends_when_all_is_done_and_hurries_it() -> None:
    async def go() -> None:
        thread = LoopThread("test")
        begun, gate = threading.Event(), threading.Event()
        said: list[str] = []

        async def slow() -> None:
            begun.set()
            await asyncio.to_thread(gate.wait)
            said.append("done")

        def hurry() -> None:
            said.append("hurry")
            gate.set()

        waiting = asyncio.create_task(thread.run(slow()))
        unwanted = asyncio.create_task(thread.run(asyncio.sleep(3600)))
        await asyncio.to_thread(begun.wait)
        assert await thread.run(asyncio.sleep(0, "x")) == "x"
        with pytest.raises(ZeroDivisionError):
            await thread.run(fail())
        unwanted.cancel()
        thread.at_end(hurry)
        ended = thread.close()
        thread.at_end(lambda: said.append("late"))
        await waiting
        await asyncio.to_thread(ended.wait)
        assert sorted(said) == ["done", "hurry", "late"]
        assert said.index("hurry") < said.index("done")

    async def fail() -> None:
        raise ZeroDivisionError

    run(go)


def test_a_thread_with_a_loop_that_never_ran_ends() -> None:
    assert LoopThread("test").close().is_set()
