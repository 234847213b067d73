"""What is in the folder of an environment: conda's packages by the names of its records, Python's by their metadata.

Nothing is run, and no record of conda is opened: of 300 packages the names are known in well below a millisecond.
What cannot be read is left out.
"""

from __future__ import annotations

import ast
import os
import re
from dataclasses import replace
from pathlib import Path, PurePath, PureWindowsPath
from typing import TYPE_CHECKING, NamedTuple

from envls.facts import InstalledPackage
from envls.formats.conda import matchspec
from envls.formats.conda.requirement import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_VERSION_LINE = re.compile(r"^version(?:_info)?\s*=\s*([0-9.]+)", re.MULTILINE)
_HOME_LINE = re.compile(r"^home\s*=\s*(.+?)\s*$", re.MULTILINE)
_SYSTEM_LINE = re.compile(r"^include-system-site-packages\s*=\s*true\s*$", re.MULTILINE | re.IGNORECASE)
_EGG = re.compile(r"(?P<name>[^-]+)-(?P<version>[^-]+)(?:-py\d[\d.]*)?(?:-[\w-]+)?")
_METADATA_LINE = re.compile(r"^(Name|Version):[ \t]*(\S+)", re.MULTILINE)
_SPECS_LINE = re.compile(r"^# *(update|install|create|remove|uninstall) specs: *(\S.*)$", re.MULTILINE)
_HEAD = 4096
"""Bytes in which the name and the version of a METADATA file stand."""
_LARGEST_HISTORY = 16_000_000


class PythonPackage(NamedTuple):
    """A Python package by its normalised name, and whether it came along with one of conda's."""

    key: str
    package: InstalledPackage
    brought: bool


# -- conda's --------------------------------------------------------------------------------------------------


def conda_packages(prefix: Path) -> dict[str, InstalledPackage]:
    """What conda installed, by name."""
    requested = asked_for(_head(prefix / "conda-meta" / "history", _LARGEST_HISTORY))
    found = dict(records(names_in(prefix / "conda-meta")))
    return found | {name: replace(found[name], requested=True) for name in requested & found.keys()}


def records(names: Iterable[str]) -> Iterator[tuple[str, InstalledPackage]]:
    """The packages that files named `name-version-build.json` stand for, by name."""
    for record in names:
        parts = record[: -len(".json")].rsplit("-", 2) if record.endswith(".json") else ()
        if len(parts) == 3 and parts[0]:
            name, version, build = parts
            yield name.lower(), InstalledPackage(name, version, build)


def asked_for(history: str) -> set[str]:
    """The packages that somebody asked for by name, by what conda or mamba wrote into `conda-meta/history`.

    What a list of exact builds brought (`--file explicit.txt`, a lock file, a clone) nobody has asked for by name.
    """
    names: set[str] = set()
    for action, written in _SPECS_LINE.findall(history):
        specs = _list(written)
        if action in ("remove", "uninstall"):
            names -= {matchspec.parse(spec).name for spec in specs}
        else:
            names |= {name for spec in specs if (name := _asked(spec))}
    return names


def _list(written: str) -> list[str]:
    """The specs of a line: a list as Python or JSON has it, or in old files with commas between."""
    if written.startswith("["):
        try:
            value = ast.literal_eval(written)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return []
        return [item for item in value if isinstance(item, str)]
    return [item.strip() for item in written.split(",")] if "[" not in written else []


def _asked(spec: str) -> str:
    """The name that a spec asks for; "" where a tool has written it."""
    parsed = matchspec.parse(spec)
    fields = dict(parsed.fields)
    exact = parsed.relation == "exact" and parsed.build is not None
    return "" if exact or "://" in spec or fields.keys() & {"url", "md5", "sha256"} else parsed.name


# -- Python's -------------------------------------------------------------------------------------------------


def python_folders(prefix: Path, python: str) -> list[Path]:
    """The folders of Python packages; `python` is the version of the interpreter where conda tells it.

    With those of the interpreter that a virtual environment was made with, where that lets them in.
    """
    settings = _head(prefix / "pyvenv.cfg")
    if not python and (found := _VERSION_LINE.search(settings)):
        python = found[1]
    folders = [Path(folder) for folder in site_packages(prefix, names_in(prefix / "lib"), python)]
    home = _HOME_LINE.search(settings) if _SYSTEM_LINE.search(settings) else None
    if home and _is_here(Path(home[1])):
        outer = Path(home[1]) if os.name == "nt" else Path(home[1]).parent
        folders += [Path(folder) for folder in site_packages(outer, names_in(outer / "lib"), python)]
    return list(dict.fromkeys(folders))


