"""Where the cursor stands in a YAML text, read by indentation from the text itself.

It works where the tree gives up: on a line half typed, broken, or not written yet. The lines above are only looked at
as far as they stand less deep; inside brackets `brackets` takes over. Nothing here knows what a key means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from envls.assist.brackets import in_flow
from envls.assist.place import BLANK, DASH, Cursor, Kind, unquoted
from envls.text import Lines, Span

__all__ = ["DASH", "Cursor", "Kind", "read"]


class _Opener(NamedTuple):
    """A dash or a key that something may stand below. `column` counts characters from the start of its line."""

    column: int
    step: str


_DASH = re.compile(r"-(?:[ \t]+|$)")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*(?P<double>\")?|'(?:[^']|'')*(?P<single>')?")
_COMMENT = re.compile(r"(?:^|(?<=[\s\[{,:]))(?:\"(?:[^\"\\]|\\.)*\"?|'(?:[^']|'')*'?)|(?P<comment>(?:^|(?<=[ \t]))#)")
_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*(?:[ \t]+|$))+")
_HEAD = re.compile(r"(?:[\ufeff\s]+|#[^\r\n]*|---(?=\s))*")


def read(text: str, lines: Lines, offset: int) -> Cursor:
    """What is being typed at `offset`. Never fails, whatever the text is."""
    offset = max(0, min(offset, len(text)))
    line = lines.place(offset)[0]
    span = lines.span(line)
    offset = min(offset, span.end)  # between CR and LF nobody types
    head = _HEAD.match(text)
    if head and head.end() < offset and text[head.end()] in "{[":
        found = in_flow(text, Span(head.end(), len(text)), offset, ())
    else:
        found = _in_block(text, lines, line, offset)
    if found is None or not (span.start <= found.span.start <= offset <= found.span.end <= span.end):
        return _nothing(offset)
    return found


def _nothing(offset: int) -> Cursor:
    return Cursor(Kind.NOTHING, offset, Span(offset, offset))


def comment_in(line: str) -> int:
    """Where the comment of a line begins, or its length."""
    if "#" not in line:
        return len(line)
    return next((found.start() for found in _COMMENT.finditer(line) if found["comment"]), len(line))


# -- the line of the cursor -----------------------------------------------------------------------------------


def _in_block(text: str, lines: Lines, line: int, offset: int) -> Cursor | None:
    span = lines.span(line)
    written = text[span.start : span.end]
    column = offset - span.start
    comment = comment_in(written)
    if column > comment:
        return Cursor(Kind.COMMENT, offset, Span(span.start + comment, span.end), written[comment:])
    body = written[:comment]
    if not body.strip(BLANK):
        return _on_blank_line(text, lines, line, offset) if comment == len(written) else None
    openers, at = _dashes(body)
    if len(openers) > 1 and not body[at:] and column == openers[-1].column + 1:
        at = openers.pop().column  # an option of pip begins like a list in a list, which none of our files has
    if column < at:
        if not openers or body[at:] or column <= openers[-1].column:
            return None  # in the indentation, or at a dash
        at = column
    return _content(body, at, openers, text, lines, line, offset)


def _on_blank_line(text: str, lines: Lines, line: int, offset: int) -> Cursor | None:
    """The column of the cursor decides what begins here: a key, or an item where the next line is one.

    Where the next line stands deeper it is nothing: what is written here would tear that line from its parent.
    """
    column = offset - lines.starts[line]
    begins = Cursor(Kind.KEY, offset, Span(offset, offset), begin=offset)
    for number in range(line + 1, len(lines)):
        written = text[slice(*lines.span(number))]
        bare = written.lstrip(BLANK)
        if bare and bare[0] != "#":
            if len(written) - len(bare) > column:
                return None
            if len(written) - len(bare) == column and _DASH.match(bare):
                item = replace(begins, kind=Kind.ITEM, before="- ")
                return _below(item, text, lines, line, [_Opener(column, DASH)], column)
            break
    return _below(begins, text, lines, line, (), column)


def _dashes(body: str) -> tuple[list[_Opener], int]:
    """The dashes that a line begins with, and the column behind them and their blanks."""
    at = len(body) - len(body.lstrip(BLANK))
    openers: list[_Opener] = []
    while found := _DASH.match(body, at):
        openers.append(_Opener(at, DASH))
        at = found.end()
    return openers, at


def _content(
    body: str, at: int, openers: list[_Opener], text: str, lines: Lines, line: int, offset: int
) -> Cursor | None:
    """The cursor in or behind what stands at column `at`, after the line's dashes."""
    start = lines.starts[line]
    column = offset - start
    colon = _colon(body, at)
    left = openers[0].column if openers else at
    begin = start + (openers[-1].column if openers else at)
    if 0 <= colon < column:
        key = unquoted(body[at:colon])
        openers = [*openers, _Opener(at, key)]
        after = len(body) - len(body[colon + 1 :].lstrip(BLANK))
        after = min(after, column) if after == len(body) else after
        if column < after:
            return None
        cursor = Cursor(Kind.VALUE, offset, Span(offset, offset), begin=start + at, before=" " * (after == colon + 1))
        at = after
    else:
        cursor = Cursor(Kind.ITEM if openers else Kind.KEY, offset, Span(offset, offset), begin=begin)
        if openers and at == openers[-1].column + 1:
            cursor = replace(cursor, before=" ")
        if colon >= 0:
            cursor = replace(cursor, kind=Kind.KEY, colon=True)
            body = body[:colon]
    if (skipped := _PROPERTIES.match(body, at)) and column >= skipped.end():
        at = skipped.end()
    if body[at : at + 1] in ("[", "{") and column > at:
        found = _below(cursor, text, lines, line, openers, left)
        return in_flow(text, Span(start + at, len(text)), offset, found.route) if found else None
    token = _token(cursor, body, at, start)
    return _below(token, text, lines, line, openers, left) if token else None


