"""How a private channel is reached: with what the user keeps for it, and nobody else ever sees that."""

from __future__ import annotations

import base64
import json
import logging
import os
import ssl
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import pytest

from envls.facts import Channels, CondaNames, CondaPackage, Known
from envls.url import Url
from envls.world import Settings, World
from envls.world.credentials import anaconda_token, netrc_login
from world.doubles import Heard, run
from world.gates import encrypt, newest
from world.loopback import Loopback, Reply, serving
from world.shards import INDEX, Sharded, shard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from world.loopback import Request

SECRET = "s3cr3t-of-the-test"


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


@pytest.fixture
def channel() -> Sharded:
    return Sharded({"alpha": shard("alpha", "1.0")})


@pytest.fixture
def server(channel: Sharded, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """A server that the user's configuration names."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    with serving(channel) as loopback:
        (home / ".condarc").write_text(f"channel_alias: {loopback.url}\n")
        yield loopback


def wanting(channel: Sharded, private: Source) -> Callable[[Request], Reply]:
    """The channel, for those who show the right things; the token stands right before the name of the channel."""

    def answer(request: Request) -> Reply:
        if request.headers.get("authorization", "") != private.header:
            return Reply(401)
        if private.token and not request.path.startswith(f"/t/{private.token}/a/"):
            return Reply(403)
        return channel(request)

    return answer


def keep_in_rattlers_store(home: Path, by_host: dict[str, Any]) -> None:
    (home / ".rattler").mkdir(exist_ok=True)
    (home / ".rattler" / "credentials.json").write_text(json.dumps(by_host))


def keep_in_netrc(home: Path, host: str, password: str = SECRET) -> None:
    file = home / ("_netrc" if os.name == "nt" else ".netrc")
    file.write_text(f"machine {host} login user password {password}\n")
    file.chmod(0o600)


def keep_token(home: Path, address: str) -> None:
    file = home / "config" / "binstar" / f"{quote_plus(address)}.token"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(SECRET)


# -- where they come from -------------------------------------------------------------------------------------

HOST = "127.0.0.1"


@dataclass
class Source:
    """`address` is what the file says, `keep` what the user has done; then the server wants `header` or `token`."""

    address: Callable[[str], str] = lambda url: url
    keep: Callable[[Path, str], Any] = lambda _, __: None
    header: str = ""
    token: str = ""


def in_condarc(home: Path, url: str) -> None:
    place = url.removesuffix("/a").replace("//", f"//user:{SECRET}@")
    (home / ".condarc").write_text(f"custom_channels: {{a: '{place}'}}\n")


SOURCES = {
    "written with the address": Source(
        lambda url: url.replace("//", f"//user:{SECRET}%40@"), header=basic("user", f"{SECRET}@")
    ),
    "a token in the address": Source(lambda url: url.replace("/a", f"/t/{SECRET}/a"), token=SECRET),
    "both": Source(
        lambda url: url.replace("//", "//user:pw@").replace("/a", f"/t/{SECRET}/a"),
        header=basic("user", "pw"),
        token=SECRET,
    ),
    "netrc": Source(keep=lambda home, _: keep_in_netrc(home, HOST), header=basic("user", SECRET)),
    "rattler, a password": Source(
        keep=lambda home, _: keep_in_rattlers_store(
            home, {HOST: {"BasicHTTP": {"username": "user", "password": SECRET}}}
        ),
        header=basic("user", SECRET),
    ),
    "rattler, a bearer": Source(
        keep=lambda home, _: keep_in_rattlers_store(home, {HOST: {"BearerToken": SECRET}}), header=f"Bearer {SECRET}"
    ),
    "rattler, conda's kind": Source(
        keep=lambda home, _: keep_in_rattlers_store(home, {HOST: {"CondaToken": SECRET}}), token=SECRET
    ),
    "anaconda-client": Source(keep=lambda home, url: keep_token(home, url.removesuffix("/a")), token=SECRET),
    "conda's configuration": Source(keep=in_condarc, header=basic("user", SECRET)),
}


@pytest.mark.parametrize("source", SOURCES)
def test_credentials_are_found_sent_and_shown_to_nobody(
    source: str,
    server: Loopback,
    channel: Sharded,
    home: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    url, private = f"{server.url}/a", SOURCES[source]
    private.keep(home, url)
    address = Url(private.address(url))
    server.answer = wanting(channel, private)
    listed = Channels((address,), "linux-64")
    alpha, names, beta = CondaPackage("alpha", listed), CondaNames(listed), CondaPackage("beta", listed)
    said: list[Any] = []

    async def go() -> None:
        world = World(Settings(cache=tmp_path / "cache", timeout=5))
        await world.learn([alpha, names], Heard(), fresh=True)
        answer = world.look(alpha)
        assert isinstance(answer, Known), answer
        assert answer.value.newest == "1.0"
        said.extend((answer, world.look(names)))
        server.answer = lambda _: Reply(401)
        world.configure(Settings(cache=tmp_path / "cache", timeout=6), ())
        await world.learn([alpha, beta], Heard(), fresh=True)
        said.extend((world.look(alpha), world.look(beta), world.status()))
        await world.aclose()

    run(go)
    assert SECRET not in f"{said} {caplog.text}"
    kept = b"".join(file.read_bytes() for file in (tmp_path / "cache").rglob("*") if file.is_file())
    assert b"alpha" in kept
    assert SECRET.encode() not in kept
    encoded = base64.b64encode(f"user:{SECRET}".encode()).rstrip(b"=")
    assert encoded not in kept
    assert encoded.decode() not in f"{said} {caplog.text}"
    assert not [file for file in temporary.rglob("*") if file.is_file()]


def test_netrc_of_another_place_and_its_default(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "own"
    file.write_text("machine h.example.com login me password mine\ndefault login anybody password open\n")
    assert netrc_login("h.example.com", {"NETRC": str(file)}) == ("me", "mine")
    assert netrc_login("other.example.com", {"NETRC": str(file)}) is None, "else any host would get it"
    file.write_text("machine {{{")
    assert netrc_login("h.example.com", {"NETRC": str(file)}) is None
    keep_in_netrc(home, "h.example.com")
    assert netrc_login("h.example.com", {}) == ("user", SECRET)


def test_whom_a_token_is_for(tmp_path: Path) -> None:
    for address in ("https://api.example.org", "https://server.example.com/api"):
        file = tmp_path / "data" / f"{quote_plus(address)}.token"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"{SECRET}\n")
    where = {"BINSTAR_CONFIG_DIR": str(tmp_path)}
    assert anaconda_token("https://conda.example.org/a/noarch/x", where) == ("", SECRET)
    assert anaconda_token("https://server.example.com/conda/a/x", where) == ("/conda", SECRET)
    for stranger in ("https://conda.example.org.evil.example.com/a", "http://conda.example.org/a", "https://x.org/a"):
        assert anaconda_token(stranger, where) == ("", "")


def test_credentials_that_cannot_be_read_are_told_and_missed_by_nobody_else(
    server: Loopback, channel: Sharded, home: Path, tmp_path: Path
) -> None:
    channel.shards["beta"] = shard("beta", "2.0")
    keep_in_rattlers_store(home, {})
    (home / ".rattler" / "credentials.json").write_text("{ " + SECRET)
    listed = Channels((Url(f"{server.url}/a"),), "linux-64")
    alpha, beta = CondaPackage("alpha", listed), CondaPackage("beta", listed)

    async def go() -> None:
        world = World(Settings(cache=tmp_path / "cache", timeout=5))
        await world.learn([alpha], Heard(), fresh=True)
        assert isinstance(world.look(alpha), Known)
        assert world.status() == [("configuration", "the credentials that rattler keeps cannot be read")]
        keep_in_rattlers_store(home, {HOST: {"BearerToken": SECRET}})
        server.answer = wanting(channel, SOURCES["rattler, a bearer"])
        await world.learn([beta], Heard(), fresh=True)
        assert isinstance(world.look(beta), Known), "what is kept later counts at once"
        assert world.status() == []
        await world.aclose()

    run(go)


# -- where they go --------------------------------------------------------------------------------------------


def keep_everything(home: Path, *hosts: str) -> None:
    keep_in_rattlers_store(home, {host: {"BearerToken": SECRET} for host in hosts})
    lines = [f"machine {host} login user password {SECRET}" for host in hosts]
    (home / ".netrc").write_text("\n".join(lines))
    (home / ".netrc").chmod(0o600)


@pytest.mark.parametrize("written", [True, False])
def test_credentials_do_not_follow_a_redirect_to_another_host(
    server: Loopback, channel: Sharded, home: Path, written: bool
) -> None:
    keep_everything(home, "127.0.0.1", "localhost")
    with serving(Sharded(channel.shards)) as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        channel.more = {"": lambda request: Reply(302, b"", {"Location": elsewhere + request.path})}
        login = f"//user:{SECRET}@" if written else "//"
        assert newest(Url(f"{server.url}/a".replace("//", login))) == "1.0"
        assert all("authorization" in request.headers for request in server.requests)
        assert len(other.requests) == 3
        assert all("authorization" not in request.headers for request in other.requests), "nor are its own sent there"
        assert SECRET not in str(other.requests)


def test_credentials_follow_a_redirect_on_the_same_host(server: Loopback, channel: Sharded, home: Path) -> None:
    keep_in_netrc(home, "127.0.0.1")
    channel.more = {"/a/noarch/" + INDEX: lambda _: Reply(302, b"", {"Location": f"/b/noarch/{INDEX}"})}
    server.answer = wanting(channel, SOURCES["netrc"])
    assert newest(Url(f"{server.url}/a")) == "1.0"


def test_what_is_kept_is_not_sent_unencrypted_because_a_file_says_so(server: Loopback, home: Path) -> None:
    keep_everything(home, "127.0.0.1", "localhost")
    keep_token(home, server.url.replace("127.0.0.1", "localhost"))
    assert newest(Url(server.url.replace("127.0.0.1", "localhost") + "/a")) == "1.0"
    assert SECRET not in str(server.requests)
    assert all("authorization" not in request.headers for request in server.requests)
    assert newest(Url(f"{server.url}/b")) == "1.0"
    later = [request for request in server.requests if request.path.startswith("/b/")]
    assert all(request.headers["authorization"] == f"Bearer {SECRET}" for request in later)
    assert later


def test_the_keyring_stays_in_peace(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """py-rattler asks it unless one file is named."""
    from rattler import Config  # noqa: PLC0415 - dear; only where channels are

    said: list[str] = []
    real = Config.from_toml

    def from_toml(toml: str) -> Config:
        said.append(toml)
        return real(toml)

    monkeypatch.setattr(Config, "from_toml", from_toml)
    assert newest(Url(f"{server.url}/a")) == "1.0"
    assert len(said) == 1
    assert 'credentials.json"' in said[0].partition("authentication-override-file = ")[2].splitlines()[0]


# -- proxies and certificates of the user -----------------------------------------------------------------------


def forwarding(channel: Sharded) -> Callable[[Request], Reply]:
    """A proxy of the user that answers for whatever host it is asked for."""
    return lambda request: channel(request) if "proxy-authorization" in request.headers else Reply(407)


@pytest.mark.parametrize("variable", [True, False])
def test_the_users_proxy_is_asked_by_name(
    server: Loopback, channel: Sharded, home: Path, monkeypatch: pytest.MonkeyPatch, variable: bool
) -> None:
    url = Url("http://channels.example.com/a")
    server.answer = forwarding(channel)
    proxy = server.url.replace("//", f"//user:{SECRET}@")
    if variable:
        monkeypatch.setenv("http_proxy", proxy)
    else:
        (home / ".condarc").write_text(f"proxy_servers: {{http: '{proxy}'}}\n")
    assert newest(url) == "1.0"
    assert all(request.headers["host"] == "channels.example.com" for request in server.requests)
    assert all(request.headers["proxy-authorization"] == basic("user", SECRET) for request in server.requests)
    (home / ".condarc").write_text(f"proxy_servers: {{http: '{server.url}'}}\n")
    monkeypatch.delenv("http_proxy", raising=False)
    assert newest(Url("http://channels.example.com/b")) == "the proxy wants other credentials (407)"
    monkeypatch.setenv("http_proxy", proxy)
    assert newest(Url("http://channels.example.com/c")) == "1.0", "the environment comes first, as for conda"


def test_a_proxy_is_passed_by_where_the_user_says_so(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda _: Reply(500)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert newest(Url(f"{server.url}/a")) == "answered 500"
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert newest(Url(f"{server.url}/b")) == "1.0"
        assert all(path.startswith("/a/") for path in proxy.paths)
    monkeypatch.delenv("no_proxy")
    assert newest(Url(f"{server.url}/c")) == "the proxy does not answer"


def test_certificates_are_those_that_conda_would_accept(
    server: Loopback, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = encrypt(server, tmp_path)
    url = server.url.replace("http:", "https:")
    names = iter("abcdefghij")

    def found() -> str:
        return newest(Url(f"{url}/{next(names)}"))

    assert found() == "its certificate is not accepted"
    for line in (f"ssl_verify: '{certificate}'", "ssl_verify: false"):
        (home / ".condarc").write_text(line)
        assert found() == "1.0", line
    (home / ".condarc").write_text("ssl_verify: truststore")
    assert found() == "its certificate is not accepted"
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "CONDA_SSL_VERIFY"):
        monkeypatch.setenv(name, str(certificate))
        assert found() == "1.0", name
        monkeypatch.delenv(name)
    monkeypatch.setenv("CONDA_SSL_VERIFY", str(tmp_path / "none.pem"))
    assert found() == "a file of certificates that is configured cannot be read"


def test_a_certificate_of_the_user_is_shown(server: Loopback, home: Path, tmp_path: Path) -> None:
    certificate = encrypt(server, tmp_path)
    context = server.server.socket.context  # type: ignore[attr-defined] # of an encrypted socket
    context.load_verify_locations(certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    url = server.url.replace("http:", "https:")
    (home / ".condarc").write_text(f"ssl_verify: '{certificate}'\n")
    assert newest(Url(f"{url}/a")) in ("its certificate is not accepted", "cannot be reached")
    key = f"client_ssl_cert: '{certificate}'\nclient_ssl_cert_key: '{tmp_path / 'key.pem'}'\n"
    (home / ".condarc").write_text(f"ssl_verify: '{certificate}'\n{key}")
    assert newest(Url(f"{url}/b")) == "1.0"
