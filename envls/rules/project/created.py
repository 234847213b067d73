"""AML4: what a file must say at least that another one points to, and that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from envls.document import Document, Format, read
from envls.facts import Facts
from envls.formats.azureml.workbench import RunConfiguration
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.paths import PathRef
from envls.known.pythons import OF_EXAMPLES
from envls.rules.project.additions import addition
from envls.rules.project.imports import imported_packages
from envls.rules.project.provided import provided
from envls.rules.project.required import Lacking, lacking, said_of
from envls.rules.rule import Fix
from envls.runs import Workload, needs_of, workloads_at
from envls.text import apply
from envls.write import Create, edits

_COMPUTES = {
    "docker": "type: localdocker\nbaseDockerImage: microsoft/mmlspark:plus-0.9.9\nsharedVolumes: true\n",
    "local": "type: local\npythonLocation: python\n",
}
_OF_WORKBENCH = "name: project_environment\ndependencies:\n  - python=3.5.2\n  - ipykernel=4.6.1\n"
_CONDA = "name: {name}\nchannels:\n  - conda-forge\ndependencies:\n  - python={python}\n"


def creations(path: PathRef, document: Document, facts: Facts) -> Iterator[Fix]:
    """Making the file, where what it must say at least is clear from its name and from what uses it."""
    if path.kind == "conda file" and path.target.suffix in (".yml", ".yaml"):
        text = _OF_WORKBENCH if isinstance(document.content, RunConfiguration) else _conda_file(path.target, facts)
        yield Fix(f"Create `{path.node.value}`", (Create(path.target, text),))
    elif path.kind == "compute target":
        for word, text in _COMPUTES.items():
            if word in path.target.name.lower():
                yield Fix(f"Create `{path.target.name}`", (Create(path.target, text),))
                return


def needed_in(path: PathRef, facts: Facts) -> str:
    """Who needs what in a conda file that is not there, as a sentence; "" for nobody and nothing."""
    return said_of(_lacking(_empty(path.target), facts)) if path.kind == "conda file" else ""


def _empty(path: PurePath) -> Document:
    return read(path, _CONDA.format(name=path.stem, python=OF_EXAMPLES), Format.ENVIRONMENT)


def _workloads(document: Document, facts: Facts) -> list[Workload]:
    return [one for one in workloads_at(document.path, facts) or () if one.environment.made]


def _lacking(document: Document, facts: Facts) -> list[Lacking]:
    file = document.content
    needs = [need for one in _workloads(document, facts) for need in needs_of(one, facts)]
    return lacking(needs, provided(file, document.path, facts)) if isinstance(file, EnvironmentFile) else []


def _conda_file(path: PurePath, facts: Facts) -> str:
    """A conda file with what is needed of all that runs in its environment, and what its scripts import."""
    document = _empty(path)
    file = document.content
    if not isinstance(file, EnvironmentFile):
        return document.text
    missing = [one.package for one in _lacking(document, facts)]
    missing += imported_packages(file, _workloads(document, facts), document, facts)
    fix = addition(missing, file, facts)
    return apply(document.text, edits(fix.changes, document.text, document.tree)) if fix else document.text
