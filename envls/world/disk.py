"""Files and folders as the user has them now: the editor's buffers before the disk.

Reads text, lists folders and finds the files of a project; what a text means is `document`'s business.
Nothing here follows a link out of a project or reads without a bound.
"""

from __future__ import annotations

import stat
from functools import lru_cache
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from envls.encoding import Encoding, decode
from envls.facts import Absent, Answer, Known, Unavailable
from envls.world.project import project_root, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from envls.document import Document
    from envls.facts import EncodingAt, FileAt, FolderAt, ModuleNames, ProjectFiles
    from envls.world.lanes import Lane

LARGEST = 20_000_000
"""Bytes of the largest file that is read."""
MOST_ENTRIES = 10_000
"""Entries of a folder beyond which it is not listed."""
MOST_BEGINNINGS = 500
"""YAML files of one project whose names say nothing and whose beginnings are looked at, those near its root first."""
_BEGINNING = 4096
_MODULES = (".py", ".pyx", ".so", ".pyd")


class Disk:
    """Answers FileAt, EncodingAt, FolderAt, ProjectFiles and ModuleNames.

    `folders` bound the projects; `buffers` are what the editor has open.
    """

    def __init__(self, lane: Lane, folders: Sequence[PurePath] = ()) -> None:
        self.folders = tuple(folders)
        self.buffers: dict[PurePath, Document] = {}
        self._lane = lane
        self._files: dict[PurePath, tuple[tuple[int, int, int], Answer[Document]]] = {}

    async def file(self, question: FileAt, *, fresh: bool) -> Answer[Document]:
        del fresh
        path = question.path
        answer = None if path in self.buffers else await self._lane.run(lambda: self._file(path))
        buffer = self.buffers.get(path)  # it may have been opened while the disk was read
        if buffer is not None:
            return Known(buffer, "editor")
        return answer or await self.file(question, fresh=True)

    async def encoding(self, question: EncodingAt, *, fresh: bool) -> Answer[Encoding]:
        del fresh
        return await self._lane.run(lambda: _encoding(question.path))

    async def folder(self, question: FolderAt, *, fresh: bool) -> Answer[tuple[str, ...]]:
        del fresh
        answer = await self._lane.run(lambda: _listing(question.path))
        open_here = [path.name for path in self.buffers if path.parent == question.path]
        if not open_here:
            return answer
        listed = answer.value if isinstance(answer, Known) else ()
        return Known(tuple(sorted({*listed, *open_here})), "disk")

    async def project(self, question: ProjectFiles, *, fresh: bool) -> Answer[tuple[PurePath, ...]]:
        del fresh
        folders = self.folders
        root, found = await self._lane.run(lambda: _project(question.near, folders))
        ours = (path for path, buffer in self.buffers.items() if known_name(path) or buffer.content is not None)
        found |= {path for path in ours if root in path.parents}
        return Known(tuple(sorted(found)), "disk")

    async def modules(self, question: ModuleNames, *, fresh: bool) -> Answer[frozenset[str]]:
        del fresh
        folders = self.folders
        return Known(await self._lane.run(lambda: _modules(question.near, folders)), "disk")

    def _file(self, path: PurePath) -> Answer[Document]:
        """Runs in a thread. A file that has not changed gives the same answer, so that nobody is told of news."""
        try:
            status = Path(path).stat()
        except (FileNotFoundError, NotADirectoryError):
            return Absent("disk")
        except (OSError, ValueError) as error:
            return Unavailable(_reason(error))
        signature = (status.st_mtime_ns, status.st_size, status.st_ino)
        former = self._files.get(path)
        if former is not None and former[0] == signature:
            return former[1]
        answer = _document(path)
        self._files[path] = signature, answer
        return answer

    def forget(self, path: PurePath) -> None:
        """The file may have changed although its time and size have not."""
        self._files.pop(path, None)


def known_name(path: PurePath) -> bool:
    from envls.document import known_name as known  # noqa: PLC0415 - its readers cost time that a look must not pay

    return known(path)


def may_be_listed(path: PurePath) -> bool:
    from envls.document import may_be_listed as may_be  # noqa: PLC0415 - as above

    return may_be(path)


