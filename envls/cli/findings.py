"""`envls check`: what is wrong, a finding after the other."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

from envls.check import Found, check
from envls.cli.configurations import Configurations
from envls.cli.files import PATIENCE, Source
from envls.cli.screen import complain, counted, harmless, painted, shown
from envls.facts import (
    Answer,
    CondaNames,
    CondaPackage,
    Facts,
    Known,
    Pending,
    PipPackage,
    Question,
    Unavailable,
    Vulnerabilities,
)
from envls.rules.rule import Severity
from envls.text import Span
from envls.url import SECRETS
from envls.world import World, settle

_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFORMATION: "36", Severity.HINT: "36"}
_LONGEST = 500
"""Characters of the longest line that is shown."""
_SHOWN_NAMES = 5


async def print_findings(world: World, sources: Sequence[Source], configurations: Configurations) -> int:
    """Print what is wrong with files of ours. Returns the exit status."""

    def view(facts: Facts) -> list[list[Found]]:
        return [check(source.document, facts, configurations.of(source.path)) for source in sources]

    everything, facts = await settle(view, world, PATIENCE)
    counts: Counter[Severity] = Counter()
    for source, found in zip(sources, everything, strict=True):
        for one in found:
            counts[one.severity] += 1
            print(_finding(source, one))
    _say_summary(len(sources), counts)
    say_unknown(facts.asked)
    if world.settings.vulnerabilities:
        _say_vulnerabilities(facts.asked)
    return 1 if counts[Severity.ERROR] else 0


def _finding(source: Source, one: Found) -> str:
    """`file:line:column: severity CODE message`, the line, and a marker below the place; columns count from 1."""
    lines = source.document.lines
    span = one.finding.span
    line, column = lines.place(span.start)
    place = f"{shown(source.path)}:{line + 1}:{column + 1}"
    head = f"{place}: {painted(one.severity.value, _COLOURS[one.severity])} {one.rule.code} {harmless(one.finding.message)}"
    written = _without_secrets(source.document.text[slice(*lines.span(line))])
    if not written.strip() or len(written) > _LONGEST:
        return head
    end = min(span.end, lines.span(line).end)
    return "\n".join(
        (
            head,
            "    " + harmless(written.replace("\t", " ")),
            "    " + _marker(lines.span(line).start, Span(span.start, end)),
        )
    )


def _without_secrets(line: str) -> str:
    """A line as wide as before, with the secret parts of its addresses replaced: logs of CI are read by many."""
    return SECRETS.sub(lambda found: "*" * len(found.group()), line) if "://" in line else line


def _marker(line_start: int, span: Span) -> str:
    return " " * (span.start - line_start) + painted("^" * max(1, span.end - span.start), "32")


def _say_summary(files: int, counts: Counter[Severity]) -> None:
    if not files:
        complain("no file that envls knows")
        return
    said = ", ".join(counted(number, severity.value) for severity, number in counts.items())
    print(f"{counted(files, 'file')} checked: {said or 'nothing found'}", file=sys.stderr)


def say_unknown(asked: dict[Question[Any], Answer[Any]]) -> None:
    """What could not be checked, and why; a fact that is not known is no finding."""
    reasons: Counter[str] = Counter()
    for question, answer in asked.items():
        if isinstance(question, CondaPackage | PipPackage | CondaNames):
            if isinstance(answer, Unavailable):
                reasons[answer.reason] += 1
            elif isinstance(answer, Pending):
                reasons[answer.reason or "no answer in time"] += 1
    for reason, number in reasons.most_common():
        print(f"not checked against an index: {counted(number, 'package')} ({harmless(reason)})", file=sys.stderr)


def _say_vulnerabilities(asked: dict[Question[Any], Answer[Any]]) -> None:
    """How many packages OSV was asked about, and which not, and why: that none is known is another thing."""
    checked: set[str] = set()
    reasons: dict[str, set[str]] = {}
    for question, answer in asked.items():
        if isinstance(question, Vulnerabilities):
            if isinstance(answer, Known):
                checked.add(question.package.name)
            else:
                reason = answer.reason if isinstance(answer, Unavailable) else "no answer in time"
                reasons.setdefault(reason, set()).add(question.package.name)
    print(f"checked for vulnerabilities: {counted(len(checked), 'package')}", file=sys.stderr)
    for reason, names in sorted(reasons.items()):
        print(
            f"not checked for vulnerabilities: {harmless(_listed(sorted(names)))} ({harmless(reason)})", file=sys.stderr
        )


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - _SHOWN_NAMES
    return ", ".join(names[:_SHOWN_NAMES]) + (f" and {rest} more" if rest > 0 else "")
