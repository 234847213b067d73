"""Where the environments of this machine are, found without running anything.

Sources: conda's registry (`~/.conda/environments.txt`), its variables, `envs_dirs` of the configuration,
and the folders that its installers use. What is in an environment is `installed`'s business.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePath, PureWindowsPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_BINARIES = frozenset({"bin", "scripts"})
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
            or any((prefix / "lib").glob("python*/site-packages"))
        )
    except (OSError, ValueError):
        return False


def expanded(path: PurePath, home: Path) -> Path:
    """`path` with a leading `~` replaced."""
    if path.parts and path.parts[0] == "~":
        return home.joinpath(*path.parts[1:])
    return Path(path)


def named(
    name: str, envs_dirs: Sequence[Path], projects: Iterable[PurePath], environment: Mapping[str, str], home: Path
) -> Iterator[Path]:
    """Where the environment `name` may be, the likeliest first; `base` is the root of an installation."""
    registered = list(_registered(home))
    roots = installations(environment, home)
    if name in ("base", "root"):
        yield from roots
        return
    yield from (folder / name for folder in envs_dirs)
    yield from (root / "envs" / name for root in roots)
    yield home / ".conda" / "envs" / name
    if local := environment.get("LOCALAPPDATA"):
        yield Path(local) / "conda" / "conda" / "envs" / name
    yield from (prefix for prefix in registered if prefix.name == name)
    yield from (Path(project) / ".pixi" / "envs" / name for project in projects)


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
    if value := environment.get("CONDA_PREFIX"):
        prefix = Path(value)
        yield prefix.parent.parent if prefix.parent.name == "envs" else prefix
    yield from (prefix for prefix in registered if (prefix / "envs").is_dir() or (prefix / "condabin").is_dir())
    yield from (home / folder for folder in _HOME_ROOTS)
    if os.name == "nt":
        data = environment.get("PROGRAMDATA", "C:/ProgramData")
        yield from (Path(data) / folder for folder in _PROGRAM_DATA_ROOTS)
    else:
        yield from map(Path, _COMMON_ROOTS)


def site_packages(prefix: PurePath, below_lib: Iterable[str], python: str = "") -> list[PurePath]:
    """The folders of installed Python packages of an environment, as its layout says.

    `below_lib` are the names in its `lib` folder; `python` is the version of its interpreter ("3.11.4"), by which
    leftovers of a former one are told apart.
    """
    if isinstance(prefix, PureWindowsPath):
        return [prefix / "Lib" / "site-packages"]
    pythons = sorted(name for name in below_lib if name.startswith("python"))
    wanted = "python" + ".".join(python.split(".")[:2])
    if wanted in pythons:
        pythons = [wanted]
    return [
        *(prefix / "lib" / name / folder for name in pythons for folder in ("site-packages", "dist-packages")),
        prefix / "Lib" / "site-packages",
    ]
