"""Ignoring, configuring, cascades, and fixes that do not meet."""

from __future__ import annotations

import pytest
from toy import CONDA, PIP, ROOT, World, online

from envls import config
from envls.check import changes_of, check, fixed, judging
from envls.config import Configuration
from envls.document import read
from envls.facts import Facts
from envls.formats.conda import matchspec, requirement
from envls.rules.rule import Fix
from envls.text import Edit, Span, apply
from envls.write import Add, Remove, Replace, edits

PATH = ROOT / "environment.yml"


def codes(text: str, configuration: Configuration | None = None, *, name: str = "environment.yml") -> list[str]:
    """The codes of what is found, in the order of the text."""
    document = read(ROOT / name, text)
    return [one.rule.code for one in check(document, World().facts(), configuration or Configuration())]


UNPINNED = "dependencies:\n  - python=3.11\n  - numpy{}\n"


@pytest.mark.parametrize(
    ("comment", "found"),
    [
        ("", ["ENV304"]),
        ("  # envls: ignore ENV304", []),
        ("  # envls: ignore ENV3", []),
        ("  # envls: ignore", []),
        ("  # envls: ignore ENV201", ["ENV304"]),
        ("  # envls: ignore ENV201, ENV304", []),
        ("\n# envls: ignore-file ENV304", []),
        ("\n# envls: ignore ENV304", ["ENV304"]),
    ],
)
def test_ignore_comments(comment: str, found: list[str]) -> None:
    assert codes(UNPINNED.format(comment)) == found


def test_a_comment_inside_a_text_is_no_comment() -> None:
    assert codes('dependencies:\n  - python=3.11\n  - "numpy # envls: ignore-file"\n') == ["ENV304"]


@pytest.mark.parametrize(
    ("configuration", "found"),
    [
        (Configuration(ignore=("ENV304",)), []),
        (Configuration(ignore=("ENV",)), []),
        (Configuration(select=("ENV1",)), []),
        (Configuration(severity={"ENV304": "off"}), []),
        (Configuration(per_file={"*.yml": ("ENV3",)}), []),
        (Configuration(per_file={"other/*": ("ENV3",)}), ["ENV304"]),
    ],
)
def test_configuration(configuration: Configuration, found: list[str]) -> None:
    assert codes(UNPINNED.format(""), configuration) == found


@pytest.mark.parametrize(
    ("configuration", "said"),
    [
        (Configuration(), False),
        (Configuration(select=("ENV5",)), False),
        (Configuration(severity={"ENV5": "error"}), False),
        (Configuration(select=("ENV5", "ENV515")), True),
        (Configuration(severity={"ENV515": "hint"}), True),
        (Configuration(severity={"ENV515": "hint"}, ignore=("ENV5",)), False),
    ],
)
def test_a_matter_of_opinion_is_said_where_it_is_named(configuration: Configuration, *, said: bool) -> None:
    document = read(PATH, "channels: [conda-forge]\ndependencies:\n  - python=3.12\n  - numpy=1.26\n")
    found = [one.rule.code for one in check(document, online().facts(), configuration)]
    assert ("ENV515" in found) is said


@pytest.mark.parametrize(
    ("platform", "wrong"),
    [('"osx-arm64"', ""), ('"osx-arm"', "did you mean `osx-arm64`?"), ('"noarch"', "it can be"), ("[3]", "it can be")],
)
def test_the_platform_that_files_are_for(platform: str, wrong: str) -> None:
    parsed = config.parse(f"[tool.envls]\nplatform = {platform}\n", "pyproject.toml")
    assert parsed is not None
    assert parsed[0].platform == ("" if wrong else "osx-arm64")
    assert [wrong in message for message in parsed[1]] == ([True] if wrong else [])


def test_severity_can_be_chosen() -> None:
    document = read(PATH, UNPINNED.format(""))
    (one,) = check(document, World().facts(), Configuration(severity={"ENV3": "error"}))
    assert one.severity.value == "error"


