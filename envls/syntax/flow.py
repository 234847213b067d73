"""Reading `[...]` and `{...}`, JSON included.

What is missing is reported where it is missing, and reading goes on as if it were there, so that a forgotten
comma costs nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Named
from dataclasses import dataclass, field

from envls.syntax import scalars
from envls.syntax.tree import EMPTY, Alias, Entry, Mapping, Node, Problem, Scalar, Sequence, Style
from envls.text import Edit, Span

DEPTH = 64
_SPACE = re.compile(r"(?:[ \t\r\n]+|(?:(?<=[ \t\r\n])|^)#[^\r\n]*)*")
_PLAIN = re.compile(r"(?:[^\s,\[\]{}:#]|:(?=[^\s,\[\]{}])|(?<=[^\s])#|[ \t\r\n]+(?=[^\s,\[\]{}:#]|:(?=[^\s,\[\]{}])))+")
_PROPERTY = re.compile(r"&([^\s,\[\]{}]+)|(!(?:<[^>\s]*>|[^\s,\[\]{}]*))")
_ALIAS = re.compile(r"\*([^\s,\[\]{}]+)")
_GLUED = re.compile(r"\[[^\[\]\r\n]*\][^,\[\]{}\r\n#]*")
_BEHIND_QUOTED = re.compile(r"[ \t]*(?:[,:\]}\r\n#]|$)")
_LINE_END = re.compile(r"[\r\n]|$")
_CLOSING = {"[": "]", "{": "}"}


@dataclass(slots=True)
class _Open:
    """A collection that is being read: `pending` is the node before the next comma, `key` the one before the colon."""

    start: int
    bracket: str
    tag: str = ""
    anchor: str = ""
    items: list[Node] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    key: Scalar | None = None
    pending: Node | None = None
    node_tag: str = ""
    node_anchor: str = ""

    def commit(self, at: int) -> None:
        """What was read since the last comma becomes an item or an entry."""
        node, key = self.pending, self.key
        self.pending = self.key = None
        if key is not None:
            entry = Entry(key, node if node is not None else Scalar(at, EMPTY))
            if self.bracket == "{":
                self.entries.append(entry)
            else:
                self.items.append(Mapping(entry.span, (entry,), flow=True))
        elif node is not None and self.bracket == "[":
            self.items.append(node)
        elif isinstance(node, Scalar):
            self.entries.append(Entry(node, Scalar(node.span.end, EMPTY)))

    def close(self, end: int) -> Node:
        self.commit(end)
        span = Span(self.start, end)
        if self.bracket == "[":
            starts = tuple(item.span.start for item in self.items)
            return Sequence(span, tuple(self.items), starts, flow=True, tag=self.tag, anchor=self.anchor)
        return Mapping(span, tuple(self.entries), flow=True, tag=self.tag, anchor=self.anchor)


def read(
    text: str, start: int, limit: int, anchors: Named[str, Node | None], problems: list[Problem]
) -> tuple[Node, int]:
    """The collection that opens at `start` and closes before `limit`, and the offset behind it."""
    stack: list[_Open] = [_Open(start, text[start])]
    at = start + 1
    while True:
        here = stack[-1]
        space = _SPACE.match(text, at, limit)
        at = space.end() if space else at
        if at >= limit:
            return _unclosed(text, stack, limit, problems)
        character = text[at]
        if character in "[{":
            _expect_comma(here, at, problems)
            if len(stack) >= DEPTH:
                problems.append(Problem(Span(at, at + 1), "nested too deeply to be read"))
                return _unclosed(text, stack, limit, problems, say=False)
            stack.append(_Open(at, character, here.node_tag, here.node_anchor))
            here.node_tag = here.node_anchor = ""
            at += 1
        elif character in "]}":
            if character != _CLOSING[here.bracket]:
                problems.append(Problem(Span(at, at + 1), f"`{here.bracket}` is closed by `{character}`"))
            node = here.close(at + 1)
            at += 1
            stack.pop()
            if not stack:
                return node, at
            stack[-1].pending = node
        elif character == ",":
            if here.pending is None and here.key is None:
                problems.append(Problem(Span(at, at + 1), "nothing stands before this comma"))
            here.commit(at)
            at += 1
        elif character == ":" and _is_colon(text, at, limit, here.pending):
            _take_key(text, here, at, problems)
            at += 1
        elif character in "&!" and (found := _PROPERTY.match(text, at, limit)):
            _expect_comma(here, at, problems)
            here.node_anchor, here.node_tag = found.group(1) or here.node_anchor, found.group(2) or here.node_tag
            at = found.end()
        else:
            _expect_comma(here, at, problems)
            here.pending, at = _leaf(text, at, limit, here, anchors, problems)


def _unclosed(
    text: str, stack: list[_Open], limit: int, problems: list[Problem], *, say: bool = True
) -> tuple[Node, int]:
    here = stack[-1]
    if say:
        closing = _CLOSING[here.bracket]
        problems.append(Problem(Span(here.start, here.start + 1), f"`{here.bracket}` is not closed by `{closing}`"))
    end = limit
    while end > here.start + 1 and text[end - 1] in " \t\r\n":
        end -= 1
    node = stack.pop().close(end)
    while stack:
        stack[-1].pending = node
        node = stack.pop().close(end)
    return node, end


def _expect_comma(here: _Open, at: int, problems: list[Problem]) -> None:
    if here.pending is None:
        return
    end = here.pending.span.end
    fix = ("Insert the comma", Edit(Span(end, end), ","))
    problems.append(Problem(Span(at, at + 1), "a comma is missing before this", fix))
    here.commit(at)


def _is_colon(text: str, at: int, limit: int, pending: Node | None) -> bool:
    quoted = isinstance(pending, Scalar) and pending.style is not Style.PLAIN
    return quoted or at + 1 >= limit or text[at + 1] in " \t\r\n,[]{}"


def _take_key(text: str, here: _Open, at: int, problems: list[Problem]) -> None:
    if here.key is not None:
        problems.append(Problem(Span(at, at + 1), "a second `:`; put quotes round a value that contains one"))
        return
    node = here.pending
    if isinstance(node, Scalar):
        here.key = node
    else:
        start = node.span.start if node else at
        here.key = Scalar(start, scalars.plain(text[start : node.span.end if node else at]))
    here.pending = None


def _leaf(
    text: str, at: int, limit: int, here: _Open, anchors: Named[str, Node | None], problems: list[Problem]
) -> tuple[Node, int]:
    tag, anchor = here.node_tag, here.node_anchor
    here.node_tag = here.node_anchor = ""
    character = text[at]
    if character in "'\"":
        end = _quoted_end(text, at, limit)
        if end < 0:
            line_end = _LINE_END.search(text, at, limit)
            end = line_end.start() if line_end else limit
            problems.append(Problem(Span(at, at + 1), f"`{character}` is not closed"))
        return Scalar(at, scalars.quoted(text[at:end]), tag, anchor), end
    alias = _ALIAS.match(text, at, limit)
    if alias:
        name = alias.group(1)
        if name not in anchors:
            problems.append(Problem(Span(*alias.span()), f"no anchor `&{name}` stands before this"))
        return Alias(Span(*alias.span()), name, anchors.get(name)), alias.end()
    found = _PLAIN.match(text, at, limit)
    if not found or character in "@`%|>":
        problems.append(Problem(Span(at, at + 1), f"`{character}` cannot begin a value; put quotes round it"))
    end = found.end() if found else at + 1
    if glued := _GLUED.match(text, end, limit) if found else None:
        problems.append(_glued(text, at, end, end + len(glued.group().rstrip())))
        end = problems[-1].span.start + len(glued.group().rstrip())
    return Scalar(at, scalars.plain(text[at:end]), tag, anchor), end


def _glued(text: str, start: int, bracket: int, end: int) -> Problem:
    """A bracket that follows a text at once ends it; `numpy[version=1]` was meant as one text."""
    whole = text[start:end]
    mark = '"' if "'" in whole else "'"
    fix = ("Put quotes round it", Edit(Span(start, end), f"{mark}{whole}{mark}")) if mark not in whole else None
    return Problem(Span(bracket, bracket + 1), "a bracket ends a text in such a list; it wants quotes", fix)


def _quoted_end(text: str, at: int, limit: int) -> int:
    """Where a quoted scalar ends; -1 where what closes it is rather the opening of the next one."""
    pattern = scalars.DOUBLE_QUOTED if text[at] == '"' else scalars.SINGLE_QUOTED
    found = pattern.match(text, at, limit)
    if not found or ("\n" in found.group() and not _BEHIND_QUOTED.match(text, found.end(), limit)):
        return -1
    return found.end()
