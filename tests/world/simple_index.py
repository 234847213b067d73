"""A simple index (PEP 503, 691, 658) of a few packages, as JSON or as HTML only."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from world.loopback import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from world.loopback import Request

METADATA = """Metadata-Version: 2.1
Name: Alpha-Beta
Version: {version}
Summary: Does <b>things</b> of {version}
Home-page: https://alpha.example.com
License: MIT
Classifier: License :: OSI Approved :: MIT License
Project-URL: Source, https://source.example.com/alpha
Project-URL: Evil, javascript:alert(1)

# Long description
"""


@dataclass
class File:
    version: str
    date: str | None = None
    requires: str | None = None
    yanked: str | bool = False
    wheel: bool = True
    advertised: bool = False

    @property
    def name(self) -> str:
        return f"alpha_beta-{self.version}" + ("-py3-none-any.whl" if self.wheel else ".tar.gz")


@dataclass
class Index:
    """Answers `/simple/NAME/` and `/files/…`; `described` are the versions whose metadata are served."""

    files: list[File]
    json: bool = True
    described: tuple[str, ...] = ()
    name: str = "alpha-beta"
    more: dict[str, Callable[[Request], Reply]] = field(default_factory=dict)

    def __call__(self, request: Request) -> Reply:
        if request.path in self.more:
            return self.more[request.path](request)
        if request.path == f"/simple/{self.name}/":
            return self._json() if self.json else self._html()
        if request.path.startswith("/files/") and request.path.endswith(".metadata"):
            file = next(file for file in self.files if request.path == f"/files/{file.name}.metadata")
            if file.version in self.described:
                return Reply(200, METADATA.format(version=file.version).encode())
        return Reply(404, b"no such thing")

    def _json(self) -> Reply:
        files: list[dict[str, Any]] = []
        for file in self.files:
            entry: dict[str, Any] = {
                "filename": file.name,
                "url": f"/files/{file.name}",
                "hashes": {},
                "yanked": file.yanked,
            }
            if file.date:
                entry["upload-time"] = file.date
            if file.requires:
                entry["requires-python"] = file.requires
            if file.advertised:
                entry["core-metadata"] = True
            files.append(entry)
        page = {"meta": {"api-version": "1.1"}, "name": self.name, "files": files, "versions": []}
        return Reply(200, json.dumps(page).encode(), {"Content-Type": "application/vnd.pypi.simple.v1+json"})

    def _html(self) -> Reply:
        anchors = []
        for file in self.files:
            attributes = f' data-requires-python="{html.escape(file.requires)}"' if file.requires else ""
            if file.yanked is not False:
                attributes += f' data-yanked="{file.yanked if isinstance(file.yanked, str) else ""}"'
            anchors.append(f'<a href="/files/{file.name}"{attributes}>{file.name}</a><br>')
        page = "<!DOCTYPE html><html><body>" + "\n".join(anchors) + "</body></html>"
        return Reply(200, page.encode(), {"Content-Type": "text/html; charset=utf-8"})
