"""What is kept: survives a crash, several servers, a broken file and a full disk, and stays within its bounds."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
import zlib
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from envls.world import store as stores
from envls.world.store import LARGEST, NAME, OLDEST, SHAPE, UNUSED, Entry, Store

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "cache")
    yield store
    store.close()


def entry(key: str, value: str = "1", as_of: float | None = None, **more: Any) -> Entry:
    return Entry(key, value, time.time() if as_of is None else as_of, **more)


def value_of(store: Store, key: str) -> str | None:
    found = store.read(key)
    return found.value if found else None


def test_what_is_written_is_read_by_another_server(tmp_path: Path, store: Store) -> None:
    whole = entry("a", '{"x": 1}', source="https://example.com", young=5.0, validator="v")
    store.write(whole)
    other = Store(tmp_path / "cache")
    assert other.read("a") == whole
    other.write(entry("a", "2"))
    assert value_of(store, "a") == "2"
    assert store.read("none") is None
    other.close()


def test_readers_never_wait_for_a_writer(tmp_path: Path, store: Store) -> None:
    store.write(entry("a", "former"))
    writer = Store(tmp_path / "cache")
    writer.write(entry("b"))
    connection = writer._database.connected()  # noqa: SLF001
    connection.execute("BEGIN IMMEDIATE")  # a child process in the middle of a large channel
    connection.execute("DELETE FROM facts")
    assert value_of(store, "a") == "former"
    late = Store(tmp_path / "cache")
    assert value_of(late, "a") == "former", "nor does a server that starts meanwhile"
    late.close()
    writer.close()


def test_an_older_fact_does_not_replace_a_newer_one_where_that_is_asked(store: Store) -> None:
    store.write(entry("a", "newer", 2_000_000_000))
    assert store.merge([entry("a", "older", 1_900_000_000), entry("b", "new"), entry("c", "new")]) == 2
    assert (value_of(store, "a"), value_of(store, "b")) == ("newer", "new")


def test_a_server_that_cannot_write_all_writes_nothing(store: Store) -> None:
    def entries() -> Iterator[Entry]:
        yield entry("a")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.write_many(entries())
    assert store.read("a") is None


def test_what_is_too_old_is_not_served_and_what_nobody_reads_is_thrown_away(tmp_path: Path) -> None:
    now = [2_000_000_000.0]
    store = Store(tmp_path, lambda: now[0])
    store.write_many(
        [entry("old", as_of=now[0] - OLDEST - 1), entry("idle", as_of=now[0]), entry("used", as_of=now[0])]
    )
    assert store.read("old") is None
    for _ in range(4):
        now[0] += UNUSED / 3
        assert store.read("used")
        store.write(entry("other", as_of=now[0]))
    assert store.read("used")
    assert store.read("idle") is None
    assert sum(source.entries for source in store.sources()) == 2
    store.close()


def test_a_store_that_is_too_large_loses_what_was_read_longest_ago(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [2_000_000_000.0]
    store = Store(tmp_path, lambda: now[0])
    monkeypatch.setattr(stores, "MOST", 1_000_000)
    for day in range(40):
        now[0] += 2 * stores.DAY
        assert store.read("first") or day == 0
        noise = os.urandom(25_000).hex()
        store.write_many([entry("first", as_of=now[0])] if day == 0 else [entry(f"{day}", noise, now[0])])
    assert store.size() < 1_300_000
    assert store.read("first")
    assert store.read("1") is None
    assert store.read("39")
    store.close()


def test_what_was_forgotten_is_gone_from_the_disk(store: Store) -> None:
    store.write_many([entry(f"{number}", os.urandom(500).hex(), source=f"s{number % 2}") for number in range(1000)])
    store.write(entry("mine", source="s2"))
    full = store.size()
    assert store.clear("s0") == 500
    assert [(source.name, source.entries) for source in store.sources()] == [("s1", 500), ("s2", 1)]
    assert store.clear() == 501
    assert store.size() < full / 5


def damaged(whole: bytes, damage: str) -> bytes:
    match damage:
        case "garbage":
            return b"no database " * 1000
        case "header":
            return b"\0" * 100 + whole[100:]
        case "truncated":
            return whole[:5000]
        case _:
            return whole[:4096] + os.urandom(len(whole) - 8192) + whole[-4096:]


@pytest.mark.parametrize("damage", ["garbage", "header", "truncated", "pages in the middle"])
def test_a_broken_store_is_made_anew_for_reader_and_writer(tmp_path: Path, damage: str) -> None:
    reader, writer = Store(tmp_path), Store(tmp_path)
    writer.write_many([entry(f"key {number}", os.urandom(250).hex()) for number in range(200)])
    writer.close()
    file = tmp_path / NAME
    file.write_bytes(damaged(file.read_bytes(), damage))
    for number in range(200):
        reader.read(f"key {number}")
        assert writer.write(entry(f"new {number}"))
    assert value_of(reader, "new 0") == "1"
    assert value_of(writer, "new 199") == "1"
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    reader.close()
    writer.close()


def test_a_damaged_value_counts_as_none(tmp_path: Path, store: Store) -> None:
    store.write_many([entry("a"), entry("bomb"), entry("c")])
    with closing(sqlite3.connect(tmp_path / "cache" / NAME)) as connection, connection:
        connection.execute("UPDATE facts SET value = ? WHERE key = 'a'", (b"no zlib",))
        connection.execute("UPDATE facts SET value = ? WHERE key = 'bomb'", (zlib.compress(b"1" * (LARGEST + 1)),))
    assert (value_of(store, "a"), value_of(store, "bomb"), value_of(store, "c")) == ("", "", "1")


def test_another_envls_keeps_its_own(tmp_path: Path) -> None:
    newer = tmp_path / f"facts-{SHAPE + 1}.sqlite"
    newer.write_bytes(b"what a newer envls keeps")
    long_ago = tmp_path / "facts-1.sqlite"
    long_ago.write_bytes(b"what an older one kept")
    os.utime(long_ago, (1, 1))
    store = Store(tmp_path)
    assert store.write(entry("a"))
    store.close()
    assert newer.read_bytes() == b"what a newer envls keeps"
    assert not long_ago.exists()


def test_a_store_of_another_shape_does_not_stop_the_world(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / NAME)) as connection, connection:
        connection.execute("CREATE TABLE facts (something TEXT)")
    store = Store(tmp_path)
    assert not store.write(entry("a"))
    assert store.read("a") is None
    store.close()


WRITER = """
import os, sys, time, pathlib
from envls.world.store import Entry, Store
store = Store(pathlib.Path(sys.argv[1]))
first = int(sys.argv[2])
for round in range(first, first + 10_000):
    noise = os.urandom(4000).hex()
    assert store.write_many([Entry(f"{number}", f"{round} {noise}", time.time()) for number in range(1000)])
    print(round, flush=True)
