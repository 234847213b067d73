"""AML4: packages that something needs which runs in an environment, and that the environment lacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from envls.document import Document
from envls.facts import Facts
from envls.formats.conda.environment import EnvironmentFile
from envls.known.required import WORKBENCH_LOCAL, Required
from envls.rules.project.additions import addition
from envls.rules.project.provided import Provided, provided
from envls.rules.rule import Finding, Related, Severity, rule
from envls.rules.wording import enumerated
from envls.runs import Need, environments_in, name_of, needs_of, notebook_needs, uses_of
from envls.text import Span
from envls.versions import numbers

_SHOWN = 3
_SAID = 2
"""Groups of those who need the same that a message names; the lines of the others are related places."""


@rule("AML405", on=Document, severity=Severity.WARNING)
def missing_required_package(document: Document, facts: Facts) -> Iterator[Finding]:
    """An environment lacks a package that something needs which runs in it.

    What a run needs beside what its scripts say by themselves, with the evidence:

    - A scoring script of an online deployment runs in `azureml-inference-server-http`; without it the container does not
      start ("A required package azureml-inference-server-http is missing"), also where the image has it, since the
      conda environment hides the image's own. `azureml-defaults` brings it since 1.36.
    - A web service of SDK v1 needs `azureml-defaults` 1.0.45 or newer, listed itself, as Azure's pages on deployment say.
    - An MLflow model that is deployed without a script needs the server and `azureml-ai-monitoring` in the model's
      `conda.yaml`: the script that Azure ML makes imports both.
    - A scoring script of a batch deployment needs `azureml-core` and `azureml-dataset-runtime[fuse]`; a parallel job the same
      with `pandas`, and `mltable` where its input is one. So Azure's page on batch deployments and all samples have it.
    - A script that logs with MLflow reaches the workspace through `azureml-mlflow`, which brings `mlflow-skinny`; one that
      imports `azureml.core` needs the SDK, and for datasets `azureml-dataset-runtime`.
    - A notebook's kernel needs `ipykernel`; a command that runs one `papermill` or `nbconvert`, too.
    - A local run of Workbench in an environment of one's own starts only if its SDK and what that imports are there.

    A package that brings another counts for both. A command job of CLI v2 by itself needs nothing.

    ```yaml environment/conda.yml
    channels: [conda-forge]
    dependencies:  # <- AML405
      - python=3.10
      - scikit-learn=1.5
    ```

    ```yaml fixed
    channels: [conda-forge]
    dependencies:
      - python=3.10
      - scikit-learn=1.5
      - pip
      - pip:
          - azureml-inference-server-http>=1.4
    ```

    ```yaml deployment.yml
    $schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json
    name: blue
    endpoint_name: taxi
    model: azureml:taxi:1
    code_configuration:
      code: .
      scoring_script: score.py
    environment:
      image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
      conda_file: environment/conda.yml
    instance_type: Standard_DS3_v2
    instance_count: 1
    ```

    ```python score.py
    ```

    A local run of Workbench:

    ```yaml aml_config/localenv_conda_dependencies.yml
    name: hello_env
    dependencies:  # <- AML405
      - python=3.5.2
      - scipy=0.18.1
      - ipykernel=4.6.1
      - pip
      - pip:
        - azure-ml-api-sdk==0.1.0a10
        - applicationinsights==0.11.0
    ```

    ```yaml fixed
    name: hello_env
    dependencies:
      - python=3.5.2
      - scipy=0.18.1
      - ipykernel=4.6.1
      - pip
      - psutil=5.2.2
      - pip:
        - azure-ml-api-sdk==0.1.0a10
        - applicationinsights==0.11.0
    ```

    ```yaml aml_config/local.runconfig
    ArgumentVector: [train.py]
    Target: local
    CondaDependenciesFile: aml_config/localenv_conda_dependencies.yml
    ```

    ```yaml aml_config/local.compute
    type: local
    pythonLocation: "%USERPROFILE%/AppData/Local/amlworkbench/Python/envs/hello_env/python.exe"
    ```
    """
    for file, needs in _needs(document, facts):
        listed = file.key("dependencies")
        if not needs or listed is None or not (file.dependencies or file.pip_sections):
            continue
        found = lacking(needs, provided(file, document.path, facts))
        if not found:
            continue
        packages = [one.package for one in found]
        fixes = [addition(packages, file, facts)]
        fixes += [addition([one], file, facts) for one in packages] if len(packages) > 1 else []
        message = f"{said_of(found)}, which this environment lacks"
        yield Finding(listed.node.span, message, tuple(fix for fix in fixes if fix), tuple(_related(found)))


def _needs(document: Document, facts: Facts) -> Iterator[tuple[EnvironmentFile, list[Need]]]:
    """The environments whose packages a file lists, each with what is needed in it."""
    for file, workloads in environments_in(document, facts):
        needs = [need for one in workloads if one.environment.made for need in needs_of(one, facts)]
        if file is document.content:
            needs += _of_local_runs(document, facts)
            needs += notebook_needs(document.path, name_of(document), facts)
        yield file, needs


def _of_local_runs(document: Document, facts: Facts) -> Iterator[Need]:
    """What Workbench's local runs need in the environment that they are started in."""
    for use in uses_of(document.path, name_of(document), facts) or ():
        if use.local_run is not None:
            target = use.local_run.configuration.path("Target")
            span = target.node.span if target else Span(0, 0)
            for package in WORKBENCH_LOCAL:
                yield Need(f"the local run `{use.by.name}`", package, use.by, span)


