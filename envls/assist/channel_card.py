"""What a channel is, for a person: what everybody should know of it, and where its packages can be read about."""

from __future__ import annotations

import re

from envls.assist.markdown import code, escaped, link
from envls.known.channels import CHANNELS, ON_ANACONDA
from envls.url import SCHEME

_WRITTEN = re.compile(
    r"(?:https?://conda\.anaconda\.org/|https?://repo\.anaconda\.com/(?=pkgs/)|(?P<prefix>https?://(?:repo\.)?prefix\.dev/(?:channels/)?))?"
    r"(?P<name>pkgs/\w+|[A-Za-z0-9][\w.-]*)(?:/label/[\w.-]+)?/?"
)


def channel_card(written: str) -> str:
    """What a channel is, by its name or its address, with the page of its packages."""
    page = link("packages", channel_page(written))
    if SCHEME.match(written):
        return "\n\n".join(filter(None, (f"**channel** {code(written)}", page)))
    known = CHANNELS.get(written, "A channel, looked up under the configured `channel_alias`.")
    return "\n\n".join(filter(None, (f"**{escaped(written)}**: {known}", page)))


def channel_page(written: str) -> str:
    """The address of the page of a channel; "" where there is none that is known.

    A name without an address is one of anaconda.org, unless the user's configuration says otherwise.
    """
    found = _WRITTEN.fullmatch(written)
    if found is None or found["name"] == "nodefaults":
        return ""
    name = found["name"]
    return ("https://prefix.dev/channels/" if found["prefix"] else "https://anaconda.org/") + ON_ANACONDA.get(
        name, name
    )
