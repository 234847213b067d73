"""What is known of packages, kept between sessions: one SQLite file in the user's cache folder.

Runs in one thread (its lane). Several servers may use the file at once; a broken file is made anew, and with a
read-only or full disk the world works without. Keys and values carry no secret: whoever writes sees to that.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

T = TypeVar("T")

LOG = logging.getLogger(__name__)
NAME = "facts-1.sqlite"
"""The number changes with the meaning of what is kept."""
OLDEST = 90 * 24 * 3600.0
"""Seconds after which nothing is served any more."""


def default_folder() -> Path:
    import platformdirs  # noqa: PLC0415 - only when something is kept

    return Path(platformdirs.user_cache_dir("envls", appauthor=False))


class Store:
    """Texts by key, each with the time (seconds since 1970) at which it was true."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._connection: sqlite3.Connection | None = None
        self._given_up = False

    def read(self, key: str) -> tuple[str, float] | None:
        def select(connection: sqlite3.Connection) -> tuple[str, float] | None:
            row = connection.execute("SELECT value, as_of FROM facts WHERE key = ?", (key,)).fetchone()
            return (str(row[0]), float(row[1])) if row else None

        return self._try(select)

    def write(self, key: str, value: str, as_of: float) -> None:
        def insert(connection: sqlite3.Connection) -> None:
            with connection:
                connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", (key, value, as_of))

        self._try(insert)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _try(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """`work` on the file; once more on a new file when this one is broken; None when there can be none."""
        import sqlite3  # noqa: PLC0415 - 5 ms, in a thread

        for attempt in (1, 2):
            if self._given_up:
                return None
            try:
                if self._connection is None:
                    self._connection = self._open()
                return work(self._connection)
            except sqlite3.OperationalError as error:  # locked for long, read-only, full: the file itself is sound
                LOG.info("the store does not answer: %s", error)
                return None
            except sqlite3.DatabaseError as error:
                LOG.info("the store is broken and made anew: %s", error)
                self._remove()
                self._given_up = attempt == 2
            except OSError as error:
                LOG.info("there is no store: %s", error.strerror)
                self._given_up = True
        return None

    def _open(self) -> sqlite3.Connection:
        import sqlite3  # noqa: PLC0415 - as above

        folder = self._folder or default_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        connection = sqlite3.connect(folder / NAME, timeout=2)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            with connection:
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, value TEXT NOT NULL, as_of REAL NOT NULL)"
                    " WITHOUT ROWID"
                )
                connection.execute("DELETE FROM facts WHERE as_of < ?", (time.time() - OLDEST,))
        except BaseException:
            connection.close()
            raise
        return connection

    def _remove(self) -> None:
        self.close()
        folder = self._folder or default_folder()
        for name in (NAME, f"{NAME}-wal", f"{NAME}-shm"):
            (folder / name).unlink(missing_ok=True)
