"""Packages of conda channels: a piece per channel from its gateway, put together in the order of the channels.

What a channel says is kept as JSON, sorted already, so that a warm store needs no py-rattler at all.
"""

from __future__ import annotations

import asyncio
import os
import re
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from envls.facts import Absent, Answer, Known, Package, Release, Unavailable
from envls.world.about import About, UnpackedPackages, package_folders
from envls.world.channels import ChannelAt, expand
from envls.world.environments import home_folder, installations
from envls.world.shelf import FailedError, Piece

if TYPE_CHECKING:
    from collections.abc import Sequence

    from envls.facts import Channels, CondaNames, CondaPackage
    from envls.world.configuration import Configuration
    from envls.world.gateway import Gate
    from envls.world.lanes import Lane, LoopThread
    from envls.world.shelf import Json, Shelf

AGE = 6 * 3600.0
"""Seconds after which a channel is asked again for a package."""
AGE_OF_NAMES = 24 * 3600.0
"""The same for its list of names."""


_NAME = re.compile(r"[a-z0-9_][a-z0-9_.+-]*")
"""What may become part of a spec and of an address."""


class _Wanted(NamedTuple):
    """`what` is "records" (of the package `name`) or "names"; `age` the seconds for which the answer is young."""

    what: str
    name: str
    platform: str
    age: float


class CondaChannels:
    """Answers CondaPackage and CondaNames. `thread` is where py-rattler lives, `lane` where files are read."""

    def __init__(self, lane: Lane, thread: LoopThread, shelf: Shelf, configuration: Configuration) -> None:
        self._lane = lane
        self._thread = thread
        self._shelf = shelf
        self._configuration = configuration
        self._gate: Gate | None = None
        self._unpacked = UnpackedPackages()

    async def package(self, question: CondaPackage, *, fresh: bool) -> Answer[Package]:
        name, platform = question.name, question.channels.platform
        if not _NAME.fullmatch(name):
            return Unavailable("no name of a package")
        channels, priority = await self._lane.run(lambda: self._channels(question.channels))
        if not channels:
            return Unavailable("no channels are configured")
        found = await self._pieces(channels, _Wanted("records", name, platform, AGE), fresh=fresh)
        having = [(channel, piece) for channel, piece in found if isinstance(piece, Piece) and piece.value]
        if not having:
            return _nowhere(found)
        merged = having[0][1].value if len(having) == 1 else await self._thread.run(_merge(having, priority))
        about = await self._lane.run(lambda: self._about(name))
        complete = all(isinstance(piece, Piece) for _, piece in found)
        return put_together(name, having, merged, priority, about, complete=complete)

    async def names(self, question: CondaNames, *, fresh: bool) -> Answer[tuple[str, ...]]:
        """For completion, not for proof: the names of the channels that have answered."""
        platform = question.channels.platform
        channels, _ = await self._lane.run(lambda: self._channels(question.channels))
        found = await self._pieces(channels, _Wanted("names", "", platform, AGE_OF_NAMES), fresh=fresh)
        having = [(channel, piece) for channel, piece in found if isinstance(piece, Piece)]
        if not having:
            return Unavailable("; ".join(str(piece) for _, piece in found) or "no channels are configured")
        names = await self._lane.run(lambda: tuple(sorted({name for _, piece in having for name in piece.value or ()})))
        where = ", ".join(channel.name for channel, _ in having)
        return Known(names, where, min(piece.as_of for _, piece in having))

    def close(self) -> None:
        """Runs in py-rattler's thread, at its end."""
        if self._gate is not None:
            self._gate.close()

    def _about(self, name: str) -> About:
        """Runs in a thread."""
        home = home_folder()
        roots = installations(os.environ, home)
        return self._unpacked.about(name, package_folders(self._configuration.conda().pkgs_dirs, roots, home))

    def _channels(self, channels: Channels) -> tuple[tuple[ChannelAt, ...], str]:
        """Runs in a thread. The user's priority counts where the user's channels do."""
        config = self._configuration.conda()
        return expand(channels, config), config.channel_priority if channels.configured else "flexible"

    async def _pieces(
        self, channels: Sequence[ChannelAt], wanted: _Wanted, *, fresh: bool
    ) -> list[tuple[ChannelAt, Piece | FailedError]]:
        """What each channel says, all at once."""

        async def piece(channel: ChannelAt) -> Piece | FailedError:
            async def fetch(_: Json) -> Json:
                return await self._fetch(channel, wanted)

            key = f"conda {wanted.what} {channel.url} {channel.subdir or wanted.platform} {wanted.name}"
            try:
                return await self._shelf.get(key, str(channel.url), fetch, age=wanted.age, fresh=fresh)
            except FailedError as error:
                return FailedError(f"{channel.name}: {error}")

        return list(zip(channels, await asyncio.gather(*map(piece, channels)), strict=True))

    async def _fetch(self, channel: ChannelAt, wanted: _Wanted) -> Json:
        if channel.problem:
            raise FailedError(channel.problem)
        if reason := await self._lane.run(lambda: self._configuration.conda_refusal(channel.url)):
            raise FailedError(reason)
        subdirs = [channel.subdir] if channel.subdir else list(dict.fromkeys((wanted.platform, "noarch")))
        return await self._thread.run(self._ask(channel, subdirs, wanted))

    async def _ask(self, channel: ChannelAt, subdirs: list[str], wanted: _Wanted) -> Json:
        """Runs in py-rattler's thread, which may well wait for the import."""
        from envls.world.gateway import Gate  # noqa: PLC0415 - 60 ms

        if self._gate is None:
            self._gate = Gate(self._configuration)
        if wanted.what == "names":
            return await self._gate.names(channel.url, subdirs)
        return await self._gate.records(channel.url, subdirs, wanted.name)


