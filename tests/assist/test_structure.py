"""A file as an editor shows it: outline, folds, selections, highlights, colours, other names for packages, formatting."""

from __future__ import annotations

from textwrap import dedent

import pytest
from toy import ROOT, World, at_cursor, online

from envls.assist import package_names
from envls.assist.folding import folding_ranges
from envls.assist.formatting import formatting
from envls.assist.highlights import highlights
from envls.assist.inlay_hints import inlay_hints
from envls.assist.lenses import lenses
from envls.assist.links import links, page_of
from envls.assist.outline import MOST, Symbol, outline
from envls.assist.selection import selection_ranges
from envls.assist.semantic_tokens import TYPES, semantic_tokens
from envls.document import Document, read
from envls.facts import Facts, Known, Package, PipPackage
from envls.facts import Indexes as AnyIndex
from envls.formats.conda.environment import Dependency
from envls.server.convert.legend import LEGEND
from envls.target import conda_packages
from envls.text import Span, apply

CONDA = """
    name: demo
    channels:
      - conda-forge
    # what
    # it needs
    dependencies:
      - python=3.11
      - conda-forge::numpy >=1.20,<2 py3*
      - pip:
          - torch[dev]==2.0 ; python_version < '3.12'
          - -r more.txt
          - demo @ https://user:secret@example.com/demo-1.0-py3-none-any.whl
          # - off
    variables:
      LEVEL: "1"
      API_KEY: hunter2
"""


def document(text: str, name: str = "environment.yml") -> Document:
    return read(ROOT / name, dedent(text).removeprefix("\n"))


# -- outline --------------------------------------------------------------------------------------------------


def told(symbols: list[Symbol] | tuple[Symbol, ...], depth: int = 0) -> list[str]:
    """The outline as lines: name, detail, kind."""
    lines = []
    for one in symbols:
        lines.append("  " * depth + " | ".join(filter(None, (one.name, one.detail, one.kind.value))))
        lines += told(one.children, depth + 1)
    return lines


def check_outline(text: str, expected: str, name: str = "environment.yml") -> None:
    assert told(outline(document(text, name))) == dedent(expected).strip().splitlines()


def test_packages_stand_with_their_versions_below_their_list() -> None:
    check_outline(
        CONDA,
        """
        name | demo | text
        channels | list
          conda-forge | channel
        dependencies | list
          python | =3.11 | package
          numpy | >=1.20,<2 py3* · conda-forge | package
          pip | list
            torch | [dev]==2.0 ; python_version < '3.12' | package
            -r more.txt | option
            demo | demo @ https://…@example.com/demo-1.0-py3-none-any.whl | package
        variables | mapping
          LEVEL | 1 | text
          API_KEY | … | text
        """,
    )


def test_a_job_with_packages_in_it_is_told_alike() -> None:
    check_outline(
        """
        type: command
        command: python train.py
        environment:
          image: base:1
          conda_file:
            dependencies:
              - python=3.11
              - pip:
                - mlflow==2.0
        """,
        """
        type | command | text
        command | python train.py | text
        environment | mapping
          image | base:1 | text
          conda_file | mapping
            dependencies | list
              python | =3.11 | package
              pip | list
                mlflow | ==2.0 | package
        """,
        "job.yml",
    )


def test_items_of_a_list_are_called_what_they_say_best() -> None:
    check_outline(
        "Target: docker\nArgumentVector:\n  - train.py\nSparkPackages: [{group: a, name: b}, {}]\nTrackedRun: true\n",
        """
        Target | docker | text
        ArgumentVector | list
          train.py | text
        SparkPackages | list
          b | mapping
            group | a | text
            name | b | text
          … | mapping
        TrackedRun | true | boolean
        """,
        "aml_config/docker.runconfig",
    )


def test_of_a_long_list_as_much_is_told_as_somebody_reads() -> None:
    items = "".join(f"  - package{number}=1.{number}\n" for number in range(MOST + 3))
    (dependencies,) = outline(document(f"dependencies:\n{items}"))
    *shown, rest = dependencies.children
    assert [one.name for one in shown] == [f"package{number}" for number in range(MOST)]
    assert rest.name == "… 3 more"
    assert shown[-1].span.end < rest.span.start < rest.selection.start < rest.span.end == dependencies.span.end


