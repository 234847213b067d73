"""The law of the broken line: it costs only itself. A sample; `make lines` breaks every line in every way."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from breaking import Failure, broken_dependencies, broken_keys, conda_files, cut, keyed_files, some_ways
from toy import ROOT, World

from envls.check import changes_of, check
from envls.document import read
from envls.text import apply


def told(failures: list[Failure]) -> str:
    return f"{len(failures)}: " + "\n".join(map(str, failures[:5]))


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_a_broken_line_costs_no_other_dependency(line_end: str) -> None:
    failures: list[Failure] = []
    tried: Counter[str] = Counter()
    for number, text in enumerate(conda_files()):
        counted, lost = broken_dependencies(text, some_ways(f"{number}{line_end}", 0.1), line_end)
        tried += counted
        failures += lost
    assert not failures, told(failures)
    assert not conda_files() or len(tried) > 100


@pytest.mark.parametrize(
    "dash", ["\u2013", "\u2013 ", "\u2014 ", "\u2022 ", "\u2212\u00a0", "-\u00a0", "-\u3000", "\u00b7"]
)
def test_what_only_looks_like_a_dash_becomes_one(dash: str) -> None:
    """As copied from a web page."""
    text = "channels: [conda-forge]\ndependencies:\n  - python=3.11\n  {}pip\n  - numpy=1.26\n"
    document, facts = read(ROOT / "environment.yml", text.format(dash)), World().facts()
    (found,) = check(document, facts)
    (fix,) = found.finding.fixes
    assert (found.rule.code, fix.title) == ("ENV101", "Write `- `")
    edits = changes_of((fix,), document, facts).edits[document.path]
    assert apply(document.text, edits) == text.format("- ")


def test_a_broken_line_costs_no_other_key() -> None:
    """In run configurations, compute targets and definitions; those in JSON's brackets too."""
    failures: list[Failure] = []
    for number, text in enumerate(keyed_files()):
        failures += broken_keys(text, some_ways(str(number), 0.05))[1]
    assert not failures, told(failures)


def test_a_cut_keeps_what_stands_before_it() -> None:
    chance = random.Random("cut")
    failures = [
        failure for text in conda_files() for failure in cut(text, chance.sample(range(len(text)), min(20, len(text))))
    ]
    assert not failures, told(failures)
