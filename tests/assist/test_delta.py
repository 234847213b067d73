"""Two conda files of a project: what differs, which belong together, and what can be taken over from the other."""

from __future__ import annotations

import pytest
from toy import ROOT, World, at_cursor

from envls.assist.actions import actions
from envls.assist.delta import Aspect, counterparts, delta
from envls.assist.hover import hover
from envls.assist.lenses import lenses
from envls.config import Configuration
from envls.formats.conda.environment import EnvironmentFile
from envls.rules.packages.agreement import name_of
from envls.text import Span, apply

RUNS = {
    "aml_config/docker.runconfig": "ArgumentVector: [a.py]\nTarget: docker\nCondaDependenciesFile: aml_config/docker_conda.yml\n",
    "aml_config/docker.compute": "type: localdocker\n",
    "aml_config/local.runconfig": "ArgumentVector: [a.py]\nTarget: local\nCondaDependenciesFile: aml_config/local_conda.yml\n",
    "aml_config/local.compute": "type: local\npythonLocation: /opt/conda/envs/mine/bin/python\n",
}
DOCKER = """\
name: docker
dependencies:
  - python=3.5.2
  - numpy=1.20.3  # as in the paper
  - matplotlib
  - pip
  - pip:
    - requests==2.31.0
    - flask~=3.0
"""
LOCAL = """\
name: mine
dependencies:
  - python==3.5.2
  - numpy=1.19.5
  - matplotlib
  - requests=2.28.1
  - psutil=5.2.2
  - pip
  - pip:
    - flask~=2.0
    - azure-ml-api-sdk==0.1.0a10
"""


def world(**files: str) -> World:
    return World({ROOT / name: text for name, text in {**RUNS, **files}.items()})


def parsed(there: World, name: str, lines: str) -> EnvironmentFile:
    there.files[ROOT / name] = f"dependencies:\n{lines}"
    content = there.document(ROOT / name).content
    assert isinstance(content, EnvironmentFile)
    return content


# -- what differs ---------------------------------------------------------------------------------------------


def conda(*specs: str) -> str:
    return "".join(f"  - {spec!r}\n" for spec in specs)


def pip(*lines: str) -> str:
    return "  - pip:\n" + "".join(f"    - {line!r}\n" for line in lines)


@pytest.mark.parametrize(
    ("here", "there", "aspects"),
    [
        (conda("a=1.2"), conda("a=1.3"), ["version"]),
        (conda("a=1.20.3"), conda("A==1.20.3"), []),
        (conda("a=1.20"), conda("a==1.20"), ["version"]),
        (conda("a=1.20"), conda("a 1.20.*"), []),
        (conda("a >=1,<2"), conda("a[version='<2,>=1']"), []),
        (conda("a=1.2.3=py_0"), conda("a=1.2.3=py_1"), ["build"]),
        (conda("forge::a=1"), conda("a=1"), ["channel"]),
        (conda("a=1.2.3"), pip("a==1.2.3"), ["list"]),
        (conda("a=1.2"), pip("a==1.2.*"), ["list"]),
        (conda("a=1.2"), pip("a==1.2"), ["version", "list"]),
        (conda("pytorch=2.3.1"), pip("torch==2.3.1"), ["list"]),
        (pip("a==1.0"), pip("a == 1.0.0"), []),
        (pip("A.b_c[x,y]==1"), pip("a-b-c[y,x]==1"), []),
        (pip("a[x]==1"), pip("a==1"), ["extras"]),
        (pip("a==1; python_version<'3'"), pip('a==1 ; python_version < "3"'), []),
        (pip("a==1; python_version<'3'"), pip("a==1"), ["marker"]),
        (pip("a @ https://example.com/a-1-py3-none-any.whl"), pip("a==1"), ["version"]),
    ],
)  # fmt: skip
def test_what_differs_is_what_is_asked_for(here: str, there: str, aspects: list[str]) -> None:
    files = world()
    found = delta(parsed(files, "here/environment.yml", here), parsed(files, "there/environment.yml", there))
    assert not found.only_here and not found.only_there
    assert [aspect.value for one in found.differing for aspect in one.aspects] == aspects


