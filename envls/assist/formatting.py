"""A file with its indentation, blanks and quotes in order, when somebody asks for it.

The file's own style decides whether lists stand deeper than their key; every comment stays beside what it stands by. What
cannot be done without a doubt is not done: the result is read again, and unless it says the same with the same comments,
nothing is changed. Nor is a file that is no YAML, or a template, or has several documents.
"""

from __future__ import annotations

import re
from bisect import bisect
from dataclasses import dataclass, field

from envls.assist.spacing import spaced
from envls.document import Document
from envls.formats.conda.environment import ChannelRef, Dependency, Requirement
from envls.syntax import Alias, Entry, Mapping, Node, Scalar, Sequence, Style, resolved, walk
from envls.text import NEWLINE, Edit, Lines, Span, apply
from envls.write import as_text, newline, scalar

DEEPEST = 50
"""Levels of a file that is formatted; no real one has so many."""
_ODD = re.compile(r"^(?:[ ]*\t[ \t]*\S|(?:[ ]|- )*\?[ ]|%|\.\.\.)|\{%|\{#", re.MULTILINE)
"""What nobody lays out: tabs before a text, keys behind a question mark, directives, statements of a template."""
_DOCUMENT = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_COLON = re.compile(r"([ \t]*):([ \t]+)(?=[^\s#])")
_DASH = re.compile(r"-([ \t]+)(?=[^\s#])")
_LITERAL = (Style.LITERAL, Style.FOLDED)


def formatting(document: Document, indent: int = 2, span: Span | None = None) -> list[Edit]:
    """The edits that put a document in order, or the lines that `span` touches; `indent` is how deep a level stands."""
    if not _can_be_formatted(document):
        return []
    items = {
        mention.node.start: mention
        for mention in document.mentions
        if isinstance(mention, Dependency | Requirement | ChannelRef)
    }
    layout = _Layout(document, indent, items)
    edits = [edit for edit in layout.edits() if document.text[slice(*edit.span)] != edit.text]
    if span is not None:
        first, last = (document.lines.place(offset)[0] for offset in span)
        edits = [edit for edit in edits if first <= document.lines.place(edit.span.start)[0] <= last]
    starts = {edit.span.start for edit in edits}
    done = {start: value for start, value in layout.values.items() if start in starts}
    return edits if edits and _says_the_same(document, apply(document.text, edits), done) else []


def _can_be_formatted(document: Document) -> bool:
    known = document.content is not None and not document.tree.problems and document.template is None
    return known and len(_DOCUMENT.findall(document.text)) < 2 and not _ODD.search(document.text)


