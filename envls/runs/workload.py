"""A workload: something that runs, in whatever dialect, and the environment that it runs in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import PurePath

from envls.formats.conda.environment import EnvironmentFile
from envls.formats.paths import PathRef
from envls.runs.workbench import Run
from envls.text import Span


class Dialect(Enum):
    """The generation of Azure ML that runs it, as a phrase for a person."""

    WORKBENCH = "Azure ML Workbench"
    V1 = "Azure ML SDK v1"
    V2 = "Azure ML CLI v2"


class Role(Enum):
    """What it is that runs, as a phrase for a person."""

    RUN = "run"
    JOB = "job"
    PARALLEL = "parallel job"
    SPARK = "Spark job"
    SERVICE = "web service"
    ONLINE = "online deployment"
    BATCH = "batch deployment"
    ONLINE_MLFLOW = "online deployment of an MLflow model"
    BATCH_MLFLOW = "batch deployment of an MLflow model"
    DEPLOYMENT = "deployment without a scoring script"


@dataclass(frozen=True)
class Script:
    """A Python program that a workload starts: its file, and where the workload names it."""

    path: PurePath
    span: Span


@dataclass(frozen=True)
class RunEnvironment:
    """What a workload runs in. `defined_in` is the file that says so.

    `packages` is what its conda file lists, and `path` where that file is: the file that says so itself where the packages
    are listed in it. `made` tells whether the environment is made from it (on linux-64): else it is there already, and
    `packages` describes it at best; None where that is not known. `reference` is how the conda file is named, if it is.
    `registered` is the name of an environment of the workspace or a registry, `image` that of a Docker image; with `built`
    the image is made from a Dockerfile. `interpreter` is the one that runs, where that is written, and `lives_in` the name of
    the environment that it is in, if its path tells. `local`: it is one of this machine, no image's. `because` says why it is not made
    from the conda file that is named, or would be by default: what somebody wrote, without "because". With `own_server`
    the image answers requests by itself (`inference_config`), whatever the packages are.
    """

    defined_in: PurePath
    path: PurePath | None = None
    packages: EnvironmentFile | None = None
    made: bool | None = True
    reference: PathRef | None = None
    registered: str = ""
    image: str = ""
    built: bool = False
    interpreter: str = ""
    lives_in: str = ""
    local: bool = False
    because: str = ""
    own_server: bool = False


@dataclass(frozen=True)
class Workload:
    """Something that runs. `path` and `span` say which file has it run, and where.

    `step` is its name where a file has several. `folders` are those that its modules are looked for in, beside the folder of
    each script. `command` is the line that starts it, where it is one; `reads` are the types of the inputs that it is given
    in small batches (of a parallel job).
    """

    path: PurePath
    span: Span
    dialect: Dialect
    role: Role
    environment: RunEnvironment
    scripts: tuple[Script, ...] = ()
    folders: tuple[PurePath, ...] = ()
    step: str = ""
    run: Run | None = None
    command: str = ""
    reads: frozenset[str] = frozenset()
