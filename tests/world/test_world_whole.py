"""Channels that are read as a whole, by a process of their own: what they say, and what becomes of that process."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import sqlite3
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from envls.facts import (
    Absent,
    Answer,
    Channels,
    CondaNames,
    CondaPackage,
    Known,
    Package,
    Pending,
    Question,
    Unavailable,
)
from envls.url import Url
from envls.world import Settings, World, conda, pieces, reader, settle, wholes
from world.doubles import Heard, run
from world.large_channel import make, names_by_subdir
from world.loopback import Loopback, Reply, Request, folder, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECRET = "s3cr3t-of-the-test"
NAMES, RECORDS = 40, 400
SHARDS, ZST = "repodata_shards.msgpack.zst", "repodata.json.zst"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("channels") / "large", NAMES, RECORDS).parent


@pytest.fixture
def channel(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(made / "large", tmp_path / "channels" / "large"))


@pytest.fixture
def server(channel: Path, home: Path) -> Iterator[Loopback]:
    """Serves the channel as a whole only."""
    with serving(folder(channel.parent, without=(SHARDS,))) as loopback:
        (home / ".condarc").write_text(f"channel_alias: {loopback.url}\n")
        yield loopback


def of(name: str, *listed: Url | str) -> CondaPackage:
    return CondaPackage(name, Channels(listed or ("large",), "linux-64"))


NAMES_OF_LARGE = CondaNames(Channels(("large",), "linux-64"))


def ask(*questions: Question[Any], cache: Path | None = None, offline: bool = False) -> list[Answer[Any]]:
    found: list[Answer[Any]] = []

    async def go() -> None:
        world = World(Settings(timeout=5, cache=cache, offline=offline))
        await world.learn(questions, Heard(), fresh=True)
        found.extend(map(world.look, questions))
        await world.aclose()

    run(go)
    return found


def package(answer: Answer[Any]) -> Package:
    assert isinstance(answer, Known), answer
    assert isinstance(answer.value, Package)
    return answer.value


def edit(channel: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the repodata of linux-64; the packed one is gone then."""
    file = channel / "linux-64" / "repodata.json"
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))
    (channel / "linux-64" / ZST).unlink(missing_ok=True)


def without(name: str) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        for packages in (content["packages"], content["packages.conda"]):
            for file in [file for file, record in packages.items() if record["name"] == name]:
                del packages[file]

    return change


# -- what it says ---------------------------------------------------------------------------------------------


def test_a_channel_says_the_same_in_every_form(made: Path, tmp_path: Path, home: Path) -> None:
    everything = sorted({name for names in names_by_subdir(NAMES).values() for name in names})
    said = []
    with serving(folder(made)) as server:
        (home / ".condarc").write_text(f"channel_alias: {server.url}\n")
        for number, lacking in enumerate(((), (SHARDS,), (SHARDS, ZST), None)):
            if lacking is not None:
                server.answer = folder(made, without=lacking)
            listed = Channels(("large" if lacking is not None else Url((made / "large").as_uri()),), "linux-64")
            questions = [CondaPackage(name, listed) for name in (*everything, "none")]
            *found, names = ask(*questions, CondaNames(listed), cache=tmp_path / str(number))
            assert isinstance(found.pop(), Absent)
            assert isinstance(names, Known)
            assert list(names.value) == everything
            said.append(
                [(one.name, one.releases, one.newest, one.licence, one.complete) for one in map(package, found)]
            )
    sharded, zst, plain, file = said
    assert sharded == zst == plain == file
    assert sum(len(release.builds) for one in said[0] for release in one[1]) > RECORDS * 0.9
    assert any(release.pythons == (">=3.9",) for one in said[0] for release in one[1])


