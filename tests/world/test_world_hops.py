"""The way to a channel: each hop is seen, nobody is asked who is refused, and what comes is bounded."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import itertools
import os
import socket
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from envls.url import Url
from envls.world import remote
from envls.world.configuration import Configuration
from envls.world.download import Download
from envls.world.lanes import Lane
from envls.world.proxy import PARALLEL_PER_HOST, Proxy
from envls.world.remote import Remote
from envls.world.settings import Settings
from envls.world.shelf import FailedError
from world.doubles import run
from world.gates import SUBDIRS, a_gate, closing, encrypt, newest, newest_of_several, said
from world.loopback import Loopback, Reply, serving
from world.shards import INDEX, Endless, Sharded, bomb, shard, zst

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from world.loopback import Request

REPODATA = b'{"packages": {"alpha-1-0.tar.bz2": {"name": "alpha", "version": "1", "build": "0", "build_number": 0, '
REPODATA += b'"depends": [], "subdir": "linux-64"}}, "packages.conda": {}, "info": {"subdir": "linux-64"}}'
UNTRUSTED = Settings(trusted=False, timeout=5)
SHARD = ".msgpack.zst"


@pytest.fixture(autouse=True)
def own(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))


@pytest.fixture
def channel() -> Sharded:
    return Sharded({"alpha": shard("alpha", "1.0"), "beta": shard("beta", "2.0")})


@pytest.fixture
def server(channel: Sharded, home: Path) -> Iterator[Loopback]:
    """A server that the user's configuration names."""
    with serving(channel) as loopback:
        (home / ".condarc").write_text(f"channel_alias: {loopback.url}\n")
        yield loopback


def to(location: str) -> Callable[[Request], Reply]:
    return lambda _: Reply(302, b"", {"Location": location})


@pytest.mark.parametrize("end", [INDEX, SHARD])
def test_a_redirect_leads_to_whom_may_be_asked_only(server: Loopback, channel: Sharded, end: str) -> None:
    url = Url(f"{server.url}/a")
    with serving(Sharded(channel.shards)) as other:
        refused = other.url.replace("127.0.0.1", "localhost")
        for location, reason in (
            (f"{refused}/x", "localhost is not trusted: only the file names it"),
            ("http://169.254.169.254/latest/meta-data", "169.254.169.254 is never asked: a metadata"),
            ("http://[::ffff:a9fe:a9fe]/", "::ffff:a9fe:a9fe is never asked"),
            ("file:///etc/passwd", "cannot be asked"),
            ("ftp://example.com/x", "cannot be asked"),
            ("//[broken", "cannot be asked"),
        ):
            channel.more = {end: to(location)}
            assert reason in newest(url, settings=UNTRUSTED), location
        channel.more = {end: lambda request: to(request.path)(request)}
        assert newest(url) == "redirects without end"
        assert other.requests == []


def test_a_redirect_to_somebody_who_may_be_asked_is_followed(server: Loopback, channel: Sharded) -> None:
    with serving(Sharded(channel.shards)) as other:
        channel.more = {"": lambda request: to(other.url.replace("127.0.0.1", "localhost") + request.path)(request)}
        assert newest(Url(f"{server.url}/a")) == "1.0"
        assert len(other.requests) == 3


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_channel_may_have_its_shards_elsewhere_but_not_anywhere(
    server: Loopback, channel: Sharded, home: Path, scheme: str
) -> None:
    with serving(Sharded(channel.shards)) as other:
        if scheme == "https":
            certificate = encrypt(other, home)
            (home / ".condarc").write_text(f"channel_alias: {server.url}\nssl_verify: {certificate}\n")
        channel.base = other.url.replace("http:", f"{scheme}:").replace("127.0.0.1", "localhost") + "/files/"
        asked = [(Url(f"{server.url}/a"), name) for name in ("alpha", "beta", "none")]
        refusal = "localhost is not trusted: only the file names it"
        assert newest_of_several(asked, UNTRUSTED) == [refusal, refusal, "absent"]
        assert other.requests == []
        assert newest_of_several(asked) == ["1.0", "2.0", "absent"]
        assert len(other.requests) == 2
        assert all(path.endswith(SHARD) for path in other.paths)


