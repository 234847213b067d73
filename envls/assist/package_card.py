"""What to show of a package: what its index says, and what is installed here; and that the rest is not known."""

from __future__ import annotations

from datetime import datetime

from envls import target
from envls.assist.markdown import code, escaped, link
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

SHOWN_VERSIONS = 8


def dependency_card(dependency: Dependency, facts: Facts) -> str:
    spec = dependency.spec
    question = next(iter(target.conda_packages(dependency, facts)), None)
    if question is None:
        return f"**{escaped(spec.name or spec.text)}**" if spec.name else ""
    answer = facts.ask(question)
    where = ", ".join(str(channel) for channel in question.channels.listed) or "the configured channels"
    head = _card(spec.name, answer, f"{where} ({question.channels.platform})")
    unpacked = _unpacked(spec.name, facts) if isinstance(answer, Unavailable) else ""
    return "\n\n".join(filter(None, (head, unpacked, _meaning(dependency), _installed(dependency, facts))))


def requirement_card(requirement: Requirement, facts: Facts) -> str:
    line = requirement.line
    if line.kind == "address":
        shown = f"**{escaped(line.name)}** {code(line.wheel_version)}" if line.name else "**An address**"
        return "\n\n".join((f"{shown} from {code(str(line.url))}", "pip fetches this file; no index is asked.",
                            _installed(requirement, facts))).strip()  # fmt: skip
    question = target.pip_package(requirement)
    if question is None:
        return ""
    head = _card(line.name, facts.ask(question), "the package index")
    return "\n\n".join(filter(None, (head, _installed(requirement, facts))))


def _card(name: str, answer: Answer[Package], where: str) -> str:
    if isinstance(answer, Known):
        return _known(answer.value, answer.as_of)
    if isinstance(answer, Absent):
        return f"**{escaped(name)}**\n\nNot on {escaped(where)}."
    if isinstance(answer, Unavailable):
        return f"**{escaped(name)}**\n\nWhat {escaped(where)} has is not known: {escaped(answer.reason)}."
    assert isinstance(answer, Pending)
    return f"**{escaped(name)}**\n\n{escaped(answer.reason) or f'Asking {escaped(where)}'} …"


def _unpacked(name: str, facts: Facts) -> str:
    """What is here already, when no channel can be asked."""
    package = facts.value(Unpacked(name))
    if package is None:
        return ""
    versions = ", ".join(code(release.version) for release in package.releases[:SHOWN_VERSIONS])
    return "\n\n".join(filter(None, (escaped(package.summary), f"In {escaped(package.where)}: {versions}")))


def _known(package: Package, as_of: datetime | None) -> str:
    newest = next((release for release in package.releases if release.version == package.newest), None)
    facts_line = [f"**{escaped(package.name)}**"]
    if package.newest:
        facts_line.append(f"newest {code(package.newest)}{_date(newest)}")
    if package.licence:
        facts_line.append(escaped(package.licence, 60))
    if package.where:
        facts_line.append(escaped(package.where, 80))
    parts = [" · ".join(facts_line)]
    if package.summary:
        parts.append(escaped(package.summary))
    if package.releases:
        shown = ", ".join(code(release.version) + _mark(release) for release in package.releases[:SHOWN_VERSIONS])
        rest = len(package.releases) - SHOWN_VERSIONS
        parts.append(f"Versions: {shown}" + (f" and {rest} older" if rest > 0 else ""))
    if newest and newest.requires_python:
        parts.append(f"{code(package.newest)} needs Python {code(newest.requires_python)}")
    links = " · ".join(filter(None, (link(label, address) for label, address in package.links[:6])))
    if links:
        parts.append(links)
    if as_of is not None:
        parts.append(f"*as of {as_of:%Y-%m-%d %H:%M}*")
    return "\n\n".join(parts)


def _date(release: Release | None) -> str:
    return f" ({release.date:%Y-%m-%d})" if release and release.date else ""


def _mark(release: Release) -> str:
    return " (yanked)" if release.yanked is not None else ""


def _meaning(dependency: Dependency) -> str:
    """What the version of a spec lets in, where people mistake it."""
    spec = dependency.spec
    if spec.relation == "prefix" and spec.pinned:
        return f"{code('=' + spec.pinned)} takes {spec.pinned} and every {spec.pinned}.x"
    if spec.relation == "exact" and spec.pinned:
        return f"takes {spec.pinned} only" + (f", build {code(spec.build.text)}" if spec.build else "")
    return ""


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
    if isinstance(answer, Absent) and question.name:
        return f"There is no environment {code(question.name)} on this machine."
    return ""
