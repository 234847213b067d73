"""A simple index (PEP 503, 691, 658) of a few packages, as JSON or as HTML only."""

from __future__ import annotations

import base64
import hashlib
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
Requires-Dist: numpy (>=1.20)
Requires-Dist: dask[array] >=2 ; extra == 'lazy'
Requires-Dist: no requirement at all!
Provides-Extra: lazy
Provides-Extra: all_the.rest
Provides-Extra: a], b

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
    more: dict[str, Any] = field(default_factory=dict)
    project: str = "alpha_beta"

    @property
    def name(self) -> str:
        return f"{self.project}-{self.version}" + ("-py3-none-any.whl" if self.wheel else ".tar.gz")


FILES = [
    File("1.0", "2020-01-02T00:00:00Z", ">=3.6", wheel=False),
    File("2.0", "2022-01-01T00:00:00Z", ">=3.8"),
    File("2.0", "2021-12-31T00:00:00Z", ">=3.8", wheel=False),
    File("10.0", "2023-01-01T00:00:00Z", ">=3.9", yanked="broken on Windows"),
    File("3.0rc1", "2023-02-01T00:00:00Z"),
    File("1.5", "2021-01-01T00:00:00Z", ">=3.7", yanked="only the wheel"),
    File("1.5", "2021-01-01T00:00:00Z", wheel=False),
    File("not.a.version", wheel=False),
]


@dataclass
class Index:
    """Answers `/simple/`, `/simple/NAME/` and `/files/…`; `described` are the versions whose metadata are served.

    `headers` go with every page. With `tagged` pages have an ETag, which changes with their content. With `wants` it
    answers only those who know this user and password.
    """

    files: list[File]
    json: bool = True
    described: tuple[str, ...] = ()
    name: str = "alpha-beta"
    metadata: str = METADATA
    headers: dict[str, str] = field(default_factory=dict)
    tagged: bool = False
    wants: str = ""
    base: str = "/files/"
    more: dict[str, Callable[[Request], Reply]] = field(default_factory=dict)

    def __call__(self, request: Request) -> Reply:
        signed = "Basic " + base64.b64encode(self.wants.encode()).decode()
        if self.wants and request.headers.get("authorization") != signed:
            return Reply(401, b"who are you?")
        if request.path in self.more:
            return self.more[request.path](request)
        if request.path == "/simple/":
            return Reply(200, b"<html></html>", {"Content-Type": "text/html"})
        if request.path == f"/simple/{self.name}/":
            return self._page(request)
        if request.path.startswith("/files/") and request.path.endswith(".metadata"):
            file = next(file for file in self.files if request.path == f"/files/{file.name}.metadata")
            if file.version in self.described:
                return Reply(200, self.metadata.format(version=file.version).encode())
        return Reply(404, b"no such thing")

    def _page(self, request: Request) -> Reply:
        reply = self._json() if self.json else self._html()
        headers = {**reply.headers, **self.headers}
        if self.tagged:
            headers["ETag"] = f'"{hashlib.sha256(reply.body).hexdigest()}"'
            if request.headers.get("if-none-match") == headers["ETag"]:
                return Reply(304, b"", {**self.headers, "ETag": headers["ETag"]})
        return Reply(reply.status, reply.body, headers)

    def _json(self) -> Reply:
        files: list[dict[str, Any]] = []
        for file in self.files:
            entry: dict[str, Any] = {
                "filename": file.name,
                "url": self.base + file.name,
                "hashes": {},
                "yanked": file.yanked,
            }
            if file.date:
                entry["upload-time"] = file.date
            if file.requires:
                entry["requires-python"] = file.requires
            if file.advertised:
                entry["core-metadata"] = True
            files.append({**entry, **file.more})
        page = {"meta": {"api-version": "1.1"}, "name": self.name, "files": files, "versions": []}
        return Reply(200, json.dumps(page).encode(), {"Content-Type": "application/vnd.pypi.simple.v1+json"})

    def _html(self) -> Reply:
        anchors = []
        for file in self.files:
            attributes = f' data-requires-python="{html.escape(file.requires)}"' if file.requires else ""
            if file.yanked is not False:
                attributes += f' data-yanked="{file.yanked if isinstance(file.yanked, str) else ""}"'
            anchors.append(f'<a href="{self.base}{file.name}"{attributes}>{file.name}</a><br>')
        page = "<!DOCTYPE html><html><body>" + "\n".join(anchors) + "</body></html>"
        return Reply(200, page.encode(), {"Content-Type": "text/html; charset=utf-8"})
