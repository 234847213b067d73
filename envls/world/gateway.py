"""How this room uses py-rattler: asks one channel, and gives JSON for the shelf.

Imports py-rattler: only ever imported in a thread, by `conda`, or in a child process. Its coroutines run on the loop
of that thread, since turning thousands of records into Python objects takes milliseconds that the server's loop
does not have. Its messages are never shown; why something could not be had the proxy knows. What is asked of
py-rattler is never cancelled (see `lanes.LoopThread`): when nobody waits for a channel any more, the proxy hangs up on
it, and so py-rattler soon has an answer.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar
from urllib.parse import urlsplit
from urllib.request import url2pathname

from rattler import Channel, Client, Config, Gateway, MatchSpec, SparseRepoData, Subdir
from rattler.exceptions import AuthenticationStorageError, FetchRepoDataError, GatewayError, ParseSubdirError
from rattler.networking.fetch_repo_data import fetch_repo_data

from envls.world.credentials import rattler_file
from envls.world.lanes import Lane
from envls.world.proxy import PARALLEL, NoShardsError, Proxy
from envls.world.releases import summary
from envls.world.remote import GoneError, Remote
from envls.world.shelf import FailedError
from envls.world.store import default_folder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

    from rattler import RepoDataRecord

    from envls.url import Url
    from envls.world.configuration import Configuration
    from envls.world.shelf import Json

T = TypeVar("T")
Form = Literal["shards", "full"]
"""Which form of repodata is read: shards by the server, full repodata by a process of its own."""
LONGEST = 90.0
"""Seconds that a channel may take for one question about its shards, with all its requests."""
RENEWED = 1800.0
"""Seconds for which the gateway answers from memory; then it asks the channel whether something is new."""
_NO_PACKAGE = "__envls_no_package__"
"""A name that no channel has: asking for it reads the index of the channel and nothing else."""
_MOST_DETOURS = 4
"""How often one question is asked again because the channel has its files elsewhere, or has just changed."""


class Gate:
    """All channels, through one gateway of py-rattler. Used on one event loop, that of whoever asks first."""

    def __init__(self, configuration: Configuration, form: Form) -> None:
        self._configuration = configuration
        self._form = form
        self._lane = Lane("channels", PARALLEL)
        self._remote = Remote(configuration)
        self._proxy = Proxy(self._remote, self._lane, shards_only=form == "shards")
        self._address = ""
        self._built: tuple[tuple[Mapping[str, str], bool, float], Gateway] | None = None
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
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
        """Whether the channel serves this subdir in shards; for a gate of the form "shards". Raises FailedError."""
        try:
            with self._wait(self._known_as(url)) as channel:
                await self._open_channel(channel, [subdir])
        except NoShardsError:
            return False
        return True

    async def whole(
        self, url: Url, subdir: str, folder: Path, heard: Callable[[int, int | None], None]
    ) -> Whole | None:
        """The full repodata of a subdir, fetched into `folder` unless what is there is the newest; None where there is
        none. For a process that may be killed: `heard` gets the bytes that were fetched, and of how many."""
        known_as, since = self._known_as(url), time.monotonic()
        channel = Channel(known_as)
        try:
            if url.scheme == "file":
                return _whole_file(channel, subdir, Path(url2pathname(urlsplit(url.revealed).path)) / subdir)
            (found,) = await fetch_repo_data(
                channels=[channel],
                platforms=[Subdir(subdir)],
                cache_path=folder,
                callback=heard,
                client=self._client(self._proxied(), {}, folder),
            )
        except ParseSubdirError as error:
            raise FailedError("an unknown platform") from error
        except FetchRepoDataError as error:
            if failure := self._proxy.fault(known_as, since):
                raise failure from None
            if "repodata not found" in str(error):
                return None
            raise failed(str(error)) from None
        except OSError:
            _forget(folder)  # else the same would be read again
            raise FailedError("its answer cannot be read", everything=True) from None
        return Whole(found, _digest_of(folder, f"{known_as}/{subdir}/"))

    def close(self) -> None:
        """Hang up on every channel. What py-rattler is at ends by itself, soon."""
        self._proxy.close()
        self._lane.close()
        self._remote.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def _known_as(self, url: Url) -> str:
        """The address by which py-rattler knows the channel."""
        if url.scheme != "file":
            return self._proxy.routes.enter(url)
        if self._form == "shards":
            raise NoShardsError
        return url.revealed.rstrip("/")

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
        self._proxy.drop(channel)
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
        routes = self._proxy.routes
        failure: FailedError | None = None
        for _ in range(_MOST_DETOURS):
            mirrors, since = routes.mirrors, time.monotonic()
            gateway = self._gateway()
            try:
                return await asyncio.wait_for(asyncio.shield(self._begun(channel, asking(gateway))), LONGEST)
            except asyncio.TimeoutError:
                raise FailedError("did not answer in time", everything=True) from None
            except GatewayError as error:
                if routes.mirrors != mirrors:
                    continue  # it has its files elsewhere, and now there is a way
                gone_before = isinstance(failure, GoneError)
                failure = self._proxy.fault(channel, since) or failed(str(error))
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
        """The gateway, built anew when the proxy has learnt of other hosts, or rattler keeps other credentials: it takes
        them at the start only."""
        address = self._proxied()
        state = self._proxy.routes.mirrors, self._configuration.settings.keyring, _time(rattler_file(os.environ))
        if self._built is None or self._built[0] != state:
            folder = self._folder()
            client = self._client(address, state[0], folder)
            self._built = state, Gateway(folder, max_concurrent_requests=PARALLEL, client=client)
        return self._built[1]

    def _proxied(self) -> str:
        """The address of the proxy."""
        if not self._address:
            self._address = self._proxy.start()
        return self._address

    def _folder(self) -> Path:
        """Where py-rattler keeps what it has read; a temporary folder where the cache cannot be written."""
        folder = (self._configuration.settings.cache or default_folder()) / "channels"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            self._temporary = self._temporary or tempfile.TemporaryDirectory(
                prefix="envls-", ignore_cleanup_errors=True
            )
            return Path(self._temporary.name)
        return folder

    def _client(self, address: str, mirrors: Mapping[str, str], folder: Path) -> Client:
        """A client with what rattler keeps of credentials: from rattler's own file, unless the user wants the system's
        keyring asked as well."""
        own = None if self._configuration.settings.keyring else rattler_file(os.environ)
        problem = ""
        try:
            return _client(address, mirrors, own)
        except AuthenticationStorageError:
            problem = "the credentials that rattler keeps cannot be read"
            return _client(address, mirrors, folder / "no-credentials")
        finally:
            self._configuration.note("rattler", problem)


class Whole(NamedTuple):
    """The full repodata of a subdir. `validator` differs from that of any other; "" where that is not known."""

    repodata: SparseRepoData
    validator: str


def _whole_file(channel: Channel, subdir: str, folder: Path) -> Whole | None:
    file = folder / "repodata.json"
    try:
        found = file.stat()
    except OSError:
        return None
    return Whole(SparseRepoData(channel, subdir, file), f"{found.st_size}-{found.st_mtime_ns}")


def _forget(folder: Path) -> None:
    for file in folder.glob("*.json"):
        file.unlink(missing_ok=True)


def _digest_of(folder: Path, address: str) -> str:
    """That of the file that was fetched from below `address`, as py-rattler has noted it."""
    for file in folder.glob("*.info.json"):
        noted = json.loads(file.read_bytes())
        if str(noted.get("url")).startswith(address):
            return str(noted.get("blake2_hash") or "")
    return ""


def _client(address: str, mirrors: Mapping[str, str], credentials: Path | None) -> Client:
    """A client that speaks to the proxy only, asks once (whether to ask again is for the shelf to say), and looks for
    credentials in the one file; with None wherever rattler does, in the system's keyring too."""
    lines = [f"authentication-override-file = {json.dumps(str(credentials))}"] if credentials is not None else []
    lines += ["[mirrors]", *(f"{json.dumps(there)} = [{json.dumps(here)}]" for there, here in mirrors.items())]
    lines += ["[proxy-config]", f"http = {json.dumps(address)}", f"https = {json.dumps(address)}"]
    return Client.from_config(Config.from_toml("\n".join(lines)), max_retries=0, user_agent="envls")


def _time(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


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


def failed(message: str) -> FailedError:
    """What py-rattler finds wrong itself, in a phrase that shows no address."""
    if "could not find subdir" in message:
        return FailedError("there is no such channel (404)", everything=True)
    if "os error" in message:
        return FailedError("what it answers cannot be kept on this disk", everything=True)
    return FailedError("its answer cannot be read", everything=True)
