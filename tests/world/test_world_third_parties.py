"""OSV and the list of names: asked only by those who want it, told only what is public, and what becomes of faults."""

from __future__ import annotations

import asyncio
import json
import re
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from envls.facts import (
    Absent,
    Channels,
    CondaPackage,
    Known,
    Package,
    Release,
    Twin,
    Unavailable,
    Vulnerabilities,
    Vulnerability,
)
from envls.world import Settings, World, osv, twins, vulnerabilities
from envls.world import advisory as reading
from envls.world.configuration import Configuration
from envls.world.lanes import Lane
from envls.world.shelf import Shelf, StoreLane
from envls.world.store import Entry
from envls.world.third_party import ThirdParty
from world.asking import of
from world.doubles import Heard, run
from world.loopback import Loopback, Reply, serving
from world.osv_server import Osv, advisory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from envls.facts import Answer, PipPackage, Question

PUBLIC = of("requests")
CONDA = CondaPackage("requests", Channels(("conda-forge",), "linux-64"))
ON = Settings(vulnerabilities=True, name_mapping=True, timeout=5)
KNOWN = {("requests", "2.19.0"): [advisory("GHSA-1", "requests", "2.20.0", aliases=["CVE-2018-1"])]}
LIST = {"requests": ["requests"], "openssl": None}


class Others:
    """The sources as the world has them, on two servers; `look` answers from `packages`."""

    def __init__(self, osv: Loopback, names: Loopback, shelf: Shelf, settings: Settings) -> None:
        configuration = Configuration(settings)
        lane = Lane("others", 8)
        self.packages: dict[Question[Any], Answer[Package]] = {}
        self.twins = twins.Twins(ThirdParty(names.url, lane, configuration), lane, shelf, configuration)
        self.advisories = vulnerabilities.Advisories(
            ThirdParty(osv.url, lane, configuration), lane, shelf, configuration, self._look, self.twins
        )
        self.has(PUBLIC, "2.19.0", "2.20.0")

    def has(
        self, question: PipPackage | CondaPackage, *versions: str, public: bool = True, where: str = "conda-forge"
    ) -> None:
        releases = tuple(map(Release, versions))
        self.packages[question] = Known(Package(question.name, releases, public=public, where=where))

    def _look(self, question: Question[Any]) -> Answer[Any]:
        return self.packages.get(question, Unavailable("not in this test"))

    async def ask(self, package: PipPackage | CondaPackage, version: str) -> Answer[tuple[Vulnerability, ...]]:
        return await self.advisories.vulnerabilities(Vulnerabilities(package, version), fresh=False)

    async def twin(self, name: str, of: str, *, fresh: bool = False) -> Answer[str]:
        return await self.twins.twin(Twin(name, of), fresh=fresh)


class Servers:
    def __init__(self, osv: Loopback, names: Loopback, database: Osv, folder: Path) -> None:
        self.osv, self.names, self.database, self.folder = osv, names, database, folder

    @asynccontextmanager
    async def others(self, settings: Settings = ON) -> AsyncIterator[Others]:
        """A new session on what was kept so far."""
        reading, writing = StoreLane("reading", self.folder), StoreLane("writing", self.folder)
        shelf = Shelf(reading, writing)
        yield Others(self.osv, self.names, shelf, settings)
        await shelf.aclose()
        await reading.aclose()
        await writing.aclose()


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    database = Osv(dict(KNOWN))
    with serving(database) as osv, serving(lambda _: listed(LIST)) as names:
        yield Servers(osv, names, database, tmp_path)


def listed(names: object, tag: str = '"1"') -> Reply:
    return Reply(200, json.dumps(names).encode(), {"ETag": tag})


def found(answer: Answer[tuple[Vulnerability, ...]]) -> tuple[Vulnerability, ...]:
    assert isinstance(answer, Known), answer
    return answer.value


# -- who is asked, and what they are told ---------------------------------------------------------------------


