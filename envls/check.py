"""Run the rules over a document, and make their fixes.

What an item rule found is remembered with the item: its text, what it is within, and what it asked. So an edit
costs what it changed.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from itertools import chain, takewhile
from pathlib import PurePath
from typing import Any, TypeAlias

from envls import target, write
from envls import text as texts
from envls.config import Configuration
from envls.document import Document
from envls.encoding import UTF8, stray_bytes
from envls.facts import Answer, Facts, FileAt, Question
from envls.formats.conda.environment import Dependency, EnvironmentFile, Requirement, Within
from envls.ignoring import IgnoreComment, ignore_comments
from envls.rules import rules
from envls.rules.rule import AnyRule, Derived, Finding, Fix, Gathered, Item, Severity
from envls.syntax import Mapping
from envls.text import Edit, Span

PASSES = 10
NOT_YAML = ("not-yaml", "not-yaml-in-workbench", "not-yaml-in-sdk-v1", "not-yaml-in-definition", "not-utf-8")
NOT_KNOWN_OF_TEMPLATES = frozenset(
    (
        *("missing-dependencies", "missing-pip", "missing-required-package", "unlisted-import", "unlisted-channel"),
        *("drift", "stale-lock"),
        *("repeated-channel", "repeated-package", "repeated-requirement", "in-both-lists", "lost-pip-section"),
        *("missing-name", "missing-python", "split-requirement"),
    )
)
"""Rules that judge what the whole file has, lacks or repeats."""
_OF_TEMPLATES = ("template", "template-of-workbench-file", "template-of-run-configuration", "template-of-definition")
_FILLED_IN = re.compile(r"\{[{%#]")
_DEFAULT = Configuration()


@dataclass(frozen=True, slots=True)
class Found:
    """A finding with the rule that made it, as loud as the configuration wants it."""

    rule: AnyRule
    finding: Finding
    severity: Severity


@dataclass(frozen=True)
class Changes:
    """What a fix does: the edits in each file, and the files it makes.

    With `confirm`, a phrase that says what they are, an editor that can shows them first.
    """

    edits: dict[PurePath, tuple[Edit, ...]] = field(default_factory=dict)
    created: dict[PurePath, str] = field(default_factory=dict)
    confirm: str = ""

    @property
    def empty(self) -> bool:
        return not any(self.edits.values()) and not self.created


# -- checking -------------------------------------------------------------------------------------------------


def check(document: Document, facts: Facts, configuration: Configuration = _DEFAULT) -> list[Found]:
    """What is wrong with a document as far as is known, in the order of the text."""
    content = document.content
    if content is None:
        return []
    facts.managed = target.is_managed(document, facts)
    facts.platform = configuration.platform
    hearing = _Hearing(document, facts, configuration)
    hearing.judge(document)
    hearing.judge(content)
    remembered: tuple[type, Within, Memory] | None = None
    gathered: dict[AnyRule, list[Item]] = {}
    for mention in document.mentions:
        kind = type(mention)
        if type(mention) is Dependency or type(mention) is Requirement:
            if remembered is None or remembered[0] is not kind or remembered[1] is not mention.within:
                remembered = kind, mention.within, _memory(kind, mention.within, facts)
            known = _of_item(mention, _of_type(kind), facts, remembered[2])
            for rule, finding in known.pairs:
                hearing.keep(rule, finding.moved(mention.node.start))
            for rule in known.gathered:
                gathered.setdefault(rule, []).append(mention)
        else:
            hearing.judge(mention)
    for rule, items in gathered.items():
        if isinstance(content, EnvironmentFile):
            hearing.ask(rule, Gathered(document, content, tuple(items)))
    found = list(_not_ignored(document, _without_cascades(document, hearing.found)))
    found.sort(key=lambda one: (one.finding.span, one.rule.code))
    return found


class _Hearing:
    """What the rules say of one document, each as loud as the configuration wants it."""

    def __init__(self, document: Document, facts: Facts, configuration: Configuration) -> None:
        self.found: list[Found] = []
        self._facts = facts
        self._levels = _levels(configuration, document.path)

    def judge(self, judged: object) -> None:
        """Ask all rules on things of this type."""
        for rule in self._levels.heard.get(type(judged), ()):
            self.ask(rule, judged)

    def ask(self, rule: AnyRule, judged: object) -> None:
        for finding in rule.check(judged, self._facts) if rule.code in self._levels.of else ():
            self.keep(rule, finding)

    def keep(self, rule: AnyRule, finding: Finding) -> None:
        """A severity that a finding has of its own counts where the configuration leaves the rule's."""
        severity = self._levels.of.get(rule.code)
        if severity is not None:
            own = finding.severity if severity is rule.severity else None
            self.found.append(Found(rule, finding, own or severity))


