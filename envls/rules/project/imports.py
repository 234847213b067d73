"""AML4: modules that the scripts of a run import, and that its environment has not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from envls import target
from envls.document import Document
from envls.facts import Facts, Installed, Known, ModuleNames, Pending
from envls.formats.conda.environment import EnvironmentFile
from envls.known.modules import OF_WORKBENCH
from envls.known.required import WORKBENCH_LOCAL, Required
from envls.rules.project.additions import addition, within_of
from envls.rules.project.distributions import Distributions, distributions_of, is_pythons_own
from envls.rules.project.placing import required_for
from envls.rules.project.possible import Possible, possible_in
from envls.rules.rule import Finding, Fix, Related, Severity, rule
from envls.rules.wording import FEW, enumerated
from envls.runs import Dialect, ImportedAt, Role, Workload, environments_in, imports_of, needs_of

_MOST_FOLDERS = 4
_MOST_FIXES = 10
_MOST_RELATED = 8


@rule("AML415", on=Document, severity=Severity.HINT)
def unlisted_import(document: Document, facts: Facts) -> Iterator[Finding]:
    """A script imports what nothing in its environment brings.

    The script or notebook that a run configuration, job or deployment starts is read, with the modules of the project that
    it imports; nothing is run. What is imported there, is no module of Python or of the project, and comes with no listed
    package as far as is known, stops the run on its first line. Imports that may fail (`try: ... except ImportError`),
    that only type checkers see, or that stand under a condition do not count, nor what a notebook installs by itself.

    ```yaml environment/conda.yml
    channels: [conda-forge]
    dependencies:  # <- AML415
      - python=3.10
      - pandas=2.2
      - pip
      - pip:
        - azureml-defaults==1.60.0
    ```

    ```yaml fixed
    channels: [conda-forge]
    dependencies:
      - python=3.10
      - pandas=2.2
      - pip
      - lightgbm
      - pillow
      - pip:
        - azureml-defaults==1.60.0
    ```

    ```yaml job.yml
    $schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
    command: python train.py
    code: src
    compute: azureml:cpu
    environment:
      image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
      conda_file: environment/conda.yml
    ```

    ```python src/train.py
    import lightgbm
    import numpy as np
    from images import load
    ```

    ```python src/images.py
    import json
    from PIL import Image
    ```

    What is listed, or comes with what is listed, is there; of a package that envls does not know anything may come:

    ```yaml
    channels: [conda-forge]
    dependencies:
      - python=3.10
      - pip
      - pip:
        - -e .
    ```
    """
    for file, workloads in environments_in(document, facts):
        listed = file.key("dependencies")
        if listed is None or not file.packages or not workloads:
            continue
        missing = _missing(file, workloads, document, facts)
        if not missing:
            continue
        required = [required_for(one.module, one.there, file, facts) for one in missing]
        fixes = [addition(required, file, facts)] if len(required) > 1 else []
        fixes += [addition([one], file, facts) for one in required[:_MOST_FIXES]]
        yield Finding(
            listed.node.span, _message(missing), tuple(fix for fix in fixes if isinstance(fix, Fix)), _related(missing)
        )


@dataclass(frozen=True)
class _Missing:
    """A module that is not there, by the longest name that tells its package, and where it is imported."""

    module: str
    there: Distributions
    places: tuple[ImportedAt, ...]


def imported_packages(
    file: EnvironmentFile, workloads: Iterable[Workload], document: Document, facts: Facts
) -> list[Required]:
    """What to add to the packages that `document` lists for what is imported by the scripts that run in them."""
    return [required_for(one.module, one.there, file, facts) for one in _missing(file, workloads, document, facts)]


def _is_judged(workload: Workload) -> bool:
    """Whether a workload has nothing beside what is listed, as far as is known; the Pythons of Spark have much."""
    environment = workload.environment
    if environment.made is None or environment.built or not workload.scripts:
        return False
    compute = workload.run.compute if workload.run else None
    return workload.role is not Role.SPARK or (compute is not None and compute.type == "localdocker")


# -- what is missing ------------------------------------------------------------------------------------------


def _missing(file: EnvironmentFile, workloads: Iterable[Workload], document: Document, facts: Facts) -> list[_Missing]:
    workloads = [one for one in workloads if _is_judged(one)]
    possible = possible_in(file, document.path, facts) if workloads else Possible(anything=True)
    if possible.anything:
        return []
    python = within_of(file).python
    found: dict[str, tuple[str, Distributions, list[ImportedAt]]] = {}
    for workload in workloads:
        for name, there, place in _missing_of(workload, possible, python, facts):
            known = found.setdefault(there.best, (name, there, []))
            if place not in known[2]:
                known[2].append(place)
    missing = _without_brought([_Missing(name, there, tuple(places)) for name, there, places in found.values()])
    return _not_of_the_project(missing, document, facts) if missing else []


def _missing_of(
    workload: Workload, possible: Possible, python: str, facts: Facts
) -> Iterator[tuple[str, Distributions, ImportedAt]]:
    """What the scripts of one workload import that is not there."""
    imports = imports_of(workload, facts)
    if not imports.complete:
        return
    elsewhere = _required_by_others(workload, facts)
    elsewhere.names |= imports.installs
    for place in imports.outside:
        one = place.imported
        if is_pythons_own(one.top, python):
            continue
        names = [f"{one.name}.{name}" for name in one.names] or [one.name]
        for name in names:
            there = distributions_of(name)
            if there is None or possible.may_have(name, there) or elsewhere.may_have(name, there):
                continue
            if not _is_of_workbench(workload, there) and not _is_installed(workload, there, facts):
                yield _shown(name, there), there, place


def _without_brought(missing: list[_Missing]) -> list[_Missing]:
    """Without what comes along with another one that is to be added."""
    brought: set[str] = set()
    for one in missing:
        comes = Possible()
        comes.add(one.there.best)
        brought |= comes.names - {one.there.best}
    return [one for one in missing if one.there.best not in brought] or missing


def _shown(name: str, there: Distributions) -> str:
    """As much of a dotted name as tells the package: `sklearn` of `sklearn.svm`, `azure.storage.blob` as it is."""
    parts = name.split(".")
    return next(
        (short for length in range(1, len(parts)) if distributions_of(short := ".".join(parts[:length])) == there), name
    )


def _required_by_others(workload: Workload, facts: Facts) -> Possible:
    """What `missing-required-package` says of a workload: one mistake, one finding."""
    found = Possible()
    for need in needs_of(workload, facts):
        found.add(need.package.name)
    if workload.run is not None and workload.run.is_local:
        for package in WORKBENCH_LOCAL:
            found.add(package.name)
    found.anything = found.common = False
    return found


def _is_of_workbench(workload: Workload, there: Distributions) -> bool:
    """Whether Workbench may have brought a package: all of its own, and to what it makes itself its image's."""
    if workload.dialect is not Dialect.WORKBENCH:
        return False
    of_image = bool(workload.environment.made) and not OF_WORKBENCH.isdisjoint(there.pip)
    return of_image or any(name.startswith("azureml") for name in there.pip)


