"""How this room speaks HTTP where it does so itself: every hop is checked, every response bounded.

Only `make_session` is called from outside; requests is imported in it, in a thread.
"""

from __future__ import annotations

import io
import logging
import ssl
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import requests
import urllib3
from requests.adapters import BaseAdapter, HTTPAdapter

from envls.url import Url
from envls.world.shelf import FailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from envls.world.pip_config import PipConfig

LARGEST = 64_000_000
"""Bytes of the largest response, unpacked. The largest page of the public index has about a tenth."""
LONGEST = 30.0
"""Seconds that a response may take as a whole, however steadily it drips."""
PARALLEL = 8


def make_session(config: PipConfig, refusal: Callable[[Url], str | None]) -> requests.Session:
    """A session with pip's certificates and proxy. `refusal` is asked before every request, redirects too."""
    logging.getLogger("urllib3").setLevel(logging.WARNING)  # below that it writes whole addresses to the log
    session = requests.Session()
    session.headers["User-Agent"] = "envls"
    session.max_redirects = 5
    checked = _Checked(refusal, config)
    session.mount("https://", checked)
    session.mount("http://", checked)
    session.mount("file://", _Files())
    if config.trusted_hosts:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # the user has said so
    if config.client_cert:
        session.cert = config.client_cert
    if config.proxy:
        session.proxies = {"http": config.proxy, "https": config.proxy}
        session.trust_env = False  # as pip: else a proxy of the environment would win
    return session


class _Checked(HTTPAdapter):
    def __init__(self, refusal: Callable[[Url], str | None], config: PipConfig) -> None:
        self._refusal = refusal
        self._cert = config.cert
        self._trusted_hosts = config.trusted_hosts
        self._careless = HTTPAdapter()
        super().__init__(pool_connections=PARALLEL, pool_maxsize=PARALLEL)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """The system's certificates count as well, as they do for pip."""
        super().init_poolmanager(*args, ssl_context=ssl.create_default_context(), **kwargs)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        del stream
        url = Url(request.url or "")
        if reason := self._refusal(url):
            raise FailedError(reason)
        if url.host in self._trusted_hosts:
            send, verify = self._careless.send, False
        else:  # pip's certificates come before those of the environment, which requests would prefer
            send, verify = super().send, self._cert or verify
        response = send(request, stream=True, timeout=timeout, verify=verify, cert=cert, proxies=proxies)
        response.raw = io.BytesIO(_bounded(response.raw))
        return response


class _Files(BaseAdapter):
    """A simple index in a folder, as pip reads it: `name/index.html`."""

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        path = local_path(request.url or "")
        response = requests.Response()
        response.request = request
        response.url = request.url or ""
        response.headers["Content-Type"] = "text/html; charset=utf-8"
        try:
            if path.is_dir():
                path /= "index.html"
            with path.open("rb") as file:
                response.raw = io.BytesIO(_bounded(file))
            response.status_code = 200
        except (OSError, ValueError):
            response.status_code = 404
            response.raw = io.BytesIO()
        return response

    def close(self) -> None:
        """Nothing is kept open."""


def local_path(url: str) -> Path:
    """Where a `file:` address leads."""
    return Path(url2pathname(urlsplit(url).path))


def _bounded(raw: Any) -> bytes:
    """All of a body, unpacked. Raises FailedError when it is too large or takes too long."""
    end = time.monotonic() + LONGEST
    whole = io.BytesIO()
    try:
        blocks = (
            raw.stream(65536, decode_content=True) if hasattr(raw, "stream") else iter(lambda: raw.read(65536), b"")
        )
        for block in blocks:
            whole.write(block)
            if whole.tell() > LARGEST:
                raise FailedError(f"the answer is larger than {LARGEST // 1_000_000} MB")
            if time.monotonic() > end:
                raise FailedError("the answer takes too long", everything=True)
    finally:
        raw.close()
    return whole.getvalue()
