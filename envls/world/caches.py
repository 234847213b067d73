"""Where other tools keep what channels have told them, on this machine: conda, mamba, and what is built on rattler (pixi).

Only finds files; who reads them is `repodata`, in a process of its own. It counts where a channel cannot be asked.
"""

from __future__ import annotations

import hashlib
import os
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from envls.world.about import package_folders, rattler_folders
from envls.world.environments import home_folder, installations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from envls.url import Url

_SHARDS_OF_CONDA = "repodata_shards.db"
_INDEX = "/repodata_shards.msgpack.zst/"  # with the slash, tried with py-rattler 0.28


class Cached(NamedTuple):
    """What there is of one subdir of a channel: full repodata (the newest first), indexes of its shards as rattler and
    as conda keep them, and conda's stores of shards, which may have some of this channel."""

    full: tuple[Path, ...]
    of_rattler: tuple[Path, ...]
    of_conda: tuple[Path, ...]
    stores: tuple[Path, ...]


def repodata_folders(pkgs_dirs: Sequence[Path]) -> tuple[Path, ...]:
    """Where the tools of this machine keep repodata; `pkgs_dirs` are those of conda's configuration."""
    home = home_folder()
    of_conda = (folder / "cache" for folder in package_folders(pkgs_dirs, installations(os.environ, home), home))
    of_rattler = (place for folder in rattler_folders() for place in (folder / "repodata", folder))
    return tuple(dict.fromkeys(chain(of_conda, of_rattler)))


def cached(url: Url, subdir: str, folders: Iterable[Path]) -> Cached:
    """What there is in these folders. Looks at the disk."""
    address = f"{url.revealed.rstrip('/')}/{subdir}"
    whole = [f"{_digest(text)}.json" for text in (f"{address}/", address)]  # conda's and mamba's, rattler's
    names = f"{_digest(address + _INDEX)}.shards-cache-v1", f"{_digest(address + '/')}.msgpack.zst", _SHARDS_OF_CONDA
    folders = tuple(folders)
    full = [(when, folder / name) for folder in folders for name in whole if (when := _time(folder / name))]
    others = (tuple(folder / name for folder in folders if _time(folder / name)) for name in names)
    return Cached(tuple(file for _, file in sorted(full, reverse=True)), *others)


def names_in(store: Path, url: Url, subdir: str) -> Iterator[str]:
    """The packages of which conda keeps shards in its store."""
    import sqlite3  # noqa: PLC0415 - as everywhere in this room
    from contextlib import closing  # noqa: PLC0415

    address = f"{url.revealed.rstrip('/')}/{subdir}/"
    try:
        with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True, timeout=1)) as connection:
            found = connection.execute(
                "SELECT DISTINCT package FROM shards WHERE substr(url, 1, ?) = ?", (len(address), address)
            )
            yield from (name for (name,) in found if isinstance(name, str))
    except sqlite3.Error:
        return


def is_any(url: Url, subdirs: Iterable[str], pkgs_dirs: Sequence[Path]) -> bool:
    """Whether there is anything to be read of a channel."""
    folders = repodata_folders(pkgs_dirs)
    return any(any(cached(url, subdir, folders)) for subdir in subdirs)


def time_of(files: Iterable[Path]) -> float:
    """When the oldest of these was written (seconds since 1970)."""
    return min((when for file in files if (when := _time(file))), default=0.0)


def _digest(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:8]


def _time(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0
