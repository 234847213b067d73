"""The house itself: floors, types, style, and documents that are as fresh as the code."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rules_readme import PLACE, readme

from envls import __version__

TOP = Path(__file__).parents[1]
MODULES = sorted(TOP.glob("envls/**/*.py"))


def run(*command: str) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=TOP, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]


def test_imports_point_down() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([command, "--no-cache"], cwd=TOP, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]


def test_types() -> None:
    run("mypy")


def test_style() -> None:
    run("ruff", "check", "--quiet")
    run("ruff", "format", "--check", "--quiet")


def test_rules_readme_is_fresh() -> None:
    assert PLACE.read_text("utf-8") == readme(), "run `make docs`"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(TOP)))
def test_a_module_says_what_lives_in_it(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


def test_the_readme_of_the_house_names_every_room() -> None:
    text = (TOP / "envls" / "README.md").read_text("utf-8")
    rooms = {path.name.removesuffix(".py") for path in (TOP / "envls").iterdir() if path.name[0] not in "_."}
    missing = {room for room in rooms - {"README.md", "py.typed"} if room not in text}
    assert not missing


def test_no_host_of_a_package_registry_is_named() -> None:
    """Addresses come from a library's constant or the user's configuration."""
    hosts = re.compile(
        "|".join((r"pypi\.o" + "rg", r"pythonhoste" + "d", r"npmj" + "s", r"deb\.debia" + "n", "yarnpk" + "g"))
    )
    listed = subprocess.run(
        ["git", "ls-files"], cwd=TOP, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    paths = [TOP / name for name in listed] if listed else MODULES
    named = [path.name for path in paths if path.is_file() and hosts.search(path.read_text("utf-8", "replace"))]
    assert not named


def test_one_version() -> None:
    assert f'version = "{__version__}"' in (TOP / "pyproject.toml").read_text("utf-8")
    assert f'"version": "{__version__}"' in (TOP / "package.json").read_text("utf-8")
    assert f"## {__version__}" in (TOP / "CHANGELOG.md").read_text("utf-8")
