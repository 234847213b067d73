"""Reads the full repodata of a channel and leaves its packages in the store: what the process of `repodata` does.

Packages are kept in the form of `releases`, a package a row, as if the channel had been asked for each. Last comes the
row of the whole, which makes them count: a process that is killed half way has changed nothing but the age of some.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
import time
from contextlib import contextmanager, suppress
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rattler import Channel, Gateway, SourceConfig, SparseRepoData, Subdir
from rattler.exceptions import GatewayError, ParseSubdirError

from envls.world import caches
from envls.world.configuration import Configuration
from envls.world.download import Download
from envls.world.releases import summary
from envls.world.rows import UNREADABLE
from envls.world.shelf import FailedError
from envls.world.store import Entry, Store

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Collection, Iterator, Sequence

    from envls.world.caches import Cached
    from envls.world.repodata import Request
    from envls.world.shelf import Json

    Say = Callable[[dict[str, Any]], None]

BATCH = 500
"""Packages that are written at once."""
MOST_NAMES = 1_000_000
UNUSED = 30 * 24 * 3600.0
"""Seconds after which the files of a channel that nobody reads any more are removed."""
EVERY = 0.2
"""Seconds between two lines that say how far it is."""
FETCHING = 0.5
"""The part of the time that fetching takes, as far as a person who looks at a percentage cares."""
NO_PLACE = "what it has cannot be kept: there is no place to write"


async def read(request: Request, say: Say, wanted: deque[str]) -> None:
    """Bring the store up to date with the channel; packages that are `wanted` come first. Raises FailedError."""
    store = Store(request.settings.cache)
    say({"read": 0.0})
    with _alone(store, request, say) as folder:
        os.utime(folder)
        _remove_unused(folder)
        await _bring_up_to_date(request, store, folder, say, wanted)
    store.close()


async def _bring_up_to_date(request: Request, store: Store, files: Path, say: Say, wanted: deque[str]) -> None:
    kept = store.read(request.keys.whole)
    wholes, validator = await _fetch(request, files, say)
    if not wholes:
        say({"done": None, "validator": ""})
        return
    checked = round(time.time(), 3)  # as exact as the times that it is compared with
    value = json.loads(kept.value) if kept is not None and validator and kept.validator == validator else None
    if value is None or value["since"] <= request.lost:
        value = {"since": checked}
        names = _names(wholes)
        _write(store, [Entry(request.keys.names, json.dumps(names), checked, request.source)])  # wanted first
        _keep(request, store, wholes, names, checked, say, wanted)
    for whole in wholes:
        whole.close()
    _write(store, [Entry(request.keys.whole, json.dumps(value), checked, request.source, None, validator)])
    say({"done": value, "validator": validator})


async def _fetch(request: Request, files: Path, say: Say) -> tuple[list[SparseRepoData], str]:
    """The full repodata of the subdirs that the channel has, and what tells it from any other."""
    download = Download(Configuration(request.settings))
    wholes: list[SparseRepoData] = []
    validators: list[str] = []
    in_order = sorted(request.subdirs, key=lambda subdir: subdir in request.sharded)
    progress = _Progress(say)
    for done, subdir in enumerate(in_order):
        if subdir in request.sharded and not wholes:
            return [], ""
        each = FETCHING / len(in_order)
        found = await download.whole(request.url, subdir, files, progress.between(each * done, each * (done + 1)))
        if found is not None:
            wholes.append(found.repodata)
            validators.append(f"{subdir} {found.validator}" if found.validator else "")
    if not wholes:
        raise FailedError("there is no such channel (404)", everything=True)
    return wholes, "; ".join(validators) if all(validators) else ""


def _names(wholes: Sequence[SparseRepoData]) -> list[str]:
    names = sorted({name for whole in wholes for name in whole.package_names()})
    if len(names) > MOST_NAMES:
        raise FailedError("it has too many packages", everything=True)
    return names


def _keep(
    request: Request,
    store: Store,
    wholes: Sequence[SparseRepoData],
    names: Sequence[str],
    as_of: float,
    say: Say,
    wanted: deque[str],
) -> None:
    """Write every package, those that somebody waits for first."""
    where = [(whole, frozenset(whole.package_names())) for whole in wholes]
    heard = _Progress(say).between(FETCHING, 1.0)
    left = dict.fromkeys(names)
    while left:
        batch = _taken(wanted, left) or list(islice(left, BATCH))
        values = ((name, json.dumps(_summary(name, where))) for name in batch)
        _write(store, [Entry(request.keys.records + name, value, as_of, request.source) for name, value in values])
        for name in batch:
            del left[name]
        heard(len(names) - len(left), len(names))


def _taken(wanted: deque[str], left: Collection[str]) -> list[str]:
    """Those of the names that are wanted which are left to do; they are wanted no more then."""
    names = [wanted.popleft() for _ in range(len(wanted))]
    return [name for name in dict.fromkeys(names) if name in left]


def _write(store: Store, entries: Sequence[Entry]) -> None:
    if not store.write_many(entries):
        raise FailedError(NO_PLACE)


def _summary(name: str, where: Sequence[tuple[SparseRepoData, frozenset[str]]]) -> Json:
    try:
        return summary(record for whole, has in where if name in has for record in whole.load_records(name))
    except OSError:
        return UNREADABLE


class _Progress:
    """Says how far it is, a few times a second."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._said = 0.0

    def between(self, start: float, end: float) -> Callable[[int, int | None], None]:
        """A function that hears how much is done, and of how much, of what lies between these parts of the whole."""

        def heard(done: int, of: int | None) -> None:
            now = time.monotonic()
            if now - self._said > EVERY:
                self._said = now
                self._say({"read": round(start + (end - start) * (min(1.0, done / of) if of else 0.0), 3)})

        return heard


