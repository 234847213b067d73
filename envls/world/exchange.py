"""What is kept, as one file that a machine without a network takes in: how it is written, and how it is believed.

The file is text, packed with gzip: a line that says what it is, then one line of JSON for each fact, with its key, who
said it, when (seconds since 1970), and what. It may come from anybody: nothing in it is run, each line is looked at
before the first is kept, sizes are bounded, and whoever reads a fact later looks at its shape again (`shelf`). It holds
no secret, but it does tell which packages were looked up, those of private indexes too.
"""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import time
import zlib
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from envls import __version__
from envls.url import redact
from envls.world.store import OLDEST, Entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from envls.world.store import Store

FORMAT = "envls facts"
VERSION = 1
LONGEST_LINE = 16_000_000
"""Bytes of a line. The names of a very large channel have one million."""
LARGEST = 4_000_000_000
"""Bytes of a file, unpacked."""
MOST = 3_000_000
"""Facts in a file."""
_LONGEST_KEY = 2000
_AT_ONCE = 1000
"""Facts that are kept in one transaction."""


class ExchangeError(Exception):
    """A file cannot be written or taken in; `str()` is a phrase for a person."""


class Taken(NamedTuple):
    """How many facts a file has, and how many of them were newer than what was kept."""

    facts: int
    newer: int


def write_facts(store: Store, file: Path) -> int:
    """Write all that is known to be there (not what is known to be nowhere) to `file`; returns how many facts.

    The file is there wholly or not at all. Raises OSError, and ExchangeError where the store cannot be read.
    """
    beside = file.with_name(f".{file.name}-{os.getpid()}")
    number = 0
    try:
        with gzip.open(beside, "wt", encoding="utf-8", newline="\n", compresslevel=6) as packed:
            head = {"format": FORMAT, "version": VERSION, "envls": __version__, "written": time.time()}
            print(json.dumps(head), file=packed)
            for entry in store.entries():
                line = _line(entry)
                if line:
                    print(line, file=packed)
                    number += 1
        beside.replace(file)
    except sqlite3.Error as error:
        raise ExchangeError(f"what is kept cannot be read: {error}") from error
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(file)) from error
    finally:
        beside.unlink(missing_ok=True)
    return number


def take_facts(store: Store, file: Path) -> Taken:
    """Keep what `file` has, where it is newer than what is kept already. Raises OSError and ExchangeError; in the latter
    case nothing was kept, or the disk is full."""
    facts = sum(1 for _ in _entries(file))
    newer = 0
    entries = _entries(file)
    while batch := list(islice(entries, _AT_ONCE)):
        kept = store.merge(batch)
        if kept is None:
            raise ExchangeError(f"there is no room for it, or no right to write, in {store.folder}")
        newer += kept
    return Taken(facts, newer)


def _line(entry: Entry) -> str:
    try:
        value = json.loads(entry.value)
    except (ValueError, RecursionError):
        return ""
    if value is None:
        return ""
    return json.dumps({"key": entry.key, "source": entry.source, "as_of": entry.as_of, "value": value})


def _entries(file: Path) -> Iterator[Entry]:
    """The facts of a file, each looked at."""
    now = time.time()
    with file.open("rb") as raw:
        lines = _lines(raw)
        head = _read(next(lines, b""), 1)
        if not isinstance(head, dict) or head.get("format") != FORMAT:
            raise ExchangeError("this is no file of facts that `envls cache export` has written")
        if head.get("version") != VERSION:
            raise ExchangeError(f"a newer envls has written it (version {str(head.get('version'))[:20]})")
        for number, line in enumerate(lines, 2):
            if number > MOST:
                raise ExchangeError(f"it has more than {MOST:,} facts")
            entry = _entry(_read(line, number), number, now)
            if entry.as_of > now - OLDEST:
                yield entry


def _lines(raw: BinaryIO) -> Iterator[bytes]:
    packed = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    size = 0
    with gzip.GzipFile(fileobj=raw) if packed else raw as lines:
        while True:
            try:
                line = lines.readline(LONGEST_LINE + 1)
            except (zlib.error, gzip.BadGzipFile, EOFError) as error:
                raise ExchangeError("it is damaged") from error
            size += len(line)
            if len(line) > LONGEST_LINE or size > LARGEST:
                raise ExchangeError("it is too large")
            if not line:
                return
            yield line


def _read(line: bytes, number: int) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ExchangeError(f"line {number} is no JSON") from error


def _entry(said: Any, number: int, now: float) -> Entry:
    match said:
        case {"key": str(key), "source": str(source), "as_of": float() | int() as as_of, "value": value} if (
            value is not None
            and not isinstance(as_of, bool)
            and 0 < as_of < 1e12
            and all(
                0 < len(text) <= _LONGEST_KEY and text.isprintable() and redact(text) == text for text in (key, source)
            )
        ):
            return Entry(key, json.dumps(value), min(float(as_of), now), source)
    raise ExchangeError(f"line {number} is no fact")
