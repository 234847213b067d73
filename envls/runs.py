"""What only several files together say: which interpreter and conda file a run uses, who uses a file, what it is.

Pure: it asks facts for the files of the project, and what is not known yet is simply not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath

from envls.document import Document, Format
from envls.facts import Absent, Facts, FileAt, Known, ProjectFiles
from envls.formats.azureml import v1, v2
from envls.formats.azureml.workbench import DEFAULT_NAME, FOLDER, Compute, InterpreterRef, RunConfiguration, project_of
from envls.formats.azureml.workbench_keys import DEFAULT_CONDA_FILE
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.paths import PathRef, join

MOST = 200
_POINTING = (".runconfig", ".yml", ".yaml", "")
"""How the names of files end that may point to others; a run configuration of SDK v1 needs no extension."""
_MEANT = {
    "conda file": Format.ENVIRONMENT,
    "Spark file": Format.SPARK,
    "environment section": Format.V1_ENVIRONMENT,
}


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


def name_of(document: Document | None) -> str:
    content = document.content if document else None
    return content.name.value if isinstance(content, EnvironmentFile) and content.name else ""


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


def paths_of(document: Document) -> tuple[PathRef, ...]:
    """The paths of other files that a run configuration, an environment section or a definition writes."""
    content = document.content
    if isinstance(content, RunConfiguration | v1.RunConfiguration | v1.EnvironmentSection | v2.Definition):
        return content.paths
    return ()


def target_of(path: PathRef, facts: Facts) -> PurePath:
    """Where a path leads: to the first of its targets that is there, or may be; else to the likeliest."""
    if not path.others:
        return path.target
    return next((one for one in path.targets if not isinstance(facts.ask(FileAt(one)), Absent)), path.target)


def pointers(document: Document, facts: Facts | None = None) -> dict[PurePath, Format]:
    """The files that a document points to, and what it says that they are; without facts, all that it may mean."""
    meant = [(path, _MEANT[path.kind]) for path in paths_of(document) if path.kind in _MEANT]
    if facts is None:
        return {target: format_ for path, format_ in meant for target in path.targets}
    return {target_of(path, facts): format_ for path, format_ in meant}


def told(path: PurePath, facts: Facts) -> Format | None:
    """What another file of the project says that the one at `path` is; None where none does, or that is not known yet."""
    for document in project_documents(path, facts, *_POINTING):
        meant = _might_point(document, path) and pointers(document, facts).get(path)
        if meant:
            return meant
    return None


def _might_point(document: Document, path: PurePath) -> bool:
    """Whether a document may point to the file at `path`; who asks further asks for other files."""
    name = path.name.lower()
    return any(name in one.node.value.lower() and path in one.targets for one in paths_of(document))


def project_documents(near: PurePath, facts: Facts, *suffixes: str) -> list[Document]:
    """The documents of the project that `near` belongs to, those with one of the `suffixes` ("" for none).

    Of a large project only the `MOST` nearest: each is read.
    """
    known = facts.value(ProjectFiles(near))
    paths = _nearest(known, near, suffixes) if known else ()
    asked = (facts.value(FileAt(path)) for path in paths)
    return [document for document in asked if document is not None]


@lru_cache(maxsize=64)
def _nearest(paths: tuple[PurePath, ...], near: PurePath, suffixes: tuple[str, ...]) -> tuple[PurePath, ...]:
    found = [path for path in paths if path.suffix.lower() in suffixes]
    return tuple(sorted(sorted(found, key=lambda path: _distance(path, near))[:MOST]) if len(found) > MOST else found)


def _distance(path: PurePath, near: PurePath) -> int:
    """How many steps lead from the folder of one file to that of the other."""
    shared = 0
    for one, other in zip(path.parent.parts, near.parent.parts, strict=False):
        if one != other:
            break
        shared += 1
    return len(path.parent.parts) + len(near.parent.parts) - 2 * shared


def runs_of_project(near: PurePath, facts: Facts) -> list[Run]:
    """The Workbench runs of the Azure ML project that `near` belongs to."""
    project = project_of(near)
    return [run for run in _runs_around(near, facts) if run.configuration.project == project]


def _runs_around(near: PurePath, facts: Facts) -> list[Run]:
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
    for run in _runs_around(path, facts):
        pointed_to = run.conda_path == path
        if run.reads_conda and pointed_to:
            uses.append(Use(run.path, managed=True))
        elif run.is_local and run.interpreter and (pointed_to or run.configuration.project == project):
            environment = run.interpreter.environment
            if (environment and environment == name) or (
                run.interpreter.is_root and _meant_for(run, path, name, facts)
            ):
                uses.append(Use(run.path, managed=False, local_run=run))
    for document in project_documents(path, facts, *_POINTING):
        content = document.content
        if not isinstance(content, RunConfiguration) and _might_point(document, path):
            section = content.environment if isinstance(content, v1.RunConfiguration) else content
            managed = not (isinstance(section, v1.EnvironmentSection) and section.user_managed)
            uses += [Use(document.path, managed)] if path in pointers(document, facts) else []
    return uses


def _meant_for(run: Run, path: PurePath, name: str, facts: Facts) -> bool:
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


def is_managed_folder(path: PurePath) -> bool:
    """Whether a file stands where Azure ML's managed runs look for theirs."""
    return path.parent.name in (FOLDER, ".azureml")
