"""Workloads: what files have executed, in whatever dialect, and in what environment.

A workload is a run of Workbench or SDK v1, or a job, a step, a component or a deployment of CLI v2. Rules and assists
that speak of what runs (what its environment needs, what its scripts import, which versions it will get) see only these.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import PurePath
from weakref import WeakKeyDictionary

from envls.document import Document, Format
from envls.facts import Facts, FileAt, Known, ProjectFiles
from envls.formats.azureml import v1, v2
from envls.formats.azureml.inference import InferenceConfiguration
from envls.formats.azureml.v2_jobs import TASK
from envls.formats.azureml.workbench import InterpreterRef, RunConfiguration
from envls.formats.conda import environment as conda
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.keys import Placed
from envls.formats.paths import PathRef, join
from envls.runs.project import POINTING, might_point, name_of, paths_of, project_documents, target_of
from envls.runs.workbench import Run, environment_files, run_of
from envls.syntax import Entry, Mapping, Node, Scalar, Sequence, Tree, resolve_alias
from envls.text import Span

_OF_MODEL = "conda.yaml"
"""What the conda file of an MLflow model is called, in the model's folder."""


class Dialect(Enum):
    """The generation of Azure ML that runs it, as a phrase for a person."""

    WORKBENCH = "Azure ML Workbench"
    V1 = "Azure ML SDK v1"
    V2 = "Azure ML CLI v2"


class Role(Enum):
    """What it is that runs, as a phrase for a person."""

    RUN = "run"
    JOB = "job"
    PARALLEL = "parallel job"
    SPARK = "Spark job"
    SERVICE = "web service"
    ONLINE = "online deployment"
    BATCH = "batch deployment"
    ONLINE_MLFLOW = "online deployment of an MLflow model"
    BATCH_MLFLOW = "batch deployment of an MLflow model"
    DEPLOYMENT = "deployment without a scoring script"


@dataclass(frozen=True)
class Script:
    """A Python program that a workload starts: its file, and where the workload names it."""

    path: PurePath
    span: Span


@dataclass(frozen=True)
class RunEnvironment:
    """What a workload runs in. `defined_in` is the file that says so.

    `packages` is what its conda file lists, and `path` where that file is: the file that says so itself where the packages
    are listed in it. `made` tells whether the environment is made from it (on linux-64): else it is there already, and
    `packages` describes it at best; None where that is not known. `reference` is how the conda file is named, if it is.
    `registered` is the name of an environment of the workspace or a registry, `image` that of a Docker image; with `built`
    the image is made from a Dockerfile. `interpreter` is the one that runs, where that is written, and `lives_in` the name of
    the environment that it is in, if its path tells. `local`: it is one of this machine, no image's. `because` says why it is not made
    from the conda file that is named, or would be by default: what somebody wrote, without "because". With `own_server`
    the image answers requests by itself (`inference_config`), whatever the packages are.
    """

    defined_in: PurePath
    path: PurePath | None = None
    packages: EnvironmentFile | None = None
    made: bool | None = True
    reference: PathRef | None = None
    registered: str = ""
    image: str = ""
    built: bool = False
    interpreter: str = ""
    lives_in: str = ""
    local: bool = False
    because: str = ""
    own_server: bool = False


@dataclass(frozen=True)
class Workload:
    """Something that runs. `path` and `span` say which file has it run, and where.

    `step` is its name where a file has several. `folders` are those that its modules are looked for in, beside the folder of
    each script. `command` is the line that starts it, where it is one; `reads` are the types of the inputs that it is given
    in small batches (of a parallel job).
    """

    path: PurePath
    span: Span
    dialect: Dialect
    role: Role
    environment: RunEnvironment
    scripts: tuple[Script, ...] = ()
    folders: tuple[PurePath, ...] = ()
    step: str = ""
    run: Run | None = None
    command: str = ""
    reads: frozenset[str] = frozenset()


def workloads_of(document: Document, facts: Facts) -> list[Workload]:
    """What a file has executed; none where it is no run configuration or definition, or what it names is not known yet."""
    content = document.content
    if isinstance(content, RunConfiguration):
        run = run_of(document, facts)
        return [_of_workbench(run, facts)] if run else []
    if isinstance(content, v1.RunConfiguration):
        return list(_of_v1(document, content, facts))
    if isinstance(content, v1.EnvironmentSection):
        return list(_service(document, content, facts))
    if isinstance(content, InferenceConfiguration):
        return list(_deployed(document, content, facts))
    if isinstance(content, v2.Definition):
        return list(_of_v2(document, content, facts))
    return []