def test_a_warm_store_asks_nobody_and_starts_nothing(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ask(of("numpy"), of("none"), NAMES_OF_LARGE)
    asked = len(server.requests)
    monkeypatch.setattr(reader, "START", "raise SystemExit(1)")
    assert ask(of("numpy"), of("none"), NAMES_OF_LARGE) == first
    assert package(ask(of("pandas"))[0]).releases, "nobody has asked for it before"
    assert len(server.requests) == asked


def test_what_has_changed_is_read_and_the_rest_is_not_fetched(
    server: Loopback, channel: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"

    def as_curl(request: Request) -> Reply:
        """With what tells whether something is new."""
        reply = folder(channel.parent, without=(SHARDS, ZST))(request)
        etag = f'"{hashlib.sha256(reply.body).hexdigest()}"'
        same = request.headers.get("if-none-match") == etag
        return Reply(304 if same else reply.status, b"" if same else reply.body, {"ETag": etag})

    server.answer = as_curl
    first, _ = ask(of("numpy"), NAMES_OF_LARGE, cache=cache)
    for room, age in ((wholes, "AGE"), (pieces, "AGE"), (pieces, "AGE_OF_NAMES")):
        monkeypatch.setattr(room, age, 0.0)
    unchanged, _ = ask(of("numpy"), NAMES_OF_LARGE, cache=cache)
    assert isinstance(first, Known)
    assert isinstance(unchanged, Known)
    assert first.as_of is not None
    assert unchanged.as_of is not None
    assert unchanged.as_of > first.as_of
    assert unchanged.value == first.value
    edit(channel, without("numpy"))
    gone, there, names = ask(of("numpy"), of("pandas"), NAMES_OF_LARGE, cache=cache)
    assert gone == Absent("large")
    assert package(there).releases
    assert isinstance(names, Known)
    assert "numpy" not in names.value
    (home / ".condarc").unlink()


@pytest.mark.parametrize(
    "value", [None, "1", '{"releases": [[1]]}', '{"newest": "", "licence": "", "releases": [["1", "x", [], []]]}']
)
def test_what_the_store_has_lost_is_read_once_more(server: Loopback, tmp_path: Path, value: str | None) -> None:
    first = package(ask(of("numpy"), cache=tmp_path)[0])
    with sqlite3.connect(next(tmp_path.glob("*.sqlite"))) as connection:
        if value is None:
            connection.execute("DELETE FROM facts WHERE key LIKE '%numpy'")
        else:
            connection.execute("UPDATE facts SET value = ? WHERE key LIKE '%numpy'", (zlib.compress(value.encode()),))
    connection.close()
    assert package(ask(of("numpy"), cache=tmp_path)[0]) == first
    assert server.requests


def test_one_record_that_is_none_costs_its_package_only(server: Loopback, channel: Path) -> None:
    del server

    def change(content: dict[str, Any]) -> None:
        content["packages.conda"]["numpy-9-0.conda"] = {"name": "numpy", "version": 9}

    edit(channel, change)
    broken, fine = ask(of("numpy"), of("pandas"))
    assert broken == Unavailable("large: what it says of this package cannot be read")
    assert package(fine).releases


def test_a_subdir_that_is_nowhere_is_no_reason_to_read_a_whole(server: Loopback, channel: Path) -> None:
    shutil.rmtree(channel / "linux-64")
    server.answer = folder(channel.parent)
    assert package(ask(of(names_by_subdir(NAMES)["noarch"][-1]))[0]).releases
    assert not any(path.endswith("noarch/repodata.json") for path in server.paths)
    assert not any(path.endswith(f"noarch/{ZST}") for path in server.paths)


def test_a_channel_of_which_only_a_part_is_sharded_is_read_as_a_whole(server: Loopback, channel: Path) -> None:
    (channel / "noarch" / SHARDS).unlink()
    server.answer = folder(channel.parent)
    both = set(names_by_subdir(NAMES)["linux-64"]) & set(names_by_subdir(NAMES)["noarch"])
    name = min(both)
    builds = [build for release in package(ask(of(name))[0]).releases for build in release.builds]
    assert {build.startswith("pyh") for build in builds} == {True, False}


# -- meanwhile ------------------------------------------------------------------------------------------------


def test_what_other_channels_say_is_known_while_one_is_read(
    server: Loopback, channel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conda, "SOON", 0.05)
    shutil.copytree(channel, channel.parent / "slow")
    serve = folder(channel.parent, without=(SHARDS,))
    asked = asyncio.Event()
    loop: list[asyncio.AbstractEventLoop] = []

    def slowly(request: Request) -> Reply:
        if request.path.startswith("/slow") and not request.path.endswith(SHARDS):
            loop[0].call_soon_threadsafe(asked.set)
            server.released.wait()
        return serve(request)

    ask(of("numpy"))  # the other one is in the store
    server.answer = slowly
    watched: list[tuple[str, float | None]] = []

    async def go() -> None:
        loop.append(asyncio.get_running_loop())
        world = World(Settings(timeout=5))
        world.watch(lambda what, part: watched.append((what, part)))
        both, alone = of("numpy", "large", "slow"), of("numpy", "slow")
        learning = asyncio.create_task(world.learn([both, alone], Heard()))
        await asked.wait()
        is_read = Pending("Reading slow, which takes a while")
        while world.look(alone) != is_read or isinstance(world.look(both), Pending):  # noqa: ASYNC110 - no news, no event
            await asyncio.sleep(0.01)
        assert package(world.look(both)).complete is False
        assert world.unsettled([both, alone]) == {both, alone}
        answer, _ = await settle(lambda facts: facts.ask(alone), world, 20, patient=False)
        assert isinstance(answer, Pending), "who hovers is not kept waiting"
        patiently = asyncio.create_task(settle(lambda facts: facts.ask(alone), world, 0.0))
        await asyncio.sleep(0)
        server.released.set()
        answer, _ = await patiently
        assert isinstance(answer, Known), "who has time, waits for what is sure to come"
        await learning
        assert package(world.look(both)).complete
        assert package(world.look(alone)).releases == package(world.look(both)).releases
        await world.aclose()

    run(go)
    assert watched[0] == ("slow (linux-64)", 0.0)
    assert watched[-1] == ("slow (linux-64)", None)


def test_names_are_known_before_the_packages(server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conda, "SOON", 0.05)
    go_on = tmp_path / "go on"
    slowly = f"""
import pathlib, time
from envls.world import whole
keep = whole._keep
def slowly(*arguments):
    while not pathlib.Path({str(go_on)!r}).exists():
        time.sleep(0.01)
    keep(*arguments)
whole._keep = slowly
main()"""
    monkeypatch.setattr(reader, "START", reader.START.replace("main()", slowly))

    async def go() -> None:
        world = World(Settings(timeout=5))
        learning = asyncio.create_task(world.learn([NAMES_OF_LARGE, of("numpy")], Heard()))
        while isinstance(world.look(NAMES_OF_LARGE), Pending):  # noqa: ASYNC110 - a listener would not tell more
            await asyncio.sleep(0.01)
        early = world.look(NAMES_OF_LARGE)
        assert isinstance(early, Known)
        assert "numpy" in early.value
        assert isinstance(world.look(of("numpy")), Pending)
        assert NAMES_OF_LARGE in world.unsettled([NAMES_OF_LARGE])
        go_on.touch()
        await learning
        late = world.look(NAMES_OF_LARGE)
        assert isinstance(late, Known)
        assert late.value == early.value
        assert package(world.look(of("numpy"))).complete
        await world.aclose()

    run(go)
    assert server.requests


# -- the process ----------------------------------------------------------------------------------------------


def processes() -> set[int]:
    """Those that this one has started and that live."""
    return {int(pid) for tasks in Path("/proc/self/task").glob("*/children") for pid in tasks.read_text().split()}


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
@pytest.mark.parametrize("end", ["the world is closed", "nobody waits"])
def test_the_process_is_killed_when(server: Loopback, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    monkeypatch.setattr(wholes, "LINGER", 0.0)
    serve = server.answer
    asked = asyncio.Event()
    loop: list[asyncio.AbstractEventLoop] = []

    def hang(request: Request) -> Reply:
        if request.path.endswith((ZST, "repodata.json")):
            loop[0].call_soon_threadsafe(asked.set)
            return server.hang(request)
        return serve(request)

    server.answer = hang
    before = processes()

    async def go() -> None:
        loop.append(asyncio.get_running_loop())
        world = World(Settings(timeout=20))
        learning = asyncio.create_task(world.learn([of("numpy")], Heard()))
        await asked.wait()
        assert len(processes() - before) == 1
        if end == "nobody waits":
            learning.cancel()
            while processes() - before:  # noqa: ASYNC110 - nobody says when a process has gone
                await asyncio.sleep(0.01)
            server.answer = serve
            await world.learn([of("numpy")], Heard())
            assert package(world.look(of("numpy"))).releases, "and read again for who asks again"
        await world.aclose()
        assert processes() == before

    run(go)


def test_a_process_that_is_killed_half_way_leaves_nothing_half_known(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies after the names and the package that was asked for first: that is true, and nothing is said to be absent."""
    dying = """
import os
from envls.world import whole
calls = []
write = whole._write
def once(*arguments):
    write(*arguments)
    calls.append(1)
    if len(calls) > 1:
        os._exit(9)
whole.BATCH, whole._write = 5, once
main()"""
    with monkeypatch.context() as patch:
        patch.setattr(reader, "START", reader.START.replace("main()", dying))
        names, first, none = ask(NAMES_OF_LARGE, of("zlib"), of("none"), cache=tmp_path)
        assert isinstance(names, Known)
        assert names.failing == "large: the process that read it has ended"
        assert not package(first).complete
        assert none == Unavailable("large: the process that read it has ended")
    names, first, numpy, none = ask(NAMES_OF_LARGE, of("zlib"), of("numpy"), of("none"), cache=tmp_path)
    assert isinstance(names, Known)
    assert package(first).complete
    assert package(numpy).releases
    assert none == Absent("large")
    assert server.requests


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        ("raise SystemExit(3)", "the process that read it has ended"),
        ("print('no JSON')", "the process that read it has ended"),
        ("import time; time.sleep(60)", "did not answer in time"),
        ("print('x' * 1_000_000)", "the process that read it has ended"),
    ],
)
def test_a_process_that_goes_wrong(server: Loopback, monkeypatch: pytest.MonkeyPatch, start: str, reason: str) -> None:
    del server
    monkeypatch.setattr(reader, "START", start)
    monkeypatch.setattr(reader, "SILENCE", 0.5)
    assert ask(of("numpy")) == [Unavailable(f"large: {reason}")]


def test_two_servers_read_a_channel_one_after_the_other(server: Loopback, tmp_path: Path) -> None:
    async def go() -> None:
        worlds = [World(Settings(timeout=5, cache=tmp_path)) for _ in range(2)]
        await asyncio.gather(*(world.learn([of("numpy")], Heard()) for world in worlds))
        one, other = (package(world.look(of("numpy"))) for world in worlds)
        assert one == other
        for world in worlds:
            await world.aclose()

    run(go)
    assert server.requests


def test_no_secret_on_the_command_line_or_on_the_disk(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    start = asyncio.create_subprocess_exec

    async def spy(*command: str, **options: Any) -> Any:
        started.extend(command)
        return await start(*command, **options)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", spy)
    basic = Url(server.url.replace("//", f"//user:{SECRET}@") + "/large")
    assert package(ask(of("numpy", basic), cache=tmp_path / "cache")[0]).releases
    assert all("authorization" in request.headers for request in server.requests)
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"numpy" in kept
    assert SECRET.encode() not in kept
    assert started
    assert SECRET not in str(started)


# -- what other tools have kept -------------------------------------------------------------------------------


def test_offline_the_caches_of_conda_are_read(channel: Path, home: Path) -> None:
    address = "https://conda.example.com/large"
    cache = home / ".conda" / "pkgs" / "cache"
    cache.mkdir(parents=True)
    digest = hashlib.md5(f"{address}/linux-64/".encode()).hexdigest()[:8]
    shutil.copy(channel / "linux-64" / "repodata.json", cache / f"{digest}.json")
    with sqlite3.connect(cache / "repodata_shards.db") as connection:
        connection.execute("CREATE TABLE shards (url TEXT PRIMARY KEY, package TEXT, shard BLOB, timestamp INTEGER)")
        rows = [(f"{address}/noarch/shards/1", "only-noarch"), ("https://else.example.com/x/noarch/2", "of-another")]
        connection.executemany("INSERT INTO shards VALUES (?, ?, '', 0)", rows)
    connection.close()
    where = Channels((Url(address),), "linux-64")
    names, numpy, none = ask(CondaNames(where), CondaPackage("numpy", where), CondaPackage("none", where), offline=True)
    assert isinstance(names, Known)
    assert list(names.value) == sorted([*names_by_subdir(NAMES)["linux-64"], "only-noarch"])
    assert package(numpy).releases
    assert not package(numpy).complete, "who knows what there is by now"
    assert none == Unavailable(f"{address}: offline"), "what is old proves nothing"


def test_offline_the_shard_index_of_conda_is_read(made: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    address = "https://conda.example.com/large"
    cache = home / ".conda" / "pkgs" / "cache"
    cache.mkdir(parents=True)
    for subdir in ("linux-64", "noarch"):
        digest = hashlib.md5(f"{address}/{subdir}/".encode()).hexdigest()[:8]
        shutil.copy(made / "large" / subdir / SHARDS, cache / f"{digest}.msgpack.zst")
    (names,) = ask(CondaNames(Channels((Url(address),), "linux-64")), offline=True)
    assert isinstance(names, Known)
    assert set(names.value) == {name for names in names_by_subdir(NAMES).values() for name in names}


def test_offline_the_cache_of_pixi_is_read(made: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rattler import Channel, Gateway, Subdir  # noqa: PLC0415

    monkeypatch.setenv("RATTLER_CACHE_DIR", str(home / "pixi"))
    with serving(folder(made)) as server:
        address = f"{server.url}/large"
        gateway = Gateway(home / "pixi" / "repodata")
        asyncio.run(gateway.names([Channel(address)], [Subdir("linux-64"), Subdir("noarch")]))
    (names,) = ask(CondaNames(Channels((Url(address),), "linux-64")), offline=True)
    assert isinstance(names, Known)
    assert set(names.value) == {name for names in names_by_subdir(NAMES).values() for name in names}
