"""Several `pip` sections made one: the lines of the later ones follow those of the first, with their comments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial

from envls import syntax
from envls.assist.refactor.site import REWRITE, Offer, Site
from envls.formats.conda.environment import PipSection
from envls.text import Span
from envls.write import Change, Replace, newline

_HEAD = re.compile(r"[ \t]*-[ \t]+pip:[ \t]*")


def offers(site: Site) -> Iterator[Offer]:
    """On the key of one of them, where no two lines name one package differently."""
    sections = site.file.pip_sections
    if site.section is None or len(sections) < 2 or not site.is_sound or _contradict(sections):
        return
    if all(_is_plain(site, section, head=number > 0) for number, section in enumerate(sections)):
        which = "two" if len(sections) == 2 else str(len(sections))
        yield Offer(f"Join the {which} sections", REWRITE, partial(_joined, site, sections))


def _contradict(sections: Sequence[PipSection]) -> bool:
    """Whether a package is asked for in two sections, but not with the same words."""
    said: dict[str, str] = {}
    lines = [one.line for section in sections for one in section.requirements if one.line.name and not one.line.marker]
    return any(said.setdefault(line.name, line.text) != line.text for line in lines)


def _is_plain(site: Site, section: PipSection, *, head: bool) -> bool:
    """Whether each item has its lines for itself, and the key its line."""
    node = section.node
    if not isinstance(node, syntax.Sequence) or node.flow or not node.items:
        return False
    line = site.line(site.lines.place(section.dash)[0])
    return all(site.begins_line(dash) for dash in node.dashes) and (not head or _HEAD.fullmatch(line) is not None)


def _joined(site: Site, sections: Sequence[PipSection]) -> list[Change]:
    """One edit, from the end of the first section to that of the last: the lines between them come last."""
    lines = site.lines
    ends = [_last_line(site, section) for section in sections]
    moved: list[str] = []
    between: list[str] = []
    for section, before, last in zip(sections[1:], ends, ends[1:], strict=False):
        head = lines.place(section.dash)[0]
        between += [site.line(number) for number in range(before + 1, head)]
        by = _column(site, sections[0]) - _column(site, section)
        for number in range(head + 1, last + 1):
            line = site.line(number)
            if by < 0 and line[:-by].strip():
                return []  # a comment further left than the list
            moved.append((" " * by + line if by > 0 else line[-by:]) if line.strip() else line)
    span = Span(lines.span(ends[0]).end, lines.span(ends[-1]).end)
    return [Replace(span, "".join(newline(site.text) + line for line in (*moved, *between)))]


def _last_line(site: Site, section: PipSection) -> int:
    return site.lines.place(max(section.entry.span.end - 1, section.dash))[0]


def _column(site: Site, section: PipSection) -> int:
    node = section.node
    assert isinstance(node, syntax.Sequence)
    return site.lines.place(node.dashes[0])[1]
