"""What a rule is, and what it finds.

A rule is one function on the smallest thing it judges. Its name reads after the word "allow"; its docstring is
its page, its hover and its test: fences are files (several may be named), `# <- CODE` marks a finding, a fence
called `fixed` shows the result of its fixes, a fence called `facts` says what the world knew.

The law of an item rule (`on=Dependency`, `on=Requirement`, or something `Derived` from one): it may look at the item,
what the item is `within`, and what it asks of `facts`; nothing else. Then what it found is true wherever the same item
stands. A rule `on=Gathered` judges several items together: which ones, it tells of each item alone.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import PurePath
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar

from envls.document import Document
from envls.facts import Facts
from envls.formats.conda.environment import Dependency, EnvironmentFile, Requirement
from envls.text import Span
from envls.url import redact
from envls.write import Change

T = TypeVar("T")


class Severity(Enum):
    """How loud a finding is. Error: a tool fails or loses what was written. Warning: a person will be bitten."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Fix:
    """What mends a finding.

    It is safe when the file failed before, or what gets installed is provably unchanged. It is `sure` when it is the one
    right answer, whether or not it is safe: the editor then offers it first. No title shows a secret.
    """

    title: str
    changes: tuple[Change, ...]
    safe: bool = False
    sure: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", redact(self.title))


@dataclass(frozen=True, slots=True)
class Related:
    """A place in this or (with `path`) another file that the finding rests on."""

    span: Span
    message: str
    path: PurePath | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", redact(self.message))


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at `span`; `fixes` stand best first. `unused` marks text that has no effect.

    No message shows a secret of an address, whatever a rule puts into it.
    """

    span: Span
    message: str
    fixes: tuple[Fix, ...] = ()
    related: tuple[Related, ...] = ()
    severity: Severity | None = None
    unused: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", redact(self.message))

    def moved(self, by: int) -> Finding:
        """The same finding for an item that stands `by` characters further on."""
        fixes = tuple(replace(fix, changes=tuple(change.moved(by) for change in fix.changes)) for fix in self.fixes)
        related = tuple(other if other.path else replace(other, span=other.span.moved(by)) for other in self.related)
        return replace(self, span=self.span.moved(by), fixes=fixes, related=related)


class Derived(ABC):
    """What rules judge that stands in no file: an item with what the world says of it."""

    item_type: ClassVar[type]

    @classmethod
    @abstractmethod
    def of(cls, item: Any, facts: Facts) -> Derived | None:
        """None where too little is known: then no rule on it is asked."""


Item: TypeAlias = "Dependency | Requirement"


@dataclass(frozen=True, slots=True)
class Gathered:
    """Those items of a file that a rule is about, in the order of the text: at least one.

    Which ones is remembered with each item, so that an edit costs what it changed, and a rule on a file of thousands of
    lines what there is to say of it.
    """

    document: Document
    file: EnvironmentFile
    items: tuple[Item, ...]

    @property
    def dependencies(self) -> list[Dependency]:
        return [item for item in self.items if isinstance(item, Dependency)]

    @property
    def requirements(self) -> list[Requirement]:
        return [item for item in self.items if isinstance(item, Requirement)]


Check: TypeAlias = Callable[[T, Facts], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule(Generic[T]):
    code: str
    name: str
    severity: Severity
    on: type[T]
    doc: str
    check: Check[T]
    opt_in: bool = False
    patient: bool = False
    of: Callable[[Item], bool] | None = None

    @property
    def summary(self) -> str:
        return self.doc.partition("\n")[0]

    @property
    def waits(self) -> bool:
        """Whether what it finds is no news while the item is still being typed."""
        return self.patient or self.rests_on_target

    @property
    def rests_on_target(self) -> bool:
        """Whether what it finds in one item may rest on what the file says elsewhere, such as its channels or its Python."""
        return issubclass(self.on, Derived) or (self.patient and self.on is Gathered)

    def __hash__(self) -> int:
        return hash(self.code)


def rule(
    code: str,
    *,
    on: type[T],
    severity: Severity,
    opt_in: bool = False,
    patient: bool = False,
    of: Callable[[Item], bool] | None = None,
) -> Callable[[Check[T]], Rule[T]]:
    """Make a function a rule: its name and docstring are the rule's name and page.

    One with `opt_in` is a matter of opinion: it is silent until somebody names its code. A `patient` one, as each on
    something `Derived`, says nothing of a word that may yet become another. `of` says which items one `on=Gathered` is
    about, under the law of an item rule and without facts.
    """

    def make(check: Check[T]) -> Rule[T]:
        name = check.__name__.replace("_", "-")
        return Rule(code, name, severity, on, inspect.getdoc(check) or "", check, opt_in, patient, of)

    return make


AnyRule: TypeAlias = Rule[Any]
