"""Where the environments of this machine are, found without running anything.

Sources: conda's registry (`~/.conda/environments.txt`), its variables, `envs_dirs` of the configuration,
and the folders that its installers use. What is in an environment is `installed`'s business.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_BINARIES = frozenset({"bin", "scripts"})
_BASE = frozenset({"base", "root"})
_HOME_ROOTS = (
    *("miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba", "miniconda", "anaconda", "miniforge"),
    ".local/share/mamba",
    "opt/anaconda3",
    "opt/miniconda3",
)
_COMMON_ROOTS = (
    *("/opt/conda", "/opt/miniconda3", "/opt/anaconda3", "/opt/miniforge3", "/opt/mambaforge"),
    "/opt/homebrew/Caskroom/miniforge/base",
    "/opt/homebrew/Caskroom/miniconda/base",
)
_PROGRAM_DATA_ROOTS = ("Miniconda3", "Anaconda3", "miniforge3", "mambaforge")


def prefix_of_interpreter(interpreter: PurePath) -> PurePath | None:
    """The environment that an interpreter belongs to, by where it stands; None for a bare `python`.

    `prefix/bin/python3.8`, `prefix\\python.exe`, and `prefix\\Scripts\\python.exe` of a virtual environment.
    """
    folder = interpreter.parent
    if folder.name == "" and not interpreter.is_absolute():
        return None
    return folder.parent if folder.name.lower() in _BINARIES else folder


def is_environment(prefix: Path) -> bool:
    """Whether conda, pip or venv has made something here."""
    try:
        return (
            (prefix / "conda-meta").is_dir()
            or (prefix / "pyvenv.cfg").is_file()
            or (prefix / "Lib" / "site-packages").is_dir()
            or any((prefix / "lib").glob("py*/site-packages"))
        )
    except (OSError, ValueError):
        return False


def expanded(path: PurePath, home: Path) -> Path:
    """`path` with a leading `~` or `$HOME` and, on Windows, its variables (`%USERPROFILE%`) replaced."""
    if path.parts and path.parts[0] in ("~", "$HOME", "${HOME}"):
        return home.joinpath(*path.parts[1:])
    return Path(os.path.expandvars(path) if os.name == "nt" else path)


def named(name: str, envs_dirs: Sequence[Path], environment: Mapping[str, str], home: Path) -> list[Path]:
    """The environments that conda or mamba may mean by `name` on this machine, the likeliest first.

    One that is active and has that name is meant for certain. Otherwise there are several only where several
    installations have one of that name, and which of them is used is not known here.
    """
    if not _is_name(name):
        return []
    active = Path(environment["CONDA_PREFIX"]) if environment.get("CONDA_PREFIX") else None
    if active is not None and active.name == name and active.parent.name == "envs" and is_environment(active):
        return [active]
    found: dict[str, Path] = {}
    for prefix in _places(name, envs_dirs, environment, home):
        if is_environment(prefix):
            found.setdefault(os.path.realpath(prefix), prefix)
    return list(found.values())


def elsewhere(name: str, projects: Iterable[PurePath], home: Path) -> Iterator[Path]:
    """Environments in a folder of this name that conda does not mean by it: made with a prefix, or by pixi."""
    if _is_name(name):
        yield from (prefix for prefix in _registered(home) if prefix.name == name and is_environment(prefix))
        places = (Path(project) / ".pixi" / "envs" / name for project in projects)
        yield from filter(is_environment, places)


def _is_name(name: str) -> bool:
    """Whether a file's word for its environment names a folder, and none that leads somewhere else."""
    return name not in ("", ".", "..") and not any(mark in name for mark in "/\\:\0")


def _places(name: str, envs_dirs: Sequence[Path], environment: Mapping[str, str], home: Path) -> Iterator[Path]:
    """Where the environment `name` may be, in conda's order; `base` is the root of an installation."""
    roots = installations(environment, home)
    if name in _BASE:
        yield from roots
        return
    yield from (folder / name for folder in envs_dirs)
    yield from (root / "envs" / name for root in roots)
    yield home / ".conda" / "envs" / name
    if local := environment.get("LOCALAPPDATA"):
        yield Path(local) / "conda" / "conda" / "envs" / name


def installations(environment: Mapping[str, str], home: Path) -> list[Path]:
    """The roots of conda's and mamba's installations, the likeliest first; not all exist."""
    return list(dict.fromkeys(_roots(environment, home, _registered(home))))


def home_folder() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # no home is known: nothing of the user's is found, the rest is
        return Path(os.sep)


def _registered(home: Path) -> Iterator[Path]:
    try:
        lines = (home / ".conda" / "environments.txt").read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    yield from (Path(line.strip()) for line in lines if line.strip())


def _roots(environment: Mapping[str, str], home: Path, registered: Iterable[Path]) -> Iterator[Path]:
    for variable in ("CONDA_ROOT", "_CONDA_ROOT", "MAMBA_ROOT_PREFIX"):
        if value := environment.get(variable):
            yield expanded(PurePath(value), home)
    for variable in ("CONDA_EXE", "_CONDA_EXE"):
        if (value := environment.get(variable)) and (root := prefix_of_interpreter(PurePath(value))):
            yield Path(root)
    for variable in ("CONDA_PREFIX", "CONDA_PREFIX_1"):
        if value := environment.get(variable):
            prefix = Path(value)
            if prefix.parent.name == "envs":
                yield prefix.parent.parent
            elif _is_root(prefix):
                yield prefix
    yield from filter(_is_root, registered)
    yield from (home / folder for folder in _HOME_ROOTS)
    if os.name == "nt":
        data = environment.get("PROGRAMDATA", "C:/ProgramData")
        yield from (Path(data) / folder for folder in _PROGRAM_DATA_ROOTS)
    else:
        yield from map(Path, _COMMON_ROOTS)


def _is_root(prefix: Path) -> bool:
    """Whether an environment is that of an installation, and not one that somebody made with a prefix."""
    return (prefix / "envs").is_dir() or (prefix / "condabin").is_dir()
