"""Where pip looks, with which credentials, and whom that is told: as pip does, and no more than the user has allowed."""

from __future__ import annotations

import base64
import json
import logging
import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from envls.facts import Absent, Indexes, Known, PipPackage, Unavailable
from envls.url import Url
from envls.world import Settings
from envls.world.index_auth import IndexAuth, of_keyring
from envls.world.pip_config import PipConfig
from envls.world.pip_places import places
from envls.world.shelf import FailedError, source_name
from envls.world.store import Store
from world.asking import ask, of, package
from world.loopback import Loopback, Reply, serving
from world.simple_index import FILES, File, Index

if TYPE_CHECKING:
    from world.loopback import Request

SECRET = "s3cr3t-of-the-test"


def elsewhere(server: Loopback) -> str:
    """The same server under another name, which is another host to everybody who asks."""
    return server.url.replace("127.0.0.1", "localhost")


# -- where ----------------------------------------------------------------------------------------------------

A, B, C, L, M = (Url(f"https://{name}.example.com/simple") for name in "abclm")


@pytest.mark.parametrize(
    ("indexes", "config", "found"),
    [
        (Indexes(), PipConfig(index=A, extra=(B,)), [A, B]),
        (Indexes(extra=(C,)), PipConfig(index=A, extra=(B,)), [A, B, C]),
        (Indexes(C), PipConfig(index=A, extra=(B,)), [C]),
        (Indexes(C, (B,)), PipConfig(index=A), [C, B]),
        (Indexes(extra=(A, Url(f"{A}/"))), PipConfig(index=A), [A]),
        (Indexes(links=(M,)), PipConfig(index=A, links=(L,)), [A, L, M]),
        (Indexes(C, links=(M,), no_index=True), PipConfig(index=A, links=(L,)), [L, M]),
        (Indexes(C, links=(M,)), PipConfig(index=A, no_index=True), [M]),
    ],
)
def test_where_pip_looks(indexes: Indexes, config: PipConfig, found: list[Url]) -> None:
    where = places(indexes, config)
    assert [place.url for place in where] == found
    assert [place.own for place in where] == [
        place.url in (config.index, *config.extra, *config.links) for place in where
    ]


def test_only_the_default_index_is_public() -> None:
    default, *others = places(Indexes(extra=(A,), links=(L,)), PipConfig())
    assert default.public
    assert default.own
    assert not any(place.public or place.own for place in others)
    (written,) = places(Indexes(Url(default.url.revealed.rstrip("/"))), PipConfig())
    assert written.public


def test_pip_is_told_to_look_nowhere() -> None:
    with pytest.raises(FailedError, match="no index"):
        places(Indexes(no_index=True), PipConfig(index=A))


def test_what_several_indexes_have_is_put_together(server: Loopback, pip: pytest.MonkeyPatch) -> None:
    with serving(Index([File("2.0"), File("4.0")])) as extra, serving(lambda _: Reply(500)) as broken:
        pip.setenv("PIP_EXTRA_INDEX_URL", f"{extra.url}/simple {broken.url}/simple")
        (answer, absent) = ask(of(), of("nope"))
    assert package(answer).newest == "4.0"
    assert package(answer).versions == ("10.0", "4.0", "3.0rc1", "2.0", "1.5", "1.0")
    assert package(answer).summary
    assert not package(answer).complete
    assert absent == Unavailable("127.0.0.1: answered 500"), "not every index could say that there is none"
    assert server.requests


@pytest.mark.usefixtures("server")
def test_an_index_in_a_folder_is_read_as_it_is_now(pip: pytest.MonkeyPatch, tmp_path: Path) -> None:
    page = tmp_path / "simple" / "local-only" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text('<a href="../../files/local_only-1.2-py3-none-any.whl">local_only-1.2-py3-none-any.whl</a>')
    pip.setenv("PIP_EXTRA_INDEX_URL", f"{(tmp_path / 'simple').as_uri()} {(tmp_path / 'none').as_uri()}")
    local, remote = ask(of("local-only"), of())
    assert package(local).newest == "1.2"
    assert package(remote).newest == "2.0"
    page.write_text('<a href="local_only-1.3.zip">local_only-1.3.zip</a>')
    pip.setenv("PIP_EXTRA_INDEX_URL", (tmp_path / "simple").as_uri())
    local, absent = ask(of("local-only"), of("nope"))
    assert package(local).newest == "1.3"
    assert isinstance(absent, Absent)


