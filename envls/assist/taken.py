"""What an item takes of its package, as lines of a card: which version one would get today, for which Python it is,
and what is known to be wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterable

from envls.assist.markdown import code, escaped, link
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
    """What the version of an item lets in, and which of it one would get."""
    line = item.spec if isinstance(item, Dependency) else item.line
    written = code(line.version.text if line.version else versions.spec if versions else "")
    meant = meaning(item)
    let_in, usable = (versions.let_in, versions.usable) if versions else (None, None)
    if versions is None or let_in is None or usable is None:
        return meant
    if not let_in:
        return f"{written} takes nothing that there is"
    exact = item.spec.relation == "exact" if isinstance(item, Dependency) else bool(item.line.pinned)
    if exact and (usable or not versions.python or _is_withdrawn(let_in[0], versions)):
        return meant or f"Takes {code(let_in[0])} only"
    count = f"{len(let_in)} version{'s' if len(let_in) > 1 else ''}"
    if not versions.spec and not versions.build:
        meant = "Takes any version"
    else:
        meant = f"{meant}, {count}" if meant else f"{written} takes {count}"
    python = f"Python {code(python_shown(versions.python))}" if versions.python else ""
    if not usable:
        none = "none is built for" if isinstance(item, Dependency) else "none takes"
        return f"{meant}: {none} {python}" if python else meant
    return f"{meant}: today {code(usable[0])}" + (f" for {python}" if _matters(versions) else "")


def _is_withdrawn(version: str, versions: Versions) -> bool:
    return any(one.yanked is not None for one in versions.package.releases if one.version == version)


def _matters(versions: Versions) -> bool:
    """Whether the file's Python changes what one gets."""
    let_in, usable = versions.let_in, versions.usable
    return bool(versions.python and let_in and usable and versions.finals(let_in)[0] != usable[0])


def meaning(item: Dependency | Requirement) -> str:
    """What the version of a spec means, where people mistake it."""
    if isinstance(item, Requirement):
        return ""
    spec = item.spec
    if spec.relation == "prefix" and spec.pinned:
        return f"{code('=' + spec.pinned)} takes every {code(spec.pinned + '.x')}"
    if spec.relation == "exact" and spec.pinned:
        return f"Takes {code(spec.pinned)} only" + (f", build {code(spec.build.text)}" if spec.build else "")
    return ""


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
        return "", f"vulnerabilities not checked: {escaped(answer.reason)}"
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