@pytest.mark.parametrize(
    ("here", "there", "only_here", "only_there"),
    [
        (conda("graphviz=1"), pip("graphviz==1"), ["graphviz"], ["graphviz"]),  # the program, and the module
        (conda("a=1", "a=1.2", "b"), conda("a=2", "b"), [], []),  # which of them is meant nobody knows
        (pip("opencv-python==4", "opencv-contrib-python==4"), conda("opencv=4"), ["opencv-contrib-python"], []),
        (conda("a*", "b=="), conda("c"), [], ["c"]),
        (conda("a"), pip("-r more.txt", "./b"), ["a"], []),
    ],
)
def test_what_only_one_of_them_has(here: str, there: str, only_here: list[str], only_there: list[str]) -> None:
    files = world()
    found = delta(parsed(files, "here/environment.yml", here), parsed(files, "there/environment.yml", there))
    assert ([name_of(one) for one in found.only_here], [name_of(one) for one in found.only_there]) == (
        only_here,
        only_there,
    )
    assert all(Aspect.VERSION in one.aspects or Aspect.PLACE in one.aspects for one in found.differing)


# -- which belong together ------------------------------------------------------------------------------------


def compared(name: str, there: World) -> list[tuple[str, bool]]:
    found = counterparts(there.document(ROOT / name), there.facts())
    return [(one.document.path.relative_to(ROOT).as_posix(), one.together) for one in found]


def test_files_of_runs_of_one_project_belong_together() -> None:
    there = world(**{"aml_config/docker_conda.yml": DOCKER, "aml_config/local_conda.yml": LOCAL})
    there.files |= {ROOT / f"aml_config/{n}_env.yml": DOCKER.replace("1.20.3", f"1.{n}") for n in "12"}
    assert compared("aml_config/docker_conda.yml", there)[0] == ("aml_config/local_conda.yml", True)
    titles = [one.title for one in lenses(there.document(ROOT / "aml_config/docker_conda.yml"), there.facts())]
    assert titles == ["used by docker.runconfig", "differs from local_conda.yml in 5 packages"]


def test_those_of_run_configurations_belong_together_with_little_in_common() -> None:
    many = DOCKER + "".join(f"    - more{number}==1\n" for number in range(30))
    there = world(**{"aml_config/docker_conda.yml": many, "aml_config/local_conda.yml": LOCAL})
    assert compared("aml_config/docker_conda.yml", there) == [("aml_config/local_conda.yml", True)]
    for name in ("docker", "local"):
        there.files[ROOT / f"{name}.yml"] = f"command: a\nenvironment:\n  conda_file: aml_config/{name}_conda.yml\n"
        del there.files[ROOT / f"aml_config/{name}.runconfig"]
    assert compared("aml_config/docker_conda.yml", there) == [("aml_config/local_conda.yml", False)]


def test_two_alone_in_a_folder_belong_together_and_others_only_look_alike() -> None:
    base = "dependencies:\n  - python=3.11\n  - numpy=1.26\n  - pandas=2.2\n"
    there = world(**{"a/environment.yml": base, "a/environment-dev.yml": base + "  - pytest\n"})
    assert compared("a/environment.yml", there) == [("a/environment-dev.yml", True)]
    there = world(**{"a/environment.yml": base, "b/environment.yml": base + "  - pytest\n"})
    assert compared("a/environment.yml", there) == [("b/environment.yml", False)]
    assert lenses(there.document(ROOT / "a/environment.yml"), there.facts()) == []
    other = {"a/docs-env.yml": "dependencies:\n  - python=3.11\n  - sphinx\n  - furo\n", "b/environment.yml": base}
    assert compared("a/environment.yml", world(**{"a/environment.yml": base, **other})) == []


# -- taking over ----------------------------------------------------------------------------------------------


