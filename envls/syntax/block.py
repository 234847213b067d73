"""Reading a YAML text line by line, by its indentation.

The law of this room: a broken line costs only that line. Structure is taken from the indentation of each line
and from how it begins; a scalar or a flow collection that is not closed ends where the next line of an outer
level begins. So a mistake stays where it stands, and a text that is half typed reads as what it will be.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator
from itertools import islice

from envls.syntax import flow, scalars
from envls.syntax.heads import COMMENT, PROPERTIES, Begins, Head, head, single_word
from envls.syntax.lines import SHOWN, Line, content_lines, printable
from envls.syntax.neighbours import Neighbours, key_of
from envls.syntax.tree import EMPTY, Alias, Entry, Mapping, Node, Problem, Scalar, Sequence, Tree, walk
from envls.text import Edit, Lines, Span

SIZE = 12_000_000
DEPTH = 64
_GLUED_DASH = re.compile(r"-(?!-)[^ \t](?![ \t])")  # `-e .` is what pip reads, and lacks its dash
_GLUED_VALUE = re.compile(r"([A-Za-z_]+):(?=[^ \t:/])")
_BROKEN = "[]{},\"'>|&*!%@`: \t"  # what a key can be broken with
_BEHIND = re.compile(r"[ \t]*(?:[:\r\n#]|$)")
_BLANKS_AT_END = re.compile(r"(?<![ \t])[ \t]+(?=[\r\n]|\Z)")
_TO_COMMENT = re.compile(r"[ \t]*(?:#|$)")


def parse(text: str, keys: Collection[str] = (), item_keys: Collection[str] = ()) -> Tree:
    """The tree of `text`. Never fails; what cannot be read is a problem in its place.

    A word alone on a line that is followed by a list may lack its colon or its dash. It lacks its colon where it is
    one of `keys` (in a list: of `item_keys`) or the beginning of one, and that key is not written elsewhere.
    """
    if len(text) > SIZE:
        return Tree(None, (Problem(Span(0, 0), f"longer than {SIZE:,} characters; too long to be read"),))
    return _Reader(text, keys, item_keys).tree()


class _Reader:
    def __init__(self, text: str, keys: Collection[str], item_keys: Collection[str]) -> None:
        self.text, self.problems = printable(text)
        self.all_lines = Lines(self.text)
        self.lines, self.comments = content_lines(self.text, self.all_lines, self.problems)
        self.starts = [line.start for line in self.lines]
        self.own_lines = [comment.start for comment in self.comments]
        self.near = Neighbours(self.text, self.lines, keys, item_keys)
        self.anchors: dict[str, Node | None] = {}
        self.depth = 0
        self.raw_regions: list[Span] = []
        self.misplaced: set[int] = set()

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
        comments = tuple(self._true_comments())
        if "\t" in self.text:
            self.problems += self._tabs_at_line_ends(root, comments)
        problems = sorted(self.problems, key=lambda problem: problem.span)
        return Tree(root, tuple(problems), comments)

    def _tabs_at_line_ends(self, root: Node | None, comments: tuple[Span, ...]) -> Iterator[Problem]:
        """What nobody sees: conda's reader and PyYAML refuse a tab there, but in a scalar of several lines or a comment."""
        quoted = [node.span for node in walk(root) if isinstance(node, Scalar) and "\n" in node.text.raw]
        regions = (*self.raw_regions, *(span for span in quoted if self.text[span.start] in "\"'"))
        ends = {comment.end for comment in comments}
        blanks = (Span(*found.span()) for found in _BLANKS_AT_END.finditer(self.text) if "\t" in found.group())
        there = (
            span
            for span in blanks
            if span.start not in ends and not any(one.start <= span.start < one.end for one in regions)
        )
        for span in islice(there, SHOWN):
            yield Problem(span, "a tab cannot stand at the end of a line in YAML", ("Remove the tab", Edit(span, "")))

    def _true_comments(self) -> Iterator[Span]:
        """The comments in their order, without what only looks like one inside a scalar of several lines."""
        regions = iter(sorted(self.raw_regions))
        region = next(regions, None)
        for comment in sorted(self.comments):
            while region and region.end <= comment.start:
                region = next(regions, None)
            if region is None or comment.start < region.start:
                yield comment

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
            if first.begins is Begins.PLAIN and self.near.has_items(1, outer):
                begins.add(Begins.KEY)
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
        if begins is Begins.PLAIN and self.near.goes_on_with_key(index + 1, column):
            return self._mapping(index, start, column, content, parent)  # its first key lacks its colon
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
            if line.indent <= parent and index + 1 < len(self.lines):
                column = self.lines[index + 1].indent
                if (
                    column > line.indent
                    and column >= parent + (not items_beside)
                    and self.near.stands_alone(index, column)
                ):
                    self._misplaced(index, column)
                    return self._sequence(index, line.start, column, line.content, parent)
            if line.indent > parent and not self.near.lacks_dash(index):
                return self._node(index, line.start, line.indent, line.content, parent)
            if line.indent > parent or (
                items_beside
                and line.indent == parent
                and (head(line.content).begins is Begins.ITEM or self.near.lacks_dash(index))
            ):
                return self._sequence(index, line.start, line.indent, line.content, parent)
        return Scalar(end, EMPTY), index

    def _sequence(self, index: int, start: int, column: int, content: str, parent: int) -> tuple[Node, int]:
        items: list[Node] = []
        dashes: list[int] = []
        first, count = start, len(self.lines)
        lines = self.lines
        indent = column
        first_index = index
        while True:
            dashes.append(start)
            word = single_word(content)
            if word is not None and (index + 1 == count or lines[index + 1][1] <= indent):
                items.append(Scalar(start + word[0], word[1]))
                index += 1
            else:
                line_head = head(content)
                if line_head.begins is Begins.ITEM:
                    node, index = self._item(index, start, indent, content, line_head.value)
                else:
                    node, index = self._not_an_item(index, column)
                if index < count and lines[index].indent > indent and lines[index - 1].start == start:
                    node, index = self._with_items_below(node, index, indent)
                items.append(node)
            if index >= count:
                break
            start, indent, content = lines[index]
            if indent == column:
                if content[0] == "-" and content[1:2] == " ":
                    continue
                begins = head(content).begins
                is_outer = begins is not Begins.ITEM and (column == parent or self.near.is_outer_key(index, begins))
                if is_outer and not self.near.lacks_dash(index) and not _GLUED_DASH.match(content):
                    break
            elif (indent <= parent or indent < column) and self.near.stands_alone(index, column):
                self._misplaced(index, column)
                indent = column
            elif indent <= parent or (indent < column and head(content).begins is not Begins.ITEM):
                break
            elif head(content).begins is Begins.ITEM:
                if len(items) == 1 and lines[first_index].start == first and self.near.is_first_alone(index, column):
                    self._misplaced(first_index, indent)
                    column = indent
                else:
                    self._misplaced(index, column)
                    indent = column  # and read as if it stood there
        end = max(items[-1].span.end, dashes[-1] + 1)
        return Sequence(Span(first, end), tuple(items), tuple(dashes)), index

    def _with_items_below(self, node: Node, index: int, column: int) -> tuple[Node, int]:
        """An item with items below it is a key that lacks its colon, or is broken before it."""
        line = self.lines[index - 1]
        below = self.lines[index]
        if head(below.content).begins is not Begins.ITEM or below.indent < column + 2 or key_of(below):
            return node, index
        written = _without_comment(line.content)[1:].strip()
        word = written.strip(_BROKEN)
        if not word or not (written.endswith(":") or self.near.may_be(self.near.item_keys, written)):
            return node, index
        start = line.start + line.content.index(word, 1)
        end = start + len(word)
        if not written.endswith(":"):
            self._problem(Span(start, end), "a key ends with `:`", ("Insert the colon", Edit(Span(end, end), ":")))
        value, index = self._below(index, end, column)
        return Mapping(Span(start, value.span.end), (Entry(Scalar(start, scalars.plain(word)), value),)), index

    def _item(self, index: int, start: int, column: int, content: str, value: int) -> tuple[Node, int]:
        if value >= len(content):
            self._comment_behind(start, content)
            return self._below(index + 1, start + 1, column)
        if "\t" in content[:value]:
            fix = ("Replace the tab by a space", Edit(Span(start + 1, start + value), " "))
            self._problem(Span(start + 1, start + value), "a tab cannot stand behind a dash in YAML; use a space", fix)
        return self._node(index, start + value, column + value, content[value:], column)

    def _not_an_item(self, index: int, column: int) -> tuple[Node, int]:
        """A line at the level of the items that has no dash: it is read as if it had one."""
        line = self.lines[index]
        if _GLUED_DASH.match(line.content):
            fix = ("Insert the blank", Edit(Span(line.start + 1, line.start + 1), " "))
            self._problem(self._content(index), "an item of a list begins with `- `", fix)
            return self._node(index, line.start + 1, line.indent + 1, line.content[1:], max(column, line.indent))
        fix = ("Insert the dash", Edit(Span(line.start, line.start), "- "))
        self._problem(self._content(index), "an item of a list begins with `- `", fix)
        node, following = self._node(index, line.start, line.indent + 2, line.content, max(column, line.indent))
        return node, max(following, index + 1)

    def _misplaced(self, index: int, column: int) -> None:
        line = self.lines[index]
        if line.start in self.misplaced:
            return
        self.misplaced.add(line.start)
        line_start = self.text.rfind("\n", 0, line.start) + 1
        fix = ("Indent like its neighbours", Edit(Span(line_start, line.start), " " * column))
        self._problem(self._content(index), "indented differently from its neighbours", fix)

    def _mapping(self, index: int, start: int, column: int, content: str, parent: int) -> tuple[Node, int]:
        entries: list[Entry] = []
        first, count = start, len(self.lines)
        first_index, indent = index, column
        while True:
            begins = head(content)
            if begins.begins is Begins.KEY:
                entry, index = self._entry(index, start, indent, content, begins)
                entries.append(entry)
            elif begins.begins is Begins.ITEM and entries and _takes_items(entries[-1].value):
                index = self._append_items(index, entries)
            else:
                index = self._not_an_entry(index, start, column, content, entries)
            if index >= count:
                break
            start, indent, content = self.lines[index]
            if indent == column:
                continue
            if indent <= parent:
                break
            if head(content).begins is Begins.KEY:
                if (
                    len(entries) == 1
                    and self.lines[first_index].start == first
                    and self.near.next_indent(index) == indent
                ):
                    self._misplaced(first_index, indent)  # it is the first one that stands alone
                    column = indent
                else:
                    self._misplaced(index, column)
                    indent = column  # and read as if it stood there
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
        line = self.lines[index]
        following = self.near.next_indent(index)
        self._misplaced(index, self._column(last) if isinstance(last, Sequence) else max(following, line.indent))
        more, index = self._sequence(index, line.start, line.indent, line.content, line.indent)
        assert isinstance(more, Sequence)
        if not isinstance(last, Sequence):
            entries[-1] = Entry(entries[-1].key, more)
            return index
        span = Span(last.span.start, more.span.end)
        entries[-1] = Entry(entries[-1].key, Sequence(span, last.items + more.items, last.dashes + more.dashes))
        return index

    def _not_an_entry(self, index: int, start: int, column: int, content: str, entries: list[Entry]) -> int:
        """A line among keys that is none; with something below it, it is read as a key that lacks its colon."""
        if content[0] == "?" and content[1:2] in ("", " "):
            return index + 1  # a complex key: legal, and nothing that these files use
        begins = head(content)
        if entries and entries[-1].key.value in self.near.item_keys and _takes_items(entries[-1].value):
            return self._item_without_dash(index, column, entries)
        if begins.begins is Begins.PLAIN and (glued := _GLUED_VALUE.match(content)) and glued[1] in self.near.keys:
            at = start + len(glued[1]) + 1
            self._problem(
                self._content(index), "a blank follows the colon", ("Insert the blank", Edit(Span(at, at), " "))
            )
            value = content[len(glued[1]) + 1 :]
            node, index = self._node(index, at, column + len(glued[1]) + 1, value, column)
            entries.append(Entry(Scalar(start, scalars.plain(glued[1])), node))
            return index
        if begins.begins is Begins.PLAIN and self.near.has_items(index + 1, column):
            end = start + begins.end
            self._problem(Span(start, end), "a key ends with `:`", ("Insert the colon", Edit(Span(end, end), ":")))
            node, index = self._below(index + 1, end, column, items_beside=True)
            entries.append(Entry(Scalar(start, begins.text), node))
            return index
        message = (
            "a list item cannot stand among keys" if head(content).begins is Begins.ITEM else "a key ends with `:`"
        )
        self._problem(self._content(index), message)
        return index + 1

    def _item_without_dash(self, index: int, column: int, entries: list[Entry]) -> int:
        """A line among keys that follows one that holds a list: it is read as an item of that list."""
        last, start = entries[-1], self.lines[index].start
        node, index = self._not_an_item(index, column)
        items, dashes = (last.value.items, last.value.dashes) if isinstance(last.value, Sequence) else ((), ())
        span = Span(dashes[0] if dashes else start, node.span.end)
        entries[-1] = Entry(last.key, Sequence(span, (*items, node), (*dashes, start)))
        return index

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
            if self.near.has_items(index + 1, column) or self.near.has_keys(index + 1, column):
                node, index = self._below(index + 1, at, column, items_beside=True)
                return Entry(key, node), index
            return Entry(key, Scalar(at, scalars.plain(rest))), self.near.skip_deeper(index + 1, column)
        node, index = self._inline(index, at, rest, column, items_beside=True)
        return Entry(key, node), index

    # -- values -----------------------------------------------------------------------------------------------

    def _inline(
        self, index: int, start: int, content: str, parent: int, *, items_beside: bool = False
    ) -> tuple[Node, int]:
        """A scalar, a flow collection or an alias that begins at `start` on line `index`."""
        first = content[0]
        if first in "&!":
            return self._with_properties(index, start, content, parent, items_beside=items_beside)
        if first in "[{":
            limit = self._limit(index, parent, items_end_it=True)
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

    def _with_properties(
        self, index: int, start: int, content: str, parent: int, *, items_beside: bool
    ) -> tuple[Node, int]:
        found = PROPERTIES.match(content)
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
            node, index = self._below(index + 1, start + len(content[:end].rstrip()), parent, items_beside=items_beside)
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
        if not found or ("\n" in found.group() and not _BEHIND.match(self.text, found.end())):
            # what would close it on another line opens the next one there
            self._problem(Span(start, start + 1), f"`{content[0]}` is not closed")
            return Scalar(start, scalars.quoted(content)), index + 1
        raw = found.group()
        if raw[0] == '"' and "\\" in raw and (bad := scalars.bad_escape(raw)) >= 0:
            plain = scalars.with_plain_backslashes(raw)
            fix = ("Write every backslash twice", Edit(Span(start, start + len(raw)), plain)) if plain else None
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
            if more.begins is Begins.ITEM:
                break  # YAML would take it for text; whoever wrote a dash meant an item, and is told so
            continued = _continuation(line.content)
            if commented or self._comment_between(last, line.start):
                self._problem(self._content(index), "this does not belong to what stands before it")
                if more.begins is Begins.KEY:
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
        at = bisect_left(self.own_lines, start)
        return at < len(self.own_lines) and self.own_lines[at] < end

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

    def _limit(self, index: int, parent: int, *, items_end_it: bool = False) -> int:
        """Where a scalar or flow collection that opens on line `index` must have closed: the next outer entry or item.

        A dash has no place in a flow collection, so there any item will do.
        """
        for following in range(index + 1, len(self.lines)):
            line = self.lines[following]
            begins = head(line.content).begins
            if line.indent <= parent and begins in (Begins.KEY, Begins.ITEM):
                return line.start
            if items_end_it and begins is Begins.ITEM:
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
            blank = Span(start - 1, start)
            fix = ("Replace the tab by a space", Edit(blank, " "))
            self._problem(blank, "a tab cannot stand before a comment in YAML; use a space", fix)
        self.comments.append(Span(start, end))

    def _comment_behind(self, start: int, content: str) -> None:
        found = COMMENT.search(content)
        if found:
            self.comments.append(Span(start + found.end() - 1, start + len(content)))


def _takes_items(node: Node) -> bool:
    """Whether a value is a list, or not written yet."""
    return isinstance(node, Sequence) or (isinstance(node, Scalar) and not node.text.raw)


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
    found = COMMENT.search(content)
    return content[: found.start()] if found else content


def _quote(start: int, content: str) -> Edit:
    raw = _without_comment(content).rstrip()
    mark = "'" if "'" not in raw else '"'
    return Edit(Span(start, start + len(raw)), mark + (raw if mark == "'" else raw.replace("\\", "\\\\")) + mark)
