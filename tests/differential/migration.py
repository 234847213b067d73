"""Migrations: what is made of run configurations of Workbench and SDK v1 is loaded and checked by CLI v2's own SDK.

Each key of SDK v1 that a job has a word for stands in a case, as do the kinds of compute targets of Workbench; beside these,
every real run configuration that is there is migrated.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePath

from corpus import FILES, FOLDER, text_of
from toy import World

from envls.assist.migration import offered
from envls.document import Format
from envls.formats.azureml.workbench_keys import TYPES

SDK = "cli_v2"
REQUIREMENTS = ("azure-ai-ml==1.35.2",)
LOADER = "load_migrations.py"
JUDGED = "aml_config/run.job.yml"
INTENDED: dict[str, str] = {}
_HERE = Path(__file__).parent
_ROOT = PurePath("/project")
_SOURCE = "aml_config/run.runconfig"
_BESIDE = {
    "aml_config/conda_dependencies.yml": "name: mine\nchannels: [conda-forge]\ndependencies: [python=3.10]\n",
    "aml_config/spark_dependencies.yml": "configuration: {spark.app.name: A}\npackages: [{group: a, artifact: b, version: '1'}]\n",
    "aml_config/section.yml": "docker: {baseImage: 'a:1'}\npython: {userManagedDependencies: true}\n",
    "train.py": "",
}


def _migrated(files: dict[str, str]) -> dict[str, str]:
    """A project with what is made of its run configuration."""
    world = World({_ROOT / name: text for name, text in files.items()})
    make = offered(world.document(_ROOT / _SOURCE), world.facts())
    made = make().created if make else {}
    return files | {path.relative_to(_ROOT).as_posix(): text for path, text in made.items()}


def _of_workbench() -> Iterator[tuple[str, str, str]]:
    for type_ in (*TYPES, "other"):
        for framework in ("Python", "PySpark"):
            run = f"ArgumentVector: [train.py, --a, 'b c']\nTarget: there\nFramework: {framework}\n"
            variables = 'EnvironmentVariables: {A: 1, B: "true"}\n'
            yield (
                f"Workbench: {type_}, {framework}",
                run + variables,
                f"type: {type_}\naddress: example.com\nusername: me\n",
            )
    docker = "type: localdocker\nbaseDockerImage: {}\n"
    run = "ArgumentVector: [train.py]\nTarget: there\nFramework: Python\n"
    for image in ("microsoft/mmlspark:plus-gpu-0.9.9", "example.com/team/image", "a@sha256:" + "0" * 64):
        yield f"Workbench: {image}", run, docker.format(image)
    yield "Workbench: an odd description", f'Description: "a: b # c\\n  - d"\n{run}', docker.format("a:1")


_ENVIRONMENTS = {
    "a conda file": "{python: {condaDependenciesFile: aml_config/conda_dependencies.yml}}",
    "a missing conda file": "{python: {condaDependenciesFile: nowhere.yml}}",
    "packages": "{python: {condaDependencies: {channels: [a], dependencies: [python=3.10, pip, {pip: [b]}]}}}",
    "a name": "{name: mine}",
    "a name and a version": "{name: mine, version: '3'}",
    "a curated one": "{name: AzureML-Minimal}",
    "a reserved name": "{name: AzureML mine, docker: {baseImage: 'a:1'}}",
    "a file": "section.yml",
    "nothing": "",
    "a Dockerfile": '{docker: {baseDockerfile: "FROM a:1\\nRUN b\\n"}}',
    "a build context": "{docker: {buildContext: {location: 'https://example.com/a.git', dockerfilePath: D}}}",
    "a build context of git": "{docker: {buildContext: {location: 'git@example.com:a/b.git', locationType: git}}}",
    "a registry": "{docker: {baseImage: a, baseImageRegistry: {address: example.azurecr.io, username: a, password: b}}}",
    "Windows": "{docker: {baseImage: 'a:1', platform: {os: Windows, architecture: arm64}}}",
    "R": "{r: {rVersion: '4'}, docker: {baseImage: 'a:1'}}",
}
_SAID = {
    "processes of MPI": "communicator: OpenMpi\nnodeCount: 2\nmpi: {processCountPerNode: 4}",
    "Intel's MPI": "communicator: IntelMpi",
    "processes of PyTorch": "framework: PyTorch\ncommunicator: Nccl\nnodeCount: 2\npytorch: {processCount: 5}",
    "parameter servers": "framework: TensorFlow\ncommunicator: ParameterServer\ntensorflow: {workerCount: 2}",
    "limits": "maxRunDurationSeconds: 60\npriority: 3",
    "a limit that is none": "maxRunDurationSeconds: ''",
    "docker": "docker: {useDocker: true, shmSize: 4g, arguments: [--gpus, all, '-e A=b c']}",
    "a cluster for the run": "target: amlcompute\namlcompute: {vmSize: a, vmPriority: lowpriority, retainCluster: true}",
    "Kubernetes": "kubernetescompute: {instanceType: a}",
    "a target with an odd name": "target: '<put yours here>'",
    "variables": "environmentVariables: {A: 1, B: yes, C: '2024-01-31', 'd e': 'a: b # c', F: '${{inputs.x}}', G: ''}",
    "a command": "command: 'python train.py && echo \"a\"'",
    "a command as a list": "command: [python, train.py, a b]",
    "odd arguments": 'arguments: [3, 2.5, true, "a\\nb", "$A b", "it\'s", "", "#", "a: b", "%", "ä"]',
    "identity": "credentialPassthrough: true",
    "the run's own identity": "history: {ambientAuthentication: {method: runtoken}}",
    "services": (
        "applicationEndpoints: {a: {type: SSH, properties: {sshPublicKeys: k}}, b: {type: TensorBoard, properties: {logDir: l}},"
        " c: {type: Jupyter}, d: {type: VSCode, port: 80}, e: {type: Custom}}"
    ),
    "data references": "dataReferences: {a-b: {dataStoreName: s, mode: download}, c: {dataStoreName: s, mode: upload}, d: {dataStoreName: s}}",
    "datasets": (
        "data: {a: {dataLocation: {dataset: {name: n, version: '1'}}, mechanism: mount}, b: {dataLocation: {dataset: {id: i}}},"
        " c: {dataLocation: {dataPath: {datastoreName: s, relativePath: a b/*.csv}}, mechanism: download, pathOnCompute: /d},"
        " e: {dataLocation: {uri: {path: 'https://example.com/a', isFile: true}}, mechanism: mount}}"
    ),
    "outputs": (
        "outputData: {a: {outputLocation: {dataPath: {datastoreName: s, relativePath: p}}, mechanism: upload,"
        " additionalOptions: {registrationOptions: {name: r}}}, b: {}}"
    ),
    "what a job has no word for": (
        "history: {outputCollection: false, snapshotProject: false, directoriesToWatch: [a]}\nsourceDirectoryDataStore: s\n"
        "datacaches: [{datacacheId: a}]\nhdi: {yarnDeployMode: client}\nexposedPorts: [80]\njobName: mine"
    ),
    "Spark": "spark: {configuration: {spark.executor.cores: 4, spark.dynamicAllocation.minExecutors: 1}}",
    "Spark with dynamic allocation": (
        "spark: {configuration: {spark.dynamicAllocation.enabled: true, spark.dynamicAllocation.maxExecutors: 4}}"
    ),
}


def _of_sdk_v1() -> Iterator[tuple[str, str]]:
    for framework in ("Python", "PySpark"):
        head = f"script: train.py\nframework: {framework}\n"
        for name, environment in _ENVIRONMENTS.items():
            yield f"SDK v1, {framework}: {name}", f"{head}target: one\nenvironment: {environment}\n"
        for name, said in _SAID.items():
            lines = {line.partition(":")[0] for line in said.splitlines()}
            begun = "".join(line + "\n" for line in head.splitlines() if line.partition(":")[0] not in lines)
            yield f"SDK v1, {framework}: {name}", f"{begun}environment: {{name: mine}}\n{said}\n"


CASES = {
    name: _migrated({_SOURCE: run, "aml_config/there.compute": compute, **_BESIDE})
    for name, run, compute in _of_workbench()
} | {name: _migrated({_SOURCE: run, **_BESIDE}) for name, run in _of_sdk_v1()}


def unproved(python: Path) -> list[str]:
    """What is refused of the migrations of real run configurations; a script that is not there with them is made."""
    real = [path for path in FILES if FOLDER / "azureml" in path.parents]
    world = World({path: text_of(path) for path in real})
    with tempfile.TemporaryDirectory() as temporary:
        jobs = [
            job
            for number, path in enumerate(real)
            if world.document(path).format in (Format.RUN_CONFIGURATION, Format.V1)
            for job in _written(path, world, Path(temporary, str(number)))
        ]
        done = subprocess.run(
            [python, _HERE / LOADER],
            input="\n".join(map(str, jobs)),
            capture_output=True,
            text=True,
            check=True,
            encoding="utf-8",
        )
    said = [line.removeprefix("=> ") for line in done.stdout.splitlines() if line.startswith("=> ")]
    print(f"migration: {len(jobs)} real run configurations")
    return [f"{job.name}\n    the SDK: {refusal}" for job, refusal in zip(jobs, said, strict=True) if refusal]


def _written(path: Path, world: World, folder: Path) -> Iterator[Path]:
    """The job of a real run configuration, in a copy of its project."""
    make = offered(world.document(path), world.facts())
    if make is None:
        return
    project = FOLDER / "azureml" / path.relative_to(FOLDER / "azureml").parts[0]
    shutil.copytree(project, folder / project.name)
    for there, text in make().created.items():
        copy = folder / PurePath(there).relative_to(FOLDER / "azureml")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text, "utf-8", newline="")
        if copy.name.endswith(".job.yml"):
            for script in ("script.py", "train.py"):
                (copy.parent / ".." / script).touch()
                (copy.parent / script).touch()
            yield copy
