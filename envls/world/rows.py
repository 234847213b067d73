"""What the rows of a channel look like in the store, which may have come from anybody (see `exchange`)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from envls.world.shelf import Json

UNREADABLE = "unreadable"
"""What is kept of a package whose records are no records."""


def is_package(value: Json) -> bool:
    """Whether it is what `releases` keeps of a package, or says that this cannot be read."""
    if value == UNREADABLE:
        return True
    return (
        isinstance(value, dict)
        and all(isinstance(value.get(key), str) for key in ("newest", "licence"))
        and isinstance(value.get("releases"), list)
        and all(map(_is_release, value["releases"]))
    )


def is_texts(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _is_release(value: Json) -> bool:
    match value:
        case [str(), None | str() as date, list() as builds, list() as pythons]:
            return (date is None or _is_date(date)) and is_texts(builds) and is_texts(pythons)
    return False


def _is_date(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
