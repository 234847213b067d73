"""What only several files together say: what points to what, who uses a conda file, what runs where and in what.

Pure: it asks facts for the files of the project, and what is not known yet is simply not there.
"""

from envls.runs.imports import ImportedAt, imports_of
from envls.runs.needs import Need, needs_of, notebook_needs
from envls.runs.of_cli_v2 import environment_named, registered_name, steps_of
from envls.runs.project import (
    POINTING,
    is_managed_folder,
    name_of,
    paths_of,
    pointers,
    project_documents,
    target_of,
    told,
)
from envls.runs.uses import Use, uses_of
from envls.runs.workbench import Run, environment_files, meant_environment, run_of, runs_of_project
from envls.runs.workload import Dialect, Role, RunEnvironment, Script, Workload
from envls.runs.workloads import environment_of, environments_in, inline_in, workloads_at, workloads_in, workloads_of

__all__ = [
    "POINTING",
    "Dialect",
    "ImportedAt",
    "Need",
    "Role",
    "Run",
    "RunEnvironment",
    "Script",
    "Use",
    "Workload",
    "environment_files",
    "environment_named",
    "environment_of",
    "environments_in",
    "imports_of",
    "inline_in",
    "is_managed_folder",
    "meant_environment",
    "name_of",
    "needs_of",
    "notebook_needs",
    "paths_of",
    "pointers",
    "project_documents",
    "registered_name",
    "run_of",
    "runs_of_project",
    "steps_of",
    "target_of",
    "told",
    "uses_of",
    "workloads_at",
    "workloads_in",
    "workloads_of",
]
