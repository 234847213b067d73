"""An editor as small as can be: it starts a real server, talks to it over stdio, and keeps the texts as editors do."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

PATIENCE = 30.0
"""Seconds after which a message that does not come counts as never coming: only a failing test waits so long."""
FULL: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {
        "configuration": True,
        "workspaceFolders": True,
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create"]},
        "didChangeWatchedFiles": {"dynamicRegistration": True, "relativePatternSupport": True},
        "didChangeConfiguration": {"dynamicRegistration": True},
        "inlayHint": {"refreshSupport": True},
        "codeLens": {"refreshSupport": True},
        "fileOperations": {"willRename": True},
    },
    "textDocument": {
        "publishDiagnostics": {"relatedInformation": True, "versionSupport": True, "tagSupport": {"valueSet": [1, 2]}},
        "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
        "definition": {"linkSupport": True},
        "rename": {"prepareSupport": True},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
    },
}


class AnswerError(Exception):
    """The server answered a request with an error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code = error["code"]


@dataclass
class Shown:
    """A document in the editor."""

    uri: str
    version: int
    text: str


def uri_of(path: Path) -> str:
    return path.as_uri()


class Editor:
    """`settings` is what it answers when asked for its configuration; `registered` what the server wants to hear of."""

    def __init__(
        self,
        folder: Path,
        *,
        home: Path,
        capabilities: dict[str, Any] | None = None,
        settings: dict[str, Any] | None = None,
        begin: bool = True,
    ) -> None:
        self.folder = folder
        self.settings: dict[str, Any] = {"offline": True, **(settings or {})}
        self.capabilities = FULL if capabilities is None else capabilities
        self.shown: dict[str, Shown] = {}
        self.heard: list[dict[str, Any]] = []
        self.registered: dict[str, Any] = {}
        self._ids = 0
        self._queue: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("CONDA", "PIP_", "XDG_"))},
            "HOME": str(home),
            "USERPROFILE": str(home),
        }
        self.log = home / "server.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "envls", "server", "--stdio"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
                cwd=home,
            )
        threading.Thread(target=self._read, daemon=True).start()
        if begin:
            self.begin()

    # -- messages ---------------------------------------------------------------------------------------------

    def _read(self) -> None:
        assert self.process.stdout
        while header := self.process.stdout.readline():
            length = int(header.split(b":")[1])
            while self.process.stdout.readline().strip():
                pass
            self._queue.put(json.loads(self.process.stdout.read(length)))
        self._queue.put(None)

    def send(self, *messages: dict[str, Any]) -> None:
        """Several at once arrive in one piece, as from a fast typist."""
        assert self.process.stdin
        bodies = [json.dumps({"jsonrpc": "2.0", **message}).encode() for message in messages]
        self.process.stdin.write(b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in bodies))
        self.process.stdin.flush()

    def notify(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    def begin_request(self, method: str, params: Any) -> int:
        self._ids += 1
        self.send({"id": self._ids, "method": method, "params": params})
        return self._ids

    def answer(self, number: int) -> Any:
        message = self.wait(lambda message: message.get("id") == number and "method" not in message)
        if "error" in message:
            raise AnswerError(message["error"])
        return message["result"]

    def request(self, method: str, params: Any) -> Any:
        return self.answer(self.begin_request(method, params))

    def wait(self, wanted: Any, *, since: int = 0) -> dict[str, Any]:
        """The first message from the `since`th on that is `wanted`, heard already or still to come."""
        for message in self.heard[since:]:
            if wanted(message):
                return message
        while True:
            message = self._next()
            if wanted(message):
                return message

    def _next(self) -> dict[str, Any]:
        message = self._queue.get(timeout=PATIENCE)
        if message is None:
            raise EOFError(f"the server has ended: {self.log.read_text()}")
        self.heard.append(message)
        if "method" in message and "id" in message:
            self.send({"id": message["id"], "result": self._asked(message["method"], message.get("params"))})
        return message

    def _asked(self, method: str, params: Any) -> Any:
        if method == "workspace/configuration":
            return [self.settings if item["section"] == "envls" else None for item in params["items"]]
        if method == "client/registerCapability":
            for one in params["registrations"]:
                name = one["id"] if one["id"].startswith(("environment", "programs")) else one["method"]
                self.registered[name] = one.get("registerOptions")
        return None

    # -- life -------------------------------------------------------------------------------------------------

    def begin(self, **more: Any) -> Any:
        folders = [{"uri": uri_of(self.folder), "name": "folder"}]
        options = {"settings": {**self.settings, "trusted": True}}
        result = self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": uri_of(self.folder),
                "workspaceFolders": folders,
                "capabilities": self.capabilities,
                "initializationOptions": options,
                **more,
            },
        )
        self.notify("initialized", {})
        return result

    def end(self) -> int:
        """Say good-bye; returns the exit status."""
        self.request("shutdown", None)
        self.notify("exit", None)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()

    # -- documents --------------------------------------------------------------------------------------------

    def open(self, name: str, text: str, *, uri: str = "", language: str = "yaml") -> str:
        uri = uri or uri_of(self.folder / name)
        self.shown[uri] = Shown(uri, 1, text)
        item = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return uri

    def change(self, uri: str, old: str, new: str) -> int:
        """Type `new` in the place of the first `old`; returns the version."""
        self.send(self.changed(uri, old, new))
        return self.shown[uri].version

    def changed(self, uri: str, old: str, new: str) -> dict[str, Any]:
        """The message of such a change; the editor's own text has it already."""
        shown = self.shown[uri]
        start = shown.text.index(old)
        edit = {"range": self.range(uri, start, start + len(old)), "text": new}
        shown.text = shown.text.replace(old, new, 1)
        shown.version += 1
        document = {"uri": uri, "version": shown.version}
        return {"method": "textDocument/didChange", "params": {"textDocument": document, "contentChanges": [edit]}}

    def position(self, uri: str, offset: int) -> dict[str, int]:
        before = self.shown[uri].text[:offset]
        line = before.rpartition("\n")[2]
        return {"line": before.count("\n"), "character": len(line.encode("utf-16-le")) // 2}

    def range(self, uri: str, start: int, end: int) -> dict[str, dict[str, int]]:
        return {"start": self.position(uri, start), "end": self.position(uri, end)}

    def at(self, uri: str, word: str, *, behind: bool = False) -> dict[str, Any]:
        """The parameters of a request at the first `word`."""
        offset = self.shown[uri].text.index(word) + (len(word) if behind else 0)
        return {"textDocument": {"uri": uri}, "position": self.position(uri, offset)}

    def apply(self, edit: dict[str, Any]) -> None:
        """Make an edit of the workspace in the texts that are shown, and tell the server; files go to the disk."""
        for one in edit["documentChanges"]:
            if one.get("kind") == "create":
                assert not path_of(one["uri"]).exists()
                path_of(one["uri"]).write_text("")
                continue
            uri, version = one["textDocument"]["uri"], one["textDocument"]["version"]
            if uri not in self.shown:
                assert version is None
                path = path_of(uri)
                path.write_text(edited(path.read_text(), one["edits"]))
                continue
            shown = self.shown[uri]
            assert version == shown.version
            shown.text = edited(shown.text, one["edits"])
            shown.version += 1
            document = {"uri": uri, "version": shown.version}
            self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": shown.text}]})

    # -- findings ---------------------------------------------------------------------------------------------

    def published(self, uri: str) -> list[dict[str, Any]]:
        """What has been published for a document so far, oldest first."""
        return [
            message["params"]
            for message in self.heard
            if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri
        ]

    def findings(self, uri: str, *, having: str = "", without: str = "", version: int = 0) -> list[dict[str, Any]]:
        """The findings of a document once they are for its newest version (or `version`) and as wanted."""
        version = version or self.shown[uri].version
        while True:
            newest = (self.published(uri) or [{"diagnostics": [], "version": -1}])[-1]
            codes = [one["code"] for one in newest["diagnostics"]]
            if newest.get("version") == version and (not having or having in codes) and without not in codes:
                found: list[dict[str, Any]] = newest["diagnostics"]
                return found
            self._next()

    def codes(self, uri: str, **wanted: Any) -> list[str]:
        return [one["code"] for one in self.findings(uri, **wanted)]

    def settle(self) -> None:
        """Until the server has answered everything sent so far."""
        self.request("textDocument/hover", {"textDocument": {"uri": "none:"}, "position": {"line": 0, "character": 0}})


def path_of(uri: str) -> Path:
    return Path(unquote(urlsplit(uri).path))


def edited(text: str, edits: list[dict[str, Any]]) -> str:
    """The text after edits at ASCII places."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def offset(position: dict[str, int]) -> int:
        return starts[position["line"]] + position["character"]

    for edit in sorted(edits, key=lambda edit: offset(edit["range"]["start"]), reverse=True):
        start, end = (offset(edit["range"][side]) for side in ("start", "end"))
        text = text[:start] + edit["newText"] + text[end:]
    return text
