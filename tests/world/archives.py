"""Tiny conda packages, and channels of them in every form that channels have."""

from __future__ import annotations

import asyncio
import bz2
import io
import json
import tarfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def package(channel: Path, name: str, version: str, build: str = "0", *, subdir: str = "linux-64", **more: Any) -> Path:
    """A `.tar.bz2` package in a channel's folder. `more` goes into its index (timestamps in milliseconds)."""
    index = {
        "name": name,
        "version": version,
        "build": build,
        "build_number": 0,
        "depends": [],
        "subdir": subdir,
        **more,
    }
    files = {
        "info/index.json": json.dumps(index).encode(),
        "info/files": b"",
        "info/paths.json": b'{"paths": [], "paths_version": 1}',
        "info/about.json": json.dumps({"summary": f"{name} does things"}).encode(),
    }
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    file = channel / subdir / f"{name}-{version}-{build}.tar.bz2"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(bz2.compress(whole.getvalue()))
    return file


def index(channel: Path) -> Path:
    """Write repodata.json, .zst and shards of a channel, as py-rattler's indexer does."""
    from rattler.index import index_fs  # noqa: PLC0415 - dear; only where channels are

    (channel / "noarch").mkdir(parents=True, exist_ok=True)
    asyncio.run(index_fs(channel, write_zst=True, write_shards=True))
    return channel