def workloads_in(document: Document, facts: Facts) -> list[Workload] | None:
    """What runs in the environment that a conda file describes, or in those whose packages are listed in another file; None
    while that is not known."""
    if not isinstance(document.content, EnvironmentFile) and not inline_in(document):
        return None
    return workloads_at(document.path, facts)


def workloads_at(path: PurePath, facts: Facts) -> list[Workload] | None:
    """What runs in an environment whose packages the file at `path` lists, or should list; None while that is not known."""
    if not isinstance(facts.ask(ProjectFiles(path)), Known):
        return None
    known = _memory.setdefault(facts, _Memory()).workloads
    if path not in known:
        documents = project_documents(path, facts, *POINTING)
        words = _words_that_lead(path, documents)
        known[path] = [
            workload
            for other in documents
            if _may_lead(other, path, words)
            for workload in workloads_of(other, facts)
            if workload.environment.path == path
        ]
    return known[path]


@dataclass
class _Memory:
    """What was found with the same facts, which several rules ask for: what runs in the environment that a file describes,
    and the definitions of environments of a project (its files) by their names."""

    workloads: dict[PurePath, list[Workload]] = field(default_factory=dict)
    definitions: dict[tuple[PurePath, ...], dict[str, list[Document]]] = field(default_factory=dict)


_memory: WeakKeyDictionary[Facts, _Memory] = WeakKeyDictionary()


def _words_that_lead(path: PurePath, documents: list[Document]) -> list[str]:
    """What a file must say to be led to another by way of a definition of an environment that points to it, or is it."""
    words = []
    for other in documents:
        if other.path == path or might_point(other, path):
            if isinstance(other.content, v1.EnvironmentSection):
                words.append(other.path.name)
            elif isinstance(other.content, v2.Definition) and other.content.kind == "environment":
                name = other.content.root.get("name")
                words += [other.path.name, *([name.value] if isinstance(name, Scalar) else [])]
    return words


def _may_lead(other: Document, path: PurePath, words: list[str]) -> bool:
    """Whether something that a file has executed may run in the environment that another describes: cheap to ask."""
    content = other.content
    if content is None or isinstance(content, EnvironmentFile):
        return False
    if other.path == path or might_point(other, path):
        return True
    if isinstance(content, RunConfiguration):
        return path.is_relative_to(content.project)
    is_model = path.name == _OF_MODEL and any(one.kind == "model" for one in paths_of(other))
    return is_model or any(word in other.text for word in words)


def inline_in(document: Document) -> tuple[EnvironmentFile, ...]:
    """The conda environments that are written in a run configuration, a section or a definition."""
    content = document.content
    if isinstance(content, v2.Definition):
        return content.inline
    section = content.environment if isinstance(content, v1.RunConfiguration) else content
    return (section.inline,) if isinstance(section, v1.EnvironmentSection) and section.inline else ()


def environment_of(document: Document, facts: Facts) -> RunEnvironment | None:
    """The environment that a file is the definition of, whatever runs in it; None of any other file."""
    content = document.content
    if isinstance(content, v2.Definition) and content.kind == "environment":
        return _defined(document.path, content, content.root, facts)
    if isinstance(content, v1.EnvironmentSection):
        return _environment_of_v1(content, document.path, content.paths, facts)
    return None


# -- Workbench ------------------------------------------------------------------------------------------------


def _of_workbench(run: Run, facts: Facts) -> Workload:
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
        _packages(described),
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
        (Script(script.target, script.span),) if script and _is_python(script.target) else (),
        (run.configuration.project,),
        run=run,
    )


def _why_unread(run: Run) -> str:
    if run.compute is None or run.reads_conda is not False:
        return ""
    return "userManagedEnvironment is true" if run.compute.user_managed else f"the target is {run.compute.type}"


def _packages(document: Document | None) -> EnvironmentFile | None:
    content = document.content if document else None
    return content if isinstance(content, EnvironmentFile) else None


# -- SDK v1 ---------------------------------------------------------------------------------------------------


