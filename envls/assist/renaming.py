"""What can be given another name where the cursor is: an environment, in all files that lead to it, or a package in its file."""

from __future__ import annotations

from envls.assist import environment_names, package_names
from envls.check import Changes
from envls.document import Document
from envls.facts import Facts
from envls.text import Span


def name_at(document: Document, offset: int) -> Span | None:
    """The name at `offset`; None where there is none that can be changed."""
    return environment_names.name_at(document, offset) or package_names.name_at(document, offset)


def why_not(document: Document, offset: int, new: str) -> str:
    """Why what stands at `offset` cannot be called so; "" where it can."""
    if environment_names.name_at(document, offset):
        return environment_names.why_not(new)
    return package_names.why_not(document, offset, new)


def rename(document: Document, offset: int, new: str, facts: Facts) -> Changes | None:
    """The edits that give what stands at `offset` another name, which must be legal (`why_not`)."""
    if environment_names.name_at(document, offset):
        return environment_names.rename(document, offset, new, facts)
    return package_names.rename(document, offset, new)