def test_nobody_is_asked_before_the_user_says_so(servers: Servers) -> None:
    async def go() -> None:
        async with servers.others(Settings()) as others:
            others.has(CONDA, "2.19.0")
            assert await others.ask(PUBLIC, "2.19.0") == vulnerabilities.OFF
            assert await others.ask(CONDA, "2.19.0") == vulnerabilities.OFF
            assert await others.twin("requests", "conda") == twins.OFF
        async with servers.others(Settings(vulnerabilities=True)) as others:
            others.has(CONDA, "2.19.0")
            assert await others.ask(CONDA, "2.19.0") == Unavailable(
                f"which Python package it is, is not known: {twins.OFF.reason}"
            )
        async with servers.others(Settings(offline=True, vulnerabilities=True, name_mapping=True)) as others:
            assert await others.ask(PUBLIC, "2.19.0") == Unavailable("127.0.0.1: offline")
            assert await others.twin("requests", "conda") == Unavailable("127.0.0.1: offline")

    run(go)
    assert servers.osv.requests == servers.names.requests == []


def test_what_may_be_private_is_told_to_nobody(servers: Servers) -> None:
    async def go() -> None:
        async with servers.others() as others:
            secret = of("requests", extra=())
            private = CondaPackage("requests", Channels(("https://conda.example.com/own",), "linux-64"))
            unknown = of("s3cr3t")
            others.has(private, "2.19.0", public=False)
            for package, version in ((private, "2.19.0"), (secret, "9.9.9"), (unknown, "1.0")):
                assert isinstance(await others.ask(package, version), Unavailable)
            others.has(unknown, "1.0", public=False)
            assert await others.ask(unknown, "1.0") == Unavailable("it may be private")
            uncertain = Unavailable("which Python package it is, is not certain")
            for name, where in (("openssl", "conda-forge"), ("requests", "conda-forge, somebody")):
                others.has(CondaPackage(name, CONDA.channels), "2.19.0", where=where)
                assert await others.ask(CondaPackage(name, CONDA.channels), "2.19.0") == uncertain

    run(go)
    assert servers.osv.requests == []
    assert all(request.path == twins.PATH and not request.body for request in servers.names.requests)


def test_who_is_asked_is_told_the_package_and_the_version_only(servers: Servers) -> None:
    async def go() -> None:
        async with servers.others() as others:
            others.has(CONDA, "2.19.0")
            (one,) = found(await others.ask(PUBLIC, "2.19.0"))
            assert one == Vulnerability("GHSA-1", "What GHSA-1 is", "", ("2.20.0",), ("CVE-2018-1",))
            assert found(await others.ask(PUBLIC, "2.20.0")) == ()
            assert found(await others.ask(CONDA, "2.19.0")) == (one,)

    run(go)
    assert json.loads(servers.osv.requests[0].body) == {
        "queries": [{"package": {"ecosystem": "PyPI", "name": "requests"}, "version": "2.19.0"}]
    }
    assert not {"authorization", "cookie"} & servers.osv.requests[0].headers.keys()


def test_what_is_asked_at_one_moment_goes_in_one_request_and_is_kept(servers: Servers) -> None:
    names = [f"package-{number}" for number in range(60)]
    servers.database.known |= {(name, "1.0"): [advisory("GHSA-2", name)] for name in names}

    async def ask_all(others: Others) -> None:
        for name in names:
            others.has(of(name), "1.0")
        answers = await asyncio.gather(*(others.ask(of(name), "1.0") for name in (*names, *names)))
        assert {one.id for answer in answers for one in found(answer)} == {"GHSA-2"}

    async def go() -> None:
        for _ in range(2):
            async with servers.others() as others:
                await ask_all(others)

    run(go)
    assert servers.osv.paths == ["/v1/querybatch", "/v1/vulns/GHSA-2"]
    assert sorted(servers.database.told[0]) == sorted((name, "1.0") for name in names)


