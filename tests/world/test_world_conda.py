"""Packages of conda channels: channels that the tests build, and real channel data, served on loopback."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from envls.facts import Absent, Answer, Channels, CondaNames, CondaPackage, Known, Package, Unavailable
from envls.url import Url
from envls.world import Settings, World
from world.archives import index, package
from world.asking import ask
from world.doubles import Heard, run
from world.loopback import Loopback, Reply, folder, serving
from world.shards import Endless, bomb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECRET = "s3cr3t-of-the-test"
SHARED = Path(os.environ.get("ENVLS_SHARED") or Path(__file__).parents[3] / "shared")
SHARDS, ZST = "repodata_shards.msgpack.zst", "repodata.json.zst"


@pytest.fixture(scope="module")
def channels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Channels `toy` and `other`, in every form: json, zst, shards."""
    root = tmp_path_factory.mktemp("channels")
    toy, other = root / "toy", root / "other"
    py39, py310 = ["python >=3.9,<3.10.0a0"], ["python >=3.10,<3.11.0a0", "python_abi 3.10.*"]
    package(toy, "alpha", "1.0", "py39_0", timestamp=1_600_000_000_000, license="MIT", depends=py39)
    package(toy, "alpha", "1.0", "py310_1", timestamp=1_600_000_100_000, license="MIT", build_number=1, depends=py310)
    package(toy, "alpha", "1.10", "py39_0", timestamp=1_610_000_000_000, license="BSD-3-Clause")
    package(toy, "alpha", "1.9", "py39_0")
    package(toy, "alpha", "2.0rc1", "py39_0")
    package(toy, "beta_x", "2024a", subdir="noarch", noarch="generic")
    package(toy, "delta", "0.2", "py39_0", timestamp=1_600_000_000_000, depends=py39)
    package(toy, "delta", "0.2", "py_0", subdir="noarch", noarch="python", depends=["python >=3.6"])
    package(toy / "label" / "dev", "alpha", "3.0.dev1", "0")
    package(other, "alpha", "1.10", "mkl_0", license="GPL")
    package(other, "alpha", "4.0", "0", license="GPL")
    package(other, "gamma", "0.1", "0")
    package(root / "old", "alpha", "0.1", "0")
    for channel in (toy, toy / "label" / "dev", other, root / "old"):
        index(channel)
    shutil.rmtree(root / "old" / "noarch")
    return root


