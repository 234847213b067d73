"""What is known of packages, kept between sessions, in one file in the user's cache folder (see `database`).

A `Store` is used in one thread. Without a place to write the world works without. Keys, sources and values carry no
secret: whoever writes sees to that (see `shelf.source_name`).
"""

from __future__ import annotations

import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from envls.world.database import Database, shrink, transaction, used

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Sequence

SHAPE = 2
NAME = f"facts-{SHAPE}.sqlite"
"""The number changes with the shape of the table, so that an older or a newer envls beside this one keeps its own."""
DAY = 24 * 3600.0
OLDEST = 365 * DAY
"""Seconds after which nothing is served any more."""
UNUSED = 90 * DAY
"""Seconds after which what nobody has read is thrown away."""
MOST = 400_000_000
"""Bytes of the file from which what was read longest ago is thrown away. A large channel takes a tenth."""
LARGEST = 64_000_000
"""Bytes of the largest value, unpacked."""
_EFFORT = 3
"""Of zlib: a fifth of the size for a quarter of the time of its best."""

_TABLE = (
    """
    CREATE TABLE IF NOT EXISTS facts (
        key TEXT PRIMARY KEY,
        source TEXT NOT NULL,
        as_of REAL NOT NULL,
        used REAL NOT NULL,
        young REAL,
        validator TEXT NOT NULL,
        value BLOB NOT NULL
    )
    """,
    "CREATE INDEX IF NOT EXISTS facts_used ON facts (used, as_of)",
    "CREATE INDEX IF NOT EXISTS facts_source ON facts (source, as_of)",
)


class Entry(NamedTuple):
    """What one source says of one thing. `value` is JSON; `as_of` (seconds since 1970) is when it was true.

    `source` is the address of who said it, as it may be shown. `young` are the seconds for which the source itself
    wants to be believed (None: it does not say), `validator` is what to ask it with whether anything is new.
    """

    key: str
    value: str
    as_of: float
    source: str = ""
    young: float | None = None
    validator: str = ""


class Source(NamedTuple):
    """How many entries there are of a source, and the times of the oldest and the newest (seconds since 1970)."""

    name: str
    entries: int
    oldest: float
    newest: float


def default_folder() -> Path:
    import platformdirs  # noqa: PLC0415 - only when something is kept

    return Path(platformdirs.user_cache_dir("envls", appauthor=False))


