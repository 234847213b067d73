"""A run configuration of Workbench or SDK v1 becomes a job and an environment of CLI v2, and says what it cannot become."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import PurePath
from textwrap import dedent
from typing import Any

import pytest
import yaml
from corpus import FILES, FOLDER, text_of
from toy import ROOT, World

from envls.assist.actions import QUICK_FIX, actions
from envls.assist.migration import TITLE, offered
from envls.assist.refactor.site import REWRITE
from envls.check import check
from envls.config import Configuration
from envls.document import Format
from envls.facts import PENDING, FileAt
from envls.formats.azureml import v1_keys
from envls.formats.azureml.workbench_keys import COMPUTE_KEYS, RUN_KEYS
from envls.formats.keys import Holds, Table, table_of
from envls.rules.rule import Severity
from envls.text import Span

RUN = ".azureml/train.runconfig"
JOB = ".azureml/train.job.yml"
ENVIRONMENT = ".azureml/train.environment.yml"
CONDA = {"environment.yml": "name: mine\ndependencies: [python=3.10]\n"}


def migrated(files: dict[str, str], source: str = RUN) -> dict[str, str]:
    """What is made of the run configuration `source` in a project, by path; nothing else of the project is touched, nothing
    that is there written over, and the rules have nothing against it."""
    world = World({ROOT / name: dedent(text).removeprefix("\n") for name, text in files.items()})
    make = offered(world.document(ROOT / source), world.facts())
    assert make is not None
    changes = make()
    assert not changes.edits
    assert changes.confirm
    assert not changes.created.keys() & world.files.keys()
    after = World(world.files | changes.created)
    for path in changes.created:
        loud = [one for one in check(after.document(path), after.facts()) if one.severity is not Severity.HINT]
        assert not loud, (path, [one.finding.message for one in loud])
    return {str(path.relative_to(ROOT)): text for path, text in changes.created.items()}


def said(files: dict[str, str], source: str = RUN, made: str = JOB) -> dict[str, Any]:
    """What one of the files says to YAML."""
    found = yaml.safe_load(migrated(files, source)[made])
    assert isinstance(found, dict)
    return found


def of_sdk_v1(text: str, **more: str) -> dict[str, Any]:
    """The job of a run configuration of SDK v1 with an environment of its own."""
    return said({RUN: text + "environment: {name: mine, python: {userManagedDependencies: true}}\n", **more})


def comments(text: str) -> str:
    return " ".join(line.strip().removeprefix("# ") for line in text.splitlines() if line.lstrip().startswith("#"))


def test_a_run_of_workbench_in_docker() -> None:
    made = migrated(
        {
            "aml_config/docker.runconfig": """
                ArgumentVector: ["train.py", "--name", "a b", 3]
                Target: docker
                EnvironmentVariables: {"LEVEL": 1}
                Framework: Python
                CondaDependenciesFile: aml_config/conda_dependencies.yml
                PrepareEnvironment: true
                TrackedRun: true
            """,
            "aml_config/docker.compute": "type: localdocker\nbaseDockerImage: microsoft/mmlspark:plus-gpu-0.9.9\n",
            "aml_config/conda_dependencies.yml": CONDA["environment.yml"],
            "train.py": "",
        },
        "aml_config/docker.runconfig",
    )
    assert made["aml_config/docker.job.yml"] == dedent("""\
        # The run `docker.runconfig` of Workbench as a job of CLI v2. Start it:
        #   az ml job create --file docker.job.yml
        $schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
        type: command
        code: ..
        command: python train.py --name 'a b' 3
        environment: file:docker.environment.yml
        environment_variables:
          LEVEL: '1'
        compute: local
    """)
    assert made["aml_config/docker.environment.yml"] == dedent("""\
        # The environment of `docker.job.yml`. Register it, if others shall use it:
        #   az ml environment create --file docker.environment.yml
        $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
        name: project-docker
        # In place of `microsoft/mmlspark:plus-gpu-0.9.9`, which was made for Workbench.
        image: mcr.microsoft.com/azureml/openmpi4.1.0-cuda11.8-cudnn8-ubuntu22.04:20251130.v1
        conda_file: conda_dependencies.yml
    """)


def test_a_local_run_of_workbench_means_the_environment_of_its_interpreter() -> None:
    environment = said(
        {
            "aml_config/local.runconfig": "ArgumentVector: [train.py]\nTarget: local\nFramework: Python\n",
            "aml_config/local.compute": "type: local\npythonLocation: /opt/conda/envs/hello/bin/python\n",
            "aml_config/conda_dependencies.yml": "name: project_environment\ndependencies: [python=3.5.2]\n",
            "aml_config/hello.yml": "name: hello\ndependencies: [python=3.10]\n",
        },
        "aml_config/local.runconfig",
        "aml_config/local.environment.yml",
    )
    assert environment["conda_file"] == "hello.yml"


@pytest.mark.parametrize(("scripts", "expected"), [(["b.py"], "python b.py b.py"), ([], "python script.py script.py")])
def test_the_file_that_was_chosen_in_the_app(scripts: list[str], expected: str) -> None:
    run = {"aml_config/a.runconfig": 'ArgumentVector: ["$file", "$file"]\nTarget: vm\nFramework: Python\n'}
    made = migrated(run | dict.fromkeys(scripts, ""), "aml_config/a.runconfig")
    assert yaml.safe_load(made["aml_config/a.job.yml"])["command"] == expected
    assert "`$file` was the file selected in Workbench" in comments(made["aml_config/a.job.yml"])


def test_a_run_of_spark_is_a_spark_job() -> None:
    made = migrated(
        {
            "aml_config/hdi.runconfig": """
                ArgumentVector: [run.py, --all]
                Target: hdi
                Framework: PySpark
                SparkDependenciesFile: aml_config/spark_dependencies.yml
                EnvironmentVariables: {LEVEL: "1"}
            """,
            "aml_config/hdi.compute": """
                type: cluster
                address: mine-ssh.azurehdinsight.net
                username: me
                password: ServiceName=a#me#b
            """,
            "aml_config/spark_dependencies.yml": """
                configuration: {spark.app.name: Mine, spark.executor.cores: 4}
                repositories: ["https://example.com/maven"]
                packages:
                  - {group: com.example, artifact: tools_2.12, version: "0.10"}
            """,
            "run.py": "",
        },
        "aml_config/hdi.runconfig",
    )
    job = yaml.safe_load(made["aml_config/hdi.job.yml"])
    assert (job["type"], job["entry"], job["args"]) == ("spark", {"file": "run.py"}, "--all")
    assert job["conf"] == {
        "spark.driver.cores": 1,
        "spark.driver.memory": "2g",
        "spark.executor.cores": 4,
        "spark.executor.memory": "2g",
        "spark.executor.instances": 2,
        "spark.app.name": "Mine",
        "spark.jars.packages": "com.example:tools_2.12:0.10",
        "spark.jars.repositories": "https://example.com/maven",
        "spark.yarn.appMasterEnv.LEVEL": "1",
        "spark.executorEnv.LEVEL": "1",
    }
    assert job["resources"].keys() == {"instance_type", "runtime_version"}
    assert "ServiceName" not in made["aml_config/hdi.job.yml"]
    assert "mine-ssh.azurehdinsight.net" in comments(made["aml_config/hdi.job.yml"])


def test_a_run_of_sdk_v1() -> None:
    made = migrated(
        {
            RUN: """
                script: train.py
                arguments: [--rounds, 20]
                target: cpu-cluster
                framework: Python
                nodeCount: 2
                maxRunDurationSeconds: 3600
                priority: 5
                environmentVariables: {LEVEL: high}
                environment:
                  name: mine
                  environmentVariables: {LEVEL: low, OTHER: 1.0}
                  python:
                    condaDependenciesFile: environment.yml
                  docker:
                    enabled: true
                    baseImage: mcr.microsoft.com/azureml/base:0.2.1
                    shmSize: 4g
                  inferencingStackVersion: latest
                history:
                  directoriesToWatch: [logs, more]
            """,
            "train.py": "",
            **CONDA,
        }
    )
    assert made[JOB] == dedent("""\
        # The run `train.runconfig` of SDK v1 as a job of CLI v2. Start it:
        #   az ml job create --file train.job.yml
        $schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
        type: command
        code: ..
        command: python train.py --rounds 20
        # `history.directoriesToWatch: logs, more`: a job sends `./outputs` and `./logs` while it runs; for other
        # folders name outputs.
        environment: file:train.environment.yml
        environment_variables:
          LEVEL: high
          OTHER: '1.0'
        compute: azureml:cpu-cluster
        resources:
          instance_count: 2
          shm_size: 4g
        limits:
          timeout: 3600
        # `priority: 5`: a job has no priority in numbers; on serverless compute it has a tier.
    """)
    assert made[ENVIRONMENT].splitlines()[2:] == [
        "$schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json",
        "# `inferencingStackVersion` is for web services: an online deployment needs the package",
        "# azureml-inference-server-http.",
        "name: mine",
        "# In place of `mcr.microsoft.com/azureml/base:0.2.1`, which is given up.",
        "image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1",
        "conda_file: ../environment.yml",
    ]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ("{name: mine, version: '3'}", "azureml:mine:3"),
        ("{name: mine}", "azureml:mine@latest"),
        ("{name: sklearn-1.5}", "azureml://registries/azureml/environments/sklearn-1.5/labels/latest"),
        ("{name: mine, docker: {baseImage: 'a:1'}}", "file:train.environment.yml"),
        ("", "file:train.environment.yml"),
    ],
)
def test_a_registered_environment_is_named(environment: str, expected: str) -> None:
    made = migrated({RUN: f"script: train.py\nenvironment: {environment}\n"})
    assert yaml.safe_load(made[JOB])["environment"] == expected
    assert (ENVIRONMENT in made) == expected.startswith("file:")


def test_an_environment_in_a_file_of_its_own() -> None:
    files = {
        "runs/train.yml": "script: train.py\nenvironment: section.yml\ncommunicator: None\ntarget: one\n",
        "runs/section.yml": "python: {condaDependenciesFile: conda.yml}\ndocker: {baseImage: 'a:1'}\n",
        "runs/conda.yml": CONDA["environment.yml"],
    }
    environment = said(files, "runs/train.yml", "runs/train.environment.yml")
    assert (environment["conda_file"], environment["image"]) == ("conda.yml", "a:1")


@pytest.mark.parametrize(
    "inline",
    [
        "\n      channels: [conda-forge]  # only this\n      dependencies:\n      - python=3.10",
        ' {"channels": ["conda-forge"], "dependencies": ["python=3.10"]}',
    ],
)
def test_packages_that_stand_in_the_run_configuration_get_a_file(inline: str) -> None:
    made = migrated({RUN: f"script: train.py\nenvironment:\n  python:\n    condaDependencies:{inline}\n"})
    assert yaml.safe_load(made[ENVIRONMENT])["conda_file"] == "train.conda.yml"
    written = made[".azureml/train.conda.yml"]
    assert yaml.safe_load(written) == {"channels": ["conda-forge"], "dependencies": ["python=3.10"]}
    assert ("# only this" in written) == ("# only this" in inline)


def test_a_dockerfile_that_stands_in_the_run_configuration_gets_a_folder() -> None:
    docker = 'docker: {baseDockerfile: "FROM a:1\\nRUN b\\n"}'
    made = migrated(
        {
            RUN: f"script: a.py\nenvironment:\n  python: {{condaDependenciesFile: environment.yml}}\n  {docker}\n",
            **CONDA,
        }
    )
    assert made[".azureml/train.docker/Dockerfile"] == "FROM a:1\nRUN b\n"
    environment = yaml.safe_load(made[ENVIRONMENT])
    assert environment["build"] == {"path": "train.docker"}
    assert not environment.keys() & {"image", "conda_file"}
    assert "the Dockerfile has to install ../environment.yml itself" in comments(made[ENVIRONMENT])


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("communicator: OpenMpi\nmpi: {processCountPerNode: 4}", {"type": "mpi", "process_count_per_instance": 4}),
        ("framework: PyTorch\ncommunicator: None", None),
        (
            "framework: PyTorch\ncommunicator: Nccl\nnodeCount: 2\npytorch: {processCount: 8}",
            {"type": "pytorch", "process_count_per_instance": 4},
        ),
        (
            "framework: TensorFlow\ncommunicator: ParameterServer\ntensorflow: {workerCount: 3, parameterServerCount: 2}",
            {"type": "tensorflow", "parameter_server_count": 2, "worker_count": 3},
        ),
        ("communicator: None", None),
    ],
)
def test_processes(run: str, expected: dict[str, object] | None) -> None:
    assert of_sdk_v1(f"script: a.py\n{run}\n").get("distribution") == expected


@pytest.mark.parametrize(("target", "expected"), [("local", "python a.py"), ("vm", "/opt/python a.py")])
def test_an_interpreter_of_this_machine_is_in_no_image(target: str, expected: str) -> None:
    section = "python: {userManagedDependencies: true, interpreterPath: /opt/python}"
    made = migrated({RUN: f"script: a.py\ntarget: {target}\nenvironment: {{{section}}}\n"})
    assert yaml.safe_load(made[JOB])["command"] == expected
    assert ("`/opt/python` on this machine" in comments(made[ENVIRONMENT])) == (target == "local")


def test_data() -> None:
    job = of_sdk_v1(
        dedent("""\
        script: a.py
        target: one
        arguments: [--in, $AZUREML_DATAREFERENCE_raw, --more, 'DatasetConsumptionConfig:big', --out, 'DatasetOutputConfig:made']
        dataReferences:
          raw: {dataStoreName: store, pathOnDataStore: /a b/c, mode: download}
          old: {dataStoreName: store}
          up: {dataStoreName: store, pathOnDataStore: up, mode: upload}
        data:
          big: {dataLocation: {dataset: {name: images, version: '3'}}, mechanism: mount}
          by-id: {dataLocation: {dataset: {id: 123}}, mechanism: download, environmentVariableName: by_id}
          there: {dataLocation: {dataPath: {datastoreName: store, relativePath: x}}, pathOnCompute: /data}
          file: {dataLocation: {uri: {path: 'https://example.com/a.csv', isFile: true}}, mechanism: download}
        outputData:
          made: {outputLocation: {dataPath: {datastoreName: store, relativePath: y}}, mechanism: upload}
        """)
    )
    assert job["inputs"] == {
        "raw": {"type": "uri_folder", "path": "azureml://datastores/store/paths/a b/c", "mode": "download"},
        "old": {"type": "uri_folder", "path": "azureml://datastores/store/paths/", "mode": "ro_mount"},
        "big": {"type": "mltable", "path": "azureml:images:3", "mode": "eval_mount"},
        "by_id": {"type": "mltable", "path": "azureml:by_id@latest", "mode": "eval_download"},
        "there": {"type": "uri_folder", "path": "azureml://datastores/store/paths/x", "mode": "direct"},
        "file": {"type": "uri_file", "path": "https://example.com/a.csv", "mode": "download"},
    }
    assert job["outputs"] == {
        "up": {"type": "uri_folder", "path": "azureml://datastores/store/paths/up", "mode": "upload"},
        "made": {"type": "uri_folder", "path": "azureml://datastores/store/paths/y", "mode": "upload"},
    }
    assert job["command"] == (
        "export AZUREML_DATAREFERENCE_old=${{inputs.old}} AZUREML_DATAREFERENCE_up=${{outputs.up}} by_id=${{inputs.by_id}}"
        " && python a.py --in ${{inputs.raw}} --more ${{inputs.big}} --out ${{outputs.made}}"
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("arguments: ['a b', \"it's\", $HOME/x y, '*', '']", "python a.py 'a b' 'it'\"'\"'s' \"$HOME/x y\" '*' ''"),
        ("command: python b.py && ls", "python b.py && ls"),
        (
            "command: PASSWORD=hunter22 python b.py --token 'hunter22' -n 3",
            "PASSWORD=$PASSWORD python b.py --token $TOKEN -n 3",
        ),
        ("command: [python, b.py, a b]", "python b.py 'a b'"),
        ("arguments: --a b", "python a.py --a b"),
    ],
)
def test_the_command_line(written: str, expected: str) -> None:
    script = "" if written.startswith("command") else "script: a.py\n"
    assert of_sdk_v1(f"{script}target: one\n{written}\n")["command"] == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("local", {"compute": "local"}),
        ("gpu-1", {"compute": "azureml:gpu-1"}),
        ("<yours>", {}),
        (
            "amlcompute\namlcompute: {vmSize: Standard_D2, vmPriority: lowpriority}\nnodeCount: 2",
            {
                "resources": {"instance_count": 2, "instance_type": "Standard_D2"},
                "queue_settings": {"job_tier": "spot"},
            },
        ),
    ],
)
def test_where_it_runs(target: str, expected: dict[str, object]) -> None:
    job = of_sdk_v1(f"script: a.py\ntarget: {target}\n")
    assert {key: job[key] for key in ("compute", "resources", "queue_settings") if key in job} == expected


SILENT = {
    # has no effect, or is ignored by the SDK
    *("docker.buildContext.locationType", "docker.buildContext.dockerfilePath", "docker.gpuSupport", "assetId"),
    *("docker.enabled", "docker.useDocker", "autoPrepareEnvironment", "prepareEnvironment", "history.enabled"),
    *("spark.repositories", "spark.packages", "spark.precachePackages", "framework"),
    # says how data get to the compute, which a job sees to
    *("dataReferences.mine.overwrite", "data.mine.overwrite", "outputData.mine.outputLocation.uri.isFile"),
    # means nothing without what stands beside it
    *("ambientAuthentication.appId", "ambientAuthentication.tenant", "ambientAuthentication.deleteSecretAfterRun"),
    *("applicationEndpoints.mine.port", "applicationEndpoints.mine.properties", "outputData.mine.additionalOptions"),
}
_NEEDED: dict[str, dict[str, Any]] = {
    "amlcompute": {"target": "amlcompute"},
    "mpi": {"communicator": "OpenMpi"},
    "pytorch": {"communicator": "Nccl", "framework": "PyTorch"},
    "spark": {"framework": "PySpark"},
    "tensorflow": {"communicator": "ParameterServer", "framework": "TensorFlow"},
    "interpreterPath": {"environment": {"python": {"userManagedDependencies": True}}},
    "command": {"script": ""},
}
"""What must stand beside a key, or a mapping, for it to mean something."""


def leaves(table: Table, route: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every key of a table that holds no further keys, and a value that is not what holds without it."""
    for info in table:
        below = [*leaves(table_of(info.keys, None), (*route, info.name))] if info.holds is not Holds.LIST else []
        below += leaves(table_of(info.each, None), (*route, info.name, "mine"))
        value = {
            Holds.BOOLEAN: info.default != "`true`.",
            Holds.INTEGER: 7,
            Holds.LIST: ["word"],
            Holds.MAPPING: {"a": "b"},
        }.get(info.holds, info.values[-1] if info.values else "word")
        yield from below or [((*route, info.name), value)]


