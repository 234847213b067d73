"""How a package that is lacking gets into an environment: in which version, and where in the file."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from envls import target
from envls.facts import Facts, Known, Package, PipPackage
from envls.formats.conda.environment import EnvironmentFile, Within, surroundings
from envls.formats.conda.requirement import PipLine, normalised
from envls.known.azureml import ALWAYS, EXTRAS_UNTIL, SURELY_BRINGS, VERSIONS, Series
from envls.known.required import Required
from envls.rules.dependencies.specs import rewrite
from envls.rules.project.provided import series_asked, series_of
from envls.rules.rule import Fix
from envls.rules.wording import enumerated
from envls.versions import PipVersions, numbers, possible_pythons
from envls.write import Add, Change

if TYPE_CHECKING:
    from packaging.requirements import Requirement as Pep508

PINS_ITS_SERIES = frozenset(
    name
    for bringing, brought in SURELY_BRINGS.items()
    for one in brought
    if one.same > (0, 0)
    for name in (bringing, one.name)
)
"""Packages that are made for others of their own series."""


def addition(lacking: Iterable[Required], file: EnvironmentFile, facts: Facts) -> Fix | None:
    """The fix that adds packages to an environment; None where that cannot be done well, or nothing is lacking."""
    changes: list[Change] = []
    specs: list[str] = []
    listed = file.key("dependencies")
    for one in lacking:
        there = next((item for item in file.requirements if item.line.name == one.name and not item.line.problem), None)
        spec = _with_extras(there.line, one) if there and one.extras else spec_of(one, file, facts)
        if spec is None or listed is None:
            return None
        specs.append(spec)
        if there is not None:
            changes.append(rewrite(there, spec))
        elif one.section == "pip":
            changes.append(Add(("dependencies", "pip"), spec, beside="pip", near=listed.span.start))
        else:
            changes.append(Add(("dependencies",), spec, near=listed.span.start))
    if not specs:
        return None
    shown = [f"`{spec}`" for spec in specs]
    return Fix(f"Add {enumerated(shown)}", tuple(changes), sure=True)


def _with_extras(line: PipLine, one: Required) -> str:
    """A line that is there, with the extras that it lacks."""
    end = line.name_part.end
    rest = line.text[end:].lstrip()
    rest = rest.partition("]")[2] if rest.startswith("[") else line.text[end:]
    return f"{line.text[:end]}[{','.join(dict.fromkeys((*line.extras, *one.extras)))}]{rest}"


# -- versions -------------------------------------------------------------------------------------------------


def spec_of(one: Required, file: EnvironmentFile, facts: Facts) -> str | None:
    """What to write for a package: in the series of the others of Azure ML, fitting the file's Python; the newest where
    the index is known. None where no version is known to fit."""
    if one.spec:
        return one.spec
    within = within_of(file)
    beside = _pinned_beside(one.name, file) if one.name in PINS_ITS_SERIES else ""
    bound = _in_series(one.name, beside) if beside else bound_of(one.name, within.python)
    newest_there = newest_python(within.python)
    too_new = (newest_there and newest_there > EXTRAS_UNTIL.get((one.name, extra), ALWAYS) for extra in one.extras)
    if bound is None or any(too_new):
        return None
    extras = f"[{','.join(one.extras)}]" if one.extras else ""
    known = facts.ask(PipPackage(one.name, target.indexes(within))) if one.section == "pip" else None
    newest = _newest(known.value, bound, within.python, file) if isinstance(known, Known) else ""
    return f"{one.name}{extras}=={newest}" if newest else f"{one.name}{extras}{bound}"


def within_of(file: EnvironmentFile) -> Within:
    """What an item that is added to a file is within."""
    items = file.packages
    return items[0].within if items else surroundings(file)


def bound_of(name: str, python: str) -> str | None:
    """The versions of a package that fit a Python; None where none is known to."""
    return bound_in(VERSIONS.get(name, ()), python)


def bound_in(known: tuple[tuple[Series, str], ...], python: str) -> str | None:
    newest = newest_python(python)
    return next((bound for oldest, bound in known if newest is None or newest >= oldest), None)


@lru_cache(maxsize=256)
def newest_python(spec: str) -> Series | None:
    """The newest series of Python that the version of a match spec lets in; None where that is not clear."""
    there = possible_pythons(spec) if spec else ()
    return max((series_of(version) for version in there), default=None)


def series_in(file: EnvironmentFile) -> Series | None:
    """The series in which a file has the packages of Azure ML that are made for each other, where it says so."""
    return series_asked(_pinned_beside("", file))


def _pinned_beside(name: str, file: EnvironmentFile) -> str:
    """The version that fixes the series of another of the packages that are made for each other, "" where none is fixed."""
    versions = (
        item.line.version.text
        for item in file.requirements
        if item.line.name in PINS_ITS_SERIES and item.line.name != name and item.line.version
    )
    return next((version for version in versions if series_asked(version)), "")


def _in_series(name: str, beside: str) -> str | None:
    """The versions of a package in the series of another; of 1.0 each release was a series. None where there are none."""
    found = numbers(beside.lstrip("=~ "))
    first = _FIRST_SERIES.get(name, (1, 0))
    if found[:2] < first:
        return None
    if found[:2] > (1, 0):
        return f"~={found[0]}.{found[1]}.0"
    return f"==1.0.{found[2]}.*" if len(found) > 2 else None


_FIRST_SERIES: dict[str, Series] = {"azureml-dataset-runtime": (1, 10), "azureml-mlflow": (1, 2)}
"""The first series in which the packages have one that came later than the others, or not in each of them before."""


def _newest(package: Package, bound: str, python: str, file: EnvironmentFile) -> str:
    """The newest version within a bound that fits the file; "" where none is known to."""
    usable = PipVersions(package, bound, "", python).usable
    newest = usable[0] if usable else ""
    if not newest or (newest == package.newest and any(_conflicts(one, file) for one in package.requires)):
        return ""
    return newest


def _conflicts(required: str, file: EnvironmentFile) -> bool:
    """Whether a line of a package's metadata (PEP 508) excludes the version that the file has pinned."""
    wanted = _pep508(required)
    if wanted is None or (wanted.marker is not None and "extra" in str(wanted.marker)):
        return False
    name = normalised(wanted.name)
    pinned = [item.line.pinned for item in file.requirements if item.line.name == name]
    pinned += [item.spec.pinned for item in file.dependencies if normalised(item.spec.name) == name]
    return any(version and not _lets_in(wanted, version) for version in pinned)


def _lets_in(wanted: Pep508, version: str) -> bool:
    from packaging.version import InvalidVersion  # noqa: PLC0415 - only where an index has answered

    try:
        return wanted.specifier.contains(version, prereleases=True)
    except InvalidVersion:
        return True


@lru_cache(maxsize=1024)
def _pep508(text: str) -> Pep508 | None:
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 - the same

    try:
        return Requirement(text)
    except InvalidRequirement:
        return None
