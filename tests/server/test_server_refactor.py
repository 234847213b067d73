"""What belongs to no finding, over stdio: an editor is told the kinds, gets the menu, and makes the edit in one step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from server.editor import FULL, Editor

FILE = "environment.yml"
TEXT = "name: x\ndependencies:\n  - python=3.11\n  - pip\n  - pip:\n    - requests>=2  # http\n    - --pre\n"
MENU = {**FULL["textDocument"]["codeAction"], "dataSupport": True, "resolveSupport": {"properties": ["edit"]}}
ABLE: dict[str, Any] = {**FULL, "textDocument": {**FULL["textDocument"], "codeAction": MENU}}


def chosen(editor: Editor, uri: str, word: str, kind: str, title: str) -> dict[str, Any]:
    """The edit of an action that is offered at a word."""
    at = editor.shown[uri].text.index(word)
    place, context = editor.range(uri, at, at), {"diagnostics": [], "only": [kind]}
    asked = {"textDocument": {"uri": uri}, "range": place, "context": context}
    (action,) = [one for one in editor.request("textDocument/codeAction", asked) if one["title"] == title]
    assert action["kind"] == kind
    return dict(action["edit"] if "edit" in action else editor.request("codeAction/resolve", action)["edit"])


def test_the_pip_section_becomes_a_file_and_comes_back(start: Callable[..., Editor]) -> None:
    editor = start(capabilities=ABLE)
    uri = editor.open(FILE, TEXT)
    edit = chosen(editor, uri, "pip:", "refactor.extract", "Extract these lines to `requirements.txt`")
    kinds = [one.get("kind", "edit") for one in edit["documentChanges"]]
    assert kinds == ["edit", "create", "edit"], "one edit of the workspace: undone in one step"
    editor.apply(edit)
    assert editor.shown[uri].text.endswith("  - pip:\n    - -r requirements.txt\n")
    assert (editor.folder / "requirements.txt").read_text() == "requests>=2  # http\n--pre\n"
    editor.notify(
        "workspace/didChangeWatchedFiles",
        {"changes": [{"uri": uri.replace(FILE, "requirements.txt"), "type": 1}]},
    )
    editor.apply(chosen(editor, uri, "-r req", "refactor.inline", "Inline `requirements.txt`"))
    assert editor.shown[uri].text == TEXT


def test_a_list_is_sorted_from_anywhere(editor: Editor) -> None:
    uri = editor.open(FILE, TEXT.replace("  - pip\n", "  - numpy\n  - pip\n"))
    editor.apply(chosen(editor, uri, "name", "source.sort.envls", "Sort the packages by name (envls)"))
    assert "  - numpy\n  - pip\n  - python=3.11\n  - pip:\n" in editor.shown[uri].text


def test_the_kinds_are_told(start: Callable[..., Editor]) -> None:
    told = start(begin=False).begin()["capabilities"]["codeActionProvider"]["codeActionKinds"]
    assert {"refactor.rewrite", "refactor.extract", "refactor.inline", "refactor.move", "source.sort.envls"} <= set(
        told
    )
