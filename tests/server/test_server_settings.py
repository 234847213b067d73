"""What is declared to editors is what the server reads, and a wrong value is said and otherwise ignored."""

from __future__ import annotations

import json
from pathlib import Path, PurePath
from typing import Any

import pytest

from envls.config import LEVELS
from envls.server.settings import (
    OF_THE_CLIENT,
    OTHERWISE_IN_VS_CODE,
    SETTINGS,
    Configurations,
    Display,
    Wishes,
    place_of,
    read,
)
from envls.world import Settings

ROOT = Path(__file__).parents[2]


def declared() -> dict[str, Any]:
    manifest = json.loads((ROOT / "package.json").read_text("utf-8"))
    properties: dict[str, Any] = manifest["contributes"]["configuration"]["properties"]
    return properties


def test_every_declared_setting_is_read_and_every_read_setting_is_declared() -> None:
    names = {name.removeprefix("envls.") for name in declared()}
    assert names == {setting.name for setting in SETTINGS} | set(OF_THE_CLIENT)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_types_and_defaults_are_those_declared(setting: Any) -> None:
    property_ = declared()[f"envls.{setting.name}"]
    default = OTHERWISE_IN_VS_CODE.get(setting.name, setting.default)
    assert (property_["type"], property_["default"]) == (setting.type, default)


def test_the_levels_are_those_declared() -> None:
    assert tuple(declared()["envls.severity"]["additionalProperties"]["enum"]) == LEVELS


@pytest.mark.parametrize("said", [None, {}, "x", [], {"unknown": 1}, {"offline": None}])
def test_nothing_said_means_the_defaults(said: object) -> None:
    wishes = read(said)
    assert wishes.for_world() == Settings(trusted=False)
    assert not wishes.wrong


def test_the_world_is_told_what_it_may_do() -> None:
    wishes = read({"offline": True, "trustedHosts": [" Conda.Example.com ", ""], "trusted": True})
    assert wishes.for_world() == Settings(offline=True, trusted=True, trusted_hosts=("conda.example.com",))
    assert read({"vulnerabilities": True}).for_world() == Settings(trusted=False, vulnerabilities=True)
    assert read({"nameMapping": True}).for_world() == Settings(trusted=False, name_mapping=True)
    assert read({"keyring": True}).for_world() == Settings(trusted=False, keyring=True)
    assert read({}, trusted=True).trusted
    assert not read({"trusted": False}, trusted=True).trusted


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({}, Display()),
        ({"inlayHints": False}, Display(installed_hints=False, locked_hints=False)),
        ({"installedHints": False}, Display(installed_hints=False)),
        ({"lockedHints": False}, Display(locked_hints=False)),
        ({"usedByLens": False}, Display(used_by_lens=False)),
        ({"runLens": False}, Display(run_lens=False)),
        ({"packageLinks": False}, Display(package_links=False)),
        ({"outline": False}, Display(outline=False)),
        ({"semanticHighlighting": False}, Display(semantic_highlighting=False)),
        ({"formatting": True}, Display(formatting=True)),
    ],
)
def test_what_is_shown_can_be_switched_off_one_by_one(said: object, shown: Display) -> None:
    assert read(said).display == shown


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"offline": "yes"}, "the setting `envls.offline` must be of type boolean"),
        ({"select": "ENV"}, "the setting `envls.select` must be of type array"),
        ({"trustedHosts": [1]}, "the setting `envls.trustedHosts` must be a list of host names"),
    ],
)
def test_a_wrong_setting_is_said(said: object, message: str) -> None:
    assert read(said).wrong == (message,)


# -- the configuration of a file ------------------------------------------------------------------------------


class Complaints(list[tuple[Path | None, tuple[str, ...]]]):
    def hear(self, path: Path | None, text: str, wrong: tuple[str, ...]) -> None:
        del text
        self.append((path, wrong))


def configurations(*wishes: tuple[PurePath | None, Wishes]) -> tuple[Configurations, Complaints]:
    complaints = Complaints()
    made = Configurations(complaints.hear)
    made.wish([(None, Wishes()), *wishes])
    return made, complaints


def test_the_nearest_file_counts(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.envls]\nignore = ["ENV1"]\n')
    inner = tmp_path / "inner"
    inner.mkdir()
    made, _ = configurations()
    assert made.of(inner / "environment.yml").ignore == ("ENV1",)
    (inner / "pyproject.toml").write_text("[tool.other]\n")
    (inner / ".envls.toml").write_text('ignore = ["ENV2"]\n')
    assert made.of(inner / "environment.yml").ignore == ("ENV1",)
    made.forget()
    assert made.of(inner / "environment.yml").ignore == ("ENV2",)


def test_the_project_comes_before_the_editor_key_by_key(tmp_path: Path) -> None:
    (tmp_path / ".envls.toml").write_text('select = ["ENV"]\n[severity]\nENV1 = "off"\n')
    severity = {"ENV1": "error", "ENV2": "hint"}
    wishes = read({"select": ["AML"], "ignore": ["ENV4"], "severity": severity, "platform": "osx-arm64"})
    made, _ = configurations((tmp_path, wishes))
    found = made.of(tmp_path / "environment.yml")
    assert (found.select, found.ignore, found.platform) == (("ENV",), ("ENV4",), "osx-arm64")
    assert found.severity == {"ENV1": "off", "ENV2": "hint"}


def test_a_folder_of_the_workspace_has_its_own_settings(tmp_path: Path) -> None:
    made, _ = configurations((tmp_path / "a", read({"ignore": ["ENV4"]})))
    assert made.of(tmp_path / "a" / "b" / "environment.yml").ignore == ("ENV4",)
    assert made.of(tmp_path / "c" / "environment.yml").ignore == ()


def test_each_complaint_is_made_once_and_taken_back(tmp_path: Path) -> None:
    path = tmp_path / ".envls.toml"
    path.write_text("ignore = [\n")
    made, complaints = configurations((None, read({"ignore": ["nonsense"]})))
    for _ in range(2):
        made.of(tmp_path / "environment.yml")
        made.forget()
    assert [where for where, _ in complaints] == [None, path]
    path.unlink()
    made.of(tmp_path / "environment.yml")
    assert complaints[-1] == (path, ())


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("a = 1\nb = ]\n", ".envls.toml: Invalid value (at line 2, column 5)", "]"),
        ("ignore = []\nselct = 1\n", ".envls.toml: envls has no setting `selct`; did you mean `select`?", "selct"),
        ("[severity]\nENV1 = 'x'\n", "f: `severity.ENV1` is 'x'; it can be `error`", "x"),
        ("select = ['env']\n", "f: `select`: 'env' is no code such as `ENV303`", "env"),
        ("select = 3\n", "f: `select` must be a list", "select"),
        ("", "f: envls has no setting `gone`", ""),
    ],
)
def test_a_complaint_points_to_what_it_is_about(text: str, message: str, place: str) -> None:
    span = place_of(message, text)
    assert text[span.start : span.start + len(place)] == place
