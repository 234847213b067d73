"""What stands behind a dash or a colon, or on a line of its own: a scalar, brackets, an alias.

A value that is not closed ends with its line, or where the next line of an outer level begins; what it would swallow
is read as what it is.
"""

from __future__ import annotations

import re

from envls.syntax import flow, scalars, unbalanced
from envls.syntax.heads import Begins, head, without_comment
from envls.syntax.lines import FORBIDDEN
from envls.syntax.page import Page
from envls.syntax.tree import Alias, Node, Scalar, Style
from envls.text import Edit, Span

_BEHIND = re.compile(r"[ \t]*(?:[:\r\n#]|$)")
_TO_COMMENT = re.compile(r"[ \t]*(?:#|$)")
_DOUBTS = re.compile(rf"{FORBIDDEN}|^(?:---|\.\.\.)(?=[ \t\r\n]|$)", re.MULTILINE)
_CLOSINGS = {"]": "[", "}": "{"}
_ALIAS = re.compile(r"\*([^ \t,\[\]{}]+)")


def read(page: Page, index: int, start: int, content: str, parent: int) -> tuple[Node, int]:
    """The value that begins at `start` on line `index`, within a collection at column `parent`; the line behind it."""
    first = content[0]
    if first in "[{":
        return _brackets(page, index, start, parent)
    if first in "'\"":
        return _quoted(page, index, start, content, parent)
    if first in "|>":
        return _block(page, index, start, content, parent)
    if first == "*" and (found := _ALIAS.match(content)):
        name, span = found.group(1), Span(start, start + found.end())
        if name not in page.anchors:
            fix = ("Put quotes round it", quote(start, content))
            page.problem(span, f"no anchor `&{name}` stands before this; put quotes round a `*`", fix)
        return Alias(span, name, page.anchors.get(name)), _behind(page, span.end, index)
    if first == "&":
        fix = ("Put quotes round it", quote(start, content))
        message = "`&` begins an anchor, a name of letters and digits; put quotes round it"
        page.problem(Span(start, start + 1), message, fix)
        return raw(start, content), index + 1
    begins = head(content)
    if begins.begins is not Begins.PLAIN:
        if first in "%@`*]},":
            fix = ("Put quotes round it", quote(start, content))
            page.problem(Span(start, start + 1), f"`{first}` cannot begin a value; put quotes round it", fix)
        else:
            page.problem(Span(start, start + 1), f"`{first}` cannot begin a value here")
        return raw(start, content), index + 1
    _no_tab_in(page, start, begins.text.raw)
    if begins.comment >= 0:
        page.comment(start + begins.comment, start + len(content))
    return Scalar(start, begins.text), index + 1


def continued(page: Page, leaf: Node, index: int, parent: int) -> tuple[Scalar, int] | None:
    """A plain scalar with the lines from `index` on that go on with it; None where that line does not."""
    if not isinstance(leaf, Scalar) or not is_open(leaf) or leaf.span.end <= page.lines[index - 1].start:
        return None
    end, at = leaf.span.end, index
    while at < len(page.lines):
        line = page.lines[at]
        if line.indent <= parent or head(line.content).begins in (Begins.ITEM, Begins.KEY):
            break  # YAML takes a dash for text here; whoever wrote one meant an item, and is told so
        size = _continuation(line.content)
        _no_tab_in(page, line.start, line.content[: size or 0])
        if size is None or page.text[end : line.start].strip() or page.comment_between(end, line.start):
            break
        end = line.start + size
        at += 1
        if size < len(line.content):
            page.comment_behind(line.start, line.content)
            break
    if at == index:
        return None
    return leaf._replace(text=scalars.plain(page.text[leaf.start : end])), at


def _no_tab_in(page: Page, start: int, written: str) -> None:
    at = written.find("\t")
    if at >= 0:
        end = start + len(written) - len(written[at:].lstrip(" \t"))
        fix = ("Replace the tab by a space", Edit(Span(start + at, end), " "))
        page.problem(Span(start + at, end), "a tab cannot stand in a text without quotes; use a space", fix)


