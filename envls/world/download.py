"""Fetches the full repodata of channels: only ever in a process of its own (see `whole`), for it is large.

What was fetched is kept as a file, and fetched again only when there is something new.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit
from urllib.request import url2pathname

from rattler import Channel, SparseRepoData, Subdir
from rattler.exceptions import FetchRepoDataError, ParseSubdirError
from rattler.networking.fetch_repo_data import fetch_repo_data

from envls.world.egress import Egress, failed
from envls.world.shelf import FailedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from envls.url import Url
    from envls.world.configuration import Configuration


class Whole(NamedTuple):
    """The full repodata of a subdir. `validator` differs from that of any other; "" where that is not known."""

    repodata: SparseRepoData
    validator: str


class Download:
    """Fetches from channels, one subdir at a time. Used on one event loop."""

    def __init__(self, configuration: Configuration) -> None:
        self._egress = Egress(configuration)

    async def whole(
        self, url: Url, subdir: str, folder: Path, heard: Callable[[int, int | None], None]
    ) -> Whole | None:
        """The full repodata of a subdir, fetched into `folder` unless what is there is the newest; None where there is
        none. `heard` gets the bytes that were fetched, and of how many. Raises FailedError."""
        known_as, since = self._egress.known_as(url), time.monotonic()
        channel = Channel(known_as)
        try:
            if url.scheme == "file":
                return _file(channel, subdir, Path(url2pathname(urlsplit(url.revealed).path)) / subdir)
            (found,) = await fetch_repo_data(
                channels=[channel],
                platforms=[Subdir(subdir)],
                cache_path=folder,
                callback=heard,
                client=self._egress.client(self._egress.state()),
            )
        except ParseSubdirError as error:
            raise FailedError("an unknown platform") from error
        except FetchRepoDataError as error:
            if failure := self._egress.fault(known_as, since):
                raise failure from None
            if "repodata not found" in str(error):
                return None
            raise failed(str(error)) from None
        except OSError:
            _forget(folder)  # else the same would be read again
            raise FailedError("its answer cannot be read", everything=True) from None
        return Whole(found, _digest_of(folder, f"{known_as}/{subdir}/"))

    def close(self) -> None:
        self._egress.close()


def _file(channel: Channel, subdir: str, folder: Path) -> Whole | None:
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