"""


def test_a_writer_that_is_killed_leaves_whole_transactions(tmp_path: Path) -> None:
    """Killed while it writes: 4 MB at a time, twice what SQLite holds in memory before it goes to disk."""
    said = -1
    for turn in range(4):
        with process(WRITER, str(tmp_path), str(said + 1)) as writer:
            assert writer.stdout is not None
            for _ in range(2):
                said = int(writer.stdout.readline())
            file = tmp_path / f"{NAME}-wal"
            changed = file.stat().st_mtime_ns
            while turn % 2 and file.stat().st_mtime_ns == changed and writer.poll() is None:
                pass  # until the next transaction is on disk in part
            writer.kill()
            rest = [int(line) for line in writer.stdout if line.endswith(b"\n")]
        said = max([said, *rest])
        store = Store(tmp_path)
        rounds = {(value_of(store, f"{number}") or "").partition(" ")[0] for number in range(1000)}
        assert len(rounds) == 1, "all of a transaction or nothing"
        assert int(rounds.pop()) in (said, said + 1), "what was said to be kept is kept"
        assert store.write(entry("after"))
        store.close()
        with closing(sqlite3.connect(tmp_path / NAME)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        said = max(said, 0)


STARTER = """
import sys, time, pathlib
from envls.world.store import Entry, Store
print("ready", flush=True)
sys.stdin.readline()
store = Store(pathlib.Path(sys.argv[1]))
for number in range(20):
    assert store.write(Entry(f"{sys.argv[2]} {number}", "1", time.time()))
store.close()
"""


def test_servers_that_start_at_once_share_a_new_store(tmp_path: Path) -> None:
    with ExitStack() as stack:
        starters = [stack.enter_context(process(STARTER, str(tmp_path), str(number))) for number in range(4)]
        for starter in starters:
            assert starter.stdout is not None
            assert starter.stdout.readline() == b"ready\n"
        for starter in starters:
            assert starter.stdin is not None
            starter.stdin.write(b"go\n")
            starter.stdin.flush()
        assert [starter.wait(60) for starter in starters] == [0, 0, 0, 0]
    store = Store(tmp_path)
    assert [source.entries for source in store.sources()] == [80]
    store.close()


def process(script: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env=dict(os.environ),
    )


def test_without_a_place_to_write_the_world_works(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = Store(tmp_path / "file" / "below")
    assert not store.write(entry("a"))
    assert store.read("a") is None
    assert (store.sources(), store.clear(), store.size()) == ([], None, 0)
    store.close()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir(mode=0o500)
    store = Store(tmp_path / "cache")
    assert not store.write(entry("a"))
    assert store.read("a") is None
    store.close()


def test_a_store_in_a_folder_that_may_only_be_read_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in an image that brings along what it needs to know."""
    first = Store(tmp_path)
    first.write(entry("a"))
    first.close()
    before = sorted(tmp_path.iterdir())
    monkeypatch.setattr("os.access", lambda *_: False)  # what chmod is to everybody but root
    store = Store(tmp_path)
    assert value_of(store, "a") == "1"
    assert not store.write(entry("b"))
    assert value_of(store, "a") == "1"
    assert sorted(tmp_path.iterdir()) == before
    store.close()


def test_a_full_disk_costs_the_keeping_only(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.write(entry("a"))
    store._database.connected().execute("PRAGMA max_page_count = 8")  # noqa: SLF001 - SQLite's own "database or disk is full"
    assert not store.write_many([entry("b", os.urandom(50_000).hex())])
    assert store.read("b") is None
    assert store.read("a")
    other = Store(tmp_path)
    other._database.connected().execute("PRAGMA query_only = 1")  # noqa: SLF001 - not even a note of what goes finds room
    assert other.clear("s") is None
    assert other.clear() == 1
    other.close()
    assert store.write(entry("a"))
    store._database.connected().execute("PRAGMA max_page_count = 1000")  # noqa: SLF001 - somebody has made room
    assert store.write(entry("b"))
    store.close()
