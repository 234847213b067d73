"""Asks channels that serve shards, through py-rattler, and gives JSON for the shelf.

Imports py-rattler: only ever imported in a thread, by `pieces`. Its coroutines run on the loop of that thread, since
turning thousands of records into Python objects takes milliseconds that the server's loop does not have. Its messages
are never shown; why something could not be had the proxy knows. What is asked of py-rattler is never cancelled (see
`lanes.LoopThread`): when nobody waits for a channel any more, the proxy hangs up on it, and so py-rattler soon has an
answer.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from rattler import Channel, Gateway, MatchSpec, Subdir
from rattler.exceptions import GatewayError, ParseSubdirError

from envls.world.egress import Egress, State, failed
from envls.world.proxy import PARALLEL, NoShardsError
from envls.world.releases import summary
from envls.world.remote import GoneError
from envls.world.shelf import FailedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from rattler import RepoDataRecord

    from envls.url import Url
    from envls.world.configuration import Configuration
    from envls.world.shelf import Json

T = TypeVar("T")
LONGEST = 90.0
"""Seconds that a channel may take for one question, with all its requests."""
RENEWED = 1800.0
"""Seconds for which the gateway answers from memory; then it asks the channel whether something is new."""
_NO_PACKAGE = "__envls_no_package__"
"""A name that no channel has: asking for it reads the index of the channel and nothing else."""
_MOST_DETOURS = 4
"""How often one question is asked again because the channel has its files elsewhere, or has just changed."""


class Gate:
    """All channels with shards, through one gateway of py-rattler. Used on one event loop, that of whoever asks first."""

    def __init__(self, configuration: Configuration) -> None:
        self._egress = Egress(configuration, shards_only=True)
        self._built: tuple[State, Gateway] | None = None
        self._opened: dict[tuple[str, tuple[str, ...]], tuple[float, asyncio.Task[list[Subdir]]]] = {}
        self._waiting: Counter[str] = Counter()
        self._asked: defaultdict[str, set[asyncio.Future[Any]]] = defaultdict(set)
        self._unwanted: dict[str, set[asyncio.Future[Any]]] = {}

    async def records(self, url: Url, subdirs: Sequence[str], name: str) -> Json:
        """What `releases` keeps of the package; None where there is no such package. Raises FailedError; NoShardsError
        where a subdir is served as a whole only."""
        with self._wait(self._known_as(url)) as channel:
            places = await self._open_channel(channel, subdirs)
            found = await self._ask(channel, lambda gateway: _query(gateway, channel, places, name))
        return summary(found) if found else None

    async def names(self, url: Url, subdirs: Sequence[str]) -> Json:
        """The names of all packages, sorted. Raises as `records`."""
        with self._wait(self._known_as(url)) as channel:
            places = await self._open_channel(channel, subdirs)
            return sorted(await self._ask(channel, lambda gateway: _names(gateway, channel, places)))

    async def has_shards(self, url: Url, subdir: str) -> bool:
        """Whether the channel serves this subdir in shards. Raises FailedError."""
        try:
            with self._wait(self._known_as(url)) as channel:
                await self._open_channel(channel, [subdir])
        except NoShardsError:
            return False
        return True

    def close(self) -> None:
        """Hang up on every channel. What py-rattler is at ends by itself, soon."""
        self._egress.close()

    def _known_as(self, url: Url) -> str:
        if url.scheme == "file":
            raise NoShardsError
        return self._egress.known_as(url)

    @contextmanager
    def _wait(self, channel: str) -> Iterator[str]:
        """Whoever is within waits for the channel; when nobody does, the proxy hangs up on it."""
        self._waiting[channel] += 1
        try:
            yield channel
        finally:
            self._waiting[channel] -= 1
            if not self._waiting[channel]:
                self._hang_up(channel)

    def _hang_up(self, channel: str) -> None:
        self._egress.hang_up(channel)
        self._unwanted[channel] = {task for task in self._asked[channel] if not task.done()}
        for key in [key for key, (_, task) in self._opened.items() if key[0] == channel and not task.done()]:
            del self._opened[key]

    async def _open_channel(self, channel: str, subdirs: Sequence[str]) -> list[Subdir]:
        """The subdirs that the channel has, after its index was had; once for a burst of questions.

        Not left to the gateway: of requests at the same time it tells only one that they failed.
        """
        key = channel, tuple(subdirs)
        now = time.monotonic()
        since, task = self._opened.get(key, (0.0, None))
        if task is not None and now - since > RENEWED and self._built is not None:
            self._built[1].clear_repodata_cache(Channel(channel))
            task = None
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = asyncio.create_task(self._open_now(channel, subdirs))
            task.add_done_callback(_hear)
            self._opened[key] = now, task
        return await asyncio.shield(task)

    async def _open_now(self, channel: str, subdirs: Sequence[str]) -> list[Subdir]:
        try:
            places = [Subdir(subdir) for subdir in subdirs]
        except ParseSubdirError as error:
            raise FailedError("an unknown platform") from error
        await self._ask(channel, lambda gateway: _query(gateway, channel, places, _NO_PACKAGE))
        return places

    async def _ask(self, channel: str, asking: Callable[[Gateway], Awaitable[T]]) -> T:
        """What a gateway answers, in time and with our own words for what went wrong."""
        if unwanted := {task for task in self._unwanted.get(channel, ()) if not task.done()}:
            await asyncio.wait(unwanted)  # soon; else py-rattler would have both end in the same way
        failure: FailedError | None = None
        for _ in range(_MOST_DETOURS):
            gateway, state, since = self._gateway(), self._egress.state(), time.monotonic()
            try:
                return await asyncio.wait_for(asyncio.shield(self._begun(channel, asking(gateway))), LONGEST)
            except asyncio.TimeoutError:
                raise FailedError("did not answer in time", everything=True) from None
            except GatewayError as error:
                if self._egress.state() != state:
                    continue  # it has its files elsewhere, and now there is a way
                gone_before = isinstance(failure, GoneError)
                failure = self._egress.fault(channel, since) or failed(str(error))
            if gone_before or not isinstance(failure, GoneError):
                raise failure
            gateway.clear_repodata_cache(Channel(channel), clear_disk=True)  # what is known of it is too old
        raise failure or FailedError("has its files elsewhere without end", everything=True)

    def _begun(self, channel: str, asking: Awaitable[T]) -> asyncio.Future[T]:
        task = asyncio.ensure_future(asking)
        self._asked[channel].add(task)
        task.add_done_callback(self._asked[channel].discard)
        task.add_done_callback(_hear)
        return task

    def _gateway(self) -> Gateway:
        """The gateway, built anew where its client has to be."""
        state = self._egress.state()
        if self._built is None or self._built[0] != state:
            client = self._egress.client(state)
            self._built = state, Gateway(self._egress.folder(), max_concurrent_requests=PARALLEL, client=client)
        return self._built[1]


def _hear(task: asyncio.Future[T]) -> None:
    """Perhaps nobody else hears how it ended."""
    if not task.cancelled():
        task.exception()


async def _query(gateway: Gateway, channel: str, places: list[Subdir], name: str) -> list[RepoDataRecord]:
    spec = MatchSpec(name, strict=False)
    found = await gateway.query([Channel(channel)], places, [spec], recursive=False, channel_relations="disabled")
    return [record for records in found for record in records]


async def _names(gateway: Gateway, channel: str, places: list[Subdir]) -> list[str]:
    names = await gateway.names([Channel(channel)], places, channel_relations="disabled")
    return [name.normalized for name in names]
