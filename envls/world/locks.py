"""Lock files of conda-lock: which one was made from a file, and what it holds.

A lock names its sources; one that names none was made from an environment, not from a file (`conda export` writes such).
pixi's lock is made from pixi's own manifest, never from an environment file, so it says nothing of one. A lock may
have megabytes of YAML, whose few wanted lines are found by their form: PyYAML takes a second and a half for 4 MB.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from envls.facts import Absent, Answer, InstalledPackage, Known, Lock, Locked, Unavailable
from envls.formats.conda.requirement import normalised
from envls.syntax import Mapping, Scalar, Sequence, parse
from envls.world.project import project_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from collections.abc import Sequence as Many

    from envls.facts import LockBeside
    from envls.world.lanes import Lane

AGE = 30.0
"""Seconds after which the locks beside a file are looked at again."""
LARGEST = 20_000_000
"""Bytes of the largest lock that is read."""
_LARGEST_HEAD = 200_000
_MOST = 10
"""Locks of one folder that are read."""
_HIGHEST = 4
"""Folders above that of the file in which its lock is looked for, as far as the project goes."""
_NAME = re.compile(r"(?:.*[-_.])?conda-lock(?:[-_.].*)?\.ya?ml", re.IGNORECASE)
_TOP = re.compile(r"^([A-Za-z_]\w*):", re.MULTILINE)
_FIRST_ITEM = re.compile(r"^package:[ \t]*\r?\n(?:[ \t]*(?:#.*)?\r?\n)*([ ]*)-[ ]", re.MULTILINE)
_NO_ITEMS = re.compile(r"^package:[ \t]*\[\]", re.MULTILINE)
_WANTED = ("name", "version", "manager", "platform")


def is_lock(path: PurePath) -> bool:
    """Whether a file of this name may be a lock of conda-lock."""
    return _NAME.fullmatch(path.name) is not None


class Locks:
    """Answers LockBeside. `projects` are the folders of the workspace."""

    def __init__(self, lane: Lane, projects: Callable[[], Many[PurePath]]) -> None:
        self._lane = lane
        self._projects = projects
        self._read: dict[Path, tuple[tuple[int, int], Lock | str]] = {}

    async def beside(self, question: LockBeside, *, fresh: bool) -> Answer[Lock]:
        del fresh
        projects = tuple(self._projects())
        return await self._lane.run(lambda: self._beside(question.path, projects))

    def _beside(self, path: PurePath, projects: Many[PurePath]) -> Answer[Lock]:
        """The nearest lock that names the file among its sources."""
        reasons = []
        for file in _near(path, projects):
            lock = self._lock(file)
            if isinstance(lock, str):
                reasons.append(f"{file.name} {lock}")
            elif _names(lock, path):
                return Known(lock, str(file))
        return Unavailable("; ".join(reasons)) if reasons else Absent("disk")

    def _lock(self, file: Path) -> Lock | str:
        """A lock, or why it cannot be read; the same object as before where the file has not changed."""
        try:
            status = file.stat()
            signature = status.st_mtime_ns, status.st_size
            former = self._read.get(file)
            if former is None or former[0] != signature:
                lock = read_lock(file, file.read_text("utf-8-sig")) if status.st_size <= LARGEST else "is too large"
                former = self._read[file] = signature, lock
        except OSError as error:
            return error.strerror or "cannot be opened"
        except ValueError:
            return "is not UTF-8 text"
        return former[1]


def _near(path: PurePath, projects: Many[PurePath]) -> Iterator[Path]:
    """The files that may be its lock, the nearest folder first; in each conda-lock's own name first."""
    root, _ = project_root(path, projects)
    for folder in path.parents[: _HIGHEST + 1]:
        try:
            names = [name for name in os.listdir(folder) if _NAME.fullmatch(name)]  # noqa: PTH208 - names are enough
        except (OSError, ValueError):
            names = []
        yield from (Path(folder, name) for name in sorted(names, key=lambda name: (len(name), name))[:_MOST])
        if folder == root:
            return


