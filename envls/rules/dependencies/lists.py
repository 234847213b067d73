"""ENV3: how the lines of the conda list fit together: joined, repeated."""

from __future__ import annotations

from collections.abc import Iterator

from envls.facts import Facts
from envls.formats.conda.environment import Dependency, EnvironmentFile, Requirement
from envls.rules.dependencies.specs import is_joined
from envls.rules.rule import Finding, Fix, Related, Severity, rule
from envls.text import Span
from envls.write import BreakItem, Remove


@rule("ENV305", on=EnvironmentFile, severity=Severity.ERROR)
def joined_lines(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """A line lacks its dash, so that it belongs to the one above.

    conda reads both lines as one item: a package and a version or build of the other's name.

    ```yaml
    dependencies:
      - python=3.11
      # <- ENV305
      - numpy=1.26
        pandas=2.2
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
      - numpy=1.26
      - pandas=2.2
    ```
    """
    del facts
    items: list[Dependency | Requirement] = [*file.dependencies, *file.requirements]
    for item in items:
        node = item.node
        if not is_joined(node):
            continue
        raw = node.text.raw
        at = min(place for mark in "\r\n" if (place := raw.find(mark)) >= 0)
        rest = raw[at:].lstrip()
        line_end = raw[at : at + 2] if raw.startswith("\r\n", at) else raw[at]
        where = Span(node.start + at, node.start + len(raw) - len(rest))
        fix = Fix("Begin an item on the next line", (BreakItem(item.dash, where, line_end),))
        shown = Span(node.start + len(raw) - len(rest), node.start + len(raw))
        first = rest.split()[0]
        message = f"the line with `{first}` lacks its dash; conda reads it as a part of this item"
        yield Finding(Span(node.start, node.start + at), message, (fix,), (Related(shown, "this line lacks its dash"),))


@rule("ENV303", on=EnvironmentFile, severity=Severity.WARNING)
def repeated_package(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """A package stands twice in the conda list.

    conda wants a version that fits both; where they contradict each other, there is none.

    ```yaml
    dependencies:
      - python=3.11
      - numpy
      - numpy=1.26  # <- ENV303
    ```
    """
    del facts
    first: dict[str, Dependency] = {}
    for dependency in file.dependencies:
        name = dependency.spec.name
        if not name or dependency.spec.problem or "*" in name:
            continue
        known = first.setdefault(name, dependency)
        if known is dependency:
            continue
        same = known.spec.text == dependency.spec.text
        related = (Related(known.span, f"`{known.node.value}` stands here"),)
        fixes = [Fix("Remove this one", (Remove(dependency.dash),), safe=same)]
        if not same and not known.spec.version:
            fixes.insert(0, Fix("Remove the one without a version", (Remove(known.dash),), safe=True))
        elif not same and not dependency.spec.version and not dependency.spec.fields:
            fixes = [Fix("Remove the one without a version", (Remove(dependency.dash),), safe=True)]
        yield Finding(dependency.span, f"`{name}` stands twice", tuple(fixes), related)
