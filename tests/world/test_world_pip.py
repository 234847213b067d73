"""Packages of pip's indexes: real indexes on loopback in their many forms, and a few marked tests on the real one."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING

import pypi_simple
import pytest

from envls.facts import Absent, Known, Unavailable
from envls.world import Settings, World
from envls.world import shelf as shelves
from envls.world.pip_places import default_index
from world.asking import ask, of, package
from world.doubles import Heard, run
from world.loopback import Loopback, Reply, serving
from world.simple_index import FILES, File, Index

if TYPE_CHECKING:
    from pathlib import Path


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
    assert [release.requires_python for release in found.releases] == [">=3.9", "", ">=3.8", "", ">=3.6"]
    assert (two.date.isoformat() if two.date else None) == ("2021-12-31T00:00:00+00:00" if json else None)
    assert found.summary == "Does <b>things</b> of 2.0"
    assert found.licence == "MIT"
    assert found.links == (("Homepage", "https://alpha.example.com"), ("Source", "https://source.example.com/alpha"))
    assert found.requires == ("numpy (>=1.20)", "dask[array] >=2 ; extra == 'lazy'")
    assert found.extras == ("lazy", "all_the.rest")
    assert found.where == "127.0.0.1"
    assert not found.public
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


def test_a_package_without_files_is_known(server: Loopback) -> None:
    server.answer = Index([])
    (answer,) = ask(of())
    assert package(answer).releases == ()
    assert package(answer).newest == ""


def test_a_package_that_is_not_there_is_absent(server: Loopback) -> None:
    assert ask(of("nope"), of("nor-this")) == [Absent("127.0.0.1"), Absent("127.0.0.1")]
    assert sorted(server.paths) == ["/simple/", "/simple/nope/", "/simple/nor-this/"], "the index itself is there"


@pytest.mark.parametrize("root", [200, 403, 405, 500])
def test_an_index_need_not_show_all_it_has(server: Loopback, root: int) -> None:
    server.answer = Index(FILES, more={"/simple/": lambda _: Reply(root)})
    assert ask(of("nope")) == [Absent("127.0.0.1")]


def test_an_index_that_is_not_there_has_no_opinion(server: Loopback, pip: pytest.MonkeyPatch) -> None:
    """A wrong address answers 404 to everything: nothing is absent for that."""
    pip.setenv("PIP_INDEX_URL", f"{server.url}/simple/no/such/place")
    assert ask(of()) == [Unavailable("127.0.0.1: there is no such index (404)")]


def test_the_default_index_is_public_and_its_files_may_be_elsewhere(pip: pytest.MonkeyPatch) -> None:
    """Also where the workspace is not trusted; but what another index has as well may be anybody's."""
    elsewhere = Index(FILES, described=("2.0",))
    with serving(elsewhere) as files, serving(Index(FILES)) as public, serving(Index([])) as other:
        base = files.url.replace("127.0.0.1", "localhost") + "/files/"
        public.answer = Index(FILES, base=base)
        other.answer = Index([], name="something-else")
        pip.setattr(pypi_simple, "PYPI_SIMPLE_ENDPOINT", f"{public.url}/simple/")
        (answer,) = ask(of(), settings=Settings(trusted=False, timeout=5))
        assert package(answer).summary == "Does <b>things</b> of 2.0"
        assert package(answer).public
        pip.setenv("PIP_EXTRA_INDEX_URL", f"{other.url}/simple")
        (answer,) = ask(of())
        assert package(answer).public
        other.answer = Index([], name="alpha-beta")
        pip.setenv("XDG_CACHE_HOME", os.environ["XDG_CACHE_HOME"] + "-2")
        (answer,) = ask(of())
        assert not package(answer).public, "the other one has the name"
        other.answer = lambda _: Reply(500)
        pip.setenv("XDG_CACHE_HOME", os.environ["XDG_CACHE_HOME"] + "-3")
        (answer,) = ask(of())
        assert not package(answer).public, "the other one might have it"
        assert not package(answer).complete


# -- what is kept ---------------------------------------------------------------------------------------------


@pytest.fixture
def aged(pip: pytest.MonkeyPatch) -> list[float]:
    """The seconds by which the time is later than it is; the store and the world believe it."""
    later = [0.0]
    real = time.time
    pip.setattr("time.time", lambda: real() + later[0])
    return later


