"""What another conda file of the project asks for, taken over: a line, the selected ones, or, on the key above, all.

Only this file changes. Each item stays in its list; what the other says in the grammar of the other list is translated,
and what has no translation stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from envls import syntax
from envls.assist.delta import FULL, Aspect, Counterpart, Differing, across, counterparts
from envls.assist.refactor.site import ADD_PIP, REWRITE, Offer, Site, line_of
from envls.formats.conda import repin, translation
from envls.formats.conda.environment import Dependency, Requirement
from envls.formats.paths import relative
from envls.rules.dependencies.specs import in_any_list, is_joined, rewrite
from envls.rules.packages.agreement import name_of
from envls.rules.rule import Item
from envls.url import redact
from envls.write import Add, Change, scalar

SHOWN_SINGLY = 3


def offers(site: Site) -> Iterator[Offer]:
    on_head = site.on_dependencies or site.section is not None
    if not (site.items or on_head):
        return
    for other in counterparts(site.document, site.facts):
        whose = relative(other.document.path, site.document.path.parent)
        if site.items:
            yield from _of_items(site, other, whose)
        else:
            yield from _of_all(site, other, whose)


def _of_items(site: Site, other: Counterpart, whose: str) -> Iterator[Offer]:
    here = {id(item) for item in site.items}
    found = [(one.here, written) for one in other.delta.differing if id(one.here) in here and (written := taken(one))]
    if len(site.items) == 1:
        for item, written in found:
            yield Offer(redact(f"Take `{written}` as in `{whose}`"), REWRITE, partial(_rewritten, [(item, written)]))
    elif found:
        lines = "line" if len(found) == 1 else "lines"
        title = f"Align {len(found)} of the selected {lines} with `{whose}`"
        yield Offer(title, REWRITE, partial(_rewritten, found))


def _of_all(site: Site, other: Counterpart, whose: str) -> Iterator[Offer]:
    differing = [one for one in other.delta.differing if site.is_written_here(one.here)]
    found = [(one.here, written) for one in differing if (written := taken(one))]
    if found:
        lines = "line" if len(found) == 1 else "lines"
        yield Offer(f"Align {len(found)} {lines} with `{whose}`", REWRITE, partial(_rewritten, found))
    here = {across(item) for item in site.file.packages if name_of(item)}  # in whichever list
    lacking = [item for item in other.delta.only_there if across(item) not in here and _can_add(site, item)]
    if len(lacking) > SHOWN_SINGLY:
        title = f"Add the {len(lacking)} packages that only `{whose}` has{_with_pip(site, lacking)}"
        yield Offer(title, REWRITE, partial(_added, site, lacking))
    else:
        for item in lacking:
            title = redact(f"Add `{_text(item)}` as in `{whose}`{_with_pip(site, [item])}")
            yield Offer(title, REWRITE, partial(_added, site, [item]))


# -- what is written ------------------------------------------------------------------------------------------


def taken(one: Differing) -> str | None:
    """How an item asks for what the other file does; None where its list cannot say that, or it does but for its place."""
    here, there = one.here, one.there
    if is_joined(here.node) or (Aspect.PLACE in one.aspects and Aspect.VERSION not in one.aspects):
        return None
    written = _text(there) if type(here) is type(there) else _translated(here, there)
    return written if written and written != here.node.value.strip() else None


def _text(item: Item) -> str:
    return line_of(item).text.strip()


def _translated(here: Item, there: Item) -> str | None:
    """What `there` says in the other list, in the list of `here`, under the name that it has here."""
    if isinstance(here, Dependency) and isinstance(there, Requirement):
        if there.line.pinned.count(".") + 1 >= FULL and repin.can_have_version(here.spec):
            return repin.pinned(here.spec, there.line.pinned)
        return translation.to_conda(there.line, here.spec.name_part.text)
    if isinstance(here, Requirement) and isinstance(there, Dependency):
        if there.spec.pinned.count(".") + 1 >= FULL and repin.can_have_version(here.line):
            return repin.pinned(here.line, there.spec.pinned)
        plain = not (here.line.extras or here.line.marker or here.line.options)
        return translation.to_pip(there.spec, here.line.name_part.text) if plain else None
    return None


def _rewritten(found: Sequence[tuple[Item, str]]) -> list[Change]:
    return [rewrite(item, written) for item, written in found]


def _can_add(site: Site, item: Item) -> bool:
    if isinstance(item, Requirement):
        return len(site.file.pip_sections) <= 1 and not item.line.continued
    return site.conda_list is not None and name_of(item) != "pip"


def _with_pip(site: Site, items: Sequence[Item]) -> str:
    """What is written too, where a `pip` section is begun or filled without `pip`."""
    return ", and `pip`" if _lacks_pip(site, items) else ""


def _lacks_pip(site: Site, items: Sequence[Item]) -> bool:
    needed = any(isinstance(item, Requirement) for item in items)
    return needed and "pip" not in site.file.conda_names


def _added(site: Site, items: Sequence[Item]) -> list[Change]:
    """The items at the end of their lists."""
    changes: list[Change] = [ADD_PIP] if _lacks_pip(site, items) else []
    for item in items:
        section = site.file.pip_sections[0].node if site.file.pip_sections else None
        node = section if isinstance(item, Requirement) else site.conda_list
        written = in_any_list(_text(item)) if isinstance(node, syntax.Sequence) and node.flow else scalar(_text(item))
        route = ("dependencies", "pip") if isinstance(item, Requirement) else ("dependencies",)
        changes.append(Add(route, written, before="" if isinstance(item, Requirement) else "pip"))
    return changes
