"""Comments such as `# [win]`, which conda-lock 4 reads as selectors (tried); conda, mamba and pip read none."""

from __future__ import annotations

import re
from typing import NamedTuple

from envls.text import Span

_IN_BRACKETS = re.compile(r"\[([^\[\]\r\n]+)\]")
_REST = re.compile(r"[^\r\n]*")
_PYTHON = r"py(?:[23]k|\d{2,3}|\s*[<>=!]=?\s*\d{2,3})"  # a selector of conda-build's recipes
_PLATFORM = rf"(?:linux|unix|osx|win)(?:32|64)?|aarch64|arm64|ppc64le|x86(?:_64)?|{_PYTHON}"
_PLATFORMS = re.compile(
    rf"\s*(?:not\s+)?(?:{_PLATFORM})(?:\s+(?:and|or)\s+(?:not\s+)?(?:{_PLATFORM}))*\s*", re.IGNORECASE
)
OF_CONDA_LOCK = frozenset(("aarch64", "arm64", "linux", "linux64", "osx", "osx64", "ppc64le", "unix", "win", "win64"))
"""The selectors that conda-lock knows, each alone: a line with any other text in brackets it drops."""


class Selector(NamedTuple):
    """What stands in the brackets, and where they stand."""

    text: str
    span: Span

    @property
    def names_platforms(self) -> bool:
        """Whether it is surely meant as a selector: names of platforms or of Pythons, and nothing else."""
        return _PLATFORMS.fullmatch(self.text) is not None


def selector_behind(text: str, end: int) -> Selector | None:
    """The selector behind the item that ends at `end`, on the same line: the last brackets of its comment, no parentheses
    behind them."""
    rest = _REST.match(text, end)
    line_end = rest.end() if rest else end
    start = text.find("#", end, line_end)
    *_, last = (None, *_IN_BRACKETS.finditer(text, start, line_end)) if start >= 0 else (None,)
    if last is None or any(mark in text[last.end() : line_end] for mark in "()"):
        return None
    return Selector(last[1], Span(*last.span()))