def test_folders_and_pages_of_find_links_count(server: Loopback, pip: pytest.MonkeyPatch, tmp_path: Path) -> None:
    wheels = tmp_path / "wheels ü"
    wheels.mkdir()
    for name in (
        "alpha_beta-11.0-cp311-cp311-linux_x86_64.whl",
        "only.here-1.0.tar.gz",
        "README.txt",
        "only_here-2.0.exe",
    ):
        (wheels / name).touch()
    listing = '<a href="Alpha.Beta-12.0-py3-none-any.whl#sha256=00">Alpha.Beta-12..&gt;</a><a href="?C=N">Name</a>'
    with serving(lambda _: Reply(200, listing.encode(), {"Content-Type": "text/html"})) as page:
        pip.setenv("PIP_FIND_LINKS", f"{page.url}/list.html {wheels.as_uri()}")
        both, only, neither = ask(of(), of("only-here"), of("nope"))
        assert len(page.requests) == 1, "a page is asked for once, for all packages"
        assert package(both).versions[:3] == ("12.0", "11.0", "10.0")
        assert package(both).newest == "12.0"
        assert package(both).summary == "Does <b>things</b> of 2.0"
        assert package(only).versions == ("1.0",)
        assert isinstance(neither, Absent)
        pip.setenv("PIP_NO_INDEX", "1")
        before = len(server.requests)
        offline, absent = ask(of(), of("requests"))
        assert package(offline).versions == ("12.0", "11.0")
        assert isinstance(absent, Absent)
        assert len(server.requests) == before


def test_a_relative_folder_is_not_known(server: Loopback) -> None:
    known, unknown = ask(of(links=[Url("./wheels")]), of("nope", links=[Url("wheels")]))
    assert not package(known).complete
    assert isinstance(unknown, Unavailable)
    assert "relative path" in unknown.reason
    assert server.requests


def test_a_file_that_names_a_folder_of_this_machine(server: Loopback, tmp_path: Path) -> None:
    (tmp_path / "alpha_beta-99.0.tar.gz").touch()
    for link in (tmp_path.as_uri(), str(tmp_path), f"file:{tmp_path}"):
        (answer,) = ask(of(links=[Url(link)]), settings=Settings(trusted=False, timeout=5))
        assert package(answer).newest == "99.0"
    assert server.requests


# -- whom -----------------------------------------------------------------------------------------------------


def test_a_place_that_only_a_file_names_is_not_asked_unless_trusted(server: Loopback) -> None:
    with serving(Index(FILES)) as other:
        url = Url(f"{elsewhere(other)}/simple")
        for question in (of(index=url), of(extra=[url]), of(links=[url])):
            ask(question, settings=Settings(trusted=False))
        assert other.requests == []
        (refused,) = ask(of(index=url), settings=Settings(trusted=False))
        assert refused == Unavailable("localhost is not trusted: only the file names it")
        asked_before = len(server.requests)
        for settings in (
            Settings(),
            Settings(trusted=False, trust_all=True),
            Settings(trusted=False, trusted_hosts=("localhost",)),
        ):
            (answer,) = ask(of(index=url), settings=settings)
            assert package(answer).newest == "2.0"
        assert other.requests
        assert len(server.requests) == asked_before, "the index of the file replaces the configured one"


def test_a_redirect_to_an_untrusted_host_is_refused(server: Loopback) -> None:
    with serving(Index(FILES)) as other:
        target = f"{elsewhere(other)}/simple/alpha-beta/"
        server.answer = lambda _: Reply(302, b"", {"Location": target})
        (answer,) = ask(of(), settings=Settings(trusted=False))
        assert isinstance(answer, Unavailable)
        assert other.requests == []