@pytest.mark.parametrize(
    ("route", "value"), [pytest.param(*one, id=".".join(one[0])) for one in leaves(v1_keys.RUN_KEYS)]
)
def test_nothing_is_lost_in_silence(route: tuple[str, ...], value: object) -> None:
    """Each key of SDK v1 changes what is made, if only by a comment; those that change nothing are listed."""
    run: dict[str, Any] = {
        "script": "a.py",
        "target": "one",
        "environment": {"name": "mine", "docker": {"baseImage": "x:1"}},
    }
    run |= _NEEDED.get(route[0], {}) | _NEEDED.get(route[-1], {})
    key = at = json.loads(json.dumps(run))
    *above, last = route
    for name in above:
        at = at.setdefault(name, {})
    if "mine" in route:
        run = json.loads(json.dumps(key))
    at[last] = value
    silent = any(".".join(route).endswith(one) for one in SILENT)
    assert (migrated({RUN: json.dumps(run), "a.py": ""}) == migrated({RUN: json.dumps(key), "a.py": ""})) == silent


SILENT_OF_WORKBENCH = {
    # a job has it for granted
    *("PrepareEnvironment", "AutoPrepareEnvironment", "ManagedEnvironment"),
    *("sharedVolumes", "nvidiaDocker", "username", "CondaFile"),
    # another kind of target reads it
    *("address", "pythonLocation", "sparkSubmitLocation"),
    # is read with PySpark alone
    "SparkDependenciesFile",
}


