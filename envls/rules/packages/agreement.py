"""Whether what is there, installed or locked, is what the lines of a file ask for. No rule stands here.

Only plain lines are compared: one package each, that a tool understands, named once, on every platform. What is not
certain is None, and counts as agreement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from envls import target
from envls.document import Document
from envls.facts import Facts, InstalledPackage, Satisfies
from envls.formats.conda import matchspec
from envls.formats.conda.environment import Dependency, EnvironmentFile, Requirement
from envls.formats.conda.misreading import misreading
from envls.formats.conda.requirement import normalised
from envls.formats.conda.selectors import selector_behind
from envls.rules.rule import Item
from envls.versions import lets_in


def name_of(item: Item) -> str:
    """The name by which conda or pip knows the package of an item."""
    return item.spec.name if isinstance(item, Dependency) else item.line.name


def items_of(document: Document) -> tuple[Item, ...]:
    """The lines of the conda list and the `pip` section."""
    content = document.content
    return (*content.dependencies, *content.requirements) if isinstance(content, EnvironmentFile) else ()


def comparable(document: Document, items: Iterable[Item]) -> list[Item]:
    """Those of the lines of a document that can be compared with what is there."""
    if document.template:
        return []
    times = Counter([normalised(name_of(item)) for item in items_of(document)])
    selectors = "[" in document.text
    return [
        item
        for item in items
        if _is_plain(item)
        and times[normalised(name_of(item))] == 1
        and not (selectors and selector_behind(document.text, item.span.end))  # conda-lock drops it elsewhere
    ]


def _is_plain(item: Item) -> bool:
    """Whether an item names one package, wherever it is installed."""
    if isinstance(item, Dependency):
        return _is_plain_spec(item.spec.text)
    line = item.line
    return line.kind in ("requirement", "address") and bool(line.name) and not line.problem and not line.marker


@lru_cache(maxsize=1 << 14)
def _is_plain_spec(text: str) -> bool:
    spec = matchspec.parse(text)
    return target.is_package(spec) and not spec.dropped and misreading(text) is None


# -- versions -------------------------------------------------------------------------------------------------


def agrees(item: Item, there: InstalledPackage, facts: Facts) -> bool | None:
    """Whether the version that is there is one that the item asks for; None where that is not known."""
    if isinstance(item, Requirement):
        line = item.line
        if line.kind != "requirement" or not there.version:
            return None
        return _specifier_takes(line.version.text, there.version) if line.version else True
    version, build, pinned, begins = _asked(item.spec.text)
    if not version and not build:
        return True
    if not there.version:
        return None
    if not build and (there.version == pinned or (begins and there.version.startswith(begins))):
        return True  # as the letters stand: so are most pins, and nobody need be asked
    if not build and (plain := lets_in(version, there.version)) is not None:
        return plain
    return facts.value(Satisfies(version, build, there.version, there.build if build else ""))


@lru_cache(maxsize=1 << 14)
def _asked(text: str) -> tuple[str, str, str, str]:
    """Version and build that a spec asks for, the version that it pins, and how others that it lets in begin."""
    spec = matchspec.parse(text)
    return *spec.wanted, spec.pinned, f"{spec.pinned}." if spec.relation == "prefix" and spec.pinned else ""


@lru_cache(maxsize=1 << 14)
def _specifier_takes(specifiers: str, version: str) -> bool | None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 - only where something is there
    from packaging.version import InvalidVersion  # noqa: PLC0415

    try:
        return SpecifierSet(specifiers).contains(version, prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return None
