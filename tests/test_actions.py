"""What the menu offers does exactly what it says, and touches nothing else."""

from __future__ import annotations

import re
from pathlib import PurePath

import pytest
from toy import ROOT, World, at_cursor, online

from envls.assist.actions import FIX_ALL, QUICK_FIX, Action, actions
from envls.assist.refactor.site import REWRITE as REFACTOR
from envls.check import changes_of, check
from envls.config import Configuration
from envls.document import read
from envls.facts import Environment, Installed, InstalledPackage, Known
from envls.text import Span, apply


def offered(
    text: str, *kinds: str, name: str = "environment.yml", world: World | None = None
) -> tuple[str, list[Action]]:
    """The text without its `$0`, and what is offered there."""
    plain, offset = at_cursor(text)
    world = world or online()
    world.files[ROOT / name] = plain
    document = read(ROOT / name, plain)
    return plain, actions(document, Span(offset, offset), world.facts(), Configuration(), kinds)


def after(text: str, title: str, *, name: str = "environment.yml", world: World | None = None) -> str:
    """The text after the action whose title begins with `title`."""
    plain, menu = offered(text, name=name, world=world)
    chosen = next((action for action in menu if action.title.startswith(title)), None)
    assert chosen, [action.title for action in menu]
    assert set(chosen.changes.edits) == {ROOT / name}
    return apply(plain, chosen.changes.edits[ROOT / name])


HEAD = "channels: [conda-forge]\ndependencies:\n"


def test_pin_to_the_newest() -> None:
    assert after(HEAD + "  - num$0py  # why\n", "Pin to the newest") == HEAD + "  - numpy=2.1.0  # why\n"


def titles(text: str, *kinds: str, name: str = "environment.yml", world: World | None = None) -> list[str]:
    return [action.title for action in offered(text, *kinds, name=name, world=world)[1]]


def conda(item: str, *versions: str) -> list[str]:
    """What is offered about the version of a dependency (`numpy` is there in these versions, oldest first)."""
    world = online()
    world.conda["numpy"] = versions[::-1] or ("2.1.0", "2.0.0", "1.26.4", "1.26.0", "1.20.3")
    return about_versions(titles(HEAD + f"  - {item[:2]}$0{item[2:]}\n", REFACTOR, world=world))


def about_versions(titles: list[str]) -> list[str]:
    """Those of the menu that rest on what indexes say."""
    return [title for title in titles if title.startswith(("Update", "Pin to the", "Pin all", "Pin the"))]


UPDATE_ALL = [
    "Update all but exact pins to the newest versions",
    "Update all to the newest versions, exact pins too",
]


@pytest.mark.parametrize(
    ("item", "menu"),
    [
        (
            "numpy=1.26",
            [
                "Update to 2.1.0 (major): `numpy=2.1`",
                "Pin to the newest that fits: `numpy=1.26.4`",
                "Pin to the lowest that fits: `numpy=1.26.0`",
                UPDATE_ALL[0],
            ],
        ),
        (
            "numpy==1.26.0",
            [
                "Update to 1.26.4 (patch): `numpy==1.26.4`",
                "Update to 2.1.0 (major): `numpy==2.1.0`",
                UPDATE_ALL[1],
            ],
        ),
        (
            "numpy >=1.20,<2",
            [
                "Update to 2.1.0 (major): `numpy >=2.1,<3`",
                "Pin to the newest that fits: `numpy=1.26.4`",
                "Pin to the lowest that fits: `numpy=1.20.3`",
                UPDATE_ALL[0],
            ],
        ),
        (
            "numpy>=1.26",
            ["Pin to the newest that fits: `numpy=2.1.0`", "Pin to the lowest that fits: `numpy=1.26.0`"],
        ),
        (
            "numpy=2.0.0=py39_0",
            [],
        ),
        ("numpy=2.1.0", []),
        ("numpy==2.1.0", []),
        (
            "numpy<2,!=1.26.4",
            [
                "Pin to the newest that fits: `numpy=1.26.0`",
                "Pin to the newest: `numpy=2.1.0`",
                "Pin to the lowest that fits: `numpy=1.20.3`",
            ],
        ),
        (
            "'numpy ~=1.20'",
            [
                "Update to 2.1.0 (major): `numpy ~=2.1`",
                "Pin to the newest that fits: `numpy=1.26.4`",
                "Pin to the lowest that fits: `numpy=1.20.3`",
                UPDATE_ALL[0],
            ],
        ),
        ("numpy[version='>=1']", []),
    ],
)
def test_versions_of_one_item(item: str, menu: list[str]) -> None:
    assert conda(item) == menu


