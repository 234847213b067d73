"""What can be done about versions: pin an item or update it, one or many.

An offer says what it writes and changes something; it keeps the style that an item has. What is chosen can be had for
the file's platforms and its Python. What is offered for many items is made when it is chosen: it may be a whole file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeAlias

from envls.facts import Facts
from envls.formats.conda.environment import Dependency, EnvironmentFile
from envls.rules.dependencies import can_pin, installed_version, is_unpinned, newest_version, pin, update
from envls.rules.rule import Fix, Item
from envls.versions import Versions, step, versions_of
from envls.write import Replace

Choose: TypeAlias = Callable[[Item, Facts], "Fix | None"]
Offer: TypeAlias = tuple[str, Callable[[], tuple[Fix, ...]]]
"""A title, and what makes the fixes."""
COUNTED = 300
"""Items up to which it is counted of how many the version is not known; of more only whether there is one to change."""
STEPS = ("patch", "minor", "major")


# -- one item -------------------------------------------------------------------------------------------------


def for_one(item: Item, facts: Facts) -> Iterator[Fix]:
    """What can be done about the version of one item, the likeliest first; nothing twice, and nothing that is there."""
    if not can_pin(item):
        return
    there = {item.node.value}
    for fix in _for_one(item, facts):
        written = _written(fix)
        if written not in there:
            there.add(written)
            yield fix


def _for_one(item: Item, facts: Facts) -> Iterator[Fix]:
    versions = versions_of(item, facts)
    if versions is not None and versions.spec:
        yield from _updates(item, versions)
    if versions is not None:
        usable, newest = versions.usable, versions.newest
        if usable and not is_exact(item):
            yield pin(item, usable[0], "the newest that fits" if versions.spec else "the newest")
        if newest and newest not in (versions.let_in or ()) and update(item, newest, "") is None:
            yield pin(item, newest, "the newest")
        if usable and len(usable) > 1 and versions.spec and not is_exact(item):
            yield pin(item, usable[-1], "the lowest that fits")
    installed = installed_version(item, facts)
    if installed:
        where = f" in `{item.within.name}`" if item.within.name else ""
        yield pin(item, installed, f"the installed{where}")


def _updates(item: Item, versions: Versions) -> Iterator[Fix]:
    """To the newest patch, minor and major version, where the item does not let it in yet."""
    let_in, found = versions.let_in, versions.satisfying("", fitting=True)
    if not let_in or not found or not versions.newest:
        return
    order = {version: place for place, version in enumerate(versions.package.versions)}
    here = versions.finals(let_in)[0]
    newer = [
        one
        for one in versions.finals(found)
        if order[versions.newest] <= order[one] < order[here] and one not in let_in
    ]
    for wanted in STEPS:
        best = next((one for one in newer if step(here, one) == wanted), "")
        if best and (fix := update(item, best, f"{best} ({wanted})")):
            yield fix


def is_exact(item: Item) -> bool:
    """Whether an item takes one version and no other."""
    if isinstance(item, Dependency):
        return item.spec.relation == "exact"
    return bool(item.line.pinned)


def _written(fix: Fix) -> str:
    (change,) = fix.changes
    assert isinstance(change, Replace)
    return change.text.strip("'\"")


# -- many -----------------------------------------------------------------------------------------------------


def for_all(items: Sequence[Item], facts: Facts, *, whose: str = "all") -> Iterator[Offer]:
    """What can be done about the versions of `items` together, where it changes at least one of them."""
    yield from updates_of_all(items, facts, whose=whose)
    items = _once(items)
    for choose, what in (
        (_to_installed, "installed versions"),
        (_to_newest_fitting, "newest versions that fit"),
        (_to_lowest, "lowest versions that fit"),
    ):
        yield from _offer(f"Pin {whose} to the {what}", items, choose, facts)


def _once(items: Sequence[Item]) -> list[Item]:
    """Those of the items that stand once in their list: two pins of one package may let in nothing together."""
    keys = [(type(item), item.spec.name if isinstance(item, Dependency) else item.line.name) for item in items]
    counted = Counter(keys)
    return [item for item, key in zip(items, keys, strict=True) if counted[key] == 1]


def updates_of_all(items: Sequence[Item], facts: Facts, *, whose: str = "all") -> Iterator[Offer]:
    """To the newest versions: once without the pins that somebody made exact, once with them."""
    yield from _offer(f"Update {whose} but exact pins to the newest versions", items, _loose_to_newest, facts)
    if _first(_exact_to_newest, items, facts):
        yield from _offer(f"Update {whose} to the newest versions, exact pins too", items, _to_newest, facts)


def pins_of_bare(file: EnvironmentFile, facts: Facts) -> Iterator[Offer]:
    """Pins for all that have no version, if there are several."""
    bare = [item for item in file.packages if is_unpinned(item)]
    if len(bare) > 1:
        for choose, what in ((_to_installed, "installed"), (_bare_to_newest, "newest")):
            yield from _offer(f"Pin all without a version to the {what}", bare, choose, facts)


def _offer(title: str, items: Sequence[Item], choose: Choose, facts: Facts) -> Iterator[Offer]:
    if not _first(choose, items, facts):
        return
    if choose in _PINS and len(items) <= COUNTED:
        unknown = sum(can_pin(item) and not _is_known(item, choose, facts) for item in items)
        title += f" ({unknown} not known)" if unknown else ""
    yield title, partial(_fixes, items, choose, facts)


def _first(choose: Choose, items: Sequence[Item], facts: Facts) -> bool:
    """Whether one of the items, of the first few hundred, would change."""
    return any(_fixes(items[:COUNTED], choose, facts, most=1))


def _fixes(items: Sequence[Item], choose: Choose, facts: Facts, most: int | None = None) -> tuple[Fix, ...]:
    found: list[Fix] = []
    for item in items:
        fix = choose(item, facts) if can_pin(item) else None
        if fix is not None and _written(fix) != item.node.value:
            found.append(fix)
            if len(found) == most:
                break
    return tuple(found)


def _is_known(item: Item, choose: Choose, facts: Facts) -> bool:
    if choose is _to_installed:
        return bool(installed_version(item, facts))
    versions = versions_of(item, facts)
    return versions is not None and versions.usable is not None


def _to_installed(item: Item, facts: Facts) -> Fix | None:
    version = installed_version(item, facts)
    return pin(item, version, "the installed") if version else None


def _bare_to_newest(item: Item, facts: Facts) -> Fix | None:
    version = newest_version(item, facts)
    return pin(item, version, "the newest") if version else None


def _to_newest_fitting(item: Item, facts: Facts) -> Fix | None:
    versions = versions_of(item, facts)
    usable = versions.usable if versions and not is_exact(item) else None
    return pin(item, usable[0], "the newest that fits") if usable else None


def _to_lowest(item: Item, facts: Facts) -> Fix | None:
    versions = versions_of(item, facts)
    usable = versions.usable if versions and versions.spec and not is_exact(item) else None
    return pin(item, usable[-1], "the lowest that fits") if usable else None


def _loose_to_newest(item: Item, facts: Facts) -> Fix | None:
    return None if is_exact(item) else _to_newest(item, facts)


def _exact_to_newest(item: Item, facts: Facts) -> Fix | None:
    return _to_newest(item, facts) if is_exact(item) else None


def _to_newest(item: Item, facts: Facts) -> Fix | None:
    """In the item's own style; nothing where it lets the newest in, or asks for more than that."""
    versions = versions_of(item, facts)
    newest, let_in = (versions.newest, versions.let_in) if versions and versions.spec else (None, None)
    if versions is None or not newest or not let_in or newest in let_in:
        return None
    order = versions.package.versions
    return update(item, newest, newest) if order.index(newest) < order.index(let_in[0]) else None


_PINS = (_to_installed, _bare_to_newest, _to_newest_fitting, _to_lowest)
