"""What to show of a package: what its index says, what the item takes of it today, what is installed; and what of all
that is not known, and how old the rest is.

The card is short: what a person decides by first, where it comes from last and quietly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone

from envls import target
from envls.assist.address_card import address_card
from envls.assist.markdown import LINE, code, escaped, link
from envls.assist.taken import meaning, pythons, taken, taken_today, vulnerabilities, withdrawn
from envls.facts import (
    Absent,
    Answer,
    Facts,
    Known,
    Package,
    Pending,
    Release,
    Unavailable,
    Unpacked,
)
from envls.formats.conda.environment import Dependency, Requirement
from envls.versions import versions_of

SHOWN_VERSIONS = 8
SHOWN_REQUIREMENTS = 6
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def dependency_card(dependency: Dependency, facts: Facts) -> str:
    spec = dependency.spec
    questions = target.conda_packages(dependency, facts)
    if not questions:
        return f"**{escaped(spec.name or spec.text)}**" if spec.name else ""
    answers = [(question.channels.platform, facts.ask(question)) for question in questions]
    listed = [str(channel) for channel in questions[0].channels.listed if channel != "nodefaults"]
    where = ", ".join(listed) or "the configured channels"
    answer = next((one for _, one in answers if isinstance(one, Known)), answers[0][1])
    platforms = f"{', '.join(platform for platform, _ in answers)} ({target.reason(dependency.within, facts)})"
    lacking = [platform for platform, one in answers if isinstance(one, Absent)]
    return _card(dependency, spec.name, answer, where, facts, platforms, lacking)


def requirement_card(requirement: Requirement, facts: Facts) -> str:
    line = requirement.line
    if line.kind == "address":
        return "\n\n".join(filter(None, (address_card(line), _installed(requirement, facts))))
    question = target.pip_package(requirement)
    if question is None:
        return ""
    return _card(requirement, line.name, facts.ask(question), "the package index", facts)


def _card(
    item: Dependency | Requirement,
    name: str,
    answer: Answer[Package],
    where: str,
    facts: Facts,
    platforms: str = "",
    lacking: Sequence[str] = (),
) -> str:
    if not isinstance(answer, Known):
        return _card_without_answer(item, name, answer, f"{where} for {platforms}" if platforms else where, facts)
    package = answer.value
    versions = versions_of(item, facts)
    here = taken_today(versions)
    release = next((one for one in package.releases if one.version == here), None)
    vulnerable, checked = vulnerabilities(item, versions, here, facts)
    lines = (
        taken(item, versions),
        withdrawn(release),
        pythons(item, release),
        _installed(item, facts),
        vulnerable,
        *_parts(package),
    )
    if lacking:
        lines = (f"No build for {', '.join(lacking)}", *lines)
    links = " · ".join(filter(None, (link(label, address) for label, address in package.links[:6])))
    return "\n\n".join(
        filter(
            None,
            (
                _head(package),
                escaped(package.summary),
                LINE.join(filter(None, lines)),
                _versions(package),
                links,
                _said_by(answer, platforms, checked),
            ),
        )
    )


def _said_by(answer: Known[Package], platforms: str, checked: str) -> str:
    """Who says what a card shows, for which platforms, and when."""
    quiet = (
        _source(answer.value),
        platforms,
        "" if answer.value.complete else "not all have answered",
        _age(answer.as_of),
        f"not renewed: {escaped(answer.failing)}" if answer.failing else "",
        checked,
    )
    return f"*{' · '.join(filter(None, quiet))}*"


def _card_without_answer(
    item: Dependency | Requirement, name: str, answer: Answer[Package], where: str, facts: Facts
) -> str:
    absent = f"Not on {escaped(where)}." if isinstance(answer, Absent) else ""
    unpacked = isinstance(answer, Unavailable) and isinstance(item, Dependency)
    said = LINE.join(filter(None, (meaning(item), _installed(item, facts), _unpacked(name, facts) if unpacked else "")))
    return "\n\n".join(filter(None, (f"**{escaped(name)}**", absent, said, _unanswered(answer, where))))


def _unanswered(answer: Answer[Package], where: str) -> str:
    """Last and quietly: without a network every card says so."""
    match answer:
        case Unavailable(reason):
            return f"*Its versions are not known: {escaped(reason)}*"
        case Pending(reason):
            return f"*{escaped(reason) or f'Asking {escaped(where)}'} …*"
    return ""


def _unpacked(name: str, facts: Facts) -> str:
    """What is here already, when no channel can be asked."""
    package = facts.value(Unpacked(name))
    if package is None:
        return ""
    versions = ", ".join(code(release.version) for release in package.releases[:SHOWN_VERSIONS])
    return "\n\n".join(filter(None, (escaped(package.summary), f"In {escaped(package.where)}: {versions}")))


# -- what the index says --------------------------------------------------------------------------------------


def _head(package: Package) -> str:
    newest = next((release for release in package.releases if release.version == package.newest), None)
    date = f" ({newest.date:%Y-%m-%d})" if newest and newest.date else ""
    parts = (f"newest {code(package.newest)}{date}" if package.newest else "", escaped(package.licence, 60))
    return " · ".join((f"**{escaped(package.name)}**", *filter(None, parts)))


def _versions(package: Package) -> str:
    if len(package.releases) < 2:
        return ""
    shown = ", ".join(code(release.version) + _mark(release) for release in package.releases[:SHOWN_VERSIONS])
    rest = len(package.releases) - SHOWN_VERSIONS
    return f"Versions: {shown}" + (f" and {rest} older" if rest > 0 else "")


def _mark(release: Release) -> str:
    return " (withdrawn)" if release.yanked is not None else ""


def _parts(package: Package) -> Iterator[str]:
    """What the newest release of a pip package brings along, and what it may."""
    needed = [one for one in package.requires if "extra" not in one.partition(";")[2]]
    if needed:
        names = ", ".join(code(found[0]) for one in needed[:SHOWN_REQUIREMENTS] if (found := _NAME.match(one)))
        rest = len(needed) - SHOWN_REQUIREMENTS
        yield f"{code(package.newest)} requires {names}" + (f" and {rest} more" if rest > 0 else "")
    if package.extras:
        shown = ", ".join(code(extra) for extra in package.extras[:SHOWN_REQUIREMENTS])
        rest = len(package.extras) - SHOWN_REQUIREMENTS
        yield f"Its extras are {shown}" + (f" and {rest} more" if rest > 0 else "")


def _source(package: Package) -> str:
    return escaped(package.where, 80)


def _age(as_of: datetime | None) -> str:
    """How long ago somebody said so."""
    return ago(as_of, datetime.now(timezone.utc)) if as_of is not None else ""


def ago(then: datetime, now: datetime) -> str:
    """How long ago `then` was, as a person says it; a date where it is long ago."""
    minutes = int((now - then).total_seconds() // 60)
    for unit, length, many in (("minute", 1, 60), ("hour", 60, 24), ("day", 24 * 60, 14)):
        count = minutes // length
        if count < many:
            return "just now" if count < 1 else f"{count} {unit}{'s' if count > 1 else ''} ago"
    return f"{then:%Y-%m-%d}"


# -- what is here ---------------------------------------------------------------------------------------------


def _installed(item: Dependency | Requirement, facts: Facts) -> str:
    """What is installed in the environment that the file names."""
    question = target.installed(item.within)
    name = item.spec.name if isinstance(item, Dependency) else item.line.name
    if question is None or not name:
        return ""
    answer = facts.ask(question)
    if isinstance(answer, Known):
        environment = code(question.name or answer.value.prefix.name)
        there = answer.value.find(name, pip=isinstance(item, Requirement))
        if there is None:
            return f"Not installed in {environment} on this machine."
        build = f" ({code(there.build)})" if there.build else ""
        others = (
            "" if answer.value.sure else f"; this is {code(str(answer.value.prefix))}, there may be others of that name"
        )
        return f"Installed in {environment}: {code(there.version or 'an unknown version')}{build}{others}"
    return ""
