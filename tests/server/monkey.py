"""The monkey at a real server: bursts of typing in several files at once, with everything else an editor says between them.

Each session ends in three questions: was everything answered or cancelled, is the log without a fault, and do the findings
equal those of a server that has only ever seen the last texts? From `tests`, `python -m server.monkey` runs many sessions,
and tells how much memory the servers took.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monkey import PASTED, projects, spoiled

from envls.text import Lines
from server.editor import FULL, PATIENCE, AnswerError, Editor, uri_of

SIZES = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
FINE = {-32800, -32801, -32803}
"""An answer may be that a request was cancelled, that its text has changed meanwhile, or, with a reason, that it is refused."""
AT = ("hover", "completion", "definition", "documentHighlight", "prepareRename")
OF_FILE = ("documentSymbol", "foldingRange", "documentLink", "codeLens", "semanticTokens/full")
SETTINGS: tuple[dict[str, Any], ...] = (
    *(
        {},
        {"inlayHints": False},
        {"codeLens": False},
        {"outline": False},
        {"semanticHighlighting": False},
        {"packageLinks": True},
    ),
    *(
        {"severity": {"ENV": "off"}},
        {"severity": {"ENV207": "error"}},
        {"ignore": ["AML"]},
        {"platform": "win-64"},
        {"wrong": 1},
    ),
)


def capabilities(encoding: str) -> dict[str, Any]:
    able = deepcopy(FULL)
    able["general"]["positionEncodings"] = [encoding]
    document = able["textDocument"]
    document["documentSymbol"] = {"hierarchicalDocumentSymbolSupport": True}
    document["formatting"] = document["rangeFormatting"] = {"dynamicRegistration": True}
    kinds = ["quickfix", "refactor", "source"]
    document["codeAction"] = {
        "codeActionLiteralSupport": {"codeActionKind": {"valueSet": kinds}},
        "resolveSupport": {"properties": ["edit"]},
        "dataSupport": True,
    }
    return able


class Keyboard(Editor):
    """An editor that counts columns in any of the encodings."""

    def __init__(self, folder: Path, home: Path, encoding: str, settings: dict[str, Any] | None = None) -> None:
        self.codec, self.size = SIZES[encoding]
        super().__init__(
            folder, home=home, capabilities=capabilities(encoding), settings={"formatting": True, **(settings or {})}
        )

    def position(self, uri: str, offset: int) -> dict[str, int]:
        text = self.shown[uri].text
        lines = Lines(text)
        line = lines.place(offset)[0]
        before = text[lines.starts[line] : min(offset, lines.span(line).end)]
        return {"line": line, "character": len(before.encode(self.codec, "surrogatepass")) // self.size}

    def edited(self, uri: str, start: int, end: int, new: str) -> dict[str, Any]:
        """The message of one edit, which the editor's own text has already."""
        shown = self.shown[uri]
        change = {"range": self.range(uri, start, end), "text": new}
        shown.text = shown.text[:start] + new + shown.text[end:]
        shown.version += 1
        params = {"textDocument": {"uri": uri, "version": shown.version}, "contentChanges": [change]}
        return {"method": "textDocument/didChange", "params": params}

    def memory(self) -> int:
        """Kilobytes that the server takes now; 0 where that cannot be told."""
        status = Path(f"/proc/{self.process.pid}/status")
        lines = status.read_text().splitlines() if status.exists() else []
        return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)


