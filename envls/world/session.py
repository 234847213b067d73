"""How this room speaks HTTP: every hop is checked, every address it leads to, every response bounded.

All of pip's indexes and conda's channels are asked through such a session. Imports requests: only ever imported
in a thread.
"""

from __future__ import annotations

import io
import logging
import ssl
import time
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit
from urllib.request import url2pathname

import requests
import urllib3
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.exceptions import NameResolutionError

from envls.url import Url
from envls.world.addresses import choose_addresses
from envls.world.shelf import FailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from envls.world.pip_config import PipConfig

LARGEST = 32_000_000
"""Bytes of the largest page of an index, unpacked. The largest pages of the public index have five million."""
LONGEST = 30.0
"""Seconds that such a page may take as a whole, however steadily it drips."""
CONNECT = 5.0
"""Seconds that a connection may take."""
PARALLEL = 8
"""Connections to one host that are kept."""


class BoundsError(FailedError):
    """An answer is larger or takes longer than any sound one; so will the next."""


@dataclass(frozen=True)
class Connection:
    """How the user reaches other hosts. `verify` is False, True (the system's certificates and those that requests
    brings), or the path of certificates that count as well; `proxies` as requests takes them.

    With `own_proxies` those of the environment do not count; without, they come first.
    """

    verify: bool | str = True
    client_cert: str | tuple[str, str] | None = None
    careless_hosts: tuple[str, ...] = ()
    proxies: Mapping[str, str] = field(default_factory=dict)
    own_proxies: bool = False


def pip_connection(config: PipConfig) -> Connection:
    """pip's certificates and proxy. Its proxy counts alone, as for pip."""
    return Connection(
        verify=config.cert or True,
        client_cert=config.client_cert or None,
        careless_hosts=config.trusted_hosts,
        proxies={"http": config.proxy, "https": config.proxy} if config.proxy else {},
        own_proxies=bool(config.proxy),
    )


def make_session(config: PipConfig, refusal: Callable[[Url], str | None]) -> requests.Session:
    """A session with pip's certificates and proxy; see `open_session`."""
    return open_session(pip_connection(config), refusal)


def open_session(connection: Connection, refusal: Callable[[Url], str | None]) -> requests.Session:
    """A session that asks `refusal` before every request, redirects too. Its `auth`, if it is given one, signs each hop
    by itself: credentials do not follow a redirect."""
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # below that it writes whole addresses to the log
    session = _Session()
    session.headers["User-Agent"] = "envls"
    session.max_redirects = 5
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # nobody needs to know us again
    checked = _Checked(refusal, connection)
    session.mount("https://", checked)
    session.mount("http://", checked)
    session.mount("file://", _Files())
    if connection.careless_hosts or connection.verify is False:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # the user has said so
    session.verify = connection.verify
    session.cert = connection.client_cert
    session.proxies = dict(connection.proxies)
    session.trust_env = not connection.own_proxies
    return session


def failed(error: Exception) -> FailedError:
    """Why a host has not answered, in a phrase that shows no address."""
    if isinstance(error, FailedError):
        return error
    if isinstance(error, requests.exceptions.InvalidSchema | requests.exceptions.InvalidURL):
        return FailedError("its address, or one it leads to, cannot be asked", everything=True)
    if isinstance(error, requests.TooManyRedirects):
        return FailedError("redirects without end", everything=True)
    if isinstance(error, requests.exceptions.SSLError | urllib3.exceptions.SSLError):
        return FailedError("its certificate is not accepted", everything=True)
    if isinstance(error, requests.exceptions.ProxyError):
        return FailedError("the proxy does not answer", everything=True)
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return FailedError("did not answer in time", everything=True)
    if isinstance(error, urllib3.exceptions.ProtocolError | requests.exceptions.ChunkedEncodingError):
        return FailedError("its answer is cut off", everything=True)
    if isinstance(error, requests.ConnectionError):
        unknown = isinstance(getattr(error.args[0] if error.args else None, "reason", None), NameResolutionError)
        return FailedError("its host is not known" if unknown else "cannot be reached", everything=True)
    if isinstance(error, OSError) and not isinstance(error, requests.RequestException):
        return FailedError("a file of certificates that is configured cannot be read", everything=True)
    return FailedError(f"its answer cannot be read ({type(error).__name__})")


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Nobody but the user leads to a file of this disk."""
        target = super().get_redirect_target(resp)
        if target is not None and not _leads_to_a_host(resp.url, target):
            resp.close()
            raise requests.exceptions.InvalidSchema
        return target

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        del response
        prepared_request.headers.pop("Authorization", None)
        if callable(self.auth):
            self.auth(prepared_request)


def _leads_to_a_host(url: str, target: str) -> bool:
    try:
        return urlsplit(urljoin(url, target)).scheme in ("http", "https")
    except ValueError:
        return False


class _Checked(HTTPAdapter):
    """Asks nobody who is refused. Certificates of the system count beside those of requests, as they do for pip."""

    def __init__(self, refusal: Callable[[Url], str | None], connection: Connection) -> None:
        self._refusal = refusal
        self._connection = connection
        self._careless = _Pooled()
        super().__init__(pool_connections=PARALLEL, pool_maxsize=PARALLEL)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=ssl.create_default_context(), **kwargs)
        choose_addresses(self)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        return super().proxy_manager_for(proxy, ssl_context=ssl.create_default_context(), **kwargs)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        url = Url(request.url or "")
        if reason := self._refusal(url):
            raise FailedError(reason)
        if isinstance(self._connection.verify, str):
            verify = self._connection.verify  # before those of the environment, which requests would prefer
        careless = verify is False or url.host in self._connection.careless_hosts
        send = self._careless.send if careless else super().send
        response = send(
            request, stream=True, timeout=timeout, verify=False if careless else verify, cert=cert, proxies=proxies
        )
        if not stream:
            response.raw = io.BytesIO(b"".join(bounded(response.raw, LARGEST, LONGEST)))
        return response


class _Pooled(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        choose_addresses(self)


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
                response.raw = io.BytesIO(b"".join(bounded(file, LARGEST, LONGEST)))
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


def bounded(raw: Any, largest: int, longest: float, *, unpack: bool = True) -> Iterator[bytes]:
    """The blocks of a body, with `unpack` without its content encoding. Raises BoundsError when they become more
    than `largest` bytes or take more than `longest` seconds.
    """
    end = time.monotonic() + longest
    size = 0
    try:
        if hasattr(raw, "stream"):
            blocks = raw.stream(65536, decode_content=unpack)
        else:
            blocks = iter(lambda: raw.read(65536), b"")
        for block in blocks:
            size += len(block)
            if size > largest:
                raise BoundsError(f"the answer is larger than {largest // 1_000_000} MB")
            if time.monotonic() > end:
                raise BoundsError("the answer takes too long", everything=True)
            yield block
    finally:
        raw.close()
