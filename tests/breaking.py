"""The law of the broken line, tried on real files: it costs only itself.

A break replaces one line by what a person leaves behind who types, pastes, merges or moves it. Every other dependency
must keep its place, meaning and findings; in run configurations, definitions and JSON every other key its place and
value; and one line at most is blamed. `python tests/breaking.py` breaks every line of every real file in every way and
cuts it at every offset, on all cores; the tests take a sample (`test_broken_lines`).
"""

from __future__ import annotations

import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

import yaml
from corpus import FILES, FOLDER, text_of
from toy import World

from envls.check import check
from envls.document import Document, Format, read
from envls.formats.conda import environment_keys
from envls.formats.conda.environment import Dependency, EnvironmentFile, Requirement, Within
from envls.syntax import Entry, Kind, Scalar, mappings, parse, resolved
from envls.text import Lines

PATH = PurePosixPath("/project/environment.yml")
WORLD = World()
KEYS = tuple(info.name for info in environment_keys.KEYS)

# -- breaks ---------------------------------------------------------------------------------------------------

SIGNS = ":-\"'[]{}#&*!|>%@`,?\t \\~=x"
IN_FRONT = (
    *("&a", "&a ", "*a", "*a ", "!t ", "!!str ", "? ", "| ", "|", "> ", ">", "%", "@", "`", '"', "'", "[", "{", "${"),
    *("- ", "-", "# ", "#", ", ", "= ", ": ", ")", "!", "*", "+ ", "\x07", "\0", "\ud800", "\ufeff", "\xa0"),
)


@dataclass(frozen=True)
class Break:
    """What stands instead of a line, and how a person would call that; `taken` lines are replaced."""

    way: str
    lines: tuple[str, ...]
    taken: int = 1


def breaks(line: str, following: str | None) -> Iterator[Break]:
    """The ways in which a line is broken as a whole."""
    bare = line.lstrip()
    pad = line[: len(line) - len(bare)]
    for by in range(1, 9):
        yield Break(f"{by} blanks more", (" " * by + line,))
        if by <= len(pad):
            yield Break(f"{by} blanks less", (line[by:],))
    yield Break("a tab before it", ("\t" + line,))
    yield Break("a tab instead of its blanks", ("\t" + bare,))
    yield Break("a no-break space before it", ("\xa0" + line,))
    for stray in ("stray", "stray text here", "-", ":", "}", "]", '"', "```", "---", "...", "<<<<<<< HEAD", "======="):
        yield Break("a stray line", (line, stray))
    for stray in ("stray text here", "-", "'"):
        yield Break("a stray line beside it", (line, pad + stray))
    yield Break("a stray line below it", (line, pad + "    stray text here"))
    yield Break("what a merge leaves", (line, ">>>>>>> feature/x"))
    yield Break("it stands twice", (line, line))
    for mark in IN_FRONT:
        yield Break(f"{mark!r} before it", (pad + mark + bare,))
        if bare.startswith("- "):
            yield Break(f"{mark!r} before its item", (pad + "- " + mark + bare[2:],))
        if ": " in bare:
            yield Break(f"{mark!r} before its value", (line.replace(": ", ": " + mark, 1),))
        yield Break(f"{mark!r} behind it", (line + " " + mark,))
    for old, new in (
        (":", ""),
        (":", ";"),
        (":", " ="),
        (":", "::"),
        (":", " :"),
        (": ", ":"),
        ("- ", ""),
        ("- ", "-"),
    ):
        yield Break(f"{new!r} for {old!r}", (line.replace(old, new, 1),))
    for new in ("-- ", "- - ", "\u2013 ", "* ", "+ ", "-\xa0", "- \u201c"):
        yield Break(f"{new!r} for '- '", (line.replace("- ", new, 1),))
    yield Break("a second colon", (line + ": x: y",))
    if following is not None:
        yield Break("joined with the next", (line + " " + following.lstrip(),), 2)


def letters(line: str) -> Iterator[Break]:
    """The ways in which a line is broken by a single key: one letter less, one sign more, or not typed to its end."""
    first = len(line) - len(line.lstrip())
    for at in range(first, len(line)):
        yield Break(f"without {line[at]!r}", (line[:at] + line[at + 1 :],))
        if at > first:
            yield Break("half typed", (line[:at],))
    ends = {found.start() for found in re.finditer(r"\b|$", line) if found.start() >= first}
    for at in sorted({first, *ends}):
        for sign in SIGNS:
            yield Break(f"{sign!r} typed", (line[:at] + sign + line[at:],))


def broken(lines: list[str], number: int, how: Break) -> str:
    return "\n".join((*lines[:number], *how.lines, *lines[number + how.taken :]))


def moved(how: Break) -> int:
    """How many lines further down what stood below the broken line stands."""
    return sum(line.count("\n") + 1 for line in how.lines) - how.taken


