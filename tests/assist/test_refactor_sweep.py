"""Every action on every real file where it is offered: it does what its title says, and nothing else.

PyYAML reads what conda would install, before and after; the promise of each kind of action is held against that. By
default a sample of the files; `ENVLS_ALL_LINES=1` takes all. Each file is also tried with Windows line ends and without
an end of its last line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

import pytest
import yaml
from corpus import FILES, FOLDER, text_of
from ecosystem import Offline
from test_sweep import EVERYTHING, ids

from envls.assist.actions import Action, actions
from envls.config import Configuration
from envls.document import Document, read
from envls.facts import (
    Absent,
    Answer,
    Environment,
    Facts,
    FileAt,
    FolderAt,
    Installed,
    InstalledPackage,
    Known,
    LockBeside,
    ProjectFiles,
    Question,
)
from envls.formats.conda import matchspec, requirement
from envls.formats.conda.environment import EnvironmentFile
from envls.text import Span, apply

SWEPT = FILES if EVERYTHING else FILES[::8]
KINDS = ("refactor", "source.sort")
INLINED = "# what is inlined\nrequests[socks]>=2.31  # why\n\n--extra-index-url https://example.com/simple\n"


class Folder(Offline):
    """A folder with one environment file, what its `-r` lines name, and an environment that remembers two requests."""

    def look(self, question: Question[Any]) -> Answer[Any]:
        match question:
            case FolderAt():
                return Known(("environment.yml",))
            case LockBeside():
                return Absent()
            case ProjectFiles():
                return Known(())
            case FileAt(path) if path.suffix == ".txt":
                return Known(read(path, INLINED))
            case Installed():
                return Known(Environment(PurePath("/envs/demo"), _Remembered(), {}))
        return super().look(question)


class _Remembered(dict[str, InstalledPackage]):
    """Every second package was asked for."""

    def items(self) -> Any:
        return [("numpy", InstalledPackage("numpy", "1", requested=True))]

    def __contains__(self, name: object) -> bool:
        return len(str(name)) % 2 == 0


@dataclass(frozen=True)
class Said:
    """What conda reads: the conda list, the lines of all `pip` sections, and the rest of the file."""

    conda: tuple[str, ...]
    pip: tuple[str, ...]
    sections: int
    rest: dict[str, object]

    @classmethod
    def of(cls, text: str) -> Said:
        data = yaml.load(text, Loader=yaml.BaseLoader)
        listed = data.pop("dependencies", None) or []
        sections = [item["pip"] or [] for item in listed if isinstance(item, dict) and "pip" in item]
        conda = tuple(item.strip() for item in listed if isinstance(item, str))
        return cls(conda, tuple(str(line).strip() for lines in sections for line in lines), len(sections), data)


@dataclass(frozen=True)
class Outcome:
    """An action, and what there is before and after it."""

    title: str
    before: Said
    after: Said
    document: Document
    changed: Document
    created: str | None

    @property
    def named(self) -> str:
        """What the title says is written."""
        found = re.search(r"`([^`]*)`(?:, any build)?(?:, and add `pip`)?$", self.title)
        assert found, self.title
        return found[1]


# -- what each promises ---------------------------------------------------------------------------------------


def _same_but(o: Outcome, *names: str) -> bool:
    """Whether nothing is changed but these of the fields."""
    fields = {name: getattr(o.after, name) for name in names}
    return replace(o.before, **fields) == o.after


def _rewritten(o: Outcome) -> None:
    assert _same_but(o, "conda", "pip")
    old, new = (*o.before.conda, *o.before.pip), (*o.after.conda, *o.after.pip)
    changed = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
    assert len(changed) == 1 and changed[0][1] == o.named
    assert _name(changed[0][0]) == _name(changed[0][1])


def _many_rewritten(o: Outcome) -> None:
    assert _same_but(o, "conda", "pip")
    assert [_name(a) for a in o.before.conda] == [_name(a) for a in o.after.conda]
    changed = sum(a != b for a, b in zip((*o.before.conda, *o.before.pip), (*o.after.conda, *o.after.pip), strict=True))
    assert re.search(rf"\b{changed}\b", o.title)


def _sorted(o: Outcome) -> None:
    assert _same_but(o, "conda", "pip")
    assert Counter(o.before.conda) == Counter(o.after.conda)
    assert Counter(o.before.pip) == Counter(o.after.pip)
    assert [one for one in o.before.pip if one.startswith("-")] == [one for one in o.after.pip if one.startswith("-")]
    flow = [Counter(re.findall(r"[^\s,\[\]]+", text)) for text in (o.document.text, o.changed.text)]
    assert flow[0] == flow[1]
    if "[" not in o.document.text:
        assert Counter(o.document.text.splitlines()) == Counter(o.changed.text.splitlines())


def _moved(o: Outcome) -> None:
    adds = ["pip"] if "add `pip`" in o.title else []
    to_pip = "`pip` section" in o.title
    assert _same_but(o, "conda", "pip", "sections")
    came, went = (o.after.pip, o.after.conda) if to_pip else (o.after.conda, o.after.pip)
    here, there = (o.before.pip, o.before.conda) if to_pip else (o.before.conda, o.before.pip)
    gone = Counter(there) - Counter(went)
    new = Counter(came) - Counter(here)
    count = re.match(r"Move (\d+) of", o.title)
    wanted = int(count[1]) if count else 1
    assert sum(gone.values()) == sum(new.values()) == wanted
    assert list(Counter(went) - Counter(there)) == adds
    if not count:
        assert list(new) == [o.named]
    parse: Callable[[str], Any] = requirement.parse if to_pip else matchspec.parse
    assert not any(parse(one).problem for one in new)


def _extracted(o: Outcome) -> None:
    assert _same_but(o, "pip")
    name = re.search(r"to `(.*?)`", o.title)
    assert name and o.created is not None
    at = o.after.pip.index(f"-r {name[1]}")
    lines = [re.split(r"(?:^|\s+)#", line)[0].strip() for line in o.created.splitlines()]
    taken = o.before.pip[at : at + len(o.before.pip) - len(o.after.pip) + 1]
    wanted = [line for one in taken for line in re.split(r"\s+#", one)[0].strip().splitlines()]
    assert [line for line in lines if line] == wanted
    assert o.created.endswith("\n")


def _inlined(o: Outcome) -> None:
    assert _same_but(o, "pip")
    new = Counter(o.after.pip) - Counter(o.before.pip)
    assert set(new) == {"requests[socks]>=2.31", "--extra-index-url https://example.com/simple"}
    assert len(o.after.pip) == len(o.before.pip) + 1


def _joined(o: Outcome) -> None:
    assert _same_but(o, "pip", "sections")
    assert o.after.sections == 1
    assert o.after.pip == o.before.pip


def _with_nodefaults(o: Outcome) -> None:
    assert _same_but(o, "rest")
    assert o.after.rest["channels"] == [*o.before.rest["channels"], "nodefaults"]  # type: ignore[misc]


def _without_options(o: Outcome) -> None:
    assert _same_but(o, "pip")
    gone = Counter(o.before.pip) - Counter(o.after.pip)
    assert gone and all(one.startswith("-") for one in gone)


def _reduced(o: Outcome) -> None:
    assert _same_but(o, "conda", "rest")
    assert {_name(one) for one in o.after.conda} <= {_name(one) for one in o.before.conda}
    assert "prefix" not in o.after.rest
    assert not any(matchspec.parse(one).build for one in o.after.conda)


def _quoted(o: Outcome) -> None:
    assert o.before == o.after  # BaseLoader takes everything for text


PROMISES: dict[str, Callable[[Outcome], None]] = {
    "Remove the build:": _rewritten,
    "Make it a prefix pin": _rewritten,
    "Pin exactly": _rewritten,
    "Pin to its bound": _rewritten,
    "Remove the builds": _many_rewritten,
    "Let in later patches": _many_rewritten,
    "Move": _moved,
    "Sort": _sorted,
    "Extract": _extracted,
    "Inline": _inlined,
    "Join": _joined,
    "Add `nodefaults`": _with_nodefaults,
    "Comment out": _without_options,
    "Reduce the export": _reduced,
    "Quote it": _quoted,
}
LOSES_COMMENTS = ("Extract", "Inline", "Reduce", "Comment out")
CAN_BE_REPEATED = ("Move", "Inline", "Extract", "Make it", "Comment out", "Pin")
"""Those that may be offered again in the same place, for the next line or the next version."""


def _name(item: str) -> str:
    return re.split(r"[\s=<>!~\[;@]", item)[0].lower()


# -- all that is offered --------------------------------------------------------------------------------------


def _places(file: EnvironmentFile, document: Document) -> Iterator[Span]:
    """The cursor on each key, channel and item, and selections of all packages, of half of them, and of one value."""
    anchors = [*file.keys, *file.channels, *file.packages, *file.pip_sections, *file.odd]
    for one in anchors:
        yield Span(one.span.start, one.span.start)
    for items in (file.dependencies, file.requirements):
        if len(items) > 1:
            yield Span(items[0].span.start, items[-1].span.end)
            yield Span(items[len(items) // 2].span.start, items[-1].span.end)
    if file.packages:
        yield file.packages[-1].span
    variables = file.root.get("variables") if file.key("variables") else None  # type: ignore[union-attr]
    for entry in getattr(variables, "entries", ()):
        yield Span(entry.value.span.start, entry.value.span.start)
    yield Span(0, len(document.text))


def outcomes(path: PurePath, text: str) -> Iterator[Outcome]:
    """What each action makes of a text that PyYAML can read."""
    document = read(path, text)
    file = document.content
    if not isinstance(file, EnvironmentFile) or document.template:
        return
    try:
        before = Said.of(text)
    except (yaml.YAMLError, AttributeError, TypeError, KeyError):
        return
    facts = Facts(Folder().look)
    done: set[tuple[str, str]] = set()
    for place in _places(file, document):
        menu = actions(document, place, facts, Configuration(), KINDS, found=())
        assert len({one.title for one in menu}) == len(menu), "nothing is offered twice"
        for action in menu:
            if _belongs_to_versions(action):
                continue
            edits = action.changes.edits.get(path, ())
            new = apply(text, edits)
            if (action.title, new) in done:
                continue
            done.add((action.title, new))
            created = next(iter(action.changes.created.values()), None)
            changed = read(path, new)
            yield Outcome(action.title, before, Said.of(new), document, changed, created)
            _holds(action, document, changed, place, facts)


def _belongs_to_versions(action: Action) -> bool:
    return action.title.startswith(("Update", "Pin to the", "Pin all", "Pin the"))


def _holds(action: Action, document: Document, changed: Document, place: Span, facts: Facts) -> None:
    """What holds for all of them."""
    assert changed.text != document.text, action.title
    assert len(changed.tree.problems) <= len(document.tree.problems), action.title
    if "\r\n" in document.text:
        assert not re.search(r"(?<!\r)\n", changed.text), action.title
    assert changed.text.endswith("\n") == document.text.endswith("\n"), action.title
    if not action.title.startswith(LOSES_COMMENTS):
        assert Counter(_comments(document)) == Counter(_comments(changed)), action.title
    if not action.title.startswith(CAN_BE_REPEATED):
        again = actions(changed, Span(place.start, place.start), facts, Configuration(), KINDS, found=())
        assert action.title not in [one.title for one in again], "doing it twice is doing it once"


def _comments(document: Document) -> list[str]:
    return [document.text[slice(*span)].rstrip() for span in document.tree.comments]


@pytest.mark.parametrize("ends", ["as it is", "windows", "none"])
@pytest.mark.parametrize("path", SWEPT, ids=ids)
def test_it_does_what_it_says(path: Path, ends: str) -> None:
    text = text_of(path)
    if ends == "windows":
        text = re.sub(r"\r\n|\r|\n", "\r\n", text)
    elif ends == "none":
        text = text.rstrip()
    for outcome in outcomes(path, text):
        promise = next(promise for title, promise in PROMISES.items() if outcome.title.startswith(title))
        promise(outcome)


def test_there_is_much_to_offer() -> None:
    if not FILES:
        pytest.skip(f"NO REAL FILES at {FOLDER}: nothing was swept")
    offered = Counter(
        next(title for title in PROMISES if one.title.startswith(title))
        for path in (FILES if EVERYTHING else FILES[::4])
        for one in outcomes(path, text_of(path))
    )
    assert len(offered) >= 12, offered
    assert offered.total() > 400
