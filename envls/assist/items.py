"""What completion offers, and what those who complete are given.

An item says what it inserts and which part of the cursor's line that replaces; the server only converts it. The order
of the items is the order of their usefulness.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from envls.assist.cursor import Cursor
from envls.document import Document
from envls.facts import Facts
from envls.text import Edit

LIMIT = 200


class ItemKind(Enum):
    """What an item is, for the icon that an editor shows."""

    KEY = "key"
    VALUE = "value"
    CHANNEL = "channel"
    PACKAGE = "package"
    VERSION = "version"
    BUILD = "build"
    FILE = "file"
    FOLDER = "folder"
    OPTION = "option"
    CODE = "code"
    SNIPPET = "snippet"


@dataclass(frozen=True, slots=True)
class Item:
    """`edit` lies on the cursor's line and holds the cursor; its text is literal: further lines bring their own
    indentation (LSP's `asIs`), and with `snippet` it has tab stops (`$0`, `${1:word}`).

    `filter` is what an editor compares with the text between the edit's start and the cursor ("": the label).
    `documentation` is Markdown. `retrigger`: completion should open again once this is accepted. `package`: it is the name
    of a package of this list ("conda", "pip"), which `complete_details.described` tells of.
    """

    label: str
    kind: ItemKind
    edit: Edit
    detail: str = ""
    documentation: str = ""
    sort: str = ""
    filter: str = ""
    snippet: bool = False
    retrigger: bool = False
    deprecated: bool = False
    package: str = ""


@dataclass(frozen=True, slots=True)
class Completions:
    """What can be written at a place, best first; `incomplete`: ask again when more was typed or is known."""

    items: tuple[Item, ...] = ()
    incomplete: bool = False

    def __add__(self, other: Completions) -> Completions:
        return Completions(self.items + other.items, self.incomplete or other.incomplete)


@dataclass(frozen=True, slots=True)
class Here:
    """A place in a document, as those who complete are given it."""

    document: Document
    cursor: Cursor
    facts: Facts


NONE = Completions()


def offered(items: Iterable[Item], *, incomplete: bool = False) -> Completions:
    return Completions(tuple(items), incomplete)


def numbered(found: Completions) -> Completions:
    """At most `LIMIT` items, each label once, that sort as they stand."""
    by_label: dict[tuple[str, ItemKind], Item] = {}
    for item in found.items:
        by_label.setdefault((item.label, item.kind), item)
    kept = [replace(item, sort=f"{place:04}") for place, item in enumerate(list(by_label.values())[:LIMIT])]
    return Completions(tuple(kept), found.incomplete or len(by_label) > LIMIT)


def matching(candidate: str, typed: str) -> bool:
    return candidate[: len(typed)].lower() == typed.lower()
