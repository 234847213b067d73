"""How a version is asked for: exactly, by its prefix, by a range; with or without the build. No index need be known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from envls.assist.refactor.site import REWRITE, Offer, Site, line_of
from envls.formats.conda import repin
from envls.formats.conda.environment import Dependency
from envls.rules.dependencies.specs import is_joined, rewrite
from envls.rules.rule import Item
from envls.versions import versions_of
from envls.write import Change

Rewritten = Callable[[Item], "str | None"]


def offers(site: Site) -> Iterator[Offer]:
    items = [item for item in site.items if site.is_one_line(item)]
    if len(items) == 1:
        yield from _of_one(site, items[0])
    elif items:
        yield from _of_many(items, "of the selected ")
    elif site.on_dependencies:
        yield from _of_many([item for item in site.whole_list("conda") if site.is_one_line(item)], "")
    elif site.section:
        yield from _of_many([item for item in site.whole_list("pip") if site.is_one_line(item)], "")


def _of_one(site: Site, item: Item) -> Iterator[Offer]:
    line = line_of(item)
    bare = without_build(item)
    if bare is not None:
        yield _rewritten("Remove the build", item, bare)
    if not repin.can_have_version(line):
        return
    for written in repin.prefixes(line):
        yield _rewritten("Make it a prefix pin", item, written)
    exact = repin.exact(line)
    if (
        exact is not None
        and line.version
        and (repin.numbers(line.version.text.rstrip(".*")) > 2 or _exists(site, item))
    ):
        yield _rewritten("Pin exactly", item, exact)
    bound = repin.at_bound(line)
    if bound is not None and versions_of(item, site.facts) is None:  # else there are pins to versions that exist
        yield _rewritten("Pin to its bound", item, bound)


def _exists(site: Site, item: Item) -> bool:
    """Whether there is a version that is called as the item's prefix, with nothing behind it."""
    versions = versions_of(item, site.facts)
    pinned = line_of(item).pinned
    return versions is not None and pinned in versions.package.versions


def _rewritten(what: str, item: Item, written: str) -> Offer:
    return Offer(f"{what}: `{written}`", REWRITE, lambda: (rewrite(item, written),))


def _of_many(items: Sequence[Item], whose: str) -> Iterator[Offer]:
    built = [item for item in items if without_build(item) is not None]
    if len(built) > 1:
        yield _all(f"Remove the builds {whose or 'of '}{len(built)} packages", built, without_build)
    exact = [item for item in items if series(item) is not None]
    if len(exact) > 1:
        example = series(exact[0])
        title = f"Let in later patches for {len(exact)} {whose}exact pins, as in `{example}`"
        yield _all(title, exact, series)


def _all(title: str, items: Sequence[Item], written: Rewritten) -> Offer:
    return Offer(title, REWRITE, partial(_rewrites, items, written), later=True)


def _rewrites(items: Sequence[Item], written: Rewritten) -> list[Change]:
    return [rewrite(item, new) for item in items if (new := written(item)) is not None]


def without_build(item: Item) -> str | None:
    """The item without its build string; None where it has none that stands behind the version."""
    if not isinstance(item, Dependency) or item.spec.build is None or item.spec.problem or is_joined(item.node):
        return None
    bare = repin.without_build(item.spec)
    return bare.strip() if bare else None


def series(item: Item) -> str | None:
    """The item with the series of its exact version, `=1.26` for `==1.26.4`; None for every other pin."""
    line = line_of(item)
    if is_joined(item.node) or not repin.can_have_version(line) or not line.pinned or repin.numbers(line.pinned) < 3:
        return None
    return next(iter(repin.prefixes(line)), None)