class Store:
    """Entries by key, in `folder` (None: the user's). `clock` gives seconds since 1970."""

    def __init__(self, folder: Path | None, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder or default_folder()
        self.file = self.folder / NAME
        self._clock = clock
        self._database = Database(self.file, SHAPE, _TABLE)
        self._read: set[str] = set()
        self._pruned = -DAY

    # -- entries ----------------------------------------------------------------------------------------------

    def read(self, key: str) -> Entry | None:
        def select(connection: sqlite3.Connection) -> Entry | None:
            row = connection.execute(
                "SELECT value, as_of, source, young, validator, used FROM facts WHERE key = ?", (key,)
            ).fetchone()
            if row is None or row[1] < self._clock() - OLDEST:
                return None
            if row[5] < self._clock() - DAY:
                self._read.add(key)
            return Entry(key, _unpacked(row[0]), *row[1:5])

        return self._database.attempt(select)

    def write(self, entry: Entry) -> bool:
        return self.write_many((entry,))

    def write_many(self, entries: Iterable[Entry]) -> bool:
        """Keep all of `entries`, or none; whether they are kept.

        They are taken and packed before the transaction begins, so that nobody waits while they are made: give it
        thousands at a time, not millions. Readers see the former entries until the end, and are never held up.
        """
        return self._keep(entries, newer=False) is not None

    def merge(self, entries: Iterable[Entry]) -> int | None:
        """Keep those of `entries` that are newer than what is kept; how many these are, None where nothing can be kept."""
        return self._keep(entries, newer=True)

    def _keep(self, entries: Iterable[Entry], *, newer: bool) -> int | None:
        now = self._clock()
        rows = [
            (entry.key, entry.source, entry.as_of, now, entry.young, entry.validator, _packed(entry.value), newer)
            for entry in entries
        ]

        def insert(connection: sqlite3.Connection) -> int:
            with transaction(connection):
                self._note_reading(connection)
                return connection.executemany(
                    "INSERT INTO facts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (key) DO UPDATE SET"
                    " source = excluded.source, as_of = excluded.as_of, used = excluded.used, young = excluded.young,"
                    " validator = excluded.validator, value = excluded.value"
                    " WHERE NOT ?8 OR excluded.as_of > facts.as_of",
                    rows,
                ).rowcount

        kept = self._database.attempt(insert)
        if kept is not None:
            self._database.attempt(self._prune)
        return kept

    def entries(self) -> Iterator[Entry]:
        """All that may be served, by key, as it was when the first was taken. Raises what sqlite3 raises."""
        connection = self._database.connected()
        rows = connection.execute(
            "SELECT key, value, as_of, source, young, validator FROM facts WHERE as_of >= ? ORDER BY key",
            (self._clock() - OLDEST,),
        )
        for key, value, *rest in rows:
            yield Entry(key, _unpacked(value), *rest)

    # -- the whole --------------------------------------------------------------------------------------------

    def sources(self) -> Sequence[Source]:
        """What there is of each source, by name."""

        def select(connection: sqlite3.Connection) -> list[Source]:
            rows = connection.execute("SELECT source, count(*), min(as_of), max(as_of) FROM facts GROUP BY source")
            return [Source(*row) for row in rows]

        return self._database.attempt(select) or []

    def clear(self, source: str | None = None) -> int | None:
        """Forget everything, or what one source said; how many entries that were, None where it cannot be written.

        Other processes may go on.
        """

        def delete(connection: sqlite3.Connection) -> int:
            with transaction(connection):
                gone = connection.execute("DELETE FROM facts WHERE ?1 IS NULL OR source = ?1", (source,)).rowcount
            shrink(connection)
            return gone

        there = sum(one.entries for one in self.sources())
        gone = self._database.attempt(delete)
        if gone is None and source is None and self.is_there and self._database.remove():
            return there  # on a full disk there is no room to note what goes: so goes the file
        return gone

    @property
    def is_there(self) -> bool:
        return self.file.exists()

    def size(self) -> int:
        """Bytes on disk."""
        return self._database.size()

    def close(self) -> None:
        if self._read and self._database.is_open:
            self._keep((), newer=False)  # what was read counts as useful
        self._database.close()

    def _note_reading(self, connection: sqlite3.Connection) -> None:
        """Let what was read count as useful: written with whatever is written next, not at every look."""
        connection.executemany("UPDATE facts SET used = ? WHERE key = ?", [(self._clock(), key) for key in self._read])
        self._read.clear()

    def _prune(self, connection: sqlite3.Connection) -> None:
        """Throw away what is too old or unused, once a day; and what was read longest ago when the file is too large."""
        now = self._clock()
        if abs(now - self._pruned) > DAY:
            self._pruned = now
            with transaction(connection):
                connection.execute("DELETE FROM facts WHERE used < ? OR as_of < ?", (now - UNUSED, now - OLDEST))
            _remove_former(self.folder, now)
        if used(connection) > MOST:
            while used(connection) > 0.8 * MOST:
                with transaction(connection):
                    connection.execute(
                        "DELETE FROM facts WHERE rowid IN"
                        " (SELECT rowid FROM facts ORDER BY used, as_of LIMIT 1 + (SELECT count(*) FROM facts) / 20)"
                    )
            shrink(connection)


def _remove_former(folder: Path, now: float) -> None:
    """Stores of other versions of envls that nobody has touched for long."""
    for file in folder.glob("facts-*.sqlite*"):
        try:
            if not file.name.startswith(NAME) and file.stat().st_mtime < now - UNUSED:
                file.unlink()
        except OSError:
            continue


def _packed(value: str) -> bytes:
    return zlib.compress(value.encode(), _EFFORT)


def _unpacked(value: bytes) -> str:
    """The text; "" (which is no JSON) where it is damaged or too large."""
    try:
        packer = zlib.decompressobj()
        text = packer.decompress(value, LARGEST)
        return text.decode() if packer.eof else ""
    except (zlib.error, UnicodeDecodeError, TypeError):
        return ""
