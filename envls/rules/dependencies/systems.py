"""ENV3: packages of another operating system than the one that a file is for."""

from __future__ import annotations

from collections.abc import Iterator

from envls import target
from envls.facts import Facts, Unavailable
from envls.formats.conda.environment import Dependency
from envls.formats.conda.selectors import selector_behind
from envls.known.systems import SUBDIR, only_on
from envls.rules.rule import Finding, Fix, Gathered, Item, Severity, rule
from envls.write import Remove


def _is_of_one_system(item: Item) -> bool:
    return isinstance(item, Dependency) and target.is_package(item.spec) and bool(only_on(item.spec.name))


@rule("ENV318", on=Gathered, of=_is_of_one_system, severity=Severity.ERROR)
def other_system(gathered: Gathered, facts: Facts) -> Iterator[Finding]:
    """A package is there for another operating system only.

    An export brings such packages along, with `--no-builds` too. conda 26.7 finds none for the platform that the file is for
    (linux-64 for a managed run, each of its `platforms`, or the one that is set) and makes no environment. Where nobody says
    which that is, nothing is said. Once for a file; where the channels have answered, they know better (ENV507).

    ```yaml
    platforms: [linux-64, osx-arm64]
    dependencies:
      - python=3.11
      - pywin32=306  # <- ENV318
      - vs2015_runtime=14.27
    ```

    ```yaml
    platforms: [win-64]
    dependencies:
      - python=3.11
      - pywin32=306
    ```

    ```yaml
    platforms: [linux-64, win-64]
    dependencies:
      - python=3.11
      - pywin32=306  # [win]
    ```
    """
    if not target.is_told(gathered.dependencies[0].within, facts):
        return
    text = gathered.document.text
    found = [
        (item, lacking)
        for item in gathered.dependencies
        if (lacking := _lacking(item, facts)) and not selector_behind(text, item.span.end)
    ]
    if not found:
        return
    item, lacking = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    message = f"`{item.spec.name}` is for {only_on(item.spec.name)} only, and the file for {', '.join(lacking)}{more}"
    title = "Remove it" if len(found) == 1 else "Remove the packages of other systems"
    fix = Fix(title, tuple(Remove(one.dash) for one, _ in found), sure=True)
    yield Finding(item.name_span, message, (fix,))


def _lacking(item: Dependency, facts: Facts) -> list[str]:
    """The platforms that the file is for and that do not have the package; none where the channels have answered."""
    if any(not isinstance(facts.ask(question), Unavailable) for question in target.conda_packages(item, facts)):
        return []
    begins = SUBDIR[only_on(item.spec.name)]
    return [platform for platform in target.platforms(item.within, facts) if not platform.startswith(begins)]
