"""What runs by the files of SDK v1: run configurations, environment sections for web services, inference configurations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath

from envls.document import Document, Format
from envls.facts import Facts, FileAt
from envls.formats.azureml import v1
from envls.formats.azureml.inference import InferenceConfiguration
from envls.formats.azureml.workbench import InterpreterRef
from envls.formats.paths import PathRef
from envls.formats.python import is_program
from envls.runs.commands import programs, text_of
from envls.runs.project import conda_file_at, target_of
from envls.runs.workload import Dialect, Role, RunEnvironment, Script, Workload
from envls.syntax import Scalar
from envls.text import Span


def workloads_of_run(document: Document, content: v1.RunConfiguration, facts: Facts) -> Iterator[Workload]:
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
    local = content.target == "local" and not _in_docker(content, section)
    yield Workload(
        document.path,
        started.span if started else Span(0, 0),
        Dialect.V1,
        Role.SPARK if content.framework == "PySpark" else Role.RUN,
        environment_of_section(section, defined_in, paths, facts, local=local)
        if section
        else RunEnvironment(defined_in, made=None),
        _scripts(document, content, script, facts),
        v1.bases(document.path)[:2],
        command=text_of(command.value) if command and script is None else "",
    )


def services_of(document: Document, section: v1.EnvironmentSection, facts: Facts) -> Iterator[Workload]:
    """A section whose image shall have the scoring server is made for web services."""
    entry = section.entry("inferencingStackVersion")
    if entry is not None and section.text("inferencingStackVersion"):
        environment = environment_of_section(section, document.path, section.paths, facts)
        yield Workload(document.path, entry.key.span, Dialect.V1, Role.SERVICE, environment)


def deployed_by(document: Document, content: InferenceConfiguration, facts: Facts) -> Iterator[Workload]:
    """The web service of an inference configuration that names its conda file; what has an `environment` says more there."""
    reference = next((path for path in content.paths if path.kind == "conda file"), None)
    script = next((path for path in content.paths if path.kind == "script"), None)
    if reference is None or script is None or content.script is None:
        return
    path = target_of(reference, facts)
    environment = RunEnvironment(document.path, path, conda_file_at(path, facts), reference=reference)
    program = target_of(script, facts)
    scripts = (Script(program, script.span),) if is_program(program) else ()
    yield Workload(
        document.path, content.script.key.span, Dialect.V1, Role.SERVICE, environment, scripts, (program.parent,)
    )


def _scripts(
    document: Document, content: v1.RunConfiguration, script: PathRef | None, facts: Facts
) -> tuple[Script, ...]:
    if script is not None:
        target = target_of(script, facts)
        return (Script(target, script.span),) if is_program(target) else ()
    command = content.node("command")
    return tuple(programs(command, v1.bases(document.path)[0], document.text)) if command else ()


def _in_docker(content: v1.RunConfiguration, section: v1.EnvironmentSection | None) -> bool:
    old = section.node("docker", "enabled") if section else None
    return v1.is_true(content.node("docker", "useDocker")) or v1.is_true(old)


def environment_of_section(
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
    return replace(own, path=path, packages=conda_file_at(path, facts), reference=reference)
