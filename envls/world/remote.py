"""What the host of a channel answers: through conda's proxies and certificates, each file within its bounds.

Blocks, so it runs in lanes. Of a file that comes as a whole nothing is passed on before it was found sound: not too
large, packed or unpacked; not cut off; a shard the very one that the index has named (py-rattler does not look, and
keeps shards of all channels in one place). A full repodata passes block by block, and breaks off where it is not.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

import requests
from requests.auth import AuthBase

from envls.url import Url
from envls.world.credentials import anaconda_token, netrc_login
from envls.world.responses import retry_after
from envls.world.session import CONNECT, BoundsError, Connection, bounded, failed, open_session
from envls.world.shelf import FailedError
from envls.world.zst import NoZstError, Unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from envls.world.condarc import Condarc
    from envls.world.configuration import Configuration

MOST_HOPS = 5
_SHARD = re.compile(r"([0-9a-f]{64})\.msgpack\.zst")
_UNREADABLE = "its answer cannot be read"
_KEPT_HEADERS = ("Content-Type", "ETag", "Last-Modified", "Cache-Control", "Expires", "Age", "Date")


class Bounds(NamedTuple):
    """Bytes as they come and as they unpack, and seconds for all of it."""

    packed: int
    unpacked: int
    seconds: float


@dataclass(frozen=True)
class File:
    """What is asked for. `optional`: a channel may do without, and hosts say so in many ways."""

    bounds: Bounds
    optional: bool = False
    zst: bool = True
    whole: bool = True
    digest: str = ""


INDEX = File(Bounds(16_000_000, 64_000_000, 60.0), optional=True)
"""The shard index of a subdir: conda-forge's largest has about 0.6 MB."""
FULL_ZST = File(Bounds(300_000_000, 1_500_000_000, 900.0), optional=True, whole=False)
FULL_JSON = File(Bounds(1_500_000_000, 1_500_000_000, 900.0), zst=False, whole=False)
"""All records of a subdir: conda-forge's largest has about 300 MB, packed 50."""


def file_named(name: str) -> File | None:
    """The file of a channel that is called so; None for one that nobody needs."""
    if match := _SHARD.fullmatch(name):
        return File(Bounds(8_000_000, 32_000_000, 60.0), digest=match[1])
    return {
        "repodata_shards.msgpack.zst": INDEX,
        "repodata.json.zst": FULL_ZST,
        "repodata.json": FULL_JSON,
    }.get(name)


class GoneError(FailedError):
    """A shard that the index lists is not there (any more)."""


@dataclass(frozen=True)
class Asked:
    """`url` has the credentials that are written with it. What rattler keeps for its host: `login` is the value of an
    Authorization header, `token` conda's kind, which stands in front of the path."""

    method: str
    url: Url
    headers: Mapping[str, str] = field(default_factory=dict)
    login: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


@dataclass(frozen=True)
class Reply:
    """`status` is 200, 304 or 404; `length` the bytes of all `blocks` together, None where it is not known.

    The blocks come from the network: take them in a lane. They raise FailedError.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    blocks: Iterator[bytes] = field(default_factory=lambda: iter(()))
    length: int | None = 0


class Remote:
    """Asks hosts, each hop with the consent of the configuration. Used in several threads."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._lock = threading.Lock()
        self._closed = False
        self._session: tuple[Connection, requests.Session] | None = None

    def ask(self, asked: Asked, file: File) -> Reply:
        """Raises FailedError."""
        try:
            response = self._follow(asked, file)
            try:
                reply = _reply(response, file)
            except BaseException:
                response.close()
                raise
            if reply.length == 0:
                response.close()
        except Exception as error:  # noqa: BLE001 - of requests, urllib3 and what is below them
            raise _failed(error, file) from None
        else:
            return reply
        finally:
            if self._closed:
                self.close()  # whoever asked has gone meanwhile

    def close(self) -> None:
        """Keep no connection."""
        self._closed = True
        if self._session is not None:
            self._session[1].close()

    def _follow(self, asked: Asked, file: File) -> requests.Response:
        """The answer at the end of all redirects. Credentials do not leave the host that they are for."""
        session = self._now()
        timeout = self._configuration.settings.timeout
        headers = {**asked.headers, "Accept-Encoding": "identity" if file.zst else "gzip, deflate"}
        url, login = self._authorised(asked)
        for _ in range(MOST_HOPS + 1):
            response = session.request(
                asked.method,
                url.revealed,
                headers=headers,
                auth=_Login(login),
                stream=True,
                allow_redirects=False,
                timeout=(min(CONNECT, timeout), timeout),
            )
            target = session.get_redirect_target(response)
            if target is None:
                return response
            response.close()
            further = Url(urljoin(url.revealed, target))
            if _origin(further) != _origin(url):
                login = ""
            url = further
        raise requests.TooManyRedirects

    def _authorised(self, asked: Asked) -> tuple[Url, str]:
        """The address to ask, and the Authorization header for it: what is written with the address, else what
        rattler keeps, else what netrc and anaconda-client have."""
        parts = urlsplit(asked.url.revealed)
        userinfo, _, host = parts.netloc.rpartition("@")
        path, login = parts.path, ""
        keeps = self._configuration.may_see_credentials(asked.url)
        if keeps and "/t/" not in path:
            before, token = "", asked.token
            if not token and self._configuration.conda().add_anaconda_token:
                before, token = anaconda_token(f"{parts.scheme}://{host}{path}", os.environ)
            path = f"{before}/t/{token}{path.removeprefix(before)}" if token else path
        if userinfo:
            name, _, password = userinfo.partition(":")
            login = _basic(unquote(name), unquote(password))
        elif keeps:
            login = asked.login
            if not login and (kept := netrc_login(asked.url.host, os.environ)):
                login = _basic(*kept)
        return Url(parts._replace(netloc=host, path=path).geturl()), login

    def _now(self) -> requests.Session:
        """The session, made anew when the user's configuration has changed."""
        connection = connection_of(self._configuration.conda())
        with self._lock:
            if self._session is None or self._session[0] != connection:
                self._session = connection, open_session(connection, self._configuration.conda_refusal)
            return self._session[1]


