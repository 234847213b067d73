"""ENV4: one line of the `pip` section: what pip rejects, reads over or does not find."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envls.facts import Facts
from envls.formats.conda.environment import Requirement
from envls.formats.conda.requirement import parse
from envls.known.twins import ONLY_CONDA, PYPI_NAME
from envls.rules.dependencies.specs import in_any_list, rewrite
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.write import Add

_UNFILLED = re.compile(r"\$(?:\w+|\{(?![A-Z0-9_]+\})\w+\})|%\w+%(?=[:@/])")


@rule("ENV401", on=Requirement, severity=Severity.ERROR)
def invalid_requirement(requirement: Requirement, facts: Facts) -> Iterator[Finding]:
    """pip cannot read a line.

    The lines are those of a requirements file, not conda's specs: conda 26.7 and mamba 2 write them into one and run
    `pip install -r`, which fails as a whole (tried with pip 26.3). Of pip's options only some may stand in such a file.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests=2.31.0  # <- ENV401
        - --user           # <- ENV401
        - flask>=2 <3      # <- ENV401
        - -r file:more.txt # <- ENV401
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests==2.31.0
        - --user
        - flask>=2,<3
        - -r more.txt
    ```

    ```yaml
    dependencies:
      - pip
      - pip:
        - --extra-index-url https://example.com/simple
        - torch==2.3.0+cpu; sys_platform == "linux"
        - tool @ git+https://example.com/tool.git@main
        - -e ./package[test]
    ```
    """
    del facts
    problem = requirement.line.problem
    if problem is None:
        return
    node = requirement.node
    fixes: tuple[Fix, ...] = ()
    if problem.replacement is not None and not parse(problem.replacement).problem:
        fixes = (Fix(f"Write `{problem.replacement}`", (rewrite(requirement, problem.replacement),), safe=True),)
    yield Finding(node.within(problem.start, problem.end), problem.message, fixes)


@rule("ENV407", on=Requirement, severity=Severity.ERROR)
def read_over(requirement: Requirement, facts: Facts) -> Iterator[Finding]:
    """pip reads over a part of a line in silence.

    A line is either a requirement or an option (pip 26.3, tried). A requirement behind an option is never installed. An
    option behind a requirement has no effect, but for `--hash` and `--config-settings`: the package comes from the index
    that is configured; that is a warning.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - --find-links https://example.com/wheels jaxlib==0.4  # <- ENV407
        - torch==2.3 --index-url https://example.com/simple    # <- ENV407
    ```

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - --find-links https://example.com/wheels
        - jaxlib==0.4
        - --index-url https://example.com/simple --trusted-host example.com
        - torch==2.3 --hash=sha256:0000
    ```
    """
    del facts
    line, node = requirement.line, requirement.node
    if line.ignored is None or line.problem:
        return
    part = line.ignored
    if line.kind == "option":
        message = f"pip reads over `{part.text}` behind an option; it needs an item of its own"
        rest = line.text[: part.start].rstrip()
        fixes: tuple[Fix, ...] = ()
        if line.text.rstrip().endswith(part.text) and parse(part.text).problem is None:
            changes = (rewrite(requirement, rest), Add(("dependencies", "pip"), in_any_list(part.text)))
            fixes = (Fix(f"Give `{part.text}` an item of its own", changes),)
        yield Finding(node.within(part.start, part.end), message, fixes)
    else:
        message = f"pip reads over `{part.text.partition('=')[0]}` behind a requirement; it needs an item of its own"
        yield Finding(node.within(part.start, part.end), message, severity=Severity.WARNING)


@rule("ENV408", on=Requirement, severity=Severity.WARNING)
def name_of_conda(requirement: Requirement, facts: Facts) -> Iterator[Finding]:
    """A package stands in the `pip` section under a name that is not its own on PyPI.

    PyPI has nothing under that name, or a shell that fails on purpose (`pytorch`, `sklearn`). Python itself and CUDA's
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

    `$NAME`, `${name}` and `%NAME%` stay as they are written, so that the address or path leads nowhere.

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