def _of_v1(document: Document, content: v1.RunConfiguration, facts: Facts) -> Iterator[Workload]:
    section, defined_in, paths = content.environment, document.path, content.paths
    reference = next((path for path in content.paths if path.kind == "environment section"), None)
    if reference is not None:
        target = target_of(reference, facts)
        there = facts.value(FileAt(target))
        told = there.as_told(Format.V1_ENVIRONMENT).content if there else None
        section = told if isinstance(told, v1.EnvironmentSection) else None
        defined_in, paths = target, section.paths if section else ()
    script = next((path for path in content.paths if path.kind == "script"), None)
    command = content.entry("command")
    started = script or (command and command.value) or content.entry("script")
    programs = _scripts_of_v1(document, content, script, facts)
    folders = v1.bases(document.path)[:2]
    local = content.target == "local" and not _in_docker(content, section)
    yield Workload(
        document.path,
        started.span if started else Span(0, 0),
        Dialect.V1,
        Role.SPARK if content.framework == "PySpark" else Role.RUN,
        _environment_of_v1(section, defined_in, paths, facts, local=local)
        if section
        else RunEnvironment(defined_in, made=None),
        programs,
        folders,
        command=_text(command.value) if command and script is None else "",
    )


def _service(document: Document, section: v1.EnvironmentSection, facts: Facts) -> Iterator[Workload]:
    """A section whose image shall have the scoring server is made for web services."""
    entry = section.entry("inferencingStackVersion")
    if entry is not None and section.text("inferencingStackVersion"):
        environment = _environment_of_v1(section, document.path, section.paths, facts)
        yield Workload(document.path, entry.key.span, Dialect.V1, Role.SERVICE, environment)


def _deployed(document: Document, content: InferenceConfiguration, facts: Facts) -> Iterator[Workload]:
    """The web service of an inference configuration that names its conda file; what has an `environment` says more there."""
    reference = next((path for path in content.paths if path.kind == "conda file"), None)
    script = next((path for path in content.paths if path.kind == "script"), None)
    if reference is None or script is None or content.script is None:
        return
    path = target_of(reference, facts)
    environment = RunEnvironment(document.path, path, _conda_file(path, facts), reference=reference)
    program = target_of(script, facts)
    scripts = (Script(program, script.span),) if _is_python(program) else ()
    yield Workload(
        document.path, content.script.key.span, Dialect.V1, Role.SERVICE, environment, scripts, (program.parent,)
    )


def _scripts_of_v1(
    document: Document, content: v1.RunConfiguration, script: PathRef | None, facts: Facts
) -> tuple[Script, ...]:
    if script is not None:
        target = target_of(script, facts)
        return (Script(target, script.span),) if _is_python(target) else ()
    command = content.node("command")
    return tuple(_programs(command, v1.bases(document.path)[0], document.text)) if command else ()


def _in_docker(content: v1.RunConfiguration, section: v1.EnvironmentSection | None) -> bool:
    old = section.node("docker", "enabled") if section else None
    return v1.is_true(content.node("docker", "useDocker")) or v1.is_true(old)


def _environment_of_v1(
    section: v1.EnvironmentSection,
    defined_in: PurePath,
    paths: tuple[PathRef, ...],
    facts: Facts,
    *,
    local: bool = False,
) -> RunEnvironment:
    if section.is_reference:
        return RunEnvironment(defined_in, made=None, registered=section.text("name"))
    docker = None if local else section.node("docker")
    built = docker is not None and any(
        section.node("docker", key) is not None for key in ("buildContext", "baseDockerfile")
    )
    own = RunEnvironment(
        defined_in, image=section.text("docker", "baseImage") if docker else "", built=built, local=local
    )
    reference = next((path for path in paths if path.kind == "conda file"), None)
    if section.user_managed:
        interpreter = section.node("python", "interpreterPath")
        written = InterpreterRef(interpreter) if isinstance(interpreter, Scalar) else None
        return replace(
            own,
            made=False,
            reference=reference,
            interpreter=written.node.value if written else "python",
            lives_in=written.environment if written else "",
            because="userManagedDependencies is true",
        )
    if reference is None and section.inline is not None:
        return replace(own, path=defined_in, packages=section.inline)
    if reference is None:
        return own
    path = target_of(reference, facts)
    return replace(own, path=path, packages=_conda_file(path, facts), reference=reference)


def _conda_file(path: PurePath, facts: Facts) -> EnvironmentFile | None:
    there = facts.value(FileAt(path))
    return _packages(there.as_told(Format.ENVIRONMENT)) if there else None


# -- CLI v2 ---------------------------------------------------------------------------------------------------


def _of_v2(document: Document, content: v2.Definition, facts: Facts) -> Iterator[Workload]:
    for placed in content.placed:
        workload = _of_mapping(document, content, placed, facts)
        if workload is not None:
            yield workload


