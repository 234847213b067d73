"""Which files are conda environment files: by name and by content, and none of their look-alikes."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from corpus import texts
from toy import World

from envls import document
from envls.check import check
from envls.check.quiet import NOT_KNOWN_OF_TEMPLATES
from envls.document import Format, known_name, read
from envls.rules import rules

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
    "package.yaml": "name: demo\nversion: 0.1\ndependencies:\n- base >= 4.7 && < 5\n- text\n",
    "roles/web/meta/main.yml": "dependencies:\n- common\n- nginx\n",
    "demo.info.yml": "name: demo\ntype: module\ndependencies:\n- drupal:views\n",
    "conda-forge.yml": "provider:\n  linux_aarch64: azure\nchannels:\n  sources: [conda-forge]\n",
    "condarc.yml": "channels:\n- conda-forge\nchannel_priority: strict\n",
    "conda/meta.yaml": "{% set version = '1' %}\npackage:\n  name: x\nrequirements:\n  run: [python]\n",
    "environment.devenv.yml": "name: x\nincludes:\n- a.yml\ndependencies:\n- python\nenvironment:\n  A: 1\n",
    "k8s/env.yml": "- name: A\n  value: b\n- name: C\n  value: d\n",
    "serverless/env.yml": "dev:\n  TABLE: a\nprod:\n  TABLE: b\n",
}
PLAINLY_ELSE = {
    "ansible": "- hosts: all\n  tasks:\n  - debug: {}\n",
    "variables of a container": "- name: A\n  value: b\n",
    "helm": "apiVersion: v2\nname: demo\ndependencies:\n- name: postgresql\n",
    "compose": "name: demo\nservices:\n  web: {}\n",
    "lock": "version: 1\nmetadata: {}\npackage:\n- name: numpy\n",
    "python_env": "python: 3.9.1\nbuild_dependencies: [pip]\ndependencies: [-r requirements.txt]\n",
    "recipe": "package:\n  name: demo\nrequirements: {}\n",
    "project": "name: demo\npackages: [python]\nenv_specs: {}\n",
    "settings": "production: false\nfeatures: [a, b]\nurl: http://localhost\n",
    "account": "name: production\nregion: eu\naccount: 1\n",
    "translation": "en:\n  title: Environment\n",
    "workflow": "name: CI\non: [push]\njobs: {}\n",
}
"""What is somebody else's whatever the file is called."""
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


@pytest.mark.parametrize("kind", PLAINLY_ELSE)
def test_no_name_and_no_pointer_makes_a_look_alike_ours(kind: str) -> None:
    for name in ("environment.yml", "conda_dependencies.yml", "my-conda.yml", "envs/x.yml", "deps/x.yml"):
        path = PurePosixPath("/project", name)
        assert read(path, PLAINLY_ELSE[kind]).format is Format.FOREIGN
        assert read(path, PLAINLY_ELSE[kind], Format.ENVIRONMENT).format is Format.FOREIGN


@pytest.mark.parametrize("name", OURS)
def test_names_and_folders(name: str) -> None:
    path = PurePosixPath("/project", name)
    assert known_name(path)
    assert read(path, ONE).format is Format.ENVIRONMENT


@pytest.mark.parametrize(
    "text",
    [
        *("", "\n", "\ufeff", "# a comment\n", "na", "name", "name:", "dep", "- numpy\n", "---\n", "- pip:\n  - x\n"),
        *(
            "dependencies:\n",
            "dependancies:\n- numpy\n",
            "libs:\n- numpy\n",
            "name: x\nversion: 1\n",
            "x:\n",
            "channels: a\n",
        ),
    ],
)
def test_an_exact_name_or_a_pointer_is_enough_for_a_file_that_is_being_begun(text: str) -> None:
    assert read(PurePosixPath("/project/environment.yml"), text).format is Format.ENVIRONMENT
    odd = PurePosixPath("/project/deps/train_reqs.yml")
    assert read(odd, text).format is Format.FOREIGN
    told = read(odd, text).as_told(Format.ENVIRONMENT)
    assert told.format is Format.ENVIRONMENT
    assert told.with_text(ONE).format is Format.ENVIRONMENT
    assert told.as_told(None).format is Format.FOREIGN
    assert read(odd, text, Format.SPARK).format is Format.SPARK