@dataclass
class Session:
    """What a monkey does to one server: `asked` are the requests that are open, by their number."""

    editor: Keyboard
    chance: random.Random
    asked: dict[int, str] = field(default_factory=dict)
    resolvable: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answered: Counter[str] = field(default_factory=Counter)

    def step(self) -> None:
        doing = self.chance.choice(
            (
                self.type,
                self.type,
                self.type,
                self.type,
                self.ask,
                self.ask,
                self.ask,
                self.ask,
                self.ask,
                self.ask,
                self.hear,
                self.file,
                self.disturb,
            )
        )
        if self.editor.shown or doing in (self.file, self.disturb):
            doing()

    def a_file(self) -> str:
        return self.chance.choice(sorted(self.editor.shown))

    def a_place(self, uri: str) -> int:
        text = self.editor.shown[uri].text
        at = self.chance.randint(0, len(text))
        return at - (text[at - 1 : at + 1] == "\r\n")

    # -- what is said ---------------------------------------------------------------------------------------------

    def type(self) -> None:
        """A burst of letters at one place, something pasted, or a part deleted."""
        uri, editor = self.a_file(), self.editor
        at = self.a_place(uri)
        text = editor.shown[uri].text
        if self.chance.random() < 0.3:
            end = min(len(text), at + self.chance.choice((1, 1, 5, 60)))
            end -= text[end - 1 : end + 1] == "\r\n" and end > at
            editor.send(editor.edited(uri, at, max(at, end), ""))
            return
        words = self.chance.choice(
            ("- numpy=1.2", "\n  - pip:\n    - x==1", "# é🐍 why", "name: x", self.chance.choice(PASTED))
        )
        keys = list(words) if self.chance.random() < 0.7 else [words]
        editor.send(
            *(
                editor.edited(uri, at + sum(map(len, keys[:n])), at + sum(map(len, keys[:n])), key)
                for n, key in enumerate(keys)
            )
        )

    def ask(self) -> None:
        """One of the requests, at some place; some are given up at once."""
        uri = self.a_file()
        text = {"textDocument": {"uri": uri}}
        here = self.editor.position(uri, self.a_place(uri))
        range_ = self.editor.range(uri, *sorted((self.a_place(uri), self.a_place(uri))))
        method, params = self.chance.choice(
            (
                *((f"textDocument/{name}", {**text, "position": here}) for name in AT),
                *((f"textDocument/{name}", text) for name in OF_FILE),
                ("textDocument/references", {**text, "position": here, "context": {"includeDeclaration": True}}),
                ("textDocument/inlayHint", {**text, "range": range_}),
                ("textDocument/semanticTokens/range", {**text, "range": range_}),
                (
                    "textDocument/semanticTokens/full/delta",
                    {**text, "previousResultId": str(self.chance.randint(0, 9))},
                ),
                ("textDocument/selectionRange", {**text, "positions": [here, range_["end"]]}),
                ("textDocument/formatting", {**text, "options": {"tabSize": 2, "insertSpaces": True}}),
                (
                    "textDocument/rangeFormatting",
                    {**text, "range": range_, "options": {"tabSize": 4, "insertSpaces": True}},
                ),
                ("textDocument/codeAction", {**text, "range": range_, "context": {"diagnostics": []}}),
                (
                    "textDocument/codeAction",
                    {**text, "range": range_, "context": {"diagnostics": [], "only": ["source", "refactor"]}},
                ),
                ("textDocument/rename", {**text, "position": here, "newName": self.chance.choice(("new", "", "a b"))}),
                ("workspace/symbol", {"query": self.chance.choice(("", "num", "🐍"))}),
                ("workspace/willRenameFiles", {"files": [{"oldUri": uri, "newUri": uri + ".new.yml"}]}),
                *self.chance.sample(self.resolvable, min(3, len(self.resolvable))),
            )
        )
        number = self.editor.begin_request(method, params)
        self.asked[number] = method
        if self.chance.random() < 0.15:
            self.editor.notify("$/cancelRequest", {"id": number})

    def hear(self) -> None:
        """Wait for one answer, and look at what it has that can be asked further."""
        if self.asked:
            self.answer(self.chance.choice(sorted(self.asked)))

    def answer(self, number: int) -> None:
        method = self.asked.pop(number)
        try:
            result = self.editor.answer(number)
        except AnswerError as error:
            assert error.code in FINE, f"{method}: {error.code} {error}"
            self.answered["refused or cancelled"] += 1
            return
        self.answered[method] += 1
        if method == "textDocument/completion" and result:
            self.resolvable += [("completionItem/resolve", one) for one in result["items"][:2]]
        elif method == "textDocument/codeAction" and result:
            self.resolvable += [("codeAction/resolve", one) for one in result if one.get("data")]
        elif method == "textDocument/documentLink" and result:
            self.resolvable += [("documentLink/resolve", one) for one in result if one.get("data")]
        del self.resolvable[:-20]

    def file(self) -> None:
        """Files are opened, closed, saved, moved, and changed by others."""
        editor, chance = self.editor, self.chance
        there = sorted(path for path in editor.folder.rglob("*") if path.is_file())
        path = chance.choice(there)
        uri, doing = uri_of(path), chance.choice(("open", "open", "close", "save", "move", "write", "delete"))
        if doing == "open" and uri not in editor.shown:
            self.open(path)
        elif uri in editor.shown and doing == "close":
            self.close(uri)
        elif uri in editor.shown and doing == "save":
            self.write(path, editor.shown[uri].text)
            editor.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
        elif doing == "move":
            new = path.with_name(chance.choice(("conda_dependencies.yml", "environment.yml", "other.yml", "a b é.yml")))
            if not new.exists():
                was_open = uri in editor.shown
                if was_open:
                    self.close(uri)
                path.rename(new)
                self.changed((path, 3), (new, 1))
                if was_open:
                    self.open(new)
        elif doing == "write":
            self.write(path, spoiled(path.read_bytes().decode("utf-8", "replace"), chance))
        elif doing == "delete" and len(there) > 2 and uri not in editor.shown:
            path.unlink()
            self.changed((path, 3))

    def open(self, path: Path) -> None:
        self.editor.open("", path.read_bytes().decode("utf-8", "replace"), uri=uri_of(path))

    def close(self, uri: str) -> None:
        del self.editor.shown[uri]
        self.editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def write(self, path: Path, text: str) -> None:
        path.write_bytes(text.encode("utf-8", "replace"))
        self.changed((path, 2))

    def changed(self, *events: tuple[Path, int]) -> None:
        changes = [{"uri": uri_of(path), "type": kind} for path, kind in events]
        self.editor.notify("workspace/didChangeWatchedFiles", {"changes": changes})

    def disturb(self) -> None:
        """Other settings, or a message that makes no sense."""
        editor = self.editor
        if self.chance.random() < 0.7:
            editor.settings = {"offline": True, "formatting": True, **self.chance.choice(SETTINGS)}
            editor.notify("workspace/didChangeConfiguration", {"settings": None})
            return
        nowhere = {"uri": "file:///nowhere/at%20all.yml", "version": 3}
        editor.notify("textDocument/didChange", {"textDocument": nowhere, "contentChanges": [{"text": "x"}]})
        editor.notify("textDocument/didClose", {"textDocument": nowhere})

    # -- the end --------------------------------------------------------------------------------------------------

    def finish(self, home: Path) -> None:
        """Everything is answered, and the findings are those of a server that has seen nothing else."""
        while self.asked:
            self.answer(min(self.asked))
        editor = self.editor
        for uri, shown in editor.shown.items():
            editor.send(editor.edited(uri, len(shown.text), len(shown.text), "\n# the end"))
        fresh = Keyboard(
            editor.folder, home, next(name for name, size in SIZES.items() if size[0] == editor.codec), editor.settings
        )
        try:
            for uri, shown in editor.shown.items():
                fresh.open("", shown.text, uri=uri)
            for uri in editor.shown:
                _agree(editor, fresh, uri)
        finally:
            fresh.kill()


