"""Which addresses the channels of a file stand for: a pure function of what is written and of conda's configuration.

py-rattler does not do this (it takes `defaults` for a channel of that name), so it is done here, as conda does it
(`conda/models/channel.py`): an address is taken apart into where channels are (`location`), the
name of one, and credentials; what the configuration says of a location or a name completes what the file leaves out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import urlsplit

from envls.url import SCHEME, Url, redact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from envls.facts import Channels
    from envls.world.condarc import Condarc

T = TypeVar("T")
_ANACONDA = "https://repo.anaconda.com"
_SUBDIR = re.compile(r"(?:linux|osx|win|freebsd|zos|emscripten|wasi)-[a-z0-9_]+|noarch")
_PATH = re.compile(r"\./|\.\.|~|/|[A-Za-z]:[/\\]|\\\\")
_TOKEN = re.compile(r"/t/([^/]*)(?=/|$)")
_NO_NAME = re.compile(r"[\s=<>!|,;'\"#*]")
"""What no channel is called. Packages stand among the channels for as long as `dependencies:` is being typed."""
MOST_LISTED = 32
"""Channels that are asked for one file: more are no channels, and nobody is to be asked for each of them."""
_PACKAGE = re.compile(r"/[^/]+\.(?:conda|tar\.bz2|json)$")
VARIABLE = re.compile(r"\$\{?[A-Za-z_]")
HAS_VARIABLE = "its address has a variable, which is not sent to anybody"
"""A file must not be able to send what the environment holds; conda and pip put the value in."""


@dataclass(frozen=True, slots=True)
class ChannelAt:
    """One channel: the name a person knows it by, its address, the subdir when it is written with one.

    `problem` says why it cannot be asked at all.
    """

    name: str
    url: Url
    subdir: str = ""
    problem: str = ""


class _Place(NamedTuple):
    """A channel as conda takes it apart: `location` is the host (and port) with the path before the channel's name."""

    scheme: str
    auth: str
    location: str
    token: str
    name: str

    @property
    def address(self) -> str:
        """Without credentials: by this conda tells channels apart."""
        return f"{self.scheme}://{_joined(self.location, self.name)}"

    @property
    def url(self) -> Url:
        token = f"t/{self.token}" if self.token else ""
        auth = f"{self.auth}@" if self.auth else ""
        return Url(f"{self.scheme}://{auth}{_joined(self.location, token, self.name)}")


def expand(channels: Channels, config: Condarc) -> tuple[ChannelAt, ...]:
    """Where conda looks, in order, each place once. With `configured` the user's channels follow, but not after
    `nodefaults`, which is what conda takes that word for."""
    reader = _Reader(config, channels.platform)
    listed = list(channels.listed)
    if channels.configured and "nodefaults" not in listed:
        listed += config.channels
    found: list[ChannelAt] = []
    for channel in listed:
        written = channel.revealed if isinstance(channel, Url) else channel.strip()
        if not written or written == "nodefaults":
            continue
        if len(found) < MOST_LISTED:
            found += reader.read(written)
        else:
            found.append(ChannelAt(str(channel), Url(""), problem="there are too many channels to ask all"))
    return tuple(dict.fromkeys(found))


