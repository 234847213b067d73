"""Where blocking work runs: a bounded number of daemon threads, so that the event loop never waits.

Not a ThreadPoolExecutor: Python joins the threads of that one at exit, so that a server that never answers
would hold up the end of `envls check`.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")
_Job = tuple["Future[Any]", "Callable[[], Any]"]


class Lane:
    """At most `width` pieces of work at a time, the others in line."""

    def __init__(self, name: str, width: int) -> None:
        self._name = name
        self._width = width
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads = 0
        self._idle = 0
        self._lock = threading.Lock()

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises, once a thread has done it. Cancelling skips work that has not begun."""
        future: Future[T] = Future()
        with self._lock:
            if self._idle:
                self._idle -= 1
            elif self._threads < self._width:
                self._threads += 1
                threading.Thread(target=self._work, name=f"envls-{self._name}", daemon=True).start()
        self._jobs.put((future, work))
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Let the threads end; what they are at is not waited for."""
        with self._lock:
            for _ in range(self._threads):
                self._jobs.put(None)
            self._threads = self._idle = 0

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            future, work = job
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work())
                except BaseException as error:  # noqa: BLE001 - whoever waits is told, whatever it is
                    future.set_exception(error)
            del job, future, work
            with self._lock:
                self._idle += 1


class LoopThread:
    """One daemon thread with an event loop of its own, for libraries whose answers are dear to convert."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    async def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """What `coroutine` returns or raises over there; cancelling cancels it."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name=f"envls-{self._name}", daemon=True)
            self._thread.start()
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self._loop))

    def close(self, patience: float = 1.0) -> None:
        """Cancel what runs and end the thread; waits at most `patience` seconds."""
        loop, thread = self._loop, self._thread
        self._loop = self._thread = None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(_cancel_others(), loop).add_done_callback(
            lambda _: loop.call_soon_threadsafe(loop.stop)
        )
        thread.join(patience)
        if not thread.is_alive():
            loop.close()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.wait(others) if others else None
