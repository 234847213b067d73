"""How a scalar is written, and what it says.

Each function reads one scalar and remembers where each character of its value stands, so that a finding inside
a quoted, escaped or folded value points at the right character. Nothing here fails: what is not closed or not
an escape is taken as it stands, and the caller says what is wrong.
"""

from __future__ import annotations

import re
from functools import lru_cache

from envls.syntax.tree import Style, Text

# A plain scalar on one line in block context: colons and hashes inside words are text, as conda's specs need.
PLAIN = re.compile(r"(?:[ \t]*(?:[^ \t:#]+|:(?=[^ \t])|(?<=[^ \t])#))+")
SINGLE_QUOTED = re.compile(r"'(?:[^']|'')*'(?!')")
DOUBLE_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
BLOCK_HEADER = re.compile(r"[|>](?:([1-9])[+-]?|[+-]([1-9])?)?(?=[ \t]*$|[ \t]+#)")

_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r",
    "e": "\x1b", " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_HEX = {"x": 2, "u": 4, "U": 8}
_BREAK = re.compile(r"[ \t]*(?:\r\n|\n|\r)[ \t]*")
_PIECE = re.compile(r"[ \t]*(?:\r\n|\n|\r)(?:[ \t]*(?:\r\n|\n|\r))*[ \t]*")


@lru_cache(maxsize=1 << 16)
def plain(raw: str) -> Text:
    """A plain scalar; line breaks in `raw` are folded."""
    if "\n" not in raw and "\r" not in raw:
        return Text(raw, raw)
    return _folded_flow(raw, 0, len(raw), Style.PLAIN)


@lru_cache(maxsize=1 << 12)
def quoted(raw: str) -> Text:
    """A quoted scalar, from quote to quote; one that is not closed ends with `raw`."""
    style = Style.SINGLE if raw[0] == "'" else Style.DOUBLE
    end = len(raw) - 1 if len(raw) > 1 and raw[-1] == raw[0] else len(raw)
    inner = raw[1:end]
    if ("'" if style is Style.SINGLE else "\\") not in inner and "\n" not in inner and "\r" not in inner:
        return Text(raw, inner, style, 1)
    return _folded_flow(raw, 1, end, style)


def _folded_flow(raw: str, start: int, end: int, style: Style) -> Text:
    value: list[str] = []
    places: list[int] = []
    at = start
    while at < end:
        folded = _PIECE.match(raw, at, end)
        if folded:
            breaks = len(_BREAK.findall(folded.group()))
            value.extend("\n" * (breaks - 1) or " ")
            places.extend([at] * (breaks - 1 or 1))
            at = folded.end()
        elif style is Style.DOUBLE and raw[at] == "\\" and at + 1 < end:
            characters, length = _escape(raw, at, end)
            value.extend(characters)
            places.extend([at] * len(characters))
            at += length
        else:
            value.append(raw[at])
            places.append(at)
            at += 2 if style is Style.SINGLE and raw.startswith("''", at) else 1
    return Text(raw, "".join(value), style, places=(*places, end))


def _escape(raw: str, at: int, end: int) -> tuple[str, int]:
    """What a backslash and what is behind it say, and how long that is. A line break behind it joins the lines."""
    letter = raw[at + 1]
    if letter in _HEX:
        digits = raw[at + 2 : min(at + 2 + _HEX[letter], end)]
        try:
            return chr(int(digits, 16)), 2 + len(digits)
        except (ValueError, OverflowError):
            return letter, 2
    if letter in "\r\n":
        joined = _PIECE.match(raw, at + 1, end)
        assert joined is not None
        return "\n" * (len(_BREAK.findall(joined.group())) - 1), joined.end() - at
    return _ESCAPES.get(letter, letter), 2


def with_plain_backslashes(raw: str) -> str:
    """A double-quoted scalar whose backslashes are all meant as such, as in a path of Windows; "" where some are not."""
    return "" if '\\"' in raw else re.sub(r"\\+", r"\\\\", raw)


def bad_escape(raw: str) -> int:
    """Where a double-quoted scalar has an escape that YAML does not know; -1 if nowhere."""
    at = raw.find("\\")
    while 0 <= at < len(raw) - 1:
        letter = raw[at + 1]
        if letter in _HEX:
            digits = raw[at + 2 : at + 2 + _HEX[letter]]
            if not re.fullmatch(r"[0-9a-fA-F]+", digits) or len(digits) < _HEX[letter]:
                return at
        elif letter not in _ESCAPES and letter not in "\r\n":
            return at
        at = raw.find("\\", at + 2)
    return -1


@lru_cache(maxsize=1 << 10)
def block(raw: str, parent_indent: int) -> Text:
    """A literal or folded scalar, from its header to the end of its last line; chomping and folding as in YAML 1.1."""
    header_end = next(iter(re.finditer(r"\r\n|\n|\r|$", raw)))
    header = raw[: header_end.start()]
    style = Style.LITERAL if raw[0] == "|" else Style.FOLDED
    lines = [
        (found.start(), found.group(1)) for found in re.finditer(r"([^\r\n]*)(?:\r\n|\n|\r|$)", raw[header_end.end() :])
    ]
    base = header_end.end()
    ended = raw[-1] in "\r\n"
    if lines and not lines[-1][1]:
        lines.pop()  # what stands behind the last line break
    digit = re.match(r".[+-]?([1-9])", header)
    indent = max(parent_indent, 0) + int(digit.group(1)) if digit else _block_indent(lines)
    contents = [line[indent:] if line[:indent].strip(" ") == "" else line.lstrip(" ") for _, line in lines]
    value: list[str] = []
    places: list[int] = []
    previous, end = "", base
    for (start, line), content, following in zip(lines, contents, _next_texts(contents), strict=True):
        if value:
            joint = "\n"
            if style is Style.FOLDED and _is_text(previous):
                if content and _is_text(content):
                    joint = " "
                elif not content and _is_text(following):
                    joint = ""
            value.append(joint)
            places.extend([end] * len(joint))
        value.append(content)
        places.extend(range(base + start + len(line) - len(content), base + start + len(line)))
        previous, end = content, base + start + len(line)
    body = "".join(value)
    text = body.rstrip("\n")
    said = len(text)
    chomp = "-" if "-" in header[:3] else "+" if "+" in header[:3] else ""
    if chomp == "+":
        text = body + "\n" * ended
    elif not chomp and text and (ended or body != text):
        text += "\n"
    behind = places[said - 1] + 1 if said else len(raw)
    places = [*places[:said], behind, *[len(raw)] * (len(text) - said)]
    return Text(raw, text, style, places=tuple(places))


def _is_text(content: str) -> bool:
    """Whether a line of a folded scalar is joined with its neighbours: it is neither blank nor indented further."""
    return bool(content) and content[0] not in " \t"


def _next_texts(contents: list[str]) -> list[str]:
    """For each line the first one from it on that is not blank; "" where none is."""
    found = [""] * len(contents)
    following = ""
    for number in range(len(contents) - 1, -1, -1):
        following = found[number] = contents[number] or following
    return found


def _block_indent(lines: list[tuple[int, str]]) -> int:
    blank = max((len(line) for _, line in lines), default=0)
    return next((len(line) - len(line.lstrip(" ")) for _, line in lines if line.strip(" ")), blank)
