"""Packages of pip's indexes: real indexes on loopback in their many forms, and one marked test on the real one."""

from __future__ import annotations

import logging
import os
import shutil
import ssl
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from envls.facts import Absent, Answer, Indexes, Known, Package, PipPackage, Unavailable
from envls.url import Url
from envls.world import Settings, World, index, session
from world.doubles import Heard, run
from world.loopback import Loopback, Reply, serving
from world.simple_index import File, Index

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SECRET = "s3cr3t-of-the-test"

FILES = [
    File("1.0", "2020-01-02T00:00:00Z", ">=3.6", wheel=False),
    File("2.0", "2022-01-01T00:00:00Z", ">=3.8"),
    File("2.0", "2021-12-31T00:00:00Z", ">=3.8", wheel=False),
    File("10.0", "2023-01-01T00:00:00Z", ">=3.9", yanked="broken on Windows"),
    File("3.0rc1", "2023-02-01T00:00:00Z"),
    File("1.5", "2021-01-01T00:00:00Z", yanked="only the wheel"),
    File("1.5", "2021-01-01T00:00:00Z", wheel=False),
    File("not.a.version", wheel=False),
]


@pytest.fixture(autouse=True)
def pip(home: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """pip without any configuration, and its store in the home of the test."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    return monkeypatch


@pytest.fixture
def server(pip: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """An index that pip is configured for."""
    with serving(Index(FILES, described=("2.0",))) as loopback:
        pip.setenv("PIP_INDEX_URL", f"{loopback.url}/simple")
        yield loopback


def ask(
    *questions: PipPackage, settings: Settings | None = None, status: list[tuple[str, str]] | None = None
) -> list[Answer[Package]]:
    found: list[Answer[Package]] = []

    async def go() -> None:
        world = World(settings or Settings(timeout=5))
        await world.learn(questions, Heard(), fresh=True)
        found.extend(map(world.look, questions))
        if status is not None:
            status.extend(world.status())
        await world.aclose()

    run(go)
    return found


def of(name: str = "alpha-beta", index: Url | None = None, extra: Sequence[Url] = ()) -> PipPackage:
    return PipPackage(name, Indexes(index, tuple(extra)))


def package(answer: Answer[Package]) -> Package:
    assert isinstance(answer, Known), answer
    return answer.value


@pytest.mark.parametrize("json", [True, False], ids=["JSON", "HTML only"])
def test_versions_stand_newest_first_with_what_is_known_of_each(server: Loopback, json: bool) -> None:
    server.answer = Index(FILES, json=json, described=("2.0",))
    (answer,) = ask(of())
    found = package(answer)
    assert found.versions == ("10.0", "3.0rc1", "2.0", "1.5", "1.0")
    assert found.newest == "2.0"
    yanked = {release.version: release.yanked for release in found.releases}
    assert yanked == {"10.0": "broken on Windows", "3.0rc1": None, "2.0": None, "1.5": None, "1.0": None}
    two = found.releases[2]
    assert two.requires_python == ">=3.8"
    assert (two.date.isoformat() if two.date else None) == ("2021-12-31T00:00:00+00:00" if json else None)
    assert found.summary == "Does <b>things</b> of 2.0"
    assert found.licence == "MIT"
    assert found.links == (("Homepage", "https://alpha.example.com"), ("Source", "https://source.example.com/alpha"))
    assert found.where == "127.0.0.1"
    assert isinstance(answer, Known)
    assert answer.source == "127.0.0.1"
    assert answer.as_of is not None


def test_metadata_that_only_older_releases_have(server: Loopback) -> None:
    server.answer = Index([File(f"1.{number}") for number in range(20)], described=("1.16",))
    (answer,) = ask(of())
    found = package(answer)
    assert found.newest == "1.19"
    assert found.summary == "Does <b>things</b> of 1.16"
    assert found.licence == "MIT (in 1.16)"


def test_an_index_without_metadata_tells_versions(server: Loopback) -> None:
    server.answer = Index([File(f"1.{number}") for number in range(100)])
    (answer,) = ask(of())
    assert package(answer).newest == "1.99"
    assert package(answer).summary == ""
    assert len(server.requests) <= 6


def test_a_package_that_is_not_there_is_absent(server: Loopback) -> None:
    assert ask(of("nope")) == [Absent("127.0.0.1")]
    assert server.paths == ["/simple/nope/"]


def test_a_package_without_files_is_known(server: Loopback) -> None:
    server.answer = Index([])
    (answer,) = ask(of())
    assert package(answer).releases == ()
    assert package(answer).newest == ""


def test_what_was_asked_before_is_not_asked_again(server: Loopback) -> None:
    first = ask(of())
    requests = len(server.requests)
    (again,) = ask(of())
    assert len(server.requests) == requests
    assert again == first[0]


def test_what_is_in_the_store_is_known_offline(server: Loopback) -> None:
    ask(of())
    asked = len(server.requests)
    known, unknown = ask(of(), of("other"), settings=Settings(offline=True))
    assert package(known).newest == "2.0"
    assert unknown == Unavailable("127.0.0.1: offline")
    assert len(server.requests) == asked


@pytest.mark.parametrize(
    ("reply", "reason", "everything"),
    [
        (Reply(500), "answered 500", True),
        (Reply(503), "answered 503", True),
        (Reply(429), "answered 429", True),
        (Reply(403), "answered 403", False),
        (Reply(200, b"{", {"Content-Type": "application/vnd.pypi.simple.v1+json"}), "its answer cannot be read", False),
        (
            Reply(200, b"[]", {"Content-Type": "application/vnd.pypi.simple.v1+json"}),
            "its answer cannot be read",
            False,
        ),
        (
            Reply(200, b"[" * 100_000, {"Content-Type": "application/vnd.pypi.simple.v1+json"}),
            "its answer cannot be read",
            False,
        ),
        (Reply(200, b"hello", {"Content-Type": "text/plain"}), "its answer is no package index", False),
        (
            Reply(200, b"xxxxxxxxxxxxxxxxxxxxxx", {"Content-Encoding": "gzip", "Content-Type": "text/html"}),
            "its answer",
            False,
        ),
        (
            Reply(200, b"<h1>Welcome to our hotel</h1>", {"Content-Type": "text/html"}),
            "its answer is no package index",
            False,
        ),
        (Reply(302, b"", {"Location": "/simple/alpha-beta/"}), "redirects without end", False),
        (Reply(302, b"", {"Location": "http://169.254.169.254/latest"}), "169.254.169.254 is never asked", False),
        (
            Reply(302, b"", {"Location": "ftp://example.com/"}),
            "its address, or one it leads to, cannot be asked",
            False,
        ),
    ],
)
def test_an_index_that_misbehaves(server: Loopback, reply: Reply, reason: str, everything: bool) -> None:
    server.answer = lambda _: reply
    status: list[tuple[str, str]] = []
    (answer,) = ask(of(), status=status)
    assert isinstance(answer, Unavailable)
    assert answer.reason.startswith(f"127.0.0.1: {reason}")
    assert bool(status) == everything


def test_an_index_that_never_answers(server: Loopback) -> None:
    server.answer = server.hang
    status: list[tuple[str, str]] = []
    answers = ask(of(), of("other"), settings=Settings(timeout=0.2), status=status)
    assert {answer.reason if isinstance(answer, Unavailable) else "" for answer in answers} == {
        "127.0.0.1: did not answer in time"
    }
    assert status == [(f"{server.url}/simple", "did not answer in time")]


def test_an_index_that_is_not_there(pip: pytest.MonkeyPatch) -> None:
    pip.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    assert ask(of()) == [Unavailable("127.0.0.1: cannot be reached")]


def test_an_answer_without_end_is_cut(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "LARGEST", 1_000_000)
    server.answer = lambda _: Reply(200, b"x" * 2_000_000, {"Content-Type": "text/html"})
    (answer,) = ask(of())
    assert isinstance(answer, Unavailable)
    assert "larger than" in answer.reason


def test_a_source_recovers(server: Loopback) -> None:
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


# -- several indexes, and whom to trust ------------------------------------------------------------------------


@pytest.mark.usefixtures("server")
def test_what_several_indexes_have_is_put_together(pip: pytest.MonkeyPatch) -> None:
    with serving(Index([File("2.0"), File("4.0")])) as extra, serving(lambda _: Reply(500)) as broken:
        pip.setenv("PIP_EXTRA_INDEX_URL", f"{extra.url}/simple {broken.url}/simple")
        (answer, absent) = ask(of(), of("nope"))
    assert package(answer).newest == "4.0"
    assert package(answer).versions == ("10.0", "4.0", "3.0rc1", "2.0", "1.5", "1.0")
    assert package(answer).summary
    assert absent == Unavailable("127.0.0.1: answered 500"), "not every index could say that there is none"


@pytest.mark.usefixtures("server")
def test_an_index_in_a_folder_is_read(pip: pytest.MonkeyPatch, tmp_path: Path) -> None:
    page = tmp_path / "simple" / "local-only" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text('<a href="../../files/local_only-1.2-py3-none-any.whl">local_only-1.2-py3-none-any.whl</a>')
    pip.setenv("PIP_EXTRA_INDEX_URL", f"{(tmp_path / 'simple').as_uri()} {(tmp_path / 'none').as_uri()}")
    local, remote = ask(of("local-only"), of())
    assert package(local).newest == "1.2"
    assert package(remote).newest == "2.0"
    pip.setenv("PIP_EXTRA_INDEX_URL", (tmp_path / "simple").as_uri())
    (absent,) = ask(of("nope"))
    assert isinstance(absent, Absent)


def test_no_index_is_respected(server: Loopback, pip: pytest.MonkeyPatch) -> None:
    pip.setenv("PIP_NO_INDEX", "1")
    assert ask(of()) == [Unavailable("pip's configuration says no-index")]
    assert server.requests == []


def test_an_index_that_only_a_file_names_is_not_asked_unless_trusted(server: Loopback) -> None:
    with serving(Index(FILES)) as other:
        url = Url(other.url.replace("127.0.0.1", "localhost") + "/simple")
        for question in (of(index=url), of(extra=[url])):
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
        target = other.url.replace("127.0.0.1", "localhost") + "/simple/alpha-beta/"
        server.answer = lambda _: Reply(302, b"", {"Location": target})
        (answer,) = ask(of(), settings=Settings(trusted=False))
        assert isinstance(answer, Unavailable)
        assert other.requests == []


def test_a_variable_in_the_address_of_a_file_is_sent_to_nobody(server: Loopback) -> None:
    (answer,) = ask(of(index=Url(f"{server.url}/${{HOME}}/simple")))
    assert isinstance(answer, Unavailable)
    assert "has a variable" in answer.reason
    assert server.requests == []


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


def test_a_name_that_is_no_name_is_not_asked(server: Loopback) -> None:
    for name in ("../../etc", "a/b", "a?b", "A", "", "a b", "a#b"):
        assert ask(of(name)) == [Unavailable("no name of a package")]
    assert server.requests == []


def test_no_secret_in_log_reason_status_or_store(
    server: Loopback, pip: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with_secret = server.url.replace("//", f"//user:{SECRET}@")
    status: list[tuple[str, str]] = []
    said: list[Any] = []
    settings = Settings(cache=tmp_path / "cache", timeout=5)
    pip.setenv("PIP_INDEX_URL", f"{with_secret}/simple")
    said += ask(
        of(),
        of("nope"),
        of("other", Url(f"{with_secret}/t/{SECRET}/simple?sig={SECRET}")),
        settings=settings,
        status=status,
    )
    assert isinstance(said[0], Known)
    assert any("authorization" in request.headers for request in server.requests), "whoever connects uses it"
    server.answer = lambda _: Reply(500)
    said += ask(
        of("another"), of("third", Url(f"http://user:{SECRET}@127.0.0.1:bad/simple")), settings=settings, status=status
    )
    assert status
    assert SECRET not in f"{said} {status} {caplog.text}"
    kept = b"".join(file.read_bytes() for file in (tmp_path / "cache").rglob("*") if file.is_file())
    assert b"alpha-beta" in kept
    assert SECRET.encode() not in kept


# -- the real index -------------------------------------------------------------------------------------------


@pytest.fixture
def real_index(pip: pytest.MonkeyPatch) -> None:
    """pip's own default index, with the certificates of this machine; a loud skip where it cannot be reached."""
    import requests  # noqa: PLC0415

    for certificates in ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"):
        if os.path.exists(certificates):  # noqa: PTH110
            pip.setenv("PIP_CERT", certificates)
            break
    url = index.default_index().revealed
    try:
        requests.get(url + "pip/", timeout=5, verify=os.environ.get("PIP_CERT") or True).raise_for_status()
    except requests.RequestException as error:
        pytest.skip(f"THE REAL INDEX CANNOT BE REACHED, nothing was tried on it: {type(error).__name__}")


@pytest.mark.index
def test_the_real_index(real_index: None) -> None:
    del real_index
    known, absent = ask(of("requests"), of("envls-test-of-a-name-that-nobody-has"))
    found = package(known)
    assert "2.31.0" in found.versions
    assert found.newest
    assert next(release for release in found.releases if release.version == "2.31.0").requires_python == ">=3.7"
    assert found.summary == "Python HTTP for Humans."
    assert found.licence.startswith("Apache")
    assert any("github.com/psf/requests" in address for _, address in found.links)
    assert isinstance(absent, Absent)
