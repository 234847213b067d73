"""One line above a file: who uses a conda file, and what a run configuration will really run in.

A lens is short, says what several files together show, and is not there while that is not known. Who clicks it sees the
places it speaks of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from envls.assist.references import Location, pointing_to
from envls.document import Document
from envls.facts import Absent, Facts, FileAt
from envls.formats.azureml import v1, v2
from envls.formats.azureml.workbench import RunConfiguration
from envls.formats.azureml.workbench_keys import DOCKER
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.keys import Placed
from envls.formats.paths import PathRef, relative
from envls.runs import Run, name_of, run_of, target_of, uses_of
from envls.syntax import Mapping, Scalar
from envls.text import Span

SHOWN_USERS = 3
SEPARATOR = " · "
_START = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Lens:
    """Words to show above the line of `span`, and the places that they speak of."""

    span: Span
    title: str
    places: tuple[Location, ...] = ()


def lenses(document: Document, facts: Facts) -> list[Lens]:
    """The lenses of a document, with what is known at this moment."""
    content = document.content
    if isinstance(content, EnvironmentFile):
        return list(_of_conda_file(document, facts))
    if isinstance(content, RunConfiguration):
        run = run_of(document, facts)
        return list(_of_run(document, run, facts)) if run else []
    if isinstance(content, v1.RunConfiguration) and content.environment:
        return list(_of_v1(document, content, content.environment, facts))
    if isinstance(content, v2.Definition):
        return list(_of_v2(content, facts))
    return []


def _top(document: Document) -> Span:
    """Where the first key stands: what comments and blank lines precede belongs to no lens."""
    root = document.tree.root
    return root.entries[0].key.span if isinstance(root, Mapping) and root.entries else _START


# -- who uses a conda file ------------------------------------------------------------------------------------


def _of_conda_file(document: Document, facts: Facts) -> Iterator[Lens]:
    uses = uses_of(document.path, name_of(document), facts)
    users = list(dict.fromkeys(use.by for use in uses or ()))
    if users:
        shown = ", ".join(_names(users, document.path)[:SHOWN_USERS])
        more = f" and {len(users) - SHOWN_USERS} more" if len(users) > SHOWN_USERS else ""
        # others may name it without effect: these are findings, and no users
        places = (one for one in pointing_to(document, facts) if one.path in users or one.path.suffix == ".compute")
        yield Lens(_top(document), f"used by {shown}{more}", tuple(places))


def _names(paths: Sequence[PurePath], near: PurePath) -> list[str]:
    """What files are called for a person: by their name, or with the way to them where two have the same."""
    names = [path.name for path in paths]
    return [
        relative(path, near.parent) if names.count(path.name) > 1 else path.name
        for path in sorted(paths, key=lambda path: (path.name, path))
    ]


# -- what a run will run in -----------------------------------------------------------------------------------


def _of_run(document: Document, run: Run, facts: Facts) -> Iterator[Lens]:
    compute = run.compute
    if compute is None or run.reads_conda is None:
        return  # what is wrong with the target is a finding
    written = relative(run.conda_path, run.configuration.project)
    missing = isinstance(facts.ask(FileAt(run.conda_path)), Absent)
    if run.reads_conda:
        conda = f"packages from {written}" + (", which is not there" if missing else "")
    elif run.conda_ref is None:
        conda = ""
    else:
        conda = f"{written} is not used: {_why_unused(run)}"
    places = [Location(run.compute_path, _START)] if run.compute_path else []
    places += [Location(run.conda_path, _START)] if run.conda else []
    yield Lens(_top(document), SEPARATOR.join(filter(None, (_python(run), conda))), tuple(places))


def _python(run: Run) -> str:
    compute, interpreter = run.compute, run.interpreter
    if compute is None:
        return ""
    if run.reads_conda:
        image = compute.scalar("baseDockerImage") if compute.type in DOCKER else None
        return f"python in {image.value}" if image else f"python on the {compute.type}"
    if interpreter is None or interpreter.is_root:
        return "root interpreter"
    return f"python in {interpreter.environment}" if interpreter.environment else interpreter.node.value


def _why_unused(run: Run) -> str:
    if run.compute and run.compute.user_managed:
        return "userManagedEnvironment is true"
    return f"the target is {run.compute.type}" if run.compute else ""


def _of_v1(
    document: Document, content: v1.RunConfiguration, section: v1.EnvironmentSection, facts: Facts
) -> Iterator[Lens]:
    reference = next((path for path in content.paths if path.kind == "conda file"), None)
    target = target_of(reference, facts) if reference else None
    there = target is not None and not isinstance(facts.ask(FileAt(target)), Absent)
    places = (Location(target, _START),) if target is not None and there else ()
    if section.is_reference and not section.text("name"):
        return  # nothing is said yet
    if section.is_reference:
        yield Lens(_top(document), f"the workspace's environment {section.text('name')}")
        return
    title = SEPARATOR.join(
        filter(None, (_python_of_v1(content, section), _conda_of_v1(section, reference, there=there)))
    )
    if title:
        yield Lens(_top(document), title, places)


def _python_of_v1(content: v1.RunConfiguration, section: v1.EnvironmentSection) -> str:
    if section.user_managed:
        return section.text("python", "interpreterPath") or "python"
    image = section.text("docker", "baseImage")
    docker = v1.is_true(content.node("docker", "useDocker")) or v1.is_true(section.node("docker", "enabled"))
    if content.target == "local" and not docker:
        return "python on this machine"
    return f"python in {image}" if image else ""


def _conda_of_v1(section: v1.EnvironmentSection, reference: PathRef | None, *, there: bool) -> str:
    if section.user_managed:
        return f"{reference.node.value} is not used: userManagedDependencies is true" if reference else ""
    if section.inline is not None:
        return "packages listed here"
    if reference is None:
        return ""
    return f"packages from {reference.node.value}" + ("" if there else ", which is not there")


def _of_v2(content: v2.Definition, facts: Facts) -> Iterator[Lens]:
    """A lens for each environment that is defined in a file of CLI v2, or in another that it names."""
    for placed in content.environments():
        title, places = _environment_of_v2(content, placed, facts)
        if title:
            yield Lens(placed.mapping.entries[0].key.span, title, places)
    for path in content.paths:
        there = facts.value(FileAt(path.target)) if path.kind == "environment definition" else None
        defined = there.content if there else None
        if there is not None and isinstance(defined, v2.Definition):
            for placed in list(defined.environments())[:1]:
                title, places = _environment_of_v2(defined, placed, facts)
                yield Lens(path.span, title, (Location(there.path, _START), *places))


def _environment_of_v2(content: v2.Definition, placed: Placed, facts: Facts) -> tuple[str, tuple[Location, ...]]:
    image, conda = placed.mapping.get("image"), placed.mapping.get("conda_file")
    python = f"python in {image.value}" if isinstance(image, Scalar) and image.value else ""
    if placed.mapping.get("build") is not None:
        python = "python in the image that is built here"
    if isinstance(conda, Mapping):
        return SEPARATOR.join(filter(None, (python, "packages listed here"))), ()
    reference = next((path for path in content.paths if path.node is conda), None)
    if reference is None:
        return python, ()
    gone = isinstance(facts.ask(FileAt(reference.target)), Absent)
    packages = f"packages from {reference.node.value}" + (", which is not there" if gone else "")
    places = () if gone else (Location(reference.target, _START),)
    return SEPARATOR.join(filter(None, (python, packages))), places
