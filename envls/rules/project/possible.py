"""Which packages an environment may possibly have by what its file lists: those, and all that may come with them.

The opposite side of `provided`, which says what an environment surely has: what may be there is never said to be missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import PurePath

from envls import target
from envls.facts import Facts, FileAt
from envls.formats.conda import requirement
from envls.formats.conda.environment import Dependency, EnvironmentFile, Requirement
from envls.formats.conda.requirement import PipLine, normalised
from envls.formats.paths import join
from envls.known.may_bring import IN_EXPORTS, MAY_BRING, NO_PYTHON, OF_DEVELOPERS
from envls.known.modules import NAMESPACES
from envls.rules.project.distributions import Distributions, well_known

_NO_PYTHON = re.compile(NO_PYTHON)
_TOOLS = re.compile(OF_DEVELOPERS)
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_OF_AN_EXTRA = re.compile(r"extra\s*==")


@dataclass
class Possible:
    """The packages that an environment may have, by normalised name.

    With `anything` more may be there of which nobody here knows; with `common`, what many packages need.
    """

    names: set[str] = field(default_factory=set)
    anything: bool = False
    common: bool = False

    def add(self, name: str, *, brings: Iterable[str] | None = None) -> None:
        """A package, and all that it may bring: as shipped knowledge has it, else as its metadata says (`brings`)."""
        waiting = [name]
        while waiting:
            one = waiting.pop()
            if one in self.names:
                continue
            self.names.add(one)
            if one in MAY_BRING:
                waiting += MAY_BRING[one].split()
            elif one == name and brings is not None:
                waiting += brings
            elif one == name or brings is not None:
                self._is_not_known(one)

    def _is_not_known(self, name: str) -> None:
        if name in _brought_by_many() or any(name in names for names in well_known()) or _TOOLS.fullmatch(name):
            self.common = True
        else:
            self.anything = True

    def may_have(self, module: str, there: Distributions) -> bool:
        """Whether a module may be there that certain packages have."""
        top = normalised(module.partition(".")[0])
        having = {*map(normalised, (*there.pip, *there.conda)), top}
        if self.anything or not having.isdisjoint(self.names):
            return True
        if self.common and not having.isdisjoint(_brought_by_many()):
            return True
        return any(name.startswith(top + "-") for name in self._listed_with_dash)

    @cached_property
    def _listed_with_dash(self) -> tuple[str, ...]:
        """`onnxruntime-gpu` has what `onnxruntime` has."""
        return tuple(name for name in self.names if "-" in name and not name.startswith(tuple(NAMESPACES)))


@lru_cache(maxsize=1)
def _brought_by_many() -> frozenset[str]:
    return frozenset(name for brought in MAY_BRING.values() for name in brought.split())


def possible_in(file: EnvironmentFile, path: PurePath, facts: Facts) -> Possible:
    """What an environment may have that is made from `file`, which stands in the file at `path`."""
    found = Possible(anything=bool(file.odd))
    for dependency in file.dependencies:
        _take_dependency(found, dependency)
    if all(not one.isdisjoint(file.conda_names) for one in IN_EXPORTS):
        found.anything = found.common = False
    for item in file.requirements:
        _take_line(found, item.line, path, facts, frozenset((path,)), item)
    return found


def _take_dependency(found: Possible, dependency: Dependency) -> None:
    spec = dependency.spec
    name = normalised(spec.name)
    if spec.problem is not None or not target.is_package(spec):
        found.anything = True
    elif name in MAY_BRING or not _NO_PYTHON.fullmatch(name):
        found.add(name)


def _take_line(
    found: Possible,
    line: PipLine,
    path: PurePath,
    facts: Facts,
    seen: frozenset[PurePath],
    item: Requirement | None = None,
) -> None:
    """What a line of the file at `path` adds; `seen` are the files that lead to it."""
    if line.kind == "option":
        found.anything = found.anything or line.problem is not None
        for option in line.options:
            if option.name == "--requirement":
                _take_file(found, join(path.parent, option.meant), facts, seen)
            elif option.name == "--editable" or not option.name:
                found.anything = True
    elif line.name and not line.problem:
        found.common = found.common or bool(line.extras)
        for extra in line.extras:
            found.names.add(normalised(extra))
        found.add(line.name, brings=_metadata(line.name, item, facts))
    elif line.kind:
        found.anything = True


def _take_file(found: Possible, file: PurePath, facts: Facts, seen: frozenset[PurePath]) -> None:
    there = None if file in seen else facts.value(FileAt(file))
    if there is None:
        found.anything = found.anything or file not in seen
        return
    for text in there.text.splitlines():
        _take_line(found, requirement.parse(text), file, facts, seen | {file})


def _metadata(name: str, item: Requirement | None, facts: Facts) -> list[str] | None:
    """What a package needs by its newest metadata, where an index has told it and nothing is shipped about it."""
    if name in MAY_BRING or item is None:
        return None
    question = target.pip_package(item)
    known = facts.value(question) if question else None
    if known is None or not known.requires:
        return None
    needed = (_NAME.match(one) for one in known.requires if not _OF_AN_EXTRA.search(one))
    return [normalised(one.group()) for one in needed if one]
