"""What runs by a definition of CLI v2: jobs, the steps of pipelines, components, deployments."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath
from weakref import WeakKeyDictionary

from envls.document import Document
from envls.facts import Facts, FileAt, ProjectFiles
from envls.formats.azureml import v2
from envls.formats.azureml.v2_jobs import TASK
from envls.formats.conda import environment as conda
from envls.formats.keys import Placed
from envls.formats.paths import join
from envls.runs.commands import named, programs, text_of
from envls.runs.project import conda_file_at, project_documents
from envls.runs.workload import Dialect, Role, RunEnvironment, Workload
from envls.syntax import Entry, Mapping, Node, Scalar, Tree, resolve_alias

OF_MODEL = "conda.yaml"
"""What the conda file of an MLflow model is called, in the model's folder."""
_named_definitions: WeakKeyDictionary[Facts, dict[tuple[PurePath, ...], dict[str, list[Document]]]] = (
    WeakKeyDictionary()
)
"""With the same facts: the definitions of environments of a project (its files), by their names."""
_REGISTERED = re.compile(r"azureml:(?!/)([\w.-]+)(?:[:@][\w.-]+)?", re.IGNORECASE)


def workloads_of_definition(document: Document, content: v2.Definition, facts: Facts) -> Iterator[Workload]:
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
        role, started, scripts = Role.JOB, command, tuple(programs(command.value, folder, document.text))
    elif entry is not None and placed.table is TASK:
        role, started, scripts = Role.PARALLEL, entry, named(entry.value, folder)
        reads = _types_of_inputs(content, mapping)
    elif file is not None and isinstance(resolve_alias(file.value), Mapping):
        described = resolve_alias(file.value)
        role, started = Role.SPARK, file
        scripts = named(described.get("file"), folder) if isinstance(described, Mapping) else ()
    else:
        return None
    return Workload(
        document.path,
        started.key.span,
        Dialect.V2,
        role,
        _environment(document.path, content, mapping.get("environment"), facts),
        scripts,
        (folder,),
        _step(content, mapping),
        command=text_of(command.value) if role is Role.JOB and command else "",
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
    online = not content.kind.lower().endswith("batchdeployment")
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
            _environment(document.path, content, mapping.get("environment"), facts),
            named(described.get("scoring_script"), folder),
            (folder,),
        )
    kept = resolve_alias(model.value) if model else None
    if model is None or not isinstance(kept, Mapping) or not _says(kept.get("type"), "mlflow_model"):
        container = mapping.entry("environment")
        if container is None:
            return None
        environment = _environment(document.path, content, container.value, facts)
        return Workload(document.path, container.key.span, Dialect.V2, Role.DEPLOYMENT, environment)
    where = kept.get("path")
    path = join(base, where.value) / OF_MODEL if isinstance(where, Scalar) and v2.is_local(where.value) else None
    environment = RunEnvironment(document.path, path, conda_file_at(path, facts) if path else None)
    role = Role.ONLINE_MLFLOW if online else Role.BATCH_MLFLOW
    return Workload(document.path, model.key.span, Dialect.V2, role, environment)


def _environment(path: PurePath, content: v2.Definition, node: Node | None, facts: Facts) -> RunEnvironment:
    node = resolve_alias(node) if node else None
    if isinstance(node, Mapping):
        return defined(path, content, node, facts)
    if not isinstance(node, Scalar):
        return RunEnvironment(path, made=None)
    reference = next((one for one in content.paths if one.node is node), None)
    there = facts.value(FileAt(reference.target)) if reference else None
    if there is not None and isinstance(there.content, v2.Definition) and there.content.kind == "environment":
        return defined(there.path, there.content, there.content.root, facts)
    name = registered_name(node.value)
    own = _of_own_name(path, name, facts) if name else None
    return own or RunEnvironment(path, made=None, registered=node.value.removeprefix("azureml:"))


def registered_name(written: str) -> str:
    """The name of an environment of the workspace that `azureml:name:version` means; "" for one of a registry."""
    found = _REGISTERED.fullmatch(written)
    return found.group(1) if found else ""


def _of_own_name(path: PurePath, name: str, facts: Facts) -> RunEnvironment | None:
    """A registered environment that a definition of the same name in the project describes, if there is just one."""
    found = environment_named(name, path, facts)
    if found is None or not isinstance(found.content, v2.Definition):
        return None
    return replace(defined(found.path, found.content, found.content.root, facts), registered=name)


def environment_named(name: str, near: PurePath, facts: Facts) -> Document | None:
    """The definition that registers an environment under a name; None where no file of the project does, or several do."""
    found = _definitions(near, facts).get(name, ())
    return found[0] if len(found) == 1 else None


def _definitions(near: PurePath, facts: Facts) -> dict[str, list[Document]]:
    files = facts.value(ProjectFiles(near)) or ()
    known = _named_definitions.setdefault(facts, {})
    if files not in known:
        found: dict[str, list[Document]] = {}
        for other in project_documents(near, facts, ".yml", ".yaml"):
            if isinstance(other.content, v2.Definition) and other.content.kind == "environment":
                name = other.content.root.get("name")
                if isinstance(name, Scalar):
                    found.setdefault(name.value, []).append(other)
        known[files] = found
    return known[files]


def defined(path: PurePath, content: v2.Definition, mapping: Mapping, facts: Facts) -> RunEnvironment:
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
    listed = conda_file_at(target, facts)
    return RunEnvironment(path, target, listed, reference=reference, image=named, built=built, own_server=own_server)


def _says(node: Node | None, word: str) -> bool:
    return isinstance(node, Scalar) and node.value == word