# -- folds ----------------------------------------------------------------------------------------------------


def check_folds(text: str, *expected: str) -> None:
    """`expected` are the first and the last line of each fold, joined by ` ... `."""
    made = document(text)
    lines = made.text.splitlines()
    assert [f"{lines[one.first].strip()} ... {lines[one.last].strip()}" for one in folding_ranges(made)] == [*expected]


def test_lists_comments_and_what_is_off_below_them_fold() -> None:
    check_folds(
        CONDA,
        "channels: ... - conda-forge",
        "# what ... # it needs",
        "dependencies: ... # - off",
        "- pip: ... # - off",
        "variables: ... API_KEY: hunter2",
    )


def test_what_is_in_brackets_folds_up_to_the_closing_one() -> None:
    check_folds(
        "dependencies: [\n  python,\n  numpy\n]\nvariables:\n  A: |\n    one\n    two\n",
        "dependencies: [ ... numpy",
        "variables: ... two",
        "A: | ... two",
    )


def test_an_editor_that_wants_few_folds_gets_the_widest() -> None:
    made = document(CONDA)
    assert [made.lines.place(made.text.index(word))[0] for word in ("channels", "dependencies")] == [1, 5]
    assert [fold.first for fold in folding_ranges(made, 2)] == [5, 8]


# -- selections -----------------------------------------------------------------------------------------------


def check_selection(text: str, *expected: str) -> None:
    text, offset = at_cursor(text)
    made = read(ROOT / "environment.yml", text)
    found = [made.text[slice(*span)] for span in selection_ranges(made, offset)]
    assert found == [*expected, text]


def test_a_selection_grows_from_a_version_to_the_file() -> None:
    check_selection(
        'name: a\ndependencies:\n  - b\n  - "numpy >=1.2$00,<2"\n',
        "1.20",
        ">=1.20,<2",
        "numpy >=1.20,<2",
        '"numpy >=1.20,<2"',
        '- "numpy >=1.20,<2"',
        '- b\n  - "numpy >=1.20,<2"',
        'dependencies:\n  - b\n  - "numpy >=1.20,<2"',
        'name: a\ndependencies:\n  - b\n  - "numpy >=1.20,<2"',
    )


def test_a_selection_grows_from_a_comment_to_its_line() -> None:
    check_selection("name: a\n  # wh$0y\n", "# why", "  # why")


# -- highlights -----------------------------------------------------------------------------------------------


def check_highlights(text: str, *expected: tuple[int, str]) -> None:
    """`expected` are lines from 1 with the word that is lit there."""
    text, offset = at_cursor(text)
    made = read(ROOT / "environment.yml", text)
    found = [(made.lines.place(span.start)[0] + 1, text[slice(*span)]) for span in highlights(made, offset)]
    assert found == [*expected]


def test_one_package_is_lit_in_both_lists_under_both_its_names() -> None:
    text = "dependencies:\n  - pytorch=2\n  - numpy\n  - pip:\n    - tor$0ch==2\n    - pytorch-lightning\n"
    check_highlights(text, (2, "pytorch"), (5, "torch"))
    check_highlights(text.replace("tor$0ch", "torch").replace("- py", "- $0py", 1), (2, "pytorch"), (5, "torch"))


def test_python_is_lit_where_markers_ask_for_it() -> None:
    text = "dependencies:\n  - $0python=3.11\n  - pip:\n    - a; python_version < '3.12' and os_name == 'nt'\n"
    check_highlights(text, (2, "python"), (4, "python_version"))


def test_a_channel_is_lit_in_its_list_and_in_specs() -> None:
    text = "channels:\n  - https://conda.example.com/conda-forge\n  - other\ndependencies:\n  - conda-f$0orge/linux-64::a\n  - b[channel=conda-forge]\n"
    check_highlights(
        text, (2, "https://conda.example.com/conda-forge"), (5, "conda-forge/linux-64"), (6, "conda-forge")
    )


