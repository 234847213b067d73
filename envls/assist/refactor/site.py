"""Where somebody asks what can be done, and what is on offer there.

Only what stands where it seems to stand is given out: an item that an alias leads to is written elsewhere, and a change
of it would be seen there. What moves lines asks for `is_sound`: a text without mistakes of YAML, aliases or templates.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from envls import syntax
from envls.document import Document
from envls.facts import Facts
from envls.formats.conda.environment import Dependency, EnvironmentFile, PipSection
from envls.formats.conda.matchspec import MatchSpec
from envls.formats.conda.requirement import PipLine, normalised
from envls.rules.rule import Item
from envls.syntax import Alias, Mapping
from envls.text import Lines, Span
from envls.write import Add, Change

REWRITE = "refactor.rewrite"
EXTRACT = "refactor.extract"
INLINE = "refactor.inline"
MOVE = "refactor.move"
SORT = "source.sort.envls"
ADD_PIP = Add(("dependencies",), "pip", before="pip")
"""`pip` itself, which conda wants beside a `pip` section."""
_DASH = re.compile(r"-[ \t]+")


@dataclass(frozen=True)
class Offer:
    """Something on offer, with what makes its changes: made `later`, only for whoever chooses it. One that `creates` files
    is not for every editor."""

    title: str
    kind: str
    make: Callable[[], Sequence[Change]]
    later: bool = False
    creates: bool = False


def line_of(item: Item) -> MatchSpec | PipLine:
    return item.spec if isinstance(item, Dependency) else item.line


def meant_at(document: Document, file: EnvironmentFile, span: Span) -> Span:
    """What a cursor is about: what it is in, or else what stands alone on its line, of which it is at the dash or behind."""
    if span.start < span.end:
        return span
    line = document.lines.span(document.lines.place(span.start)[0])
    dependencies = file.key("dependencies")
    keys = (*file.pip_sections, *((dependencies,) if dependencies else ()))
    there = [item.span for item in file.packages_at(line)]
    there += [key.span for key in keys if line.start <= key.span.start <= line.end]
    there = [one for one in there if one.touches(span.start)] or there
    return there[0] if len(there) == 1 else span


@dataclass(frozen=True)
class Site:
    """A cursor or a selection in an environment file, with what is known of the world."""

    document: Document
    file: EnvironmentFile
    span: Span
    facts: Facts

    @property
    def text(self) -> str:
        return self.document.text

    @property
    def lines(self) -> Lines:
        return self.document.lines

    @cached_property
    def items(self) -> list[Item]:
        """The items that the cursor or the selection touches."""
        return [item for item in self.file.packages_at(self.span) if self.is_written_here(item)]

    @cached_property
    def on_dependencies(self) -> bool:
        """Whether the cursor is on the key above the conda list."""
        key = self.file.key("dependencies")
        return key is not None and key.span.touches(self.span.start)

    @cached_property
    def section(self) -> PipSection | None:
        """The `pip` section on whose key the cursor is."""
        return next((one for one in self.file.pip_sections if one.span.touches(self.span.start)), None)

    @cached_property
    def conda_list(self) -> syntax.Sequence | None:
        node = self.file.root.get("dependencies") if isinstance(self.file.root, Mapping) else None
        return node if isinstance(node, syntax.Sequence) else None

    @cached_property
    def is_sound(self) -> bool:
        """Whether lines can be moved: nothing is broken, filled in later, or written once for several places, or twice."""
        keys = [key.node.value for key in self.file.keys]
        if self.document.tree.problems or self.document.template or len(set(keys)) < len(keys):
            return False
        return "&" not in self.text or not any(isinstance(node, Alias) for node in syntax.walk(self.document.tree.root))

    def is_written_here(self, item: Item) -> bool:
        """Whether an item stands behind its dash, and not where an alias leads."""
        start = item.node.start
        return item.dash == start or _DASH.fullmatch(self.text, item.dash, start) is not None

    def is_one_line(self, item: Item) -> bool:
        """Whether an item is written on one line, so that what replaces it can be, too."""
        return not any(mark in item.node.text.raw for mark in "\r\n")

    def whole_list(self, what: str) -> Sequence[Item]:
        """All items of a list (`"conda"` or `"pip"`) that are written in it."""
        items: Sequence[Item] = self.file.dependencies if what == "conda" else self.file.requirements
        return [item for item in items if self.is_written_here(item)]

    def comments_in(self, span: Span) -> list[Span]:
        """The comments that begin in a span."""
        comments = self.document.tree.comments
        return list(comments[bisect_left(comments, (span.start,)) : bisect_left(comments, (span.end,))])

    def comment_behind(self, item: Item) -> str:
        """The comment behind an item on its last line, "" for none."""
        end = item.span.end
        line_end = self.lines.span(self.lines.place(max(end - 1, item.dash))[0]).end
        found = self.comments_in(Span(end, max(line_end, end)))
        return self.text[slice(*found[0])] if found else ""

    def comments_above(self, item: Item, name: str) -> list[int]:
        """The numbers of the comment lines right above an item, where they are about it."""
        first = number = self.lines_of(item)[0]
        while number > 0 and self.line(number - 1).lstrip().startswith("#"):
            number -= 1
        above = list(range(number, first))
        return above if self.is_about(above, name) else []

    def is_about(self, comments: Sequence[int], name: str) -> bool:
        """Whether comment lines above an item are about it alone: the first of them names it, normalised as it is."""
        told = normalised(self.line(comments[0])) if comments else ""
        return re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", told) is not None

    def line(self, number: int) -> str:
        """A line without its end."""
        return self.text[slice(*self.lines.span(number))]

    def is_bare(self, node: syntax.Sequence) -> bool:
        """Whether nothing but commas stands between the items of a list in brackets: comments there are in no tree."""
        ends = (*node.dashes[1:], node.span.end)
        between = (self.text[item.span.end : end] for item, end in zip(node.items, ends, strict=False))
        return not any("#" in text for text in between)

    def begins_line(self, offset: int) -> bool:
        """Whether nothing but blanks stands before `offset` on its line."""
        return not self.text[self.lines.starts[self.lines.place(offset)[0]] : offset].strip()

    def lines_of(self, item: Item) -> range:
        """The numbers of the lines that an item takes."""
        first = self.lines.place(item.dash)[0]
        return range(first, self.lines.place(max(item.span.end - 1, item.dash))[0] + 1)
