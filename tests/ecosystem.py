"""What the rules say about the real files beside the project: counts by rule, and examples of each.

`make ecosystem` runs it. To see what a change does, keep the output of both revisions and compare them: every
finding is one line, in a stable order, with `--all`.
"""

from __future__ import annotations

import statistics
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from corpus import FILES, FOLDER

from envls.check import check
from envls.document import Document, known_name, read
from envls.encoding import decode
from envls.facts import Absent, Answer, Facts, FileAt, Known, ProjectFiles, Question, Unavailable
from envls.rules.rule import Severity

EXAMPLES = 5


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


def main() -> None:
    world = Offline()
    said: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    quiet: list[int] = []
    for path in FILES:
        document = world.document(path)
        if document.content is None:
            continue
        found = check(document, Facts(world.look))
        quiet.append(sum(one.severity is not Severity.ERROR for one in found))
        for one in found:
            line, column = document.lines.place(one.finding.span.start)
            shown = document.text[slice(*document.lines.span(line))].strip()[:80]
            place = f"{path.relative_to(FOLDER)}:{line + 1}:{column + 1}"
            said[one.rule.code, one.severity.value].append(f"{place}: {one.finding.message} | {shown}")
    limit = None if "--all" in sys.argv else EXAMPLES
    for (code, severity), lines in sorted(said.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        print(f"{code} {severity}: {len(lines)}")
        for shown in lines[:limit]:
            print("    " + shown)
    print(f"{len(quiet)} files; findings that are not errors: median {statistics.median(quiet)}, most {max(quiet)}")


if __name__ == "__main__":
    main()