@pytest.mark.parametrize("route", [".".join(route) for route, _ in leaves((*RUN_KEYS, *COMPUTE_KEYS))])
def test_nothing_of_workbench_is_lost_in_silence(route: str) -> None:
    values = {".".join(found): value for found, value in leaves((*RUN_KEYS, *COMPUTE_KEYS))}
    run = {"ArgumentVector": ["b.py"], "Target": "there", "Framework": "Python", "Description": "it"}
    compute: dict[str, object] = {"type": "localdocker", "baseDockerImage": "x:1"}
    files = {"aml_config/there.compute": json.dumps(compute), "aml_config/a.runconfig": json.dumps(run), "b.py": ""}
    key, *below = route.split(".")
    value: object = {below[0]: {"Sampling": {"Sample": "word"}}} if below else values[route]
    of_run = any(info.name == key for info in RUN_KEYS)
    name = "aml_config/a.runconfig" if of_run else "aml_config/there.compute"
    changed = files | {name: json.dumps((run if of_run else compute) | {key: value})}
    same = migrated(changed, "aml_config/a.runconfig") == migrated(files, "aml_config/a.runconfig")
    assert same == (key in SILENT_OF_WORKBENCH)


SECRETS = ("hunter22", "abcd1234EFGH5678ijkl/+==", "s3cr3tvalue", "sv=2019", "sig=abc", "dckr_pass")


