"""Which addresses the channels of a file stand for: a pure function of what is written and of conda's configuration.

py-rattler does not do this (it takes `defaults` for a channel of that name), so it is done here, as conda does it:
scheme, path, several channels under one name, channels with an address of their own, the alias for the rest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from envls.url import SCHEME, Url, redact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from envls.facts import Channels
    from envls.world.condarc import Condarc

_ANACONDA = "https://repo.anaconda.com"
_OF_ANACONDA = frozenset(f"pkgs/{name}" for name in ("main", "r", "msys2", "free", "pro", "mro", "archive"))
_SUBDIR = re.compile(r"(?:linux|osx|win|freebsd|zos|emscripten|wasi)-[a-z0-9_]+|noarch")
_PATH = re.compile(r"\.{1,2}(?:[/\\]|$)|~|[/\\]|[A-Za-z]:[/\\]")
VARIABLE = re.compile(r"\$\{?[A-Za-z_]")
HAS_VARIABLE = "its address has a variable, which is not sent to anybody"
"""A file must not be able to send what the environment holds; conda and pip put the value in."""
_DEEPEST = 4
"""How far a name for several channels may name another one."""


@dataclass(frozen=True, slots=True)
class ChannelAt:
    """One channel: the name a person knows it by, its address, the only subdir when it is written with one.

    `problem` says why it cannot be asked at all.
    """

    name: str
    url: Url
    subdir: str = ""
    problem: str = ""


def expand(channels: Channels, config: Condarc) -> tuple[ChannelAt, ...]:
    """Where conda looks, in order, each place once. With `configured` the user's channels follow, but not after
    `nodefaults`, which is what conda takes that word for."""
    found: list[ChannelAt] = []
    listed = list(channels.listed)
    if channels.configured and "nodefaults" not in listed:
        listed += config.channels
    for channel in listed:
        written = channel.revealed if isinstance(channel, Url) else channel.strip()
        if written and written != "nodefaults":
            found += _places(written, config, channels.platform, 0)
    return tuple(dict.fromkeys(found))


def _places(written: str, config: Condarc, platform: str, depth: int) -> Iterator[ChannelAt]:
    several = _several(written, config, platform)
    if several is None:
        yield _place(written, config)
    elif depth < _DEEPEST:
        for channel in several:
            yield from _places(channel, config, platform, depth + 1)


def _several(name: str, config: Condarc, platform: str) -> tuple[str, ...] | None:
    """The channels that one name stands for."""
    if name in config.custom_multichannels:
        return config.custom_multichannels[name]
    if name != "defaults":
        return None
    if config.default_channels is not None:
        return config.default_channels
    names = ("main", "r", "msys2") if platform.startswith("win") else ("main", "r")
    return tuple(f"{_ANACONDA}/pkgs/{name}" for name in names)


def _place(written: str, config: Condarc) -> ChannelAt:
    if SCHEME.match(written):
        return _at_url(written, config)
    if written == "local":
        return ChannelAt(written, Url(""), problem="local builds are not looked at")
    if _PATH.match(written):
        path = Path(written).expanduser() if written.startswith("~") else Path(written)
        if not path.is_absolute():
            return ChannelAt(written, Url(""), problem="a relative path")
        return ChannelAt(written, Url(path.as_uri()))
    name, subdir = _without_subdir(written.strip("/"))
    base = _base(name, config)
    return ChannelAt(_shown(f"{base}/{name}", base), Url(f"{base}/{name}"), subdir)


def _at_url(written: str, config: Condarc) -> ChannelAt:
    address, subdir = _without_subdir(written.rstrip("/"))
    below = next((base for base in (config.channel_alias, _ANACONDA) if address.startswith(base + "/")), "")
    problem = HAS_VARIABLE if VARIABLE.search(address) else ""
    return ChannelAt(_shown(address, below), Url(address), subdir, problem)


def _shown(address: str, base: str) -> str:
    """The name a person knows a channel by: without what all channels have before it, and without any secret."""
    return re.sub(r"^t/…/", "", redact(address).removeprefix(redact(base) + "/")) if base else redact(address)


def _base(name: str, config: Condarc) -> str:
    """The address below which a channel of this name stands: its own (or its parent's), Anaconda's, or the alias."""
    parts = name.split("/")
    for count in range(len(parts), 0, -1):
        base = config.custom_channels.get("/".join(parts[:count]))
        if base is not None:
            return base.rstrip("/")
    return _ANACONDA if "/".join(parts[:2]) in _OF_ANACONDA else config.channel_alias


def _without_subdir(address: str) -> tuple[str, str]:
    before, _, last = address.rpartition("/")
    return (before, last) if before and _SUBDIR.fullmatch(last) else (address, "")
