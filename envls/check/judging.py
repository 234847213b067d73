"""Asks the rules about a document.

What an item rule found is remembered with the item: its text, what it is within, and what it asked. So an edit
costs what it changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath
from typing import Any, TypeAlias

from envls import target
from envls.check.found import Found
from envls.check.quiet import not_ignored, without_cascades
from envls.config import Configuration
from envls.document import Document
from envls.facts import Answer, Facts, Question
from envls.formats.conda.environment import Dependency, EnvironmentFile, Requirement, Within
from envls.rules import rules
from envls.rules.rule import AnyRule, Derived, Finding, Gathered, Item, Severity

DEFAULT = Configuration()
_levels_of: dict[PurePath, _Levels] = {}
_FILES = 256
"""Files whose levels are remembered: each edit asks for them again."""
Memory: TypeAlias = "dict[object, _Remembered]"
_memories: dict[object, Memory] = {}
Judges: TypeAlias = "tuple[tuple[AnyRule, ...], tuple[tuple[type[Derived], tuple[AnyRule, ...]], ...]]"
asked_by_items: set[Question[Any]] = set()
"""All that remembered items have asked: `Facts.moment` need not grow for the answer to anything else."""
_REMEMBERED = 1 << 16
"""Items, of all memories together: while a name or a channel is typed, each letter makes a new memory."""


def check(document: Document, facts: Facts, configuration: Configuration = DEFAULT) -> list[Found]:
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
    found = list(not_ignored(document, without_cascades(document, hearing.found)))
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