def test_a_thousand_at_most_and_further_pages(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(osv, "MOST_AT_ONCE", 2)
    servers.database.page = 2
    servers.database.known["requests", "2.20.0"] = [advisory(f"GHSA-{number}", "requests") for number in range(5)]

    async def go() -> None:
        async with servers.others() as others:
            others.has(of("flask"), "1", "2", "3")
            asking = [others.ask(of("flask"), version) for version in "123"]
            answers = await asyncio.gather(others.ask(PUBLIC, "2.20.0"), *asking)
            assert [len(found(answer)) for answer in answers] == [5, 0, 0, 0]

    run(go)
    assert all(len(told) <= 2 for told in servers.database.told)
    assert servers.database.told.count([("requests", "2.20.0")]) == 2, "only what has a further page is asked again"


def test_many_advisories_are_not_all_looked_at(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vulnerabilities, "MOST_ADVISORIES", 3)
    servers.database.known["requests", "2.20.0"] = [advisory(f"GHSA-{number}", "requests") for number in range(9)]

    async def go() -> None:
        async with servers.others() as others:
            assert len(found(await others.ask(PUBLIC, "2.20.0"))) == 9

    run(go)
    assert len(servers.osv.requests) == 4


# -- faults ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(500), "answered 500"),
        (Reply(0), "cut off|cannot be reached"),
        (Reply(200, b"<html>"), "not what it should be"),
        (Reply(200, b"[" * 100_000), "not what it should be"),
        (Reply(200, b'{"results": []}'), "not what it should be"),
        (Reply(200, b'{"results": {"vulns": 1}}'), "not what it should be"),
        (Reply(200, pieces=(b" " * 1_000_000 for _ in range(1000))), "larger than"),
        (Reply(307, headers={"Location": "/v1/querybatch"}), "redirects without end"),
        (Reply(307, headers={"Location": "http://localhost:1/v1/querybatch"}), "another host"),
    ],
)
def test_a_fault_is_a_reason_and_is_asked_once(servers: Servers, reply: Reply, reason: str) -> None:
    servers.osv.answer = servers.names.answer = lambda _: reply

    async def go() -> None:
        async with servers.others() as others:
            others.has(CONDA, "2.19.0")
            first = await others.ask(PUBLIC, "2.19.0")
            assert isinstance(first, Unavailable)
            assert re.search(reason, first.reason)
            assert isinstance(await others.ask(CONDA, "2.19.0"), Unavailable)

    run(go)


@pytest.mark.parametrize("result", [None, {}, {"vulns": None}, {"vulns": [7, {"id": "../../x"}, {"id": 7}, {}]}])
def test_an_answer_that_names_no_advisory_knows_none(servers: Servers, result: object) -> None:
    servers.osv.answer = lambda _: Reply(200, json.dumps({"results": [result]}).encode())

    async def go() -> None:
        async with servers.others() as others:
            assert found(await others.ask(PUBLIC, "2.19.0")) == ()

    run(go)
    assert servers.osv.paths == ["/v1/querybatch"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [(404, Known((Vulnerability("GHSA-1"),))), (500, Unavailable("127.0.0.1: answered 500"))],
)
def test_an_advisory_that_is_not_served_is_only_a_name(
    servers: Servers, status: int, expected: Answer[tuple[Vulnerability, ...]]
) -> None:
    servers.osv.answer = lambda request: Reply(status) if "vulns" in request.path else servers.database(request)

    async def go() -> None:
        async with servers.others() as others:
            answer = await others.ask(PUBLIC, "2.19.0")
            assert (Known(answer.value) if isinstance(answer, Known) else answer) == expected

    run(go)


