"""What changes in the files of a project when some of them get another name or place.

The law: afterwards each path leads to the file that it led to before, and nothing else is touched. A path that led
nowhere, or whose new form its style cannot say, stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from envls.assist.references import POINTING
from envls.assist.written import WrittenPath, is_gone, written_paths
from envls.check import Changes
from envls.document import Document, read
from envls.facts import Facts, ProjectFiles
from envls.formats.paths import join
from envls.runs import project_documents
from envls.text import Edit, apply

_PASSES = 3
"""A path may be relative to a folder that another path of the same text names; that one settles first."""


@dataclass(frozen=True, slots=True)
class Move:
    """A file or a folder, with all that is in it, gets another path."""

    old: PurePath
    new: PurePath

    def of(self, path: PurePath) -> PurePath:
        """Where something is afterwards."""
        return self.new / path.relative_to(self.old) if path == self.old or self.old in path.parents else path


def moved(moves: Sequence[Move], facts: Facts) -> Changes:
    """The edits, in the files as they are called before, that keep what they point to."""
    documents: dict[PurePath, Document] = {}
    # files of one folder are of one project: it is looked through once; what has no suffix may be a folder
    for old in {move.old.parent if move.old.suffix else move.old: move.old for move in moves}.values():
        for document in project_documents(_near(old, facts), facts, *POINTING):
            documents[document.path] = document
    edits: dict[PurePath, tuple[Edit, ...]] = {}
    for path, document in documents.items():
        made = _edits(document, moves, facts) if document.content is not None else ()
        if made:
            edits[path] = made
    return Changes(edits)


def _near(old: PurePath, facts: Facts) -> PurePath:
    """A file where the project is looked for: of a folder one that is in it, if there is one that is ours."""
    known = facts.value(ProjectFiles(old)) or ()
    return next((path for path in known if old in path.parents), old)


def _after(path: PurePath, moves: Sequence[Move]) -> PurePath:
    for move in moves:
        path = move.of(path)
    return path


def _edits(document: Document, moves: Sequence[Move], facts: Facts) -> tuple[Edit, ...]:
    """The edits in one document. What they must be is found by reading it where it will be, until every path is right."""
    before = written_paths(document)
    goes_to = _after(document.path, moves)
    wanted = [_wanted(path, moves, facts, goes_to != document.path) for path in before]
    if not any(wanted):
        return ()
    chosen: dict[int, str] = {}
    text = document.text
    for _ in range(_PASSES):
        there = written_paths(read(goes_to, text, document.told or document.format))
        if len(there) != len(before):
            return ()  # under its new name it is another kind of file
        new = _next(before, there, wanted)
        if not new:
            break
        chosen |= new
        edits = [before[index].edit(written) for index, written in chosen.items()]
        text = apply(document.text, {edit for edit in edits if edit})
    made = (
        before[index].edit(written) for index, written in sorted(chosen.items()) if written != before[index].written
    )
    return tuple(dict.fromkeys(edit for edit in made if edit))


def _wanted(path: WrittenPath, moves: Sequence[Move], facts: Facts, itself: bool) -> tuple[PurePath, int] | None:
    """Where a path must lead, and to which of its bases it is relative; None for one that is nobody's business.

    Of a document that stays (`itself` is false) only paths to what moves, or that begin there, are looked at.
    """
    touched = [target for target in path.targets if _after(target, moves) != target or _differ(target, moves)]
    if not touched and not itself and all(_after(base, moves) == base for base in path.bases):
        return None
    base = path.base_of(facts)
    if base is None:
        return None
    target = path.targets[base]
    if target not in touched and is_gone(target, facts):
        return None
    return _after(target, moves), base


def _differ(path: PurePath, moves: Sequence[Move]) -> bool:
    """Whether a path is written otherwise afterwards: where case does not matter, a name in another case is equal."""
    return str(_after(path, moves)) != str(path)


def _next(
    before: Sequence[WrittenPath], there: Sequence[WrittenPath], wanted: Sequence[tuple[PurePath, int] | None]
) -> dict[int, str]:
    """What must still be written otherwise, by the number of the path."""
    new: dict[int, str] = {}
    for index, (old, now, goal) in enumerate(zip(before, there, wanted, strict=True)):
        if goal is None:
            continue
        target, number = goal
        base = now.bases[number] if number < len(now.bases) else now.bases[0]
        stays = str(join(base, old.written + old.suffix)) == str(target)
        written = old.written if stays else now.rewritten(target, base, old.written)
        if written is not None and written != now.written:
            new[index] = written
    return new
