"""The path of an interpreter as it is offered for a local run: in the form of its platform and of its project."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from toy import ROOT, World

from envls import target
from envls.check import changes_of, check
from envls.facts import Environment, Installed, Known
from envls.text import apply

FILES = {
    "aml_config/local.runconfig": "ArgumentVector: [a.py]\nTarget: local\nCondaDependenciesFile: aml_config/here.yml\n",
    "aml_config/here.yml": "name: mine\ndependencies:\n  - python=3.5.2\n",
}
WINDOWS = "%USERPROFILE%/AppData/Local/amlworkbench/Python/envs/mine/python.exe"
MACOS = "~/Library/Caches/AmlWorkbench/Python/envs/mine/bin/python"
LINUX = "~/miniconda3/envs/mine/bin/python"


def offered(written: str, there: World | None = None, **more: str) -> list[str]:
    """What each fix makes of `pythonLocation`."""
    there = there or World()
    path = ROOT / "aml_config/local.compute"
    there.files.update({ROOT / name: text for name, text in {**FILES, **more}.items()})
    there.files[path] = f"type: local\npythonLocation: {written}\n"
    document = there.document(path)
    found = [one.finding for one in check(document, there.facts()) if one.rule.code == "AML403"]
    made = [changes_of((fix,), document, there.facts()).edits[path] for one in found for fix in one.fixes]
    return [apply(document.text, edits).split("pythonLocation: ")[1].rstrip() for edits in made]


@pytest.mark.parametrize(
    ("platform", "first"), [("win-64", WINDOWS), ("osx-arm64", MACOS), ("linux-64", LINUX), ("linux-aarch64", LINUX)]
)
def test_the_form_of_this_platform_comes_first(platform: str, first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "this_platform", lambda: platform)
    found = offered('"python"')
    assert found[0] == f'"{first}"'
    assert sorted(found) == sorted(f'"{one}"' for one in (WINDOWS, MACOS, LINUX))


@pytest.mark.parametrize(
    ("written", "first"),
    [
        ("/opt/miniconda3/bin/python", "/opt/miniconda3/envs/mine/bin/python"),
        ("$HOME/anaconda3/bin/python3", "$HOME/anaconda3/envs/mine/bin/python3"),
        ("~/miniforge3/bin/python", "'~/miniforge3/envs/mine/bin/python'"),
        ('"C:\\\\Miniconda3\\\\python.exe"', '"C:\\\\Miniconda3\\\\envs\\\\mine\\\\python.exe"'),
        (
            "'%LOCALAPPDATA%/amlworkbench/Python/python.exe'",
            "'%LOCALAPPDATA%/amlworkbench/Python/envs/mine/python.exe'",
        ),
        ("python.exe", f"'{WINDOWS}'"),
    ],
)
def test_a_root_interpreter_keeps_its_form(written: str, first: str) -> None:
    assert offered(written)[0] == first


def test_what_the_project_writes_and_what_is_here_come_before_what_is_usual() -> None:
    there = World()
    there.packages[Installed("mine")] = Known(Environment(PurePosixPath("/srv/conda/envs/mine"), {}, {}))
    other = {"aml_config/other.compute": "type: local\npythonLocation: /srv/conda/envs/theirs/bin/python3\n"}
    found = offered("python", there, **other)
    assert found[:1] == ["/srv/conda/envs/mine/bin/python3"]
    assert "/srv/conda/envs/mine/bin/python" in found


@pytest.mark.parametrize(
    "written", ["$HOME/anaconda3/envs/mine/bin/python", "/usr/bin/python3", "%X%\\envs\\mine\\python.exe"]
)
def test_an_interpreter_of_its_own_is_left_alone(written: str) -> None:
    assert offered(written) == []
