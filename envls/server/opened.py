"""A document that the editor shows, with what the server knows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence
    from pathlib import PurePath

    from envls.check import Found
    from envls.document import Document, Format
    from envls.facts import Question
    from envls.server.texts import Text


class Open:
    """`document` is None until the newest text has been read; `asked` is what its last analysis asked, `shown` what the
    hints and the lenses rest on that the editor has been given.

    `told` is what another file says that this one is, as far as its last analysis knew.

    `under_way` is who asks the world on its behalf.

    `changed` is the time of the last change (of the loop's clock), `cost` the seconds that the last analysis took.

    `found` is what the last analysis found, and in which document; `edited` the line where the newest change ended, as
    long as the cursor is not known to have left it.
    """

    def __init__(self, uri: str, path: PurePath, version: int, text: Text) -> None:
        self.uri = uri
        self.path = path
        self.version = version
        self.text = text
        self.changed = 0.0
        self.edited: int | None = None
        self.found: tuple[Document, Sequence[Found]] | None = None
        self.document: Document | None = None
        self.told: Format | None = None
        self.asked: dict[Question[Any], Any] = {}
        self.shown: dict[str, dict[Question[Any], Any]] = {}
        self.cost = 0.0
        self.reading: asyncio.Task[None] | None = None
        self.analysis: asyncio.TimerHandle | None = None
        self.learning: asyncio.TimerHandle | None = None
        self.under_way: list[asyncio.Task[None]] = []

    def cancel(self) -> None:
        for timer in (self.analysis, self.learning):
            if timer is not None:
                timer.cancel()
        self.analysis = self.learning = None
        for task in self.under_way:
            task.cancel()