def could_be_two_things(lines: list[str], number: int, how: Break) -> str:
    """Why nobody could tell what a broken text was; nothing where it can be told."""
    above = [line.strip() for line in lines[:number] if line.strip() and not line.lstrip().startswith("#")][-1:]
    bare, new = lines[number].lstrip(), how.lines[0]
    if above == ["- pip"] and len(new) - len(new.lstrip()) > len(lines[number]) - len(bare):
        return "what stands deeper below `- pip` reads as the list of a `pip:` that lacks its colon"
    if re.match(r"\s*-:\s", new):
        return "`-: x` is an entry of the mapping outside: the key `-`"
    if how.taken > 1 and bare.endswith(":"):
        return "the key of what stands below is no longer on a line of its own"
    return ""


# -- what a text says -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """What a file says of one dependency, from the start of its line. `within` is what it says of all of them."""

    kind: type[Dependency | Requirement]
    value: str
    columns: tuple[int, int]
    name: tuple[int, int]
    findings: tuple[tuple[str, int, int], ...]
    within: Within

    def is_kept(self, now: Said | None) -> bool:
        here = self.kind, self.value, self.columns, self.name
        if now is None or here != (now.kind, now.value, now.columns, now.name):
            return False
        # what depends on the rest of the file may be found otherwise when the rest is otherwise
        return now.within != self.within or now.findings == self.findings


def dependencies_of(document: Document) -> dict[int, Said]:
    """What is said on each line that a dependency begins on."""
    content = document.content
    if not isinstance(content, EnvironmentFile):
        return {}
    place = document.lines.place
    found: dict[int, list[tuple[str, int, int]]] = {}
    for one in check(document, WORLD.facts()):
        if one.rule.on in (Dependency, Requirement):
            line, column = place(one.finding.span.start)
            found.setdefault(line, []).append((one.rule.code, column, one.finding.span.end - one.finding.span.start))
    items: tuple[Dependency | Requirement, ...] = (*content.dependencies, *content.requirements)
    return {
        (line := place(item.span.start)[0]): Said(
            type(item),
            item.node.value,
            (place(item.span.start)[1], item.span.end - item.span.start),
            (place(item.name_span.start)[1], item.name_span.end - item.name_span.start),
            tuple(found.get(line, ())),
            item.within,
        )
        for item in items
    }


@dataclass(frozen=True)
class Keyed:
    """The key that a line begins with, its column, and its value where that is a scalar on the lines up to `last`."""

    column: int
    key: str
    value: str | None
    last: int

    def is_kept(self, now: Keyed | None) -> bool:
        here = now is not None and (now.column, now.key) == (self.column, self.key)
        return here and (self.value is None or now is None or now.value == self.value)


def keys_of(text: str) -> dict[int, Keyed]:
    lines = Lines(text)
    found = {}
    for entry in (entry for one in mappings(parse(text, KEYS, ("pip",)).root) for entry in one.entries):
        line, column = lines.place(entry.key.start)
        found[line] = Keyed(column, entry.key.value, _scalar(entry), lines.place(max(entry.span.end - 1, 0))[0])
    return found


def _scalar(entry: Entry) -> str | None:
    """What a scalar says, nothing for a collection; below what says nothing a broken line may say something."""
    node = entry.value
    return node.value if isinstance(node, Scalar) and resolved(node) is not Kind.NOTHING else None


# -- files ----------------------------------------------------------------------------------------------------


@cache
def conda_files() -> tuple[str, ...]:
    """The real environment files that are YAML."""
    return tuple(text for text in map(text_of, FILES) if text and _is_sound(read(PATH, text)))


def _is_sound(document: Document) -> bool:
    return document.format is Format.ENVIRONMENT and not document.tree.problems and not document.template


@cache
def keyed_files() -> tuple[str, ...]:
    """The real run configurations, compute targets and definitions, and all files once more as JSON."""
    suffixes = {".runconfig", ".compute", ".yml", ".yaml"}
    paths = sorted(path for path in (FOLDER / "azureml").rglob("*") if path.suffix in suffixes)
    found = [text for text in map(text_of, paths) if text.strip() and not parse(text).problems]
    for text in (*found, *conda_files()):
        said = yaml.safe_load(text) if "{{" not in text else None
        if isinstance(said, dict):
            found.append(json.dumps(said, indent=2, default=str))
    return tuple(dict.fromkeys(found))


