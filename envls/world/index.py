"""Packages of pip's indexes: versions, files and core metadata through pypi-simple, no distribution downloaded.

Indexes differ: files come in any order, some serve HTML only, some serve metadata without advertising it or none
at all; each degrades to what it can say. What several indexes have is put together, as pip does.
"""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from envls.facts import Absent, Answer, Known, Package, Release, Unavailable
from envls.url import Url
from envls.world.channels import HAS_VARIABLE, VARIABLE
from envls.world.shelf import FailedError, Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from packaging.version import Version

    from envls.facts import Indexes, PipPackage
    from envls.world.configuration import Configuration
    from envls.world.lanes import Lane
    from envls.world.pip_config import PipConfig
    from envls.world.shelf import Json, Shelf

AGE = 6 * 3600.0
"""Seconds after which an index is asked again for a package."""
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
"""A normalised name: what may become part of an address."""


class PipIndexes:
    """Answers PipPackage."""

    def __init__(self, lane: Lane, shelf: Shelf, configuration: Configuration) -> None:
        self._lane = lane
        self._shelf = shelf
        self._configuration = configuration
        self._reader: tuple[PipConfig, Any] | None = None

    async def package(self, question: PipPackage, *, fresh: bool) -> Answer[Package]:
        if not _NAME.fullmatch(question.name):
            return Unavailable("no name of a package")
        try:
            config, indexes = await self._lane.run(lambda: self._places(question.indexes))
        except FailedError as error:
            return Unavailable(str(error))
        asked = [self._piece(index, question.name, config, fresh=fresh) for index in indexes]
        return put_together(question.name, indexes, await asyncio.gather(*asked))

    def _places(self, indexes: Indexes) -> tuple[PipConfig, list[Url]]:
        """Runs in a thread: it reads files, and may import requests."""
        config = self._configuration.pip()
        return config, places(indexes, config)

    async def _piece(self, index: Url, name: str, config: PipConfig, *, fresh: bool) -> Piece | FailedError:
        async def fetch(former: Json) -> Json:
            return await self._lane.run(lambda: self._fetch(index, name, config, former))

        try:
            return await self._shelf.get(f"pip {index} {name}", str(index), fetch, age=AGE, fresh=fresh)
        except FailedError as error:
            reason, place = str(error), index.host or str(index)
            return FailedError(reason if reason.startswith(place) else f"{place}: {reason}")

    def _fetch(self, index: Url, name: str, config: PipConfig, former: Json) -> Json:
        """Runs in a thread."""
        from envls.world.simple import Reader  # noqa: PLC0415 - imports requests

        if VARIABLE.search(index.revealed):
            raise FailedError(HAS_VARIABLE)
        refusal = self._configuration.refusal
        if reason := refusal(index):
            raise FailedError(reason)
        if self._reader is None or self._reader[0] != config:
            self._reader = config, Reader(config, refusal)
        reader: Reader = self._reader[1]
        return reader.read(index, name, former, self._configuration.settings.timeout)


def places(indexes: Indexes, config: PipConfig) -> list[Url]:
    """The indexes that pip looks at, each once. An index that the file names replaces the configured ones.

    Raises FailedError when pip is told to look at none.
    """
    if indexes.index is not None:
        found = [indexes.index, *indexes.extra]
    elif config.no_index:
        raise FailedError("pip's configuration says no-index")
    else:
        found = [config.index or default_index(), *config.extra, *indexes.extra]
    return list(dict.fromkeys(found))


def default_index() -> Url:
    """Where pip looks when nothing is configured."""
    from pypi_simple import PYPI_SIMPLE_ENDPOINT  # noqa: PLC0415 - imports requests; in a thread

    return Url(PYPI_SIMPLE_ENDPOINT)


def put_together(name: str, indexes: Sequence[Url], found: Sequence[Piece | FailedError]) -> Answer[Package]:
    """One answer from what each index said. Absent only if every index was asked and none has the package."""
    having = [
        (index, piece) for index, piece in zip(indexes, found, strict=True) if isinstance(piece, Piece) and piece.value
    ]
    if not having:
        failed = [str(piece) for piece in found if isinstance(piece, FailedError)]
        if failed:
            return Unavailable("; ".join(dict.fromkeys(failed)))
        return Absent(_named(indexes))
    releases = _merged(release for _, piece in having for release in piece.value["releases"])
    described = next((piece.value for _, piece in having if piece.value["summary"]), having[0][1].value)
    best = newest(releases)
    serving = [index for index, piece in having if any(release[0] == best for release in piece.value["releases"])]
    package = Package(
        name=name,
        releases=tuple(release for _, release in releases),
        newest=best,
        summary=described["summary"],
        licence=described["licence"],
        links=tuple((str(label), str(address)) for label, address in described["links"]),
        where=_named(serving),
        complete=len([piece for piece in found if isinstance(piece, Piece)]) == len(found),
    )
    return Known(package, _named(index for index, _ in having), min(piece.as_of for _, piece in having))


def _named(indexes: Iterable[Url]) -> str:
    return ", ".join(index.host or str(index) for index in indexes)


def _merged(releases: Iterable[Json]) -> list[tuple[Version, Release]]:
    """Newest first; of a version that several indexes have, the first one's."""
    from packaging.version import Version  # noqa: PLC0415 - only where packages are

    found: dict[Version, Release] = {}
    for text, date, requires_python, yanked in releases:
        release = Release(text, datetime.fromisoformat(date) if date else None, (), requires_python, yanked)
        found.setdefault(Version(text), release)
    return sorted(found.items(), key=lambda item: item[0], reverse=True)


def newest(releases: Sequence[tuple[Version, Release]]) -> str:
    """The newest version that is neither a pre-release nor yanked; else the newest at all; "" of none."""
    for version, release in releases:
        if not version.is_prerelease and release.yanked is None:
            return release.version
    return releases[0][1].version if releases else ""
