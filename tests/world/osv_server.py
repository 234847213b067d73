"""A database of vulnerabilities that answers as OSV does, and remembers what it was told."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from world.loopback import Reply

if TYPE_CHECKING:
    from world.loopback import Request


def advisory(name: str, package: str, *fixed: str, **more: Any) -> dict[str, Any]:
    """An advisory in the OSV format: one range for each of `fixed`."""
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": version}]} for version in fixed]
    affected = [{"package": {"ecosystem": "PyPI", "name": package}, "ranges": ranges}]
    return {"id": name, "summary": f"What {name} is", "affected": affected, "modified": "2024-01-01T00:00:00Z", **more}


@dataclass
class Osv:
    """`known` are the advisories of (package, version), `page` how many of them are told at once."""

    known: dict[tuple[str, str], list[dict[str, Any]]]
    page: int = 1000
    told: list[list[tuple[str, str]]] = field(default_factory=list)

    def __call__(self, request: Request) -> Reply:
        if request.path == "/v1/querybatch":
            queries = json.loads(request.body)["queries"]
            self.told.append([(query["package"]["name"], query["version"]) for query in queries])
            return _json({"results": [self._result(query) for query in queries]})
        name = request.path.removeprefix("/v1/vulns/")
        found = [one for advisories in self.known.values() for one in advisories if one["id"] == name]
        return _json(found[0]) if found else Reply(404, b"no such advisory")

    def _result(self, query: dict[str, Any]) -> dict[str, Any]:
        start = int(query.get("page_token", "0"))
        found = self.known.get((query["package"]["name"], query["version"]), [])
        result: dict[str, Any] = {}
        if found:
            shown = found[start : start + self.page]
            result["vulns"] = [{"id": one["id"], "modified": one["modified"]} for one in shown]
        if len(found) > start + self.page:
            result["next_page_token"] = str(start + self.page)
        return result


def _json(value: Any) -> Reply:
    return Reply(200, json.dumps(value).encode(), {"Content-Type": "application/json"})
