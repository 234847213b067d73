"""Completes a version behind its operator, and conda's build behind a version.

First what fits the file's Python and platforms and the rest of the range, newest first; then what does not, with the
reason. Only the token under the cursor is replaced: the rest of a range, a build, a comment stay.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from envls.assist.items import LIMIT, NONE, Completions, Here, Item, ItemKind, offered
from envls.assist.markdown import code, escaped
from envls.assist.surroundings import Choice
from envls.facts import Known, Package, Pending, Release
from envls.formats.conda.versionspec import is_prerelease
from envls.rules.packages.builds import python_shown
from envls.text import Span
from envls.versions import CondaVersions, Versions, possible_pythons, takes_python

_CLAUSE = re.compile(r"\s*(?:===?|!=|<=|>=|~=|=|<|>|)\s*[^\s=<>!~,|]+\s*")
_BOUNDING = re.compile(r"((?<![=!~<>])=|[<>]=?)[ \t]*$")
_LONGEST_DOUBT = 80
_PYTHON_TAG = re.compile(r"(?<![a-z])(?:py|cp)(\d)(\d*)(?![0-9.])")


def complete_version(
    here: Here,
    span: Span,
    choice: Choice,
    *,
    operator: str = "",
    others: str = "",
    above: str = "",
    series: bool = False,
) -> Completions:
    """The versions that can stand at `span`, each with `operator` in front where the file does not have one yet.

    `others` are the other conditions of the range; `above`: only versions newer than this one. `series`: also what `=1.2`
    means to conda, any 1.2.x.
    """
    if not isinstance(choice.answer, Known):
        return Completions(incomplete=isinstance(choice.answer, Pending))
    package = choice.answer.value
    typed = here.document.text[span.start : here.cursor.offset].lstrip("= ")
    releases = _above(package.releases, above)
    begun = [release for release in releases if release.version.startswith(typed)]
    finished = bool(typed) and any(release.version == typed for release in begun)
    if finished:  # a version that stands there already: show what else there is
        begun += [release for release in releases if not release.version.startswith(typed)]
    doubts = Doubts(choice.versions, others)
    ranked = sorted(((doubts.of(release), release) for release in begun), key=lambda pair: pair[0][0])
    fitting = [release for (rank, _), release in ranked if rank == 0]
    shared = Counter(map(_series, fitting)) if series else Counter()
    items = [] if shared.get(typed, 0) > 1 else _as_typed(here, span, typed, releases)
    for (rank, why), release in ranked[:LIMIT]:
        items.append(_item(here, span, release, package, operator, typed if finished else "", why))
        short = _series(release)
        if rank == 0 and shared.pop(short, 0) > 1 and short:
            detail = f"any {short}.x, now {release.version}"
            edit = here.cursor.edit(span, short)
            items.append(Item(short, ItemKind.VERSION, edit, detail, filter=typed if finished else ""))
    # an editor that filtered them by itself would find 2.3.4 where somebody goes on to write `<3`
    return offered(items, incomplete=True)


def _as_typed(here: Here, span: Span, typed: str, releases: Iterable[Release]) -> list[Item]:
    """The beginning of a version that is a bound by itself, such as `>=2`: who ends the line there must not get another."""
    operator = _BOUNDING.search(here.document.text[max(0, span.start - 9) : span.start])
    if not typed or not operator or not any(release.version.startswith(typed + ".") for release in releases):
        return []
    detail = f"any {typed}.x" if operator[1] == "=" else ""
    return [Item(typed, ItemKind.VERSION, here.cursor.edit(span, typed), detail)]


class Doubts:
    """Why a version does not fit. The rank of one that fits is 0; the further from it the later it is offered."""

    def __init__(self, versions: Versions | None, others: str) -> None:
        self._versions = versions
        self._others = others
        everywhere = versions.satisfying("") if versions else None
        fitting = versions.satisfying("", fitting=True) if versions else None
        within = versions.satisfying(others) if versions and others else everywhere
        self.waiting = versions is not None and None in (everywhere, fitting, within)
        self._everywhere, self._fitting, self._within = (
            None if found is None else frozenset(found) for found in (everywhere, fitting, within)
        )

    def of(self, release: Release) -> tuple[int, str]:
        """The rank, and the reason in a few words."""
        version, versions = release.version, self._versions
        if release.yanked is not None:
            return 4, f"withdrawn: {release.yanked}" if release.yanked else "withdrawn"
        if self._everywhere is not None and version not in self._everywhere and isinstance(versions, CondaVersions):
            return 3, f"not for {', '.join(_lacking(versions, version))}"
        if versions is not None and self._fitting is not None and version not in self._fitting:
            return 3, _python_doubt(release, versions)
        if not (versions.is_final(version) if versions else not is_prerelease(version)):
            return 1, "pre-release"
        if self._within is not None and version not in self._within:
            return 2, f"outside {self._others}"
        return 0, ""


def _lacking(versions: CondaVersions, version: str) -> list[str]:
    """The platforms that do not have a version."""
    return [question.channels.platform for question, package in versions.offers if version not in package.versions]


def _python_doubt(release: Release, versions: Versions) -> str:
    if isinstance(versions, CondaVersions):
        return f"no build for Python {python_shown(versions.python)}"
    return (
        f"needs Python {release.requires_python}" if not takes_python(release.requires_python, versions.python) else ""
    )


def other_conditions(before: str, behind: str) -> str:
    """Of a version with several conditions all but the one under the cursor; "" where they are not simply joined."""
    whole, at, others = before + behind, 0, []
    for clause in whole.split(","):
        if not at <= len(before) <= at + len(clause) and clause.strip():
            others.append(clause.strip().replace(" ", ""))
        at += len(clause) + 1
    return ",".join(others) if all(_CLAUSE.fullmatch(one) for one in others) else ""


def _series(release: Release) -> str:
    """The first two parts of a version that has more: what `=1.2` means to conda."""
    parts = release.version.split(".", 2)
    return ".".join(parts[:2]) if len(parts) > 2 else ""


def _item(here: Here, span: Span, release: Release, package: Package, operator: str, standing: str, doubt: str) -> Item:
    newest = "newest" if release.version == package.newest else ""
    date = release.date.date().isoformat() if release.date else ""
    return Item(
        operator + release.version,
        ItemKind.VERSION,
        here.cursor.edit(span, operator + release.version),
        detail=" · ".join(part for part in (date, newest, " ".join(doubt.split())[:_LONGEST_DOUBT]) if part),
        documentation=_documentation(release, package),
        filter=standing or _filter(here, span, release.version),
        deprecated=release.yanked is not None,
    )


def _filter(here: Here, span: Span, version: str) -> str:
    """The version behind what of an operator stands there already: `= ` for a lone `=` of the pip section."""
    written = here.document.text[span.start : here.cursor.offset]
    operator = written[: len(written) - len(written.lstrip("= "))]
    return operator + version if operator else ""


def _documentation(release: Release, package: Package) -> str:
    lines = []
    if package.where:
        lines.append(f"{code(package.name)} on {escaped(package.where)}")
    if release.yanked:
        lines.append(f"Withdrawn: {escaped(release.yanked)}")
    if release.requires_python:
        lines.append(f"Needs Python {code(release.requires_python)}")
    return "\n\n".join(lines)


def _above(releases: tuple[Release, ...], version: str) -> tuple[Release, ...]:
    """The releases newer than `version`, all of them where the index does not have it."""
    known = [release.version for release in releases]
    return releases[: known.index(version)] if version in known else releases


def upper_bounds(here: Here, span: Span, written: re.Match[str]) -> Completions:
    """What a range may end before, of which its `lower` end is written, and perhaps the sign of its `upper` one: the next
    major, the next minor version."""
    numbers = re.match(r"(\d+)(?:\.(\d+))?", written["lower"])
    operator = "" if written["upper"] else "<"
    if not numbers:
        return NONE
    typed = here.document.text[span.start : here.cursor.offset]
    bounds = [str(int(numbers[1]) + 1)]
    if numbers[2]:
        bounds.append(f"{numbers[1]}.{int(numbers[2]) + 1}")
    return offered(
        Item(operator + bound, ItemKind.VERSION, here.cursor.edit(span, operator + bound))
        for bound in bounds
        if bound.startswith(typed) and bound != typed
    )


def complete_build(here: Here, span: Span, version: str, choice: Choice) -> Completions:
    """The builds of a version, newest first; those that are surely for another Python than the file's last."""
    if not isinstance(choice.answer, Known):
        return Completions(incomplete=isinstance(choice.answer, Pending))
    typed = here.document.text[span.start : here.cursor.offset]
    releases = [release for release in choice.answer.value.releases if release.version == version]
    builds = [build for release in releases for build in release.builds]
    fitting = [build for build in dict.fromkeys(builds) if build.startswith(typed)]
    pythons = possible_pythons(choice.versions.python) if choice.versions and choice.versions.python else ()
    wanted = {version.rpartition(".")[0] for version in pythons}
    ranked = sorted(((_for_other_python(build, wanted), build) for build in fitting), key=lambda pair: pair[0])
    items = [
        Item(
            build,
            ItemKind.BUILD,
            here.cursor.edit(span, build),
            detail=f"{version} · for another Python" if other else version,
        )
        for other, build in ranked[:LIMIT]
    ]
    return offered(items, incomplete=len(fitting) > LIMIT)


def _for_other_python(build: str, wanted: set[str]) -> bool:
    """Whether the tag in a build string (`py312h5b0a_0`) is of a Python that is not among the wanted ones."""
    found = _PYTHON_TAG.search(build)
    if found is None or not found[2] or not wanted:
        return False
    return f"{found[1]}.{found[2]}" not in wanted
