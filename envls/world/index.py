"""Packages of pip's indexes: versions, files and core metadata through pypi-simple, no distribution downloaded.

Indexes differ: files come in any order, some serve HTML only, some serve metadata without advertising it or none
at all; each degrades to what it can say. What several indexes have is put together, as pip does, with what stands in
folders and on pages that `--find-links` names.
"""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timezone
from threading import Lock
from typing import TYPE_CHECKING

from envls.facts import Absent, Answer, Known, Package, Release, Unavailable
from envls.world.channels import HAS_VARIABLE, VARIABLE
from envls.world.pip_places import places
from envls.world.shelf import FailedError, Piece, Said, heard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from packaging.version import Version

    from envls.facts import Indexes, PipPackage
    from envls.world.configuration import Configuration
    from envls.world.lanes import Lane
    from envls.world.pip_config import PipConfig
    from envls.world.pip_places import Place
    from envls.world.shelf import Json, Shelf
    from envls.world.simple import Reader

    Read = Callable[[Reader, Piece | None, float], Said]
    Found = Sequence[tuple[Place, Piece | FailedError]]

AGE = 3600.0
"""Seconds after which an index that has not said for how long it is good is asked again: who publishes a version and
writes it into a file should not be told for long that there is none."""
LIMIT = 90.0
"""Seconds that an index may take for one package, with all its requests, however they drip."""
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
"""A normalised name: what may become part of an address."""


class PipIndexes:
    """Answers PipPackage. `lane` is where indexes are asked, `desk` where what they have said is put together."""

    def __init__(self, lane: Lane, desk: Lane, shelf: Shelf, configuration: Configuration) -> None:
        self._lane = lane
        self._desk = desk
        self._shelf = shelf
        self._configuration = configuration
        self._reader: tuple[tuple[PipConfig, bool], Reader] | None = None
        self._making = Lock()

    async def package(self, question: PipPackage, *, fresh: bool) -> Answer[Package]:
        name = question.name
        if not _NAME.fullmatch(name):
            return Unavailable("no name of a package")
        try:
            config, where = await self._desk.run(lambda: self._places(question.indexes))
        except FailedError as error:
            return Unavailable(str(error))
        pieces = await asyncio.gather(*(self._piece(place, name, config, fresh=fresh) for place in where))
        return await self._desk.run(lambda: put_together(name, list(zip(where, pieces, strict=True))))

    def _places(self, indexes: Indexes) -> tuple[PipConfig, Sequence[Place]]:
        """Runs in a thread: it reads files, and may import requests."""
        config = self._configuration.pip()
        return config, places(indexes, config)

    async def _piece(self, place: Place, name: str, config: PipConfig, *, fresh: bool) -> Piece | FailedError:
        def read(reader: Reader, former: Piece | None, timeout: float) -> Said:
            return reader.links(place, former, timeout) if place.links else reader.read(place, name, former, timeout)

        async def fetch(former: Piece | None) -> Said:
            asking = asyncio.create_task(self._lane.run(lambda: self._fetch(place, read, config, former)))
            asking.add_done_callback(heard)
            try:
                return await asyncio.wait_for(asyncio.shield(asking), LIMIT)
            except asyncio.TimeoutError:
                raise FailedError("did not answer in time", everything=True) from None

        key = f"links {place.name}" if place.links else f"pip {place.name} {name}"
        sound = is_sound_page if place.links else is_sound
        try:
            if place.is_local:  # as near as the store, and may change at any time
                piece = Piece((await fetch(None)).value, datetime.now(timezone.utc))
            else:
                piece = await self._shelf.get(key, place.name, fetch, age=AGE, fresh=fresh, sound=sound)
        except FailedError as error:
            reason = str(error)
            return FailedError(reason if reason.startswith(str(place)) else f"{place}: {reason}")
        return piece._replace(value=piece.value["packages"].get(name)) if place.links and piece.value else piece

    def _fetch(self, place: Place, read: Read, config: PipConfig, former: Piece | None) -> Said:
        """Runs in a thread."""
        if place.problem:
            raise FailedError(place.problem)
        if VARIABLE.search(place.url.revealed):
            raise FailedError(HAS_VARIABLE)
        if reason := self._configuration.refusal(place.url, place.vouched):
            raise FailedError(reason)
        return read(self._reader_for(config), former, self._configuration.settings.timeout)

    def _reader_for(self, config: PipConfig) -> Reader:
        """Runs in a thread: one for all, as long as the configuration stays what it is."""
        from envls.world.simple import Reader  # noqa: PLC0415 - imports requests

        key = config, self._configuration.settings.keyring
        with self._making:
            if self._reader is None or self._reader[0] != key:
                self._reader = key, Reader(config, self._configuration)
            return self._reader[1]


