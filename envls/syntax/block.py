"""Reading a YAML text line by line, by its indentation.

The law of this room: a broken line costs only that line. Structure is taken from the indentation of each line and from
how it begins. A line that fits nowhere is put where the lines behind it say (`recovery`); what is not closed ends where
the next line of an outer level begins (`values`). So a mistake stays where it stands, and a text that is half typed
reads as what it will be.
"""

from __future__ import annotations

from collections.abc import Collection

from envls.syntax import recovery, values
from envls.syntax.builder import Builder
from envls.syntax.frames import Open, fits
from envls.syntax.heads import head, single_word
from envls.syntax.keys import Keys
from envls.syntax.page import Page
from envls.syntax.tree import Problem, Scalar, Tree
from envls.text import Span

SIZE = 12_000_000
PATIENCE = 1000  # lines that fit nowhere and are asked about; each more says nothing


def parse(text: str, keys: Collection[str] = (), item_keys: Collection[str] = ()) -> Tree:
    """The tree of `text`. Never fails; what cannot be read is a problem in its place.

    `keys` are those that the text may have at its top, and `item_keys` those of an item in a list: a line that lacks
    its colon or its dash, or is broken before it, is read as the one of them that it begins like and that is not
    written elsewhere.
    """
    if len(text) > SIZE:
        return Tree(None, (Problem(Span(0, 0), f"longer than {SIZE:,} characters; too long to be read"),))
    page = Page(text)
    builder = Builder(page, Keys(page.lines, keys, item_keys))
    _read(builder)
    root = builder.root()
    return Tree(root, tuple(page.all_problems(root)), tuple(page.true_comments()))


def _read(builder: Builder) -> None:
    whole = values.broken_json(builder.page)
    if whole is not None:
        builder.fill(whole)
        return
    lines, stack = builder.page.lines, builder.stack
    index, count, patience, repaired = 0, len(lines), PATIENCE, -1
    while index < count:
        top = stack[-1]
        if top.is_list and top.waits < 0:
            index = _read_words(top, builder, index)
            if index >= count:
                break
        following = _read_line(builder, index)
        if following < 0 and patience > 0 and repaired != index:
            patience, repaired = patience - 1, index
            following = recovery.choose(builder, index).apply(builder, index)
        index = following if following >= 0 else recovery.pass_over(builder, index)


def _read_words(top: Open, builder: Builder, index: int) -> int:
    """Items of one word that follow one another in the list that is open: the common case."""
    lines, column = builder.page.lines, top.column
    items, dashes = top.items, top.dashes
    count = len(lines)
    while index < count:
        start, indent, content = lines[index]
        if indent != column:
            break
        word = single_word(content)
        if word is None:
            break
        items.append(Scalar(start + word[0], word[1]))
        dashes.append(start)
        index += 1
    return index


def _read_line(builder: Builder, index: int) -> int:
    """The line behind line `index` and what else its value consists of; -1 where the line fits nowhere."""
    start, indent, content = builder.page.lines[index]
    top = builder.stack[-1]
    keep = fits(builder.stack, top.waits >= 0, indent, head(content).begins)
    if keep:
        builder.close_to(keep)
        return builder.take(index, start, indent, content)
    if indent <= top.column or top.waits >= 0:
        return -1
    more = values.continued(builder.page, top.last, index, top.column)
    if more is None:
        return -1
    top.unfill()
    builder.fill(more[0])
    return more[1]