def test_a_wrong_configuration_says_what_would_be_right() -> None:
    text = '[tool.envls]\nselct = ["ENV1"]\nignore = "ENV2"\nseverity = {ENV304 = "loud"}\n'
    parsed = config.parse(text, "pyproject.toml")
    assert parsed is not None
    _, wrong = parsed
    assert len(wrong) == 3
    assert "did you mean `select`?" in wrong[0]
    assert "`hint`" in wrong[1]
    assert "must be a list of codes" in wrong[2]
    assert config.parse("[tool.other]\n", "pyproject.toml") is None
    broken = config.parse("select = what\n", ".envls.toml")
    assert broken is not None
    assert "line 1" in broken[1][0]


@pytest.mark.parametrize(
    "line",
    [
        "  - >=1.2",
        "  - *numpy",
        "  - @numpy",
        "  - numpy: 1: 2",
        "  -\tnumpy=1",
        "  - [numpy=1",
        '  - "numpy',
        "    - numpy=1",
    ],
)
def test_one_mistake_one_finding(line: str) -> None:
    """A line that is no YAML has that one finding; its neighbours have none."""
    assert codes(f"dependencies:\n  - python=3.11\n{line}\n  - pandas=2.2\n") == ["ENV101"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("dependecies:\n  - python=3.11\n  - requests=\n", ["ENV103", "ENV302"]),
        ("depend\n", ["ENV104"]),
        ("- numpy\n", ["ENV104"]),
        ("", ["ENV104"]),
        ("# nothing yet\n", ["ENV104"]),
        ("{% if x %}\n# {{ y }}\n{% endif %}\n", ["ENV102"]),
        ("name: x\n", ["ENV104"]),
        ("dependencies:\n", ["ENV105"]),
        ("dependencies:\n  - python=3.11\n  -\n", ["ENV106"]),
        ("dependencies:\n  - python=3.11\n  - 3.10\n", ["ENV106"]),
        ("dependencies:\n  - python=3.11\npip:\n  - requests\n", ["ENV103"]),
        ("dependencies:\n  - python=3.11\n  - pip:\n", []),
        ("dependencies:\n  - numpy=1.26\n    pandas\n", ["ENV305"]),
        ("name: [a]\ndependencies: [python=3.11]\n", ["ENV105"]),
        ("dependencies: {python: 3.11}\n", ["ENV105"]),
        ("channels:\n  conda-forge\ndependencies: [python=3.11]\n", ["ENV105"]),
        ("channels:\ndependencies: [python=3.11]\n", ["ENV105"]),
        ("prefix:\ndependencies: [python=3.11]\n", ["ENV105"]),
        ("channels: [3, {a: b}, conda-forge]\ndependencies: [python=3.11]\n", ["ENV202", "ENV202"]),
        ("name: a b/c\nchannels: [a]\ndependencies: [python=3.11]\n", ["ENV109"]),
        ("dependencies:\n  - !!str 1\n  - python=3.11\n", ["ENV106"]),
        ("dependencies:\n  - python=3.11\n  - sel(windows): pywin32\n", ["ENV106"]),
        ("dependencies:\n  - |\n    numpy\n  - python=3.11\n", ["ENV301"]),
        ("dependencies:\n  - python=3.11\n  - pip\n  - pip:\n  - requests=2\n", ["ENV409"]),
        ("dependencies:\n  - python=3.11\n  - pip\n  - pip:\n    - 3.10\n", ["ENV106"]),
        ("dependencies:\n  - python=3.11\n  - torch\n  - os\n", ["ENV308", "ENV307"]),
        ("dependencies:\n  - python=3.11\n  - pip\n  - pip:\n    - sklearn\n    - --pre foo\n", ["ENV408", "ENV407"]),
        ("channels: [x]\ndependencies:\n  - python=3.11\n  - pkgs/main/linux-64::a=1\n", ["ENV204"]),
        ("channels: [defaults]\ndependencies:\n  - python=3.11\n  - pkgs/main/linux-64::a=1\n", []),
    ],
)
def test_structure(text: str, found: list[str]) -> None:
    assert codes(text) == found


def test_foreign_files_are_left_alone() -> None:
    for name, text in {
        "python_env.yaml": "python: 3.8\nbuild_dependencies: [pip]\ndependencies: [-r requirements.txt]\n",
        "conda-lock.yml": "version: 1\nmetadata: {}\npackage: []\n",
        "Chart.yaml": "apiVersion: v2\nname: x\ndependencies:\n  - name: y\n",
        "playbook.yml": "- hosts: all\n",
    }.items():
        assert codes(text, name=name) == [], name


