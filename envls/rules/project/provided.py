"""Which packages an environment surely has by what its conda file lists: those, and what is known to come with them.

The opposite side of `possible`, which says what it may have: what is not surely there may be required.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath

from envls.facts import Facts, FileAt
from envls.formats.conda import requirement
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.conda.requirement import PipLine, normalised
from envls.formats.paths import join
from envls.known.azureml import ALWAYS, SURELY_BRINGS, Series
from envls.versions import numbers

_ALL = frozenset(("*",))


@dataclass
class Provided:
    """The packages of an environment by normalised name, with their extras ("*" for all that there are).

    `listed` are those with a line of their own, `pinned` their versions where one is pinned. It is not `certain` where
    something stands in the list that may bring more.
    """

    extras: dict[str, frozenset[str]] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)
    pinned: dict[str, str] = field(default_factory=dict)
    certain: bool = True

    def has(self, name: str, extras: tuple[str, ...] = ()) -> bool:
        there = self.extras.get(name)
        return there is not None and (there == _ALL or there.issuperset(extras))

    def add(self, name: str, extras: frozenset[str], series: Series = ALWAYS) -> None:
        """A package of a series, with all that it brings."""
        there = self.extras.get(name)
        if there is not None and (there == _ALL or there.issuperset(extras)):
            return
        self.extras[name] = extras if there is None or extras == _ALL else there | extras
        for brought in SURELY_BRINGS.get(name, ()):
            if brought.since <= series <= brought.until:
                same = series if series <= brought.same else ALWAYS
                self.add(brought.name, frozenset(brought.extras), same)


def provided(file: EnvironmentFile, path: PurePath, facts: Facts) -> Provided:
    """What an environment has that is made from `file`, which stands in the file at `path`."""
    found = Provided()
    for dependency in file.dependencies:
        name = normalised(dependency.spec.name)
        found.listed.add(name)
        found.add(name, _ALL, series_of(dependency.spec.pinned))
    for item in file.requirements:
        _take(found, item.line, path, facts, frozenset((path,)))
    if "pandas" in found.extras and "azureml-dataset-runtime" in found.extras:
        found.add("azureml-dataset-runtime", frozenset(("pandas",)))
    return found


def _take(found: Provided, line: PipLine, path: PurePath, facts: Facts, seen: frozenset[PurePath]) -> None:
    """What a line of the file at `path` adds; `seen` are the files that lead to it."""
    if line.kind == "option":
        for file in (join(path.parent, option.meant) for option in line.options if option.name == "--requirement"):
            lines = None if file in seen else _lines_of(file, facts)
            found.certain = found.certain and lines is not None
            for other in lines or ():
                _take(found, other, file, facts, seen | {file})
        found.certain = found.certain and not any(option.name == "--editable" for option in line.options)
    elif line.name:
        found.listed.add(line.name)
        found.pinned[line.name] = line.pinned
        version = line.version.text if line.version else ""
        found.add(line.name, frozenset(line.extras), series_asked(version) or series_of(line.pinned))
        if line.name.startswith("azureml-") and line.name not in SURELY_BRINGS:
            found.certain = found.certain and line.name in _BRING_NONE
    elif line.kind in ("address", "path", "lines"):
        found.certain = False


_BRING_NONE = frozenset(
    """
    azureml-ai-monitoring azureml-assets azureml-contrib-services azureml-core azureml-datacollector azureml-dataprep
    azureml-dataprep-native azureml-dataprep-rslex azureml-fsspec azureml-inference-server-http azureml-logging
    azureml-model-management-sdk azureml-monitoring
    """.split()  # noqa: SIM905 - names are read as prose
)
"""Packages of Azure ML that bring none of those that something needs."""


def _lines_of(path: PurePath, facts: Facts) -> Iterator[PipLine] | None:
    """The lines of a requirements file; None where it is not known."""
    there = facts.value(FileAt(path))
    return (requirement.parse(line) for line in there.text.splitlines()) if there else None


def series_of(version: str) -> Series:
    """The first two numbers of a version; the newest there may be where there is none."""
    found = (*numbers(version), 0)[:2] if version else ALWAYS
    return (found[0], found[1]) if len(found) == 2 else ALWAYS


def series_asked(version: str) -> Series | None:
    """The one series that a version specifier lets in, as `==1.43.0`, `==1.43.*` and `~=1.43.0` do; None for any other."""
    text = version.strip()
    if "," in text or not text.startswith(("==", "~=")):
        return None
    found = numbers(text.lstrip("=~ "))
    return (found[0], found[1]) if len(found) > (2 if text.startswith("~=") else 1) else None
