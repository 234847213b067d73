"""What belongs to no finding: each action on a text with a cursor (`$0`) or a selection (from `$0` to `$1`)."""

from __future__ import annotations

from pathlib import PurePath

import pytest
from packaging.specifiers import SpecifierSet
from rattler import Version, VersionSpec
from toy import ROOT, World, online, packages

from envls.assist.actions import Action, actions
from envls.assist.refactor.moving import well_known
from envls.config import Configuration
from envls.document import Document, read
from envls.facts import Absent, Environment, Installed, InstalledPackage, Known, LockBeside, Twin
from envls.formats.conda import matchspec, requirement, translation
from envls.text import Span, apply

FILE = "environment.yml"


def place(text: str) -> tuple[str, Span]:
    start = text.index("$0")
    plain = text.replace("$0", "", 1)
    end = plain.find("$1")
    return plain.replace("$1", "", 1), Span(start, end if end >= 0 else start)


def menu(text: str, *kinds: str, world: World | None = None, name: str = FILE) -> tuple[Document, list[Action]]:
    plain, span = place(text)
    world = world or online()
    world.files[ROOT / name] = plain
    document = read(ROOT / name, plain)
    return document, actions(document, span, world.facts(), Configuration(), kinds or ("refactor",))


def titles(text: str, *kinds: str, world: World | None = None, name: str = FILE) -> list[str]:
    return [action.title for action in menu(text, *kinds, world=world, name=name)[1]]


def offered(text: str, title: str, *, world: World | None = None, name: str = FILE) -> bool:
    return any(one.startswith(title) for one in titles(text, world=world, name=name))


def made(
    text: str, title: str, *kinds: str, world: World | None = None, name: str = FILE
) -> tuple[str, dict[PurePath, str]]:
    """The text after the action whose title begins with `title`, and the files that it makes."""
    document, there = menu(text, *kinds, world=world, name=name)
    chosen = next((action for action in there if action.title.startswith(title)), None)
    assert chosen, [action.title for action in there]
    return apply(document.text, chosen.changes.edits[document.path]), chosen.changes.created


def after(text: str, title: str, *kinds: str, world: World | None = None, name: str = FILE) -> str:
    return made(text, title, *kinds, world=world, name=name)[0]


HEAD = "dependencies:\n  - python=3.11\n"
PIP = HEAD + "  - pip\n  - pip:\n"


# -- where the cursor is --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "of"),
    [
        ("  $0- scipy==1.26.4  # why", "  - sc$0ipy==1.26.4  # why"),
        ("$0  - scipy==1.26.4  # why", "  - sc$0ipy==1.26.4  # why"),
        ("  - scipy==1.26.4  # wh$0y", "  - sc$0ipy==1.26.4  # why"),
        ("  - scipy==1.26.4\n  $0- pip:\n    - a==1.2.3", "  - scipy==1.26.4\n  - p$0ip:\n    - a==1.2.3"),
        (
            "  - scipy==1.26.4\n  - pip:$0  # why\n    - a==1.2.3",
            "  - scipy==1.26.4\n  - p$0ip:  # why\n    - a==1.2.3",
        ),
        ("  - numpy$0 >=1 <2\n", "  $0- numpy >=1 <2\n"),
    ],
)
def test_beside_what_a_line_says_the_same_is_on_offer(line: str, of: str) -> None:
    there = titles(HEAD + line, "")
    assert there and there == titles(HEAD + of, "")


def test_beside_several_things_none_is_meant() -> None:
    assert not titles("dependencies: [a==1.2.3, b==1.2.3]  # wh$0y\n", "refactor")
    assert not titles(HEAD + "  # a com$0ment\n  - scipy==1.26.4\n", "refactor")


