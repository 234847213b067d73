"""Completes what stands in the brackets of a match spec: `numpy[version='>=2', build='py311*']` (CEP 29)."""

from __future__ import annotations

import re

from envls.assist.complete_versions import complete_build, complete_version, other_conditions
from envls.assist.items import NONE, Completions, Here, Item, ItemKind, offered
from envls.assist.surroundings import conda_package
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.conda.environment_keys import COMMON_CHANNELS, SUBDIRS
from envls.known.spec_fields import FIELDS
from envls.text import Span
from envls.url import SCHEME

_FIELD = re.compile(
    r"[ \t]*(?P<key>\w*)[ \t]*(?:=(?P<quote>['\"]?)(?P<value>[^'\"\]]*?)(?P<closed>(?P=quote))[ \t]*(?:,|$))"
)
_BEGUN = re.compile(r"[ \t]*(?:(?P<key>\w+)[ \t]*=[ \t]*(?P<quote>['\"]?)(?P<value>[^'\"\]]*)|(?P<typed>\w*))")
_VERSION = re.compile(r"(?P<before>.*?)(?P<typed>[^=<>!~,| ]*)", re.DOTALL)


def complete_field(here: Here, content: EnvironmentFile, name: str, channel: str, at: int) -> Completions:
    """`at` is where the cursor's bracket opens in the item that asks for the package `name`."""
    cursor, prefix = here.cursor, here.cursor.prefix
    there: dict[str, str] = {}
    end = at + 1
    while (found := _FIELD.match(prefix, end)) and found.end() < len(prefix):
        there[found["key"]] = found["value"]
        end = found.end()
    begun = _BEGUN.fullmatch(prefix, end)
    if begun is None:
        return NONE
    if begun["key"] is None:
        return _keys(here, begun["typed"], set(there))
    key, quote, value = begun["key"], begun["quote"], begun["value"]
    start = cursor.span.start + begun.start("value")
    ending = re.match(r"[^'\",\]]*", cursor.text[len(prefix) :])
    span = Span(start, cursor.offset + (ending.end() if ending else 0))
    choice = conda_package(name, channel or there.get("channel", ""), content, here.facts)
    match key:
        case "version":
            version = _VERSION.fullmatch(value)
            before = version["before"] if version else ""
            span = Span(start + len(before), span.end)
            behind = cursor.text[len(prefix) :].split(quote or ",")[0]
            return complete_version(here, span, choice, others=other_conditions(value, behind))
        case "build":
            return complete_build(here, span, there.get("version", "").lstrip("= "), choice)
        case "channel":
            listed = [one.node.value for one in content.channels]
            names = [one for one in dict.fromkeys((*listed, *COMMON_CHANNELS)) if one != "nodefaults"]
            return _words(here, span, value, [one for one in names if not SCHEME.match(one)], ItemKind.CHANNEL)
        case "subdir":
            return _words(here, span, value, list(SUBDIRS), ItemKind.VALUE)
    return NONE


def _keys(here: Here, typed: str, there: set[str]) -> Completions:
    """The fields that the brackets do not have yet, each with the quotes of its value."""
    cursor = here.cursor
    quote = "'" if cursor.quote != "'" else '"'
    start = cursor.offset - len(typed)
    ending = re.match(r"\w*(?P<sign>[ \t]*=)?", cursor.text[len(cursor.prefix) :])
    end = cursor.offset + (ending.end() if ending else 0)
    valued = bool(ending and ending["sign"])
    close = "" if "]" in cursor.text[len(cursor.prefix) :] else "]"
    return offered(
        Item(
            key,
            ItemKind.KEY,
            cursor.edit(Span(start, end), f"{key}=" if valued else f"{key}={quote}$0{quote}{close}"),
            documentation=meaning,
            snippet=not valued,
            retrigger=key in ("version", "build", "channel", "subdir"),
        )
        for key, meaning in FIELDS.items()
        if key.startswith(typed) and key not in there
    )


def _words(here: Here, span: Span, typed: str, words: list[str], kind: ItemKind) -> Completions:
    return offered(Item(word, kind, here.cursor.edit(span, word)) for word in words if word.startswith(typed))
