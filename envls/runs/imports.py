"""What a workload imports: its scripts and notebooks, and the modules of the project that these import.

The modules are looked for as Python does: in the folder of the script, in the folders that the workload has on its path,
and in those of packages. Nothing is walked twice: what was found is remembered, with what it rests on.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from envls.facts import Absent, Answer, Facts, FileAt, FolderAt, Known, Pending, Question
from envls.formats import python
from envls.formats.python import Import, Program
from envls.known.stdlib import EVERYWHERE
from envls.runs.workload import Workload

MOST_PROGRAMS = 300
"""Modules of one script's project that are read."""
_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class ImportedAt:
    """An import of a program, and in which file it stands."""

    imported: Import
    path: PurePath


@dataclass(frozen=True, slots=True)
class Imports:
    """What programs import that is neither a module found in the project nor one of every Python.

    `installs` are the packages that they install themselves, by normalised name. It is not `complete` where something is
    not known yet, a program is one of too many, or installs what it does not tell.
    """

    outside: tuple[ImportedAt, ...] = ()
    installs: frozenset[str] = frozenset()
    complete: bool = True


def imports_of(workload: Workload, facts: Facts) -> Imports:
    """What the scripts of a workload import, and the modules of the project that they import in turn."""
    scripts = tuple(dict.fromkeys(script.path for script in workload.scripts))
    if not scripts:
        return Imports()
    key = (scripts, workload.folders, facts.look)
    known = _memory.get(key)
    if known is not None and all(facts.look(question) is answer for question, answer in known[1].items()):
        facts.asked.update(known[1])
        return known[0]
    here = Facts(facts.look, facts.moment)
    found = _Walk(scripts, workload.folders, here).imports()
    if len(_memory) >= _REMEMBERED:
        _memory.clear()
    _memory[key] = found, here.asked
    facts.asked.update(here.asked)
    return found


_memory: dict[object, tuple[Imports, dict[Question[Any], Answer[Any]]]] = {}


class _Walk:
    """One way through the modules that some scripts import."""

    def __init__(self, scripts: tuple[PurePath, ...], folders: tuple[PurePath, ...], facts: Facts) -> None:
        self._facts = facts
        self._scripts = scripts
        self._roots = tuple(dict.fromkeys((*(script.parent for script in scripts), *folders)))
        self._listings: dict[PurePath, frozenset[str]] = {}
        self._seen: set[PurePath] = set(scripts)
        self._queue: list[tuple[PurePath, bool]] = [(script, True) for script in scripts]
        self._complete = True

    def imports(self) -> Imports:
        outside: list[ImportedAt] = []
        installs: set[str] = set()
        while self._queue:
            path, certain = self._queue.pop(0)
            program = self._program(path)
            if program is None:
                continue
            installs |= program.installs
            self._complete = self._complete and not program.installs_more
            for one in program.imports:
                if one.top in EVERYWHERE:
                    continue
                fails = certain and one.certain and (not one.lazy or path in self._scripts)
                if not self._follow(one, path, certain=fails) and one.top not in program.writes and fails:
                    outside.append(ImportedAt(one, path))
        return Imports(tuple(outside), frozenset(installs), self._complete)

    def _program(self, path: PurePath) -> Program | None:
        """None of a script that is nowhere: that is another rule's finding."""
        there = self._facts.ask(FileAt(path))
        self._complete = self._complete and not isinstance(there, Pending)
        return python.read(path, there.value.text) if isinstance(there, Known) else None

    def _follow(self, one: Import, path: PurePath, *, certain: bool) -> bool:
        """Whether an import is the project's own; its modules are read next. What may be, counts as such."""
        if one.level:
            folder = path.parent
            for _ in range(one.level - 1):
                folder = folder.parent
            self._descend(folder, one, certain=certain)
            return True
        return any(self._descend(root, one, certain=certain) for root in self._roots)

    def _descend(self, folder: PurePath, one: Import, *, certain: bool) -> bool:
        """Read the modules that a dotted name leads to from a folder; whether its first part is there."""
        parts = one.name.split(".") if one.name else []
        for number, part in enumerate(parts):
            listing = self._listing(folder)
            if part + ".py" in listing:
                self._read(folder / (part + ".py"), certain=certain)
                return True
            if part + "/" not in listing:
                return number > 0 or any(name.startswith(part + ".") and name.endswith(_COMPILED) for name in listing)
            folder = folder / part
            if "__init__.py" in self._listing(folder):
                self._read(folder / "__init__.py", certain=certain)
        for name in one.names:
            self._taken(folder, name, certain=certain)
        return bool(parts)

    def _taken(self, folder: PurePath, name: str, *, certain: bool) -> None:
        """Of what is taken out of a package: a module, if it is one."""
        listing = self._listing(folder)
        if name + ".py" in listing:
            self._read(folder / (name + ".py"), certain=certain)
        elif name + "/" in listing and "__init__.py" in self._listing(folder / name):
            self._read(folder / name / "__init__.py", certain=certain)

    def _listing(self, folder: PurePath) -> frozenset[str]:
        found = self._listings.get(folder)
        if found is None:
            answer = self._facts.ask(FolderAt(folder))
            self._complete = self._complete and isinstance(answer, Known | Absent)
            found = self._listings[folder] = frozenset(answer.value if isinstance(answer, Known) else ())
        return found

    def _read(self, path: PurePath, *, certain: bool) -> None:
        if path in self._seen:
            return
        if len(self._seen) >= MOST_PROGRAMS:
            self._complete = False
            return
        self._seen.add(path)
        self._queue.append((path, certain))


_COMPILED = (".so", ".pyd", ".pyx")
