"""Which hosts may be asked: the law of privacy of this room, as a pure function of the settings and an address.

Names of packages go to well-known public hosts and to hosts of the user's own configuration. A host that only a
file names is asked in a trusted workspace (or with `--trust`) only; metadata and link-local addresses never.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ipaddress
    from collections.abc import Sequence
    from pathlib import PurePath

    from envls.url import Url
    from envls.world.settings import Settings

PUBLIC = frozenset(
    {
        *("conda.anaconda.org", "repo.anaconda.com", "repo.continuum.io", "conda-static.anaconda.org"),
        *("repo.prefix.dev", "prefix.dev", "fast.prefix.dev", "conda.modular.com", "conda.mosaicml.com"),
        *("download.pytorch.org", "pypi.nvidia.com"),
    }
)
"""Hosts that anybody may ask: they serve public packages to everybody."""
_METADATA_HOSTS = frozenset(
    {
        *("metadata.google.internal", "metadata.goog", "metadata", "instance-data", "instance-data.ec2.internal"),
        *("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254"),
    }
)


@dataclass(frozen=True, slots=True)
class Trust:
    """`own` are the hosts that the user's configuration names, `unencrypted` those that it names with `http:`."""

    settings: Settings
    own: frozenset[str] = frozenset()
    unencrypted: frozenset[str] = frozenset()

    def refusal(self, url: Url) -> str | None:
        """Why `url` may not be asked; None when it may. Looks at no network."""
        host = url.host.rstrip(".")
        if url.scheme == "file" and host in ("", "localhost"):
            return None
        if url.scheme not in ("http", "https", "file"):
            return f"an address that begins with {url.scheme}: cannot be asked"
        if not host:
            return "an address without a host"
        if is_metadata(host):
            return f"{host} is never asked: a metadata or link-local address"
        if self.settings.offline and url.scheme != "file":
            return "offline"
        if not self.is_known(host) and not (self.settings.trusted or self.settings.trust_all):
            return f"{host} is not trusted: only the file names it"
        return None

    def may_see_credentials(self, url: Url) -> bool:
        """Whether what the user keeps for the host of `url` may be sent there: unencrypted only where the user's own
        configuration says so, since a file may write `http:` to have it read on the way."""
        return url.scheme == "https" or url.host in self.unencrypted

    def is_known(self, host: str) -> bool:
        """Whether somebody other than a file vouches for the host."""
        return host in PUBLIC or host in self.own or host in self.settings.trusted_hosts


def refusal_of_path(path: PurePath | None, settings: Settings, folders: Sequence[PurePath]) -> str | None:
    """Why a path may not be looked at; None when it may.

    On Windows a path may name a host (`\\\\host\\share`), and opening it greets that host with the user's credentials.
    """
    if path is None or not path.drive.startswith("\\\\") or re.match(r"\\\\[?.]\\[A-Za-z]:", path.drive):
        return None
    if settings.trusted or settings.trust_all or any(folder == path or folder in path.parents for folder in folders):
        return None
    return "it stands on another host, which is not trusted"


def is_metadata(host: str) -> bool:
    """Whether a host is where clouds keep the secrets of a machine, however it is spelt."""
    host = host.lower().strip("[]").partition("%")[0].rstrip(".")
    if host in _METADATA_HOSTS:
        return True
    address = _address(host)
    return address is not None and (address.is_link_local or str(address) in _METADATA_HOSTS)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    import ipaddress  # noqa: PLC0415 - 3 ms that a look must not pay
    import socket  # noqa: PLC0415

    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        try:
            return ipaddress.IPv4Address(socket.inet_aton(host))  # 0xA9FEA9FE, 2852039166, 0251.0376.0251.0376
        except (OSError, UnicodeError):
            return None
    mapped = address.ipv4_mapped or address.sixtofour if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
