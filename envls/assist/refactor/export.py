"""What `conda env export` writes, made what somebody asked for.

An environment of this machine remembers which packages were asked for by name. Where there is none, what surely holds
for one platform only is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from envls import target
from envls.assist.refactor.grammar import without_build
from envls.assist.refactor.site import REWRITE, Offer, Site
from envls.formats.conda.environment import Dependency, EnvironmentFile
from envls.known.systems import exported_on
from envls.rules.dependencies.specs import rewrite
from envls.write import Change, Remove

FEWEST = 5
"""Packages with a build, or a version, that make a file an export."""
KEPT = frozenset(("python", "pip"))
"""What an environment has whether or not somebody asked for it by name; the file would be about another one without."""


def offers(site: Site) -> Iterator[Offer]:
    """On the key above the conda list of an export."""
    if site.on_dependencies:
        yield from of_export(site)


def of_export(site: Site) -> Iterator[Offer]:
    """What can be made of an export as a whole; nothing where the file is none."""
    if not site.is_sound or not _is_export(site.file):
        return
    yield from _as_asked_for(site)
    locked = [item for item in site.file.dependencies if exported_on((item.spec.name,))]
    builds = sum(without_build(item) is not None for item in site.file.dependencies if item not in locked)
    if not builds and not locked:
        return
    parts = [f"{builds} {'build' if builds == 1 else 'builds'}"] if builds else []
    parts += ["`prefix`"] if site.file.key("prefix") else []
    if locked:
        systems = sorted({exported_on((item.spec.name,)) for item in locked})
        packages = "package" if len(locked) == 1 else "packages"
        parts.append(f"{len(locked)} {packages} of {' and '.join(systems)}")
    listed = " and ".join((", ".join(parts[:-1]), parts[-1])) if len(parts) > 1 else parts[0]
    yield Offer(f"Reduce the export: without {listed}", REWRITE, partial(_without, site, locked), later=True)


def _is_export(file: EnvironmentFile) -> bool:
    """Whether a file is what conda writes: most of it with builds, or with versions and the folder it came from."""
    built = sum(without_build(item) is not None and item.spec.relation == "exact" for item in file.dependencies)
    versioned = sum(bool(item.spec.pinned) for item in file.dependencies) if file.key("prefix") else 0
    most = max(built, versioned)
    return most >= FEWEST and 2 * most >= len(file.dependencies)


def _as_asked_for(site: Site) -> Iterator[Offer]:
    question = target.installed(site.file.dependencies[0].within)
    environment = site.facts.value(question) if question else None
    if environment is None or not environment.sure:
        return
    asked = {name for name, package in environment.conda.items() if package.requested}
    came_along = [
        item
        for item in site.file.dependencies
        if item.spec.name in environment.conda and item.spec.name not in asked and item.spec.name not in KEPT
    ]
    if not asked or not came_along or len(came_along) == len(site.file.dependencies):
        return
    kept = len(site.file.dependencies) - len(came_along)
    name = environment.prefix.name
    title = f"Reduce the export to what was asked for in `{name}`: {kept} packages, without builds"
    if site.file.key("prefix"):
        title += " and `prefix`"
    yield Offer(title, REWRITE, partial(_without, site, came_along), later=True)


def _without(site: Site, left_out: list[Dependency]) -> list[Change]:
    gone = {item.dash for item in left_out}
    changes: list[Change] = [Remove(item.dash) for item in left_out]
    for item in site.file.dependencies:
        bare = without_build(item) if item.dash not in gone else None
        if bare is not None:
            changes.append(rewrite(item, bare))
    prefix = site.file.key("prefix")
    return [*changes, *([Remove(prefix.node.start)] if prefix else [])]
