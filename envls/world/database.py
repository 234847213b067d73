"""One SQLite file that several threads and processes use at once, each through a `Database` of its own.

Readers never wait for a writer (WAL), writers wait for each other. A transaction is there wholly or not at all,
wherever its process was killed. A file that is broken is made anew, by whoever finds it so; the others notice. Where
there can be no file, there is none, and nobody is told more than the log.
"""

from __future__ import annotations

import logging
import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")

LOG = logging.getLogger(__name__)
PATIENCE = 10.0
"""Seconds that a writer waits for another one."""
_ENDINGS = ("-wal", "-shm", "")


class Database:
    """`file`, with the tables that `statements` make, whose `shape` it bears (PRAGMA user_version)."""

    def __init__(self, file: Path, shape: int, statements: Sequence[str]) -> None:
        self.file = file
        self._shape = shape
        self._statements = statements
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None
        self._given_up = False

    def attempt(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """`work` on the file; once more on a new file when this one is broken; None when there can be none."""
        import sqlite3  # noqa: PLC0415 - 5 ms, in a thread

        for attempt in (1, 2):
            if self._given_up:
                return None
            try:
                return work(self.connected())
            except sqlite3.OperationalError as error:  # locked for long, read-only, full: the file itself is sound
                LOG.info("the store does not answer: %s", error)
                return None
            except sqlite3.DatabaseError as error:
                LOG.info("the store is broken and made anew: %s", error)
                self._given_up = attempt == 2 or not self.remove()
            except OSError as error:
                LOG.info("there is no store: %s", error.strerror)
                self._given_up = True
        return None

    def connected(self) -> sqlite3.Connection:
        """The connection to the file that is there now: another thread or process may have made it anew.

        Raises what sqlite3 raises, and OSError.
        """
        if self._connection is not None and _identity(self.file) != self._opened:
            self.close()
        if self._connection is None:
            self._connection = self._open()
        return self._connection

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def remove(self) -> bool:
        """Take the file away, unless somebody else has done it already; whether there may be a new one."""
        self.close()
        try:
            if _identity(self.file) == self._opened:
                for ending in _ENDINGS:
                    Path(f"{self.file}{ending}").unlink(missing_ok=True)
        except OSError as error:  # on Windows, while another process has it open
            LOG.info("the broken store stays: %s", error.strerror)
            return False
        return True

    def size(self) -> int:
        """Bytes on disk."""
        return sum(_size(Path(f"{self.file}{ending}")) for ending in _ENDINGS)

    @property
    def is_open(self) -> bool:
        return self._connection is not None

    def _open(self) -> sqlite3.Connection:
        import sqlite3  # noqa: PLC0415 - as above

        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._opened = _identity(self.file)
        if self._opened and not os.access(self.file.parent, os.W_OK) and not Path(f"{self.file}-wal").exists():
            # nobody can write here, and SQLite could not even read without a note beside the file, unless it is told so
            return sqlite3.connect(f"{self.file.as_uri()}?immutable=1", uri=True)
        connection = sqlite3.connect(self.file, timeout=PATIENCE, isolation_level=None)
        try:
            (shape,) = connection.execute("PRAGMA user_version").fetchone()
            if shape != self._shape:
                self._make(connection)
            self._opened = _identity(self.file)
            connection.execute("PRAGMA synchronous = NORMAL")  # a crash of the machine may cost the last transactions
            connection.execute("PRAGMA journal_size_limit = 16000000")
        except BaseException:
            connection.close()
            raise
        return connection

    def _make(self, connection: sqlite3.Connection) -> None:
        """Make the tables. Others may be at it: changing to WAL does not wait for them by itself."""
        import sqlite3  # noqa: PLC0415 - as above

        end = time.monotonic() + PATIENCE
        while True:
            try:
                connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
                connection.execute("PRAGMA journal_mode = WAL")
                with transaction(connection):
                    for statement in (*self._statements, f"PRAGMA user_version = {self._shape}"):
                        connection.execute(statement)
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > end:
                    raise
                time.sleep(0.01)
            else:
                return


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing. IMMEDIATE, since one that reads first and then writes cannot wait for other writers."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def shrink(connection: sqlite3.Connection) -> None:
    """Give the space back to the disk, as far as nobody reads just now."""
    connection.executescript("PRAGMA incremental_vacuum")  # `execute` would stop after the first page
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def used(connection: sqlite3.Connection) -> int:
    """Bytes of the file that hold something."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


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
