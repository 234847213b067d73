"""How a text is written: its line ends, its indentation, its quotes."""

from __future__ import annotations

from envls.syntax import Kind, Scalar, Text, resolved
from envls.text import Edit, Lines, Span


def newline(text: str) -> str:
    """The line end that a text uses."""
    return "\r\n" if "\r\n" in text else "\n"


def scalar(value: str, *, like: Scalar | None = None) -> str:
    """`value` as a YAML scalar on one line: quoted as `like` is, else only where it must be."""
    if like is not None and like.style.value in ("'", '"'):
        mark = like.style.value
        return (
            mark + (value.replace("'", "''") if mark == "'" else value.replace("\\", "\\\\").replace('"', '\\"')) + mark
        )
    return value if _is_plain(value) else "'" + value.replace("'", "''") + "'"


def as_text(value: str, *, like: Scalar | None = None) -> str:
    """The same of what must stay a text: quoted also where YAML 1.1 or 1.2 takes it for a number, a boolean, or nothing."""
    written = scalar(value, like=like)
    plain = Scalar(0, Text(value, value))
    if written == value and any(resolved(plain, yaml=yaml) is not Kind.TEXT for yaml in ("1.1", "1.2")):
        return f"'{value}'"  # no quote stands in such a value
    return written


def _is_plain(value: str) -> bool:
    if not value or value != value.strip() or value[0] in ",[]{}#&*!|>'\"%@`=<~":
        return False
    if value[0] in "-?:" and not value[1:2].strip():
        return False
    return (
        ": " not in value and " #" not in value and not value.endswith(":") and not value.replace(".", "", 1).isdigit()
    )


def indentation(text: str) -> int:
    """How many blanks one level of a text has: as its first indented line, else two."""
    for line in text.splitlines():
        bare = line.lstrip(" ")
        if bare and bare[0] not in "#\t" and len(bare) < len(line):
            return min(len(line) - len(bare), 8)
    return 2


def column_of(offset: int, lines: Lines) -> int:
    return lines.place(offset)[1]


def lines_after(line: int, contents: list[str], text: str, lines: Lines) -> Edit:
    end = lines.whole(line).end
    joined = newline(text).join(contents)
    if end == len(text) and not text.endswith(("\n", "\r")):
        return Edit(Span(end, end), newline(text) + joined)
    return Edit(Span(end, end), joined + newline(text))