# -- what other tools have kept -------------------------------------------------------------------------------


async def read_cached(request: Request, say: Say, wanted: deque[str]) -> None:
    """Bring the store up to date with what other tools have kept of the channel, as old as that is."""
    store = Store(request.settings.cache)
    folders = caches.repodata_folders(Configuration(request.settings).conda().pkgs_dirs)
    found = {subdir: caches.cached(request.url, subdir, folders) for subdir in request.subdirs}
    wholes, files = [], []
    for subdir, cached in found.items():
        if opened := _opened(request, subdir, cached):
            wholes.append(opened[0])
            files.append(opened[1])
    names: set[str] = set()
    with _alone(store, request, say):
        if wholes:
            names.update(_names(wholes))
            _keep(request, store, wholes, sorted(names), caches.time_of(files), say, wanted)
        for subdir, cached in found.items():
            names.update(await _names_of_shards(request, subdir, cached))
        if names:
            as_of = caches.time_of(chain(files, *(kept for cached in found.values() for kept in cached[1:])))
            _write(store, [Entry(request.keys.names, json.dumps(sorted(names)), as_of, request.source)])
    store.close()
    say({"done": {"since": time.time()} if names else None, "validator": ""})


def _opened(request: Request, subdir: str, cached: Cached) -> tuple[SparseRepoData, Path] | None:
    """The newest full repodata that can be read."""
    for file in cached.full:
        with suppress(OSError):
            return SparseRepoData(Channel(request.url.revealed), subdir, file), file
    return None


async def _names_of_shards(request: Request, subdir: str, cached: Cached) -> list[str]:
    names = [name for store in cached.stores for name in caches.names_in(store, request.url, subdir)]
    for file in cached.of_rattler:
        gateway = Gateway(file.parent, SourceConfig(cache_action="force-cache-only"))
        names += await _names_from(gateway, request.url.revealed, subdir)
    for file in cached.of_conda:
        names += await _names_in_index(file.read_bytes(), subdir)
    return names


async def _names_in_index(index: bytes, subdir: str) -> list[str]:
    """py-rattler reads such a file only from a channel: for a moment this is one, on loopback."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(index), index))
        await writer.drain()
        writer.close()

    os.environ["NO_PROXY"] = "127.0.0.1"  # this process speaks to nobody else
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    with tempfile.TemporaryDirectory(prefix="envls-", ignore_cleanup_errors=True) as folder:
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await _names_from(Gateway(Path(folder)), f"http://127.0.0.1:{port}/channel", subdir)


async def _names_from(gateway: Gateway, channel: str, subdir: str) -> list[str]:
    with suppress(GatewayError, ParseSubdirError):
        found = await gateway.names([Channel(channel)], [Subdir(subdir)], channel_relations="disabled")
        return [name.normalized for name in found]
    return []


# -- its folder -----------------------------------------------------------------------------------------------


@contextmanager
def _alone(store: Store, request: Request, say: Say) -> Iterator[Path]:
    """The folder of a channel, while nobody else reads that; who waits says so, or else looks stuck.

    SQLite's lock is free again when its process ends, however it does, on every system.
    """
    digest = hashlib.sha256(request.source.encode()).hexdigest()[:16]
    folder = store.folder / "channels" / "whole" / digest  # within what py-rattler keeps of channels, see `egress`
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = sqlite3.connect(folder / "lock", timeout=1, isolation_level=None)
    except (OSError, sqlite3.Error):
        raise FailedError(NO_PLACE) from None
    try:
        while not _locked(lock):
            say({"read": 0.0})
        yield folder
    finally:
        lock.close()


def _locked(lock: sqlite3.Connection) -> bool:
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            return False
        raise FailedError(NO_PLACE) from None
    return True


def _remove_unused(folder: Path) -> None:
    for other in folder.parent.iterdir():
        with suppress(OSError):
            if time.time() - other.stat().st_mtime > UNUSED:
                shutil.rmtree(other)
