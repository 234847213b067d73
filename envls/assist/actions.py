"""What can be done where the cursor or the selection is.

A quick fix mends a finding; what belongs to no finding is a refactoring and offered as such only, so that the
menu stays short. The edits of an action touch nothing but what its title says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain, islice, pairwise
from pathlib import PurePath

from envls import target
from envls.assist import migration, pin_and_update
from envls.assist.delta import counterparts
from envls.assist.ignores import ignores
from envls.assist.refactor import export, refactorings, source_actions
from envls.assist.refactor.site import EXTRACT, INLINE, MOVE, SORT, Offer, Site, meant_at
from envls.assist.refactor.site import REWRITE as REFACTOR
from envls.check import Changes, Found, changes_of, check
from envls.config import Configuration
from envls.document import Document
from envls.facts import Facts
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.paths import relative
from envls.rules.rule import Fix
from envls.text import Span

QUICK_FIX = "quickfix"
FIX_ALL = "source.fixAll.envls"
COMPARE = "refactor"
_REFACTORINGS = (REFACTOR, EXTRACT, INLINE, MOVE)
_MOST_MENDED = 30
"""Findings in a selection that a menu has quick fixes for: nobody reads on, and each fix is tried first."""


@dataclass(frozen=True)
class Action:
    """Something on offer. `found` is the finding that it mends; `preferred` marks the one right answer to it.

    With `later` it may change so much that `changes` are made only for whoever wants them; there are some. One that
    `creates` files is not for every editor, nor one that changes nothing and shows the file `beside` this one.
    """

    title: str
    kind: str
    make: Callable[[], Changes]
    found: Found | None = None
    preferred: bool = False
    later: bool = False
    creates: bool = False
    beside: PurePath | None = None

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
    *,
    automatic: bool = False,
) -> list[Action]:
    """What is on offer at `span`; `kinds` limits it to kinds that begin so (as the protocol has it).

    `found` is what is known to be wrong with the document; without it that is found out here. With `automatic` nobody has
    asked: the editor looks whether to show a light bulb, and what concerns the whole file is no reason for one.
    """
    if document.content is None:
        return []
    file = document.content if isinstance(document.content, EnvironmentFile) else None
    if found is None:
        found = check(document, facts, configuration)
    elif file is not None:
        facts.managed, facts.platform = target.is_managed(document, facts), configuration.platform
    meant = span
    if file is not None and not any(one.finding.span.meets(span) for one in found):
        meant = meant_at(document, file, span)
    offered: list[Action] = []
    if _wanted(QUICK_FIX, kinds):
        offered += _quick_fixes(document, meant, facts, found)
        offered += _ignores(document, meant, found)
    if file is not None and any(_wanted(kind, kinds) for kind in _REFACTORINGS):
        cursor = span if meant.touches(span.start) else Span(meant.start, meant.start)
        offered += _refactorings(Site(document, file, cursor, facts), tuple(offered), kinds)
    if not automatic:
        offered += _between_files(document, facts, tuple(offered), kinds)
    if _wanted_source(FIX_ALL, kinds):
        offered += fix_all(document, facts, found)
    if file is not None and _wanted_source(SORT, kinds):
        offered += _made(source_actions(Site(document, file, span, facts)), document, facts)
    return [action for action in offered if action.later or action.beside or not action.changes.empty]


def _wanted(kind: str, kinds: tuple[str, ...]) -> bool:
    return not kinds or any(kind == wanted or kind.startswith(wanted + ".") or not wanted for wanted in kinds)


def _wanted_source(kind: str, kinds: tuple[str, ...]) -> bool:
    """Whether somebody asks for what concerns the whole file: no light bulb does."""
    return any(_wanted(kind, (wanted,)) for wanted in kinds if wanted.startswith("source"))


def _quick_fixes(document: Document, span: Span, facts: Facts, found: Sequence[Found]) -> Iterator[Action]:
    here = (one for one in found if one.finding.span.meets(span))
    for one in islice(here, _MOST_MENDED):
        for number, fix in enumerate(one.finding.fixes):
            preferred = number == 0 and (fix.safe or fix.sure)
            yield Action(fix.title, QUICK_FIX, partial(changes_of, (fix,), document, facts), one, preferred=preferred)
        if one.rule.name == "unpinned" and isinstance(document.content, EnvironmentFile):
            for offer in pin_and_update.pins_of_bare(document.content, facts):
                yield _later(offer, QUICK_FIX, document, facts, one)
        if one.rule.name == "locked-to-platform" and isinstance(document.content, EnvironmentFile):
            yield from _made(export.of_export(Site(document, document.content, span, facts)), document, facts, one)
        if one.rule.name in migration.TOLD_BY and (make := migration.offered(document, facts)):
            yield Action(migration.TITLE, QUICK_FIX, make, one, later=True, creates=True)


def _later(
    offer: pin_and_update.Offer, kind: str, document: Document, facts: Facts, found: Found | None = None
) -> Action:
    title, fixes = offer
    return Action(title, kind, lambda: changes_of(fixes(), document, facts), found, later=True)


def _ignores(document: Document, span: Span, found: Sequence[Found]) -> Iterator[Action]:
    """Last, as who wants to be rid of a finding most often wants it mended."""
    for one in found:
        if one.finding.span.meets(span):
            for title, edit in ignores(document, one):
                yield Action(title, QUICK_FIX, partial(Changes, {document.path: (edit,)}), one)


# -- what belongs to no finding -------------------------------------------------------------------------------


def _refactorings(site: Site, offered: Sequence[Action], kinds: tuple[str, ...]) -> Iterator[Action]:
    """What is offered as a quick fix already, by that or another name, is left out."""
    titles = {action.title for action in offered}
    known = [action.changes for action in offered if action.kind == QUICK_FIX and not action.later]
    made = chain(
        _versions(site) if _wanted(REFACTOR, kinds) else (), _made(refactorings(site), site.document, site.facts)
    )
    for action in made:
        if action.title in titles or not _wanted(action.kind, kinds):
            continue
        if action.later or action.changes not in known:
            titles.add(action.title)
            yield action


def _made(offers: Iterable[Offer], document: Document, facts: Facts, found: Found | None = None) -> Iterator[Action]:
    """As quick fixes where they mend what was `found`."""
    for offer in offers:
        kind, make = QUICK_FIX if found else offer.kind, partial(_changes, offer, document, facts)
        yield Action(offer.title, kind, make, found, later=offer.later, creates=offer.creates)


def _changes(offer: Offer, document: Document, facts: Facts) -> Changes:
    """The edits of an offer; none where two of them would be in each other's way."""
    changes = changes_of((Fix(offer.title, tuple(offer.make())),), document, facts)
    for edits in changes.edits.values():
        if any(one.span.end > other.span.start for one, other in pairwise(sorted(set(edits)))):
            return Changes()
    return changes


