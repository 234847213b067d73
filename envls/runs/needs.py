"""What a workload needs in its environment, and which line says so: by its role, its command, and its programs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath

from envls.facts import Facts, FileAt, FolderAt
from envls.formats.paths import join
from envls.formats.python import Import
from envls.known import required
from envls.known.required import Required
from envls.runs.imports import ImportedAt, imports_of
from envls.runs.workbench import Run, runs_of_project
from envls.runs.workload import Dialect, Role, Workload
from envls.text import Span

_BY_ROLE = {
    Role.SERVICE: required.V1_SERVICE,
    Role.ONLINE: required.SCORING,
    Role.ONLINE_MLFLOW: required.MLFLOW_SCORING,
    Role.BATCH: required.BATCH,
    Role.PARALLEL: required.PARALLEL,
}
_TRAINS = frozenset((Role.RUN, Role.JOB, Role.SPARK))


@dataclass(frozen=True)
class Need:
    """That `by`, a phrase for what runs, needs a package. `path` and `span` are where that is said."""

    by: str
    package: Required
    path: PurePath
    span: Span


def needs_of(workload: Workload, facts: Facts) -> Iterator[Need]:
    """What a workload needs beside what its programs say themselves. What is not known yet is not there."""
    step = f"step `{workload.step}` of " if workload.step else ""
    by = f"the {workload.role.value} {step}`{workload.path.name}`"
    needed = () if workload.environment.own_server else _BY_ROLE.get(workload.role, ())
    if workload.role is Role.PARALLEL and "mltable" in workload.reads:
        needed = (*needed, required.TABLE)
    for package in needed:
        yield Need(by, package, workload.path, workload.span)
    if workload.dialect is not Dialect.WORKBENCH:
        yield from _of_programs(workload, facts)


# -- programs -------------------------------------------------------------------------------------------------


def _of_programs(workload: Workload, facts: Facts) -> Iterator[Need]:
    """What its notebooks need, and what its scripts and the project's modules that these import call for."""
    for script in workload.scripts:
        if script.path.suffix.lower() == ".ipynb":
            by = f"`{script.path.name}`, which `{workload.path.name}` runs,"
            for package in _of_notebook(workload.command):
                yield Need(by, package, workload.path, script.span)
    if workload.role in _TRAINS and workload.scripts:
        yield from _of_imports(workload, facts)


def _of_notebook(command: str) -> Iterator[Required]:
    if re.search(r"\bpapermill\b", command):
        yield required.PAPERMILL
    elif re.search(r"\bnbconvert\b", command):
        yield required.NBCONVERT
    yield required.NOTEBOOK


_TRACKING = re.compile(
    r"^[^#\n]*\bmlflow\s*\.(?:\s*\w+\s*\.)?\s*(?:autolog|log_\w+|start_run|active_run|set_experiment|set_tag|register_model"
    r"|MlflowClient|get_tracking_uri)\b|^[^#\n]*\bfrom\s+mlflow(?:\.tracking)?\s+import\s+.{0,200}?(?:MlflowClient|log_|autolog|start_run)",
    re.MULTILINE,
)
_OTHER_TRACKING = re.compile(r"""^[^#\n]*set_tracking_uri\(\s*f?\\?["'](?!azureml)""", re.MULTILINE)
_INPUT_DATASETS = re.compile(r"^[^#\n]*\.\s*input_datasets\b", re.MULTILINE)
_DATASET_MODULES = ("azureml.core.Dataset", "azureml.core.dataset", "azureml.data")


def _of_imports(workload: Workload, facts: Facts) -> Iterator[Need]:
    """What is needed for what is imported, each once, at the first place that says so."""
    imports = imports_of(workload, facts)
    started = {script.path for script in workload.scripts}
    told: set[str] = set()
    for place in imports.outside:
        there = facts.value(FileAt(place.path))
        for package, span in _of_import(place, there.text, workload.dialect) if there else ():
            if package.name not in told and package.name not in imports.installs:
                told.add(package.name)
                runs = "runs" if place.path in started else "leads to"
                by = f"`{place.path.name}`, which `{workload.path.name}` {runs},"
                yield Need(by, package, place.path, span)


