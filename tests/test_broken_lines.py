"""The law of the broken line: it costs only itself; every other dependency keeps its place, meaning and findings.

By default a sample of the real files is broken and cut; `ENVLS_ALL_LINES=1` breaks every line of every file in every
way, and cuts every file at every offset.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import PurePath, PurePosixPath

import pytest
from corpus import FOLDER, text_of, texts
from toy import World

from envls.check import check
from envls.document import Document, Format, read
from envls.formats.conda.environment import Dependency, EnvironmentFile, Requirement, Within
from envls.syntax import mappings, parse
from envls.text import Lines

EVERYTHING = os.environ.get("ENVLS_ALL_LINES") == "1"
PATH = PurePosixPath("/project/environment.yml")


def _item(mark: str) -> Callable[[str], str]:
    """Before the value of an item, or of a key that has one on its line."""
    return lambda line: line.replace("- ", f"- {mark}", 1) if "- " in line else line.replace(": ", f": {mark}", 1)


WAYS: dict[str, Callable[[str], str]] = {
    "a bracket that is not closed": _item("["),
    "a brace that is not closed": _item("{"),
    "a quote that is not closed": _item('"'),
    "a single quote that is not closed": _item("'"),
    "a block scalar": _item(">"),
    "an anchor that is none": _item("&"),
    "an alias to nothing": _item("*"),
    "a tag": _item("!"),
    "a comment": _item("#"),
    "a second dash": _item("- "),
    "a second colon": lambda line: line + ": x: y",
    "a colon at its end": lambda line: line + ":",
    "no colon": lambda line: line.replace(":", "", 1),
    "no dash": lambda line: line.replace("- ", "", 1),
    "no blank behind the dash": lambda line: line.replace("- ", "-", 1),
    "one blank more": lambda line: " " + line,
    "one blank less": lambda line: line.removeprefix(" "),
    "two blanks more": lambda line: "  " + line,
    "no indentation": lambda line: line.lstrip(),
    "a tab that indents": lambda line: "\t" + line.lstrip(),
    "a reserved character": _item("@"),
    "half typed": lambda line: line[: len(line) // 2],
    "gone but for its first letter": lambda line: line[: len(line) - len(line.lstrip()) + 1],
}


@dataclass(frozen=True)
class Said:
    """What a file says of one dependency, from the start of its line. `within` is what it says of all of them."""

    kind: type[Dependency | Requirement]
    value: str
    columns: tuple[int, int]
    name: tuple[int, int]
    findings: tuple[tuple[str, int, int], ...]
    within: Within

    def lost(self, now: Said | None) -> bool:
        if now is None or (now.kind, now.value, now.columns, now.name) != (
            self.kind,
            self.value,
            self.columns,
            self.name,
        ):
            return True
        # what depends on the rest of the file may be found otherwise when the rest is otherwise
        return now.within == self.within and now.findings != self.findings


def said(text: str, path: PurePath = PATH) -> dict[int, Said]:
    """What is said on each line that a dependency begins on."""
    document = read(path, text)
    content = document.content
    assert document.format is Format.ENVIRONMENT and isinstance(content, EnvironmentFile)
    found: dict[int, list[tuple[str, int, int]]] = {}
    for one in check(document, World().facts()):
        if one.rule.on in (Dependency, Requirement):
            line, column = document.lines.place(one.finding.span.start)
            length = one.finding.span.end - one.finding.span.start
            found.setdefault(line, []).append((one.rule.code, column, length))
    items: tuple[Dependency | Requirement, ...] = (*content.dependencies, *content.requirements)
    return {
        document.lines.place(item.span.start)[0]: Said(
            type(item),
            item.node.value,
            _columns(item.span, document),
            _columns(item.name_span, document),
            tuple(found.get(document.lines.place(item.span.start)[0], ())),
            item.within,
        )
        for item in items
    }


def _columns(span: tuple[int, int], document: Document) -> tuple[int, int]:
    return document.lines.place(span[0])[1], span[1] - span[0]


@cache
def conda_files() -> tuple[str, ...]:
    """The real environment files that are YAML."""
    return tuple(text for text in texts() if text and _is_sound(read(PATH, text)))


def _is_sound(document: Document) -> bool:
    return document.format is Format.ENVIRONMENT and not document.tree.problems and not document.template


def _content_lines(lines: list[str]) -> list[int]:
    return [n for n, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")]


def _could_be_two_things(way: str, lines: list[str]) -> bool:
    """What stands further in below `- pip` reads as the list of a `pip:` that lacks its colon."""
    above = [line.strip() for line in lines[:-1] if line.strip() and not line.lstrip().startswith("#")]
    pushed_in = way in ("two blanks more", "a tab that indents") and above[-1:] == ["- pip"]
    return pushed_in or (way == "no indentation" and lines[-1].strip() == "- pip")


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("way", WAYS)
def test_costs_only_itself(way: str, line_end: str) -> None:
    chance = random.Random(way)
    failures = []
    for text in conda_files():
        lines = text.splitlines()
        whole = said(line_end.join(lines))
        numbers = _content_lines(lines)
        for number in numbers if EVERYTHING and line_end == "\n" else chance.sample(numbers, min(2, len(numbers))):
            broken = WAYS[way](lines[number])
            if broken == lines[number] or _could_be_two_things(way, lines[: number + 1]):
                continue
            changed = line_end.join((*lines[:number], broken, *lines[number + 1 :]))
            if not parse(changed).problems:
                continue  # another file, and YAML too
            now = said(changed)
            lost = {n: (what, now.get(n)) for n, what in whole.items() if n != number and what.lost(now.get(n))}
            if lost:
                failures.append((lines[max(0, number - 1) : number + 3], broken, dict(list(lost.items())[:2])))
    assert not failures, f"{len(failures)}: " + "\n".join(map(str, failures[:5]))


def test_cut_anywhere_keeps_what_stands_before() -> None:
    chance = random.Random("cut")
    failures = []
    for text in conda_files():
        whole = said(text)
        offsets: Iterator[int] | list[int] = iter(range(len(text)))
        if not EVERYTHING:
            offsets = chance.sample(range(len(text)), min(20, len(text)))
        for offset in offsets:
            cut = text[:offset]
            last = len(cut.splitlines()) if cut.endswith(("\n", "\r")) else len(cut.splitlines()) - 1
            now = said(cut)
            lost = {n: (what, now.get(n)) for n, what in whole.items() if n < last and what.lost(now.get(n))}
            if lost:
                failures.append((cut[-60:], dict(list(lost.items())[:2])))
    assert not failures, f"{len(failures)}: " + "\n".join(map(str, failures[:5]))


AZUREML = sorted(
    path for path in (FOLDER / "azureml").rglob("*") if path.suffix in {".runconfig", ".compute", ".yml", ".yaml"}
)


def keys_of(text: str) -> dict[int, tuple[int, str]]:
    """The key that each line begins with, and its column."""
    lines, root = Lines(text), read(PATH, text).tree.root
    found = ((lines.place(entry.key.start), entry.key.value) for one in mappings(root) for entry in one.entries)
    return {line: (column, key) for (line, column), key in found}


# Not yet: a block that stands below a bracket is taken into it, and a line that moves out takes its neighbours along.
KEYS_MOVE = {
    "a bracket that is not closed",
    "a brace that is not closed",
    "a second colon",
    "a colon at its end",
    "no dash",
    "one blank less",
    "no indentation",
    "a tab that indents",
    "half typed",
}


@pytest.mark.parametrize("way", [way for way in WAYS if way not in KEYS_MOVE])
def test_other_keys_keep_their_place(way: str) -> None:
    """In run configurations, compute targets and definitions; those in JSON's brackets too."""
    chance = random.Random(way)
    failures = []
    for text in map(text_of, AZUREML):
        lines = text.splitlines()
        if not lines or len(lines) > 400 or parse("\n".join(lines)).problems:
            continue
        whole = keys_of("\n".join(lines))
        numbers = _content_lines(lines)
        for number in numbers if EVERYTHING else chance.sample(numbers, min(3, len(numbers))):
            broken = WAYS[way](lines[number])
            changed = "\n".join((*lines[:number], broken, *lines[number + 1 :]))
            if broken == lines[number] or not parse(changed).problems:
                continue
            now = keys_of(changed)
            lost = {n: (what, now.get(n)) for n, what in whole.items() if n != number and now.get(n) != what}
            if lost:
                failures.append((lines[max(0, number - 1) : number + 3], broken, dict(list(lost.items())[:3])))
    assert not failures, f"{len(failures)}: " + "\n".join(map(str, failures[:5]))