@lru_cache(maxsize=1)
def _by_type() -> dict[type, tuple[AnyRule, ...]]:
    table: dict[type, tuple[AnyRule, ...]] = {}
    for rule in rules().values():
        table[rule.on] = (*table.get(rule.on, ()), rule)
    return table


@dataclass(frozen=True, slots=True)
class _Levels:
    """How loud each rule is that is not off, by its code, and these rules by what they judge: for one file."""

    configuration: Configuration
    of: dict[str, Severity]
    heard: dict[type, tuple[AnyRule, ...]]


_levels_of: dict[PurePath, _Levels] = {}
_FILES = 256
"""Files whose levels are remembered: each edit asks for them again."""


def _levels(configuration: Configuration, path: PurePath) -> _Levels:
    known = _levels_of.get(path)
    if known is None or known.configuration is not configuration:
        of: dict[str, Severity] = {}
        for rule in rules().values():
            chosen = configuration.level(rule.code, rule.severity.value, path, opt_in=rule.opt_in)
            if chosen != "off":
                of[rule.code] = Severity(chosen)
        heard = {kind: tuple(rule for rule in on if rule.code in of) for kind, on in _by_type().items()}
        if len(_levels_of) >= _FILES:
            _levels_of.clear()
        known = _levels_of[path] = _Levels(configuration, of, heard)
    return known


@lru_cache(maxsize=2)
def _of_type(kind: type) -> Judges:
    """The rules on items of a kind, and those on what is derived from it."""
    derived = [(on, rules) for on, rules in _by_type().items() if issubclass(on, Derived) and on.item_type is kind]
    return _by_type().get(kind, ()), tuple(derived)


@dataclass(slots=True)
class _Remembered:
    """What the rules found in an item standing at the start of a text, which ones gather it, what they asked, and when that
    was true."""

    pairs: tuple[tuple[AnyRule, Finding], ...]
    gathered: tuple[AnyRule, ...]
    asked: dict[Question[Any], Answer[Any]]
    moment: int


Judges: TypeAlias = "tuple[tuple[AnyRule, ...], tuple[tuple[type[Derived], tuple[AnyRule, ...]], ...]]"
Memory = dict[object, _Remembered]
_memories: dict[object, Memory] = {}
asked_by_items: set[Question[Any]] = set()
"""All that remembered items have asked: `Facts.moment` need not grow for the answer to anything else."""
_REMEMBERED = (
    1 << 16
)  # items, of all memories together: while a name or a channel is typed, each letter makes a new one


def _memory(kind: type, within: Within, facts: Facts) -> Memory:
    """What is remembered of items of a kind, in such surroundings, for that target, in that world."""
    key = (kind, within, facts.managed, facts.platform, facts.look)
    if key not in _memories:
        if sum(map(len, _memories.values())) + len(_memories) >= _REMEMBERED:
            _memories.clear()
            asked_by_items.clear()
        _memories[key] = {}
    return _memories[key]


def _of_item(item: Item, judges: Judges, facts: Facts, memory: Memory) -> _Remembered:
    """What the rules find in an item, as if it stood at the start of a text."""
    node = item.node
    start = node.start
    key = (node.text.raw, item.dash - start, node.tag)
    known = memory.get(key)
    if known is None or (known.moment != facts.moment and _changed(known, facts)):
        here = Facts(facts.look, facts.moment, managed=facts.managed, platform=facts.platform)
        at_origin = item.moved(-start)
        pairs = tuple(_judged(at_origin, judges, here))
        if len(memory) >= _REMEMBERED:
            memory.clear()
        asked_by_items.update(here.asked)
        gathered = tuple(rule for rule in _by_type()[Gathered] if rule.of and rule.of(at_origin))
        known = memory[key] = _Remembered(pairs, gathered, here.asked, facts.moment)
    if known.asked:
        facts.asked.update(known.asked)
    return known


def _judged(item: Item, judges: Judges, facts: Facts) -> Iterator[tuple[AnyRule, Finding]]:
    plain, derived = judges
    for rule in plain:
        for finding in rule.check(item, facts):
            yield rule, finding
    for kind, on_it in derived:
        judged = kind.of(item, facts)
        for rule in on_it if judged is not None else ():
            for finding in rule.check(judged, facts):
                yield rule, finding