def offered(text: str, to: str = "") -> dict[str, str]:
    """What can be taken over at the `$0`, or from there up to the text `to`, and what the file is then."""
    plain, offset = at_cursor(text)
    there = world(**{"aml_config/docker_conda.yml": DOCKER, "aml_config/local_conda.yml": plain})
    document = there.document(ROOT / "aml_config/local_conda.yml")
    span = Span(offset, plain.index(to) if to else offset)
    found = actions(document, span, there.facts(), Configuration(), ("refactor",))
    return {
        one.title: apply(plain, one.changes.edits[document.path])
        for one in found
        if "docker_conda.yml" in one.title and one.changes.edits
    }


def test_a_line_is_taken_over() -> None:
    assert offered(LOCAL.replace("numpy=", "num$0py=")) == {
        "Take `numpy=1.20.3` as in `docker_conda.yml`": LOCAL.replace("numpy=1.19.5", "numpy=1.20.3")
    }
    assert offered(LOCAL.replace("requests=", "req$0uests=")) == {
        "Take `requests=2.31.0` as in `docker_conda.yml`": LOCAL.replace("2.28.1", "2.31.0")
    }
    assert offered(LOCAL.replace("python=", "pyt$0hon=")) == {}, "they differ in how they are written only"


def test_selected_lines_are_aligned() -> None:
    assert offered(LOCAL.replace("  - numpy", "$0  - numpy"), to="  - psutil") == {
        "Align 2 of the selected lines with `docker_conda.yml`": LOCAL.replace("1.19.5", "1.20.3").replace(
            "2.28.1", "2.31.0"
        )
    }


def test_on_the_head_all_are_aligned_and_what_is_lacking_is_added() -> None:
    aligned = LOCAL.replace("1.19.5", "1.20.3").replace("2.28.1", "2.31.0").replace("flask~=2.0", "flask~=3.0")
    assert offered(LOCAL.replace("dependencies", "depen$0dencies")) == {
        "Align 3 lines with `docker_conda.yml`": aligned
    }
    short = "name: mine\ndependencies:\n  - python=3.5.2\n  - numpy=1.20.3\n"
    found = offered(short.replace("dependencies", "depen$0dencies"))
    assert found["Add `matplotlib` as in `docker_conda.yml`"] == short + "  - matplotlib\n"
    added = short + "  - pip\n  - pip:\n      - requests==2.31.0\n"
    assert found["Add `requests==2.31.0` as in `docker_conda.yml`, and `pip`"] == added


def test_the_head_shows_what_differs() -> None:
    plain, offset = at_cursor(LOCAL.replace("dependencies", "depen$0dencies"))
    there = world(**{"aml_config/docker_conda.yml": DOCKER, "aml_config/local_conda.yml": plain})
    found = hover(there.document(ROOT / "aml_config/local_conda.yml"), offset, there.facts())
    assert found is not None
    assert "Compared with `docker_conda.yml`: 5 packages differ" in found.markdown
    assert "| numpy | `=1.19.5` | `=1.20.3` |" in found.markdown
    assert "| requests | `=2.28.1`, by conda | `==2.31.0`, by pip |" in found.markdown
    assert "| psutil | `=5.2.2` | not listed |" in found.markdown


def test_the_two_are_seen_side_by_side_when_somebody_asks() -> None:
    there = world(**{"aml_config/docker_conda.yml": DOCKER, "aml_config/local_conda.yml": LOCAL})
    document = there.document(ROOT / "aml_config/local_conda.yml")
    at = Span(0, 0)
    (found,) = [one for one in actions(document, at, there.facts(), Configuration()) if one.beside]
    assert (found.title, found.kind) == ("Compare with `docker_conda.yml` (5 packages differ)", "refactor")
    assert found.beside == ROOT / "aml_config/docker_conda.yml" and found.changes.empty
    assert not [one for one in actions(document, at, there.facts(), Configuration(), automatic=True) if one.beside]