def _agree(editor: Keyboard, fresh: Keyboard, uri: str) -> None:
    """Sooner or later both say the same of the newest text; of a file that is not ours both say nothing."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        one, other = settled(editor, uri), settled(fresh, uri)
        if one is not None and one == other:
            return
    more = [said for said in one or () if said not in (other or ())]
    less = [said for said in other or () if said not in (one or ())]
    old = "" if one is not None else "what is published is of an older text"
    raise AssertionError(f"{uri}: {old}\n  too much: {more}\n  missing: {less}\n{editor.shown[uri].text!r}")


def settled(editor: Keyboard, uri: str) -> list[str] | None:
    """What is published of a document when some questions about it have been answered; None where it is not of its text."""
    start = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
    editor.request("textDocument/references", {**start, "context": {"includeDeclaration": True}})
    editor.request("textDocument/hover", start)
    newest = (editor.published(uri) or [{"diagnostics": [], "version": editor.shown[uri].version}])[-1]
    if newest["diagnostics"] and newest.get("version") != editor.shown[uri].version:
        return None
    return sorted(json.dumps({**one, "data": None}, sort_keys=True) for one in newest["diagnostics"])


def played(seed: int, folder: Path, steps: int) -> tuple[Counter[str], int, int]:
    """One session; what was answered how often, and the memory after a tenth of it and at its end, in kilobytes."""
    chance = random.Random(seed)
    project, home = folder / "project", folder / "home"
    project.mkdir(parents=True)
    home.mkdir()
    files = chance.choice(projects())
    for name, text in files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_bytes(text.encode("utf-8", "replace"))
    editor = Keyboard(project, home, chance.choice(sorted(SIZES)))
    session = Session(editor, chance)
    try:
        for name in sorted(files)[:3]:
            session.open(project / name)
        begun = 0
        for number in range(steps):
            session.step()
            begun = editor.memory() if number == steps // 10 else begun
        session.finish(folder)
        return session.answered, begun, editor.memory()
    finally:
        editor.kill()
        log = editor.log.read_text("utf-8", "replace")
        assert "ERROR" not in log and "Traceback" not in log and "[error]" not in log, log[-3000:]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sessions", type=int, default=100)
    options.add_argument("--first", type=int, default=0)
    options.add_argument("--steps", type=int, default=200)
    chosen = options.parse_args()
    answered: Counter[str] = Counter()
    failed = 0
    for seed in range(chosen.first, chosen.first + chosen.sessions):
        with tempfile.TemporaryDirectory() as folder:
            try:
                told, begun, ended = played(seed, Path(folder), chosen.steps)
            except Exception as error:  # noqa: BLE001 - that is what is looked for
                failed += 1
                where = traceback.extract_tb(error.__traceback__)[-4:]
                print(f"session {seed}: {type(error).__name__} {str(error)[:3000]} {where}", flush=True)
                continue
        answered += told
        print(f"session {seed}: {told.total()} answers, {begun // 1024} MB and at the end {ended // 1024}", flush=True)
    for method, number in answered.most_common():
        print(f"{number:6} {method}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