def test_elsewhere_nothing_is_lit() -> None:
    check_highlights("na$0me: a\ndependencies:\n  - a\n")
    check_highlights("dependencies:\n  - a=1.$02\n")


# -- colours --------------------------------------------------------------------------------------------------


def check_colours(text: str, expected: str) -> None:
    """`expected` are the coloured words with their types, `word/type`."""
    made = document(text)
    found = [f"{made.text[one.start : one.start + one.length]}/{TYPES[one.kind]}" for one in semantic_tokens(made)]
    assert found == expected.split()


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("a", "a/class"),
        ("a >=1.2,<2", "a/class >=/operator 1.2/number ,/operator </operator 2/number"),
        ("a=1.2=py_0", "a/class =/operator 1.2/number =/operator py_0/enumMember"),
        ("c::a=1.*", "c/namespace ::/operator a/class =/operator 1.*/number"),
        (
            "'a[version=\">=1,<2\"]'",
            "a/class version/property =/operator >=/operator 1/number ,/operator </operator 2/number",
        ),
        ("pip: [x==1]", "x/class ==/operator 1/number"),
        (
            "pip: ['x[y] ; os_name == \"nt\"']",
            'x/class y/parameter ;/operator os_name/variable ==/operator "nt"/string',
        ),
        ("pip: [-r a.txt]", "-r/macro a.txt/string"),
        ("pip: ['x @ https://example.com/x.zip']", "x/class @/operator https://example.com/x.zip/string"),
        ('"a\\x3d1"', "a/class \\x3d/operator 1/number"),
        ("N\N{ROCKET}", "N\N{ROCKET}/class"),
    ],
)
def test_each_part_of_an_item_has_its_colour(item: str, expected: str) -> None:
    check_colours(f"dependencies:\n  - {item}\n", expected)


def test_channels_are_coloured_and_what_an_alias_repeats_once() -> None:
    check_colours("channels: &c [a]\ndependencies: *c\n", "a/namespace")


def test_the_legend_has_each_colour() -> None:
    assert set(LEGEND.token_types) == set(TYPES.values())


def test_the_colours_of_a_part_are_those_of_the_whole_there() -> None:
    made = document(CONDA)
    start = made.text.index("torch")
    assert semantic_tokens(made, Span(start, start + 1)) == [
        one for one in semantic_tokens(made) if made.lines.place(one.start)[0] == made.lines.place(start)[0]
    ]


# -- names ----------------------------------------------------------------------------------------------------


def check_rename(text: str, new: str, expected: str) -> None:
    text, offset = at_cursor(text)
    made = read(ROOT / "environment.yml", text)
    assert not package_names.why_not(made, offset, new)
    changes = package_names.rename(made, offset, new)
    assert changes
    assert apply(text, changes.edits[made.path]) == expected


def test_a_package_is_renamed_wherever_it_has_that_name() -> None:
    check_rename(
        "dependencies:\n  - nu$0mpy=1\n  - x::numpy\n  - numpydoc\n  - pip:\n    - 'NumPy[a]==1'  # numpy\n",
        "numba",
        "dependencies:\n  - numba=1\n  - x::numba\n  - numpydoc\n  - pip:\n    - 'numba[a]==1'  # numpy\n",
    )


def test_the_name_in_the_other_index_stays() -> None:
    check_rename(
        "dependencies:\n  - pytorch$0\n  - pip:\n    - torch\n",
        "jax",
        "dependencies:\n  - jax\n  - pip:\n    - torch\n",
    )


def test_a_name_that_yaml_misreads_is_quoted() -> None:
    check_rename("dependencies:\n  - numpy$0\n", "null", "dependencies:\n  - 'null'\n")