def content_lines(lines: list[str]) -> list[int]:
    return [n for n, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")]


# -- trying ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Failure:
    """A break that cost more than its line."""

    way: str
    round_it: tuple[str, ...]
    now: tuple[str, ...]
    why: str

    def __str__(self) -> str:
        return f"{self.way}: {self.now} in {list(self.round_it)}: {self.why}"


Chosen = Callable[[list[str], int], Iterable[Break]]


def every_way(lines: list[str], number: int) -> Iterator[Break]:
    following = lines[number + 1] if number + 1 < len(lines) else None
    yield from breaks(lines[number], following)
    yield from letters(lines[number])


def some_ways(seed: str, share: float) -> Chosen:
    """A part of the ways to break some of the lines; the same in every run."""
    chance = random.Random(seed)

    def chosen(lines: list[str], number: int) -> list[Break]:
        if chance.random() >= share:
            return []
        following = lines[number + 1] if number + 1 < len(lines) else None
        ways, keys = list(breaks(lines[number], following)), list(letters(lines[number]))
        return [*chance.sample(ways, 6), *chance.sample(keys, min(3, len(keys)))]

    return chosen


def broken_dependencies(text: str, chosen: Chosen, line_end: str = "\n") -> tuple[Counter[str], list[Failure]]:
    """How often each way was tried on an environment file, and what it cost more than its line."""
    lines = re.split(r"\r\n|\n|\r", text)
    whole = dependencies_of(read(PATH, line_end.join(lines)))
    tried: Counter[str] = Counter()
    failures: list[Failure] = []
    for number, how, changed in _changed(lines, chosen):
        document = read(PATH, changed.replace("\n", line_end))
        if not document.tree.problems or document.template:
            continue  # another file, and YAML too
        tried[how.way] += 1
        now = dependencies_of(document)
        why = _lost(whole, now, number, how)
        blamed = {document.lines.place(problem.span.start)[0] for problem in document.tree.problems}
        if not why and len(blamed) > 1:
            why = f"blamed are the lines {sorted(blamed)} for what happened on {number}"
        if why:
            failures.append(_failure(lines, number, how, why))
    return tried, failures


def broken_keys(text: str, chosen: Chosen) -> tuple[Counter[str], list[Failure]]:
    """The same for the keys of a file."""
    lines = re.split(r"\r\n|\n|\r", text)
    whole = keys_of("\n".join(lines))
    tried: Counter[str] = Counter()
    failures: list[Failure] = []
    for number, how, changed in _changed(lines, chosen):
        if not parse(changed, KEYS, ("pip",)).problems:
            continue
        tried[how.way] += 1
        others = {n: key for n, key in whole.items() if key.value is None or not n < number <= key.last}
        why = _lost(others, keys_of(changed), number, how)
        if why:
            failures.append(_failure(lines, number, how, why))
    return tried, failures


def _changed(lines: list[str], chosen: Chosen) -> Iterator[tuple[int, Break, str]]:
    for number in content_lines(lines):
        for how in chosen(lines, number):
            old = tuple(lines[number : number + how.taken])
            if how.lines != old and not could_be_two_things(lines, number, how):
                yield number, how, broken(lines, number, how)


def _lost(
    whole: dict[int, Said] | dict[int, Keyed], now: dict[int, Said] | dict[int, Keyed], number: int, how: Break
) -> str:
    by = moved(how)
    for line, what in whole.items():
        here = now.get(line if line < number else line + by)
        if not number <= line < number + how.taken and not what.is_kept(here):  # type: ignore[arg-type] # both or none
            return f"{what} is {here}"
    return ""


def _failure(lines: list[str], number: int, how: Break, why: str) -> Failure:
    return Failure(how.way, tuple(lines[max(0, number - 1) : number + 3]), how.lines, why)


def cut(text: str, offsets: Iterable[int]) -> list[Failure]:
    """What is lost of what stands before the line on which an environment file is cut."""
    whole = dependencies_of(read(PATH, text))
    failures = []
    for offset in offsets:
        document = read(PATH, text[:offset])
        last = document.lines.place(offset)[0]
        now = dependencies_of(document)
        lost = [what for line, what in whole.items() if line < last and not what.is_kept(now.get(line))]
        if lost:
            failures.append(Failure("cut", (), (text[max(0, offset - 60) : offset],), str(lost[0])))
    return failures


# -- everything -----------------------------------------------------------------------------------------------


def _try_all(task: tuple[str, int]) -> tuple[Counter[str], list[Failure]]:
    kind, number = task
    if kind == "keys":
        return broken_keys(keyed_files()[number], every_way)
    text = conda_files()[number]
    if kind == "cuts":
        return Counter(cuts=len(text)), cut(text, range(len(text)))
    return broken_dependencies(text, every_way)


def main() -> int:
    tasks = [("dependencies", n) for n in range(len(conda_files()))]
    tasks += [("cuts", n) for n in range(len(conda_files()))]
    tasks += [("keys", n) for n in range(len(keyed_files()))]
    random.Random(0).shuffle(tasks)  # so that the time left can be told
    tried: Counter[str] = Counter()
    lost: dict[str, list[Failure]] = {}
    begun = time.monotonic()
    with ProcessPoolExecutor() as pool:
        for done, (counted, failures) in enumerate(pool.map(_try_all, tasks), 1):
            tried += counted
            for failure in failures:
                lost.setdefault(failure.way, []).append(failure)
            left = (time.monotonic() - begun) / done * (len(tasks) - done)
            print(f"\r{done} of {len(tasks)} files, {tried.total():,} breaks, {left / 60:.0f} minutes left ", end="")
            sys.stdout.flush()
    print()
    for way in sorted(lost, key=lambda way: -len(lost[way])):
        print(f"{way}: {len(lost[way])} of {tried[way] or tried['cuts']}")
        for failure in random.Random(0).sample(lost[way], min(3, len(lost[way]))):
            print("   ", failure)
    count = sum(map(len, lost.values()))
    print(f"{tried.total():,} breaks, {count:,} cost more than their line")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
