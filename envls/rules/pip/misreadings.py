"""ENV4: lines of the `pip` section that pip takes, but finds something else under them, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envls.facts import Facts
from envls.formats.conda import whynot
from envls.formats.conda.environment import Requirement
from envls.known.stdlib import NEVER_FROM_PYPI
from envls.known.twins import ONLY_CONDA, PYPI_NAME
from envls.rules.dependencies.specs import rewrite
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.write import Remove

_UNFILLED = re.compile(r"\$(?:\w+|\{(?![A-Z0-9_]+\})\w+\})|%\w+%(?=[:@/])")


@rule("ENV408", on=Requirement, severity=Severity.WARNING)
def name_of_conda(requirement: Requirement, facts: Facts) -> Iterator[Finding]:
    """A package stands in the `pip` section under a name that is not its own on PyPI.

    pip 26.3 finds nothing under that name, or a shell that fails on purpose (`pytorch`, `sklearn`). Python itself and CUDA's
    libraries come from conda only.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - sklearn         # <- ENV408
        - pytorch==2.3.0  # <- ENV408
    ```

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - scikit-learn
        - torch==2.3.0
    ```
    """
    del facts
    line = requirement.line
    if line.kind != "requirement" or line.problem:
        return
    pypi = PYPI_NAME.get(line.name)
    if pypi is not None:
        rest = line.text[line.name_part.end :]
        written = line.text[: line.name_part.start] + pypi + ("" if line.pinned.startswith("0.0") else rest)
        fix = Fix(f"Write `{written}`", (rewrite(requirement, written),), sure=True)
        message = f"`{line.name}` is not its name on PyPI; that is `{pypi}`"
        yield Finding(requirement.name_span, message, (fix,))
    elif line.name in ONLY_CONDA:
        message = f"pip cannot install `{line.name}`; it belongs into the conda list"
        yield Finding(requirement.name_span, message)


@rule("ENV410", on=Requirement, severity=Severity.WARNING)
def variable_not_filled_in(requirement: Requirement, facts: Facts) -> Iterator[Finding]:
    """pip fills in `${NAME}` only, and in capitals only.

    `$NAME`, `${name}` and `%NAME%` stay as they are written (pip 26.3, tried), so that the address or path leads nowhere.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - --extra-index-url https://$USER:${token}@example.com/simple  # <- ENV410
    ```

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - --extra-index-url https://${USER}:${TOKEN}@example.com/simple
    ```
    """
    del facts
    line = requirement.line
    if ("$" not in line.text and "%" not in line.text) or line.problem or line.kind == "requirement":
        return
    found = _UNFILLED.search(line.text)
    if found:
        written = re.sub(r"[${}%]", "", found.group()).upper()
        message = f"pip does not fill this in; it does `${{{written}}}`"
        yield Finding(requirement.node.within(*found.span()), message)


@rule("ENV412", on=Requirement, severity=Severity.WARNING)
def misread_requirement(requirement: Requirement, facts: Facts) -> Iterator[Finding]:
    """pip takes a line for the name of a package that was surely not meant.

    Without `-r`, a file is a package of that name (pip 26.3, tried), and whoever has taken the name decides what it does.
    A version behind a dash is a part of the name.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requirements.txt  # <- ENV412
        - requests-2.31.0   # <- ENV412
    ```

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - -r requirements.txt
        - requests==2.31.0
        - ruamel.yaml
    ```
    """
    del facts
    line = requirement.line
    misnamed = whynot.misnamed(line.name_part.text) if line.kind == "requirement" and not line.problem else None
    if misnamed is None or line.version:
        return
    written = misnamed.meant + line.text[line.name_part.end :]
    fix = Fix(f"Write `{written}`", (rewrite(requirement, written),), sure=True)
    yield Finding(requirement.name_span, misnamed.message, (fix,))


@rule("ENV416", on=Requirement, severity=Severity.WARNING)
def standard_library_from_pip(requirement: Requirement, facts: Facts) -> Iterator[Finding]:
    """A module of Python itself stands in the `pip` section.

    It comes with `python`. PyPI has nothing under most of these names, so that pip 26.3 fails, and relics under the others.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - uuid  # <- ENV416
    ```

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - datetime
    ```
    """
    del facts
    line = requirement.line
    if line.kind == "requirement" and not line.problem and line.name in NEVER_FROM_PYPI:
        fix = Fix("Remove it", (Remove(requirement.dash),))
        yield Finding(requirement.name_span, f"`{line.name}` is a module of Python itself, not a package", (fix,))
