"""What takes long is shown where the editor shows such things, if it does."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

    from envls.server.background import Background

UNSEEN = 0.7
"""Seconds for which nothing is shown: what is done by then would only flash up."""


@dataclass(eq=False)
class _Work:
    token: str
    begun: bool = False
    percentage: int = 0


class Progress:
    """Shows each piece of work by its name."""

    def __init__(self, server: LanguageServer, background: Background) -> None:
        self._server = server
        self._background = background
        self._works: dict[str, _Work] = {}
        self._tokens = 0

    def show(self, what: str, part: float | None) -> None:
        """So much of `what` is done; None: it has ended."""
        if part is None:
            self._end(self._works.pop(what, None))
            return
        work = self._works.get(what)
        if work is None:
            self._tokens += 1
            work = self._works[what] = _Work(f"envls-{self._tokens}")
            self._background.do(self._begin(what, work))
        percentage = max(work.percentage, round(100 * part))
        news, work.percentage = percentage > work.percentage, percentage
        if work.begun and news:
            self._server.work_done_progress.report(work.token, lsp.WorkDoneProgressReport(percentage=percentage))

    async def _begin(self, what: str, work: _Work) -> None:
        await asyncio.sleep(UNSEEN)
        if self._works.get(what) is not work:
            return
        try:
            await self._server.work_done_progress.create_async(work.token)
        except JsonRpcException:
            return  # the editor does not want to
        if self._works.get(what) is work:
            work.begun = True
            begin = lsp.WorkDoneProgressBegin(f"Reading {what}", percentage=work.percentage)
            self._server.work_done_progress.begin(work.token, begin)
        else:
            self._server.work_done_progress.tokens.pop(work.token, None)

    def _end(self, work: _Work | None) -> None:
        if work is not None and work.begun:
            self._server.work_done_progress.end(work.token, lsp.WorkDoneProgressEnd())
            self._server.work_done_progress.tokens.pop(work.token, None)
