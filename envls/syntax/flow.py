"""Reading `[...]` and `{...}`, JSON included.

What is missing is reported where it is missing, and reading goes on as if it were there, so that a forgotten comma
costs nothing else. Where brackets do not add up, `unbalanced` reads them once more by the indentation of their lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Named
from dataclasses import dataclass, field
from typing import NamedTuple

from envls.syntax import scalars
from envls.syntax.tree import EMPTY, Alias, Entry, Mapping, Node, Problem, Scalar, Sequence, Style
from envls.text import Edit, Span

DEPTH = 64
SPACE = re.compile(r"(?:[ \t\r\n]+|#[^\r\n]*)*")
_IN = r"[^ \t\r\n,\[\]{}"
_WORD = rf"{_IN}:#]|:(?={_IN}])|(?<=[^ \t\r\n])#"
_MORE = rf"(?={_IN}:#]|:(?={_IN}]))"
PLAIN_ON_LINE = re.compile(rf"(?:{_WORD}|[ \t]+{_MORE})+")
# a quote on the next line begins what lacks a comma before it, though YAML takes it for text
_PLAIN = re.compile(rf"(?:{_WORD}|[ \t]+{_MORE}|[ \t\r\n]+(?![\"']){_MORE})+")
_PROPERTY = re.compile(r"&([^\s,\[\]{}]+)|(!(?:<[^>\s]*>|[^\s,\[\]{}]*))")
_ALIAS = re.compile(r"\*([^\s,\[\]{}]+)")
_GLUED = re.compile(r"\[[^\[\]\r\n]*\][^,\[\]{}\r\n#]*")
_BEHIND_QUOTED = re.compile(r"[ \t]*(?:[,:\]}\r\n#]|$)")
LINE_END = re.compile(r"[ \t]*,?[ \t]*(?=[\r\n]|$)")
_CLOSING = {"[": "]", "{": "}"}


class Flow(NamedTuple):
    """A collection in brackets, the offset behind it, whether its bracket is closed, and what is wrong in it."""

    node: Node
    end: int
    closed: bool
    problems: list[Problem]


def read(text: str, start: int, limit: int, anchors: Named[str, Node | None]) -> Flow:
    """The collection that opens at `start` and should close before `limit`."""
    return Reader(text, start, limit, anchors).read()


def escape_problem(start: int, written: str) -> Problem | None:
    """What is wrong with the backslashes of a quoted scalar."""
    bad = scalars.bad_escape(written) if written[0] == '"' and "\\" in written else -1
    if bad < 0:
        return None
    plain = scalars.with_plain_backslashes(written)
    fix = ("Write every backslash twice", Edit(Span(start, start + len(written)), plain)) if plain else None
    return Problem(Span(start + bad, start + bad + 2), f"`{written[bad : bad + 2]}` is no escape of YAML", fix)


@dataclass(slots=True)
class Open:
    """A collection that is being read: `pending` is the node before the next comma, `key` the one before the colon.

    `line` and `indent` are of the line that its bracket stands on.
    """

    start: int
    bracket: str
    line: int
    indent: int
    tag: str = ""
    anchor: str = ""
    items: list[Node] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    key: Scalar | None = None
    pending: Node | None = None
    node_tag: str = ""
    node_anchor: str = ""

    @property
    def closing(self) -> str:
        return _CLOSING[self.bracket]

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


class Reader:
    plain = _PLAIN

    def __init__(self, text: str, start: int, limit: int, anchors: Named[str, Node | None]) -> None:
        self.text, self.at, self.limit, self.anchors = text, start + 1, limit, anchors
        self.problems: list[Problem] = []
        self.line, self.line_start = 0, self.start_of_line(start)
        self.indent = start - self.line_start - len(text[self.line_start : start].lstrip(" \t"))
        self.stack = [Open(start, text[start], self.line, self.indent)]

    def read(self) -> Flow:
        while True:
            self.skip_space()
            at = self.at
            if at >= self.limit:
                return self.unclosed()
            here, character = self.stack[-1], self.text[at]
            if character in "[{":
                if len(self.stack) >= DEPTH:
                    self.say(Span(at, at + 1), "nested too deeply to be read")
                    return self.unclosed(say=False)
                self.opens(here, character)
            elif character in "]}":
                self.at += 1
                if self.closes(character, at):
                    node = self.stack.pop().close(self.at)
                    if not self.stack:
                        return Flow(node, self.at, True, self.problems)
                    self.stack[-1].pending = node
            elif character == ",":
                if here.node_tag or here.node_anchor:
                    here.pending = Scalar(at, EMPTY, here.node_tag, here.node_anchor)
                    here.node_tag = here.node_anchor = ""
                if here.pending is None and here.key is None:
                    self.say(Span(at, at + 1), "nothing stands before this comma")
                here.commit(at)
                self.at += 1
            elif character == ":" and self.is_colon(here.pending):
                self.take_key(here)
                self.at += 1
            elif character in "&!" and (found := _PROPERTY.match(self.text, at, self.limit)):
                self.expect_comma(here)
                here.node_anchor, here.node_tag = found.group(1) or here.node_anchor, found.group(2) or here.node_tag
                self.at = found.end()
            else:
                self.expect_comma(here)
                here.pending = self.leaf(here)

    def say(self, span: Span, message: str, fix: tuple[str, Edit] | None = None) -> None:
        self.problems.append(Problem(span, message, fix))

    def unclosed(self, *, say: bool = True) -> Flow:
        here = self.stack[-1]
        if say:
            self.say(Span(here.start, here.start + 1), f"`{here.bracket}` is not closed by `{here.closing}`")
        end = self.limit
        while end > here.start + 1 and self.text[end - 1] in " \t\r\n":
            end -= 1
        node = self.stack.pop().close(end)
        while self.stack:
            self.stack[-1].pending = node
            node = self.stack.pop().close(end)
        return Flow(node, end, not say, self.problems)

    def start_of_line(self, at: int) -> int:
        return max(self.text.rfind("\n", 0, at), self.text.rfind("\r", 0, at)) + 1

    def skip_space(self) -> None:
        """Go to what comes next, on this line or a later one."""
        found = SPACE.match(self.text, self.at, self.limit)
        begin, self.at = self.at, found.end() if found else self.at
        line_start = max(self.text.rfind("\n", begin, self.at), self.text.rfind("\r", begin, self.at)) + 1
        if line_start and self.at < self.limit:
            self.begin_line(line_start)

    def begin_line(self, line_start: int) -> None:
        self.line += 1
        self.line_start, self.indent = line_start, self.at - line_start

    def opens(self, here: Open, bracket: str) -> None:
        self.expect_comma(here)
        self.stack.append(Open(self.at, bracket, self.line, self.indent, here.node_tag, here.node_anchor))
        here.node_tag = here.node_anchor = ""
        self.at += 1

    def closes(self, character: str, at: int) -> bool:
        """Whether a closing bracket closes the innermost collection; what it cannot close is said."""
        here = self.stack[-1]
        if character != here.closing:
            self.say(Span(at, at + 1), f"`{here.bracket}` is closed by `{character}`")
        return True

    def expect_comma(self, here: Open) -> None:
        if here.pending is None:
            return
        end = here.pending.span.end
        fix = ("Insert the comma", Edit(Span(end, end), ","))
        self.say(Span(self.at, self.at + 1), "a comma is missing before this", fix)
        here.commit(end)

    def is_colon(self, pending: Node | None) -> bool:
        quoted = isinstance(pending, Scalar) and pending.style is not Style.PLAIN
        return quoted or self.at + 1 >= self.limit or self.text[self.at + 1] in " \t\r\n,[]{}"

    def take_key(self, here: Open) -> None:
        if here.key is not None:
            self.say(Span(self.at, self.at + 1), "a second `:`; put quotes round a value that contains one")
            return
        node = here.pending
        if isinstance(node, Scalar):
            here.key = node
        else:
            start = node.span.start if node else self.at
            here.key = Scalar(start, scalars.plain(self.text[start : node.span.end if node else self.at]))
        here.pending = None

    def leaf(self, here: Open) -> Node:
        text, at, limit = self.text, self.at, self.limit
        tag, anchor = here.node_tag, here.node_anchor
        here.node_tag = here.node_anchor = ""
        character = text[at]
        if character in "'\"":
            self.at = self.quoted_end()
            problem = escape_problem(at, text[at : self.at])
            if problem:
                self.say(problem.span, problem.message, problem.fix)
            return Scalar(at, scalars.quoted(text[at : self.at]), tag, anchor)
        alias = _ALIAS.match(text, at, limit)
        if alias:
            name = alias.group(1)
            if name not in self.anchors:
                self.say(Span(*alias.span()), f"no anchor `&{name}` stands before this")
            self.at = alias.end()
            return Alias(Span(*alias.span()), name, self.anchors.get(name))
        found = self.plain.match(text, at, limit)
        if not found or character in "@`%|>":
            self.say(Span(at, at + 1), f"`{character}` cannot begin a value; put quotes round it")
        elif character == "-" and text[at + 1 : at + 2] in (" ", "\t", "\r", "\n"):
            self.say(Span(at, at + 1), "a dash has no place in brackets")
        elif (tab := text.find("\t", at, found.end())) >= 0 and "\n" not in text[at:tab] and "\r" not in text[at:tab]:
            self.say(Span(tab, tab + 1), "a tab cannot stand in a text without quotes; use a space")
        self.at = found.end() if found else at + 1
        if found and (glued := _GLUED.match(text, self.at, limit)):
            self._take_glued(at, self.at + len(glued.group().rstrip()))
        return Scalar(at, scalars.plain(text[at : self.at]), tag, anchor)

    def _take_glued(self, start: int, end: int) -> None:
        """A bracket that follows a text at once ends it; `numpy[version=1]` was meant as one text."""
        whole = self.text[start:end]
        mark = '"' if "'" in whole else "'"
        fix = ("Put quotes round it", Edit(Span(start, end), f"{mark}{whole}{mark}")) if mark not in whole else None
        self.say(Span(self.at, self.at + 1), "a bracket ends a text in such a list; it wants quotes", fix)
        self.at = end

    def quoted_end(self) -> int:
        """Where a quoted scalar ends. What closes it on another line may rather be the opening of the next one."""
        text, at = self.text, self.at
        found = (scalars.DOUBLE_QUOTED if text[at] == '"' else scalars.SINGLE_QUOTED).match(text, at, self.limit)
        if found and self.is_quoted(found):
            return found.end()
        self.say(Span(at, at + 1), f"`{text[at]}` is not closed")
        line_end = LINE_END.search(text, at, self.limit)
        return max(line_end.start(), at + 1) if line_end else self.limit

    def is_quoted(self, found: re.Match[str]) -> bool:
        on_line = "\n" not in found.group() and "\r" not in found.group()
        return on_line or _BEHIND_QUOTED.match(self.text, found.end(), self.limit) is not None
