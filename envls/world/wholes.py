"""The full repodata of channels that serve no shards, read into the store by a process of its own (see `repodata`).

A row of the store says when a channel was read as a whole; a package of which there is no row then is not there. What
other tools on this machine have kept of a channel is read in the same way, for when it cannot be asked.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import Counter, defaultdict
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from envls.world.caches import is_any
from envls.world.reader import Reader
from envls.world.repodata import Request
from envls.world.rows import UNREADABLE, is_package, is_texts
from envls.world.shelf import FailedError, Piece, Said

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from envls.world.configuration import Configuration
    from envls.world.lanes import Lane
    from envls.world.place import Place
    from envls.world.shelf import Json, Shelf

    Progress = Callable[[str, float | None], None]

AGE = 6 * 3600.0
"""Seconds after which a channel is asked whether there is anything new."""
AGE_OF_CACHES = 24 * 3600.0
"""Seconds after which the caches of other tools are looked through again."""
LINGER = 10.0
"""Seconds for which a channel is read on although nobody waits for it."""


class Wholes:
    """Has channels read, and finds what they said. `permit` raises FailedError where a channel may not be asked;
    `progress` hears what is being read, and how much of it is done (None: it has ended)."""

    def __init__(
        self,
        lane: Lane,
        shelf: Shelf,
        configuration: Configuration,
        permit: Callable[[Place], Awaitable[None]],
        progress: Progress,
    ) -> None:
        self._lane = lane
        self._shelf = shelf
        self._configuration = configuration
        self._permit = permit
        self._progress = progress
        self._reader = Reader()
        self._readings: dict[str, asyncio.Task[Said]] = {}
        self._tasks: set[asyncio.Task[Said]] = set()  # those that are being dropped included
        self._closed = False
        self._waiting: defaultdict[str, Counter[str]] = defaultdict(Counter)  # by channel and package
        self._lost: dict[str, float] = {}

    async def records(self, place: Place, name: str, *, fresh: bool) -> Piece:
        key = place.keys().records + name
        whole = await self._whole(place, fresh=fresh)
        found = _in_whole(await self._shelf.kept(key, is_package), whole)
        if found is None:
            names = await self.names(place, fresh=fresh)
            if not _stands_in(names.value, name):
                return names._replace(value=None)
            found = await self._row(place, key, is_package, fresh=fresh)
        if found.value == UNREADABLE:
            raise FailedError("what it says of this package cannot be read")
        return found

    async def names(self, place: Place, *, fresh: bool) -> Piece:
        """The names of all packages, sorted."""
        return await self._row(place, place.keys().names, is_texts, fresh=fresh)

    def is_read(self, place: Place) -> bool:
        """Whether the channel is being read just now."""
        return place.keys().whole in self._readings

    async def aclose(self) -> None:
        """Read nothing more."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _row(self, place: Place, key: str, sound: Callable[[Json], bool], *, fresh: bool) -> Piece:
        """A row that the whole must have brought along; it is read once more where the store has lost that."""
        for _ in (1, 2):
            whole = await self._whole(place, fresh=fresh)
            found = _in_whole(await self._shelf.kept(key, sound), whole)
            if found is not None:
                return found
            self._lost[place.key] = whole.value["since"]
        raise FailedError("what it has cannot be kept")

    async def _whole(self, place: Place, *, fresh: bool) -> Piece:
        """When the whole was read ("since"), and until when it was the newest (`as_of`)."""
        lost = self._lost.get(place.key, 0.0)

        async def fetch(_: Piece | None) -> Said:
            await self._permit(place)
            said = await self.read(place, ())
            if said.value is None:
                raise FailedError("has been asked for something else just now")
            return said

        key, sound = place.keys().whole, partial(_is_after, lost)
        while True:
            try:
                return await self._shelf.get(key, place.source, fetch, age=AGE, fresh=fresh, sound=sound)
            except _DroppedError:  # just before somebody wanted it after all
                continue

    async def read(self, place: Place, sharded: tuple[str, ...], *, cached: bool = False) -> Said:
        key = place.keys(cached=cached).whole
        reading = self._readings.get(key)
        if reading is None:
            if self._closed:
                raise FailedError("is not read any more")
            reading = self._readings[key] = asyncio.create_task(self._read_now(place, sharded, cached=cached))
            self._tasks.add(reading)
            reading.add_done_callback(partial(self._ended, place, key))
        try:
            return await asyncio.shield(reading)
        except asyncio.CancelledError:
            if reading.cancelled():
                raise _DroppedError from None
            raise

    async def _read_now(self, place: Place, sharded: tuple[str, ...], *, cached: bool) -> Said:
        request = Request(
            url=place.channel.url,
            source=place.source,
            subdirs=place.subdirs,
            keys=place.keys(cached=cached),
            settings=self._configuration.settings,
            sharded=sharded,
            lost=self._lost.get(place.key, 0.0),
            cached=cached,
        )
        read = await self._reader.read(
            request, partial(self._progress, place.shown), lambda: filter(None, [*self._waiting[place.key]])
        )
        return Said(read.value, validator=read.validator)

    def _ended(self, place: Place, key: str, reading: asyncio.Task[Said]) -> None:
        self._tasks.discard(reading)
        if self._readings.get(key) is reading:
            del self._readings[key]
        if not self.is_read(place):
            self._progress(place.shown, None)

    @contextmanager
    def waits(self, place: Place, name: str = "") -> Iterator[None]:
        """Whoever is within waits for the channel (for that package): one that nobody waits for is not read to the end."""
        waiting = self._waiting[place.key]
        waiting[name] += 1
        if name:
            self._reader.want(place.keys().whole, name)
        try:
            yield
        finally:
            waiting -= Counter((name,))
            if not waiting and self.is_read(place):
                asyncio.get_running_loop().call_later(LINGER, self._stop_unless_wanted, place)

    def _stop_unless_wanted(self, place: Place) -> None:
        if self.is_read(place) and not self._waiting[place.key]:
            self._readings.pop(place.keys().whole).cancel()

    # -- what other tools have kept ---------------------------------------------------------------------------

    async def cached(self, place: Place, key: str, sound: Callable[[Json], bool]) -> Piece | None:
        """A row of what other tools on this machine have kept of a channel that cannot be asked."""
        url, pkgs_dirs = place.channel.url, self._configuration.conda
        if place.channel.problem or not await self._lane.run(lambda: is_any(url, place.subdirs, pkgs_dirs().pkgs_dirs)):
            return None

        async def fetch(_: Piece | None) -> Said:
            return await self.read(place, (), cached=True)

        source = f"{place.source} (caches)"
        whole = place.keys(cached=True).whole
        with suppress(FailedError):
            await self._shelf.get(whole, source, fetch, age=AGE_OF_CACHES, fresh=False)
            return await self._shelf.kept(key, sound)
        return None


class _DroppedError(FailedError):
    """Nobody waited for the channel any more, so it was not read to the end."""

    def __init__(self) -> None:
        super().__init__("is not read any more: nobody waited for it")


def _is_after(lost: float, value: Json) -> bool:
    return isinstance(value, dict) and isinstance(value.get("since"), float) and value["since"] > lost


def _in_whole(kept: Piece | None, whole: Piece) -> Piece | None:
    """A row of the whole, as old as that; None for one that stems from a former whole, and is no longer in this one."""
    if kept is None or kept.as_of.timestamp() < whole.value["since"]:
        return None
    return kept._replace(as_of=whole.as_of, failing=whole.failing)


def _stands_in(names: list[str], name: str) -> bool:
    at = bisect_left(names, name)
    return at < len(names) and names[at] == name
