"""What the user has configured, read from disk at most every few seconds: conda's files, pip's files, and trust.

Called in lanes (it reads files); the same values serve a burst of questions.
"""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

from envls.url import SCHEME, Url
from envls.world.condarc import read_condarc
from envls.world.pip_config import read_pip_config
from envls.world.trust import Trust

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

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
        self._noted: dict[str, str] = {}

    def conda(self) -> Condarc:
        return self._now()[0]

    def conda_at_hand(self) -> Condarc | None:
        """The same, if it has been read just now. Does not block."""
        read = self._read
        return read[1] if read is not None and time.monotonic() - read[0] <= YOUNG else None

    def pip(self) -> PipConfig:
        return self._now()[1]

    def envs_dirs(self) -> Sequence[Path]:
        return self.conda().envs_dirs

    def refusal(self, url: Url, vouched: frozenset[str] = frozenset()) -> str | None:
        """Why `url` may not be asked; None when it may. `vouched` are further hosts that somebody other than a file
        vouches for."""
        return self._trust(vouched).refusal(url)

    def may_see_credentials(self, url: Url) -> bool:
        """Whether what the user keeps for its host may be sent to `url`."""
        return self._trust().may_see_credentials(url)

    def conda_refusal(self, url: Url) -> str | None:
        """The same for channels, where conda's own configuration may say offline."""
        if url.scheme != "file" and self.conda().offline:
            return "offline (conda's configuration)"
        return self.refusal(url)

    def problems(self) -> Sequence[tuple[str, str]]:
        """What of the configuration cannot be read, as far as it has been looked at."""
        read = self._read
        found = (*read[1].problems, *read[2].problems) if read is not None else ()
        return [("configuration", problem) for problem in (*found, *list(self._noted.values())) if problem]

    def note(self, about: str, problem: str) -> None:
        """Something that the user keeps cannot be read, as somebody else has found; "" when it can."""
        self._noted[about] = problem

    def forget(self) -> None:
        self._read = None

    def _trust(self, vouched: frozenset[str] = frozenset()) -> Trust:
        conda, pip = self._now()
        written = (
            conda.channel_alias,
            *conda.channels,
            *(conda.default_channels or ()),
            *conda.custom_channels.values(),
            *(channel for channels in conda.custom_multichannels.values() for channel in channels),
        )
        urls = [*(Url(address) for address in written if SCHEME.match(address)), *pip.extra, *pip.links]
        urls += [pip.index] if pip.index is not None else []
        own = frozenset(url.host for url in urls if url.host)
        return Trust(self.settings, own | vouched, frozenset(url.host for url in urls if url.scheme == "http"))

    def _now(self) -> tuple[Condarc, PipConfig]:
        with self._lock:
            read = self._read
            if read is None or time.monotonic() - read[0] > YOUNG:
                read = self._read = time.monotonic(), read_condarc(os.environ), read_pip_config(os.environ)
            return read[1], read[2]
