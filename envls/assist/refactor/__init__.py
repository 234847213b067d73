"""What can be rewritten, moved or taken out where no finding says that something is wrong.

A provider looks at a `Site` and yields what does something there: about the line of the cursor, the lines of a
selection, or, on the key above a list, the whole list. What it cannot do exactly as its title says it does not offer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from envls.assist.refactor import aligning, entries, export, grammar, merging, moving, quoting, requirements, sorting
from envls.assist.refactor.site import Offer, Site

PROVIDERS: tuple[Callable[[Site], Iterator[Offer]], ...] = (
    aligning.offers,
    grammar.offers,
    moving.offers,
    requirements.offers,
    export.offers,
    sorting.offers,
    merging.offers,
    entries.offers,
    quoting.offers,
)


def refactorings(site: Site) -> Iterator[Offer]:
    """What is on offer at a place, the likeliest first."""
    for provider in PROVIDERS:
        yield from provider(site)


def source_actions(site: Site) -> Iterator[Offer]:
    """What is on offer for the whole file, wherever the cursor is."""
    yield from sorting.of_file(site)
