"""Real files, read in place where they are: beside the project, or where ENVLS_SHARED points."""

from __future__ import annotations

import os
from pathlib import Path

SHARED = Path(os.environ.get("ENVLS_SHARED", Path(__file__).parents[2] / "shared"))
FOLDER = SHARED / "corpus"
FILES = sorted(path for path in FOLDER.rglob("*") if path.is_file() and path.suffix not in {".tsv", ".json"})
