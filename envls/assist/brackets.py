"""Where the cursor stands inside brackets: read token by token from the bracket that opens, whatever the indentation."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from envls.assist.place import DASH, Cursor, Kind, unquoted
from envls.text import Span

_FLOW = re.compile(
    r"(?P<quoted>\"(?:[^\"\\]|\\.)*\"?|'(?:[^']|'')*'?)|(?P<mark>[\[\]{},]|:(?=[\s,\[\]{}]|$)|(?<=[\"']):)"
    r"|(?P<comment>(?<!\S)#[^\r\n]*)|(?P<blank>\s+)"
    r"|(?P<plain>(?:[^\s\[\]{},]|:(?![\s,\[\]{}]|$))(?:[^\r\n\[\]{},:#]|:(?![\s,\[\]{}]|$)|(?<![ \t])#)*)"
)


_DEEPEST = 100  # brackets in brackets; nobody types in deeper ones


@dataclass(slots=True)
class _Frame:
    """A bracket that is open. `key` is the last key in it; `valued`: its colon was seen."""

    bracket: str
    route: tuple[str, ...]
    key: str = ""
    valued: bool = False

    @property
    def step(self) -> tuple[str, ...]:
        return (*self.route, DASH) if self.bracket == "[" else (*self.route, self.key) if self.valued else self.route


def in_flow(text: str, span: Span, offset: int, route: tuple[str, ...]) -> Cursor | None:
    """The cursor in the brackets that open where `span` begins; None when they are closed before it."""
    frames: list[_Frame] = []
    for found in _FLOW.finditer(text, span.start, span.end):
        start, end = found.span()
        if found["comment"] and start < offset <= end:
            return Cursor(Kind.COMMENT, offset, Span(start, end), found.group())
        if start >= offset or (end >= offset and (found["quoted"] or found["plain"])):
            break
        mark = found["mark"]
        if mark in ("[", "{"):
            if len(frames) > _DEEPEST:
                return None
            frames.append(_Frame(mark, frames[-1].step if frames else route))
        elif mark in ("]", "}"):
            frames.pop()
            if not frames:
                return None
        elif mark == ",":
            frames[-1].key, frames[-1].valued = "", False
        elif mark == ":":
            frames[-1].valued = True
        elif (found["quoted"] or found["plain"]) and not frames[-1].valued:
            frames[-1].key = unquoted(found.group())
    else:
        found = None
    if not frames:
        return None
    return _flow_token(text, offset, frames[-1], found if found and found.start() <= offset else None)


def _flow_token(text: str, offset: int, frame: _Frame, found: re.Match[str] | None) -> Cursor | None:
    kind = Kind.ITEM if frame.bracket == "[" else Kind.VALUE if frame.valued else Kind.KEY
    span = Span(offset, offset)
    begin, quote, closed = offset, "", False
    if found and found["quoted"]:
        begin, quote = found.start(), found.group()[0]
        closed = len(found.group()) > 1 and found.group()[-1] == quote
        span = Span(begin + 1, found.end() - closed)
        if not closed:
            line_end = re.compile(r"[\r\n]|$").search(text, offset)
            span = Span(span.start, min(span.end, line_end.start() if line_end else span.end))
    elif found and found["plain"]:
        begin = found.start()
        span = Span(begin, max(begin + len(found.group().rstrip()), offset))
    elif frame.valued and text[offset - 1] == ":" and frame.bracket == "{":
        return Cursor(kind, offset, span, "", frame.step, offset, before=" ", flow=True)
    after = text[span.end + closed : span.end + closed + 20].lstrip()
    token = Cursor(kind, offset, span, text[span.start : span.end], frame.step, begin, "", quote, closed, flow=True)
    return replace(token, colon=after.startswith(":")) if kind is Kind.KEY else token
