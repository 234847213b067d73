"""`envls cache`: what is kept of packages on this machine, and how it comes to one that has no network."""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envls.cli.screen import complain, counted, harmless, shown

if TYPE_CHECKING:
    from envls.world.store import Store

_CHANNELS = "channels"
"""The folder in which py-rattler keeps what it reads of channels, beside the store (see `world.egress`)."""
_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))


def add_to(commands: Any) -> None:
    """Add the command to the subparsers of argparse."""
    cache = commands.add_parser("cache", help="what is kept of packages: show, forget, take along, take in")
    verbs = cache.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("info", help="show where it is, how large, and what it has of which source")
    clear = verbs.add_parser("clear", help="forget it")
    clear.add_argument("source", nargs="?", metavar="SOURCE", help="only what this channel or index said (see info)")
    exporting = verbs.add_parser("export", help="write it to a file, for a machine without a network")
    exporting.add_argument("file", type=Path, metavar="FILE")
    importing = verbs.add_parser("import", help="take in such a file; what is newer counts")
    importing.add_argument("file", type=Path, metavar="FILE")


def run(options: argparse.Namespace) -> int:
    """Do it; returns the exit status. Raises OSError where a file cannot be read or written."""
    from envls.world.exchange import ExchangeError, take_facts, write_facts  # noqa: PLC0415 - only for this command
    from envls.world.store import Store  # noqa: PLC0415 - as above

    store = Store(None)
    try:
        if options.verb == "import":
            taken = take_facts(store, options.file)
            print(f"{counted(taken.facts, 'fact')} read, {taken.newer} newer than what was kept")
        elif options.verb == "info":
            _show(store)
        elif options.verb == "clear":
            return _clear(store, options.source)
        else:
            number = write_facts(store, options.file) if store.is_there else 0
            if not number:
                complain("nothing is kept that could be exported")
                return 2
            print(f"{counted(number, 'fact')} written to {shown(options.file)}")
    except ExchangeError as error:
        complain(f"{shown(options.file)}: {error}")
        return 2
    finally:
        store.close()
    return 0


def _show(store: Store) -> None:
    print(store.folder)
    sources = store.sources() if store.is_there else ()
    facts = sum(source.entries for source in sources)
    print(f"facts: {facts:,} of {counted(len(sources), 'source')}, {_megabytes(store.size())}")
    print(f"channels, as py-rattler keeps them: {_megabytes(_size_of(store.folder / _CHANNELS))}")
    if sources:
        print(f"\n{'facts':>9}  {'oldest':<10}  {'newest':<10}  source")
    for source in sources:
        print(f"{source.entries:>9,}  {_age(source.oldest):<10}  {_age(source.newest):<10}  {harmless(source.name)}")


def _clear(store: Store, source: str | None) -> int:
    names = [one.name for one in store.sources()] if store.is_there else []
    if source is not None and source.rstrip("/") not in names:
        complain(f"nothing is kept of {source}; `envls cache info` shows the sources")
        return 2
    number = store.clear(source.rstrip("/") if source is not None else None) if names else 0
    if number is None:
        complain(f"{store.file} cannot be written")
        return 2
    shutil.rmtree(store.folder / _CHANNELS, ignore_errors=True)  # by source, its files cannot be told apart
    print(f"{counted(number, 'fact')} forgotten")
    return 0


def _size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"


def _age(as_of: float) -> str:
    seconds = time.time() - as_of
    for unit, length in _UNITS:
        if seconds >= length:
            return counted(int(seconds // length), unit)
    return "now"
