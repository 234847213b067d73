"""A monkey at the keyboard: whatever a file says, nothing that helps its author may fail, lie or destroy.

A case is a project of real files of which one is spoiled as typing, pasting and merging spoil texts, in a world that knows
some of what it is asked, and of the rest says that it is absent, unavailable or pending. Everything that is pure is asked
at random places of it, and what is offered is done. `python tests/monkey.py` tries many cases on all cores, makes each that
fails as small as it gets, and tells which calls took long. The tests take a sample (`test_monkey`); `server/monkey.py` is
the same at a real server.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
import traceback
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import cache, partial
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any, TypeVar

import toy
from asking import lost
from corpus import FILES, FOLDER, text_of
from structure_laws import check_structure, items, loaded, remarks

from envls.assist import environment_names, package_names
from envls.assist.actions import Action, actions
from envls.assist.complete_details import described
from envls.assist.completion import complete, foreseen
from envls.assist.delta_card import delta_card
from envls.assist.formatting import formatting
from envls.assist.hover import hover
from envls.assist.inlay_hints import inlay_hints
from envls.assist.lenses import lenses
from envls.assist.links import links, page_of
from envls.assist.moves import Move, moved
from envls.assist.project_symbols import packages
from envls.assist.references import Location, definition, references
from envls.assist.run_card import users_card
from envls.assist.semantic_tokens import semantic_tokens
from envls.check import Changes, changes_of, check, fixed, without_unfinished
from envls.config import Configuration
from envls.document import Document, Format, read
from envls.encoding import UTF8
from envls.facts import (
    PENDING,
    Absent,
    Answer,
    CondaNames,
    CondaPackage,
    EncodingAt,
    Environment,
    Facts,
    FileAt,
    FolderAt,
    Installed,
    InstalledPackage,
    Known,
    Lock,
    LockBeside,
    Locked,
    ModuleNames,
    PipPackage,
    ProjectFiles,
    Question,
    Satisfies,
    Satisfying,
    Twin,
    Unavailable,
    Unpacked,
    Vulnerabilities,
    Vulnerability,
)
from envls.rules import rules
from envls.text import Span, apply
from envls.world.matching import satisfies
from envls.world.satisfying import versions

T = TypeVar("T")
PLACES = 6
"""How many places of a text are tried in a case."""
LOUD = Configuration(severity={rule.code: rule.severity.value for rule in rules().values()})
"""Rules that are off unless somebody wants them speak, too."""
EXAMPLES = Path(__file__).parents[1] / "examples"

# -- files ----------------------------------------------------------------------------------------------------


@cache
def projects() -> tuple[dict[str, str], ...]:
    """Files that know of each other, by their path in the project: real ones, the examples, and those of the rules' pages."""
    found: list[dict[str, str]] = []
    for folder in sorted((FOLDER / "azureml").glob("*")):
        files = {path.relative_to(folder).as_posix(): text_of(path) for path in FILES if folder in path.parents}
        found += [files] if files else []
    alone = [text_of(path) for path in FILES if path.parent == FOLDER / "conda"]
    for one, other in zip(alone, alone[1:] + alone[:1], strict=True):
        found.append({"environment.yml": one, "environment-dev.yml": other, "aml_config/conda_dependencies.yml": other})
    for folder in sorted(path for path in EXAMPLES.iterdir() if path.is_dir()):
        texts = (path for path in sorted(folder.rglob("*")) if path.suffix in {".py", ".yml", ".runconfig", ".compute"})
        found.append({path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in texts})
    for rule in rules().values():
        pages = [
            fence for fence in toy.fences(rule.doc) if fence.name not in ("facts", "fixed") and fence.info != "facts"
        ]
        if pages:
            found.append({fence.name or f"environment-{n}.yml": fence.body for n, fence in enumerate(pages)})
    return tuple(found)


# -- spoiling -------------------------------------------------------------------------------------------------

