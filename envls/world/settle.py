"""Run a view of the facts until it has all it asks for, or time is up: for hover, completion and the terminal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from envls.facts import Facts, Pending

if TYPE_CHECKING:
    from collections.abc import Callable

    from envls.world.world import World

T = TypeVar("T")
LONGEST = 300.0
"""Seconds that somebody patient waits for what is sure to come."""


async def settle(
    view: Callable[[Facts], T], world: World, timeout: float, *, fresh: bool = False, patient: bool = True
) -> tuple[T, Facts]:
    """What `view` makes of the facts, and the facts it asked, after at most about `timeout` seconds.

    The view is run again whenever something it waited for is in (a burst of answers counts once), so that what it
    asks next need not wait for the slowest source. With `fresh`, what is known but old is asked again and waited for.
    A source that has said that it takes long is waited for as long as it takes (`LONGEST`); without `patient`, not at all.
    """
    loop = asyncio.get_running_loop()
    start = loop.time()
    end = start + timeout
    news = asyncio.Event()
    renewed: set[object] = set()
    while True:
        began = loop.time()
        facts = Facts(world.look, world.moment)
        result = view(facts)
        wanted = world.unsettled(facts.asked, patient=patient)
        if fresh:
            wanted |= facts.asked.keys() - renewed
        is_coming = any(isinstance(answer := facts.asked.get(one), Pending) and answer.reason for one in wanted)
        left = (start + max(LONGEST, timeout) if is_coming else end) - loop.time()
        if not wanted or left <= 0:
            return result, facts
        news.clear()
        learning = asyncio.ensure_future(world.learn(wanted, lambda _: news.set(), fresh=fresh))
        hearing = asyncio.ensure_future(news.wait())
        pause = 4 * (loop.time() - began)
        await asyncio.wait((learning, hearing), timeout=left, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait((learning,), timeout=max(0.0, min(pause, left, end - loop.time())))
        if learning.done():
            renewed |= wanted
        learning.cancel()
        hearing.cancel()
