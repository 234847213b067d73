"""Both names of an address: the real one, and the one by which py-rattler knows it. Pure.

py-rattler only ever speaks plain http, and only to the forward proxy of this room (`proxy`), which asks the real
address. `https://user:secret@host/t/token/channel` is `http://host:1/channel` to it: so no secret is in its messages
and its cache, its cache is found again by the next session, and what it keeps of credentials for `host` still fits.
Port 1 stands for https on its usual port: an address that got past the proxy would lead nowhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlsplit

from envls.url import Url
from envls.world.shelf import FailedError

if TYPE_CHECKING:
    from collections.abc import Mapping

_HTTPS_PORT, _INSTEAD = 443, 1
_TOKEN = re.compile(r"/t/([^/]*)(?=/)")
_MOST_LEARNT = 32
"""Hosts beside those of channels that channels may have their files on."""


class Outside(NamedTuple):
    """`url` has the secrets that belong to its channel. `token` is a conda token that rattler has put in front of the
    path, "" for none; `host` the real one, in lower case; `channel` as py-rattler knows it, "" for none."""

    url: Url
    token: str
    host: str
    channel: str


class Routes:
    """The addresses that have been named so far."""

    def __init__(self) -> None:
        self._real: dict[str, str] = {}
        self._channels: dict[str, tuple[str, str]] = {}
        self._learnt: dict[str, str] = {}
        self._unencrypted: set[str] = set()

    def enter(self, url: Url) -> str:
        """The address by which py-rattler shall know the channel at `url`. Raises FailedError."""
        try:
            parts = urlsplit(url.revealed)
            inside = self._origin(parts.scheme.lower(), parts.hostname or "", parts.port)
        except ValueError:
            raise FailedError("its address cannot be read") from None
        path = _quoted(parts.path.rstrip("/")) + "/"
        channel = (inside + _TOKEN.sub("", path, count=1)).rstrip("/")
        self._channels[channel] = path, parts.netloc.rpartition("@")[0]
        return channel

    def learn(self, authority: str) -> None:
        """Some channel has its files at `https://{authority}`: py-rattler has asked for a tunnel there."""
        host, _, port = authority.rpartition(":")
        if not (port.isdigit() and host) or len(self._learnt) == _MOST_LEARNT:
            return
        inside, real = _encrypted(host.strip("[]").lower(), int(port))
        if inside not in self._unencrypted:
            self._real[inside] = real
            self._learnt[f"{real}/"] = f"{inside}/"

    @property
    def mirrors(self) -> Mapping[str, str]:
        """Addresses that py-rattler shall ask instead of others."""
        return dict(self._learnt)

    def outside(self, target: str) -> Outside | None:
        """The real address of what py-rattler asks for; None where it is none."""
        try:
            parts = urlsplit(target)
            host = (parts.hostname or "").lower()
            origin = f"{parts.scheme}://{parts.netloc.lower()}"
        except ValueError:
            return None
        if parts.scheme != "http" or not host or "@" in parts.netloc:
            return None
        match = _TOKEN.match(parts.path)
        path, token = (parts.path[match.end() :], match[1]) if match else (parts.path, "")
        below = (known for known in self._channels if (origin + path).startswith(known + "/"))
        channel = max(below, key=len, default="")
        real = self._real.get(origin, origin)
        if channel:
            prefix, userinfo = self._channels[channel]
            path = prefix + (origin + path)[len(channel) + 1 :]
            real = real.replace("://", f"://{userinfo}@", 1) if userinfo else real
        return Outside(Url(real + path), token, host, channel)

    def _origin(self, scheme: str, host: str, port: int | None) -> str:
        """By which address py-rattler knows a host of a channel."""
        host = host.lower()
        if scheme not in ("http", "https") or not re.fullmatch(r"[\w.:%-]+", host):
            raise FailedError("its address cannot be asked")
        if scheme == "https":
            inside, real = _encrypted(host, port)
            self._real[inside] = real
            return inside
        inside = f"http://{_bracketed(host)}" + (f":{port}" if port not in (None, 80) else "")
        self._unencrypted.add(inside)  # what some other channel says of the host does not count
        self._real.pop(inside, None)
        return inside


def _encrypted(host: str, port: int | None) -> tuple[str, str]:
    """How py-rattler knows the origin of an https address, and the real one."""
    at = _bracketed(host)
    if port in (None, _HTTPS_PORT):
        return f"http://{at}:{_INSTEAD}", f"https://{at}"
    return f"http://{at}:{port}", f"https://{at}:{port}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _quoted(path: str) -> str:
    """As py-rattler will write it."""
    return quote(path, safe="/%!$&'()*+,;=:@~")
