"""Completes the comments that quieten envls: `# envls: ignore ENV201`. In every other comment it says nothing."""

from __future__ import annotations

import re

from envls.assist.items import NONE, Completions, Here, Item, ItemKind, matching, offered
from envls.rules import rules
from envls.text import Span

_WORD = re.compile(r"#\s*(?P<word>[A-Za-z]*)")
_HOW = re.compile(r"#\s*envls:\s*(?P<how>[A-Za-z-]*)", re.IGNORECASE)
_CODES = re.compile(
    r"#\s*envls:\s*ignore(?:-file)?(?P<codes>(?:[\s,]+[A-Z]{3}\d*)*)[\s,]+(?P<code>[A-Z0-9]*)", re.IGNORECASE
)
_HOWS = {
    "ignore": "the codes behind it, on this line",
    "ignore-file": "the codes behind it, in the whole file",
}


def complete_comment(here: Here) -> Completions:
    prefix = here.cursor.prefix
    if found := _CODES.fullmatch(prefix):
        return _codes(here, found)
    if found := _HOW.fullmatch(prefix):
        return _words(here, found.start("how"), found["how"], "")
    found = _WORD.fullmatch(prefix)
    if found and found["word"] and matching("envls:", found["word"]):
        return _words(here, found.start("word"), found["word"], "envls: ")
    return NONE


def _words(here: Here, at: int, typed: str, lead: str) -> Completions:
    span = _token(here, at)
    follows = span.end < here.cursor.span.end
    return offered(
        Item(
            lead + word,
            ItemKind.OPTION,
            here.cursor.edit(span, lead + word + ("" if follows else " ")),
            detail=meaning,
            retrigger=True,
        )
        for word, meaning in _HOWS.items()
        if matching(lead + word, typed)
    )


def _codes(here: Here, found: re.Match[str]) -> Completions:
    there = {code.upper() for code in re.findall(r"[A-Za-z]{3}\d+", found["codes"])}
    span = _token(here, found.start("code"))
    return offered(
        Item(code, ItemKind.CODE, here.cursor.edit(span, code), detail=rule.name, documentation=rule.summary)
        for code, rule in rules().items()
        if matching(code, found["code"]) and code not in there
    )


def _token(here: Here, at: int) -> Span:
    """The word that begins at `at` in the comment, to its end."""
    cursor = here.cursor
    end = re.compile(r"[A-Za-z0-9:-]*").match(cursor.text, len(cursor.prefix))
    return Span(cursor.span.start + at, cursor.span.start + (end.end() if end else len(cursor.prefix)))
