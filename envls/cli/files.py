"""Files as the terminal has them: found by their names and by what points to them, read, and written back whole.

A folder is searched for names that envls knows, and for YAML files that begin as a job of Azure ML does; what a run
configuration or a job in it points to, and has in it too, is found whatever it is called. A file that is named itself is
read whatever it is called, and is what its project says.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from envls import runs
from envls.cli.screen import complain, shown
from envls.document import Document, Format, read
from envls.encoding import UTF8, decode, encode
from envls.facts import Facts
from envls.world import World, settle
from envls.world.disk import LARGEST, Listed

PATIENCE = 20.0
"""Seconds that facts are waited for."""
_MOST_BEGINNINGS = 10_000
"""YAML files whose first lines are read; of further ones the name decides alone."""
_SKIPPED = frozenset(("node_modules", "__pycache__", "site-packages", ".git", ".venv", "venv", ".tox", ".nox"))


@dataclass(frozen=True)
class Source:
    """A file as it was read from the disk."""

    path: Path
    raw: bytes
    document: Document


@dataclass(frozen=True)
class Found:
    """What the command line means: files, those of them that it names itself, and the number of those not to be read."""

    sources: list[Source]
    named: frozenset[Path]
    unread: int


def find(paths: Iterable[str]) -> Found:
    """Everything that these paths mean, read. Raises FileNotFoundError for what is not there."""
    named: dict[Path, None] = {}
    folders: list[Path] = []
    listed: dict[Path, None] = {}
    for name in paths:
        path = Path(os.path.abspath(name))  # noqa: PTH100 (resolve() would follow links, and show another path)
        if path.is_dir():
            folders.append(path)
            listed |= dict.fromkeys(_known_below(path))
        elif path.exists():
            named[path] = listed[path] = None
        else:
            raise FileNotFoundError(f"no such file or folder: {name}")
    sources = {path: _source(path) for path in listed}
    told = _pointers(source for source in sources.values() if source)
    for path in told:
        if path not in sources and path.is_file() and any(folder in path.parents for folder in folders):
            sources[path] = _source(path)
    there = [source for source in sources.values() if source]
    return Found(
        [_as_told(source, told.get(source.path)) for source in there], frozenset(named), len(sources) - len(there)
    )


def _known_below(folder: Path) -> Iterable[Path]:
    """The files in a folder that envls knows by their names or their beginnings, sorted within each folder."""
    wanted = Listed(_MOST_BEGINNINGS)
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        files = (Path(here, name) for name in sorted(names))
        yield from (file for file in files if file.is_file() and wanted(file))


def _pointers(sources: Iterable[Source]) -> dict[Path, Format]:
    return {Path(path): told for source in sources for path, told in runs.pointers(source.document).items()}


def _source(path: Path) -> Source | None:
    """The file, None where it cannot be read: then that is said."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        complain(f"{shown(path)}: {error.strerror}")
        return None
    if len(raw) > LARGEST:
        complain(f"{shown(path)}: this is larger than {LARGEST // 1_000_000} MB")
        return None
    text, encoding = decode(raw)
    if encoding.stray and "\0" in text:
        complain(f"{shown(path)}: this is no text")
        return None
    return Source(path, raw, read(path, text, encoding=encoding))


def _as_told(source: Source, told: Format | None) -> Source:
    return replace(source, document=source.document.as_told(told)) if told else source


# -- what the project says ------------------------------------------------------------------------------------


def projects(sources: Iterable[Source]) -> tuple[Path, ...]:
    """The folders whose files belong together: a repository, else a project of Azure ML, else the working folder."""
    roots = {source.path.parent: _root(source.path) for source in sources}
    return tuple(sorted({root for root in roots.values() if root}))


def _root(path: Path) -> Path | None:
    around = [folder for folder in path.parents if folder not in (Path.home(), folder.parent)]
    for marks in ((".git",), ("aml_config", ".azureml")):
        for folder in around:
            if any((folder / mark).exists() for mark in marks):
                return folder
    return here if (here := Path.cwd()) in around else None


async def as_their_projects_say(found: Found, world: World) -> list[Source]:
    """The sources, those that are named and say nothing themselves read as what other files say that they are."""

    def view(facts: Facts) -> list[Source]:
        return [
            _as_told(source, runs.told(source.path, facts))
            if source.path in found.named and source.document.content is None
            else source
            for source in found.sources
        ]

    sources, _ = await settle(view, world, PATIENCE)
    return sources


# -- writing --------------------------------------------------------------------------------------------------


class NotWrittenError(Exception):
    """Why a file was left as it is."""


def write(source: Source, document: Document) -> None:
    """Write the whole file or nothing of it; where it is a link, what it leads to. Raises NotWrittenError or OSError.

    Nothing is lost: not what could not be read, and not what somebody else has written meanwhile.
    """
    if encode(source.document.text, source.document.encoding or UTF8) != source.raw:
        raise NotWrittenError("a part of it could not be read; save it as UTF-8 first")
    target = source.path.resolve()
    if target.read_bytes() != source.raw:
        raise NotWrittenError("it has changed meanwhile")
    beside = target.with_name(f".envls-{os.getpid()}")
    try:
        beside.write_bytes(encode(document.text, document.encoding or UTF8))
        beside.chmod(target.stat().st_mode)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
