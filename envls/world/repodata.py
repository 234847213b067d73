"""A process of its own that reads the full repodata of one channel and leaves its packages in the store (see `whole`).

Such a file has hundreds of megabytes. The server neither fetches nor reads it: it starts this process (see `reader`),
which may be killed at any time. The first line of standard input says what to read, the others name packages that
somebody waits for; it stays open for as long as anybody does. Lines of standard output say how far it is, and how it
ended. All are JSON.

    in      {"url", "source", "subdirs", "keys", "settings", …}, see `Request`    "numpy"
    out     {"read": 0.5}   {"done": {"since": 1700000000.0}, "validator": text}   {"failed": reason, "everything": true}
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from envls.url import Url
from envls.world.settings import Settings
from envls.world.shelf import FailedError

MEMORY = 2 << 30
"""Bytes that the process may take; it needs about a twentieth, however large the channel is."""
LARGEST_FILE = 4 << 30
"""Bytes of the largest file that it may write: what is fetched is unpacked onto the disk."""


class Keys(NamedTuple):
    """The names of the rows in the store: of the whole, of its names, and what stands before that of a package."""

    whole: str
    names: str
    records: str


class Request(NamedTuple):
    """What to read. `sharded` are those of `subdirs` that the channel also serves in shards: they are read only if
    another one is there. What was read (seconds since 1970) when it was `lost` or before is read again although nothing
    is new: the store no longer has all of it. With `cached` nobody is asked, and what other tools have kept of the
    channel is read instead."""

    url: Url
    source: str
    subdirs: tuple[str, ...]
    keys: Keys
    settings: Settings
    sharded: tuple[str, ...] = ()
    lost: float = 0.0
    cached: bool = False

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
    wanted: deque[str] = deque()
    threading.Thread(target=_listen, args=(wanted,), daemon=True).start()
    _be_modest()
    from envls.world.whole import read, read_cached  # noqa: PLC0415 - now that the limits are set

    try:
        asyncio.run((read_cached if request.cached else read)(request, say, wanted))
    except FailedError as error:
        say({"failed": str(error), "everything": error.everything, "again": error.again})
    except MemoryError:
        say({"failed": "it is too large to be read", "everything": True})
    except Exception as error:  # noqa: BLE001 - its message may hold an address
        say({"failed": f"an internal error: {type(error).__name__}", "everything": True})


def _listen(wanted: deque[str]) -> None:
    """At the end of the input whoever wanted anything is gone, or has died."""
    with suppress(OSError, ValueError):
        for line in sys.stdin:
            wanted.append(json.loads(line))
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
        os.nice(5)
