"""A process of its own that reads the full repodata of one channel and leaves its packages in the store.

Such a file has hundreds of megabytes. The server neither fetches nor reads it: it starts this process (see `reader`),
which may be killed at any time. One JSON line on standard input says what to read; standard input stays open for as
long as somebody wants it. Lines on standard output say how far it is, and how it ended.

    in      {"url", "source", "subdirs", "sharded", "keys", "again", "temporary", "settings"}
    out     {"read": 0.5}   {"done": {"since": 1700000000.0}, "validator": text}   {"failed": reason, "everything": true}

Packages are kept in the form of `releases`, a package a row, as if the channel had been asked for each. Last comes the
row of the whole, which makes them count: a process that is killed half way has changed nothing but the age of some.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from envls.url import Url
from envls.world.settings import Settings
from envls.world.shelf import FailedError
from envls.world.store import Entry, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rattler import SparseRepoData

    from envls.world.shelf import Json

    Say = Callable[[dict[str, Any]], None]

BATCH = 500
"""Packages that are written at once."""
UNREADABLE = "unreadable"
"""What is kept of a package whose records are no records."""
MOST_NAMES = 1_000_000
MEMORY = 2 << 30
"""Bytes that the process may take; it needs about a twentieth, however large the channel is."""
LARGEST_FILE = 4 << 30
"""Bytes of the largest file that it may write: what is fetched is unpacked onto the disk."""
UNUSED = 30 * 24 * 3600.0
"""Seconds after which the files of a channel that nobody reads any more are removed."""
EVERY = 0.2
"""Seconds between two lines that say how far it is."""
FETCHING = 0.5
"""The part of the time that fetching takes, as far as a person who looks at a percentage cares."""


class Keys(NamedTuple):
    """The names of the rows in the store: of the whole, of its names, and what stands before that of a package."""

    whole: str
    names: str
    records: str


class Request(NamedTuple):
    """What to read. `sharded` are those of `subdirs` that the channel also serves in shards: they are read only if
    another one is there. With `again` it is read although nothing is new: the store has lost some of it. What is
    fetched goes to the folder `temporary`, where an address with a secret is not to be kept."""

    url: Url
    source: str
    subdirs: tuple[str, ...]
    sharded: tuple[str, ...]
    keys: Keys
    again: bool
    temporary: str
    settings: Settings

    def to_json(self) -> str:
        """One line. It holds secrets: for the pipe only."""
        settings = {name: getattr(self.settings, name) for name in Settings.__dataclass_fields__}
        settings["cache"] = str(self.settings.cache) if self.settings.cache else None
        return json.dumps({**self._asdict(), "url": self.url.revealed, "settings": settings})


def request_of(line: str) -> Request:
    said = json.loads(line)
    settings = said.pop("settings")
    settings["cache"] = Path(settings["cache"]) if settings["cache"] else None
    settings["trusted_hosts"] = tuple(settings["trusted_hosts"])
    lists = {name: tuple(said[name]) for name in ("subdirs", "sharded")}
    return Request(
        **{**said, **lists, "url": Url(said["url"]), "keys": Keys(*said["keys"]), "settings": Settings(**settings)}
    )


# -- the process ----------------------------------------------------------------------------------------------


def main() -> None:
    """Read what standard input says; exits when done, or as soon as standard input is closed."""
    output = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a stray word would not be understood

    def say(line: dict[str, Any]) -> None:
        output.write(json.dumps(line) + "\n")
        output.flush()

    request = request_of(sys.stdin.readline())
    threading.Thread(target=_end_with_input, args=(request.temporary,), daemon=True).start()
    _be_modest()
    try:
        asyncio.run(read(request, say))
    except FailedError as error:
        say({"failed": str(error), "everything": error.everything})
    except MemoryError:
        say({"failed": "it is too large to be read", "everything": True})
    except Exception as error:  # noqa: BLE001 - its message may hold an address
        say({"failed": f"an internal error: {type(error).__name__}", "everything": True})


def _end_with_input(temporary: str) -> None:
    """Whoever wanted it is gone, or has died."""
    import shutil  # noqa: PLC0415 - only the process itself needs it

    with suppress(OSError):
        while os.read(sys.stdin.fileno(), 4096):
            pass
    if temporary:
        shutil.rmtree(temporary, ignore_errors=True)
    os._exit(1)


def _be_modest() -> None:
    """Let the editor and its server go first; whatever a channel sends, take no more than `MEMORY` and `LARGEST_FILE`."""
    if sys.platform == "win32":
        return  # its priority was set by whoever started it
    import resource  # noqa: PLC0415 - not on Windows

    for limit, most in ((resource.RLIMIT_DATA, MEMORY), (resource.RLIMIT_FSIZE, LARGEST_FILE)):
        with suppress(ValueError, OSError):
            _, hard = resource.getrlimit(limit)
            resource.setrlimit(limit, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    with suppress(OSError):
        os.nice(10)


# -- reading --------------------------------------------------------------------------------------------------


async def read(request: Request, say: Say) -> None:
    """Bring the store up to date. Raises FailedError."""
    store = Store(request.settings.cache)
    folder = store.folder / "repodata" / hashlib.sha256(request.source.encode()).hexdigest()[:16]
    began = time.time()
    with _alone(folder, say):
        kept = store.read(request.keys.whole)
        if kept is not None and kept.as_of >= began:  # another server has just had it read
            say({"done": json.loads(kept.value), "validator": kept.validator})
            return
        os.utime(folder)
        _remove_unused(folder)
        files = Path(request.temporary) if request.temporary else folder
        await _bring_up_to_date(request, store, kept, files, say)
    store.close()


async def _bring_up_to_date(request: Request, store: Store, kept: Entry | None, files: Path, say: Say) -> None:
    wholes, validator = await _fetch(request, files, say)
    if not wholes:
        say({"done": None, "validator": ""})
        return
    checked = round(time.time(), 3)  # as exact as the times that it is compared with
    if kept is not None and validator and kept.validator == validator and not request.again:
        value = json.loads(kept.value)
    else:
        value = {"since": checked}
        _keep(request, store, wholes, checked, say)
    for whole in wholes:
        whole.close()
    if not store.write(Entry(request.keys.whole, json.dumps(value), checked, request.source, None, validator)):
        raise FailedError("what it has cannot be kept: there is no place to write")
    say({"done": value, "validator": validator})


async def _fetch(request: Request, files: Path, say: Say) -> tuple[list[SparseRepoData], str]:
    """The full repodata of the subdirs that the channel has, and what tells it from any other."""
    from envls.world.configuration import Configuration  # noqa: PLC0415 - after the limits are set
    from envls.world.gateway import Gate  # noqa: PLC0415

    gate = Gate(Configuration(request.settings), "full")
    wholes: list[SparseRepoData] = []
    validators: list[str] = []
    in_order = sorted(request.subdirs, key=lambda subdir: subdir in request.sharded)
    progress = _Progress(say)
    for done, subdir in enumerate(in_order):
        if subdir in request.sharded and not wholes:
            return [], ""
        each = FETCHING / len(in_order)
        found = await gate.whole(request.url, subdir, files, progress.between(each * done, each * (done + 1)))
        if found is not None:
            wholes.append(found.repodata)
            validators.append(f"{subdir} {found.validator}" if found.validator else "")
    if not wholes:
        raise FailedError("there is no such channel (404)", everything=True)
    return wholes, "; ".join(validators) if all(validators) else ""


def _keep(request: Request, store: Store, wholes: Sequence[SparseRepoData], as_of: float, say: Say) -> None:
    """Write every package, and the names."""
    names = sorted({name for whole in wholes for name in whole.package_names()})
    if len(names) > MOST_NAMES:
        raise FailedError("it has too many packages", everything=True)
    where = [(whole, frozenset(whole.package_names())) for whole in wholes]
    written = _Progress(say).between(FETCHING, 1.0)
    for start in range(0, len(names), BATCH):
        entries = []
        for name in names[start : start + BATCH]:
            value = json.dumps(_summary(name, where))
            entries.append(Entry(request.keys.records + name, value, as_of, request.source))
        if not store.write_many(entries):
            raise FailedError("what it has cannot be kept: there is no place to write")
        written(start, len(names))
    store.write(Entry(request.keys.names, json.dumps(names), as_of, request.source))


def _summary(name: str, where: Sequence[tuple[SparseRepoData, frozenset[str]]]) -> Json:
    from envls.world.releases import summary  # noqa: PLC0415 - imports py-rattler

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


# -- its folder -----------------------------------------------------------------------------------------------


@contextmanager
def _alone(folder: Path, say: Say) -> Iterator[None]:
    """Hold the lock of a channel; who waits for it says so. It is free again when its process ends, however it does."""
    import sqlite3  # noqa: PLC0415 - as everywhere in this room

    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = sqlite3.connect(folder / "lock", timeout=1, isolation_level=None)
    except (OSError, sqlite3.Error):
        raise FailedError("what it has cannot be kept: there is no place to write") from None
    try:
        while True:
            try:
                lock.execute("BEGIN EXCLUSIVE")
                break
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    raise FailedError("what it has cannot be kept: there is no place to write") from None
                say({"read": 0.0})
        yield
    finally:
        lock.close()


def _remove_unused(folder: Path) -> None:
    import shutil  # noqa: PLC0415 - as above

    for other in folder.parent.iterdir():
        with suppress(OSError):
            if time.time() - other.stat().st_mtime > UNUSED:
                shutil.rmtree(other)
