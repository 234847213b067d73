"""Files and folders as the user has them now: the editor's buffers before the disk.

Reads text, lists folders and finds the files of a project; what a text means is `document`'s business.
Nothing here follows a link out of a project or reads without a bound.
"""

from __future__ import annotations

import stat
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from envls.facts import Absent, Answer, Known, Unavailable
from envls.world.project import project_root, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from envls.document import Document
    from envls.facts import FileAt, FolderAt, ProjectFiles
    from envls.world.lanes import Lane

LARGEST = 20_000_000
"""Bytes of the largest file that is read."""
MOST_ENTRIES = 10_000
"""Entries of a folder beyond which it is not listed."""
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


class Disk:
    """Answers FileAt, FolderAt and ProjectFiles. `folders` bound the projects; `buffers` are what the editor has open."""

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
        found |= {path for path in self.buffers if known_name(path) and root in path.parents}
        return Known(tuple(sorted(found)), "disk")

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
        answer = _read(path, status.st_mode, status.st_size)
        self._files[path] = signature, answer
        return answer

    def forget(self, path: PurePath) -> None:
        """The file may have changed although its time and size have not."""
        self._files.pop(path, None)


def known_name(path: PurePath) -> bool:
    from envls.document import known_name as known  # noqa: PLC0415 - its readers cost time that a look must not pay

    return known(path)


def _read(path: PurePath, mode: int, size: int) -> Answer[Document]:
    from envls.document import read  # noqa: PLC0415 - as above

    if stat.S_ISDIR(mode):
        return Unavailable("is a folder")
    if not stat.S_ISREG(mode):
        return Unavailable("is no regular file")
    if size > LARGEST:
        return Unavailable(f"is larger than {LARGEST // 1_000_000} MB")
    try:
        with Path(path).open("rb") as file:
            raw = file.read(LARGEST + 1)
        text = decode(raw)
    except FileNotFoundError:
        return Absent("disk")
    except OSError as error:
        return Unavailable(_reason(error))
    except UnicodeDecodeError:
        return Unavailable("is not UTF-8 text")
    return Known(read(path, text), "disk")


def decode(raw: bytes) -> str:
    """The text of a file: UTF-8, or what its byte order mark says. Raises UnicodeDecodeError."""
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return raw.decode(encoding)
    return raw.decode("utf-8")


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
    root, depth = project_root(near, folders)
    return root, set(walk(root, depth, known_name))


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
