"""What an environment file says around the cursor, and what the other environment files of the project say."""

from __future__ import annotations

from typing import NamedTuple

from envls import target
from envls.assist.items import Here
from envls.document import Document
from envls.facts import Answer, Channels, Facts, Known, Package, Pending, Unavailable, Unpacked
from envls.formats.azureml import v1
from envls.formats.conda import environment, matchspec, requirement
from envls.formats.conda.environment import Dependency, EnvironmentFile, Requirement, Within
from envls.runs import environment_files
from envls.syntax import EMPTY, Scalar
from envls.versions import Versions, conda_versions, pip_versions

_MOST_FILES = 20
_NO_PLACE = Scalar(0, EMPTY)


def content_of(here: Here) -> EnvironmentFile:
    return packages_in(here.document)


def packages_in(document: Document) -> EnvironmentFile:
    """What the file says, or the packages that stand in it; one that was not recognised yet is read as an environment file all the same."""
    content = document.content
    if isinstance(content, v1.RunConfiguration | v1.EnvironmentSection):
        section = content.environment if isinstance(content, v1.RunConfiguration) else content
        return section.inline if section and section.inline else EnvironmentFile(None)
    return content if isinstance(content, EnvironmentFile) else environment.read(document.tree)


def environments_beside(here: Here) -> list[EnvironmentFile]:
    """The other environment files of the project."""
    files = environment_files(here.document.path, here.facts)[: _MOST_FILES + 1]
    return [
        file.content for file in files if file.path != here.document.path and isinstance(file.content, EnvironmentFile)
    ]


def within(content: EnvironmentFile) -> Within:
    """What the items of a file are within, also while it has none."""
    if content.dependencies:
        return content.dependencies[0].within
    if content.requirements:
        return content.requirements[0].within
    return environment.surroundings(content)


def channels_of(content: EnvironmentFile, facts: Facts, channel: str = "") -> Channels:
    """Where conda looks: on the one channel that the spec names, else on those of the file."""
    return next(iter(target.channels(within(content), facts, only=channel)), Channels((), ""))


def unlisted_dependency(spec: str, content: EnvironmentFile) -> Dependency:
    """An item that the conda list does not have, but might."""
    return Dependency(_NO_PLACE, 0, matchspec.parse(spec), within(content))


def unlisted_requirement(line: str, content: EnvironmentFile) -> Requirement:
    """The same of the pip section."""
    return Requirement(_NO_PLACE, 0, requirement.parse(line), within(content))


class Choice(NamedTuple):
    """What there is of a package, and (where its channels or index say so) which versions fit what."""

    answer: Answer[Package]
    versions: Versions | None = None


def conda_package(name: str, channel: str, content: EnvironmentFile, facts: Facts) -> Choice:
    """What the channels say of a package; where they cannot be asked, what of it is unpacked on this machine."""
    dependency = unlisted_dependency(f"{channel}::{name}" if channel else name, content)
    question = next(iter(target.conda_packages(dependency, facts)), None)
    if question is None:
        return Choice(Unavailable("no such name"))
    answer = facts.ask(question)
    if isinstance(answer, Unavailable):
        unpacked = facts.ask(Unpacked(question.name))
        return Choice(unpacked if isinstance(unpacked, Known | Pending) else answer)
    return Choice(answer, conda_versions(dependency, facts))


def pip_package(name: str, content: EnvironmentFile, facts: Facts) -> Choice:
    """What the index says of a package."""
    item = unlisted_requirement(name, content)
    question = target.pip_package(item)
    return Choice(facts.ask(question), pip_versions(item, facts)) if question else Choice(Unavailable("no such name"))