def test_what_was_asked_before_is_not_asked_again(server: Loopback) -> None:
    first = ask(of(), of("nope"))
    requests = len(server.requests)
    assert ask(of(), of("nope")) == first
    assert len(server.requests) == requests


def test_many_packages_in_several_documents_are_asked_for_once_and_from_a_warm_store_not_at_all(
    server: Loopback,
) -> None:
    names = [f"a{number}" for number in range(50)]

    async def go() -> None:
        world = World(Settings(timeout=5))
        await asyncio.gather(*(world.learn(map(of, names[start:]), Heard()) for start in (0, 10, 20)))
        assert {type(world.look(of(name))) for name in names} == {Absent}
        await world.aclose()

    for _ in range(2):
        run(go)
        assert sorted(server.paths) == sorted(["/simple/", *(f"/simple/{name}/" for name in names)])


def test_what_is_in_the_store_is_known_offline(server: Loopback, aged: list[float]) -> None:
    ask(of(), of("nope"))
    asked = len(server.requests)
    aged[0] = 30 * 24 * 3600
    known, unknown, nothing = ask(of(), of("other"), of("nope"), settings=Settings(offline=True))
    assert package(known).newest == "2.0"
    assert isinstance(known, Known)
    assert known.failing == "127.0.0.1: offline"
    assert not package(known).complete, "there may be a newer version by now"
    assert unknown == Unavailable("127.0.0.1: offline")
    assert nothing == unknown, "that there was no such package a month ago says nothing"
    assert len(server.requests) == asked


def test_an_index_is_asked_whether_anything_is_new(server: Loopback, aged: list[float]) -> None:
    server.answer = index = Index(list(FILES), described=("2.0",), tagged=True)
    (first,) = ask(of())
    assert len(server.requests) == 2
    aged[0] = 2 * 3600
    (second,) = ask(of())
    assert len(server.requests) == 3, "one request, answered with 304; metadata are not asked for again"
    assert server.requests[-1].headers["if-none-match"]
    assert package(second) == package(first)
    assert isinstance(first, Known)
    assert isinstance(second, Known)
    assert first.as_of and second.as_of and second.as_of > first.as_of
    ask(of())
    assert len(server.requests) == 3, "and that counts for as long as a new answer"
    index.files.append(File("4.0"))
    aged[0] = 4 * 3600
    (third,) = ask(of())
    assert package(third).newest == "4.0"


@pytest.mark.parametrize(
    ("said", "hours", "requests"),
    [
        ("", 0.9, 0),
        ("", 1.1, 1),
        ("max-age=600, public", 0.4, 0),
        ("max-age=600, public", 0.6, 1),
        ("no-store", 0.4, 0),
        ("No-Cache", 0.6, 1),
        ("private, max-age=18000", 4, 0),
        ("private, max-age=18000", 6, 1),
        ("max-age=999999999", 23, 0),
        ("max-age=999999999", 25, 1),
        ("max-age=-1", 1.1, 1),
    ],
)
def test_an_index_says_for_how_long_it_is_good_within_bounds(
    server: Loopback, aged: list[float], said: str, hours: float, requests: int
) -> None:
    server.answer = Index(FILES, described=("2.0",), headers={"Cache-Control": said} if said else {})
    ask(of())
    before = len(server.requests)
    aged[0] = hours * 3600
    ask(of())
    assert len(server.requests) - before == requests


def test_a_clock_that_was_wrong_does_not_keep_facts_young(server: Loopback, aged: list[float]) -> None:
    aged[0] = 10 * 24 * 3600
    ask(of())
    aged[0] = 0
    before = len(server.requests)
    (answer,) = ask(of())
    assert len(server.requests) > before
    assert isinstance(answer, Known)
    ask(of())
    assert len(server.requests) == before + 1


def test_metadata_that_failed_for_a_moment_are_asked_for_again(server: Loopback, aged: list[float]) -> None:
    file = f"/files/{File('2.0').name}.metadata"
    broken = Index([File("2.0", advertised=True)], described=("2.0",), tagged=True, more={file: lambda _: Reply(503)})
    server.answer = broken
    assert package(ask(of())[0]).summary == ""
    del broken.more[file]
    aged[0] = 2 * 3600
    assert package(ask(of())[0]).summary == "Does <b>things</b> of 2.0", "though the page has not changed"


