"""What channels and indexes know: said once, of the right place and platform, and never before all have answered."""

from __future__ import annotations

from typing import Any

import pytest
from toy import CONDA, PIP, ROOT, World, online, package

from envls import target
from envls.check import check, without_unfinished
from envls.config import Configuration
from envls.document import read
from envls.facts import (
    PENDING,
    Absent,
    Answer,
    CondaNames,
    CondaPackage,
    Facts,
    Known,
    PipPackage,
    ProjectFiles,
    Question,
    Satisfying,
    Unavailable,
)

DEFAULT = Configuration()
HEAD = "channels: [conda-forge]\ndependencies:\n  - python=3.11\n"


class Asked(World):
    """A world that remembers what it was asked; `silent` questions have no answer yet."""

    def __init__(self, *silent: type, **world: Any) -> None:
        super().__init__(conda={**CONDA, **world.pop("conda", {})}, pip={**PIP, **world.pop("pip", {})}, **world)
        self.silent = silent
        self.questions: list[Question[Any]] = []

    def look(self, question: Question[Any]) -> Answer[Any]:
        self.questions.append(question)
        return PENDING if isinstance(question, self.silent) else super().look(question)

    def names(self, kind: type) -> set[str]:
        return {question.name for question in self.questions if isinstance(question, kind)}  # type: ignore[attr-defined]


def found(
    text: str, world: World, configuration: Configuration = DEFAULT, *, name: str = "environment.yml"
) -> list[str]:
    """Code, severity and message of what is found of the families that know of packages."""
    document = read(ROOT / name, text)
    return [
        f"{one.rule.code} {one.severity.value}: {one.finding.message}"
        for one in check(document, world.facts(), configuration)
        if one.rule.code[:4] in ("ENV3", "ENV4", "ENV5") and one.rule.name != "unpinned"
    ]


def codes(text: str, world: World, configuration: Configuration = DEFAULT) -> list[str]:
    return [one.split()[0] for one in found(text, world, configuration)]


# -- what is said, and what not -------------------------------------------------------------------------------


def test_an_unknown_name_is_said_with_its_platform_and_what_was_meant() -> None:
    (said,) = found(HEAD + "  - nunpy=1\n", Asked(conda={"nunpy": None}))
    assert (
        said == f"ENV501 error: no channel of this file has `nunpy` for {target.this_platform()}; did you mean `numpy`?"
    )


def test_a_name_is_not_meant_instead_of_itself() -> None:
    (said,) = found(HEAD + "  - pip\n  - pip:\n    - tensorflow==2.1\n", Asked(pip={"tensorflow": None}))
    assert said.startswith("ENV502 error: the package index has no `tensorflow`")
    assert said.count("`tensorflow`") == 1


@pytest.mark.parametrize("silent", [CondaNames, CondaPackage])
def test_nothing_is_said_before_all_have_answered(silent: type) -> None:
    assert codes(HEAD + "  - quite-unknown=1\n", Asked(silent, conda={"quite-unknown": None})) == []


def test_other_platforms_are_asked_only_where_the_name_is_no_slip() -> None:
    world = Asked(conda={"nunpy": None, "quite-unknown": None})
    found(HEAD + "  - nunpy=1\n  - quite-unknown=1\n", world)
    platforms = {
        name: {one.channels.platform for one in world.questions if isinstance(one, CondaPackage) and one.name == name}
        for name in ("nunpy", "quite-unknown")
    }
    assert platforms["nunpy"] == {target.this_platform()}
    assert platforms["quite-unknown"] > {"linux-64", "osx-arm64", "win-64"}


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ("torch=2", "ENV501"),
        ("json", "ENV501"),
        ("conda-forge:nunpy=1", "ENV302"),
        ("nunpy==", "ENV301"),
        ("numpy>=3,<2", "ENV302"),
        ("numpy=1.26\n    pandas=99", "ENV305"),
        ("numpy=99=py39_0", "ENV503"),
        ("numpy=1.26.4=py39_0", "ENV505"),
        ("pip:\n    - sklearn", "ENV408"),
        ("pip:\n    - sklearn=1", "ENV401"),
        ("pip:\n    - nunpy==1; python_version < '3'", "ENV502"),
    ],
)
def test_one_mistake_has_one_finding(item: str, code: str) -> None:
    absent = dict.fromkeys(("torch", "json", "nunpy", "sklearn"))
    world = Asked(conda={**absent, "pytorch": ("2.3.0",)}, pip=dict(absent))
    text = HEAD + ("  - pip\n" if "pip:" in item else "") + f"  - {item}\n"
    assert codes(text, world) == [code]


def test_the_other_name_of_a_package_is_written_only_where_it_exists() -> None:
    (said,) = found(HEAD + "  - torch=2\n", Asked(conda={"torch": None, "pytorch": ("2.3.0",)}))
    assert said.endswith("there it is `pytorch`")
    (said,) = found(HEAD + "  - torch=2\n", Asked(conda={"torch": None}))
    assert "pytorch" not in said


