"""Reading a YAML text line by line, by its indentation.

The law of this room: a broken line costs only that line. Structure is taken from the indentation of each line
and from how it begins; a scalar or a flow collection that is not closed ends where the next line of an outer
level begins. So a mistake stays where it stands, and a text that is half typed reads as what it will be.
How a line begins is a pure function of its text, and remembered: an edit costs the lines it changed.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple

from envls.syntax import flow, scalars
from envls.syntax.tree import EMPTY, Alias, Entry, Mapping, Node, Problem, Scalar, Sequence, Text, Tree
from envls.text import Edit, Lines, Span

SIZE = 12_000_000
DEPTH = 64
SHOWN = 50  # of the same problem
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PROPERTIES = re.compile(r"(?:(?:&[\w-]+|!(?:<[^>\s]*>|[^ \t]*))(?:[ \t]+|$))+")
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"\\]|\\.)*\"")
_COLON = re.compile(r"[ \t]*:(?=[ \t]|$)[ \t]*")
_COMMENT = re.compile(r"[ \t]+#")
_TO_COMMENT = re.compile(r"[ \t]*(?:#|$)")


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
        found = _PROPERTIES.match(content)
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
    comment = _COMMENT.match(content, len(raw))
    return Head(Begins.PLAIN, 0, scalars.plain(raw), len(raw), comment.end() - 1 if comment else -1)


def _after_star(content: str) -> Head:
    """`*alias : value` is an entry whose key is an alias."""
    found = re.compile(r"\*[^ \t,\[\]{}]+").match(content)
    colon = re.compile(r"[ \t]+:(?=[ \t]|$)[ \t]*").match(content, found.end()) if found else None
    if found and colon:
        return Head(Begins.KEY, _unless_comment(content, colon.end()), scalars.plain(found.group()))
    return Head(Begins.OTHER, 0)


def _unless_comment(content: str, value: int) -> int:
    return len(content) if content[value : value + 1] == "#" and content[value - 1 : value] in " \t" else value


class Line(NamedTuple):
    """A line with something on it: where its content stands, how deep, and its content without trailing blanks."""

    start: int
    indent: int
    content: str


def parse(text: str) -> Tree:
    """The tree of `text`. Never fails; what cannot be read is a problem in its place."""
    if len(text) > SIZE:
        return Tree(None, (Problem(Span(0, 0), f"longer than {SIZE:,} characters; too long to be read"),))
    return _Reader(text).tree()


class _Reader:
    def __init__(self, text: str) -> None:
        self.problems: list[Problem] = []
        self.comments: list[Span] = []
        self.anchors: dict[str, Node | None] = {}
        self.depth = 0
        self.text = self._printable(text)
        self.all_lines = Lines(self.text)
        self.lines = self._lines()
        self.starts = [line.start for line in self.lines]
        self.raw_regions: list[Span] = []

    # -- lines ------------------------------------------------------------------------------------------------

    def _printable(self, text: str) -> str:
        """The text with each character that YAML forbids replaced, so that the rest can be read."""
        if text.startswith("\ufeff"):
            text = " " + text[1:]
            self.bom = True
        else:
            self.bom = False
        if text.isascii() and text.isprintable():
            return text
        found = list(_UNPRINTABLE.finditer(text))
        for place in found[:SHOWN]:
            character = ord(place.group())
            self.problems.append(Problem(Span(*place.span()), f"the character U+{character:04X} may not stand in YAML"))
        return _UNPRINTABLE.sub("\ufffd", text) if found else text

    def _lines(self) -> list[Line]:
        """The lines of the first document that have content; comments on lines of their own are noted."""
        lines: list[Line] = []
        text, starts = self.text, self.all_lines.starts
        ends = [*starts[1:], len(text)]
        begun = False
        tabs = 0
        for start, end in zip(starts, ends, strict=True):
            line = text[start:end].rstrip(" \t\r\n")
            content = line.lstrip(" ")
            if not content:
                continue
            indent = len(line) - len(content)
            at = start + indent
            if self.bom and start == 0 and indent:
                indent -= 1
            if content[0] == "#":
                self.comments.append(Span(at, start + len(line)))
                continue
            if indent == 0 and content[0] in "-.%" and (mark := _document_mark(content)):
                if mark == "%" and not begun:
                    continue
                if mark == "---" and not begun and not lines:
                    begun = True
                    content = content[3:].lstrip(" \t")
                    if not content or content[0] == "#":
                        continue
                    at = start + len(line) - len(content)
                elif mark != "%":
                    self._behind_document(mark, Span(start, start + 3))
                    break
            if content[0] == "\t":
                stripped = content.lstrip(" \t")
                if stripped[0] == "#":
                    self.comments.append(Span(start + len(line) - len(stripped), start + len(line)))
                    continue
                blanks = line[: len(line) - len(stripped)]
                at, indent, content = start + len(blanks), len(blanks.replace("\t", "  ")), stripped
                tabs += 1
                if tabs <= SHOWN:
                    fix = ("Indent with spaces", Edit(Span(start, at), " " * indent))
                    self._problem(Span(start, at), "a tab cannot indent in YAML; use spaces", fix)
            lines.append(Line(at, indent, content))
        return lines

    def _behind_document(self, mark: str, span: Span) -> None:
        if mark == "---" or re.compile(r"\s*[^\s#.]").match(re.sub(r"(?m)^\s*#.*$", "", self.text[span.end :])):
            self._problem(span, "only the first document of a file is read; a second one begins here")

    def _problem(self, span: Span, message: str, fix: tuple[str, Edit] | None = None) -> None:
        self.problems.append(Problem(span, message, fix))

    def _content(self, index: int) -> Span:
        line = self.lines[index]
        return Span(line.start, line.start + len(line.content))

    def _line_at(self, offset: int) -> int:
        """The index of the first line that begins at `offset` or behind it."""
        return bisect_left(self.starts, offset)

    def tree(self) -> Tree:
        root = self._root() if self.lines else None
        comments = self.comments
        if self.raw_regions:
            comments = [c for c in comments if not any(r.start <= c.start < r.end for r in self.raw_regions)]
        problems = sorted(self.problems, key=lambda problem: problem.span)
        return Tree(root, tuple(problems), tuple(sorted(comments)))

    # -- structure --------------------------------------------------------------------------------------------

    def _root(self) -> Node:
        """The first document. One line that looks like an entry makes it a mapping, whatever the others look like."""
        lines = self.lines
        first = head(lines[0].content)
        if (
            first.begins is Begins.OTHER
            and lines[0].content[0] in "[{"
            and not lines[0].content.startswith(("{%", "{{"))
        ):
            node, index = self._inline(0, lines[0].start, lines[0].content, -1)
        elif lines[0].content.startswith("? "):
            node, index = self._mapping(0, lines[0].start, lines[0].indent, lines[0].content, -1)
        else:
            outer = min(line.indent for line in lines[:1000])
            begins = {head(line.content).begins for line in lines if line.indent == outer}
            kind = next((kind for kind in (Begins.KEY, Begins.ITEM) if kind in begins), first.begins)
            if kind is not first.begins:
                return self._collection(kind, 0, outer, -1)[0]
            node, index = self._node(0, lines[0].start, lines[0].indent, lines[0].content, -1)
        while index < len(lines):
            self._problem(self._content(index), "this does not belong to what stands before it")
            index += 1
        return node

    def _collection(self, kind: Begins, index: int, column: int, parent: int) -> tuple[Node, int]:
        if kind is Begins.KEY:
            return self._mapping(index, self.lines[index].start, column, self.lines[index].content, parent)
        return self._sequence(index, self.lines[index].start, column, self.lines[index].content, parent)

    def _node(self, index: int, start: int, column: int, content: str, parent: int) -> tuple[Node, int]:
        """The node that begins at `start` on line `index`, and the index of the first line behind it."""
        begins = head(content).begins
        if begins is Begins.KEY or begins is Begins.ITEM:
            if self.depth >= DEPTH:
                return self._too_deep(index, start, parent)
            self.depth += 1
            read = self._mapping if begins is Begins.KEY else self._sequence
            node, index = read(index, start, column, content, parent)
            self.depth -= 1
            return node, index
        return self._inline(index, start, content, parent)

    def _too_deep(self, index: int, start: int, parent: int) -> tuple[Node, int]:
        self._problem(self._content(index), "nested too deeply to be read")
        index += 1
        while index < len(self.lines) and self.lines[index].indent > parent:
            index += 1
        return Scalar(start, EMPTY), index

    def _below(self, index: int, end: int, parent: int, *, items_beside: bool = False) -> tuple[Node, int]:
        """The value that stands on the lines from `index` on, or an empty one at `end`."""
        if index < len(self.lines):
            line = self.lines[index]
            if line.indent > parent:
                return self._node(index, line.start, line.indent, line.content, parent)
            if items_beside and line.indent == parent and head(line.content).begins is Begins.ITEM:
                return self._sequence(index, line.start, line.indent, line.content, parent)
        return Scalar(end, EMPTY), index

    def _sequence(self, index: int, start: int, column: int, content: str, parent: int) -> tuple[Node, int]:
        items: list[Node] = []
        dashes: list[int] = []
        first, count = start, len(self.lines)
        lines = self.lines
        while True:
            begins, value, *_ = head(content)
            if begins is Begins.ITEM:
                dashes.append(start)
                node, index = self._item(index, start, column, content, value)
                items.append(node)
            else:
                index = self._not_an_item(index, column, items, dashes)
            if index >= count:
                break
            start, indent, content = lines[index]
            if indent == column:
                if column == parent and head(content).begins is not Begins.ITEM:
                    break
            elif indent <= parent or (indent < column and head(content).begins is not Begins.ITEM):
                break
            elif head(content).begins is Begins.ITEM:
                self._misplaced(index, column)
        end = max(items[-1].span.end, dashes[-1] + 1) if items else start
        return Sequence(Span(first, end), tuple(items), tuple(dashes)), index

    def _item(self, index: int, start: int, column: int, content: str, value: int) -> tuple[Node, int]:
        if value >= len(content):
            self._comment_behind(start, content)
            return self._below(index + 1, start + 1, column)
        if "\t" in content[:value]:
            fix = ("Replace the tab by a space", Edit(Span(start + 1, start + value), " "))
            self._problem(Span(start + 1, start + value), "a tab cannot stand behind a dash in YAML; use a space", fix)
        rest = content[value:]
        begins, _, text, end, comment, _ = head(rest)
        if begins is Begins.PLAIN and (end == len(rest) or comment >= 0):
            following = index + 1
            if following >= len(self.lines) or self.lines[following].indent <= column:
                if comment >= 0:
                    self._comment(start + value + comment, start + len(content), rest, end)
                return Scalar(start + value, text), following
        return self._node(index, start + value, column + value, rest, column)

    def _not_an_item(self, index: int, column: int, items: list[Node], dashes: list[int]) -> int:
        """A line at the level of the items that has no dash: it is read as if it had one."""
        line = self.lines[index]
        fix = ("Insert the dash", Edit(Span(line.start, line.start), "- "))
        self._problem(self._content(index), "an item of a list begins with `- `", fix)
        node, following = self._node(index, line.start, line.indent, line.content, max(column, line.indent))
        if isinstance(node, Mapping) or not items:
            items.append(node)
            dashes.append(line.start)
        return max(following, index + 1)

    def _misplaced(self, index: int, column: int) -> None:
        line = self.lines[index]
        line_start = self.text.rfind("\n", 0, line.start) + 1
        fix = ("Indent like its neighbours", Edit(Span(line_start, line.start), " " * column))
        self._problem(self._content(index), "indented differently from its neighbours", fix)

    def _mapping(self, index: int, start: int, column: int, content: str, parent: int) -> tuple[Node, int]:
        entries: list[Entry] = []
        first, count = start, len(self.lines)
        while True:
            begins = head(content)
            if begins.begins is Begins.KEY:
                entry, index = self._entry(index, start, column, content, begins)
                entries.append(entry)
            elif begins.begins is Begins.ITEM and entries and isinstance(entries[-1].value, Sequence):
                self._misplaced(index, self._column(entries[-1].value))
                index = self._append_items(index, entries)
            else:
                index = self._not_an_entry(index, content)
            if index >= count:
                break
            start, indent, content = self.lines[index]
            if indent == column:
                continue
            if indent <= parent:
                break
            if head(content).begins is Begins.KEY:
                self._misplaced(index, column)
        end = entries[-1].span.end if entries else start
        return Mapping(
            Span(min(first, entries[0].key.start if entries else first), max(first, end)), tuple(entries)
        ), index

    def _column(self, sequence: Sequence) -> int:
        dash = sequence.dashes[0]
        return dash - (self.text.rfind("\n", 0, dash) + 1)

    def _append_items(self, index: int, entries: list[Entry]) -> int:
        """Items below a line that was broken go to the list they were meant for."""
        last = entries[-1].value
        assert isinstance(last, Sequence)
        line = self.lines[index]
        more, index = self._sequence(index, line.start, line.indent, line.content, line.indent - 1)
        assert isinstance(more, Sequence)
        span = Span(last.span.start, more.span.end)
        entries[-1] = Entry(entries[-1].key, Sequence(span, last.items + more.items, last.dashes + more.dashes))
        return index

    def _not_an_entry(self, index: int, content: str) -> int:
        if content[0] == "?" and content[1:2] in ("", " "):
            return index + 1  # a complex key: legal, and nothing that these files use
        message = (
            "a list item cannot stand among keys" if head(content).begins is Begins.ITEM else "a key ends with `:`"
        )
        self._problem(self._content(index), message)
        return index + 1

    def _entry(self, index: int, start: int, column: int, content: str, begins: Head) -> tuple[Entry, int]:
        anchor = tag = ""
        if begins.key_start:
            anchor, tag = _properties(content[: begins.key_start])
        key = Scalar(start + begins.key_start, begins.text, tag, anchor)
        value = begins.value
        if value >= len(content):
            self._comment_behind(start, content)
            behind = start + len(content) if content[-1] == ":" else key.span.end + 1
            node, index = self._below(index + 1, behind, column, items_beside=True)
            return Entry(key, node), index
        gap = content[begins.key_start + len(begins.text.raw) : value]
        if "\t" in gap:
            span = Span(key.span.end, start + value)
            fix = ("Replace the tab by a space", Edit(span, ": "))
            self._problem(span, "a tab cannot stand behind a colon in YAML; use a space", fix)
        rest = content[value:]
        inner = head(rest)
        at = start + value
        if inner.begins is Begins.ITEM:
            self._problem(Span(at, at + 1), "a list begins on the line below its key")
            node, index = self._sequence(index, at, column + value, rest, column)
            return Entry(key, node), index
        if inner.begins is Begins.KEY:
            colon = at + inner.key_start + len(inner.text.raw)
            self._problem(
                Span(colon, colon + 1),
                "a second `:` on the line; put quotes round a value that contains one",
                ("Put quotes round the value", _quote(at, rest)),
            )
            return Entry(key, Scalar(at, scalars.plain(rest))), self._skip_deeper(index + 1, column)
        node, index = self._inline(index, at, rest, column)
        return Entry(key, node), index

    def _skip_deeper(self, index: int, parent: int) -> int:
        while index < len(self.lines) and self.lines[index].indent > parent:
            index += 1
        return index

    # -- values -----------------------------------------------------------------------------------------------

    def _inline(self, index: int, start: int, content: str, parent: int) -> tuple[Node, int]:
        """A scalar, a flow collection or an alias that begins at `start` on line `index`."""
        first = content[0]
        if first in "&!":
            return self._with_properties(index, start, content, parent)
        if first in "[{":
            limit = self._limit(index, parent)
            node, end = flow.read(self.text, start, limit, self.anchors, self.problems)
            return node, self._behind(end, index)
        if first in "'\"":
            return self._quoted(index, start, content, parent)
        if first in "|>":
            return self._block_scalar(index, start, content, parent)
        if first == "*":
            found = re.compile(r"\*([^ \t,\[\]{}]+)").match(content)
            if found:
                name = found.group(1)
                span = Span(start, start + found.end())
                if name not in self.anchors:
                    fix = ("Put quotes round it", _quote(start, content))
                    self._problem(span, f"no anchor `&{name}` stands before this; put quotes round a `*`", fix)
                return Alias(span, name, self.anchors.get(name)), self._behind(span.end, index)
        if first in "%@`*]},":
            fix = ("Put quotes round it", _quote(start, content))
            self._problem(Span(start, start + 1), f"`{first}` cannot begin a value; put quotes round it", fix)
            return Scalar(start, scalars.plain(_without_comment(content))), index + 1
        return self._plain(index, start, content, parent)

    def _with_properties(self, index: int, start: int, content: str, parent: int) -> tuple[Node, int]:
        found = _PROPERTIES.match(content)
        if not found:
            fix = ("Put quotes round it", _quote(start, content))
            self._problem(
                Span(start, start + 1), "`&` begins an anchor, a name of letters and digits; put quotes round it", fix
            )
            return Scalar(start, scalars.plain(_without_comment(content))), index + 1
        end = found.end()
        anchor, tag = _properties(content[:end])
        if anchor:
            self.anchors[anchor] = None  # an alias to what is still being read stands for nothing
        if end >= len(content) or content[end] == "#":
            node, index = self._below(index + 1, start + len(content[:end].rstrip()), parent, items_beside=True)
        else:
            node, index = self._inline(index, start + end, content[end:], parent)
        if isinstance(node, Scalar):
            node = node._replace(tag=tag, anchor=anchor)
        elif isinstance(node, Sequence):
            node = Sequence(node.span, node.items, node.dashes, node.flow, tag, anchor)
        elif isinstance(node, Mapping):
            node = Mapping(node.span, node.entries, node.flow, tag, anchor)
        if anchor:
            self.anchors[anchor] = node
        return node, index

    def _quoted(self, index: int, start: int, content: str, parent: int) -> tuple[Node, int]:
        pattern = scalars.DOUBLE_QUOTED if content[0] == '"' else scalars.SINGLE_QUOTED
        found = pattern.match(self.text, start, self._limit(index, parent))
        if not found:
            self._problem(Span(start, start + 1), f"`{content[0]}` is not closed")
            return Scalar(start, scalars.quoted(content)), index + 1
        raw = found.group()
        if raw[0] == '"' and "\\" in raw and (bad := scalars.bad_escape(raw)) >= 0:
            fix = ("Write the backslash twice", Edit(Span(start + bad, start + bad), "\\"))
            self._problem(Span(start + bad, start + bad + 2), f"`{raw[bad : bad + 2]}` is no escape of YAML", fix)
        return Scalar(start, scalars.quoted(raw)), self._behind(found.end(), index)

    def _block_scalar(self, index: int, start: int, content: str, parent: int) -> tuple[Node, int]:
        if not scalars.BLOCK_HEADER.match(content):
            fix = ("Put quotes round it", _quote(start, content))
            message = (
                f"`{content[0]}` begins a text of several lines here; put quotes round a value that begins with it"
            )
            self._problem(Span(start, start + 1), message, fix)
            return Scalar(start, scalars.plain(_without_comment(content))), index + 1
        number = self.all_lines.place(start)[0] + 1
        end = start + len(content)
        starts = self.all_lines.starts
        least = parent + 1
        while number < len(starts):
            line = self.text[self.all_lines.span(number).start : self.all_lines.span(number).end]
            bare = line.lstrip(" ")
            if bare and len(line) - len(bare) < least:
                break
            if bare and least == parent + 1 and not content[1:3].strip("+- ").isdigit():
                least = len(line) - len(bare)
            end = self.all_lines.whole(number).end
            number += 1
        self.raw_regions.append(Span(start, end))
        comment = content.find(" #")
        if comment >= 0:
            self.raw_regions[-1] = Span(start + len(content), end)
            self._comment(start + comment + 1, start + len(content), content, comment)
        return Scalar(start, scalars.block(self.text[start:end], parent)), self._line_at(end)

    def _plain(self, index: int, start: int, content: str, parent: int) -> tuple[Node, int]:
        begins = head(content)
        if begins.begins is not Begins.PLAIN:
            self._problem(Span(start, start + 1), f"`{content[0]}` cannot begin a value here")
            return Scalar(start, scalars.plain(_without_comment(content))), index + 1
        end = start + begins.end
        index += 1
        if begins.comment >= 0:
            self._comment(start + begins.comment, start + len(content), content, begins.end)
        commented = begins.comment >= 0
        last = end
        while index < len(self.lines) and self.lines[index].indent > parent:
            line = self.lines[index]
            more = head(line.content)
            continued = _continuation(line.content)
            if commented or self._comment_between(last, line.start):
                self._problem(self._content(index), "this does not belong to what stands before it")
                if more.begins is Begins.KEY or more.begins is Begins.ITEM:
                    return Scalar(start, scalars.plain(self.text[start:end])), index
            elif more.begins is Begins.KEY or continued is None:
                self._misplaced_key(index, parent)
                if more.begins is Begins.KEY:
                    return Scalar(start, scalars.plain(self.text[start:end])), self._after_misplaced(index, parent)
            else:
                end = line.start + continued
                commented = continued < len(line.content)
                if commented:
                    self._comment_behind(line.start, line.content)
            last = line.start
            index += 1
        return Scalar(start, scalars.plain(self.text[start:end])), index

    def _comment_between(self, start: int, end: int) -> bool:
        """Whether a comment on a line of its own stands between two offsets: it ends a plain scalar."""
        return "#" in self.text[start:end] and any(start <= comment.start < end for comment in self.comments)

    def _misplaced_key(self, index: int, parent: int) -> None:
        message = "a key cannot stand below a value; it is indented too deeply, or the line above lacks its colon"
        del parent
        self._problem(self._content(index), message)

    def _after_misplaced(self, index: int, parent: int) -> int:
        """The misplaced key is given back to the mapping that it may belong to, without a second problem."""
        line = self.lines[index]
        self.lines[index] = Line(line.start, max(parent, 0), line.content)
        return index

    # -- the ends of lines ------------------------------------------------------------------------------------

    def _limit(self, index: int, parent: int) -> int:
        """Where a scalar or flow collection that opens on line `index` must have closed: the next outer entry or item."""
        for following in range(index + 1, len(self.lines)):
            line = self.lines[following]
            if line.indent <= parent and head(line.content).begins in (Begins.KEY, Begins.ITEM):
                return line.start
        return len(self.text)

    def _behind(self, end: int, index: int) -> int:
        """The first line behind `end`; what else stands on the line of `end` is a problem unless it is a comment."""
        line_end = self.all_lines.span(self.all_lines.place(end)[0]).end
        rest = self.text[end:line_end]
        bare = rest.lstrip(" \t")
        if bare.startswith("#"):
            self.comments.append(Span(line_end - len(bare), line_end - len(bare) + len(bare.rstrip())))
        elif bare.rstrip():
            self._problem(
                Span(line_end - len(bare), line_end - len(bare) + len(bare.rstrip())), "nothing may stand here"
            )
        following = self._line_at(end)
        if following - 1 > index:
            self.raw_regions.append(Span(self.lines[index + 1].start, end))
        return max(following, index + 1)

    def _comment(self, start: int, end: int, content: str, scalar_end: int) -> None:
        if "\t" in content[scalar_end : content.find("#", scalar_end)]:
            self._problem(Span(start - 1, start), "a tab cannot stand before a comment in YAML; use a space")
        self.comments.append(Span(start, end))

    def _comment_behind(self, start: int, content: str) -> None:
        found = _COMMENT.search(content)
        if found:
            self.comments.append(Span(start + found.end() - 1, start + len(content)))


def _document_mark(content: str) -> str:
    if content.startswith(("%YAML ", "%TAG ")):
        return "%"
    return content[:3] if content[:3] in ("---", "...") and content[3:4] in ("", " ", "\t") else ""


def _properties(raw: str) -> tuple[str, str]:
    """The anchor and the tag in front of a node."""
    words = raw.split()
    anchor = next((word[1:] for word in words if word[0] == "&"), "")
    return anchor, next((word for word in words if word[0] == "!"), "")


def _continuation(content: str) -> int | None:
    """How much of a line goes on with the plain scalar above; None where it cannot."""
    if content[0] == "#":
        return None
    found = scalars.PLAIN.match(content)
    end = found.end() if found else 0
    return end if _TO_COMMENT.match(content, end) else None


def _without_comment(content: str) -> str:
    found = _COMMENT.search(content)
    return content[: found.start()] if found else content


def _quote(start: int, content: str) -> Edit:
    raw = _without_comment(content).rstrip()
    mark = "'" if "'" not in raw else '"'
    return Edit(Span(start, start + len(raw)), mark + (raw if mark == "'" else raw.replace("\\", "\\\\")) + mark)