def _changed(known: _Remembered, facts: Facts) -> bool:
    if any(facts.look(question) != answer for question, answer in known.asked.items()):
        return True
    known.moment = facts.moment
    return False


def _without_cascades(document: Document, found: list[Found]) -> list[Found]:
    """One mistake, one finding: on a line that is no YAML, or one that a template fills in, nothing else is said."""
    lines = document.lines
    silent = {lines.place(problem.span.start)[0] for problem in document.tree.problems}
    if document.encoding and document.encoding.stray:
        silent |= {lines.place(stray.offset)[0] for stray in stray_bytes(document.text)}
    if document.template:
        silent |= _filled_in(document)
        found = [one for one in found if one.rule.name not in NOT_KNOWN_OF_TEMPLATES]
    if not silent:
        return found
    return [
        one
        for one in found
        if one.rule.name in (*NOT_YAML, *_OF_TEMPLATES) or lines.place(one.finding.span.start)[0] not in silent
    ]


def _filled_in(document: Document) -> set[int]:
    """The lines of a template that are filled in later, and those whose value is: it stands on such lines below them."""
    found = set()
    below = False
    for number in reversed(range(len(document.lines))):
        line = document.text[slice(*document.lines.span(number))].strip()
        if _FILLED_IN.search(line):
            found.add(number)
            below = True
        elif line and not line.startswith("#"):
            if below and line.endswith(":"):
                found.add(number)
            below = False
    return found


def without_unfinished(found: Sequence[Found], document: Document, line: int) -> list[Found]:
    """What is worth saying while `line` is being typed: nothing that indexes say of the word that stands there yet, and
    nothing of a line that nobody would end so, such as a dash alone, or `numpy>=`.

    Where all items rest on it (a channel, a platform, the version of Python, an option of pip) they are held back, too.
    """
    lines = document.lines
    if not found or line >= len(lines):
        return list(found)
    here = lines.span(line)
    begun = _BEGUN.fullmatch(document.text[here.start : here.end][:_LONGEST_BEGUN]) is not None
    resting = any(one.rule.rests_on_target for one in found)
    everything = resting and any(one.meets(here) for one in _foundations(document))

    def is_news(one: Found) -> bool:
        if one.rule.rests_on_target and everything:
            return False
        return not (begun or one.rule.waits) or lines.place(one.finding.span.start)[0] != line

    return [one for one in found if is_news(one)]


_BEGUN = re.compile(
    r"[ \t]*(?:-[ \t]*)*|[ \t]*[\w$-]+[ \t]*"
    r"|.*[=<>!~,|;:(\[.][ \t'\"()\[\]{}]*"
    r"|.*;(?:.*\b(?:and|or)\b)?[ \t(]*[\w.]*(?:[ \t]+(?:not|in|not[ \t]+in))?[ \t]*"
)
"""A line that is not written to its end: dashes alone, a key without its colon, something behind which more must follow
(with the quotes and brackets that an editor has closed already), a condition of a marker without its value."""
_LONGEST_BEGUN = 1000


def _foundations(document: Document) -> Iterator[Span]:
    """Where a file says what its items are `Within`."""
    file = document.content
    if isinstance(file, EnvironmentFile):
        platforms = file.root.get("platforms") if isinstance(file.root, Mapping) else None
        if platforms is not None:
            yield platforms.span
        yield from (channel.span for channel in file.channels)
        yield from (item.span for item in file.dependencies if item.spec.name == "python")
        yield from (line.span for line in file.requirements if line.line.kind == "option")


# -- ignoring -------------------------------------------------------------------------------------------------


def _not_ignored(document: Document, found: list[Found]) -> Iterator[Found]:
    comments = ignore_comments(document)
    if not comments:
        yield from found
        return
    whole = [comment for comment in comments if comment.whole_file]
    on_line: dict[int, list[IgnoreComment]] = {}
    for comment in comments:
        if not comment.whole_file:
            on_line.setdefault(document.lines.place(comment.span.start)[0], []).append(comment)
    for one in found:
        line = document.lines.place(one.finding.span.start)[0]
        if not any(comment.covers(one.rule.code) for comment in (*whole, *on_line.get(line, ()))):
            yield one


# -- fixing ---------------------------------------------------------------------------------------------------


