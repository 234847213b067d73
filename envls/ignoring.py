"""The comments that quieten envls: `# envls: ignore ENV201` on a line, `# envls: ignore-file ENV201` anywhere.

A code may be the beginning of one; without a code all findings are meant. What stands behind the codes is prose.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from envls.document import Document
from envls.text import Span

_IGNORE = re.compile(r"#\s*envls:\s*(?P<how>ignore(?:-file)?)\b(?P<rest>[^\n]*)", re.IGNORECASE)
_CODE = re.compile(r"[\s,]*(?P<code>[A-Z]{3}\d+|ENV|AML)(?![\w-])", re.IGNORECASE)
_WORD = re.compile(r"[\s,]*(?P<code>[A-Za-z][\w-]*)")


@dataclass(frozen=True, slots=True)
class IgnoreComment:
    """`codes` are those that it names with their places, in capitals; none means all of them."""

    span: Span
    whole_file: bool
    codes: tuple[tuple[str, Span], ...]

    def covers(self, code: str) -> bool:
        return not self.codes or any(code.startswith(ignored) for ignored, _ in self.codes)


def ignore_comments(document: Document) -> list[IgnoreComment]:
    if "envls:" not in document.text:
        return []
    comments = []
    for span in document.tree.comments:
        found = _IGNORE.search(document.text, span.start, span.end)
        if found:
            codes = tuple(_codes(document.text, *found.span("rest")))
            comments.append(IgnoreComment(span, found["how"].lower() == "ignore-file", codes))
    return comments


def _codes(text: str, at: int, end: int) -> list[tuple[str, Span]]:
    """The codes that stand first; a first word that is none counts too, so that it quietens nothing by accident."""
    codes: list[tuple[str, Span]] = []
    while found := _CODE.match(text, at, end):
        codes.append((found["code"].upper(), Span(*found.span("code"))))
        at = found.end()
    if not codes and (word := _WORD.match(text, at, end)):
        codes.append((word["code"].upper(), Span(*word.span("code"))))
    return codes


def quiet_at(document: Document, code: str) -> Callable[[int], bool]:
    """Tells of an offset whether a comment on its line, or one for the whole file, quietens a rule there."""
    lines = document.lines
    comments = [comment for comment in ignore_comments(document) if comment.covers(code)]
    everywhere = any(comment.whole_file for comment in comments)
    there = {lines.place(comment.span.start)[0] for comment in comments}
    return lambda offset: everywhere or lines.place(offset)[0] in there
