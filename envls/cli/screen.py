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


_COMMANDS = dict.fromkeys(
    (*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\N{REPLACEMENT CHARACTER}"
)
"""What a terminal obeys instead of showing it, and what turns the order of the letters around."""


def harmless(text: str) -> str:
    """A text of a file or an index as wide as it was, without what would command the terminal."""
    return text.translate(_COMMANDS)


def complain(message: str) -> None:
    print(f"envls: {harmless(message)}", file=sys.stderr)


def shown(path: Path) -> str:
    """A path as a person in this folder would write it."""
    try:
        return harmless(str(path.relative_to(Path.cwd())))
    except ValueError:
        return harmless(str(path))


def counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"


def painted(text: str, colour: str) -> str:
    if sys.stdout is not None and sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        return f"\x1b[{colour}m{text}\x1b[0m"
    return text
