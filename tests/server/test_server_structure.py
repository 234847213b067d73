"""The outline, folds, selections, highlights, colours, names, links and formatting of a file, asked of a real server."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from server.editor import FULL, AnswerError, Editor, edited

TEXT = "name:  demo\nchannels:\n  - conda-forge\ndependencies:\n  - numpy=1.26  # \N{ROCKET}\n  - pip:\n    - numpy==1.26.4\n"
FORMATTING = ("textDocument/formatting", "textDocument/rangeFormatting")
OPTIONS = {"tabSize": 2, "insertSpaces": True}


@pytest.fixture
def editor(start: Callable[..., Editor]) -> Editor:
    return start(capabilities=able(formats=True))


def able(*, formats: bool) -> dict[str, Any]:
    """An editor of today that knows symbols in a tree, and can be told later that there is a formatter."""
    capabilities = copy.deepcopy(FULL)
    capabilities["textDocument"]["documentSymbol"] = {"hierarchicalDocumentSymbolSupport": True}
    capabilities["textDocument"]["foldingRange"] = {"rangeLimit": 2}
    capabilities["workspace"]["semanticTokens"] = {"refreshSupport": True}
    if formats:
        for name in ("formatting", "rangeFormatting"):
            capabilities["textDocument"][name] = {"dynamicRegistration": True}
    return capabilities


def asked(editor: Editor, method: str, uri: str, **more: object) -> Any:
    return editor.request(f"textDocument/{method}", {"textDocument": {"uri": uri}, **more})


def test_a_file_is_shown_as_what_it_consists_of(editor: Editor) -> None:
    uri = editor.open("environment.yml", TEXT)
    symbols = asked(editor, "documentSymbol", uri)
    assert [one["name"] for one in symbols] == ["name", "channels", "dependencies"]
    numpy = symbols[2]["children"][0]
    assert (numpy["name"], numpy["detail"], numpy["kind"]) == ("numpy", "=1.26", 4)
    assert numpy["selectionRange"] == editor.range(uri, TEXT.index("numpy"), TEXT.index("  # "))
    folds = asked(editor, "foldingRange", uri)
    assert folds == [{"startLine": 1, "endLine": 2}, {"startLine": 3, "endLine": 6}]
    position = editor.at(uri, "26.4")["position"]
    (selected,) = asked(editor, "selectionRange", uri, positions=[position])
    start = TEXT.index("1.26.4")
    assert selected["range"] == editor.range(uri, start, start + 6)
    assert selected["parent"]["parent"]["range"]["start"]["character"] == len("    - ")
    lit = editor.request("textDocument/documentHighlight", editor.at(uri, "numpy"))
    assert [one["range"]["start"]["line"] for one in lit] == [4, 6]


def test_a_file_that_is_none_of_ours_is_left_to_others(editor: Editor) -> None:
    uri = editor.open("other.yml", "a:\n  - b\n")
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 2, "character": 0}}
    assert asked(editor, "documentSymbol", uri) is None
    assert asked(editor, "foldingRange", uri) is None
    assert asked(editor, "selectionRange", uri, positions=[whole["start"]]) is None
    assert asked(editor, "semanticTokens/full", uri) is None
    assert asked(editor, "semanticTokens/range", uri, range=whole) is None
    assert editor.request("textDocument/documentHighlight", editor.at(uri, "b")) is None


def test_an_old_editor_gets_symbols_one_by_one(start: Callable[..., Editor]) -> None:
    editor = start()
    uri = editor.open("environment.yml", TEXT)
    symbols = asked(editor, "documentSymbol", uri)
    assert ("numpy", "pip") in [(one["name"], one["containerName"]) for one in symbols]
    assert all(one["location"]["uri"] == uri for one in symbols)


def test_colours_follow_a_change_with_what_has_changed(editor: Editor) -> None:
    uri = editor.open("environment.yml", TEXT)
    first = asked(editor, "semanticTokens/full", uri)
    assert first["data"][:5] == [2, 4, 11, 0, 0]
    editor.change(uri, "numpy=1.26 ", "numpy>=1.26 ")
    changed = asked(editor, "semanticTokens/full/delta", uri, previousResultId=first["resultId"])
    data = first["data"]
    for edit in changed["edits"]:
        data = [*data[: edit["start"]], *edit["data"], *data[edit["start"] + edit["deleteCount"] :]]
    assert sum(len(edit["data"]) for edit in changed["edits"]) < len(data) / 2
    assert data == asked(editor, "semanticTokens/full", uri)["data"]
    assert "data" in asked(editor, "semanticTokens/full/delta", uri, previousResultId="of another server")
    editor.settings["semanticHighlighting"] = False
    editor.notify("workspace/didChangeConfiguration", {"settings": None})
    editor.wait(lambda message: message.get("method") == "workspace/semanticTokens/refresh")
    assert asked(editor, "semanticTokens/full", uri) is None


def test_a_package_is_renamed_in_both_lists(editor: Editor) -> None:
    uri = editor.open("environment.yml", TEXT)
    start = TEXT.index("numpy")
    assert editor.request("textDocument/prepareRename", editor.at(uri, "numpy")) == editor.range(uri, start, start + 5)
    with pytest.raises(AnswerError, match="no name of a conda package"):
        editor.request("textDocument/rename", {**editor.at(uri, "numpy"), "newName": "a b"})
    editor.apply(editor.request("textDocument/rename", {**editor.at(uri, "numpy"), "newName": "numba"}))
    assert editor.shown[uri].text == TEXT.replace("numpy", "numba")


def test_the_page_of_a_package_is_looked_up_when_it_is_followed(editor: Editor) -> None:
    uri = editor.open("environment.yml", TEXT)
    links = asked(editor, "documentLink", uri)
    assert [one.get("target") for one in links] == ["https://anaconda.org/conda-forge", None, None]
    assert editor.request("documentLink/resolve", links[1]).get("target") is None  # offline nobody knows it
    editor.settings["packageLinks"] = False
    editor.notify("workspace/didChangeConfiguration", {"settings": None})
    editor.settle()
    assert len(asked(editor, "documentLink", uri)) == 1


def test_formatting_is_offered_to_those_who_want_it(editor: Editor) -> None:
    uri = editor.open("environment.yml", TEXT)
    editor.settle()
    assert not set(FORMATTING) & set(editor.registered)
    editor.settings["formatting"] = True
    editor.notify("workspace/didChangeConfiguration", {"settings": None})
    editor.wait(lambda message: FORMATTING[0] in str(message.get("params")))
    edits = asked(editor, "formatting", uri, options=OPTIONS)
    assert edited(TEXT, edits) == TEXT.replace("name:  demo", "name: demo")
    line = editor.range(uri, TEXT.index("channels"), TEXT.index("conda-forge"))
    assert asked(editor, "rangeFormatting", uri, options=OPTIONS, range=line) == []
    editor.settings["formatting"] = False
    editor.notify("workspace/didChangeConfiguration", {"settings": None})
    gone = editor.wait(lambda message: message.get("method") == "client/unregisterCapability")
    assert [one["method"] for one in gone["params"]["unregisterations"]] == list(FORMATTING)


def test_an_editor_that_cannot_be_told_later_is_told_at_once(start: Callable[..., Editor]) -> None:
    editor = start(capabilities=able(formats=False), begin=False)
    made = editor.begin(initializationOptions={"settings": {"formatting": True, "offline": True}})
    assert made["capabilities"]["documentFormattingProvider"] is True
    other = start(capabilities=able(formats=False), begin=False)
    assert "documentFormattingProvider" not in other.begin()["capabilities"]


def test_packages_are_found_in_all_files_of_the_workspace(editor: Editor) -> None:
    (editor.folder / "env.yml").write_text("dependencies:\n  - numpy=2\n  - scipy\n")
    uri = editor.open("environment.yml", TEXT)
    found = editor.request("workspace/symbol", {"query": "npy"})
    assert [(one["name"], one["containerName"]) for one in found] == [
        ("numpy =2", "env.yml"),
        ("numpy =1.26", "environment.yml"),
        ("numpy ==1.26.4", "environment.yml"),
    ]
    assert found[1]["location"]["uri"] == uri