# -- versions and builds --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "title", "written"),
    [
        ("scipy==1.26.4", "Make it a prefix pin", "scipy=1.26"),
        ("scipy==1.26.4", "Make it a prefix pin: `scipy=1.26.4`", "scipy=1.26.4"),
        ("scipy == 1.26.4", "Make it a prefix pin", "scipy =1.26"),
        ("scipy 1.26", "Make it a prefix pin", "scipy =1.26"),
        ("'scipy==1.1.1w'  # why", "Make it a prefix pin", "'scipy=1.1.1w'  # why"),
        ("scipy=1.26.4", "Pin exactly", "scipy==1.26.4"),
        ("scipy=1.26.4.*", "Pin exactly", "scipy==1.26.4"),
        ("numpy=2.1.0", "Pin exactly", "numpy==2.1.0"),
        ("scipy>=1.2,<2", "Pin to its bound", "scipy=1.2"),
        ("scipy <=1.2", "Pin to its bound", "scipy ==1.2"),
        ("scipy=1.2=py39_0  # why", "Remove the build", "scipy=1.2  # why"),
        ('"scipy 1.2 py39_0"', "Remove the build", '"scipy 1.2"'),
        ("libblas=*=*mkl", "Remove the build", "libblas"),
    ],
)
def test_how_conda_is_asked_for_a_version(item: str, title: str, written: str) -> None:
    assert after(f"{HEAD}  - {item[:2]}$0{item[2:]}\n", title) == f"{HEAD}  - {written}\n"


@pytest.mark.parametrize(
    ("item", "title", "written"),
    [
        ("scipy==1.26.4", "Make it a prefix pin", "scipy==1.26.*"),
        ("scipy[a]==1.26.4; python_version<'3'", "Make it a prefix pin", "scipy[a]==1.26.*; python_version<'3'"),
        ("scipy==1.26.4.*; python_version<'3'", "Pin exactly", "scipy==1.26.4; python_version<'3'"),
        ("scipy~=1.26.4", "Pin to its bound", "scipy==1.26.4"),
    ],
)
def test_how_pip_is_asked_for_a_version(item: str, title: str, written: str) -> None:
    assert after(f"{PIP}    - {item[:2]}$0{item[2:]}\n", title) == f"{PIP}    - {written}\n"


@pytest.mark.parametrize(
    "item",
    ["scipy=1.26", "scipy", "scipy[version='==1.2.3']", "scipy>=1,<1.0.5", "scipy>1", "scipy=1.2|=1.3", "scipy=="],
)
def test_what_has_no_other_form_is_left_alone(item: str) -> None:
    assert not [one for one in titles(f"{HEAD}  - {item[:2]}$0{item[2:]}\n") if not one.startswith(("Move", "Update"))]


def test_builds_of_many() -> None:
    text = HEAD + "  - sci$0py=1.2=py39_0  # why\n  - zlib\n  - xz=5=h1_0$1\n  - tk=8=h2_0\n"
    expected = HEAD + "  - scipy=1.2  # why\n  - zlib\n  - xz=5\n  - tk=8=h2_0\n"
    assert after(text, "Remove the builds of the selected 2 packages") == expected
    text = text.replace("$0", "").replace("$1", "").replace("depend", "depend$0")
    assert "=h" not in after(text, "Remove the builds of 3 packages")


def test_series_of_many() -> None:
    text = PIP + "    - sc$0ipy==1.2.3\n    - flask==3.0\n    - dask[a]==2.1.0$1\n"
    new = after(text, "Let in later patches for 2 of the selected exact pins, as in `scipy==1.2.*`")
    assert new == PIP + "    - scipy==1.2.*\n    - flask==3.0\n    - dask[a]==2.1.*\n"


# -- between the lists ----------------------------------------------------------------------------------------

VERSIONS = ("0.9", "1", "1.0", "1.2", "1.2.0", "1.2.3", "1.2.10", "1.20", "1.3", "2", "2.0", "2.0.1", "1.2.3.1", "1.10")


def _conda_takes(spec: str, version: str) -> bool:
    wanted = matchspec.parse(spec).wanted[0]
    return not wanted or VersionSpec(wanted).matches(Version(version))


@pytest.mark.parametrize(
    "spec",
    [
        *("x", "x=1.2", "x==1.2", "x=1.2.*", "x==1.2.*", "x>=1.2", "x>=1.2,<2"),
        *("x!=1.2", "x!=1.2.*", "x~=1.2", "x~=1.2.3", "x<=1.2", "x=1", "x=1.2=py_0"),
        *("x=1.2.*=0", "x>=1.2,!=1.3", "x=1.2*", "x=1.2,!=1.2.3", "x==1.2.3,<2"),
    ],
)
def test_pip_takes_the_versions_that_conda_takes(spec: str) -> None:
    line = translation.to_pip(matchspec.parse(spec), "x")
    assert line is not None
    assert [v for v in VERSIONS if _conda_takes(spec, v)] == [v for v in VERSIONS if v in SpecifierSet(line[1:])]
    back = translation.to_conda(requirement.parse(line), "x")
    assert back and [v for v in VERSIONS if _conda_takes(back, v)] == [
        v for v in VERSIONS if v in SpecifierSet(line[1:])
    ]