def test_steps_are_those_that_there_are() -> None:
    offered = conda("numpy=1.26.0", "1.26.0", "1.26.4", "1.27.0rc1", "1.28.1", "2.0.0", "2.1.0", "3.0.0rc1")
    assert offered[:3] == [
        "Update to 1.26.4 (patch): `numpy=1.26.4`",
        "Update to 1.28.1 (minor): `numpy=1.28.1`",
        "Update to 2.1.0 (major): `numpy=2.1.0`",
    ]


def test_a_build_goes_with_its_version_and_that_is_said() -> None:
    offered = conda("numpy=1.26.0=py39_0", "1.26.0[build:py39_0]", "1.26.4[build:py39_1]")
    assert offered[0] == "Update to 1.26.4 (patch): `numpy=1.26.4`, any build"


def test_what_is_offered_can_be_had_for_the_files_python() -> None:
    world = online()
    world.conda["numpy"] = ("2.1.0[python:>=3.10]", "1.26.4[python:>=3.9]", "1.21.0[python:>=3.7]")
    head = "channels: [conda-forge]\ndependencies:\n  - python=3.9\n"
    assert titles(head + "  - num$0py=1.21\n", REFACTOR, world=world)[0] == "Update to 1.26.4 (minor): `numpy=1.26`"
    assert "Pin to the newest: `numpy=1.26.4`" in titles(head + "  - num$0py\n", world=world)
    world.pip["flask"] = ("3.0.3[python:>=3.10]", "2.0.0[python:>=3.6]", "1.0[yanked:bad]")
    pip = head + "  - pip\n  - pip:\n    - fla$0sk>=1\n"
    assert "Pin to the newest that fits: `flask==2.0.0`" in titles(pip, REFACTOR, world=world)


def test_pin_a_pip_line_with_extras_and_marker() -> None:
    head = "dependencies:\n  - python=3.11\n  - pip\n  - pip:\n"
    text = head + "    - reque$0sts[socks]; python_version < '3.9'\n"
    assert after(text, "Pin to the newest") == head + "    - requests[socks]==2.32.3; python_version < '3.9'\n"


def test_pin_to_what_is_installed() -> None:
    world = online()
    there = Environment(PurePath("/envs/demo"), {"numpy": InstalledPackage("numpy", "1.20.3", "0")}, {})
    world.packages[Installed(name="demo")] = Known(there)
    text = "name: demo\n" + HEAD + "  - num$0py\n"
    assert after(text, "Pin to the installed", world=world) == "name: demo\n" + HEAD + "  - numpy=1.20.3\n"


MANY = (
    HEAD
    + "  - python=3.11\n  - numpy{0}=1.26  # why\n  - pandas==2.2.0\n  - psutil>=5,<6\n  - matplotlib\n  - nowhere=1\n"
)


def many() -> World:
    world = online()
    world.conda["pandas"] = ("2.2.2", "2.2.0")
    world.conda["psutil"] = ("6.0.0", "5.9.0", "5.2.2")
    return world


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        (UPDATE_ALL[0], ["python=3.12", "numpy=2.1", "pandas==2.2.0", "psutil>=6,<7", "matplotlib", "nowhere=1"]),
        (UPDATE_ALL[1], ["python=3.12", "numpy=2.1", "pandas==2.2.2", "psutil>=6,<7", "matplotlib", "nowhere=1"]),
        (
            "Pin all to the newest versions that fit (1 not known)",
            ["python=3.11.9", "numpy=1.26.4", "pandas==2.2.0", "psutil=5.9.0", "matplotlib=3.9.1", "nowhere=1"],
        ),
        (
            "Pin all to the lowest versions that fit (1 not known)",
            ["python=3.11.9", "numpy=1.26.4", "pandas==2.2.0", "psutil=5.2.2", "matplotlib", "nowhere=1"],
        ),
    ],
)
def test_versions_of_all(title: str, expected: list[str]) -> None:
    text = MANY.format("").replace("dependencies", "depen$0dencies")
    new = after(text, title, world=many())
    assert re.findall(r"  - (\S+)", new) == expected
    assert "# why" in new