def _names(lock: Lock, path: PurePath) -> bool:
    if path in lock.sources:
        return True
    real = os.path.realpath(path)
    return any(source.name == path.name and os.path.realpath(source) == real for source in lock.sources)


# -- reading --------------------------------------------------------------------------------------------------


def read_lock(path: Path, text: str) -> Lock | str:
    """What a lock says, or why it is none (a phrase)."""
    blocks = list(_TOP.finditer(text))
    ends = [block.start() for block in blocks[1:]] + [len(text)]
    by_name = {block[1]: (block.start(), end) for block, end in zip(blocks, ends, strict=False)}
    metadata = _metadata(text[slice(*by_name.get("metadata", (0, 0)))])
    if metadata is None or "package" not in by_name or not re.search(r"^version:[ \t]*['\"]?1\b", text, re.MULTILINE):
        return "is no lock that conda-lock has written"
    platforms = _packages(text, *by_name["package"])
    if platforms is None:
        return "is not written as conda-lock writes it"
    listed = _texts(metadata, "platforms")
    return Lock(
        path,
        {platform: platforms.get(platform) or Locked({}, {}) for platform in dict.fromkeys((*listed, *platforms))},
        tuple(_texts(metadata, "channels")),
        tuple(PurePath(os.path.normpath(path.parent / source)) for source in _texts(metadata, "sources")),
    )


def _metadata(block: str) -> Mapping | None:
    """The head of a lock. Not read by PyYAML, whose fast loader a text nested deeply enough ends with the process."""
    root = parse(block).root if len(block) <= _LARGEST_HEAD else None
    metadata = root.get("metadata") if isinstance(root, Mapping) else None
    return metadata if isinstance(metadata, Mapping) else None


def _texts(metadata: Mapping, key: str) -> list[str]:
    """The items of a list; of one that is a mapping its `url`, as conda-lock writes channels."""
    listed = metadata.get(key)
    items = listed.items if isinstance(listed, Sequence) else ()
    nodes = (item.get("url") if isinstance(item, Mapping) else item for item in items)
    return [node.value for node in nodes if isinstance(node, Scalar) and node.value]


def _packages(text: str, start: int, end: int) -> dict[str, Locked] | None:
    """What the list says for each platform; None where an item is not in the form that conda-lock writes."""
    found: dict[str, Locked] = {}
    first = _FIRST_ITEM.match(text, start, end)
    if first is None:
        return {} if _NO_ITEMS.match(text, start, end) else None
    for item in _list_items(text, first[1], first.start(1), end):
        if any(key not in item for key in _WANTED):
            return None
        name, version, manager, platform = (item[key] for key in _WANTED)
        locked = found.setdefault(platform, Locked({}, {}))
        if manager == "conda":
            build = item.get("build") or _build(item.get("url", ""))
            locked.conda[name.lower()] = InstalledPackage(name, version, build)
        else:
            locked.pip[normalised(name)] = InstalledPackage(name, version)
    return found


def _list_items(text: str, indent: str, start: int, end: int) -> Iterator[dict[str, str]]:
    """The plain values of the items of a list: of those keys that stand directly in them ("" for none on a dash)."""
    line = re.compile(rf"^{indent}(?:(-) (?:(\w+):)?|  (name|version|manager|platform|url|build):)(.*)$", re.MULTILINE)
    item: dict[str, str] = {}
    for found in line.finditer(text, start, end):
        begins, first, key, value = found.groups()
        value = value.strip()
        if begins and item:
            yield item
            item = {}
        item[first or key or ""] = value[1:-1] if value[:1] in ("'", '"') and value[-1:] == value[:1] else value
    if item:
        yield item


def _build(url: str) -> str:
    """The build string of a package, by the name of its file."""
    stem = re.sub(r"\.(?:conda|tar\.bz2)$", "", url.partition("#")[0].rpartition("/")[2])
    parts = stem.rsplit("-", 2)
    return parts[2] if len(parts) == 3 else ""