@pytest.mark.parametrize(
    "spec", ["x~=1", "x>=1.2.*", "x=1|=2", "x[version='>=1']", "c::x=1", "x=1.1.1w", "x*", "x=1!1"]
)
def test_what_pip_cannot_say(spec: str) -> None:
    assert translation.to_pip(matchspec.parse(spec), "x") is None


@pytest.mark.parametrize(
    "line",
    ["x[a]", "x; python_version<'3'", "x===1", "x==1+cpu", "x --hash=sha256:0", "x @ https://a.com/x.whl", "-e ."],
)
def test_what_conda_cannot_say(line: str) -> None:
    assert translation.to_conda(requirement.parse(line), "x") is None


def test_to_the_pip_section_and_back() -> None:
    conda = PIP.replace("  - pip:", "  - numpy=1.26  # why\n  - pip:") + "    - flask\n"
    pip = PIP + "    - flask\n    - numpy==1.26.*  # why\n"
    assert after(conda.replace("numpy", "num$0py"), "Move to the `pip` section: `numpy==1.26.*`") == pip
    assert after(pip.replace("numpy", "num$0py"), "Move to the conda list: `numpy=1.26`") == conda


def test_a_section_is_made_and_taken_away_with_its_last_line() -> None:
    bare, full = HEAD + "  - num$0py\n", HEAD + "  - pip\n  - pip:\n      - numpy\n"
    assert after(bare, "Move to the `pip` section: `numpy`, and add `pip`") == full
    assert after(full.replace("numpy", "num$0py"), "Move") == HEAD + "  - pip\n  - numpy\n"


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_the_last_line_needs_no_end(ends: str) -> None:
    text = (HEAD + "  - pip\n  - pip:\n    - numpy$0==1.2").replace("\n", ends)
    assert after(text, "Move") == (HEAD + "  - pip\n  - numpy==1.2").replace("\n", ends)


def test_in_brackets() -> None:
    text = "dependencies: [python=3.11, 'numpy$0>=1,<2', pip, {pip: [flask]}]\n"
    assert after(text, "Move") == "dependencies: [python=3.11, pip, {pip: [flask, 'numpy>=1,<2']}]\n"


def test_a_comment_that_names_the_package_goes_with_it() -> None:
    text = PIP.replace("  - pip:", "  # numpy is slow\n  - num$0py\n  - pip:") + "    - flask\n"
    assert after(text, "Move") == PIP + "    - flask\n    - numpy  # numpy is slow\n"
    assert not offered(text.replace("- num$0py", "- num$0py  # and old"), "Move")
    assert not offered("dependencies: [num$0py, # slow\n  {pip: [a]}]\n", "Move")


def test_names_are_those_of_the_other_index() -> None:
    assert after(HEAD + "  - pyto$0rch=2.3\n", "Move").endswith("- torch==2.3.*\n")
    assert (
        after(PIP + "    - tor$0ch\n    - flask\n", "Move")
        == PIP.replace("- pip:", "- pytorch\n  - pip:") + "    - flask\n"
    )
    world = online()
    world.twins[Twin("obscure", "conda")] = "obscurely"
    assert "Move to the `pip` section: `obscurely`, and add `pip`" in titles(HEAD + "  - obsc$0ure\n", world=world)
    assert not offered(HEAD + "  - obsc$0ure\n", "Move"), "nobody knows what pip calls it"


def test_a_name_is_the_same_where_conda_brought_it_along() -> None:
    world = online()
    there = InstalledPackage("Obscure", "1.2")
    world.packages[Installed(name="demo")] = Known(
        Environment(PurePath("/envs/demo"), {"obscure": there}, {}, {"obscure": there})
    )
    assert offered("name: demo\n" + HEAD + "  - obsc$0ure\n", "Move to the `pip` section: `Obscure`", world=world)


def test_a_name_is_the_same_where_both_have_a_python_package_of_it() -> None:
    world = online()
    world.conda["obscure"] = ("1.2[python:>=3.9]",)
    assert not offered(HEAD + "  - obsc$0ure\n", "Move", world=world)
    world.pip["obscure"] = ("1.2",)
    assert offered(HEAD + "  - obsc$0ure\n", "Move", world=world)
    assert offered(PIP + "    - obsc$0ure\n", "Move to the conda list", world=world)
    world.conda["obscure"] = ("1.2",)
    assert not offered(PIP + "    - obsc$0ure\n", "Move", world=world), "it may be a program of that name"