def test_no_secret_is_copied() -> None:
    made = migrated(
        {
            RUN: """
                script: a.py
                arguments: [--password, hunter22, --api-key=s3cr3tvalue, --blob, 'https://a.example.com/b?sv=2019&sig=abc']
                target: one
                environmentVariables:
                  STORAGE_ACCOUNT_KEY: abcd1234EFGH5678ijkl/+==
                  CONNECTION: Endpoint=a;AccountKey=abcd1234EFGH5678ijkl/+==;B=c
                data:
                  x: {dataLocation: {uri: {path: 'https://a.example.com/x?sv=2019&sig=abc'}}}
                environment:
                  name: mine
                  python:
                    condaDependencies:
                      dependencies:
                      - python=3.10
                      - pip
                      - pip: [--index-url https://me:hunter22@example.com/simple]
                  docker:
                    baseImage: team/image:1
                    baseImageRegistry: {address: example.azurecr.io, username: dckr_user, password: dckr_pass}
                history: {ambientAuthentication: {method: aadtoken, secret: s3cr3tvalue}}
            """
        }
    )
    for text in made.values():
        assert not [secret for secret in SECRETS if secret in text]
    job = yaml.safe_load(made[JOB])
    assert job["command"] == 'python a.py --password $PASSWORD "--api-key=$API_KEY" --blob $BLOB'
    assert job["inputs"]["x"]["path"] == "https://a.example.com/x"
    assert job["identity"] == {"type": "user_identity"}
    assert yaml.safe_load(made[ENVIRONMENT])["image"] == "example.azurecr.io/team/image:1"
    assert "key vault" in comments(made[JOB])
    assert "az ml connection create" in comments(made[ENVIRONMENT])


