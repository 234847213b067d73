"""ENV4: one line of the `pip` section: what pip rejects and what it reads over."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envls.facts import Facts
from envls.formats.conda.environment import Requirement
from envls.formats.conda.pipoption import PER_REQUIREMENT
from envls.formats.conda.requirement import parse
from envls.rules.dependencies.specs import in_any_list, rewrite
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.write import Add, Remove

_BRINGS = ("--editable", "--requirement")  # options that bring packages


@rule("ENV401", on=Requirement, severity=Severity.ERROR)
def invalid_requirement(requirement: Requirement, facts: Facts) -> Iterator[Finding]:
    """pip cannot read a line.

    The lines are those of a requirements file, not conda's specs: conda 26.7 and mamba 2 write them into one and run
    `pip install -r`, which fails as a whole (tried with pip 26.3). Of pip's options only some may stand in such a file.
    A repository needs a scheme such as `git+https://`, and with `-e` the name of its package.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests=2.31.0  # <- ENV401
        - --user           # <- ENV401
        - flask>=2 <3      # <- ENV401
        - -r file:more.txt # <- ENV401
        - git@example.com:team/tool.git  # <- ENV401
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests==2.31.0
        - flask>=2,<3
        - -r more.txt
        - git+ssh://git@example.com/team/tool.git
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
    wanted = problem.replacement
    if wanted == "":
        fixes = (Fix("Remove it", (Remove(requirement.dash),), safe=problem.safe, sure=True),)
    elif wanted is not None and not parse(wanted).problem:
        fixes = (Fix(f"Write `{wanted}`", (rewrite(requirement, wanted),), safe=problem.safe, sure=True),)
    yield Finding(node.within(problem.start, problem.end), problem.message, fixes)


@rule("ENV407", on=Requirement, severity=Severity.ERROR)
def read_over(requirement: Requirement, facts: Facts) -> Iterator[Finding]:
    """pip reads over a part of a line in silence.

    A line is either a requirement or an option (pip 26.3, tried). A requirement behind an option is never installed, nor
    is the second of two `-e` or `-r`. An option behind a requirement has no effect, but for `--hash` and
    `--config-settings`: the package comes from the index that is configured; that is a warning.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - --find-links https://example.com/wheels jaxlib==0.4  # <- ENV407
        - torch==2.3 --index-url https://example.com/simple    # <- ENV407
        - -r https://example.com/a.txt -r https://example.com/b.txt  # <- ENV407
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
      - pip
      - pip:
        - --find-links https://example.com/wheels
        - torch==2.3
        - -r https://example.com/a.txt
        - jaxlib==0.4
        - --index-url https://example.com/simple
        - -r https://example.com/b.txt
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
    part = line.ignored
    if part is None or line.problem or line.option in PER_REQUIREMENT:
        return
    word = part.text if not part.text.startswith("-") else re.split(r"[ =]", part.text, maxsplit=1)[0]
    fixes: tuple[Fix, ...] = ()
    rest = (line.text[: part.start].rstrip() + line.text[part.end :]).strip()
    alone = parse(part.text)
    if alone.problem is None and not alone.ignored and parse(rest).problem is None and "#" not in rest:
        if rest == "-":
            fixes = (Fix(f"Write `{part.text}`", (rewrite(requirement, part.text),), sure=True),)
        else:
            changes = (rewrite(requirement, rest), Add(("dependencies", "pip"), in_any_list(part.text)))
            fixes = (Fix(f"Give `{part.text}` an item of its own", changes, sure=True),)
    behind = "an option" if line.kind == "option" else "a requirement"
    message = f"pip reads over `{word}` behind {behind}; it needs an item of its own"
    lost = line.kind == "option" and (not part.text.startswith("-") or alone.option in _BRINGS)
    yield Finding(node.within(part.start, part.end), message, fixes, severity=None if lost else Severity.WARNING)
