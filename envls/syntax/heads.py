"""How a line begins: a pure function of its text, and remembered, so that an edit costs the lines it changed."""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple

from envls.syntax import scalars
from envls.syntax.tree import EMPTY, Text

PROPERTIES = re.compile(r"(?:(?:&[\w-]+|!(?:<[^>\s]*>|[^ \t]*(?<!:)))(?:[ \t]+|$))+")
COMMENT = re.compile(r"[ \t]+#")
_QUOTED = re.compile(r"'(?:[^']|'')*'(?!')|\"(?:[^\"\\]|\\.)*\"")
_COLON = re.compile(r"[ \t]*:(?=[ \t]|$)[ \t]*")
_ALIAS_KEY = re.compile(r"(\*[^ \t,\[\]{}]+)[ \t]+:(?=[ \t]|$)[ \t]*")


class Begins(Enum):
    """How the content of a line begins."""

    ITEM = auto()
    KEY = auto()
    PLAIN = auto()
    OTHER = auto()
    TAB = auto()


class Head(NamedTuple):
    """The beginning of a line, in offsets from its first character.

    `value` is where the item or the value of the key begins (the content's length, where there is none); `text` is
    the key or the plain scalar; `end` is where the plain scalar ends; `comment` is where a comment begins, or -1.
    """

    begins: Begins
    value: int
    text: Text = EMPTY
    end: int = 0
    comment: int = -1
    key_start: int = 0


@lru_cache(maxsize=1 << 17)
def head(content: str) -> Head:
    """How `content` begins: a line, or what stands behind a dash or a colon on it; its first character is no blank."""
    first = content[0]
    if first == "-" and (len(content) == 1 or content[1] in " \t"):
        value = len(content) - len(content[1:].lstrip(" \t"))
        return Head(Begins.ITEM, _unless_comment(content, value))
    if first == "\t":
        return Head(Begins.TAB, 0)
    if first in "'\"":
        found = _QUOTED.match(content)
        colon = _COLON.match(content, found.end()) if found else None
        if found and colon:
            return Head(Begins.KEY, _unless_comment(content, colon.end()), scalars.quoted(found.group()))
        return Head(Begins.OTHER, 0)
    if first in "&!":
        found = PROPERTIES.match(content)
        behind = head(content[found.end() :]) if found and found.end() < len(content) else None
        if found and behind and behind.begins is Begins.KEY:
            return behind._replace(value=behind.value + found.end(), key_start=found.end())
        return Head(Begins.OTHER, 0)
    if first in "[]{},#*|>%@`" or (first in "?:" and (len(content) == 1 or content[1] in " \t")):
        return _after_star(content) if first == "*" else Head(Begins.OTHER, 0)
    found = scalars.PLAIN.match(content)
    raw = found.group() if found else content
    colon = _COLON.match(content, len(raw))
    if colon:
        return Head(Begins.KEY, _unless_comment(content, colon.end()), scalars.plain(raw))
    comment = COMMENT.match(content, len(raw))
    return Head(Begins.PLAIN, 0, scalars.plain(raw), len(raw), comment.end() - 1 if comment else -1)


def _after_star(content: str) -> Head:
    """`*alias : value` is an entry whose key is an alias."""
    found = _ALIAS_KEY.match(content)
    if not found:
        return Head(Begins.OTHER, 0)
    return Head(Begins.KEY, _unless_comment(content, found.end()), scalars.plain(found.group(1)))


def _unless_comment(content: str, value: int) -> int:
    return len(content) if content[value : value + 1] == "#" and content[value - 1 : value] in " \t" else value


@lru_cache(maxsize=1 << 17)
def single_word(content: str) -> tuple[int, Text] | None:
    """Where the value of an item begins, and the value, where it is a plain scalar and nothing else: the common case."""
    begins = head(content)
    if begins.begins is not Begins.ITEM or begins.value >= len(content) or "\t" in content:
        return None
    rest = content[begins.value :]
    inner = head(rest)
    return (begins.value, inner.text) if inner.begins is Begins.PLAIN and inner.end == len(rest) else None


def without_comment(content: str) -> str:
    found = COMMENT.search(content)
    return content[: found.start()] if found else content
