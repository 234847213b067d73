"""What is known of packages, kept between sessions: one SQLite file in the user's cache folder.

A `Store` is used in one thread; several of them, in several processes, may use the file at once: readers never wait
for a writer (WAL), writers wait for each other. A transaction is there wholly or not at all, wherever its process was
killed. A broken file is made anew, and without a place to write the world works without. Keys, sources and values
carry no secret: whoever writes sees to that (see `shelf.source_name`).
"""

from __future__ import annotations

import logging
import time
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Sequence

T = TypeVar("T")

LOG = logging.getLogger(__name__)
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
_WAIT = 10.0
"""Seconds that a writer waits for another one."""
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
    f"PRAGMA user_version = {SHAPE}",
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
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None
        self._given_up = False
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

        return self._try(select)

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
            with _transaction(connection):
                self._note_reading(connection)
                return connection.executemany(
                    "INSERT INTO facts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (key) DO UPDATE SET"
                    " source = excluded.source, as_of = excluded.as_of, used = excluded.used, young = excluded.young,"
                    " validator = excluded.validator, value = excluded.value"
                    " WHERE NOT ?8 OR excluded.as_of > facts.as_of",
                    rows,
                ).rowcount

        kept = self._try(insert)
        if kept is not None:
            self._try(self._prune)
        return kept

    def entries(self) -> Iterator[Entry]:
        """All that may be served, by key, as it was when the first was taken. Raises what sqlite3 raises."""
        connection = self._connected()
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

        return self._try(select) or []

    def clear(self, source: str | None = None) -> int | None:
        """Forget everything, or what one source said; how many entries that were, None where it cannot be written.

        Other processes may go on.
        """

        def delete(connection: sqlite3.Connection) -> int:
            with _transaction(connection):
                gone = connection.execute("DELETE FROM facts WHERE ?1 IS NULL OR source = ?1", (source,)).rowcount
            _shrink(connection)
            return gone

        there = sum(one.entries for one in self.sources())
        gone = self._try(delete)
        if gone is None and source is None and self.is_there and self._remove():
            return there  # on a full disk there is no room to note what goes: so goes the file
        return gone

    @property
    def is_there(self) -> bool:
        return self.file.exists()

    def size(self) -> int:
        """Bytes on disk."""
        return sum(_size(Path(f"{self.file}{ending}")) for ending in ("", "-wal", "-shm"))

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            import sqlite3  # noqa: PLC0415 - as above

            try:
                if self._read:
                    with _transaction(connection):
                        self._note_reading(connection)
            except sqlite3.Error as error:
                LOG.info("the store does not answer: %s", error)
            connection.close()

    # -- the file ---------------------------------------------------------------------------------------------

    def _try(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """`work` on the file; once more on a new file when this one is broken; None when there can be none."""
        import sqlite3  # noqa: PLC0415 - 5 ms, in a thread

        for attempt in (1, 2):
            if self._given_up:
                return None
            try:
                return work(self._connected())
            except sqlite3.OperationalError as error:  # locked for long, read-only, full: the file itself is sound
                LOG.info("the store does not answer: %s", error)
                return None
            except sqlite3.DatabaseError as error:
                LOG.info("the store is broken and made anew: %s", error)
                self._given_up = attempt == 2 or not self._remove()
            except OSError as error:
                LOG.info("there is no store: %s", error.strerror)
                self._given_up = True
        return None

    def _connected(self) -> sqlite3.Connection:
        """The connection to the file that is there now: another thread or process may have made it anew."""
        if self._connection is not None and _identity(self.file) != self._opened:
            self._connection.close()
            self._connection = None
        if self._connection is None:
            self._connection = self._open()
        return self._connection

    def _open(self) -> sqlite3.Connection:
        import sqlite3  # noqa: PLC0415 - as above

        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._opened = _identity(self.file)
        connection = sqlite3.connect(self.file, timeout=_WAIT, isolation_level=None)
        try:
            (shape,) = connection.execute("PRAGMA user_version").fetchone()
            if shape != SHAPE:
                _make(connection, _WAIT)
            self._opened = _identity(self.file)
            connection.execute("PRAGMA synchronous = NORMAL")  # a crash of the machine may cost the last entries
            connection.execute("PRAGMA journal_size_limit = 16000000")
        except BaseException:
            connection.close()
            raise
        return connection

    def _remove(self) -> bool:
        """Take the broken file away, unless somebody else has done it already; whether there may be a new one."""
        broken, self._connection = self._connection, None
        if broken is not None:
            broken.close()
        try:
            if _identity(self.file) == self._opened:
                for ending in ("-wal", "-shm", ""):
                    Path(f"{self.file}{ending}").unlink(missing_ok=True)
        except OSError as error:  # on Windows, while another process has it open
            LOG.info("the broken store stays: %s", error.strerror)
            return False
        return True

    def _note_reading(self, connection: sqlite3.Connection) -> None:
        """Let what was read count as useful: written with whatever is written next, not at every look."""
        connection.executemany("UPDATE facts SET used = ? WHERE key = ?", [(self._clock(), key) for key in self._read])
        self._read.clear()

    def _prune(self, connection: sqlite3.Connection) -> None:
        """Throw away what is too old or unused, once a day; and what was read longest ago when the file is too large."""
        now = self._clock()
        if abs(now - self._pruned) > DAY:
            self._pruned = now
            with _transaction(connection):
                connection.execute("DELETE FROM facts WHERE used < ? OR as_of < ?", (now - UNUSED, now - OLDEST))
            _remove_former(self.folder, now)
        if _bytes(connection) > MOST:
            while _bytes(connection) > 0.8 * MOST:
                with _transaction(connection):
                    connection.execute(
                        "DELETE FROM facts WHERE rowid IN"
                        " (SELECT rowid FROM facts ORDER BY used, as_of LIMIT 1 + (SELECT count(*) FROM facts) / 20)"
                    )
            _shrink(connection)


def _make(connection: sqlite3.Connection, patience: float) -> None:
    """Make the table. Others may be at it: changing to WAL does not wait for them by itself."""
    import sqlite3  # noqa: PLC0415 - as above

    end = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("PRAGMA journal_mode = WAL")
            with _transaction(connection):
                for statement in _TABLE:
                    connection.execute(statement)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing. IMMEDIATE, since one that reads first and then writes cannot wait for other writers."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _shrink(connection: sqlite3.Connection) -> None:
    """Give the space back to the disk, as far as nobody reads just now."""
    connection.executescript("PRAGMA incremental_vacuum")  # `execute` would stop after the first page
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _bytes(connection: sqlite3.Connection) -> int:
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


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


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
