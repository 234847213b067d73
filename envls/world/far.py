"""The sources that know of packages and environments, and what they share: configuration, shelf, lanes.

Imported with the first question that needs one of them, so that a look at files pays for none.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from envls.facts import (
    CondaNames,
    CondaPackage,
    Installed,
    LockBeside,
    PipPackage,
    Satisfies,
    Satisfying,
    Twin,
    Unpacked,
    Vulnerabilities,
)
from envls.world import installed, locks, matching, pieces, satisfying, shelf, twins, unpacked, vulnerabilities
from envls.world.conda import CondaChannels
from envls.world.configuration import Configuration
from envls.world.index import PipIndexes
from envls.world.installed import Environments
from envls.world.lanes import Lane, LoopThread
from envls.world.locks import Locks
from envls.world.matching import Matching
from envls.world.satisfying import Satisfied
from envls.world.shelf import Shelf, StoreLane
from envls.world.source import Source
from envls.world.third_party import ThirdParty
from envls.world.twins import Twins
from envls.world.unpacked import PackageCaches
from envls.world.vulnerabilities import Advisories

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import PurePath

    from envls.facts import Look, Question
    from envls.world.conda import Meanwhile
    from envls.world.settings import Settings
    from envls.world.wholes import Progress

PARALLEL = 4 * shelf.PARALLEL
"""Requests under way at once to pip's indexes, so that one that hangs leaves room for the others."""
PATIENCE = 1.0
"""Seconds that the end waits for the disk."""


class Far:
    """Builds the sources once, and ends them."""

    def __init__(
        self,
        settings: Settings,
        disk: Lane,
        projects: Callable[[], Sequence[PurePath]],
        look: Look,
        meanwhile: Meanwhile,
        progress: Progress,
    ) -> None:
        self.configuration = Configuration(settings)
        self._reading = StoreLane("store", settings.cache)
        self._writing = StoreLane("keeping", settings.cache)
        self._index_lane = Lane("index", PARALLEL)
        self._others_lane = Lane("others", shelf.PARALLEL)
        self._config_lane = Lane("configuration", 2)  # may resolve names, which must not hold up files
        self._conda_thread = LoopThread("conda")
        self._shelf = Shelf(self._reading, self._writing)
        self._channels = CondaChannels(
            self._config_lane, self._conda_thread, self._shelf, self.configuration, meanwhile, progress
        )
        indexes = PipIndexes(self._index_lane, disk, self._shelf, self.configuration)
        names = Twins(self._third_party(twins.ADDRESS), disk, self._shelf, self.configuration)
        osv = self._third_party(vulnerabilities.ADDRESS)
        advisories = Advisories(osv, disk, self._shelf, self.configuration, look, names)
        environments = Environments(disk, self.configuration.envs_dirs, projects)
        self.sources: dict[type[Question[Any]], Source] = {
            Installed: Source(environments.installed, installed.AGE),
            LockBeside: Source(Locks(disk, projects).beside, locks.AGE),
            Unpacked: Source(PackageCaches(disk, self.configuration).unpacked, unpacked.AGE),
            Satisfies: Source(Matching(disk).satisfies, matching.AGE),
            PipPackage: Source(indexes.package, shelf.YOUNGEST),
            CondaPackage: Source(self._channels.package, pieces.AGE),
            Satisfying: Source(Satisfied(look, self._conda_thread).versions, satisfying.AGE),
            CondaNames: Source(self._channels.names, pieces.AGE_OF_NAMES),
            Twin: Source(names.twin, twins.AGE),
            Vulnerabilities: Source(advisories.vulnerabilities, vulnerabilities.AGE),
        }

    def _third_party(self, address: str) -> ThirdParty:
        return ThirdParty(address, self._others_lane, self.configuration)

    def configure(self, settings: Settings) -> None:
        self.configuration.settings = settings
        self.configuration.forget()
        self._shelf.forgive()

    def status(self) -> Sequence[tuple[str, str]]:
        return [*self.configuration.problems(), *self._shelf.failing()]

    async def aclose(self) -> None:
        """Asks nothing more. What has been said is written, unless the disk takes too long."""
        await _patiently(asyncio.gather(self._shelf.aclose(), self._channels.aclose()))
        await _patiently(asyncio.gather(self._reading.aclose(), self._writing.aclose()))
        await _patiently(Lane("end", 1).run(self._end))
        self._index_lane.close()
        self._others_lane.close()
        self._config_lane.close()

    def _end(self) -> None:
        self._conda_thread.close().wait(PATIENCE)


async def _patiently(ending: Awaitable[Any]) -> None:
    await asyncio.wait((asyncio.ensure_future(ending),), timeout=PATIENCE)