def _of_mapping(document: Document, content: v2.Definition, placed: Placed, facts: Facts) -> Workload | None:
    """What one mapping of a definition has executed."""
    mapping = placed.mapping
    if placed.table is v2.KINDS.get(content.kind) and content.kind.endswith("Deployment"):
        return _deployment(document, content, mapping, facts)
    base = document.path.parent
    code = mapping.get("code")
    folder = join(base, code.value) if isinstance(code, Scalar) and v2.is_local(code.value) else base
    command, entry, file = mapping.entry("command"), mapping.entry("entry_script"), mapping.entry("entry")
    reads = frozenset[str]()
    if command is not None and mapping.entry("component") is None:
        role, started, scripts = Role.JOB, command, tuple(_programs(command.value, folder, document.text))
    elif entry is not None and placed.table is TASK:
        role, started, scripts = Role.PARALLEL, entry, _named(entry.value, folder)
        reads = _types_of_inputs(content, mapping)
    elif file is not None and isinstance(resolve_alias(file.value), Mapping):
        described = resolve_alias(file.value)
        role, started = Role.SPARK, file
        scripts = _named(described.get("file"), folder) if isinstance(described, Mapping) else ()
    else:
        return None
    return Workload(
        document.path,
        started.key.span,
        Dialect.V2,
        role,
        _environment_of_v2(document.path, content, mapping.get("environment"), facts),
        scripts,
        (folder,),
        _step(content, mapping),
        command=_text(command.value) if role is Role.JOB and command else "",
        reads=reads,
    )


def _types_of_inputs(content: v2.Definition, task: Mapping) -> frozenset[str]:
    """The types of the inputs of the parallel job whose task this is."""
    owners = (
        one.mapping for one in content.placed if (found := one.mapping.get("task")) and resolve_alias(found) is task
    )
    inputs = next((owner.get("inputs") for owner in owners), None)
    inputs = resolve_alias(inputs) if inputs else None
    described = [resolve_alias(entry.value) for entry in inputs.entries] if isinstance(inputs, Mapping) else []
    types = (one.get("type") for one in described if isinstance(one, Mapping))
    return frozenset(kind.value for kind in types if isinstance(kind, Scalar))


def steps_of(content: v2.Definition) -> tuple[Entry, ...]:
    """The steps of a pipeline, with their names."""
    jobs = content.root.get("jobs") if content.is_pipeline else None
    return jobs.entries if isinstance(jobs, Mapping) else ()


def _step(content: v2.Definition, mapping: Mapping) -> str:
    """The name of the step that a mapping belongs to, "" outside of a pipeline."""
    steps = steps_of(content)
    at = bisect_right(steps, mapping.span.start, key=lambda step: step.span.start) - 1
    return steps[at].key.value if at >= 0 and mapping.span.start <= steps[at].span.end else ""


def _deployment(document: Document, content: v2.Definition, mapping: Mapping, facts: Facts) -> Workload | None:
    online = content.kind != "batchDeployment"
    scoring = mapping.entry("code_configuration")
    described = resolve_alias(scoring.value) if scoring else None
    base, model = document.path.parent, mapping.entry("model")
    if isinstance(described, Mapping) and scoring is not None:
        code = described.get("code")
        folder = join(base, code.value) if isinstance(code, Scalar) and v2.is_local(code.value) else base
        return Workload(
            document.path,
            scoring.key.span,
            Dialect.V2,
            Role.ONLINE if online else Role.BATCH,
            _environment_of_v2(document.path, content, mapping.get("environment"), facts),
            _named(described.get("scoring_script"), folder),
            (folder,),
        )
    kept = resolve_alias(model.value) if model else None
    if model is None or not isinstance(kept, Mapping) or not _says(kept.get("type"), "mlflow_model"):
        container = mapping.entry("environment")
        if container is None:
            return None
        environment = _environment_of_v2(document.path, content, container.value, facts)
        return Workload(document.path, container.key.span, Dialect.V2, Role.DEPLOYMENT, environment)
    where = kept.get("path")
    path = join(base, where.value) / _OF_MODEL if isinstance(where, Scalar) and v2.is_local(where.value) else None
    environment = RunEnvironment(document.path, path, _conda_file(path, facts) if path else None)
    role = Role.ONLINE_MLFLOW if online else Role.BATCH_MLFLOW
    return Workload(document.path, model.key.span, Dialect.V2, role, environment)


def _environment_of_v2(path: PurePath, content: v2.Definition, node: Node | None, facts: Facts) -> RunEnvironment:
    node = resolve_alias(node) if node else None
    if isinstance(node, Mapping):
        return _defined(path, content, node, facts)
    if not isinstance(node, Scalar):
        return RunEnvironment(path, made=None)
    reference = next((one for one in content.paths if one.node is node), None)
    there = facts.value(FileAt(reference.target)) if reference else None
    if there is not None and isinstance(there.content, v2.Definition) and there.content.kind == "environment":
        return _defined(there.path, there.content, there.content.root, facts)
    name = registered_name(node.value)
    own = _of_own_name(path, name, facts) if name else None
    return own or RunEnvironment(path, made=None, registered=node.value.removeprefix("azureml:"))