def site_packages(prefix: PurePath, below_lib: Iterable[str], python: str = "") -> list[PurePath]:
    """The folders of installed Python packages of an environment, as its layout says.

    `below_lib` are the names in its `lib` folder; `python` is the version of its interpreter ("3.11.4"), by which
    leftovers of a former one are told apart.
    """
    if isinstance(prefix, PureWindowsPath):
        return [prefix / "Lib" / "site-packages"]
    pythons = sorted(name for name in below_lib if name.startswith(("python", "pypy")))
    minor = ".".join(python.split(".")[:2])
    wanted = [name for name in pythons if minor and name in (f"python{minor}", f"python{minor}t", f"pypy{minor}")]
    return [
        *(
            prefix / "lib" / name / folder
            for name in wanted or pythons
            for folder in ("site-packages", "dist-packages")
        ),
        prefix / "Lib" / "site-packages",
    ]


def python_packages(folder: Path, *, of_conda: bool) -> Iterator[PythonPackage]:
    """The packages in a folder; with `of_conda` what no installer has signed came with a package of conda."""
    for name in names_in(folder):
        if name.startswith(("~", ".")):
            continue  # what pip has put aside
        if name.endswith(".dist-info"):
            yield from _of_wheel(folder / name, of_conda=of_conda)
        elif name.endswith(".egg-info"):
            yield from _of_egg(folder / name, of_conda=of_conda)
        elif name.endswith(".egg-link"):
            yield from _of_link(folder / name)


def _of_wheel(info: Path, *, of_conda: bool) -> Iterator[PythonPackage]:
    stem, _, version = info.name[: -len(".dist-info")].rpartition("-")
    if not stem:
        return
    installer = _head(info / "INSTALLER").strip().lower()
    if installer == "conda" or (not installer and of_conda):
        yield PythonPackage(normalised(stem), InstalledPackage(stem, version), brought=True)
        return
    written = _metadata(info / "METADATA").get("Name", stem)
    requested = (info / "REQUESTED").is_file()
    yield PythonPackage(normalised(stem), InstalledPackage(written, version, requested=requested), brought=False)


def _of_egg(info: Path, *, of_conda: bool) -> Iterator[PythonPackage]:
    """What `setup.py install` left: by old builds of conda, or by an old pip, which lists the files."""
    found = _EGG.fullmatch(info.name[: -len(".egg-info")])
    if found:
        brought = of_conda and not (info / "installed-files.txt").is_file()
        package = InstalledPackage(found["name"], found["version"])
        yield PythonPackage(normalised(found["name"]), package, brought)


def _of_link(link: Path) -> Iterator[PythonPackage]:
    """What `setup.py develop` left: the folder of the sources, where the metadata is."""
    stem = link.name[: -len(".egg-link")]
    sources = Path(_head(link).partition("\n")[0].strip())
    info = sources / f"{stem.replace('-', '_')}.egg-info" / "PKG-INFO"
    said = _metadata(info) if _is_here(sources) else {}
    yield PythonPackage(
        normalised(stem), InstalledPackage(said.get("Name", stem), said.get("Version", "")), brought=False
    )


def _metadata(file: Path) -> dict[str, str]:
    """Name and version as the head of a METADATA or PKG-INFO file has them; its description may say anything."""
    return dict(_METADATA_LINE.findall(re.split(r"\r?\n\r?\n", _head(file), maxsplit=1)[0]))


# -- the disk -------------------------------------------------------------------------------------------------


def _is_here(path: Path) -> bool:
    """Whether a path that a file of an environment names is one of this machine: opening `\\\\host\\share` greets the host."""
    return path.is_absolute() and not path.drive.startswith("\\\\")


def names_in(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names are enough; a Path for each of 300 is ten times the time
    except (OSError, ValueError):
        return []


def _head(file: Path, size: int = _HEAD) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(size).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""