@pytest.mark.parametrize("text", ["", "# a comment\n", "a: 1\n", "name: x\n"])
def test_a_pattern_needs_evidence(text: str) -> None:
    assert read(PurePosixPath("/project/my-conda.yml"), text).format is Format.FOREIGN
    assert read(PurePosixPath("/project/envs/gpu.yml"), text).format is Format.FOREIGN


@pytest.mark.parametrize(
    "text", ["name: x\ndependencies:\n", "dependecies:\n- numpy\n", "channels: [a]\nname: x\n", "dependencies: [a]\n"]
)
@pytest.mark.parametrize("name", ["my-conda.yml", "envs/gpu.yml", "Conda-Envs/x.yaml", "binder/y.yml", ".binder/z.yml"])
def test_a_pattern_and_a_little_evidence(name: str, text: str) -> None:
    assert read(PurePosixPath("/project", name), text).format is Format.ENVIRONMENT


@pytest.mark.parametrize(
    ("text", "format_"),
    [
        (ONE, Format.ENVIRONMENT),
        ("name: x\ndependencies: [python]\n", Format.ENVIRONMENT),
        ("dependencies: [python, {pip: [x]}]\nother: 1\n", Format.ENVIRONMENT),
        ("channels: [a]\ndependencies: [python]\nother: 1\n", Format.ENVIRONMENT),
        ("dependencies: [python]\n", Format.FOREIGN),
        ("name: x\ndependencies: [python]\nother: 1\n", Format.FOREIGN),
        ("name: x\nchannels: [a]\n", Format.FOREIGN),
    ],
)
def test_a_name_that_says_nothing_needs_more(text: str, format_: Format) -> None:
    assert read(PurePosixPath("/project/train.yml"), text).format is format_


GLANCED = (
    *(ONE, *LOOK_ALIKES.values(), *PLAINLY_ELSE.values(), *texts()),
    *(ONE.replace("\n", "\r"), "\ufeff---\n# why\n" + ONE, ONE.replace("\n", "\n  ").join(("  ", ""))),
    *("command: a\nenvironment: b\n", "type: pipeline\njobs: {}\n", "image: a\ninference_config: {}\n"),
    '{"command": "a", "environment": "b", "services": {"x": {"type": "ssh"}}}',
    '{"script": "a", "environment": {"python": {"userManagedDependencies": true}}}',
    "---\nArgumentVector: [a]\nTrackedRun: true\n---\napiVersion: v1\n",
    "Script: a\nEnvironment:\n  Docker: {Base_image: x}\n",
)