@pytest.mark.parametrize("item", ["python=3.11", "pip", "graphviz", "opencv", "cudatoolkit=11", "conda-forge::numpy"])
def test_what_stays_in_the_conda_list(item: str) -> None:
    assert not offered(f"dependencies:\n  - {item[:2]}$0{item[2:]}\n", "Move")


@pytest.mark.parametrize(
    "text",
    [
        "dependencies:\n  - pip\n  - pip:\n    - num$0py\n    other: x\n",
        "dependencies:\n  - pip\n  - pip:\n    # why\n    - num$0py\n",
        "dependencies:\n  - num$0py\n  - pi:\n    - flask\n",
        "dependencies:\n  - num$0py\n  - pip: flask\n",
        "dependencies:\n  - pip:\n    - a\n  - num$0py\n  - pip:\n    - b\n",
    ],
)
def test_nothing_moves_where_something_would_be_lost(text: str) -> None:
    assert not offered(text, "Move")


def test_what_is_there_already_is_not_moved() -> None:
    assert not offered(PIP.replace("- pip\n", "- pip\n  - num$0py\n") + "    - NumPy\n", "Move")


def test_well_known_names_are_no_others() -> None:
    assert {"numpy", "flask", "feature-engine"} <= set(well_known())
    assert well_known()["typing-extensions"] in ("typing_extensions", "typing-extensions")
    assert not {"graphviz", "build", "duckdb", "redis", "docker", "opencv", "tables", "ray"} & set(well_known())


def test_the_last_items_go_together() -> None:
    flow = "dependencies: [python=3.11, $0numpy, pandas, scipy$1]\n"
    assert after(flow, "Move 3") == "dependencies: [python=3.11, pip, {pip: [numpy, pandas, scipy]}]\n"
    block = "dependencies:\n  - pip\n  - python=3.11\n  - $0numpy\n  - pandas\n  - scipy$1"
    expected = "dependencies:\n  - pip\n  - python=3.11\n  - pip:\n      - numpy\n      - pandas\n      - scipy"
    assert after(block, "Move 3") == expected


def test_several_are_moved_together() -> None:
    text = PIP.replace("- pip\n", "- pip\n  - num$0py=1\n  - obscure\n  - pandas$1\n") + "    - flask\n"
    expected = PIP.replace("- pip\n", "- pip\n  - obscure\n") + "    - flask\n    - numpy==1.*\n    - pandas\n"
    assert after(text, "Move 2 of the selected packages to the `pip` section") == expected


# -- lists ----------------------------------------------------------------------------------------------------


def test_sort_a_list() -> None:
    text = (
        "depend$0encies:\n  # core\n  - zlib  # small\n  - Numpy=1\n  # about python\n  # and why\n  - python\n"
        "  # - dask\n\n  - pip\n  - b\n  - a\n  - pip:\n    - z\n    - a\n  - d\n  - c"
    )
    expected = (
        "dependencies:\n  # core\n  # - dask\n  - Numpy=1\n  # about python\n  # and why\n  - python\n"
        "  - zlib  # small\n\n  - a\n  - b\n  - pip\n  - pip:\n    - z\n    - a\n  - c\n  - d"
    )
    assert after(text, "Sort this list by name") == expected
    assert after(text.replace("\n", "\r\n"), "Sort this list") == expected.replace("\n", "\r\n")


def test_a_comment_is_never_parted_from_the_line_below() -> None:
    text = "depend$0encies:\n  - z\n  # this one must stay as it is, we tried others.\n  - q\n  - b\n  - a\n"
    expected = "dependencies:\n  - z\n  # this one must stay as it is, we tried others.\n  - q\n  - a\n  - b\n"
    assert after(text, "Sort this list") == expected


def test_options_of_pip_stay_where_they_are() -> None:
    text = PIP.replace("  - pip:", "  - p$0ip:") + "    - c\n    - b\n    - --pre\n    - -e .\n    - z\n    - d\n"
    expected = PIP + "    - b\n    - c\n    - --pre\n    - -e .\n    - d\n    - z\n"
    assert after(text, "Sort this list") == expected


