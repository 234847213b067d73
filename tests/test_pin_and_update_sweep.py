"""Every real file, in a world that knows every package: what is offered about versions changes what it says and breaks
nothing.

By default a sample of the files; `ENVLS_ALL_LINES=1` takes all.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from corpus import FILES, FOLDER, text_of
from ecosystem import Offline
from packaging.version import Version
from test_sweep import EVERYTHING, ids
from toy import package

from envls.assist.actions import Action, actions
from envls.assist.refactor.site import REWRITE as REFACTOR
from envls.check import check
from envls.config import Configuration
from envls.document import Document, read
from envls.facts import (
    Answer,
    CondaPackage,
    Environment,
    Facts,
    Installed,
    InstalledPackage,
    Known,
    PipPackage,
    ProjectFiles,
    Question,
    Satisfying,
)
from envls.formats.conda.environment import Dependency, EnvironmentFile
from envls.rules.rule import Item, Severity
from envls.text import Lines, Span, apply
from envls.versions import versions_of
from envls.world.satisfying import versions

SWEPT = FILES if EVERYTHING else FILES[::6]
OLDER = ("0.1.0", "0.9.9", "1.0.0", "1.0.1", "1.26.4", "2.0.0", "2.1.0rc1", "3.0.0", "3.9.19", "3.12.4", "4.0.0")
NEWEST = "2031.1.2"
_VERSION = re.compile(r"\d+(?:\.\d+)*")


def _line(item: Item) -> Any:
    return item.spec if isinstance(item, Dependency) else item.line


class Everything(Offline):
    """Each package has the version that this file pins, some others, and a newest one; all of it is installed."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        items = document.content.packages if isinstance(document.content, EnvironmentFile) else []
        self.pinned = {_line(item).name: _line(item).pinned for item in items if _VERSION.fullmatch(_line(item).pinned)}

    def look(self, question: Question[Any]) -> Answer[Any]:
        match question:
            case CondaPackage(name) | PipPackage(name):
                listed = {NEWEST, *OLDER, *([self.pinned[name]] if name in self.pinned else [])}
                return package(name, tuple(sorted(listed, key=Version, reverse=True)), "everywhere")
            case Satisfying(of, version, build, python):
                there = self.look(of)
                assert isinstance(there, Known)
                found = versions(there.value, version, build, python)
                return Known(found) if isinstance(found, tuple) else found
            case ProjectFiles():
                return Known(())  # what another file asks for is not what there is here
            case Installed():
                return Known(Environment(Path("/envs/x"), _Any(), _Any()))
        return super().look(question)


class _Any(dict[str, InstalledPackage]):
    def get(self, name: str, default: Any = None) -> Any:
        del default
        return InstalledPackage(name, "1.0.1", "0")


def menu(document: Document, span: Span, facts: Facts) -> list[Action]:
    """What rests on versions; `assist/test_refactor_sweep.py` tries the rest of the menu."""
    offered = actions(document, span, facts, Configuration(), (REFACTOR,), found=())
    return [one for one in offered if one.title.startswith(("Update", "Pin to the", "Pin all", "Pin the"))]


def after(document: Document, action: Action) -> Document:
    """The document after an action, which has changed it and left all other lines alone."""
    edits = action.changes.edits[document.path]
    new = apply(document.text, edits)
    assert new != document.text, action.title
    touched = {n for edit in edits for n in _lines_of(document.lines, edit.span)}
    kept = [document.text[slice(*document.lines.span(n))] for n in range(len(document.lines)) if n not in touched]
    lines = Lines(new)
    there = iter(new[slice(*lines.span(n))] for n in range(len(lines)))
    assert all(line in there for line in kept), action.title
    changed = read(document.path, new)
    assert len(changed.tree.problems) <= len(document.tree.problems), (action.title, new)
    return changed


def _lines_of(lines: Lines, span: Span) -> range:
    return range(lines.place(span.start)[0], lines.place(span.end)[0] + 1)


def _errors(document: Document, facts: Facts) -> int:
    return sum(one.severity is Severity.ERROR for one in check(document, facts))


@pytest.mark.parametrize("path", SWEPT, ids=ids)
def test_what_is_offered_for_one_item(path: Path) -> None:
    document = read(path, text_of(path))
    facts = Facts(Everything(document).look)
    file = document.content
    if not isinstance(file, EnvironmentFile):
        return
    for item in file.packages:
        for action in menu(document, Span(item.span.start, item.span.start), facts):
            if action.later:
                continue
            changed = after(document, action).content
            assert isinstance(changed, EnvironmentFile)
            (now,) = changed.packages_at(Span(item.span.start, item.span.start))
            assert _line(now).problem is None, action.title
            assert _line(now).name == _line(item).name, action.title
            assert f"`{_line(now).text}`" in action.title
            found = versions_of(now, facts)
            assert found is not None and found.let_in, (action.title, "nothing satisfies it")


@pytest.mark.parametrize("path", SWEPT, ids=ids)
def test_what_is_offered_for_all(path: Path) -> None:
    document = read(path, text_of(path))
    facts = Facts(Everything(document).look)
    file = document.content
    head = document.text.find("dependencies:")
    if not isinstance(file, EnvironmentFile) or head < 0:
        return
    errors = _errors(document, facts)
    for action in menu(document, Span(head, head), facts):
        changed = after(document, action)
        assert _errors(changed, facts) <= errors, action.title
        again = [one.title for one in menu(changed, Span(head, head), facts)]
        assert action.title not in again, "doing it twice is doing it once"


def test_there_are_real_files_and_much_to_offer() -> None:
    if not FILES:
        pytest.skip(f"NO REAL FILES at {FOLDER}: nothing was swept")
    offers = 0
    for path in SWEPT[:20]:
        document = read(path, text_of(path))
        facts = Facts(Everything(document).look)
        items = document.content.packages if isinstance(document.content, EnvironmentFile) else []
        offers += sum(len(menu(document, Span(item.span.start, item.span.start), facts)) for item in items)
    assert offers > 200
