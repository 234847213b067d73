"""A channel, seen from one platform: what is asked of it, and under which names that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envls.world.repodata import Keys
from envls.world.shelf import source_name

if TYPE_CHECKING:
    from envls.world.channels import ChannelAt


class Place(NamedTuple):
    """A channel, seen from one platform. `source` is what it is called in the store."""

    channel: ChannelAt
    source: str
    subdirs: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.source} {self.subdirs[0]}"

    @property
    def shown(self) -> str:
        """For a person."""
        return f"{self.channel.name} ({self.subdirs[0]})"

    def keys(self, *, cached: bool = False) -> Keys:
        """Those for what the channel says, or for what other tools have kept of it."""
        conda = "conda cached" if cached else "conda"
        return Keys(f"{conda} whole {self.key}", f"{conda} names {self.key}", f"{conda} records {self.key} ")


def place_of(channel: ChannelAt, platform: str) -> Place:
    """Call it in a thread (see `source_name`)."""
    subdirs = tuple(dict.fromkeys((channel.subdir or platform, "noarch")))
    return Place(channel, source_name(channel.url), subdirs)