def test_on_an_item_all_are_offered_to_be_updated() -> None:
    assert about_versions(titles(MANY.format("$0"), REFACTOR, world=many()))[-2:] == UPDATE_ALL


def test_a_selection_limits_what_is_offered_to_its_lines() -> None:
    world, text = many(), MANY.format("")
    world.files[ROOT / "environment.yml"] = text
    span = Span(text.index("numpy"), text.index("psutil") - 5)
    menu = actions(read(ROOT / "environment.yml", text), span, world.facts(), Configuration(), (REFACTOR,))
    assert about_versions([action.title for action in menu]) == [
        "Update the selected but exact pins to the newest versions",
        "Update the selected to the newest versions, exact pins too",
        "Pin the selected to the newest versions that fit",
        "Pin the selected to the lowest versions that fit",
    ]
    new = apply(text, menu[1].changes.edits[ROOT / "environment.yml"])
    assert new == text.replace("numpy=1.26", "numpy=2.1").replace("pandas==2.2.0", "pandas==2.2.2")


def test_pin_all_without_a_version() -> None:
    pinned = "  - python=3.11\n  - scipy=1.14\n  - seaborn=0.13\n"
    text = HEAD + "  - num$0py\n  - pandas\n  - nowhere\n" + pinned
    expected = HEAD + "  - numpy=2.1.0\n  - pandas=2.2.2\n  - nowhere\n" + pinned
    assert after(text, "Pin all without a version to the newest (1 not known)") == expected


def test_many_are_changed_only_when_that_is_chosen() -> None:
    _, menu = offered(HEAD + "".join(f"  - numpy{n}=1\n" for n in range(2000)) + "  - num$0py=1.26\n")
    assert all(not vars(action).get("changes") for action in menu if action.later)


def test_nothing_is_offered_twice() -> None:
    for text in (HEAD + "  - num$0py\n  - pandas\n", HEAD + "  - num$0py=1.26\n"):
        _, menu = offered(text)
        titles = [action.title for action in menu]
        assert len(set(titles)) == len(titles)


def test_nothing_is_offered_by_two_names() -> None:
    text, offset = at_cursor("channels:\n  - conda$0-forge\ndependencies:\n  - python=3.11\n")
    loud = Configuration(severity={"ENV210": "hint"})
    menu = actions(read(ROOT / "environment.yml", text), Span(offset, offset), online().facts(), loud)
    assert [action.title for action in menu if "nodefaults" in action.title] == ["Add `nodefaults`"]


def test_what_belongs_to_no_finding_is_a_refactoring() -> None:
    _, menu = offered(HEAD + "  - num$0py=1.26\n")
    assert {action.kind for action in menu} == {REFACTOR, "refactor.move"}
    assert offered(HEAD + "  - num$0py=1.26\n", QUICK_FIX)[1] == []


def test_the_right_answer_is_preferred() -> None:
    _, menu = offered("dependencies:\n  - python=3.11\n  - pip\n  - pip:\n    - requests$0=2.31.0\n")
    assert (menu[0].title, menu[0].preferred) == ("Write `requests==2.31.0`", True)


def test_ignore_here() -> None:
    head = HEAD + "  - python=3.11\n"
    assert after(head + "  - num$0py\n", "Ignore ENV304 here") == head + "  - numpy  # envls: ignore ENV304\n"
    again = after(head + "  - num$0py  # envls: ignore ENV5 so be it\n", "Ignore ENV304 here")
    assert again == head + "  - numpy  # envls: ignore ENV5 ENV304 so be it\n"
    prose = after(head + "  - num$0py  # the newest\n", "Ignore ENV304 here")
    assert prose == head + "  - numpy  # envls: ignore ENV304 # the newest\n"


def test_ignore_in_this_file() -> None:
    text = "# a comment\n" + HEAD + "  - python=3.11\n  - num$0py\n"
    once = after(text, "Ignore ENV304 in this file")
    assert once == "# envls: ignore-file ENV304\n" + text.replace("$0", "")
    assert titles(once.replace("- numpy", "- num$0py"), QUICK_FIX) == []
    more = after("# envls: ignore-file ENV9 as agreed\n" + text, "Ignore ENV304 in this file")
    assert more.startswith("# envls: ignore-file ENV9 ENV304 as agreed\n")
    directive = after("%YAML 1.2\n---\n" + text, "Ignore ENV304 in this file")
    assert directive.startswith("%YAML 1.2\n# envls: ignore-file ENV304\n---\n")


