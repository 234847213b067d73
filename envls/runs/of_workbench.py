"""What runs by a run configuration of Workbench."""

from __future__ import annotations

from envls.facts import Facts
from envls.formats.python import is_program
from envls.runs.project import name_of, packages_of
from envls.runs.workbench import Run, environment_files
from envls.runs.workload import Dialect, Role, RunEnvironment, Script, Workload
from envls.text import Span


def workload_of(run: Run, facts: Facts) -> Workload:
    """A run that reads its conda file is made from it; another is described by the file of its environment's name."""
    described = run.conda
    if not run.reads_conda:
        lives_in = run.interpreter.environment if run.interpreter else ""
        named = (file for file in environment_files(run.path, facts) if name_of(file) == lives_in) if lives_in else ()
        described = next(iter(named), None)
    image = run.compute.scalar("baseDockerImage") if run.compute and run.reads_conda else None
    path = run.conda_path if run.reads_conda else described.path if described else None
    environment = RunEnvironment(
        run.compute_path or run.path,
        path,
        packages_of(described),
        run.reads_conda,
        run.conda_ref,
        image=image.value if image else "",
        interpreter=run.interpreter.node.value if run.interpreter else "",
        lives_in=run.interpreter.environment if run.interpreter else "",
        local=run.is_local,
        because=_why_unread(run),
    )
    script = run.configuration.path("ArgumentVector")
    started = run.configuration.root.get("ArgumentVector") if run.configuration.root else None
    return Workload(
        run.path,
        script.span if script else started.span if started else Span(0, 0),
        Dialect.WORKBENCH,
        Role.SPARK if run.configuration.framework == "PySpark" else Role.RUN,
        environment,
        (Script(script.target, script.span),) if script and is_program(script.target) else (),
        (run.configuration.project,),
        run=run,
    )


def _why_unread(run: Run) -> str:
    if run.compute is None or run.reads_conda is not False:
        return ""
    return "userManagedEnvironment is true" if run.compute.user_managed else f"the target is {run.compute.type}"
