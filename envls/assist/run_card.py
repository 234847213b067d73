"""What to show of something that runs: which interpreter or image, which conda file and whether it is used, and why; the
versions there. And of a conda file: who uses it.

One card for all dialects; what only Workbench has (compute targets, preparing) it adds where there is a `Run`.
"""

from __future__ import annotations

from pathlib import PurePath

from envls import target
from envls.assist.markdown import RULE, code, escaped
from envls.assist.version_table import version_table
from envls.assist.what_runs import NamedFile, Running, conda_document, defined_by, named_file, registered, running_at
from envls.document import Document
from envls.facts import Absent, Answer, Environment, Facts, FileAt, Installed, Known
from envls.formats.azureml import v1, v2
from envls.formats.azureml.workbench import Compute, RunConfiguration
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.paths import relative
from envls.runs import Dialect, Run, Workload, name_of, uses_of, workloads_in

SHOWN_RUNS = 3
SHOWN_USERS = 12
_OF_WORKBENCH = frozenset(
    ("Target", "CondaDependenciesFile", "ArgumentVector", "type", "pythonLocation", "baseDockerImage")
)
_OF_V1 = frozenset(
    (
        *("script", "command", "target", "environment", "condaDependenciesFile", "condaDependencies"),
        *("interpreterPath", "userManagedDependencies", "baseImage", "baseDockerfile", "useDocker"),
    )
)
_OF_V2 = frozenset(
    (
        *("command", "environment", "conda_file", "image", "build", "component", "trial", "entry"),
        *("code_configuration", "scoring_script", "entry_script"),
    )
)


def has_run_card(document: Document, key: str) -> bool:
    """Whether a key of a document says what runs, or in what."""
    content = document.content
    if isinstance(content, RunConfiguration | Compute):
        return key in _OF_WORKBENCH
    if isinstance(content, v1.RunConfiguration | v1.EnvironmentSection):
        return key in _OF_V1
    return isinstance(content, v2.Definition) and key in _OF_V2


def run_card(document: Document, offset: int, facts: Facts) -> str:
    """The card of what runs by what stands at `offset`; several on a compute target."""
    return RULE.join(_card(one, document, facts) for one in running_at(document, offset, facts)[:SHOWN_RUNS])


def _card(one: Running, document: Document, facts: Facts) -> str:
    conda = named_file(one, document, facts)
    lines = (
        _head(one, document),
        _component(one, document),
        _target(one.run, facts) if one.run else "",
        _registered(one, document),
        _interpreter(one, conda, facts),
        _conda(one, conda),
        _packages(one, conda, document, facts),
        "" if one.workload else _users_of_definition(document, facts),
    )
    return "\n\n".join(filter(None, lines))


def _head(one: Running, document: Document) -> str:
    if one.workload is None:
        dialect = Dialect.V2 if isinstance(document.content, v2.Definition) else Dialect.V1
        return f"**{escaped(one.name)}**: an environment of {dialect.value}"
    return f"**{escaped(one.name)}**: what this {one.workload.role.value} will use"


def _component(one: Running, document: Document) -> str:
    return f"Component: {code(relative(one.component, document.path.parent))}" if one.component else ""


def _target(run: Run, facts: Facts) -> str:
    if run.compute_path is None:
        return "Target: none is named, so the run cannot start."
    name = code(run.compute_path.name)
    if run.compute is None:
        state = facts.ask(FileAt(run.compute_path))
        reason = "it is not there" if isinstance(state, Absent) else "it is not known yet"
        return f"Target: {name}, but {reason}."
    return f"Target: {name}, type {code(run.compute.type or 'not given')}"


def _registered(one: Running, document: Document) -> str:
    environment = one.environment
    name, where = registered(environment)
    if not name:
        return ""
    known = "its packages are not known here"
    if environment.made or environment.image or environment.built:
        there = code(relative(environment.defined_in, document.path.parent))
        known = f"described by {there}; what is registered may be another version"
    return f"Environment: {code(name)} of {escaped(where)}; {known}."


# -- the interpreter ------------------------------------------------------------------------------------------


def _interpreter(one: Running, conda: NamedFile | None, facts: Facts) -> str:
    environment, run = one.environment, one.run
    if run is not None and (run.compute is None or not run.compute.type):
        return ""
    if environment.made is False:
        return _taken_interpreter(one, facts)
    where = _where(one)
    if environment.made and (conda or environment.packages):
        return f"Interpreter: the one of the conda environment that is made {where or 'for it'}."
    return f"Interpreter: the one {where}." if where else ""


def _where(one: Running) -> str:
    environment, run = one.environment, one.run
    if environment.built:
        return "in the image that is built from its Dockerfile"
    if environment.image:
        return f"in the image {code(environment.image)}"
    if environment.local:
        return "on this machine"
    return "on the cluster" if run and run.compute and run.compute.type == "cluster" else "there" if run else ""


def _taken_interpreter(one: Running, facts: Facts) -> str:
    """The one of an environment that is there already."""
    environment, run = one.environment, one.run
    if _is_root(one):
        if run is None:
            return f"Interpreter: {code(environment.interpreter)}, the first that is found {_where(one) or 'on the target'}."
        whose = "whichever Workbench or its command line runs in" if environment.local else "of the target"
        return f"Interpreter: the root interpreter, {whose} (`pythonLocation` names no other)."
    lives = f", in the environment {code(environment.lives_in)}" if environment.lives_in else ""
    there = _installed(one, facts)
    note = ""
    if isinstance(there, Known):
        note = f"; on this machine {code(str(there.value.prefix))}"
    elif isinstance(there, Absent):
        note = "; there is no such environment on this machine"
    elif "%" in environment.interpreter:
        note = "; `%…%` is expanded on Windows"
    return f"Interpreter: {code(environment.interpreter)}{lives}{note}."


