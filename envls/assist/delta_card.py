"""What differs between a conda file and the one that it belongs to, as Markdown."""

from __future__ import annotations

from envls.assist.delta import Aspect, Counterpart, counterparts
from envls.assist.markdown import code, escaped
from envls.assist.version_table import asked
from envls.document import Document
from envls.facts import Facts
from envls.formats.conda.environment import EnvironmentFile, Requirement
from envls.formats.paths import relative
from envls.rules.packages.agreement import name_of
from envls.rules.rule import Item
from envls.target import channel_of

SHOWN = 30


def delta_card(document: Document, facts: Facts) -> str:
    """A line for each package that is not alike in both; "" where there is no other file."""
    other = next(iter(counterparts(document, facts)), None)
    return _card(other, document) if other else ""


def _card(other: Counterpart, document: Document) -> str:
    name = code(relative(other.document.path, document.path.parent))
    rows = [
        *((one.here, one.here, one.there, one.aspects) for one in other.delta.differing),
        *((item, item, None, ()) for item in other.delta.only_here),
        *((item, None, item, ()) for item in other.delta.only_there),
    ]
    lines = [
        f"| {escaped(name_of(item))} | {_cell(here, aspects)} | {_cell(there, aspects)} |"
        for item, here, there, aspects in rows[:SHOWN]
    ]
    more = f"\n\n… and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
    parts = (
        f"Compared with {name}: {other.delta.said}{_channels(document, other.document)}",
        "\n".join((f"| | here | {name} |", "|---|---|---|", *lines)) + more,
    )
    return "\n\n".join(parts)


def _cell(item: Item | None, aspects: tuple[Aspect, ...]) -> str:
    """What an item says, with those of its parts in which the two differ."""
    if item is None:
        return "not listed"
    said = [asked(item)]
    if isinstance(item, Requirement):
        if Aspect.EXTRAS in aspects:
            said.append("extras " + ", ".join(map(code, item.line.extras)) if item.line.extras else "no extras")
        if Aspect.MARKER in aspects:
            said.append(f"where {code(item.line.marker.text)}" if item.line.marker else "everywhere")
    elif Aspect.CHANNEL in aspects:
        said.append(f"from {code(channel_of(item.spec))}" if channel_of(item.spec) else "from any channel")
    if Aspect.PLACE in aspects:
        said.append("by pip" if isinstance(item, Requirement) else "by conda")
    return ", ".join(said)


def _channels(document: Document, other: Document) -> str:
    ours, theirs = ([one.node.value for one in file.channels] for file in _files(document, other))
    return "" if ours == theirs else ", and the channels do"


def _files(*documents: Document) -> list[EnvironmentFile]:
    return [one.content for one in documents if isinstance(one.content, EnvironmentFile)]
