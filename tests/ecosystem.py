"""What the rules say about the real files beside the project: counts by rule, and examples of each.

`make ecosystem` runs it. With `BEFORE=<revision>` it shows what has changed since then: how the counts differ, and which
findings came and went. Every finding is one line, in a stable order, with `--all`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from corpus import FILES, FOLDER

from envls.check import check
from envls.document import Document, Format, known_name, read
from envls.encoding import decode
from envls.facts import Absent, Answer, Facts, FileAt, Known, ProjectFiles, Question, Unavailable

EXAMPLES = 5
ROOT = Path(__file__).parents[1]


class Line(NamedTuple):
    """A finding as it is printed, apart from its rule; `place` begins with the path of the file."""

    code: str
    severity: str
    place: str
    said: str

    @property
    def path(self) -> str:
        return self.place.partition(":")[0]

    def __str__(self) -> str:
        return "\t".join(self)


class Offline:
    """Knows the files, and nothing else."""

    def __init__(self) -> None:
        self.documents: dict[Path, Document] = {}

    def look(self, question: Question[Any]) -> Answer[Any]:
        if isinstance(question, FileAt):
            path = Path(question.path)
            return Known(self.document(path)) if path.is_file() else Absent()
        if isinstance(question, ProjectFiles):
            folder = Path(question.near).parent
            while folder.name in ("aml_config", ".azureml"):
                folder = folder.parent
            return Known(tuple(sorted(path for path in folder.rglob("*") if path.is_file() and known_name(path))))
        return Unavailable("offline")

    def document(self, path: Path) -> Document:
        if path not in self.documents:
            text, encoding = decode(path.read_bytes())
            self.documents[path] = read(path, text, encoding=encoding)
        return self.documents[path]


def findings() -> tuple[list[Line], dict[str, Format]]:
    """All that is said, and the files that were read with what they are."""
    world = Offline()
    said: list[Line] = []
    kinds: dict[str, Format] = {}
    for path in FILES:
        document = world.document(path)
        if document.content is None:
            continue
        name = path.relative_to(FOLDER).as_posix()
        kinds[name] = document.format
        for one in check(document, Facts(world.look)):
            line, column = document.lines.place(one.finding.span.start)
            shown = document.text[slice(*document.lines.span(line))].strip()[:80]
            text = f"{one.finding.message} | {shown}".replace("\t", " ").replace("\n", " ")
            said.append(Line(one.rule.code, one.severity.value, f"{name}:{line + 1}:{column + 1}", text))
    return said, kinds


def by_rule(lines: Iterable[Line]) -> list[tuple[tuple[str, str], list[Line]]]:
    """The findings of each rule and severity, the most frequent first."""
    grouped: defaultdict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        grouped[line.code, line.severity].append(line)
    return sorted(grouped.items(), key=lambda pair: (-len(pair[1]), pair[0]))


def show(lines: list[Line], kinds: dict[str, Format], limit: int | None) -> None:
    for (code, severity), those in by_rule(lines):
        files = {line.path for line in those}
        share = len(files) / sum(kinds[path] in {kinds[one] for one in files} for path in kinds)
        print(f"{code} {severity}: {len(those)} in {len(files)} files, {share:.0%} of their kind")
        for line in those[:limit]:
            print(f"    {line.place}: {line.said}")
    quiet = Counter(line.path for line in lines if line.severity != "error")
    for title, format_ in (("all", None), ("conda environment", Format.ENVIRONMENT)):
        counts = [quiet[path] for path, kind in kinds.items() if format_ in (None, kind)]
        median, most = statistics.median(counts), max(counts)
        print(f"{len(counts)} files ({title}); findings that are not errors: median {median}, most {most}")


def before(revision: str) -> Iterator[Line]:
    """What the rules of another revision say of the same files."""
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(["git", "archive", revision, "envls"], cwd=ROOT, check=True, stdout=subprocess.PIPE)
        subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
        command = [sys.executable, __file__, "--lines"]
        environment = {**os.environ, "PYTHONPATH": folder}
        told = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    for line in told.stdout.splitlines():
        yield Line(*line.split("\t", 3))


def show_difference(old: list[Line], new: list[Line], limit: int | None) -> None:
    was, now = dict(by_rule(old)), dict(by_rule(new))
    for code, severity in sorted({*was, *now}):
        gone, there = was.get((code, severity), []), now.get((code, severity), [])
        if set(gone) == set(there):
            continue
        print(f"{code} {severity}: {len(gone)} -> {len(there)}")
        for sign, those, others in (("-", gone, there), ("+", there, gone)):
            for line in sorted(set(those) - set(others))[:limit]:
                print(f"  {sign} {line.place}: {line.said}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("revision", nargs="?", help="show what has changed since this revision")
    options.add_argument("--all", action="store_true", help="every finding, not some examples")
    options.add_argument("--lines", action="store_true", help="each finding as one line with tabs, for a program")
    chosen = options.parse_args()
    limit = None if chosen.all else EXAMPLES
    said, kinds = findings()
    if chosen.lines:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a TextIOWrapper, unless replaced
        print("\n".join(map(str, said)))
    elif chosen.revision:
        show_difference(list(before(chosen.revision)), said, limit)
    else:
        show(said, kinds, limit)


if __name__ == "__main__":
    main()
