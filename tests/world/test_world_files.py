"""Files, folders and projects: read with bounds, whatever stands on the disk."""

from __future__ import annotations

import os
import threading
from pathlib import Path, PurePath, PureWindowsPath
from typing import TYPE_CHECKING, Any

import pytest

from envls.encoding import Encoding, Stray, decode
from envls.facts import (
    Absent,
    Answer,
    EncodingAt,
    FileAt,
    FolderAt,
    Known,
    ModuleNames,
    ProjectFiles,
    Question,
    Unavailable,
)
from envls.world import World, disk, project
from world.doubles import Heard, document, run

if TYPE_CHECKING:
    from collections.abc import Sequence


def answers(*questions: Question[Any], folders: Sequence[PurePath] = ()) -> list[Answer[Any]]:
    found: list[Answer[Any]] = []

    async def go() -> None:
        world = World(folders=folders)
        await world.learn(questions, Heard())
        found.extend(map(world.look, questions))
        await world.aclose()

    run(go)
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_text_file_in_any_marked_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "x.yml").write_bytes("näme: Ω\r\n".encode(encoding))
    (answer,) = answers(FileAt(tmp_path / "x.yml"))
    assert isinstance(answer, Known)
    assert answer.value.text == "näme: Ω\r\n"


def test_what_is_no_text_file_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder.yml").mkdir()
    (tmp_path / "picture.yml").write_bytes(b"\x89PNG\0\0")
    (tmp_path / "large.yml").write_bytes(b"x" * 1001)
    monkeypatch.setattr(disk, "LARGEST", 1000)
    found = answers(
        *(
            FileAt(tmp_path / name)
            for name in ("folder.yml", "picture.yml", "large.yml", "none.yml", "picture.yml/x", "\0")
        ),
    )
    reasons = [answer.reason if isinstance(answer, Unavailable) else answer for answer in found]
    assert reasons[0] == "is a folder"
    assert reasons[1] == "is no text"
    assert str(reasons[2]).startswith("is larger than")
    assert reasons[3] == reasons[4] == Absent("disk")
    assert "null" in str(reasons[5])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes in folders")
def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yml")
    assert answers(FileAt(tmp_path / "pipe.yml")) == [Unavailable("is no regular file")]


def test_the_encoding_on_disk_is_told_whatever_the_editor_shows(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_bytes("name: x\n".encode("utf-16"))
    heard = Heard()

    async def go() -> None:
        world = World()
        world.open(path, document(path, "name: x\n"))
        question = EncodingAt(path)
        await world.learn([question], heard)
        assert world.look(question) == Known(Encoding("utf-16-le", b"\xff\xfe"), "disk")
        path.write_bytes(b"n\xe4me: x\n")
        await world.learn(world.touched([path]), heard)
        assert world.look(question) == Known(Encoding(stray=Stray(1, 0xE4)), "disk")
        path.unlink()
        await world.learn(world.touched([path]), heard)
        assert world.look(question) == Absent("disk")
        await world.aclose()

    run(go)
    assert sum(EncodingAt(path) in questions for questions in heard.all) == 3


def test_a_folder_lists_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "a.txt").touch()
    listing, file, none = answers(FolderAt(tmp_path), FolderAt(tmp_path / "a.txt"), FolderAt(tmp_path / "none"))
    assert listing == Known(("a.txt", "b/"), "disk")
    assert file == Unavailable("is no folder")
    assert none == Absent("disk")


def test_work_on_the_disk_leaves_the_loop_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []

    def noting(raw: bytes) -> tuple[str, Encoding]:
        threads.append(threading.current_thread())
        return decode(raw)

    monkeypatch.setattr(disk, "decode", noting)
    (tmp_path / "x.yml").touch()
    answers(FileAt(tmp_path / "x.yml"))
    assert threads
    assert threads[0] is not threading.main_thread()
    assert threads[0].daemon


# -- projects -------------------------------------------------------------------------------------------------