def changes_of(fixes: Iterable[Fix], document: Document, facts: Facts) -> Changes:
    """The edits of `fixes` together; a fix that overlaps an earlier one, or cannot be made, is left for the next pass.

    So is one that would leave a file worse YAML than it was: what is broken, or repeated by an alias, is read as it was
    meant, which is not always what stands there.
    """
    fixes = list(fixes)
    changes = _together(fixes, document, facts)
    if not _is_worse(changes, document, facts):
        return changes
    half = len(fixes) // 2
    first = changes_of(fixes[:half], document, facts) if half else Changes()
    return first if not first.empty or not half else changes_of(fixes[half:], document, facts)


_LONGEST_TRIED = 20_000
"""Characters of a file in which a fix is tried before it is offered: a file is read in a few milliseconds then."""


def _is_worse(changes: Changes, document: Document, facts: Facts) -> bool:
    """Whether a file that is broken, or has anchors, would be worse YAML: in any other, a fix is right as it is."""
    for path, edits in changes.edits.items():
        there = document if path == document.path else facts.value(FileAt(path))
        in_doubt = there is not None and (there.tree.problems or "&" in there.text)
        if there is not None and in_doubt and len(there.text) <= _LONGEST_TRIED:
            try:
                after = there.with_text(texts.apply(there.text, edits))
            except ValueError:  # they are in each other's way
                return True
            if len(after.tree.problems) > len(there.tree.problems):
                return True
    return False


def _together(fixes: Sequence[Fix], document: Document, facts: Facts) -> Changes:
    edits: dict[PurePath, list[Edit]] = {}
    created: dict[PurePath, str] = {}
    for fix in fixes:
        made = _edits_of(fix, document, facts)
        if made is None or any(
            _overlaps(edits.get(path, []), new) for path, all_ in made.edits.items() for new in all_
        ):
            continue
        for path, all_ in made.edits.items():
            there = edits.setdefault(path, [])
            for new in all_:
                at = bisect_left(there, new)
                if there[at : at + 1] != [new]:
                    there.insert(at, new)
        created.update(made.created)
    return Changes({path: tuple(all_) for path, all_ in edits.items()}, created)


def _edits_of(fix: Fix, document: Document, facts: Facts) -> Changes | None:
    by_file: dict[PurePath, list[write.Change]] = {}
    created: dict[PurePath, str] = {}
    for change in fix.changes:
        if isinstance(change, write.Create):
            created[change.path] = change.text
        elif not isinstance(change, write.SaveAsUtf8):
            by_file.setdefault(change.path or document.path, []).append(change)
    edits: dict[PurePath, tuple[Edit, ...]] = {}
    for path, changes in by_file.items():
        there = document if path == document.path else facts.value(FileAt(path))
        if there is None:
            return None
        try:
            edits[path] = tuple(write.edits(changes, there.text, there.tree))
        except ValueError:
            return None
    return Changes(edits, created)


def _overlaps(edits: list[Edit], new: Edit) -> bool:
    """Whether an edit is in the way of one of these, which are sorted; one of them may be the same."""
    at = bisect_left(edits, new)
    behind = takewhile(lambda one: one.span.start <= new.span.end, (edits[n] for n in range(at, len(edits))))
    return any(one != new and one.span.overlaps(new.span) for one in chain(edits[max(at - 1, 0) : at], behind))


def fixed(
    document: Document,
    facts: Facts,
    configuration: Configuration = _DEFAULT,
    *,
    wanted: Callable[[Found, Fix], bool] = lambda _, fix: fix.safe,
) -> Document:
    """The document after the first wanted fix of every finding, until none is left.

    Fixes that reach into other files are not made here. Fixing twice is fixing once.
    """
    current = document
    for _ in range(PASSES):
        fixes = []
        for one in check(current, facts, configuration):
            chosen = next((fix for fix in one.finding.fixes if wanted(one, fix) and _stays(fix, document.path)), None)
            if chosen:
                fixes.append(chosen)
        edits = changes_of(fixes, current, facts).edits.get(document.path, ())
        encoded = any(isinstance(change, write.SaveAsUtf8) for fix in fixes for change in fix.changes)
        changed = current.with_text(texts.apply(current.text, edits), UTF8 if encoded else None)
        same = changed.text == current.text and changed.encoding == current.encoding
        if same or len(changed.tree.problems) > len(current.tree.problems):
            break
        current = changed
    return current


def _stays(fix: Fix, path: PurePath) -> bool:
    return all(not isinstance(change, write.Create) and change.path in (None, path) for change in fix.changes)


def explain(code: str) -> AnyRule | None:
    return rules().get(code.upper())


def similar_codes(code: str) -> list[str]:
    return get_close_matches(code.upper(), rules(), 3, 0.5)
