"""Known vulnerabilities, from OSV: only where the user has opted in, and only of what is certainly public.

What is told to OSV is the name and the version of a package that the answer of an index or a channel itself shows to be
public: the question carries that question, and this room looks at the answer. A package of conda is asked by the name
that the Python index has for it, where that is certain. What comes in at one moment goes in one request.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING, Any

from envls.facts import Answer, CondaPackage, Known, PipPackage, Twin, Unavailable, Vulnerability
from envls.known.channels import KNOWN_TO_ALL
from envls.world.advisory import is_sound_advisory, is_sound_list, put_together
from envls.world.shelf import FailedError
from envls.world.store import OLDEST

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    import requests

    from envls.facts import Look, Package, Vulnerabilities
    from envls.world.configuration import Configuration
    from envls.world.lanes import Lane
    from envls.world.shelf import Json, Piece, Shelf
    from envls.world.third_party import ThirdParty
    from envls.world.twins import Twins

    Wanted = tuple[str, str]

ADDRESS = "https://api.osv.dev"
AGE = 12 * 3600.0
"""Seconds after which OSV is asked again which advisories there are for a version."""
AGE_OF_ADVISORY = OLDEST
"""The same for an advisory, which is kept by when it was changed."""
MOST_ADVISORIES = 100
"""Advisories of one version that are read; of further ones only the names are known."""
OFF = Unavailable("envls.vulnerabilities is off", by_choice=True)
_VERSION = re.compile(r"[0-9][a-z0-9.!+]{0,60}")


class Advisories:
    """Answers Vulnerabilities. `look` tells what is known of a package, `desk` is where answers are put together."""

    def __init__(
        self, osv: ThirdParty, desk: Lane, shelf: Shelf, configuration: Configuration, look: Look, twins: Twins
    ) -> None:
        self._osv = osv
        self._desk = desk
        self._shelf = shelf
        self._configuration = configuration
        self._look = look
        self._twins = twins
        self._source = str(osv.url)
        self._moment = _Moment()

    async def vulnerabilities(self, question: Vulnerabilities, *, fresh: bool) -> Answer[tuple[Vulnerability, ...]]:
        if not self._configuration.settings.vulnerabilities:
            return OFF
        package = self._look(question.package)
        if not isinstance(package, Known):
            return Unavailable("the package is not known yet")
        if reason := _refusal(package.value, question.version):
            return Unavailable(reason)
        name = await self._python_name(question.package, package.value, fresh=fresh)
        if isinstance(name, Unavailable):
            return name
        try:
            piece = await self._listed((name, question.version), fresh=fresh)
            first = piece.value[:MOST_ADVISORIES]
            said = await asyncio.gather(*(self._advisory(*one) for one in first))
        except FailedError as error:
            return Unavailable(f"{self._osv}: {error}")
        unread = [one for one, _ in piece.value[MOST_ADVISORIES:]]
        unread += [one for (one, _), digest in zip(first, said, strict=True) if digest is None]
        read = [digest for digest in said if digest is not None]
        found = await self._desk.run(lambda: put_together(name, question.version, read, unread))
        return Known(found, str(self._osv), piece.as_of, piece.failing)

    async def _python_name(
        self, question: PipPackage | CondaPackage, package: Package, *, fresh: bool
    ) -> str | Unavailable:
        """What the Python index calls it. In a channel of somebody's own the same name may mean something else."""
        if isinstance(question, PipPackage):
            return question.name
        if KNOWN_TO_ALL.issuperset(package.where.split(", ")):
            twin = await self._twins.twin(Twin(question.name, "conda"), fresh=fresh)
            if isinstance(twin, Known):
                return twin.value
            if isinstance(twin, Unavailable):
                return Unavailable(f"which Python package it is, is not known: {twin.reason}")
        return Unavailable("which Python package it is, is not certain")

    async def _listed(self, wanted: Wanted, *, fresh: bool) -> Piece:
        """Which advisories there are, for whoever asks at this moment together."""
        moment = self._moment

        async def fetch(_: Piece | None) -> Json:
            if moment is self._moment:
                self._moment = _Moment()  # who comes from now on is too late for it
            together = await moment.answer(self._ask_together)
            return together[wanted] if wanted in together else (await self._ask([wanted]))[wanted]

        moment.wanted.add(wanted)
        try:
            return await self._shelf.get(_key(wanted), self._source, fetch, age=AGE, fresh=fresh, sound=is_sound_list)
        finally:
            moment.wanted.discard(wanted)

    async def _ask_together(self, wanted: Sequence[Wanted]) -> dict[Wanted, Json]:
        """What is kept and young of `wanted` is left out. Raises FailedError."""
        kept = await asyncio.gather(*(self._shelf.kept(_key(one)) for one in wanted))
        return await self._ask(
            [one for one, piece in zip(wanted, kept, strict=True) if piece is None or not _is_young(piece)]
        )

    async def _ask(self, wanted: Sequence[Wanted]) -> dict[Wanted, Json]:
        def ask(session: requests.Session, timeout: float) -> dict[Wanted, Json]:
            from envls.world.osv import listed  # noqa: PLC0415 - imports requests; in a thread

            return listed(session, self._osv.url.revealed, wanted, timeout)

        return await self._osv.ask(ask)

    async def _advisory(self, name: str, changed: str) -> Json:
        def ask(session: requests.Session, timeout: float) -> Json:
            from envls.world.osv import advisory  # noqa: PLC0415 - imports requests; in a thread

            return advisory(session, self._osv.url.revealed, name, timeout)

        async def fetch(_: Piece | None) -> Json:
            return await self._osv.ask(ask)

        key = f"osv advisory {name} {changed}"
        piece = await self._shelf.get(
            key, self._source, fetch, age=AGE_OF_ADVISORY, fresh=False, sound=is_sound_advisory
        )
        return piece.value


class _Moment:
    """Who has come in since the last request left; the first of them that is not kept sends the next one for all."""

    def __init__(self) -> None:
        self.wanted: set[Wanted] = set()
        self._request: asyncio.Task[dict[Wanted, Json]] | None = None

    async def answer(
        self, asking: Callable[[Sequence[Wanted]], Coroutine[Any, Any, dict[Wanted, Json]]]
    ) -> dict[Wanted, Json]:
        if self._request is None:
            self._request = asyncio.create_task(asking(sorted(self.wanted)))
        return await asyncio.shield(self._request)


def _refusal(package: Package, version: str) -> str:
    """Why OSV may not hear of a version; "" where everybody may: a public index or channel has just this one."""
    if not package.public or version not in package.versions:
        return "it may be private"
    return "" if _VERSION.fullmatch(version) else "its version is none of Python's"


def _key(wanted: Wanted) -> str:
    return f"osv {wanted[0]} {wanted[1]}"


def _is_young(piece: Piece) -> bool:
    return 0 <= time.time() - piece.as_of.timestamp() < AGE
