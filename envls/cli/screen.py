"""What a person sees: results on standard output; what could not be done, and counts, on standard error."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path


def prepare() -> None:
    """A character that the terminal has no letter for shows as a question mark and ends nothing."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def complain(message: str) -> None:
    print(f"envls: {message}", file=sys.stderr)


def shown(path: Path) -> str:
    """A path as a person in this folder would write it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"


def painted(text: str, colour: str) -> str:
    if sys.stdout is not None and sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        return f"\x1b[{colour}m{text}\x1b[0m"
    return text
