"""A real server process, talked to over stdio the way an editor does. No network: every server is offline."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envls.server.app import create
from server.editor import FULL, AnswerError, Editor, uri_of

Start = Callable[..., Editor]
WRONG = "name: x\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.11\n  - pip\n  - pip:\n      - requests=2.0\n"
"""One finding, with one right answer."""
FILE = "environment.yml"


# -- findings -------------------------------------------------------------------------------------------------


def test_findings_come_at_once_and_follow_the_text(editor: Editor) -> None:
    uri = editor.open(FILE, WRONG)
    (found,) = editor.findings(uri)
    assert found["code"] == "ENV401"
    assert found["source"] == "envls"
    assert found["severity"] == 1
    start = WRONG.index("=2.0")
    assert found["range"] == editor.range(uri, start, start + 1)
    assert editor.published(uri)[0]["version"] == 1

    editor.change(uri, "requests=2.0", "requests==2.0")
    assert editor.findings(uri) == []
    editor.change(uri, "requests==2.0", "requests=2.0")
    assert editor.codes(uri) == ["ENV401"]


def test_a_word_is_judged_when_the_cursor_has_left_it(editor: Editor) -> None:
    uri = editor.open(
        FILE, "name: x\nchannels: [conda-forge]\ndependencies:\n  - python=3.11\n  - pip\n  - pip:\n      - gy==1\n"
    )
    assert editor.codes(uri) == []
    editor.change(uri, "gy=", "gym=")
    assert editor.codes(uri) == [], "it may become gymnasium"
    here, elsewhere = (
        {"textDocument": {"uri": uri}, "range": editor.range(uri, at, at), "context": {"diagnostics": []}}
        for at in (editor.shown[uri].text.index("gym"), 0)
    )
    editor.request("textDocument/codeAction", here)
    assert editor.codes(uri) == []
    editor.request("textDocument/codeAction", elsewhere)
    assert editor.codes(uri, having="ENV518") == ["ENV518"]


@pytest.mark.parametrize("before", ["😀", "é"])
def test_columns_are_those_of_the_editor(editor: Editor, before: str) -> None:
    uri = editor.open(FILE, f"name: x\ndependencies: [{before}]\n")
    editor.findings(uri)
    editor.change(uri, f"[{before}]", f"['{before}', python=3.11]")
    assert editor.request("textDocument/hover", editor.at(uri, "ython"))["range"] == editor.range(
        uri, *(editor.shown[uri].text.index("python") + n for n in (0, 11))
    )


def test_lines_end_with_cr_and_crlf_too(editor: Editor) -> None:
    uri = editor.open(FILE, WRONG.replace("\n", "\r\n"))
    (found,) = editor.findings(uri)
    assert found["range"]["start"] == {"line": 7, "character": 16}
    other = editor.open("environment.yaml", WRONG.replace("\n", "\r"))
    (found,) = editor.findings(other)
    assert found["range"]["start"] == {"line": 7, "character": 16}


def test_a_burst_is_analysed_once_and_on_its_last_text(editor: Editor) -> None:
    uri = editor.open(FILE, WRONG)
    editor.findings(uri)
    changes = []
    for number in range(250):
        changes += [editor.changed(uri, "requests", f"r{number}"), editor.changed(uri, f"r{number}", "requests")]
    editor.send(*changes, editor.changed(uri, "=2.0", "==2.0"))
    assert editor.findings(uri) == []
    assert editor.shown[uri].version == 502
    assert len([one for one in editor.published(uri) if one["version"] > 1]) <= 3


def test_versions_of_findings_only_grow(editor: Editor) -> None:
    uri = editor.open(FILE, WRONG)
    for number in range(30):
        editor.change(uri, "name: x", f"name: x{number}")
        editor.change(uri, f"name: x{number}", "name: x")
    editor.findings(uri)
    versions = [one["version"] for one in editor.published(uri)]
    assert versions == sorted(versions)


def test_closing_takes_the_findings_away(editor: Editor) -> None:
    uri = editor.open(FILE, WRONG)
    editor.findings(uri)
    editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    editor.settle()
    last = editor.published(uri)[-1]
    assert last["diagnostics"] == []
    assert "version" not in last


def test_a_file_that_is_not_ours_stays_silent(editor: Editor) -> None:
    uri = editor.open("values.yaml", "replicas: 2\nimage: {repository: x}\n")
    editor.change(uri, "2", "3")
    assert editor.request("textDocument/hover", editor.at(uri, "replicas")) is None
    editor.findings(editor.open(FILE, WRONG))
    assert editor.published(uri) == []


def test_a_file_that_is_not_ours_any_more_loses_its_findings(editor: Editor) -> None:
    uri = editor.open("some.yaml", WRONG)
    assert editor.codes(uri) == ["ENV401"]
    editor.change(uri, "dependencies:", "services:")
    editor.wait(lambda _: editor.published(uri)[-1]["diagnostics"] == [], since=len(editor.heard) - 1)


def test_a_document_without_a_file_is_checked_too(editor: Editor) -> None:
    uri = editor.open("", WRONG, uri="untitled:Untitled-1")
    assert editor.codes(uri) == ["ENV401"]


# -- other files ----------------------------------------------------------------------------------------------

RUN = "ArgumentVector:\n  - $file\nTarget: local\nCondaDependenciesFile: aml_config/other.yml\nFramework: Python\n"


def test_what_happens_to_another_file_is_seen_in_this_one(editor: Editor) -> None:
    folder = editor.folder / "aml_config"
    folder.mkdir()
    (folder / "local.compute").write_text("type: local\npythonLocation: python\n")
    uri = editor.open("aml_config/local.runconfig", RUN)
    editor.findings(uri, having="AML401")

    other = editor.open("aml_config/other.yml", "name: x\ndependencies:\n  - python=3.11\n")  # not saved yet
    editor.findings(uri, without="AML401")
    editor.notify("textDocument/didClose", {"textDocument": {"uri": other}})
    editor.findings(uri, having="AML401")

    (folder / "other.yml").write_text("name: x\ndependencies:\n  - python=3.11\n")
    changed = {"changes": [{"uri": other, "type": 1}]}
    editor.notify("workspace/didChangeWatchedFiles", changed)
    editor.findings(uri, without="AML401")


def test_it_wants_to_hear_of_files_that_matter(editor: Editor) -> None:
    editor.wait(lambda _: "workspace/didChangeWatchedFiles" in editor.registered)
    watchers = editor.registered["workspace/didChangeWatchedFiles"]["watchers"]
    assert {one["globPattern"] for one in watchers} == {
        "**/*.{yml,yaml,runconfig,compute}",
        "**/{aml_config,.azureml}/*",
        "**/{azureml_environment,inference*config*}.json",
        "**/.envls.toml",
        "**/pyproject.toml",
    }


# -- answers --------------------------------------------------------------------------------------------------


def test_a_list_is_of_the_text_that_it_was_asked_for_in_a_burst(editor: Editor) -> None:
    uri = editor.open("environment.yml", "dependencies:\n  -\n")
    dash = editor.changed(uri, "  -\n", "  - \n")
    ask = {"id": "asked", "method": "textDocument/completion", "params": editor.at(uri, "  - ", behind=True)}
    editor.send(dash, ask, editor.changed(uri, "  - ", "  - p"), editor.changed(uri, "  - p", "  - pip"))
    offered = editor.wait(lambda message: message.get("id") == "asked")["result"]["items"]
    assert {"pip", "python"} <= {item["label"] for item in offered}


def test_hover_and_completion_read_the_newest_text(editor: Editor) -> None:
    uri = editor.open(FILE, "name: x\ndependencies:\n  - python=3.11\n")
    editor.findings(uri)
    change = editor.changed(uri, "name: x", "name: x\nchann: []")
    at = editor.at(uri, "chann", behind=True)
    editor.send(change, {"id": "typed", "method": "textDocument/completion", "params": at})
    answer = editor.wait(lambda message: message.get("id") == "typed")["result"]
    assert "channels" in [item["label"] for item in answer["items"]]
    edit = next(item["textEdit"] for item in answer["items"] if item["label"] == "channels")
    assert edit["range"]["start"] == {"line": 1, "character": 0}

    change = editor.changed(uri, "chann: []", "channels: [conda-forge]")
    editor.send(change, {"id": "seen", "method": "textDocument/hover", "params": editor.at(uri, "channels")})
    card = editor.wait(lambda message: message.get("id") == "seen")["result"]
    assert "channels" in card["contents"]["value"]
    assert card["contents"]["kind"] == "markdown"
    assert card["range"] == editor.range(uri, 8, 16)


def test_a_name_in_the_list_is_told_of_when_it_is_looked_at(editor: Editor) -> None:
    uri = editor.open(FILE, "channels: [conda-forge]\ndependencies:\n  - numpy\n")
    editor.findings(uri)
    change = editor.changed(uri, "- numpy", "- panda")
    editor.send(change)
    answer = editor.request("textDocument/completion", editor.at(uri, "- panda", behind=True))
    (item,) = (item for item in answer["items"] if item["label"] == "pandas")
    assert "documentation" not in item
    card = editor.request("completionItem/resolve", item)["documentation"]
    assert card["kind"] == "markdown"
    assert "**pandas**" in card["value"]


def test_hints_tell_what_is_installed_and_can_be_switched_off(start: Start, tmp_path: Path) -> None:
    records = tmp_path / "home" / ".conda" / "envs" / "demo" / "conda-meta"
    records.mkdir(parents=True)
    for package in ("python-3.11.9-h_0", "numpy-1.26.4-py311_0"):
        (records / f"{package}.json").touch()
    editor = start()
    uri = editor.open(FILE, "name: demo\ndependencies:\n  - python=3.11\n  - numpy=2\n")
    wanted = {"textDocument": {"uri": uri}, "range": editor.range(uri, 0, len(editor.shown[uri].text))}
    editor.request("textDocument/inlayHint", wanted)
    editor.findings(uri, having="ENV510")
    editor.wait(lambda message: message.get("method") == "workspace/inlayHint/refresh")
    (hint,) = editor.request("textDocument/inlayHint", wanted)
    assert (hint["label"], hint["position"]) == ("installed 1.26.4", {"line": 3, "character": 11})

    # somebody installs another one in a terminal, of which the editor tells
    watchers = editor.registered["environment-1"]["watchers"]
    assert [one["globPattern"] for one in watchers] == [{"baseUri": uri_of(records), "pattern": "history"}]
    (records / "numpy-1.26.4-py311_0.json").rename(records / "numpy-2.0.1-py311_0.json")
    (records / "history").touch()
    editor.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri_of(records / "history"), "type": 2}]})
    editor.findings(uri, without="ENV510")
    assert editor.request("textDocument/inlayHint", wanted) == []

    heard = len(editor.heard)
    editor.settings = {"offline": True, "inlayHints": False}
    editor.notify("workspace/didChangeConfiguration", {"settings": None})
    editor.wait(lambda message: message.get("method") == "workspace/inlayHint/refresh", since=heard)
    assert editor.request("textDocument/inlayHint", wanted) is None


def actions(editor: Editor, uri: str, **context: Any) -> list[dict[str, Any]]:
    found = editor.findings(uri)
    place = found[0]["range"] if found else editor.range(uri, 0, 0)
    params = {"textDocument": {"uri": uri}, "range": place, "context": {"diagnostics": found, **context}}
    answer: list[dict[str, Any]] = editor.request("textDocument/codeAction", params)
    return answer


def test_a_quick_fix_mends_its_finding(editor: Editor) -> None:
    uri = editor.open(FILE, WRONG)
    (preferred,) = [action for action in actions(editor, uri) if action.get("isPreferred")]
    assert preferred["kind"] == "quickfix"
    assert preferred["diagnostics"] == editor.findings(uri)
    editor.apply(preferred["edit"])
    assert editor.findings(uri) == []
    assert editor.shown[uri].text == WRONG.replace("requests=2.0", "requests==2.0")


def test_what_changes_many_lines_is_made_when_it_is_chosen(start: Start, tmp_path: Path) -> None:
    records = tmp_path / "home" / ".conda" / "envs" / "demo" / "conda-meta"
    records.mkdir(parents=True)
    (records / "history").touch()
    for name in ("numpy-1.26.4-0", "scipy-1.14.0-0"):
        (records / f"{name}.json").write_text("{}")
    text = "name: demo\nchannels: [conda-forge]\ndependencies:\n  - numpy\n  - scipy>=1\n"

    def offered(editor: Editor, uri: str) -> dict[str, Any]:
        place = editor.range(uri, text.index("dep"), text.index("dep"))
        params = {"textDocument": {"uri": uri}, "range": place, "context": {"diagnostics": []}}
        menu = editor.request("textDocument/codeAction", params)
        (found,) = [one for one in menu if one["title"] == "Pin all to the installed versions"]
        return dict(found)

    able = {**FULL["textDocument"]["codeAction"], "dataSupport": True, "resolveSupport": {"properties": ["edit"]}}
    capabilities = {**FULL, "textDocument": {**FULL["textDocument"], "codeAction": able}}
    editor = start(capabilities=capabilities)
    uri = editor.open(FILE, text)
    editor.findings(uri, having="ENV304")
    action = offered(editor, uri)
    assert "edit" not in action
    editor.apply(editor.request("codeAction/resolve", action)["edit"])
    assert editor.shown[uri].text == text.replace("numpy", "numpy=1.26.4").replace("scipy>=1", "scipy=1.14.0")
    assert "edit" not in editor.request("codeAction/resolve", action), "the text is another one by now"

    plain = start()
    uri = plain.open(FILE, text)
    plain.findings(uri, having="ENV304")
    assert "edit" in offered(plain, uri)


def test_everything_safe_is_fixed_together(editor: Editor) -> None:
    uri = editor.open(FILE, WRONG + "      - idna=3.1\n")
    (everything,) = actions(editor, uri, only=["source.fixAll"])
    assert everything["kind"] == "source.fixAll.envls"
    editor.apply(everything["edit"])
    assert editor.findings(uri) == []


def test_an_action_for_an_older_text_is_not_offered(editor: Editor) -> None:
    uri = editor.open(FILE, WRONG)
    edits = actions(editor, uri)[0]["edit"]["documentChanges"]
    assert edits[0]["textDocument"] == {"uri": uri, "version": 1}


# -- the protocol ---------------------------------------------------------------------------------------------


def test_a_request_is_cancelled(start: Start) -> None:
    """The index answers nothing; without a cancel, the hover would wait for it."""
    editor = start(settings={"offline": False}, begin=False)
    with socket.create_server(("127.0.0.1", 0)) as index:
        configuration = editor.folder.parent / "home" / ".config" / "pip"
        configuration.mkdir(parents=True)
        address = f"http://127.0.0.1:{index.getsockname()[1]}/simple"
        (configuration / "pip.conf").write_text(f"[global]\nindex-url = {address}\n")
        editor.begin()
        uri = editor.open(FILE, "dependencies:\n  - pip\n  - pip:\n      - requests==2.0\n")
        number = editor.begin_request("textDocument/hover", editor.at(uri, "requests"))
        editor.notify("$/cancelRequest", {"id": number})
        with pytest.raises(AnswerError) as caught:
            editor.answer(number)
        assert caught.value.code == -32800
        editor.settle()


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("textDocument/unheardOf", {}, -32601),
        ("textDocument/hover", {"textDocument": {"uri": "x"}, "position": {"line": -1, "character": 0}}, -32602),
        ("textDocument/hover", None, -32602),
    ],
)
def test_what_is_not_understood_gets_an_error_for_an_answer(
    editor: Editor, method: str, params: Any, code: int
) -> None:
    editor.notify("$/unheardOf", {})
    with pytest.raises(AnswerError) as caught:
        editor.request(method, params)
    assert caught.value.code == code
    assert editor.codes(editor.open(FILE, WRONG)) == ["ENV401"]


def test_an_unknown_document_gets_no_answer_and_no_error(editor: Editor) -> None:
    nowhere: dict[str, Any] = {
        "textDocument": {"uri": uri_of(editor.folder / "no.yml")},
        "position": {"line": 9, "character": 9},
    }
    assert editor.request("textDocument/hover", nowhere) is None
    assert editor.request("textDocument/completion", nowhere) is None
    changes = {"textDocument": {**nowhere["textDocument"], "version": 2}, "contentChanges": [{"text": "x"}]}
    editor.notify("textDocument/didChange", changes)
    editor.notify("textDocument/didClose", nowhere)
    editor.settle()


def test_the_oldest_editor_is_served(start: Start) -> None:
    editor = start(capabilities={}, begin=False)
    capabilities = editor.begin(workspaceFolders=None)["capabilities"]
    assert capabilities["positionEncoding"] == "utf-16"
    uri = editor.open(FILE, WRONG)
    (found,) = editor.findings(uri)
    assert set(found) == {"range", "severity", "code", "source", "message"}
    card = editor.request("textDocument/hover", editor.at(uri, "channels"))
    assert card["contents"]["kind"] == "plaintext"
    assert (
        editor.request(
            "textDocument/codeAction",
            {**editor.at(uri, "requests"), "range": found["range"], "context": {"diagnostics": []}},
        )
        is None
    )
    assert not any("id" in message and "method" in message for message in editor.heard)


def test_an_editor_that_counts_bytes(start: Start) -> None:
    editor = start(capabilities={**FULL, "general": {"positionEncodings": ["utf-8", "utf-16"]}}, begin=False)
    assert editor.begin()["capabilities"]["positionEncoding"] == "utf-8"
    uri = editor.open(FILE, "name: x\ndependencies: ['é😀', python=3.11]\n")
    editor.findings(uri)
    column = len("dependencies: ['é😀', ".encode())
    at = {"textDocument": {"uri": uri}, "position": {"line": 1, "character": column + 1}}
    assert editor.request("textDocument/hover", at)["range"]["start"] == {"line": 1, "character": column}


def test_it_says_what_it_can() -> None:
    features = create().protocol.fm
    assert "textDocument/hover" in features.features
    assert "textDocument/didOpen" not in features.builtin_features


def test_it_ends_when_it_is_told_to(editor: Editor) -> None:
    editor.findings(editor.open(FILE, WRONG))
    assert editor.end() == 0


def test_it_ends_at_once_and_says_so_when_nobody_has_shut_it_down(editor: Editor) -> None:
    editor.notify("exit", None)
    assert editor.process.wait(30) == 1


def test_it_ends_when_the_editor_dies(editor: Editor) -> None:
    editor.findings(editor.open(FILE, WRONG))
    assert editor.process.stdin
    editor.process.stdin.close()
    assert editor.process.wait(30) == 1


# -- settings -------------------------------------------------------------------------------------------------

UNPINNED = "name: x\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.11\n  - scipy=1.13\n  - numpy\n"


def test_settings_hold_from_the_first_message_and_when_they_change(start: Start) -> None:
    editor = start(settings={"ignore": ["ENV304"]})
    uri = editor.open(FILE, UNPINNED)
    assert "ENV304" not in editor.codes(uri)
    editor.settings = {"offline": True, "severity": {"ENV304": "error"}}
    editor.notify("workspace/didChangeConfiguration", {"settings": None})
    (found,) = [one for one in editor.findings(uri, having="ENV304") if one["code"] == "ENV304"]
    assert found["severity"] == 1


def test_an_editor_that_cannot_be_asked_sends_its_settings(start: Start) -> None:
    editor = start(capabilities={})
    uri = editor.open(FILE, UNPINNED)
    editor.findings(uri, having="ENV304")
    editor.notify("workspace/didChangeConfiguration", {"settings": {"envls": {"ignore": ["ENV3"], "offline": True}}})
    editor.findings(uri, without="ENV304")
    # nor does it say that the project's file has changed: opening looks again
    (editor.folder / ".envls.toml").write_text('[severity]\nENV304 = "error"\nENV3 = "hint"\nENV4 = "off"\n')
    assert editor.codes(editor.open("environment.yaml", WRONG)) == []


def test_the_file_of_the_project_comes_before_the_settings(start: Start) -> None:
    editor = start(settings={"severity": {"ENV304": "error"}})
    configuration = editor.folder / ".envls.toml"
    configuration.write_text('[severity]\nENV304 = "off"\n')
    uri = editor.open(FILE, UNPINNED)
    assert "ENV304" not in editor.codes(uri)
    configuration.unlink()
    editor.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri_of(configuration), "type": 3}]})
    editor.findings(uri, having="ENV304")


def test_a_wrong_configuration_is_said_once_and_shown_in_its_place(editor: Editor) -> None:
    configuration = editor.folder / "pyproject.toml"
    configuration.write_text('[tool.envls]\nignore = ["ENV304"]\nselct = ["ENV"]\n')
    for name in (FILE, "environment.yaml"):
        assert "ENV304" not in editor.codes(editor.open(name, UNPINNED))
    said = [one["params"] for one in editor.heard if one.get("method") == "window/showMessage"]
    assert len(said) == 1
    assert "selct" in said[0]["message"]
    assert said[0]["type"] == 2
    (shown,) = editor.published(uri_of(configuration))
    (complaint,) = shown["diagnostics"]
    assert complaint["range"]["start"] == {"line": 2, "character": 0}

    configuration.write_text('[tool.envls]\nignore = ["ENV304"]\n')
    editor.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri_of(configuration), "type": 2}]})
    editor.settle()
    editor.wait(lambda _: len(editor.published(uri_of(configuration))) == 2, since=len(editor.heard) - 1)
    assert editor.published(uri_of(configuration))[-1]["diagnostics"] == []


def test_a_run_becomes_a_job_of_today(start: Start) -> None:
    editing = {**FULL["workspace"]["workspaceEdit"], "changeAnnotationSupport": {}}
    menu_of = {**FULL["textDocument"]["codeAction"], "dataSupport": True, "resolveSupport": {"properties": ["edit"]}}
    editor = start(
        capabilities={
            **FULL,
            "workspace": {**FULL["workspace"], "workspaceEdit": editing},
            "textDocument": {**FULL["textDocument"], "codeAction": menu_of},
        }
    )
    folder = editor.folder / ".azureml"
    folder.mkdir()
    (editor.folder / "train.py").touch()
    uri = editor.open(".azureml/train.runconfig", "script: train.py\nenvironment:\n  python: {}\n")
    editor.findings(uri, having="AML218")

    def menu(place: int, trigger: int) -> list[dict[str, Any]]:
        context = {"diagnostics": [], "triggerKind": trigger}
        params = {"textDocument": {"uri": uri}, "range": editor.range(uri, place, place), "context": context}
        found = editor.request("textDocument/codeAction", params) or []
        return [one for one in found if "a job of CLI v2" in one["title"]]

    assert [one["kind"] for one in menu(0, trigger=2)] == ["quickfix"]
    assert menu(20, trigger=2) == [], "nobody has asked"
    (action,) = menu(20, trigger=1)
    edit = editor.request("codeAction/resolve", action)["edit"]
    assert [one["needsConfirmation"] for one in edit["changeAnnotations"].values()] == [True]
    editor.apply(edit)
    assert "command: python train.py\n" in (folder / "train.job.yml").read_text()
    assert "image: mcr.microsoft.com/" in (folder / "train.environment.yml").read_text()