def test_the_project_of_a_file() -> None:
    def root(near: str, *folders: str) -> str:
        return str(project.project_root(PurePath(near), [PurePath(folder) for folder in folders])[0])

    assert root("/w/a/b.yml", "/w", "/w/a", "/other") == "/w/a"
    assert root("/w/a/aml_config/local.runconfig") == "/w/a"
    assert root("/w/a/.azureml/x/y.yml") == "/w/a"
    assert root("/w/a/aml_config/local.runconfig", "/w") == "/w"
    assert root("/tmp/x.yml", "/w") == "/tmp"
    near = PureWindowsPath("C:\\Work\\A\\aml_config\\local.runconfig")
    assert project.project_root(near, [PureWindowsPath("c:/work")])[0] == PureWindowsPath("c:/work")
    assert project.project_root(near, [])[0] == PureWindowsPath("C:/Work/A")


def make(root: Path, *files: str) -> None:
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).touch()


def test_project_files_are_found_by_name_and_not_in_environments(tmp_path: Path) -> None:
    make(
        tmp_path,
        *("environment.yml", "aml_config/local.runconfig", ".azureml/env.yml", ".binder/environment.yml", "a.py"),
        *(".git/x.yml", "node_modules/x.yml", ".venv/x.yml", ".hidden/x.yml", "a/site-packages/x.yml"),
        *("an-env/conda-meta/history", "an-env/share/x.yml", "other/pyvenv.cfg", "other/x.yml"),
    )
    if hasattr(os, "symlink"):
        (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    (answer,) = answers(ProjectFiles(tmp_path / "environment.yml"), folders=[tmp_path])
    expected = (".azureml/env.yml", ".binder/environment.yml", "aml_config/local.runconfig", "environment.yml")
    assert answer == Known(tuple(tmp_path / file for file in expected), "disk")


def test_what_is_near_is_found_in_a_project_of_any_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, *(f"a/{number}.yml" for number in range(20)), "b/c/aml_config/x.runconfig", "b/c/y.yml")
    monkeypatch.setattr(project, "MOST_FOUND", 3)
    (answer,) = answers(ProjectFiles(tmp_path / "b/c/aml_config/x.runconfig"), folders=[tmp_path])
    assert isinstance(answer, Known)
    assert {tmp_path / "b/c/y.yml", tmp_path / "b/c/aml_config/x.runconfig"} <= set(answer.value)


def test_a_walk_is_bounded_and_finds_what_is_near_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "z.yml", *(f"a/{number}.yml" for number in range(20)), "b/c/d/e/f/g/h/i/deep.yml")
    found = list(project.walk(tmp_path, 2, lambda path: path.suffix == ".yml"))
    assert found[0] == tmp_path / "z.yml"
    assert len(found) == 21
    monkeypatch.setattr(project, "MOST_FOUND", 3)
    assert len(list(project.walk(tmp_path, 8, lambda path: path.suffix == ".yml"))) == 3
    monkeypatch.setattr(project, "MOST_LOOKED_AT", 5)
    assert list(project.walk(tmp_path, 8, lambda path: path.suffix == ".yml")) == [tmp_path / "z.yml"]


def test_an_answer_that_is_the_same_again_is_the_same_object(tmp_path: Path) -> None:
    """What was found is still true as long as what it rests on is, and that is looked at often."""
    make(tmp_path, "environment.yml")
    path = tmp_path / "environment.yml"
    questions: list[Question[Any]] = [FileAt(path), FolderAt(tmp_path)]

    async def go() -> None:
        world = World(folders=[tmp_path])
        await world.learn(questions, Heard())
        before = [world.look(question) for question in questions]
        assert set(questions) <= world.touched([path])
        await world.learn(questions, Heard())
        assert all(world.look(question) is former for question, former in zip(questions, before, strict=True))
        await world.aclose()

    run(go)


def test_the_names_of_modules_follow_the_files(tmp_path: Path) -> None:
    make(tmp_path, "job.yml", "lib/deep/net.py", "lib/fast.cpython-311-darwin.so", "docs/x.md", ".venv/lib/hidden.py")
    question = ModuleNames(tmp_path / "job.yml")
    names = {"lib", "deep", "net", "fast"}

    async def go() -> None:
        world = World(folders=[tmp_path])
        await world.learn([question], Heard())
        assert world.look(question) == Known(frozenset(names), "disk")
        make(tmp_path, "more.py", "notes.txt")
        assert question not in world.touched([tmp_path / "notes.txt"])
        assert question in world.touched([tmp_path / "more.py"])
        await world.learn([question], Heard())
        assert world.look(question) == Known(frozenset(names | {"more"}), "disk")
        await world.aclose()

    run(go)
