"""Where a package is that stands under a name which its list does not have: a slip of the pen, the name that the other
list uses, the other list itself. Whatever is said to be there has been seen there, or is well known. No rule stands here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from envls import target
from envls.facts import CondaNames, CondaPackage, Facts, Known, Package, Pending, PipPackage, Question, Twin
from envls.formats.conda.environment import Dependency, Requirement
from envls.formats.conda.requirement import normalised
from envls.known import packages
from envls.known.channels import CHANNELS
from envls.known.retired import RETIRED
from envls.known.twins import ON_CONDA, ON_PYPI

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-_."
_FAMILIES = ("python-", "py", "r-", "bioconductor-")
_PIP = tuple(sorted(packages.PIP))
_CONDA = tuple(sorted(packages.CONDA))
MOST = 3


# -- slips of the pen -----------------------------------------------------------------------------------------


def one_slip_away(item: Dependency | Requirement, facts: Facts) -> tuple[str, ...] | None:
    """The names of the list that are one letter away, the well-known ones first; None while the names are on their way."""
    names = _names(item, facts)
    return None if names is None else _slips(_name(item), names)


def similar(item: Dependency | Requirement, facts: Facts) -> tuple[str, ...]:
    """Names of the list that may be meant, the likeliest first; a few at most."""
    names, name = _names(item, facts) or (), _name(item)
    kin = [family + name for family in _FAMILIES] + [
        name.removeprefix(family) for family in _FAMILIES if name.startswith(family)
    ]
    alike = get_close_matches(name, [one for one in _known(item) if _stands_in(names, one)], MOST, 0.8)
    found = (*_slips(name, names), *(one for one in kin if _stands_in(names, one)), *alike)
    return tuple(one for one in dict.fromkeys(found) if one != name)[:MOST]


def _name(item: Dependency | Requirement) -> str:
    return item.spec.name if isinstance(item, Dependency) else item.line.name


def _known(item: Dependency | Requirement) -> tuple[str, ...]:
    return packages.CONDA if isinstance(item, Dependency) else packages.PIP


def _names(item: Dependency | Requirement, facts: Facts) -> Sequence[str] | None:
    """The names of a list, sorted: all of a channel's, of an index, which has too many, the well-known ones."""
    if isinstance(item, Requirement):
        return _PIP
    questions = target.conda_packages(item, facts)
    answer = facts.ask(CondaNames(questions[0].channels)) if questions else None
    if isinstance(answer, Pending):
        return None
    return answer.value if isinstance(answer, Known) else _CONDA


def _slips(name: str, names: Sequence[str]) -> tuple[str, ...]:
    found = [one for one in dict.fromkeys(_one_letter_off(name)) if one != name and _stands_in(names, one)]
    popular = frozenset((*packages.CONDA, *packages.PIP))
    return tuple(sorted(found, key=lambda one: (one not in popular, abs(len(one) - len(name)), one)))[:MOST]


def _one_letter_off(name: str) -> Iterator[str]:
    """The name with other marks between its words, a letter changed, doubled, lost, or two in the other order."""
    for mark in "-_.":
        yield "".join(mark if letter in "-_." else letter for letter in name)
    if len(name) < 3 or len(name) > 40:
        return
    for at in range(len(name) + 1):
        before, after = name[:at], name[at:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in _LETTERS)
        yield from (before + letter + after for letter in _LETTERS)


def _stands_in(names: Sequence[str], name: str) -> bool:
    at = bisect_left(names, name)
    return at < len(names) and names[at] == name


# -- other names, the other list ------------------------------------------------------------------------------


def known_as(item: Dependency | Requirement, facts: Facts) -> str:
    """The name under which the same list has the package, where it has it; "" where that is not known."""
    name = _name(item)
    if isinstance(item, Dependency):
        plain = normalised(name)
        said = facts.value(Twin(plain, "pip"))
        retired = RETIRED.get(plain)
        others = (ON_CONDA.get(plain), retired.successor if retired else "", said)
    else:
        retired = RETIRED.get(name)
        said = facts.value(Twin(name, "conda"))
        others = (ON_PYPI.get(name), retired.successor if retired else "", said)
    for other in others:
        if other and other != name and (question := _question(item, other, facts)) and _has(question, facts):
            return other
    return ""


def in_other_list(item: Dependency | Requirement, facts: Facts) -> str:
    """The name under which the other list of the file could have the package; "" where it has none, or may not be asked.

    A name that only a private channel or index may have is told to nobody.
    """
    name, within = _name(item), item.within
    if isinstance(item, Dependency):
        if any(one not in CHANNELS for one in (*within.channels, target.channel_of(item.spec)) if one):
            return ""
        question: Question[Package] = PipPackage(normalised(name), target.indexes(within))
        return normalised(name) if _has(question, facts) else ""
    if within.index or within.extra_indexes:
        return ""
    places = target.channels(within, facts)
    for other in dict.fromkeys((ON_CONDA.get(name, name), name, facts.value(Twin(name, "pip")) or name)):
        if places and _has(CondaPackage(other, places[0]), facts):
            return other
    return ""


def _question(item: Dependency | Requirement, name: str, facts: Facts) -> Question[Package] | None:
    if isinstance(item, Requirement):
        return PipPackage(normalised(name), target.indexes(item.within))
    questions = target.conda_packages(item, facts)
    return CondaPackage(name, questions[0].channels) if questions else None


def _has(question: Question[Package], facts: Facts) -> bool:
    return isinstance(facts.ask(question), Known)
