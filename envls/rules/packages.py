"""ENV5: what the indexes know. Nothing is said that an index did not say: not known is never wrong."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from envls import target
from envls.facts import Absent, Facts, Known, Package, Question
from envls.formats.conda.environment import Dependency, Requirement
from envls.rules.dependencies import pin
from envls.rules.installed import drift
from envls.rules.locks import stale_lock
from envls.rules.rule import Finding, Severity, rule

__all__ = [
    "drift",
    "stale_lock",
    "unknown_package",
    "unknown_requirement",
    "unknown_requirement_version",
    "unknown_version",
]


@rule("ENV501", on=Dependency, severity=Severity.WARNING)
def unknown_package(dependency: Dependency, facts: Facts) -> Iterator[Finding]:
    """No channel has the package.

    Said only when every channel of the file was asked.

    ```yaml
    channels: [conda-forge]
    dependencies:
      - python=3.11
      - nunpy=1.26  # <- ENV501
    ```

    ```facts
    conda python 3.11.9
    conda numpy 1.26.4
    conda nunpy absent
    ```
    """
    question = _question(dependency, facts)
    if question and isinstance(facts.ask(question), Absent):
        yield Finding(dependency.name_span, f"no channel of this file has `{dependency.spec.name}`")


@rule("ENV502", on=Requirement, severity=Severity.WARNING)
def unknown_requirement(requirement: Requirement, facts: Facts) -> Iterator[Finding]:
    """The package index has no such package.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - reqeusts==2.31.0  # <- ENV502
    ```

    ```facts
    conda python 3.11.9
    pip reqeusts absent
    ```
    """
    question = target.pip_package(requirement)
    if question and isinstance(facts.ask(question), Absent):
        yield Finding(requirement.name_span, f"the package index has no `{requirement.line.name}`")


@rule("ENV503", on=Dependency, severity=Severity.WARNING)
def unknown_version(dependency: Dependency, facts: Facts) -> Iterator[Finding]:
    """No channel has that version of the package.

    ```yaml
    channels: [conda-forge]
    dependencies:
      - python=3.11
      - numpy==1.26.9  # <- ENV503
    ```

    ```facts
    conda python 3.11.9
    conda numpy 1.26.4
    ```
    """
    spec = dependency.spec
    package = _package(_question(dependency, facts), facts) if spec.pinned and "*" not in spec.pinned else None
    if package is None or spec.version is None or not package.releases:
        return
    if spec.relation == "prefix":
        there = any(_begins(version, spec.pinned) for version in package.versions)
    else:
        there = any(_same(version, spec.pinned) for version in package.versions)
    if not there:
        span = dependency.node.within(spec.version.start, spec.version.end)
        near = get_close_matches(spec.pinned, package.versions, 3, 0.5)
        hint = f"; the nearest are {', '.join(near)}" if near else ""
        fixes = tuple(
            pin(dependency, version, "the nearest" if version != package.newest else "the newest") for version in near
        )
        yield Finding(span, f"{package.where or 'no channel'} has no `{spec.name}` {spec.pinned}{hint}", fixes)


@rule("ENV504", on=Requirement, severity=Severity.WARNING)
def unknown_requirement_version(requirement: Requirement, facts: Facts) -> Iterator[Finding]:
    """The package index does not have that version of the package.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests==2.99.0  # <- ENV504
    ```

    ```facts
    conda python 3.11.9
    pip requests 2.31.0 2.32.3
    ```
    """
    line = requirement.line
    package = _package(target.pip_package(requirement), facts) if line.pinned and line.version else None
    if package is None or line.version is None or not package.releases:
        return
    if not any(_same(version, line.pinned) for version in package.versions):
        span = requirement.node.within(line.version.start, line.version.end)
        near = get_close_matches(line.pinned, package.versions, 3, 0.5)
        hint = f"; the nearest are {', '.join(near)}" if near else ""
        fixes = tuple(
            pin(requirement, version, "the nearest" if version != package.newest else "the newest") for version in near
        )
        yield Finding(span, f"the package index has no `{line.name}` {line.pinned}{hint}", fixes)


def _question(dependency: Dependency, facts: Facts) -> Question[Package] | None:
    return next(iter(target.conda_packages(dependency, facts)), None)


def _package(question: Question[Package] | None, facts: Facts) -> Package | None:
    """What is known of a package, where every channel or index has said what it has."""
    answer = facts.ask(question) if question else None
    return answer.value if isinstance(answer, Known) and answer.value.complete else None


def _same(version: str, written: str) -> bool:
    """Whether two versions are the same but for how they are written: zeros at the end, case, separators."""
    return _plain(version) == _plain(written)


def _plain(version: str) -> str:
    plain = version.lower().lstrip("v").partition("+")[0].replace("-", "_").replace("_", ".")
    while plain.endswith(".0"):
        plain = plain[:-2]
    return plain


def _begins(version: str, prefix: str) -> bool:
    return (
        version == prefix
        or version.startswith((prefix + ".", prefix + "_"))
        or _same(version, prefix)
        or (version.startswith(prefix) and not version[len(prefix) : len(prefix) + 1].isdigit())
    )
