"""What OSV says, as JSON for the shelf: which advisories there are for a version, and what is in one.

`POST /v1/querybatch` takes at most a thousand packages and gives the names of advisories and when each was changed, in
the order of the questions and in pages; `GET /v1/vulns/NAME` gives an advisory in the OSV format. Imports requests: only
ever imported in a thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envls.world.advisory import CHANGED, ECOSYSTEM, NAME, dicts, digest
from envls.world.session import CONNECT
from envls.world.shelf import FailedError
from envls.world.third_party import NO_JSON, json_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import requests

    Json = Any

MOST_AT_ONCE = 1000
"""Packages in one request, as OSV has it."""
MOST_PAGES = 10


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
        for one in dicts(result.get("vulns")):
            advisory_name, changed = one.get("id"), str(one.get("modified", ""))
            if isinstance(advisory_name, str) and NAME.fullmatch(advisory_name):
                found[package].append([advisory_name, changed if CHANGED.fullmatch(changed) else ""])
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
