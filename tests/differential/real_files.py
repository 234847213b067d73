"""The real files beside the project, loaded in place by the SDK of their dialect and judged by envls.

An error of envls, such as a path that leads nowhere, must stand for a refusal, and each refusal for an error: in the file
itself or in one that loading it loads as well. Where that is not so, `REAL` of the dialect says why.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any

from corpus import FILES, FOLDER
from ecosystem import Offline

from envls.check import Found, check
from envls.document import Document, Format
from envls.facts import Absent, Answer, Facts, FileAt, FolderAt, Known, Question
from envls.formats.azureml import v2
from envls.rules.rule import Severity
from envls.runs import paths_of, target_of

_DIALECT = {Format.V1: "sdk_v1", Format.V2: "cli_v2"}


class _Disk(Offline):
    """Knows the folders, too."""

    def look(self, question: Question[Any]) -> Answer[Any]:
        if isinstance(question, FolderAt):
            folder = Path(question.path)
            if not folder.is_dir():
                return Absent()
            return Known(tuple(one.name + "/" * one.is_dir() for one in sorted(folder.iterdir())))
        return super().look(question)


def unlike(name: str, dialect: Any, python: Path) -> list[str]:
    """Where envls and the SDK differ on a real file without a reason, and reasons that are none any more."""
    world = _Disk()
    files = [path for path in FILES if _is_of(world.document(path), name)]
    if not files:
        print(f"{name}: NO REAL FILES at {FOLDER}")
        return []
    wrong: list[str] = []
    refusals = _refusals(files, world, dialect, python)
    for path, refused in zip(files, refusals, strict=True):
        shown = path.relative_to(FOLDER).as_posix()
        found = list(_found(world.document(path), world))
        errors = "; ".join(f"{one.rule.code} {one.finding.message}" for one in found if one.severity is Severity.ERROR)
        if bool(errors) != bool(refused) and shown not in dialect.REAL:
            wrong.append(f"{shown}\n    the SDK: {refused or 'loads it'}\n    envls:   {errors or 'no error'}")
        elif bool(errors) == bool(refused) and shown in dialect.REAL:
            wrong.append(f"{shown}\n    agrees now: {dialect.REAL[shown]}")
    paths = sum(one.kind != "script" for path in files for one in paths_of(world.document(path)))
    print(
        f"{name}: {len(files)} real files with {paths} paths, {sum(map(bool, refusals))} that the SDK refuses,"
        f" {len(dialect.REAL)} intended differences"
    )
    return wrong


def _is_of(document: Document, name: str) -> bool:
    known = not isinstance(document.content, v2.Definition) or bool(document.content.table)
    return known and _DIALECT.get(document.format) == name


def _refusals(files: list[Path], world: _Disk, dialect: Any, python: Path) -> list[str]:
    """What the SDK says of each file, "" where it loads it."""
    kinds = (getattr(world.document(path).content, "kind", "") for path in files)
    lines = "\n".join(f"{kind}\t{path}" if kind else str(path) for kind, path in zip(kinds, files, strict=True))
    command: list[str | Path] = [python, Path(__file__).with_name(dialect.LOADER), ""]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True, encoding="utf-8")
    return [line.removeprefix("=> ") for line in done.stdout.splitlines() if line.startswith("=> ")]


def _found(document: Document, world: _Disk, seen: frozenset[PurePath] = frozenset()) -> Iterator[Found]:
    """What envls finds in a file, and in the definitions that loading it loads as well."""
    facts = Facts(world.look)
    yield from (one for one in check(document, facts) if one.rule.code.startswith("AML"))
    for path in paths_of(document):
        target = target_of(path, facts)
        there = facts.ask(FileAt(target)) if path.kind in ("component", "environment definition") else None
        if isinstance(there, Known) and target not in seen:
            yield from _found(there.value, world, seen | {target})
