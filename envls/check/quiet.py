"""What is not said: what only follows from another mistake, what is being typed, and what somebody has quietened."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from envls.check.found import Found
from envls.document import Document
from envls.encoding import stray_bytes
from envls.formats.conda.environment import EnvironmentFile
from envls.ignoring import IgnoreComment, ignore_comments
from envls.syntax import Mapping
from envls.text import Span

NOT_YAML = ("not-yaml", "not-yaml-in-workbench", "not-yaml-in-sdk-v1", "not-yaml-in-definition", "not-utf-8")
NOT_KNOWN_OF_TEMPLATES = frozenset(
    (
        *("missing-dependencies", "missing-pip", "missing-required-package", "unlisted-import", "unlisted-channel"),
        *("drift", "stale-lock"),
        *("repeated-channel", "repeated-package", "repeated-requirement", "in-both-lists", "lost-pip-section"),
        *("missing-name", "missing-python", "split-requirement"),
    )
)
"""Rules that judge what the whole file has, lacks or repeats."""
_OF_TEMPLATES = ("template", "template-of-workbench-file", "template-of-run-configuration", "template-of-definition")
_FILLED_IN = re.compile(r"\{[{%#]")
_BEGUN = re.compile(
    r"[ \t]*(?:-[ \t]*)*|[ \t]*[\w$-]+[ \t]*"
    r"|.*[=<>!~,|;:(\[.][ \t'\"()\[\]{}]*"
    r"|.*;(?:.*\b(?:and|or)\b)?[ \t(]*[\w.]*(?:[ \t]+(?:not|in|not[ \t]+in))?[ \t]*"
)
"""A line that is not written to its end: dashes alone, a key without its colon, something behind which more must follow
(with the quotes and brackets that an editor has closed already), a condition of a marker without its value."""
_LONGEST_BEGUN = 1000


def without_cascades(document: Document, found: list[Found]) -> list[Found]:
    """One mistake, one finding: on a line that is no YAML, or one that a template fills in, nothing else is said."""
    lines = document.lines
    silent = {lines.place(problem.span.start)[0] for problem in document.tree.problems}
    if document.encoding and document.encoding.stray:
        silent |= {lines.place(stray.offset)[0] for stray in stray_bytes(document.text)}
    if document.template:
        silent |= _filled_in(document)
        found = [one for one in found if one.rule.name not in NOT_KNOWN_OF_TEMPLATES]
    if not silent:
        return found
    return [
        one
        for one in found
        if one.rule.name in (*NOT_YAML, *_OF_TEMPLATES) or lines.place(one.finding.span.start)[0] not in silent
    ]


def _filled_in(document: Document) -> set[int]:
    """The lines of a template that are filled in later, and those whose value is: it stands on such lines below them."""
    found = set()
    below = False
    for number in reversed(range(len(document.lines))):
        line = document.text[slice(*document.lines.span(number))].strip()
        if _FILLED_IN.search(line):
            found.add(number)
            below = True
        elif line and not line.startswith("#"):
            if below and line.endswith(":"):
                found.add(number)
            below = False
    return found


def without_unfinished(found: Sequence[Found], document: Document, line: int) -> list[Found]:
    """What is worth saying while `line` is being typed: nothing that indexes say of the word that stands there yet, and
    nothing of a line that nobody would end so, such as a dash alone, or `numpy>=`.

    Where all items rest on it (a channel, a platform, the version of Python, an option of pip) they are held back, too.
    """
    lines = document.lines
    if not found or line >= len(lines):
        return list(found)
    here = lines.span(line)
    begun = _BEGUN.fullmatch(document.text[here.start : here.end][:_LONGEST_BEGUN]) is not None
    resting = any(one.rule.rests_on_target for one in found)
    everything = resting and any(one.meets(here) for one in _foundations(document))

    def is_news(one: Found) -> bool:
        if one.rule.rests_on_target and everything:
            return False
        return not (begun or one.rule.waits) or lines.place(one.finding.span.start)[0] != line

    return [one for one in found if is_news(one)]


def _foundations(document: Document) -> Iterator[Span]:
    """Where a file says what its items are `Within`."""
    file = document.content
    if isinstance(file, EnvironmentFile):
        platforms = file.root.get("platforms") if isinstance(file.root, Mapping) else None
        if platforms is not None:
            yield platforms.span
        yield from (channel.span for channel in file.channels)
        yield from (item.span for item in file.dependencies if item.spec.name == "python")
        yield from (line.span for line in file.requirements if line.line.kind == "option")


def not_ignored(document: Document, found: list[Found]) -> Iterator[Found]:
    comments = ignore_comments(document)
    if not comments:
        yield from found
        return
    whole = [comment for comment in comments if comment.whole_file]
    on_line: dict[int, list[IgnoreComment]] = {}
    for comment in comments:
        if not comment.whole_file:
            on_line.setdefault(document.lines.place(comment.span.start)[0], []).append(comment)
    for one in found:
        line = document.lines.place(one.finding.span.start)[0]
        if not any(comment.covers(one.rule.code) for comment in (*whole, *on_line.get(line, ()))):
            yield one