def test_sort_in_brackets_and_what_is_selected() -> None:
    assert (
        after("depend$0encies: [b, 'a>=1,<2',  {pip: [c]}]\n", "Sort") == "dependencies: ['a>=1,<2', b,  {pip: [c]}]\n"
    )
    text = "dependencies:\n  - z\n  - $0c\n  - b$1\n  - a\n"
    assert after(text, "Sort the selected lines") == "dependencies:\n  - z\n  - b\n  - c\n  - a\n"


def test_sort_the_whole_file_from_anywhere() -> None:
    text = "name: $0x\ndependencies:\n  - b\n  - a\n  - pip:\n    - d\n    - c\n"
    expected = "name: x\ndependencies:\n  - a\n  - b\n  - pip:\n    - c\n    - d\n"
    assert after(text, "Sort the packages", "source.sort") == expected
    assert titles(text, "source.organizeImports") == []
    assert titles(expected.replace("x", "$0x"), "source") == titles(text, "source.fixAll")


@pytest.mark.parametrize(
    "text",
    [
        "depend$0encies:\n  - a\n  - b\n",
        "x: &l [1]\ny: *l\ndepend$0encies:\n  - b\n  - a\n",
        "depend$0encies:\n  - b\n{% if x %}\n  - a\n{% endif %}\n",
        "depend$0encies:\n  - b\n  - a\n  - ]\n",
        "depend$0encies: [b, # one\n  a]\n",
        "dependencies:\n  - pip:\n    - b \\\n    - $0--hash=sha256:0\n    - a\n",
    ],
)
def test_not_sorted(text: str) -> None:
    assert not offered(text, "Sort")


def test_pip_sections_are_joined() -> None:
    text = PIP.replace("  - pip:", "  - p$0ip:") + "    - a  # one\n  - b\n  - pip:\n      # two\n      - c\n  - d\n"
    assert after(text, "Join the two sections") == PIP + "    - a  # one\n    # two\n    - c\n  - b\n  - d\n"
    assert not offered(text.replace("- c\n", "- a>1\n"), "Join"), "pip would refuse that"


# -- requirements files ---------------------------------------------------------------------------------------

BLOCK = "    # first\n    - --index-url https://example.com/simple\n    - requests>=2  # http\n\n    - -e ./package\n"


def test_the_section_becomes_a_file_and_comes_back() -> None:
    text, files = made(PIP.replace("  - pip:", "  - p$0ip:") + BLOCK, "Extract these lines to `requirements.txt`")
    assert text == PIP + "    - -r requirements.txt\n"
    said = "# first\n--index-url https://example.com/simple\nrequests>=2  # http\n\n-e ./package\n"
    assert files == {ROOT / "requirements.txt": said}
    world = online(**{"requirements.txt": said})
    again = after(text.replace("-r ", "-r $0"), "Inline `requirements.txt`", world=world)
    assert again == PIP + BLOCK.replace("\n\n", "\n")


def test_selected_lines_become_a_file() -> None:
    text, files = made(PIP + "    - a\r\n    - $0b\r\n    - c$1\r\n", "Extract the 2 selected lines")
    assert text == PIP + "    - a\r\n    - -r requirements.txt\r\n"
    assert files == {ROOT / "requirements.txt": "b\r\nc\r\n"}


def test_no_file_is_written_over() -> None:
    world = online(**{"Requirements.txt": "x\n"})
    text = PIP.replace("  - pip:", "  - p$0ip:") + "    - a\n"
    assert made(text, "Extract", world=world)[1] == {ROOT / "environment-requirements.txt": "a\n"}


def test_not_extracted_where_the_conda_file_travels_alone() -> None:
    text = PIP.replace("  - pip:", "  - p$0ip:") + "    - a\n"
    assert not offered("platforms: [linux-64]\n" + text, "Extract")
    world = online()
    world.locked = {"python": "3.11"}
    assert not offered(text, "Extract", world=world)
    assert offered(text, "Extract")
    managed = online(**{"aml_config/docker.runconfig": "CondaDependenciesFile: aml_config/conda_dependencies.yml\n"})
    assert not offered(text, "Extract", world=managed, name="aml_config/conda_dependencies.yml")


