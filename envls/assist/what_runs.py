"""What a document has executed, where it says so, and which conda file that names: what cards and lenses speak of.

Dialects end in `runs.workloads`; here a run of Workbench and a step of a pipeline are the same.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from envls.document import Document, Format
from envls.facts import Absent, Facts, FileAt, Pending, ProjectFiles
from envls.formats.azureml import v2
from envls.formats.azureml.workbench import Compute
from envls.formats.paths import PathRef, relative
from envls.runs import (
    Run,
    RunEnvironment,
    Workload,
    environment_of,
    name_of,
    project_documents,
    runs_of_project,
    steps_of,
    target_of,
    workloads_of,
)
from envls.syntax import Mapping
from envls.text import Span

_START = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Running:
    """Something that runs, and where a document says so: at `head` it begins for a person, `extent` is all that is said of it.

    `name` is the step's, or the file's. Of a definition of an environment there is no `workload`. `component` is the file
    that a step names for all this.
    """

    head: Span
    extent: Span
    name: str
    environment: RunEnvironment
    workload: Workload | None = None
    component: PurePath | None = None

    @property
    def run(self) -> Run | None:
        return self.workload.run if self.workload else None


def what_runs(document: Document, facts: Facts) -> list[Running]:
    """What runs by a document, in the order of the text: several in a pipeline, and on a compute target of Workbench."""
    content = document.content
    if isinstance(content, Compute):
        return list(_on_target(document, facts))
    environment = environment_of(document, facts)
    if environment is not None:
        return [Running(top_of(document), _whole(document), document.path.name, environment)]
    if isinstance(content, v2.Definition):
        return list(_in_definition(document, content, facts))
    return [_of_file(document, workload) for workload in workloads_of(document, facts)]


def running_at(document: Document, offset: int, facts: Facts) -> list[Running]:
    """What runs by what stands at `offset`."""
    return [one for one in what_runs(document, facts) if one.extent.touches(offset)]


def _of_file(document: Document, workload: Workload, component: PurePath | None = None) -> Running:
    return Running(top_of(document), _whole(document), document.path.name, workload.environment, workload, component)


def _on_target(document: Document, facts: Facts) -> Iterator[Running]:
    for run in runs_of_project(document.path, facts):
        there = facts.value(FileAt(run.path)) if run.compute_path == document.path else None
        for workload in workloads_of(there, facts) if there else ():
            yield Running(top_of(document), _whole(document), run.path.name, workload.environment, workload)


def _in_definition(document: Document, content: v2.Definition, facts: Facts) -> Iterator[Running]:
    own = {one.step: one for one in workloads_of(document, facts)}
    components = sorted((path for path in content.paths if path.kind == "component"), key=lambda path: path.span)
    if not content.is_pipeline:
        found = own.get("") or _of_component(components[0], document, facts) if own or components else None
        if found:
            yield _of_file(document, found, None if own else found.path)
        return
    for step in steps_of(content):
        here = own.get(step.key.value)
        at = bisect_left(components, step.span.start, key=lambda path: path.span.start)
        named = components[at] if at < len(components) and components[at].span.end <= step.span.end else None
        found = here or (_of_component(named, document, facts) if named else None)
        if found:
            component = None if here else found.path
            yield Running(step.key.span, step.span, step.key.value, found.environment, found, component)


def _of_component(path: PathRef, document: Document, facts: Facts) -> Workload | None:
    """What the file of a component has executed; a pipeline has too much to tell."""
    there = facts.value(FileAt(path.target)) if path.target != document.path else None
    content = there.content if there else None
    if there is None or not isinstance(content, v2.Definition) or content.is_pipeline:
        return None
    return next(iter(workloads_of(there, facts)), None)


def top_of(document: Document) -> Span:
    """Where the first key stands: what comments and blank lines precede belongs to nothing that runs."""
    root = document.tree.root
    return root.entries[0].key.span if isinstance(root, Mapping) and root.entries else _START


def _whole(document: Document) -> Span:
    return Span(0, len(document.text))


def defined_by(document: Document, facts: Facts) -> list[Workload]:
    """What runs in the environment that a file is the definition of."""
    return [
        workload
        for other in project_documents(document.path, facts, ".runconfig", ".yml", ".yaml", "")
        if other.path != document.path
        for workload in workloads_of(other, facts)
        if workload.environment.defined_in == document.path
    ]


# -- the conda file -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A conda file as who runs names it; `default`: by saying nothing. `gone`, or not `known` yet; `describes` is the name in it."""

    path: PurePath
    written: str
    default: bool
    gone: bool
    known: bool
    describes: str


def named_file(one: Running, document: Document, facts: Facts) -> NamedFile | None:
    """The conda file that is named, whether or not it is used; None where the packages stand elsewhere, or nowhere.

    It is shown as a document writes it, or would.
    """
    environment, run = one.environment, one.run
    if run is not None:
        written, path = relative(run.conda_path, run.configuration.project), run.conda_path
    elif environment.reference is not None:
        path = environment.path or target_of(environment.reference, facts)
        own = environment.defined_in == document.path
        written = environment.reference.node.value if own else relative(path, document.path.parent)
    elif environment.path is not None and environment.path != environment.defined_in:
        written, path = relative(environment.path, document.path.parent), environment.path
    else:
        return None
    state = facts.ask(FileAt(path))
    there = conda_document(path, facts)
    return NamedFile(
        path,
        written,
        run is not None and run.conda_ref is None,
        isinstance(state, Absent),
        not isinstance(state, Pending),
        name_of(there),
    )


def conda_document(path: PurePath, facts: Facts) -> Document | None:
    """The file at a path, read as a conda file because somebody says that it is one."""
    there = facts.value(FileAt(path))
    return there.as_told(Format.ENVIRONMENT) if there else None


# -- words ----------------------------------------------------------------------------------------------------

_OF_REGISTRY = re.compile(
    r"//registries/(?P<registry>[^/]+)/environments/(?P<name>[^/]+)/(?:versions|labels)/(?P<version>[^/]+)"
)


def is_looked_up(environment: RunEnvironment, facts: Facts) -> bool:
    """Whether it is known whether the project describes a registered environment: all of its files are read."""
    if environment.registered.startswith("//") or environment.made or environment.image or environment.built:
        return True
    return not any(
        isinstance(facts.asked[one], Pending) for one in facts.asked if isinstance(one, FileAt | ProjectFiles)
    )


def registered(environment: RunEnvironment) -> tuple[str, str]:
    """The name of an environment that somebody has registered, with its version, and where, as phrases."""
    found = _OF_REGISTRY.fullmatch(environment.registered)
    if found is not None:
        return f"{found['name']}@{found['version']}", f"the registry {found['registry']}"
    curated = environment.registered.lower().startswith("azureml-")  # nobody else may begin a name so
    return environment.registered, "Azure ML" if curated else "the workspace"
