"""ENV5: packages that there are, but not for the file's platform or Python."""

from __future__ import annotations

from collections.abc import Iterator

from envls import target
from envls.facts import Facts
from envls.formats.conda.environment import Dependency, Requirement
from envls.rules.dependencies import pins_to
from envls.rules.packages.answered import AnsweredDependency, AnsweredRequirement, Standing
from envls.rules.packages.missing import version_span
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.rules.wording import enumerated
from envls.versions import Versions


@rule("ENV507", on=AnsweredDependency, severity=Severity.ERROR)
def other_platform_only(answered: AnsweredDependency, facts: Facts) -> Iterator[Finding]:
    """A package or a version is built for other platforms only.

    conda finds nothing to install on the platform that the file is for: linux-64 for a managed run, each of the file's
    `platforms`, the one that the setting `platform` names. Where nobody says, this machine's: then it is a warning.

    ```yaml
    channels: [conda-forge]
    platforms: [linux-64, osx-arm64]
    dependencies:
      - python=3.11
      - pywin32=306    # <- ENV507
      - numpy=1.19     # <- ENV507
    ```

    ```yaml
    channels: [conda-forge]
    platforms: [win-64]
    dependencies:
      - python=3.11
      - pywin32=306
    ```

    ```facts
    conda python 3.11.9
    conda pywin32 absent
    win-64 pywin32 306
    conda numpy 1.19.5 1.26.4
    osx-arm64 numpy 1.26.4
    ```
    """
    if answered.standing is not Standing.ELSEWHERE:
        return
    dependency, lacking = answered.item, answered.lacking
    having = [one for one in answered.platforms if one not in lacking] or list(answered.elsewhere or ())
    spec = dependency.spec
    package = len(answered.offers) < len(answered.answers) or not answered.offers
    shown = f"`{spec.name}`" if package or not spec.version else f"`{spec.name}` {spec.pinned or spec.version.text}"
    message = f"{shown} has no build for {enumerated(lacking)}; {enumerated(having)} {'have' if len(having) > 1 else 'has'} one"
    fixes = () if package or answered.versions is None else _nearest(dependency, answered.versions)
    severity = None if target.is_told(dependency.within, facts) else Severity.WARNING
    span = dependency.name_span if package else version_span(dependency)
    yield Finding(span, message, fixes, severity=severity)


@rule("ENV508", on=AnsweredDependency, severity=Severity.ERROR)
def other_python_only(answered: AnsweredDependency, facts: Facts) -> Iterator[Finding]:
    """A package or a version has no build for the Python that the file asks for.

    conda looks for a set that fits together and finds none; its message names other packages as often as this one.

    ```yaml
    channels: [conda-forge]
    dependencies:
      - python=3.12
      - numpy=1.19   # <- ENV508
      - pandas>=1    # <- ENV508
      - scipy=1.14
    ```

    ```yaml
    channels: [conda-forge]
    dependencies:
      - python=3.9
      - numpy=1.19
      - pandas>=1
    ```

    ```facts
    conda python 3.9.19 3.12.4
    conda numpy 1.19.5[python:>=3.9,<3.10.0a0] 1.26.4[python:>=3.12,<3.13.0a0]
    conda pandas 1.1.5[python:>=3.9,<3.10.0a0]
    conda scipy 1.14.0
    ```
    """
    del facts
    versions = answered.versions
    if answered.standing is not Standing.NO_PYTHON or versions is None:
        return
    dependency, spec = answered.item, answered.item.spec
    wanted = spec.pinned or (spec.version.text if spec.version else "")
    shown = f"`{spec.name}`" + (f" {wanted}" if wanted else "")
    message = f"{shown} has no build for Python {python_shown(versions.python)} ({', '.join(answered.platforms)})"
    nearest = nearest_fitting(versions)
    if nearest:
        message += f"; {nearest} has one"
    yield Finding(version_span(dependency), message, _nearest(dependency, versions))


@rule("ENV509", on=AnsweredRequirement, severity=Severity.ERROR)
def other_python_required(answered: AnsweredRequirement, facts: Facts) -> Iterator[Finding]:
    """A package of the `pip` section does not take the Python that the conda list asks for.

    Each release says which Pythons it takes (`Requires-Python`); pip passes over the others and finds none.

    ```yaml
    dependencies:
      - python=3.8
      - pip
      - pip:
        - flask==3.0.3   # <- ENV509
        - requests>=2
    ```

    ```yaml
    dependencies:
      - python=3.12
      - pip
      - pip:
        - flask==3.0.3
    ```

    ```facts
    conda python 3.8.19 3.12.4
    conda pip 24.2
    pip flask 2.0.3[python:>=3.6] 3.0.3[python:>=3.9]
    pip requests 2.32.3[python:>=3.8]
    ```
    """
    del facts
    versions, line = answered.versions, answered.item.line
    if answered.standing is not Standing.NO_PYTHON or versions is None:
        return
    best = next(iter(versions.let_in or ()), "")
    release = next((one for one in versions.package.releases if one.version == best), None)
    shown = f"`{line.name}`" + (f" {best}" if line.version else "")
    needs = f"needs Python {release.requires_python}" if release else "takes another Python"
    message = f"{shown} {needs}; this file asks for Python {python_shown(versions.python)}"
    nearest = nearest_fitting(versions)
    if nearest:
        message += f", which {nearest} takes"
    yield Finding(version_span(answered.item), message, _nearest(answered.item, versions))


def python_shown(spec: str) -> str:
    """A version of Python as a person says it: `3.12*` is 3.12."""
    return spec.removesuffix("*").removesuffix(".")


def nearest_fitting(versions: Versions) -> str:
    """The version next to what an item asks for that fits its target; the next higher one first."""
    here = next(iter(versions.let_in or ()), "")
    lower, higher = (versions.near(here) if here else None) or ("", "")
    return higher or lower or versions.newest or ""


def _nearest(item: Dependency | Requirement, versions: Versions) -> tuple[Fix, ...]:
    nearest, newest = nearest_fitting(versions), versions.newest or ""
    reasons = {newest: "the newest that fits", nearest: "the nearest that fits"}
    return pins_to(item, {one: reasons[one] for one in dict.fromkeys((nearest, newest)) if one})
