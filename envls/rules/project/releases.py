"""AML4: releases of packages of Azure ML that do not run: on the file's Python, or at all."""

from __future__ import annotations

from collections.abc import Iterator

from envls import target
from envls.facts import Facts, Known, Pending
from envls.formats.conda.environment import Requirement
from envls.known.azureml import ALWAYS, BROKEN, PYTHONS, SURELY_BRINGS, Series
from envls.rules.dependencies.specs import rewrite
from envls.rules.project.additions import PINS_ITS_SERIES, bound_in, bound_of, newest_python
from envls.rules.project.generations import asked_version, in_series_of
from envls.rules.project.provided import series_asked
from envls.rules.rule import Finding, Fix, Gathered, Item, Related, Severity, rule
from envls.versions import takes_python
from envls.write import Change


def _has_a_python(item: Item) -> bool:
    if not isinstance(item, Requirement) or item.line.problem or item.line.marker or not item.line.version:
        return False
    return (item.line.name in SURELY_BRINGS or item.line.name in PYTHONS) and series_asked(
        item.line.version.text
    ) is not None


@rule("AML409", on=Gathered, of=_has_a_python, severity=Severity.ERROR, patient=True)
def unfit_for_python(gathered: Gathered, facts: Facts) -> Iterator[Finding]:
    """A package of Azure ML is asked for in a version that does not run on the file's Python.

    Said once for a file and where no index answers (else ENV509 says it), from the metadata of the versions: azureml-core,
    which most of them bring in their own version, takes Python 3.9 and newer since 1.36 (1.33 does not), azureml-sdk since
    1.55 (1.43 does not); azureml-inference-server-http 1.4 needs 3.9. pip then installs nothing.

    ```yaml
    dependencies:
      - python=3.9
      - pip
      - pip:
        - azureml-defaults==1.30.0  # <- AML409
        - azureml-core==1.30.0
    ```

    ```yaml fixed
    dependencies:
      - python=3.9
      - pip
      - pip:
        - azureml-defaults~=1.61.0
        - azureml-core~=1.61.0
    ```

    ```yaml
    dependencies:
      - python=3.8
      - pip
      - pip:
        - azureml-core==1.30.0
        - azureml-inference-server-http==1.2.2
    ```
    """
    wrong = [item for item in gathered.requirements if _is_unfit(item.line.name, _series(item), item.within.python)]
    if not wrong or any(_is_unfit_itself(item) and _is_answered(item, facts) for item in wrong):
        return
    first = wrong[0]
    python, line = first.within.python, first.line
    newest = newest_python(python)
    shown = ".".join(map(str, newest)) if newest else python
    requires = _requires(line.name, _series(first), python)
    others = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    message = (
        f"`{line.name}` {asked_version(first).lstrip('=~ ')}{others} is for Python {requires}, and the file has {shown}"
    )
    related = tuple(Related(item.span, "nor is this for it") for item in wrong[1:])
    fixes = tuple(fix for fix in (_fitting(wrong, python),) if fix)
    yield Finding(first.span, message, fixes, related)


def _series(item: Requirement) -> Series:
    return series_asked(asked_version(item)) or ALWAYS


def _is_unfit(name: str, series: Series, python: str) -> bool:
    return bool(python) and series != ALWAYS and bool(_requires(name, series, python))


def _is_unfit_itself(item: Requirement) -> bool:
    """Whether it says so itself, not only what it brings: then an index knows it, too."""
    asked = _python_of(PYTHONS.get(item.line.name, ()), _series(item))
    return bool(asked) and not any(takes_python(requires, item.within.python) for requires in asked)


def _requires(name: str, series: Series, python: str) -> str:
    """What a package, or what it brings in its series, asks of Python where `python` is none of that; "" where it is."""
    for one in sorted(in_series_of(name, series), key=lambda other: other != name):
        asked = _python_of(PYTHONS.get(one, ()), series)
        if asked and not any(takes_python(requires, python) for requires in asked):
            return asked[-1]
    return ""


def _python_of(known: tuple[tuple[Series, str], ...], series: Series) -> tuple[str, ...]:
    """What the nearest known series on both sides ask of Python; nothing beyond the first and the last."""
    exact = next((requires for one, requires in known if one == series), None)
    if exact is not None:
        return (exact,)
    before = [requires for one, requires in known if one < series]
    after = [requires for one, requires in known if one > series]
    return (before[-1], after[0]) if before and after else ()


def _fitting(wrong: list[Requirement], python: str) -> Fix | None:
    """All of them in versions that run on a Python, those that are made for each other in one series."""
    together = bound_of("azureml-defaults", python)
    if together and together.count(".") == 1:
        together += ".0"  # one series of them, where any newer one would do
    changes: list[Change] = []
    bounds: list[str] = []
    for item in wrong:
        name, version = item.line.name, item.line.version
        bound = together if name in PINS_ITS_SERIES else bound_of(name, python)
        if bound is None or version is None:
            return None
        series = series_asked(bound)
        if series and _is_unfit(name, series, python):
            return None
        bounds.append(bound)
        changes.append(rewrite(item, item.line.text[: version.start].rstrip() + bound + item.line.text[version.end :]))
    return Fix(f"Ask for {' and '.join(f'`{one}`' for one in dict.fromkeys(bounds))}", tuple(changes), sure=True)


def _is_answered(requirement: Requirement, facts: Facts) -> bool:
    """Whether an index has answered, or may yet: then it is asked what the version runs on."""
    question = target.pip_package(requirement)
    return question is not None and isinstance(facts.ask(question), Known | Pending)


@rule("AML410", on=Requirement, severity=Severity.WARNING, patient=True)
def broken_release(requirement: Requirement, facts: Facts) -> Iterator[Finding]:
    """A release of a package of Azure ML installs, and does not work.

    azureml-inference-server-http 1.3.0 to 1.3.4 import `azureml.contrib.services`, which they do not bring: the container
    fails with "No module named azureml.contrib". 1.4 is for Python 3.9 and newer, 1.2 for 3.8.

    ```yaml
    dependencies:
      - python=3.10
      - pip
      - pip:
        - azureml-inference-server-http==1.3.4  # <- AML410
    ```

    ```yaml fixed
    dependencies:
      - python=3.10
      - pip
      - pip:
        - azureml-inference-server-http>=1.4
    ```

    ```yaml
    dependencies:
      - python=3.8
      - pip
      - pip:
        - azureml-inference-server-http==1.2.2
    ```
    """
    del facts
    line = requirement.line
    if line.version is None or line.problem:
        return
    series = series_asked(line.version.text)
    for broken in BROKEN:
        if series is not None and broken.name == line.name and _lets_in(broken.releases, series):
            bound = bound_in(broken.instead, requirement.within.python)
            written = line.text[: line.version.start].rstrip() + (bound or "") + line.text[line.version.end :]
            fixes = (Fix(f"Write `{written}`", (rewrite(requirement, written),), sure=True),) if bound else ()
            yield Finding(requirement.span, f"`{line.name}` {broken.why}", fixes)


def _lets_in(specifier: str, series: Series) -> bool:
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415 - of a few lines only

    return series != ALWAYS and SpecifierSet(specifier).contains("{}.{}".format(*series))
