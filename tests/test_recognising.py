"""Which files are conda environment files: by name and by content, and none of their look-alikes."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from toy import World

from envls.check import check
from envls.document import Format, known_name, read

ONE = "name: demo\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.12\n"
LOOK_ALIKES = {
    "model/python_env.yaml": "python: 3.9.1\nbuild_dependencies:\n- pip==23\ndependencies:\n- -r requirements.txt\n",
    "conda-lock.yml": "version: 1\nmetadata:\n  channels: []\npackage:\n- name: numpy\n  manager: conda\n",
    "anaconda-project.yml": "name: demo\npackages:\n- python\nchannels: []\nenv_specs:\n  default: {}\n",
    "recipe/meta.yaml": "package:\n  name: demo\nrequirements:\n  run:\n  - python\n",
    "recipe.yaml": "package:\n  name: demo\nsource: {}\nrequirements:\n  run:\n  - python\n",
    "chart/Chart.yaml": "apiVersion: v2\nname: demo\ndependencies:\n- name: postgresql\n  version: 1.2.3\n",
    "chart/values.yaml": "name: demo\nimage:\n  tag: x\nenv: []\n",
    "playbook.yml": "- hosts: all\n  tasks:\n  - debug: {}\n",
    "envs/playbook.yml": "- name: a\n  hosts: all\n  tasks: []\n",
    "galaxy.yml": "namespace: a\nname: b\ndependencies: {}\n",
    "requirements.yml": "collections:\n- name: community.general\n",
    "meta/main.yml": "galaxy_info:\n  author: a\ndependencies:\n- role: x\n",
    "compose.yaml": "name: demo\nservices:\n  web:\n    image: x\n",
    "docker-compose.env.yml": "services:\n  web:\n    environment: [A=1]\n",
    ".github/workflows/conda.yml": "name: CI\non: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest\n",
    "mkdocs.yml": "site_name: demo\nnav: []\n",
    ".pre-commit-config.yaml": "repos:\n- repo: x\n  hooks: []\n",
    "conda_build_config.yaml": "python:\n- 3.12\nnumpy:\n- 2.0\n",
    "envs/deployment.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: demo\n",
    "envs/openapi.yaml": "openapi: 3.0.0\ninfo:\n  title: demo\npaths: {}\n",
    "locales/environment.yml": "en:\n  title: Environment\n  description: What is around us\n",
    "src/i18n/environment.yaml": "title: Environment\nbuttons:\n  save: Save\n",
    "environment.yml": "production: false\napiUrl: http://localhost\n",
    "envs/dev.yaml": "database:\n  host: localhost\nreplicas: 2\n",
    "_config.yml": "title: demo\ntheme: x\n",
}
OURS = (
    *("environment.yml", "environment.yaml", "conda_dependencies.yml", "aml_config/conda_dependencies.yml"),
    *(
        "my-conda.yml",
        "conda-env.yaml",
        "train_conda_dependencies.yml",
        "conda-envs/test.yaml",
        "binder/environment.yml",
    ),
    *(".binder/environment.yml", "envs/gpu.yml", "environment-dev.yml", "ENVIRONMENT.YML", "dev-environment.yaml"),
)


def test_lock_files_are_not_even_read() -> None:
    for name in ("conda-lock.yml", "environment.conda-lock.yml", "envs/gpu.conda-lock.yaml", "pixi.lock"):
        assert not known_name(PurePosixPath("/project", name)), name
    assert known_name(PurePosixPath("/project/conda-lock-env.yml")), "the environment of the tool itself"


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_look_alikes_are_left_alone(name: str) -> None:
    document = read(PurePosixPath("/project", name), LOOK_ALIKES[name])
    assert document.format is Format.FOREIGN
    assert check(document, World().facts()) == []


@pytest.mark.parametrize("name", OURS)
def test_names_and_folders(name: str) -> None:
    path = PurePosixPath("/project", name)
    assert known_name(path)
    assert read(path, ONE).format is Format.ENVIRONMENT


@pytest.mark.parametrize(
    "text", ["", "\n", "\ufeff", "# a comment\n", "na", "name", "name:", "dep", "- numpy\n", "---\n"]
)
def test_an_exact_name_is_enough_for_a_file_that_is_being_begun(text: str) -> None:
    assert read(PurePosixPath("/project/environment.yml"), text).format is Format.ENVIRONMENT


@pytest.mark.parametrize("text", ["", "# a comment\n", "a: 1\n", "name: x\n"])
def test_a_pattern_needs_evidence(text: str) -> None:
    assert read(PurePosixPath("/project/my-conda.yml"), text).format is Format.FOREIGN
    assert read(PurePosixPath("/project/envs/gpu.yml"), text).format is Format.FOREIGN


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + ONE,
        ONE.rstrip("\n"),
        ONE.replace("\n", "\r\n"),
        ONE.replace("\n", "\r"),
        "---\n" + ONE,
        "%YAML 1.2\n---\n" + ONE,
        "# why\n\n" + ONE + "...\n",
    ],
    ids=["mark", "no last line end", "crlf", "cr", "document", "directive", "end"],
)
def test_every_way_to_write_it_is_read_alike(text: str) -> None:
    document = read(PurePosixPath("/project/environment.yml"), text)
    assert not document.tree.problems
    content = document.content
    assert content is not None
    assert [document.text[slice(*one.span)] for one in content.dependencies] == ["python=3.12"]  # type: ignore[union-attr]


def test_only_the_first_of_two_documents_is_read_and_the_other_is_told() -> None:
    document = read(PurePosixPath("/project/environment.yml"), ONE + "---\n" + ONE)
    assert len(document.tree.problems) == 1
    assert document.tree.problems[0].span.start == len(ONE)


def test_tabs_are_told_and_read() -> None:
    document = read(PurePosixPath("/project/environment.yml"), ONE.replace("  -", "\t-"))
    assert len(document.tree.problems) == 2
    assert [one.span for one in document.content.dependencies] != []  # type: ignore[union-attr]
