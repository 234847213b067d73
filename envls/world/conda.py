"""Packages of conda channels: what each channel says (see `pieces`), put together in the order of the channels.

What a channel says is kept as JSON, sorted already, so that a warm store needs no py-rattler at all.
"""

from __future__ import annotations

import asyncio
import os
import re
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from envls.facts import Absent, Answer, Known, Package, Pending, Release, Unavailable
from envls.known.channels import KNOWN_TO_ALL
from envls.world.about import About, UnpackedPackages, package_folders
from envls.world.channels import ChannelAt, expand
from envls.world.credentials import are_kept
from envls.world.environments import home_folder, installations
from envls.world.pieces import ChannelPieces
from envls.world.place import Place, place_of
from envls.world.shelf import FailedError, Piece
from envls.world.trust import PUBLIC

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from envls.facts import Channels, CondaNames, CondaPackage, Question
    from envls.world.condarc import Condarc
    from envls.world.configuration import Configuration
    from envls.world.lanes import Lane, LoopThread
    from envls.world.shelf import Json, Shelf
    from envls.world.wholes import Progress

    Meanwhile = Callable[[Question[Any], Answer[Any]], None]
    Said = list[tuple[ChannelAt, Piece | FailedError]]

SOON = 1.0
"""Seconds after which those channels count that have answered, and again, until the others have."""
_MOST_PLACES = 200
_NAME = re.compile(r"[a-z0-9_][a-z0-9_.+-]*")
"""What may become part of a spec and of an address."""


class CondaChannels:
    """Answers CondaPackage and CondaNames. `thread` is where py-rattler lives, `lane` where files are read; `meanwhile`
    hears what can be said of a question before it is answered."""

    def __init__(
        self,
        lane: Lane,
        thread: LoopThread,
        shelf: Shelf,
        configuration: Configuration,
        meanwhile: Meanwhile,
        progress: Progress,
    ) -> None:
        self._lane = lane
        self._thread = thread
        self._configuration = configuration
        self._meanwhile = meanwhile
        self._pieces = ChannelPieces(lane, thread, shelf, configuration, progress)
        self._unpacked = UnpackedPackages()
        self._places: dict[Channels, tuple[Condarc, tuple[Place, ...], str]] = {}

    async def package(self, question: CondaPackage, *, fresh: bool) -> Answer[Package]:
        name = question.name
        if not _NAME.fullmatch(name):
            return Unavailable("no name of a package")
        places, priority = await self._where(question.channels)
        if not places:
            return Unavailable("no channels are configured")

        async def answer(said: Said) -> Answer[Package]:
            return await self._package(name, said, priority)

        asking = partial(self._pieces.records, name=name, fresh=fresh)
        return await self._answered(question, places, asking, partial(self._pieces.records_so_far, name=name), answer)

    async def names(self, question: CondaNames, *, fresh: bool) -> Answer[tuple[str, ...]]:
        """For completion, not for proof: the names of the channels that have answered."""
        places, _ = await self._where(question.channels)

        async def answer(said: Said) -> Answer[tuple[str, ...]]:
            return await self._lane.run(lambda: names_of(said))

        asking = partial(self._pieces.names, fresh=fresh)
        return await self._answered(question, places, asking, self._pieces.names_so_far, answer)

    async def aclose(self) -> None:
        await self._pieces.aclose()

    async def _answered(
        self,
        question: Question[Any],
        places: Sequence[Place],
        asking: Callable[[Place], Coroutine[Any, Any, Piece]],
        so_far: Callable[[Place], Coroutine[Any, Any, Piece | None]],
        answer: Callable[[Said], Coroutine[Any, Any, Answer[Any]]],
    ) -> Answer[Any]:
        """What all channels say together. What some have said, or what is read of them `so_far`, is heard `SOON`."""

        async def piece(place: Place) -> Piece | FailedError:
            try:
                return await asking(place)
            except FailedError as error:
                return error

        tasks = [asyncio.create_task(piece(place)) for place in places]

        def said() -> Said:
            return [(place.channel, task.result()) for place, task in zip(places, tasks, strict=True) if task.done()]

        late = set(tasks)
        try:
            while late:
                _, late = await asyncio.wait(late, timeout=SOON)
                if late:
                    not_yet = [place for place, task in zip(places, tasks, strict=True) if task in late]
                    early = [(place.channel, found) for place in not_yet if (found := await so_far(place))]
                    part = await answer([*said(), *early])
                    known = isinstance(part, Known) and replace(part, value=_as_part(part.value))
                    self._meanwhile(question, known or self._why_late(not_yet))
        finally:
            for task in late:
                task.cancel()
        return await answer(said())

    def _why_late(self, places: Sequence[Place]) -> Pending:
        read = ", ".join(place.channel.name for place in places if self._pieces.is_read(place))
        return Pending(f"Reading {read}, which takes a while" if read else "")

    async def _package(self, name: str, said: Said, priority: str) -> Answer[Package]:
        having = [(channel, piece) for channel, piece in said if isinstance(piece, Piece) and piece.value]
        if not having:
            return _nowhere(said)
        merged = having[0][1].value if len(having) == 1 else await self._thread.run(_merge(having, priority))
        about, public = await self._lane.run(
            lambda: (self._about(name), all(self._is_public(channel) for channel, _ in having))
        )
        answered = all(isinstance(piece, Piece) for _, piece in said)
        newest = answered and not any(isinstance(piece, Piece) and (piece.old or piece.failing) for _, piece in said)
        package = put_together(name, having, merged, priority, about)
        package = replace(package, complete=newest, public=answered and public)
        return Known(package, package.where, min(piece.as_of for _, piece in having), _failing(having))

    def _about(self, name: str) -> About:
        """Runs in a thread."""
        home = home_folder()
        roots = installations(os.environ, home)
        return self._unpacked.about(name, package_folders(self._configuration.conda().pkgs_dirs, roots, home))

    def _is_public(self, channel: ChannelAt) -> bool:
        """Runs in a thread. Whether anybody may know what the channel has: a channel that everybody knows, or one for
        which no credentials are needed, as the user keeps none."""
        url, settings = channel.url, self._configuration.settings
        if url.host not in PUBLIC or str(url) != url.revealed:
            return False
        return channel.name in KNOWN_TO_ALL or not (settings.keyring or are_kept(url.host, os.environ))

    async def _where(self, channels: Channels) -> tuple[tuple[Place, ...], str]:
        """The channels, and whose priority counts: the user's, where the user's channels do."""
        former = self._places.get(channels)
        if former is not None and former[0] is self._configuration.conda_at_hand():
            return former[1:]
        if len(self._places) > _MOST_PLACES:
            self._places.clear()
        found = self._places[channels] = await self._lane.run(lambda: self._expanded(channels))
        return found[1:]

    def _expanded(self, channels: Channels) -> tuple[Condarc, tuple[Place, ...], str]:
        """Runs in a thread."""
        config = self._configuration.conda()
        found = tuple(place_of(channel, channels.platform) for channel in expand(channels, config))
        return config, found, config.channel_priority if channels.configured else "flexible"


