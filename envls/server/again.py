"""Which documents are analysed again although their text is the same, and when.

One at a time: between two of them every message that has come in has its turn, however many are open.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from envls.server.opened import Open

OTHERS = 0.25
"""Seconds without a change before other documents that asked for the changed one are analysed again."""


class Again:
    """Documents in line, each once."""

    def __init__(self, analyse: Callable[[Open], None]) -> None:
        self._analyse = analyse
        self._line: dict[Open, None] = {}
        self._touched: dict[Open, None] = {}
        self._quiet: asyncio.TimerHandle | None = None

    def now(self, documents: Iterable[Open]) -> None:
        if not self._line:
            asyncio.get_running_loop().call_soon(self._next)
        self._line |= dict.fromkeys(documents)

    def when_quiet(self, documents: Iterable[Open]) -> None:
        """Another document has changed that these have asked for: they follow when its typist pauses."""
        touched = dict.fromkeys(documents)
        if touched:
            self._touched |= touched
            if self._quiet is not None:
                self._quiet.cancel()
            self._quiet = asyncio.get_running_loop().call_later(OTHERS, self._follow)

    def _follow(self) -> None:
        touched, self._touched = self._touched, {}
        self.now(touched)

    def _next(self) -> None:
        if not self._line:
            return
        document = next(iter(self._line))
        del self._line[document]
        if self._line:
            asyncio.get_running_loop().call_soon(self._next)
        self._analyse(document)

    def cancel(self) -> None:
        if self._quiet is not None:
            self._quiet.cancel()
        self._line.clear()
