"""What the menu offers does exactly what it says, and touches nothing else."""

from __future__ import annotations

from pathlib import PurePath

import pytest
from toy import ROOT, World, at_cursor, online

from envls.assist.actions import FIX_ALL, QUICK_FIX, REFACTOR, Action, actions
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


@pytest.mark.parametrize(
    ("before", "pinned"),
    [
        ("numpy==1.20.3", "numpy==2.1.0"),
        ("numpy=1.20", "numpy=2.1.0"),
        ("numpy >=1.20,<2", "numpy=2.1.0"),
        ("numpy=1.20.3=py39_0", "numpy=2.1.0"),
        ("conda-forge::numpy", "conda-forge::numpy=2.1.0"),
        ('"numpy"', '"numpy=2.1.0"'),
    ],
)
def test_pinning_keeps_the_style(before: str, pinned: str) -> None:
    text = HEAD + f"  - {before[:2]}$0{before[2:]}\n"
    assert after(text, "Pin to the newest") == HEAD + f"  - {pinned}\n"


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


def test_pin_all() -> None:
    text = HEAD + "  - num$0py\n  - pandas\n  - nowhere\n  - python=3.11\n"
    expected = HEAD + "  - numpy=2.1.0\n  - pandas=2.2.2\n  - nowhere\n  - python=3.11\n"
    assert after(text, "Pin all to the newest versions (1 not known)") == expected


def test_nothing_is_offered_twice() -> None:
    for text in (HEAD + "  - num$0py\n  - pandas\n", HEAD + "  - num$0py=1.26\n"):
        _, menu = offered(text)
        titles = [action.title for action in menu]
        assert len(set(titles)) == len(titles)


def test_what_belongs_to_no_finding_is_a_refactoring() -> None:
    _, menu = offered(HEAD + "  - num$0py=1.26\n")
    assert {action.kind for action in menu} == {REFACTOR}
    assert offered(HEAD + "  - num$0py=1.26\n", QUICK_FIX)[1] == []


def test_the_right_answer_is_preferred() -> None:
    _, menu = offered("dependencies:\n  - python=3.11\n  - pip\n  - pip:\n    - requests$0=2.31.0\n")
    assert (menu[0].title, menu[0].preferred) == ("Write `requests==2.31.0`", True)


def test_ignore_here() -> None:
    assert after(HEAD + "  - num$0py\n", "Ignore ENV304") == HEAD + "  - numpy  # envls: ignore ENV304\n"
    again = after(HEAD + "  - num$0py  # envls: ignore ENV5\n", "Ignore ENV304")
    assert again == HEAD + "  - numpy  # envls: ignore ENV5 ENV304\n"


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
