"""One line above a file: who uses a conda file, and what a run configuration will really run in.

A lens is short, says what several files together show, and is not there while that is not known. Who clicks it sees the
places it speaks of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from envls.assist.delta import counterparts
from envls.assist.references import Location, pointing_to
from envls.assist.what_runs import NamedFile, Running, is_looked_up, named_file, registered, top_of, what_runs
from envls.document import Document
from envls.facts import Facts
from envls.formats.azureml.workbench import Compute
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.paths import relative
from envls.runs import RunEnvironment, name_of, uses_of
from envls.text import Span
from envls.url import redact

SHOWN_USERS = 3
SEPARATOR = " · "
_START = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Lens:
    """Words to show above the line of `span`, and the places that they speak of."""

    span: Span
    title: str
    places: tuple[Location, ...] = ()


def lenses(document: Document, facts: Facts, *, used_by: bool = True, runs: bool = True) -> list[Lens]:
    """The lenses of a document, with what is known at this moment: of a conda file (`used_by`), and of what runs (`runs`)."""
    if isinstance(document.content, EnvironmentFile):
        return list(_of_conda_file(document, facts)) if used_by else []
    if not runs or isinstance(document.content, Compute):
        return []
    made = (_of_running(one, document, facts) for one in what_runs(document, facts))
    return [lens for lens in made if lens is not None]


# -- who uses a conda file ------------------------------------------------------------------------------------


def _of_conda_file(document: Document, facts: Facts) -> Iterator[Lens]:
    uses = uses_of(document.path, name_of(document), facts)
    users = list(dict.fromkeys(use.by for use in uses or ()))
    if users:
        shown = ", ".join(_names(users, document.path)[:SHOWN_USERS])
        more = f" and {len(users) - SHOWN_USERS} more" if len(users) > SHOWN_USERS else ""
        # others may name it without effect: these are findings, and no users
        places = (one for one in pointing_to(document, facts) if one.path in users or one.path.suffix == ".compute")
        yield Lens(top_of(document), f"used by {shown}{more}", tuple(places))
    yield from _of_counterpart(document, facts)


def _of_counterpart(document: Document, facts: Facts) -> Iterator[Lens]:
    """How far the file is from the one that surely belongs to it; the places are the lines there, and those that only it has."""
    other = next((one for one in counterparts(document, facts) if one.together), None)
    if other is None:
        return
    packages = "package" if other.delta.count == 1 else "packages"
    name = relative(other.document.path, document.path.parent)
    there = [*(one.there for one in other.delta.differing), *other.delta.only_there]
    places = [Location(other.document.path, item.span) for item in there]
    places += [Location(document.path, item.span) for item in other.delta.only_here]
    yield Lens(top_of(document), f"differs from {name} in {other.delta.count} {packages}", tuple(places))


def _names(paths: Sequence[PurePath], near: PurePath) -> list[str]:
    """What files are called for a person: by their name, or with the way to them where two have the same."""
    names = [path.name for path in paths]
    return [
        relative(path, near.parent) if names.count(path.name) > 1 else path.name
        for path in sorted(paths, key=lambda path: (path.name, path))
    ]


# -- what runs, and in what -----------------------------------------------------------------------------------


def _of_running(one: Running, document: Document, facts: Facts) -> Lens | None:
    environment, run = one.environment, one.run
    if run is not None and environment.made is None:
        return None  # what is wrong with the target is a finding
    if environment.registered and not is_looked_up(environment, facts):
        return None  # a definition in the project may yet say what it is
    conda = named_file(one, document, facts)
    title = SEPARATOR.join(filter(None, (_python(one), _packages(one, conda, document)))) or _registered(environment)
    if not title:
        return None
    leads_to = [one.component, environment.defined_in, conda.path if conda and not conda.gone else None]
    places = [Location(path, _START) for path in dict.fromkeys(leads_to) if path and path != document.path]
    return Lens(one.head, title, tuple(places))


def _registered(environment: RunEnvironment) -> str:
    name, where = registered(environment)
    return f"environment {name} of {where}" if name else ""


def _python(one: Running) -> str:
    environment, run = one.environment, one.run
    if environment.made is False:
        if run is not None and (run.interpreter is None or run.interpreter.is_root):
            return "root interpreter"
        return f"python in {environment.lives_in}" if environment.lives_in else environment.interpreter
    if environment.built:
        return "python in an image that is built"
    if environment.image:
        return f"python in {_short(environment.image)}"
    if environment.local:
        return "python on this machine"
    return f"python on the {run.compute.type}" if run and run.compute else ""


def _short(image: str) -> str:
    """The name of an image without its registry, of which the text tells."""
    image = redact(image)
    host, _, rest = image.partition("/")
    return rest.rpartition("/")[2] if "." in host and rest else image


def _packages(one: Running, conda: NamedFile | None, document: Document) -> str:
    environment = one.environment
    if conda is None:
        inline = environment.packages is not None and environment.made
        where = "here" if environment.defined_in == document.path else f"in {environment.defined_in.name}"
        return f"packages listed {where}" if inline else ""
    if environment.made:
        own = one.run is not None or environment.defined_in == document.path
        return f"packages from {conda.written if own else conda.path.name}" + (
            ", which is not there" if conda.gone else ""
        )
    said = environment.because and not conda.default
    return f"{conda.written} is not used: {environment.because}" if said else ""
