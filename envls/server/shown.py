"""What an editor was given to show until it asks again: hints and lenses, and the facts that these rest on.

When a fact changes, or a buffer that others rest on and its typist pauses, the editor is told once to ask again.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from envls.server.again import OTHERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet

    from envls.facts import Question
    from envls.server.opened import Open


class Shown:
    """Watches what was given out for the `open` documents; `outdated` hears that some of it may not be true any more."""

    def __init__(self, open_: Mapping[str, Open], outdated: Callable[[], None] | None) -> None:
        self._open = open_
        self._outdated = outdated
        self._edited: set[Question[Any]] = set()
        self._quiet: asyncio.TimerHandle | None = None

    def edited(self, document: Open, itself: Question[Any]) -> None:
        """A document has another text; what others show may rest on it."""
        others = (one for one in self._open.values() if one is not document)
        if any(itself in asked for one in others for asked in one.shown.values()):
            self._edited.add(itself)
            self.cancel()
            self._quiet = asyncio.get_running_loop().call_later(OTHERS, self._follow)

    def _follow(self) -> None:
        edited, self._edited = self._edited, set()
        self.heard(edited)

    def heard(self, news: AbstractSet[Question[Any]]) -> None:
        """Answers have changed."""
        resting = [
            one for one in self._open.values() if any(not news.isdisjoint(asked) for asked in one.shown.values())
        ]
        for one in resting:
            one.shown = {}
        if resting and self._outdated is not None:
            self._outdated()

    def cancel(self) -> None:
        if self._quiet is not None:
            self._quiet.cancel()
