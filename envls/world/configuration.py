"""What the user has configured, read from disk at most every few seconds: conda's files, pip's files, and trust.

Called in lanes (it reads files); the same values serve a burst of questions.
"""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from envls.url import SCHEME
from envls.world.condarc import read_condarc
from envls.world.pip_config import read_pip_config
from envls.world.trust import Trust, refusal_when_resolved

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from envls.url import Url
    from envls.world.condarc import Condarc
    from envls.world.pip_config import PipConfig
    from envls.world.settings import Settings

YOUNG = 10.0
"""Seconds for which what was read counts."""


class Configuration:
    """The configuration as it is now."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._read: tuple[float, Condarc, PipConfig] | None = None
        self._resolved: dict[str, tuple[float, str | None]] = {}

    def conda(self) -> Condarc:
        return self._now()[0]

    def pip(self) -> PipConfig:
        return self._now()[1]

    def envs_dirs(self) -> Sequence[Path]:
        return self.conda().envs_dirs

    def refusal(self, url: Url) -> str | None:
        """Why `url` may not be asked; None when it may. May resolve a name, once in a while."""
        trust = Trust(self.settings, self._own_hosts())
        if (reason := trust.refusal(url)) or trust.is_known(url.host):
            return reason
        since, leads_to = self._resolved.get(url.host, (0.0, None))
        if time.monotonic() - since > YOUNG:
            leads_to = refusal_when_resolved(url)
            self._resolved[url.host] = time.monotonic(), leads_to
        return leads_to

    def conda_refusal(self, url: Url) -> str | None:
        """The same for channels, where conda's own configuration may say offline."""
        if url.scheme != "file" and self.conda().offline:
            return "offline (conda's configuration)"
        return self.refusal(url)

    def problems(self) -> Sequence[tuple[str, str]]:
        """What of the configuration cannot be read, as far as it has been looked at."""
        read = self._read
        return (
            [] if read is None else [("configuration", problem) for problem in (*read[1].problems, *read[2].problems)]
        )

    def forget(self) -> None:
        self._read = None

    def _own_hosts(self) -> frozenset[str]:
        conda, pip = self._now()
        addresses = (
            conda.channel_alias,
            *conda.channels,
            *(conda.default_channels or ()),
            *conda.custom_channels.values(),
            *(channel for channels in conda.custom_multichannels.values() for channel in channels),
        )
        return pip.hosts | {host for host in map(_host, addresses) if host}

    def _now(self) -> tuple[Condarc, PipConfig]:
        with self._lock:
            read = self._read
            if read is None or time.monotonic() - read[0] > YOUNG:
                read = self._read = time.monotonic(), read_condarc(os.environ), read_pip_config(os.environ)
            return read[1], read[2]


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower() if SCHEME.match(address) else ""
    except ValueError:
        return ""
