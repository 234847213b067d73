"""Answers what is installed in an environment: finds it, reads it, and reads it again when its folders have changed."""

from __future__ import annotations

import os
import time
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from envls.facts import Absent, Answer, Environment, InstalledPackage, Known, Unavailable
from envls.world.environments import elsewhere, expanded, home_folder, is_environment, named, prefix_of_interpreter
from envls.world.prefix import conda_packages, python_folders, python_packages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from envls.facts import Installed
    from envls.world.lanes import Lane

AGE = 30.0
"""Seconds after which an environment is looked at again."""
SETTLED = 3_000_000_000
"""Nanoseconds after a change from which what was read is kept."""


class Environments:
    """Answers Installed. `envs_dirs` tells the folders of the user's conda configuration, `projects` the workspace's."""

    def __init__(
        self, lane: Lane, envs_dirs: Callable[[], Sequence[Path]], projects: Callable[[], Sequence[PurePath]]
    ) -> None:
        self._lane = lane
        self._envs_dirs = envs_dirs
        self._projects = projects
        self._read: dict[Path, _Reading] = {}

    async def installed(self, question: Installed, *, fresh: bool) -> Answer[Environment]:
        del fresh
        projects = tuple(self._projects())
        return await self._lane.run(lambda: self._answer(question, projects))

    def _answer(self, question: Installed, projects: Sequence[PurePath]) -> Answer[Environment]:
        home = home_folder()
        if (prefix := _given(question, home)) is not None:
            return self._known(prefix, sure=True)
        if question.name:
            meant = named(question.name, self._envs_dirs(), os.environ, home)
            if meant:
                return self._known(meant[0], sure=len(meant) == 1)
            other = next(elsewhere(question.name, projects, home), None)
            return Absent("this machine") if other is None else self._known(other, sure=False)
        if question.interpreter is not None and not expanded(question.interpreter, home).is_absolute():
            return Unavailable(f"{question.interpreter} is no absolute path")
        return Absent("this machine")

    def _known(self, prefix: Path, *, sure: bool) -> Known[Environment]:
        """The environment; the same object as before where its folders have not changed."""
        former = self._read.get(prefix)
        if former is None or former.environment.sure is not sure or former.changed != _changed(former.folders):
            former = self._read[prefix] = _read(prefix, sure=sure)
        return Known(former.environment, str(prefix))


class _Reading(NamedTuple):
    """An environment, the folders and files that it was read from, and when they had changed before that."""

    environment: Environment
    folders: tuple[Path, ...]
    changed: tuple[int, ...]


def _given(question: Installed, home: Path) -> Path | None:
    """The environment that the question points to by a path, where there is one."""
    interpreter = question.interpreter and expanded(question.interpreter, home)
    owner = prefix_of_interpreter(interpreter) if interpreter and interpreter.is_absolute() else None
    prefix = question.prefix and expanded(question.prefix, home)
    for path in (owner, prefix):
        if path is not None and path.is_absolute() and is_environment(Path(path)):
            return Path(path)
    return None


def _read(prefix: Path, *, sure: bool) -> _Reading:
    records = prefix / "conda-meta"
    whence = (records, records / "history", prefix / "pyvenv.cfg", prefix / "lib")
    changed = _changed(whence)
    conda = conda_packages(prefix)
    folders = python_folders(prefix, conda["python"].version if "python" in conda else "")
    changed += _changed(folders)
    brought: dict[str, InstalledPackage] = {}
    pip: dict[str, InstalledPackage] = {}
    for folder in reversed(folders):  # what stands in the first is what Python imports
        for key, package, came_along in python_packages(folder, of_conda=bool(conda)):
            (brought if came_along else pip)[key] = package
    if max(changed) > time.time_ns() - SETTLED:
        changed = ()  # an installation is under way: what it does next need not change a folder again
    there = tuple(folder for folder in (records, *folders) if folder.is_dir())
    return _Reading(Environment(prefix, conda, pip, brought, sure, there), (*whence, *folders), changed)


def _changed(paths: Iterable[Path]) -> tuple[int, ...]:
    return tuple(map(_time, paths))


def _time(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