def test_metadata_that_are_served_later_are_found(server: Loopback, aged: list[float]) -> None:
    server.answer = Index([File("2.0"), File("1.0")], described=("1.0",))
    assert package(ask(of())[0]).summary == "Does <b>things</b> of 1.0"
    server.answer = Index([File("2.0", advertised=True), File("1.0")], described=("1.0", "2.0"))
    aged[0] = 2 * 3600
    assert package(ask(of())[0]).summary == "Does <b>things</b> of 2.0"


def test_what_is_old_is_shown_at_once_and_what_changed_a_moment_later(server: Loopback, aged: list[float]) -> None:
    ask(of())
    server.answer = Index([*FILES, File("4.0")], described=("2.0",))
    aged[0] = 7 * 3600

    async def go() -> None:
        world = World(Settings(timeout=5))
        heard = Heard()
        world.hear(heard)
        await world.learn([of()], heard)
        assert package(world.look(of())).newest == "2.0"
        assert not package(world.look(of())).complete, "that there is no 4.0 is not known"
        heard.news.clear()
        await heard.news.wait()
        assert package(world.look(of())).newest == "4.0"
        assert package(world.look(of())).complete
        await world.aclose()

    run(go)


_EMPTY = (
    '{"releases": [], "newest": "", "described": "", "of": "", "summary": "", "licence": "", "requires": [],'
    ' "extras": [], "links": []}'
)


@pytest.mark.parametrize(
    "damage",
    [
        '{"releases": [["1.0", null, ""]]}',
        '{"releases": 7}',
        "[]",
        '"text"',
        _EMPTY.replace('"links": []', '"links": [["a", "javascript:alert(1)"]]'),
        "",
        "[" * 100_000,
    ],
)
def test_what_is_kept_and_makes_no_sense_is_asked_for(server: Loopback, home: Path, damage: str) -> None:
    from envls.world.store import Entry, Store  # noqa: PLC0415 - only here

    ask(of())
    store = Store(home / "cache" / "envls")
    (kept,) = store.entries()
    store.write(Entry(kept.key, damage, kept.as_of, kept.source))
    store.close()
    before = len(server.requests)
    (answer,) = ask(of())
    assert package(answer).newest == "2.0"
    assert len(server.requests) > before


def test_a_question_that_nobody_waits_for_is_not_asked(server: Loopback, pip: pytest.MonkeyPatch) -> None:
    """Of a file that is closed at once only the requests go out that have begun; what they bring is kept."""
    pip.setattr("envls.world.world.LINGER", 0.0)
    pages = Index(FILES, described=("2.0",))

    def slowly(request: object) -> Reply:
        server.released.wait()
        return pages(request)  # type: ignore[arg-type] # a request of the server

    server.answer = slowly
    names = [f"a{number}" for number in range(50)]

    async def go() -> None:
        world = World(Settings(timeout=20))
        one, other = Heard(), Heard()
        first = world.learn([of(), *map(of, names)], one)
        waiting = asyncio.create_task(first)
        also = asyncio.create_task(world.learn([of(names[40])], other))
        await asyncio.to_thread(server.asked.wait)
        waiting.cancel()
        await asyncio.wait((waiting,))
        server.released.set()
        await also
        assert isinstance(world.look(of(names[40])), Absent), "somebody waits for this one"
        await world.learn([of()], one)
        assert package(world.look(of())).newest == "2.0"
        await world.aclose()

    run(go)
    asked = [path for path in server.paths if path.startswith("/simple/a")]
    assert len(asked) == len(set(asked)), "each name at most once"
    assert len(asked) <= shelves.PARALLEL + 2, "those that had begun, and those that somebody waits for"


# -- the real index -------------------------------------------------------------------------------------------


@pytest.fixture
def real_index(pip: pytest.MonkeyPatch) -> None:
    """pip's own default index, with the certificates of this machine; a loud skip where it cannot be reached."""
    import requests  # noqa: PLC0415

    for certificates in ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"):
        if os.path.exists(certificates):  # noqa: PTH110
            pip.setenv("PIP_CERT", certificates)
            break
    url = default_index().revealed
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
    assert any(requirement.startswith("urllib3") for requirement in found.requires)
    assert "socks" in found.extras
    assert found.public
    assert isinstance(absent, Absent)


@pytest.mark.index
def test_the_real_index_in_an_untrusted_workspace(real_index: None) -> None:
    del real_index
    (answer,) = ask(of("packaging"), settings=Settings(trusted=False))
    assert package(answer).summary
