"""For which platforms, channels and indexes a file is judged: for its target, not for this machine.

A conda file that a managed run uses is judged for linux-64 and for its own channels; one that declares `platforms`
for each of them; else for the platform that the user has set; else for this machine. Where no managed run uses the
file, the user's own channels count as well.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import PurePath

from envls.document import Document
from envls.facts import Channels, CondaPackage, Facts, Indexes, Installed, Pending, PipPackage, ProjectFiles
from envls.formats.azureml import v1, v2
from envls.formats.conda.environment import Dependency, EnvironmentFile, Requirement, Within
from envls.formats.conda.environment_keys import SUBDIRS
from envls.formats.conda.matchspec import PLATFORMS, MatchSpec
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
    """Whether a managed run is made from this conda file, or from the packages in this file; None while that is not known."""
    content = document.content
    if isinstance(content, v2.Definition):
        return True
    if isinstance(content, v1.RunConfiguration | v1.EnvironmentSection):
        section = content.environment if isinstance(content, v1.RunConfiguration) else content
        return section is not None and not section.user_managed
    if content is not None and not isinstance(content, EnvironmentFile):
        return False
    name = content.name.value if content and content.name else ""
    uses = uses_of(document.path, name, facts)
    if uses is None:
        return None
    if uses:
        return any(use.managed for use in uses)
    return is_managed_folder(document.path)


def is_managed_perhaps(document: Document, facts: Facts) -> bool | None:
    """The same for whoever only helps: where it cannot be found out, the folder of the file decides."""
    managed = is_managed(document, facts)
    if managed is None and not isinstance(facts.ask(ProjectFiles(document.path)), Pending):
        return is_managed_folder(document.path)
    return managed


# -- platforms ------------------------------------------------------------------------------------------------


def platforms(within: Within, facts: Facts) -> tuple[str, ...]:
    """The platforms (conda subdirs) that a file is judged for; none while it is not known whether a managed run uses it."""
    return () if facts.managed is None else _platforms(within, facts.managed, facts.platform)


@lru_cache(maxsize=256)
def _platforms(within: Within, managed: bool, chosen: str) -> tuple[str, ...]:
    if managed:
        return (MANAGED,)
    return _declared(within) or (chosen or this_platform(),)


def _declared(within: Within) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in within.platforms if one in PLATFORMS and one != "noarch"))


def other_platforms(judged: Iterable[str]) -> tuple[str, ...]:
    """Those where packages are most often built, without the ones that a file is judged for."""
    there = set(judged)
    return tuple(one for one in SUBDIRS if one in _COMMON and one not in there)


_COMMON = frozenset(("linux-64", "osx-64", "osx-arm64", "win-64"))


def is_told(within: Within, facts: Facts) -> bool:
    """Whether anybody has said for which platform the file is; else it is judged for this machine."""
    return bool(facts.managed or facts.platform or _declared(within))


def reason(within: Within, facts: Facts) -> str:
    """Why a file is judged for its platforms, as a phrase."""
    if facts.managed:
        return "a managed run uses this file"
    if _declared(within):
        return "the file's `platforms`"
    return "the setting `platform`" if facts.platform else "this machine"


def is_for_this_machine(within: Within, facts: Facts) -> bool:
    """Whether a file describes an environment that may be one of this machine."""
    return this_platform() in platforms(within, facts)


# -- what to ask ----------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _channels(within: Within, managed: bool, subdir: str) -> Channels:
    listed = tuple(Url(channel) if SCHEME.match(channel) else channel for channel in within.channels)
    return Channels(listed, subdir, configured=not managed and "nodefaults" not in within.channels)


@lru_cache(maxsize=1024)
def _channel(written: str, subdir: str) -> Channels:
    return Channels((Url(written) if SCHEME.match(written) else written,), subdir)


def channels(within: Within, facts: Facts, *, only: str = "") -> tuple[Channels, ...]:
    """Where conda looks for what stands in the file, for each platform; on one channel `only` where a spec names it."""
    subdirs = platforms(within, facts)
    if only:
        return tuple([_channel(only, subdir) for subdir in subdirs])
    return tuple([_channels(within, bool(facts.managed), subdir) for subdir in subdirs])


def indexes(within: Within) -> Indexes:
    """Where pip looks for what stands in the file's `pip` section."""
    return _indexes(within)


@lru_cache(maxsize=256)
def _indexes(within: Within) -> Indexes:
    return Indexes(within.index, within.extra_indexes, within.find_links, within.no_index)


def is_package(spec: MatchSpec) -> bool:
    """Whether a spec names a single package that a channel can have."""
    return bool(spec.name) and not (
        spec.problem is not None or spec.archive or spec.feature or "*" in spec.name or spec.name.startswith("__")
    )


def conda_packages(dependency: Dependency, facts: Facts) -> tuple[CondaPackage, ...]:
    """What to ask of a dependency, for each platform; empty where it names no single package, or nothing is known."""
    spec = dependency.spec
    if not is_package(spec):
        return ()
    return tuple(
        [CondaPackage(spec.name, where) for where in channels(dependency.within, facts, only=channel_of(spec))]
    )


def channel_of(spec: MatchSpec) -> str:
    """The channel that a spec itself names, "" for none."""
    if spec.channel:
        return spec.channel.text
    return dict(spec.fields).get("channel", "") if spec.fields else ""


def pip_package(requirement: Requirement) -> PipPackage | None:
    """What to ask of a line of the `pip` section; None where no index has it."""
    line = requirement.line
    if line.kind != "requirement" or not line.name or line.problem:
        return None
    return PipPackage(line.name, _indexes(requirement.within))


@lru_cache(maxsize=256)
def installed(within: Within) -> Installed | None:
    """Which environment of this machine a file describes; None where it names none.

    The `prefix` of another machine leads nowhere, and one that is left from the file of another environment ends in
    another name.
    """
    prefix = PurePath(within.prefix) if within.prefix else None
    if prefix is not None and within.name not in ("", prefix.name):
        prefix = None
    return Installed(within.name, prefix) if within.name or prefix else None
