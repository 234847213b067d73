"""ENV5: releases that there are, and that nobody should take: withdrawn, vulnerable, old."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from envls import target
from envls.facts import CondaPackage, Facts, Known, PipPackage, Vulnerabilities, Vulnerability
from envls.formats.conda.environment import Dependency, Requirement
from envls.rules.dependencies import pins_to, update
from envls.rules.packages.answered import AnsweredDependency, AnsweredRequirement, Standing
from envls.rules.packages.missing import version_span
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.versions import CondaVersions, Versions, step

SHOWN = 3
MOST_TRIED = 5


@rule("ENV512", on=AnsweredRequirement, severity=Severity.WARNING)
def withdrawn_release(answered: AnsweredRequirement, facts: Facts) -> Iterator[Finding]:
    """A pinned release was withdrawn from the index.

    Its authors found that it should not be used. pip still takes it where `==` names it, and warns while an image is
    built, where nobody looks.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests==2.32.1   # <- ENV512
    ```

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests==2.32.3
    ```

    ```facts
    conda python 3.11.9
    conda pip 24.2
    pip requests 2.31.0 2.32.1[yanked:conflicts_with_CVE-2024-35195_mitigation] 2.32.3
    ```
    """
    del facts
    versions, line = answered.versions, answered.item.line
    if answered.standing is not Standing.WITHDRAWN or versions is None:
        return
    here = next(iter(versions.let_in or ()), "")
    release = next((one for one in versions.package.releases if one.version == here), None)
    why = f": {release.yanked}" if release and release.yanked else ""
    lower, higher = versions.near(here) or ("", "")
    near = {one: what for one, what in ((higher, "the next higher"), (lower, "the next lower")) if one}
    message = f"`{line.name}` {here} was withdrawn by its authors{why}"
    yield Finding(version_span(answered.item), message, pins_to(answered.item, near))


# -- vulnerable -----------------------------------------------------------------------------------------------


@rule("ENV513", on=AnsweredRequirement, severity=Severity.WARNING)
def vulnerable_requirement(answered: AnsweredRequirement, facts: Facts) -> Iterator[Finding]:
    """A package of the `pip` section has a known vulnerability.

    Said of the version that the line pins, or of the newest that it lets in. The fix is the first version after it of
    which no vulnerability is known. OSV, a public database, is asked, and only where the setting `envls.vulnerabilities`
    or `envls check --vulnerabilities` says so; packages of private indexes are never sent.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests==2.19.0   # <- ENV513
        - flask>=3
    ```

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests==2.20.1
    ```

    ```facts
    conda python 3.11.9
    conda pip 24.2
    pip requests 2.19.0 2.20.0 2.20.1 2.32.3
    pip flask 3.0.3
    vulnerable requests 2.19.0 CVE-2018-18074 fixed 2.20.0
    vulnerable requests 2.20.0 CVE-2023-32681 fixed 2.20.1
    ```
    """
    if answered.standing in (Standing.SOUND, Standing.WITHDRAWN) and answered.versions:
        yield from _vulnerable(answered.item, answered.versions, facts)


@rule("ENV514", on=AnsweredDependency, severity=Severity.WARNING)
def vulnerable_package(answered: AnsweredDependency, facts: Facts) -> Iterator[Finding]:
    """A package of the conda list has a known vulnerability.

    Vulnerabilities are known by the names of the public Python index. A conda package is looked up where it is certain
    which Python package it is, for most of them only with the setting `envls.nameMapping` or `--name-mapping`.

    ```yaml
    channels: [conda-forge]
    dependencies:
      - python=3.11
      - requests=2.19   # <- ENV514
      - numpy=1.26
    ```

    ```yaml
    channels: [conda-forge]
    dependencies:
      - python=3.11
      - requests=2.32
    ```

    ```facts
    conda python 3.11.9
    conda numpy 1.26.4
    conda requests 2.19.0 2.19.1 2.32.3
    twin conda requests requests
    vulnerable requests 2.19.1 CVE-2018-18074 fixed 2.20.0
    ```
    """
    if answered.standing is Standing.SOUND and answered.versions:
        yield from _vulnerable(answered.item, answered.versions, facts)


def vulnerabilities(item: Dependency | Requirement, versions: Versions, version: str) -> Vulnerabilities | None:
    """What to ask of a version."""
    package: PipPackage | CondaPackage | None = None
    if isinstance(item, Requirement):
        package = target.pip_package(item)
    elif isinstance(versions, CondaVersions):
        package = versions.offers[0][0]
    return Vulnerabilities(package, version) if package else None


def _vulnerable(item: Dependency | Requirement, versions: Versions, facts: Facts) -> Iterator[Finding]:
    here = next(iter(versions.usable or versions.let_in or ()), "")
    question = vulnerabilities(item, versions, here) if here else None
    known = facts.value(question) if question else None
    if not question or not known:
        return
    ids = ", ".join(map(advisory_shown, known[:SHOWN])) + (
        f" and {len(known) - SHOWN} more" if len(known) > SHOWN else ""
    )
    line = item.spec if isinstance(item, Dependency) else item.line
    pinned = bool(line.pinned)
    many = "known vulnerabilities" if len(known) > 1 else "a known vulnerability"
    subject = f"`{line.name}` {here}" if pinned else f"`{line.name}`, today {here},"
    message = f"{subject} has {many}: {ids}"
    about = next((one.summary for one in known if one.summary), "")
    if about and len(known) == 1:
        message += f" ({about})"
    fixes: tuple[Fix, ...] = ()
    safe = first_safe(versions, question, known, facts)
    if safe:
        message += f"; the first without is {safe}"
        fix = update(item, safe, "the first version without")
        fixes = (fix,) if fix else pins_to(item, {safe: "the first version without"})
    yield Finding(version_span(item), message, fixes)


def advisory_name(one: Vulnerability) -> str:
    """What people know an advisory by."""
    return next((alias for alias in one.aliases if alias.startswith("CVE-")), one.id)


def advisory_shown(one: Vulnerability) -> str:
    return advisory_name(one) + (f" ({one.severity})" if one.severity else "")


def first_safe(versions: Versions, question: Vulnerabilities, known: tuple[Vulnerability, ...], facts: Facts) -> str:
    """The first version after the one in question of which no vulnerability is known; "" where none of a few tried is one."""
    here = question.version
    for _ in range(MOST_TRIED):
        fixed = [after for one in known if (after := _first_after(versions, here, one.fixed))]
        if not fixed:
            return ""
        order = versions.package.versions
        here = min(fixed, key=order.index)  # newest first: the least index is the highest
        answer = facts.ask(replace(question, version=here))
        if not isinstance(answer, Known):
            return ""
        if not answer.value:
            return here
        known = answer.value
    return ""


def _first_after(versions: Versions, here: str, fixed: tuple[str, ...]) -> str:
    """The lowest version that can be had, is higher than `here`, and not lower than the first of `fixed` after that."""
    newer = versions.satisfying(f">{here}", fitting=True) or ()
    found = [
        higher[-1]
        for one in fixed
        if (higher := versions.finals([each for each in versions.satisfying(f">={one}") or () if each in newer]))
    ]
    order = versions.package.versions
    return max(found, key=order.index) if found else ""


# -- old ------------------------------------------------------------------------------------------------------


@rule("ENV515", on=AnsweredDependency, severity=Severity.HINT, opt_in=True)
def outdated_package(answered: AnsweredDependency, facts: Facts) -> Iterator[Finding]:
    """There is a newer version of a conda package than its spec lets in.

    Off until it is named, as in `severity = { ENV515 = "hint" }`: an environment that works need not change. Newer is
    what the file's channels have for its platforms and its Python, pre-releases aside.

    ```yaml
    channels: [conda-forge]
    dependencies:
      - python=3.12
      - numpy=1.26     # <- ENV515
      - scipy>=1.10
    ```

    ```facts
    conda python 3.12.4
    conda numpy 1.26.4 2.1.0
    conda scipy 1.14.0
    ```
    """
    del facts
    if answered.standing is Standing.SOUND and answered.versions:
        yield from _outdated(answered.item, answered.versions)


@rule("ENV516", on=AnsweredRequirement, severity=Severity.HINT, opt_in=True)
def outdated_requirement(answered: AnsweredRequirement, facts: Facts) -> Iterator[Finding]:
    """There is a newer version of a package than its line in the `pip` section lets in.

    Off until it is named, as in `severity = { ENV516 = "hint" }`.

    ```yaml
    dependencies:
      - python=3.12
      - pip
      - pip:
        - requests==2.31.0   # <- ENV516
        - flask>=2
    ```

    ```facts
    conda python 3.12.4
    conda pip 24.2
    pip requests 2.31.0 2.32.3
    pip flask 3.0.3
    ```
    """
    del facts
    if answered.standing is Standing.SOUND and answered.versions:
        yield from _outdated(answered.item, answered.versions)


def _outdated(item: Dependency | Requirement, versions: Versions) -> Iterator[Finding]:
    newest, let_in = versions.newest, versions.let_in
    if not newest or not let_in or newest in let_in or not versions.spec:
        return
    here = versions.finals(let_in)[0]
    order = versions.package.versions
    if order.index(newest) > order.index(here):
        return  # what it asks for is newer than what its channel prefers
    line = item.spec if isinstance(item, Dependency) else item.line
    message = f"`{line.name}` {newest} is out, a {step(here, newest)} update of {here}"
    fix = update(item, newest, "the newest")
    yield Finding(version_span(item), message, (fix,) if fix else ())