@pytest.mark.parametrize(
    ("text", "new", "reason"),
    [
        ("dependencies:\n  - a$0\n", "a b", "conda package"),
        ("dependencies:\n  - a$0\n", "", "conda package"),
        ("dependencies:\n  - a$0\n", "a=1", "conda package"),
        ("dependencies:\n  - a$0\n", "a*", "conda package"),
        ("dependencies:\n  - pip:\n    - a$0\n", "a[b]", "pip"),
        ("dependencies:\n  - a\n  - pip:\n    - a$0\n", "_a", "pip"),
    ],
)
def test_what_is_no_name_is_refused_with_a_reason(text: str, new: str, reason: str) -> None:
    text, offset = at_cursor(text)
    assert reason in package_names.why_not(read(ROOT / "environment.yml", text), offset, new)


@pytest.mark.parametrize(
    "text", ["dependencies:\n  - a=1.$02\n", "depend$0encies:\n  - a\n", "dependencies:\n  - a$0*\n"]
)
def test_what_is_no_name_of_a_package_is_not_renamed(text: str) -> None:
    text, offset = at_cursor(text)
    assert package_names.name_at(read(ROOT / "environment.yml", text), offset) is None


# -- links ----------------------------------------------------------------------------------------------------


def test_channels_repositories_and_packages_lead_to_their_pages() -> None:
    made = document(
        """
        channels:
          - conda-forge
          - https://repo.prefix.dev/mine
          - nodefaults
          - https://user:secret@conda.example.com/mine
        dependencies:
          - numpy=1
          - pip:
            - git+https://example.com/a/b.git@v1#egg=b
            - requests
        """
    )
    found = {made.text[slice(*one.span)]: one.target for one in links(made, Facts(), packages=True)}
    assert found == {
        "conda-forge": "https://anaconda.org/conda-forge",
        "https://repo.prefix.dev/mine": "https://prefix.dev/channels/mine",
        "https://example.com/a/b.git@v1#egg=b": "https://example.com/a/b",
        "numpy": None,
        "requests": None,
    }
    assert not [one for one in links(made, Facts()) if one.target is None]


def test_the_page_of_a_package_is_what_its_index_tells() -> None:
    made = document("dependencies:\n  - pip:\n    - requests\n")
    told = (
        ("Source", "https://example.com/code"),
        ("Homepage", "https://example.com/home"),
        ("PyPI", "https://u:p@example.com/"),
    )
    world = online()
    world.packages[PipPackage("requests", AnyIndex())] = Known(Package("requests", (), links=told))
    offset = made.text.index("requests")
    assert page_of(made, offset, world.facts()) == "https://example.com/home"
    assert page_of(made, offset, Facts()) is None


def test_the_page_of_a_conda_package_is_that_of_the_channel_that_has_it() -> None:
    made = document(
        "channels: [conda-forge, nodefaults]\nplatforms: [linux-64]\ndependencies:\n  - python=3.11\n  - mine::numpy\n"
    )
    world = online()
    for channel, name in (("conda-forge", "python"), ("mine", "numpy")):
        told = (("Homepage", "https://example.com/"), ("anaconda.org", f"https://anaconda.org/{channel}/{name}"))
        item = next(one for one in made.mentions if isinstance(one, Dependency) and one.spec.name == name)
        (question,) = conda_packages(item, Facts())
        world.packages[question] = Known(Package(name, (), links=told))
        assert page_of(made, made.text.index(name), world.facts()) == f"https://anaconda.org/{channel}/{name}"


# -- what can be switched off ---------------------------------------------------------------------------------