def begins_as_ours(path: PurePath) -> bool:
    """Whether a file whose name says nothing begins as one of ours does; False where it cannot be read."""
    if not may_be_listed(path):
        return False
    try:
        status = Path(path).stat()
        return stat.S_ISREG(status.st_mode) and _telling(path, status.st_mtime_ns, status.st_size)
    except (OSError, ValueError):
        return False


@lru_cache(maxsize=4096)
def _telling(path: PurePath, changed: int, size: int) -> bool:
    from envls.document import telling_beginning  # noqa: PLC0415 - as above

    del changed, size
    with Path(path).open("rb") as file:
        return telling_beginning(path, file.read(_BEGINNING).decode("utf-8", "replace"))


class Listed:
    """Whether a file of a project is listed: by its name, else, for the first `most` YAML files, by its beginning."""

    def __init__(self, most: int = MOST_BEGINNINGS) -> None:
        self._left = most

    def __call__(self, path: PurePath) -> bool:
        if known_name(path):
            return True
        if self._left <= 0 or not may_be_listed(path):
            return False
        self._left -= 1
        return begins_as_ours(path)


def _document(path: PurePath) -> Answer[Document]:
    from envls.document import read  # noqa: PLC0415 - as above
    from envls.formats.python import is_program  # noqa: PLC0415 - as above
    from envls.formats.python import read as read_program  # noqa: PLC0415 - as above

    answer = _text(path)
    if not isinstance(answer, Known):
        return answer
    text, encoding = answer.value
    if is_program(path):
        read_program(path, text)  # remembered: here it holds up nobody
    return Known(read(path, text, encoding=encoding), "disk")


def _encoding(path: PurePath) -> Answer[Encoding]:
    answer = _text(path)
    return Known(answer.value[1], "disk") if isinstance(answer, Known) else answer


def _text(path: PurePath) -> Answer[tuple[str, Encoding]]:
    try:
        status = Path(path).stat()
        if stat.S_ISDIR(status.st_mode):
            return Unavailable("is a folder")
        if not stat.S_ISREG(status.st_mode):
            return Unavailable("is no regular file")
        if status.st_size > LARGEST:
            return Unavailable(f"is larger than {LARGEST // 1_000_000} MB")
        with Path(path).open("rb") as file:
            text, encoding = decode(file.read(LARGEST + 1))
    except (FileNotFoundError, NotADirectoryError):
        return Absent("disk")
    except (OSError, ValueError) as error:
        return Unavailable(_reason(error))
    return Unavailable("is no text") if encoding.stray and "\0" in text else Known((text, encoding), "disk")


def _listing(path: PurePath) -> Answer[tuple[str, ...]]:
    names: list[str] = []
    try:
        for entry in Path(path).iterdir():
            names.append(entry.name + "/" if entry.is_dir() else entry.name)
            if len(names) > MOST_ENTRIES:
                return Unavailable(f"has more than {MOST_ENTRIES} entries")
    except FileNotFoundError:
        return Absent("disk")
    except NotADirectoryError:
        return Unavailable("is no folder")
    except (OSError, ValueError) as error:
        return Unavailable(_reason(error))
    return Known(tuple(sorted(names)), "disk")


def _project(near: PurePath, folders: Sequence[PurePath]) -> tuple[PurePath, set[PurePath]]:
    """The files around; of a project too large to be walked through those that are near are there all the same."""
    root, depth = project_root(near, folders)
    found = set(walk(root, depth, Listed()))
    beside, depth = project_root(near, ())
    if root in beside.parents:
        found.update(walk(beside, depth, Listed()))
    return root, found


def _modules(near: PurePath, folders: Sequence[PurePath]) -> frozenset[str]:
    root, depth = project_root(near, folders)
    found: dict[PurePath, set[str]] = {}

    def gather(path: PurePath) -> bool:
        if path.suffix in _MODULES:
            found.setdefault(path.parent, set()).add(path.name.partition(".")[0])
        return False

    for _ in walk(root, depth, gather):
        pass
    return frozenset(name for names in found.values() for name in names).union(
        part for folder in found for part in folder.relative_to(root).parts
    )


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