def _versions(site: Site) -> Iterator[Action]:
    """What indexes say can be done about versions: of the item under the cursor, of those that a selection touches, or of
    all, where the cursor is on the key above them."""
    file, document, facts = site.file, site.document, site.facts
    items = file.packages_at(site.span)
    if len(items) > 1:
        offers = pin_and_update.for_all(items, facts, whose="the selected")
    elif items:
        for fix in pin_and_update.for_one(items[0], facts):
            yield Action(fix.title, REFACTOR, partial(changes_of, (fix,), document, facts))
        offers = pin_and_update.updates_of_all(file.packages, facts)
    elif site.on_dependencies or site.section:
        offers = pin_and_update.for_all(file.packages, facts)
    else:
        return
    for offer in offers:
        yield _later(offer, REFACTOR, document, facts)


def _between_files(
    document: Document, facts: Facts, offered: Sequence[Action], kinds: tuple[str, ...]
) -> Iterator[Action]:
    """What concerns the whole file and others: to see it beside them, or to write them."""
    if _wanted(COMPARE, kinds):
        yield from _comparisons(document, facts)
    if _wanted(REFACTOR, kinds):
        yield from _migration(document, facts, offered)


def _comparisons(document: Document, facts: Facts) -> Iterator[Action]:
    """The conda files that this one differs from, to be seen side by side."""
    for other in counterparts(document, facts):
        name = relative(other.document.path, document.path.parent)
        title = f"Compare with `{name}` ({other.delta.said})"
        yield Action(title, COMPARE, Changes, beside=other.document.path)


def _migration(document: Document, facts: Facts, offered: Sequence[Action]) -> Iterator[Action]:
    """A run of a service that has ended, as a job of the one of today, where no quick fix offers it already."""
    if not any(action.title == migration.TITLE for action in offered) and (make := migration.offered(document, facts)):
        yield Action(migration.TITLE, REFACTOR, make, later=True, creates=True)


# -- everything at once ---------------------------------------------------------------------------------------


def fix_all(document: Document, facts: Facts, found: Sequence[Found]) -> Iterator[Action]:
    """All safe fixes of the document together; only the first fix of a finding, and only if it is safe."""
    fixes = [one.finding.fixes[0] for one in found if one.finding.fixes and one.finding.fixes[0].safe]
    if fixes:
        yield Action("Fix all that is safe to fix (envls)", FIX_ALL, partial(changes_of, fixes, document, facts))
