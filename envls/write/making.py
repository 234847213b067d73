"""The edits that make several changes in one text together, so that none breaks another."""

from __future__ import annotations

import re
from collections.abc import Sequence as Many

from envls.syntax import Tree
from envls.text import Edit, Lines, Span
from envls.write.adding import addition, top_for
from envls.write.changes import Add, BreakItem, Change, Remove, Replace, SetKey
from envls.write.keys import new_keys
from envls.write.removing import in_one, removal
from envls.write.style import column_of


def edits(changes: Many[Change], text: str, tree: Tree) -> list[Edit]:
    """The edits that make `changes` in one text, of those that edit. Raises ValueError where one has no place."""
    lines = Lines(text)
    made: list[Edit] = []
    removed: list[Edit] = []
    added: dict[tuple[tuple[str, ...], str, int], list[Add]] = {}
    for change in changes:
        if isinstance(change, Replace):
            made.append(Edit(change.span, change.text))
        elif isinstance(change, Remove):
            removed.append(removal(change.at, text, lines, tree))
        elif isinstance(change, BreakItem):
            made.append(Edit(change.span, change.line_end + " " * column_of(change.at, lines) + "- "))
        elif isinstance(change, Add):
            top = top_for(change, tree)
            added.setdefault((change.route, change.before, top.span.start if top else 0), []).append(change)
    made += in_one(removed, text)
    insertions: dict[Span, str] = {}
    for edit in new_keys([change for change in changes if isinstance(change, SetKey)], text, lines, tree):
        insertions[edit.span] = insertions.get(edit.span, "") + edit.text
    for together in added.values():
        edit = addition(together, text, lines, tree)
        if edit.text.startswith(", ") and any(_was_alone(one, edit.span.start, text) for one in made):
            edit = Edit(edit.span, edit.text.removeprefix(", "))
        insertions[edit.span] = insertions.get(edit.span, "") + edit.text
    inserting = [_beside(Edit(span, inserted), made, text) for span, inserted in insertions.items()]
    return [*made, *inserting]


def _beside(inserted: Edit, made: list[Edit], text: str) -> Edit:
    """An insertion where nothing is removed; one within a removal takes its place in `made`.

    The last line of a text without a line end goes with the line break before it; what is added below that break stands
    there instead.
    """
    at = inserted.span.start
    around = next((edit for edit in made if not edit.text and edit.span.start < at < edit.span.end), None)
    if around is None:
        return inserted
    made.remove(around)
    return Edit(around.span, text[around.span.start : at] + inserted.text.rstrip("\r\n"))


def _was_alone(removed: Edit, at: int, text: str) -> bool:
    """Whether a removal leaves nothing of a list in brackets, of which the item before `at` is the last."""
    opening = re.search(r"\[\s*\Z", text[max(removed.span.start - 200, 0) : removed.span.start])
    return not removed.text and removed.span.end == at and opening is not None
