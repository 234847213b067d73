"""Completes a version behind its operator, and conda's build behind a version. Newest first, as the index has them.

Only the token under the cursor is replaced: the rest of a range, a build, a comment stay. Versions are texts here;
their order is that of the releases.
"""

from __future__ import annotations

import re
from collections import Counter

from envls.assist.items import LIMIT, NONE, Completions, Here, Item, ItemKind, offered
from envls.assist.markdown import code, escaped
from envls.facts import Answer, Known, Package, Pending, Release
from envls.text import Span

_PRE = re.compile(
    r"(?<=\d)[._-]?(?:a|b|c|rc|alpha|beta|pre|preview|dev)[._-]?\d+|[._-]?(?:dev|alpha|beta|rc)\d*$", re.IGNORECASE
)


def is_prerelease(version: str) -> bool:
    return _PRE.search(version) is not None


def complete_version(
    here: Here, span: Span, answer: Answer[Package], *, operator: str = "", above: str = "", series: bool = False
) -> Completions:
    """The versions that fit at `span`, each with `operator` in front where the file does not have one yet.

    `above`: only versions newer than this one. `series`: also what `=1.2` means to conda, any 1.2.x.
    """
    if not isinstance(answer, Known):
        return Completions(incomplete=isinstance(answer, Pending))
    package = answer.value
    typed = here.document.text[span.start : here.cursor.offset].lstrip("= ")
    releases = _above(package.releases, above)
    fitting = [release for release in releases if release.version.startswith(typed)]
    finished = bool(typed) and any(release.version == typed for release in fitting)
    if finished:  # a version that stands there already: show what else there is
        fitting += [release for release in releases if not release.version.startswith(typed)]
    final: list[Release] = []
    others: list[Release] = []
    for release in fitting:
        (others if release.yanked is not None or is_prerelease(release.version) else final).append(release)
    others.sort(key=lambda release: release.yanked is not None)
    ordered = final + others
    shared = Counter(map(_series, final)) if series else Counter()
    items: list[Item] = []
    for number, release in enumerate(ordered[:LIMIT]):
        items.append(_item(here, span, release, package, operator, typed if finished else ""))
        short = _series(release)
        if number < len(final) and shared.pop(short, 0) > 1 and short:
            detail = f"any {short}.x, now {release.version}"
            edit = here.cursor.edit(span, short)
            items.append(Item(short, ItemKind.VERSION, edit, detail, filter=typed if finished else ""))
    return offered(items, incomplete=finished or len(ordered) > LIMIT)


def _series(release: Release) -> str:
    """The first two parts of a version that has more: what `=1.2` means to conda."""
    parts = release.version.split(".", 2)
    return ".".join(parts[:2]) if len(parts) > 2 else ""


def _item(here: Here, span: Span, release: Release, package: Package, operator: str, standing: str) -> Item:
    withdrawn = release.yanked is not None
    word = "withdrawn" if withdrawn else "pre-release" if is_prerelease(release.version) else ""
    newest = "newest" if release.version == package.newest else ""
    date = release.date.date().isoformat() if release.date else ""
    return Item(
        operator + release.version,
        ItemKind.VERSION,
        here.cursor.edit(span, operator + release.version),
        detail=" · ".join(part for part in (date, newest, word) if part),
        documentation=_documentation(release, package),
        filter=standing or _filter(here, span, release.version),
        deprecated=withdrawn,
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


def upper_bounds(here: Here, span: Span, lower: str) -> Completions:
    """What a range that begins at `lower` may end before: the next major, the next minor version."""
    numbers = re.match(r"(\d+)(?:\.(\d+))?", lower)
    if not numbers:
        return NONE
    bounds = [f"<{int(numbers[1]) + 1}"]
    if numbers[2]:
        bounds.append(f"<{numbers[1]}.{int(numbers[2]) + 1}")
    return offered(Item(bound, ItemKind.VERSION, here.cursor.edit(span, bound)) for bound in bounds)


def complete_build(here: Here, span: Span, version: str, answer: Answer[Package]) -> Completions:
    """The builds of a version, newest first."""
    if not isinstance(answer, Known):
        return Completions(incomplete=isinstance(answer, Pending))
    typed = here.document.text[span.start : here.cursor.offset]
    builds = [build for release in answer.value.releases if release.version == version for build in release.builds]
    fitting = [build for build in dict.fromkeys(builds) if build.startswith(typed)]
    items = [Item(build, ItemKind.BUILD, here.cursor.edit(span, build), detail=version) for build in fitting[:LIMIT]]
    return offered(items, incomplete=len(fitting) > LIMIT)
