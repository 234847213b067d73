"""What far sources have said: from the store while it is young, else asked for once, with backing off.

A piece is what one source says of one thing ("numpy on this channel"). Answers to questions are put together from
pieces, so that a channel that fails costs its own piece only, and files with different channels share the rest.
A source is asked a few things at a time; what nobody waits for any more when its turn comes is not asked at all.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from envls.world.lanes import Lane
from envls.world.settings import NOTHING
from envls.world.store import Entry, Store

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from envls.url import Url

    Json = Any
    Fetch = Callable[["Piece | None"], Awaitable["Said | Json"]]

T = TypeVar("T")
PARALLEL = 8
"""Requests under way at once to one source."""
FIRST_PAUSE = 60.0
LONGEST_PAUSE = 3600.0
"""Seconds that a failing source is left alone, at first and at most."""
LONGEST_WISH = 24 * 3600.0
"""The most of what a source itself may wish."""
YOUNGEST, ELDEST = 1800.0, 24 * 3600.0
"""The bounds in which a source may say for how long it is to be believed."""
NOTHING_AT_MOST = 24 * 3600.0
"""Seconds for which "there is no such thing" is believed of a source that cannot be asked."""
AHEAD = 300.0
"""Seconds that a time of the store may lie in the future: clocks differ. Beyond that it says nothing."""


class Piece(NamedTuple):
    """`value` is JSON, None where the source has no such thing. Where it is `old`, the source may say something else by
    now; `failing` says why no newer one could be had. See `store.Entry` for the rest.
    """

    value: Json
    as_of: datetime
    young: float | None = None
    validator: str = ""
    failing: str = ""
    old: bool = False


class Said(NamedTuple):
    """What a source says just now, where there is more to it than the value: see `Piece`."""

    value: Json
    young: float | None = None
    validator: str = ""


class FailedError(Exception):
    """A source has not said anything. `str()` is a phrase for a person, without secrets.

    `everything`: the source as a whole is to blame (it cannot be reached), so that it is left alone for a while;
    for `again` seconds, where it has said so.
    """

    def __init__(self, reason: str, *, everything: bool = False, again: float | None = None) -> None:
        super().__init__(reason)
        self.everything = everything
        self.again = again


class StoreLane:
    """A store, in the one thread that it is used in."""

    def __init__(self, name: str, folder: Path | None) -> None:
        self._lane = Lane(name, 1)
        self._store = Store(folder)

    async def run(self, work: Callable[[Store], T]) -> T:
        return await self._lane.run(lambda: work(self._store))

    async def aclose(self) -> None:
        await self._lane.run(self._store.close)
        self._lane.close()


class _Wanted(NamedTuple):
    """The arguments of `Shelf.get`."""

    key: str
    source: str
    fetch: Fetch
    age: float
    sound: Callable[[Json], bool] | None


@dataclass(slots=True)
class _Failing:
    reason: str
    until: float
    pause: float


@dataclass(slots=True)
class _Source:
    """Who takes turns at a source, and how it fails. While it fails, one at a time tries whether it still does."""

    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PARALLEL))
    trying: asyncio.Lock = field(default_factory=asyncio.Lock)
    failing: _Failing | None = None


@dataclass(slots=True, eq=False)
class _Flight:
    """A piece on its way: how many wait for it, whether one of them wants a young one, whether its source was asked."""

    waiting: int = 0
    fresh: bool = False
    begun: bool = False
    task: asyncio.Task[Piece] | None = None


class Shelf:
    """Pieces by key. Used on the event loop; `reading` and `writing` are the same store in two threads, so that nobody
    who reads waits for a writer. `clock` gives seconds, for the pauses."""

    def __init__(self, reading: StoreLane, writing: StoreLane, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._reading = reading
        self._writing = writing
        self._flights: dict[str, _Flight] = {}
        self._unwritten: dict[str, tuple[str, Piece]] = {}
        self._writer: asyncio.Task[None] | None = None
        self._sources: dict[str, _Source] = {}

    async def get(
        self,
        key: str,
        source: str,
        fetch: Fetch,
        *,
        age: float,
        fresh: bool,
        sound: Callable[[Json], bool] | None = None,
    ) -> Piece:
        """The piece `key`, kept or asked for. Without `fresh` an old one will do (if it says that there is something);
        with it, one younger than `age` seconds, or than the source said itself.

        `fetch` gets the former piece (or None) and returns JSON, None for "there is no such thing", or all of it as
        `Said`. Where it fails the former piece stands; raises FailedError where there is none. `source` (see
        `source_name`) is who backs off. What is kept and not `sound` counts as not kept: the file may be from anybody.
        """
        flight = self._flights.get(key)
        if flight is None or flight.task is None or flight.task.done():
            flight = self._flights[key] = _Flight()
            flight.task = asyncio.create_task(self._fly(flight, _Wanted(key, source, fetch, age, sound)))
            flight.task.add_done_callback(partial(self._landed, key, flight))
        flight.fresh |= fresh
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.begun:  # what is on its way is kept for whoever asks next
                flight.task.cancel()

    async def kept(self, key: str, sound: Callable[[Json], bool] | None = None) -> Piece | None:
        """What is kept of the piece `key`, however old, if it is `sound`. Nobody is asked."""
        return await self._kept(key, sound)

    def failing(self) -> Sequence[tuple[str, str]]:
        """The sources that are left alone at present, and why."""
        return [(name, source.failing.reason) for name, source in self._sources.items() if source.failing is not None]

    def forgive(self) -> None:
        """Ask every source again: the settings or the network may have changed."""
        for source in self._sources.values():
            source.failing = None

    async def aclose(self) -> None:
        """Ask nothing more; what has been said is written."""
        for flight in self._flights.values():
            if flight.task is not None:
                flight.task.cancel()
        if self._writer is not None:
            await asyncio.wait((self._writer,))

    # -- asking -----------------------------------------------------------------------------------------------

    def _landed(self, key: str, flight: _Flight, task: asyncio.Task[Piece]) -> None:
        heard(task)
        if self._flights.get(key) is flight:
            del self._flights[key]

    async def _fly(self, flight: _Flight, wanted: _Wanted) -> Piece:
        kept = await self._kept(wanted.key, wanted.sound)
        if kept is not None and _is_young(kept, wanted.age):
            return kept
        if kept is not None and kept.value is not None and not flight.fresh:
            return kept._replace(old=True)
        try:
            said = await self._ask(flight, self._sources.setdefault(wanted.source, _Source()), wanted.fetch, kept)
        except FailedError as error:
            if kept is None or (kept.value is None and not _is_young(kept, 0, nothing=NOTHING_AT_MOST)):
                raise
            return kept._replace(failing=str(error), old=True)
        piece = Piece(said.value, datetime.fromtimestamp(time.time(), timezone.utc), said.young, said.validator)
        self._keep(wanted, piece)
        return piece

    async def _ask(self, flight: _Flight, source: _Source, fetch: Fetch, kept: Piece | None) -> Said:
        """What the source says, in its turn. Raises FailedError, also for a source that is left alone."""
        async with source.turns:
            if source.failing is not None:
                async with source.trying:
                    if source.failing is not None:
                        if source.failing.until > self._clock():
                            raise FailedError(source.failing.reason)
                        return await self._ask_now(flight, source, fetch, kept)
            return await self._ask_now(flight, source, fetch, kept)

    async def _ask_now(self, flight: _Flight, source: _Source, fetch: Fetch, kept: Piece | None) -> Said:
        flight.begun = True
        try:
            said = await fetch(kept)
        except FailedError as error:
            source.failing = self._failed(source.failing, error) if error.everything else None
            raise
        source.failing = None
        return said if isinstance(said, Said) else Said(said)

    def _failed(self, former: _Failing | None, error: FailedError) -> _Failing:
        now = self._clock()
        if former is not None and former.until > now:
            return former  # others that were on their way at the same time: one failure, not many
        pause = min(former.pause * 2, LONGEST_PAUSE) if former else FIRST_PAUSE
        wish = min(max(error.again or 0.0, 0.0), LONGEST_WISH)
        return _Failing(str(error), now + max(pause, wish), pause)

    # -- keeping ----------------------------------------------------------------------------------------------

    async def _kept(self, key: str, sound: Callable[[Json], bool] | None) -> Piece | None:
        unwritten = self._unwritten.get(key)
        if unwritten is not None:
            return unwritten[1]
        return await self._reading.run(lambda store: _piece(store.read(key), sound))

    def _keep(self, wanted: _Wanted, piece: Piece) -> None:
        """Write behind: a store that is locked or slow holds up no answer."""
        self._unwritten[wanted.key] = wanted.source, piece
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._unwritten:
            pending = dict(self._unwritten)
            await self._writing.run(partial(_write, pending))
            for key, written in pending.items():
                if self._unwritten.get(key) is written:
                    del self._unwritten[key]


def heard(task: asyncio.Task[Any]) -> None:
    """What went wrong in it has been heard, also where nobody waits for it any more: asyncio would complain."""
    if not task.cancelled():
        task.exception()


@lru_cache(maxsize=256)
def source_name(url: Url) -> str:
    """How an address is named in the store: without its secrets. Two that differ in these only differ in a digest.

    Call it in a thread: so that nobody can try out secrets on the digest, it is dear (50 ms), and short.
    """
    plain = str(url).rstrip("/")
    if str(url) == url.revealed:
        return plain
    secret = url.revealed.rstrip("/").encode("utf-8", "replace")
    return f"{plain} ({hashlib.pbkdf2_hmac('sha256', secret, b'envls', 100_000)[:4].hex()})"


def _is_young(piece: Piece, age: float, *, nothing: float = NOTHING) -> bool:
    if piece.value is None:
        age = nothing
    elif piece.young is not None:
        age = min(max(piece.young, YOUNGEST), ELDEST)
    return -AHEAD <= time.time() - piece.as_of.timestamp() < age


def _piece(entry: Entry | None, sound: Callable[[Json], bool] | None) -> Piece | None:
    """Runs in the thread of the store."""
    if entry is None:
        return None
    try:
        value = json.loads(entry.value)
        as_of = datetime.fromtimestamp(entry.as_of, timezone.utc)
    except (ValueError, OverflowError, OSError, RecursionError):
        return None
    if value is not None and sound is not None and not sound(value):
        return None
    return Piece(value, as_of, entry.young, entry.validator)


def _write(pieces: dict[str, tuple[str, Piece]], store: Store) -> None:
    """Runs in the thread of the store."""
    store.write_many(
        Entry(key, json.dumps(piece.value), piece.as_of.timestamp(), source, piece.young, piece.validator)
        for key, (source, piece) in pieces.items()
    )
