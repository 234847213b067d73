"""Asking a channel through a gate, as the server does, without the rest of the world."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from envls.world.configuration import Configuration
from envls.world.gateway import Gate
from envls.world.settings import Settings
from envls.world.shelf import FailedError
from world.doubles import run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine
    from pathlib import Path

    from envls.url import Url
    from envls.world.download import Download
    from world.loopback import Loopback

T = TypeVar("T", bound="Gate | Download")
SUBDIRS = ("linux-64", "noarch")


@asynccontextmanager
async def a_gate(settings: Settings | None = None) -> AsyncIterator[Gate]:
    """A gate. Whatever it has begun ends with it."""
    async with closing(Gate(Configuration(settings or Settings(timeout=5)))) as gate:
        yield gate


@asynccontextmanager
async def closing(asked: T) -> AsyncIterator[T]:
    """The same, for a gate or a download."""
    before = asyncio.all_tasks()
    yield asked
    asked.close()
    if others := asyncio.all_tasks() - before:
        await asyncio.wait(others)


def newest(url: Url, name: str = "alpha", settings: Settings | None = None) -> str:
    """The newest version of a package, or why it could not be had."""
    return newest_of_several([(url, name)], settings)[0]


def newest_of_several(asked: list[tuple[Url, str]], settings: Settings | None = None) -> list[str]:
    """The same, one after the other through one gate."""
    found: list[str] = []

    async def go() -> None:
        async with a_gate(settings) as gate:
            for url, name in asked:
                found.append(await said(gate.records(url, SUBDIRS, name)))

    run(go)
    return found


async def said(asking: Coroutine[Any, Any, Any]) -> str:
    try:
        records = await asking
    except FailedError as error:
        return str(error)
    return str(records["newest"]) if records else "absent"


def encrypt(server: Loopback, folder: Path) -> Path:
    """Have a server speak https from now on; returns its certificate (for 127.0.0.1 and localhost)."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    if not certificate.exists():
        make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        names = ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
        subprocess.run([*make, *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.server.socket = context.wrap_socket(server.server.socket, server_side=True)
    return certificate
