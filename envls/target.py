"""For which platform, channels and indexes a file is judged: for its target, not for this machine.

A conda file that a managed run uses is judged for linux-64 and for its own channels; one that declares
`platforms` for the first of those; else this machine and the user's configuration count.
"""

from __future__ import annotations

import platform
import sys
from functools import lru_cache

from envls.document import Document
from envls.facts import Channels, CondaPackage, Facts, Indexes, PipPackage
from envls.formats.conda.environment import Dependency, EnvironmentFile, Requirement, Within
from envls.runs import is_managed_folder, uses_of
from envls.url import SCHEME, Url

MANAGED = "linux-64"


@lru_cache(maxsize=1)
def this_platform() -> str:
    """The conda subdir of this machine."""
    machine = platform.machine().lower()
    arm = machine in ("arm64", "aarch64")
    if sys.platform == "win32":
        return "win-arm64" if arm else "win-64"
    if sys.platform == "darwin":
        return "osx-arm64" if arm else "osx-64"
    return "linux-aarch64" if arm else "linux-ppc64le" if machine == "ppc64le" else "linux-64"


def is_managed(document: Document, facts: Facts) -> bool | None:
    """Whether a managed run is made from this conda file; None while that is not known."""
    content = document.content
    name = content.name.value if isinstance(content, EnvironmentFile) and content.name else ""
    uses = uses_of(document.path, name, facts)
    if uses is None:
        return None
    if uses:
        return any(use.managed for use in uses)
    return is_managed_folder(document.path)


def channels(within: Within, *, managed: bool = False) -> Channels:
    """Where conda looks for what stands in the file."""
    subdir = within.platforms[0] if within.platforms else MANAGED if managed else this_platform()
    listed = tuple(Url(channel) if SCHEME.match(channel) else channel for channel in within.channels)
    return Channels(listed, subdir, configured=not managed and "nodefaults" not in within.channels)


def indexes(within: Within) -> Indexes:
    """Where pip looks for what stands in the file's `pip` section."""
    return Indexes(within.index, within.extra_indexes)


def conda_package(dependency: Dependency, *, managed: bool = False) -> CondaPackage | None:
    """What to ask of a dependency; None where it names no single package."""
    spec = dependency.spec
    if spec.problem or not spec.name or "*" in spec.name or spec.archive or spec.name.startswith("__"):
        return None
    where = channels(dependency.within, managed=managed)
    written = spec.channel.text if spec.channel else dict(spec.fields).get("channel", "")
    if written:
        where = Channels((Url(written) if SCHEME.match(written) else written,), where.platform)
    return CondaPackage(spec.name, where)


def pip_package(requirement: Requirement) -> PipPackage | None:
    """What to ask of a line of the `pip` section; None where no index has it."""
    line = requirement.line
    if line.kind != "requirement" or not line.name or line.problem:
        return None
    return PipPackage(line.name, indexes(requirement.within))
