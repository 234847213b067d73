"""What of a conda package is on this machine already: unpacked, for whatever environment, by conda, mamba or pixi."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from envls.facts import Absent, Answer, Known, Package, Release
from envls.world.about import UnpackedPackages, package_folders
from envls.world.environments import home_folder, installations

if TYPE_CHECKING:
    from envls.facts import Unpacked
    from envls.world.configuration import Configuration
    from envls.world.lanes import Lane

AGE = 300.0
"""Seconds after which the caches are looked at again."""
WHERE = "this machine's package cache"


class PackageCaches:
    """Answers Unpacked."""

    def __init__(self, lane: Lane, configuration: Configuration) -> None:
        self._lane = lane
        self._configuration = configuration
        self._unpacked = UnpackedPackages()

    async def unpacked(self, question: Unpacked, *, fresh: bool) -> Answer[Package]:
        del fresh
        return await self._lane.run(lambda: self._answer(question.name))

    def _answer(self, name: str) -> Answer[Package]:
        """None of the versions is called the newest: others may be newer."""
        home = home_folder()
        roots = installations(os.environ, home)
        folders = tuple(package_folders(self._configuration.conda().pkgs_dirs, roots, home))
        builds = self._unpacked.builds(name, folders)
        if not builds:
            return Absent(WHERE)
        releases = tuple(Release(version, builds=tuple(builds[version])) for version in _newest_first(builds))
        about = self._unpacked.about(name, folders)
        return Known(
            Package(name, releases, "", about.summary, about.licence, about.links, WHERE, complete=False), WHERE
        )


def _newest_first(versions: dict[str, list[str]]) -> list[str]:
    """In conda's order; what is no version to it comes last."""
    from rattler import Version  # noqa: PLC0415 - 60 ms, in a thread
    from rattler.exceptions import InvalidVersionError  # noqa: PLC0415

    known: list[tuple[Version, str]] = []
    for version in versions:
        try:
            known.append((Version(version), version))
        except InvalidVersionError:
            continue
    ordered = [version for _, version in sorted(known, reverse=True)]
    return ordered + [version for version in versions if version not in ordered]
