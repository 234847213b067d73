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


# What conda takes, but surely not for what was meant.
MISREAD = (
    "numpy-1.20.3",
    "numpy-1.20-py39_0",
    "python38",
    "numpy=latest",
    "numpy=1.x",
    "numpy (>=1.2)",
    "numpy=>1.2",
    "uvicorn[standard]",
    "numpy[version>=1.2]",
    "numpy[name=scipy]",
    "numpy[subdir=linux64]",
    "conda-forge/linux64::numpy",
    "conda-forge:numpy",
    "conda-forge ::numpy",
    "conda-forge::numpy::scipy",
    "numpy 1.2 or 1.3",
    "numpy=1.2 1.3",
    "numpy=1.2=py39_0 scipy",
    "numpy=py39_0",
    "numpy#c",
    "numpy if win",
    "numpy=1.2,1.3",
    "numpy >=2,<1",
    "numpy-",
    "*",
    "1.2",
    "requirements.txt",
    "numpy=",
)


@pytest.mark.parametrize("spec", MISREAD)
def test_misread_is_a_warning(spec: str) -> None:
    assert severities(spec) - {Severity.HINT} == {Severity.WARNING}


@pytest.mark.parametrize(
    "spec", [*REJECTED, *MISREAD, *(spec for spec, verdict, note in ROWS if verdict != "ok" or note)]
)
def test_no_fix_leads_to_another_mistake(spec: str) -> None:
    for one in findings(spec):
        for fix in one.finding.fixes:
            if fix.title.startswith("Write `"):
                again = severities(fix.title.removeprefix("Write `").removesuffix("`"))
                assert not again & {Severity.ERROR, Severity.WARNING}, fix.title


# Lines of the `pip` section, judged by pip 26.3 itself: its parser of requirements files, and what it makes of each line.
# Those in the second part it takes at first, and fails on them when it installs.
PIP_REJECTED = (
    "requests=2.31",
    "requests=>2",
    "requests >=2 <3",
    "requests>=2<3",
    "requests>=2 and <3",
    "requests 2.31",
    "requests==",
    "requests==latest",
    "requests==*",
    "requests~=2",
    "requests~=2.*",
    "requests>=2.*",
    "requests>=2+cpu",
    "requests==two",
    'requests=="2.31"',
    "requests==2.31=py_0",
    "requests==2.31[socks]",
    "requests[socks",
    "requests[a b]",
    "requests,flask",
    "requests flask",
    "requests,>=2",
    "requests>=2,,<3",
    "requests-",
    "_requests",
    "ünï",
    "$NAME",
    '"requests"',
    "pip install requests",
    "conda-forge::requests",
    "requests; flask",
    "requests; python_version<3.8",
    "requests; python='3.8'",
    "requests#c",
    "requests==2#c",
    "requests \\ flask",
    ";",
    "git://example.com/x.git",
    "git+git@example.com:x/y.git",
    "https://example.com/x.whl",
    "./x.whl",
    "~/x",
    "git+https://example.com/x.git#egg=x[a]",
    "git+https://example.com/x.git#egg=x==1",
    "x @ git+https://example.com/x.git#egg=x[a]",
    "-e git+https://example.com/x.git",
    "-e https://example.com/x.zip",
    "-e x==1",
    "-e ~/x",
    "-e .\\x",
    "-r .\\x.txt",
    "-r ~/x.txt",
    "-r file:x.txt",
    "requests -e .",
    "-i 'https://example.com",
    "--index-url",
    "--no-binary",
    "--pre=1",
    "--no",
    "--req x.txt",
    "--user",
    "-U",
    "--no-deps",
    "--no-cache-dir",
    "--global-option=x",
    "--target x",
    "requests --no-deps",
    "requests --hash=md5:00",
    "requests --hash=sha256",
    "requests --config-settings=a",
    # fails when it installs
    "git@example.com:x/y.git",
    "git+ssh://git@example.com:x/y.git",
    "requests@2.31",
    "requests@latest",
    "x @ y",
    "https://example.com/x.zip;python_version<'3'",
    "https://example.com/x.zip y",
    "x @ https://example.com/x.whl",
)
PIP_TAKEN = (
    "requests",
    "Ruamel.Yaml>=0.17",
    "requests [ socks , security ] >= 2.31 , < 3",
    "requests (>=2)",
    "requests[]",
    "requests>2,",
    "requests==2.*",
    "requests==2.0.0-beta",
    "requests==v2",
    "requests===2021a",
    "torch==1.8.1+cu111",
    "x==1!2",
    "requests;",
    "requests; python_version in '2.7,3.0' and (os_name == 'nt' or extra == 'x')",
    "requests; sys.platform == 'win32'",
    "requests  # c",
    "# c",
    "requests==2 \\",
    "${NAME}==1",
    "requests==${VERSION}",
    "https://${USER}:${TOKEN}@example.com/x-1.tar.gz",
    "x @ https://example.com/x-1.tar.gz ; python_version < '3'",
    "x[a]@https://example.com/x-1.tar.gz",
    "git+https://example.com/x.git@main#egg=x&subdirectory=y",
    "git+https://example.com/x.git; python_version<'3'",
    "git+ssh://git@example.com:22/x.git",
    "hg+http://example.com/x",
    "file:./x",
    "https://example.com/x-1.0-1-py2.py3-none-any.whl",
    ".",
    ".[a]",
    "./x; os_name=='nt'",
    "x.tar.gz",
    ".\\x",
    "-e .",
    "-e.[a]",
    "-e git+https://example.com/x.git#egg=x",
    "-e 'x[a] @ git+https://example.com/x.git'",
    "-e my\\ folder",
    "-r x.txt",
    "-rx.txt",
    "-r https://example.com/x.txt",
    "-c x.txt",
    "--requirement=x.txt",
    "--index https://example.com",
    "--extra https://example.com",
    "-f ./wheels",
    "--trusted-host example.com",
    "--no-binary :all:",
    "--only-final x",
    "--pre",
    "--require-hashes",
    "requests --hash=sha256:00 --hash sha512:11",
    "requests -C a=b --config-settings=c=d",
    "--hash=sha256:00",
    "requests\n",
    "requests\nflask\n",
)


def of_line(line: str) -> set[Severity]:
    quoted = '"' + line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    document = read(ROOT / "environment.yml", f"dependencies:\n  - python=3.11\n  - pip\n  - pip:\n    - {quoted}\n")
    return {one.severity for one in check(document, World().facts())}


@pytest.mark.parametrize("line", PIP_REJECTED)
def test_rejected_by_pip(line: str) -> None:
    assert Severity.ERROR in of_line(line)


@pytest.mark.parametrize("line", PIP_TAKEN)
def test_taken_by_pip(line: str) -> None:
    assert Severity.ERROR not in of_line(line)


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