def test_fixes_that_overlap_wait_for_the_next_pass() -> None:
    document = read(PATH, "dependencies:\n  - numpy\n")
    one = Fix("", (Replace(Span(18, 23), "pandas"),))
    two = Fix("", (Replace(Span(20, 23), "x"),))
    made = changes_of((one, two), document, Facts())
    assert apply(document.text, made.edits[PATH]) == "dependencies:\n  - pandas\n"


def test_overlapping_edits_are_refused() -> None:
    with pytest.raises(ValueError, match="overlapping"):
        apply("abcdef", [Edit(Span(0, 3), "x"), Edit(Span(2, 4), "y")])


def test_everything_safe_at_once() -> None:
    text = "dependecies:\n- python >=3.10 <3.13\n- numpy >=1 <2\n- pip:\n  - flask=3.0\n  - flask==3.0\n"
    expected = "dependencies:\n- python >=3.10,<3.13\n- numpy >=1,<2\n- pip\n- pip:\n  - flask==3.0\n"
    assert fixed(read(PATH, text), World().facts()).text == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("dependencies:\n  - a\n", "dependencies:\n  - a\n  - b\n  - c\n  - pip:\n      - x\n      - y\n"),
        ("dependencies: [a]\n", "dependencies: [a, b, c, {pip: [x, y]}]\n"),
        ("dependencies:\n  - a\n  - pip: []\n", "dependencies:\n  - a\n  - b\n  - c\n  - pip: [x, y]\n"),
        ("dependencies:\n  - pip:\n    - z\n", "dependencies:\n  - b\n  - c\n  - pip:\n    - z\n    - x\n    - y\n"),
    ],
)
def test_several_items_are_added_in_their_order(before: str, after: str) -> None:
    conda = [Add(("dependencies",), item) for item in "bc"]
    pip = [Add(("dependencies", "pip"), item) for item in "xy"]
    assert _edited(before, conda[0], pip[0], conda[1], pip[1]) == after


def test_items_of_a_json_list_are_quoted() -> None:
    assert _edited('{"dependencies": ["a"]}', Add(("dependencies",), "b")) == '{"dependencies": ["a", "b"]}'


def _edited(text: str, *changes: Add | Remove) -> str:
    document = read(PATH, text)
    return apply(text, edits(changes, text, document.tree))


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ("dependencies:\n  - a\n", Add(("dependencies",), "b"), "dependencies:\n  - a\n  - b\n"),
        ("dependencies:\n- a\n", Add(("dependencies",), "b"), "dependencies:\n- a\n- b\n"),
        ("dependencies:\n    - a", Add(("dependencies",), "b"), "dependencies:\n    - a\n    - b"),
        ("dependencies: [a]\n", Add(("dependencies",), "b"), "dependencies: [a, b]\n"),
        ("dependencies: []\n", Add(("dependencies",), "b"), "dependencies: [b]\n"),
        ("dependencies:\n", Add(("dependencies",), "b"), "dependencies:\n  - b\n"),
        ("name: x\n", Add(("dependencies",), "b"), "name: x\ndependencies:\n  - b\n"),
        (
            "dependencies:\n  - a  # c\n\nname: x\n",
            Add(("dependencies",), "b"),
            "dependencies:\n  - a  # c\n  - b\n\nname: x\n",
        ),
        (
            "dependencies:\n  - a\n  - pip:\n    - x\n",
            Add(("dependencies",), "b"),
            "dependencies:\n  - a\n  - b\n  - pip:\n    - x\n",
        ),
        (
            "dependencies:\n  - pip:\n    - x\n",
            Add(("dependencies", "pip"), "y"),
            "dependencies:\n  - pip:\n    - x\n    - y\n",
        ),
        ("dependencies:\n  - a\n", Add(("dependencies", "pip"), "y"), "dependencies:\n  - a\n  - pip:\n      - y\n"),
        ("dependencies:\r\n  - a\r\n", Add(("dependencies",), "b"), "dependencies:\r\n  - a\r\n  - b\r\n"),
        ("dependencies:\n  - a\n  - b  # c\n", Remove(22), "dependencies:\n  - a\n"),
        ("dependencies:\n  - a\n  - b", Remove(22), "dependencies:\n  - a"),
        ("dependencies: [a, b, c]\n", Remove(18), "dependencies: [a, c]\n"),
        ("dependencies: [a, b]\n", Remove(18), "dependencies: [a]\n"),
        ("name: x\nprefix: /y\n", Remove(8), "name: x\n"),
    ],
)
def test_writing(before: str, change: Add | Remove, after: str) -> None:
    assert _edited(before, change) == after


