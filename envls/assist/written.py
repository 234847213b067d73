"""Paths as a text writes them: where exactly they stand, where they lead, and the same path written anew.

The law: a path that is written anew keeps its style (quotes, slashes, `./`, absolute or not, what its key leaves out),
and where that cannot be done it is not written at all. Nothing here looks at a disk.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from envls.document import Document
from envls.facts import Absent, Facts, FileAt, FolderAt, Known, Pending
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.paths import PathRef, join, relative
from envls.rules.pip.paths import paths_of_line
from envls.runs import paths_of
from envls.syntax import Scalar, Style
from envls.text import Edit, Span
from envls.write import scalar

_PIP_OPTION, _PIP_PATH = "pip option", "pip path"
_NOT_SHOWN = frozenset(("folder", "model", _PIP_PATH))
_FLOW = re.compile(r"[,\[\]{}]")
_NOT_FOR_PIP = re.compile(r"[\s'\"#;\[\]@]")


@dataclass(frozen=True, slots=True)
class WrittenPath:
    """A path that stands in the value of `node` from character `start` up to `end`, and says `written`.

    `kind` is that of a `PathRef`, or says that it is the value of an option of pip, or a line of its own. `bases` are the folders that it may
    be relative to, the likeliest first; `suffix` is what it leaves out.
    """

    node: Scalar
    start: int
    end: int
    written: str
    kind: str
    bases: tuple[PurePath, ...]
    suffix: str = ""

    @property
    def span(self) -> Span:
        return self.node.within(self.start, self.end)

    @property
    def targets(self) -> tuple[PurePath, ...]:
        """Where it may lead, the likeliest first."""
        return tuple(join(base, self.written + self.suffix) for base in self.bases)

    @property
    def leads_to_text(self) -> bool:
        """Whether what it leads to is something that an editor shows."""
        return self.kind not in _NOT_SHOWN

    def base_of(self, facts: Facts) -> int | None:
        """Which of `bases` it is relative to: of several the first where something is; None while that is not known."""
        if len(self.bases) == 1:
            return 0
        for index, target in enumerate(self.targets):
            if isinstance(facts.ask(FileAt(target)), Pending):
                return None
            if not is_gone(target, facts):
                return index
        return 0

    def target(self, facts: Facts) -> PurePath | None:
        """Where it leads, whether or not something is there; None while that is not known."""
        base = self.base_of(facts)
        return None if base is None else self.targets[base]

    def rewritten(self, target: PurePath, base: PurePath, like: str) -> str | None:
        """The text that leads from `base` to `target` in the style of the path `like`; None where none can."""
        name = str(target)
        if self.suffix:
            if not name.lower().endswith(self.suffix):
                return None
            target = target.with_name(target.name[: -len(self.suffix)])
        new = target.as_posix() if type(base)(like).is_absolute() else relative(target, base) or "."
        begins_here = like.startswith(("./", ".\\")) or self.kind == _PIP_PATH
        if begins_here and new != "." and not new.startswith("../") and not type(base)(new).is_absolute():
            new = f"./{new}"
        if like.endswith(("/", "\\")) and not new.endswith("/"):
            new += "/"
        if self.kind in (_PIP_OPTION, _PIP_PATH) and _NOT_FOR_PIP.search(new):
            return None
        return new.replace("/", "\\") if "\\" in like and "/" not in like else new

    def edit(self, new: str) -> Edit | None:
        """The edit that writes `new` in its place; None in a text of several lines, or where it is written with escapes."""
        node = self.node
        if node.style in (Style.LITERAL, Style.FOLDED) or node.value[self.start : self.end] != self.written:
            return None
        if node.style is not Style.PLAIN:
            return Edit(self.span, scalar(new, like=node)[1:-1])
        whole = node.value[: self.start] + new + node.value[self.end :]
        if scalar(whole) == whole and not _FLOW.search(new):
            return Edit(self.span, new)
        return Edit(node.span, "'" + whole.replace("'", "''") + "'")


def is_gone(path: PurePath, facts: Facts) -> bool:
    """Whether there is neither a file nor a folder at a path."""
    if not isinstance(facts.ask(FileAt(path)), Absent):
        return False
    folder = facts.ask(FolderAt(path))
    return isinstance(folder, Absent) or (isinstance(folder, Known) and not folder.value)


def written_paths(document: Document) -> list[WrittenPath]:
    """The paths of other files and folders that a document writes, in the order in which it is read."""
    content = document.content
    if isinstance(content, EnvironmentFile):
        return list(_of_pip(content, document.path.parent))
    return [_of_reference(path) for path in paths_of(document) if "$" not in path.node.value]


def written_path_at(document: Document, offset: int) -> WrittenPath | None:
    return next((path for path in written_paths(document) if path.node.span.touches(offset)), None)


def _of_reference(path: PathRef) -> WrittenPath:
    value = path.node.value
    start = len(path.prefix) if value.startswith(path.prefix) else 0
    bases = tuple(dict.fromkeys((path.base, *path.others)))
    return WrittenPath(path.node, start, len(value), value[start:], path.kind, bases, path.suffix)


def _of_pip(file: EnvironmentFile, folder: PurePath) -> Iterator[WrittenPath]:
    """pip is run in the folder of the environment file."""
    for requirement in file.requirements:
        if requirement.line.kind not in ("option", "path"):
            continue
        kind = _PIP_PATH if requirement.line.kind == "path" else _PIP_OPTION
        for part, written, _ in paths_of_line(requirement.line):
            end = part.start + len(written) if part.text.startswith(written) else part.end
            yield WrittenPath(requirement.node, part.start, end, written, kind, (folder,))
