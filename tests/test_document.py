"""Which files are ours, by their names and by what they say; the editor's list of names is no shorter than ours."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path, PurePosixPath

import pytest

from envls.document import Format, known_name, read

CLIENT = Path(__file__).parents[1] / "client" / "src" / "documents.ts"
NAMES = (
    "environment.yml", "environment.yaml", "my-environment.yaml", "environment-dev.yml", "env.yml", "env-dev.yml",
    "env_gpu.yml", "test_env.yaml", "conda.yaml", "conda_dependencies.yml", "localenv_conda_dependencies.yml",
    "train-conda.yml", "conda-envs/test.yaml", "envs/tool.yml", "binder/x.yml", ".binder/x.yml", "docker.runconfig",
    "docker.compute", "spark_dependencies.yml", "job.yml", "pipeline.yaml", "my-component.yml", "deployment.yml",
    ".azureml/docker", "aml_config/local", "runconfig_train.yml", "azureml_environment.json",
)  # fmt: skip


def patterns() -> list[re.Pattern[str]]:
    """The globs of the client as patterns for a path."""
    found = []
    for glob in re.findall(r"'(\*\*/[^']+)'", CLIENT.read_text("utf-8")):
        parts = re.split(r"\{([^}]*)\}", glob.removeprefix("**/"))
        for chosen in product(*(part.split(",") if i % 2 else [part] for i, part in enumerate(parts))):
            pattern = re.escape("".join(chosen)).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
            found.append(re.compile(r"(?:.*/)?" + pattern, re.IGNORECASE))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_editor_serves_what_the_terminal_finds(name: str) -> None:
    assert known_name(PurePosixPath("/project") / name)
    assert any(pattern.fullmatch("project/" + name) for pattern in patterns())


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("env.yml", "dependecies:\n  - numpy\n", Format.ENVIRONMENT),
        ("env.yml", "dependencies:\n  - numpy: 1\n", Format.ENVIRONMENT),
        ("env.yml", "key: value\n", Format.FOREIGN),
        ("tool.yml", "channels: [bioconda]\ndependencies: [samtools]\n", Format.ENVIRONMENT),
        ("environment.yml", "", Format.ENVIRONMENT),
        ("my-environment.yml", "", Format.FOREIGN),
        ("Chart.yaml", "apiVersion: v2\nname: x\ndependencies:\n  - name: y\n    version: 1\n", Format.FOREIGN),
        ("main.yml", "dependencies:\n  - role: common\n", Format.FOREIGN),
        ("docker.runconfig", "ArgumentVector: [a.py]\nTarget: docker\n", Format.RUN_CONFIGURATION),
        ("docker.runconfig", "script: a.py\nenvironment:\n  python: {}\n", Format.V1),
        ("docker.runconfig", "", Format.V1),
        ("aml_config/docker.runconfig", "", Format.RUN_CONFIGURATION),
        ("aml_config/docker.runconfig", "Script: a.py\nEnvironment: {}\nTarget: x\n", Format.V1),
        (".azureml/docker", "script: a.py\n", Format.V1),
        (".azureml/train.yml", "script: a.py\ntarget: cpu\nenvironment: {name: x}\n", Format.V1),
        ("train.yml", "script: a.py\ntarget: cpu\nenvironment: {name: x}\n", Format.FOREIGN),
        (".azureml/docker", '{"node_count": 2, "environment": {}}', Format.V1),
        (".azureml/config.json", '{"workspace_name": "w"}', Format.FOREIGN),
        ("docker", "script: a.py\n", Format.FOREIGN),
        ("train.yml", "script: a.py\nenvironment: e.yml\nframework: Python\n", Format.V1),
        ("train.yml", "command: a\nenvironment: {docker: {baseImage: x}}\nscript: a.py\n", Format.V1),
        ("azureml_environment.json", '{"name": "x", "docker": {"baseImage": "y"}}', Format.V1_ENVIRONMENT),
        ("environment.yml", "name: x\npython:\n  userManagedDependencies: true\n", Format.V1_ENVIRONMENT),
        ("config.yml", "environment: production\nframework: django\n", Format.FOREIGN),
        ("history.yml", "environment: x\nhistory: [a]\n", Format.FOREIGN),
        (".gitlab-ci.yml", "stages: [a]\nscript: [a]\nenvironment: {name: prod}\n", Format.FOREIGN),
        ("docker.compute", "type: localdocker\n", Format.COMPUTE),
        ("job.yml", "command: x\nenvironment: azureml:y@latest\n", Format.V2),
    ],
)
def test_recognised_by_name_and_content(name: str, text: str, kind: Format) -> None:
    assert read(PurePosixPath("/project") / name, text).format is kind
