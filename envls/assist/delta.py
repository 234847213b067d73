"""Two conda files of a project: what differs between them, and which two belong together.

Names are compared as conda and pip do, within a list and then across the two. What differs is what is asked for, not how
it is written: `=1.20.3` and `==1.20.3` are the same. What names no package for certain, or stands twice, is left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import PurePath
from typing import NamedTuple, TypeAlias

from envls import target
from envls.assist.what_runs import conda_document
from envls.document import Document
from envls.facts import Facts
from envls.formats.azureml import v1
from envls.formats.conda.environment import Dependency, EnvironmentFile, Requirement
from envls.formats.conda.requirement import normalised
from envls.known.twins import ON_CONDA
from envls.rules.packages.agreement import name_of
from envls.rules.rule import Item
from envls.runs import POINTING, Dialect, Workload, project_documents, workloads_of

SHOWN = 2
"""Files that one is said to differ from."""
COMPARED = 8
"""The likeliest, which are looked at line by line for that."""
_EVERYWHERE = frozenset(("python", "pip"))
FULL = 3
"""Numbers of a version behind which nobody expects more: `=1.20.3` is meant as `==1.20.3`."""


class Aspect(Enum):
    """In what two items of a package differ, as a phrase for a person."""

    VERSION = "version"
    BUILD = "build"
    CHANNEL = "channel"
    PLACE = "list"
    EXTRAS = "extras"
    MARKER = "marker"


@dataclass(frozen=True, slots=True)
class Differing:
    """A package that two files ask for differently."""

    here: Item
    there: Item
    aspects: tuple[Aspect, ...]


@dataclass(frozen=True)
class Delta:
    """What differs between two files: in both but not alike, and only in one. `alike` are those that are the same."""

    differing: tuple[Differing, ...] = ()
    only_here: tuple[Item, ...] = ()
    only_there: tuple[Item, ...] = ()
    alike: tuple[Item, ...] = ()

    @property
    def count(self) -> int:
        """In how many packages they differ."""
        return len(self.differing) + len(self.only_here) + len(self.only_there)

    @property
    def said(self) -> str:
        """The same as a phrase."""
        return "1 package differs" if self.count == 1 else f"{self.count} packages differ"

    @cached_property
    def shared(self) -> int:
        """How many packages both have, beside those that every file has."""
        return _own_to((*(one.here for one in self.differing), *self.alike))

    @cached_property
    def are_alike(self) -> bool:
        """Whether they are two forms of one: half of what the smaller has both have, and a quarter of what the larger has."""
        smaller, larger = sorted((_own_to(self.only_here), _own_to(self.only_there)))
        return 0 < self.shared >= smaller and 3 * self.shared >= larger


def _own_to(items: Iterable[Item]) -> int:
    """How many items are of packages that not every file has."""
    return sum(name_of(item) not in _EVERYWHERE for item in items)


# -- comparing ------------------------------------------------------------------------------------------------


def delta(here: EnvironmentFile, there: EnvironmentFile) -> Delta:
    """What differs, in the order of `here`, then of `there`."""
    (ours, ours_twice), (theirs, theirs_twice) = _by_name(here), _by_name(there)
    for several in ours_twice | theirs_twice:
        ours.pop(several, None)
        theirs.pop(several, None)
    pairs = [(ours[key], theirs[key]) for key in ours if key in theirs]
    rest = {across(item): key for key, item in theirs.items() if key not in ours}
    for key, item in ours.items():
        other = rest.get(across(item)) if key not in theirs else None
        if other is not None and type(theirs[other]) is not type(item):
            pairs.append((item, theirs[rest.pop(across(item))]))
    paired = {id(item) for pair in pairs for item in pair}
    pairs.sort(key=lambda pair: pair[0].node.start)
    found = [(one, other, tuple(_aspects(one, other))) for one, other in pairs]
    return Delta(
        tuple(Differing(one, other, aspects) for one, other, aspects in found if aspects),
        tuple(item for item in ours.values() if id(item) not in paired),
        tuple(item for item in theirs.values() if id(item) not in paired),
        tuple(one for one, _, aspects in found if not aspects),
    )


_Key: TypeAlias = "tuple[type[Item], str]"


def _by_name(file: EnvironmentFile) -> tuple[dict[_Key, Item], set[_Key]]:
    """The items that name a package, and which of these are asked for more than once: what they mean together nobody knows."""
    found: dict[_Key, Item] = {}
    twice: set[_Key] = set()
    for item in file.packages:
        if _names_a_package(item):
            key = (type(item), normalised(name_of(item)))
            if key in found:
                twice.add(key)
            found[key] = item
    return found, twice


def _names_a_package(item: Item) -> bool:
    if isinstance(item, Dependency):
        return target.is_package(item.spec) and not item.spec.dropped
    line = item.line
    return line.kind in ("requirement", "address") and bool(line.name) and not line.problem and not line.ignored


def across(item: Item) -> str:
    """The name by which an item of the one list is the same package as one of the other."""
    return normalised(item.spec.name if isinstance(item, Dependency) else ON_CONDA.get(item.line.name, item.line.name))


def _aspects(here: Item, there: Item) -> Iterator[Aspect]:
    if type(here) is type(there) and here.node.value == there.node.value:
        return  # as most are
    if not _same_version(here, there):
        yield Aspect.VERSION
    if type(here) is not type(there):
        yield Aspect.PLACE
    elif isinstance(here, Dependency) and isinstance(there, Dependency):
        if here.spec.wanted[1] != there.spec.wanted[1]:
            yield Aspect.BUILD
        if target.channel_of(here.spec) != target.channel_of(there.spec):
            yield Aspect.CHANNEL
    elif isinstance(here, Requirement) and isinstance(there, Requirement):
        if set(here.line.extras) != set(there.line.extras):
            yield Aspect.EXTRAS
        if _bare(here.line.marker.text if here.line.marker else "") != _bare(
            there.line.marker.text if there.line.marker else ""
        ):
            yield Aspect.MARKER


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text).replace("'", '"')


def _same_version(here: Item, there: Item) -> bool:
    ours, theirs = _pinned(here), _pinned(there)
    if ours and theirs and ours.count(".") + 1 >= FULL:
        return _without_zeros(ours) == _without_zeros(theirs)
    return _clauses(here) == _clauses(there)


def _pinned(item: Item) -> str:
    return item.spec.pinned if isinstance(item, Dependency) else item.line.pinned


def _without_zeros(version: str) -> str:
    return re.sub(r"(?:\.0)+$", "", version)


_EXACT = re.compile(r"(?P<operator>===?|=|)(?P<version>\d[^*]*?)(?P<star>\.?\*)?")


def _clauses(item: Item) -> frozenset[str]:
    """What an item says of its version, as both tools would say it: an address is a clause of its own."""
    if isinstance(item, Dependency):
        return frozenset(map(_clause, filter(None, item.spec.wanted[0].split(","))))
    line = item.line
    if line.kind == "address":
        return frozenset((line.text,))
    return frozenset(map(_clause, filter(None, _bare(line.version.text).split(",")))) if line.version else frozenset()


def _clause(written: str) -> str:
    """`=1.2` and `1.2.*` as `==1.2.*`, `1.2` as `==1.2`."""
    found = _EXACT.fullmatch(written)
    if found is None:
        return written
    star = ".*" if found["star"] or found["operator"] == "=" else ""
    return f"=={found['version'] if star else _without_zeros(found['version'])}{star}"


# -- which belong together ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counterpart:
    """Another conda file, and what differs there. They are surely `together` when they are alike and used in one project, or
    alone in their folder; those of run configurations also when they only have something in common."""

    document: Document
    delta: Delta
    together: bool


def counterparts(document: Document, facts: Facts) -> list[Counterpart]:
    """The conda files that one may be compared with, the likeliest first."""
    file = document.content
    if not isinstance(file, EnvironmentFile) or not _is_one(document):
        return []
    files = {other.path: other for other in project_documents(document.path, facts, ".yml", ".yaml")}
    used = _used(document.path, facts)
    for path in used:
        if there := conda_document(path, facts):
            files[path] = there  # whatever it is called
    others = [other for path, other in files.items() if path != document.path and _is_one(other)]
    if not others:
        return []
    folder, names = document.path.parent, _names(document)
    beside = [other for other in others if other.path.parent == folder]

    def unlikely(other: Document) -> tuple[bool, bool, int, PurePath]:
        apart = used[document.path].isdisjoint(used[other.path])
        return apart, other.path.parent != folder, -len(names & _names(other)), other.path

    found = []
    for other in sorted(others, key=unlikely)[:COMPARED]:
        made = delta(file, other.content) if isinstance(other.content, EnvironmentFile) else Delta()
        shared = used[document.path] & used[other.path]
        if made.count and (shared or made.are_alike):
            surely = made.are_alike and (bool(shared) or beside == [other])
            of_runs = made.shared > 0 and any(use.dialect is not Dialect.V2 for use in shared)
            found.append(Counterpart(other, made, surely or of_runs))
    return sorted(found, key=lambda one: not one.together)[:SHOWN]


def _names(document: Document) -> set[str]:
    file = document.content
    return {*file.conda_names, *file.pip_names} - _EVERYWHERE if isinstance(file, EnvironmentFile) else set()


def _is_one(document: Document) -> bool:
    content = document.content
    return isinstance(content, EnvironmentFile) and bool(content.packages) and not document.template


class _Project(NamedTuple):
    """Where files belong together: the folder of a project, and which dialect says so."""

    folder: PurePath
    dialect: Dialect


def _used(near: PurePath, facts: Facts) -> defaultdict[PurePath, set[_Project]]:
    """The conda files that runs name or are made from, each with the projects of these runs."""
    found: defaultdict[PurePath, set[_Project]] = defaultdict(set)
    for document in project_documents(near, facts, *POINTING):
        for workload in workloads_of(document, facts):
            for path in _files_of(workload):
                found[path].add(_project_of(workload))
    return found


def _files_of(workload: Workload) -> Iterator[PurePath]:
    environment = workload.environment
    if environment.path is not None and environment.path != environment.defined_in:
        yield environment.path
    if workload.run is not None and workload.run.conda_ref is not None:
        yield workload.run.conda_path


def _project_of(workload: Workload) -> _Project:
    """The project that a run belongs to; the jobs of CLI v2 in one folder are of one."""
    folder, dialect = workload.path.parent, workload.dialect
    return _Project(folder.parent if dialect is not Dialect.V2 and folder.name in v1.FOLDERS else folder, dialect)