def test_a_file_of_another_folder_comes_with_its_paths() -> None:
    said = "-r more.txt\n-c ../limits.txt\nflask==3.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n"
    world = online(**{"reqs/base.txt": said})
    new = after(PIP + "    - a\n    - -r reqs/b$0ase.txt  # shared\n    - z\n", "Inline", world=world)
    assert new == (
        PIP + "    - a\n    # shared\n    - -r reqs/more.txt\n    - -c limits.txt\n"
        "    - flask==3.0 --hash=sha256:00 --hash=sha256:11\n    - z\n"
    )


@pytest.mark.parametrize("said", ["", "# nothing\n", "flask =\n", "a \\\n# b\n", "a \\"])
def test_not_inlined(said: str) -> None:
    assert not offered(PIP + "    - -r b$0ase.txt\n", "Inline", world=online(**{"base.txt": said}))
    assert not offered(PIP + "    - -r b$0ase.txt\n", "Inline")


# -- one place ------------------------------------------------------------------------------------------------


def test_nodefaults() -> None:
    text = "channels:\n  - conda-$0forge\ndependencies:\n  - python=3.11\n"
    assert "  - conda-forge\n  - nodefaults\n" in after(text, "Add `nodefaults`")
    assert not offered(text.replace("forge\n", "forge\n  - defaults\n"), "Add `nodefaults`")


def test_options_that_an_old_conda_cannot_read() -> None:
    text = PIP + "    - --index$0-url https://example.com/simple\n    - --pre\n    - -r a.txt\n    - b\n"
    expected = PIP + "    # - --index-url https://example.com/simple\n    # - --pre\n    - -r a.txt\n    - b\n"
    assert after(text, "Comment out the 2 pip options, for conda before 4.4") == expected
    assert not offered(PIP + "    - --p$0re\n", "Comment out"), "nothing would be left"


def test_quotes() -> None:
    text = "variables:\n  A: y$0es\n  B: text\n"
    assert after(text + HEAD, "Quote it: `'yes'` is text, and not a boolean") == text.replace("y$0es", "'yes'") + HEAD
    assert after(HEAD + "  - $0numpy>=1$1\n", "Quote it") == HEAD + "  - 'numpy>=1'\n"
    for quiet in ("  - num$0py>=1\n", "  - $0'numpy'$1\n", "  - $0numpy\n  - pandas$1\n"):
        assert not offered(HEAD + quiet, "Quote it")


EXPORT = (
    "name: demo\ndepend$0encies:\n  - _libgcc_mutex=0.1=main\n  - numpy=1.26.4=py311_0  # why\n  - python=3.11.9=h1_0\n"
    "  - xz=5.4.6=h5eee18b_0\n  - zlib=1.2.13=h5eee18b_0\n  - libgcc-ng=13.2.0=h807b86a_2\n  - mine=1\nprefix: /envs/demo\n"
)


def test_an_export_becomes_what_was_asked_for() -> None:
    world = online()
    world.installed = {"numpy": "1.26.4"}
    environment = Environment(
        PurePath("/envs/demo"),
        {
            **packages({"numpy": "1"}),
            **{n: InstalledPackage(n, "1") for n in ("xz", "zlib", "_libgcc_mutex", "libgcc-ng")},
        },
        {},
    )
    world.packages[Installed(name="demo", prefix=PurePath("/envs/demo"))] = Known(environment)
    title = "Reduce the export to what was asked for in `demo`: 3 packages, without builds and `prefix`"
    new = after(EXPORT, title, world=world)
    assert new == "name: demo\ndependencies:\n  - numpy=1.26.4  # why\n  - python=3.11.9\n  - mine=1\n"


def test_an_export_is_reduced_without_its_environment() -> None:
    world = online()
    world.packages[LockBeside(ROOT / FILE)] = Absent()
    title = "Reduce the export: without 4 builds, `prefix` and 2 packages of Linux"
    new = after(EXPORT, title, world=world)
    assert new == (
        "name: demo\ndependencies:\n  - numpy=1.26.4  # why\n  - python=3.11.9\n  - xz=5.4.6\n  - zlib=1.2.13\n  - mine=1\n"
    )
    assert not offered(EXPORT.replace("=h", " #").replace("=py", " #").replace("prefix: /envs/demo\n", ""), "Reduce")


def test_on_the_finding_an_export_is_offered_to_be_reduced() -> None:
    text = EXPORT.replace("$0", "").replace("_libgcc_mutex=0.1=main", "tk=8.6=h1cc$0aba5_0")
    assert any(one.startswith("Reduce the export") for one in titles(text, "quickfix"))
