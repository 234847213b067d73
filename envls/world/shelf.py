"""What far sources have said: from the store while it is young, else asked for once, with backing off.

A piece is what one source says of one thing ("numpy on this channel"). Answers to questions are put together from
pieces, so that a channel that fails costs its own piece only, and files with different channels share the rest.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from envls.world.settings import NOTHING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from envls.world.lanes import Lane
    from envls.world.store import Store

    Json = Any
    Fetch = Callable[[Json], Awaitable[Json]]

FIRST_PAUSE = 60.0
LONGEST_PAUSE = 3600.0


class Piece(NamedTuple):
    """`value` is JSON, None where the source has no such thing."""

    value: Json
    as_of: datetime


class FailedError(Exception):
    """A source has not said anything. `str()` is a phrase for a person, without secrets.

    `everything`: the source as a whole is to blame (it cannot be reached), so that it is left alone for a while.
    """

    def __init__(self, reason: str, *, everything: bool = False) -> None:
        super().__init__(reason)
        self.everything = everything


@dataclass(slots=True)
class _Failing:
    reason: str
    until: float
    pause: float


class Shelf:
    """Pieces by key. Used on the event loop; the store works in its lane. `clock` gives seconds, for the pauses."""

    def __init__(self, lane: Lane, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lane = lane
        self._store = store
        self._flights: dict[str, asyncio.Task[Piece]] = {}
        self._writes: set[asyncio.Task[None]] = set()
        self._failing: dict[str, _Failing] = {}

    async def get(self, key: str, source: str, fetch: Fetch, *, age: float, fresh: bool) -> Piece:
        """The piece `key`, kept or asked for. Without `fresh` an old one will do (if it says that there is something);
        with it, one younger than `age` seconds.

        `fetch` gets the former value (or None) and returns JSON, None for "there is no such thing". Where it fails
        the former piece stands; raises FailedError where there is none. `source` names who backs off.
        """
        task = self._flights.get(key)
        if task is None:
            task = asyncio.create_task(self._get(key, source, fetch, age, fresh))
            self._flights[key] = task
            task.add_done_callback(lambda _: self._flights.pop(key, None))
        return await asyncio.shield(task)

    def failing(self) -> Sequence[tuple[str, str]]:
        """The sources that are left alone at present, and why."""
        return [(source, failing.reason) for source, failing in self._failing.items()]

    def forgive(self) -> None:
        """Ask every source again: the settings or the network may have changed."""
        self._failing.clear()

    async def aclose(self) -> None:
        """Ask nothing more; what has been said is written."""
        for task in self._flights.values():
            task.cancel()
        if self._writes:
            await asyncio.wait(self._writes)

    async def _get(self, key: str, source: str, fetch: Fetch, age: float, fresh: bool) -> Piece:
        kept = await self._lane.run(lambda: self._read(key))
        if kept is not None:
            young = time.time() - kept.as_of.timestamp() < (min(age, NOTHING) if kept.value is None else age)
            if young or (not fresh and kept.value is not None):
                return kept
        failing = self._failing.get(source)
        if failing is None or failing.until <= self._clock():
            try:
                value = await fetch(kept.value if kept else None)
            except FailedError as error:
                if error.everything:
                    self._fail(source, str(error))
                if kept is None:
                    raise
            else:
                self._failing.pop(source, None)
                piece = Piece(value, datetime.now(timezone.utc))
                self._keep(key, piece)
                return piece
        elif kept is None:
            raise FailedError(failing.reason)
        return kept

    def _keep(self, key: str, piece: Piece) -> None:
        """Write behind: a store that is locked or slow holds up no answer. The lane keeps the order."""
        write = self._lane.run(lambda: self._store.write(key, json.dumps(piece.value), piece.as_of.timestamp()))
        task = asyncio.create_task(write)
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)

    def _fail(self, source: str, reason: str) -> None:
        now = self._clock()
        former = self._failing.get(source)
        if former is not None and former.until > now:
            return  # others that were on their way at the same time: one failure, not many
        pause = min(former.pause * 2, LONGEST_PAUSE) if former else FIRST_PAUSE
        self._failing[source] = _Failing(reason, now + pause, pause)

    def _read(self, key: str) -> Piece | None:
        row = self._store.read(key)
        if row is None:
            return None
        try:
            return Piece(json.loads(row[0]), datetime.fromtimestamp(row[1], timezone.utc))
        except (ValueError, OverflowError, OSError):
            return None