def raw(start: int, content: str) -> Scalar:
    """A value that is none, as it stands."""
    return Scalar(start, scalars.plain(without_comment(content)))


def quote(start: int, content: str) -> Edit:
    """The edit that puts quotes round what stands at `start` up to its comment."""
    written = without_comment(content).rstrip()
    mark = "'" if "'" not in written else '"'
    inner = written if mark == "'" else written.replace("\\", "\\\\")
    return Edit(Span(start, start + len(written)), mark + inner + mark)


# -- brackets and quotes --------------------------------------------------------------------------------------


def _brackets(page: Page, index: int, start: int, parent: int) -> tuple[Node, int]:
    text, anchors = page.text, page.anchors
    limit = _limit(page, index, parent)
    found = flow.read(text, start, limit, anchors)
    if not found.closed and not (parent < 0 and _is_json(page, index)):
        limit = _unclosed_limit(page, index, limit)
        found = flow.read(text, start, limit, anchors)
    ends_well = _ends_well(page, found.end, parent)
    if found.problems or not ends_well or _DOUBTS.search(text, start, found.end):
        again = unbalanced.read(text, start, limit, anchors)
        doubts = len(found.problems) + (not ends_well)
        if len(again.problems) <= max(1, doubts):
            found = again
    page.problems += found.problems
    return found.node, _behind(page, found.end, index)


def _is_json(page: Page, index: int) -> bool:
    """Whether a text that begins with a bracket is in brackets as a whole."""
    following = page.lines[index + 1].content if index + 1 < len(page.lines) else ""
    return following[:1] in ("", *"\"'[]{}") or len(page.lines[index].content) == 1


def _ends_well(page: Page, end: int, parent: int) -> bool:
    """Whether nothing but a comment stands behind brackets; behind those round the whole text no line either."""
    rest = page.text[end : page.all_lines.span(page.all_lines.place(end)[0]).end].strip()
    return (not rest or rest[0] == "#") and (parent >= 0 or page.line_at(end) >= len(page.lines))


def broken_json(page: Page) -> Node | None:
    """The whole text where it is JSON whose first line is broken."""
    lines = page.lines
    if (
        len(lines) < 3
        or lines[-1].content not in _CLOSINGS
        or lines[1].content[0] not in "\"'[{"
        or lines[0].content[0] in "[{"
    ):
        return None
    first, opening = lines[0], _CLOSINGS[lines[-1].content]
    if first.content[-1] == opening and head(first.content).begins not in (Begins.KEY, Begins.ITEM):
        start = first.start + len(first.content) - 1
        found = unbalanced.read(page.text, start, len(page.text), page.anchors)
        page.problem(Span(first.start, start), f"nothing may stand before `{opening}` here")
    elif first.content[-1] == ",":
        start = first.start
        found = unbalanced.read(page.text, start, len(page.text), page.anchors, opening)
        page.problem(Span(start, start + 1), f"`{opening}` is missing before this")
    else:
        return None
    page.problems += found.problems
    return found.node


def _unclosed_limit(page: Page, index: int, limit: int) -> int:
    """Where brackets that are not closed end: behind the last line that goes on with them, as a comma promises."""
    line = page.lines[index]
    for following in page.lines[index + 1 :]:
        before = without_comment(line.content).rstrip()
        if following.start >= limit or before[-1] not in ",[{" or _is_entry(following.content):
            return following.start
        line = following
    return limit


def _is_entry(content: str) -> bool:
    """Whether a line is an entry or item of its own, and not one in brackets."""
    begins = head(content).begins
    if begins is Begins.ITEM:
        return True
    if begins is not Begins.KEY or content[-1] == ",":
        return False
    return all(content.count(opening) == content.count(closing) for opening, closing in ("[]", "{}"))


