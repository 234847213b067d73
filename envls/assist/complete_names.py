"""Completes the name of a package: what the channels have, what other files of the project list, what is well known.

A name that is in the list already is left out. A channel has tens of thousands of names; they come sorted, and only
those that begin with what was typed are looked at.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from heapq import nsmallest

from envls.assist.items import LIMIT, NONE, Completions, Here, Item, ItemKind, offered
from envls.assist.surroundings import environments_beside
from envls.facts import Channels, CondaNames, Known, Pending
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.conda.requirement import normalised
from envls.known import packages
from envls.text import Span

_MOST_BESIDE = 2000


def _untouched(here: Here, span: Span) -> bool:
    """Whether the cursor stands in front of a name: whoever put a blank there does not want another one."""
    return span.start == here.cursor.offset < span.end


def complete_conda_name(here: Here, span: Span, channels: Channels, content: EnvironmentFile) -> Completions:
    """`span` is the name alone, without its channel."""
    if _untouched(here, span):
        return NONE
    typed = here.document.text[span.start : here.cursor.offset].lower()
    begin = here.cursor.begin
    listed = {item.spec.name for item in content.dependencies if item.dash != begin}
    answer = here.facts.ask(CondaNames(channels))
    known = answer.value if isinstance(answer, Known) else ()
    beside = {item.spec.name for file in environments_beside(here) for item in file.dependencies[:_MOST_BESIDE]}
    names = _ranked(typed, known, packages.CONDA, sorted(beside), listed)
    where = ", ".join(str(channel) for channel in channels.listed if channel != "nodefaults")
    return _offered(here, span, names, known, where, beside, "conda", pending=isinstance(answer, Pending))


def complete_pip_name(here: Here, span: Span, content: EnvironmentFile) -> Completions:
    """An index's names are too many to be fetched: those of the project and the well-known ones are offered."""
    if _untouched(here, span):
        return NONE
    typed = normalised(here.document.text[span.start : here.cursor.offset])
    begin = here.cursor.begin
    listed = {line.line.name for line in content.requirements if line.dash != begin}
    beside = {item.line.name for file in environments_beside(here) for item in file.requirements[:_MOST_BESIDE]}
    names = _ranked(typed, (), packages.PIP, sorted(beside), listed)
    return _offered(here, span, names, (), "", beside, "pip")


def _offered(
    here: Here,
    span: Span,
    names: list[str],
    known: Sequence[str],
    where: str,
    beside: Collection[str],
    list_: str,
    *,
    pending: bool = False,
) -> Completions:
    written = here.document.text[span.start : here.cursor.offset]
    items = []
    for name in names[:LIMIT]:
        sources = (where if _stands_in(known, name) else "", "in this project" if name in beside else "")
        # `scikit_le` finds scikit-learn, also in an editor that compares letter by letter
        begins = normalised(name).startswith(normalised(written))
        items.append(
            Item(
                name,
                ItemKind.PACKAGE,
                here.cursor.edit(span, name),
                detail=" · ".join(filter(None, sources)),
                filter=written + name[len(written) :] if begins else "",
                package=list_,
            )
        )
    return offered(items, incomplete=pending or len(names) > LIMIT)


def _ranked(
    typed: str, known: Sequence[str], popular: Iterable[str], beside: Iterable[str], listed: Collection[str]
) -> list[str]:
    """The names for what was typed, best first, one more than the limit at most.

    First those that begin with it: itself, those of the project, the popular ones, the shorter ones. Then those of the
    project and the popular ones with a part that begins with it, so that `learn` finds scikit-learn.
    """
    if known:
        popular = [name for name in popular if _stands_in(known, name)]
    familiar = [*beside, *popular]
    found = [typed] if _stands_in(known, typed) else []
    found += [name for name in familiar if name.startswith(typed)]
    if typed:
        first, last = bisect_left(known, typed), bisect_left(known, typed + "\U0010ffff")
        found += nsmallest(2 * LIMIT, known[first:last], key=len)
        found += [name for name in familiar if any(part.startswith(typed) for part in re.split("[-_.]", name))]
    else:
        found += known[: 2 * LIMIT]
    return [name for name in dict.fromkeys(found) if name and name not in listed][: LIMIT + 1]


def _stands_in(known: Sequence[str], name: str) -> bool:
    at = bisect_left(known, name)
    return at < len(known) and known[at] == name