def _is_root(one: Running) -> bool:
    written, run = one.environment.interpreter, one.run
    if run is not None:
        return run.interpreter is None or run.interpreter.is_root
    return "/" not in written and "\\" not in written


def _installed(one: Running, facts: Facts) -> Answer[Environment] | None:
    """What is in the environment of an interpreter of this machine; None where its path says nothing of it."""
    environment = one.environment
    if not environment.local or environment.made or _is_root(one):
        return None
    return facts.ask(Installed(environment.lives_in, interpreter=PurePath(environment.interpreter)))


# -- the conda file -------------------------------------------------------------------------------------------


def _conda(one: Running, conda: NamedFile | None) -> str:
    environment, run = one.environment, one.run
    if conda is None:
        return _without_file(one)
    shown = code(conda.written) + (" (the default)" if conda.default else "")
    if conda.gone:
        return f"Conda file: {shown}, which is not there. {_cannot_start(one)}".rstrip()
    name = f", which describes {code(conda.describes)}" if conda.describes and conda.known else ""
    if environment.made:
        where = "on this machine" if environment.local else f"on {target.MANAGED}"
        when = _preparing(run) if run else ""
        return f"Conda file: {shown}{name}. **Used**: the environment is made from it, {where}{when}."
    if environment.made is None:
        return f"Conda file: {shown}{name}. Whether it is used depends on the compute target."
    return f"Conda file: {shown}{name}. **Not used**: {environment.because}; the interpreter's environment is taken as it is."


def _cannot_start(one: Running) -> str:
    if one.environment.made:
        return "**The run cannot start**: its environment is made from it."
    if one.environment.made is False and one.run is None:
        return "It is not used, but without it the SDK does not load the run configuration."
    return ""


def _without_file(one: Running) -> str:
    environment = one.environment
    if environment.packages is not None:
        return f"Packages: listed in {code(environment.defined_in.name)} itself. **Used**: the environment is made from them, on {target.MANAGED}."
    if environment.made:
        return "Conda file: none is named, though the environment is to be made from one."
    if environment.made is None and (environment.image or environment.built):
        return "Conda file: none; the packages are those of the image, which are not known here."
    return ""


def _preparing(run: Run) -> str:
    prepare = run.configuration.scalar("PrepareEnvironment")
    if prepare and prepare.value.lower() == "true":
        return ", before the run (`PrepareEnvironment` is true)"
    return "; prepare it by hand after each change (`PrepareEnvironment` is not true)"


# -- the versions ---------------------------------------------------------------------------------------------


def _packages(one: Running, conda: NamedFile | None, document: Document, facts: Facts) -> str:
    environment = one.environment
    if environment.local and environment.made is False and _is_root(one):
        return "Which packages the root interpreter has is not known here." if one.run else ""
    installed = _installed(one, facts)
    there = installed.value if isinstance(installed, Known) else None
    path, packages = environment.path, environment.packages
    if packages is None and conda and there and one.run is None:
        path, packages = conda.path, _packages_of(conda_document(conda.path, facts))
    if packages is None or path is None:
        return ""
    base = one.run.configuration.project if one.run else document.path.parent
    inline = path == environment.defined_in
    return version_table(
        packages,
        f"listed in {escaped(relative(path, base))}",
        facts,
        document=None if inline else conda_document(path, facts),
        installed=there,
        managed=environment.made is True and not environment.local,
    )


def _packages_of(document: Document | None) -> EnvironmentFile | None:
    content = document.content if document else None
    return content if isinstance(content, EnvironmentFile) else None


# -- who uses it ----------------------------------------------------------------------------------------------


def users_card(document: Document, facts: Facts) -> str:
    """Who runs in the environment that a conda file describes, and what that makes of it."""
    runs = workloads_in(document, facts) or []
    lines = [_user(one, document) for one in runs]
    known = {one.path for one in runs} | {one.environment.defined_in for one in runs}
    for use in uses_of(document.path, name_of(document), facts) or ():
        if use.by not in known:
            meant = (
                "its environment is made from this file" if use.managed else "it seems to be meant for this environment"
            )
            lines.append(f"- {code(relative(use.by, document.path.parent))}: {meant}")
    return _listed("Used by", lines)


def _users_of_definition(document: Document, facts: Facts) -> str:
    return _listed("Used by", [f"- {_who(one, document)}" for one in defined_by(document, facts)])


def _listed(head: str, lines: list[str]) -> str:
    if not lines:
        return ""
    more = [f"- … and {len(lines) - SHOWN_USERS} more"] if len(lines) > SHOWN_USERS else []
    return "\n".join((f"{head}\n", *lines[:SHOWN_USERS], *more))


def _user(one: Workload, document: Document) -> str:
    environment = one.environment
    through = environment.defined_in
    by = f", through {code(relative(through, document.path.parent))}" if through != one.path and one.run is None else ""
    if environment.made:
        how = f"made from this file on {'this machine' if environment.local else target.MANAGED}"
    else:
        how = f"its interpreter is in this environment; nothing is made from this file ({environment.because})"
    return f"- {_who(one, document)}{by}: {how}"


def _who(one: Workload, document: Document) -> str:
    step = f"{code(one.step)} in " if one.step else ""
    return f"{step}{code(relative(one.path, document.path.parent))} ({one.role.value}, {one.dialect.value})"
