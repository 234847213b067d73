"""The verdict on a spec is conda's: what it rejects is an error, what it takes is none, and what it misreads is said.

The table was made with conda 26.7 itself; it stands beside the project and is read in place.
"""

from __future__ import annotations

import pytest
from corpus import SHARED
from toy import ROOT, World

from envls.check import Found, check
from envls.document import read
from envls.rules.rule import Severity

TABLE = SHARED / "facts" / "conda-verdicts.tsv"
ROWS = (
    [(*line.split("\t"), "", "")[:3] for line in TABLE.read_text("utf-8").splitlines()[1:]] if TABLE.is_file() else []
)


def findings(spec: str) -> list[Found]:
    """What is found on a spec that is the only item of a file, in single quotes so that YAML takes nothing from it."""
    quoted = "'" + spec.replace("'", "''") + "'"
    document = read(ROOT / "environment.yml", f"dependencies:\n  - {quoted}\n")
    return check(document, World().facts())


def severities(spec: str) -> set[Severity]:
    return {one.severity for one in findings(spec)}


@pytest.mark.skipif(not ROWS, reason=f"the table of verdicts is not there: {TABLE}")
def test_the_table_is_read() -> None:
    assert len(ROWS) > 100


@pytest.mark.parametrize(("spec", "verdict", "note"), ROWS)
def test_verdict_of_conda(spec: str, verdict: str, note: str) -> None:
    heard = severities(spec)
    assert (Severity.ERROR in heard) == (verdict == "reject")
    if note == "misread":
        assert Severity.WARNING in heard
    elif verdict == "ok":
        assert Severity.WARNING not in heard


@pytest.mark.parametrize("spec", [spec for spec, *_ in ROWS])
def test_one_mistake_one_finding(spec: str) -> None:
    assert len([one for one in findings(spec) if one.severity in (Severity.ERROR, Severity.WARNING)]) <= 1
