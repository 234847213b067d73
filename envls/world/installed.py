"""What is in an environment: conda's packages by the names of its records, pip's by their `dist-info`.

Nothing is run and no record is opened: of 300 conda packages the names are known in well below a millisecond.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from envls.facts import Absent, Answer, Environment, InstalledPackage, Known, Unavailable
from envls.formats.conda.requirement import normalised
from envls.world.environments import expanded, home_folder, is_environment, named, prefix_of_interpreter, site_packages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from envls.facts import Installed
    from envls.world.lanes import Lane

_VERSION_LINE = re.compile(r"^version(?:_info)?\s*=\s*([0-9.]+)", re.MULTILINE)
_HEAD_OF_METADATA = 4096
"""Bytes in which the name and the version of a METADATA file stand."""


class Environments:
    """Answers Installed. `envs_dirs` tells the folders of the user's conda configuration, `projects` the workspace's."""

    def __init__(
        self, lane: Lane, envs_dirs: Callable[[], Sequence[Path]], projects: Callable[[], Sequence[PurePath]]
    ) -> None:
        self._lane = lane
        self._envs_dirs = envs_dirs
        self._projects = projects
        self._read: dict[Path, tuple[tuple[int, ...], Environment]] = {}

    async def installed(self, question: Installed, *, fresh: bool) -> Answer[Environment]:
        del fresh
        projects = tuple(self._projects())
        return await self._lane.run(lambda: self._answer(question, projects))

    def _answer(self, question: Installed, projects: Sequence[PurePath]) -> Answer[Environment]:
        home = home_folder()
        if question.name:
            candidates = named(question.name, self._envs_dirs(), projects, os.environ, home)
            prefix = next(filter(is_environment, candidates), None)
            return Absent("this machine") if prefix is None else self._known(prefix)
        given = question.prefix or question.interpreter
        if given is None:
            return Unavailable("no environment is named")
        path = expanded(given, home)
        if question.interpreter is not None:
            owner = prefix_of_interpreter(path)
            if owner is None or not path.is_absolute():
                return Unavailable(f"{given} is no absolute path")
            path = Path(owner)
        try:
            return self._known(path) if is_environment(path) else Absent("this machine")
        except OSError as error:
            return Unavailable(error.strerror or str(error))

    def _known(self, prefix: Path) -> Known[Environment]:
        """The environment; the same object as before where its folders have not changed."""
        conda = dict(conda_packages(_names(prefix / "conda-meta")))
        python = conda["python"].version if "python" in conda else _version_of_venv(prefix)
        folders = [Path(folder) for folder in site_packages(prefix, _names(prefix / "lib"), python)]
        signature = (_changed(prefix / "conda-meta"), *map(_changed, folders))
        former = self._read.get(prefix)
        if former is None or former[0] != signature:
            pip: dict[str, InstalledPackage] = {}
            for folder in dict.fromkeys(folders):
                pip.update(pip_packages(folder, conda))
            former = self._read[prefix] = signature, Environment(prefix, conda, pip)
        return Known(former[1], str(prefix))


def conda_packages(records: Iterable[str]) -> Iterator[tuple[str, InstalledPackage]]:
    """The packages that files named `name-version-build.json` stand for, by name."""
    for record in records:
        parts = record[: -len(".json")].rsplit("-", 2) if record.endswith(".json") else ()
        if len(parts) == 3 and parts[0]:
            yield parts[0].lower(), InstalledPackage(*parts)


def pip_packages(folder: Path, conda: dict[str, InstalledPackage]) -> Iterator[tuple[str, InstalledPackage]]:
    """What pip (not conda) installed in a folder of packages, by normalised name."""
    of_conda = {normalised(name) for name in conda}
    for name in _names(folder):
        if not name.endswith(".dist-info"):
            continue
        stem, _, version = name[: -len(".dist-info")].rpartition("-")
        key = normalised(stem)
        installer = _head(folder / name / "INSTALLER").strip().lower()
        if not key or installer == "conda" or (not installer and key in of_conda):
            continue
        written = re.search(r"^Name:[ \t]*(\S+)", _head(folder / name / "METADATA"), re.MULTILINE)
        yield key, InstalledPackage(written[1] if written else stem, version)


def _version_of_venv(prefix: Path) -> str:
    found = _VERSION_LINE.search(_head(prefix / "pyvenv.cfg"))
    return found[1] if found else ""


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names are enough; a Path for each of 300 is ten times the time
    except (OSError, ValueError):
        return []


def _head(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(_HEAD_OF_METADATA).decode("utf-8", "replace")
    except OSError:
        return ""


def _changed(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0