def test_other_sources_go_on(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda _: Reply(500)) as osv:
        monkeypatch.setattr(vulnerabilities, "ADDRESS", osv.url)
        monkeypatch.setattr("pypi_simple.PYPI_SIMPLE_ENDPOINT", f"{server.url}/simple/")

        async def go() -> None:
            world = World(ON)
            package = of("alpha-beta")
            question = Vulnerabilities(package, "2.0")
            await world.learn((package,), Heard())
            await world.learn((question,), Heard())
            assert isinstance(world.look(package), Known)
            assert world.look(question) == Unavailable("127.0.0.1: answered 500")
            assert (osv.url, "answered 500") in world.status()
            world.configure(Settings(), ())
            await world.learn((question,), Heard())
            assert world.look(question) == vulnerabilities.OFF
            await world.aclose()

        run(go)


# -- what an advisory says ------------------------------------------------------------------------------------

RANGES: list[dict[str, Any]] = [
    {
        "type": "ECOSYSTEM",
        "events": [{"introduced": "2.0"}, {"fixed": "2.1.5"}, {"introduced": "3"}, {"fixed": "3.0.2"}],
    },
    {"type": "GIT", "events": [{"introduced": "0"}, {"fixed": "0a1b2c"}]},
    {
        "type": "ECOSYSTEM",
        "events": [{"introduced": "0"}, {"last_affected": "1.9"}, {"fixed": 7}, {"fixed": "no\nversion"}],
    },
]


def test_an_advisory_of_several_packages_and_ranges() -> None:
    affected = [
        {"package": {"ecosystem": "PyPI", "name": "Other_Name"}, "ranges": RANGES},
        {"package": {"ecosystem": "npm", "name": "other-name"}, "ranges": [{**RANGES[0], "events": [{"fixed": "9"}]}]},
        {"package": None, "ranges": 7},
        "no package",
    ]
    said = reading.digest(
        {"id": "GHSA-1", "summary": "O\x1bne\nline", "affected": affected, "aliases": ["CVE-1", "a b", 7]}
    )
    assert said["fixed"] == {"other-name": ["2.1.5", "3.0.2"]}
    assert (said["summary"], said["aliases"], said["withdrawn"]) == ("One", ["CVE-1"], False)
    assert reading.is_sound_advisory(json.loads(json.dumps(said)))
    (one,) = reading.put_together("other-name", "2.1", [said])
    assert one.fixed == ("2.1.5", "3.0.2")
    (one,) = reading.put_together("other-name", "3.0", [said])
    assert one.fixed == ("3.0.2",)
    assert reading.put_together("other-name", "3.0", [{**said, "withdrawn": True}]) == ()


def test_several_databases_describe_one_vulnerability() -> None:
    said = [
        reading.digest(advisory("PYSEC-1", "a", "2.0", summary="", aliases=["CVE-1"])),
        reading.digest(advisory("GHSA-9", "a", "3.0", database_specific={"severity": "LOW"}, aliases=["CVE-9"])),
        reading.digest(
            advisory("GHSA-1", "a", "2.0", aliases=["CVE-1", "PYSEC-1"], database_specific={"severity": "CRITICAL"})
        ),
    ]
    worst, other = reading.put_together("a", "1.0", said)
    assert worst == Vulnerability("GHSA-1", "What GHSA-1 is", "critical", ("2.0",), ("CVE-1", "PYSEC-1"))
    assert other.severity == "low"


