"""What is kept of a package's records, as JSON: sorted already, so that whoever reads it needs no py-rattler.

    {"releases": [[version, date, builds, pythons], …], "newest": version, "licence": text}

Releases and builds stand newest first; `pythons` is what the builds ask of Python, each once ("" for one that asks
nothing). Imports py-rattler: only ever imported in a thread or in the child process.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from rattler import MatchSpec, Version
from rattler.exceptions import InvalidMatchSpecError

from envls.formats.conda.versionspec import is_prerelease

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rattler import RepoDataRecord

    from envls.world.shelf import Json

_PYTHON = re.compile(r"python(?![\w.-])")


def summary(records: Iterable[RepoDataRecord]) -> Json:
    """What is kept of a package's records; the date of a version is that of its first build."""
    by_version: dict[str, list[RepoDataRecord]] = {}
    for record in records:
        by_version.setdefault(str(record.version), []).append(record)
    versions = sorted(by_version, key=Version, reverse=True)
    newest = newest_of(versions)
    return {
        "releases": [_release(version, by_version[version]) for version in versions],
        "newest": newest,
        "licence": next((record.license for record in by_version.get(newest, ()) if record.license), ""),
    }


def _release(version: str, records: Sequence[RepoDataRecord]) -> Json:
    keyed = [(record.build_number, record.timestamp, str(record.build), record) for record in records]
    dates = [date for _, date, _, _ in keyed if date is not None]
    keyed.sort(key=lambda item: (item[0], item[1].timestamp() if item[1] else 0.0, item[2]), reverse=True)
    builds = dict.fromkeys(build for _, _, build, _ in keyed)
    pythons = dict.fromkeys(python_of(record.depends) for _, _, _, record in keyed)
    return [version, min(dates).isoformat() if dates else None, list(builds), list(pythons)]


def python_of(depends: Iterable[str]) -> str:
    """What a build asks of Python, as the version part of a match spec; "" where any Python will do, or none."""
    asked = [part for depend in depends if depend.startswith("python") and (part := _python_part(depend))]
    return asked[0] if len(asked) == 1 else ",".join(f"({part})" if "|" in part else part for part in asked)


@lru_cache(maxsize=4096)
def _python_part(depend: str) -> str:
    if not _PYTHON.match(depend):
        return ""
    try:
        part = MatchSpec(depend, strict=False).version
    except InvalidMatchSpecError:
        return ""
    return part if part and part != "*" else ""


def newest_of(versions: Sequence[str]) -> str:
    """The first that is no pre-release (of versions that stand newest first); else the first; "" of none."""
    return next((version for version in versions if not is_prerelease(version)), versions[0] if versions else "")


def merge(values: Sequence[Json]) -> Json:
    """Several channels together; of a version that several have, the first one's date, all builds and Pythons."""
    found: dict[str, Json] = {}
    for value in values:
        for version, date, builds, pythons in value["releases"]:
            former = found.get(version)
            if former is None:
                found[version] = [version, date, list(builds), list(pythons)]
            else:
                former[2] = list(dict.fromkeys((*former[2], *builds)))
                former[3] = list(dict.fromkeys((*former[3], *pythons)))
    versions = sorted(found, key=Version, reverse=True)
    newest = newest_of(versions)
    licence = next((value["licence"] for value in values if value["newest"] == newest), values[0]["licence"])
    return {"releases": [found[version] for version in versions], "newest": newest, "licence": licence}
