"""The `pip` section, or some of its lines, as a requirements file beside the conda file, and back.

pip reads such a file as if its lines stood in the section: options and comments go with them. The file that is made is
none that exists; the one that is taken in stays where it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import PurePath

from envls import syntax
from envls.assist.refactor.site import EXTRACT, INLINE, Offer, Site
from envls.facts import Absent, FileAt, FolderAt, LockBeside
from envls.formats.conda.environment import PipSection, Requirement
from envls.formats.conda.pipaddress import VARIABLE
from envls.formats.conda.requirement import PipLine, parse
from envls.formats.paths import join, relative
from envls.rules.dependencies.specs import in_any_list, is_joined
from envls.text import Span
from envls.url import SCHEME
from envls.write import Change, Create, Replace, newline, scalar

LARGEST = 1_000
"""Lines of a file that is taken in: nobody wants more in the place of one."""
_SAFE = re.compile(r"[\w.-]+", re.ASCII)
_COMMENT = re.compile(r"(?:^|\s+)(?P<comment>#.*)")


def offers(site: Site) -> Iterator[Offer]:
    if site.is_sound and len(site.file.pip_sections) == 1:
        yield from _extract(site, site.file.pip_sections[0])
        yield from _inline(site, site.file.pip_sections[0])


# -- out ------------------------------------------------------------------------------------------------------


def _extract(site: Site, section: PipSection) -> Iterator[Offer]:
    """On the key of the section all of it, in a selection its lines. Not where somebody takes the conda file alone: a
    managed run, or conda-lock, which fails for an option."""
    whole = site.section is section
    wanted = section.requirements if whole else [one for one in site.items if isinstance(one, Requirement)]
    if not wanted or (not whole and (len(wanted) < 2 or len(wanted) < len(site.items))):
        return
    if site.facts.managed is not False or site.file.key("platforms") or not _can_leave(site, section, wanted):
        return
    if all(one.line.option == "--requirement" for one in wanted):
        return
    if not isinstance(site.facts.ask(LockBeside(site.document.path)), Absent):
        return
    name = _free_name(site)
    if name:
        what = "these lines" if whole else f"the {len(wanted)} selected lines"
        title = f"Extract {what} to `{name}`"
        make = partial(_extracted, site, wanted, name, whole=whole)
        yield Offer(title, EXTRACT, make, later=True, creates=True)


def _can_leave(site: Site, section: PipSection, wanted: Sequence[Requirement]) -> bool:
    """Whether the lines are those of a block, each item with lines for itself, and all between them goes along."""
    node = section.node
    if not isinstance(node, syntax.Sequence) or node.flow or len(node.items) != len(section.requirements):
        return False
    for item in wanted:
        inside = site.comments_in(item.node.span)
        if not site.is_written_here(item) or not site.begins_line(item.dash) or inside or is_joined(item.node):
            return False
        if item.line.continued or item.node.anchor:
            return False
    return True


def _free_name(site: Site) -> str:
    """A name that no file of the folder has; "" where that is not known."""
    there = site.facts.value(FolderAt(site.document.path.parent))
    if there is None:
        return ""
    taken = {name.rstrip("/").lower() for name in there}
    stem = site.document.path.stem
    names = ["requirements.txt"]
    if _SAFE.fullmatch(stem):
        names += [f"{stem}-requirements.txt"]
    names += [f"requirements-{number}.txt" for number in range(2, 10)]
    return next((name for name in names if name.lower() not in taken), "")


def _extracted(site: Site, wanted: Sequence[Requirement], name: str, *, whole: bool) -> list[Change]:
    """The comments and blank lines between the items go along; with the whole section those above its first, too."""
    lines = site.lines
    first, last = site.lines_of(wanted[0])[0], site.lines_of(wanted[-1])[-1]
    top = lines.place(site.file.pip_sections[0].dash)[0] + 1 if whole else first
    starts = {site.lines_of(item)[0]: item for item in wanted}
    written: list[str] = []
    number = top
    while number <= last:
        item = starts.get(number)
        if item is None:
            written.append(site.line(number).strip())
            number += 1
            continue
        comment = site.comment_behind(item)
        written += item.node.value.strip().splitlines() or [""]
        written[-1] += f"  {comment}" if comment else ""
        number = site.lines_of(item)[-1] + 1
    indent = site.text[lines.span(first).start : wanted[0].dash]
    end = newline(site.text)
    made = Create(site.document.path.parent / name, end.join(written) + end)
    return [Replace(Span(lines.span(top).start, lines.span(last).end), f"{indent}- -r {name}"), made]


# -- in -------------------------------------------------------------------------------------------------------


def _inline(site: Site, section: PipSection) -> Iterator[Offer]:
    """On a line `-r`, where the file is there and each of its lines can be one of the section."""
    if len(site.items) != 1 or not isinstance(site.items[0], Requirement):
        return
    item = site.items[0]
    line = item.line
    if line.option != "--requirement" or len(line.options) != 1 or line.problem or line.ignored:
        return
    written = line.options[0].meant
    if SCHEME.search(written) or VARIABLE.search(written):
        return
    path = join(site.document.path.parent, written.replace("\\", "/"))
    there = site.facts.value(FileAt(path))
    taken = _lines_of(there.text, path.parent, site.document.path.parent) if there is not None else None
    node = section.node
    if not taken or not isinstance(node, syntax.Sequence) or (node.flow and any(comment for _, comment in taken)):
        return
    if not node.flow and not site.begins_line(item.dash):
        return
    if any(said for said, _ in taken):
        title = f"Inline `{written}`"
        yield Offer(title, INLINE, partial(_inlined, site, item, taken, flow=node.flow))


def _lines_of(text: str, folder: PurePath, base: PurePath) -> list[tuple[str, str]] | None:
    """What the lines of a requirements file say in the section, each with its comment; None where one has no place there."""
    found: list[tuple[str, str]] = []
    waiting = ""
    if text.count("\n") > LARGEST:
        return None
    for raw in text.removeprefix("\ufeff").splitlines():
        comment = _COMMENT.search(raw)
        said = (raw[: comment.start()] if comment else raw).strip()
        if waiting and comment:
            return None
        if said.endswith("\\"):
            waiting += said[:-1].rstrip() + " "
            continue
        said, waiting = (waiting + said).strip(), ""
        line = parse(said)
        if line.problem or line.ignored:
            return None
        rewritten = _from_here(said, line, folder, base)
        if rewritten is None:
            return None
        found.append((rewritten, comment["comment"].strip() if comment else ""))
    return None if waiting else found


def _from_here(said: str, line: PipLine, folder: PurePath, base: PurePath) -> str | None:
    """The line as it is written in the section: files that a file names are beside that one, all else is beside `base`."""
    if folder == base or line.option not in ("--requirement", "--constraint"):
        return said
    value, meant = line.options[0].value, line.options[0].meant
    if len(line.options) != 1 or value is None or VARIABLE.search(meant):
        return None
    if SCHEME.search(meant):
        return said
    return said[: value.start] + relative(join(folder, meant), base) + said[value.end :] if " " not in meant else None


def _inlined(site: Site, item: Requirement, taken: Sequence[tuple[str, str]], *, flow: bool) -> list[Change]:
    if flow:
        joined = ", ".join(in_any_list(said) for said, _ in taken if said)
        return [Replace(item.node.span, joined)]
    lines = site.lines
    first = lines.place(item.dash)[0]
    indent = site.text[lines.span(first).start : item.dash]
    own = site.comment_behind(item)
    written = [f"{indent}{own}"] if own else []
    for said, comment in taken:
        if said:
            written.append(f"{indent}- {scalar(said)}" + (f"  {comment}" if comment else ""))
        elif comment:
            written.append(f"{indent}{comment}")
    span = Span(lines.span(first).start, lines.span(site.lines_of(item)[-1]).end)
    return [Replace(span, newline(site.text).join(written))]
