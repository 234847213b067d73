"""AML4: packages that a local run of Workbench needs, and its environment lacks."""

from __future__ import annotations

from collections.abc import Iterator

from envls.document import Document
from envls.facts import Facts
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.conda.requirement import normalised
from envls.known.required import WORKBENCH_LOCAL, Required
from envls.rules.rule import Finding, Fix, Related, Severity, rule
from envls.runs import Run, uses_of
from envls.text import Span
from envls.write import Add, Change


@rule("AML405", on=Document, severity=Severity.WARNING)
def missing_required_package(document: Document, facts: Facts) -> Iterator[Finding]:
    """An environment lacks a package that a local Workbench run needs.

    Workbench starts a local run in an environment of one's own only if its SDK and what that imports are there.

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
    file = document.content
    if not isinstance(file, EnvironmentFile):
        return
    listed = file.key("dependencies")
    name = file.name.value if file.name else ""
    if listed is None or not (file.dependencies or file.pip_sections):
        return
    uses = [use for use in uses_of(document.path, name, facts) or () if use.local_run]
    missing = _lacking(file) if uses else []
    if not missing:
        return
    runs = ", ".join(f"`{use.by.name}`" for use in uses[:3])
    verb = "needs" if len(uses) == 1 else "need"
    names = " and ".join(filter(None, (", ".join(f"`{one.name}`" for one in missing[:-1]), f"`{missing[-1].name}`")))
    related = tuple(_needing(use.local_run) for use in uses[:3] if use.local_run)
    fixes = [_add(missing, f"Add {names}")] if len(missing) > 1 else []
    fixes += [_add([one], f"Add `{one.spec}`") for one in missing]
    message = f"{runs}, run in this environment, {verb} {names}, which it lacks"
    yield Finding(listed.node.span, message, tuple(fixes), related)


def _lacking(file: EnvironmentFile) -> list[Required]:
    present = {normalised(dependency.spec.name) for dependency in file.dependencies}
    present |= {requirement.line.name for requirement in file.requirements}
    return [one for one in WORKBENCH_LOCAL if normalised(one.name) not in present]


def _needing(run: Run) -> Related:
    target = run.configuration.path("Target")
    return Related(target.node.span if target else Span(0, 0), "this run needs it", run.path)


def _add(required: list[Required], title: str) -> Fix:
    changes: list[Change] = []
    for one in required:
        route = ("dependencies",) if one.section == "conda" else ("dependencies", "pip")
        changes.append(Add(route, one.spec))
    return Fix(title, tuple(changes), sure=True)
