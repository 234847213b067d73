"""What channels are called, however they are written."""

from __future__ import annotations

from functools import lru_cache

from envls.formats.conda.environment import ChannelRef, EnvironmentFile
from envls.formats.conda.matchspec import PLATFORMS


def conda_forge(file: EnvironmentFile) -> tuple[ChannelRef, int] | None:
    """Where conda-forge stands in the channels."""
    for number, channel in enumerate(file.channels):
        if channel_name(channel.node.value) == "conda-forge":
            return channel, number
    return None


@lru_cache(maxsize=256)
def channel_names(channels: tuple[str, ...]) -> frozenset[str]:
    return frozenset(channel_name(channel) for channel in channels)


@lru_cache(maxsize=1024)
def channel_name(channel: str) -> str:
    """A channel without its host and platform; the parts of `defaults` as one."""
    parts = [part for part in channel.strip().rstrip("/").split("/") if part]
    if parts and parts[-1] in PLATFORMS:
        parts.pop()
    if len(parts) > 1 and parts[-2] == "pkgs":
        return "defaults"
    return parts[-1] if parts else ""
