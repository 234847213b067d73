"""Which conda package is which Python package: what comes along, else, where the user has opted in, a public list.

The list is parselmouth's for conda-forge, which prefix.dev makes anew every hour from what the packages there contain
(pixi uses it): conda names, each with the names that the Python index has for what is in it, or with null. grayskull's
list is smaller, made from recipes by guessing, and knows one conda name for each Python package only. It is one file
(0.9 MB, 0.2 MB on the way) that is fetched as a whole, so that nobody is told any name; the address is the one that its
makers recommend, which unlike their repository does not count who asks how often.
"""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, NamedTuple

from envls.facts import Absent, Answer, Known, Unavailable
from envls.formats.conda.requirement import normalised
from envls.known.twins import ON_CONDA, ON_PYPI
from envls.world.shelf import FailedError, Said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import requests

    from envls.facts import Twin
    from envls.world.configuration import Configuration
    from envls.world.lanes import Lane
    from envls.world.shelf import Json, Piece, Shelf
    from envls.world.third_party import ThirdParty

ADDRESS = "https://conda-mapping.prefix.dev"
PATH = "/compressed-v0/conda-forge/compressed_mapping.json"
AGE = 7 * 24 * 3600.0
"""Seconds after which the list is fetched again, if there is a newer one."""
LARGEST = 8_000_000
"""Bytes of the list, unpacked."""
MOST = 200_000
"""Names of the list."""
OFF = Unavailable("envls.nameMapping is off", by_choice=True)
_KEY = "twins conda-forge"
_CONDA = re.compile(r"[a-z0-9_][a-z0-9_.-]{0,99}")
_PYPI = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST = 100
_FAMILY = re.compile(r"(?:^|(?<=-))(?:python|py)(?=-|$)")


class Names(NamedTuple):
    """The list, both ways. `as_of` is when it was true, `failing` why there is no newer one."""

    on_pypi: Mapping[str, str]
    on_conda: Mapping[str, str]
    as_of: datetime
    failing: str


class Twins:
    """Answers Twin. `desk` is where the list is read."""

    def __init__(self, party: ThirdParty, desk: Lane, shelf: Shelf, configuration: Configuration) -> None:
        self._party = party
        self._desk = desk
        self._shelf = shelf
        self._configuration = configuration
        self._names: Names | None = None
        self._reading: asyncio.Task[Names | FailedError] | None = None

    async def twin(self, question: Twin, *, fresh: bool) -> Answer[str]:
        name = normalised(question.name)
        shipped = (ON_PYPI if question.of == "conda" else ON_CONDA).get(name)
        if shipped:
            return Known(shipped, "envls")
        if not self._configuration.settings.name_mapping:
            return OFF
        names = await self._list(fresh=fresh)
        if isinstance(names, FailedError):
            return Unavailable(f"{self._party}: {names}")
        found = (names.on_pypi if question.of == "conda" else names.on_conda).get(name)
        return Known(found, str(self._party), names.as_of, names.failing) if found else Absent(str(self._party))

    async def _list(self, *, fresh: bool) -> Names | FailedError:
        """The list, which is read once for all who ask."""
        if self._names is not None and (datetime.now(timezone.utc) - self._names.as_of).total_seconds() < AGE:
            return self._names
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read(fresh=fresh))
        return await asyncio.shield(self._reading)

    async def _read(self, *, fresh: bool) -> Names | FailedError:
        try:
            piece = await self._shelf.get(_KEY, str(self._party.url), self._fetch, age=AGE, fresh=fresh, sound=is_sound)
        except FailedError as error:
            return error
        self._names = await self._desk.run(lambda: both_ways(piece.value, piece.as_of, piece.failing))
        return self._names

    async def _fetch(self, former: Piece | None) -> Said:
        return await self._party.ask(
            lambda session, timeout: fetched(session, self._party.url.revealed + PATH, timeout, former)
        )


def fetched(session: requests.Session, address: str, timeout: float, former: Piece | None) -> Said:
    """{conda name: [names of the Python index]}, without what has none. Runs in a thread. Raises FailedError."""
    from envls.world.responses import condition, validator  # noqa: PLC0415 - imports requests
    from envls.world.session import CONNECT  # noqa: PLC0415 - the same
    from envls.world.third_party import NO_JSON, json_of  # noqa: PLC0415 - in a thread

    headers = condition(former.validator if former is not None else "")
    response = session.get(address, headers=headers, timeout=(min(CONNECT, timeout), timeout))
    if response.status_code == 304 and former is not None:
        return Said(former.value, None, former.validator)
    if len(response.content) > LARGEST:
        raise FailedError(NO_JSON, everything=True)
    said = json_of(response)
    if not isinstance(said, dict) or len(said) > MOST:
        raise FailedError(NO_JSON, everything=True)
    names = {conda: found for conda, pypi in said.items() if _CONDA.fullmatch(conda) and (found := _pypi_names(pypi))}
    if not names:
        raise FailedError(NO_JSON, everything=True)
    return Said(names, None, validator(response))


def _pypi_names(said: Json) -> list[str]:
    several = said if isinstance(said, list) else [said]
    names = (normalised(one) for one in several if isinstance(one, str) and len(one) <= _LONGEST)
    return [one for one in dict.fromkeys(names) if _PYPI.fullmatch(one)]


def is_sound(value: Json) -> bool:
    """Whether a value of the store is what `fetched` gives: the file may come from anybody."""
    return isinstance(value, dict) and all(
        _CONDA.fullmatch(conda) and isinstance(names, list) and names and names == _pypi_names(names)
        for conda, names in value.items()
    )


def both_ways(value: Mapping[str, Sequence[str]], as_of: datetime, failing: str = "") -> Names:
    """Of several candidates the one that is called the same, else the shortest, as variants have longer names. A conda
    package is a Python package only where one name tells of the other: some contain what others have made."""
    on_pypi: dict[str, str] = {}
    candidates: dict[str, list[str]] = {}
    for conda, names in value.items():
        plain = normalised(conda)
        if plain in names:
            on_pypi[plain] = plain
        elif len(names) == 1 and _are_kin(plain, names[0]):
            on_pypi.setdefault(plain, names[0])
        for name in names:
            candidates.setdefault(name, []).append(conda)
    on_conda = {
        name: min(found, key=lambda one: (normalised(one) != name, one.startswith("_"), len(one), one))
        for name, found in candidates.items()
    }
    return Names(on_pypi, on_conda, as_of, failing)


def _are_kin(one: str, other: str) -> bool:
    shorter, longer = sorted((_bare(one), _bare(other)), key=len)
    return len(shorter) > 1 and shorter in longer


def _bare(name: str) -> str:
    """A name without what says only that it is for Python."""
    return _FAMILY.sub("", name).replace("-", "") or name
