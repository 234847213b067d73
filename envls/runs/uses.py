"""Who uses a conda file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from envls.facts import Facts, Known, ProjectFiles
from envls.formats.azureml import v1
from envls.formats.azureml.workbench import RunConfiguration, project_of
from envls.runs.project import POINTING, might_point, pointers, project_documents
from envls.runs.workbench import Run, is_meant_for, runs_around


@dataclass(frozen=True)
class Use:
    """That a run uses a conda file. `managed`: the run's environment is made from it, elsewhere (on linux-64)."""

    by: PurePath
    managed: bool
    local_run: Run | None = None


def uses_of(path: PurePath, name: str, facts: Facts) -> list[Use] | None:
    """Who uses the conda file at `path` that describes the environment `name`; None while that is not known.

    A managed run uses the file that its run configuration, section or definition names. A local run of Workbench reads no
    conda file; the environment that its interpreter is in is described by the file of that name, and a run configuration
    that names a conda file for a local run means it as that environment's.
    """
    if not isinstance(facts.ask(ProjectFiles(path)), Known):
        return None
    uses: list[Use] = []
    project = project_of(path)
    for run in runs_around(path, facts):
        pointed_to = run.conda_path == path
        if run.reads_conda and pointed_to:
            uses.append(Use(run.path, managed=True))
        elif run.is_local and run.interpreter and (pointed_to or run.configuration.project == project):
            environment = run.interpreter.environment
            if (environment and environment == name) or (
                run.interpreter.is_root and is_meant_for(run, path, name, facts)
            ):
                uses.append(Use(run.path, managed=False, local_run=run))
    for document in project_documents(path, facts, *POINTING):
        content = document.content
        if not isinstance(content, RunConfiguration) and might_point(document, path):
            section = content.environment if isinstance(content, v1.RunConfiguration) else content
            managed = not (isinstance(section, v1.EnvironmentSection) and section.user_managed)
            uses += [Use(document.path, managed)] if path in pointers(document, facts) else []
    return uses
