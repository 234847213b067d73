"""What can be done where the cursor or the selection is.

A quick fix mends a finding; what belongs to no finding is a refactoring and offered as such only, so that the
menu stays short. The edits of an action touch nothing but what its title says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from envls.check import NOT_YAML, Changes, Found, changes_of, check
from envls.config import Configuration
from envls.document import Document
from envls.facts import Facts
from envls.formats.conda.environment import Dependency, EnvironmentFile, Requirement
from envls.rules.dependencies import can_pin, installed_version, is_unpinned, newest_version, pin, pins
from envls.text import Edit, Span

QUICK_FIX = "quickfix"
REFACTOR = "refactor.rewrite"
FIX_ALL = "source.fixAll.envls"


@dataclass(frozen=True, slots=True)
class Action:
    """Something on offer. `found` is the finding that it mends; `preferred` marks the one right answer to it."""

    title: str
    kind: str
    changes: Changes
    found: Found | None = None
    preferred: bool = False


def actions(
    document: Document, span: Span, facts: Facts, configuration: Configuration, kinds: tuple[str, ...] = ()
) -> list[Action]:
    """What is on offer at `span`; `kinds` limits it to kinds that begin so (as the protocol has it)."""
    if document.content is None:
        return []
    offered: list[Action] = []
    found = check(document, facts, configuration)
    if _wanted(QUICK_FIX, kinds):
        offered += _quick_fixes(document, span, facts, found)
        offered += _ignores(document, span, found)
    if _wanted(REFACTOR, kinds):
        offered += _refactorings(document, span, facts, {action.title for action in offered})
    if any(FIX_ALL.startswith(kind) and kind.startswith("source") for kind in kinds):
        offered += fix_all(document, facts, found)
    return [action for action in offered if not action.changes.empty]


def _wanted(kind: str, kinds: tuple[str, ...]) -> bool:
    return not kinds or any(kind == wanted or kind.startswith(wanted + ".") or not wanted for wanted in kinds)


def _here(one: Found, span: Span) -> bool:
    there = one.finding.span
    return there.start <= span.end and span.start <= there.end


def _quick_fixes(document: Document, span: Span, facts: Facts, found: list[Found]) -> Iterator[Action]:
    for one in found:
        if not _here(one, span):
            continue
        for number, fix in enumerate(one.finding.fixes):
            changes = changes_of((fix,), document, facts)
            yield Action(fix.title, QUICK_FIX, changes, one, preferred=number == 0 and (fix.safe or fix.sure))
        if one.rule.name == "unpinned":
            yield from _pin_all(document, facts, one)


def _ignores(document: Document, span: Span, found: list[Found]) -> Iterator[Action]:
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
        yield Action(f"Ignore {one.rule.code} here", QUICK_FIX, Changes({document.path: (edit,)}), one)


# -- pinning --------------------------------------------------------------------------------------------------


def _refactorings(document: Document, span: Span, facts: Facts, offered: set[str]) -> Iterator[Action]:
    """Pins for what is selected; what a quick fix offers already is left out."""
    content = document.content
    if not isinstance(content, EnvironmentFile):
        return
    items: list[Dependency | Requirement] = [*content.dependencies, *content.requirements]
    selected = [item for item in items if item.span.start <= span.end and span.start <= item.span.end]
    for item in selected:
        for fix in pins(item, facts):
            if fix.title not in offered:
                yield Action(fix.title, REFACTOR, changes_of((fix,), document, facts))
    if selected:
        yield from (action for action in _pin_all(document, facts, None) if action.title not in offered)


def _pin_all(document: Document, facts: Facts, found: Found | None) -> Iterator[Action]:
    """Pin every package that has no version: to what is installed where that is known, or to the newest."""
    content = document.content
    if not isinstance(content, EnvironmentFile):
        return
    items: list[Dependency | Requirement] = [*content.dependencies, *content.requirements]
    bare = [item for item in items if is_unpinned(item) and can_pin(item)]
    if len(bare) < 2:
        return
    kind = QUICK_FIX if found else REFACTOR
    choices = (
        ("Pin all to the installed versions", installed_version),
        ("Pin all to the newest versions", newest_version),
    )
    for title, choose in choices:
        known = [(item, version) for item in bare if (version := choose(item, facts))]
        if known:
            missing = len(bare) - len(known)
            shown = title + (f" ({missing} not known)" if missing else "")
            fixes = [pin(item, version, "") for item, version in known]
            yield Action(shown, kind, changes_of(fixes, document, facts), found)


# -- everything at once ---------------------------------------------------------------------------------------


def fix_all(document: Document, facts: Facts, found: list[Found]) -> Iterator[Action]:
    """All safe fixes of the document together; only the first fix of a finding, and only if it is safe."""
    fixes = [one.finding.fixes[0] for one in found if one.finding.fixes and one.finding.fixes[0].safe]
    if fixes:
        yield Action("Fix all that is safe to fix (envls)", FIX_ALL, changes_of(fixes, document, facts))
