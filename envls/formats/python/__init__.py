"""What Python programs import, scripts and notebooks, and what they install by themselves. Nothing is run."""

from __future__ import annotations

from pathlib import PurePath

from envls.formats.python.program import Import, Program

__all__ = ["Import", "Program", "is_program", "read"]

SUFFIXES = (".py", ".ipynb")


def is_program(path: PurePath) -> bool:
    """Whether a file is a Python program or a notebook, by its name."""
    return path.suffix.lower() in SUFFIXES


def read(path: PurePath, text: str) -> Program:
    """What the text of a program says; a pure function of it, and remembered. Never fails: of what is no Python nothing."""
    from envls.formats.python import notebook, script  # noqa: PLC0415 - most files that are looked at are no programs

    return notebook.read(text) if path.suffix.lower() == ".ipynb" else script.read(text)