class _Login(AuthBase):
    """Keeps requests from looking for credentials of its own."""

    def __init__(self, header: str) -> None:
        self._header = header

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._header:
            request.headers["Authorization"] = self._header
        return request


def _basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def connection_of(config: Condarc) -> Connection:
    """conda's proxies and certificates. Proxies of the environment come first, as for conda."""
    return Connection(verify=config.ssl_verify, client_cert=config.client_cert, proxies=config.proxy_servers)


def _reply(response: requests.Response, file: File) -> Reply:
    status = _status(response, file)
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    if status != 200 or response.request.method == "HEAD":
        return Reply(status, headers)
    blocks = _sound(response, file)
    try:
        first = next(blocks, b"")  # what is wrong from the start is told before anything is passed on
        if file.whole:
            body = b"".join((first, *blocks))
            return Reply(status, headers, iter((body,)), len(body))
    except NoZstError:
        if file.optional:
            return Reply(404)  # a page that tells so, or that wants one to log in
        raise FailedError(_UNREADABLE) from None
    length = response.headers.get("Content-Length", "")
    known = length.isdigit() and "Content-Encoding" not in response.headers
    return Reply(status, headers, _passing(response, file, first, blocks), int(length) if known else None)


def _status(response: requests.Response, file: File) -> int:
    """200, 304 or 404. Raises FailedError."""
    status = response.status_code
    if status in (200, 203):
        return 200
    if status == 304:
        return status
    if status == 407:
        raise FailedError("the proxy wants other credentials (407)", everything=True)
    if status in (404, 410) or (file.optional and 400 <= status < 500 and status not in (408, 429)):
        if file.digest:
            raise GoneError("lacks a part that it lists (404)")
        return 404
    if status in (401, 403):
        raise FailedError(f"wants other credentials ({status})", everything=True)
    raise FailedError(f"answered {status}", everything=True, again=retry_after(response))


def _sound(response: requests.Response, file: File) -> Iterator[bytes]:
    """The blocks of a body, as long as it is what it should be. Raises FailedError; NoZstError where it is nothing of
    the kind."""
    unpacked = Unpacked() if file.zst else None
    digest = hashlib.sha256()
    is_empty = True
    largest, longest = file.bounds.packed, file.bounds.seconds
    for block in bounded(response.raw, largest, longest, unpack=not file.zst):
        if unpacked is not None:
            unpacked.feed(block)
            if unpacked.size > file.bounds.unpacked:
                raise BoundsError(f"its answer unpacks to more than {file.bounds.unpacked // 1_000_000} MB")
        if file.digest:
            digest.update(block)
        is_empty = False
        yield block
    if is_empty:
        raise NoZstError
    if unpacked is not None and not unpacked.is_whole:
        raise FailedError("its answer is cut off")
    if file.digest and digest.hexdigest() != file.digest:
        raise FailedError("its answer is not what its index says")


def _passing(response: requests.Response, file: File, first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield first
        yield from rest
    except NoZstError:
        raise FailedError(_UNREADABLE, everything=True) from None
    except Exception as error:  # noqa: BLE001 - as above
        raise _failed(error, file) from None
    finally:
        response.close()


def _failed(error: Exception, file: File) -> FailedError:
    """Why a file could not be had. Without its indexes a channel says nothing at all."""
    failure = failed(error)
    failure.everything |= not file.digest
    return failure


def _origin(url: Url) -> tuple[str, str, int]:
    parts = urlsplit(url.revealed)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