def _of_import(place: ImportedAt, text: str, dialect: Dialect) -> Iterator[tuple[Required, Span]]:
    one = place.imported
    if _is_below("azureml.core", one):
        yield required.V1_SDK if dialect is Dialect.V1 else required.CORE, one.span
        if used := _INPUT_DATASETS.search(text):
            yield required.DATASETS, Span(*used.span())
    if any(_is_below(name, one) for name in _DATASET_MODULES):
        yield required.DATASETS, one.span
    if one.top == "mlflow" and _TRACKING.search(text) and not _OTHER_TRACKING.search(text):
        yield required.MLFLOW, one.span


def _is_below(module: str, imported: Import) -> bool:
    names = (imported.name, *(f"{imported.name}.{name}" for name in imported.names))
    return any(name == module or name.startswith(module + ".") for name in names)


# -- notebooks ------------------------------------------------------------------------------------------------

_KERNEL = re.compile(r'"kernelspec"\s*:\s*\{[^{}]*\}')
_KERNEL_NAMES = re.compile(r'"(?:display_)?name"\s*:\s*"([^"\\]*)"')
_MOST_NOTEBOOKS = 50


def notebook_needs(path: PurePath, name: str, facts: Facts) -> Iterator[Need]:
    """What the notebooks beside the conda file at `path` need, whose kernel is in the environment `name`, or is that of a
    Workbench run that is made from the file.

    Workbench calls a kernel "project run-configuration"; Jupyter as somebody installed it, by default in this form:
    "Python [conda env:name]", "conda-env-name-py", or the name itself.
    """
    runs = [run for run in runs_of_project(path, facts) if run.reads_conda and run.conda_path == path]
    if not runs and not name:
        return
    for notebook in _notebooks(path, facts):
        there = facts.value(FileAt(notebook))
        kernel = _KERNEL.search(there.text) if there else None
        if kernel is None:
            continue
        names = _KERNEL_NAMES.findall(kernel.group())
        run = next((run for run in runs if any(_is_kernel_of(one, run) for one in names)), None)
        if run is not None or any(_is_kernel_in(one, name) for one in names):
            package = required.WORKBENCH_NOTEBOOK if run else required.NOTEBOOK
            yield Need(f"the kernel of `{notebook.name}`", package, notebook, Span(*kernel.span()))


def _is_kernel_of(kernel: str, run: Run) -> bool:
    return kernel.lower().endswith((f" {run.path.stem.lower()}", f"_{run.path.stem.lower()}"))


def _is_kernel_in(kernel: str, name: str) -> bool:
    kernel, name = kernel.lower(), name.lower()
    told = (name, f"python ({name})", f"python [conda env:{name}]", f"python [conda env:.conda-{name}]")
    return bool(name) and (
        kernel in told or re.fullmatch(rf"conda-env-(?:\.conda-)?{re.escape(name)}-py", kernel) is not None
    )


def _notebooks(path: PurePath, facts: Facts) -> Iterable[PurePath]:
    """The notebooks in the folder of a conda file, or of the project that its configuration folder is in, and one below."""
    folder = path.parent.parent if path.parent.name in ("aml_config", ".azureml") else path.parent
    listed = facts.value(FolderAt(folder)) or ()
    folders = [join(folder, name.rstrip("/")) for name in listed if name.endswith("/") and "notebook" in name.lower()]
    found = [folder / name for name in listed if name.lower().endswith(".ipynb")]
    for below in folders[:3]:
        found += [below / name for name in facts.value(FolderAt(below)) or () if name.lower().endswith(".ipynb")]
    return found[:_MOST_NOTEBOOKS]
