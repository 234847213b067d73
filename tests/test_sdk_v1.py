"""SDK v1 between files and under the cursor: where paths lead, what is offered, what is said of packages in the file."""

from __future__ import annotations

from pathlib import PurePath, PurePosixPath

import pytest
from toy import ROOT, World, at_cursor, online

from envls import target
from envls.assist.completion import complete
from envls.assist.hover import hover
from envls.check import check, fixed
from envls.document import Format, read
from envls.formats.azureml import v1, v1_keys
from envls.formats.keys import find
from envls.runs import told, uses_of
from envls.text import apply

CONDA = "channels: [conda-forge]\ndependencies: [python=3.11, pip]\n"
RUN = "script: train.py\nenvironment:\n  python:\n    condaDependenciesFile: {}\n"


def world(run: str = ".azureml/train", written: str = "conda.yml", *there: str) -> World:
    return World({ROOT / run: RUN.format(written), **{ROOT / name: CONDA for name in there}})


def said(world: World, name: str, code: str) -> list[str]:
    found = check(world.document(ROOT / name), world.facts())
    return [one.finding.message for one in found if one.rule.code == code]


@pytest.mark.parametrize(
    ("run", "written", "there"),
    [
        (".azureml/train", ".azureml/conda.yml", ".azureml/conda.yml"),
        (".azureml/train", "conda.yml", ".azureml/conda.yml"),
        (".azureml/train.runconfig", "envs/conda.yml", "envs/conda.yml"),
        ("conf/train.runconfig", "conf/conda.yml", "conf/conda.yml"),
        ("train.runconfig", "./conda.yml", "conda.yml"),
        ("ml/run/.azureml/train", "conf/conda.yml", "conf/conda.yml"),
    ],
)
def test_a_conda_file_is_found_by_both_conventions(run: str, written: str, there: str) -> None:
    around = world(run, written, there)
    assert not said(around, run, "AML401")
    uses = uses_of(ROOT / there, "", around.facts())
    assert uses
    assert [(use.by, use.managed) for use in uses] == [(ROOT / run, True)]
    assert target.is_managed(around.document(ROOT / there), around.facts())


def test_keys_are_offered_in_any_case_and_once() -> None:
    text, offset = at_cursor("script: a\nnode_count: 2\nmax_run$0\nenvironment: {}\n")
    around = World({ROOT / ".azureml/train": text})
    (item,) = complete(around.document(ROOT / ".azureml/train"), offset, around.facts()).items
    assert (item.label, item.filter) == ("maxRunDurationSeconds", "max_run")


def test_a_missing_conda_file_has_a_fix_for_each_convention() -> None:
    around = world(".azureml/train", "nowhere.yml", ".azureml/conda.yml")
    (found,) = (
        one for one in check(around.document(ROOT / ".azureml/train"), around.facts()) if one.rule.code == "AML401"
    )
    assert [fix.title for fix in found.finding.fixes[:2]] == ["Point to `.azureml/conda.yml`", "Point to `conda.yml`"]


def test_the_nearer_of_two_conda_files_is_the_one_that_is_used() -> None:
    around = world(".azureml/train", "conda.yml", "conda.yml", ".azureml/conda.yml")
    assert uses_of(ROOT / "conda.yml", "", around.facts())
    assert uses_of(ROOT / ".azureml/conda.yml", "", around.facts()) == []


def test_a_file_of_any_name_is_what_a_run_configuration_says() -> None:
    around = World(
        {
            ROOT / ".azureml/train": "script: a.py\nenvironment: section.yml\n",
            ROOT / ".azureml/section.yml": "name: mine\n",
            ROOT / ".azureml/other": RUN.format("wanted.yml"),
            ROOT / ".azureml/wanted.yml": "",
        }
    )
    assert told(ROOT / ".azureml/section.yml", around.facts()) is Format.V1_ENVIRONMENT
    assert told(ROOT / ".azureml/wanted.yml", around.facts()) is Format.ENVIRONMENT


def test_who_manages_packages_alone_has_none_made_elsewhere() -> None:
    around = world(".azureml/train", "conda.yml\n    userManagedDependencies: true", ".azureml/conda.yml")
    uses = uses_of(ROOT / ".azureml/conda.yml", "", around.facts()) or []
    assert [use.managed for use in uses] == [False]


def test_packages_in_the_run_configuration_are_judged_for_linux() -> None:
    text = (
        "script: a.py\nenvironment:\n  python:\n    condaDependencies:\n      channels: [conda-forge]\n"
        "      dependencies:\n        - nunpy\n        - numpy=>1.2\n"
    )
    around = online()
    around.conda["nunpy"] = None
    document = read(ROOT / "train.runconfig", text)
    codes = {one.rule.code for one in check(document, around.facts())}
    assert {"ENV302", "ENV501"} <= codes
    assert target.is_managed(document, around.facts())


