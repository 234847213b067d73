"""Which versions an item can have: what its channels or its index offer, what a spec lets in, what fits its target.

Versions are texts and stand newest first, as the releases do. What a spec lets in is for those to say who know:
conda's order is asked of the world (`Satisfying`), pip's is that of `packaging`. None means that it is not known yet.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from envls import target
from envls.facts import CondaPackage, Facts, Known, Package, Satisfying
from envls.formats.conda.environment import Dependency, Requirement
from envls.formats.conda.versionspec import is_prerelease
from envls.known import pythons

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

_NUMBERS = re.compile(r"v?(?:\d+!)?(\d+(?:\.\d+)*)")


@dataclass(frozen=True)
class Versions(ABC):
    """The versions of the package of an item. `package` is what the first of its platforms has.

    `spec` and `build` are what the item asks for; `python` is the version spec of the file's Python, "" where that does
    not matter.
    """

    package: Package
    spec: str
    build: str
    python: str

    @abstractmethod
    def satisfying(self, spec: str, build: str = "", *, fitting: bool = False) -> tuple[str, ...] | None:
        """Those that a version spec lets in on every platform; of those `fitting`, only what can be used with the file's
        Python and is not withdrawn."""

    @abstractmethod
    def near(self, version: str) -> tuple[str, str] | None:
        """The next lower and the next higher that fits, "" where there is none; `version` itself need not exist."""

    @abstractmethod
    def is_final(self, version: str) -> bool:
        """Whether it is no pre-release."""

    @property
    def let_in(self) -> tuple[str, ...] | None:
        """What the item asks for."""
        return self.satisfying(self.spec, self.build)

    @property
    def usable(self) -> tuple[str, ...] | None:
        """What the item asks for and can be used, without pre-releases unless there is nothing else."""
        found = self.satisfying(self.spec, self.build, fitting=True)
        return None if found is None else self.finals(found)

    @property
    def newest(self) -> str | None:
        """The newest that can be used, whatever the item asks for; "" where there is none."""
        found = self.satisfying("", fitting=True)
        if found is None:
            return None
        finals = self.finals(found)
        places = {version: place for place, version in enumerate(self.package.versions)}
        first = places.get(self.package.newest, 0)  # what only a later channel has newer is not what conda takes
        return next((one for one in finals if places[one] >= first), next(iter(finals), ""))

    def finals(self, versions: Sequence[str]) -> tuple[str, ...]:
        """Those that are no pre-releases; all where there are no others."""
        return tuple([one for one in versions if self.is_final(one)]) or tuple(versions)


@dataclass(frozen=True)
class CondaVersions(Versions):
    """What the channels have, for each platform that the file is judged for."""

    offers: tuple[tuple[CondaPackage, Package], ...]
    facts: Facts

    def satisfying(self, spec: str, build: str = "", *, fitting: bool = False) -> tuple[str, ...] | None:
        common: tuple[str, ...] | None = None
        for question, package in self.offers:
            found = satisfying(question, package, self.facts, spec, build, self.python if fitting else "")
            if found is None:
                return None
            common = found if common is None else tuple([one for one in common if one in set(found)])
        return common

    def near(self, version: str) -> tuple[str, str] | None:
        lower, higher = (self.satisfying(f"{sign}{version}", fitting=True) for sign in "<>")
        if lower is None or higher is None:
            return None
        return next(iter(self.finals(lower)), ""), next(iter(self.finals(higher)[::-1]), "")

    def is_final(self, version: str) -> bool:
        return not is_prerelease(version)


@dataclass(frozen=True)
class PipVersions(Versions):
    """What the index has. Of a release that is withdrawn pip takes nothing, unless it is pinned."""

    def satisfying(self, spec: str, build: str = "", *, fitting: bool = False) -> tuple[str, ...] | None:
        del build  # conda's
        wanted = _specifiers(spec)
        if wanted is None:
            return None
        pinned = _PINNED.fullmatch(spec.strip()) is not None
        taken = [
            release.version
            for release in self.package.releases
            if (release.yanked is None or (pinned and not fitting))
            and (not fitting or takes_python(release.requires_python, self.python))
        ]
        if not spec:
            return tuple(taken)
        known = {number: version for version in taken if (number := _number(version)) is not None}
        return tuple([known[number] for number in wanted.filter(known)])

    def near(self, version: str) -> tuple[str, str] | None:
        there, fitting = _number(version), self.satisfying("", fitting=True)
        if there is None or fitting is None:
            return None
        numbers = [(one, number) for one in fitting if (number := _number(one)) is not None]
        lower = self.finals([one for one, number in numbers if number < there])
        higher = self.finals([one for one, number in numbers if number > there])
        return next(iter(lower), ""), next(iter(higher[::-1]), "")

    def is_final(self, version: str) -> bool:
        number = _number(version)
        return number is None or not number.is_prerelease


_PINNED = re.compile(r"===?\s*[^*,\s]+")


# -- asking ---------------------------------------------------------------------------------------------------


def versions_of(item: Dependency | Requirement, facts: Facts) -> Versions | None:
    """What an item can have; None where its channels or its index have not said so."""
    return conda_versions(item, facts) if isinstance(item, Dependency) else pip_versions(item, facts)


def conda_versions(dependency: Dependency, facts: Facts) -> CondaVersions | None:
    """What a dependency can have, on all platforms that the file is judged for."""
    offers = []
    for question in target.conda_packages(dependency, facts):
        package = facts.value(question)
        if package is None:
            return None
        offers.append((question, package))
    return of_offers(dependency, tuple(offers), facts) if offers else None


def of_offers(dependency: Dependency, offers: tuple[tuple[CondaPackage, Package], ...], facts: Facts) -> CondaVersions:
    """What a dependency can have of what its channels have, which is known."""
    python = "" if dependency.spec.name == "python" else dependency.within.python
    return CondaVersions(offers[0][1], *dependency.spec.wanted, python, offers, facts)


def pip_versions(requirement: Requirement, facts: Facts) -> PipVersions | None:
    """What a line of the `pip` section can have. A marker may say that it does not matter for the file's Python."""
    question = target.pip_package(requirement)
    answer = facts.ask(question) if question else None
    if not isinstance(answer, Known):
        return None
    line = requirement.line
    python = "" if line.marker else requirement.within.python
    return PipVersions(answer.value, line.version.text if line.version else "", "", python)