def put_together(
    name: str, having: Sequence[tuple[ChannelAt, Piece]], merged: Json, priority: str, about: About, *, complete: bool
) -> Answer[Package]:
    """The answer from the channels that have the package, the first one first.

    With strict priority the others do not count; else their versions do, but what conda prefers (`newest`) is the
    first channel's, unless priority is disabled.
    """
    first = having[0][1].value
    used = having[:1] if priority == "strict" else having
    releases = first["releases"] if priority == "strict" else merged["releases"]
    newest = merged["newest"] if priority == "disabled" else first["newest"]
    where = ", ".join(channel.name for channel, _ in used)
    package = Package(
        name=name,
        releases=tuple(
            Release(version, datetime.fromisoformat(date) if date else None, tuple(builds), pythons=tuple(pythons))
            for version, date, builds, pythons in releases
        ),
        newest=newest,
        summary=about.summary,
        licence=merged["licence"] if priority == "disabled" else first["licence"],
        links=(*about.links, *dict.fromkeys(link for channel, _ in used if (link := _page(channel, name)) is not None)),
        where=where,
        complete=complete,
    )
    return Known(package, where, min(piece.as_of for _, piece in having))


async def _merge(having: Sequence[tuple[ChannelAt, Piece]], priority: str) -> Json:
    """Runs beside py-rattler, which knows the order of versions."""
    from envls.world.releases import merge  # noqa: PLC0415

    return merge([piece.value for _, piece in (having[:1] if priority == "strict" else having)])


def _nowhere(found: Sequence[tuple[ChannelAt, Piece | FailedError]]) -> Answer[Package]:
    """Absent only if every channel was asked."""
    failed = [str(piece) for _, piece in found if isinstance(piece, FailedError)]
    return Unavailable("; ".join(failed)) if failed else Absent(", ".join(channel.name for channel, _ in found))


def _page(channel: ChannelAt, name: str) -> tuple[str, str] | None:
    """Where a person reads about the package."""
    host = channel.url.host
    label = channel.name.split("/label/")[0]
    if host == "conda.anaconda.org":
        return "anaconda.org", f"https://anaconda.org/{label}/{name}"
    if host == "repo.anaconda.com" and label.startswith("pkgs/"):
        return "anaconda.org", f"https://anaconda.org/{label.removeprefix('pkgs/')}/{name}"
    if host in ("prefix.dev", "repo.prefix.dev"):
        channel_name = channel.url.revealed.rstrip("/").rpartition("/")[2]
        return "prefix.dev", f"https://prefix.dev/channels/{channel_name}/packages/{name}"
    return None
