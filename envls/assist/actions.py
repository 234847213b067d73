"""What can be done where the cursor or the selection is.

A quick fix mends a finding; what belongs to no finding is a refactoring and offered as such only, so that the
menu stays short. The edits of an action touch nothing but what its title says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from envls import target
from envls.assist import pin_and_update
from envls.check import NOT_YAML, Changes, Found, changes_of, check
from envls.config import Configuration
from envls.document import Document
from envls.facts import Facts
from envls.formats.conda.environment import EnvironmentFile
from envls.text import Edit, Span

QUICK_FIX = "quickfix"
REFACTOR = "refactor.rewrite"
FIX_ALL = "source.fixAll.envls"


@dataclass(frozen=True)
class Action:
    """Something on offer. `found` is the finding that it mends; `preferred` marks the one right answer to it.

    With `later` it may change so much that `changes` are made only for whoever wants them; there are some.
    """

    title: str
    kind: str
    make: Callable[[], Changes]
    found: Found | None = None
    preferred: bool = False
    later: bool = False

    @cached_property
    def changes(self) -> Changes:
        return self.make()


def actions(
    document: Document,
    span: Span,
    facts: Facts,
    configuration: Configuration,
    kinds: tuple[str, ...] = (),
    found: Sequence[Found] | None = None,
) -> list[Action]:
    """What is on offer at `span`; `kinds` limits it to kinds that begin so (as the protocol has it).

    `found` is what is known to be wrong with the document; without it that is found out here.
    """
    if document.content is None:
        return []
    offered: list[Action] = []
    if found is None:
        found = check(document, facts, configuration)
    elif isinstance(document.content, EnvironmentFile):
        facts.managed, facts.platform = target.is_managed(document, facts), configuration.platform
    if _wanted(QUICK_FIX, kinds):
        offered += _quick_fixes(document, span, facts, found)
        offered += _ignores(document, span, found)
    if _wanted(REFACTOR, kinds):
        offered += _refactorings(document, span, facts, {action.title for action in offered})
    if any(FIX_ALL.startswith(kind) and kind.startswith("source") for kind in kinds):
        offered += fix_all(document, facts, found)
    return [action for action in offered if action.later or not action.changes.empty]


def _wanted(kind: str, kinds: tuple[str, ...]) -> bool:
    return not kinds or any(kind == wanted or kind.startswith(wanted + ".") or not wanted for wanted in kinds)


def _here(one: Found, span: Span) -> bool:
    there = one.finding.span
    return there.start <= span.end and span.start <= there.end


def _quick_fixes(document: Document, span: Span, facts: Facts, found: Sequence[Found]) -> Iterator[Action]:
    for one in found:
        if not _here(one, span):
            continue
        for number, fix in enumerate(one.finding.fixes):
            make = partial(changes_of, (fix,), document, facts)
            yield Action(fix.title, QUICK_FIX, make, one, preferred=number == 0 and (fix.safe or fix.sure))
        if one.rule.name == "unpinned" and isinstance(document.content, EnvironmentFile):
            for offer in pin_and_update.pins_of_bare(document.content, facts):
                yield _later(offer, QUICK_FIX, document, facts, one)


def _later(
    offer: pin_and_update.Offer, kind: str, document: Document, facts: Facts, found: Found | None = None
) -> Action:
    title, fixes = offer
    return Action(title, kind, lambda: changes_of(fixes(), document, facts), found, later=True)


def _ignores(document: Document, span: Span, found: Sequence[Found]) -> Iterator[Action]:
    """An ignore comment behind the line; one that is there gets the code too."""
    lines = document.lines
    for one in found:
        if not _here(one, span) or one.rule.name in NOT_YAML:
            continue  # what is no YAML may have no place for a comment
        line = lines.span(lines.place(one.finding.span.start)[0])
        text = document.text[line.start : line.end]
        comment = next((c for c in document.tree.comments if line.start <= c.start < line.end), None)
        if comment is None and ("|" in text or ">" in text) and text.rstrip().endswith(("|", ">", "|-", ">-")):
            continue
        at = line.start + len(text.rstrip())
        if comment is None:
            edit = Edit(Span(at, at), f"  # envls: ignore {one.rule.code}")
        elif "envls: ignore" in document.text[comment.start : comment.end]:
            edit = Edit(Span(comment.end, comment.end), f" {one.rule.code}")
        else:
            edit = Edit(Span(comment.start, comment.start), f"# envls: ignore {one.rule.code} ")
        ignored = Changes({document.path: (edit,)})
        yield Action(f"Ignore {one.rule.code} here", QUICK_FIX, partial(_same, ignored), one)


def _same(changes: Changes) -> Changes:
    return changes


# -- versions -------------------------------------------------------------------------------------------------


def _refactorings(document: Document, span: Span, facts: Facts, offered: set[str]) -> Iterator[Action]:
    """What can be done about versions: of the item under the cursor, of those that a selection touches, or of all, where
    the cursor is on the key above them. What a quick fix offers already is left out."""
    file = document.content
    if not isinstance(file, EnvironmentFile):
        return
    items = file.packages_at(span)
    if len(items) > 1:
        offers = pin_and_update.for_all(items, facts, whose="the selected")
    elif items:
        for fix in pin_and_update.for_one(items[0], facts):
            if fix.title not in offered:
                yield Action(fix.title, REFACTOR, partial(changes_of, (fix,), document, facts))
        offers = pin_and_update.updates_of_all(file.packages, facts)
    elif _on_head(file, span):
        offers = pin_and_update.for_all(file.packages, facts)
    else:
        return
    for offer in offers:
        yield _later(offer, REFACTOR, document, facts)


def _on_head(file: EnvironmentFile, span: Span) -> bool:
    """Whether the cursor is on the key above a list of packages."""
    heads = [key.span for key in file.keys if key.node.value == "dependencies"]
    heads += [section.span for section in file.pip_sections]
    return any(head.touches(span.start) for head in heads)


# -- everything at once ---------------------------------------------------------------------------------------


def fix_all(document: Document, facts: Facts, found: Sequence[Found]) -> Iterator[Action]:
    """All safe fixes of the document together; only the first fix of a finding, and only if it is safe."""
    fixes = [one.finding.fixes[0] for one in found if one.finding.fixes and one.finding.fixes[0].safe]
    if fixes:
        yield Action("Fix all that is safe to fix (envls)", FIX_ALL, partial(changes_of, fixes, document, facts))