def _token(cursor: Cursor, body: str, at: int, start: int) -> Cursor | None:
    """The token at column `at`, up to the end of what is written there; None where the cursor is not in it."""
    column = cursor.offset - start
    if body[at : at + 1] in ("|", ">") and cursor.kind is not Kind.KEY:
        return None
    quoted = _QUOTED.match(body, at)
    if quoted:
        closed = bool(quoted["double"] or quoted["single"])
        end = quoted.end() - closed if closed else max(len(body.rstrip(BLANK)), column, at + 1)
        if not at < column <= end:
            return None
        return replace(
            cursor,
            span=Span(start + at + 1, start + end),
            text=body[at + 1 : end],
            quote=body[at],
            closed=closed,
        )
    end = max(len(body.rstrip(BLANK)), column)
    return replace(cursor, span=Span(start + at, start + end), text=body[at:end])


def _colon(body: str, at: int) -> int:
    """The column of the colon that makes what stands at column `at` a key, or -1."""
    if body[at : at + 1] in ("[", "{", "#"):
        return -1
    quoted = _QUOTED.match(body, at)
    if quoted:
        if not (quoted["double"] or quoted["single"]):
            return -1
        rest = body[quoted.end() :].lstrip(BLANK)
        return len(body) - len(rest) if rest.startswith(":") else -1
    colon = body.find(":", at)
    while colon >= 0:
        # conda's `channel::` at the end of a line is a key for YAML, but nobody means it
        if body[colon + 1 : colon + 2] in ("", " ", "\t") and body[max(colon - 1, at)] != ":":
            return colon
        colon = body.find(":", colon + 1)
    return -1


# -- what stands above ----------------------------------------------------------------------------------------


def _below(
    cursor: Cursor, text: str, lines: Lines, line: int, openers: Sequence[_Opener], column: int
) -> Cursor | None:
    """The cursor with its route: the openers on its own line, and those above that its line stands below."""
    steps = [opener.step for opener in openers]
    dash = bool(openers) and openers[0].step == DASH
    flow = -1
    for number, (opener, behind, rest) in enumerate(_parents(text, lines, line, column, dash=dash)):
        if number == 0 and (inline := rest.strip(BLANK)) and not _PROPERTIES.fullmatch(inline):
            if inline[0] not in "[{":
                return None  # the line goes on with a text that began above
            flow = behind + rest.index(inline[0])
            steps.clear()
        steps.insert(0, opener.step)
    if flow >= 0:
        return in_flow(text, Span(flow, len(text)), cursor.offset, tuple(steps))
    opened: tuple[str, ...] = ()
    if cursor.kind is Kind.KEY and not openers and (above := _opened_at(text, lines, line, column)):
        opened = (*steps, above)
    return replace(cursor, route=tuple(steps), opened=opened)


def _parents(text: str, lines: Lines, line: int, column: int, *, dash: bool) -> Iterator[tuple[_Opener, int, str]]:
    """The dashes and keys that a line at `column` stands below, innermost first; where each ends, and what follows."""
    starts = lines.starts
    blanks = " " * column
    for number in range(line - 1, -1, -1):
        start = starts[number]
        if text.startswith(blanks, start):
            # nearly every line of a long list is one of these: deeper, or a sibling
            if not dash and not column:
                return
            if not dash or text[start + column : start + column + 1] in _SIBLING:
                continue
        written = text[slice(*lines.span(number))]
        if written.startswith(("---", "...")) and written[3:4] in ("", " ", "\t"):
            return
        for opener, end, rest in _openers(written):
            if opener.column < column or (opener.column == column and dash and opener.step != DASH):
                yield opener, start + end, rest
                column, dash = opener.column, opener.step == DASH
                blanks = " " * column


_SIBLING = ("", " ", "-", "#", "\n", "\r", "\t")


def _openers(written: str) -> list[tuple[_Opener, int, str]]:
    """The dashes and the key of a line, last first, each with the column of its end and what follows it alone."""
    body = written[: comment_in(written)]
    dashes, at = _dashes(body)
    colon = _colon(body, at)
    found = [(opener, opener.column + 1, "") for opener in dashes]
    if colon >= 0:
        found.append((_Opener(at, unquoted(body[at:colon])), colon + 1, body[colon + 1 :]))
    elif dashes:
        found[-1] = (dashes[-1], at, body[at:])
    return found[::-1]


def _opened_at(text: str, lines: Lines, line: int, column: int) -> str:
    """The key at `column` on the last line above that says something, if it has no value yet."""
    for number in range(line - 1, -1, -1):
        written = text[slice(*lines.span(number))]
        for opener, _, rest in _openers(written)[:1]:
            return opener.step if opener.column == column and opener.step != DASH and not rest.strip(BLANK) else ""
        if written[: comment_in(written)].strip(BLANK):
            break
    return ""
