"""From the conda list to the `pip` section and back.

The name is the one of the other index: as a list says whose makers know (`Twin`), or the same where it is certain that both
mean one package. A package is only moved to where it is not yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from envls import syntax, target
from envls.assist.refactor.site import ADD_PIP, MOVE, Offer, Site
from envls.facts import CondaPackage, Facts, Known, PipPackage, Twin
from envls.formats.conda import translation
from envls.formats.conda.environment import Dependency, PipSection, Requirement
from envls.formats.conda.requirement import normalised
from envls.known.packages import CONDA, PIP
from envls.known.twins import CONDA_NAME, ON_CONDA, ON_PYPI, ONLY_CONDA, ONLY_PYPI, PYPI_NAME
from envls.rules.dependencies.specs import in_any_list
from envls.rules.rule import Item
from envls.write import Add, Change, Remove, Replace, scalar

STAYS = frozenset(("python", "pip", "nodefaults")) | ONLY_CONDA
"""What conda itself needs, or reads as no package, or is not for pip."""
MOST = 50
"""Items of a selection that are looked at: who selects more means something else."""


@dataclass(frozen=True)
class Move:
    """An item, what stands for it in the other list, and the comment that goes with it; it may stand on a line above."""

    item: Item
    written: str
    comment: str
    above: tuple[int, ...] = ()


def offers(site: Site) -> Iterator[Offer]:
    if not site.items or len(site.items) > MOST or not site.is_sound or len(site.file.pip_sections) > 1:
        return
    if any(section.entry.key.value != "pip" for section in site.file.pip_sections):
        return
    lists = [site.conda_list, *(section.node for section in site.file.pip_sections)]
    if any(isinstance(one, syntax.Sequence) and one.flow and not site.is_bare(one) for one in lists):
        return  # a comment would go with the item before it
    if any(isinstance(item, Dependency) for item in site.items):
        yield from _to_pip(site)
    if any(isinstance(item, Requirement) for item in site.items):
        yield from _to_conda(site)


def _to_pip(site: Site) -> Iterator[Offer]:
    there = site.file.pip_names
    moves: list[Move] = []
    for item in site.items:
        if isinstance(item, Dependency) and (name := pip_name(item, site.facts)) and normalised(name) not in there:
            moves += _with_comment(site, item, translation.to_pip(item.spec, name))
    section = site.file.pip_sections[0] if site.file.pip_sections else None
    if not moves or not _can_take(section.node if section else site.conda_list, moves, empty=section is not None):
        return
    adds_pip = "pip" not in site.file.conda_names
    title = _title(site, moves, "`pip` section") + (", and add `pip`" if adds_pip else "")
    yield Offer(title, MOVE, partial(_into_pip, site, moves, section, adds_pip=adds_pip))


def _to_conda(site: Site) -> Iterator[Offer]:
    there = {normalised(dependency.spec.name) for dependency in site.file.dependencies}
    moves: list[Move] = []
    for item in site.items:
        if isinstance(item, Requirement) and (name := conda_name(item, site.facts)) and normalised(name) not in there:
            moves += _with_comment(site, item, translation.to_conda(item.line, name))
    if moves and _can_take(site.conda_list, moves, empty=False):
        yield Offer(_title(site, moves, "conda list"), MOVE, partial(_into_conda, site, moves))


def _with_comment(site: Site, item: Item, written: str | None) -> list[Move]:
    """The move of an item that can be `written` in the other list, with the comment that is about it.

    None where there are several comments, for one line has one place.
    """
    if written is None or not site.is_one_line(item):
        return []
    behind = site.comment_behind(item)
    name = item.spec.name if isinstance(item, Dependency) else item.line.name
    above = site.comments_above(item, normalised(name)) if site.begins_line(item.dash) else []
    if above and (behind or len(above) > 1):
        return []
    return [Move(item, written, site.line(above[0]).strip() if above else behind, tuple(above))]


def _title(site: Site, moves: Sequence[Move], where: str) -> str:
    if len(site.items) > 1:
        return f"Move {len(moves)} of the selected packages to the {where}{_loss(moves)}"
    return f"Move to the {where}: `{moves[0].written}`{_loss(moves)}"


def _loss(moves: Sequence[Move]) -> str:
    return ", any build" if any(isinstance(one.item, Dependency) and one.item.spec.build for one in moves) else ""


def _can_take(node: syntax.Node | None, moves: Sequence[Move], *, empty: bool) -> bool:
    """Whether a list has a place for all that moves: brackets have none for a comment."""
    if isinstance(node, syntax.Sequence):
        return not node.flow or not any(move.comment for move in moves)
    return empty and isinstance(node, syntax.Scalar) and node.is_null and not node.value


# -- writing --------------------------------------------------------------------------------------------------


def _into_pip(site: Site, moves: Sequence[Move], section: PipSection | None, *, adds_pip: bool) -> list[Change]:
    changes = _removed(site, moves)
    if adds_pip:
        changes.append(ADD_PIP)
    node = section.node if section else site.conda_list
    flow = isinstance(node, syntax.Sequence) and node.flow
    return changes + [Add(("dependencies", "pip"), _item(move, flow=flow)) for move in moves]


def _into_conda(site: Site, moves: Sequence[Move]) -> list[Change]:
    """What moves, and the section where nothing is left in it."""
    section = site.file.pip_sections[0]
    removed, before = _removed(site, moves), "pip"
    node = section.node
    if isinstance(node, syntax.Sequence) and len(node.items) == len(moves):
        kept = len(site.comments_in(section.entry.span)) - sum(bool(move.comment) for move in moves)
        if kept or site.file.odd or not site.file.dependencies:
            return []  # a comment in the section would go with it; and nothing says where the list begins
        removed, before = [Remove(section.dash)], ""
    flow = site.conda_list is not None and site.conda_list.flow
    return removed + [Add(("dependencies",), _item(move, flow=flow), before=before) for move in moves]


def _removed(site: Site, moves: Sequence[Move]) -> list[Change]:
    above = [number for move in moves for number in move.above]
    return [
        *(Remove(move.item.dash) for move in moves),
        *(Replace(site.lines.whole(number), "") for number in above),
    ]


def _item(move: Move, *, flow: bool) -> str:
    """What stands for an item, as it is written in a list. Lists in brackets quote by themselves."""
    node = move.item.node
    like = node if node.style in (syntax.Style.SINGLE, syntax.Style.DOUBLE) else None
    if flow:
        return in_any_list(move.written)
    return scalar(move.written, like=like) + (f"  {move.comment}" if move.comment else "")


# -- names ----------------------------------------------------------------------------------------------------


def pip_name(item: Dependency, facts: Facts) -> str | None:
    """What pip calls a package of the conda list; None where that is not certain."""
    plain = normalised(item.spec.name)
    if plain in STAYS or not target.is_package(item.spec):
        return None
    told = ON_PYPI.get(plain) or facts.value(Twin(item.spec.name, "conda"))
    if told:
        return told
    if plain in PYPI_NAME or plain in ON_CONDA or plain in _UNSURE:
        return None
    if plain in well_known():
        return plain
    environment = facts.value(where) if (where := target.installed(item.within)) else None
    if environment is not None and plain in environment.brought and item.spec.name in environment.conda:
        same = environment.brought[plain].version == environment.conda[item.spec.name].version
        return environment.brought[plain].name if same else None
    on_conda = any(_is_python(one, facts) for one in target.conda_packages(item, facts))
    on_pip = facts.ask(PipPackage(plain, target.indexes(item.within)))
    return plain if on_conda and isinstance(on_pip, Known) else None


def conda_name(item: Requirement, facts: Facts) -> str | None:
    """What conda calls a package of the `pip` section; None where that is not certain."""
    plain = item.line.name
    if not plain or plain in STAYS or plain in ONLY_PYPI or plain in PYPI_NAME:
        return None
    told = ON_CONDA.get(plain) or facts.value(Twin(plain, "pip")) or well_known().get(plain)
    if told:
        return told
    on_conda = any(_is_python(CondaPackage(plain, where), facts) for where in target.channels(item.within, facts))
    return plain if on_conda and plain not in ON_PYPI else None


_UNSURE = frozenset(conda for pypi, conda in CONDA_NAME.items() if pypi not in PYPI_NAME)
"""What conda calls packages that have other names on PyPI, and more than one."""


@lru_cache(maxsize=1)
def well_known() -> dict[str, str]:
    """Packages that everybody has under one name, by that name: as conda writes it."""
    pip = {normalised(name) for name in PIP}
    elsewhere = {*ON_CONDA, *ON_PYPI, *_UNSURE}
    plain = ((normalised(name), name) for name in reversed(CONDA))
    return {name: written for name, written in plain if name in pip and name not in elsewhere}


def _is_python(question: CondaPackage, facts: Facts) -> bool:
    """Whether a package is known whose builds want a Python: then its name is that of a Python package."""
    package = facts.value(question)
    return package is not None and any(any(release.pythons) for release in package.releases[:1])