@pytest.mark.parametrize(
    "item",
    ["numpy[version='>=99']", "numpy[version='==99',build='x']", "pip:\n    - requests==99 --hash=sha256:" + "0" * 64],
)
def test_what_cannot_be_pinned_gets_no_pin(item: str) -> None:
    text = HEAD + ("  - pip\n" if "pip:" in item else "") + f"  - {item}\n"
    (one,) = [
        one
        for one in check(read(ROOT / "environment.yml", text), Asked().facts(), DEFAULT)
        if one.rule.code in ("ENV503", "ENV504", "ENV505")
    ]
    assert one.finding.fixes == ()


# -- privacy --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channels", "told"),
    [("conda-forge, bioconda", True), ("conda-forge, mine", False), ("https://example.com/x", False)],
)
def test_a_name_that_may_be_private_is_not_told_to_the_package_index(channels: str, *, told: bool) -> None:
    world = Asked(conda={"ours": None}, pip={"ours": None})
    assert codes(f"channels: [{channels}]\ndependencies:\n  - ours=1\n", world) == ["ENV501"]
    assert ("ours" in world.names(PipPackage)) is told


def test_a_name_of_a_private_index_is_not_told_to_the_channels() -> None:
    world = Asked(conda={"ours": None}, pip={"ours": None})
    pip = "  - pip\n  - pip:\n    - {}ours==1\n"
    assert codes(HEAD + pip.format("--index-url https://example.com/simple\n    - "), world) == ["ENV502"]
    assert "ours" not in world.names(CondaPackage)
    assert codes(HEAD + pip.format(""), world) == ["ENV502"]
    assert "ours" in world.names(CondaPackage)


def test_where_another_file_may_name_an_index_nothing_is_said() -> None:
    world = Asked(pip={"ours": None})
    assert codes(HEAD + "  - pip\n  - pip:\n    - -r more.txt\n    - ours==1\n", world) == ["ENV413"]


# -- platforms and Pythons ------------------------------------------------------------------------------------

MAC = {("osx-arm64", "numpy"): ("2.1.0",), ("win-64", "pywin32"): ("306",)}


@pytest.mark.parametrize(
    ("top", "item", "configuration", "said"),
    [
        (
            "platforms: [linux-64, osx-arm64]\n",
            "numpy=1.26",
            Configuration(),
            "ENV507 error: `numpy` 1.26 has no build for osx-arm64; linux-64 has one",
        ),
        (
            "",
            "numpy=1.26",
            Configuration(platform="osx-arm64"),
            "ENV507 error: `numpy` 1.26 has no build for osx-arm64; linux-64, osx-64 and win-64 have one",
        ),
        (
            "",
            "pywin32",
            Configuration(platform="linux-64"),
            "ENV507 error: `pywin32` has no build for linux-64; win-64 has one",
        ),
        ("platforms: [win-64]\n", "pywin32=306", Configuration(platform="linux-64"), ""),
        ("platforms: [linux-64, osx-arm64]\n", "numpy>=1.26", Configuration(), ""),
    ],
)
def test_platforms(top: str, item: str, configuration: Configuration, said: str) -> None:
    world = Asked(only_on=MAC, conda={"pywin32": None})
    assert found(top + HEAD + f"  - {item}\n", world, configuration) == ([said] if said else [])


def test_what_only_this_machine_decides_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "this_platform", lambda: "linux-64")
    target._platforms.cache_clear()  # noqa: SLF001
    (said,) = found(HEAD + "  - pywin32=306\n", Asked(only_on=MAC, conda={"pywin32": None}))
    assert said.startswith("ENV507 warning")
    target._platforms.cache_clear()  # noqa: SLF001


def test_a_managed_run_decides_before_all_else() -> None:
    world = Asked(only_on=MAC, conda={"pywin32": None})
    world.files[ROOT / "aml_config/conda_dependencies.yml"] = ""
    text = "platforms: [win-64]\n" + HEAD + "  - pywin32=306\n"
    said = found(text, world, Configuration(platform="win-64"), name="aml_config/conda_dependencies.yml")
    assert said[-1] == "ENV507 error: `pywin32` has no build for linux-64; win-64 has one"


def test_a_platform_that_lacks_the_package_is_told_while_versions_are_worked_out() -> None:
    world = Asked(Satisfying, only_on=MAC, conda={"pywin32": None})
    text = "platforms: [win-64, linux-64]\n" + HEAD + "  - pywin32=306\n"
    assert codes(text, world) == ["ENV507"]


