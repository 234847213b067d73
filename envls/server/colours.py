"""The colours that each document was last given, so that an editor can be told what has changed in them."""

from __future__ import annotations


class Colours:
    """The numbers of the newest answer for each document, and the name of that answer."""

    def __init__(self) -> None:
        self._given: dict[str, tuple[str, list[int]]] = {}
        self._answers = 0

    def keep(self, uri: str, data: list[int]) -> str:
        """Remember an answer; returns its name."""
        self._answers += 1
        self._given[uri] = str(self._answers), data
        return str(self._answers)

    def kept(self, uri: str, name: str) -> list[int] | None:
        """The answer of that name, if it is still known."""
        given, data = self._given.get(uri, ("", []))
        return data if given == name else None

    def forget(self, uri: str) -> None:
        self._given.pop(uri, None)
