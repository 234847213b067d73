"""The files that a migration writes beside a run configuration: a job, its environment, and what stood inline.

The environment has a file of its own, which the job names with `file:`: so it can be registered and shared by the jobs of a
project's other run configurations, as one conda file was by them. Nothing that is there is written over: where one of the
names is taken, all take the next number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import count
from pathlib import PurePath

from envls.assist.migration.draft import Draft, comment
from envls.document import Document
from envls.facts import Absent, Facts, FileAt, FolderAt, Known
from envls.formats.azureml import v2
from envls.formats.paths import relative
from envls.known import base_images

JOB = ".job.yml"
ENVIRONMENT = ".environment.yml"
CONDA = ".conda.yml"
DOCKER = ".docker"
_ORDER_OF_JOB = (
    *("$schema", "type", "display_name", "description", "code", "command", "entry", "args", "inputs", "outputs"),
    *("environment", "environment_variables", "conf", "compute", "resources", "distribution", "limits"),
    *("queue_settings", "identity", "services"),
)
_LOGIN = re.compile(r"[^/@\s]+@(?=[^/@\s]+/)")
_ORDER_OF_ENVIRONMENT = ("$schema", "name", "description", "image", "build", "conda_file", "os_type")
_RESERVED = re.compile(r"azureml|microsoft", re.IGNORECASE)
_SUFFIXES = (".runconfig", ".yml", ".yaml", ".json")


@dataclass
class Files:
    """The files of one migration. `project` is the folder that the run's script is relative to."""

    source: PurePath
    project: PurePath
    stem: str
    job: Draft = field(default_factory=lambda: Draft(*_ORDER_OF_JOB))
    environment: Draft = field(default_factory=lambda: Draft(*_ORDER_OF_ENVIRONMENT))
    further: dict[PurePath, str] = field(default_factory=dict)

    @property
    def folder(self) -> PurePath:
        return self.source.parent

    def beside(self, ending: str) -> PurePath:
        return self.folder / (self.stem + ending)

    def written(self, path: PurePath) -> str:
        """How the files here write a path."""
        return relative(path, self.folder) or "."

    def texts(self, dialect: str, line_end: str) -> dict[PurePath, str]:
        """The files that are to be made, the job first."""
        job, environment = self.beside(JOB), self.beside(ENVIRONMENT)
        made = {job: _headed(job, f"The run `{self.source.name}` of {dialect} as a job of CLI v2", "job", self.job)}
        if self.job["environment"] == f"file:{environment.name}":
            what = f"The environment of `{job.name}`"
            made[environment] = _headed(environment, what, "environment", self.environment)
        made |= self.further
        return {path: text.replace("\n", line_end) for path, text in made.items()}


def _headed(path: PurePath, what: str, command: str, draft: Draft) -> str:
    """A draft below what it is and how it is used."""
    told = f"{what}. {'Start it' if command == 'job' else 'Register it, if others shall use it'}:"
    return "\n".join((*comment(told), f"#   az ml {command} create --file {path.name}", draft.text()))


def free_stem(source: PurePath, facts: Facts) -> str:
    """The beginning of names that no file beside `source` has yet."""
    stem = source.stem if source.suffix.lower() in _SUFFIXES else source.name
    listed = facts.ask(FolderAt(source.parent))
    names = {name.rstrip("/").lower() for name in listed.value} if isinstance(listed, Known) else None
    for number in count(1):
        found = stem if number == 1 else f"{stem}-{number}"
        wanted = [found + ending for ending in (JOB, ENVIRONMENT, CONDA, DOCKER)]
        if names is not None:
            taken = any(name.lower() in names for name in wanted)
        else:
            taken = any(isinstance(facts.ask(FileAt(source.parent / name)), Known) for name in wanted)
        if not taken:
            return found
    raise AssertionError("numbers do not end")


def begun(document: Document, project: PurePath, facts: Facts) -> Files:
    """The files with what every job and environment says."""
    files = Files(document.path, project, free_stem(document.path, facts))
    files.job.set("$schema", v2.SCHEMA.format("commandJob"))
    files.job.set("type", "command")
    files.job.set("code", files.written(project))
    files.job.set("environment", f"file:{files.beside(ENVIRONMENT).name}")
    files.environment.set("$schema", v2.SCHEMA.format("environment"))
    files.environment.set("name", _name(f"{project.name}-{files.stem}" if project.name else files.stem))
    return files


def _name(wanted: str) -> str:
    """A name that Azure ML takes for an environment."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", wanted).strip("-_")[:200] or "environment"
    return f"env-{plain}" if _RESERVED.match(plain) else plain


def set_name(files: Files, written: str) -> None:
    """The name that the run configuration gives the environment, as far as Azure ML takes it."""
    name = _name(written)
    if name != written:
        files.environment.note("name", f"Azure ML does not take the name `{written}`.")
    files.environment.set("name", name)


def set_image(environment: Draft, written: str) -> None:
    """The image that an environment is made on: the one that is named, or what takes its place today."""
    if login := _LOGIN.match(written):
        written = written[login.end() :]
        environment.note("image", "The login of its registry is not copied: connect the registry to the workspace.")
    successor = base_images.successor(written)
    if not written:
        environment.set("image", base_images.CURRENT)
        environment.note("image", "No image was named; this is the one that Azure ML takes today.")
    elif successor:
        environment.set("image", successor)
        environment.note("image", f"In place of `{written}`, which is given up.")
    elif base_images.has_tag(written):
        environment.set("image", written)
    else:
        environment.set("image", f"{written}:latest")
        environment.note("image", "No tag was named, which means `latest`; a version keeps the image as it is.")


def set_conda_file(files: Files, path: PurePath, facts: Facts) -> None:
    """The conda file that is there already; it is left as it is."""
    written = files.written(path)
    if isinstance(facts.ask(FileAt(path)), Absent):
        files.environment.note("conda_file", f"`{written}` is what the run was made from, but it is not there.")
    else:
        files.environment.set("conda_file", written)


def set_compute(job: Draft, name: str) -> None:
    """The compute target of the workspace, where it has the name of one."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
        job.set("compute", f"azureml:{name}")
    else:
        job.note(
            "compute", f"`{name}` is no name of a compute target. Without one, the job runs on serverless compute."
        )
