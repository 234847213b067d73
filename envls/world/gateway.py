"""How this room uses py-rattler: asks one channel, and gives JSON for the shelf.

Imports py-rattler: only ever imported in a thread, by `conda`. Its coroutines run on the loop of that thread,
since turning thousands of records into Python objects takes milliseconds that the server's loop does not have.
Its messages are never shown: they hold addresses. Known limits: it follows redirects without asking `trust`,
and bounds a body by time only.
"""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar
from urllib.parse import urlsplit
from urllib.request import url2pathname

from rattler import Channel, Client, Gateway, MatchSpec, SourceConfig, SparseRepoData, Subdir
from rattler.exceptions import FetchRepoDataError, GatewayError, ParseSubdirError
from rattler.networking import AddHeadersMiddleware
from rattler.networking.fetch_repo_data import fetch_repo_data

from envls.world.releases import summary
from envls.world.shelf import FailedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from rattler import RepoDataRecord

    from envls.url import Url
    from envls.world.configuration import Configuration
    from envls.world.shelf import Json

T = TypeVar("T")
Form = Literal["any", "shards", "full"]
"""Which form of repodata may be read: the best that the channel has, shards only, or never shards."""
LONGEST = 60.0
"""Seconds that a channel may take for one question, with all its requests."""
LONGEST_WHOLE = 1800
"""The same for the full repodata of a subdir."""
PARALLEL = 16
"""Requests under way at once to all channels."""
RENEWED = 1800.0
"""Seconds for which the gateway answers from memory; then it asks the channel whether something is new."""
_NO_PACKAGE = "__envls_no_package__"
"""A name that no channel has: asking for it reads the index of the channel and nothing else."""
_NO_SHARDS = "envls reads shards only"
_STATUS = re.compile(r"status (?:client|server) error \((\d{3})")


class Gate:
    """The gateways to channels: one for all, and one whose cache is temporary for addresses that hold a secret."""

    def __init__(self, configuration: Configuration, form: Form = "any") -> None:
        self._settings = configuration.settings
        self._config = SourceConfig(sharded_enabled=form != "full")
        self._form = form
        self._open: Gateway | None = None
        self._secret: Gateway | None = None
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._opened: dict[tuple[Url, tuple[str, ...]], tuple[float, asyncio.Task[list[Subdir]]]] = {}

    async def records(self, url: Url, subdirs: Sequence[str], name: str) -> Json:
        """What is kept of a package's records (see `releases`); None where there is no such package."""
        places = await self._open_channel(url, subdirs)
        found = await _patiently(_query(self._gateway(url), url, places, name))
        return summary(found) if found else None

    async def names(self, url: Url, subdirs: Sequence[str]) -> Json:
        """The names of all packages, sorted."""
        places = await self._open_channel(url, subdirs)
        return sorted(await _patiently(_names(self._gateway(url), url, places)))

    async def has_shards(self, url: Url, subdir: str) -> bool:
        """Whether the channel serves this subdir in shards; for a gate of the form "shards"."""
        try:
            await self._open_channel(url, [subdir])
        except NoShardsError:
            return False
        return True

    async def whole(
        self, url: Url, subdir: str, folder: Path, heard: Callable[[int, int | None], None]
    ) -> Whole | None:
        """The full repodata of a subdir, fetched into `folder` unless what is there is the newest; None where there is
        none. For a process that may be killed: `heard` gets the bytes that were fetched, and of how many."""
        channel = Channel(url.revealed)
        try:
            if url.scheme == "file":
                return _whole_file(channel, subdir, Path(url2pathname(urlsplit(url.revealed).path)) / subdir)
            (found,) = await fetch_repo_data(
                channels=[channel],
                platforms=[Subdir(subdir)],
                cache_path=folder,
                callback=heard,
                client=Client(user_agent="envls", timeout=LONGEST_WHOLE),
            )
        except ParseSubdirError as error:
            raise FailedError("an unknown platform") from error
        except FetchRepoDataError as error:
            if "repodata not found" in str(error):
                return None
            raise failed(str(error)) from None
        except OSError:
            _forget(folder)  # else the same would be read again
            raise FailedError("its answer cannot be read", everything=True) from None
        return Whole(found, _digest_of(folder, f"{url.revealed.rstrip('/')}/{subdir}/"))

    def close(self) -> None:
        if self._temporary is not None:
            self._temporary.cleanup()

    async def _open_channel(self, url: Url, subdirs: Sequence[str]) -> list[Subdir]:
        """The subdirs that the channel has, after its index was had; once for a burst of questions.

        Not left to the gateway: of requests at the same time it tells only one why they failed.
        """
        key = url, tuple(subdirs)
        now = time.monotonic()
        since, task = self._opened.get(key, (0.0, None))
        if task is not None and now - since > RENEWED:
            self._gateway(url).clear_repodata_cache(Channel(url.revealed))
            task = None
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = asyncio.create_task(self._open_now(url, subdirs))
            self._opened[key] = now, task
        return await asyncio.shield(task)

    async def _open_now(self, url: Url, subdirs: Sequence[str]) -> list[Subdir]:
        gateway = self._gateway(url)
        try:
            places = [Subdir(subdir) for subdir in subdirs]
        except ParseSubdirError as error:
            raise FailedError("an unknown platform") from error
        try:
            await _patiently(_query(gateway, url, places, _NO_PACKAGE))
        except _NoNoarchError:
            if len(places) == 1 or not await _patiently(_names(gateway, url, places[:1])):
                raise FailedError("there is no such channel (404)", everything=True) from None
            return places[:1]  # an old channel may lack noarch
        return places

    def _gateway(self, url: Url) -> Gateway:
        # py-rattler's timeout is that of a whole response, and an index has megabytes
        timeout = max(1, round(3 * self._settings.timeout))
        middleware = AddHeadersMiddleware(_refuse_full)
        client = Client([middleware] if self._form == "shards" else None, user_agent="envls", timeout=timeout)
        if str(url) == url.revealed:
            if self._open is None:
                folder = self._settings.cache / "channels" if self._settings.cache else None
                self._open = Gateway(folder, self._config, max_concurrent_requests=PARALLEL, client=client)
            return self._open
        if self._secret is None:  # its cache writes addresses to disk as they are
            self._temporary = tempfile.TemporaryDirectory(prefix="envls-", ignore_cleanup_errors=True)
            folder = Path(self._temporary.name)
            self._secret = Gateway(folder, self._config, max_concurrent_requests=PARALLEL, client=client)
        return self._secret


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