@pytest.mark.parametrize(
    ("line", "kind", "name", "good"),
    [
        ("requests", "requirement", "requests", True),
        ("Ruamel.Yaml>=0.17", "requirement", "ruamel-yaml", True),
        ("requests[socks,security]>=2.31,<3", "requirement", "requests", True),
        ("requests ~= 2.31", "requirement", "requests", True),
        ("requests>2,", "requirement", "requests", True),
        ("torch==1.8.1+cu111", "requirement", "torch", True),
        ("x===2021a", "requirement", "x", True),
        ("x==2; python_version < '3.9'", "requirement", "x", True),
        ("x==2 --hash=sha256:abc", "requirement", "x", True),
        ("x==2  # why", "requirement", "x", True),
        ("x @ https://example.com/x-1.tar.gz", "address", "x", True),
        ("git+https://example.com/x.git@main#egg=x", "address", "", True),
        ("./wheels/x-1.0-py3-none-any.whl", "path", "x", True),
        ("-e .", "option", "", True),
        ("-r requirements.txt", "option", "", True),
        ("--extra-index https://example.com", "option", "", True),
        ("--no-deps", "option", "", False),
        ("-U", "option", "", False),
        ("requests=2.31", "requirement", "requests", False),
        ("requests=>2.31", "requirement", "requests", False),
        ("requests >=2 <3", "requirement", "requests", False),
        ("requests 2.31", "requirement", "requests", False),
        ("requests==", "requirement", "requests", False),
        ("x~=2", "requirement", "x", False),
        ("x>=2.*", "requirement", "x", False),
        ("x==2#c", "requirement", "x", False),
        ("conda-forge::x", "requirement", "conda-forge", False),
        ("", "", "", True),
        ("# only a comment", "", "", True),
    ],
)
def test_pip_lines(line: str, kind: str, name: str, good: bool) -> None:
    read_line = requirement.parse(line)
    assert (read_line.kind, read_line.problem is None) == (kind, good), read_line
    assert read_line.name == name


@pytest.mark.parametrize(
    ("spec", "name", "version", "build", "relation"),
    [
        ("numpy", "numpy", None, None, ""),
        ("NumPy=1.20", "numpy", "=1.20", None, "prefix"),
        ("numpy =1.20", "numpy", "=1.20", None, "prefix"),
        ("numpy==1.20", "numpy", "==1.20", None, "exact"),
        ("numpy 1.20", "numpy", "1.20", None, "exact"),
        ("numpy=1.20=py39_0", "numpy", "=1.20", "py39_0", "exact"),
        ("numpy=1.20.*", "numpy", "=1.20.*", None, "prefix"),
        ("numpy >=1.20,<2", "numpy", ">=1.20,<2", None, "range"),
        ("conda-forge::numpy>=1", "numpy", ">=1", None, "range"),
        ("numpy=*=mkl", "numpy", "=*", "mkl", ""),
    ],
)
def test_match_specs(spec: str, name: str, version: str | None, build: str | None, relation: str) -> None:
    parsed = matchspec.parse(spec)
    assert parsed.problem is None
    assert parsed.name == name
    assert (parsed.version and parsed.version.text) == version
    assert (parsed.build and parsed.build.text) == build
    assert parsed.relation == relation
    for part in (parsed.name_part, parsed.version, parsed.build):
        if part:
            assert spec[part.start : part.end] == part.text


