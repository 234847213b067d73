"""Text from elsewhere as Markdown: what an index says must not become a link, an image or a heading.

What is put into words here shows no secret of an address, wherever the text comes from.
"""

from __future__ import annotations

import re

from envls.url import redact

LINE = "  \n"
"""What parts two lines of one paragraph."""
RULE = "\n\n---\n\n"
"""What parts two cards."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+!|~-])")
_AT_START = re.compile(r"^(\d+)([.)])")


def escaped(text: str, limit: int = 400) -> str:
    """`text` on one line, as it is, cut after `limit` characters."""
    line = " ".join(redact(text).split())
    if len(line) > limit:
        line = line[:limit].rsplit(" ", 1)[0] + " …"
    return _AT_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", line))


def link(label: str, address: str) -> str:
    """A link, where the address is one of the web; else nothing."""
    if not re.fullmatch(r"https?://[^\s<>()\"']+", address):
        return ""
    return f"[{escaped(label, 60)}]({address})"


def code(text: str) -> str:
    """`text` as inline code."""
    return "`" + " ".join(redact(text).replace("`", "'").split()) + "`"
