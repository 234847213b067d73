"""Mistakes that people make in Azure ML's files: each is found once, at its place, as loud as its consequence.

What stands in `«»` is marked in the editor. A row says which file of which project is judged, the code, the severity, and
what the first fix makes of the text ("" where there is no one right answer). Most stand for an issue that somebody once had.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import pytest
from toy import ROOT, World

from envls.check import changes_of, check
from envls.config import Configuration
from envls.document import Format, read
from envls.formats.azureml.v2 import SCHEMA
from envls.text import apply

IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1"
CONDA = "name: mine\nchannels: [conda-forge]\ndependencies: [python=3.10]\n"
RUN = ".azureml/train.runconfig"
MANAGED = "environment:\n  python:\n    userManagedDependencies: true\n"
FROM_FILE = "environment:\n  python:\n    condaDependenciesFile: conda.yml\n"
DOCKER = "aml_config/docker.runconfig"
COMPUTE = "aml_config/docker.compute"
AROUND = {"conda.yml": CONDA, "src/train.py": "", "src/Dockerfile": ""}
OF_WORKBENCH = {"aml_config/conda_dependencies.yml": CONDA, COMPUTE: "type: localdocker\n"}
OF_SDK_V1 = {".azureml/conda.yml": CONDA}


def of(kind: str) -> str:
    return f"$schema: {SCHEMA.format(kind)}\n"


JOB = of("commandJob") + "command: a\n"
ENVIRONMENT = of("environment") + "name: mine\n"
V2 = "definition.yml"


class Mistake(NamedTuple):
    what: str
    path: str
    text: str
    code: str
    severity: str
    after: str = ""
    around: Mapping[str, str] = MappingProxyType({})


MISTAKES = (
    # -- Workbench
    Mistake(
        "JSON without a comma",
        DOCKER,
        '{"ArgumentVector": ["a.py"],\n "Target": "docker"\n «"»TrackedRun": true}\n',
        "AML101",
        "error",
        '{"ArgumentVector": ["a.py"],\n "Target": "docker",\n "TrackedRun": true}\n',
    ),
    Mistake(
        "a tab behind a colon",
        "aml_config/spark_dependencies.yml",
        'configuration:\n  "spark.app.name"«:\t»a\n',
        "AML101",
        "error",
        'configuration:\n  "spark.app.name": a\n',
    ),
    Mistake("an unknown key", DOCKER, "ArgumentVector: [a]\nTarget: docker\n«PythonLocation»: a\n", "AML102", "hint"),
    Mistake(
        "a key in small letters",
        DOCKER,
        "ArgumentVector: [a]\nTarget: docker\n«trackedRun»: true\n",
        "AML102",
        "warning",
        "ArgumentVector: [a]\nTarget: docker\nTrackedRun: true\n",
    ),
    Mistake(
        "a value in small letters",
        DOCKER,
        "ArgumentVector: [a]\nTarget: docker\nFramework: «pyspark»\n",
        "AML103",
        "warning",
        "ArgumentVector: [a]\nTarget: docker\nFramework: PySpark\n",
    ),
    Mistake("a version that is a number", "spark_dependencies.yml", "packages:\n- {version: «0.10»}\n", "AML103", "warning",
            'packages:\n- {version: "0.10"}\n'),
    Mistake("nothing to run", DOCKER, "«ArgumentVector»: []\nTarget: docker\n", "AML105", "error"),
    Mistake("no target", DOCKER, "«ArgumentVector»: [a]\nTrackedRun: true\n", "AML105", "error"),
    Mistake("a compute target that is not there", DOCKER, "ArgumentVector: [a]\nTarget: «dockr»\n", "AML401", "error",
            "ArgumentVector: [a]\nTarget: docker\n"),
    Mistake(
        "a conda file with the other suffix",
        DOCKER,
        "ArgumentVector: [a]\nTarget: docker\nCondaDependenciesFile: «aml_config/conda_dependencies.yaml»\n",
        "AML401",
        "error",
        "ArgumentVector: [a]\nTarget: docker\nCondaDependenciesFile: aml_config/conda_dependencies.yml\n",
    ),
    Mistake(
        "the Spark file of a Python run",
        DOCKER,
        "ArgumentVector: [a]\nTarget: docker\nFramework: Python\n«SparkDependenciesFile: conda.yml»\n",
        "AML404",
        "hint",
    ),
    Mistake("a token of a run", DOCKER,
            "ArgumentVector: [a]\nTarget: docker\nEnvironmentVariables:\n  API_TOKEN: «9c1185a5c5e9fc54612808977ee8f548»\n",
            "AML115", "warning"),
    Mistake("a template", DOCKER, "ArgumentVector: [a]\nTarget: «{{» target }}\n", "AML117", "hint"),
    Mistake("a password", COMPUTE, "type: remotedocker\naddress: a\nusername: b\npassword: «hunter2»\n", "AML106", "warning"),
    Mistake(
        "a shared folder without volumes",
        COMPUTE,
        "type: localdocker\nnativeSharedDirectory: «~/a»\n",
        "AML107",
        "warning",
        "type: localdocker\nnativeSharedDirectory: ~/a\nsharedVolumes: true\n",
    ),
    Mistake("an interpreter in a container", COMPUTE, "type: localdocker\n«pythonLocation: /opt/a»\n", "AML110", "hint"),
    Mistake(
        "HDInsight without its SSH host",
        COMPUTE,
        "type: cluster\naddress: «mine.azurehdinsight.net»\nusername: a\n",
        "AML111",
        "warning",
        "type: cluster\naddress: mine-ssh.azurehdinsight.net\nusername: a\n",
    ),
    Mistake(
        "notebooks on a cluster",
        COMPUTE,
        "type: cluster\naddress: a\nusername: b\nyarnDeployMode: «cluster»\n",
        "AML112",
        "hint",
        "type: cluster\naddress: a\nusername: b\nyarnDeployMode: client\n",
        {"explore.ipynb": "{}"},
    ),
    Mistake("a truth in other words", COMPUTE, "type: localdocker\nsharedVolumes: «'yes'»\n", "AML103", "warning",
            "type: localdocker\nsharedVolumes: true\n"),
    Mistake("half of a login", COMPUTE, "type: «remotedocker»\naddress: a\n", "AML116", "warning"),
    Mistake("no kind", COMPUTE, "«baseDockerImage»: a:1\n", "AML116", "warning"),
    # -- SDK v1
    Mistake(
        "conda of this machine",
        RUN,
        "script: a\n«target»: local\n" + FROM_FILE,
        "AML216",
        "hint",
        "script: a\ntarget: local\n" + FROM_FILE + "docker:\n  useDocker: true\n",
    ),
    Mistake("an image without conda", RUN, "script: a\n" + FROM_FILE + "  docker:\n    baseImage: «example.com/a:1»\n", "AML220", "hint"),
    Mistake(
        "a conda file that is not used",
        RUN,
        "script: a\n" + MANAGED + "    «condaDependenciesFile: conda.yml»\n",
        "AML207",
        "hint",
    ),
    Mistake(
        "an interpreter that is not used",
        RUN,
        "script: a\n" + FROM_FILE + "    «interpreterPath: /opt/a»\n",
        "AML207",
        "hint",
    ),
    Mistake(
        "a curated environment that is changed",
        RUN,
        "script: a\nenvironment:\n  name: «AzureML-Minimal»\n  python:\n    userManagedDependencies: true\n",
        "AML214",
        "warning",
        "script: a\nenvironment:\n  name: Minimal\n  python:\n    userManagedDependencies: true\n",
    ),
    Mistake(
        "no conda dependencies",
        RUN,
        "script: a\nenvironment:\n  «python»:\n    condaDependenciesFile: null\n",
        "AML215",
        "warning",
        "script: a\nenvironment:\n  python:\n    condaDependenciesFile: .azureml/conda.yml\n",
    ),
    Mistake(
        "a conda file of another folder",
        RUN,
        "script: a\nenvironment:\n  python:\n    condaDependenciesFile: «envs/conda.yml»\n",
        "AML401",
        "error",
        "script: a\nenvironment:\n  python:\n    condaDependenciesFile: conda.yml\n",
    ),
    Mistake(
        "a script with a backslash",
        RUN,
        "script: «src\\train.py»\n" + FROM_FILE,
        "AML401",
        "warning",
        "script: src/train.py\n" + FROM_FILE,
    ),
    Mistake(
        "a script in other capitals",
        RUN,
        "script: «src/Train.py»\n" + FROM_FILE,
        "AML401",
        "warning",
        "script: src/train.py\n" + FROM_FILE,
    ),
    Mistake(
        "a misspelt script of Workbench",
        DOCKER,
        "ArgumentVector: [«src/trian.py»]\nTarget: docker\n",
        "AML401",
        "warning",
        "ArgumentVector: [src/train.py]\nTarget: docker\n",
    ),
    Mistake(
        "a folder with a backslash",
        "jobs/definition.yml",
        JOB + "environment: azureml:a:1\ncode: «..\\src»\n",
        "AML401",
        "error",
        JOB + "environment: azureml:a:1\ncode: ../src\n",
    ),
    Mistake(
        "a path that begins here",
        V2,
        ENVIRONMENT + f"image: {IMAGE}\nconda_file: «./conda.yaml»\n",
        "AML401",
        "error",
        ENVIRONMENT + f"image: {IMAGE}\nconda_file: ./conda.yml\n",
    ),
    Mistake(
        "the beginning of a key",
        V2,
        JOB + "environment: azureml:a:1\ndistribution:\n  type: pytorch\n  «process_count»: 2\n",
        "AML303",
        "error",
        JOB + "environment: azureml:a:1\ndistribution:\n  type: pytorch\n  process_count_per_instance: 2\n",
    ),
    Mistake(
        "a conda file with a backslash",
        RUN,
        "script: a\nenvironment:\n  python:\n    condaDependenciesFile: «.azureml\\conda.yml»\n",
        "AML401",
        "error",
        "script: a\nenvironment:\n  python:\n    condaDependenciesFile: .azureml/conda.yml\n",
    ),
    Mistake(
        "false in quotes",
        RUN,
        "script: a\nenvironment:\n  python:\n    userManagedDependencies: «'false'»\n    condaDependenciesFile: conda.yml\n",
        "AML203",
        "warning",
        "script: a\nenvironment:\n  python:\n    userManagedDependencies: false\n    condaDependenciesFile: conda.yml\n",
    ),
    Mistake("a number in words", RUN, "nodeCount: «two»\n" + MANAGED, "AML203", "error"),
    Mistake("arguments in one text", RUN, "arguments: «--epochs 3 --data 'a b'»\n" + MANAGED, "AML203", "warning",
            'arguments: [--epochs, "3", --data, "a b"]\n' + MANAGED),
    Mistake("a framework in small letters", RUN, "framework: «python»\n" + MANAGED, "AML203", "warning",
            "framework: Python\n" + MANAGED),
    Mistake("no environment", RUN, "«script»: a\ntarget: b\n", "AML205", "error"),
    Mistake("a script and a command", RUN, "script: a\n«command»: b\n" + MANAGED, "AML208", "warning"),
    Mistake("a context and variables", RUN,
            MANAGED + "  docker:\n    buildContext: {locationType: git, location: a}\n  spark:\n    «packages»: [{group: a}]\n",
            "AML208", "warning"),
    Mistake("half of a registry's login", RUN, MANAGED + "  docker:\n    baseImageRegistry:\n      «username»: a\n", "AML209", "warning"),
    Mistake("a registry's password", RUN, MANAGED + "  docker:\n    baseImageRegistry: {username: a, password: «hunter2-hunter2»}\n",
            "AML210", "warning"),
    Mistake("a registry's login", RUN, MANAGED + "  docker:\n    baseImageRegistry: {«username»: a, password: $PASSWORD}\n",
            "AML223", "hint"),
    Mistake("an old setting", RUN, MANAGED + "  docker:\n    «enabled»: true\n", "AML211", "hint",
            MANAGED + "docker:\n  useDocker: true\n"),
    Mistake("an old image", RUN, MANAGED + "  docker:\n    baseImage: «mcr.microsoft.com/azureml/base:0.2.4»\n", "AML212", "warning",
            MANAGED + f"  docker:\n    baseImage: {IMAGE}\n"),
    Mistake("an image without tag", RUN, MANAGED + "  docker:\n    baseImage: «example.com/a»\n", "AML213", "warning"),
    Mistake("a cluster without size", RUN, "target: «amlcompute»\n" + MANAGED, "AML217", "warning"),
    Mistake("a context that is nowhere", RUN, MANAGED + "  docker:\n    «buildContext»: {dockerfilePath: a}\n", "AML222", "warning"),
    Mistake("a template of v1", RUN, "script: a\ntarget: «{{» target }}\n" + MANAGED, "AML225", "hint"),
    Mistake("a conda file as section", RUN, "script: a\nenvironment: «conda.yml»\n", "AML406", "warning"),
    # -- CLI v2
    Mistake("no image", V2, ENVIRONMENT + "«conda_file»: conda.yml\n", "AML311", "warning",
            ENVIRONMENT + f"conda_file: conda.yml\nimage: {IMAGE}\n"),
    Mistake("no image in a job", V2, JOB + "environment:\n  «conda_file»: conda.yml\n", "AML311", "warning",
            JOB + f"environment:\n  conda_file: conda.yml\n  image: {IMAGE}\n"),
    Mistake(
        "file: before a conda file",
        V2,
        ENVIRONMENT + f"image: {IMAGE}\nconda_file: «file:./conda.yml»\n",
        "AML309",
        "error",
        ENVIRONMENT + f"image: {IMAGE}\nconda_file: ./conda.yml\n",
    ),
    Mistake("a path that lost its indentation", V2, ENVIRONMENT + "build:\n«path»: src\n", "AML303", "error",
            ENVIRONMENT + "build:\n  path: src\n"),
    Mistake("a version that is a date", V2, ENVIRONMENT + f"version: «2022-02-03»\nimage: {IMAGE}\n", "AML305", "error",
            ENVIRONMENT + f'version: "2022-02-03"\nimage: {IMAGE}\n'),
    Mistake("a version that is a number", V2, ENVIRONMENT + f"version: «1.10»\nimage: {IMAGE}\n", "AML307", "warning",
            ENVIRONMENT + f'version: "1.10"\nimage: {IMAGE}\n'),
    Mistake("a reserved name", V2, of("environment") + f"name: «AzureML-mine»\nimage: {IMAGE}\n", "AML315", "warning",
            of("environment") + f"name: mine\nimage: {IMAGE}\n"),
    Mistake("a blank in a name", V2, of("environment") + f"name: «my env»\nimage: {IMAGE}\n", "AML315", "warning",
            of("environment") + f"name: my-env\nimage: {IMAGE}\n"),
    Mistake("a dot in a name", V2, of("environment") + f"name: «mine-1.0»\nimage: {IMAGE}\n", "AML315", "hint",
            of("environment") + f"name: mine-1-0\nimage: {IMAGE}\n"),
    Mistake("an old image of v2", V2, ENVIRONMENT + "image: «mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04:latest»\n",
            "AML314", "warning", ENVIRONMENT + f"image: {IMAGE}\n"),
    Mistake("an image of v2 without tag", V2, ENVIRONMENT + "image: «example.com/a»\n", "AML313", "warning"),
    Mistake("a misspelt key of v2", V2, ENVIRONMENT + f"image: {IMAGE}\n«condaFile»: conda.yml\n", "AML303", "error",
            ENVIRONMENT + f"image: {IMAGE}\nconda_file: conda.yml\n"),
    Mistake("a system that is none", V2, ENVIRONMENT + f"image: {IMAGE}\nos_type: «mac»\n", "AML305", "error"),
    Mistake("both image and build", V2, ENVIRONMENT + f"image: {IMAGE}\n«build»: {{path: src}}\n", "AML311", "warning"),
    Mistake("build with a conda file", V2, ENVIRONMENT + "build: {path: src}\n«conda_file»: conda.yml\n", "AML312", "warning"),
    Mistake("a context that is not there", V2, ENVIRONMENT + "build: {path: «scr»}\n", "AML401", "error",
            ENVIRONMENT + "build: {path: src}\n"),
    Mistake("a context without a Dockerfile", V2, ENVIRONMENT + "build: {path: «docker»}\n", "AML322", "warning", "",
            {"docker/a.txt": ""}),
    Mistake("a registered context", V2, ENVIRONMENT + "build: {path: «azureml:mine:1»}\n", "AML318", "error"),
    Mistake(
        "a conda file as definition",
        V2,
        of("environment") + "name: mine\n«channels»: [conda-forge]\ndependencies: [python=3.10]\n",
        "AML310",
        "error",
        of("environment") + "name: mine\nconda_file:\n  channels: [conda-forge]\n  dependencies: [python=3.10]\n",
    ),
    Mistake("a conda file in place of a definition", V2, JOB + "environment: «file:conda.yml»\n", "AML406", "error",
            JOB + f"environment:\n  image: {IMAGE}\n  conda_file: conda.yml\n"),
    Mistake("a job without environment", V2, of("commandJob") + "«command»: a\n", "AML304", "error"),
    Mistake("a bare environment", V2, JOB + "environment: «sklearn:1»\n", "AML308", "error", JOB + "environment: azureml:sklearn:1\n"),
    Mistake("a path behind azureml:", V2, JOB + "environment: «azureml:envs/mine.yml»\n", "AML308", "error"),
    Mistake("a registry without slashes", V2, JOB + "environment: «azureml:registries/azureml/environments/a/labels/latest»\n",
            "AML308", "error", JOB + "environment: azureml://registries/azureml/environments/a/labels/latest\n"),
    Mistake("a curated environment without registry", V2, JOB + "environment: «azureml:acft-hf-nlp-gpu:46»\n", "AML319", "warning",
            JOB + "environment: azureml://registries/azureml/environments/acft-hf-nlp-gpu/versions/46\n"),
    Mistake("a run configuration of SDK v1 as job", V2, of("commandJob") + "«script»: a\nframework: Python\n" + MANAGED + "target: b\n",
            "AML317", "error"),
    Mistake("a run configuration of Workbench as job", V2, of("commandJob") + "«ArgumentVector»: [a]\nTrackedRun: true\nTarget: docker\n",
            "AML317", "error"),
    Mistake("the code of the preview", V2, JOB + "environment: azureml:a:1\ncode:\n  «l»ocal_path: src\n", "AML305", "error",
            JOB + "environment: azureml:a:1\ncode: src\n"),
    Mistake("a name that nobody reads", V2, JOB + f"environment:\n  «name: mine»\n  image: {IMAGE}\n", "AML320", "hint"),
    Mistake("where an environment is asked that serves nothing", V2,
            JOB + f"environment:\n  image: {IMAGE}\n  «inference_config: {{liveness_route: {{port: 1, path: /}}, "
            "readiness_route: {port: 1, path: /}, scoring_route: {port: 1, path: /}}»\n", "AML320", "hint"),
    Mistake("a file for results that are not gathered", V2,
            of("batchDeployment") + "name: a\nendpoint_name: b\noutput_action: summary_only\n«output_file_name: a.csv»\n", "AML320", "hint"),
    Mistake("a file for results that a model's settings do not gather", V2,
            of("modelBatchDeployment") + "name: a\nendpoint_name: b\ncompute: c\nsettings:\n  mini_batch_size: 2\n  output_action: summary_only\n"
            "  «output_file_name: a.csv»\n", "AML320", "hint"),
    Mistake("a token of a job", V2, JOB + "environment: azureml:a:1\nenvironment_variables: {API_KEY: «9c1185a5c5e9fc54612808977ee8f548»}\n",
            "AML316", "warning"),
    Mistake("jobs and a component", V2, of("pipelineJob") + "type: pipeline\ncomponent: azureml:a:1\n«jobs»: {}\n", "AML321", "error"),
    Mistake("a template of v2", V2, of("managedOnlineDeployment") + "name: «{{» name }}\nendpoint_name: b\n", "AML302", "hint"),
)  # fmt: skip
QUIET = ("AML109", "AML218")
"""That a service has ended is said of every file."""


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: one.what)
def test_mistake(mistake: Mistake) -> None:
    start, end = mistake.text.index("«"), mistake.text.index("»") - 1
    text = mistake.text.replace("«", "").replace("»", "")
    project = OF_WORKBENCH if mistake.path.startswith("aml_config") else OF_SDK_V1
    files = {**AROUND, **project, **mistake.around, mistake.path: text}
    world = World({ROOT / name: said for name, said in files.items()})
    document, facts = world.document(ROOT / mistake.path), world.facts()
    (one,) = check(document, facts, Configuration(select=("AML",), ignore=QUIET))
    told = (one.rule.code, one.severity.value, tuple(one.finding.span))
    assert told == (mistake.code, mistake.severity, (start, end)), one.finding
    first = one.finding.fixes[:1]
    mended = apply(text, changes_of(first, document, facts).edits[document.path]) if first else ""
    assert mended == mistake.after
    if first:
        after = read(document.path, mended)
        assert not after.tree.problems
        assert after.format is document.format is not Format.FOREIGN
        again = World({**world.files, document.path: mended})
        codes = [other.rule.code for other in check(again.document(document.path), again.facts())]
        assert mistake.code not in codes or mistake.code == "AML216"