def satisfying(
    question: CondaPackage, package: Package, facts: Facts, spec: str, build: str, python: str
) -> tuple[str, ...] | None:
    """The versions on one platform that satisfy a spec and have a build for such a Python; asked only where it matters."""
    if python and not any(any(release.pythons) for release in package.releases):
        python = ""  # no build asks for any Python
    if not spec and not build and not python:
        return package.versions
    return facts.value(Satisfying(question, spec, build, python))


# -- Python ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def possible_pythons(spec: str) -> tuple[str, ...]:
    """The versions that Python may have under the version of a match spec; none where the spec is not understood."""
    wanted = _as_specifiers(spec) or ()
    return tuple(dict.fromkeys(one for either in wanted for one in either.filter(pythons.VERSIONS, prereleases=True)))


@lru_cache(maxsize=1 << 12)
def lets_in(spec: str, version: str) -> bool | None:
    """Whether the version of a match spec lets a version in, where all of both is numbers: there conda and pip agree.

    None for everything else, of which conda's own order decides (`facts.Satisfies`).
    """
    wanted = _as_specifiers(spec) if _ONLY_NUMBERS.fullmatch(version) and not _UNCLEAR.search(spec) else None
    return None if wanted is None else any(either.contains(version) for either in wanted)


_ONLY_NUMBERS = re.compile(r"\d+(?:\.\d+)*")
_UNCLEAR = re.compile(r"[a-zA-Z_+]|\d!|(?:==|~=|[<>]=?)[\d.]*\*")  # conda reads `==1.2.*` as `==1.2`, pip does not


@lru_cache(maxsize=1 << 12)
def _as_specifiers(spec: str) -> tuple[SpecifierSet, ...] | None:
    """The version of a match spec as pip would write it, one set for each alternative; None where that is not clear."""
    found = []
    for either in spec.split("|"):
        clauses = [_CLAUSE.fullmatch(clause.strip()) for clause in either.split(",")]
        written = ",".join(_as_pep440(*clause.groups()) for clause in clauses if clause)
        wanted = _specifiers(written) if all(clauses) else None
        if wanted is None:
            return None
        found.append(wanted)
    return tuple(found)


_CLAUSE = re.compile(r"(==|!=|<=|>=|~=|=|<|>|)(\d+(?:\.\d+)*(?:\.?[a-z]+\d+)?)(\.\*|\*|)")


def _as_pep440(operator: str, version: str, star: str) -> str:
    """A clause of a match spec as pip would write it."""
    if operator in ("", "=", "==", "!="):
        prefix = ".*" if star or operator == "=" else ""
        return ("!=" if operator == "!=" else "==") + version + prefix
    return operator + version


@lru_cache(maxsize=1 << 12)
def takes_python(requires: str, python: str) -> bool:
    """Whether a Python that the version spec `python` lets in satisfies a PEP 440 specifier set; also where in doubt."""
    wanted, there = _specifiers(requires), possible_pythons(python) if python else ()
    if not requires or wanted is None or not there:
        return True
    return any(True for _ in wanted.filter(there, prereleases=True))


# -- versions as texts ----------------------------------------------------------------------------------------


def numbers(version: str) -> tuple[int, ...]:
    """The numbers that a version begins with: (1, 26, 4)."""
    found = _NUMBERS.match(version)
    return tuple(int(number) for number in found[1].split(".")) if found else ()


def step(old: str, new: str) -> str:
    """How far a version is from another: "major", "minor" or "patch"."""
    before, after = (numbers(version) for version in (old, new))
    padded = [(*both, 0, 0)[:2] for both in (before, after)]
    if padded[0][0] != padded[1][0]:
        return "major"
    return "minor" if padded[0][1] != padded[1][1] else "patch"


@lru_cache(maxsize=1 << 16)
def _number(version: str) -> Version | None:
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415 - only where an index has answered

    try:
        return Version(version)
    except InvalidVersion:
        return None


@lru_cache(maxsize=1 << 12)
def _specifiers(text: str) -> SpecifierSet | None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 - the same

    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        return None
