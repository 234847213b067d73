"""What one conda channel says: of a package, and which packages it has.

A channel that serves shards (CEP 16) is asked for each package as it is wanted. Of one that does not, the full
repodata is read by a process of its own into the store (see `repodata`), which then has everything. Which it is, is
found out for each channel and platform, and remembered for a day.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import Counter
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from envls.world.reader import Reader
from envls.world.repodata import UNREADABLE, Keys, Request
from envls.world.shelf import FailedError, Piece, Said, source_name

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from tempfile import TemporaryDirectory

    from envls.world.channels import ChannelAt
    from envls.world.configuration import Configuration
    from envls.world.gateway import Gate
    from envls.world.lanes import Lane, LoopThread
    from envls.world.shelf import Json, Shelf

    Progress = Callable[[str, float | None], None]

AGE = 6 * 3600.0
"""Seconds after which a channel is asked again for a package."""
AGE_OF_NAMES = 24 * 3600.0
"""The same for the list of names of a channel with shards."""
AGE_OF_FORM = 24 * 3600.0
"""The same for whether it has shards."""
LINGER = 10.0
"""Seconds for which a channel is read on although nobody waits for it."""


class Place(NamedTuple):
    """A channel, seen from one platform. `source` is what it is called in the store."""

    channel: ChannelAt
    source: str
    subdirs: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.source} {self.subdirs[0]}"

    @property
    def keys(self) -> Keys:
        return Keys(f"conda whole {self.key}", f"conda names {self.key}", f"conda records {self.key} ")


def place_of(channel: ChannelAt, platform: str) -> Place:
    """Call it in a thread (see `source_name`)."""
    subdirs = (channel.subdir,) if channel.subdir else tuple(dict.fromkeys((platform, "noarch")))
    return Place(channel, source_name(channel.url), subdirs)


class ChannelPieces:
    """Asks channels. `thread` is where py-rattler lives, `lane` where files are read; `progress` hears what is being
    read, and how much of it is done (None: it has ended)."""

    def __init__(
        self, lane: Lane, thread: LoopThread, shelf: Shelf, configuration: Configuration, progress: Progress
    ) -> None:
        self._lane = lane
        self._thread = thread
        self._shelf = shelf
        self._configuration = configuration
        self._progress = progress
        self._reader = Reader()
        self._gate: Gate | None = None
        self._readings: dict[str, asyncio.Task[Said]] = {}
        self._waiting: Counter[str] = Counter()
        self._lost: dict[str, float] = {}

    async def records(self, place: Place, name: str, *, fresh: bool) -> Piece:
        """What `releases` keeps of a package; its value is None where the channel has no such package."""
        key = place.keys.records + name
        with self._waits(place):
            try:
                sharded = await self._sharded(place, fresh=fresh)
                if not sharded:
                    return await self._of_whole(place, name, fresh=fresh)
                fetch = partial(self._fetch, place, lambda gate: gate.records(place.channel.url, sharded, name))
                return await self._shelf.get(key, place.source, fetch, age=AGE, fresh=fresh)
            except FailedError as error:
                kept = await self._shelf.kept(key)
                if kept is None or kept.value is None or kept.value == UNREADABLE:
                    raise
                return kept._replace(failing=str(error))

    async def names(self, place: Place, *, fresh: bool) -> Piece:
        """The names of all packages, sorted."""
        key = place.keys.names
        with self._waits(place):
            try:
                sharded = await self._sharded(place, fresh=fresh)
                if not sharded:
                    return await self._in_whole(place, key, fresh=fresh)
                fetch = partial(self._fetch, place, lambda gate: gate.names(place.channel.url, sharded))
                return await self._shelf.get(key, place.source, fetch, age=AGE_OF_NAMES, fresh=fresh)
            except FailedError as error:
                kept = await self._shelf.kept(key)
                if kept is None:
                    raise
                return kept._replace(failing=str(error))

    def is_read(self, place: Place) -> bool:
        """Whether the channel is being read as a whole just now."""
        return place.key in self._readings

    async def aclose(self) -> None:
        """Read nothing more."""
        for reading in self._readings.values():
            reading.cancel()
        if self._readings:
            await asyncio.wait(self._readings.values())

    def close(self) -> None:
        """Runs in py-rattler's thread, at its end."""
        if self._gate is not None:
            self._gate.close()

    # -- shards -----------------------------------------------------------------------------------------------

    async def _sharded(self, place: Place, *, fresh: bool) -> tuple[str, ...]:
        """The subdirs that are asked for shards; empty where the whole is to be read."""
        if place.channel.url.scheme == "file":
            return ()
        fetch = partial(self._find_form, place)
        piece = await self._shelf.get(
            f"conda shards {place.key}", place.source, fetch, age=AGE_OF_FORM, fresh=fresh, sound=_is_list
        )
        return tuple(piece.value)

    async def _find_form(self, place: Place, _: Piece | None) -> Json:
        await self._refuse(place)
        url = place.channel.url
        asking = (self._ask(_has_shards(url, subdir)) for subdir in place.subdirs)
        found = await asyncio.gather(*asking, return_exceptions=True)  # all of them, so that none fails later on
        if wrong := next((one for one in found if isinstance(one, BaseException)), None):
            raise wrong
        sharded = tuple(subdir for subdir, has in zip(place.subdirs, found, strict=True) if has)
        if not sharded or sharded == place.subdirs:
            return sharded
        said = await self._read(place, sharded)  # are the others there as a whole, or not at all?
        return sharded if said.value is None else ()

    async def _fetch(self, place: Place, asking: Callable[[Gate], Coroutine[Any, Any, Json]], _: Piece | None) -> Json:
        await self._refuse(place)
        return await self._ask(asking)

    async def _ask(self, asking: Callable[[Gate], Coroutine[Any, Any, Any]]) -> Any:
        async def ask() -> Any:
            """Runs in py-rattler's thread, which may well wait for the import."""
            from envls.world.gateway import Gate  # noqa: PLC0415 - 60 ms

            if self._gate is None:
                self._gate = Gate(self._configuration, "shards")
            return await asking(self._gate)

        return await self._thread.run(ask())

    async def _refuse(self, place: Place) -> None:
        channel = place.channel
        if channel.problem:
            raise FailedError(channel.problem)
        if reason := await self._lane.run(lambda: self._configuration.conda_refusal(channel.url)):
            raise FailedError(reason)

    # -- the whole --------------------------------------------------------------------------------------------

    async def _of_whole(self, place: Place, name: str, *, fresh: bool) -> Piece:
        key = place.keys.records + name
        whole = await self._whole(place, fresh=fresh)
        found = _row(await self._shelf.kept(key), whole)
        if found is None:
            names = await self._in_whole(place, place.keys.names, fresh=fresh)
            if not _stands_in(names.value, name):
                return names._replace(value=None)
            found = await self._in_whole(place, key, fresh=fresh)
        if found.value == UNREADABLE:
            raise FailedError("what it says of this package cannot be read")
        return found

    async def _in_whole(self, place: Place, key: str, *, fresh: bool) -> Piece:
        """A row that the whole must have brought along; it is read once more where the store has lost that."""
        for _ in (1, 2):
            whole = await self._whole(place, fresh=fresh)
            found = _row(await self._shelf.kept(key), whole)
            if found is not None:
                return found
            self._lost[place.key] = whole.value["since"]
        raise FailedError("what it has cannot be kept")

    async def _whole(self, place: Place, *, fresh: bool) -> Piece:
        """When the whole was read ("since"), and until when it was the newest (`as_of`)."""
        lost = self._lost.get(place.key, 0.0)

        async def fetch(_: Piece | None) -> Said:
            await self._refuse(place)
            said = await self._read(place, ())
            if said.value is None:
                raise FailedError("has been asked for something else just now")
            return said

        sound = partial(_is_after, lost)
        return await self._shelf.get(place.keys.whole, place.source, fetch, age=AGE, fresh=fresh, sound=sound)

    async def _read(self, place: Place, sharded: tuple[str, ...]) -> Said:
        reading = self._readings.get(place.key)
        if reading is None:
            reading = self._readings[place.key] = asyncio.create_task(self._read_now(place, sharded))
            reading.add_done_callback(lambda _: self._ended(place))
        try:
            return await asyncio.shield(reading)
        except asyncio.CancelledError:
            if reading.cancelled():
                raise FailedError("is not read any more: nobody waited for it") from None
            raise

    async def _read_now(self, place: Place, sharded: tuple[str, ...]) -> Said:
        url = place.channel.url
        temporary = await self._lane.run(_temporary_folder) if str(url) != url.revealed else None
        request = Request(
            url=url,
            source=place.source,
            subdirs=place.subdirs,
            sharded=sharded,
            keys=place.keys,
            again=place.key in self._lost,
            temporary=temporary.name if temporary else "",
            settings=self._configuration.settings,
        )
        try:
            read = await self._reader.read(request, partial(self._progress, place.channel.name))
        finally:
            if temporary:
                await self._lane.run(temporary.cleanup)
        return Said(read.value, validator=read.validator)

    def _ended(self, place: Place) -> None:
        del self._readings[place.key]
        self._progress(place.channel.name, None)

    @contextmanager
    def _waits(self, place: Place) -> Iterator[None]:
        """A channel that nobody waits for is not read to the end."""
        self._waiting[place.key] += 1
        try:
            yield
        finally:
            self._waiting[place.key] -= 1
            if not self._waiting[place.key] and place.key in self._readings:
                asyncio.get_running_loop().call_later(LINGER, self._stop_unless_wanted, place.key)

    def _stop_unless_wanted(self, key: str) -> None:
        if not self._waiting[key] and key in self._readings:
            self._readings[key].cancel()


def _temporary_folder() -> TemporaryDirectory[str]:
    """For a channel whose address holds a secret: what py-rattler keeps of it shows that."""
    from tempfile import TemporaryDirectory  # noqa: PLC0415 - rarely needed

    return TemporaryDirectory(prefix="envls-", ignore_cleanup_errors=True)


def _has_shards(url: Any, subdir: str) -> Callable[[Gate], Coroutine[Any, Any, bool]]:
    return lambda gate: gate.has_shards(url, subdir)


def _is_list(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(subdir, str) for subdir in value)


def _is_after(lost: float, value: Json) -> bool:
    return isinstance(value, dict) and isinstance(value.get("since"), float) and value["since"] > lost


def _row(kept: Piece | None, whole: Piece) -> Piece | None:
    """A row of the whole, as old as that; None for one that stems from a former whole, and is no longer in this one."""
    if kept is None or kept.as_of.timestamp() < whole.value["since"]:
        return None
    return kept._replace(as_of=whole.as_of, failing=whole.failing)


def _stands_in(names: list[str], name: str) -> bool:
    at = bisect_left(names, name)
    return at < len(names) and names[at] == name