@dataclass
class _Layout:
    """Where the lines of a document are to begin.

    `items` are those of its lists, by where they begin, and `values` their new values. `columns` is for lines that begin
    with a key, a dash or a value, `shifts` for those that go on with one; `literal` are the lines whose blanks are a part
    of a text. `deeper` says how the first list stood, among the items of another list or not.
    """

    document: Document
    indent: int
    items: dict[int, Dependency | Requirement | ChannelRef]
    columns: dict[int, int] = field(default_factory=dict)
    shifts: dict[int, int] = field(default_factory=dict)
    literal: set[int] = field(default_factory=set)
    values: dict[int, str] = field(default_factory=dict)
    made: list[Edit] = field(default_factory=list)
    deeper: dict[bool, bool] = field(default_factory=dict)

    @property
    def lines(self) -> Lines:
        return self.document.lines

    def edits(self) -> list[Edit]:
        """All edits."""
        root = self.document.tree.root
        if root is not None and not isinstance(root, Alias):
            self._lay(root, 0, 0, nested=False)
        self._place_comments()
        end = len(self.document.text.rstrip(" \t\r\n"))
        last = self.lines.place(end)[0]
        for line in range(last + 1):
            self._line(line, last=line == last)
        self._end(end)
        return self.made

    # -- what stands where ------------------------------------------------------------------------------------

    def _lay(self, node: Node, column: int, depth: int, *, nested: bool) -> None:
        """Lay out a node that stands at a column."""
        if depth > DEEPEST:
            return
        if isinstance(node, Mapping) and not node.flow:
            for entry in node.entries:
                moved = self._begin(entry.key.start, column)
                self._behind(_COLON, entry.key.span.end, entry.value, ": ")
                inner = self._inner_column(entry, column, nested=nested)
                self._value(entry.key.start, entry.value, inner, moved, depth, nested=nested)
        elif isinstance(node, Sequence) and not node.flow:
            for item, dash in zip(node.items, node.dashes, strict=True):
                moved = self._begin(dash, column)
                self._behind(_DASH, dash, item, "- ")
                if isinstance(item, Scalar) and item.start in self.items:
                    self._item(self.items[item.start])
                self._value(dash, item, column + 2, moved, depth, nested=True)

    def _value(self, owner: int, node: Node, column: int, moved: int, depth: int, *, nested: bool) -> None:
        """Lay out the value of the key, or the item behind the dash, that stands at `owner` and moves by so much."""
        block = isinstance(node, Mapping | Sequence) and not node.flow
        first = self.lines.place(node.span.start)[0]
        if block:
            self._lay(node, column, depth + 1, nested=nested)
            return
        if first > self.lines.place(owner)[0] and node.span.end > node.span.start:
            moved = self._begin(node.span.start, column)
        last = self.lines.place(max(node.span.end - 1, node.span.start))[0]
        for line in range(first + 1, last + 1):
            self.shifts[line] = moved
        if isinstance(node, Scalar):
            self.literal.update(range(first, last) if node.style not in _LITERAL else range(first, last + 1))

    def _begin(self, start: int, column: int) -> int:
        """Have what begins at `start` stand at a column; by how many columns it moves."""
        line, old = self.lines.place(start)
        if not self.document.text[self.lines.starts[line] : start].strip():
            self.columns[line] = column
        return column - old

    def _behind(self, gap: re.Pattern[str], start: int, value: Node, written: str) -> None:
        """One blank between a colon or a dash and what follows it on its line."""
        found = gap.match(self.document.text, start)
        if found and found.end() <= value.span.start:
            self.made.append(Edit(Span(start, found.end()), written))

    def _inner_column(self, entry: Entry, column: int, *, nested: bool) -> int:
        """Where the value of a key stands: a list where the first one of the file does, below its key or deeper."""
        if not isinstance(entry.value, Sequence) or entry.value.flow or not entry.value.dashes:
            return column + self.indent
        own = self.lines.place(entry.value.dashes[0])[1] > self.lines.place(entry.key.start)[1]
        return column + (self.indent if self.deeper.setdefault(nested, own) else 0)

    def _item(self, item: Dependency | Requirement | ChannelRef) -> None:
        """The spec or the line with its blanks in order, and without quotes that it does not need."""
        node = item.node
        raw = self.document.text[slice(*node.span)]
        if node.style in _LITERAL or node.tag or node.anchor or "\n" in raw or "\r" in raw:
            return
        value = spaced(item)
        bare = as_text(value) == value
        written = value if bare else scalar(value, like=node)
        if written != raw and (bare or node.style is not Style.PLAIN):
            self.values[node.start] = value
            self.made.append(Edit(node.span, written))

    def _place_comments(self) -> None:
        """A comment that has its line for itself stands as what is below or above it, if it nearly did; else it moves along."""
        placed = sorted(self.columns)
        old = [self._width(line) for line in placed]
        for comment in self.document.tree.comments:
            line, column = self.lines.place(comment.start)
            if not column or line in self.shifts or line in self.columns or self._width(line) != column:
                continue  # one that begins its line stays there: it may be a line that somebody has switched off
            behind = bisect(placed, line)
            near = [at for at in (behind, behind - 1) if 0 <= at < len(placed)]
            if not near:
                continue
            same = next((at for at in near if old[at] == column), None)
            moved = self.columns[placed[near[-1]]] - old[near[-1]] if same is None else 0
            new = self.columns[placed[same]] if same is not None else max(column + moved, 0)
            closest = min((self.columns[placed[at]] for at in near), key=lambda at: abs(at - new))
            self.columns[line] = closest if abs(closest - new) < self.indent else new

    # -- edits ------------------------------------------------------------------------------------------------

    def _width(self, line: int) -> int:
        """How many blanks a line begins with."""
        span = self.lines.span(line)
        written = self.document.text[span.start : span.end]
        return len(written) - len(written.lstrip(" "))

    def _line(self, line: int, *, last: bool) -> None:
        """The blanks at the beginning and the end of a line; of the `last` one the end belongs to the text's."""
        span, width = self.lines.span(line), self._width(line)
        written = self.document.text[span.start : span.end]
        bare = written.rstrip(" \t")
        column = self.columns.get(line, max(width + self.shifts.get(line, 0), 0))
        if bare and column != width:
            self.made.append(Edit(Span(span.start, span.start + width), " " * column))
        if bare != written and line not in self.literal and not last:
            self.made.append(Edit(Span(span.start + len(bare), span.end), ""))

    def _end(self, end: int) -> None:
        """One line end behind the last word; blanks that are a part of a text stay."""
        if end and self.lines.place(end)[0] not in self.literal:
            text = self.document.text
            written = NEWLINE.search(text, end)
            self.made.append(Edit(Span(end, len(text)), written.group() if written else newline(text)))


# -- whether the same is said ---------------------------------------------------------------------------------


def _says_the_same(document: Document, new: str, values: dict[int, str]) -> bool:
    """Whether a new text is read as the old one, in which the items that begin at some places have other `values`."""
    after = document.with_text(new)
    if after.tree.problems or after.format is not document.format:
        return False
    same_remarks = _remarks(document) == _remarks(after)
    return same_remarks and _said(document.tree.root, values) == _said(after.tree.root, {})


def _remarks(document: Document) -> list[str]:
    return [document.text[slice(*comment)].rstrip() for comment in document.tree.comments]


def _said(root: Node | None, values: dict[int, str]) -> list[tuple[object, ...]]:
    """What a tree says, without places: its nodes from top to bottom, each with the number of those below it."""
    said: list[tuple[object, ...]] = []
    for node in walk(root):
        if isinstance(node, Alias):
            said.append((node.name,))
        elif isinstance(node, Scalar):
            value = values.get(node.start, node.value)
            said.append((value, node.tag, node.anchor, resolved(node, yaml="1.1"), resolved(node, yaml="1.2")))
        else:
            below = node.items if isinstance(node, Sequence) else node.entries
            said.append((type(node), len(below), node.tag, node.anchor))
    return said
