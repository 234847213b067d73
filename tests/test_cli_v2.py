"""Definitions of CLI v2: which kind a file is, what its loader refuses, and what helps to write one.

What azure-ai-ml itself says of thousands of such files is in `tests/differential`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from toy import ROOT, World, at_cursor

from envls.assist.completion import complete
from envls.assist.hover import hover
from envls.check import check, fixed
from envls.document import Format, read, telling_beginning
from envls.formats.azureml.v2 import KINDS, SCHEMA, Definition
from envls.world.disk import Listed

JOB = "command: python train.py\nenvironment: azureml:sklearn:1\n"
FILES = {
    "conda.yml": "dependencies:\n- python=3.11\n",
    "src/train.py": "",
    "docker/gpu.Dockerfile": "",
    "src/Dockerfile": "",
    "docker/README.md": "",
    "environments/env.yml": f"$schema: {SCHEMA.format('environment')}\nname: mine\nimage: image:1\n",
    "components/train.yml": f"$schema: {SCHEMA.format('commandComponent')}\nname: train\n{JOB}",
}


def world(text: str = "", name: str = "definition.yml") -> World:
    return World({ROOT / path: said for path, said in {**FILES, name: text}.items()})


def of_kind(kind: str, body: str) -> str:
    return f"$schema: {SCHEMA.format(kind)}\n{body}" if kind else body


def found(body: str, kind: str = "commandJob") -> list[str]:
    """Each finding of AML3 and AML401, with its line in the body."""
    there = world(of_kind(kind, body))
    document = there.document(ROOT / "definition.yml")
    said = check(document, there.facts())
    first = bool(kind)
    lines = (document.lines.place(one.finding.span.start)[0] + 1 - first for one in said)
    return [
        f"{line} {one.rule.code}"
        for line, one in zip(lines, said, strict=True)
        if one.rule.code[:4] in ("AML3", "AML4")
    ]


def mended(body: str, kind: str = "commandJob") -> str:
    there = world(of_kind(kind, body))
    text = fixed(there.document(ROOT / "definition.yml"), there.facts()).text
    return text.removeprefix(f"$schema: {SCHEMA.format(kind)}\n")


# -- which kind it is -----------------------------------------------------------------------------------------

TOLD = {
    "commandJob": JOB + "compute: azureml:cpu\n",
    "commandComponent": "name: a\n" + JOB + "inputs:\n  rate: {type: number}\n",
    "pipelineJob": "type: pipeline\njobs: {}\n",
    "sweepJob": "type: sweep\ntrial: {}\nenvironment: x\n",
    "sparkJob": "type: spark\nentry: {file: main.py}\n",
    "environment": "name: mine\nimage: image:1\nconda_file: conda.yml\n",
    "managedOnlineDeployment": "name: blue\nendpoint_name: mine\nmodel: azureml:m:1\n",
    "kubernetesOnlineDeployment": "name: blue\ntype: kubernetes\nendpoint_name: mine\nmodel: azureml:m:1\n",
    "batchDeployment": "name: blue\nendpoint_name: mine\nmodel: azureml:m:1\nmini_batch_size: 10\n",
}


@pytest.mark.parametrize("kind", TOLD)
def test_a_definition_without_a_schema_line_is_told_by_its_keys(kind: str) -> None:
    content = read(ROOT / "train.yml", TOLD[kind]).content
    assert isinstance(content, Definition)
    assert content.kind == kind


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_line_says_the_kind(kind: str) -> None:
    content = read(ROOT / "x.yml", of_kind(kind, "name: a\n")).content
    assert isinstance(content, Definition)
    assert content.kind == kind


BATCH = "name: blue\nendpoint_name: mine\n"
FORMS = {
    "flat": ("batchDeployment", "model: azureml:m:1\nmini_batch_size: 2\n", "batchDeployment"),
    "flat under the new line": ("modelBatchDeployment", "mini_batch_size: 2\n", "batchDeployment"),
    "settings of scoring": (
        "modelBatchDeployment",
        "type: model\nsettings: {mini_batch_size: 2}\n",
        "modelBatchDeployment",
    ),
    "settings under the old line": ("batchDeployment", "type: model\nsettings: {}\n", "modelBatchDeployment"),
    "settings of steps": (
        "batchDeployment",
        "type: pipeline\ncomponent: azureml:c:1\nsettings: {default_compute: c}\n",
        "pipelineComponentBatchDeployment",
    ),
    "nothing yet": ("modelBatchDeployment", "", "modelBatchDeployment"),
    "nothing yet of a pipeline": ("pipelineComponentBatchDeployment", "", "pipelineComponentBatchDeployment"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_batch_deployment_has_one_of_three_forms(form: str) -> None:
    told, body, kind = FORMS[form]
    content = read(ROOT / "x.yml", of_kind(told, BATCH + body)).content
    assert isinstance(content, Definition)
    assert content.kind == kind


@pytest.mark.parametrize("kind", ["managedOnlineDeployment", "batchDeployment", "modelBatchDeployment"])
def test_the_environment_of_a_deployment_may_have_a_name(kind: str) -> None:
    body = BATCH + "compute: azureml:c\ninstance_type: S\nenvironment: {name: mine, image: i:1}\n"
    assert not [line for line in found(body, kind) if line.endswith("AML320")]


@pytest.mark.parametrize("kind", ["autoMLJob", "data", "amlCompute", "nobodyKnows"])
def test_a_kind_without_a_table_is_left_alone(kind: str) -> None:
    assert found("name: a\nwhatever: 1\nenvironment: bare\ncompute: [\n", kind) == ["4 AML301"]
    assert found("name: 3\nwhatever: {a: 1}\nenvironment: bare\n", kind) == []


FOREIGN = (
    "name: ci\non: push\njobs:\n  a:\n    runs-on: x\n    environment: prod\n    steps: []\n",
    "services:\n  web:\n    image: nginx\n    environment: {A: b}\n    command: run\n",
    "apiVersion: v1\nkind: Pod\nimage: x\nname: y\nenvironment: z\ncommand: a\n",
)


@pytest.mark.parametrize("text", FOREIGN)
def test_a_look_alike_is_no_definition(text: str) -> None:
    assert read(ROOT / "env.yml", text).format is not Format.V2
    assert not telling_beginning(ROOT / "x.yml", text) or "apiVersion" in text


def test_a_job_is_listed_whatever_it_is_called(tmp_path: Path) -> None:
    for name, text in {
        "train.yml": JOB,
        "values.yml": "a: 1\n",
        "mine.yaml": of_kind("data", ""),
        "x.txt": JOB,
    }.items():
        (tmp_path / name).write_text(text, "utf-8")
    there = sorted(tmp_path.iterdir())
    assert [path.name for path in filter(Listed(), there)] == ["mine.yaml", "train.yml"]
    assert [path.name for path in filter(Listed(1), there)] == ["mine.yaml"], "only so many are looked at"


# -- what is found --------------------------------------------------------------------------------------------

FOUND = {
    "nothing": (JOB, []),
    "an unknown key": (JOB + "enviroment_variables: {}\n", ["3 AML303"]),
    "a key of another dialect": (JOB + "resourceConfiguration: {}\n", ["3 AML303"]),
    "nothing at a key": (JOB + "inputs:\n", ["3 AML305"]),
    "a number for a text": (JOB + "description: 2\n", ["3 AML305"]),
    "a text for a number": (JOB + "resources: {instance_count: two}\n", ["3 AML305"]),
    "a number in quotes": (JOB + "resources: {instance_count: '2'}\n", []),
    "a key of another kind of distribution": (JOB + "distribution:\n  type: ray\n  worker_count: 2\n", ["5 AML303"]),
    "other letters for a known word": (JOB + "distribution: {type: PyTorch}\nidentity: {type: userIdentity}\n", []),
    "a tag that is a number": (JOB + "tags: {a: 1}\n", ["3 AML305"]),
    "a bare path": ("command: a\nenvironment: ./environments/env.yml\n", ["2 AML308"]),
    "a folder that is not there": (JOB + "code: source\n", ["3 AML401"]),
    "a folder that is there": (JOB + "code: ./src\n", []),
    "an address for code": (JOB + "code: git+https://example.com/x\n", []),
    "a definition that is not there": ("command: a\nenvironment: file:environments/none.yml\n", ["2 AML401"]),
    "a definition that is there": ("command: a\nenvironment: file:environments/env.yml\n", []),
    "an environment written here": (
        "command: a\nenvironment:\n  image: i:1\n  name: 3\n  conda_file: none.yml\n",
        ["4 AML320", "5 AML401"],
    ),
    "a conda file written as an environment": ("command: a\nenvironment:\n  dependencies: [python]\n", ["3 AML310"]),
    "what is merged": ("base: &a {image: i:1}\ncommand: a\nenvironment:\n  <<: *a\n", ["1 AML303"]),
    "a template": ("command: a\nenvironment: {{ env }}\nunknown: 1\n", ["2 AML302"]),
    "what Azure ML fills in": ("command: a ${{inputs.x}}\nenvironment: azureml:x:1\n", []),
}


@pytest.mark.parametrize("what", FOUND)
def test_what_is_found_in_a_command_job(what: str) -> None:
    body, expected = FOUND[what]
    assert found(body) == expected


STEPS = {
    "a component": ("component: ./components/train.yml", []),
    "a component that is not there": ("component: ./components/trian.yml", ["4 AML401"]),
    "a component with a key that it may take": ("component: azureml:a:1\n    anything: 1", []),
    "a component with a misspelt key": ("component: azureml:a:1\n    inputz: {}", ["5 AML303"]),
    "a command with an unknown key": ("command: a\n    environment: azureml:a:1\n    inputz: {}", ["6 AML303"]),
    "what the pipeline fills in": ("component: azureml:a:1\n    limits: {timeout: '${{parent.inputs.a}}'}", []),
    "a kind that nobody knows": ("type: comand\n    command: a", ["4 AML305"]),
    "a kind that is left alone": ("type: automl\n    task: whatever\n    target: 3", []),
}


@pytest.mark.parametrize("what", STEPS)
def test_what_is_found_in_a_step(what: str) -> None:
    body, expected = STEPS[what]
    assert found(f"type: pipeline\njobs:\n  one:\n    {body}\n", "pipelineJob") == expected


def test_a_script_is_looked_for_in_the_folder_of_the_code() -> None:
    deployment = "name: a\nendpoint_name: b\ninstance_type: c\ncode_configuration:\n  code: src\n  scoring_script: {}\n"
    assert found(deployment.format("train.py"), "managedOnlineDeployment") == []
    assert found(deployment.format("score.py"), "managedOnlineDeployment") == ["6 AML401"]


def test_what_lost_its_indentation_is_one_finding_and_goes_back() -> None:
    body = "name: mine\nbuild:\npath: src\ndockerfile_path: Dockerfile\nos_type: linux\n"
    assert found(body, "environment") == ["3 AML303"]
    moved = "name: mine\nbuild:\n  path: src\n  dockerfile_path: Dockerfile\nos_type: linux\n"
    assert mended(body, "environment") == moved
    assert found(moved, "environment") == []


VERSIONS = {
    "1.10": "AML307",
    "1.0": "",
    "7": "",
    "'1.10'": "",
    "010": "AML307",
    "1_0": "AML307",
    "2024-01-31": "AML305",
}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_version_that_yaml_changes(version: str) -> None:
    body = f"name: mine\nversion: {version}\nimage: image:1\n"
    assert found(body, "environment") == ([f"2 {VERSIONS[version]}"] if VERSIONS[version] else [])


@pytest.mark.parametrize(("written", "better"), [("sklearn:1", "azureml:sklearn:1"), ("./env.yml", "file:./env.yml")])
def test_a_bare_reference_is_mended(written: str, better: str) -> None:
    assert mended(f"command: a\nenvironment: {written}\n") == f"command: a\nenvironment: {better}\n"


# -- what helps -----------------------------------------------------------------------------------------------


def offered(text: str) -> list[str]:
    text, offset = at_cursor(text)
    return [item.label for item in complete(read(ROOT / "definition.yml", text), offset, world(text).facts()).items]


OFFERED = {
    "keys of the kind": (of_kind("sparkJob", "entr$0\n"), ["entry"]),
    "keys of what stands in it": (
        of_kind("commandJob", JOB + "resources:\n  inst$0\n"),
        ["instance_count", "instance_type"],
    ),
    "keys by the type": (of_kind("commandJob", JOB + "distribution:\n  type: ray\n  dash$0\n"), ["dashboard_port"]),
    "keys of a step by its type": (
        of_kind("pipelineJob", "jobs:\n  one:\n    type: sweep\n    obj$0\n"),
        ["objective"],
    ),
    "values": (of_kind("environment", "name: a\nos_type: $0\n"), ["linux", "windows"]),
    "folders": (of_kind("commandJob", JOB + "code: s$0\n"), ["src/"]),
    "definitions": (of_kind("commandJob", "command: a\nenvironment: file:environments/$0\n"), ["env.yml"]),
    "how a reference begins": (of_kind("commandJob", "environment: f$0\n"), ["file:"]),
    "a Dockerfile of the context": (
        of_kind("environment", "build:\n  path: docker\n  dockerfile_path: $0\n"),
        ["gpu.Dockerfile"],
    ),
    "scripts beside the code": (
        of_kind("managedOnlineDeployment", "code_configuration:\n  code: src\n  scoring_script: $0\n"),
        ["train.py"],
    ),
}


@pytest.mark.parametrize("what", OFFERED)
def test_what_is_offered(what: str) -> None:
    text, expected = OFFERED[what]
    assert offered(text)[: len(expected)] == expected


AROUND = {
    "envs/a.yml": of_kind("environment", "name: mine\nversion: 3\nimage: example.com/a:1\n"),
    "job.yml": of_kind("commandJob", JOB + "compute: azureml:gpu\n"),
    "pipeline.yml": of_kind(
        "pipelineJob", "jobs:\n  one:\n    component: azureml:prepare:2\n    compute: azureml:cpu\n"
    ),
    ".azureml/run": "script: a\ntarget: old-cluster\nenvironment:\n  docker: {baseImage: example.com/b:2}\n",
}
NAMES = {
    "compute": (
        of_kind("commandJob", JOB + "compute: $0\n"),
        ["azureml:old-cluster", "azureml:gpu", "azureml:cpu", "local"],
    ),
    "default_compute": (of_kind("pipelineJob", "settings:\n  default_compute: s$0\n"), ["serverless"]),
    "environment": (
        of_kind("commandJob", "command: a\nenvironment: $0\n"),
        ["azureml:mine:3", "azureml:mine@latest", "azureml:sklearn:1", "azureml:", "file:"],
    ),
    "a curated environment": (
        of_kind("commandJob", "environment: azureml://registries/azureml/environments/skl$0\n"),
        ["azureml://registries/azureml/environments/sklearn-1.5/labels/latest"],
    ),
    "image": (
        of_kind("environment", "name: a\nimage: $0\n"),
        ["example.com/b:2", "example.com/a:1", "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1"],
    ),
    "component": (
        of_kind("pipelineJob", "jobs:\n  a:\n    component: azureml:$0\n"),
        ["azureml:prepare:2", "azureml:"],
    ),
}


@pytest.mark.parametrize("what", NAMES)
def test_names_that_the_project_has_are_offered(what: str) -> None:
    text, offset = at_cursor(NAMES[what][0])
    there = World({ROOT / name: said for name, said in {**AROUND, "x.yml": text}.items()})
    found = complete(there.document(ROOT / "x.yml"), offset, there.facts())
    labels = [item.label for item in found.items]
    assert [label for label in labels if label in NAMES[what][1]] == NAMES[what][1], labels


def test_the_target_of_a_run_configuration_has_no_prefix() -> None:
    text, offset = at_cursor("script: a\ntarget: $0\nenvironment: {name: x}\n")
    there = World({ROOT / name: said for name, said in {**AROUND, "x.runconfig": text}.items()})
    labels = [item.label for item in complete(there.document(ROOT / "x.runconfig"), offset, there.facts()).items]
    assert sorted(labels) == ["cpu", "gpu", "local", "old-cluster"]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("job.yml", "$0", "$schema"),
        ("x.yml", "$sc$0", "$schema"),
        ("x.yml", "# why\n$schema: $0", SCHEMA.format("commandJob")),
        ("x.yml", "$schema: https://azureml$0", SCHEMA.format("environment")),
        ("x.yml", "$schema: https://json-schema.org/$0", ""),
        ("values.yml", "$0", ""),
        ("pipeline.yml", "stages: $0", ""),
    ],
)
def test_a_definition_is_begun_with_its_schema_line(name: str, text: str, expected: str) -> None:
    text, offset = at_cursor(text)
    there = World({ROOT / name: text})
    labels = [item.label for item in complete(there.document(ROOT / name), offset, there.facts()).items]
    assert expected in labels if expected else not labels


def test_schema_lines_are_offered() -> None:
    assert SCHEMA.format("sweepJob") in offered(f"$schema: $0\nconda_file: conda.yml\n{of_kind('', '')}")


def test_a_key_explains_itself() -> None:
    text, offset = at_cursor(of_kind("commandJob", JOB + "resources:\n  shm_$0size: 8g\n"))
    card = hover(read(ROOT / "x.yml", text), offset, world(text).facts())
    assert card is not None
    assert re.search("shared memory.*Without it: `2g`", card.markdown, re.DOTALL)