PASTED = (
    *("- ", "-", ": ", ":", "  ", " ", "\n", "\r\n", "\r", "\n  ", "\n    - ", "#", " # why", "[", "]", "{", "}", ","),
    *(
        "'",
        '"',
        "|",
        ">",
        "|-",
        ">+",
        "&a ",
        "*a",
        "!x ",
        "!!int ",
        "? ",
        "---\n",
        "...\n",
        "%YAML 1.2\n",
        "@",
        "`",
        "\t",
    ),
    *(
        "\\",
        "\ufeff",
        "\0",
        "\x85",
        "\u2028",
        "\ud800",
        "\udc00",
        "é",
        "🐍",
        "<<: *a",
        "{{ x }}",
        "{% if x %}\n",
        "${{ a.b }}",
    ),
    *(
        "==",
        ">=1,<2",
        "=1.2.*",
        "=*=py39_0",
        "[version='>=1']",
        "; python_version<'3'",
        "conda-forge::",
        "~=",
        "!=",
        "@ ",
    ),
    *(
        "- pip:\n",
        "- pip\n",
        "dependencies:\n",
        "channels: [",
        "name: x\n",
        "variables:\n  A: 1\n",
        "prefix: /x\n",
        "-r x.txt",
    ),
    *(
        "git+https://u:p@example.com/a.git@v1#egg=b",
        "https://example.com/a-1.0-py3-none-any.whl",
        "-e .",
        "--hash=sha256:",
    ),
    *(
        "# envls: ignore",
        "# envls: ignore-file ENV101",
        "framework: Python\n",
        "target: local\n",
        "jobs:\n  a:\n    type: command\n",
    ),
    *(
        "$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json\n",
        "null",
        "~",
        "1e3",
        "0o7",
        "yes",
    ),
)
"""What is typed or pasted at random places."""


def spoiled(text: str, chance: random.Random) -> str:
    """The text after a few mishaps."""
    for _ in range(chance.choice((0, 1, 1, 2, 3, 6))):
        text = chance.choice(MISHAPS)(text, chance)
    return text


def _cut(text: str, chance: random.Random) -> str:
    start = chance.randint(0, len(text))
    return text[:start] + text[start + chance.choice((1, 1, 3, 20, len(text))) :]


def _paste(text: str, chance: random.Random) -> str:
    at = chance.randint(0, len(text))
    return text[:at] + chance.choice(PASTED) + text[at:]


def _paste_behind(text: str, chance: random.Random) -> str:
    """At the beginning of what a line says, or at its end."""
    ends = [found.end() for found in re.finditer(r"(?m)^[ ]*(?:- )?|$", text)]
    at = chance.choice(ends)
    return text[:at] + chance.choice(PASTED) + text[at:]


def _lines(change: Callable[[list[str], int, random.Random], None]) -> Callable[[str, random.Random], str]:
    def made(text: str, chance: random.Random) -> str:
        lines = text.splitlines(keepends=True) or [""]
        change(lines, chance.randrange(len(lines)), chance)
        return "".join(lines)

    return made


def _delete(lines: list[str], at: int, chance: random.Random) -> None:
    del lines[at : at + chance.choice((1, 1, 2, 5))]


def _double(lines: list[str], at: int, chance: random.Random) -> None:
    lines[at:at] = lines[at : at + chance.choice((1, 1, 2, 5))]


def _swap(lines: list[str], at: int, chance: random.Random) -> None:
    other = chance.randrange(len(lines))
    lines[at], lines[other] = lines[other], lines[at]


def _shift(lines: list[str], at: int, chance: random.Random) -> None:
    by = chance.choice((-4, -2, -1, 1, 2, 4, 8))
    for number in range(at, min(len(lines), at + chance.choice((1, 1, 3)))):
        lines[number] = " " * by + lines[number] if by > 0 else lines[number][min(-by, _blanks(lines[number])) :]