def test_the_login_of_an_image_is_not_copied() -> None:
    section = "environment: {docker: {baseImage: 'me:hunter22@registry.example.com/team/image:1'}}\n"
    made = migrated({RUN: "script: a.py\ntarget: one\n" + section})
    assert "image: registry.example.com/team/image:1" in made[ENVIRONMENT]
    assert "hunter22" not in "".join(made.values())


def test_a_name_that_is_taken_is_left_alone() -> None:
    made = migrated(
        {RUN: "script: a.py\nenvironment: {name: mine, python: {}}\n", ".azureml/Train.Environment.yml": ""}
    )
    assert made.keys() == {".azureml/train-2.job.yml", ".azureml/train-2.environment.yml"}
    assert yaml.safe_load(made[".azureml/train-2.job.yml"])["environment"] == "file:train-2.environment.yml"


def test_a_file_has_the_line_ends_of_its_source() -> None:
    source = ROOT / RUN
    world = World({source: "script: a.py\r\nenvironment: {name: mine}\r\n"})
    make = offered(world.document(source), world.facts())
    assert make is not None
    assert not any(re.search(r"(?<!\r)\n", text) for text in make().created.values())


def test_a_value_of_the_file_cannot_end_its_comment() -> None:
    text = 'script: a.py\ntarget: "a\\n  b: c"\npriority: "5\\nd: e"\nenvironment: {name: mine}\n'
    assert not yaml.safe_load(migrated({RUN: text})[JOB]).keys() & {"b", "d"}


