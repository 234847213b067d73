"""What is known of the place where a cursor stands, and how a token there is replaced.

The law: `span` is the whole token that accepting an item replaces, so that nothing behind the cursor is damaged or
doubled. Nothing here knows what a key means.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from envls.text import Edit, Span

DASH = "-"  # the step of a route into an item of a list


class Kind(Enum):
    """What is being typed: a key of a mapping, the value of a key, an item of a list, a comment, or nothing of these."""

    KEY = "key"
    VALUE = "value"
    ITEM = "item"
    COMMENT = "comment"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Cursor:
    """`route` leads from the top, a step for each key and `DASH` into a list: for a KEY to its mapping, for a VALUE to
    its key, for an ITEM into its list. `span` is the token, without its quotes, and always holds the cursor.

    `begin` is where the item or key begins (its dash, its quote). `before` must be written in front of the token: the
    blank behind a bare colon or dash, or a missing dash. `colon`: one follows the key. `opened` is the route of the key
    just above that stands at the same column and says nothing yet. A comment's span begins at its `#`.
    """

    kind: Kind
    offset: int
    span: Span
    text: str = ""
    route: tuple[str, ...] = ()
    begin: int = 0
    before: str = ""
    quote: str = ""
    closed: bool = False
    flow: bool = False
    colon: bool = False
    opened: tuple[str, ...] = ()

    @property
    def prefix(self) -> str:
        """What of the token stands before the cursor."""
        return self.text[: self.offset - self.span.start]

    def edit(self, span: Span, text: str) -> Edit:
        """Put `text` at `span`, a part of the token."""
        return Edit(span, self.before + text if span.start == self.span.start else text)

    def whole(self, text: str) -> Edit:
        """Put `text` in place of the token, and close the quotes it stands in."""
        return self.edit(self.span, text + (self.quote if self.quote and not self.closed else ""))

    def as_item(self) -> Cursor:
        """The same place taken for an item of a list whose dash was forgotten."""
        route = (*self.route, DASH)
        if self.text.startswith("-") and not self.text.startswith("--") and self.offset > self.span.start:
            begin = Span(self.span.start + 1, self.span.end)
            return replace(self, kind=Kind.ITEM, route=route, span=begin, text=self.text[1:], before=" ")
        return replace(self, kind=Kind.ITEM, route=route, before="- ")


BLANK = "\ufeff \t"


def unquoted(key: str) -> str:
    key = key.strip(BLANK)
    return key[1:-1] if len(key) > 1 and key[0] == key[-1] and key[0] in "\"'" else key
