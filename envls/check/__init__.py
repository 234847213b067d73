"""Run the rules over a document, say what is worth saying, and make the fixes."""

from __future__ import annotations

from difflib import get_close_matches

from envls.check.fixing import Changes, changes_of, fixed
from envls.check.found import Found
from envls.check.judging import asked_by_items, check
from envls.check.quiet import NOT_YAML, without_unfinished
from envls.rules import rules
from envls.rules.rule import AnyRule

__all__ = [
    "NOT_YAML",
    "Changes",
    "Found",
    "asked_by_items",
    "changes_of",
    "check",
    "explain",
    "fixed",
    "similar_codes",
    "without_unfinished",
]


def explain(code: str) -> AnyRule | None:
    return rules().get(code.upper())


def similar_codes(code: str) -> list[str]:
    return get_close_matches(code.upper(), rules(), 3, 0.5)