def test_a_glance_sees_what_a_tree_would_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not read for want of any telling key is not ours when it is read."""
    glances = [read(PurePosixPath("/project/x.yml"), text).format for text in GLANCED]
    monkeypatch.setattr(document, "_is_suggestive", lambda _: True)
    assert [read(PurePosixPath("/project/x.yml"), text).format for text in GLANCED] == glances


def test_a_file_of_somebody_else_costs_a_glance() -> None:
    foreign = "# every environment\nservices:\n" + "  web:\n    environment: {A: b}\n" * 3
    for text in (foreign, "environment: production\nurl: x\n", "- dependencies: [a]\n", "a: |\n  dependencies: [b]\n"):
        assert read(PurePosixPath("/project/values.yml"), text).tree.root is None


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


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "demo", "channels": ["conda-forge"], "dependencies": ["python=3.12", {"pip": ["requests=2"]}]}',
        '{\n  "name": "demo",\n  "dependencies": [\n    "python=3.12",\n    {"pip": ["requests=2"]}\n  ]\n}\n',
    ],
)
def test_json_is_yaml_too(text: str) -> None:
    """Under the names that conda reads: of others, `environment.json` too, it says that it cannot detect the format."""
    for name in ("environment.yml", "conda.yaml", "train.yml"):
        file = read(PurePosixPath("/project", name), text)
        assert not file.tree.problems
        found = check(file, World().facts())
        assert [file.text[slice(*one.finding.span)] for one in found if one.rule.code == "ENV401"] == ["="]


def test_only_the_first_of_two_documents_is_read_and_the_other_is_told() -> None:
    document = read(PurePosixPath("/project/environment.yml"), ONE + "---\n" + ONE)
    assert len(document.tree.problems) == 1
    assert document.tree.problems[0].span.start == len(ONE)


def test_tabs_are_told_and_read() -> None:
    document = read(PurePosixPath("/project/environment.yml"), ONE.replace("  -", "\t-"))
    assert len(document.tree.problems) == 2
    assert [one.span for one in document.content.dependencies] != []  # type: ignore[union-attr]


# -- templates ------------------------------------------------------------------------------------------------

HEAD = "name: x\nchannels: [conda-forge]\ndependencies:\n  - python=3.11\n"
WRONG = "  - numpy >=1 <2\n"
TEMPLATES = {
    "a variable": ("{% set v = 1 %}\n" + HEAD + WRONG, ["ENV301"]),
    "an item": (HEAD + "  - {{ package }}\n  - scipy={{ v }}\n" + WRONG, ["ENV301"]),
    "a loop": (HEAD + "{%- for p in [\r\n  'a',\r\n] %}\n  - {{ p }}\n{%- endfor %}\n" + WRONG, ["ENV301"]),
    "alternatives": (
        HEAD + "  {% if x %}\n  - numpy=1\n  {% else %}\n  - numpy=2\n  {% endif %}\n" + WRONG,
        ["ENV301"],
    ),
    "an alternative of keys": (HEAD + "{% if x %}\n" + HEAD + "{% endif %}\n", []),
    "a part of an item": (HEAD + "  - numpy{% if x %}=1{% endif %}\n" + WRONG, ["ENV301"]),
    "pip may be among what is filled in": (HEAD + "{{ more }}\n  - pip:\n    - requests=2\n", ["ENV401"]),
    "values": ("name: {{ n }}\nchannels: {{ c }}\ndependencies: {{ d }}\n", []),
    "blocks": (
        "name: x\nchannels:\n\n{{ c }}\ndependencies:\n# which\n{% for p in d %}\n  - {{ p }}\n{% endfor %}\n",
        [],
    ),
    "a key": ("{{ key }}: x\n" + HEAD + WRONG, ["ENV301"]),
    "nothing else": ("{% include 'x.yml' %}\n", []),
    "a comment of Jinja": (HEAD + "{# why #}\n" + WRONG, ["ENV301"]),
    "a statement in a comment": ("# {% if x %}\n" + HEAD + WRONG + "# {% endif %}\n", ["ENV301"]),
    "a name in a comment": (HEAD + "  # {{ package }}\n" + WRONG, None),
    "what GitHub fills in": (HEAD + WRONG + "variables:\n  A: ${{ secrets.A }}\n", None),
}


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_template_gets_one_hint_and_is_read_where_it_can_be(kind: str) -> None:
    text, codes = TEMPLATES[kind]
    file = read(PurePosixPath("/project/environment.yml"), text)
    assert file.format is Format.ENVIRONMENT
    found = [one.rule.code for one in check(file, World().facts()) if one.rule.code != "ENV304"]
    assert found.count("ENV102") == (codes is not None)
    assert [code for code in found if code != "ENV102"] == (["ENV301"] if codes is None else codes)


def test_what_is_not_said_of_templates_are_rules() -> None:
    assert {rule.name for rule in rules().values()} >= NOT_KNOWN_OF_TEMPLATES