def _blanks(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _tab(lines: list[str], at: int, chance: random.Random) -> None:
    lines[at] = "\t" + lines[at] if chance.random() < 0.5 else lines[at].replace(" ", "\t", 1)


def _comment(lines: list[str], at: int, chance: random.Random) -> None:
    lines[at] = "# " + lines[at] if chance.random() < 0.5 else lines[at].rstrip("\r\n") + "  # why\n"


def _long(lines: list[str], at: int, chance: random.Random) -> None:
    lines[at] = lines[at].rstrip("\r\n") + chance.choice(("x", " y", "=1", "[", ",>1", "- ")) * 5_000 + "\n"


def _deep(lines: list[str], at: int, chance: random.Random) -> None:
    pad, levels = " " * _blanks(lines[at]), chance.choice((5, 60, 300))
    if chance.random() < 0.5:
        lines[at:at] = [pad + "[" * levels + "x" + "]" * chance.choice((levels, 3)) + "\n"]
    else:
        lines[at:at] = [pad + "  " * level + chance.choice(("a:\n", "- b:\n")) for level in range(levels)]


def _ends(text: str, chance: random.Random) -> str:
    return re.sub(r"\r\n|\n|\r", lambda _: chance.choice(ends), text) if (ends := chance.choice(_ENDS)) else text


_ENDS = (["\r\n"], ["\r"], ["\r\n", "\n"], ["\n", "\r"])


def _flow(text: str, _: random.Random) -> str:
    """As an editor shows it that writes JSON, or nothing of the kind where it is no YAML."""
    said = loaded(text)
    return repr(said).replace("'", '"').replace("None", "null") if isinstance(said, dict) else text


def _anchors(text: str, chance: random.Random) -> str:
    """One value gets a name, and another place repeats it."""
    values = [found.end() for found in re.finditer(r"(?m)^ *(?:- |[\w.$-]+: )(?=\S)", text)]
    if len(values) < 2:
        return text
    one, other = sorted(chance.sample(values, 2))
    return (
        text[:one]
        + "&it "
        + text[one:other]
        + chance.choice(("*it\n", "*it ", "\n  <<: *it\n", "*its\n"))
        + text[other:]
    )


MISHAPS: tuple[Callable[[str, random.Random], str], ...] = (
    *(_cut, _paste, _paste, _paste_behind, _paste_behind, _ends, _flow, _anchors),
    *map(_lines, (_delete, _double, _swap, _shift, _shift, _tab, _comment, _long, _deep)),
)

# -- the world ------------------------------------------------------------------------------------------------

VERSIONS = (
    "3.12.4",
    "2.1.0rc1",
    "2.0[yanked:broken]",
    "1.26.4[python:>=3.9][build:py39_0,py310_1]",
    "1.20",
    "1!0.9.post1",
    "2019.06",
    "0.1a1",
)


@dataclass
class Moody:
    """A world that knows of everything but what its mood keeps from the one who asks; the same of the same question."""

    seed: int
    files: dict[PurePath, str]
    read: dict[PurePath, Document] = field(default_factory=dict)
    said: dict[Question[Any], Answer[Any]] = field(default_factory=dict)

    def look(self, question: Question[Any]) -> Answer[Any]:
        if question not in self.said:
            self.said[question] = self._answer(
                question, random.Random(zlib.crc32(f"{self.seed}{question}".encode("utf-8", "replace")))
            )
        return self.said[question]

    def _answer(self, question: Question[Any], chance: random.Random) -> Answer[Any]:
        mood = random.Random(self.seed).choice(("known", "known", "absent", "unavailable", "pending", "mixed", "mixed"))
        if isinstance(question, FileAt | FolderAt | ProjectFiles | EncodingAt | ModuleNames) and mood != "mixed":
            mood = "known"  # files are there, or not
        if mood == "mixed":
            mood = chance.choice(("known", "known", "known", "absent", "unavailable", "pending"))
        if isinstance(question, FileAt) and question.path in self.read:
            return Known(self.read[question.path])  # the one that is asked about
        if isinstance(question, Satisfies):
            return satisfies(question)
        if mood == "known":
            return self._known(question, chance)
        not_known: dict[str, Answer[Any]] = {"absent": Absent("nowhere"), "unavailable": Unavailable("no network")}
        return not_known.get(mood, PENDING)

    def _known(self, question: Question[Any], chance: random.Random) -> Answer[Any]:
        match question:
            case FileAt(path):
                return Known(self._document(path)) if path in self.files else Absent()
            case FolderAt(path):
                below = {file.relative_to(path).parts for file in self.files if file.is_relative_to(path)}
                names = {parts[0] + "/" * (len(parts) > 1) for parts in below if parts}
                return Known(tuple(sorted(names))) if names else Absent()
            case ProjectFiles():
                return Known(tuple(sorted(self.files)))
            case EncodingAt():
                return Known(UTF8)
            case ModuleNames():
                return Known(frozenset(path.stem for path in self.files if path.suffix == ".py"))
            case Satisfying(of, version, build, python):
                answer = self.look(of)
                got = versions(answer.value, version, build, python) if isinstance(answer, Known) else answer
                return Known(got) if isinstance(got, tuple) else got
            case CondaPackage(name) | PipPackage(name) | Unpacked(name):
                return self._package(name, chance)
            case CondaNames():
                return Known(("matplotlib", "numpy", "pandas", "python", "scikit-learn", "_x*[y]`", "🐍"))
            case Twin(name):
                return Known(name)
            case Vulnerabilities():
                return Known(
                    (Vulnerability("GHSA-x", "is `bad`", "high", ("2.0",), ("CVE-1",)),)[: chance.randint(0, 1)]
                )
            case Installed():
                return Known(
                    Environment(
                        PurePosixPath("/envs/it"),
                        self._installed(chance),
                        self._installed(chance),
                        sure=chance.random() < 0.7,
                    )
                )
            case LockBeside(path):
                there = {
                    platform: Locked(self._installed(chance), self._installed(chance))
                    for platform in ("linux-64", "win-64")
                }
                return Known(Lock(path.with_name("conda-lock.yml"), there, ("conda-forge",), (path,)))
        raise AssertionError(f"the monkey knows no answer to {question}")

    def _document(self, path: PurePath) -> Document:
        return read(path, self.files[path])

    def _package(self, name: str, chance: random.Random) -> Answer[Any]:
        told = chance.sample(VERSIONS, chance.randint(1, len(VERSIONS)))
        releases = tuple(replace(toy.release(one), date=datetime(2024, 2, 29, tzinfo=timezone.utc)) for one in told)
        links = (("PyPI", "https://example.com/" + name), ("Home](x)", "javascript:x"))
        known = toy.package(name or "x", ("1",), "conda-forge")
        assert isinstance(known, Known)
        made = replace(
            known.value,
            releases=releases,
            newest=releases[0].version,
            summary="*What* it\nis [x](y) <b>",
            licence="MIT",
            links=links,
            complete=chance.random() < 0.8,
            requires=("numpy>=1; extra == 'all'", "not a requirement !!"),
            extras=("all", "ÄÖ"),
        )
        return replace(known, value=made, failing=chance.choice(("", "no network")))

    def _installed(self, chance: random.Random) -> dict[str, InstalledPackage]:
        names = chance.sample(("numpy", "pandas", "python", "pip", "scikit-learn", "matplotlib", "torch"), 4)
        return {
            name: InstalledPackage(name, chance.choice(("1.0", "", "2.1.0rc1")), "py39_0", chance.random() < 0.5)
            for name in names
        }


# -- cases ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A spoiled text at a path among the other files of its project; `seed` chooses the places, and the world's mood."""

    seed: int
    path: PurePath
    text: str
    others: dict[PurePath, str]

    def document(self, world: Moody) -> Document:
        document = read(self.path, self.text)
        world.read[self.path] = document
        return document

    def world(self) -> Moody:
        return Moody(self.seed, {**self.others, self.path: self.text})


def case(seed: int) -> Case:
    """The case of a number; the same in every run."""
    chance = random.Random(seed)
    files = chance.choice(projects())
    name = chance.choice(sorted(files))
    root: PurePath = PureWindowsPath("C:/project") if chance.random() < 0.2 else PurePosixPath("/project")
    text = spoiled(files[name], chance)
    others = {root / one: told if chance.random() < 0.9 else spoiled(told, chance) for one, told in files.items()}
    return Case(seed, root / name, text, others)


@dataclass
class Asked:
    """What is asked in a case, and how long each answer took: its name, seconds, characters of the text, and the case."""

    case: Case
    world: Moody
    document: Document
    chance: random.Random
    took: list[tuple[str, float, int, int]] = field(default_factory=list)

    def facts(self) -> Facts:
        return Facts(self.world.look)

    def ask(self, function: Callable[..., T], *arguments: Any, **named: Any) -> T:
        begun = time.process_time()
        answer = function(*arguments, **named)
        spent = time.process_time() - begun
        self.took.append(
            (
                f"{function.__module__.removeprefix('envls.')}.{function.__name__}",
                spent,
                len(self.document.text),
                self.case.seed,
            )
        )
        return answer

    def offset(self) -> int:
        """A place; most often at an end of a word, where people stop. Nobody stops between CR and LF."""
        text = self.document.text
        ends = [found.start() for found in re.finditer(r"\b|$", text)] if len(text) < 20_000 else []
        at = self.chance.choice(ends) if ends and self.chance.random() < 0.8 else self.chance.randint(0, len(text))
        return at - (text[at - 1 : at + 1] == "\r\n")


def lies_within(span: Span, text: str) -> None:
    assert 0 <= span.start <= span.end <= len(text), f"{span} of {len(text)}"


# -- what holds -----------------------------------------------------------------------------------------------


def structure(asked: Asked) -> None:
    begun = [asked.offset() for _ in range(PLACES)]
    asked.ask(check_structure, asked.document, begun)
    start, end = sorted(begun[:2])
    part = semantic_tokens(asked.document, Span(start, end))
    assert set(part) <= set(semantic_tokens(asked.document))


def order(asked: Asked) -> None:
    """Formatting changes no meaning, no comment, and nothing when it is done again; of a selection only its lines."""
    document = asked.document
    for indent in (2, 4):
        edits = asked.ask(formatting, document, indent)
        after = document.with_text(apply(document.text, edits))
        if edits:
            assert not after.tree.problems
            assert (items(after), remarks(after)) == (items(document), remarks(document))
            assert loaded(after.text) == loaded(document.text)
            assert not formatting(after, indent)
    start, end = sorted((asked.offset(), asked.offset()))
    lines = document.lines
    for edit in asked.ask(formatting, document, 2, Span(start, end)):
        assert lines.place(start)[0] <= lines.place(edit.span.start)[0] <= lines.place(end)[0]


def cards(asked: Asked) -> None:
    for _ in range(PLACES):
        offset = asked.offset()
        card = asked.ask(hover, asked.document, offset, asked.facts())
        if card is not None:
            lies_within(card.span, asked.document.text)
            assert card.span.touches(offset) and card.markdown.strip()
    asked.ask(users_card, asked.document, asked.facts())
    asked.ask(delta_card, asked.document, asked.facts())


def completions(asked: Asked) -> None:
    document = asked.document
    asked.ask(foreseen, document, asked.facts())
    for _ in range(PLACES):
        offset = asked.offset()
        line = document.lines.span(document.lines.place(offset)[0])
        found = asked.ask(complete, document, offset, asked.facts())
        for item in found.items:
            assert item.label
            assert line.start <= item.edit.span.start <= offset <= item.edit.span.end <= line.end, (item, offset)
        assert len({(item.label, item.kind) for item in found.items}) == len(found.items)
        for item in found.items[:3]:
            if item.package:
                asked.ask(described, document, item.package, item.label, asked.facts())


def between_files(asked: Asked) -> None:
    document = asked.document
    for _ in range(PLACES):
        offset, facts = asked.offset(), asked.facts()
        there = asked.ask(definition, document, offset, facts)
        if there is not None:
            lies_within(there.span, document.text)
        _are_places(asked, asked.ask(references, document, offset, facts))
        asked.ask(page_of, document, offset, facts)
    for link in asked.ask(links, document, asked.facts(), packages=True):
        lies_within(link.span, document.text)
    for lens in asked.ask(lenses, document, asked.facts()):
        lies_within(lens.span, document.text)
        assert lens.title
        _are_places(asked, lens.places)
    for one in asked.ask(packages, document.path, asked.chance.choice(("", "num", "p")), asked.facts()):
        _are_places(asked, [one.place])
    for hint in asked.ask(inlay_hints, document, Span(0, len(document.text)), asked.facts()):
        assert 0 <= hint.offset <= len(document.text) and hint.label


def _are_places(asked: Asked, places: Sequence[Location]) -> None:
    for place in places:
        there = asked.world.look(FileAt(place.path))
        assert not isinstance(there, Absent), f"{place} leads nowhere"
        lies_within(place.span, there.value.text if isinstance(there, Known) else "")


def names(asked: Asked) -> None:
    """A new name changes nothing but the name, and a file that moves takes along what points to it."""
    document = asked.document
    for _ in range(PLACES):
        offset = asked.offset()
        environment_names.name_at(document, offset)
        if package_names.name_at(document, offset) and not package_names.why_not(document, offset, "other-name"):
            done(asked, asked.ask(package_names.rename, document, offset, "other-name") or Changes())
        elif environment_names.name_at(document, offset) and not environment_names.why_not("other"):
            renamed = asked.ask(environment_names.rename, document, offset, "other", asked.facts())
            done(asked, renamed or Changes())
    old = asked.chance.choice(sorted(asked.world.files))
    new = asked.chance.choice(
        (old.with_name("new" + old.suffix), old.parent / "deeper" / old.name, old.parent.parent / "x y" / old.name)
    )
    done(asked, asked.ask(moved, [Move(old, new)], asked.facts()))


def done(asked: Asked, changes: Changes, title: str = "") -> dict[PurePath, Document]:
    """The files after a change, which is one that can be made, and leaves no file worse YAML than it was."""
    after: dict[PurePath, Document] = {}
    for path, text in changes.created.items():
        assert not isinstance(asked.world.look(FileAt(path)), Known), f"{title}: {path} is there already"
        after[path] = read(path, text)
        assert not after[path].tree.problems, f"{title}: creates {text!r}"
    for path, edits in changes.edits.items():
        there = asked.document if path == asked.document.path else asked.world.look(FileAt(path))
        before = there.value if isinstance(there, Known) else there
        assert isinstance(before, Document), f"{title}: edits {path}, which is not there"
        for edit in edits:
            lies_within(edit.span, before.text)
        after[path] = before.with_text(apply(before.text, edits))
        assert len(after[path].tree.problems) <= len(before.tree.problems), f"{title}: makes {after[path].text!r}"
    return after


KINDS = ("", "quickfix", "refactor", "source", "source.fixAll.envls", "source.sort.envls")


def offers(asked: Asked) -> None:
    document, chance = asked.document, asked.chance
    found = asked.ask(check, document, asked.facts(), LOUD)
    for one in found:
        lies_within(one.finding.span, document.text)
        assert one.finding.message.strip()
    without_unfinished(found, document, chance.randrange(len(document.lines)))
    spans = [Span(*sorted((asked.offset(), asked.offset()))), Span(0, len(document.text))]
    spans += [Span(offset, offset) for offset in (asked.offset() for _ in range(PLACES))]
    spans += [one.finding.span for one in chance.sample(found, min(3, len(found)))]
    for span in spans:
        kinds = (chance.choice(KINDS),) if chance.random() < 0.3 else ("quickfix", "refactor", "source")
        menu = asked.ask(actions, document, span, asked.facts(), LOUD, kinds, automatic=chance.random() < 0.1)
        for action in menu:
            _is_good(asked, action)


def _is_good(asked: Asked, action: Action) -> None:
    assert action.title.strip() and "\n" not in action.title, repr(action.title)
    changes = asked.ask(_made, action)
    if action.beside is not None:
        assert isinstance(asked.world.look(FileAt(action.beside)), Known)
        return
    assert not changes.empty or action.later, f"{action.title}: does nothing"
    after = done(asked, changes, action.title)
    now = after.get(asked.document.path)
    if now is not None:
        assert now.text != asked.document.text, f"{action.title}: changes nothing"
    if action.later:
        assert not changes.empty, f"{action.title}: does nothing, later"


def _made(action: Action) -> Changes:
    return action.changes


def safety(asked: Asked) -> None:
    """What is safe changes nothing that conda and pip read, and all of it together comes to an end."""
    document = asked.document
    for one in check(document, asked.facts(), LOUD):
        for fix in one.finding.fixes:
            after = done(asked, changes_of([fix], document, asked.facts()), fix.title).get(document.path)
            if after is not None and fix.safe and not document.tree.problems:
                gone = lost(document, after)
                assert not gone, f"{one.rule.code} {fix.title}: loses {gone}: {after.text!r}"
    once = asked.ask(fixed, document, asked.facts(), LOUD)
    assert fixed(once, asked.facts(), LOUD).text == once.text, f"fixing goes on: {once.text!r}"
    assert len(once.tree.problems) <= len(document.tree.problems)
    if not document.tree.problems:
        assert not lost(document, once), f"all loses {lost(document, once)}"


LAWS: tuple[Callable[[Asked], None], ...] = (structure, order, cards, completions, between_files, names, offers, safety)


# -- trying ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Failure:
    """A case that breaks a law: what was raised and where, which is what makes two failures the same."""

    case: Case
    law: str
    where: str
    said: str

    def __str__(self) -> str:
        return f"{self.law}, case {self.case.seed}, {self.case.path}: {self.where}\n  {self.said[:1500]}\n  {self.case.text[:1500]!r}"


@dataclass
class Outcome:
    failures: list[Failure]
    took: list[tuple[str, float, int, int]]
    format: Format


def tried(one: Case) -> Outcome:
    """Everything that is asked in a case, law by law."""
    world = one.world()
    failures: list[Failure] = []
    took: list[tuple[str, float, int, int]] = []
    document = one.document(world)
    for number, law in enumerate(LAWS):
        asked = Asked(one, world, document, random.Random(one.seed * len(LAWS) + number), took)
        try:
            law(asked)
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            failures.append(Failure(one, law.__name__, _where(error), f"{type(error).__name__}: {error}"))
    return Outcome(failures, took, document.format)


def _where(error: Exception) -> str:
    """The innermost lines that are ours."""
    frames = traceback.extract_tb(error.__traceback__)
    told = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    words = re.sub(r"[`'\"].*|\d+|\(.*", "", str(error))[:40]
    return " < ".join(told[-3:][::-1]) + f" [{type(error).__name__} {words}]"


def smallest(failure: Failure, seconds: float = 20.0) -> Failure:
    """The failure with as little text, and as few other files, as still break the law in the same place."""
    best, end = failure, time.monotonic() + seconds

    def still(changed: Case) -> bool:
        nonlocal best
        for one in tried(changed).failures if time.monotonic() < end else ():
            if (one.law, one.where) == (failure.law, failure.where):
                best = one
                return True
        return False

    for path in list(best.case.others):
        still(replace(best.case, others={one: text for one, text in best.case.others.items() if one != path}))
    for split in (partial(str.splitlines, keepends=True), list):
        size = max(len(split(best.case.text)) // 2, 1)
        while size and time.monotonic() < end:
            parts, at = split(best.case.text), 0
            while at < len(parts):
                less = parts[:at] + parts[at + size :]
                if still(replace(best.case, text="".join(less))):
                    parts = less
                else:
                    at += size
            size //= 2
    return best


def _many(seeds: range) -> tuple[list[Failure], list[tuple[str, float, int, int]], Counter[Format]]:
    failures: list[Failure] = []
    slow: list[tuple[str, float, int, int]] = []
    formats: Counter[Format] = Counter()
    for seed in seeds:
        outcome = tried(case(seed))
        failures += outcome.failures
        formats[outcome.format] += 1
        slow = sorted((*slow, *outcome.took), key=lambda call: -call[1])[:20]
    return failures, slow, formats


def _all(first: int, count: int, processes: int | None) -> int:
    chunks = [range(at, min(at + 25, first + count)) for at in range(first, first + count, 25)]
    times: Counter[tuple[str, str]] = Counter()
    slow: list[tuple[str, float, int, int]] = []
    formats: Counter[Format] = Counter()
    with ProcessPoolExecutor(processes) as pool:
        for found, took, kinds in pool.map(_many, chunks):
            formats += kinds
            slow = sorted((*slow, *took), key=lambda call: -call[1])[:20]
            for one in found:
                if not times[one.law, one.where]:
                    print(f"{smallest(one)}\n", flush=True)  # the others go on meanwhile
                times[one.law, one.where] += 1
            print(f"\r{formats.total():,} of {count:,} cases, {len(times)} kinds of failures ", end="", file=sys.stderr)
        print(file=sys.stderr)
    for (law, where), number in times.most_common():
        print(f"{number:6} times {law}: {where}")
    for kind, number in formats.most_common():
        print(f"{number:6} {kind.value}")
    for name, seconds, length, seed in slow:
        print(f"{seconds * 1000:6.0f} ms {name}, {length} characters, case {seed}")
    return 1 if times else 0


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=int, default=20_000)
    options.add_argument("--first", type=int, default=0)
    options.add_argument("--processes", type=int)
    chosen = options.parse_args()
    return _all(chosen.first, chosen.cases, chosen.processes)


if __name__ == "__main__":
    sys.exit(main())
