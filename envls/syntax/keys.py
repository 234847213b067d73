"""Which keys a text may have, and which of them a broken line means.

A line is compared only with keys that no other line has, and that its reader named: a file of another kind has none.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property, lru_cache

from envls.syntax.heads import Begins, Head, head, without_comment
from envls.syntax.lines import Line
from envls.syntax.scalars import plain
from envls.syntax.tree import Scalar, Text

_WORD = re.compile(r"[\w.-]+")
_LONG = 8  # letters: such a key is found inside a word too, as in `xdependencies`
_GLUED = re.compile(r"([A-Za-z_]+):(?=[^ \t:/|>])")
_LIKE = 0.75


@dataclass(frozen=True)
class Meant:
    """A key that a broken line seems to have: where it is written in the line, how, and which it is."""

    start: int
    written: str
    key: str

    def scalar(self, line_start: int) -> Scalar:
        """The key as it is read: it stands where it is written, and says what was meant."""
        text = plain(self.written)
        if self.written != self.key:
            text = Text(self.written, self.key, places=(*[0] * len(self.key), len(self.written)))
        return Scalar(line_start + self.start, text)

    def is_alone_in(self, content: str) -> bool:
        """Whether an item says the key and nothing else, or a colon behind it: `pip=24` is no key."""
        behind = content[self.start + len(self.written) :]
        if behind.lstrip("\"' ").startswith(":"):
            return True
        return len(re.findall(r"\w", without_comment(content))) <= len(self.written) + 1


class Keys:
    """The keys at the top of a text, and those of an item in a list."""

    def __init__(self, lines: list[Line], top: Collection[str], of_items: Collection[str]) -> None:
        self.lines, self.top, self.of_items = lines, top, of_items

    @cached_property
    def _written(self) -> frozenset[str]:
        return frozenset(word for line in self.lines if (word := _key_word(line.content)))

    def knows(self, key: str) -> bool:
        return key in self.top or key in self.of_items

    def at_top(self, content: str) -> Meant | None:
        return self._meant(content, self.top)

    def in_item(self, content: str) -> Meant | None:
        return self._meant(content, self.of_items)

    def _meant(self, content: str, keys: Collection[str]) -> Meant | None:
        """The key that `content` has somewhere, or is the beginning of, or nearly says."""
        missing = [key for key in keys if key not in self._written]
        if not missing:
            return None
        content = without_comment(content)
        for key in missing:
            found = re.search(key if len(key) >= _LONG else rf"(?<![\w.-]){key}(?![\w.-])", content)
            if found:
                return Meant(found.start(), found.group(), key)
        word = _WORD.search(content)
        if word is None or word.end() < len(content.rstrip(" :;=")):
            return None
        said = word.group()
        for key in missing:
            if key.startswith(said) or (len(said) > 3 and SequenceMatcher(None, said, key).ratio() > _LIKE):
                return Meant(word.start(), said, key)
        return None

    def glued(self, content: str) -> int:
        """Where the value of a known key stands in `content`, if no blank is before it; else 0."""
        found = _GLUED.match(content)
        return found.end() if found and found[1] in self.top else 0

    def items_that_begin_with(self, word: str) -> int:
        item = re.compile(rf"-\s+{re.escape(word)}(?![\w.-])")
        return sum(line.content[0] == "-" and item.match(line.content) is not None for line in self.lines)


def key_of(content: str) -> Head | None:
    """The head of the key that a line begins with, behind its dash if it has one."""
    begins = head(content)
    if begins.begins is Begins.ITEM and begins.value < len(content):
        begins = head(content[begins.value :])
    return begins if begins.begins is Begins.KEY else None


@lru_cache(maxsize=1 << 16)
def _key_word(content: str) -> str:
    begins = key_of(content)
    return begins.text.value if begins else ""
