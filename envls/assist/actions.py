"""What can be done where the cursor or the selection is.

A quick fix mends a finding; what belongs to no finding is a refactoring and offered as such only, so that the
menu stays short. The edits of an action touch nothing but what its title says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from envls import target
from envls.assist.package_card import installed_package
from envls.check import Changes, Found, changes_of, check
from envls.config import Configuration
from envls.document import Document
from envls.facts import Facts, Installed, Package
from envls.formats.conda.environment import Dependency, EnvironmentFile, Requirement
from envls.rules.dependencies import NEVER_PINNED, pin
from envls.rules.rule import Fix
from envls.text import Edit, Span
from envls.url import redact

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
        offered += _refactorings(document, span, facts)
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
            yield Action(redact(fix.title), QUICK_FIX, changes, one, preferred=number == 0)
        if one.rule.name == "unpinned":
            yield from _pin_all(document, facts, one)


def _ignores(document: Document, span: Span, found: list[Found]) -> Iterator[Action]:
    """An ignore comment behind the line; one that is there gets the code too."""
    lines = document.lines
    for one in found:
        if not _here(one, span):
            continue
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


def _refactorings(document: Document, span: Span, facts: Facts) -> Iterator[Action]:
    content = document.content
    if not isinstance(content, EnvironmentFile):
        return
    items = [*content.dependencies, *content.requirements]
    for item in items:
        if item.span.start <= span.end and span.start <= item.span.end:
            for fix in _pins(item, facts):
                yield Action(fix.title, REFACTOR, changes_of((fix,), document, facts))
    if any(item.span.start <= span.end and span.start <= item.span.end for item in items):
        yield from _pin_all(document, facts, None)


def _pins(item: Dependency | Requirement, facts: Facts) -> Iterator[Fix]:
    """To the installed version and to the newest, where they are known and not what stands there."""
    current = item.spec.pinned if isinstance(item, Dependency) else item.line.pinned
    if not _can_pin(item):
        return
    there = _installed_version(item, facts)
    if there and there != current:
        yield pin(item, there, f"the installed ({item.within.name})")
    package = _package(item, facts)
    if package and package.newest and package.newest not in (current, there):
        yield pin(item, package.newest, "the newest")


def _can_pin(item: Dependency | Requirement) -> bool:
    if isinstance(item, Dependency):
        spec = item.spec
        return not (spec.problem or spec.archive or spec.fields or spec.brackets or "*" in spec.name or not spec.name)
    return item.line.kind == "requirement" and not item.line.problem and bool(item.line.name)


def _package(item: Dependency | Requirement, facts: Facts) -> Package | None:
    question = (
        target.conda_package(item, managed=bool(facts.managed))
        if isinstance(item, Dependency)
        else target.pip_package(item)
    )
    return facts.value(question) if question else None


def _installed_version(item: Dependency | Requirement, facts: Facts) -> str:
    if not item.within.name:
        return ""
    environment = facts.value(Installed(name=item.within.name))
    name = item.spec.name if isinstance(item, Dependency) else item.line.name
    there = installed_package(environment, name) if environment else None
    return there.version if there else ""


def _pin_all(document: Document, facts: Facts, found: Found | None) -> Iterator[Action]:
    """Pin every package that has no version: to what is installed where that is known, else to the newest."""
    content = document.content
    if not isinstance(content, EnvironmentFile):
        return
    unpinned = [item for item in (*content.dependencies, *content.requirements) if _is_bare(item) and _can_pin(item)]
    if len(unpinned) < 2:
        return
    kind = QUICK_FIX if found else REFACTOR
    for title, choose in (
        ("Pin all to the installed versions", _installed_version),
        ("Pin all to the newest versions", lambda item, known: getattr(_package(item, known), "newest", "")),
    ):
        pairs = [(item, choose(item, facts)) for item in unpinned]
        fixes = [pin(item, version, "") for item, version in pairs if version]
        if fixes:
            missing = len(unpinned) - len(fixes)
            shown = title + (f" ({missing} not known)" if missing else "")
            yield Action(shown, kind, changes_of(fixes, document, facts), found)


def _is_bare(item: Dependency | Requirement) -> bool:
    if isinstance(item, Dependency):
        return item.spec.version is None and item.spec.name not in NEVER_PINNED
    return item.line.version is None and item.line.name not in NEVER_PINNED


# -- everything at once ---------------------------------------------------------------------------------------


def fix_all(document: Document, facts: Facts, found: list[Found]) -> Iterator[Action]:
    """All safe fixes of the document together; only the first fix of a finding, and only if it is safe."""
    fixes = [one.finding.fixes[0] for one in found if one.finding.fixes and one.finding.fixes[0].safe]
    if fixes:
        yield Action("Fix all that is safe to fix (envls)", FIX_ALL, changes_of(fixes, document, facts))
