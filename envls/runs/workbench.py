"""The runs of Workbench: a run configuration with its compute target, its interpreter and its conda file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from envls.document import Document, Format
from envls.facts import Facts, FileAt
from envls.formats.azureml.workbench import DEFAULT_NAME, Compute, InterpreterRef, RunConfiguration, project_of
from envls.formats.azureml.workbench_keys import DEFAULT_CONDA_FILE
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.paths import PathRef, join
from envls.runs.project import name_of, project_documents


@dataclass(frozen=True)
class Run:
    """A run of a Workbench run configuration. What is None is not known, or not there.

    `conda_path` is the conda file that the run configuration means, whether or not the run reads it (`reads_conda`).
    """

    path: PurePath
    configuration: RunConfiguration
    compute_path: PurePath | None
    compute: Compute | None
    conda_path: PurePath
    conda_ref: PathRef | None
    conda: Document | None

    @property
    def reads_conda(self) -> bool | None:
        return self.compute.reads_conda_file if self.compute else None

    @property
    def interpreter(self) -> InterpreterRef | None:
        return self.compute.interpreter if self.compute else None

    @property
    def is_local(self) -> bool:
        return self.compute is not None and self.compute.type == "local"

    @property
    def conda_name(self) -> str:
        """The name of the environment that the conda file describes."""
        return name_of(self.conda)


def run_of(document: Document, facts: Facts) -> Run | None:
    """The run that a run configuration describes."""
    configuration = document.content
    if not isinstance(configuration, RunConfiguration):
        return None
    target = configuration.path("Target")
    there = facts.value(FileAt(target.target)) if target else None
    compute = there.content if there and isinstance(there.content, Compute) else None
    reference = configuration.path("CondaDependenciesFile")
    conda_path = reference.target if reference else join(configuration.project, DEFAULT_CONDA_FILE)
    conda = facts.value(FileAt(conda_path))
    return Run(
        document.path,
        configuration,
        target.target if target else None,
        compute,
        conda_path,
        reference,
        conda and conda.as_told(Format.ENVIRONMENT),
    )


def runs_of_project(near: PurePath, facts: Facts) -> list[Run]:
    """The Workbench runs of the Azure ML project that `near` belongs to."""
    project = project_of(near)
    return [run for run in runs_around(near, facts) if run.configuration.project == project]


def runs_around(near: PurePath, facts: Facts) -> list[Run]:
    """Those of all Azure ML projects around."""
    found = (run_of(document, facts) for document in project_documents(near, facts, ".runconfig"))
    return [run for run in found if run is not None]


def environment_files(near: PurePath, facts: Facts) -> list[Document]:
    """The conda environment files of the same Azure ML project, nearest names first."""
    project = project_of(near)
    documents = {d.path: d for d in project_documents(near, facts, ".yml", ".yaml")}
    for run in runs_of_project(near, facts):
        if run.conda is not None:
            documents[run.conda_path] = run.conda
    ours = [d for d in documents.values() if isinstance(d.content, EnvironmentFile) and d.path.is_relative_to(project)]
    return sorted(ours, key=lambda d: (len(d.path.parts), d.path.as_posix()))


def is_meant_for(run: Run, path: PurePath, name: str, facts: Facts) -> bool:
    """Whether a local run in the root interpreter means the environment that `path` describes."""
    meant = meant_environment(run, facts)
    return meant is not None and meant.path == path and bool(name)


def meant_environment(run: Run, facts: Facts) -> Document | None:
    """The file of the named environment that a local run in the root interpreter probably means.

    That is the conda file its run configuration names, unless a managed run is made from it; else the one conda file
    of the project that no managed run is made from.
    """
    managed = {other.conda_path for other in runs_of_project(run.path, facts) if other.reads_conda}
    if run.conda_ref and run.conda_path not in managed and name_of(run.conda) not in ("", DEFAULT_NAME):
        return run.conda
    default = join(run.configuration.project, DEFAULT_CONDA_FILE)
    candidates = [
        document
        for document in environment_files(run.path, facts)
        if document.path not in managed and document.path != default
        if name_of(document) not in ("", DEFAULT_NAME)
    ]
    return candidates[0] if len(candidates) == 1 else None
