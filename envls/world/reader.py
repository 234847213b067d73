"""Starts the process that reads the full repodata of a channel (see `repodata`), hears it, and kills it.

It is killed at the end, when it has said nothing for a while, and when nobody waits for it any more.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from envls.world.shelf import FailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from envls.world.repodata import Request
    from envls.world.shelf import Json

PARALLEL = 2
"""Channels that are read at once."""
SILENCE = 90.0
"""Seconds without a word after which a process counts as stuck."""
LONGEST = 1800.0
"""Seconds that a channel may take."""
LARGEST_LINE = 100_000
START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from envls.world.repodata import main; main()"


class Read(NamedTuple):
    """What is now in the store: see `repodata`. `value` is None where the channel is to be asked for its shards."""

    value: Json
    validator: str


class Reader:
    """Reads channels, a few at a time. Used on the event loop."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(PARALLEL)
        self._listening: dict[str, asyncio.StreamWriter] = {}

    async def read(self, request: Request, heard: Callable[[float], None], wanted: Callable[[], Iterable[str]]) -> Read:
        """Have a channel read, the packages that are `wanted` first; `heard` gets the part of it that is done.

        Raises FailedError. Cancelling kills.
        """
        key = request.keys.whole
        async with self._turns:
            process = await _started()
            try:
                assert process.stdin
                process.stdin.write(request.to_json().encode() + b"\n")
                self._listening[key] = process.stdin
                for name in wanted():
                    self.want(key, name)
                return await asyncio.wait_for(_heard(process, heard), LONGEST)
            except asyncio.TimeoutError:
                raise FailedError("took too long to be read", everything=True) from None
            finally:
                self._listening.pop(key, None)
                await _end(process)

    def want(self, key: str, name: str) -> None:
        """Somebody waits for this package of a channel, whose row of the whole is called `key`, if it is being read."""
        listening = self._listening.get(key)
        if listening is not None and not listening.is_closing():
            listening.write(json.dumps(name).encode() + b"\n")


async def _started() -> asyncio.subprocess.Process:
    """A process of this Python with what this one imports: isolated, so that no folder of a workspace counts."""
    windows: dict[str, Any] = {}
    if sys.platform == "win32":
        windows["creationflags"] = subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS
    paths = json.dumps([path for path in sys.path if path])
    try:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-c", START, paths),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            limit=LARGEST_LINE,
            **windows,
        )
    except (OSError, ValueError):
        raise FailedError("no process could be started to read it") from None


async def _heard(process: asyncio.subprocess.Process, heard: Callable[[float], None]) -> Read:
    assert process.stdout
    try:
        while line := await asyncio.wait_for(process.stdout.readline(), SILENCE):
            said = json.loads(line)
            if "failed" in said:
                raise FailedError(said["failed"], everything=said["everything"], again=said.get("again"))
            if "done" in said:
                return Read(said["done"], said["validator"])
            heard(said["read"])
    except asyncio.TimeoutError:  # an OSError from Python 3.11 on
        raise FailedError("did not answer in time", everything=True) from None
    except (OSError, ValueError):
        pass
    raise FailedError("the process that read it has ended", everything=True)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Also when it has ended by itself: its pipes are closed then, and not at some time later."""
    if process.returncode is None:
        process.kill()
    await asyncio.shield(_ended(process))


async def _ended(process: asyncio.subprocess.Process) -> None:
    assert process.stdin
    assert process.stdout
    process.stdin.close()
    while await process.stdout.read(LARGEST_LINE):
        pass
    await process.wait()
