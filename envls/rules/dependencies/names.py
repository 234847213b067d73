"""ENV3: names in the conda list that are not conda's."""

from __future__ import annotations

from collections.abc import Iterator

from envls import target
from envls.facts import Facts, Unavailable
from envls.formats.conda.environment import Dependency
from envls.known.stdlib import NEVER_A_PACKAGE
from envls.known.twins import CONDA_NAME, ONLY_PYPI
from envls.rules.dependencies.specs import rewrite, to_pip
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.write import Remove

OF_PIP = ("pypi_0", "pypi")
"""Builds that a list of conda gives to what pip installed."""


@rule("ENV306", on=Dependency, severity=Severity.ERROR)
def from_pip(dependency: Dependency, facts: Facts) -> Iterator[Finding]:
    """A package with the build `pypi_0` was installed by pip.

    `conda list --export` writes it so. No channel has such a build: conda 26.7 finds no package, and makes no environment.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - requests=2.31.0=pypi_0  # <- ENV306
    ```

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests==2.31.0
    ```
    """
    del facts
    build = dependency.spec.build
    if build is None or build.text not in OF_PIP or dependency.spec.problem:
        return
    spec = dependency.spec
    line = f"{spec.name_part.text}=={spec.pinned}" if spec.pinned else spec.name_part.text
    message = f"`{spec.name_part.text}` was installed by pip; no channel has a build `{build.text}`"
    yield Finding(dependency.node.within(build.start, build.end), message, to_pip(dependency, line))


@rule("ENV307", on=Dependency, severity=Severity.WARNING)
def standard_library(dependency: Dependency, facts: Facts) -> Iterator[Finding]:
    """A module of Python itself stands in the list.

    It comes with `python`; no public channel has a package of that name, so that conda 26.7 makes no environment. Said where
    the channels have not answered, of which one may be private, so that it is a warning; they say it as an error (ENV501).

    ```yaml
    dependencies:
      - python=3.11
      - json  # <- ENV307
    ```

    ```yaml
    dependencies:
      - python=3.11
      - readline
    ```
    """
    name = dependency.spec.name
    if name in NEVER_A_PACKAGE and not dependency.spec.problem and not _index_says(dependency, facts):
        fix = Fix("Remove it", (Remove(dependency.dash),))
        yield Finding(dependency.name_span, f"`{name}` is a module of Python itself, not a package", (fix,))


@rule("ENV308", on=Dependency, severity=Severity.WARNING)
def name_of_pypi(dependency: Dependency, facts: Facts) -> Iterator[Finding]:
    """A package stands in the conda list under the name that it has on PyPI.

    The conda package has another name, or there is none; conda 26.7 finds nothing and makes no environment. Said where the
    channels have not answered, of which one may be private, so that it is a warning; they say it as an error (ENV501).

    ```yaml
    channels: [conda-forge]
    dependencies:
      - python=3.11
      - torch=2.3           # <- ENV308
      - azureml-core=1.57   # <- ENV308
    ```

    ```yaml
    channels: [conda-forge]
    dependencies:
      - python=3.11
      - pytorch=2.3
      - pip
      - pip:
        - azureml-core==1.57
    ```
    """
    name = dependency.spec.name
    if name not in CONDA_NAME and name not in ONLY_PYPI:
        return
    spec, conda = dependency.spec, CONDA_NAME.get(name)
    if spec.problem or spec.archive or (spec.build and spec.build.text in OF_PIP) or _index_says(dependency, facts):
        return
    fixes: tuple[Fix, ...]
    if conda:
        part = spec.name_part
        written = spec.text[: part.start] + conda + spec.text[part.end :]
        fixes = (Fix(f"Write `{written}`", (rewrite(dependency, written),), sure=True),)
        message = f"`{name}` is the name on PyPI; for conda it is `{conda}`"
    else:
        fixes = to_pip(dependency, f"{name}=={spec.pinned}" if spec.pinned else name)
        message = f"`{name}` is on PyPI only; it belongs into the `pip` section"
    yield Finding(dependency.name_span, message, fixes)


def _index_says(dependency: Dependency, facts: Facts) -> bool:
    """Whether the channels have answered: then a package is there, or `unknown-package` says that it is not."""
    return any(
        not isinstance(facts.ask(question), Unavailable) for question in target.conda_packages(dependency, facts)
    )