def test_no_comment_is_put_where_it_would_be_text() -> None:
    folded = "dependencies:\n  - python=3.11\n  - numpy=1.26\n  - 'pan$0das\n    '\n"
    assert [title for title in titles(folded, QUICK_FIX) if title.startswith("Ignore")] == [
        "Ignore ENV304 in this file"
    ]


def test_json_has_no_comments() -> None:
    text = '{"name": "x", "python": {"condaDependencies": {"dependencies": ["numpy=$0="]}}, "docker": {}}'
    assert not [one for one in titles(text, name=".azureml/azureml_environment.json") if one.startswith("Ignore")]


def test_fix_all_takes_what_is_safe_only() -> None:
    text = "$0dependencies:\n  - python=3.11\n  - numpy >=1 <2\n  - pandas\n  - pip:\n    - flask=3.0\n"
    plain, (action,) = offered(text, FIX_ALL)
    mended = apply(plain, action.changes.edits[ROOT / "environment.yml"])
    expected = "dependencies:\n  - python=3.11\n  - numpy >=1,<2\n  - pandas\n  - pip\n  - pip:\n    - flask==3.0\n"
    assert mended == expected


def test_windows_line_ends_stay() -> None:
    text = "dependencies:\r\n  - python=3.11\r\n  - pip$0:\r\n    - flask==3.0\r\n"
    expected = "dependencies:\r\n  - python=3.11\r\n  - pip\r\n  - pip:\r\n    - flask==3.0\r\n"
    assert after(text, "Add `pip`") == expected


def test_the_path_is_synced_to_what_exists() -> None:
    world = online(
        **{
            "aml_config/docker.compute": "type: localdocker\n",
            "aml_config/conda_dependencies.yml": "name: a\ndependencies: [python=3.5.2]\n",
            "aml_config/other_conda.yml": "name: b\ndependencies: [python=3.5.2]\n",
        }
    )
    text = 'ArgumentVector: [a.py]\nTarget: docker\nCondaDependenciesFile: "aml_config/conda_depend$0encis.yml"\n'
    _, menu = offered(text, name="aml_config/docker.runconfig", world=world)
    assert [action.title for action in menu][:2] == [
        "Point to `aml_config/conda_dependencies.yml`",
        "Point to `aml_config/other_conda.yml`",
    ]
    synced = after(text, "Point to `aml_config/cond", name="aml_config/docker.runconfig", world=world)
    assert synced.endswith('CondaDependenciesFile: "aml_config/conda_dependencies.yml"\n')


def test_a_missing_file_can_be_made() -> None:
    world = online(**{"aml_config/docker.compute": "type: localdocker\n"})
    text = "ArgumentVector: [a.py]\nTarget: docker\nCondaDependenciesFile: aml_config/new$0.yml\n"
    _, menu = offered(text, name="aml_config/docker.runconfig", world=world)
    (made,) = [action.changes.created for action in menu if action.title.startswith("Create")]
    assert list(made) == [ROOT / "aml_config/new.yml"]


def test_a_file_that_is_indented_as_a_whole_stays_so() -> None:
    document = read(ROOT / "environment.yml", " name: x\n dependencies:\n  - y\n")
    facts = World().facts()
    (one,) = (one for one in check(document, facts) if one.rule.code == "ENV207")
    (edits,) = changes_of(one.finding.fixes, document, facts).edits.values()
    assert apply(document.text, edits) == " name: x\n channels:\n  - conda-forge\n dependencies:\n  - y\n"


def test_what_would_break_a_file_in_brackets_is_not_offered() -> None:
    text = '{"a": [""], "dependencies": ["tqdm"]}'
    document = read(ROOT / "environment.yml", text)
    known = World(conda={"tqdm": ("4.66.0",), "pip": ("24.2",)}, pip={"tqdm": ("4.66.0",)})
    at = text.index("tqdm")
    offered = actions(document, Span(at, at), known.facts(), Configuration(), ("refactor",), ())
    assert [one.title for one in offered if not one.title.startswith("Pin")] == []