class _Reader:
    """The configuration, taken apart for one platform."""

    def __init__(self, config: Condarc, platform: str) -> None:
        self._alias = _split(config.channel_alias)
        names = ("main", "r", "msys2") if platform.startswith("win") else ("main", "r")
        default = config.default_channels
        several = {
            **config.custom_multichannels,
            "defaults": default if default is not None else [f"{_ANACONDA}/pkgs/{name}" for name in names],
        }
        self._several = {name: [self._simple(item) for item in items] for name, items in several.items()}
        self._custom = {place.name: place for places in self._several.values() for place in places}
        custom = config.custom_channels or {"pkgs/pro": _ANACONDA}
        self._custom.update({name.strip("/"): self._simple(address, name) for name, address in custom.items()})
        self._migrated_aliases = [_split(address).location for address in config.migrated_channel_aliases]
        self._migrated = {name: _split(address).location for name, address in config.migrated_custom_channels.items()}
        self._allowed = self._addresses(config.allowlist_channels)
        self._denied = self._addresses(config.denylist_channels)

    def read(self, written: str) -> Iterator[ChannelAt]:
        """The channels that one entry of a file stands for."""
        if written == "local":
            yield ChannelAt(written, Url(""), problem="local builds are not looked at")
            return
        if not SCHEME.match(written) and not _PATH.match(written) and _NO_NAME.search(written):
            yield ChannelAt(written, Url(""), problem="no channel is called so")
            return
        if not SCHEME.match(written) and _PATH.match(written):
            yield self._at_path(written)
            return
        places, subdir = self._places(written)
        for place in places:
            problem = HAS_VARIABLE if VARIABLE.search(place.url.revealed) else ""
            if not place.scheme:
                problem = "its address cannot be read"
            if place.address in self._denied or (self._allowed and place.address not in self._allowed):
                problem = "the configuration of conda does not allow it"
            yield ChannelAt(self._shown(place), place.url, subdir, problem)

    def _places(self, written: str) -> tuple[Sequence[_Place], str]:
        if SCHEME.match(written):
            address, subdir = _without_subdir(_PACKAGE.sub("", written.rstrip("/")))
            return [self._of_url(_split(address))], subdir
        name, subdir = _without_subdir(written.strip("/"))
        return self._several.get(name) or [self._of_name(name)], subdir

    def _addresses(self, channels: Sequence[str]) -> frozenset[str]:
        return frozenset(place.address for channel in channels for place in self._places(channel)[0])

    def _at_path(self, written: str) -> ChannelAt:
        path = Path(written).expanduser() if written.startswith("~") else Path(written)
        if not path.is_absolute():  # conda takes it from the folder that it is called in
            return ChannelAt(written, Url(""), problem="a relative path")
        return ChannelAt(written, Url(path.as_uri()))

    def _simple(self, written: str, name: str = "") -> _Place:
        """A channel of the configuration: an address, or the name of one below the alias."""
        if not SCHEME.match(written):
            return self._alias._replace(name=name or written.strip("/"))
        place = _split(written)
        if name:
            return place._replace(name=name.strip("/"))
        if place.location.startswith(self._alias.location):
            rest = place.location.removeprefix(self._alias.location)
            return place._replace(location=self._alias.location, name=rest.strip("/"))
        host, _, path = place.location.partition("/")
        return place._replace(location=host, name=path)

    def _of_name(self, name: str) -> _Place:
        """A channel of this name: where its own address or that of its parent is, else below the alias."""
        parts = name.split("/")
        for count in range(len(parts), 0, -1):
            if place := self._custom.get("/".join(parts[:count])):
                return place._replace(name=name)
        return self._alias._replace(name=name)

    def _of_url(self, said: _Place) -> _Place:
        """What is known of the place that an address leads to; credentials that are written with it come first.

        Unlike conda, what is configured for `https:` is not sent unencrypted because a file writes `http:`.
        """
        known, configured = self._known(said)
        if known.scheme != "https" and configured == "https":
            known = known._replace(auth="", token="")
        return known._replace(auth=said.auth or known.auth, token=said.token or known.token)

    def _known(self, said: _Place) -> tuple[_Place, str]:
        """The place, and the scheme that it is configured with, "" where it is not."""
        where, alias = said.location, self._alias
        if "/" not in where.strip("/"):
            return said._replace(auth="", token=""), ""
        for name, former in _longest_first(self._migrated):
            if (rest := _below(where, _joined(former, name))) is not None:
                place = self._of_name(_joined(name, rest))
                return place, place.scheme
        for former in self._migrated_aliases:
            if where.startswith(former):
                return alias._replace(name=where.removeprefix(former).strip("/")), alias.scheme
        for _, custom in _longest_first(self._custom):
            if (rest := _below(where, _joined(custom.location, custom.name))) is not None:
                return custom._replace(scheme=said.scheme, name=_joined(custom.name, rest)), custom.scheme
        if (rest := _below(where, alias.location)) is not None:
            return alias._replace(scheme=said.scheme, name=rest), alias.scheme
        if said.scheme == "file":
            location, _, name = where.rpartition("/")
            return _Place(said.scheme, "", location or "/", "", name), ""
        host, _, path = where.partition("/")
        if path == "conda" or path.startswith("conda/"):  # Anaconda's own servers
            host, path = f"{host}/conda", path.removeprefix("conda").strip("/")
        return _Place(said.scheme, "", host, "", path), ""

    def _shown(self, place: _Place) -> str:
        """The name a person knows it by: without what all channels have before it."""
        below = (self._alias.location, *(custom.location for custom in self._custom.values()))
        name = re.sub(r"(?:^|(?<=/))t/[^/]+/", "", place.name)  # a token, where somebody has written it with the name
        return name if name and place.location and place.location in below else redact(place.address)


def _split(address: str) -> _Place:
    """An address without its credentials; the name of the channel still stands in `location`. Nothing of one that
    cannot be read."""
    token = _TOKEN.search(address)
    try:
        parts = urlsplit(_TOKEN.sub("", address, count=1))
    except ValueError:
        return _Place("", "", "", "", "")
    auth, _, host = parts.netloc.rpartition("@")
    return _Place(parts.scheme, auth, (host + parts.path).rstrip("/"), token[1] if token else "", "")


def _joined(*parts: str) -> str:
    """`a/b/c`, also where one is empty or ends with a slash; a path of the disk, without a host, stays absolute."""
    start = "/" if parts[0][:1] in ("", "/") else ""
    return start + "/".join(part.strip("/") for part in parts if part.strip("/"))


def _below(where: str, location: str) -> str | None:
    """What of `where` stands below `location`: "" for the very place; None where it stands elsewhere."""
    if where == location:
        return ""
    return where.removeprefix(location + "/") if where.startswith(location + "/") else None


def _longest_first(by_name: Mapping[str, T]) -> list[tuple[str, T]]:
    return sorted(by_name.items(), key=lambda item: len(item[0]), reverse=True)


def _without_subdir(address: str) -> tuple[str, str]:
    before, _, last = address.rpartition("/")
    return (before, last) if before and _SUBDIR.fullmatch(last) else (address, "")
