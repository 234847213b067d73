"""ENV5: whether the lock file of conda-lock still holds what its file asks for.

Said only of a lock that names the file among its sources, and of lines that its tool reads as conda does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from envls.document import Document
from envls.facts import Facts, FileAt, InstalledPackage, Lock, LockBeside, Locked
from envls.formats.conda.environment import Dependency, EnvironmentFile, Within
from envls.formats.conda.requirement import normalised
from envls.rules.packages.agreement import agrees, comparable, items_of, name_of
from envls.rules.rule import Finding, Item, Severity, rule
from envls.rules.wording import FEW, enumerated
from envls.text import Span
from envls.url import SCHEME

_ALIAS = "https://conda.anaconda.org/"
_LEAST_ALIKE = 3
"""Letters from which one name within another may be the same package under two names."""


class Unlocked(NamedTuple):
    """An item that a lock does not satisfy on a platform, and what it has there instead, if anything."""

    item: Item
    platform: str
    there: InstalledPackage | None


@rule("ENV511", on=Document, severity=Severity.WARNING)
def stale_lock(document: Document, facts: Facts) -> Iterator[Finding]:
    """The lock file that was made from this file does not satisfy it any more.

    `conda-lock install` installs what is locked and says nothing: a package that was added since is missing, a version
    that was changed is the old one. `conda-lock lock` makes it anew.

    ```yaml
    channels: [conda-forge]
    dependencies:
      - python=3.11
      - numpy=2.1  # <- ENV511
      - pandas>=2
    ```

    ```facts
    locked python 3.11.9
    locked numpy 1.26.4
    locked pandas 2.2.2
    ```
    """
    file = document.content
    lock = lock_of(document, facts)
    if lock is None or not isinstance(file, EnvironmentFile):
        return
    found = unlocked(document, items_of(document), lock, facts)
    first: dict[str, Unlocked] = {}
    for one in found:
        first.setdefault(name_of(one.item), one)
    said = [_said(one, lock) for one in first.values()]
    places = [one.item.name_span for one in first.values()]
    for what, place in _surroundings(file, items_of(document)[0].within, lock):
        said.append(what)
        places.append(place)
    if said:
        message = f"`{lock.path.name}` does not fit this file any more: it {enumerated(said, most=FEW)}; lock again"
        yield Finding(places[0], message)


def lock_of(document: Document, facts: Facts) -> Lock | None:
    """The lock file that was made from a document."""
    if not items_of(document) or document.template:
        return None
    return facts.value(LockBeside(document.path))


def unlocked(document: Document, items: Sequence[Item], lock: Lock, facts: Facts) -> Iterator[Unlocked]:
    """What of these items of a file its lock does not satisfy."""
    overridden = _overridden(document, items, lock, facts)
    optional = _is_optional(document.content)
    for item in comparable(document, items):
        if name_of(item) == "pip":
            continue  # conda-lock itself adds it, without its version
        for platform, locked in judged(lock, item.within):
            there = locked_package(item, locked)
            if there is None:
                if not optional and not _is_left_to_conda(item, locked):
                    yield Unlocked(item, platform, None)
            elif name_of(item) not in overridden and agrees(item, there, facts) is False:
                yield Unlocked(item, platform, there)


def judged(lock: Lock, within: Within) -> list[tuple[str, Locked]]:
    """The platforms for which a lock was made and the file still asks."""
    return [
        (platform, locked)
        for platform, locked in lock.platforms.items()
        if (locked.conda or locked.pip) and (not within.platforms or platform in within.platforms)
    ]


def locked_package(item: Item, locked: Locked) -> InstalledPackage | None:
    """What a lock has of an item for one platform."""
    return (locked.conda if isinstance(item, Dependency) else locked.pip).get(name_of(item))


def _is_left_to_conda(item: Item, locked: Locked) -> bool:
    """Whether a lock may have what pip asks for as a package of conda, whatever that is called."""
    if isinstance(item, Dependency):
        return False
    return any(_are_alike(name_of(item), normalised(other)) for other in locked.conda)


def _are_alike(name: str, other: str) -> bool:
    short, long = sorted((name, other), key=len)
    return short in long and (len(short) >= _LEAST_ALIKE or short == long)


def _overridden(document: Document, items: Sequence[Item], lock: Lock, facts: Facts) -> set[str]:
    """Those of the names of items whose versions another source of the lock may decide: conda-lock takes the last."""
    if len(lock.sources) == 1:
        return set()
    names = {name_of(item) for item in items}
    if document.path not in lock.sources:
        return names
    overridden: set[str] = set()
    for source in lock.sources[lock.sources.index(document.path) + 1 :]:
        other = facts.value(FileAt(source))
        if other is None or not isinstance(other.content, EnvironmentFile):
            return names
        overridden |= names & {name_of(item) for item in items_of(other)}
    return overridden


def _is_optional(content: object) -> bool:
    """Whether a file is for a category that locks may be made without."""
    key = content.key("category") if isinstance(content, EnvironmentFile) else None
    return key is not None and getattr(key.entry.value, "value", "") not in ("", "main")


def _surroundings(file: EnvironmentFile, within: Within, lock: Lock) -> Iterator[tuple[str, Span]]:
    """Channels and platforms that were added since."""
    channels = {channel.removeprefix(_ALIAS).rstrip("/") for channel in lock.channels}
    for channel in file.channels:
        name = channel.node.value
        if name not in channels and name != "nodefaults" and not SCHEME.match(name) and "$" not in name:
            yield f"was made without the channel `{name}`", channel.node.span
    key = file.key("platforms")
    missing = [platform for platform in within.platforms if platform not in lock.platforms]
    if missing and key:
        yield f"has nothing for {enumerated(missing, most=FEW)}", key.node.span


def _said(one: Unlocked, lock: Lock) -> str:
    where = f" on {one.platform}" if len(lock.platforms) > 1 else ""
    name = f"`{name_of(one.item)}`"
    return f"has {name} {one.there.version}{where}" if one.there else f"lacks {name}{where}"
