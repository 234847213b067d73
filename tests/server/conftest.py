"""Editors for the tests; each ends with its test, and its server must not have logged an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.editor import Editor


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Editor]]:
    """Start an editor on the folder `project`; give what differs from an editor of today without a network."""
    editors: list[Editor] = []
    folder, home = tmp_path / "project", tmp_path / "home"
    folder.mkdir()
    home.mkdir()

    def started(**differently: object) -> Editor:
        editors.append(Editor(folder, home=home, **differently))  # type: ignore[arg-type]  # as Editor has it
        return editors[-1]

    yield started
    for editor in editors:
        editor.kill()
        log = editor.log.read_text()
        assert "ERROR" not in log and "Traceback" not in log, log


@pytest.fixture
def editor(start: Callable[..., Editor]) -> Editor:
    return start()
