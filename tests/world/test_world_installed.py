"""Environments of this machine: found without running anything, read by the names of their files."""

from __future__ import annotations

import os
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

import pytest

from envls.facts import Absent, Answer, Environment, FileAt, Installed, InstalledPackage, Known, Unavailable, Unpacked
from envls.world import World
from envls.world.environments import prefix_of_interpreter
from envls.world.prefix import asked_for, python_packages, records, site_packages
from world.asking import ask_one
from world.doubles import Heard, document, run

if TYPE_CHECKING:
    from collections.abc import Sequence


def make(prefix: Path, conda: Sequence[str] = (), pip: Sequence[str] = (), lib: str = "lib/python3.8") -> Path:
    (prefix / "conda-meta").mkdir(parents=True)
    (prefix / "conda-meta" / "history").touch()
    for package in conda:
        (prefix / "conda-meta" / f"{package}.json").write_text("not even read")
    for package in pip:
        name, version, installer = package.split("|")
        info = prefix / lib / "site-packages" / f"{name.replace('-', '_').replace('.', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nName: no\n")
        if installer:
            (info / "INSTALLER").write_text(installer + "\n")
    return prefix


def write(prefix: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = prefix / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def known(question: Installed) -> Environment:
    answer = installed(question)
    assert isinstance(answer, Known)
    return answer.value


def installed(question: Installed, folders: Sequence[PurePath] = ()) -> Answer[Environment]:
    return ask_one(question, *folders)


def prefix_of(answer: Answer[Environment]) -> PurePath | None:
    return answer.value.prefix if isinstance(answer, Known) else None


def test_conda_and_pip_packages_of_an_environment(tmp_path: Path) -> None:
    prefix = make(
        tmp_path / "env",
        ["python-3.8.5-h7579374_1", "scikit-learn-0.23.2-py38h0573a6f_0", "ruamel.yaml-0.16.12-py38_0", "PyYAML-5.3-0"],
        [
            *("scikit-learn|0.23.2|conda", "ruamel.yaml|0.16.12|", "azureml-core|1.20.0|pip"),
            *("Flask-RESTful|0.3.8|uv", "PyYAML|5.4|pip"),
        ],
    )
    answer = installed(Installed(prefix=prefix))
    assert isinstance(answer, Known)
    assert answer.value.conda == {
        "python": InstalledPackage("python", "3.8.5", "h7579374_1"),
        "scikit-learn": InstalledPackage("scikit-learn", "0.23.2", "py38h0573a6f_0"),
        "ruamel.yaml": InstalledPackage("ruamel.yaml", "0.16.12", "py38_0"),
        "pyyaml": InstalledPackage("PyYAML", "5.3", "0"),
    }
    assert answer.value.pip == {
        "azureml-core": InstalledPackage("azureml-core", "1.20.0"),
        "flask-restful": InstalledPackage("Flask-RESTful", "0.3.8"),
        "pyyaml": InstalledPackage("PyYAML", "5.4"),
    }


def test_every_way_that_python_packages_are_installed(tmp_path: Path) -> None:
    prefix, lib = (
        make(tmp_path / "env", ["python-3.8.5-h_1", "old-1.0-py38_0"], ["here|1.0|pip"]),
        "lib/python3.8/site-packages",
    )
    write(
        prefix,
        {
            f"{lib}/here-1.0.dist-info/REQUESTED": "",
            f"{lib}/old-1.0-py3.8.egg-info": "Name: old\n",
            f"{lib}/distutils_pip-2.0-py3.8.egg-info/installed-files.txt": "",
            f"{lib}/developed-it.egg-link": f"{tmp_path}/sources\n.",
            f"{lib}/moved.egg-link": f"{tmp_path}/nowhere\n.",
            f"{lib}/__editable__.new-0.1.pth": "",
            f"{lib}/new-0.1.dist-info/INSTALLER": "pip",
            f"{lib}/unsigned-3.0.dist-info/METADATA": "",
            f"{lib}/~ere-0.9.dist-info/INSTALLER": "pip",
            f"{lib}/broken.dist-info/INSTALLER": "pip",
        },
    )
    write(
        tmp_path / "sources", {"developed_it.egg-info/PKG-INFO": "Name: Developed.it\r\nVersion: 0.5\r\n\r\nVersion: 9"}
    )
    there = known(Installed(prefix=prefix))
    assert there.pip == {
        "here": InstalledPackage("here", "1.0", requested=True),
        "distutils-pip": InstalledPackage("distutils_pip", "2.0"),
        "developed-it": InstalledPackage("Developed.it", "0.5"),
        "moved": InstalledPackage("moved", ""),
        "new": InstalledPackage("new", "0.1"),
    }
    assert set(there.brought) == {"old", "unsigned"}


def test_conda_and_pip_mean_different_things_by_one_name(tmp_path: Path) -> None:
    conda = [
        "graphviz-9.0-h78e8752_1",
        "numpy-1.26.4-py311h64a7726_0",
        "pytorch-2.3.0-py311_0",
        "ruamel.yaml-0.18-py311_0",
    ]
    prefix = make(tmp_path / "env", conda, ["graphviz|0.20|pip", "numpy|2.0.0|pip", "torch|2.3.0|conda"])
    there = known(Installed(prefix=prefix))

    def version(name: str, *, pip: bool) -> str:
        found = there.find(name, pip=pip)
        return found.version if found else "none"

    assert [version("graphviz", pip=pip) for pip in (False, True)] == ["9.0", "0.20"]
    assert [version("numpy", pip=pip) for pip in (False, True)] == ["2.0.0", "2.0.0"]
    assert [version("torch", pip=pip) for pip in (False, True)] == ["none", "2.3.0"]
    assert [version("ruamel.yaml", pip=pip) for pip in (False, True)] == ["0.18", "0.18"]


def test_what_somebody_asked_for_is_told_from_what_came_along(tmp_path: Path) -> None:
    prefix = make(tmp_path / "env", ["numpy-1.26.4-py311_0", "python-3.11.9-h_0", "libblas-3.9.0-22"])
    history = """==> 2024-05-01 10:00:00 <==
# cmd: conda create -n env python=3.11 numpy scipy
# update specs: ['numpy', "python[version='>=3.11']", 'scipy']
# neutered specs: []
==> 2024-05-02 10:00:00 <==
# remove specs: ['scipy']
==> 2024-05-03 10:00:00 <==
# update specs: ["conda-forge/linux-64::libblas==3.9.0=22[md5=0123]", "https://example.com/x-1-0.conda", 'libblas=3.9.0=22']
# update specs: ['unclosed
"""
    assert asked_for(history) == {"numpy", "python"}
    assert asked_for("# install specs: numpy=1.26,pandas") == {"numpy", "pandas"}  # conda 4.3
    write(prefix, {"conda-meta/history": history})
    assert {name for name, package in known(Installed(prefix=prefix)).conda.items() if package.requested} == {
        "numpy",
        "python",
    }


def test_leftovers_of_a_former_python_are_not_installed(tmp_path: Path) -> None:
    prefix = make(tmp_path / "env", ["python-3.8.5-h_1"], ["now|1|pip"])
    make(tmp_path / "other", [], ["then|1|pip"], "lib/python3.7")
    (tmp_path / "other/lib/python3.7").rename(prefix / "lib/python3.7")
    answer = installed(Installed(prefix=prefix))
    assert isinstance(answer, Known)
    assert set(answer.value.pip) == {"now"}


def test_a_windows_layout_is_read_too(tmp_path: Path) -> None:
    prefix = make(tmp_path / "env", ["python-3.8.5-h_1"], ["azureml-core|1.20.0|pip"], "Lib")
    (prefix / "python.exe").touch()
    for question in (Installed(prefix=prefix), Installed(interpreter=prefix / "python.exe")):
        answer = installed(question)
        assert isinstance(answer, Known)
        assert set(answer.value.pip) == {"azureml-core"}


def test_a_virtual_environment_is_an_environment(tmp_path: Path) -> None:
    prefix = make(tmp_path / "venv", [], ["requests|2.31.0|pip"], "lib/python3.11")
    (prefix / "conda-meta" / "history").unlink()
    (prefix / "conda-meta").rmdir()
    (prefix / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.7\n")
    answer = installed(Installed(interpreter=prefix / "bin" / "python"))
    assert isinstance(answer, Known)
    assert answer.value.conda == {}
    assert set(answer.value.pip) == {"requests"}


def test_a_virtual_environment_may_let_in_what_its_interpreter_has(tmp_path: Path) -> None:
    venv = make(tmp_path / "venv", [], ["requests|2.31.0|pip"], "lib/python3.11")
    make(tmp_path / "outer", [], ["requests|1.0|pip", "numpy|1.26.4|pip"], "lib/python3.11")
    text = f"home = {tmp_path}/outer{'' if os.name == 'nt' else '/bin'}\ninclude-system-site-packages = %s\nversion = 3.11.7\n"
    for lets_in, found in (("false", {"requests": "2.31.0"}), ("true", {"requests": "2.31.0", "numpy": "1.26.4"})):
        write(venv, {"pyvenv.cfg": text % lets_in})
        there = known(Installed(prefix=venv))
        assert {name: package.version for name, package in there.pip.items()} == found


def test_a_path_comes_before_a_name_where_it_leads_somewhere(home: Path, tmp_path: Path) -> None:
    there, by_name = make(tmp_path / "somewhere" / "demo"), make(home / ".conda" / "envs" / "demo")
    assert known(Installed("demo", prefix=there)).prefix == there
    assert known(Installed("demo", prefix=tmp_path / "none")).prefix == by_name
    assert known(Installed("demo", interpreter=there / "bin" / "python")).prefix == there
    assert known(Installed("demo", interpreter=PurePath("python"))).prefix == by_name
    assert known(Installed("demo", prefix=PurePath("C:\\Users\\me\\envs\\demo"))).prefix == by_name


def test_what_is_not_there_is_absent(tmp_path: Path) -> None:
    assert installed(Installed(name="none")) == Absent("this machine")
    assert installed(Installed(prefix=tmp_path / "none")) == Absent("this machine")
    assert installed(Installed(interpreter=tmp_path / "bin" / "python")) == Absent("this machine")
    assert isinstance(installed(Installed(interpreter=PurePath("python"))), Unavailable)
    assert isinstance(installed(Installed(interpreter=PurePath("bin/python"))), Unavailable)


def test_a_changed_environment_is_read_again(tmp_path: Path) -> None:
    prefix = make(tmp_path / "env", ["a-1-0"])
    question = Installed(prefix=prefix)

    async def go() -> None:
        world, heard = World(), Heard()
        await world.learn([question], heard)
        record = prefix / "conda-meta" / "b-1-0.json"
        record.touch()
        os.utime(prefix / "conda-meta", (1, 1))
        assert world.touched([record]) == {question}
        await world.learn([question], heard)
        answer = world.look(question)
        assert isinstance(answer, Known)
        assert set(answer.value.conda) == {"a", "b"}
        assert len(heard.all) == 2
        await world.aclose()

    run(go)


def test_a_file_that_is_opened_inside_an_environment(tmp_path: Path) -> None:
    prefix = make(tmp_path / "env", ["a-1-0"])
    question, path = Installed(prefix=prefix), prefix / "share" / "environment.yml"

    async def go() -> None:
        world = World(folders=[tmp_path])
        await world.learn([question], Heard())
        assert world.open(path, document(path, "")) == {FileAt(path)}
        assert world.close(path) == {FileAt(path), question}
        await world.aclose()

    run(go)


# -- where environments are -----------------------------------------------------------------------------------


def test_an_environment_by_name_is_found_in_every_usual_place(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAMBA_ROOT_PREFIX", str(tmp_path / "mamba"))
    monkeypatch.setenv("CONDA_EXE", str(tmp_path / "conda" / "bin" / "conda"))
    (home / ".conda").mkdir()
    (home / ".conda" / "environments.txt").write_text(f"{tmp_path}/elsewhere/registered\n\n{tmp_path}/root\n")
    (tmp_path / "root" / "envs").mkdir(parents=True)
    for place in (
        tmp_path / "mamba" / "envs" / "of_mamba",
        tmp_path / "conda" / "envs" / "of_conda",
        tmp_path / "elsewhere" / "registered",
        tmp_path / "root" / "envs" / "of_root",
        home / "miniconda3" / "envs" / "of_home",
        home / ".conda" / "envs" / "of_user",
        tmp_path / "project" / ".pixi" / "envs" / "of_pixi",
    ):
        make(place)
        assert prefix_of(installed(Installed(name=place.name), [tmp_path / "project"])) == place
    make(tmp_path / "mamba" / "x").rename(tmp_path / "mamba" / "y")
    (tmp_path / "mamba" / "y" / "conda-meta").rename(tmp_path / "mamba" / "conda-meta")
    assert prefix_of(installed(Installed(name="base"))) == tmp_path / "mamba"


def test_two_environments_of_one_name_are_not_sure(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAMBA_ROOT_PREFIX", str(tmp_path / "mamba"))
    first = make(tmp_path / "mamba" / "envs" / "demo")
    assert known(Installed("demo")).sure
    second = make(home / "miniconda3" / "envs" / "demo")
    assert (known(Installed("demo")).prefix, known(Installed("demo")).sure) == (first, False)
    assert known(Installed(prefix=second)).sure
    monkeypatch.setenv("CONDA_PREFIX", str(second))  # it is active
    assert (known(Installed("demo")).prefix, known(Installed("demo")).sure) == (second, True)


def test_an_environment_with_two_paths_is_one(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path / "data" / "envs" / "demo")
    try:
        (home / "miniconda3").symlink_to(tmp_path / "data", target_is_directory=True)
    except OSError:
        pytest.skip("this system lets nobody make links")
    monkeypatch.setenv("MAMBA_ROOT_PREFIX", str(tmp_path / "data"))
    assert known(Installed("demo")).sure


def test_one_that_conda_does_not_mean_by_the_name_is_not_sure(home: Path, tmp_path: Path) -> None:
    write(home, {".conda/environments.txt": f"{tmp_path}/elsewhere/demo\n"})
    make(tmp_path / "elsewhere" / "demo")
    assert not known(Installed("demo")).sure


def test_a_name_leads_nowhere_else(home: Path) -> None:
    make(home / ".conda" / "other")
    for name in ("../other", "..", ".", "x/../../other", "..\\other", "C:other", "a\0b"):
        assert installed(Installed(name)) == Absent("this machine"), name


def test_the_home_sign_is_expanded(home: Path) -> None:
    make(home / "envs" / "a")
    assert prefix_of(installed(Installed(prefix=PurePath("~/envs/a")))) == home / "envs" / "a"
    assert prefix_of(installed(Installed(interpreter=PurePath("~/envs/a/bin/python3")))) == home / "envs" / "a"
    for sign in ("$HOME", "${HOME}"):
        assert (
            prefix_of(installed(Installed(interpreter=PurePath(f"{sign}/envs/a/bin/python3")))) == home / "envs" / "a"
        )


def test_the_environment_of_an_interpreter() -> None:
    windows, posix = PureWindowsPath, PurePosixPath
    assert prefix_of_interpreter(posix("/x/envs/a/bin/python3.8")) == posix("/x/envs/a")
    assert prefix_of_interpreter(windows("C:\\x\\envs\\a\\python.exe")) == windows("c:/x/envs/a")
    assert prefix_of_interpreter(windows("C:/venv/Scripts/python.exe")) == windows("C:/venv")
    assert prefix_of_interpreter(posix("python")) is None
    assert prefix_of_interpreter(windows("python.exe")) is None


def test_the_folders_of_packages() -> None:
    windows, posix = PureWindowsPath("C:/e"), PurePosixPath("/e")
    assert site_packages(windows, []) == [windows / "Lib/site-packages"]
    assert site_packages(posix, ["python3.8", "x"])[0] == posix / "lib/python3.8/site-packages"
    assert posix / "lib/python3.7/site-packages" not in site_packages(posix, ["python3.7", "python3.8"], "3.8.5")
    assert posix / "lib/python3.7/site-packages" in site_packages(posix, ["python3.7", "python3.8"])
    assert posix / "lib/pypy3.9/site-packages" in site_packages(posix, ["pypy3.9"], "3.9.18")
    assert posix / "lib/python3.13t/site-packages" in site_packages(posix, ["python3.13t", "python3.1"], "3.13.1")


def test_names_that_are_no_records_are_passed_over(tmp_path: Path) -> None:
    names = ["history", "a.json", "a-1.json", "a-1-0.json", "-1-0.json", "pinned", "b-1-0.json.c~"]
    assert dict(records(names)) == {"a": InstalledPackage("a", "1", "0")}
    assert list(python_packages(tmp_path / "none", of_conda=False)) == []


# -- package caches -------------------------------------------------------------------------------------------


def test_what_is_unpacked_in_the_package_caches(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONDA_PKGS_DIRS", str(tmp_path / "pkgs"))
    for folder, name in (
        (tmp_path / "pkgs", "numpy-1.9.0-py27_0"),
        (tmp_path / "pkgs", "numpy-1.26.4-py311h1_0"),
        (home / ".conda" / "pkgs", "numpy-1.26.4-py312h2_0"),
        (home / ".conda" / "pkgs", "numpy-base-2.0-0"),
    ):
        write(folder / name, {"info/index.json": "{}"})
    (tmp_path / "pkgs" / "numpy-3.0-half_done").mkdir()
    (tmp_path / "pkgs" / "numpy-4.0-0.conda").touch()
    package = ask_one(Unpacked("numpy"))
    assert isinstance(package, Known)
    assert [(release.version, release.builds) for release in package.value.releases] == [
        ("1.26.4", ("py311h1_0", "py312h2_0")),
        ("1.9.0", ("py27_0",)),
    ]
    assert not package.value.complete and not package.value.newest, "there may be others"
    assert ask_one(Unpacked("scipy")) == Absent("this machine's package cache")