def _as_part(value: Any) -> Any:
    """A package of which only a part of the channels has spoken."""
    return replace(value, complete=False, public=False) if isinstance(value, Package) else value


def names_of(said: Said) -> Answer[tuple[str, ...]]:
    """The names of the channels that have answered, each once, sorted."""
    having = [(channel, piece) for channel, piece in said if isinstance(piece, Piece)]
    if not having:
        return Unavailable(_reasons(said) or "no channels are configured")
    # sorting what is sorted in parts is quick, and a channel's own list is sorted
    together = having[0][1].value if len(having) == 1 else sorted(chain(*(piece.value for _, piece in having)))
    where = ", ".join(channel.name for channel, _ in having)
    as_of = min(piece.as_of for _, piece in having)
    return Known(tuple(dict.fromkeys(together)), where, as_of, _failing(having))


def _reasons(said: Said) -> str:
    """Why channels have not answered; "" where all have. Those that say the same say it together."""
    names: dict[str, list[str]] = {}
    for channel, piece in said:
        if isinstance(piece, FailedError):
            names.setdefault(str(piece), []).append(channel.name)
    return "; ".join(f"{', '.join(dict.fromkeys(channels))}: {reason}" for reason, channels in names.items())


def _failing(having: Sequence[tuple[ChannelAt, Piece]]) -> str:
    """Why what is known is not newer."""
    return "; ".join(f"{channel.name}: {piece.failing}" for channel, piece in having if piece.failing)


def put_together(
    name: str, having: Sequence[tuple[ChannelAt, Piece]], merged: Json, priority: str, about: About
) -> Package:
    """The package from the channels that have it, the first one first.

    With strict priority the others do not count; else their versions do, but what conda prefers (`newest`) is the
    first channel's, unless priority is disabled.
    """
    first = having[0][1].value
    used = having[:1] if priority == "strict" else having
    releases = first["releases"] if priority == "strict" else merged["releases"]
    return Package(
        name=name,
        releases=tuple(
            Release(version, datetime.fromisoformat(date) if date else None, tuple(builds), pythons=tuple(pythons))
            for version, date, builds, pythons in releases
        ),
        newest=merged["newest"] if priority == "disabled" else first["newest"],
        summary=about.summary,
        licence=merged["licence"] if priority == "disabled" else first["licence"],
        links=(*about.links, *dict.fromkeys(link for channel, _ in used if (link := _page(channel, name)) is not None)),
        where=", ".join(channel.name for channel, _ in used),
    )


async def _merge(having: Sequence[tuple[ChannelAt, Piece]], priority: str) -> Json:
    """Runs beside py-rattler, which knows the order of versions."""
    from envls.world.releases import merge  # noqa: PLC0415 - imports py-rattler

    return merge([piece.value for _, piece in (having[:1] if priority == "strict" else having)])


def _nowhere(found: Said) -> Answer[Package]:
    """Absent only if every channel was asked."""
    reasons = _reasons(found)
    return Unavailable(reasons) if reasons else Absent(", ".join(channel.name for channel, _ in found))


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
