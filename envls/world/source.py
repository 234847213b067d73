"""What a source of the world is: it answers one kind of question, and its answers stay fresh for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from envls.facts import Answer


class Ask(Protocol):
    """Answers a question. Without `fresh` an old answer will do, if its `as_of` says so; Pending is no answer.

    Never raises what belongs to its trade (OSError, a library's errors): these are Unavailable with a reason.
    """

    async def __call__(self, question: Any, /, *, fresh: bool) -> Answer[Any]: ...


class Source(NamedTuple):
    """`age`: the seconds after which an answer is asked for again."""

    ask: Ask
    age: float
