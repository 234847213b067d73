"""Paths that a file writes: what they are relative to, and what they mean. Pure: nobody looks at a disk here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

from envls.syntax import Scalar
from envls.text import Span


@dataclass(frozen=True)
class PathRef:
    """A path that the value of a key is. `base` is the folder it is relative to, `target` where it leads.

    `kind` names what must be there: "conda file", "Spark file", "compute target", "script", "folder" and so on, as the
    tables of keys have it. `suffix` is what the value leaves out (a compute target is named without its extension), `prefix`
    what stands before the path in it. `others` are folders that it may be relative to as well, where who loads the file
    decides; it leads to the first of the `targets` that is there. Of each file of a project it is asked at every keystroke
    where it leads, so that is remembered.
    """

    node: Scalar
    key: str
    kind: str
    base: PurePath
    suffix: str = ""
    others: tuple[PurePath, ...] = ()
    prefix: str = ""

    @property
    def span(self) -> Span:
        return self.node.span

    @cached_property
    def target(self) -> PurePath:
        return join(self.base, self.written)

    @property
    def written(self) -> str:
        """The path as far as it is one, with what the value leaves out."""
        return self.node.value.removeprefix(self.prefix) + self.suffix

    @cached_property
    def targets(self) -> tuple[PurePath, ...]:
        """Where it may lead, the likeliest first."""
        there = (join(base, self.written) for base in (self.base, *self.others))
        return tuple(dict.fromkeys(there))


def join(base: PurePath, written: str) -> PurePath:
    """`written` seen from `base`, with `.` and `..` taken away; an absolute path stands for itself."""
    path = type(base)(written)
    joined = path if path.is_absolute() else base / path
    parts: list[str] = []
    for part in joined.parts[1:] if joined.anchor else joined.parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".." or not joined.anchor:
            parts.append(part)
    return type(base)(joined.anchor, *parts) if joined.anchor else type(base)(*parts)


def relative(target: PurePath, base: PurePath) -> str:
    """How a file in `base` writes the path of `target`: with forward slashes, `..` where needed."""
    ours, theirs = base.parts, target.parts
    shared = 0
    while shared < min(len(ours), len(theirs)) and ours[shared] == theirs[shared]:
        shared += 1
    if shared == 0 and base.anchor:
        return target.as_posix()
    return "/".join((*[".."] * (len(ours) - shared), *theirs[shared:]))
