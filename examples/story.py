"""The way of a learner through the bootcamp sample: what goes wrong at each step, and the one action that mends it.

Works on a copy of the sample, and asks the real server as an editor asks it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

PATIENCE = 30.0
"""Seconds after which an answer counts as never coming."""


@dataclass(frozen=True)
class Step:
    """Something that a learner does, the file it is about, and the findings of envls that it goes wrong with."""

    doing: str
    file: str
    codes: tuple[str, ...]


STORY = (
    Step("Run the script in a container", "aml_config/docker.runconfig", ("AML401",)),
    Step(
        "List what the runs in the container need",
        "aml_config/conda_dependencies.yml",
        ("ENV401", "ENV402", "ENV303"),
    ),
    Step("Describe an environment for runs on this machine", "aml_config/localenv_conda_dependencies.yml", ("AML405",)),
    Step("Run in that environment instead of Workbench's own Python", "aml_config/local.compute", ("AML403",)),
    Step("Have the run configuration name the file of that environment", "aml_config/hello_env.runconfig", ("AML402",)),
)


class Editor:
    """As much of an editor as the story needs: it shows files, hears of findings, and applies actions."""

    def __init__(self, client: LanguageClient) -> None:
        self.client = client
        self.texts: dict[str, str] = {}
        self._versions: dict[str, int] = {}
        self._found: dict[str, lsp.PublishDiagnosticsParams] = {}
        self._news = asyncio.Condition()

        @client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        async def _publish_diagnostics(params: lsp.PublishDiagnosticsParams) -> None:
            async with self._news:
                self._found[params.uri] = params
                self._news.notify_all()

    def open(self, path: Path) -> str:
        uri = path.as_uri()
        self.texts[uri], self._versions[uri] = path.read_text("utf-8"), 1
        item = lsp.TextDocumentItem(uri, "yaml", 1, self.texts[uri])
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        return uri

    async def found(self, uri: str, code: str, *, there: bool = True) -> list[lsp.Diagnostic]:
        """The findings of a kind in the newest text, once there are some, or (`there=False`) none any more."""

        def now() -> list[lsp.Diagnostic]:
            shown = self._found.get(uri)
            return [one for one in shown.diagnostics if one.code == code] if shown else []

        def settled() -> bool:
            shown = self._found.get(uri)
            return shown is not None and shown.version == self._versions[uri] and bool(now()) is there

        async with self._news:
            await asyncio.wait_for(self._news.wait_for(settled), PATIENCE)
            return now()

    async def fix(self, uri: str, one: lsp.Diagnostic) -> str:
        """Apply the first action that mends a finding; returns its title."""
        context = lsp.CodeActionContext([one], only=[lsp.CodeActionKind.QuickFix])
        wanted = lsp.CodeActionParams(lsp.TextDocumentIdentifier(uri), one.range, context)
        for offered in await self.client.text_document_code_action_async(wanted) or ():
            if isinstance(offered, lsp.CodeAction) and any(
                mended.code == one.code for mended in offered.diagnostics or ()
            ):
                action = offered if offered.edit else await self.client.code_action_resolve_async(offered)
                assert action.edit, f"{action.title} changes nothing"
                await self._apply(action.edit)
                return action.title
        raise LookupError(f"no action mends: {one.message}")

    async def _apply(self, edit: lsp.WorkspaceEdit) -> None:
        for change in edit.document_changes or ():
            if isinstance(change, lsp.TextDocumentEdit):
                self._change(change.text_document.uri, [e for e in change.edits if isinstance(e, lsp.TextEdit)])

    def _change(self, uri: str, edits: list[lsp.TextEdit]) -> None:
        if uri not in self.texts:
            self.open(Path(url2pathname(unquote(urlsplit(uri).path))))
        text = self.texts[uri]
        for edit in sorted(edits, key=lambda e: (e.range.start.line, e.range.start.character), reverse=True):
            text = text[: _offset(text, edit.range.start)] + edit.new_text + text[_offset(text, edit.range.end) :]
        self.texts[uri] = text
        self._versions[uri] += 1
        identifier = lsp.VersionedTextDocumentIdentifier(self._versions[uri], uri)
        whole = lsp.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(identifier, [whole]))

    def save(self, uri: str) -> None:
        Path(url2pathname(unquote(urlsplit(uri).path))).write_text(self.texts[uri], "utf-8", newline="")
        self.client.text_document_did_save(lsp.DidSaveTextDocumentParams(lsp.TextDocumentIdentifier(uri)))


def _offset(text: str, place: lsp.Position) -> int:
    lines = text.splitlines(keepends=True)
    return sum(map(len, lines[: place.line])) + place.character


async def tell(editor: Editor, project: Path, say: Any = print) -> None:
    """Go through the story in a copy of the sample at `project`. Raises if a step is not found, or not mended."""
    for number, step in enumerate(STORY, 1):
        say(f"{number}. {step.doing}: {step.file}\n")
        uri = editor.open(project / step.file)
        for code in step.codes:
            (one, *_) = await editor.found(uri, code)
            say(f"    line {one.range.start.line + 1}: {one.message}  ({code})")
            say(f"        → {await editor.fix(uri, one)}")
            await editor.found(uri, code, there=False)
        editor.save(uri)
        say("")