# -- names that lead elsewhere --------------------------------------------------------------------------------


def leading(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Have `h.example.com` lead to these addresses, nowhere without any; returns the names that are looked up."""
    real, looked_up = socket.getaddrinfo, list[str]()

    def look_up(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        if host in ("127.0.0.1", *addresses):
            return real(host, port, *rest, **more)
        looked_up.append(str(host))
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return [found for address in addresses for found in real(address, port, *rest, **more)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return looked_up


def test_a_name_that_leads_to_a_metadata_address_is_not_asked(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = Url(server.url.replace("127.0.0.1", "h.example.com") + "/a")
    leading(monkeypatch, "169.254.169.254")
    assert newest(url) == "h.example.com is never asked: it leads to a metadata or link-local address"
    leading(monkeypatch, "169.254.169.254", "127.0.0.1")
    assert newest(url) == "1.0", "of several addresses the others count"


def test_a_name_that_only_a_file_has_is_not_even_looked_up(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    url = Url(server.url.replace("127.0.0.1", "h.example.com") + "/a")
    looked_up = leading(monkeypatch)
    assert "is not trusted" in newest(url, settings=UNTRUSTED)
    assert looked_up == []
    assert newest(url) == "its host is not known"
    assert set(looked_up) == {"h.example.com"}


# -- bounds ---------------------------------------------------------------------------------------------------


FAULTS: dict[str, tuple[Reply, str]] = {
    "a bomb": (Reply(200, bomb(1 << 33)), "its answer unpacks to more than"),
    "too large": (Reply(200, zst(b"x" * 17_000_000)), "the answer is larger than"),
    "endless": (Reply(200, b"", {}, Endless()), "the answer is larger than"),
    "cut off": (Reply(200, zst(b"x" * 1000)[:-10]), "its answer is cut off"),
    "breaks off": (Reply(200, zst(b"x" * 1000), {"Content-Length": "9999"}), "its answer is cut off"),
    "no msgpack": (Reply(200, zst(b"\xc1")), "its answer cannot be read"),
    "too deep": (Reply(200, zst(b"\x91" * 200_000)), "its answer cannot be read"),
    "too deep within": (Reply(200, zst(b"\x81\xa1x" + b"\x91" * 200_000)), "its answer cannot be read"),
    "a list that claims to be huge": (Reply(200, zst(b"\xdd\xff\xff\xff\xff")), "its answer cannot be read"),
    "reset": (Reply(0), "cannot be reached"),
    "500": (Reply(500), "answered 500"),
    "429": (Reply(429), "answered 429"),
    "a redirect to nowhere": (Reply(302), "answered 302"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_comes_is_bounded_and_read_with_care(server: Loopback, channel: Sharded, fault: str) -> None:
    reply, reason = FAULTS[fault]
    url = Url(f"{server.url}/a")
    channel.shards["alpha"] = reply.body
    broken = f"{channel.digest('alpha').hex()}{SHARD}"

    async def go() -> None:
        async with a_gate() as gate:
            for end, name, others in ((INDEX, "beta", reason), (broken, "alpha", "2.0")):
                channel.more = {end: lambda _: reply}
                assert (await said(gate.records(url, SUBDIRS, name))).startswith(reason), end
                assert (await said(gate.records(url, SUBDIRS, "beta"))).startswith(others), end
            channel.more, channel.shards["alpha"] = {}, shard("alpha", "1.0")

    run(go)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({".zst": Reply(200, bomb(1 << 33))}, "its answer unpacks to more than 1500 MB"),
        ({".zst": Reply(200, b"", {}, Endless())}, "the answer is larger than 3 MB"),
        ({".zst": Reply(200, zst(REPODATA)[:-10])}, "its answer is cut off"),
        ({".zst": Reply(200, b"<h1>Sign in</h1>"), ".json": Reply(200, REPODATA)}, "alpha"),
        ({".zst": Reply(403), ".json": Reply(200, REPODATA)}, "alpha"),
        ({".zst": Reply(200, zst(REPODATA)), ".json": Reply(500)}, "alpha"),
        ({".json": Reply(200, b"", {}, itertools.repeat(b" " * 100_000))}, "the answer is larger than 3 MB"),
        ({".json": Reply(200, gzip.compress(REPODATA), {"Content-Encoding": "gzip"})}, "alpha"),
        (
            {".json": Reply(200, gzip.compress(b" " * 4_000_000), {"Content-Encoding": "gzip"})},
            "the answer is larger than 3 MB",
        ),
        ({".json": Reply(200, b'{"packages": ' + b"[" * 100_000)}, "its answer cannot be read"),
        ({".json": Reply(200, b"<h1>Sign in</h1>")}, "its answer cannot be read"),
        ({".json": Reply(403)}, "wants other credentials (403)"),
        ({}, "nothing"),
    ],
)
def test_a_full_repodata_is_bounded_while_it_comes(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: dict[str, Reply], expected: str
) -> None:
    for name in ("FULL_ZST", "FULL_JSON"):
        file = getattr(remote, name)
        monkeypatch.setattr(remote, name, replace(file, bounds=file.bounds._replace(packed=3_000_000)))
    server.answer = lambda request: next(
        (reply for end, reply in answers.items() if request.path.endswith(end)), Reply(404)
    )

    async def go() -> str:
        async with closing(Download(Configuration(Settings(timeout=5)))) as download:
            try:
                whole = await download.whole(Url(f"{server.url}/a"), "linux-64", tmp_path, lambda *_: None)
            except FailedError as error:
                return str(error)
            return ", ".join(whole.repodata.package_names()) if whole else "nothing"

    assert asyncio.run(go()) == expected


def test_a_page_that_tells_that_there_is_nothing_is_no_index(server: Loopback, channel: Sharded) -> None:
    url = Url(f"{server.url}/a")
    for reply in (Reply(200, b"<h1>Sign in</h1>"), Reply(200), *map(Reply, (400, 401, 403, 404, 405, 410, 501))):
        channel.more = {INDEX: lambda _, reply=reply: reply}  # type: ignore[misc] # the one of this turn
        expected = "answered 501" if reply.status == 501 else "it has no shards"
        assert newest(url) == expected, reply


def test_an_answer_that_drips_does_not_take_for_ever(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "INDEX", replace(remote.INDEX, bounds=remote.INDEX.bounds._replace(seconds=0.0)))
    assert newest(Url(f"{server.url}/a")) == "the answer takes too long"


def test_a_shard_is_the_one_that_the_index_names(server: Loopback, channel: Sharded) -> None:
    channel.digests["alpha"] = hashlib.sha256(b"something else").digest()
    assert newest(Url(f"{server.url}/a")) == "its answer is not what its index says"


def test_an_index_that_is_out_of_date_is_read_anew(server: Loopback, channel: Sharded) -> None:
    url = Url(f"{server.url}/a")
    index = channel.index("linux-64")
    channel.more = {f"linux-64/{INDEX}": lambda _: Reply(200, index, {"Cache-Control": "max-age=3600"})}

    async def go() -> None:
        async with a_gate() as gate:
            assert await said(gate.records(url, SUBDIRS, "alpha")) == "1.0"
            channel.shards["beta"] = shard("beta", "3.0")
            assert await said(gate.records(url, SUBDIRS, "beta")) == "lacks a part that it lists (404)"
            channel.more = {}
            assert await said(gate.records(url, SUBDIRS, "beta")) == "3.0"

    run(go)


def test_when_to_come_back_is_heard(server: Loopback, channel: Sharded) -> None:
    channel.more = {INDEX: lambda _: Reply(429, b"", {"Retry-After": "17"})}

    async def go() -> None:
        async with a_gate() as gate:
            with pytest.raises(FailedError) as failure:
                await gate.names(Url(f"{server.url}/a"), SUBDIRS)
            assert (failure.value.again, failure.value.everything) == (17.0, True)

    run(go)


def test_nobody_there(server: Loopback) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert newest(Url(f"http://127.0.0.1:{port}/a")) == "cannot be reached"
    assert newest(Url(server.url.replace("http:", "https:") + "/a")) == "its certificate is not accepted"


def test_few_requests_at_a_time(server: Loopback, channel: Sharded) -> None:
    names = [f"package-{number}" for number in range(4 * PARALLEL_PER_HOST)]
    channel.shards = {name: shard(name, "1.0") for name in names}
    together = threading.Barrier(PARALLEL_PER_HOST)
    lock, now, most = threading.Lock(), [0], [0]

    def answer(request: Request) -> Reply:
        with lock:
            now[0] += 1
            most[0] = max(now[0], most[0])
        if request.path.endswith(SHARD) and INDEX not in request.path:
            together.wait(10)
        with lock:
            now[0] -= 1
        return channel(request)

    server.answer = answer

    async def go() -> None:
        async with a_gate() as gate:
            asked = (said(gate.records(Url(f"{server.url}/a"), SUBDIRS, name)) for name in names)
            assert set(await asyncio.gather(*asked)) == {"1.0"}

    run(go)
    assert most == [PARALLEL_PER_HOST]


def test_a_channel_that_nobody_waits_for_any_more_is_hung_up_on(server: Loopback, channel: Sharded) -> None:
    url = Url(f"{server.url}/a")
    server.answer = server.hang

    async def go() -> None:
        async with a_gate(Settings(timeout=60)) as gate:
            asking = [asyncio.create_task(gate.records(url, SUBDIRS, name)) for name in ("alpha", "beta")]
            await asyncio.to_thread(server.asked.wait, 10)
            for task in asking:
                task.cancel()
            await asyncio.wait(asking)
            server.answer = channel
            assert await said(gate.records(url, SUBDIRS, "alpha")) == "1.0"
            assert all(task.cancelled() for task in asking)

    run(go, 10)


# -- the proxy itself -----------------------------------------------------------------------------------------


def test_the_proxy_answers_who_knows_its_secret_and_digs_no_tunnels(server: Loopback) -> None:
    async def ask(address: str, head: str) -> bytes:
        parts = urlsplit(address)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(head.replace("\n", "\r\n").encode())
        answer = await reader.readline()
        writer.close()
        return answer

    async def go() -> None:
        proxy = Proxy(Remote(Configuration(Settings(timeout=5))), Lane("test", 1), shards_only=True)
        address = proxy.start()
        port, target = urlsplit(server.url).port, f"{server.url}/a/noarch/{INDEX}"
        parts = urlsplit(address)
        login = f"{parts.username}:{parts.password}"
        right = "Proxy-Authorization: Basic " + base64.b64encode(login.encode()).decode()
        for head, status in (
            (f"GET {target} HTTP/1.1\n\n", b"407"),
            (f"GET {target} HTTP/1.1\n{right}x\n\n", b"407"),
            (f"CONNECT 127.0.0.1:{port} HTTP/1.1\n\n", b"407"),
            (f"CONNECT 127.0.0.1:{port} HTTP/1.1\n{right}\n\n", b"403"),
            (f"POST {target} HTTP/1.1\n{right}\n\n", b"404"),
            (f"GET {server.url}/secrets.txt HTTP/1.1\n{right}\n\n", b"404"),
            (f"GET /a/noarch/{INDEX} HTTP/1.1\n{right}\n\n", b"404"),
            (f"GET http://169.254.169.254/{INDEX} HTTP/1.1\n{right}\n\n", b"424"),
            ("nonsense\n\n", b""),
            ("x" * 100_000, b""),
        ):
            assert status in (await ask(address, head) or b""), head[:80]
        assert server.requests == []
        proxy.routes.enter(Url(f"{server.url}/a"))
        assert b"200" in await ask(address, f"GET {target} HTTP/1.1\n{right}\n\n")
        proxy.close()

    run(go)


def test_nothing_of_the_environment_leads_py_rattler_past_the_proxy(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(lambda _: Reply(404)) as other:
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, "*")
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, other.url)
        assert newest(Url(f"{server.url}/a")) == "1.0"
        assert all(request.headers["user-agent"] == "envls" for request in server.requests)
        assert all("proxy-authorization" not in request.headers for request in server.requests)
        assert {request.headers["accept-encoding"] for request in server.requests} == {"identity"}, "asked by requests"
        assert other.requests == []
