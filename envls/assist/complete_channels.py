"""Completes a channel: in the list of channels, and before the `::` of a spec."""

from __future__ import annotations

from envls.assist.items import Completions, Here, Item, ItemKind, matching, offered
from envls.assist.surroundings import content_of, environments_beside
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.conda.environment_keys import COMMON_CHANNELS
from envls.known.channels import CHANNELS
from envls.text import Span
from envls.url import SCHEME, redact


def complete_channel(here: Here) -> Completions:
    """The channels that are not listed yet: first those of the project's other files."""
    begin = here.cursor.begin
    listed = {channel.node.value for channel in content_of(here).channels if channel.dash != begin}
    beside = [channel.node.value for file in environments_beside(here) for channel in file.channels]
    names = [name for name in dict.fromkeys((*beside, *COMMON_CHANNELS)) if name not in listed]
    return offered(
        Item(
            redact(name),
            ItemKind.CHANNEL,
            here.cursor.whole(name),
            detail="in this project" if name in beside else "",
            documentation=CHANNELS.get(name, ""),
        )
        for name in names
        if matching(name, here.cursor.prefix) and redact(name) == name  # a secret is not copied from file to file
    )


def channels_before_name(here: Here, span: Span, content: EnvironmentFile) -> Completions:
    """The channels that a spec may name; with the `::` where it is not there yet."""
    text = here.document.text
    typed = text[span.start : here.cursor.offset]
    mark = "" if text.startswith("::", span.end) else "::"
    if mark and not typed:
        return offered(())
    listed = [channel.node.value for channel in content.channels]
    names = [name for name in dict.fromkeys((*listed, *COMMON_CHANNELS)) if name != "nodefaults"]
    return offered(
        Item(
            name + mark,
            ItemKind.CHANNEL,
            here.cursor.edit(span, name + mark),
            detail="only from this channel",
            documentation=CHANNELS.get(name, ""),
            retrigger=bool(mark),
        )
        for name in names
        if matching(name, typed) and not SCHEME.match(name)
    )
