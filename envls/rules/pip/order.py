"""ENV4: how the lines of the `pip` section follow each other: twice the same, split, taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from envls.facts import Facts
from envls.formats.conda.environment import EnvironmentFile, Requirement
from envls.formats.conda.pipoption import PER_REQUIREMENT
from envls.formats.conda.requirement import parse
from envls.rules.dependencies.specs import rewrite
from envls.rules.rule import Finding, Fix, Gathered, Item, Related, Severity, rule
from envls.write import Remove


@rule("ENV405", on=EnvironmentFile, severity=Severity.WARNING)
def repeated_requirement(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """A package stands twice in the `pip` section.

    Two different versions make pip 26.3 fail: an error. Of two equal lines one is too many: a hint. Markers can tell lines
    apart.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests==2.31.0
        - Requests==2.31.0  # <- ENV405
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests==2.31.0
    ```

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - numpy==1.26.4; sys_platform == "linux"
        - numpy==1.24.4; sys_platform == "win32"
    ```
    """
    del facts
    if len(set(file.pip_names)) == len(file.pip_names):
        return
    first: dict[str, Requirement] = {}
    for requirement in file.requirements:
        line = requirement.line
        if not line.name or line.marker or line.problem:
            continue
        known = first.setdefault(line.name, requirement)
        if known is not requirement:
            same = _meaning(known) == _meaning(requirement)
            fixes = (Fix("Remove this one", (Remove(requirement.dash),), safe=same),)
            related = (Related(known.span, f"`{known.node.value}` stands here"),)
            pins = {one.line.pinned for one in (known, requirement)}
            differ = all(map(_NUMBERS.fullmatch, pins)) and len(set(map(_release, pins))) > 1
            severity = Severity.HINT if same else Severity.ERROR if differ else None
            message = f"`{line.name}` stands twice" + (", in two versions; pip fails" if differ else "")
            yield Finding(requirement.span, message, fixes, related, severity=severity)


_NUMBERS = re.compile(r"\d+(?:\.\d+)*")


def _release(version: str) -> str:
    """A version of numbers, of which `1.0` and `1` are the same."""
    return re.sub(r"(?:\.0+)+$", "", version)


def _meaning(requirement: Requirement) -> tuple[object, ...]:
    line = requirement.line
    version = line.version.text.replace(" ", "") if line.version else ""
    return line.kind, line.extras, version, line.url, line.options


def _may_be_split(item: Item) -> bool:
    return isinstance(item, Requirement) and (item.line.continued or item.line.option in PER_REQUIREMENT)


@rule("ENV411", on=Gathered, of=_may_be_split, severity=Severity.ERROR)
def split_requirement(gathered: Gathered, facts: Facts) -> Iterator[Finding]:
    """A requirement is split over two items.

    pip 26.3 joins a line that ends in a backslash with the next one, without a blank between them. A `--hash` on a line of
    its own is about no requirement, and pip reads over it; that is a warning.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - "requests==2.31.0 \\\\"  # <- ENV411
        - flask==3.0.0
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
      - pip
      - pip:
        - "requests==2.31.0"
        - flask==3.0.0
    ```

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests==2.31.0
        - --hash=sha256:0000  # <- ENV411
    ```

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests==2.31.0 --hash=sha256:0000
    ```
    """
    del facts
    for section in gathered.file.pip_sections:
        for above, below in pairwise(section.requirements):
            about_above = below.line.option in PER_REQUIREMENT
            if above.line.continued:
                bare = above.line.text.rstrip("\\")
                if about_above and parse(bare + below.line.text).problem is None:
                    continue
                message = f"the backslash joins this line with `{below.node.value}`"
                fix = Fix("Remove the backslash", (rewrite(above, bare.rstrip()),), safe=True)
                end = len(above.line.text)
                yield Finding(above.node.within(end - 1, end), message, (fix,), (Related(below.span, "the next line"),))
            elif about_above and not below.line.problem:
                joined = f"{above.line.text} {below.line.text}"
                changes = (rewrite(above, joined), Remove(below.dash))
                good = above.line.name and parse(joined).problem is None and "#" not in above.line.text
                fixes = (Fix("Join it to the line above", changes, sure=True),) if good else ()
                message = f"`{below.line.options[0].written.text}` is about the requirement before it on its own line"
                yield Finding(below.span, message, fixes, severity=Severity.WARNING)


def _names_an_index(item: Item) -> bool:
    return isinstance(item, Requirement) and item.line.option in ("--index-url", "--extra-index-url")


@rule("ENV417", on=Gathered, of=_names_an_index, severity=Severity.WARNING)
def overridden_index(gathered: Gathered, facts: Facts) -> Iterator[Finding]:
    """An index is taken back by a line below it.

    pip 26.3 (tried) reads the options in their order: an `--index-url` takes away every index above it, those of
    `--extra-index-url` too.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - --extra-index-url https://wheels.example.com/simple  # <- ENV417
        - --index-url https://pip.example.com/simple
        - requests==2.31.0
    ```

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - --index-url https://pip.example.com/simple
        - --extra-index-url https://wheels.example.com/simple
        - requests==2.31.0
    ```
    """
    del facts
    for section in gathered.file.pip_sections:
        given = [
            one
            for one in section.requirements
            if one.line.option in ("--index-url", "--extra-index-url") and one.line.url
        ]
        last = next(
            (number for number in reversed(range(len(given))) if given[number].line.addresses("--index-url")), 0
        )
        for above in given[:last]:
            related = (Related(given[last].span, "this takes it away"),)
            yield Finding(above.span, "pip forgets this index, since an `--index-url` follows", related=related)
