"""What can go wrong at an index, one by one: the others answer all the same, and it recovers by itself."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
import os
import shutil
import ssl
import subprocess
from typing import TYPE_CHECKING

import pytest

from envls.facts import Answer, Known, Package, Unavailable
from envls.url import Url
from envls.world import Settings, World
from envls.world import index as indexes
from world.asking import ask, of, package
from world.doubles import Heard, run
from world.loopback import Loopback, Reply, serving
from world.simple_index import FILES, File, Index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

JSON = {"Content-Type": "application/vnd.pypi.simple.v1+json"}
HTML = {"Content-Type": "text/html"}
HUGE = json.dumps({"meta": {"api-version": "1.0"}, "files": [{"filename": "x" * 1000, "url": "x"}] * 60_000}).encode()


def endless(start: bytes) -> Iterator[bytes]:
    return itertools.chain([start], itertools.repeat(b"x" * 1_000_000))


def dripping(server: Loopback) -> Reply:
    def pieces() -> Iterator[bytes]:
        yield b'{"files": ['
        server.released.wait()

    return Reply(200, b"", JSON, pieces())


FAULTS: dict[str, tuple[Callable[[Loopback], Reply], str, bool]] = {
    "never answers": (lambda server: server.hang(None), "did not answer in time", True),  # type: ignore[arg-type] # ignored
    "stops in the middle": (dripping, "did not answer in time", True),
    "resets": (lambda _: Reply(0), "cannot be reached", True),
    "404 for everything": (lambda _: Reply(404), "there is no such index (404)", True),
    "401": (lambda _: Reply(401), "wants other credentials (401)", True),
    "403": (lambda _: Reply(403), "answered 403", False),
    "429": (lambda _: Reply(429), "answered 429", True),
    "500": (lambda _: Reply(500), "answered 500", True),
    "503, and when it will be back": (lambda _: Reply(503, b"", {"Retry-After": "0"}), "answered 503", True),
    "broken JSON": (lambda _: Reply(200, b"{", JSON), "its answer cannot be read", False),
    "JSON of another kind": (lambda _: Reply(200, b"[]", JSON), "its answer is no package index", False),
    "JSON that is too deep": (
        lambda _: Reply(200, b'{"a": ' + b"[" * 100_000, JSON),
        "its answer cannot be read",
        False,
    ),
    "files that are too deep": (
        lambda _: Reply(200, b'{"files": [' + b"[" * 100_000, JSON),
        "its answer cannot",
        False,
    ),
    "a body that breaks off": (
        lambda _: Reply(200, b"{", {**JSON, "Content-Length": "99"}),
        "its answer is cut off",
        False,
    ),
    "no gzip": (
        lambda _: Reply(200, b"x" * 99, {**JSON, "Content-Encoding": "gzip"}),
        "its answer cannot be unpacked",
        False,
    ),
    "a bomb": (
        lambda _: Reply(200, gzip.compress(b" " * 60_000_000, 1), {**JSON, "Content-Encoding": "gzip"}),
        "the answer is larger than 32 MB",
        False,
    ),
    "an endless body": (
        lambda _: Reply(200, b"", JSON, endless(b'{"files": [')),
        "the answer is larger than 32 MB",
        False,
    ),
    "a page of 60 MB": (lambda _: Reply(200, HUGE, JSON), "the answer is larger than 32 MB", False),
    "a text": (lambda _: Reply(200, b"hello", {"Content-Type": "text/plain"}), "its answer is no package index", False),
    "a login page": (
        lambda _: Reply(200, b"<h1>Our hotel</h1><a href='/x-1.0.tar.gz'>", HTML),
        "its answer is no",
        False,
    ),
    "a redirect loop": (lambda _: Reply(302, b"", {"Location": "/simple/alpha-beta/"}), "redirects without end", False),
    "a redirect to a refused host": (
        lambda _: Reply(302, b"", {"Location": "http://169.254.169.254/latest"}),
        "169.254.169.254 is never asked",
        False,
    ),
    "a redirect to somewhere else": (
        lambda _: Reply(302, b"", {"Location": "ftp://example.com/"}),
        "its address, or one it leads to, cannot be asked",
        False,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_index_that_misbehaves_recovers_by_itself(server: Loopback, pip: pytest.MonkeyPatch, fault: str) -> None:
    pip.setattr("envls.world.shelf.FIRST_PAUSE", 0.0)
    pip.setattr("envls.world.world.AGAIN", 0.0)
    pip.setattr("envls.world.world.RENEW", 0.0)
    pip.setattr("envls.world.shelf.YOUNGEST", 0.0)
    misbehave, reason, everything = FAULTS[fault]
    good = Index(FILES, described=("2.0",), headers={"Cache-Control": "max-age=0"})

    async def go() -> None:
        with serving(Index([File("7.0")])) as other:
            elsewhere = of(index=Url(f"{other.url}/simple"))
            world = World(Settings(timeout=0.5))
            server.answer = lambda _: misbehave(server)
            await world.learn([of(), elsewhere], Heard(), fresh=True)
            answer = world.look(of())
            assert isinstance(answer, Unavailable)
            assert answer.reason.startswith(f"127.0.0.1: {reason}")
            assert [source for source, _ in world.status()] == [f"{server.url}/simple"] * everything
            assert package(world.look(elsewhere)).newest == "7.0"

            server.answer = good
            await world.learn([of()], Heard(), fresh=True)
            assert package(world.look(of())).newest == "2.0"
            assert world.status() == []

            server.answer = lambda _: misbehave(server)
            await world.learn([of()], Heard(), fresh=True)
            known = world.look(of())
            assert package(known).newest == "2.0", "what is known stays known"
            assert isinstance(known, Known)
            assert known.failing.startswith(f"127.0.0.1: {reason}")
            await world.aclose()

    run(go)


def test_a_file_that_is_missing_costs_itself_only(server: Loopback) -> None:
    missing = f"/files/{File('3.0').name}.metadata"
    server.answer = Index([File("3.0", advertised=True), File("2.0", advertised=True)], described=("2.0",))
    (answer,) = ask(of())
    assert missing in server.paths
    assert package(answer).newest == "3.0"
    assert package(answer).summary == "Does <b>things</b> of 2.0"


def test_one_index_that_hangs_holds_up_no_other(server: Loopback, pip: pytest.MonkeyPatch) -> None:
    server.answer = server.hang
    with serving(Index(FILES)) as other:
        pip.setenv("PIP_INDEX_URL", f"{other.url}/simple")
        hanging = [of(f"a{number}", Url(f"{server.url}/simple")) for number in range(100)]
        there = [of(), *(of(f"b{number}") for number in range(20))]

        async def go() -> None:
            world = World(Settings(timeout=60))
            waiting = asyncio.create_task(world.learn(hanging, Heard()))
            await asyncio.to_thread(server.asked.wait)
            await world.learn(there, Heard())
            assert package(world.look(of())).newest == "2.0"
            assert not waiting.done()
            waiting.cancel()
            server.released.set()
            await world.aclose()

        run(go)


def test_an_index_that_drips_for_ever_is_given_up(server: Loopback, pip: pytest.MonkeyPatch) -> None:
    """Each piece comes in time, but there is no end: whoever waits is told; the thread is lost until the index ends."""
    pip.setattr(indexes, "LIMIT", 0.3)

    def pieces() -> Iterator[bytes]:
        while not server.released.wait(0.05):
            yield b" "

    server.answer = lambda _: Reply(200, b"", JSON, pieces())
    assert ask(of()) == [Unavailable("127.0.0.1: did not answer in time")]


def test_an_index_that_is_not_there(pip: pytest.MonkeyPatch) -> None:
    pip.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    status: list[tuple[str, str]] = []
    assert ask(of(), of("other"), status=status) == [Unavailable("127.0.0.1: cannot be reached")] * 2
    assert status == [("http://127.0.0.1:9/simple", "cannot be reached")], "once"


def test_other_settings_forgive(server: Loopback) -> None:
    good, server.answer = server.answer, lambda _: Reply(500)

    async def go() -> None:
        world = World(Settings(timeout=5))
        heard = Heard()
        await world.learn([of()], heard)
        assert isinstance(world.look(of()), Unavailable)
        server.answer = good
        doubted = world.configure(Settings(timeout=5), ())
        assert of() in doubted
        await world.learn([of()], heard)
        assert package(world.look(of())).newest == "2.0"
        assert len(heard.all) == 2
        assert world.status() == []
        await world.aclose()

    run(go)


# -- certificates ---------------------------------------------------------------------------------------------


def test_certificates_that_are_not_there(pip: pytest.MonkeyPatch) -> None:
    pip.setenv("PIP_INDEX_URL", "https://127.0.0.1:9/simple")
    pip.setenv("PIP_CERT", "/nowhere/ca.pem")
    (answer,) = ask(of())
    assert isinstance(answer, Unavailable)
    assert "certificates" in answer.reason


@pytest.mark.skipif(
    shutil.which("openssl") is None, reason="NO openssl TO MAKE A CERTIFICATE WITH: nothing was tried over TLS"
)
def test_certificates_are_those_that_pip_would_accept(
    server: Loopback, pip: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*make, *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.server.socket = context.wrap_socket(server.server.socket, server_side=True)
    pip.setenv("PIP_INDEX_URL", f"{server.url}/simple".replace("http:", "https:"))

    context.load_verify_locations(certificate)

    def asked() -> Answer[Package]:
        return ask(of(), settings=Settings(cache=tmp_path / os.urandom(4).hex(), timeout=5))[0]

    assert asked() == Unavailable("127.0.0.1: its certificate is not accepted")
    for name, value in (
        ("PIP_CERT", str(certificate)),
        ("PIP_TRUSTED_HOST", "127.0.0.1"),
        ("SSL_CERT_FILE", str(certificate)),
    ):
        pip.setenv(name, value)
        assert package(asked()).newest == "2.0", name
        pip.delenv(name)
    context.verify_mode = ssl.CERT_REQUIRED
    pip.setenv("PIP_CERT", str(certificate))
    assert isinstance(asked(), Unavailable), "who asks has to show a certificate"
    both = tmp_path / "both.pem"
    both.write_text(certificate.read_text() + key.read_text())
    pip.setenv("PIP_CLIENT_CERT", str(both))
    assert package(asked()).newest == "2.0"
