"""What to show of a run: which interpreter and which conda file it will use, the versions there, and why."""

from __future__ import annotations

from pathlib import PurePath

from envls.assist.markdown import code, escaped
from envls.document import Document
from envls.facts import Absent, Environment, Facts, FileAt, Installed, Known, Pending
from envls.formats.azureml.workbench import Compute, RunConfiguration
from envls.formats.azureml.workbench_keys import DOCKER
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.paths import relative
from envls.runs import Run, environment_files, name_of, run_of, runs_of_project

SHOWN_PACKAGES = 12


def run_card(document: Document, facts: Facts) -> str:
    """The card of a run configuration, or of all runs on a compute target."""
    if isinstance(document.content, RunConfiguration):
        run = run_of(document, facts)
        return _run(run, facts) if run else ""
    if isinstance(document.content, Compute):
        runs = [run for run in runs_of_project(document.path, facts) if run.compute_path == document.path]
        return "\n\n---\n\n".join(_run(run, facts) for run in runs[:3])
    return ""


def _run(run: Run, facts: Facts) -> str:
    lines = [f"**{escaped(run.path.name)}**: what this run will use"]
    lines.append(_target(run, facts))
    lines.append(_interpreter(run, facts))
    lines.append(_conda(run, facts))
    lines.append(_packages(run, facts))
    return "\n\n".join(filter(None, lines))


def _target(run: Run, facts: Facts) -> str:
    if run.compute_path is None:
        return "Target: none is named, so the run cannot start."
    name = code(run.compute_path.name)
    if run.compute is None:
        state = facts.ask(FileAt(run.compute_path))
        reason = "it is not there" if isinstance(state, Absent) else "it is not known yet"
        return f"Target: {name}, but {reason}."
    return f"Target: {name}, type {code(run.compute.type or 'not given')}"


def _interpreter(run: Run, facts: Facts) -> str:
    compute = run.compute
    if compute is None or not compute.type:
        return ""
    if run.reads_conda:
        image = compute.scalar("baseDockerImage") if compute.type in DOCKER else None
        where = (
            f"in the image {code(image.value)}" if image else "on the cluster" if compute.type == "cluster" else "there"
        )
        return f"Interpreter: the one of the conda environment that is made {where}."
    if run.interpreter is None or run.interpreter.is_root:
        whose = "of the target" if compute.type != "local" else "whichever Workbench or its command line runs in"
        return f"Interpreter: the root interpreter, {whose} (`pythonLocation` names no other)."
    written = run.interpreter.node.value
    environment = run.interpreter.environment
    lives = f", in the environment {code(environment)}" if environment else ""
    there = facts.ask(_installed_question(run)) if compute.type == "local" else None
    note = ""
    if isinstance(there, Known):
        note = f"; on this machine {code(str(there.value.prefix))}"
    elif isinstance(there, Absent):
        note = "; there is no such environment on this machine"
    elif "%" in written:
        note = "; `%…%` is expanded on Windows"
    return f"Interpreter: {code(written)}{lives}{note}."


def _conda(run: Run, facts: Facts) -> str:
    shown = code(relative(run.conda_path, run.configuration.project))
    name = f", which describes {code(run.conda_name)}" if run.conda_name else ""
    default = "" if run.conda_ref else " (the default)"
    state = facts.ask(FileAt(run.conda_path))
    if isinstance(state, Absent):
        name = ", which is not there"
    elif isinstance(state, Pending):
        name = ""
    if run.reads_conda is None:
        return f"Conda file: {shown}{default}{name}. Whether it is used depends on the compute target."
    if run.reads_conda and isinstance(state, Absent):
        return f"Conda file: {shown}{default}, which is not there. **The run cannot start**: its environment is made from it."
    if run.reads_conda:
        prepare = run.configuration.scalar("PrepareEnvironment")
        when = (
            "it is made before the run (`PrepareEnvironment` is true)"
            if prepare and prepare.value.lower() == "true"
            else "prepare it by hand after each change (`PrepareEnvironment` is not true)"
        )
        return f"Conda file: {shown}{default}{name}. **Used**: the environment is made from it; {when}."
    compute = run.compute
    why = (
        "its user manages the environment"
        if compute and compute.user_managed
        else "the interpreter's environment is taken as it is"
    )
    return f"Conda file: {shown}{default}{name}. **Not used**: the target is {code(compute.type if compute else '')}, and {why}."


def _installed_question(run: Run) -> Installed:
    interpreter = run.interpreter
    if interpreter is None:
        return Installed(interpreter=PurePath("python"))
    return Installed(interpreter.environment, interpreter=PurePath(interpreter.node.value))


def _packages(run: Run, facts: Facts) -> str:
    """The version of each listed package as this run will have it: installed where that is known, else as listed."""
    if run.is_local and (run.interpreter is None or run.interpreter.is_root):
        return "Which packages the root interpreter has is not known here."
    file = _describing(run, facts)
    content = file.content if file else None
    if not isinstance(content, EnvironmentFile):
        return ""
    installed = facts.value(_installed_question(run)) if run.is_local else None
    listed = [
        (item.spec.name, item.spec.version.text if item.spec.version else "", False) for item in content.dependencies
    ]
    listed += [
        (item.line.name, item.line.version.text if item.line.version else item.line.wheel_version, True)
        for item in content.requirements
    ]
    rows = [_row(name, version, installed, pip=pip) for name, version, pip in listed if name]
    if not rows or file is None:
        return ""
    shown = relative(file.path, run.configuration.project)
    head = f"| listed in {escaped(shown)} | version |" + (" installed |" if installed else "")
    rule = "|---|---|" + ("---|" if installed else "")
    more = f"\n\n… and {len(rows) - SHOWN_PACKAGES} more" if len(rows) > SHOWN_PACKAGES else ""
    return "\n".join((head, rule, *rows[:SHOWN_PACKAGES])) + more


def _row(name: str, version: str, installed: Environment | None, *, pip: bool) -> str:
    row = f"| {escaped(name)} | {code(version) if version else 'any'} |"
    if installed is None:
        return row
    there = installed.find(name, pip=pip)
    return row + (f" {code(there.version)} |" if there else " **missing** |")


def _describing(run: Run, facts: Facts) -> Document | None:
    """The file that says what the run's environment has: the one it is made from, or of its interpreter's environment."""
    if run.reads_conda:
        return run.conda
    lives_in = run.interpreter.environment if run.interpreter else ""
    if not lives_in:
        return None
    return next((file for file in environment_files(run.path, facts) if name_of(file) == lives_in), None)
