"""What stands in for other rooms and for the user in the tests of the world."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import PurePath

    from envls.document import Document
    from envls.encoding import Encoding
    from envls.facts import Question


@dataclass(frozen=True)
class PlainDocument:
    """A document that is only its text."""

    path: PurePath
    text: str
    encoding: Encoding | None = None


def document(path: PurePath, text: str) -> Document:
    """What the editor has open."""
    return cast("Document", PlainDocument(path, text))


class Heard:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.all: list[frozenset[Question[Any]]] = []
        self.news = asyncio.Event()

    def __call__(self, questions: frozenset[Question[Any]]) -> None:
        self.all.append(questions)
        self.news.set()


def run(test: Callable[[], Coroutine[Any, Any, None]], patience: float = 30) -> None:
    """Run a test's coroutine; a hang is a failure."""
    asyncio.run(asyncio.wait_for(test(), patience))
