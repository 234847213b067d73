"""What an environment file says around the cursor, and what the other environment files of the project say."""

from __future__ import annotations

from envls import target
from envls.assist.items import Here
from envls.facts import Answer, Channels, Facts, Known, Package, Pending, Unavailable, Unpacked
from envls.formats.conda import environment, matchspec, requirement
from envls.formats.conda.environment import Dependency, EnvironmentFile, Requirement, Within
from envls.runs import environment_files
from envls.syntax import EMPTY, Scalar

_MOST_FILES = 20
_NO_PLACE = Scalar(0, EMPTY)


def content_of(here: Here) -> EnvironmentFile:
    """What the file says; one that was not recognised yet is read as an environment file all the same."""
    content = here.document.content
    return content if isinstance(content, EnvironmentFile) else environment.read(here.document.tree)


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


def conda_package(name: str, channel: str, content: EnvironmentFile, facts: Facts) -> Answer[Package]:
    """What the channels say of a package; where they cannot be asked, what of it is unpacked on this machine."""
    spec = matchspec.parse(f"{channel}::{name}" if channel else name)
    dependency = Dependency(_NO_PLACE, 0, spec, within(content))
    question = next(iter(target.conda_packages(dependency, facts)), None)
    answer = facts.ask(question) if question else Unavailable("no such name")
    unpacked = facts.ask(Unpacked(question.name)) if question and isinstance(answer, Unavailable) else answer
    return unpacked if isinstance(unpacked, Known | Pending) else answer


def pip_package(name: str, content: EnvironmentFile, facts: Facts) -> Answer[Package]:
    question = target.pip_package(Requirement(_NO_PLACE, 0, requirement.parse(name), within(content)))
    return facts.ask(question) if question else Unavailable("no such name")
