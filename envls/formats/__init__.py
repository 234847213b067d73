"""What the files say, as typed mentions with spans.

A reader turns a tree into a few kinds of mentions; whoever helps or judges dispatches on the kind of mention,
not on the format. Nothing here knows a rule, the world or the protocol.
"""

from typing import Protocol

from envls.text import Span


class Mention(Protocol):
    """What a file says in one place; its kind is its type."""

    @property
    def span(self) -> Span: ...
