"""Lock files: which one belongs to a file, what it says in whatever style it is written, and when it is read again."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from envls.facts import Absent, Answer, InstalledPackage, Known, Lock, LockBeside, Satisfies, Unavailable
from envls.world import World
from envls.world.locks import is_lock, read_lock
from world.asking import ask_one
from world.doubles import Heard, run

if TYPE_CHECKING:
    from collections.abc import Callable


PACKAGES = [
    ("numpy", "1.26.4", "conda", "linux-64", "py311h64a7726_0"),
    ("numpy", "1.24.0", "conda", "osx-64", "py311h1_0"),
    ("Python", "3.10", "conda", "linux-64", "h_0"),
    ("Flask_SQLAlchemy", "3.0.5+local", "pip", "linux-64", ""),
]


def content(sources: list[str], packages: list[tuple[str, str, str, str, str]] = PACKAGES) -> dict[str, Any]:
    """What conda-lock writes."""
    return {
        "version": 1,
        "metadata": {
            "content_hash": {"linux-64": "0" * 64},
            "channels": [{"url": "conda-forge", "used_env_vars": []}, "bioconda"],
            "platforms": ["linux-64", "osx-64", "win-64"],
            "sources": sources,
        },
        "package": [
            {
                "name": name,
                "version": version,
                "manager": manager,
                "platform": platform,
                "dependencies": {"name": "1.0", "version": ">=2"} if name == "numpy" else {},
                "url": f"https://conda.anaconda.org/conda-forge/{platform}/{name}-{version}-{build}.conda",
                "hash": {"md5": "0" * 32, "sha256": "0" * 64},
                "category": "main",
                "optional": False,
            }
            for name, version, manager, platform, build in packages
        ],
    }


def write(folder: Path, name: str, sources: list[str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(yaml.safe_dump(content(sources), sort_keys=False))
    return folder / name


def lock_of(answer: Answer[Lock]) -> PurePath | None:
    return answer.value.path if isinstance(answer, Known) else None


def indented(text: str) -> str:
    """As formatters have it: lists two columns further in, double quotes."""
    head, _, items = text.partition("package:\n")
    return head + "package:\n" + "".join(f"  {line}\n" for line in items.replace("'", '"').splitlines())


STYLES: dict[str, Callable[[str], str]] = {
    "as it is written": lambda text: text,
    "sorted, as before 2.0": lambda text: str(yaml.safe_dump(yaml.safe_load(text))),
    "formatted": indented,
    "Windows": lambda text: text.replace("\n", "\r\n"),
    "with a head": lambda text: "# written by a tool\n\n" + text.replace("package:\n", "package:\n\n# all\n"),
}


@pytest.mark.parametrize("style", STYLES)
def test_what_a_lock_says(style: str) -> None:
    text = STYLES[style](yaml.safe_dump(content(["environment.yml", "../dev.yml"]), sort_keys=False))
    lock = read_lock(Path("/project/locks/conda-lock.yml"), text)
    assert isinstance(lock, Lock), lock
    assert {platform: dict(locked.conda) for platform, locked in lock.platforms.items()} == {
        "linux-64": {
            "numpy": InstalledPackage("numpy", "1.26.4", "py311h64a7726_0"),
            "python": InstalledPackage("Python", "3.10", "h_0"),
        },
        "osx-64": {"numpy": InstalledPackage("numpy", "1.24.0", "py311h1_0")},
        "win-64": {},
    }
    assert lock.platforms["linux-64"].pip == {"flask-sqlalchemy": InstalledPackage("Flask_SQLAlchemy", "3.0.5+local")}
    assert lock.channels == ("conda-forge", "bioconda")
    assert lock.sources == (Path("/project/locks/environment.yml"), Path("/project/dev.yml"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "version: 6\nenvironments: {}\npackages: []\n",  # pixi's
        "version: 1\nmetadata: [\npackage: []\n",
        "version: 1\nmetadata: {sources: [environment.yml]}\npackage:\n  {name: x}\n",
        "version: 1\nmetadata: {sources: [environment.yml]}\npackage:\n- name: x\n  version: 1\n",
        "version: 1\nmetadata: {sources: [environment.yml]}\npackage:\n- {name: x, version: 1}\n",
        "name: x\ndependencies: []\n",
    ],
)
def test_what_is_no_lock(text: str) -> None:
    assert isinstance(read_lock(Path("/project/conda-lock.yml"), text), str)


def test_a_hostile_text_belongs_to_nobody() -> None:
    nested = "version: 1\nmetadata: {sources: " + "[" * 100_000 + "\npackage: []\n"  # ends PyYAML's fast loader
    lock = read_lock(Path("/project/conda-lock.yml"), nested)
    assert isinstance(lock, str) or not lock.sources


def test_a_lock_belongs_to_the_files_that_it_names(tmp_path: Path) -> None:
    here, above = tmp_path / "project" / "env", tmp_path / "project"
    other = write(here, "other.conda-lock.yml", ["other.yml"])
    mine = write(here, "my-conda-lock.yaml", ["../env/mine.yml"])
    write(here, "conda-lock.yml", [""])  # an environment was exported
    both = write(above, "conda-lock.yml", ["env/mine.yml", "env/third.yml", "pyproject.toml"])
    write(tmp_path, "conda-lock.yml", ["project/env/fourth.yml"])
    assert lock_of(ask_one(LockBeside(here / "other.yml"), above)) == other
    assert lock_of(ask_one(LockBeside(here / "mine.yml"), above)) == mine
    assert lock_of(ask_one(LockBeside(here / "third.yml"), above)) == both
    assert ask_one(LockBeside(here / "third.yml")) == Absent("disk"), "no workspace: its own folder only"
    assert ask_one(LockBeside(here / "fourth.yml"), above) == Absent("disk"), "outside of the project"


def test_a_file_that_is_reached_by_a_link_has_its_lock(tmp_path: Path) -> None:
    mine = write(tmp_path / "real", "conda-lock.yml", ["environment.yml"])
    (tmp_path / "real" / "environment.yml").touch()
    try:
        (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    except OSError:
        pytest.skip("this system lets nobody make links")
    found = lock_of(ask_one(LockBeside(tmp_path / "link" / "environment.yml")))
    assert found is not None and Path(found).samefile(mine)


def test_what_cannot_be_read_is_not_absent(tmp_path: Path) -> None:
    (tmp_path / "conda-lock.yml").write_bytes(b"\xff\xfe\x00")
    answer = ask_one(LockBeside(tmp_path / "environment.yml"))
    assert answer == Unavailable("conda-lock.yml is not UTF-8 text")
    (tmp_path / "conda-lock.yml").unlink()
    (tmp_path / "conda-lock.yml").mkdir()
    assert isinstance(ask_one(LockBeside(tmp_path / "environment.yml")), Unavailable)


def test_a_lock_that_is_written_anew_is_read_anew(tmp_path: Path) -> None:
    question = LockBeside(tmp_path / "env" / "environment.yml")

    async def go() -> None:
        world, heard = World(folders=[tmp_path]), Heard()
        await world.learn([question], heard)
        assert world.look(question) == Absent("disk")
        lock = write(tmp_path, "conda-lock.yml", ["env/environment.yml"])
        assert question not in world.touched([tmp_path / "x.yml", tmp_path / "other" / "conda-lock.yml"])
        assert question in world.touched([lock])
        await world.learn([question], heard)
        first = world.look(question)
        assert lock_of(first) == lock
        world.touched([lock])
        await world.learn([question], heard)
        again = world.look(question)
        assert isinstance(first, Known) and isinstance(again, Known) and again.value is first.value, (
            "it has not changed"
        )
        assert len(heard.all) == 2
        await world.aclose()

    run(go)


def test_the_names_of_locks() -> None:
    names = ["conda-lock.yml", "dev.conda-lock.yml", "my-conda-lock.yaml", "conda-lock-gpu.yml", "conda-lock.linux.yml"]
    assert all(is_lock(PurePath(name)) for name in names)
    assert not any(
        is_lock(PurePath(name)) for name in ("conda-linux-64.lock", "pixi.lock", "my-conda.yml", "xconda-lock.yml")
    )


@pytest.mark.parametrize(
    ("version", "build", "found", "answer"),
    [
        ("=1.2", "", ("1.2.5", ""), True),
        ("==1.2", "", ("1.2.5", ""), False),
        (">=1.2 , <2", "", ("2.0a1", "py_0"), True),
        ("", "", ("1", ""), True),
        ("==1.2", "py39*", ("1.2", "py39_0"), True),
        ("", "*cuda*", ("1.2", "cpu_0"), False),
        ("==1.2", "py39*", ("1.2", ""), None),
        ("=>1.2", "", ("1.2", ""), None),
        ("=1.2", "", ("not a version!", ""), None),
        ("=1.2]'", "", ("1.2", ""), None),
    ],
)
def test_whether_a_version_satisfies_a_spec(
    version: str, build: str, found: tuple[str, str], answer: bool | None
) -> None:
    heard = ask_one(Satisfies(version, build, *found))
    assert (heard.value if isinstance(heard, Known) else None) is answer
