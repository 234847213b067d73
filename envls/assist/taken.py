"""What an item takes of its package, as lines of a card: which version one would get today, for which Python it is,
and what is known to be wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from envls.assist.in_words import line_in_words, spec_in_words
from envls.assist.markdown import LINE, code, escaped, link
from envls.facts import Facts, Known, Release, Unavailable, Vulnerability
from envls.formats.conda.environment import Dependency, Requirement
from envls.known.pythons import MINORS
from envls.rules.packages import releases
from envls.rules.packages.builds import python_shown
from envls.versions import Versions, possible_pythons

SHOWN_ADVISORIES = 3
_ADVISORY = "https://osv.dev/vulnerability/"


def taken_today(versions: Versions | None) -> str:
    """The version that would be installed today, "" where that is not known."""
    return next(iter((versions.usable or versions.let_in or ()) if versions else ()), "")


def taken(item: Dependency | Requirement, versions: Versions | None) -> str:
    """What an item asks for in words, and what of it there is today: up to two lines of a card."""
    meant = meaning(item, versions.package.versions if versions else ())
    let_in, usable = (versions.let_in, versions.usable) if versions else (None, None)
    if versions is None or let_in is None or usable is None:
        return meant
    return LINE.join(filter(None, (meant, _there(item, versions, let_in, usable, bare=not meant))))


def _there(
    item: Dependency | Requirement, versions: Versions, let_in: Sequence[str], usable: Sequence[str], *, bare: bool
) -> str:
    """How many versions an item lets in, and which of them one would get; "" where it names one that there is."""
    if not let_in:
        return "No such version is there"
    exact = item.spec.relation == "exact" if isinstance(item, Dependency) else bool(item.line.pinned)
    if exact and (usable or not versions.python or _is_withdrawn(let_in[0], versions)):
        return ""
    count = "Any version" if bare else f"{len(let_in)} version{'s' if len(let_in) > 1 else ''}"
    python = f"Python {code(python_shown(versions.python))}" if versions.python else ""
    if not usable:
        none = "none is built for" if isinstance(item, Dependency) else "none takes"
        return f"{count}: {none} {python}" if python else ""
    return f"{count}: today {code(usable[0])}" + (f" for {python}" if _matters(versions) else "")


def _is_withdrawn(version: str, versions: Versions) -> bool:
    return any(one.yanked is not None for one in versions.package.releases if one.version == version)


def _matters(versions: Versions) -> bool:
    """Whether the file's Python changes what one gets."""
    let_in, usable = versions.let_in, versions.usable
    return bool(versions.python and let_in and usable and versions.finals(let_in)[0] != usable[0])


def meaning(item: Dependency | Requirement, versions: Sequence[str] = ()) -> str:
    """What an item asks for, in words; "" where it takes any version. `versions` are those that there are."""
    said = spec_in_words(item.spec, versions) if isinstance(item, Dependency) else line_in_words(item.line, versions)
    return f"Takes {said}" if said else ""


def withdrawn(release: Release | None) -> str:
    if release is None or release.yanked is None:
        return ""
    return f"**Withdrawn**: {escaped(release.yanked)}" if release.yanked else "**Withdrawn** by its authors"


def pythons(item: Dependency | Requirement, release: Release | None) -> str:
    """For which Pythons a release is."""
    if release is None or (isinstance(item, Dependency) and item.spec.name == "python"):
        return ""
    if release.requires_python and isinstance(item, Requirement):
        return f"{code(release.version)} needs Python {code(release.requires_python)}"
    shown = pythons_shown(release.pythons)
    return f"{code(release.version)} is built for Python {shown}" if shown else ""


def pythons_shown(specs: Iterable[str]) -> str:
    """What builds ask of Python, as a person says it; "" where one asks nothing."""
    found: set[str] = set()
    for spec in specs:
        there = possible_pythons(spec) if spec else ()
        if not there:
            return ""
        found |= {version.rpartition(".")[0] for version in there}
    minors = [minor for minor in MINORS if minor in found]
    if not minors:
        return ""
    if minors[-1] == MINORS[-1]:
        first = next(minor for at, minor in enumerate(MINORS) if set(MINORS[at:]) <= found)
        before = [minor for minor in minors if minor not in MINORS[MINORS.index(first) :]]
        return ", ".join((*before, f"{first} and newer"))
    return f"{', '.join(minors[:-1])} and {minors[-1]}" if len(minors) > 1 else minors[0]


# -- what else is known ---------------------------------------------------------------------------------------


def vulnerabilities(
    item: Dependency | Requirement, versions: Versions | None, here: str, facts: Facts
) -> tuple[str, str]:
    """What is known to be wrong with a version, and (for the quiet line) whether anybody was asked."""
    question = releases.vulnerabilities(item, versions, here) if versions and here else None
    if question is None:
        return "", ""
    answer = facts.ask(question)
    if isinstance(answer, Unavailable):
        return "", "" if answer.by_choice else f"vulnerabilities not checked: {escaped(answer.reason)}"
    if not isinstance(answer, Known):
        return "", ""
    if not answer.value:
        return "", f"no vulnerability of {escaped(here)} is known"
    shown = ", ".join(
        (link(releases.advisory_name(one), _ADVISORY + one.id) or code(one.id)) + _how_bad(one)
        for one in answer.value[:SHOWN_ADVISORIES]
    )
    count = len(answer.value)
    rest = f" and {count - SHOWN_ADVISORIES} more" if count > SHOWN_ADVISORIES else ""
    return f"**{count} known vulnerabilit{'ies' if count > 1 else 'y'}** of {code(here)}: {shown}{rest}", ""


def _how_bad(one: Vulnerability) -> str:
    about = ": ".join(filter(None, (escaped(one.severity), escaped(one.summary, 120))))
    return f" ({about})" if about else ""