_REGISTERED = re.compile(r"azureml:(?!/)([\w.-]+)(?:[:@][\w.-]+)?", re.IGNORECASE)


def registered_name(written: str) -> str:
    """The name of an environment of the workspace that `azureml:name:version` means; "" for one of a registry."""
    found = _REGISTERED.fullmatch(written)
    return found.group(1) if found else ""


def _of_own_name(path: PurePath, name: str, facts: Facts) -> RunEnvironment | None:
    """A registered environment that a definition of the same name in the project describes, if there is just one."""
    found = _definitions(path, facts).get(name, ())
    if len(found) != 1 or not isinstance(found[0].content, v2.Definition):
        return None
    definition = found[0].content
    return replace(_defined(found[0].path, definition, definition.root, facts), registered=name)


def _definitions(near: PurePath, facts: Facts) -> dict[str, list[Document]]:
    files = facts.value(ProjectFiles(near)) or ()
    known = _memory.setdefault(facts, _Memory()).definitions
    if files not in known:
        found: dict[str, list[Document]] = {}
        for other in project_documents(near, facts, ".yml", ".yaml"):
            if isinstance(other.content, v2.Definition) and other.content.kind == "environment":
                name = other.content.root.get("name")
                if isinstance(name, Scalar):
                    found.setdefault(name.value, []).append(other)
        known[files] = found
    return known[files]


def _defined(path: PurePath, content: v2.Definition, mapping: Mapping, facts: Facts) -> RunEnvironment:
    """The environment that a mapping defines in the file at `path`."""
    image, file = mapping.get("image"), mapping.get("conda_file")
    named = image.value if isinstance(image, Scalar) else ""
    built, own_server = mapping.entry("build") is not None, mapping.entry("inference_config") is not None
    file = resolve_alias(file) if file else None
    if isinstance(file, Mapping):
        packages = conda.read(Tree(file))
        return RunEnvironment(path, path, packages, image=named, built=built, own_server=own_server)
    reference = next((one for one in content.paths if one.node is file), None) if file else None
    if reference is None:
        return RunEnvironment(path, made=None, image=named, built=built, own_server=own_server)
    target = reference.target
    listed = _conda_file(target, facts)
    return RunEnvironment(path, target, listed, reference=reference, image=named, built=built, own_server=own_server)


def _says(node: Node | None, word: str) -> bool:
    return isinstance(node, Scalar) and node.value == word


def _text(node: Node) -> str:
    """A command as one text."""
    node = resolve_alias(node)
    if isinstance(node, Sequence):
        return " ".join(map(_text, node.items))
    return node.value if isinstance(node, Scalar) else ""


# -- programs -------------------------------------------------------------------------------------------------

_WORD = re.compile(r"""[^\s"';&|<>()]+""")


def _programs(command: Node, folder: PurePath, text: str) -> Iterator[Script]:
    """The Python programs of a command, a text or a list, that is run in `folder`: `train.py`, `-m package.module`."""
    command = resolve_alias(command)
    if isinstance(command, Sequence):
        for item in command.items:
            yield from _programs(item, folder, text)
        return
    if not isinstance(command, Scalar):
        return
    words = _WORD.findall(command.value)
    for before, word in zip(("", *words), words, strict=False):
        if not v2.is_local(word) or "$" in word:
            continue
        if _is_python(PurePath(word)):
            yield Script(join(folder, word), _place(command, word, text))
        elif before == "-m":
            parts = word.split(".")
            place = _place(command, word, text)
            yield Script(join(folder, "/".join(parts) + ".py"), place)
            yield Script(join(folder, "/".join((*parts, "__main__.py"))), place)


def _place(node: Scalar, word: str, text: str) -> Span:
    at = text.find(word, node.span.start, node.span.end)
    return Span(at, at + len(word)) if at >= 0 else node.span


def _named(node: Node | None, folder: PurePath) -> tuple[Script, ...]:
    node = resolve_alias(node) if node else None
    if not isinstance(node, Scalar) or not v2.is_local(node.value) or not _is_python(PurePath(node.value)):
        return ()
    return (Script(join(folder, node.value), node.span),)


def _is_python(path: PurePath) -> bool:
    return path.suffix.lower() in (".py", ".ipynb")
