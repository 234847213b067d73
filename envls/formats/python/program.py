"""What is known of a program without running it: plain values."""

from __future__ import annotations

from dataclasses import dataclass

from envls.text import Span

LARGEST = 1_000_000
"""Characters of the largest program that is read."""
MOST = 2_000
"""Imports of one program that are looked at."""


@dataclass(frozen=True, slots=True)
class Import:
    """One module that a program imports. `name` is dotted, without the `level` dots before it; `names` are those that
    `from ... import` takes out of it. `span` is where the name stands; in a notebook, its line.

    `guarded`: it may fail, as in `try: ... except ImportError`. `typing`: only type checkers see it. `lazy`: it stands in
    a function. `conditional`: under an `if` or `case`, such as one on the platform or the version of Python.
    """

    name: str
    span: Span
    level: int = 0
    names: tuple[str, ...] = ()
    guarded: bool = False
    typing: bool = False
    lazy: bool = False
    conditional: bool = False

    @property
    def top(self) -> str:
        """The first part of the name: "sklearn" of `sklearn.linear_model`; "" of what is relative."""
        return "" if self.level else self.name.partition(".")[0]

    @property
    def certain(self) -> bool:
        """Whether the program fails without the module, at least where a function is called."""
        return not (self.guarded or self.typing or self.conditional)


@dataclass(frozen=True)
class Program:
    """What is known of a program without running it.

    `installs` are the packages that it installs itself, as PEP 503 compares them; `installs_more`: others too, that are
    not told. `writes` are the modules that a notebook writes (`%%writefile`).
    """

    imports: tuple[Import, ...] = ()
    installs: frozenset[str] = frozenset()
    installs_more: bool = False
    writes: frozenset[str] = frozenset()


NOTHING = Program()
