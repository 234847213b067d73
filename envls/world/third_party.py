"""How those are asked who are neither a channel nor an index of the user: only at their own address, and never offline.

Whether the user wants them asked at all, and what may be told to them, is decided by who uses this. A redirect to
another host ends the request: what was meant for one is told to nobody else.
"""

from __future__ import annotations

import asyncio
import json
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from envls.url import Url
from envls.world.shelf import FailedError

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from envls.world.configuration import Configuration
    from envls.world.lanes import Lane
    from envls.world.pip_config import PipConfig

T = TypeVar("T")
LIMIT = 60.0
"""Seconds that one answer may take, however it drips."""
NO_JSON = "its answer is not what it should be"


class ThirdParty:
    """One of them, whose address is `address`. `lane` is where it is asked, with pip's proxy and certificates."""

    def __init__(self, address: str, lane: Lane, configuration: Configuration) -> None:
        self.url = Url(address.rstrip("/"))
        self._lane = lane
        self._configuration = configuration
        self._opened: tuple[PipConfig, requests.Session] | None = None
        self._opening = Lock()

    def __str__(self) -> str:
        return self.url.host

    async def ask(self, asking: Callable[[requests.Session, float], T]) -> T:
        """What `asking` returns, which gets a session and a timeout and runs in a thread. Raises FailedError."""
        answer = asyncio.ensure_future(self._lane.run(partial(self._ask, asking)))
        try:
            return await asyncio.wait_for(asyncio.shield(answer), LIMIT)
        except asyncio.TimeoutError:
            raise FailedError("did not answer in time", everything=True) from None

    def _ask(self, asking: Callable[[requests.Session, float], T]) -> T:
        """Runs in a thread."""
        from envls.world.responses import in_our_words  # noqa: PLC0415 - imports requests

        with in_our_words():
            return asking(self._session(), self._configuration.settings.timeout)

    def _session(self) -> requests.Session:
        from envls.world.session import make_session  # noqa: PLC0415 - the same

        config = self._configuration.pip()
        with self._opening:
            if self._opened is None or self._opened[0] != config:
                session = make_session(config, self._refusal)
                session.auth = _as_nobody
                self._opened = config, session
            return self._opened[1]

    def _refusal(self, url: Url) -> str | None:
        if (url.scheme, url.host) != (self.url.scheme, self.url.host):
            return "it leads to another host"
        if self._configuration.conda().offline:
            return "offline (conda's configuration)"
        return self._configuration.refusal(url, frozenset((url.host,)))


def json_of(response: requests.Response) -> Any:
    """What a response says. Raises FailedError, or what requests raises for its status."""
    response.raise_for_status()
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        raise FailedError(NO_JSON, everything=True) from None


def _as_nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Else requests would look into the user's netrc."""
    return request
