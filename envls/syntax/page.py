"""A text while it is read: its lines, and what was found on them so far.

`block` reads the structure of the lines and `values` what stands on one; both write here what is wrong, which comments
there are, and what an anchor names. Of the problems of one line's structure only the first is kept: one mistake, one
finding.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import islice

from envls.syntax.heads import COMMENT
from envls.syntax.lines import SHOWN, Line, content_lines, printable
from envls.syntax.tree import Node, Problem, Scalar, Style, walk
from envls.text import Edit, Lines, Span

_BLANKS_AT_END = re.compile(r"(?<![ \t])[ \t]+(?=[\r\n]|\Z)")


class Page:
    """The lines of a text that have content, and what was found."""

    def __init__(self, text: str) -> None:
        self.text, self.problems = printable(text)
        self.all_lines = Lines(self.text)
        self.lines, self.odd, self.comments = content_lines(self.text, self.all_lines, self.problems)
        self.starts = [line.start for line in self.lines]
        self.own_lines = [comment.start for comment in self.comments]
        self.anchors: dict[str, Node | None] = {}
        self.raw_regions: list[Span] = []
        self.passed_over = -2  # the last line that says nothing
        self.unsure = -2  # the last line that lists in one another may want
        self._blamed: set[int] = set()

    def problem(self, span: Span, message: str, fix: tuple[str, Edit] | None = None, *, sure: bool = True) -> None:
        self.problems.append(Problem(span, message, fix, sure))

    def blame(
        self, offset: int, span: Span, message: str, fix: tuple[str, Edit] | None = None, *, sure: bool = True
    ) -> None:
        """Say what is wrong with how the line at `offset` fits the others, unless something was said already."""
        line = self.all_lines.place(offset)[0]
        if line in self._blamed or offset in self.odd:
            return
        if any(self.all_lines.place(one.span.start)[0] == line for one in self.problems[-3:]):
            return
        self._blamed.add(line)
        self.problem(span, message, fix, sure=sure)

    def misplaced(self, start: int, column: int) -> None:
        """Say that the line whose content begins at `start` stands at the wrong column."""
        fix = None
        if self.begins_line(start):
            line_start = self.all_lines.starts[self.all_lines.place(start)[0]]
            fix = ("Indent like its neighbours", Edit(Span(line_start, start), " " * column))
        self.blame(start, self.line_of(start), "indented differently from its neighbours", fix)

    def is_broken(self, line: int) -> bool:
        """Whether something was said of a line; it must be one of those read last."""
        return any(self.all_lines.place(one.span.start)[0] == line for one in self.problems[-3:])

    def content(self, index: int) -> Span:
        line = self.lines[index]
        return Span(line.start, line.start + len(line.content))

    def line_at(self, offset: int) -> int:
        """The index of the first line that begins at `offset` or behind it."""
        return bisect_left(self.starts, offset)

    def begins_line(self, offset: int) -> bool:
        """Whether the content of a line begins at `offset`."""
        index = self.line_at(offset)
        return index < len(self.lines) and self.lines[index].start == offset

    def line_of(self, offset: int) -> Span:
        """The line whose content begins at `offset`; where none does, the one character there."""
        return self.content(self.line_at(offset)) if self.begins_line(offset) else Span(offset, offset + 1)

    def forget_text(self, start: int) -> None:
        """Take back that what begins at `start` is a text of several lines."""
        self.raw_regions = [span for span in self.raw_regions if span.start < start]

    def comment_between(self, start: int, end: int) -> bool:
        """Whether a comment on a line of its own stands between two offsets: it ends a plain scalar."""
        at = bisect_left(self.own_lines, start)
        return at < len(self.own_lines) and self.own_lines[at] < end

    def commented_out(self, index: int) -> list[Line]:
        """The comments right above a line, as the lines that they would be without their `#`."""
        before = self.lines[index - 1].start if index else 0
        found = []
        for at in range(bisect_left(self.own_lines, before), bisect_left(self.own_lines, self.lines[index].start)):
            start = self.own_lines[at]
            number = self.all_lines.place(start)[0]
            content = self.text[start : self.all_lines.span(number).end].rstrip()
            bare = content.lstrip("# ")
            if bare:
                found.append(Line(start + len(content) - len(bare), start - self.all_lines.starts[number], bare))
        return found[-8:]

    def comment_behind(self, start: int, content: str) -> None:
        """Take the comment behind a line's content, if there is one."""
        found = COMMENT.search(content)
        if found:
            self.comment(start + found.end() - 1, start + len(content))

    def comment(self, start: int, end: int) -> None:
        """Take a comment that has something before it on its line."""
        begin = start
        while self.text[begin - 1 : begin] in (" ", "\t"):
            begin -= 1
        if "\t" in self.text[begin:start]:
            blanks = Span(begin, start)
            fix = ("Replace the tab by a space", Edit(blanks, " "))
            self.problem(blanks, "a tab cannot stand before a comment in YAML; use a space", fix)
        self.comments.append(Span(start, end))

    def all_problems(self, root: Node | None) -> list[Problem]:
        """What is wrong, in order."""
        if self.odd or "\t" in self.text:
            self.problems += islice(self._blanks_outside_texts(root), SHOWN)
        return sorted(self.problems, key=lambda problem: problem.span)

    def _blanks_outside_texts(self, root: Node | None) -> Iterator[Problem]:
        """Tabs that indent or end a line: conda's reader and PyYAML refuse them, but in a text of several lines."""
        texts = [node.span for node in walk(root) if isinstance(node, Scalar) and _is_text_of_lines(node)]
        ends = {comment.end for comment in self.comments}
        for start, problem in self.odd.items():
            if not _within(start, texts):
                yield problem
        for found in _BLANKS_AT_END.finditer(self.text):
            span = Span(*found.span())
            if "\t" in found.group() and span.start not in ends and not _within(span.start, texts):
                yield Problem(
                    span, "a tab cannot stand at the end of a line in YAML", ("Remove the tab", Edit(span, ""))
                )

    def true_comments(self) -> Iterator[Span]:
        """The comments in their order, without what only looks like one inside a scalar of several lines."""
        regions = iter(sorted(self.raw_regions))
        region = next(regions, None)
        for comment in sorted(self.comments):
            while region and region.end <= comment.start:
                region = next(regions, None)
            if region is None or comment.start < region.start:
                yield comment


def _is_text_of_lines(node: Scalar) -> bool:
    return node.style is not Style.PLAIN and ("\n" in node.text.raw or "\r" in node.text.raw)


def _within(offset: int, spans: list[Span]) -> bool:
    """Whether an offset is in one of several spans in order."""
    at = bisect_right(spans, offset, key=lambda span: span.start) - 1
    return at >= 0 and offset < spans[at].end
