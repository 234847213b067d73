"""Which versions satisfy a match spec: py-rattler's word on the releases that are known already. Nobody is asked.

The parts of a spec come as conda reads them (`MatchSpec.wanted`). py-rattler is imported with the first question, in
its thread; what it cannot read (a regular expression) is not known.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from envls.facts import Answer, Known, Pending, Unavailable
from envls.known import pythons

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rattler import Version, VersionSpec

    from envls.facts import Look, Package, Release, Satisfying
    from envls.world.lanes import LoopThread

AGE = 6 * 3600.0
"""Seconds after which it is worked out again; a change of the package puts it in doubt before."""


class Satisfied:
    """Answers Satisfying from what `look` knows of the package."""

    def __init__(self, look: Look, thread: LoopThread) -> None:
        self._look = look
        self._thread = thread

    async def versions(self, question: Satisfying, *, fresh: bool) -> Answer[tuple[str, ...]]:
        del fresh
        package = self._look(question.package)
        if isinstance(package, Pending):
            return Unavailable("the package is not known yet")
        if not isinstance(package, Known):
            return package
        found = await self._thread.run(_versions(package.value, question))
        return found if isinstance(found, Unavailable) else Known(found, package.source, package.as_of)


async def _versions(package: Package, question: Satisfying) -> tuple[str, ...] | Unavailable:
    """Runs beside py-rattler."""
    return versions(package, question.version, question.build, question.python)


def versions(package: Package, version: str, build: str, python: str) -> tuple[str, ...] | Unavailable:
    """The versions of a package that satisfy the parts of a spec and have a build for such a Python, newest first."""
    from rattler.exceptions import InvalidMatchSpecError, InvalidVersionSpecError  # noqa: PLC0415 - see above

    found: Iterable[Release] = package.releases
    try:
        if version:
            found = _of_version(found, version)
        if build:
            found = _of_build(found, build)
    except (InvalidVersionSpecError, InvalidMatchSpecError):
        return Unavailable("py-rattler cannot read such a spec")
    if python:
        found = _for_python(found, python)
    return tuple([release.version for release in found])


def _of_version(releases: Iterable[Release], version: str) -> list[Release]:
    from rattler import VersionSpec  # noqa: PLC0415

    spec = VersionSpec(version)
    return [
        release for release in releases if (number := _number(release.version)) is not None and spec.matches(number)
    ]


def _of_build(releases: Iterable[Release], build: str) -> list[Release]:
    from rattler import BuildString, MatchSpec, PackageRecord  # noqa: PLC0415

    spec = MatchSpec(f"a[build='{build}']")

    @cache
    def fits(one: str) -> bool:
        return spec.matches(PackageRecord("a", "0", BuildString(one), 0, "noarch"))

    return [release for release in releases if any(map(fits, release.builds))]


def _for_python(releases: Iterable[Release], python: str) -> list[Release]:
    """Those with a build that some Python can use which `python` lets in; also where it cannot be told."""
    there = [version for version in pythons.VERSIONS if _takes(python, version)]
    if not there:
        return list(releases)

    @cache
    def fits(wanted: str) -> bool:
        return not wanted or any(_takes(wanted, version) for version in there)

    return [release for release in releases if not release.pythons or any(map(fits, release.pythons))]


@lru_cache(maxsize=1 << 14)
def _number(version: str) -> Version | None:
    from rattler import Version  # noqa: PLC0415
    from rattler.exceptions import InvalidVersionError  # noqa: PLC0415

    try:
        return Version(version)
    except InvalidVersionError:
        return None


@lru_cache(maxsize=1 << 16)
def _takes(spec: str, version: str) -> bool:
    """Whether a version satisfies a spec; also where that cannot be read."""
    read, number = _spec(spec), _number(version)
    return read is None or number is None or read.matches(number)


@lru_cache(maxsize=1 << 10)
def _spec(text: str) -> VersionSpec | None:
    from rattler import VersionSpec  # noqa: PLC0415
    from rattler.exceptions import InvalidVersionSpecError  # noqa: PLC0415

    try:
        return VersionSpec(text)
    except InvalidVersionSpecError:
        return None
