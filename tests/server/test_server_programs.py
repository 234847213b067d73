"""What scripts import shows in the conda file that they run in, as they are typed and as they change on disk."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.editor import FULL, Editor, uri_of

JOB = "command: python train.py\ncode: src\ncompute: azureml:cpu\nenvironment:\n  image: x:1\n  conda_file: conda.yml\n"
CONDA = "channels: [conda-forge]\ndependencies:\n  - python=3.10\n  - numpy=1.26.4\n"


@pytest.fixture
def editor(start: Callable[..., Editor]) -> Editor:
    """One that can be asked for more texts, on a job whose script imports what is listed."""
    text = {**FULL["textDocument"], "synchronization": {"dynamicRegistration": True}}
    editor = start(capabilities={**FULL, "textDocument": text})
    (editor.folder / "src").mkdir()
    (editor.folder / "src/train.py").write_text("import numpy\n")
    (editor.folder / "job.yml").write_text(JOB)
    return editor


def test_a_script_counts_as_it_is_typed(editor: Editor) -> None:
    conda = editor.open("conda.yml", CONDA)
    while "textDocument/didOpen" not in editor.registered or "textDocument/didChange" not in editor.registered:
        editor.wait(lambda message: message.get("method") == "client/registerCapability", since=len(editor.heard))
    (wanted,) = editor.registered["textDocument/didOpen"]["documentSelector"]
    assert wanted == {"scheme": "file", "pattern": f"{(editor.folder / 'src').as_posix()}/*.py"}

    script = editor.open("src/train.py", "import numpy\n", language="python")
    editor.change(script, "numpy", "lightgbm")
    found = editor.findings(conda, having="AML415")
    (one,) = [one for one in found if one["code"] == "AML415"]
    assert one["relatedInformation"][0]["location"] == {"uri": script, "range": editor.range(script, 7, 15)}
    editor.change(script, "lightgbm", "numpy.random")
    assert "AML415" not in editor.codes(conda, without="AML415")
    assert editor.published(script) == []


def test_a_module_counts_as_it_changes_on_disk(editor: Editor) -> None:
    conda = editor.open("conda.yml", CONDA)
    while not any(name.startswith("programs") for name in editor.registered):
        editor.wait(lambda message: message.get("method") == "client/registerCapability", since=len(editor.heard))
    (watched,) = [one for name, one in editor.registered.items() if name.startswith("programs")]
    folder = editor.folder / "src"
    assert watched["watchers"] == [{"globPattern": {"baseUri": uri_of(folder), "pattern": "*.{py,ipynb}"}}]

    def write(name: str, text: str, kind: int) -> None:
        (folder / name).write_text(text)
        editor.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri_of(folder / name), "type": kind}]})

    write("train.py", "import helper\n", 2)
    write("helper.py", "import lightgbm\n", 1)
    assert "AML415" in editor.codes(conda, having="AML415")
    write("lightgbm.py", "", 1)
    assert "AML415" not in editor.codes(conda, without="AML415")