def test_what_is_given_up_moves_to_where_it_is_read() -> None:
    text = (
        "script: a.py\ndocker:\n    arguments: []\nenvironment:\n    docker:\n        baseImage: a:1\n"
        "        enabled: true\n        shmSize: 4g\n    environmentVariables:\n        A: b\n        C: d\n"
        "    python:\n        userManagedDependencies: true\nhistory: {}\n"
    )
    document = read(ROOT / "train.runconfig", text)
    mended = fixed(document, World().facts(), wanted=lambda one, _: one.rule.code == "AML211")
    assert mended.text == (
        "script: a.py\ndocker:\n    arguments: []\n    useDocker: true\n    shmSize: 4g\nenvironment:\n    docker:\n"
        "        baseImage: a:1\n    python:\n        userManagedDependencies: true\nhistory: {}\n"
        "environmentVariables:\n    A: b\n    C: d\n"
    )


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("environment:\n    python:\nscript: a\n", "environment:\n    python:\n        {}: true\nscript: a\n"),
        (
            "environment:\n  docker:\n    baseImage: a:1",
            "environment:\n  docker:\n    baseImage: a:1\n  python:\n    {}: true",
        ),
        ("environment:\n  python:\n    {}: false\n", "environment:\n  python:\n    {}: true\n"),
        ("environment:\n  python:\n    {}:\n", "environment:\n  python:\n    {}: true\n"),
        ('{"environment": {"python": {"x": 1}}}', '{"environment": {"python": {"x": 1, "{}": true}}}'),
        ('{"environment": {"docker": {}}}', '{"environment": {"docker": {}, "python": {"{}": true}}}'),
        ('{"environment": {"python": {}}}', '{"environment": {"python": {{}: true}}}'),
    ],
)
def test_a_key_is_set_in_the_style_of_the_file(text: str, mended: str) -> None:
    def with_key(text: str) -> str:
        return text.replace("{}:", "userManagedDependencies:").replace('"{}":', '"userManagedDependencies":')

    document = read(ROOT / "train.runconfig", with_key(text))
    done = fixed(document, World().facts(), wanted=lambda one, _: one.rule.code == "AML215")
    assert done.text == with_key(mended)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("script: a.py\nenviron$0", ["environment", "environmentVariables"]),
        ("environment:\n  python:\n    userM$0", ["userManagedDependencies"]),
        ("Environment:\n  Python:\n    user_managed_dependencies: $0", ["true", "false"]),
        ("environment:\n  docker:\n    en$0", []),
        ("environment:\n  python:\n    condaDependencies:\n      dependencies:\n        - nump$0", ["numpy"]),
        ("environment:\n  python:\n    condaDependencies:\n      channels:\n        - conda-f$0", ["conda-forge"]),
        ("environment:\n  python:\n    conda_dependencies:\n      dependencies:\n        - numpy=2$0", ["2", "2.1.0"]),
        ("framework: Py$0", ["Python", "PySpark", "PyTorch"]),
        ("data:\n  mine:\n    mech$0", ["mechanism"]),
        ("dataReferences:\n  mine:\n    mode: $0", ["mount", "download", "upload"]),
        ("environment:\n  python:\n    condaDependenciesFile: $0", ["conda.yml"]),
        ('{"environment": {"docker": {"base$0"}}}', ["baseImage", "baseDockerfile", "baseImageRegistry"]),
    ],
)
def test_completion(text: str, labels: list[str]) -> None:
    plain, offset = at_cursor(text)
    around = online(**{".azureml/conda.yml": CONDA})
    offered = complete(read(ROOT / ".azureml/train", plain), offset, around.facts()).items
    assert [item.label for item in offered][: len(labels)] == labels
    assert labels or not offered


def test_completion_writes_what_is_offered() -> None:
    plain, offset = at_cursor("environment:\n  python:\n    condaDependenciesFile: c$0\n")
    around = World({ROOT / ".azureml/conda.yml": CONDA})
    (item,) = complete(read(ROOT / ".azureml/train", plain), offset, around.facts()).items
    assert apply(plain, [item.edit]) == "environment:\n  python:\n    condaDependenciesFile: conda.yml\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("enviro$0nment: {}", "**environment**: The environment of the run"),
        ("environment:\n  docker:\n    ena$0bled: true", "Given up: write `docker.useDocker` instead."),
        ("framework: Pyth$0on\nscript: a", "Without it: `Python`."),
        ("environment:\n  python:\n    inter$0preter_path: python", "only where `userManagedDependencies` is true"),
        ("applicationEndpoints:\n  mine:\n    type: SS$0H", "**type**: Which service."),
        ("environment:\n  python:\n    conda$0DependenciesFile: conda.yml", "The conda environment file"),
    ],
)
def test_hover(text: str, line: str) -> None:
    plain, offset = at_cursor(text)
    shown = hover(read(ROOT / ".azureml/train", plain), offset, World().facts())
    assert shown
    assert line in shown.markdown


@pytest.mark.parametrize("written", ["node_count", "NodeCount", "nodeCount", "Node_Count", "node_Count"])
def test_keys_are_spelt_as_the_sdk_spells_them(written: str) -> None:
    assert find(v1_keys.RUN_KEYS, written, v1.camel) is find(v1_keys.RUN_KEYS, "nodeCount")


@pytest.mark.parametrize(
    "text", ["", "{", "script:", "environment: [", "- a", "environment:\n  - python", "a: &a [*a]"]
)
def test_nothing_fails_on_what_is_begun(text: str) -> None:
    for name in (".azureml/train", "train.runconfig", "azureml_environment.json"):
        document = read(PurePosixPath("/project") / name, text)
        check(document, World().facts())
        for offset in range(len(text) + 1):
            complete(document, offset, World().facts())
            hover(document, offset, World().facts())


@pytest.mark.parametrize("beside", [True, False])
def test_a_saved_environment_reads_the_conda_file_beside_it(beside: bool) -> None:
    saved = ROOT / "saved/azureml_environment.json"
    text = '{"name": "x", "python": {"condaDependenciesFile": null}, "docker": {"baseImage": "a:1"}}'
    files: dict[PurePath, str] = {saved: text}
    if beside:
        files[saved.with_name("conda_dependencies.yml")] = "dependencies: [python=3.10]\n"
    there = World(files)
    codes = [one.rule.code for one in check(there.document(saved), there.facts())]
    assert ("AML215" in codes) is not beside
