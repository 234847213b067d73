"""Work that no message waits for: kept until it ends, and what goes wrong in it is logged."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from envls.server.faults import report

if TYPE_CHECKING:
    from collections.abc import Coroutine


class Background:
    """Tasks; the event loop by itself would forget them half way."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def do(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            report("background work", error)

    def cancel(self) -> None:
        for task in self._tasks:
            task.cancel()
