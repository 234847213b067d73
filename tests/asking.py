"""What a conda environment file asks for, as conda and pip read it: what a safe fix must not change."""

from __future__ import annotations

import re
from typing import TypeAlias

from envls.document import Document
from envls.formats.conda.environment import Dependency, EnvironmentFile, Requirement

Asked: TypeAlias = tuple[object, ...]


def asked(document: Document) -> set[Asked]:
    """One tuple for each line that conda or pip can read; what conda reads over is no part of it."""
    content = document.content
    if not isinstance(content, EnvironmentFile):
        return set()
    conda = {_of_conda(item) for item in content.dependencies if not item.spec.problem}
    return conda | {_of_pip(item) for item in content.requirements if not item.line.problem}


def _of_conda(item: Dependency) -> Asked:
    spec = item.spec
    version, build = spec.wanted
    fields = frozenset((key, value) for key, value in spec.fields if key not in ("version", "build"))
    ignored_glob = re.sub(r"((?:<=?|>)[\d.]+?)\.\*", r"\1", version)  # conda ignores it there
    return "conda", spec.name, ignored_glob, build, spec.channel.text if spec.channel else "", fields


def _of_pip(item: Requirement) -> Asked:
    line = item.line
    version = re.sub(r"\s", "", line.version.text) if line.version else ""
    marker = line.marker.text if line.marker else ""
    options = tuple((option.name, option.meant) for option in line.options)
    value = line.value.text if line.value and line.kind == "path" else ""
    return "pip", line.name, version, frozenset(line.extras), marker, options, line.url and line.url.revealed, value


def lost(before: Document, after: Document) -> set[Asked]:
    """What was asked for and is not any more. A bare name beside another spec of the package asks for nothing."""
    there = asked(after)
    names = {one[:2] for one in there}
    gone = asked(before) - there
    return {one for one in gone if not (one[0] == "conda" and not any(one[2:]) and one[:2] in names)}