class NoShardsError(FailedError):
    """The channel serves this subdir as a whole only, or not at all."""


class _NoNoarchError(FailedError):
    """The channel lacks `noarch`; perhaps it lacks everything."""


def _refuse_full(host: str, path: str) -> None:
    """What py-rattler would fall back to is hundreds of megabytes: ends the request before it is made."""
    del host
    if path.rpartition("/")[2].startswith("repodata.json"):
        raise RuntimeError(_NO_SHARDS)


async def _patiently(asking: Awaitable[T]) -> T:
    """What a gateway answers, in time and with our own words for what went wrong."""
    try:
        return await asyncio.wait_for(asking, LONGEST)
    except GatewayError as error:
        raise failed(str(error)) from None
    except asyncio.TimeoutError:
        raise FailedError("did not answer in time", everything=True) from None


async def _query(gateway: Gateway, url: Url, places: list[Subdir], name: str) -> list[RepoDataRecord]:
    spec = MatchSpec(name, strict=False)
    found = await gateway.query([Channel(url.revealed)], places, [spec], recursive=False, channel_relations="disabled")
    return [record for records in found for record in records]


async def _names(gateway: Gateway, url: Url, places: list[Subdir]) -> list[str]:
    names = await gateway.names([Channel(url.revealed)], places, channel_relations="disabled")
    return [name.normalized for name in names]


def failed(message: str) -> FailedError:
    """Why a channel has not answered, in a phrase that shows no address."""
    if _NO_SHARDS in message:
        return NoShardsError("it has no shards")
    if "could not find subdir 'noarch'" in message:
        return _NoNoarchError("there is no such channel (404)", everything=True)
    if status := _STATUS.search(message):
        code = int(status[1])
        if code == 404:
            return FailedError("there is no such channel (404)", everything=True)
        if code in (401, 403):
            return FailedError(f"wants other credentials ({code})", everything=True)
        return FailedError(f"answered {code}", everything=True)
    for sign, reason in (
        ("could not find subdir", "there is no such channel"),
        ("timed out", "did not answer in time"),
        ("too many redirects", "redirects without end"),
        ("certificate", "its certificate is not accepted"),
        ("dns error", "its host is not known"),
        ("(Connect)", "cannot be reached"),
        ("error sending request", "cannot be reached"),
    ):
        if sign in message:
            return FailedError(reason, everything=True)
    return FailedError("its answer cannot be read", everything=True)
