"""ENV4: the `pip` section: its lines, its options, and how it fits the conda list."""

from __future__ import annotations

from collections.abc import Iterator

from envls.facts import Facts
from envls.formats.conda.environment import PIP, EnvironmentFile, PipSection, Requirement
from envls.formats.conda.requirement import normalised
from envls.rules.rule import Finding, Fix, Related, Severity, rule
from envls.syntax import Kind, Scalar, Sequence, resolved
from envls.write import Add, Remove, Replace, scalar


@rule("ENV401", on=Requirement, severity=Severity.ERROR)
def invalid_requirement(requirement: Requirement, facts: Facts) -> Iterator[Finding]:
    """pip cannot read a line.

    The lines are those of a requirements file, not conda's specs: pip pins with `==`.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests=2.31.0  # <- ENV401
        - --user           # <- ENV401
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests==2.31.0
        - --user
    ```
    """
    del facts
    problem = requirement.line.problem
    if problem is None:
        return
    node = requirement.node
    fixes: tuple[Fix, ...] = ()
    if problem.replacement is not None:
        written = scalar(problem.replacement, like=node)
        fixes = (Fix(f"Write `{problem.replacement}`", (Replace(node.span, written),), safe=True),)
    yield Finding(node.within(problem.start, problem.end), problem.message, fixes)


@rule("ENV402", on=EnvironmentFile, severity=Severity.WARNING)
def missing_pip(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """A `pip` section without `pip` among the dependencies.

    conda nags and adds it; mamba adds it in silence; which version comes is left to them.

    ```yaml
    dependencies:
      - python=3.11
      - pip:  # <- ENV402
        - requests==2.31.0
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests==2.31.0
    ```
    """
    del facts
    if not any(section.requirements for section in file.pip_sections) or not file.key("dependencies"):
        return  # a misspelt `dependencies` is the finding
    if any(dependency.spec.name == "pip" for dependency in file.dependencies):
        return
    fix = Fix("Add `pip` to the dependencies", (Add(("dependencies",), "pip", before="pip"),), safe=True)
    message = "`pip` is not among the dependencies; conda adds it and nags"
    yield Finding(file.pip_sections[0].entry.key.span, message, (fix,))


@rule("ENV403", on=EnvironmentFile, severity=Severity.ERROR)
def lost_pip_section(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """There are two `pip` sections.

    conda installs the last one only; what stands in the others is lost in silence.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:  # <- ENV403
        - requests==2.31.0
      - pip:
        - flask==3.0.0
    ```
    """
    del facts
    for section in file.pip_sections[:-1]:
        related = (Related(file.pip_sections[-1].entry.key.span, "this is the one that conda installs"),)
        yield Finding(
            section.entry.key.span, "conda drops this `pip` section; only the last one counts", related=related
        )


@rule("ENV404", on=PipSection, severity=Severity.ERROR)
def pip_section_type(section: PipSection, facts: Facts) -> Iterator[Finding]:
    """The `pip` section is no list.

    conda hands a text to pip one letter at a time.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip: requests==2.31.0  # <- ENV404
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
      - pip
      - pip: [requests==2.31.0]
    ```
    """
    del facts
    node = section.node
    if isinstance(node, Sequence) or (isinstance(node, Scalar) and resolved(node) is Kind.NOTHING):
        return
    fixes: tuple[Fix, ...] = ()
    if isinstance(node, Scalar) and "\n" not in node.text.raw:
        fixes = (Fix("Make it a list", (Replace(node.span, f"[{node.text.raw}]"),), safe=True),)
    message = f"`{PIP.name}` must be a list of requirements, one item each"
    yield Finding(node.span if isinstance(node, Scalar) else section.entry.key.span, message, fixes)


@rule("ENV405", on=EnvironmentFile, severity=Severity.WARNING)
def repeated_requirement(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """A package stands twice in the `pip` section.

    Two different versions make pip fail; two equal lines are one too many.

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
    """
    del facts
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
            yield Finding(requirement.span, f"`{line.name}` stands twice", fixes, related)


def _meaning(requirement: Requirement) -> tuple[object, ...]:
    line = requirement.line
    return line.kind, line.extras, line.version and line.version.text.replace(" ", ""), line.url


@rule("ENV406", on=EnvironmentFile, severity=Severity.WARNING)
def in_both_lists(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """A package stands in the conda list and in the `pip` section.

    conda runs pip with `--upgrade` after it has installed its own, so pip may overwrite what conda installed.

    ```yaml
    dependencies:
      - python=3.11
      - numpy=1.26
      - pip
      - pip:
        - numpy==1.26.4  # <- ENV406
    ```
    """
    del facts
    conda = {normalised(dependency.spec.name): dependency for dependency in file.dependencies if dependency.spec.name}
    for requirement in file.requirements:
        other = conda.get(requirement.line.name)
        if other is None or not requirement.line.name:
            continue
        if requirement.line.name == "pip":
            message = "pip cannot choose its own version here; give `pip` its version in the conda list"
        else:
            message = f"`{requirement.line.name}` is in the conda list too; pip may overwrite it"
        related = (Related(other.span, f"`{other.node.value}` stands here"),)
        fixes = (Fix("Remove it from the `pip` section", (Remove(requirement.dash),)),)
        yield Finding(requirement.span, message, fixes, related)
