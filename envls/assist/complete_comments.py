"""Completes the comments that quieten envls: `# envls: ignore ENV201`. In every other comment it says nothing."""

from __future__ import annotations

import re

from envls.assist.items import NONE, Completions, Here, Item, ItemKind, matching, offered
from envls.check import check
from envls.document import Format, read
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
_LARGEST = 100_000  # characters of a text that is checked once more, for a list in the right order


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
    """The codes of what is found where the comment quietens come first, with their messages; then the file's family."""
    there = {code.upper() for code in re.findall(r"[A-Za-z]{3}\d+", found["codes"])}
    span = _token(here, found.start("code"))
    messages = _found_here(here, whole_file="ignore-file" in found.group().lower())
    family = "ENV" if here.document.format is Format.ENVIRONMENT else "AML"
    codes = {code: rule for code, rule in rules().items() if matching(code, found["code"]) and code not in there}
    return offered(
        Item(
            code,
            ItemKind.CODE,
            here.cursor.edit(span, code),
            detail=messages.get(code, codes[code].name),
            documentation=codes[code].summary,
        )
        for code in sorted(codes, key=lambda code: (code not in messages, not code.startswith(family)))
    )


def _found_here(here: Here, *, whole_file: bool) -> dict[str, str]:
    """What would be found without the comment: the first message by code, on its line or in the whole file."""
    document, comment = here.document, here.cursor.span
    if len(document.text) > _LARGEST:
        return {}
    bare = read(document.path, document.text[: comment.start] + document.text[comment.end :])
    line = document.lines.place(comment.start)[0]
    messages: dict[str, str] = {}
    for one in check(bare, here.facts):
        if whole_file or bare.lines.place(one.finding.span.start)[0] == line:
            messages.setdefault(one.rule.code, one.finding.message)
    return messages


def _token(here: Here, at: int) -> Span:
    """The word that begins at `at` in the comment, to its end."""
    cursor = here.cursor
    end = re.compile(r"[A-Za-z0-9:-]*").match(cursor.text, len(cursor.prefix))
    return Span(cursor.span.start + at, cursor.span.start + (end.end() if end else len(cursor.prefix)))
