"""Servers on loopback that say what they were asked, and misbehave on request."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path


@dataclass
class Reply:
    """With status 0 the connection is reset instead; `pieces` are sent without their length, until they end."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    pieces: Iterable[bytes] | None = None


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: bytes = b""


class Loopback:
    """What a test sees of its server: the requests so far, and `answer`, which it may replace at any time."""

    def __init__(self, answer: Callable[[Request], Reply]) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self.asked = threading.Event()
        self.released = threading.Event()
        self.server: ThreadingHTTPServer

    @cached_property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    def hang(self, _: Request) -> Reply:
        """Never answers while the test runs."""
        self.released.wait()
        return Reply(500)


@contextmanager
def serving(answer: Callable[[Request], Reply]) -> Iterator[Loopback]:
    loopback = Loopback(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            request = Request(
                unquote(urlsplit(self.path).path),
                {key.lower(): value for key, value in self.headers.items()},
                self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            )
            loopback.requests.append(request)
            loopback.asked.set()
            reply = loopback.answer(request)
            if not reply.status:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                return
            headers = {"Content-Length": str(len(reply.body))} if reply.pieces is None else {}
            self.close_connection = not headers or "Content-Length" in reply.headers
            try:
                self.send_response(reply.status)
                for name, value in {**headers, **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    for piece in reply.pieces or (reply.body,):
                        self.wfile.write(piece)
            except OSError:
                self.close_connection = True  # whoever asked has gone

        do_HEAD = do_POST = do_GET  # noqa: N815 - the names are the library's

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """A client that goes away in the middle is what some tests are about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        loopback.server = server
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield loopback
        finally:
            loopback.released.set()
            server.shutdown()
            thread.join()


def folder(root: Path, *, without: tuple[str, ...] = ()) -> Callable[[Request], Reply]:
    """Serves the files below `root`; those that end with one of `without` are not there."""

    def answer(request: Request) -> Reply:
        file = root / request.path.lstrip("/")
        if request.path.endswith(without or ("\0",)) or ".." in request.path or not file.is_file():
            return Reply(404, b"not found")
        return Reply(200, file.read_bytes(), {"Content-Type": "application/octet-stream"})

    return answer