@pytest.fixture
def server(channels: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """The channels on loopback, below the alias of the user's configuration."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    with serving(folder(channels)) as loopback:
        (home / ".condarc").write_text(f"channel_alias: {loopback.url}\n")
        yield loopback


def of(name: str, *listed: Url | str, platform: str = "linux-64", configured: bool = False) -> CondaPackage:
    return CondaPackage(name, Channels(listed, platform, configured))


def found_in(answer: Answer[Any]) -> Package:
    assert isinstance(answer, Known), answer
    assert isinstance(answer.value, Package)
    return answer.value


@pytest.mark.parametrize("without", [(), (SHARDS,), (SHARDS, ZST)], ids=["sharded", "zst", "json"])
def test_a_channel_in_each_form(server: Loopback, channels: Path, without: tuple[str, ...]) -> None:
    server.answer = folder(channels, without=without)
    names = CondaNames(Channels(("toy",), "linux-64"))
    alpha, beta, delta, none, listed = ask(
        of("alpha", "toy"), of("beta_x", "toy"), of("delta", "toy"), of("none", "toy"), names
    )
    found = found_in(alpha)
    assert found.versions == ("2.0rc1", "1.10", "1.9", "1.0")
    assert found.newest == "1.10"
    assert found.licence == "BSD-3-Clause"
    assert found.where == "toy"
    assert found.releases[3].builds == ("py310_1", "py39_0")
    assert found.releases[3].pythons == (">=3.10,<3.11.0a0", ">=3.9,<3.10.0a0")
    date = found.releases[3].date
    assert date is not None
    assert date.isoformat() == "2020-09-13T12:26:40+00:00"
    assert found_in(beta).newest == "2024a"
    assert found_in(beta).releases[0].pythons == ("",)
    assert found_in(delta).releases[0].pythons == (">=3.9,<3.10.0a0", ">=3.6"), "both subdirs have it"
    assert none == Absent("toy")
    assert isinstance(listed, Known)
    assert listed.value == ("alpha", "beta_x", "delta")
    assert isinstance(alpha, Known)
    assert alpha.source == "toy"
    assert alpha.as_of is not None


def test_a_sharded_channel_is_asked_for_its_index_once_and_each_package_once(server: Loopback) -> None:
    ask(*(of(name, "toy") for name in ("alpha", "beta_x", "none", "nothing")), of("alpha", "toy", "toy"))
    assert len(server.paths) == 4
    assert sum(path.endswith(SHARDS) for path in server.paths) == 2
    ask(*(of(name, "toy") for name in ("alpha", "beta_x", "none", "nothing")))
    assert len(server.paths) == 4, "the store knows"


def test_a_warm_store_needs_no_rattler(server: Loopback, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    ask(of("alpha", "toy"), settings=Settings(cache=cache, timeout=5))
    script = (
        "import asyncio, pathlib, sys\n"
        "from envls.facts import Channels, CondaPackage\n"
        "from envls.world import Settings, World\n"
        "async def go():\n"
        "    world = World(Settings(cache=pathlib.Path(sys.argv[1])))\n"
        "    question = CondaPackage('alpha', Channels(('toy',), 'linux-64'))\n"
        "    await world.learn([question], print)\n"
        "    print(world.look(question).value.newest, 'rattler' in sys.modules, 'requests' in sys.modules)\n"
        "    await world.aclose()\n"
        "asyncio.run(go())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(cache)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.splitlines()[-1] == "1.10 False False"
    assert server.requests


def test_several_channels_in_their_order(server: Loopback, home: Path) -> None:
    del server
    (one, other, gamma, reverse) = ask(
        of("alpha", "toy", "other"), of("alpha", "other"), of("gamma", "toy", "other"), of("alpha", "other", "toy")
    )
    found = found_in(one)
    assert found.newest == "1.10", "conda prefers the first channel"
    assert found.versions == ("4.0", "2.0rc1", "1.10", "1.9", "1.0"), "but takes what only another one has"
    assert found.releases[2].builds == ("py39_0", "mkl_0")
    assert found.where == "toy, other"
    assert found_in(other).versions == ("4.0", "1.10")
    assert found_in(gamma).where == "other"
    assert found_in(reverse).newest == "4.0"
    rc = home / ".condarc"
    rc.write_text(rc.read_text() + "channel_priority: strict\nchannels: [other]\n")
    strict, files_own = ask(of("alpha", "toy", configured=True), of("alpha", "toy", "other"))
    assert found_in(strict).versions == ("2.0rc1", "1.10", "1.9", "1.0")
    assert found_in(files_own).versions[0] == "4.0", "the priority of this machine is not that of the file's target"
    rc.write_text(rc.read_text().replace("strict", "disabled"))
    (disabled,) = ask(of("alpha", "toy", configured=True))
    assert found_in(disabled).newest == "4.0"
    assert found_in(disabled).licence == "GPL"


def test_labels_subdirs_several_under_one_name_and_paths(server: Loopback, home: Path, channels: Path) -> None:
    rc = home / ".condarc"
    rc.write_text(
        rc.read_text()
        + f"custom_multichannels:\n  all: [other, '{(channels / 'toy').as_uri()}']\ndefault_channels: [{server.url}/toy]\n"
    )
    label, several, default, by_path, noarch = ask(
        of("alpha", "toy/label/dev"),
        of("beta_x", "all"),
        of("alpha", "defaults"),
        of("alpha", Url((channels / "toy").as_uri())),
        of("beta_x", Url(f"{server.url}/toy/noarch"), platform="win-64"),
    )
    assert found_in(label).newest == "3.0.dev1"
    assert found_in(several).newest == "2024a"
    assert found_in(default).newest == "1.10"
    assert found_in(by_path).newest == "1.10"
    assert found_in(noarch).newest == "2024a"


def test_a_platform_sees_its_own_packages(server: Loopback) -> None:
    del server
    absent, known, wrong = ask(
        of("alpha", "toy", platform="win-64"), of("beta_x", "toy", platform="win-64"), of("a", "toy", platform="x")
    )
    assert absent == Absent("toy")
    assert found_in(known).newest == "2024a"
    assert wrong == Unavailable("toy: an unknown platform")


def test_an_old_channel_without_noarch(server: Loopback) -> None:
    del server
    known, absent = ask(of("alpha", "old"), of("none", "old"))
    assert found_in(known).newest == "0.1"
    assert absent == Absent("old")


def test_absent_only_if_every_channel_was_asked(server: Loopback) -> None:
    status: list[tuple[str, str]] = []
    unknown, known, nowhere, names = ask(
        of("none", "toy", "missing"),
        of("alpha", "toy", "missing"),
        of("alpha"),
        CondaNames(Channels(("missing",), "linux-64")),
        status=status,
    )
    assert unknown == Unavailable("missing: there is no such channel (404)")
    assert found_in(known).newest == "1.10"
    assert nowhere == Unavailable("no channels are configured")
    assert names == Unavailable("missing: there is no such channel (404)")
    assert status == [(f"{server.url}/missing", "there is no such channel (404)")]


def dripping(server: Loopback) -> Reply:
    def pieces() -> Iterator[bytes]:
        yield b"\x28\xb5\x2f\xfd"
        server.released.wait()

    return Reply(200, pieces=pieces())


FAULTS: dict[str, tuple[Callable[[Loopback], Reply], str]] = {
    "never answers": (lambda server: server.hang(None), "did not answer in time"),  # type: ignore[arg-type] # ignored
    "stops in the middle": (dripping, "did not answer in time"),
    "resets": (lambda _: Reply(0), "cannot be reached"),
    "404": (lambda _: Reply(404), "there is no such channel (404)"),
    "401": (lambda _: Reply(401), "wants other credentials (401)"),
    "403": (lambda _: Reply(403), "wants other credentials (403)"),
    "429": (lambda _: Reply(429, b"", {"Retry-After": "0"}), "answered 429"),
    "500": (lambda _: Reply(500), "answered 500"),
    "garbage": (lambda _: Reply(200, b"garbage"), "its answer cannot be read"),
    "JSON that is too deep": (lambda _: Reply(200, b'{"packages": ' + b"[" * 100_000), "its answer cannot be read"),
    "cut off": (lambda _: Reply(200, b"\x28\xb5\x2f\xfd\x00"), "its answer is cut off"),
    "endless": (lambda _: Reply(200, pieces=Endless()), "the answer is larger than 16 MB"),
    "a bomb": (lambda _: Reply(200, bomb(1 << 33)), "its answer unpacks to more than 64 MB"),
    "a redirect loop": (lambda _: Reply(302, b"", {"Location": "/elsewhere/x"}), "redirects without end"),
    "a redirect to a refused host": (
        lambda _: Reply(302, b"", {"Location": "http://169.254.169.254/latest"}),
        "169.254.169.254 is never asked: a metadata or link-local address",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_channel_that_misbehaves_recovers_by_itself(
    server: Loopback, channels: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr("envls.world.shelf.FIRST_PAUSE", 0.0)
    monkeypatch.setattr("envls.world.world.AGAIN", 0.0)
    misbehave, reason = FAULTS[fault]
    questions = [of(name, "toy") for name in ("alpha", "beta_x", "none")]

    async def go() -> None:
        with serving(folder(channels)) as other:
            elsewhere = of("gamma", Url(f"{other.url}/other"))
            world = World(Settings(timeout=1))
            server.answer = lambda _: misbehave(server)
            await world.learn([*questions, elsewhere], Heard(), fresh=True)
            assert [world.look(question) for question in questions] == [Unavailable(f"toy: {reason}")] * 3
            assert found_in(world.look(elsewhere)).newest == "0.1", "the others answer all the same"
            assert world.status() == [(f"{server.url}/toy", reason)]
            server.answer = folder(channels)
            await world.learn(questions, Heard(), fresh=True)
            assert found_in(world.look(questions[0])).newest == "1.10"
            assert world.look(questions[2]) == Absent("toy")
            assert world.status() == []
            await world.aclose()

    run(go)


def test_a_channel_that_is_left_alone_is_asked_again_with_other_settings(server: Loopback) -> None:
    good, server.answer = server.answer, lambda _: Reply(500)

    async def go() -> None:
        world = World(Settings(timeout=5))
        await world.learn([of("alpha", "toy")], Heard())
        assert world.look(of("alpha", "toy")) == Unavailable("toy: answered 500")
        server.answer = good
        await world.learn([of("beta_x", "toy")], Heard())
        assert world.look(of("beta_x", "toy")) == Unavailable("toy: answered 500"), "it is left alone"
        assert of("alpha", "toy") in world.configure(Settings(timeout=5), ())
        await world.learn([of("alpha", "toy")], Heard())
        assert found_in(world.look(of("alpha", "toy"))).newest == "1.10"
        await world.aclose()

    run(go)


def test_a_channel_that_never_answers_costs_its_own_answer_only(server: Loopback, channels: Path) -> None:
    serve = folder(channels)
    server.answer = lambda request: server.hang(request) if request.path.startswith("/other") else serve(request)
    hanging, fine = of("alpha", "other"), of("alpha", "toy")

    async def go() -> None:
        world = World(Settings(timeout=0.3))
        heard = Heard()
        await world.learn([hanging, fine], heard)
        assert heard.all == [frozenset({fine}), frozenset({hanging})]
        assert world.look(hanging) == Unavailable("other: did not answer in time")
        await world.aclose()

    run(go)


def test_a_world_closes_at_once_although_a_channel_hangs(server: Loopback) -> None:
    server.answer = server.hang

    async def go() -> None:
        world = World(Settings(timeout=60))
        learning = asyncio.create_task(world.learn([of("alpha", "toy")], Heard()))
        await asyncio.to_thread(server.asked.wait, 10)
        await world.aclose()
        await learning

    run(go, 10)


def test_nobody_is_asked_offline_but_folders(server: Loopback, channels: Path, home: Path) -> None:
    ask(of("alpha", "toy"))
    asked = len(server.requests)
    questions = of("alpha", "toy"), of("gamma", "other"), of("gamma", Url((channels / "other").as_uri()))
    for settings in (Settings(offline=True), Settings()):
        kept, unknown, here = ask(*questions, settings=settings)
        assert found_in(kept).newest == "1.10"
        assert isinstance(unknown, Unavailable)
        assert unknown.reason.startswith("other: offline")
        (two,) = ask(of("gamma", "toy", "other"), settings=settings)
        assert isinstance(two, Unavailable)
        assert two.reason.startswith("toy, other: offline"), "what is the same of several is said once"
        assert found_in(here).newest == "0.1"
        (home / ".condarc").write_text((home / ".condarc").read_text() + "offline: true\n")
    assert len(server.requests) == asked


def test_a_host_that_only_a_file_names_sees_no_request(server: Loopback) -> None:
    url = Url(server.url.replace("127.0.0.1", "localhost") + "/toy")
    (refused,) = ask(of("alpha", url), settings=Settings(trusted=False))
    assert isinstance(refused, Unavailable)
    assert "localhost is not trusted" in refused.reason
    assert server.requests == []
    (never,) = ask(of("alpha", Url("http://169.254.169.254/toy")), settings=Settings(trust_all=True))
    assert "never asked" in str(never)
    (known,) = ask(of("alpha", url), settings=Settings(trusted=False, trusted_hosts=("localhost",)))
    assert found_in(known).newest == "1.10"


def test_a_variable_in_an_address_is_sent_to_nobody(
    server: Loopback, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHERE", "toy")
    for address in (f"{server.url}/${{WHERE}}", f"{server.url}/$WHERE"):
        (answer,) = ask(of("alpha", Url(address)))
        assert isinstance(answer, Unavailable)
        assert "has a variable" in answer.reason
    assert server.requests == []
    (home / ".condarc").write_text(f"custom_multichannels: {{mine: ['{server.url}/${{WHERE}}']}}\n")
    (mine,) = ask(of("alpha", "mine"))
    assert found_in(mine).newest == "1.10", "the user's own file may have them"


def test_a_name_that_is_no_name_is_not_asked(server: Loopback) -> None:
    for name in ("a[url=http://example.com/x]", "../x", "a b", "", "alpha >=1", "*", "toy::alpha"):
        assert ask(of(name, "toy")) == [Unavailable("no name of a package")]
    assert server.requests == []


def test_no_secret_in_log_reason_status_store_or_cache(
    server: Loopback, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    settings = Settings(cache=tmp_path / "cache", timeout=5)
    status: list[tuple[str, str]] = []
    basic = Url(server.url.replace("//", f"//user:{SECRET}@") + "/toy")
    said: list[Any] = ask(
        of("alpha", basic), CondaNames(Channels((basic,), "linux-64")), settings=settings, status=status
    )
    assert found_in(said[0]).newest == "1.10"
    assert all("authorization" in request.headers for request in server.requests)
    said += ask(of("alpha", Url(f"{server.url}/t/{SECRET}/toy")), of("gamma", basic), settings=settings, status=status)
    server.answer = lambda _: Reply(500)
    said += ask(of("delta", basic), settings=settings, status=status)
    assert status
    assert SECRET not in f"{said} {status} {caplog.text}"
    kept = b"".join(file.read_bytes() for file in (tmp_path / "cache").rglob("*") if file.is_file())
    assert b"alpha" in kept
    assert SECRET.encode() not in kept
    assert list(temporary.iterdir()) == []


def test_a_summary_comes_from_an_unpacked_package(server: Loopback, home: Path) -> None:
    del server
    about = home / ".conda" / "pkgs" / "alpha-1.0-py39_0" / "info" / "about.json"
    about.parent.mkdir(parents=True)
    about.write_text(
        json.dumps({"summary": "Does things.\nMore", "home": "https://alpha.example.com", "doc_url": ["javascript:x"]})
    )
    (answer,) = ask(of("alpha", "toy"))
    assert found_in(answer).summary == "Does things."
    assert found_in(answer).links == (("Homepage", "https://alpha.example.com"),)


@pytest.mark.parametrize(("name", "newest", "versions"), [("pytorch", "2.1.0", 19), ("r", None, 1)])
def test_real_channel_data(server: Loopback, name: str, newest: str | None, versions: int) -> None:
    data = SHARED / "channels" / name
    if not data.is_dir():
        pytest.skip(f"NO REAL CHANNEL DATA at {data}: set ENVLS_SHARED to the folder that has channels/")
    server.answer = folder(SHARED / "channels")
    listed = Channels((name,), "linux-64")
    (names,) = ask(CondaNames(listed))
    assert isinstance(names, Known)
    assert list(names.value) == sorted(names.value)
    asked = name if newest else names.value[0]
    (answer,) = ask(CondaPackage(asked, listed))
    found = found_in(answer)
    assert len(found.versions) >= versions
    if newest:
        assert found.newest == newest
    answers = ask(*(CondaPackage(name, listed) for name in names.value[:100]))
    assert all(isinstance(answer, Known) for answer in answers)
