"""The verdict on a spec is conda's: what it rejects is an error, what it takes is none, and what it misreads is said.

The table was made with conda 26.7 itself; it stands beside the project and is read in place.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from corpus import FILES, FOLDER, SHARED
from ecosystem import Offline
from toy import ROOT, World

from envls.check import Found, check
from envls.document import read
from envls.facts import Facts
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


# Forms beyond the table, judged by conda's own steps as the table shows them.
REJECTED = (
    "numpy =",
    "numpy= ",
    "numpy[build=]",
    "numpy[namespace=x]",
    "numpy[extras=[a,b]]",
    "numpy[version='>=1.2 <2']",
    "numpy[version='>= 1.2']",
    "numpy[build_number='>']",
    "numpy[md5=1][fn=2]",
    "numpy [version",
    "numpy >=1.2,(<2|>3)",
    "numpy=1__2",
    "numpy=_1",
    "numpy=1+",
    "numpy=a!1",
    "numpy=1!2!3",
    "numpy=1+2+3",
    "numpy=1-2_3",
    "numpy 1.2 ^(x$",
    "^(numpy*$",
    "conda-forge:: numpy",
    " numpy",
    "numpy,pandas",
    "numpy/scipy",
    "conda-forge/numpy",
    "___x",
    "a--b",
    "numpy^1.2",
    "numpy ~1",
    "numpy=<=1",
    "numpy>=1.2<2",
    "numpy~=1.2.*",
    "numpy=1.2.3..4",
    "numpy==1.2.",
    "https://example.com/linux-64/x.conda",
    "https://example.com/x.whl",
    "git+ssh://git@example.com/x.git",
    "./folder",
    "--no-deps",
    'numpy;os_name=="nt"',
    'numpy=1.2; os_name=="nt"',
    '"numpy"',
    'numpy="1.2"',
    "$NAME",
    "numpy=$VERSION",
    "numpy\xa0>=1",
    "numpy\t>=1",
    "numpy >=\xa01",
    "numpy=1.2=py-0",
    "numpy=1.2=a=b",
    "(numpy)",
    "[numpy]",
    "{numpy}",
    "numpy||1",
    "numpy 1|",
    "numpy |1",
)
TAKEN = (
    "numpy=",
    "numpy==1.2_",
    "numpy=1.2..*",
    "numpy>=*",
    "numpy 1@2",
    "numpy=1.2 py-0",
    "numpy====1.2",
    "numpy[target=x]",
    "numpy[optional=1]",
    "numpy[extras=a]",
    'numpy[when="python>3"]',
    "numpy[version=>=1.2,<2]",
    "numpy[md5=abc, sha256=def]",
    "numpy[build_number='>=1']",
    "numpy (>=1.2)",
    "numpy(>=1.2)",
    "numpy[version='>=1,<2|>3']",
    "numpy=1!2.0",
    "numpy==1.2+cu11",
    "numpy-",
    "numpy.",
    "_",
    "__x",
    "a..b*",
    "::numpy",
    "https://example.com/x.conda",
    "./x-1-0.conda",
    "x.tar.bz2",
    "C:\\x\\numpy-1.2-0.conda",
    "file:///srv/x::numpy",
    "*/linux-64::numpy",
    "numpy >=1.2, <2 ",
    "numpy >=1.2,\t<2",
    "numpy=1.2\xa0",
    "numpy ^1[.].*$",
    "numpy=1.*.3*",
    "numpy!=1.2,!=1.3",
    "numpy 1.2|1.3",
    "numpy=1.2|1.3,<1.4",
    "numpy[version='>=1]",
    "x@",
    "numpy=1.2 # why",
    "numpy~=1",
)


@pytest.mark.parametrize("spec", REJECTED)
def test_rejected_beyond_the_table(spec: str) -> None:
    assert Severity.ERROR in severities(spec)


@pytest.mark.parametrize("spec", TAKEN)
def test_taken_beyond_the_table(spec: str) -> None:
    assert Severity.ERROR not in severities(spec)


@pytest.mark.skipif(not FILES, reason=f"the real files are not there: {FOLDER}")
def test_errors_on_real_files_are_true() -> None:
    """Each error on a real file is listed with its reason, and nothing else is an error."""
    world = Offline()
    heard = set()
    for path in FILES:
        document = world.document(path)
        for one in check(document, Facts(world.look)):
            if one.severity is Severity.ERROR:
                line = document.lines.place(one.finding.span.start)[0] + 1
                heard.add(f"{path.relative_to(FOLDER).as_posix()}:{line} {one.rule.code}")
    listed = (Path(__file__).parent / "true_errors.txt").read_text("utf-8").splitlines()
    assert heard == {" ".join(line.split(" ")[:2]) for line in listed if line and not line.startswith("#")}
