"""ENV3: how the lines of the conda list fit together: joined, repeated, each for another platform."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envls.document import Document
from envls.facts import Facts
from envls.formats.conda.environment import Dependency, EnvironmentFile, Requirement
from envls.formats.conda.matchspec import MatchSpec
from envls.formats.conda.selectors import OF_CONDA_LOCK, selector_behind
from envls.rules.dependencies.specs import is_joined, joined_at
from envls.rules.rule import Finding, Fix, Gathered, Item, Related, Severity, rule
from envls.text import Span
from envls.write import BreakItem, Remove


def _is_joined(item: Item) -> bool:
    return is_joined(item.node)


@rule("ENV305", on=Gathered, of=_is_joined, severity=Severity.ERROR)
def joined_lines(gathered: Gathered, facts: Facts) -> Iterator[Finding]:
    """A line lacks its dash, so that it belongs to the one above.

    conda 26.7 reads both lines as one item: a package, and a version or build of the other's name.

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

    ```yaml
    dependencies:
      - python
        >=3.11
      - pip
      - pip:
        - requests==2.31.0
          --hash=sha256:0000
    ```
    """
    del facts
    for item in gathered.items:
        node = item.node
        where = joined_at(node)
        if where is None:
            continue
        raw = node.text.raw
        broken = raw[where.start - node.start : where.end - node.start].lstrip(" \t")
        line_end = broken[:2] if broken.startswith("\r\n") else broken[0]
        fix = Fix("Begin an item on the next line", (BreakItem(item.dash, where, line_end),))
        shown = Span(where.end, node.start + len(raw))
        first = raw[where.end - node.start :].split()[0]
        message = f"the line with `{first}` lacks its dash; conda reads it as a part of this item"
        yield Finding(Span(node.start, where.start), message, (fix,), (Related(shown, "this line lacks its dash"),))


@rule("ENV303", on=Document, severity=Severity.WARNING)
def repeated_package(document: Document, facts: Facts) -> Iterator[Finding]:
    """A package stands twice in the conda list.

    conda 26.7 wants a version that fits both; where they contradict each other, there is none: an error. Where one of them
    says nothing that the other does not, it is only one too many: a hint. Lines with selectors are for conda-lock, and each
    for another platform.

    ```yaml
    dependencies:
      - python=3.11
      - numpy
      - numpy=1.26  # <- ENV303
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
      - numpy=1.26
    ```

    ```yaml
    platforms: [linux-64, win-64]
    dependencies:
      - python=3.11
      - numpy=1.26.4  # [linux]
      - numpy=1.26.3  # [win]
    ```
    """
    del facts
    file = document.content
    if not isinstance(file, EnvironmentFile) or len(set(file.conda_names)) == len(file.conda_names):
        return
    first: dict[str, Dependency] = {}
    selectors = "[" in document.text
    for dependency in file.dependencies:
        name = dependency.spec.name
        if not name or dependency.spec.problem or "*" in name:
            continue
        known = first.setdefault(name, dependency)
        if known is dependency:
            continue
        if selectors and any(selector_behind(document.text, one.span.end) for one in (known, dependency)):
            continue
        bare = next((one for one in (known, dependency) if _is_bare(one.spec)), None)
        if known.spec.text == dependency.spec.text:
            fixes = (Fix("Remove this one", (Remove(dependency.dash),), safe=True),)
        elif bare:
            fixes = (Fix("Remove the one without a version", (Remove(bare.dash),), safe=True),)
        else:
            fixes = (Fix("Remove this one", (Remove(dependency.dash),)),)
        related = (Related(known.span, f"`{known.node.value}` stands here"),)
        same = bare is not None or known.spec.text == dependency.spec.text
        if not same and _contradict(known.spec, dependency.spec):
            message = f"`{name}` stands twice, and no version fits both"
            yield Finding(dependency.span, message, fixes, related, severity=Severity.ERROR)
        else:
            severity = Severity.HINT if same else None
            yield Finding(dependency.span, f"`{name}` stands twice", fixes, related, severity=severity)


_NUMBERS = re.compile(r"\d+(?:\.\d+)*")


def _contradict(one: MatchSpec, other: MatchSpec) -> bool:
    """Whether two pins of numbers alone surely let no version in together."""
    if not (_NUMBERS.fullmatch(one.pinned) and _NUMBERS.fullmatch(other.pinned)):
        return False
    short, long = sorted(
        ((spec.relation, [int(part) for part in spec.pinned.split(".")]) for spec in (one, other)),
        key=lambda pin: len(pin[1]),
    )
    if short[0] == "prefix":
        return long[1][: len(short[1])] != short[1]
    padded = short[1] + [0] * (len(long[1]) - len(short[1]))
    return padded != long[1]


def _is_bare(spec: MatchSpec) -> bool:
    """Whether a spec is a name and nothing else, so that conda asks the same without it."""
    return spec.text == spec.name_part.text


@rule("ENV310", on=Document, severity=Severity.INFORMATION)
def comment_selector(document: Document, facts: Facts) -> Iterator[Finding]:
    """A comment has brackets, which make it a selector for conda-lock.

    Only conda-lock 4 reads selectors in comments. conda 26.7 and mamba 2 take `# [win]`, and `# [py<39]` as the recipes of
    conda-build have it, for a comment, and install the package in any case; mamba has `sel(win): ...` for it. That is told
    once. In a file that lists the `platforms` of
    conda-lock it is the other way round: `# [win]` is right, and a line with other words in brackets is lost; that is a
    warning.

    ```yaml
    dependencies:
      - python=3.11
      # <- ENV310
      - pywin32=306  # [win]
    ```

    ```yaml
    platforms: [linux-64, win-64]
    dependencies:
      - python=3.11
      # <- ENV310
      - numpy=1.26  # [sic]
    ```

    ```yaml
    platforms: [linux-64, win-64]
    dependencies:
      - python=3.11
      - pywin32=306  # [win]
      - numpy=1.26   # see [1] (and below)
    ```
    """
    del facts
    file, text = document.content, document.text
    if not isinstance(file, EnvironmentFile) or not any(text.find("[", *span) >= 0 for span in document.tree.comments):
        return
    items: list[Dependency | Requirement] = [*file.dependencies, *file.requirements]
    found = [(item, selector) for item in items if (selector := selector_behind(text, item.span.end))]
    if file.key("platforms"):
        for _, selector in found:
            if selector.text not in OF_CONDA_LOCK:
                message = (
                    f"conda-lock takes `[{selector.text}]` for a selector that it does not know, and drops the line"
                )
                yield Finding(selector.span, message, severity=Severity.WARNING)
        return
    meant = [(item, selector) for item, selector in found if selector.names_platforms]
    if meant:
        item, selector = meant[0]
        more = f" (and {len(meant) - 1} more)" if len(meant) > 1 else ""
        shown = item.spec.name if isinstance(item, Dependency) else item.line.name
        message = f"conda takes `[{selector.text}]` for a comment and installs `{shown}` in any case{more}"
        yield Finding(selector.span, message)