def _is_installed(workload: Workload, there: Distributions, facts: Facts) -> bool:
    """Whether the environment of this machine that a run lives in has a package, or may turn out to, whatever its file lists."""
    environment = workload.environment
    if environment.made or environment.packages is None:
        return False
    question = target.installed(within_of(environment.packages))
    if question is None and environment.lives_in:
        question = Installed(environment.lives_in)
    answer = facts.ask(question) if question else None
    if isinstance(answer, Known):
        return any(answer.value.find(name, pip=True) for name in (*there.pip, *there.conda))
    return isinstance(answer, Pending)


def _not_of_the_project(missing: list[_Missing], document: Document, facts: Facts) -> list[_Missing]:
    """Without those whose name a module or a folder anywhere in the project has: a path may lead there."""
    near = {document.path.parent: document.path}
    for one in missing:
        near.setdefault(one.places[0].path.parent, one.places[0].path)
    names: set[str] = set()
    for path in list(near.values())[:_MOST_FOLDERS]:
        answer = facts.ask(ModuleNames(path))
        if not isinstance(answer, Known):
            return []
        names |= answer.value
    return [one for one in missing if one.module.partition(".")[0] not in names]


# -- what is said ---------------------------------------------------------------------------------------------


def _message(missing: list[_Missing]) -> str:
    by_script: dict[str, list[str]] = {}
    for one in missing:
        by_script.setdefault(one.places[0].path.name, []).append(f"`{one.module}`")
    said = [f"`{script}` imports {enumerated(names, most=FEW)}" for script, names in by_script.items()]
    return f"{enumerated(said, most=FEW)}; nothing in this environment is known to bring {'it' if len(missing) == 1 else 'them'}"


def _related(missing: list[_Missing]) -> tuple[Related, ...]:
    places = [(one, place) for one in missing for place in one.places[:2]]
    return tuple(
        Related(place.imported.span, f"`{one.module}` is imported here", place.path)
        for one, place in places[:_MOST_RELATED]
    )
