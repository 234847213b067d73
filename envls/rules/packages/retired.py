"""ENV5: packages that have ended, or go on under another name."""

from __future__ import annotations

from collections.abc import Iterator

from envls import target
from envls.facts import Absent, Facts
from envls.formats.conda.environment import Dependency, Requirement
from envls.formats.conda.requirement import normalised
from envls.known.retired import RETIRED
from envls.rules.dependencies import can_pin, rewrite
from envls.rules.rule import Finding, Fix, Severity, rule


@rule("ENV517", on=Dependency, severity=Severity.HINT, patient=True)
def retired_package(dependency: Dependency, facts: Facts) -> Iterator[Finding]:
    """A package of the conda list has ended, or goes on under another name.

    Said only of packages whose own project has said so; `envls` brings the list along. What is there stays there: an old
    environment that must be made again needs it.

    ```yaml
    dependencies:
      - python=3.9
      - fbprophet=0.7   # <- ENV517
    ```

    ```yaml
    dependencies:
      - python=3.11
      - prophet=1.1
    ```
    """
    spec = dependency.spec
    if target.is_package(spec) and normalised(spec.name) in RETIRED:
        questions = target.conda_packages(dependency, facts)
        if not any(isinstance(facts.ask(question), Absent) for question in questions):
            yield from _retired(dependency, spec.name, "conda")


@rule("ENV518", on=Requirement, severity=Severity.HINT, patient=True)
def retired_requirement(requirement: Requirement, facts: Facts) -> Iterator[Finding]:
    """A package of the `pip` section has ended, or goes on under another name.

    Said only of packages whose own project has said so; `envls` brings the list along. A warning where what is there
    does not install any more.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - tensorflow-gpu   # <- ENV304, ENV518
        - gym==0.21        # <- ENV518
    ```

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - tensorflow==2.16.1
        - gymnasium==1.0
    ```
    """
    question = target.pip_package(requirement)
    if question and requirement.line.name in RETIRED and not isinstance(facts.ask(question), Absent):
        yield from _retired(requirement, requirement.line.name, "pip")


def _retired(item: Dependency | Requirement, name: str, manager: str) -> Iterator[Finding]:
    one = RETIRED[normalised(name)]
    if one.only not in ("", manager):
        return
    line = item.spec if isinstance(item, Dependency) else item.line
    fails = one.fails and not line.pinned  # an old version that is pinned was made before it failed
    message = f"`{name}`: {one.why}" + (f"; it goes on as `{one.successor}`" if one.successor else "")
    fixes: tuple[Fix, ...] = ()
    if one.successor and can_pin(item):
        part, end = line.name_part, (line.version.end if line.version else line.name_part.end)
        if isinstance(item, Dependency):
            end = item.spec.build.end if item.spec.build else end
            behind = line.text[end:]
        else:
            behind = (
                line.text[part.end : line.version.start].rstrip() + line.text[end:] if line.version else line.text[end:]
            )
        written = line.text[: part.start] + one.successor + behind
        fixes = (Fix(f"Write `{written}`, any version", (rewrite(item, written),)),)
    yield Finding(item.name_span, message, fixes, severity=Severity.WARNING if fails else None)