def test_no_finding_shows_a_secret() -> None:
    secret = "hunter2hunter2hunter2"
    address = f"https://me:{secret}@example.com/team"
    lines = (
        f"channels:\n  - {address}\n  - {address}\n  - https://example.com/t/{secret}/team\ndependencies:\n"
        f"  - python=3.11\n  - {address}::numpy\n  - {address}::numpy=latest\n  - {address}/x.whl\n  - {address}:numpy\n"
        f"  - tool @ {address}/x.whl\n  - {address}::sklearn\n  - numpy[url={address},x]\n"
        f"  - pip\n  - pip:\n    - -f {address} {address}/y.zip\n    - tool @ {address} foo\n    - requests {address}\n"
        f"    - git+https://{secret}@example.com/x.git\n    - foo --index-url={address}\n"
    )
    found = check(read(PATH, lines), World().facts())
    assert sum(one.rule.code == "ENV203" for one in found) > 5
    for one in found:
        titles = [fix.title for fix in one.finding.fixes] + [other.message for other in one.finding.related]
        assert secret not in " ".join((one.finding.message, *titles)), one


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each letter of a name makes new surroundings for every item; what was remembered in the old ones goes in time."""
    monkeypatch.setattr(judging, "_REMEMBERED", 50)
    judging._memories.clear()  # noqa: SLF001 (what other tests left)
    world = World()
    for number in range(100):
        text = f"name: n{number}\nchannels: [a]\ndependencies:\n" + "".join(f"  - p{i}=1\n" for i in range(10))
        assert check(read(PATH, text), Facts(world.look)) == []
    assert sum(map(len, judging._memories.values())) <= 50 + 10  # noqa: SLF001


def test_secrets_are_found_wherever_they_stand() -> None:
    text = (
        "channels:\n  - https://me:hunter2@conda.example.com/x  # !\n  - https://conda.example.com/t/ab-1234/x  # !\n"
        "dependencies:\n  - python=3.11\n  - numpy[channel=https://me:hunter2@example.com/x]  # !\n"
        "  - pip\n  - pip:\n    - --index-url https://me:hunter2@example.com/simple  # !\n"
        f"    - -e git+https://oauth2:glpat-{'a' * 20}@example.com/x.git#egg=x  # !\n"
        "    - tool @ https://example.com/x.zip?token=abcdef  # !\n"
        "    - --extra-index-url https://${USER}:${TOKEN}@example.com/simple\n"
        "variables:\n  INDEX: https://me:hunter2@example.com/simple  # !\n  API_KEY: 0123456789abcdef  # !\n"
        "  API_KEY_FILE: /run/secrets/key\n  TOKENIZERS_PARALLELISM: false\n  HF_TOKEN: $HF_TOKEN\n"
        f"  NOTE: ghp_{'a' * 36}  # !\n# https://me:hunter2@example.com/old !\n"
    )
    document = read(PATH, text)
    found = [one for one in check(document, World().facts()) if one.rule.code == "ENV203"]
    told = [document.lines.place(one.finding.span.start)[0] for one in found]
    assert told == [number for number, line in enumerate(text.splitlines()) if line.endswith("!")]


def test_the_last_index_counts() -> None:
    lines = (
        "--extra-index-url https://a/",
        "-i https://b/ --extra-index-url https://c/",
        "--extra-index-url https://d/",
    )
    index, extra = requirement.indexes([requirement.parse(line) for line in lines])
    assert index is not None
    assert index.revealed == "https://b/"
    assert [url.revealed for url in extra] == ["https://c/", "https://d/"]


@pytest.mark.parametrize("line", ["uuid", "requirements.txt", "requests-2.31.0", "os"])
def test_what_the_index_says_too_is_told_once(line: str) -> None:
    world = World(conda=dict(CONDA), pip={**PIP, requirement.parse(line).name: None})
    text = f"dependencies:\n  - python=3.11\n  - pip\n  - pip:\n    - {line}\n"
    found = check(read(PATH, text), world.facts())
    assert len([one for one in found if one.rule.code != "ENV304"]) == 1


@pytest.mark.parametrize("mark", ["# [", "[a](", "# [a"])
def test_a_hostile_comment_holds_up_nobody(mark: str) -> None:
    """It takes hours where the time grows with the square of the length."""
    assert codes(f"dependencies:\n  - python=3.11\n  - numpy=1.26  # {mark * 200_000}\n") == []
