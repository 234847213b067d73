"""The packages of all files of a project, for who looks for one by its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath

from envls.assist.outline import Kind, Symbol, outline
from envls.assist.references import Location
from envls.facts import Facts
from envls.runs import project_documents

SUFFIXES = (".yml", ".yaml", ".runconfig", ".json", "")
"""How the names of files end that may list packages."""
MOST = 500


@dataclass(frozen=True, slots=True)
class PackageAt:
    """A package in a file of the project; `name` is as the file writes it, with what it asks for."""

    name: str
    place: Location


def packages(near: PurePath, query: str, facts: Facts) -> list[PackageAt]:
    """The packages of the project that `near` belongs to whose names hold the letters of `query` in their order."""
    return list(islice(_packages(near, query.lower(), facts), MOST))


def _packages(near: PurePath, query: str, facts: Facts) -> Iterator[PackageAt]:
    for document in project_documents(near, facts, *SUFFIXES):
        todo = outline(document)[::-1]
        while todo:
            one = todo.pop()
            if one.kind is Kind.PACKAGE and _holds(one.name.lower(), query):
                yield PackageAt(_shown(one), Location(document.path, one.selection))
            todo += one.children[::-1]


def _holds(name: str, query: str) -> bool:
    """Whether the letters of a query stand in a name in their order: editors look for more than what they show."""
    letters = iter(name)
    return all(letter in letters for letter in query)


def _shown(symbol: Symbol) -> str:
    return f"{symbol.name} {symbol.detail}".rstrip()
