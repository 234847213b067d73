"""`envls cache`: what one machine has learned goes in a file to one that has no network, and is believed with care."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from world import archives
from world.loopback import folder, serving
from world.simple_index import FILES, Index

from envls.world import exchange
from envls.world.exchange import ExchangeError, Taken, take_facts, write_facts
from envls.world.store import OLDEST, Entry, Store

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "s3cr3t-of-the-test"
FILE = """\
name: toy
channels: [toy]
dependencies:
  - python
  - numpy=1.26
  - pandas=99.0
  - pip
  - pip:
      - alpha-beta==2.0
      - alpha-beta-gamma==1.0
"""


def envls(machine: Path, *arguments: str, **told: str) -> tuple[int, str, str]:
    """The command on a machine of its own, with nothing configured."""
    machine.mkdir(exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    environment = {
        **kept,
        **{name: str(machine) for name in ("HOME", "USERPROFILE", "XDG_CACHE_HOME", "LOCALAPPDATA")},
        "PIP_CONFIG_FILE": os.devnull,
        "NO_COLOR": "1",
        "PYTHONPATH": str(Path(__file__).parents[1]),
        **told,
    }
    command = [sys.executable, "-m", "envls", *arguments]
    done = subprocess.run(command, cwd=machine, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def findings(out: str) -> list[str]:
    return [line for line in out.splitlines() if line.startswith("environment.yml:")]


def test_a_machine_without_a_network_answers_from_what_another_has_learned(tmp_path: Path) -> None:
    channel = tmp_path / "channels" / "toy"
    for name, version in (("python", "3.11.4"), ("numpy", "1.26.4"), ("pandas", "2.1.0"), ("pip", "23.0")):
        archives.package(channel, name, version)
    archives.index(channel)
    here, there = tmp_path / "here", tmp_path / "there"
    with serving(folder(tmp_path / "channels")) as conda, serving(Index(FILES, described=("2.0",))) as pip:
        with_secret = pip.url.replace("//", f"//user:{SECRET}@")
        told = {"CONDA_CHANNEL_ALIAS": conda.url, "PIP_INDEX_URL": f"{with_secret}/simple", "NO_PROXY": "127.0.0.1"}
        for machine in (here, there):
            machine.mkdir()
            (machine / "environment.yml").write_text(FILE)
        online = envls(here, "check", ".", **told)
        assert "pandas" in online[1]
        assert "not checked" not in online[2]

        status, out, _ = envls(here, "cache", "info", **told)
        assert status == 0
        assert f"{conda.url}/toy" in out
        assert " now " in out
        assert SECRET not in out

        status, out, _ = envls(here, "cache", "export", "facts.jsonl.gz", **told)
        assert status == 0
        assert "written to facts.jsonl.gz" in out
        exported = here / "facts.jsonl.gz"
        assert SECRET.encode() not in gzip.decompress(exported.read_bytes())
        requests = len(conda.requests), len(pip.requests)

        assert "not checked" in envls(there, "check", "--offline", ".", **told)[2]
        status, out, err = envls(there, "cache", "import", str(exported), **told)
        assert (status, err) == (0, "")
        offline = envls(there, "check", "--offline", ".", **told)
        assert any("pandas" in line for line in findings(offline[1]))
        assert findings(offline[1]) == [line for line in findings(online[1]) if "alpha-beta-gamma" not in line]
        assert "not checked against an index: 1 package (127.0.0.1: offline)" in offline[2], (
            "that there is none is not kept"
        )
        assert (len(conda.requests), len(pip.requests)) == requests


def test_cache_of_a_new_machine(tmp_path: Path) -> None:
    machine = tmp_path / "new"
    status, out, err = envls(machine, "cache", "info")
    assert (status, err) == (0, "")
    assert "facts: 0 of 0 sources, 0.0 MB" in out
    assert envls(machine, "cache", "export", "x.gz") == (2, "", "envls: nothing is kept that could be exported\n")
    assert envls(machine, "cache", "clear") == (0, "0 facts forgotten\n", "")
    assert envls(machine, "cache", "import", "none.gz") == (2, "", "envls: none.gz: No such file or directory\n")
    assert envls(machine, "cache")[0] == 2
    assert list(machine.rglob("*.sqlite")) == [], "a look makes nothing"


def test_clear_forgets_all_or_one_source(tmp_path: Path) -> None:
    machine = tmp_path / "machine"
    envls(machine, "cache", "info")
    store = Store(next(machine.parent.glob("machine")) / "envls")
    now = time.time()
    store.write_many(
        [
            Entry("a", "1", now - 3 * 86400, "https://a.example.com"),
            Entry("b", "1", now - 7300, "https://b.example.com"),
        ]
    )
    store.close()
    channels = store.folder / "channels"
    (channels / "deep").mkdir(parents=True)
    (channels / "deep" / "x.json").write_text("x" * 2_000_000)
    status, out, _ = envls(machine, "cache", "info", XDG_CACHE_HOME=str(machine))
    assert status == 0
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "facts: 2 of 2 sources, 0.1 MB" in lines
    assert "channels, as py-rattler keeps them: 2.0 MB" in lines
    assert "1 3 days 3 days https://a.example.com" in lines
    assert "1 2 hours 2 hours https://b.example.com" in lines
    assert envls(machine, "cache", "clear", "https://c.example.com")[0] == 2
    assert envls(machine, "cache", "clear", "https://a.example.com/") == (0, "1 fact forgotten\n", "")
    assert not channels.exists()
    assert envls(machine, "cache", "clear") == (0, "1 fact forgotten\n", "")
    assert "facts: 0 of 0" in envls(machine, "cache", "info")[1]


# -- the file -------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store")
    yield store
    store.close()


HEAD = {"format": exchange.FORMAT, "version": exchange.VERSION}
FACT = {
    "key": "pip https://example.com/simple a",
    "source": "https://example.com/simple",
    "as_of": 2e9,
    "value": {"x": 1},
}


def written(path: Path, *lines: Any, packed: bool = True) -> Path:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines).encode()
    path.write_bytes(gzip.compress(text) if packed else text)
    return path


def test_what_is_written_is_taken_in_and_what_is_newer_counts(tmp_path: Path, store: Store) -> None:
    now = time.time()
    store.write_many(
        [
            Entry("a", '{"old": "ü\\n"}', now - 100, "s", 7.0, "validator"),
            Entry("b", "1", now - 100, "s"),
            Entry("nothing", "null", now, "s"),
            Entry("damaged", "{", now, "s"),
        ]
    )
    file = tmp_path / "facts"
    assert write_facts(store, file) == 2
    other = Store(tmp_path / "other")
    other.write(Entry("b", "2", now - 50, "s"))
    assert take_facts(other, file) == Taken(2, 1)
    assert take_facts(other, file) == Taken(2, 0)
    taken = {entry.key: entry for entry in other.entries()}
    assert json.loads(taken["a"].value) == {"old": "ü\n"}
    assert taken["a"][2:] == (now - 100, "s", None, ""), "how to ask for news is nobody else's"
    assert taken["b"].value == "2"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    other.close()


def test_a_fact_from_the_future_or_long_ago(tmp_path: Path, store: Store) -> None:
    now = time.time()
    ahead, gone = {**FACT, "as_of": now + 1e6}, {**FACT, "key": "gone", "as_of": now - OLDEST - 10}
    assert take_facts(store, written(tmp_path / "f", HEAD, ahead, gone, packed=False)) == Taken(1, 1)
    (entry,) = store.entries()
    assert entry.as_of <= time.time()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "line 3 is no JSON"),
        ("[" * 100_000, "line 3 is no JSON"),
        ("7", "line 3 is no fact"),
        ({**FACT, "value": None}, "line 3 is no fact"),
        ({**FACT, "as_of": "now"}, "line 3 is no fact"),
        ({**FACT, "as_of": True}, "line 3 is no fact"),
        ('{"key": "a", "source": "b", "as_of": NaN, "value": 1}', "line 3 is no fact"),
        ('{"key": "a", "source": "b", "as_of": 1e999, "value": 1}', "line 3 is no fact"),
        ({**FACT, "key": ""}, "line 3 is no fact"),
        ({**FACT, "key": "k" * 5000}, "line 3 is no fact"),
        ({**FACT, "source": "https://user:pw@example.com"}, "line 3 is no fact"),
        ({**FACT, "source": "a\x1b[31m"}, "line 3 is no fact"),
        ({key: FACT[key] for key in ("key", "source", "as_of")}, "line 3 is no fact"),
    ],
)
def test_a_file_with_one_wrong_line_is_not_taken_in(tmp_path: Path, store: Store, line: Any, why: str) -> None:
    with pytest.raises(ExchangeError, match=why):
        take_facts(store, written(tmp_path / "f", HEAD, FACT, line))
    assert list(store.entries()) == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "line 1 is no JSON"),
        (b"SQLite format 3\0" * 100, "line 1 is no JSON"),
        (b"{}\n", "no file of facts"),
        (json.dumps({**HEAD, "version": 2}).encode(), "a newer envls has written it"),
        (gzip.compress("".join(f"{json.dumps(line)}\n" for line in [HEAD, *[FACT] * 9]).encode())[:-20], "damaged"),
        (gzip.compress(b"x")[:5], "damaged"),
        (gzip.compress(json.dumps(HEAD).encode() + b"\n" + b" " * 40_000_000), "too large"),
    ],
)
def test_a_file_that_is_something_else(tmp_path: Path, store: Store, content: bytes, why: str) -> None:
    (tmp_path / "f").write_bytes(content)
    with pytest.raises(ExchangeError, match=why):
        take_facts(store, tmp_path / "f")
    assert not store.is_there or list(store.entries()) == []


def test_sizes_are_bounded(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(tmp_path / "f", HEAD, *({**FACT, "key": f"{number}"} for number in range(20)))
    monkeypatch.setattr(exchange, "MOST", 10)
    with pytest.raises(ExchangeError, match="more than 10 facts"):
        take_facts(store, file)
    monkeypatch.setattr(exchange, "MOST", 1000)
    monkeypatch.setattr(exchange, "LARGEST", 500)
    with pytest.raises(ExchangeError, match="too large"):
        take_facts(store, file)


def test_a_place_that_cannot_be_written(tmp_path: Path, store: Store) -> None:
    store.write(Entry("a", "1", time.time()))
    with pytest.raises(OSError, match="No such file"):
        write_facts(store, tmp_path / "none" / "f")
    (tmp_path / "file").touch()
    nowhere = Store(tmp_path / "file" / "below")
    with pytest.raises(ExchangeError, match="no right to write"):
        take_facts(nowhere, written(tmp_path / "f", HEAD, FACT))
