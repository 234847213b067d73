"""Real files, read in place where they are: beside the project, or where ENVLS_SHARED points."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from envls.encoding import decode

SHARED = Path(os.environ.get("ENVLS_SHARED", Path(__file__).parents[2] / "shared"))
FOLDER = SHARED / "corpus"
FILES = sorted(path for path in FOLDER.rglob("*") if path.is_file() and path.suffix not in {".tsv", ".json"})


def text_of(path: Path) -> str:
    """A real file as an editor has it: without its byte order mark, its line ends as they are."""
    return decode(path.read_bytes())[0]


def texts() -> Iterator[str]:
    yield from map(text_of, FILES)