def test_a_variable_in_the_address_of_a_file_is_sent_to_nobody(server: Loopback) -> None:
    for question in (of(index=Url(f"{server.url}/${{HOME}}/simple")), of(links=[Url(f"{server.url}/$HOME/x.html")])):
        (answer,) = ask(PipPackage(question.name, Indexes(question.indexes.index, (), question.indexes.links)))
        assert "has a variable" in f"{answer}" or not package(answer).complete
    assert all("HOME" not in path and "root" not in path for path in server.paths)


def test_a_name_that_is_no_name_is_not_asked(server: Loopback) -> None:
    for name in ("../../etc", "a/b", "a?b", "A", "", "a b", "a#b"):
        assert ask(of(name)) == [Unavailable("no name of a package")]
    assert server.requests == []


# -- with which credentials -----------------------------------------------------------------------------------


def signed(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_credentials_of_an_address_go_to_its_origin_only(server: Loopback, pip: pytest.MonkeyPatch) -> None:
    """For the page and for files on the same host, wherever the page says they are; not along a redirect."""
    pip.setenv("PIP_INDEX_URL", server.url.replace("//", "//some%40one:pässword@") + "/simple")
    with serving(Index(FILES, described=("2.0",))) as other:
        server.answer = Index(FILES, described=("2.0",), wants="some@one:pässword", base=f"{server.url}/files/")
        assert package(ask(of())[0]).summary
        server.answer = Index(
            FILES, described=("2.0",), wants="some@one:pässword", base=f"{elsewhere(other)}/files/", name="b"
        )
        assert package(ask(of("b"))[0]).versions == ()
        server.answer = lambda _: Reply(302, b"", {"Location": f"{elsewhere(other)}/simple/alpha-beta/"})
        pip.setenv("XDG_CACHE_HOME", os.environ["XDG_CACHE_HOME"] + "-2")
        assert package(ask(of())[0]).versions
        assert other.requests
        assert not any("authorization" in request.headers for request in other.requests)


def test_two_indexes_of_one_host_have_credentials_each() -> None:
    auth = IndexAuth(lambda _: True)
    assert auth.remember(Url("https://one:1@example.com/one/simple")) == "https://example.com/one/simple"
    auth.remember(Url("https://two:2@example.com/two/simple"))
    assert auth.remember(Url("https://example.com/free")) == "https://example.com/free"

    def header(url: str) -> object:
        request: Any = SimpleNamespace(url=url, headers={})
        auth(request)
        return request.headers.get("Authorization")

    assert header("https://example.com/one/simple/a/") == signed("one", "1")
    assert header("https://example.com:443/two/simple/a/") == signed("two", "2")
    assert header("https://example.com/files/a.whl")
    for other in (
        "http://example.com/one/simple/",
        "https://example.com:444/one/",
        "https://www.example.com/one/",
        "x",
    ):
        assert header(other) is None


@pytest.mark.parametrize("proxy", [False, True])
def test_netrc_is_read_for_its_hosts(server: Loopback, pip: pytest.MonkeyPatch, home: Path, proxy: bool) -> None:
    server.answer = Index(FILES, wants=f"me:{SECRET}")
    if proxy:
        pip.setenv("PIP_PROXY", server.url)  # which stands in for the index
    assert ask(of()) == [Unavailable("127.0.0.1: wants other credentials (401)")]
    netrc = home / ".netrc"
    netrc.write_text(f"machine 127.0.0.1 login me password {SECRET}\ndefault login anybody password {SECRET}\n")
    netrc.chmod(0o600)
    assert package(ask(of())[0]).newest == "2.0"
    with serving(Index(FILES, wants=f"me:{SECRET}")) as other:
        (refused,) = ask(of(index=Url(f"{elsewhere(other)}/simple")))
        assert isinstance(refused, Unavailable), "what is for anybody is for nobody"


def test_the_keyring_is_asked_only_where_the_user_wants_it(server: Loopback, pip: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str | None]] = []

    def get_credential(service: str, user: str | None) -> Any:
        asked.append((service, user))
        return SimpleNamespace(username="me", password=SECRET) if service.endswith("/simple/") else None

    pip.setitem(sys.modules, "keyring", ModuleType("keyring"))
    pip.setattr(sys.modules["keyring"], "get_credential", get_credential, raising=False)
    server.answer = Index(FILES, wants=f"me:{SECRET}")
    assert ask(of()) == [Unavailable("127.0.0.1: wants other credentials (401)")]
    assert asked == []
    assert package(ask(of(), settings=Settings(keyring=True))[0]).newest == "2.0"
    assert asked == [(f"{server.url}/simple/", None)]
    pip.setenv("PIP_INDEX_URL", server.url.replace("//", "//you@") + "/simple")
    ask(of("other"), settings=Settings(keyring=True))
    assert asked[-1] == (f"{server.url}/simple/", "you")


