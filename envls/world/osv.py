"""What OSV says, as JSON for the shelf: which advisories there are for a version, and what is in one.

`POST /v1/querybatch` takes at most a thousand packages and gives the names of advisories and when each was changed, in
the order of the questions and in pages; `GET /v1/vulns/NAME` gives an advisory in the OSV format. Whatever is not as it
should be costs a field, not the advisory. Runs in threads.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from envls.world.core_metadata import line
from envls.world.session import CONNECT
from envls.world.shelf import FailedError
from envls.world.third_party import NO_JSON, json_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import requests

    Json = Any

ECOSYSTEM = "PyPI"
MOST_AT_ONCE = 1000
"""Packages in one request, as OSV has it."""
MOST_PAGES = 10
NAME = re.compile(r"[A-Za-z0-9](?:[\w.:-]{0,98}\w)?", re.ASCII)
"""What an advisory may be called: it becomes part of an address."""
_VERSION = re.compile(r"[0-9][\w.!+-]{0,60}", re.ASCII)
_SUMMARY = 200
_WORDS = {"LOW": "low", "MODERATE": "moderate", "MEDIUM": "moderate", "HIGH": "high", "CRITICAL": "critical"}
RANKS = ("critical", "high", "moderate", "low", "")
"""How bad an advisory is, the worst first; "" where that is not said."""


def listed(
    session: requests.Session, address: str, packages: Sequence[tuple[str, str]], timeout: float
) -> dict[tuple[str, str], Json]:
    """[[name of an advisory, when it was changed]] for each of (package, version). Raises FailedError."""
    found: dict[tuple[str, str], Json] = {package: [] for package in packages}
    for start in range(0, len(packages), MOST_AT_ONCE):
        pages = dict.fromkeys(packages[start : start + MOST_AT_ONCE], "")
        for _ in range(MOST_PAGES):
            pages = _page(session, address, pages, timeout, found)
            if not pages:
                break
    return found


def _page(
    session: requests.Session,
    address: str,
    pages: Mapping[tuple[str, str], str],
    timeout: float,
    found: dict[tuple[str, str], Json],
) -> dict[tuple[str, str], str]:
    """Put one page of each package into `found`; returns those that have more, and by which token."""
    queries = []
    for (name, version), token in pages.items():
        query: Json = {"package": {"ecosystem": ECOSYSTEM, "name": name}, "version": version}
        queries.append({**query, "page_token": token} if token else query)
    response = session.post(
        f"{address}/v1/querybatch", json={"queries": queries}, timeout=(min(CONNECT, timeout), timeout)
    )
    said = json_of(response)
    results = said.get("results") if isinstance(said, dict) else None
    if not isinstance(results, list) or len(results) != len(queries):
        raise FailedError(NO_JSON, everything=True)
    more = {}
    for package, result in zip(pages, results, strict=True):
        result = result if isinstance(result, dict) else {}  # noqa: PLW2901 - null where nothing is known
        for one in _dicts(result.get("vulns")):
            advisory_name = one.get("id")
            if isinstance(advisory_name, str) and NAME.fullmatch(advisory_name):
                found[package].append([advisory_name, str(one.get("modified", ""))[:40]])
        if following := result.get("next_page_token"):
            more[package] = str(following)
    return more


def advisory(session: requests.Session, address: str, name: str, timeout: float) -> Json:
    """What `digest` makes of an advisory; None where there is none of that name. Raises FailedError."""
    response = session.get(f"{address}/v1/vulns/{name}", timeout=(min(CONNECT, timeout), timeout))
    if response.status_code == 404:
        return None
    said = json_of(response)
    if not isinstance(said, dict) or said.get("id") != name:
        raise FailedError(NO_JSON)
    return digest(said)


def digest(said: Json) -> Json:
    """{id, summary, severity, aliases, withdrawn, fixed: {normalised name of a package: [version]}} of an advisory."""
    fixed: dict[str, list[str]] = {}
    for affected in _dicts(said.get("affected")):
        package = affected.get("package")
        package = package if isinstance(package, dict) else {}
        if package.get("ecosystem") == ECOSYSTEM:
            versions = fixed.setdefault(canonicalize_name(str(package.get("name", ""))), [])
            versions += [version for version in _fixed(affected) if version not in versions]
    aliases = [one for one in said.get("aliases") or () if isinstance(one, str) and NAME.fullmatch(one)]
    return {
        "id": said["id"],
        "summary": line(str(said.get("summary") or ""))[:_SUMMARY],
        "severity": severity(said),
        "aliases": aliases,
        "withdrawn": bool(said.get("withdrawn")),
        "fixed": fixed,
    }


def _fixed(affected: Json) -> list[str]:
    return [
        version
        for one in _dicts(affected.get("ranges"))
        if one.get("type") == "ECOSYSTEM"  # the others count commits
        for event in _dicts(one.get("events"))
        if isinstance(version := event.get("fixed"), str) and _VERSION.fullmatch(version)
    ]


def _dicts(value: Json) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def is_sound_list(value: Json) -> bool:
    """Whether a value of the store is what `listed` gives for a package: the file may come from anybody."""
    return isinstance(value, list) and all(
        isinstance(one, list)
        and len(one) == 2
        and all(isinstance(text, str) for text in one)
        and NAME.fullmatch(one[0])
        for one in value
    )


def is_sound_advisory(value: Json) -> bool:
    """The same for `advisory`."""
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
    vectors = [str(one.get("score", "")) for one in _dicts(said.get("severity")) if one.get("type") == "CVSS_V3"]
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
