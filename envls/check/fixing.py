"""What fixes do to a text and to other files, and a document after all that are wanted."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, takewhile
from pathlib import PurePath

from envls import text as texts
from envls import write
from envls.check.found import Found
from envls.check.judging import DEFAULT, check
from envls.config import Configuration
from envls.document import Document
from envls.encoding import UTF8
from envls.facts import Facts, FileAt
from envls.rules.rule import Fix
from envls.syntax import Mapping
from envls.text import Edit

PASSES = 10
_LONGEST_TRIED = 20_000
"""Characters of a file in which a fix is tried before it is offered: a file is read in a few milliseconds then."""


@dataclass(frozen=True)
class Changes:
    """What a fix does: the edits in each file, and the files it makes.

    With `confirm`, a phrase that says what they are, an editor that can shows them first.
    """

    edits: dict[PurePath, tuple[Edit, ...]] = field(default_factory=dict)
    created: dict[PurePath, str] = field(default_factory=dict)
    confirm: str = ""

    @property
    def empty(self) -> bool:
        return not any(self.edits.values()) and not self.created


def changes_of(fixes: Iterable[Fix], document: Document, facts: Facts) -> Changes:
    """The edits of `fixes` together; a fix that overlaps an earlier one, or cannot be made, is left for the next pass.

    So is one that would leave a file worse YAML than it was: what is broken, or repeated by an alias, is read as it was
    meant, which is not always what stands there.
    """
    fixes = list(fixes)
    changes = _together(fixes, document, facts)
    if not _is_worse(changes, document, facts):
        return changes
    half = len(fixes) // 2
    first = changes_of(fixes[:half], document, facts) if half else Changes()
    return first if not first.empty or not half else changes_of(fixes[half:], document, facts)


def _is_worse(changes: Changes, document: Document, facts: Facts) -> bool:
    """Whether a file that is broken, has anchors, or is one pair of brackets, would be worse YAML: in any other, a fix is right as it is."""
    for path, edits in changes.edits.items():
        there = document if path == document.path else facts.value(FileAt(path))
        if there is not None and _is_in_doubt(there) and len(there.text) <= _LONGEST_TRIED:
            try:
                after = there.with_text(texts.apply(there.text, edits))
            except ValueError:  # they are in each other's way
                return True
            if len(after.tree.problems) > len(there.tree.problems):
                return True
    return False


def _is_in_doubt(document: Document) -> bool:
    root = document.tree.root
    return bool(document.tree.problems) or "&" in document.text or (isinstance(root, Mapping) and root.flow)


def _together(fixes: Sequence[Fix], document: Document, facts: Facts) -> Changes:
    edits: dict[PurePath, list[Edit]] = {}
    created: dict[PurePath, str] = {}
    for fix in fixes:
        made = _edits_of(fix, document, facts)
        if made is None or any(
            _overlaps(edits.get(path, []), new) for path, all_ in made.edits.items() for new in all_
        ):
            continue
        for path, all_ in made.edits.items():
            there = edits.setdefault(path, [])
            for new in all_:
                at = bisect_left(there, new)
                if there[at : at + 1] != [new]:
                    there.insert(at, new)
        created.update(made.created)
    return Changes({path: tuple(all_) for path, all_ in edits.items()}, created)


def _edits_of(fix: Fix, document: Document, facts: Facts) -> Changes | None:
    by_file: dict[PurePath, list[write.Change]] = {}
    created: dict[PurePath, str] = {}
    for change in fix.changes:
        if isinstance(change, write.Create):
            created[change.path] = change.text
        elif not isinstance(change, write.SaveAsUtf8):
            by_file.setdefault(change.path or document.path, []).append(change)
    edits: dict[PurePath, tuple[Edit, ...]] = {}
    for path, changes in by_file.items():
        there = document if path == document.path else facts.value(FileAt(path))
        if there is None:
            return None
        try:
            edits[path] = tuple(write.edits(changes, there.text, there.tree))
        except ValueError:
            return None
    return Changes(edits, created)


def _overlaps(edits: list[Edit], new: Edit) -> bool:
    """Whether an edit is in the way of one of these, which are sorted; one of them may be the same."""
    at = bisect_left(edits, new)
    behind = takewhile(lambda one: one.span.start <= new.span.end, (edits[n] for n in range(at, len(edits))))
    return any(one != new and one.span.overlaps(new.span) for one in chain(edits[max(at - 1, 0) : at], behind))


def fixed(
    document: Document,
    facts: Facts,
    configuration: Configuration = DEFAULT,
    *,
    wanted: Callable[[Found, Fix], bool] = lambda _, fix: fix.safe,
) -> Document:
    """The document after the first wanted fix of every finding, until none is left.

    Fixes that reach into other files are not made here. Fixing twice is fixing once.
    """
    current = document
    for _ in range(PASSES):
        fixes = []
        for one in check(current, facts, configuration):
            chosen = next((fix for fix in one.finding.fixes if wanted(one, fix) and _stays(fix, document.path)), None)
            if chosen:
                fixes.append(chosen)
        edits = changes_of(fixes, current, facts).edits.get(document.path, ())
        encoded = any(isinstance(change, write.SaveAsUtf8) for fix in fixes for change in fix.changes)
        changed = current.with_text(texts.apply(current.text, edits), UTF8 if encoded else None)
        same = changed.text == current.text and changed.encoding == current.encoding
        if same or len(changed.tree.problems) > len(current.tree.problems):
            break
        current = changed
    return current


def _stays(fix: Fix, path: PurePath) -> bool:
    return all(not isinstance(change, write.Create) and change.path in (None, path) for change in fix.changes)
