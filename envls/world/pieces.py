"""What one conda channel says: of a package, and which packages it has.

A channel that serves shards (CEP 16) is asked for each package as it is wanted. Of one that does not, the full
repodata is read by a process of its own into the store (see `repodata`), which then has everything. Which it is, is
found out for each channel and platform, and remembered for a day.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from envls.world import wholes
from envls.world.rows import UNREADABLE, is_package, is_texts
from envls.world.shelf import FailedError, Piece
from envls.world.wholes import Wholes

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from envls.world.configuration import Configuration
    from envls.world.gateway import Gate
    from envls.world.lanes import Lane, LoopThread
    from envls.world.place import Place
    from envls.world.shelf import Json, Shelf
    from envls.world.wholes import Progress

AGE = wholes.AGE
"""Seconds after which a channel is asked again for a package."""
AGE_OF_NAMES = 24 * 3600.0
"""The same for the list of names of a channel with shards."""
AGE_OF_FORM = 24 * 3600.0
"""The same for whether it has shards."""

AT_HAND = 60.0
"""Seconds for which not even the store is asked for that."""


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
        self._wholes = Wholes(lane, shelf, configuration, self._permit, progress)
        self._gate: Gate | None = None
        self._forms: dict[str, tuple[float, tuple[str, ...]]] = {}

    async def records(self, place: Place, name: str, *, fresh: bool) -> Piece:
        """What `releases` keeps of a package; its value is None where the channel has no such package."""
        key = place.keys().records + name
        with self._wholes.waits(place, name):
            try:
                sharded = await self._sharded(place, fresh=fresh)
                if not sharded:
                    return await self._wholes.records(place, name, fresh=fresh)
                fetch = partial(self._fetch, place, lambda gate: gate.records(place.channel.url, sharded, name))
                return await self._shelf.get(key, place.source, fetch, age=AGE, fresh=fresh, sound=is_package)
            except FailedError as error:
                kept = await self._shelf.kept(key, is_package)
                if kept is None or kept.value is None or kept.value == UNREADABLE:
                    kept = await self._wholes.cached(place, place.keys(cached=True).records + name, is_package)
                if kept is None:
                    raise
                return kept._replace(failing=str(error))

    async def names(self, place: Place, *, fresh: bool) -> Piece:
        """The names of all packages, sorted."""
        key = place.keys().names
        with self._wholes.waits(place):
            try:
                sharded = await self._sharded(place, fresh=fresh)
                if not sharded:
                    return await self._wholes.names(place, fresh=fresh)
                fetch = partial(self._fetch, place, lambda gate: gate.names(place.channel.url, sharded))
                return await self._shelf.get(key, place.source, fetch, age=AGE_OF_NAMES, fresh=fresh, sound=is_texts)
            except FailedError as error:
                kept = await self._shelf.kept(key, is_texts)
                kept = kept or await self._wholes.cached(place, place.keys(cached=True).names, is_texts)
                if kept is None:
                    raise
                return kept._replace(failing=str(error))

    async def records_so_far(self, place: Place, name: str) -> Piece | None:
        """What has been read of a package, of a channel that is being read as a whole."""
        kept = await self._shelf.kept(place.keys().records + name, is_package) if self.is_read(place) else None
        return None if kept is None or kept.value == UNREADABLE else kept

    async def names_so_far(self, place: Place) -> Piece | None:
        """The same for its names."""
        return await self._shelf.kept(place.keys().names, is_texts) if self.is_read(place) else None

    def is_read(self, place: Place) -> bool:
        """Whether the channel is being read as a whole just now."""
        return self._wholes.is_read(place)

    async def aclose(self) -> None:
        """Read nothing more."""
        await self._wholes.aclose()

    # -- shards -----------------------------------------------------------------------------------------------

    async def _sharded(self, place: Place, *, fresh: bool) -> tuple[str, ...]:
        """The subdirs that are asked for shards; empty where the whole is to be read."""
        if place.channel.url.scheme == "file":
            return ()
        since, sharded = self._forms.get(place.key, (-AT_HAND, ()))
        if time.monotonic() - since > AT_HAND:
            fetch = partial(self._find_form, place)
            key = f"conda shards {place.key}"
            piece = await self._shelf.get(key, place.source, fetch, age=AGE_OF_FORM, fresh=fresh, sound=is_texts)
            sharded = tuple(piece.value)
            self._forms[place.key] = time.monotonic(), sharded
        return sharded

    async def _find_form(self, place: Place, _: Piece | None) -> Json:
        await self._permit(place)
        url = place.channel.url
        asking = (self._ask(_has_shards(url, subdir)) for subdir in place.subdirs)
        found = await asyncio.gather(*asking, return_exceptions=True)  # all of them, so that none fails later on
        if wrong := next((one for one in found if isinstance(one, BaseException)), None):
            raise wrong
        sharded = tuple(subdir for subdir, has in zip(place.subdirs, found, strict=True) if has)
        if not sharded or sharded == place.subdirs:
            return sharded
        said = await self._wholes.read(place, sharded)  # are the others there as a whole, or not at all?
        return sharded if said.value is None else ()

    async def _fetch(self, place: Place, asking: Callable[[Gate], Coroutine[Any, Any, Json]], _: Piece | None) -> Json:
        await self._permit(place)
        return await self._ask(asking)

    async def _ask(self, asking: Callable[[Gate], Coroutine[Any, Any, Any]]) -> Any:
        async def ask() -> Any:
            """Runs in py-rattler's thread, which may well wait for the import."""
            from envls.world.gateway import Gate  # noqa: PLC0415 - 60 ms

            if self._gate is None:
                self._gate = Gate(self._configuration)
                self._thread.at_end(self._gate.close)
            return await asking(self._gate)

        return await self._thread.run(ask())

    async def _permit(self, place: Place) -> None:
        channel = place.channel
        if channel.problem:
            raise FailedError(channel.problem)
        if reason := await self._lane.run(lambda: self._configuration.conda_refusal(channel.url)):
            raise FailedError(reason)


def _has_shards(url: Any, subdir: str) -> Callable[[Gate], Coroutine[Any, Any, bool]]:
    return lambda gate: gate.has_shards(url, subdir)
