"""A list in the order of its names, so that everybody sorts it alike.

- Blank lines part groups; each is sorted by itself. So does what must stay where it is: the `pip` section, pip's options
  and whatever names no package or takes several lines.
- A comment behind an item goes with it, and so do those above it of which the first names it. An item that is commented
  out is sorted like the others.
- Any other comment on a line of its own begins a group and stays with the line below it; a label of up to four words is
  the heading of all lines below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from envls import syntax
from envls.assist.refactor.site import REWRITE, SORT, Offer, Site
from envls.formats.conda import matchspec, requirement
from envls.formats.conda.environment import Dependency, PipSection, Requirement
from envls.formats.conda.pipoption import PER_REQUIREMENT
from envls.formats.conda.requirement import normalised
from envls.syntax import Scalar
from envls.text import Span
from envls.write import Change, Replace

_WORDS = 4
"""Words of a label."""
_LABEL = re.compile(r"[#\s\-=*]*(?P<words>[^.:]*?):?[#\s\-=*]*")
_ITEM = re.compile(r"#\s*-\s+(?P<item>\S.*)")


@dataclass(frozen=True)
class _List:
    """A list that may be sorted: its node, and its items by the place of their dashes."""

    node: syntax.Sequence
    names: dict[int, str]
    of_pip: bool


class _Unit(NamedTuple):
    """The numbers of lines that stay together, and what they are sorted by: "" for those that stay where they are.

    One that `begins` a group is not sorted among those above it.
    """

    name: str
    lines: Sequence[int]
    begins: bool = False


def offers(site: Site) -> Iterator[Offer]:
    """On the key above a list, the list; in a selection, its lines."""
    if not site.is_sound:
        return
    lists = []
    if site.on_dependencies:
        lists = [_conda(site)]
    elif site.section:
        lists = [_pip(site.section)]
    elif len(site.items) > 1:
        yield from _offer(site, _all(site), "Sort the selected lines", REWRITE, selected=True)
        return
    yield from _offer(site, [one for one in lists if one], "Sort this list by name", REWRITE)


def of_file(site: Site) -> Iterator[Offer]:
    """All lists of the file."""
    if site.is_sound:
        yield from _offer(site, _all(site), "Sort the packages by name (envls)", SORT)


def _offer(site: Site, lists: Sequence[_List], title: str, kind: str, *, selected: bool = False) -> Iterator[Offer]:
    if any(True for one in lists for _ in _edits(site, one, selected=selected)):
        yield Offer(title, kind, partial(_changes, site, lists, selected=selected), later=True)


def _changes(site: Site, lists: Sequence[_List], *, selected: bool) -> list[Change]:
    return [change for one in lists for change in _edits(site, one, selected=selected)]


# -- what is there --------------------------------------------------------------------------------------------


def _all(site: Site) -> list[_List]:
    found = [_conda(site), *(_pip(section) for section in site.file.pip_sections)]
    return [one for one in found if one]


def _conda(site: Site) -> _List | None:
    node = site.conda_list
    return _List(node, {item.dash: _name(item) for item in site.file.dependencies}, of_pip=False) if node else None


def _pip(section: PipSection) -> _List | None:
    node = section.node
    joined = any(one.line.continued or one.line.option in PER_REQUIREMENT for one in section.requirements)
    if not isinstance(node, syntax.Sequence) or joined:  # a line that goes on in the next one
        return None
    return _List(node, {item.dash: _name(item) for item in section.requirements}, of_pip=True)


def _name(item: Dependency | Requirement) -> str:
    """What an item is sorted by; "" for one that stays where it is."""
    if item.node.anchor or item.node.tag or "\n" in item.node.text.raw or "\r" in item.node.text.raw:
        return ""
    if isinstance(item, Dependency):
        return "" if item.spec.problem or item.spec.archive else normalised(item.spec.name)
    return item.line.name if item.line.kind == "requirement" and not item.line.problem else ""


# -- in which order -------------------------------------------------------------------------------------------


def _edits(site: Site, one: _List, *, selected: bool) -> Iterator[Change]:
    if one.node.flow:
        yield from _in_brackets(site, one, selected=selected)
        return
    if not all(site.begins_line(dash) for dash in one.node.dashes):
        return
    for group in _groups(_units(site, one, selected=selected)):
        ordered = sorted(group, key=lambda unit: unit.name)
        if ordered == group:
            continue
        numbers = [number for unit in group for number in unit.lines]
        contents = [site.line(number) for unit in ordered for number in unit.lines]
        ends = [site.text[site.lines.span(number).end : site.lines.whole(number).end] for number in numbers[:-1]]
        span = Span(site.lines.span(numbers[0]).start, site.lines.span(numbers[-1]).end)
        yield Replace(span, "".join(map("".join, zip(contents, [*ends, ""], strict=True))))


def _in_brackets(site: Site, one: _List, *, selected: bool) -> Iterator[Change]:
    """In brackets the items change places, and what stands between them does not."""
    if not site.is_bare(one.node):
        return
    run: list[Scalar] = []
    for item, dash in (*zip(one.node.items, one.node.dashes, strict=True), (None, -1)):
        movable = isinstance(item, Scalar) and one.names.get(dash) and (not selected or item.span.meets(site.span))
        if movable and isinstance(item, Scalar):
            run.append(item)
            continue
        ordered = sorted(run, key=lambda node: one.names[node.start])
        for old, new in zip(run, ordered, strict=True):
            if old is not new:
                yield Replace(old.span, new.text.raw)
        run = []


def _groups(units: Iterator[_Unit]) -> Iterator[list[_Unit]]:
    """The units that follow each other and are sorted together."""
    group: list[_Unit] = []
    for unit in units:
        if unit.begins or not unit.name:
            yield group
            group = []
        if unit.name:
            group.append(unit)
    yield group


def _units(site: Site, one: _List, *, selected: bool) -> Iterator[_Unit]:
    """The lines of a list from its first item, or the comments above that, to its last one."""
    lines = site.lines
    starts = {lines.place(dash)[0]: (item, dash) for item, dash in zip(one.node.items, one.node.dashes, strict=True)}
    number, last = min(starts, default=0), lines.place(max(one.node.span.end - 1, 0))[0]
    while number > 0 and _is_comment(site, number - 1):
        number -= 1
    above: list[int] = []
    while number <= last:
        if number in starts:
            item, dash = starts[number]
            end = max(lines.place(max(item.span.end - 1, dash))[0], number)
            name = "" if selected and not item.span.meets(site.span) else one.names.get(dash, "")
            yield _with_comments(site, name, above, range(number, end + 1))
            above, number = [], end + 1
            continue
        name = "" if above or selected else _commented_out(site.line(number).strip(), of_pip=one.of_pip)
        if _is_comment(site, number) and not name:
            above.append(number)
        else:
            above = []
            yield _Unit(name, (number,))
        number += 1


def _with_comments(site: Site, name: str, above: Sequence[int], item: range) -> _Unit:
    """An item with the comments above it, as far as these are not about more."""
    if name and above and not site.is_about(above, name):
        return _Unit(name, item, begins=True) if _is_label(site, above) else _Unit("", (*above, *item))
    return _Unit(name, (*above, *item))


def _is_comment(site: Site, number: int) -> bool:
    return site.line(number).lstrip().startswith("#")


def _commented_out(text: str, *, of_pip: bool) -> str:
    """The name of an item that is commented out, "" for any other line."""
    found = _ITEM.fullmatch(text)
    if not found:
        return ""
    item = found["item"].partition(" #")[0].strip().strip("'\"")
    if of_pip:
        line = requirement.parse(item)
        return line.name if line.kind == "requirement" and not line.problem else ""
    spec = matchspec.parse(item)
    return "" if spec.problem or spec.archive or spec.feature else normalised(spec.name)


def _is_label(site: Site, above: Sequence[int]) -> bool:
    found = _LABEL.fullmatch(site.line(above[-1]))
    return len(above) == 1 and found is not None and 0 < len(found["words"].split()) <= _WORDS