@pytest.mark.parametrize(
    ("vector", "score"),
    [  # the examples of the specification's own guide
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),
        ("CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4),
        ("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0),
        ("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", 0.0),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", None),
        ("nonsense", None),
    ],
)
def test_how_bad_a_vector_is(vector: str, score: float | None) -> None:
    assert reading.cvss3(vector) == score


# -- names ----------------------------------------------------------------------------------------------------

MANY = {
    "ruamel.yaml": ["ruamel-yaml"],
    "requests": ["requests"],
    "arm_pyart": ["requests", "arm-pyart"],
    "pytorch": ["torch"],
    "pytorch-cpu": ["torch"],
    "python-wget": ["wget"],
    "wget": None,
    "_dvc": ["dvc"],
    "dvc": ["dvc"],
    "jaxlib": ["jax-cuda12-pjrt"],
    "vendor": ["one", "two"],
    "old-form": "old-form-of-pypi",
    "Bad Name": ["bad"],
    "bad-name": ["<b>", "x" * 500, 7],
}


def test_the_list_is_fetched_once_and_read_both_ways(servers: Servers) -> None:
    servers.names.answer = lambda _: listed(MANY)
    expected = {
        ("ruamel-yaml", "pip"): "ruamel.yaml",
        ("ruamel-yaml", "conda"): "ruamel-yaml",
        ("requests", "pip"): "requests",
        ("arm-pyart", "conda"): "arm-pyart",
        ("torch", "pip"): "pytorch",
        ("pytorch-cpu", "conda"): "torch",
        ("python-wget", "conda"): "wget",
        ("wget", "conda"): None,
        ("wget", "pip"): "python-wget",
        ("dvc", "pip"): "dvc",
        ("jaxlib", "conda"): None,
        ("vendor", "conda"): None,
        ("one", "pip"): "vendor",
        ("old-form", "conda"): "old-form-of-pypi",
        ("bad-name", "conda"): None,
        ("nowhere", "pip"): None,
    }

    async def go() -> None:
        for _ in range(2):
            async with servers.others() as others:
                answers = await asyncio.gather(*(others.twin(*question) for question in expected))
                said = [one.value if isinstance(one, Known) else one for one in answers]
                assert said == [name or Absent("127.0.0.1") for name in expected.values()]

    run(go)
    assert servers.names.paths == [twins.PATH]


def test_an_old_list_is_served_and_asked_for_news_only(servers: Servers) -> None:
    async def go() -> None:
        reading = StoreLane("before", servers.folder)
        value = json.dumps({"python-wget": ["wget"]})
        entry = Entry(
            "twins conda-forge", value, time.time() - 2 * twins.AGE, servers.names.url, None, 'If-None-Match: "1"'
        )
        await reading.run(lambda store: store.write(entry))
        await reading.aclose()
        servers.names.answer = lambda request: Reply(304 if request.headers.get("if-none-match") == '"1"' else 500)
        async with servers.others() as others:
            old = await others.twin("wget", "pip")
            assert servers.names.requests == []
            new = await others.twin("wget", "pip", fresh=True)
        assert isinstance(old, Known)
        assert isinstance(new, Known)
        assert old.value == new.value == "python-wget"
        assert old.as_of is not None
        assert new.as_of is not None
        assert old.as_of < new.as_of

    run(go)
    assert servers.names.paths == [twins.PATH]


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"a": 7}', b"nothing", b'{"a": ' * 50_000, b" " * 8_000_001 + b"{}"])
def test_a_list_that_is_none_is_not_believed(servers: Servers, body: bytes) -> None:
    servers.names.answer = lambda _: Reply(200, body)

    async def go() -> None:
        async with servers.others() as others:
            answers = await asyncio.gather(*(others.twin(name, "pip") for name in ("a", "b", "c")))
            assert set(answers) == {Unavailable("127.0.0.1: its answer is not what it should be")}
            assert await others.twin("torch", "pip") == Known("pytorch", "envls")

    run(go)
    assert servers.names.paths == [twins.PATH], "it is left alone for a while"


def test_a_file_from_somebody_else_is_looked_at() -> None:
    assert reading.is_sound_list([["GHSA-1", "2024"]])
    assert not any(map(reading.is_sound_list, ({}, [["../x", ""]], [["GHSA-1"]], ["GHSA-1"], [[7, ""]])))
    assert not any(map(reading.is_sound_advisory, ({}, [], {"id": "GHSA-1"}, "x")))
    assert twins.is_sound({"a": ["b"]})
    assert not any(map(twins.is_sound, ([], {"a": "b"}, {"a": []}, {"a": ["B"]}, {"A ": ["b"]})))
