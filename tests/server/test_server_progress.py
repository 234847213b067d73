"""What takes long is shown where the editor shows such things; what is done soon is not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest
from pygls.exceptions import JsonRpcInternalError
from world.doubles import run

from envls.server import progress
from envls.server.background import Background
from envls.server.progress import Progress

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer


class Editor:
    """Hears of progress; `willing` says whether it wants to."""

    def __init__(self, *, willing: bool = True) -> None:
        self.work_done_progress = self
        self.tokens: dict[str, Any] = {}
        self.heard: list[tuple[str, Any]] = []
        self._willing = willing

    async def create_async(self, token: str) -> None:
        await asyncio.sleep(0)
        if not self._willing:
            raise JsonRpcInternalError("no")
        self.heard.append(("create", token))

    def begin(self, token: str, value: Any) -> None:
        self.heard.append(("begin", (token, value.title, value.percentage)))

    def report(self, token: str, value: Any) -> None:
        self.heard.append(("report", (token, value.percentage)))

    def end(self, token: str, value: Any) -> None:
        del value
        self.heard.append(("end", token))


def shown(editor: Editor, steps: list[tuple[str, float | None]]) -> list[tuple[str, Any]]:
    """What the editor hears of these, with time to answer after each."""

    async def go() -> None:
        progress_ = Progress(cast("LanguageServer", editor), Background())
        for what, part in steps:
            progress_.show(what, part)
            for _ in range(5):
                await asyncio.sleep(0)

    run(go)
    return editor.heard


STEPS: list[tuple[str, float | None]] = [("x", 0.0), ("x", 0.2), ("x", 0.204), ("x", 0.1), ("x", 0.5), ("x", None)]


def test_work_is_shown_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "UNSEEN", 0.0)
    assert shown(Editor(), [*STEPS, ("y", 0.0), ("x", 0.7), ("y", None), ("x", None)]) == [
        ("create", "envls-1"),
        ("begin", ("envls-1", "Reading x", 0)),
        ("report", ("envls-1", 20)),
        ("report", ("envls-1", 50)),
        ("end", "envls-1"),
        ("create", "envls-2"),
        ("begin", ("envls-2", "Reading y", 0)),
        ("create", "envls-3"),
        ("begin", ("envls-3", "Reading x", 70)),
        ("end", "envls-2"),
        ("end", "envls-3"),
    ]


def test_what_is_done_at_once_does_not_flash_up() -> None:
    assert shown(Editor(), STEPS) == []


def test_an_editor_that_does_not_want_to_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "UNSEEN", 0.0)
    assert shown(Editor(willing=False), STEPS) == []
