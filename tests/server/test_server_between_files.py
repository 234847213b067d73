"""What several files say together, asked of a real server: some of them open and changed, the others on the disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server.editor import AnswerError, Editor, uri_of

CONDA = "name: hello_env\ndependencies:\n  - python=3.5.2\n  - ipykernel\n"
DOCKER = "Target: docker\nCondaDependenciesFile: 'aml_config/conda.yml'\nTrackedRun: true\n"
FILES = {
    "train.py": "print()\n",
    "aml_config/conda.yml": CONDA,
    "aml_config/docker.compute": "type: localdocker\nbaseDockerImage: mml:1\n",
    "aml_config/local.compute": "type: local\npythonLocation: '%HOME%/envs/hello_env/python.exe'\n",
    "aml_config/docker.runconfig": DOCKER,
    "aml_config/local.runconfig": "ArgumentVector: [train.py]\nTarget: local\nTrackedRun: true\n",
}


@pytest.fixture
def editor(start: Callable[..., Editor], tmp_path: Path) -> Editor:
    """On a project of several files, with the command that shows places."""
    for name, text in FILES.items():
        (tmp_path / "project" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "project" / name).write_text(text)
    editor = start(begin=False)
    options = {"settings": {"offline": True, "trusted": True}, "commands": ["envls.showReferences"]}
    able = editor.begin(initializationOptions=options)["capabilities"]
    filters = [{"pattern": {"glob": "**/*"}, "scheme": "file"}]
    assert able["workspace"]["fileOperations"]["willRename"] == {"filters": filters}
    assert able["renameProvider"] == {"prepareProvider": True}
    return editor


def opened(editor: Editor, name: str) -> str:
    return editor.open(name, FILES[name])


def lens(editor: Editor, uri: str, *, until: str) -> Any:
    """The command of the one lens of a document as soon as its title is as wanted ("" for no lens)."""
    while True:
        heard = len(editor.heard)
        found = editor.request("textDocument/codeLens", {"textDocument": {"uri": uri}}) or []
        if [one["command"]["title"] for one in found] == ([until] if until else []):
            return found[0]["command"] if found else None
        editor.wait(lambda message: message.get("method") == "workspace/codeLens/refresh", since=heard)


def test_lenses_follow_what_is_typed_in_other_files(editor: Editor) -> None:
    uri = opened(editor, "aml_config/conda.yml")
    command = lens(editor, uri, until="used by docker.runconfig, local.runconfig")
    run = uri_of(editor.folder / "aml_config/docker.runconfig")
    assert command["command"] == "envls.showReferences"
    here, position, places = command["arguments"]
    assert (here, position) == (uri, {"line": 0, "character": 0})
    assert places[0] == {
        "uri": run,
        "range": {"start": {"line": 1, "character": 24}, "end": {"line": 1, "character": 44}},
    }

    assert opened(editor, "aml_config/docker.runconfig") == run
    editor.change(run, "conda.yml", "other.yml")
    lens(editor, uri, until="used by local.runconfig")
    title = "python in mml:1 · packages from aml_config/other.yml, which is not there"
    assert lens(editor, run, until=title)["arguments"][2][0]["uri"].endswith("docker.compute")


def test_a_client_without_the_command_gets_the_words_alone(start: Callable[..., Editor]) -> None:
    editor = start()
    uri = editor.open("aml_config/conda.yml", CONDA)
    editor.open("aml_config/docker.compute", FILES["aml_config/docker.compute"])
    editor.open("aml_config/docker.runconfig", DOCKER)
    assert lens(editor, uri, until="used by docker.runconfig") == {"title": "used by docker.runconfig", "command": ""}


def test_from_a_path_to_its_file_and_back(editor: Editor) -> None:
    run = opened(editor, "aml_config/docker.runconfig")
    conda = opened(editor, "aml_config/conda.yml")
    (link,) = editor.request("textDocument/definition", editor.at(run, "conda.yml"))
    assert link["targetUri"] == conda
    assert link["originSelectionRange"]["start"]["character"] == len("CondaDependenciesFile: '")
    compute = opened(editor, "aml_config/local.compute")
    (link,) = editor.request("textDocument/definition", editor.at(compute, "python.exe"))
    assert (link["targetUri"], link["targetRange"]["start"]) == (conda, {"line": 0, "character": 6})
    found = editor.request(
        "textDocument/references", {**editor.at(conda, "name"), "context": {"includeDeclaration": True}}
    )
    assert [one["uri"] for one in found] == [run, compute]
    shown = editor.request("textDocument/documentLink", {"textDocument": {"uri": run}})
    assert [one["target"].rpartition("/")[2] for one in shown] == ["conda.yml", "docker.compute"]


def test_files_that_point_to_a_renamed_one_follow(editor: Editor) -> None:
    run = opened(editor, "aml_config/docker.runconfig")
    editor.change(run, "Target", "# not saved\nTarget")
    old, new = (uri_of(editor.folder / name) for name in ("aml_config/conda.yml", "envs/docker.yml"))
    edit = editor.request("workspace/willRenameFiles", {"files": [{"oldUri": old, "newUri": new}]})
    editor.apply(edit)
    assert editor.shown[run].text == "# not saved\n" + DOCKER.replace("aml_config/conda", "envs/docker")

    old, new = (uri_of(editor.folder / name) for name in ("aml_config/local.compute", "aml_config/here.compute"))
    editor.apply(editor.request("workspace/willRenameFiles", {"files": [{"oldUri": old, "newUri": new}]}))
    assert (editor.folder / "aml_config/local.runconfig").read_text().splitlines()[1] == "Target: here"
    elsewhere = {"oldUri": uri_of(editor.folder / "notes.txt"), "newUri": uri_of(editor.folder / "more.txt")}
    assert editor.request("workspace/willRenameFiles", {"files": [elsewhere]}) is None


def test_an_environment_gets_another_name(editor: Editor) -> None:
    conda = opened(editor, "aml_config/conda.yml")
    assert editor.request("textDocument/prepareRename", editor.at(conda, "env")) == editor.range(conda, 6, 15)
    assert editor.request("textDocument/prepareRename", editor.at(conda, "dependencies")) is None
    editor.apply(editor.request("textDocument/rename", {**editor.at(conda, "env"), "newName": "other"}))
    assert editor.shown[conda].text == CONDA.replace("hello_env", "other")
    local = editor.folder / "aml_config/local.compute"
    assert local.read_text() == FILES["aml_config/local.compute"].replace("hello_env", "other")
    with pytest.raises(AnswerError, match="conda refuses blanks"):
        editor.request("textDocument/rename", {**editor.at(conda, "other"), "newName": "my env"})


def test_a_file_that_is_not_ours_has_nothing(editor: Editor) -> None:
    uri = editor.open(
        "values.yml", "name: a\nCondaDependenciesFile: aml_config/conda.yml\nimage: https://example.com/x\n"
    )
    here = editor.at(uri, "conda.yml")
    for method in ("definition", "prepareRename", "documentLink", "codeLens"):
        assert editor.request(f"textDocument/{method}", here) is None
    assert editor.request("textDocument/references", {**here, "context": {"includeDeclaration": False}}) is None
    assert editor.request("textDocument/rename", {**here, "newName": "b"}) is None


def test_two_conda_files_are_compared_where_the_client_can_show_them(
    start: Callable[..., Editor], tmp_path: Path
) -> None:
    beside = tmp_path / "project" / "environment.yml"
    beside.parent.mkdir(exist_ok=True)
    beside.write_text(CONDA)
    for commands in (["envls.compareFiles"], []):
        editor = start(begin=False)
        editor.begin(initializationOptions={"settings": {"offline": True, "trusted": True}, "commands": commands})
        uri = editor.open("environment-dev.yml", CONDA + "  - pytest\n")
        while "Compared with" not in str(editor.request("textDocument/hover", editor.at(uri, "dependencies"))):
            pass  # the other file is being read
        asked = {
            "textDocument": {"uri": uri},
            "range": editor.range(uri, 0, 0),
            "context": {"diagnostics": [], "triggerKind": 1},
        }
        found = [one["command"] for one in editor.request("textDocument/codeAction", asked) or () if "command" in one]
        title = "Compare with `environment.yml` (1 package differs)"
        arguments = [uri_of(beside), uri, "environment.yml ↔ environment-dev.yml"]
        assert found == [{"title": title, "command": one, "arguments": arguments} for one in commands]
