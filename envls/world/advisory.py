"""What an advisory in the OSV format says of packages of the Python index, as JSON for the shelf, and what several say.

Pure functions of what somebody has written: whatever is not as it should be costs a field, not the advisory.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from envls.facts import Vulnerability
from envls.formats.conda.requirement import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Json = Any

ECOSYSTEM = "PyPI"
NAME = re.compile(r"[A-Za-z0-9](?:[\w.:-]{0,98}\w)?", re.ASCII)
"""What an advisory may be called: it becomes part of an address."""
CHANGED = re.compile(r"[0-9TZ:.+-]{0,40}", re.ASCII)
"""When it was changed, as OSV writes it: it becomes part of a key."""
_VERSION = re.compile(r"[0-9][\w.!+-]{0,60}", re.ASCII)
_SUMMARY = 200
_WORDS = {"LOW": "low", "MODERATE": "moderate", "MEDIUM": "moderate", "HIGH": "high", "CRITICAL": "critical"}
RANKS = ("critical", "high", "moderate", "low", "")
"""How bad an advisory is, the worst first; "" where that is not said."""


def digest(said: Json) -> Json:
    """{id, summary, severity, aliases, withdrawn, fixed: {normalised name of a package: [version]}} of an advisory."""
    from envls.world.core_metadata import line  # noqa: PLC0415 - imports packaging; in a thread

    fixed: dict[str, list[str]] = {}
    for affected in dicts(said.get("affected")):
        package = affected.get("package")
        package = package if isinstance(package, dict) else {}
        if package.get("ecosystem") == ECOSYSTEM:
            versions = fixed.setdefault(normalised(str(package.get("name", ""))), [])
            versions += [version for version in _fixed(affected) if version not in versions]
    aliases = [one for one in said.get("aliases") or () if isinstance(one, str) and NAME.fullmatch(one)]
    return {
        "id": said["id"],
        "summary": "".join(filter(str.isprintable, line(str(said.get("summary") or ""))))[:_SUMMARY],
        "severity": severity(said),
        "aliases": aliases,
        "withdrawn": bool(said.get("withdrawn")),
        "fixed": fixed,
    }


def _fixed(affected: Json) -> list[str]:
    return [
        version
        for one in dicts(affected.get("ranges"))
        if one.get("type") == "ECOSYSTEM"  # the others count commits
        for event in dicts(one.get("events"))
        if isinstance(version := event.get("fixed"), str) and _VERSION.fullmatch(version)
    ]


def dicts(value: Json) -> list[Json]:
    """The objects of a list; none where it is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def is_sound_list(value: Json) -> bool:
    """Whether a value of the store is what `osv.listed` gives for a package: the file may come from anybody."""
    return isinstance(value, list) and all(
        isinstance(one, list)
        and len(one) == 2
        and all(isinstance(text, str) for text in one)
        and NAME.fullmatch(one[0])
        and CHANGED.fullmatch(one[1])
        for one in value
    )


def is_sound_advisory(value: Json) -> bool:
    """The same for `osv.advisory`."""
    try:
        return (
            NAME.fullmatch(value["id"]) is not None
            and isinstance(value["summary"], str)
            and value["severity"] in RANKS
            and all(NAME.fullmatch(alias) for alias in value["aliases"])
            and isinstance(value["withdrawn"], bool)
            and all(_VERSION.fullmatch(version) for versions in value["fixed"].values() for version in versions)
        )
    except (LookupError, TypeError, AttributeError):
        return False


# -- how bad it is --------------------------------------------------------------------------------------------


def severity(said: Json) -> str:
    """How bad an advisory is, as a word: what its own database says, else what follows from its CVSS 3 vector."""
    own = said.get("database_specific")
    word = str(own.get("severity", "")).upper() if isinstance(own, dict) else ""
    if word in _WORDS:
        return _WORDS[word]
    vectors = [str(one.get("score", "")) for one in dicts(said.get("severity")) if one.get("type") == "CVSS_V3"]
    scores = [score for vector in vectors if (score := cvss3(vector)) is not None]
    return _word(max(scores)) if scores else ""