@dataclass(frozen=True)
class Lacking:
    """A package that is lacking, and who needs it."""

    package: Required
    needs: tuple[Need, ...]


def lacking(needs: list[Need], there: Provided) -> list[Lacking]:
    """What is lacking of all that is needed: each package once, and none that comes with another of them."""
    found: list[Lacking] = []
    if not there.certain:
        return found
    by_package: dict[str, list[Need]] = {}
    for need in needs:
        by_package.setdefault(need.package.name, []).append(need)
    for name, those in by_package.items():
        extras = tuple(dict.fromkeys(extra for need in those for extra in need.package.extras))
        package = next((need.package for need in those if need.package.explicit), those[0].package)
        package = package._replace(extras=extras)
        if any(there.has(other) for other in package.also):
            continue
        is_listed = name in there.listed or not package.explicit
        if there.has(name, extras) and is_listed and not _is_old(name, package, there):
            continue
        found.append(Lacking(package, tuple(those)))
        there.add(name, frozenset(extras))
        there.listed.add(name)
    return found


def _is_old(name: str, package: Required, there: Provided) -> bool:
    pinned = there.pinned.get(name, "")
    return bool(package.at_least and pinned) and numbers(pinned) < numbers(package.at_least)


def said_of(lacking: list[Lacking]) -> str:
    """Who needs what, as a phrase; "" where nothing is lacking."""
    by_needer: dict[str, list[str]] = {}
    for one in lacking:
        needers = list(dict.fromkeys(need.by for need in one.needs))
        more = f" (and {len(needers) - _SHOWN} more)" if len(needers) > _SHOWN else ""
        shown = enumerated(needers[:_SHOWN]) + more
        extras = f"[{','.join(one.package.extras)}]" if one.package.extras else ""
        version = f" {one.package.at_least} or newer" if one.package.at_least else ""
        verb = "needs" if len(needers) == 1 else "need"
        by_needer.setdefault(f"{shown} {verb}", []).append(f"`{one.package.name}{extras}`{version}")
    said = [f"{who} {enumerated(names)}" for who, names in by_needer.items()]
    if len(said) > _SAID + 1:
        rest = [name for names in list(by_needer.values())[_SAID:] for name in names]
        said[_SAID:] = [f"others need {enumerated(rest)}"]
    return "; ".join(said)


def _related(lacking: list[Lacking]) -> Iterator[Related]:
    """The lines that need something, each once."""
    seen: dict[tuple[object, Span], tuple[Need, list[str]]] = {}
    for one in lacking:
        for need in one.needs:
            seen.setdefault((need.path, need.span), (need, []))[1].append(one.package.name)
    for need, names in list(seen.values())[: 2 * _SHOWN]:
        shown = enumerated([f"`{name}`" for name in dict.fromkeys(names)])
        yield Related(need.span, f"this needs {shown}: {need.package.why}", need.path)
