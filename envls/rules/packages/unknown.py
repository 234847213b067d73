"""ENV5: packages that nobody has, and what was meant instead."""

from __future__ import annotations

from collections.abc import Iterator

from envls.facts import Facts
from envls.formats.conda import matchspec, requirement
from envls.formats.conda.environment import Dependency, Requirement
from envls.formats.conda.whynot import misnamed
from envls.known.stdlib import NEVER_A_PACKAGE, NEVER_FROM_PYPI
from envls.known.twins import ONLY_CONDA, PYPI_NAME
from envls.rules.dependencies.names import OF_PIP
from envls.rules.dependencies.specs import in_any_list, rewrite, to_pip
from envls.rules.packages.answered import AnsweredDependency, AnsweredRequirement, Standing
from envls.rules.packages.similar import in_other_list, known_as, similar
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.rules.wording import enumerated
from envls.write import Add, Remove


@rule("ENV501", on=AnsweredDependency, severity=Severity.ERROR)
def unknown_package(answered: AnsweredDependency, facts: Facts) -> Iterator[Finding]:
    """No channel has the package.

    conda finds nothing to install and makes no environment. Said only when every channel of the file was asked, and for
    a name that is not one letter off a known one also for the other platforms; never of a name that is being typed.

    ```yaml
    channels: [conda-forge]
    dependencies:
      - python=3.11
      - nunpy=1.26         # <- ENV501
      - docker=7           # <- ENV501
      - only-on-pypi=1.0   # <- ENV501
    ```

    ```yaml
    channels: [conda-forge]
    dependencies:
      - python=3.11
      - numpy=1.26
      - docker-py=7
      - pip
      - pip:
        - only-on-pypi==1.0
    ```

    ```facts
    conda python 3.11.9
    conda numpy 1.26.4
    conda docker-py 7.1.0
    conda pip 24.2
    conda nunpy absent
    conda docker absent
    conda only-on-pypi absent
    pip only-on-pypi 1.0
    ```
    """
    if answered.standing is not Standing.UNKNOWN:
        return
    dependency, spec = answered.item, answered.item.spec
    if spec.build and spec.build.text in OF_PIP:
        return  # that is told without the channels
    name = spec.name
    where = f"no channel of this file has `{name}` for {', '.join(answered.platforms)}"
    if name in NEVER_A_PACKAGE:
        removed = Fix("Remove it", (Remove(dependency.dash),))
        yield Finding(dependency.name_span, f"{where}; it is a module of Python itself", (removed,))
        return
    other = known_as(dependency, facts)
    meant = [other] if other else list(similar(dependency, facts))
    fixes = [_renamed(dependency, one, sure=len(meant) == 1) for one in meant]
    shown = enumerated([f"`{name}`" for name in meant], joint="or")
    hint = f"; there it is `{other}`" if other else f"; did you mean {shown}?" if meant else ""
    pip = "" if other else in_other_list(dependency, facts)
    if pip:
        hint = f"; the package index has it{hint.replace('; ', ', or ', 1)}"
        fixes += to_pip(dependency, f"{pip}=={spec.pinned}" if spec.pinned else pip)
    yield Finding(dependency.name_span, where + hint, tuple(fixes))


@rule("ENV502", on=AnsweredRequirement, severity=Severity.ERROR)
def unknown_requirement(answered: AnsweredRequirement, facts: Facts) -> Iterator[Finding]:
    """The package index has no such package.

    pip installs nothing of the section, and conda leaves an environment that lacks it. Said only when every index that
    pip would look at was asked; with `--find-links` or another file of requirements pip may look elsewhere, too.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - reqeusts==2.31.0   # <- ENV502
        - only-on-conda>=2   # <- ENV502
    ```

    ```yaml
    dependencies:
      - python=3.11
      - only-on-conda>=2
      - pip
      - pip:
        - requests==2.31.0
    ```

    ```facts
    conda python 3.11.9
    conda pip 24.2
    conda only-on-conda 2.1
    pip requests 2.31.0
    pip reqeusts absent
    pip only-on-conda absent
    ```
    """
    line = answered.item.line
    if answered.standing is not Standing.UNKNOWN or line.name in PYPI_NAME or line.name in ONLY_CONDA:
        return
    if line.name in NEVER_FROM_PYPI or misnamed(line.name_part.text):
        return  # what it is instead is told without the index
    other = known_as(answered.item, facts)
    meant = [other] if other else list(similar(answered.item, facts))
    fixes = [_renamed(answered.item, one, sure=len(meant) == 1) for one in meant]
    shown = enumerated([f"`{name}`" for name in meant], joint="or")
    hint = f"; there it is `{other}`" if other else f"; did you mean {shown}?" if meant else ""
    conda = "" if other else in_other_list(answered.item, facts)
    if conda:
        hint = f"; conda has it{f' as `{conda}`' if conda != line.name else ''}{hint.replace('; ', ', or ', 1)}"
        fixes += _to_conda(answered.item, conda)
    yield Finding(answered.item.name_span, f"the package index has no `{line.name}`{hint}", tuple(fixes))


def _renamed(item: Dependency | Requirement, name: str, *, sure: bool) -> Fix:
    line = item.spec if isinstance(item, Dependency) else item.line
    part = line.name_part
    written = line.text[: part.start] + name + line.text[part.end :]
    return Fix(f"Write `{written}`", (rewrite(item, written),), sure=sure)


def _to_conda(item: Requirement, name: str) -> tuple[Fix, ...]:
    """The fix that moves a line into the conda list, where it can say there what it says here."""
    line = item.line
    spec = name + (line.version.text.replace(" ", "") if line.version else "")
    if line.extras or line.marker or matchspec.parse(spec).problem or requirement.parse(line.text).ignored:
        return ()
    move = (Remove(item.dash), Add(("dependencies",), in_any_list(spec), before="pip"))
    return (Fix(f"Move to the conda list: `{spec}`", move),)
