"""The outermost keys of a text, without its tree: reason enough to read it, or not to.

A person opens any YAML file there is, and most are somebody else's. What this room says of one costs a look at the
beginnings of its lines. It may name a key too many (in a text that has several lines), but leaves out none.
"""

from __future__ import annotations

import re

_FIRST = re.compile(r"^(?P<indent>[ \t]*)(?P<sign>[^\s#%])", re.MULTILINE)
_KEY = r"""["']?(?P<name>[\w$.-]+)["']?[ \t]*:"""
_OUTER = re.compile(rf"^{_KEY}", re.MULTILINE)
_SECOND = re.compile(r"^(?:---|\.\.\.)(?=\s|$)", re.MULTILINE)


def outer_keys(text: str) -> frozenset[str] | None:
    """The names of the keys of the first document's outermost mapping, none where it is a list.

    None where that is not told by the beginnings of lines: brackets hold all of it.
    """
    text = text if "\n" in text else text.replace("\r", "\n")
    start = 1 if text.startswith("\ufeff") else 0
    first = _FIRST.search(text, start)
    while first and _SECOND.match(text, first.start()):  # the mark that a document begins with
        start = first.end() + 2
        first = _FIRST.search(text, start)
    if first is None or text.startswith(("- ", "-\n", "-\r"), first.start("sign")):
        return frozenset()
    last = _SECOND.search(text, first.end())
    end = last.start() if last else len(text)
    if first["sign"] in "{[&!":
        return None
    indent = first["indent"]
    keys = re.compile(rf"^(?:{re.escape(indent)})?{_KEY}", re.MULTILINE) if indent else _OUTER
    return frozenset(found["name"] for found in keys.finditer(text, first.start(), end))