@pytest.mark.skipif(os.name == "nt", reason="a script stands in for the command")
def test_the_command_of_the_keyring_is_asked_where_there_is_no_library(pip: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pip.setitem(sys.modules, "keyring", None)
    command = tmp_path / "keyring"
    said = json.dumps({"username": "me", "password": SECRET})
    command.write_text(f"#!/bin/sh\n[ \"$3 $4\" = 'get https://example.com/simple/' ] && echo '{said}'\n")
    command.chmod(0o700)
    pip.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    found = of_keyring("https://example.com/simple/", None)
    assert found is not None
    assert (found.user, found.password) == ("me", SECRET)
    assert of_keyring("https://other.example.com/", None) is None


def test_the_proxy_is_pips_or_that_of_the_environment(server: Loopback, pip: pytest.MonkeyPatch) -> None:
    def through(request: Request) -> Reply:
        return Index(FILES)(request) if request.headers["host"] == "index.example.com" else Reply(502)

    server.answer = through
    pip.setenv("PIP_INDEX_URL", "http://index.example.com/simple")
    for name in ("PIP_PROXY", "http_proxy"):
        pip.setenv(name, server.url)
        pip.setenv("XDG_CACHE_HOME", os.environ["XDG_CACHE_HOME"] + name)
        assert package(ask(of())[0]).newest == "2.0", name
        pip.delenv(name)


# -- and nobody else ------------------------------------------------------------------------------------------


def test_no_secret_in_log_reason_status_or_store(
    server: Loopback, pip: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with_secret = server.url.replace("//", f"//user:{SECRET}@")
    status: list[tuple[str, str]] = []
    said: list[Any] = []
    settings = Settings(cache=tmp_path / "cache", timeout=5)
    pip.setenv("PIP_INDEX_URL", f"{with_secret}/simple")
    page = of("paged", links=[Url(f"{with_secret}/simple/alpha-beta/?sig={SECRET}")])
    said += ask(
        of(), of("nope"), of("other", Url(f"{with_secret}/t/{SECRET}/simple?sig={SECRET}")), page, settings=settings
    )
    assert isinstance(said[0], Known)
    assert any("authorization" in request.headers for request in server.requests), "whoever connects uses it"
    server.answer = lambda _: Reply(500)
    broken = of("third", Url(f"http://user:{SECRET}@127.0.0.1:bad/simple"))
    said += ask(of("another"), broken, settings=settings, status=status)
    assert status
    assert SECRET not in f"{said} {status} {caplog.text}"
    store = Store(tmp_path / "cache")
    kept = list(store.entries())
    store.close()
    assert any("alpha-beta" in entry.key for entry in kept)
    assert any(entry.key.startswith("links ") for entry in kept)
    assert SECRET not in f"{kept}"
    assert SECRET.encode() not in b"".join(
        file.read_bytes() for file in (tmp_path / "cache").rglob("*") if file.is_file()
    )


def test_addresses_that_differ_in_their_secrets_only_are_kept_apart() -> None:
    plain, one, same, other = (
        source_name(Url(f"https://{user}example.com/simple/")) for user in ("", "me:1@", "me:1@", "me:2@")
    )
    assert plain == "https://example.com/simple"
    assert one == same
    assert one.startswith("https://…@example.com/simple (")
    assert len({plain, one, other}) == 3
