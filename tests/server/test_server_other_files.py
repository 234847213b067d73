"""What other files say of one that is open, and what stands on the disk below it; with a real server."""

from __future__ import annotations

from pathlib import Path

from server.editor import Editor

RUN = "ArgumentVector: [train.py]\nTarget: docker\nCondaDependenciesFile: deps/train_reqs.yml\n"
JOB = "command: python train.py\nenvironment:\n  conda_file: deps/train_reqs.yml\n  image: x\n"
REQS = "dependencies:\n  - python=3.6\n  - numpy >=1 <2\n"


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(text.encode(encoding))


def wait_until_gone(editor: Editor, uri: str) -> None:
    """Until no finding is shown any more, because the file is none of ours."""
    last = editor.published(uri)[-1]
    if last["diagnostics"]:
        editor.wait(lambda _: editor.published(uri)[-1]["diagnostics"] == [], since=len(editor.heard))


def test_a_file_of_any_name_is_what_a_run_configuration_points_to(editor: Editor) -> None:
    write(editor.folder, "aml_config/docker.runconfig", RUN)
    write(editor.folder, "aml_config/docker.compute", "type: localdocker\nbaseDockerImage: x\n")
    uri = editor.open("deps/train_reqs.yml", REQS)
    assert editor.codes(uri, having="ENV301") == ["ENV301"]
    editor.change(uri, REQS, "")
    assert "ENV301" not in editor.codes(uri)
    offered = editor.request("textDocument/completion", editor.at(uri, ""))
    assert {"dependencies", "channels"} <= {item["label"] for item in offered["items"]}

    editor.change(uri, "", "dependencies:\n  - numpy >=1 <2")
    assert "ENV301" in editor.codes(uri)
    run = editor.open("aml_config/docker.runconfig", RUN)
    editor.change(run, "deps/train_reqs.yml", "deps/other.yml")
    wait_until_gone(editor, uri)
    editor.change(run, "deps/other.yml", "deps/train_reqs.yml")
    assert "ENV301" in editor.codes(uri, having="ENV301")


def test_a_job_that_is_saved_makes_one_and_a_job_that_goes_unmakes_it(editor: Editor) -> None:
    uri = editor.open("deps/train_reqs.yml", "dependencies:\n  - numpy >=1 <2\n")
    editor.settle()
    job = editor.folder / "job.yml"
    write(editor.folder, "job.yml", JOB)
    told = {"changes": [{"uri": job.as_uri(), "type": 1}]}
    editor.notify("workspace/didChangeWatchedFiles", told)
    assert "ENV301" in editor.codes(uri, having="ENV301")
    job.unlink()
    editor.notify("workspace/didChangeWatchedFiles", told)
    wait_until_gone(editor, uri)


def test_a_file_that_nobody_points_to_is_left_alone(editor: Editor) -> None:
    write(editor.folder, "job.yml", JOB)
    uri = editor.open("deps/others.yml", "dependencies:\n  - numpy >=1 <2\n")
    other = editor.open(
        "deps/train_reqs.yml", "version: 1\npackage:\n  - name: numpy\ndependencies:\n  - numpy >=1 <2\n"
    )
    first = editor.open("environment.yml", REQS)
    assert editor.codes(first) == ["ENV301"]
    editor.settle()
    assert editor.published(uri) == editor.published(other) == []


def test_the_encoding_on_disk_is_told_until_it_is_saved_in_another(editor: Editor) -> None:
    text = "channels: [conda-forge]\ndependencies:\n  - python=3.11\n"
    write(editor.folder, "environment.yml", text, "utf-16")
    uri = editor.open("environment.yml", text)
    (found,) = editor.findings(uri, having="ENV112")
    assert found["range"] == editor.range(uri, 0, 1)
    context = {"diagnostics": [found], "only": ["quickfix"]}
    asked = {"textDocument": {"uri": uri}, "range": found["range"], "context": context}
    assert not editor.request("textDocument/codeAction", asked)
    write(editor.folder, "environment.yml", text)
    editor.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    assert editor.findings(uri, without="ENV112") == []


def test_a_run_configuration_needs_no_extension(editor: Editor) -> None:
    run = "script: train.py\nnodeCount: two\nenvironment:\n  python:\n    condaDependenciesFile: deps/train_reqs.yml\n"
    write(editor.folder, ".azureml/docker", run)
    uri = editor.open("deps/train_reqs.yml", REQS)
    assert "ENV301" in editor.codes(uri, having="ENV301")
    there = editor.open(".azureml/docker", run, language="plaintext")
    assert "AML203" in editor.codes(there, having="AML203")
    editor.change(there, "deps/train_reqs.yml", "deps/other.yml")
    left = {"textDocument": {"uri": there}, "range": editor.range(there, 0, 0), "context": {"diagnostics": []}}
    editor.request("textDocument/codeAction", left)  # the cursor has left the path
    assert "AML401" in editor.codes(there, having="AML401")
    wait_until_gone(editor, uri)
