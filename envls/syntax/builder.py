"""Building the tree of the lines that fit, one after the other: what is open, and what each line adds to it.

Nothing here decides where a line belongs: `block` does, and `recovery` where that is not clear.
"""

from __future__ import annotations

from envls.syntax import values
from envls.syntax.frames import Open, unwritten
from envls.syntax.heads import PROPERTIES, Begins, Head, head
from envls.syntax.keys import Keys
from envls.syntax.lines import FORBIDDEN
from envls.syntax.page import Page
from envls.syntax.scalars import BLOCK_HEADER, plain
from envls.syntax.tree import Mapping, Node, Scalar, Sequence, Text
from envls.text import Edit, Span

DEPTH = 64


class Builder:
    """The collections that are open, the outermost first: that is the text itself, a list of one item at column -1."""

    def __init__(self, page: Page, keys: Keys) -> None:
        self.page, self.keys = page, keys
        self.stack = [Open(is_list=True, column=-1, start=0, waits=0)]

    def root(self) -> Node | None:
        self.close_to(1)
        if self.stack[0].value_tag or self.stack[0].value_anchor:
            self.fill_unwritten()
        items = self.stack[0].items
        return items[0] if items else None

    def close_to(self, keep: int) -> None:
        """Close all but the outermost `keep` collections."""
        stack = self.stack
        if len(stack) == keep:
            return
        closed = stack[keep:]
        while len(stack) > keep:
            self.fill_unwritten()
            node = stack.pop().node()
            self.fill(node)
        stack[-1].closed, stack[-1].closed_at = closed, len(stack[-1])

    def fill(self, node: Node) -> None:
        """Give what waits for a value this one."""
        top = self.stack[-1]
        if top.value_tag or top.value_anchor:
            node = _with_properties(node, top.value_tag, top.value_anchor)
            if top.value_anchor:
                self.page.anchors[top.value_anchor] = node
        top.fill(node)

    def fill_unwritten(self) -> None:
        """Let the innermost collection wait no longer."""
        if self.stack[-1].waits >= 0:
            self.fill(unwritten(self.stack[-1].waits))

    def enter(self, column: int, start: int, *, is_list: bool) -> Open | None:
        """The list or mapping at `column`: the innermost, or a new one that it waits for; None where that is too deep."""
        top = self.stack[-1]
        if top.column == column and top.is_list is is_list:
            self.fill_unwritten()
            return top
        if len(self.stack) > DEPTH:
            return None
        new = Open(is_list, column, start)
        self.stack.append(new)
        return new

    def take(self, index: int, start: int, column: int, content: str) -> int:
        """Read what begins with `content` on line `index`: a member of the innermost collection, or what that waits for.

        The index of the first line behind it.
        """
        while True:
            begins = head(content)
            if begins.begins is Begins.ITEM:
                top = self.enter(column, start, is_list=True)
                if top is None:
                    return self._too_deep(index, start)
                top.dashes.append(start)
                top.waits = start + 1
                if begins.value >= len(content):
                    self.page.comment_behind(start, content)
                    return index + 1
                self._no_tab(start + 1, start + begins.value, "dash", " ")
            elif begins.begins is Begins.KEY:
                top = self.enter(column, start, is_list=False)
                if top is None:
                    return self._too_deep(index, start)
                if not self._has_value(top, start, content, begins) or self._hides_list(index, start, content, begins):
                    return index + 1
            elif content[0] in "&!" and (found := PROPERTIES.match(content)):
                self._take_properties(start, found.group())
                if found.end() >= len(content) or content[found.end()] == "#":
                    self.page.comment_behind(start, content)
                    return index + 1
                begins = begins._replace(value=found.end())
                if head(content[found.end() :]).begins is Begins.ITEM:
                    self.page.problem(Span(start, start + 1), f"`{content[0]}` cannot begin a value here")
            else:
                node, index = values.read(self.page, index, start, content, self.stack[-1].column)
                self.fill(node)
                return index
            start, column, content = start + begins.value, column + begins.value, content[begins.value :]

    def _take_properties(self, start: int, written: str) -> None:
        top = self.stack[-1]
        top.value_anchor, top.value_tag = _properties(written)
        top.waits = start + len(written.rstrip())
        if top.value_anchor:
            self.page.anchors[top.value_anchor] = None  # what is still being read stands for nothing

    def _has_value(self, top: Open, start: int, content: str, begins: Head) -> bool:
        """Read a key; whether its value stands behind it."""
        anchor, tag = _properties(content[: begins.key_start]) if begins.key_start else ("", "")
        text = begins.text
        if FORBIDDEN in text.raw:
            word = text.raw.strip(FORBIDDEN)
            text = Text(text.raw, word, shift=text.raw.find(word))
        top.key = key = Scalar(start + begins.key_start, text, tag, anchor)
        value = begins.value
        if value >= len(content):
            self.page.comment_behind(start, content)
            top.waits = start + len(content) if content[-1] == ":" else key.span.end + 1
            return False
        top.waits = key.span.end + 1
        self._no_tab(key.span.end, start + value, "colon", ": ")
        inner, at = head(content[value:]), start + value
        if inner.begins is Begins.ITEM:
            self.page.problem(Span(at, at + 1), "a list begins on the line below its key")
            return inner.value < len(content) - value
        if inner.begins is Begins.KEY:
            colon = at + inner.key_start + len(inner.text.raw)
            message = "a second `:` on the line; put quotes round a value that contains one"
            fix = ("Put quotes round the value", values.quote(at, content[value:]))
            self.page.problem(Span(colon, colon + 1), message, fix)
            self.fill(Scalar(at, plain(content[value:])))
            return False
        return True

    def _hides_list(self, index: int, start: int, content: str, begins: Head) -> bool:
        """Whether a `|` or `>` makes a text of the list below a key that is known: nobody means that."""
        sign, at = content[begins.value], start + begins.value
        if sign not in "|>" or not self.keys.knows(begins.text.value) or index + 1 >= len(self.page.lines):
            return False
        following = head(self.page.lines[index + 1].content)
        if following.begins is not Begins.ITEM or not BLOCK_HEADER.match(content, begins.value):
            return False
        fix = (f"Remove `{sign}`", Edit(Span(at - 1, at + 1), ""))
        self.page.problem(Span(at, at + 1), f"`{sign}` makes one text of the list below it", fix)
        return True

    def _no_tab(self, start: int, end: int, behind: str, instead: str) -> None:
        if "\t" in self.page.text[start:end]:
            fix = ("Replace the tab by a space", Edit(Span(start, end), instead))
            message = f"a tab cannot stand behind a {behind} in YAML; use a space"
            self.page.problem(Span(start, end), message, fix)

    def _too_deep(self, index: int, start: int) -> int:
        """Nothing is read of what is nested too deeply."""
        lines, top = self.page.lines, self.stack[-1]
        self.page.problem(self.page.content(index), "nested too deeply to be read")
        self.fill(unwritten(start))
        index += 1
        while index < len(lines) and lines[index].indent > top.column:
            index += 1
        return index


def _properties(written: str) -> tuple[str, str]:
    """The anchor and the tag in front of a node."""
    words = written.split()
    anchor = next((word[1:] for word in words if word[0] == "&"), "")
    return anchor, next((word for word in words if word[0] == "!"), "")


def _with_properties(node: Node, tag: str, anchor: str) -> Node:
    if isinstance(node, Scalar):
        return node._replace(tag=tag, anchor=anchor)
    if isinstance(node, Sequence):
        return Sequence(node.span, node.items, node.dashes, node.flow, tag, anchor)
    if isinstance(node, Mapping):
        return Mapping(node.span, node.entries, node.flow, tag, anchor)
    return node