def test_hints_and_lenses_can_be_switched_off_one_by_one() -> None:
    world = World(
        {
            ROOT / "environment.yml": "name: demo\ndependencies:\n  - numpy\n",
            ROOT / "docker_env.yml": "name: docker\ndependencies:\n  - numpy\n",
            ROOT / "aml_config/docker.compute": "type: localdocker\nbaseDockerImage: mml:1\n",
            ROOT
            / "aml_config/docker.runconfig": "Target: docker\nCondaDependenciesFile: docker_env.yml\nTrackedRun: true\n",
        },
        installed={"numpy": "1.26.4"},
        locked={"numpy": "1.26.3"},
    )
    here, conda, run = (
        world.document(ROOT / name) for name in ("environment.yml", "docker_env.yml", "aml_config/docker.runconfig")
    )

    def hints(*, installed: bool, locked: bool) -> list[str]:
        everything = Span(0, len(here.text))
        found = inlay_hints(here, everything, world.facts(), installed=installed, locked=locked)
        return [one.label for one in found]

    assert hints(installed=True, locked=True) == ["1.26.4 installed · locked 1.26.3"]
    assert hints(installed=True, locked=False) == ["1.26.4 installed"]
    assert hints(installed=False, locked=True) == ["locked 1.26.3"]
    assert lenses(conda, world.facts(), runs=False)
    assert lenses(run, world.facts(), used_by=False)
    assert not lenses(conda, world.facts(), used_by=False)
    assert not lenses(run, world.facts(), runs=False)


# -- formatting -----------------------------------------------------------------------------------------------


def check_formatted(text: str, expected: str, indent: int = 2) -> None:
    made = document(text)
    new = apply(made.text, formatting(made, indent))
    assert new == dedent(expected).removeprefix("\n")
    assert not formatting(made.with_text(new), indent)


def test_indentation_blanks_and_quotes_are_put_in_order_and_comments_stay() -> None:
    check_formatted(
        """
        # first
        name :   demo  # why
        channels:
           # the best
           -   conda-forge
           - "defaults"
        dependencies:
            - 'python  >= 3.11, <4'   # keep
            - pip:
                # - off
                - requests [a, b] >= 2 , < 3 ;os_name=='nt'
           # between
            - "numpy[version='>=1']"
        #    - off
        variables:
              KEY: 'no'
              TEXT: |
                  two  lines

                    deeper
              MORE: "one
                two"


        """,
        """
        # first
        name: demo  # why
        channels:
          # the best
          - conda-forge
          - defaults
        dependencies:
          - python >=3.11,<4   # keep
          - pip:
              # - off
              - requests[a,b]>=2,<3; os_name=='nt'
          # between
          - numpy[version='>=1']
        #    - off
        variables:
          KEY: 'no'
          TEXT: |
              two  lines

                deeper
          MORE: "one
            two"
        """,
    )


def test_lists_stand_as_deep_below_their_key_as_the_first_one_does() -> None:
    check_formatted(
        "channels:\n- a\ndependencies:\n  - b\n  - pip:\n    - c\n",
        "channels:\n- a\ndependencies:\n- b\n- pip:\n  - c\n",
    )
    check_formatted("channels:\n - a\ndependencies:\n- b\n", "channels:\n    - a\ndependencies:\n    - b\n", 4)


@pytest.mark.parametrize(
    "text",
    [
        "name: a\ndependencies:\n   - b: [\n",  # no YAML
        "name: a\ndependencies:\n   - {{ b }}\n   - c\n",  # a template
        "name:   a\ndependencies:\n- b\n---\nname:   c\n",  # a second document
        "other:   a\n",  # none of ours
        "",
    ],
)
def test_what_cannot_be_formatted_without_a_doubt_is_left_alone(text: str) -> None:
    assert not formatting(read(ROOT / "environment.yml", text))


def test_line_ends_stay() -> None:
    made = read(ROOT / "environment.yml", "name:  a \r\ndependencies:\r\n   - b\r\n\r\n\r\n")
    assert apply(made.text, formatting(made)) == "name: a\r\ndependencies:\r\n  - b\r\n"


def test_only_the_lines_of_a_selection_are_formatted() -> None:
    text, offset = at_cursor("name:  a\ndependencies:\n  -  b\n  - $0 c\n")
    made = read(ROOT / "environment.yml", text)
    new = apply(text, formatting(made, span=Span(offset, offset)))
    assert new == "name:  a\ndependencies:\n  -  b\n  - c\n"


def test_a_text_keeps_the_blanks_that_belong_to_it() -> None:
    check_formatted(
        "dependencies: [a]\nvariables:\n  A: |+\n    one  \n\n\n",
        "dependencies: [a]\nvariables:\n  A: |+\n    one  \n\n\n",
    )