def _word(score: float) -> str:
    return next(
        (word for least, word in ((9, "critical"), (7, "high"), (4, "moderate"), (0.1, "low")) if score >= least), ""
    )


_METRICS: Mapping[str, Mapping[str, float]] = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "UI": {"N": 0.85, "R": 0.62},
    "C": {"N": 0, "L": 0.22, "H": 0.56},
    "I": {"N": 0, "L": 0.22, "H": 0.56},
    "A": {"N": 0, "L": 0.22, "H": 0.56},
}
_PRIVILEGES: Mapping[str, Mapping[str, float]] = {
    "U": {"N": 0.85, "L": 0.62, "H": 0.27},
    "C": {"N": 0.85, "L": 0.68, "H": 0.5},
}
"""By whether the scope changes."""


def cvss3(vector: str) -> float | None:
    """The base score of a CVSS 3.0 or 3.1 vector (0 to 10), as its specification has it; None where it is none."""
    said = dict(part.split(":", 1) for part in vector.split("/") if ":" in part)
    try:
        value = {name: weights[said[name]] for name, weights in _METRICS.items()}
        changed = {"U": False, "C": True}[said["S"]]
        privileges = _PRIVILEGES[said["S"]][said["PR"]]
    except KeyError:
        return None
    base = 1 - (1 - value["C"]) * (1 - value["I"]) * (1 - value["A"])
    impact = 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15 if changed else 6.42 * base
    if impact <= 0:
        return 0.0
    exploitability = 8.22 * value["AV"] * value["AC"] * privileges * value["UI"]
    score = min((impact + exploitability) * (1.08 if changed else 1), 10)
    return math.ceil(round(score * 10, 4)) / 10


# -- one answer -----------------------------------------------------------------------------------------------


def put_together(
    name: str, version: str, said: Sequence[Json], unread: Sequence[str] = ()
) -> tuple[Vulnerability, ...]:
    """The vulnerabilities of a version, the worst first, each once: several databases describe the same one, and name
    each other. What was withdrawn does not count. Imports packaging.

    `fixed` are the versions after this one, lowest first: an advisory may name one for each line of releases.
    """
    groups: list[list[Json]] = []
    for one in said:
        if one["withdrawn"]:
            continue
        same = [group for group in groups if any(_names(one) & _names(other) for other in group)]
        groups = [group for group in groups if group not in same]
        groups.append([one, *(other for group in same for other in group)])
    found = [_one_of(group, name, version) for group in groups]
    found += [Vulnerability(one) for one in unread]
    return tuple(sorted(found, key=lambda one: (RANKS.index(one.severity), one.id)))


def _names(advisory: Json) -> set[str]:
    return {advisory["id"], *advisory["aliases"]}


def _one_of(group: Sequence[Json], name: str, version: str) -> Vulnerability:
    """One vulnerability of what several databases say of it: GitHub's has a summary, and says how bad it is."""
    first = min(group, key=lambda one: (not one["id"].startswith("GHSA-"), one["id"]))
    names = {each for one in group for each in _names(one)} - {first["id"]}
    fixed = {each for one in group for each in one["fixed"].get(name, ())}
    return Vulnerability(
        first["id"],
        next((one["summary"] for one in (first, *group) if one["summary"]), ""),
        next((one["severity"] for one in (first, *group) if one["severity"]), ""),
        _after(version, fixed),
        tuple(sorted(names, key=lambda each: (not each.startswith("CVE-"), each))),
    )


def _after(version: str, others: Iterable[str]) -> tuple[str, ...]:
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415 - in a thread

    try:
        here, numbers = Version(version), sorted((Version(one), one) for one in others)
    except InvalidVersion:
        return tuple(sorted(others))
    return tuple(one for number, one in numbers if number > here)
