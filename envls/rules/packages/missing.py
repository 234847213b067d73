"""ENV5: versions and builds that nobody has, with the nearest that somebody does."""

from __future__ import annotations

from collections.abc import Iterator

from envls.facts import Facts
from envls.formats.conda.environment import Dependency, Requirement
from envls.rules.dependencies import pins_to, rewrite
from envls.rules.packages.answered import AnsweredDependency, AnsweredRequirement, Standing
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.text import Span
from envls.versions import Versions

SHOWN_BUILDS = 4


@rule("ENV503", on=AnsweredDependency, severity=Severity.ERROR)
def unknown_version(answered: AnsweredDependency, facts: Facts) -> Iterator[Finding]:
    """No channel has that version of the package.

    conda finds nothing to install and makes no environment. The next lower and the next higher version that there is
    are offered, and the newest, each only if it has a build for the file's Python.

    ```yaml
    channels: [conda-forge]
    dependencies:
      - python=3.11
      - numpy==1.26.9  # <- ENV503
      - pandas=3       # <- ENV503
    ```

    ```yaml
    channels: [conda-forge]
    dependencies:
      - python=3.11
      - numpy=1.26
      - pandas==2.2
    ```

    ```facts
    conda python 3.11.9
    conda numpy 1.20.3 1.26.4 2.0.0 2.1.0
    conda pandas 2.2.0
    ```
    """
    del facts
    if answered.standing is Standing.NO_VERSION and answered.versions:
        spec = answered.item.spec
        where = f"{answered.versions.package.where or 'no channel'} has no `{spec.name}` {spec.pinned}"
        yield _missing(answered.item, answered.versions, f"{where} for {', '.join(answered.platforms)}", spec.pinned)


@rule("ENV504", on=AnsweredRequirement, severity=Severity.ERROR)
def unknown_requirement_version(answered: AnsweredRequirement, facts: Facts) -> Iterator[Finding]:
    """The package index does not have that version of the package.

    pip installs nothing of the section, and conda leaves an environment that lacks it.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests==2.99.0  # <- ENV504
    ```

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests==2.31
    ```

    ```facts
    conda python 3.11.9
    conda pip 24.2
    pip requests 2.31.0 2.32.3
    ```
    """
    del facts
    if answered.standing is Standing.NO_VERSION and answered.versions:
        line = answered.item.line
        message = f"the package index has no `{line.name}` {line.pinned}"
        yield _missing(answered.item, answered.versions, message, line.pinned)


def _missing(item: Dependency | Requirement, versions: Versions, message: str, version: str) -> Finding:
    """The finding, with the versions next to one that does not exist."""
    lower, higher = versions.near(version) or ("", "")
    near = {lower: "the next lower", higher: "the next higher", versions.newest or "": "the newest"}
    there = {one: what for one, what in near.items() if one}
    if lower and lower == versions.newest:
        there = {lower: "the newest"}
    said = ", ".join(f"{what} is {one}" for one, what in there.items())
    return Finding(version_span(item), f"{message}; {said}" if said else message, pins_to(item, there))


@rule("ENV505", on=AnsweredDependency, severity=Severity.ERROR)
def unsatisfiable_spec(answered: AnsweredDependency, facts: Facts) -> Iterator[Finding]:
    """No version or build of the package is what a spec asks for.

    conda finds nothing to install and makes no environment. A build string names one file of one day; channels
    drop and rebuild them.

    ```yaml
    channels: [conda-forge]
    dependencies:
      - python=3.11
      - numpy>=2.5,<3           # <- ENV505
      - pandas=2.2.0=py39h1_0   # <- ENV505
    ```

    ```yaml
    channels: [conda-forge]
    dependencies:
      - python=3.11
      - numpy>=1.20,<3
      - pandas=2.2.0=py311*
    ```

    ```facts
    conda python 3.11.9
    conda numpy 1.26.4 2.1.0
    conda pandas 2.2.0[build:py311h2_0]
    ```
    """
    versions = answered.versions
    if answered.standing is not Standing.NO_MATCH or versions is None:
        return
    dependency, spec = answered.item, answered.item.spec
    there = versions.satisfying(versions.spec) if versions.build else ()
    where = f"for {', '.join(answered.platforms)}"
    if there:
        part = spec.build or spec.brackets
        span = dependency.node.within(part.start, part.end) if part else dependency.span
        builds = [
            build for release in versions.package.releases if release.version == there[0] for build in release.builds
        ]
        shown = ", ".join(f"`{build}`" for build in builds[:SHOWN_BUILDS])
        rest = f" and {len(builds) - SHOWN_BUILDS} more" if len(builds) > SHOWN_BUILDS else ""
        message = f"`{spec.name}` {there[0]} has no build `{versions.build}` {where}; it has {shown}{rest}"
        fixes: tuple[Fix, ...] = ()
        if spec.build and spec.version:
            bare = spec.text[: spec.version.end] + spec.text[spec.build.end :]
            fixes = (Fix(f"Write `{bare}`, any build", (rewrite(dependency, bare),)),)
        yield Finding(span, message, fixes)
        return
    del facts
    yield _unsatisfied(dependency, versions, f"no version of `{spec.name}` satisfies `{_said(dependency)}` {where}")


@rule("ENV506", on=AnsweredRequirement, severity=Severity.ERROR)
def unsatisfiable_requirement(answered: AnsweredRequirement, facts: Facts) -> Iterator[Finding]:
    """No version of the package is what a line asks for.

    pip installs nothing of the section, and conda leaves an environment that lacks it. Releases that were withdrawn do
    not count: pip takes one only where `==` names it.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests>=3       # <- ENV506
        - flask==3.1.*      # <- ENV506
    ```

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests>=2,<3
        - flask==3.0.*
    ```

    ```facts
    conda python 3.11.9
    conda pip 24.2
    pip requests 2.31.0 2.32.3
    pip flask 3.0.3 3.1.0[yanked:broken]
    ```
    """
    del facts
    if answered.standing is Standing.NO_MATCH and answered.versions:
        line = answered.item.line
        message = f"no version of `{line.name}` satisfies `{_said(answered.item)}`"
        yield _unsatisfied(answered.item, answered.versions, message)


def _unsatisfied(item: Dependency | Requirement, versions: Versions, message: str) -> Finding:
    newest = versions.newest
    fixes = pins_to(item, {newest: "the newest"}) if newest else ()
    return Finding(version_span(item), f"{message}; the newest is {newest}" if newest else message, fixes)


def version_span(item: Dependency | Requirement) -> Span:
    """Where the version of an item stands, else its name."""
    line = item.spec if isinstance(item, Dependency) else item.line
    part = line.version
    if isinstance(item, Dependency) and (part is None or "version" in dict(item.spec.fields)):
        part = item.spec.brackets
    return item.node.within(part.start, part.end) if part else item.name_span


def _said(item: Dependency | Requirement) -> str:
    """The version of an item as it is written."""
    line = item.spec if isinstance(item, Dependency) else item.line
    version = dict(item.spec.fields).get("version") if isinstance(item, Dependency) else None
    return version or (line.version.text if line.version else "")
