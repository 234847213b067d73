"""Workloads: what files have executed, in whatever dialect, and in what environment.

A workload is a run of Workbench or SDK v1, or a job, a step, a component or a deployment of CLI v2. Rules and assists
that speak of what runs (what its environment needs, what its scripts import, which versions it will get) see only these.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from weakref import WeakKeyDictionary

from envls.document import Document
from envls.facts import Facts, Known, ProjectFiles
from envls.formats.azureml import v1, v2
from envls.formats.azureml.inference import InferenceConfiguration
from envls.formats.azureml.workbench import RunConfiguration
from envls.formats.conda.environment import EnvironmentFile
from envls.runs import of_cli_v2, of_sdk_v1, of_workbench
from envls.runs.project import POINTING, might_point, paths_of, project_documents
from envls.runs.workbench import run_of
from envls.runs.workload import RunEnvironment, Workload
from envls.syntax import Scalar

_known: WeakKeyDictionary[Facts, dict[PurePath, list[Workload]]] = WeakKeyDictionary()
"""With the same facts: what runs in the environment that a file describes, which several rules ask for."""


def workloads_of(document: Document, facts: Facts) -> list[Workload]:
    """What a file has executed; none where it is no run configuration or definition, or what it names is not known yet."""
    content = document.content
    if isinstance(content, RunConfiguration):
        run = run_of(document, facts)
        return [of_workbench.workload_of(run, facts)] if run else []
    if isinstance(content, v1.RunConfiguration):
        return list(of_sdk_v1.workloads_of_run(document, content, facts))
    if isinstance(content, v1.EnvironmentSection):
        return list(of_sdk_v1.services_of(document, content, facts))
    if isinstance(content, InferenceConfiguration):
        return list(of_sdk_v1.deployed_by(document, content, facts))
    if isinstance(content, v2.Definition):
        return list(of_cli_v2.workloads_of_definition(document, content, facts))
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
    known = _known.setdefault(facts, {})
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
    is_model = path.name == of_cli_v2.OF_MODEL and any(one.kind == "model" for one in paths_of(other))
    return is_model or any(word in other.text for word in words)


def inline_in(document: Document) -> tuple[EnvironmentFile, ...]:
    """The conda environments that are written in a run configuration, a section or a definition."""
    content = document.content
    if isinstance(content, v2.Definition):
        return content.inline
    section = content.environment if isinstance(content, v1.RunConfiguration) else content
    return (section.inline,) if isinstance(section, v1.EnvironmentSection) and section.inline else ()


def environments_in(document: Document, facts: Facts) -> Iterator[tuple[EnvironmentFile, list[Workload]]]:
    """The environments whose packages a file lists, each with what runs in it as far as is known."""
    workloads = workloads_in(document, facts) or []
    if isinstance(document.content, EnvironmentFile):
        yield document.content, workloads
    for file in inline_in(document):
        yield file, [one for one in workloads if _is_same(file, one.environment.packages)]


def _is_same(file: EnvironmentFile, other: EnvironmentFile | None) -> bool:
    """Whether two that are written in one document stand at the same place."""
    roots = [one.root for one in (file, other) if one is not None and one.root is not None]
    return len(roots) == 2 and roots[0].span == roots[1].span


def environment_of(document: Document, facts: Facts) -> RunEnvironment | None:
    """The environment that a file is the definition of, whatever runs in it; None of any other file."""
    content = document.content
    if isinstance(content, v2.Definition) and content.kind == "environment":
        return of_cli_v2.defined(document.path, content, content.root, facts)
    if isinstance(content, v1.EnvironmentSection):
        return of_sdk_v1.environment_of_section(content, document.path, content.paths, facts)
    return None