def kinds(text: str, at: int = 0, *, automatic: bool = False, path: str = RUN) -> list[str]:
    world = World({ROOT / path: text})
    document = world.document(ROOT / path)
    found = actions(document, Span(at, at), world.facts(), Configuration(), automatic=automatic)
    return [action.kind for action in found if action.title == TITLE]


def test_it_is_offered_where_the_end_of_the_service_is_told_and_to_whoever_asks() -> None:
    text = "script: a.py\nenvironment: {name: mine}\n"
    assert kinds(text) == [QUICK_FIX]
    assert kinds(text, len(text)) == [REWRITE]
    assert kinds(text, automatic=True) == [QUICK_FIX]
    assert kinds(text, len(text), automatic=True) == []
    assert kinds("script: [a\nenvironment: {name: mine}\n", 20) == []
    assert kinds("type: local\n", path="aml_config/local.compute") == []


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (["a/.azureml/b.runconfig", "a/.azureml/a.runconfig", "b/.azureml/a"], ["a/.azureml/a.runconfig"]),
        (["z/run.runconfig", "a/train.yml"], ["z/run.runconfig"]),
        (["a/train.yml", "a/score.yml", "b/train.yml"], ["a/score.yml", "b/train.yml"]),
    ],
)
def test_the_end_of_a_service_is_told_once_in_a_project(files: list[str], told: list[str]) -> None:
    text = "script: a.py\ntarget: one\ncommunicator: None\nenvironment: {name: mine}\n"
    world = World({ROOT / name: text for name in files})
    found = {name: check(world.document(ROOT / name), world.facts()) for name in files}
    assert sorted(name for name in files for one in found[name] if one.rule.code == "AML218") == told


