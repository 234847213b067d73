"""Completion: what is offered at a cursor, and what the text is after accepting it."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

import pytest
from corpus import FILES
from toy import CONDA, PIP, ROOT, World, at_cursor

from envls.assist.complete_details import described
from envls.assist.completion import LIMIT, Completions, Item, complete
from envls.document import read
from envls.facts import (
    Answer,
    Channels,
    CondaNames,
    CondaPackage,
    Facts,
    Indexes,
    Known,
    Package,
    PipPackage,
    Question,
    Release,
)
from envls.text import Lines, apply

DAY = datetime(2026, 3, 1, tzinfo=timezone.utc)
WORLD = World(
    files={
        ROOT / "aml_config/docker.compute": "type: localdocker\n",
        ROOT / "aml_config/local.compute": "type: local\n",
        ROOT
        / "aml_config/conda_dependencies.yml": "channels: [conda-forge, mine]\ndependencies: [zeug, pip: [flasche]]\n",
        ROOT / "aml_config/spark_dependencies.yml": "",
        ROOT / "train.py": "",
        ROOT / "notes.yml": "",
        ROOT / "requirements.txt": "",
        ROOT / "lib/tool/setup.py": "",
    },
    conda=dict(CONDA),
    pip=dict(PIP),
)
LOCAL = World(conda=dict(CONDA), pip=dict(PIP))


def found(text: str, *, name: str = "environment.yml", world: World = LOCAL) -> tuple[str, int, Completions]:
    text, offset = at_cursor(text)
    return text, offset, complete(read(ROOT / name, text), offset, world.facts())


def check(text: str, *labels: str, only: bool = False, name: str = "environment.yml", world: World = LOCAL) -> None:
    """The first items at the cursor are these; with `only` there are no others."""
    _, _, completions = found(text, name=name, world=world)
    offered = [item.label for item in completions.items]
    assert (offered if only else offered[: len(labels)]) == list(labels)


def nothing(text: str, **where: Any) -> None:
    check(text, only=True, **where)


def accept(text: str, label: str, *, name: str = "environment.yml", world: World = LOCAL) -> str:
    """The text after the item was accepted, tab stops taken out."""
    text, _, completions = found(text, name=name, world=world)
    (item,) = (item for item in completions.items if item.label == label)
    return applied(text, item)


def applied(text: str, item: Item) -> str:
    inserted = re.sub(r"\$\{\d+:([^}]*)\}|\$\d+", r"\1", item.edit.text) if item.snippet else item.edit.text
    return apply(text, [item.edit._replace(text=inserted)])


def labels(text: str, **where: Any) -> list[str]:
    return [item.label for item in found(text, **where)[2].items]


# -- keys -----------------------------------------------------------------------------------------------------


def test_an_empty_file_is_offered_whole() -> None:
    check("$0", "conda environment", "name", "channels", "dependencies")
    assert accept("$0", "conda environment").splitlines() == [
        "name: project",
        "channels:",
        "  - conda-forge",
        "dependencies:",
        "  - python=3.12",
        "  - ",
    ]
    check("# a comment\n$0", "conda environment", name="my_env.yml")
    assert "conda environment" not in labels("name: x\n$0")


def test_keys_that_are_not_there_yet() -> None:
    check(
        "name: x\n$0\ndependencies:\n  - numpy\n", "channels", "variables", "platforms", "category", "prefix", only=True
    )
    check("name: x\nde$0", "dependencies", only=True)
    check("na$0me: x\n", "name", only=True)


def test_a_key_is_written_with_the_beginning_of_its_value() -> None:
    assert accept("na$0", "name") == "name: "
    assert accept("name: x\nch$0  # c\n", "channels") == "name: x\nchannels:\n  - \n".replace("- \n", "-   # c\n")
    assert accept("dependencies:\n- numpy\nch$0", "channels") == "dependencies:\n- numpy\nchannels:\n- "
    assert accept("name: x\r\ncha$0\r\n", "channels") == "name: x\r\nchannels:\r\n  - \r\n"
    assert accept("variables$0", "variables") == "variables:\n  "


def test_a_colon_is_not_doubled_and_a_list_below_is_kept() -> None:
    assert accept("na$0me: x\n", "name") == "name: x\n"
    assert accept("chan$0 :\n  - a\n", "channels") == "channels :\n  - a\n"
    assert accept("chan$0\n  - a\n", "channels") == "channels:\n  - a\n"


def test_the_column_decides_whose_key_it_is() -> None:
    spark: dict[str, Any] = {"name": "spark_dependencies.yml"}
    check("packages:\n  - group: a\n    $0", "artifact", "version", only=True, **spark)
    check("packages:\n  - $0", "group", "artifact", "version", only=True, **spark)
    check("packages:\n  - group: a\n$0", "configuration", "repositories", only=True, **spark)


def test_keys_of_run_configurations_and_compute_targets() -> None:
    check("$0", "ArgumentVector", "Target", name="aml_config/a.runconfig")
    check("Tar$0", "Target", only=True, name="aml_config/a.runconfig")
    check("Target: a\nFra$0\n", "Framework", only=True, name="aml_config/a.runconfig")
    check("ty$0", "type", only=True, name="aml_config/a.compute")
    assert (
        accept('{\n  "Target": "a",\n  "Fra$0"\n}', "Framework", name="a.runconfig").splitlines()[2]
        == '  "Framework": '
    )
    assert (
        accept('{"Target": "a", $0}', "ArgumentVector", name="a.runconfig") == '{"Target": "a", "ArgumentVector": []}'
    )


# -- values ---------------------------------------------------------------------------------------------------


def test_words_and_booleans() -> None:
    check("Framework: $0", "Python", "PySpark", only=True, name="a.runconfig")
    check("Framework: Py$0", "Python", "PySpark", only=True, name="a.runconfig")
    check("Framework: Python$0", "Python", "PySpark", only=True, name="a.runconfig")
    check("TrackedRun: $0  # c", "true", "false", only=True, name="a.runconfig")
    check("type: local$0", "local", "localdocker", "docker", name="a.compute")
    assert accept("Framework:$0", "Python", name="a.runconfig") == "Framework: Python"
    assert accept("Framework: P$0ySp # c", "Python", name="a.runconfig") == "Framework: Python # c"


def test_values_are_quoted_as_the_file_does() -> None:
    assert accept('Target: "a"\nFramework: $0', "Python", name="a.runconfig").endswith('Framework: "Python"')
    assert accept("Target: 'a'\nFramework: $0", "Python", name="a.runconfig").endswith("Framework: 'Python'")
    assert accept("Target: a\nFramework: $0", "Python", name="a.runconfig").endswith("Framework: Python")
    assert accept('Framework: "$0"', "Python", name="a.runconfig") == 'Framework: "Python"'
    assert accept('Framework: "Py$0', "Python", name="a.runconfig") == 'Framework: "Python"'
    assert accept('{"Target": "a", "Framework": $0}', "Python", name="a.runconfig").endswith('"Framework": "Python"}')
    assert accept('Target: "a"\nTrackedRun: $0', "true", name="a.runconfig").endswith("TrackedRun: true")


def test_platforms() -> None:
    check("platforms:\n  - linux-64\n  - osx$0\n", "osx-64", "osx-arm64", only=True)
    check("platforms: [osx-64, osx-$0]\n", "osx-arm64", only=True)


def test_compute_targets_that_exist() -> None:
    check("Target: $0", "docker", "local", only=True, name="aml_config/a.runconfig", world=WORLD)
    check("Target: $0", "local", "docker", only=True, name="aml_config/local.runconfig", world=WORLD)
    assert accept('Target: "d$0"', "docker", name="aml_config/a.runconfig", world=WORLD) == 'Target: "docker"'


# -- channels -------------------------------------------------------------------------------------------------


def test_channels() -> None:
    check("channels:\n  - $0\n", "conda-forge", "bioconda")
    check("channels:\n  - con$0\n", "conda-forge", only=True)
    check("channels:\n- con$0", "conda-forge", only=True)
    check("channels: [bioconda, con$0]", "conda-forge", only=True)
    check("channels: [\n  bioconda,\n  con$0", "conda-forge", only=True)
    check("channels:\n  - conda-forge\n  - $0\n", "bioconda")
    check("channels:\n  - b$0ioconda\n", "bioconda", only=True)
    check("channels:\n  - $0\n", "conda-forge", "mine", world=WORLD)


def test_a_forgotten_dash_is_written() -> None:
    assert accept("channels:\n  $0\n", "conda-forge") == "channels:\n  - conda-forge\n"
    assert accept("channels:\n  con$0\n", "conda-forge") == "channels:\n  - conda-forge\n"
    assert accept("channels:\n  -$0\n", "conda-forge") == "channels:\n  - conda-forge\n"
    assert accept("channels:\n  -con$0\n", "conda-forge") == "channels:\n  - conda-forge\n"
    assert (
        accept("dependencies:\n  - pip\n  - pip:\n    fl$0", "flask") == "dependencies:\n  - pip\n  - pip:\n    - flask"
    )


def test_a_blank_line_is_what_its_column_and_the_next_line_say() -> None:
    assert (
        accept("dependencies:\n  - pip\n  $0\n  - flask\n", "numpy") == "dependencies:\n  - pip\n  - numpy\n  - flask\n"
    )
    assert accept("dependencies:\n- pip\n$0\n- flask\n", "numpy") == "dependencies:\n- pip\n- numpy\n- flask\n"
    assert accept("dependencies:\n$0\n- flask\n", "numpy") == "dependencies:\n- numpy\n- flask\n"
    check("dependencies:\n  - pip\n$0\n", "name", "channels")
    nothing("dependencies:\n  - pip\n$0\n  - flask\n")  # a key here would take flask away
    nothing("dependencies:\n  - pip\n $0\n")  # an item here would stand beside the list
    nothing("dependencies:\n  - pip:\n    - a\n  $0\n    - b\n")
    nothing("$0  # a comment\n")


def test_in_front_of_a_name_nothing_is_typed_yet() -> None:
    nothing("$0dependencies:\n  - numpy\n")
    nothing("dependencies:\n  - $0numpy\n")
    nothing("dependencies:\n  - pip:\n    - $0flask==3\n")
    assert accept("dependencies:\n  - $0=1.2\n", "numpy") == "dependencies:\n  - numpy=1.2\n"


def test_a_channel_before_a_name() -> None:
    check("channels: [mine]\ndependencies:\n  - mi$0::numpy\n", "mine", only=True)
    assert (
        accept("dependencies:\n  - con$0::numpy=1 # c\n", "conda-forge")
        == "dependencies:\n  - conda-forge::numpy=1 # c\n"
    )
    assert accept("dependencies:\n  - conda-f$0", "conda-forge::") == "dependencies:\n  - conda-forge::"


# -- package names --------------------------------------------------------------------------------------------


class Names(World):
    """A world whose channels have many names."""

    def __init__(self, by_channel: dict[str, tuple[str, ...]]) -> None:
        super().__init__()
        self.by_channel = by_channel

    def look(self, question: Question[Any]) -> Answer[Any]:
        if isinstance(question, CondaNames):
            names = (name for channel in question.channels.listed for name in self.by_channel.get(str(channel), ()))
            return Known(tuple(sorted(names)))
        return super().look(question)


MANY = Names({"conda-forge": (*(f"num{i:04}" for i in range(3000)), "numpy", "nu", "pandas"), "mine": ("numbat",)})


def test_names_of_the_channels() -> None:
    head = "channels: [conda-forge]\ndependencies:\n"
    check(head + "  - num$0", "numpy", "num0000", world=MANY)
    check(head + "  - nu$0", "nu", "numpy", "num0000", world=MANY)
    check(head + "  - numpy$0", "numpy", only=True, world=MANY)
    check(head + "  - mine::nu$0", "numbat", only=True, world=MANY)
    check(head + "  - $0", "numpy", "pandas", world=MANY)
    assert found(head + "  - num$0", world=MANY)[2].incomplete
    assert not found(head + "  - numpy$0", world=MANY)[2].incomplete


def test_names_without_a_channel_that_answers() -> None:
    offline = World()
    check("dependencies:\n  - scikit-le$0", "scikit-learn", only=True, world=offline)
    check("dependencies:\n  - learn$0", "scikit-learn", "imbalanced-learn", "umap-learn", only=True, world=offline)
    text, offset = at_cursor("dependencies:\n  - num$0")
    assert complete(read(ROOT / "environment.yml", text), offset, Facts()).incomplete


def test_names_of_the_project_and_those_already_listed() -> None:
    check("dependencies:\n  - ze$0", "zeug", only=True, world=WORLD)
    check("dependencies:\n  - pip:\n    - fla$0", "flasche", "flask", world=WORLD)
    assert "numpy" not in labels("dependencies:\n  - numpy=1\n  - nump$0")
    assert "flask" not in labels("dependencies:\n  - pip:\n    - Flask==1\n    - fla$0")


def test_only_the_name_is_replaced() -> None:
    head = "dependencies:\n"
    assert accept(head + "  - nu$0m>=1.2,<2 # c\n", "numpy") == head + "  - numpy>=1.2,<2 # c\n"
    assert accept(head + '  - "nu$0m>=1.2"\n', "numpy") == head + '  - "numpy>=1.2"\n'
    assert accept("dependencies: [python, num$0, pip]\n", "numpy") == "dependencies: [python, numpy, pip]\n"
    assert (
        accept(head + "  - pip:\n      - fl$0sk[async]==3 ; x\n", "flask")
        == head + "  - pip:\n      - flask[async]==3 ; x\n"
    )


def test_a_pip_section() -> None:
    assert accept("dependencies:\n  - pi$0", "pip:") == "dependencies:\n  - pip:\n    - "
    assert accept("dependencies:\n- $0", "pip:") == "dependencies:\n- pip:\n  - "
    assert "pip:" not in labels("dependencies:\n  - pip:\n    - flask\n  - pi$0")


def test_a_name_found_in_spite_of_its_hyphen() -> None:
    (item,) = found("dependencies:\n  - pip:\n    - scikit_le$0", world=World())[2].items
    assert (item.label, item.filter) == ("scikit-learn", "scikit_learn")


# -- versions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operator", ["=", "==", ">=", "<=", ">", "<", "~=", "!=", " ", " =", " >= "])
def test_versions_behind_an_operator(operator: str) -> None:
    check(f"dependencies:\n  - numpy{operator}$0\n", "2.1.0", "1.26.4", "1.20.3", "1.2.1", only=True)
    assert (
        accept(f"dependencies:\n  - numpy{operator}1.$0  # c\n", "1.26.4")
        == f"dependencies:\n  - numpy{operator}1.26.4  # c\n"
    )


def test_only_the_version_is_replaced() -> None:
    head = "dependencies:\n  - "
    assert accept(head + "numpy>=1.$0,<3 # c\n", "1.26.4") == head + "numpy>=1.26.4,<3 # c\n"
    assert accept(head + "numpy=1.$02.1=py_0\n", "1.26.4") == head + "numpy=1.26.4=py_0\n"
    assert accept(head + "numpy=1.$02.*\n", "1.26.4") == head + "numpy=1.26.4\n"
    assert accept(head + "'numpy>=1.$0'\n", "1.26.4") == head + "'numpy>=1.26.4'\n"
    assert accept(head + "conda-forge::numpy=1.$0\r\n  - pip\r\n", "1.26.4").endswith("numpy=1.26.4\r\n  - pip\r\n")
    assert accept("dependencies: [numpy=1.$0, pip]\n", "1.26.4") == "dependencies: [numpy=1.26.4, pip]\n"


def test_a_range_goes_on_behind_its_comma() -> None:
    check("dependencies:\n  - numpy>=1.20.3,$0\n", "<2", "<1.21", "<2.1.0", "<1.26.4", only=True)
    check("dependencies:\n  - numpy>=1.20.3,<$0\n", "2", "1.21", "2.1.0", "1.26.4", "1.20.3", "1.2.1", only=True)
    check("dependencies:\n  - pip:\n    - requests>=2.31.0,$0\n", "<3", "<2.32", "<2.32.3", only=True)
    check("dependencies:\n  - pip:\n    - requests>=2.31.0,<$0\n", "3", "2.32", "2.32.3", "2.31.0", only=True)


def test_a_bound_that_is_no_version_stays_what_was_written() -> None:
    """Who writes `>=2` or `<3` and ends the line gets that, in an editor whose Enter takes the first item, too."""
    check("dependencies:\n  - numpy>=1$0\n", "1", "1.26.4", "1.20.3", "1.2.1", only=True)
    check("dependencies:\n  - numpy=1.2$0\n", "1.2", "1.26.4", "1.20.3", "1.2.1", only=True)
    check("dependencies:\n  - pip:\n    - requests<2$0\n", "2", "2.32.3", "2.31.0", only=True)
    nothing("dependencies:\n  - numpy>=1.26,<3$0\n")
    assert found("dependencies:\n  - numpy<$0\n")[
        2
    ].incomplete  # or else an editor would find 1.20.3 for `<3` by itself
    for exact in ("numpy==1$0", "numpy!=1$0", "numpy 1$0"):
        check(f"dependencies:\n  - {exact}\n", "1.26.4")


def test_versions_of_pip() -> None:
    check("dependencies:\n  - pip:\n    - requests==$0\n", "2.32.3", "2.31.0", only=True)
    check("dependencies:\n  - pip:\n    - requests[socks] >= $0 ; x\n", "2.32.3", "2.31.0", only=True)
    for operator in ("=", " ", "= "):
        after = accept(f"dependencies:\n  - pip:\n    - requests{operator}$0 # c\n", "==2.32.3")
        assert after.splitlines()[2] == f"    - requests{'' if operator[0] == '=' else ' '}==2.32.3 # c"


def test_a_version_that_is_finished_shows_the_others_too() -> None:
    check("dependencies:\n  - numpy=1.26.4$0\n", "1.26.4", "2.1.0", "1.20.3", "1.2.1", only=True)
    items = found("dependencies:\n  - numpy=1.26.4$0\n")[2].items
    assert {item.filter for item in items} == {"1.26.4"}


def _told(*releases: Release, name: str = "numpy") -> World:
    package = Known(Package(name, releases, newest=releases[0].version, where="conda-forge"))
    channels = Channels(("conda-forge",), "linux-64")
    return World(packages={CondaPackage(name, channels): package})


def test_what_is_withdrawn_or_not_final_stands_last() -> None:
    world = _told(
        Release("2.0rc1", DAY),
        Release("1.3", DAY, yanked="broken"),
        Release("1.2.1", DAY),
        Release("1.2.0", DAY),
        Release("1.1k"),
    )
    text = "channels: [conda-forge, nodefaults]\nplatforms: [linux-64]\ndependencies:\n  - numpy=$0\n"
    channels = Channels(("conda-forge", "nodefaults"), "linux-64")
    world.packages[CondaPackage("numpy", channels)] = next(iter(world.packages.values()))
    items = found(text, world=world)[2].items
    assert [item.label for item in items] == ["1.2.1", "1.2", "1.2.0", "1.1k", "2.0rc1", "1.3"]
    assert [item.detail for item in items[:2]] == ["2026-03-01", "any 1.2.x, now 1.2.1"]
    assert items[-1].deprecated and items[-1].detail == "2026-03-01 · withdrawn: broken"


def offers(text: str, world: World) -> list[tuple[str, str]]:
    return [(item.label, item.detail) for item in found(text, world=world)[2].items]


FITTING = World(
    conda={
        "python": ("3.12.4", "3.9.19"),
        "numpy": (
            "2.1.0[python:>=3.10]",
            "2.0.0[python:>=3.9]",
            "1.26.4[python:>=3.9]",
            "1.20.3",
            "1.19.0[python:<3.9]",
        ),
    },
    pip={"flask": ("3.1.0rc1", "3.0.3[python:>=3.10]", "2.0.0[python:>=3.6]", "1.1[yanked:bad]", "1.0")},
    only_on={("osx-arm64", "numpy"): ("2.1.0[python:>=3.10]", "2.0.0[python:>=3.9]")},
)


NO_BUILD = "no build for Python 3.9"


@pytest.mark.parametrize(
    ("item", "offered"),
    [
        (
            "numpy=$0",
            {"2.0.0": "", "1.26.4": "", "1.20.3": "", "2.1.0": f"newest · {NO_BUILD}", "1.19.0": NO_BUILD},
        ),
        (
            "numpy>=$0,<2",
            {"1.26.4": "", "1.20.3": "", "2.0.0": "outside <2", "2.1.0": f"newest · {NO_BUILD}", "1.19.0": NO_BUILD},
        ),
        (
            "numpy>=1.20.3,<$0,!=1.26.4",
            {
                "2": "",
                "1.21": "",
                "2.0.0": "",
                "1.20.3": "",
                "1.26.4": "outside >=1.20.3,!=1.26.4",
                "2.1.0": f"newest · {NO_BUILD}",
                "1.19.0": NO_BUILD,
            },
        ),
        (
            "pip:\n    - flask<$0,>=2  # c",
            {
                "2.0.0": "",
                "3.1.0rc1": "pre-release",
                "1.0": "outside >=2",
                "3.0.3": "newest · needs Python >=3.10",
                "1.1": "withdrawn: bad",
            },
        ),
        ("python=$0", {"3.12.4": "newest", "3.9.19": ""}),
    ],
)
def test_what_fits_comes_first_and_the_rest_says_why_not(item: str, offered: dict[str, str]) -> None:
    items = offers(f"channels: [conda-forge]\ndependencies:\n  - {item}\n  - python=3.9\n", FITTING)
    assert items == list(offered.items())


def test_a_version_that_one_platform_lacks_says_so() -> None:
    text = "channels: [conda-forge]\nplatforms: [linux-64, osx-arm64]\ndependencies:\n  - numpy=$0\n"
    assert offers(text, FITTING)[:3] == [("2.1.0", "newest"), ("2.0.0", ""), ("1.26.4", "not for osx-arm64")]


EXTRAS = World(
    packages={
        PipPackage("requests", Indexes()): Known(
            Package("requests", (Release("2.32.3"),), "2.32.3", extras=("security", "socks", "use_chardet"))
        )
    }
)


def test_extras() -> None:
    head = "dependencies:\n  - pip:\n    - "
    check(head + "requests[$0", "security", "socks", "use_chardet", only=True, world=EXTRAS)
    check(head + "requests[socks, s$0]==2", "security", only=True, world=EXTRAS)
    check(head + "requests [use-$0]", "use_chardet", only=True, world=EXTRAS)
    nothing(head + "requests[x]$0", world=World())
    assert accept(head + "requests[so$0 # c\n", "socks", world=EXTRAS) == head + "requests[socks] # c\n"
    assert accept(head + "requests[s$0x]>=2\n", "socks", world=EXTRAS) == head + "requests[socks]>=2\n"
    assert accept(head + "requests[security,$0]\n", "socks", world=EXTRAS) == head + "requests[security,socks]\n"


def test_builds_for_the_files_python_come_first() -> None:
    world = World(conda={"python": ("3.9.19",), "numpy": ("1.2[build:py312_1,py39_0,h1_0,py27_0]",)})
    text = "channels: [conda-forge]\ndependencies:\n  - python=3.9\n  - numpy=1.2=$0\n"
    assert [label for label, _ in offers(text, world)] == ["py39_0", "h1_0", "py312_1", "py27_0"]


def test_builds() -> None:
    world = _told(Release("1.2", builds=("py312_0", "py311_0")), Release("1.1", builds=("py39_0",)))
    head = "channels: [conda-forge]\nplatforms: [linux-64]\ndependencies:\n"
    (known,) = world.packages.values()
    world.packages[CondaPackage("numpy", Channels(("conda-forge",), "linux-64", configured=True))] = known
    check(head + "  - numpy=1.2=$0", "py312_0", "py311_0", only=True, world=world)
    check(head + "  - numpy 1.2 py3$0", "py312_0", "py311_0", only=True, world=world)
    assert accept(head + "  - numpy=1.2=py$039_1 # c", "py312_0", world=world) == head + "  - numpy=1.2=py312_0 # c"


# -- paths ----------------------------------------------------------------------------------------------------


def test_paths_of_a_run_configuration() -> None:
    where: dict[str, Any] = {"name": "aml_config/a.runconfig", "world": WORLD}
    check("CondaDependenciesFile: $0", "notes.yml", "aml_config/", "lib/", only=True, **where)
    check(
        "CondaDependenciesFile: aml_config/$0", "conda_dependencies.yml", "spark_dependencies.yml", only=True, **where
    )
    check(
        "SparkDependenciesFile: aml_config/$0", "spark_dependencies.yml", "conda_dependencies.yml", only=True, **where
    )
    check("ArgumentVector:\n  - $0", "train.py", "aml_config/", "lib/", "$file", only=True, **where)
    after = accept('CondaDependenciesFile: "aml_config/c$0x.yml" # c', "conda_dependencies.yml", **where)
    assert after == 'CondaDependenciesFile: "aml_config/conda_dependencies.yml" # c'
    assert (
        accept("CondaDependenciesFile: aml$0/x.yml", "aml_config/", **where)
        == "CondaDependenciesFile: aml_config/x.yml"
    )
    assert found("CondaDependenciesFile: a$0", **where)[2].items[0].retrigger


def test_paths_of_a_definition() -> None:
    text = "$schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json\nimage: x\nconda_file: $0\n"
    check(text, "conda_dependencies.yml", "spark_dependencies.yml", only=True, name="aml_config/e.yml", world=WORLD)
    nothing("$schema: https://azuremlschemas.azureedge.net/x\nima$0", name="e.yml", world=WORLD)


def test_paths_of_pip() -> None:
    head = "dependencies:\n  - pip:\n      - "
    check(head + "-r $0", "requirements.txt", "aml_config/", "lib/", only=True, world=WORLD)
    check(head + "-e ./li$0", "lib/", only=True, world=WORLD)
    assert accept(head + "-e ./lib/t$0", "tool/", world=WORLD) == head + "-e ./lib/tool/"


# -- pip options and comments ---------------------------------------------------------------------------------


def test_pip_options() -> None:
    head = "dependencies:\n  - pip:\n      - "
    check(head + "--ex$0", "--extra-index-url", only=True)
    check(head + "-$0", "--requirement", "-r", "--editable", "-e")
    assert accept(head + "--ind$0", "--index-url") == head + "--index-url "
    assert accept(head + "--ind$0 https://example.com", "--index-url") == head + "--index-url https://example.com"
    assert accept(head + "--p$0", "--pre") == head + "--pre"
    assert labels(head + "$0")[0] == "numpy"
    nothing(head + "--index-url $0")


def test_comments_that_quieten() -> None:
    check("dependencies:\n  - numpy # env$0\n", "envls: ignore", "envls: ignore-file", only=True)
    check("# envls: $0\n", "ignore", "ignore-file", only=True)
    assert labels("name: x\n# envls: ignore $0\n")[0].startswith("ENV")
    first = found("dependencies:\n  - pip\n  - pip:\n    - requests=2.0 # envls: ignore $0\n    - flask\n")[2].items[0]
    assert (first.label, "==" in first.detail) == ("ENV401", True)
    assert all(label.startswith("ENV2") for label in labels("name: x # envls: ignore ENV301, env2$0\n"))
    assert "ENV301" not in labels("name: x # envls: ignore ENV301 $0\n")
    assert accept("name: x # en$0 # y\n", "envls: ignore") == "name: x # envls: ignore # y\n"
    nothing("# a wor$0d\n")
    nothing("dependencies: # numpy=$0\n")


@pytest.mark.parametrize(
    ("marker", "first", "accepted"),
    [
        ("requests;$0", "python_version", "requests; python_version "),
        ("requests; pyt$0", "python_version", "requests; python_version "),
        ("requests; sys$0_platform == 'win32'", "sys_platform", "requests; sys_platform == 'win32'"),
        ("requests; sys_platform $0", "==", "requests; sys_platform == "),
        ("requests; python_version >$0", ">=", "requests; python_version >= "),
        ("requests; python_version >= $0", "3.15", 'requests; python_version >= "3.15"'),
        ("requests; python_version>=$0", "3.15", 'requests; python_version>= "3.15"'),
        ("requests; sys_platform == 'l$0'", "linux", "requests; sys_platform == 'linux'"),
        ("requests; sys_platform == 'win$032'", "win32", "requests; sys_platform == 'win32'"),
        ("'requests; sys_platform == $0'", "linux", "'requests; sys_platform == \"linux\"'"),
        ('"requests; sys_platform == $0"', "linux", "\"requests; sys_platform == 'linux'\""),
        ("requests; sys_platform == 'win32' $0", "and", "requests; sys_platform == 'win32' and "),
        ("requests; (os_name == 'nt' or $0)", "python_version", "requests; (os_name == 'nt' or python_version )"),
        ("requests @ https://example.com/a.whl ; os$0", "os_name", "requests @ https://example.com/a.whl ; os_name "),
        ("requests[socks]>=2,<3; os_name $0", "==", "requests[socks]>=2,<3; os_name == "),
    ],
)
def test_markers(marker: str, first: str, accepted: str) -> None:
    head = "dependencies:\n  - pip:\n    - "
    check(head + marker, first)
    assert accept(head + marker, first) == head + accepted


def test_what_a_variable_of_a_marker_is_compared_by() -> None:
    head = "dependencies:\n  - pip:\n    - requests; "
    assert labels(head + "sys_platform $0") == ["==", "!=", "in", "not in"]
    assert ">=" in labels(head + "python_version $0")


@pytest.mark.parametrize(
    ("spec", "first", "accepted"),
    [
        ("numpy[$0", "version", "numpy[version='']"),
        ("numpy[$0]", "version", "numpy[version='']"),
        ("numpy[bui$0]", "build", "numpy[build='']"),
        ("numpy[ver$0='1']", "version", "numpy[version='1']"),
        ("numpy[version='>=1', $0]", "build", "numpy[version='>=1', build='']"),
        ("numpy[version='$0']", "2.1.0", "numpy[version='2.1.0']"),
        ("numpy[version='>=1.2,<$0']", "2.1.0", "numpy[version='>=1.2,<2.1.0']"),
        ("numpy[version='>=1.$02']", "1.26.4", "numpy[version='>=1.26.4']"),
        ("numpy[version=$0]", "2.1.0", "numpy[version=2.1.0]"),
        ("numpy>=1[subdir=lin$0]", "linux-64", "numpy>=1[subdir=linux-64]"),
        ("numpy[channel=$0]", "conda-forge", "numpy[channel=conda-forge]"),
        ("'numpy[$0]'", "version", "'numpy[version=\"\"]'"),
    ],
)
def test_the_brackets_of_a_spec(spec: str, first: str, accepted: str) -> None:
    head = "channels: [conda-forge]\ndependencies:\n  - "
    check(head + spec, first)
    assert accept(head + spec, first) == head + accepted


def test_environment_variables() -> None:
    check("variables:\n  PYTHONU$0", "PYTHONUNBUFFERED", only=True)
    assert accept("variables:\n  PYTHONU$0", "PYTHONUNBUFFERED") == "variables:\n  PYTHONUNBUFFERED: "
    assert accept("variables:\n  PYTHONUNBUFFERED: $0", '"1"') == 'variables:\n  PYTHONUNBUFFERED: "1"'
    assert "PYTHONPATH" not in labels("variables:\n  PYTHONPATH: src\n  $0")
    job = "type: command\ncommand: python a.py\nenvironment: azureml:x:1\nenvironment_variables:\n  NCC$0\n"
    check(job, "NCCL_DEBUG", name="job.yml", only=True)


def test_the_name_of_a_new_environment() -> None:
    check("name: $0", "project", only=True)


def test_values_of_pip_options() -> None:
    head = "dependencies:\n  - pip:\n    - --extra-index-url https://me:secret@example.com/b\n"
    head += "    - --index-url https://example.com/simple\n    - requests\n    - "
    check(head + "--no-binary $0", ":all:", "requests", only=True)
    assert accept(head + "--no-binary flask,req$0", "requests").endswith("--no-binary flask,requests")
    check(head + "--trusted-host $0", "example.com", only=True)
    check(head + "-i $0", "https://example.com/simple", only=True)
    nothing(head + "--extra-index-url $0")
    check(head + "flask==3.0.3 --ha$0", "--hash", only=True)


def test_a_package_is_described_by_its_card() -> None:
    text, _, completions = found("channels: [conda-forge]\ndependencies:\n  - num$0")
    (item,) = completions.items
    assert item.package == "conda"
    card = described(read(ROOT / "environment.yml", text), item.package, item.label, LOCAL.facts())
    assert "What numpy is" in card


# -- where nothing is allowed ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "name: x\n  $0",
        "name: |\n  na$0",
        "name: x $0",
        "channels: $0",
        "channels: [a] $0",
        "  $0  name: x",
        "dependencies:\n  - numpy>=1 $0",
        "dependencies:\n  - numpy!$0",
        "dependencies:\n  - numpy: $0",
        "dependencies:\n  - numpy\n    pan$0",
        "dependencies:\n  - pip:\n    - requests @ $0",
        "dependencies:\n  - https://$0",
        "dependencies:\n  - pip:\n    - requests; python_version == '3.9' x$0",
        "dependencies:\n  - numpy[version='1'] $0",
        "dependencies:\n  - numpy[nothing=$0]",
        "variables:\n  A: $0",
        'name: "x"$0',
        "dependencies:\n  - numpy" + "\t" * 20_000 + "$0",
        "dependencies: " + "[" * 20_000 + "$0",
        "---$0",
    ],
)
def test_nothing(text: str) -> None:
    nothing(text)


def test_nothing_in_other_files() -> None:
    nothing("$0", name="playbook.yml")
    nothing("on: push\njobs:\n  $0", name="ci.yml")
    nothing("version: 3\nse$0", name="environment.prod.yml")


# -- the law --------------------------------------------------------------------------------------------------

NASTY = [
    "",
    "\ufeffname: x\nch",
    "name: x\r\nchannels:\r\n- a\r\ndependencies:\r\n  - numpy >=1.2 , <2   # c\r\n  - pip:\r\n    - -r req.txt\r\n\r\n",
    "dependencies: [numpy>=1, {pip: [flask==2, -e .]}, 'a\nb', \"x]\n",
    '{\n"Target": "docker", "ArgumentVector": ["$file", {"a": [\n]}], \'x\n: }}]],,::\n',
    "\tname:\tx\n\t- \t-\t-\n dependencies :\n - - - pip:\n   -\n-\n -x\n--\n---\n...\n",
    "a: |\n  b\n c: >\n? x\n: y\n&a *b !c d: !!str\n# envls: ignore ENV1,, x\n- 'it''s' # 'c\n",
    "dependencies:\n  - conda-forge::\n  - ::numpy\n  - numpy=1.2=\n  - numpy[version='>=1\n  - =\n  - numpy===,,|<\n  - ;\n  - \x00\ud800\x85\u2028x\n",
    "dependencies:\n  - pip:\n      - --\n      - ==1\n      - a[b,c]==1,\n      - ./\n      - -e ../../..\n      - a @ git+https://x\n",
]


def _lawful(name: str, text: str, offset: int, world: World) -> None:
    document = read(ROOT / name, text)
    completions = complete(document, offset, world.facts())
    assert len(completions.items) <= LIMIT
    lines = Lines(text)
    offset = max(0, min(offset, len(text)))
    line = lines.place(offset)[0]
    span = lines.span(line)
    for item in completions.items:
        assert span.start <= item.edit.span.start <= min(offset, span.end) <= item.edit.span.end <= span.end, item
        after = applied(text, item)
        assert after.startswith(text[: span.start]) and after.endswith(text[span.end :])
    assert len({item.sort for item in completions.items}) == len(completions.items)


@pytest.mark.parametrize("name", ["environment.yml", "a.runconfig", "a.compute", "spark_dependencies.yml"])
def test_every_offset_of_nasty_texts(name: str) -> None:
    for text in NASTY:
        for offset in range(-1, len(text) + 2):
            _lawful(name, text, offset, LOCAL)


def test_every_cut_of_a_file() -> None:
    text = NASTY[2]
    for offset in range(len(text) + 1):
        _lawful("environment.yml", text[:offset], offset, LOCAL)


@pytest.mark.skipif(not FILES, reason="no corpus")
def test_sampled_offsets_of_real_files() -> None:
    for path in FILES:
        try:
            text = path.read_bytes().decode()
        except UnicodeDecodeError:
            continue
        for offset in range(len(path.name) % 97, len(text), max(97, len(text) // 40)):
            _lawful(path.name, text, offset, LOCAL)
            _lawful(path.name, text[:offset], offset, LOCAL)
