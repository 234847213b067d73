"""The forward proxy that is py-rattler's only way out: each request is checked, asked by `remote`, and bounded.

py-rattler follows redirects without a hook, reads a body of any size, unpacks whatever it gets, knows neither
conda's proxies nor its certificates, and takes parts of a channel from wherever the channel says. An own client
behind its `RepoDataSource` would see all that as well, but then the formats of repodata would be ours to read, and
a solver that asks for 200,000 records would get each as a Python object. So py-rattler keeps the formats, its cache
and the solver, and is led through here: it speaks plain http to this proxy (tried: neither NO_PROXY nor a host on
loopback gets past it), which asks the real host with requests, as for pip. One place sees every hop.

It listens on loopback, and answers only who knows a secret of this process. It lives on the event loop of whoever
uses py-rattler; what blocks runs in a lane.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import secrets
import socket
import time
from collections import defaultdict, deque
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from envls.world.remote import FULL_JSON, FULL_ZST, INDEX, Asked, Reply, file_named
from envls.world.routes import Routes
from envls.world.session import BoundsError
from envls.world.shelf import FailedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envls.world.lanes import Lane
    from envls.world.remote import File, Remote
    from envls.world.routes import Outside

PARALLEL = 16
"""Requests under way at once to all hosts; as wide should the lane be."""
PARALLEL_PER_HOST = 8
_LONGEST_HEAD = 32_768
_PASSED_HEADERS = ("if-none-match", "if-modified-since", "cache-control")


class NoShardsError(FailedError):
    """The channel serves this subdir as a whole only, or not at all; and the whole is not to be read here."""

    def __init__(self) -> None:
        super().__init__("it has no shards")


class _Fault(NamedTuple):
    """What went wrong with a file of `channel`, at `moment` of the monotonic clock."""

    moment: float
    channel: str
    error: FailedError


class _Request(NamedTuple):
    method: str
    target: str
    headers: Mapping[str, str]


class Proxy:
    """Everything here runs on one event loop. With `shards_only` no full repodata passes."""

    def __init__(self, remote: Remote, lane: Lane, *, shards_only: bool = False) -> None:
        self.routes = Routes()
        self._remote = remote
        self._lane = lane
        self._shards_only = shards_only
        self._password = secrets.token_urlsafe(24)
        self._listening: asyncio.Task[None] | None = None
        self._closed = False
        self._places = asyncio.Semaphore(PARALLEL)
        self._places_at: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(PARALLEL_PER_HOST))
        self._faults: deque[_Fault] = deque(maxlen=100)
        self._hopeless: dict[str, BoundsError] = {}
        self._under_way: dict[asyncio.Task[None], str] = {}

    def start(self) -> str:
        """The address of the proxy, with its secret. Raises FailedError when it is closed already."""
        if self._closed:
            raise FailedError("is not asked any more")
        try:
            listener = socket.create_server(("127.0.0.1", 0))
        except OSError:
            raise FailedError("nothing can be asked from this machine: it has no loopback") from None
        listener.setblocking(False)
        self._listening = asyncio.create_task(self._listen(listener))
        return f"http://envls:{self._password}@127.0.0.1:{listener.getsockname()[1]}"

    def fault(self, channel: str, since: float) -> FailedError | None:
        """Why something of `channel` (as py-rattler knows it) could not be had since then: the last reason. Its files
        may be on hosts that belong to no channel."""
        faults = [fault for fault in reversed(self._faults) if fault.moment >= since]
        likely = sorted(faults, key=lambda fault: fault.channel != channel)
        return next((fault.error for fault in likely if fault.channel in (channel, "")), None)

    def drop(self, channel: str) -> None:
        """Break off all that is under way for `channel`: nobody waits for it."""
        for task, its_channel in self._under_way.items():
            if its_channel == channel:
                task.cancel()

    def close(self) -> None:
        self._closed = True
        if self._listening is not None:
            self._listening.cancel()
        for task in self._under_way:
            task.cancel()

    async def _listen(self, listener: socket.socket) -> None:
        """Not `asyncio.start_server`: that forgets a connection that comes in while it is closed, and py-rattler would
        wait for its answer."""
        with listener:
            while True:
                try:
                    connection, _ = await asyncio.get_running_loop().sock_accept(listener)
                except OSError:  # too many files are open
                    await asyncio.sleep(1)
                    continue
                task = asyncio.create_task(self._serve(connection))
                self._under_way[task] = ""
                task.add_done_callback(self._under_way.pop)

    # -- one connection -----------------------------------------------------------------------------------------

    async def _serve(self, connection: socket.socket) -> None:
        try:
            reader, writer = await asyncio.open_connection(sock=connection, limit=_LONGEST_HEAD)
        except BaseException:
            connection.close()
            raise
        try:
            await self._serve_one_by_one(reader, writer)
        except (asyncio.CancelledError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError, ValueError):
            writer.transport.abort()  # who asks sees that the answer is not whole
        finally:
            writer.close()

    async def _serve_one_by_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        goes_on = True
        while goes_on:
            self._under_way[task] = ""
            request = _parsed(await reader.readuntil(b"\r\n\r\n"))
            outside = self.routes.outside(request.target)
            self._under_way[task] = outside.channel if outside else ""
            goes_on = await self._answer(request, outside, writer)

    async def _answer(self, request: _Request, outside: Outside | None, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection goes on."""
        if not hmac.compare_digest(request.headers.get("proxy-authorization", "").encode(), self._expected()):
            await _send(writer, Reply(HTTPStatus.PROXY_AUTHENTICATION_REQUIRED))
            return False
        if request.method == "CONNECT":  # what passes in a tunnel is not seen, so there are none; see `Routes.learn`
            self.routes.learn(request.target)
            await _send(writer, Reply(HTTPStatus.FORBIDDEN))
            return False
        file = file_named(request.target.rpartition("/")[2])
        if outside is None or file is None or request.method not in ("GET", "HEAD"):
            await _send(writer, Reply(HTTPStatus.NOT_FOUND))
            return True
        begun = False
        async with self._places_at[outside.host], self._places:
            try:
                if hopeless := self._hopeless.get(request.target):
                    raise hopeless  # py-rattler tries a long answer that breaks off again
                reply = await self._ask(request, outside, file)
                begun = True
                await self._pass_on(reply, writer)
            except FailedError as error:
                self._faults.append(_Fault(time.monotonic(), outside.channel, error))
                if isinstance(error, BoundsError) and not file.whole:
                    self._hopeless[request.target] = error
                if begun:
                    raise ConnectionAbortedError from error  # all that can still be said
                await _send(writer, Reply(HTTPStatus.FAILED_DEPENDENCY))
        return True

    def _expected(self) -> bytes:
        return b"Basic " + base64.b64encode(f"envls:{self._password}".encode())

    async def _ask(self, request: _Request, outside: Outside, file: File) -> Reply:
        if self._shards_only and file in (FULL_ZST, FULL_JSON):
            raise NoShardsError
        asked = _asked(request, outside)
        reply = await self._lane.run(lambda: self._remote.ask(asked, file))
        if self._shards_only and file is INDEX and reply.status == HTTPStatus.NOT_FOUND:
            raise NoShardsError  # py-rattler would keep in mind that there is none, even when there is one
        return reply

    async def _pass_on(self, reply: Reply, writer: asyncio.StreamWriter) -> None:
        chunked = reply.length is None
        size = ("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(reply.length))
        writer.write(_head(reply.status, {**reply.headers, size[0]: size[1]}))
        while block := await self._lane.run(lambda: next(reply.blocks, b"")):
            writer.write(b"%x\r\n%b\r\n" % (len(block), block) if chunked else block)
            await writer.drain()
        writer.write(b"0\r\n\r\n" if chunked else b"")
        await writer.drain()


def _asked(request: _Request, outside: Outside) -> Asked:
    headers = {name: request.headers[name] for name in _PASSED_HEADERS if name in request.headers}
    return Asked(request.method, outside.url, headers, request.headers.get("authorization", ""), outside.token)


async def _send(writer: asyncio.StreamWriter, reply: Reply) -> None:
    writer.write(_head(reply.status, {"Content-Length": "0"}))
    await writer.drain()


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        *(f"{name}: {' '.join(value.split())}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def _parsed(head: bytes) -> _Request:
    """Raises ValueError."""
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    fields = (line.partition(":") for line in lines)
    return _Request(method, target, {name.strip().lower(): value.strip() for name, _, value in fields})
