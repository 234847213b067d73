"""ENV4: how the `pip` section fits the conda list: what it needs there, and what stands in both."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envls.facts import Facts
from envls.formats.conda.environment import EnvironmentFile, PipSection
from envls.formats.conda.requirement import normalised
from envls.known.pythons import OF_EXAMPLES
from envls.known.twins import ON_CONDA
from envls.rules.rule import Finding, Fix, Related, Severity, rule
from envls.write import Add, Remove


@rule("ENV402", on=EnvironmentFile, severity=Severity.WARNING)
def missing_pip(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """A `pip` section without `pip` among the dependencies.

    conda 26.7 nags and adds it; mamba 2 and conda-lock 4 add it in silence; which version comes is left to them.

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

    ```yaml
    dependencies:
      - python=3.11
      - pip=24
      - pip:
        - requests==2.31.0
    ```

    A version of pip in its own section comes too late; the fix brings it along:

    ```yaml
    dependencies:
      - python=3.11
      - pip:  # <- ENV402
        - requests==2.31.0
        - pip==24.0
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
      - pip=24.0
      - pip:
        - requests==2.31.0
    ```
    """
    del facts
    if not any(section.requirements and section.entry.key.value for section in file.pip_sections):
        return
    if not file.key("dependencies"):
        return  # a misspelt `dependencies` is the finding
    if any(dependency.spec.name == "pip" for dependency in file.dependencies):
        return
    fix = Fix("Add `pip` to the dependencies", (Add(("dependencies",), "pip", before="pip"),), safe=True)
    message = "`pip` is not among the dependencies; conda adds it and nags"
    section = file.pip_sections[0]
    yield Finding(section.entry.key.span, message, (*_moved_pip(section), fix))


def _moved_pip(section: PipSection) -> Iterator[Fix]:
    """Moving pip out of its own section, where a pin comes too late: the pip that reads it is already there."""
    for one in section.requirements:
        pinned = _PINNED.fullmatch(one.line.text) if one.line.name == "pip" else None
        if pinned and len(section.requirements) > 1:
            spec = f"pip={pinned[1]}"
            changes = (Add(("dependencies",), spec, before="pip"), Remove(one.dash))
            yield Fix(f"Move `{one.line.text}` to the dependencies", changes)


_PINNED = re.compile(r"pip\s*==\s*([\d.]+)\s*", re.IGNORECASE)


@rule("ENV415", on=EnvironmentFile, severity=Severity.HINT)
def missing_python(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """A `pip` section without `python` among the dependencies.

    conda 26.7 and mamba 2 then take the newest Python that `pip` runs on, which may be newer than what the packages of the section know.
    Where a managed run of Azure ML uses the file that is a warning: its check of environments says "Python version missing", and
    SDK v1 puts in a Python of its own, another with each release (azureml-core 1.61: 3.10.18). There the fix is the Python of
    Azure's own examples.

    ```yaml
    dependencies:
      - pip
      - pip:  # <- ENV415
        - requests==2.31.0
    ```

    ```yaml fixed
    dependencies:
      - pip
      - python
      - pip:
        - requests==2.31.0
    ```

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests==2.31.0
    ```
    """
    sections = [section for section in file.pip_sections if section.requirements and section.entry.key.value]
    if not sections or any(dependency.spec.name in _PYTHONS for dependency in file.dependencies):
        return
    managed = bool(facts.managed)
    spec = f"python={OF_EXAMPLES}" if managed else "python"
    fix = Fix(f"Add `{spec}` to the dependencies", (Add(("dependencies",), spec, before="pip"),), safe=not managed)
    message = "`python` is not among the dependencies; "
    message += "the managed run that uses this file wants its version" if managed else "`pip` brings the newest"
    yield Finding(sections[0].entry.key.span, message, (fix,), severity=Severity.WARNING if managed else None)


@rule("ENV418", on=EnvironmentFile, severity=Severity.HINT, opt_in=True)
def pip_section_inside(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """Packages of conda stand below the `pip` section.

    conda 26.7 and mamba 2 install all of them before pip runs, wherever they stand; below the section they look like pip's.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:  # <- ENV418
        - requests==2.31.0
      - numpy=1.26
    ```

    ```yaml
    dependencies:
      - python=3.11
      - numpy=1.26
      - pip
      - pip:
        - requests==2.31.0
    ```
    """
    del facts
    sections = [section for section in file.pip_sections if section.requirements]
    if not sections or not file.dependencies or file.dependencies[-1].dash < sections[0].dash:
        return
    below = next(item for item in file.dependencies if item.dash > sections[0].dash)
    related = (Related(below.span, "this is conda's, too"),)
    yield Finding(sections[0].span, "packages of conda stand below this section, which comes last", related=related)


_PYTHONS = frozenset(("python", "pypy", "python-freethreading", "graalpy", "anaconda"))


@rule("ENV406", on=EnvironmentFile, severity=Severity.WARNING)
def in_both_lists(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """A package stands in the conda list and in the `pip` section.

    conda 26.7 runs `pip install --upgrade` after it has installed its own, so pip may overwrite what conda installed.

    ```yaml
    dependencies:
      - python=3.11
      - numpy=1.26
      - pip
      - pip:
        - numpy==1.26.4  # <- ENV406
    ```

    The names may differ:

    ```yaml
    dependencies:
      - python=3.11
      - pytorch=2.3
      - pip
      - pip:
        - torch==2.3.1  # <- ENV406
    ```

    conda's `graphviz` is the program, PyPI's the module that calls it:

    ```yaml
    dependencies:
      - python=3.11
      - graphviz=12.0
      - pip
      - pip:
        - graphviz==0.20.3
    ```
    """
    del facts
    here = set(file.pip_names)
    here |= {normalised(ON_CONDA[name]) for name in here & ON_CONDA.keys()}
    if here.isdisjoint(map(normalised, file.conda_names)):
        return
    conda = {normalised(dependency.spec.name): dependency for dependency in file.dependencies if dependency.spec.name}
    for requirement in file.requirements:
        name = "" if requirement.line.problem else requirement.line.name
        other = conda.get(normalised(ON_CONDA.get(name, name)))
        if other is None or not requirement.line.name:
            continue
        if requirement.line.name == "pip":
            message = "pip cannot choose its own version here; give `pip` its version in the conda list"
        else:
            message = f"`{requirement.line.name}` is in the conda list too; pip may overwrite it"
        related = (Related(other.span, f"`{other.node.value}` stands here"),)
        fixes = (Fix("Remove it from the `pip` section", (Remove(requirement.dash),)),)
        yield Finding(requirement.span, message, fixes, related)