@pytest.mark.parametrize(
    ("python", "item", "code"),
    [
        ("=3.12", "old=1", "ENV508"),
        ("=3.12", "old", "ENV508"),
        ("=3.8", "old=1", ""),
        ("", "old=1", ""),
        (">=3.8", "old=1", ""),
        ("=3.99", "old=1", "ENV503"),
        (" ^3.*$", "old=1", ""),
        ("=3.12", "pip:\n    - older==1", "ENV509"),
        ("=3.12", "pip:\n    - older", "ENV509"),
        ("=3.12", "pip:\n    - older==1; python_version < '3.9'", ""),
        (">=3.8,<3.12", "pip:\n    - older==1", ""),
        ("=3.8|=3.9", "pip:\n    - older==1", ""),
    ],
)
def test_pythons(python: str, item: str, code: str) -> None:
    world = Asked(
        conda={"python": ("3.12.4", "3.8.19"), "old": ("1.0.0[python:>=3.8,<3.9.0a0]",)},
        pip={"older": ("1.0[python:>=3.6,<3.12]",)},
    )
    text = f"channels: [conda-forge]\ndependencies:\n  - python{python}\n  - pip\n  - {item}\n"
    assert [one for one in codes(text, world) if one not in ("ENV313", "ENV415")] == ([code] if code else [])


def test_a_version_that_py_rattler_cannot_read_is_not_judged() -> None:
    assert codes(HEAD + "  - numpy=1.*.4\n", Asked()) == []


# -- while it is being typed ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "left"),
    [
        (3, ["ENV507"]),
        (2, []),  # the version of Python
        (0, []),  # a channel
        (1, ["ENV501", "ENV507"]),
        (99, ["ENV501", "ENV507"]),
    ],
)
def test_nothing_is_said_of_the_word_that_is_being_typed(line: int, left: list[str]) -> None:
    world = Asked(only_on=MAC, conda={"nunpy": None, "pywin32": None})
    document = read(ROOT / "environment.yml", HEAD + "  - nunpy=1\n  - pywin32=306\n")
    all_found = check(document, world.facts(), Configuration(select=("ENV5",), platform="linux-64"))
    assert [one.rule.code for one in without_unfinished(all_found, document, line)] == left


@pytest.mark.parametrize(
    "line",
    [
        *(
            "- ",
            "- - ",
            "na",
            "- numpy=",
            "- numpy==1.",
            "- numpy>=1.26, ",
            "- 'numpy<'",
            "- numpy[]",
            "- numpy[version='']",
        ),
        *("- pip: [requests;", "- pip: [flask; sys", '- pip: [flask; sys_platform == "a" and', "name:"),
    ],
)
def test_what_nobody_would_end_so_is_not_held_against_who_types_it(line: str) -> None:
    text = f"channels: [conda-forge]\ndependencies:\n  - python\n  {line}\n  - 3.10\n"
    document = read(ROOT / "environment.yml", text)
    whole = check(document, World().facts())
    assert any(document.lines.place(one.finding.span.start)[0] == 3 for one in whole) or "[]" in line
    left = without_unfinished(whole, document, 3)
    assert left == [one for one in whole if document.lines.place(one.finding.span.start)[0] != 3]


def test_a_path_that_is_being_typed_leads_nowhere_yet() -> None:
    text = "channels: [conda-forge]\ndependencies:\n  - python=3.11\n  - pip\n  - pip:\n    - -r require\n"
    document = read(ROOT / "environment.yml", text)
    whole = check(document, World().facts())
    assert [one.rule.code for one in whole] == ["ENV413"]
    assert without_unfinished(whole, document, 5) == []
    assert without_unfinished(whole, document, 1) == whole


@pytest.mark.parametrize("line", ["- numpy: 1.2", "- requests 2 3 4", "- 3.10"])
def test_what_is_wrong_however_it_goes_on_is_said_at_once(line: str) -> None:
    text = f"channels: [conda-forge]\ndependencies:\n  - python\n  {line}\n"
    document = read(ROOT / "environment.yml", text)
    whole = check(document, World().facts())
    assert whole
    assert without_unfinished(whole, document, 3) == whole


# -- asking is cheap ------------------------------------------------------------------------------------------


def test_without_an_answer_one_question_is_asked_of_each_package() -> None:
    class Offline(World):
        def look(self, question: Question[Any]) -> Answer[Any]:
            return Known(()) if isinstance(question, ProjectFiles) else Unavailable("offline")

    facts = Facts(Offline().look)
    text = HEAD + "  - numpy=1.26\n  - pandas>=2\n  - pip\n  - pip:\n    - requests==2.31.0\n"
    check(read(ROOT / "environment.yml", text), facts)
    packages = [one for one in facts.asked if isinstance(one, CondaPackage | PipPackage)]
    assert len(packages) == 5
    assert not [one for one in facts.asked if isinstance(one, Satisfying | CondaNames)]


def test_what_needs_no_order_is_not_asked_for() -> None:
    facts = online().facts()
    check(read(ROOT / "environment.yml", HEAD + "  - pandas\n  - pip\n"), facts)
    assert {one.package.name for one in facts.asked if isinstance(one, Satisfying)} == {"python"}


def test_an_answer_that_lacks_a_channel_proves_nothing() -> None:
    class Partly(World):
        def look(self, question: Question[Any]) -> Answer[Any]:
            if isinstance(question, CondaPackage):
                answer = package(question.name, ("1.0",), "conda-forge")
                assert isinstance(answer, Known)
                object.__setattr__(answer.value, "complete", False)
                return answer
            return super().look(question)

    assert codes(HEAD + "  - numpy=99\n", Partly()) == []
    assert isinstance(package("x", None, ""), Absent)
