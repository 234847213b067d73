"""Reading `[...]` and `{...}` whose brackets do not add up, by the indentation of their lines.

What stands deeper than a line is in its brackets, whether they are written or not; what does not is behind them; and a
bracket that the lines do not believe in opens and closes nothing. Of each line only the first mistake is said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Named

from envls.syntax import scalars
from envls.syntax.flow import LINE_END, PLAIN_ON_LINE, SPACE, Flow, Open, Reader
from envls.syntax.lines import FORBIDDEN
from envls.syntax.tree import Mapping, Node, Problem, Scalar
from envls.text import Edit, Span

_MARK = re.compile(r"(?:---|\.\.\.)(?=[ \t\r\n]|$)")
_DASH = re.compile(rf"(?:-[ \t]+|{FORBIDDEN}[ \t]*)+")
_KEY = re.compile(r"[\"']?[^\"',\[\]{}]*[\"']?[ \t]*:(?:[ \t\r\n\[{\"']|$)")
_ENDS_LINE = re.compile(r"[\]},  \t]*(?=[\r\n#]|$)")
_COMMENTED_OUT = re.compile(r"#[ \t]*([\"']?)([\w.-]+)\1[ \t]*:[ \t]*[\[{][ \t]*[\r\n]+[ \t]*$")


def read(text: str, start: int, limit: int, anchors: Named[str, Node | None], bracket: str = "") -> Flow:
    """The collection that opens at `start` and should close before `limit`; with a `bracket` that is not written."""
    return _ByIndentation(text, start, limit, anchors, bracket).read()


class _ByIndentation(Reader):
    plain = PLAIN_ON_LINE

    def __init__(self, text: str, start: int, limit: int, anchors: Named[str, Node | None], bracket: str) -> None:
        super().__init__(text, start, limit, anchors)
        if bracket:
            self.at, self.stack[0].bracket, self.stack[0].indent = start, bracket, -1
        self.blamed: set[int] = set()
        self.above, self.above_start = self.indent, self.line_start

    def say(self, span: Span, message: str, fix: tuple[str, Edit] | None = None) -> None:
        line = self.start_of_line(span.start)
        if line not in self.blamed:
            self.problems.append(Problem(span, message, fix))
        self.blamed.add(line)

    # -- lines ----------------------------------------------------------------------------------------------------

    def begin_line(self, line_start: int) -> None:
        self.above, self.above_start = self.indent, self.line_start
        super().begin_line(line_start)
        mark = _MARK.match(self.text, self.at, self.limit) if self.indent == 0 else None
        if mark:
            self.blamed.add(line_start)
            self.at = mark.end()
            self._pass_over_line()
            self.skip_space()
            return
        if dash := _DASH.match(self.text, self.at, self.limit):
            self.say(Span(self.at, self.at + 1), "this has no place in brackets")
            if self.text[self.at] == FORBIDDEN:
                self.indent = dash.end() - line_start - dash.group().count(FORBIDDEN)
                self.line_start += dash.group().count(FORBIDDEN)
            self.at = dash.end()
        if self.text[self.at : self.at + 1] in "]}":
            return
        behind, last = self._next_line()
        if self.indent < self.above and behind > self.indent and last not in "[{":
            self._pass_over_line()  # it is this line that stands alone
        else:
            self._enclose()

    def _pass_over_line(self) -> None:
        """Let the next line be judged by the one above this."""
        self.line -= 1
        self.indent, self.line_start = self.above, self.above_start

    def _enclose(self) -> None:
        """Close what the line is behind, or open what it is in."""
        while len(self.stack) > 1 and self.stack[-1].indent >= self.indent:
            self._close_unclosed()
        here = self.stack[-1]
        is_entry = _KEY.match(self.text, self.at, self.limit) is not None
        if self.indent > self.above and here.line < self.line - 1:
            self._open_unopened(here, "{" if is_entry else "[")
        elif here.line == self.line - 1 and self.above_start in self.blamed and not is_entry and not here.entries:
            here.bracket = "["  # what was written instead of it is broken

    def _open_unopened(self, here: Open, bracket: str) -> None:
        """What stands deeper than the line above is the value of that line, which lacks its bracket."""
        comment = _COMMENTED_OUT.search(self.text, self.above_start, self.at)
        if comment:
            here.commit(comment.start())
            here.key = Scalar(comment.start(2), scalars.plain(comment.group(2)))
        else:
            here.key = _newest_key(here, self.above_start)
            here.pending = None
        if here.bracket == "{" and here.key is None:
            start = self.above_start + self.above
            end = LINE_END.search(self.text, start)
            here.key = Scalar(start, scalars.plain(self.text[start : end.start() if end else self.at]))
        at = here.key.span.end if here.key else self.above_start + self.above
        self.say(Span(at, at + 1), f"`{bracket}` is missing before what stands below")
        self.stack.append(Open(at, bracket, self.line - 1, self.above))

    def _close_unclosed(self) -> None:
        here = self.stack.pop()
        self.say(Span(here.start, here.start + 1), f"`{here.bracket}` is not closed by `{here.closing}`")
        end = self.at
        while end > here.start + 1 and self.text[end - 1] in " \t\r\n,":
            end -= 1
        self.stack[-1].pending = here.close(end)
        self.stack[-1].commit(end)

    def _next_line(self) -> tuple[int, str]:
        """How deep the next line stands, -1 where none follows, and what this one ends with."""
        end = LINE_END.search(self.text, self.at)
        line_end = end.start() if end else len(self.text)
        found = SPACE.match(self.text, end.end() if end else self.at)
        at = found.end() if found else self.at
        return at - self.start_of_line(at) if at < len(self.text) else -1, self.text[line_end - 1 : line_end]

    # -- brackets, commas and colons ------------------------------------------------------------------------------

    def opens(self, here: Open, bracket: str) -> None:
        if here.bracket == "{" and (here.key is None or here.pending is not None):
            self.say(Span(self.at, self.at + 1), f"`{bracket}` stands where a key is expected")
            begins_line = self.at == self.line_start + self.indent
            self.at += 1
            if begins_line and LINE_END.match(self.text, self.at):
                self._pass_over_line()
            return
        super().opens(here, bracket)

    def closes(self, character: str, at: int) -> bool:
        """A bracket closes what was opened on its line, or what the next line does not stand in."""
        begins_line = at == self.line_start + self.indent
        behind = self._next_line()[0]
        if begins_line and not _ENDS_LINE.match(self.text, self.at):
            behind = self.indent
        ends = [one for one in self.stack if one.closing == character and one.line == self.line]
        if ends == self.stack[:1] and behind > self.indent:
            ends = []
        elif not ends and (begins_line or _ENDS_LINE.match(self.text, self.at)):
            ends = [one for one in self.stack if one.closing == character and behind <= one.indent]
            if begins_line:
                ends = [one for one in ends if one.indent == self.indent] or ends
        if not ends:
            self.say(Span(at, at + 1), f"`{character}` closes nothing here")
            if begins_line:
                self._pass_over_line()
            return False
        while self.stack[-1] is not ends[-1]:
            self._close_unclosed()
        if begins_line:
            self.indent = ends[-1].indent
        return True

    def expect_comma(self, here: Open) -> None:
        if here.pending is not None and self.start_of_line(here.pending.span.start) in self.blamed:
            here.commit(here.pending.span.end)  # what lacks its comma is broken, and that was said
        super().expect_comma(here)

    def take_key(self, here: Open) -> None:
        node = here.pending
        if here.key is not None and node is not None and here.key.start < self.line_start <= node.span.start:
            self.say(Span(here.key.start, here.key.span.end), "a value is missing")
            here.pending = None
            here.commit(here.key.span.end)
            here.pending = node
        super().take_key(here)

    def is_quoted(self, found: re.Match[str]) -> bool:
        return "\n" not in found.group() and "\r" not in found.group()


def _newest_key(here: Open, start: int) -> Scalar | None:
    """The key of what was read last, if that begins at `start` or behind it; the rest of it is taken back."""
    if here.key is not None or here.pending is not None:
        return here.pending if here.key is None and isinstance(here.pending, Scalar) else here.key
    if here.bracket == "{" and here.entries and here.entries[-1].key.start >= start:
        return here.entries.pop().key
    if here.bracket == "[" and here.items and here.items[-1].span.start >= start:
        last = here.items.pop()
        return last.entries[0].key if isinstance(last, Mapping) and last.entries else None
    return None
