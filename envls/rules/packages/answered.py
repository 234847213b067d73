"""An item whose channels or index have answered, and how it stands with them: of all that may be wrong the first thing.

The rules of the family look at that one thing, so that one mistake has one finding. No rule stands here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import ClassVar

from envls import target
from envls.facts import Absent, CondaPackage, Facts, Known, Package, Pending
from envls.formats.conda.environment import Dependency, Requirement
from envls.formats.conda.misreading import misreading
from envls.known.retired import GONE
from envls.rules.dependencies.specs import is_joined
from envls.rules.packages.similar import one_slip_away
from envls.rules.rule import Derived
from envls.versions import CondaVersions, PipVersions, of_offers, pip_versions, satisfying, takes_python


class Standing(Enum):
    """What is wrong with an item, as far as channels and indexes know."""

    SOUND = "nothing"
    UNKNOWN = "there is no such package"
    ELSEWHERE = "only other platforms have it"
    NO_VERSION = "there is no such version"
    NO_MATCH = "no version is what the item asks for"
    NO_PYTHON = "no version for the file's Python"
    WITHDRAWN = "the version was withdrawn"
    GONE = "it is nowhere any more; by its name there is nothing, or another package"


@dataclass(eq=False)
class AnsweredDependency(Derived):
    """A dependency and what its channels have of it, for each platform that the file is judged for (None: nothing)."""

    item_type: ClassVar[type] = Dependency
    item: Dependency
    facts: Facts
    answers: Sequence[tuple[CondaPackage, Package | None]]

    @classmethod
    def of(cls, item: Dependency, facts: Facts) -> AnsweredDependency | None:
        answers: list[tuple[CondaPackage, Package | None]] = []
        for question in target.conda_packages(item, facts):
            answer = facts.ask(question)
            if isinstance(answer, Known) and answer.value.complete:
                answers.append((question, answer.value))
            elif isinstance(answer, Absent):
                answers.append((question, None))
            else:
                return None
        if not answers or misreading(item.spec.text) is not None or is_joined(item.node):
            return None  # another rule says what is wrong
        return cls(item, facts, answers)

    @property
    def platforms(self) -> tuple[str, ...]:
        return tuple([question.channels.platform for question, _ in self.answers])

    @cached_property
    def offers(self) -> tuple[tuple[CondaPackage, Package], ...]:
        return tuple([(question, package) for question, package in self.answers if package is not None])

    @cached_property
    def versions(self) -> CondaVersions | None:
        """What can be had, if anything can."""
        return of_offers(self.item, self.offers, self.facts) if self.offers else None

    @cached_property
    def standing(self) -> Standing | None:
        """None while it is not known."""
        if self.versions is None:
            return self._unless_elsewhere(Standing.UNKNOWN)
        if len(self.offers) < len(self.answers):
            return Standing.ELSEWHERE
        fitting = self._each(python=self.versions.python)
        if fitting is None or all(fitting):
            return None if fitting is None else Standing.SOUND
        there = self._each(python="")
        if there is None:
            return None
        if all(there):
            return Standing.NO_PYTHON
        if any(there):
            return Standing.ELSEWHERE
        alone = self.versions.satisfying(self.versions.spec)
        if alone is None or alone or not self.item.spec.pinned:
            return None if alone is None else Standing.NO_MATCH
        near = self.versions.near(self.item.spec.pinned)
        if near is None or near[0]:
            return None if near is None else Standing.NO_VERSION
        return self._unless_elsewhere(Standing.NO_VERSION)  # older than all: perhaps older than the platform

    @cached_property
    def lacking(self) -> tuple[str, ...]:
        """The platforms on which nothing is what the item asks for."""
        there = self._each(python="") or tuple(package.versions for _, package in self.offers)
        having = {question.channels.platform for (question, _), found in zip(self.offers, there, strict=True) if found}
        return tuple([one for one in self.platforms if one not in having])

    @cached_property
    def elsewhere(self) -> tuple[str, ...] | None:
        """The other platforms on which something is; None while not all have answered."""
        found = []
        for platform in target.other_platforms(self.platforms):
            question = _on(self.answers[0][0], platform)
            answer = self.facts.ask(question)
            there: tuple[str, ...] | None = ()
            if isinstance(answer, Known):
                there = satisfying(question, answer.value, self.facts, *self.item.spec.wanted, "")
            if there is None or isinstance(answer, Pending):
                return None
            if there:
                found.append(platform)
        return tuple(found)

    def _unless_elsewhere(self, standing: Standing) -> Standing | None:
        """Other platforms are asked only where that is likely: each may have to be read as a whole."""
        if standing is Standing.UNKNOWN and (slips := one_slip_away(self.item, self.facts)) != ():
            return None if slips is None else standing
        elsewhere = self.elsewhere
        return None if elsewhere is None else Standing.ELSEWHERE if elsewhere else standing

    def _each(self, *, python: str) -> tuple[tuple[str, ...], ...] | None:
        """What is let in on each platform."""
        wanted = self.item.spec.wanted
        found = [satisfying(question, package, self.facts, *wanted, python) for question, package in self.offers]
        known = tuple([one for one in found if one is not None])
        return known if len(known) == len(found) else None


@dataclass(eq=False)
class AnsweredRequirement(Derived):
    """A line of the `pip` section and what the index has of it (None: nothing). Every place that pip looks in was asked."""

    item_type: ClassVar[type] = Requirement
    item: Requirement
    facts: Facts
    versions: PipVersions | None

    @classmethod
    def of(cls, item: Requirement, facts: Facts) -> AnsweredRequirement | None:
        question = target.pip_package(item)
        if question is None or item.within.more_sources or is_joined(item.node):
            return None
        answer = facts.ask(question)
        if isinstance(answer, Absent):
            return cls(item, facts, None)
        return (
            cls(item, facts, pip_versions(item, facts)) if isinstance(answer, Known) and answer.value.complete else None
        )

    @cached_property
    def standing(self) -> Standing | None:
        """None where the line cannot be read."""
        standing = self._among_releases
        if self.item.line.name in GONE and standing not in (None, Standing.SOUND, Standing.WITHDRAWN):
            return Standing.GONE
        return standing

    @property
    def _among_releases(self) -> Standing | None:
        """What is wrong by what the index has under that name."""
        if self.versions is None:
            return Standing.UNKNOWN
        let_in = self.versions.let_in
        if let_in is None or not self.versions.package.releases:
            return None
        if not let_in:
            return Standing.NO_VERSION if self.item.line.pinned else Standing.NO_MATCH
        releases = [release for release in self.versions.package.releases if release.version in let_in]
        if not any(takes_python(release.requires_python, self.versions.python) for release in releases):
            return Standing.NO_PYTHON
        if all(release.yanked is not None for release in releases):
            return Standing.WITHDRAWN
        return Standing.SOUND


def _on(question: CondaPackage, platform: str) -> CondaPackage:
    return replace(question, channels=replace(question.channels, platform=platform))
