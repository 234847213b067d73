"""AML4: what a run of Workbench says and what it will really run in."""

from __future__ import annotations

from collections.abc import Iterator

from envls.document import Document
from envls.facts import Facts, FileAt, Known
from envls.formats.azureml.workbench import Compute, RunConfiguration
from envls.rules.project.interpreters import point_at
from envls.rules.project.paths import point_to
from envls.rules.rule import Finding, Related, Severity, rule
from envls.runs import Run, environment_files, meant_environment, name_of, run_of, runs_of_project
from envls.syntax import Node, Scalar
from envls.text import Span


@rule("AML402", on=Document, severity=Severity.WARNING)
def disagreeing_environment(document: Document, facts: Facts) -> Iterator[Finding]:
    """The interpreter of a local run is in another environment than the one its conda file describes.

    A local run reads no conda file; it runs in the environment that its interpreter is in. When the run
    configuration names the file of another environment, what stands there and what runs differ.

    ```yaml aml_config/local.runconfig
    ArgumentVector: [train.py]
    Target: local
    CondaDependenciesFile: aml_config/conda_dependencies.yml  # <- AML402
    ```

    ```yaml fixed
    ArgumentVector: [train.py]
    Target: local
    CondaDependenciesFile: aml_config/localenv_conda_dependencies.yml
    ```

    ```yaml aml_config/local.compute
    type: local
    pythonLocation: "%USERPROFILE%/AppData/Local/amlworkbench/Python/envs/hello_env/python.exe"
    ```

    ```yaml aml_config/conda_dependencies.yml
    name: project_environment
    dependencies:
      - python=3.5.2
    ```

    ```yaml aml_config/localenv_conda_dependencies.yml
    name: hello_env
    dependencies:
      - python=3.5.2
      - psutil=5.2.2
      - scipy=0.18.1
      - ipykernel=4.6.1
      - pip
      - pip:
        - azure-ml-api-sdk==0.1.0a10
        - applicationinsights==0.11.0
        - azureml.assets
        - azureml.logging
        - azureml.dataprep
    ```
    """
    run = run_of(document, facts)
    if run is None or run.conda_ref is None or run.interpreter is None or run.reads_conda is not False:
        return
    lives_in = run.interpreter.environment
    if not lives_in or not run.conda_name or lives_in == run.conda_name:
        return
    fixes = tuple(
        point_to(run.conda_ref, there.path)
        for there in environment_files(run.path, facts)
        if name_of(there) == lives_in
    )
    related = (Related(run.interpreter.node.span, f"the interpreter is in `{lives_in}`", run.compute_path),)
    message = f"this file describes `{run.conda_name}`, but the run's interpreter is in the environment `{lives_in}`"
    yield Finding(run.conda_ref.node.span, message, fixes, related)


@rule("AML403", on=Document, severity=Severity.WARNING)
def root_interpreter(document: Document, facts: Facts) -> Iterator[Finding]:
    """A local run takes the root interpreter, though the project describes an environment of its own for it.

    `pythonLocation: "python"` is whichever interpreter Workbench or its command line runs in; the packages of a named
    environment are not there. The fixes write the path of its interpreter: as another compute target of the project
    writes such a path, as it is on this machine, or where Workbench's conda has it on each platform. Windows expands `%USERPROFILE%`.

    ```yaml aml_config/local.compute
    type: local
    pythonLocation: "python"  # <- AML403
    ```

    ```yaml aml_config/local.runconfig
    ArgumentVector: [train.py]
    Target: local
    CondaDependenciesFile: aml_config/localenv_conda_dependencies.yml
    ```

    ```yaml aml_config/localenv_conda_dependencies.yml
    name: hello_env
    dependencies:
      - python=3.5.2
    ```
    """
    compute = document.content
    if not isinstance(compute, Compute) or compute.type != "local" or compute.interpreter is None:
        return
    if not compute.interpreter.is_root:
        return
    for run in runs_of_project(document.path, facts):
        meant = meant_environment(run, facts) if run.compute_path == document.path else None
        if meant is None:
            continue
        name = name_of(meant)
        related = (Related(Span(0, 0), f"it describes `{name}`", meant.path),)
        message = f"this is the root interpreter; the packages of `{name}` are not there"
        fixes = tuple(point_at(compute.interpreter, name, document, facts))
        yield Finding(compute.interpreter.node.span, message, fixes, related)
        return


@rule("AML404", on=Document, severity=Severity.HINT)
def no_effect(document: Document, facts: Facts) -> Iterator[Finding]:
    """A key has no effect in this run.

    `PrepareEnvironment` needs a compute target with Docker or a cluster; a Spark file is read with `PySpark` only; a conda
    file by no local run.

    ```yaml aml_config/local.runconfig
    ArgumentVector: [train.py]
    Target: local
    Framework: Python
    PrepareEnvironment: true  # <- AML404
    ```

    ```yaml aml_config/local.compute
    type: local
    ```
    """
    configuration = document.content
    if not isinstance(configuration, RunConfiguration) or configuration.root is None:
        return
    run = run_of(document, facts)
    prepare = configuration.root.entry("PrepareEnvironment")
    if prepare and run and run.compute and run.reads_conda is False and _is_true(prepare.value):
        why = "manages its environment itself" if run.compute.user_managed else f"is `{run.compute.type}`"
        yield Finding(prepare.span, f"`PrepareEnvironment` has no effect: the compute target {why}", unused=True)
    if run and run.conda_ref and run.reads_conda is False and _misleads(run, facts):
        entry = configuration.root.entry("CondaDependenciesFile")
        if entry:
            yield Finding(entry.span, "this run reads no conda file", unused=True)
    spark = configuration.path("SparkDependenciesFile")
    if spark and configuration.framework == "Python":
        entry = configuration.root.entry("SparkDependenciesFile")
        if entry:
            yield Finding(entry.span, "the Spark file is not read: `Framework` is `Python`", unused=True)


def _misleads(run: Run, facts: Facts) -> bool:
    """Whether a conda file that is not read says nothing of the run either, and no other rule speaks of it."""
    if run.interpreter and run.interpreter.environment:
        return False
    return isinstance(facts.ask(FileAt(run.conda_path)), Known) and meant_environment(run, facts) is None


def _is_true(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value.lower() == "true"