def test_it_is_not_offered_while_a_file_that_it_rests_on_is_not_known() -> None:
    world = World({ROOT / RUN: "script: a.py\nenvironment: {python: {condaDependenciesFile: c.yml}}\n"})
    world.packages[FileAt(ROOT / "c.yml")] = PENDING
    assert offered(world.document(ROOT / RUN), world.facts()) is None


CORPUS = FOLDER / "azureml"


@pytest.mark.skipif(not CORPUS.exists(), reason="the real files are not beside the project")
def test_every_real_run_configuration() -> None:
    """Each result is YAML without a finding that is louder than a hint, but for scripts that only the whole project has."""
    files: dict[PurePath, str] = {path: text_of(path) for path in FILES if CORPUS in path.parents}
    world = World(files)
    migrations = 0
    for path in files:
        document = world.document(path)
        if document.format not in (Format.RUN_CONFIGURATION, Format.V1) or document.tree.problems:
            continue
        make = offered(document, world.facts())
        assert make is not None, path
        created = make().created
        after = World(files | created, read=dict(world.read))
        for name, text in created.items():
            assert isinstance(yaml.safe_load(text), dict), name
            found = check(after.document(name), after.facts())
            loud = [one for one in found if one.severity in (Severity.ERROR, Severity.WARNING)]
            assert not [one.finding.message for one in loud if "no script" not in one.finding.message], name
        migrations += 1
    assert migrations > 30