# -- one answer -----------------------------------------------------------------------------------------------


def put_together(name: str, found: Found) -> Answer[Package]:
    """One answer from what each place said. Absent only if every one was asked and none has the package."""
    having = [(place, piece) for place, piece in found if isinstance(piece, Piece) and piece.value]
    failed = [str(piece) for _, piece in found if isinstance(piece, FailedError)]
    if not having:
        if failed:
            return Unavailable("; ".join(dict.fromkeys(failed)))
        return Absent(_named(place for place, _ in found))
    releases, newest = _merged([piece.value for _, piece in having])
    described = _describing([piece.value for _, piece in having], newest)
    package = Package(
        name=name,
        releases=releases,
        newest=newest,
        summary=described.get("summary", ""),
        licence=described.get("licence", ""),
        links=tuple((label, address) for label, address in described.get("links", ())),
        where=_named(
            place for place, piece in having if any(newest == release[0] for release in piece.value["releases"])
        ),
        complete=not failed and not any(isinstance(piece, Piece) and piece.old for _, piece in found),
        requires=tuple(described.get("requires", ())),
        extras=tuple(described.get("extras", ())),
        public=not failed and all(place.public for place, _ in having),
    )
    failing = "; ".join(dict.fromkeys(f"{place}: {piece.failing}" for place, piece in having if piece.failing))
    return Known(package, _named(place for place, _ in having), min(piece.as_of for _, piece in having), failing)


def _named(where: Iterable[Place]) -> str:
    return ", ".join(dict.fromkeys(map(str, where)))


def _merged(values: Sequence[Json]) -> tuple[tuple[Release, ...], str]:
    """All releases, newest first (of one that several places have, the first place's), and the newest to take."""
    if len(values) == 1:
        return tuple(map(_release, values[0]["releases"])), values[0]["newest"]
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415 - only where there are several

    found: dict[Version, Release] = {}
    for value in values:
        for written in value["releases"]:
            try:
                found.setdefault(Version(written[0]), _release(written))
            except InvalidVersion:
                continue
    ordered = sorted(found.items(), key=lambda item: item[0], reverse=True)
    settled = (one.version for version, one in ordered if not version.is_prerelease and one.yanked is None)
    return tuple(one for _, one in ordered), next(settled, ordered[0][1].version if ordered else "")


def _release(written: Json) -> Release:
    version, date, requires_python, yanked = written
    return Release(version, datetime.fromisoformat(date) if date else None, (), requires_python, yanked)


def _describing(values: Sequence[Json], newest: str) -> Json:
    """What describes the package: best where its newest release is."""
    described = [value for value in values if value.get("of")]
    return next((value for value in described if value["newest"] == newest), next(iter(described), {}))


# -- what may be in the store ---------------------------------------------------------------------------------


def is_sound(value: Json) -> bool:
    """Whether a value of the store is what `Reader.read` gives: the file may come from anybody."""
    try:
        return (
            _are_releases(value)
            and all(isinstance(value[key], str) for key in ("described", "of", "summary", "licence"))
            and all(isinstance(text, str) for text in (*value["requires"], *value["extras"]))
            and all(
                isinstance(label, str) and address.startswith(("https://", "http://"))
                for label, address in value["links"]
            )
        )
    except (LookupError, TypeError, ValueError, AttributeError):
        return False


def is_sound_page(value: Json) -> bool:
    """The same for `Reader.links`."""
    try:
        return all(map(_are_releases, value["packages"].values()))
    except (LookupError, TypeError, ValueError, AttributeError):
        return False


def _are_releases(value: Json) -> bool:
    return isinstance(value["newest"], str) and all(
        isinstance(version, str)
        and (date is None or datetime.fromisoformat(date).tzinfo is not None)
        and isinstance(requires, str)
        and (yanked is None or isinstance(yanked, str))
        for version, date, requires, yanked in value["releases"]
    )
