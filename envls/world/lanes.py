"""Where blocking work runs: a bounded number of daemon threads, so that the event loop never waits.

Not a ThreadPoolExecutor: Python joins the threads of that one at exit, so that a server that never answers
would hold up the end of `envls check`.
"""

from __future__ import annotations

import asyncio
import atexit
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

T = TypeVar("T")
PATIENCE = 3.0
"""Seconds that the end of the process waits for a thread with a loop."""
SETTLING = 0.1
"""Seconds that it then leaves to threads that are not Python's."""
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
    """One daemon thread with an event loop of its own, for libraries whose answers are dear to convert.

    What runs there must keep its cancelling from py-rattler: that tells Python how a request has ended from a thread of
    its own, and one that is late finds an interpreter that has ended, and panics on the user's terminal. So the end of
    the process ends this thread first, and leaves py-rattler's threads a moment to be done with Python.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self._end_time = 0.0
        self._closings: list[Callable[[], None]] = []

    async def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """What `coroutine` returns or raises over there. Cancelling the waiting cancels it."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            work = partial(self._work, self._loop)
            self._thread = threading.Thread(target=work, name=f"envls-{self._name}", daemon=True)
            self._thread.start()
            atexit.register(self._leave)
        here = asyncio.get_running_loop()
        answer: asyncio.Future[T] = here.create_future()

        def landed(there: Future[T]) -> None:
            with suppress(RuntimeError):  # the loop of whoever has asked is closed
                here.call_soon_threadsafe(_pass_on, there, answer)

        there = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        there.add_done_callback(landed)
        try:
            return await answer
        except asyncio.CancelledError:
            there.cancel()
            raise

    def at_end(self, close: Callable[[], None]) -> None:
        """Call `close` over there when the thread is to end, so that what runs there ends soon. Itself to be called over
        there; at once where the end has begun."""
        if self._loop is not None:
            self._closings.append(close)
        else:
            close()

    def close(self) -> threading.Event:
        """End the thread once what runs there is done. What is returned is set at the end (at once where nothing has
        run), or never if the process ends before."""
        loop, self._loop = self._loop, None
        if loop is not None:
            asyncio.run_coroutine_threadsafe(_end(self._closings), loop)
        elif self._thread is None:
            self._ended.set()
        return self._ended

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.run_forever()
        loop.close()
        self._closings.clear()
        self._end_time = time.monotonic()
        self._ended.set()

    def _leave(self) -> None:
        """The process ends."""
        self.close().wait(PATIENCE)
        time.sleep(max(0.0, self._end_time + SETTLING - time.monotonic()))


def _pass_on(there: Future[T], answer: asyncio.Future[T]) -> None:
    if answer.done():
        return  # nobody waits any more
    if there.cancelled():
        answer.cancel()
        return
    error = there.exception()
    if error is not None:
        answer.set_exception(error)
    else:
        answer.set_result(there.result())


async def _end(closings: Sequence[Callable[[], None]]) -> None:
    for close in closings:
        close()
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)
    loop = asyncio.get_running_loop()
    loop.call_soon(loop.stop)
