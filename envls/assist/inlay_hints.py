"""What to show at the end of a line that the file does not say: which version is installed or locked there.

Only news: nothing where what is there is what the line asks for. An editor asks for the lines that it shows, so nothing
is worked out for the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from envls import target
from envls.assist.markdown import code
from envls.document import Document, Format
from envls.facts import Environment, Facts, InstalledPackage
from envls.formats.conda.environment import Dependency
from envls.rules.packages.agreement import comparable, items_of, name_of
from envls.rules.packages.drift import compare, environment_of
from envls.rules.packages.locks import judged, lock_of, locked_package, unlocked
from envls.rules.rule import Item
from envls.text import Span


@dataclass(frozen=True, slots=True)
class Hint:
    """A few words to show behind `offset`; the tooltip is Markdown."""

    offset: int
    label: str
    tooltip: str


class _News(NamedTuple):
    """What is there of an item, and how it is said."""

    item: Item
    there: InstalledPackage | None
    label: str
    tooltip: str


def inlay_hints(
    document: Document, span: Span, facts: Facts, *, installed: bool = True, locked: bool = True
) -> list[Hint]:
    """The hints on the lines that `span` touches, in the order of the text, with what is known at this moment.

    Those about what is `installed` or `locked` only if they are wanted.
    """
    if document.format is not Format.ENVIRONMENT:
        return []
    items = [item for item in items_of(document) if item.span.meets(span)]
    if not items:
        return []
    facts.managed = target.is_managed(document, facts)
    found: dict[int, list[_News]] = {}
    said = [*_installed(document, items, facts)] if installed else []
    said += _locked(document, items, facts) if locked else ()
    for news in said:
        found.setdefault(news.item.span.end, []).append(news)
    return [
        Hint(offset, " · ".join(_labels(here)), "\n\n".join(one.tooltip for one in here))
        for offset, here in sorted(found.items())
    ]


def _labels(said: list[_News]) -> Iterator[str]:
    """How it is said, a version once."""
    versions = [one.there.version if one.there else "" for one in said]
    for number, one in enumerate(said):
        if not versions[number] or versions[number] not in versions[:number]:
            yield one.label


def _installed(document: Document, items: list[Item], facts: Facts) -> Iterator[_News]:
    environment = environment_of(document, facts)
    if environment is None:
        return
    for item, there, agrees in compare(document, items, environment, facts):
        if there is None:
            yield _News(item, None, "not installed", f"{code(name_of(item))} is not in {_shown(environment)}.")
        elif there.version and agrees is False:
            tooltip = f"{_exactly(there)} is in {_shown(environment)}; {_asks(item)}."
            yield _News(item, there, f"installed {there.version}", tooltip)
        elif there.version and _is_bare(item):
            tooltip = f"{_exactly(there)} is in {_shown(environment)}."
            yield _News(item, there, f"{there.version} installed", tooltip)


def _locked(document: Document, items: list[Item], facts: Facts) -> Iterator[_News]:
    """What the lock has for a platform that the file is judged for, or else for the first that it has."""
    lock = lock_of(document, facts)
    if lock is None:
        return
    within = items[0].within
    wanted = target.platforms(within, facts)
    platforms = sorted(judged(lock, within), key=lambda one: one[0] not in wanted)
    stale = {
        id(one.item): one
        for one in sorted(unlocked(document, items, lock, facts), key=lambda one: one.platform in wanted)
    }
    name = code(lock.path.name)
    for item in comparable(document, items):
        one = stale.get(id(item))
        if one is not None and one.there is None:
            yield _News(item, None, "not locked", f"{name} lacks {code(name_of(item))} for {one.platform}.")
        elif one is not None and one.there is not None:
            tooltip = f"{name} has {_exactly(one.there)} for {one.platform}; {_asks(item)}."
            yield _News(item, one.there, f"locked {one.there.version}", tooltip)
        elif platforms and _is_bare(item) and (there := locked_package(item, platforms[0][1])):
            yield _News(item, there, f"locked {there.version}", f"{name} has {_exactly(there)} for {platforms[0][0]}.")


def _is_bare(item: Item) -> bool:
    """Whether a line asks for any version."""
    if isinstance(item, Dependency):
        return item.spec.wanted == ("", "")
    return item.line.kind == "requirement" and item.line.version is None


# -- words ----------------------------------------------------------------------------------------------------


def _exactly(there: InstalledPackage) -> str:
    return code(f"{there.name} {there.version}") + (f" ({code(there.build)})" if there.build else "")


def _shown(environment: Environment) -> str:
    return f"the environment {code(environment.prefix.name)} on this machine ({code(str(environment.prefix))})"


def _asks(item: Item) -> str:
    if isinstance(item, Dependency):
        asked = item.spec.text[item.spec.name_part.end :]
    else:
        asked = item.line.version.text if item.line.version else ""
    return f"this line asks for {code(asked.strip())}"