def _quoted(page: Page, index: int, start: int, content: str, parent: int) -> tuple[Node, int]:
    pattern = scalars.DOUBLE_QUOTED if content[0] == '"' else scalars.SINGLE_QUOTED
    found = pattern.match(page.text, start, start + len(content))
    if not found:
        found = pattern.match(page.text, start, _limit(page, index, parent))
        if not found or not _BEHIND.match(page.text, found.end()):
            # what would close it on another line opens the next one there
            page.problem(Span(start, start + 1), f"`{content[0]}` is not closed")
            return Scalar(start, scalars.quoted(content)), index + 1
    written = found.group()
    if (problem := flow.escape_problem(start, written)) is not None:
        page.problems.append(problem)
    return Scalar(start, scalars.quoted(written)), _behind(page, found.end(), index)


def _limit(page: Page, index: int, parent: int) -> int:
    """Where a scalar or brackets that open on line `index` must have closed: the next outer entry or item."""
    for following in range(index + 1, len(page.lines)):
        line = page.lines[following]
        begins = head(line.content).begins
        if line.indent <= parent and begins in (Begins.KEY, Begins.ITEM):
            return line.start
    return len(page.text)


def _behind(page: Page, end: int, index: int) -> int:
    """The first line behind `end`; what else stands on the line of `end` is a problem unless it is a comment."""
    line_end = page.all_lines.span(page.all_lines.place(end)[0]).end
    bare = page.text[end:line_end].lstrip(" \t")
    span = Span(line_end - len(bare), line_end - len(bare) + len(bare.rstrip()))
    if bare.startswith("#"):
        page.comment(*span)
    elif span.end > span.start:
        page.problem(span, "nothing may stand here")
    following = page.line_at(end)
    if following - 1 > index:
        page.raw_regions.append(Span(page.lines[index + 1].start, end))
    return max(following, index + 1)


# -- texts of several lines -----------------------------------------------------------------------------------


def _block(page: Page, index: int, start: int, content: str, parent: int) -> tuple[Node, int]:
    if not scalars.BLOCK_HEADER.match(content):
        fix = ("Put quotes round it", quote(start, content))
        message = f"`{content[0]}` begins a text of several lines here; put quotes round a value that begins with it"
        page.problem(Span(start, start + 1), message, fix)
        return raw(start, content), index + 1
    number = page.all_lines.place(start)[0] + 1
    end = start + len(content)
    starts = page.all_lines.starts
    least, told = parent + 1, content[1:3].strip("+- ").isdigit()
    blank = Span(0, 0)  # the longest line of blanks before the text
    while number < len(starts):
        span = page.all_lines.span(number)
        line = page.text[slice(*span)]
        bare = line.lstrip(" ")
        if bare and len(line) - len(bare) < least:
            break
        if bare and not told:
            least, told = len(line) - len(bare), True
            if len(line) - len(bare) < blank.end - blank.start:
                fix = ("Remove the blanks", Edit(blank, ""))
                page.problem(blank, "this blank line is indented more than the text that it begins", fix)
        elif not told and len(line) > blank.end - blank.start:
            blank = span
        end = page.all_lines.whole(number).end
        number += 1
    comment = content.find(" #")
    if comment >= 0:
        page.raw_regions.append(Span(start + len(content), end))
        page.comment(start + comment + 1, start + len(content))
    else:
        page.raw_regions.append(Span(start, end))
    return Scalar(start, scalars.block(page.text[start:end], parent)), page.line_at(end)


def _continuation(content: str) -> int | None:
    """How much of a line goes on with the plain scalar above; None where it cannot."""
    if content[0] == "#":
        return None
    found = scalars.PLAIN.match(content)
    end = found.end() if found else 0
    return end if _TO_COMMENT.match(content, end) else None


def is_open(leaf: Node) -> bool:
    """Whether more lines may go on with a value: it is plain and written."""
    return isinstance(leaf, Scalar) and leaf.style is Style.PLAIN and bool(leaf.text.raw)
