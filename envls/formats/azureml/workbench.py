"""Azure ML Workbench (2017 to 2019): run configurations, compute targets and Spark dependencies.

Paths in a run configuration are relative to the project, the folder that holds `aml_config`; `Target: foo` means
`aml_config/foo.compute`. YAML is 1.1, and JSON is as good. Which run reads which file is in `reads_conda_file`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from envls.formats import Mention, keys
from envls.formats.keys import Holds, Key, KeyInfo, Value
from envls.formats.paths import PathRef
from envls.syntax import Mapping, Scalar, Sequence, Tree, resolve_alias
from envls.text import Span

FOLDER = "aml_config"
DEFAULT_CONDA_FILE = "aml_config/conda_dependencies.yml"
DEFAULT_NAME = "project_environment"
DEFAULT_SPARK_FILE = "aml_config/spark_dependencies.yml"
USES: dict[str, tuple[str, ...]] = {
    "baseDockerImage": ("docker", "localdocker", "remotedocker"),
    "sharedVolumes": ("docker", "localdocker", "remotedocker"),
    "nvidiaDocker": ("remotedocker",),
    "nativeSharedDirectory": ("local", "docker", "localdocker", "remotedocker"),
    "address": ("remote", "remotedocker", "cluster"),
    "username": ("remote", "remotedocker", "cluster"),
    "password": ("remote", "remotedocker", "cluster"),
    "pythonLocation": ("local", "remote"),
    "sparkSubmitLocation": ("local",),
    "yarnDeployMode": ("cluster",),
    "userManagedEnvironment": ("remote", "remotedocker"),
}
"""Which types of compute targets read a key of theirs; the others are read by all."""
DOCKER = frozenset(("docker", "localdocker", "remotedocker"))
TYPES = ("local", "localdocker", "docker", "remotedocker", "remote", "cluster")

RUN_KEYS = (
    KeyInfo(
        "ArgumentVector",
        "The script to run and its arguments, one list item each; `$file` stands for the file selected in the app.",
        Holds.LIST,
        default='`["$file"]` in the template; an empty list is refused.',
        effect="used where the command line names no script.",
    ),
    KeyInfo(
        "Target",
        "The compute target of the run: the name of a `.compute` file in `aml_config`, without its extension.",
        path="compute target",
    ),
    KeyInfo("EnvironmentVariables", "Environment variables that are set for the run.", Holds.MAPPING, nullable=True),
    KeyInfo(
        "Framework",
        "What starts the script.",
        values=("Python", "PySpark"),
        default="`PySpark`.",
        effect="`Python` starts faster, and is what a run on a GPU needs.",
    ),
    KeyInfo(
        "CondaDependenciesFile",
        "The conda environment file that the run's environment is made from, relative to the project folder.",
        default=f"`{DEFAULT_CONDA_FILE}`.",
        effect="none when the compute target is `local`, or manages its own environment.",
        path="conda file",
        nullable=True,
    ),
    KeyInfo(
        "SparkDependenciesFile",
        "The packages and settings of Spark, relative to the project folder.",
        default=f"`{DEFAULT_SPARK_FILE}`.",
        effect="only with `Framework: PySpark`.",
        path="Spark file",
        nullable=True,
    ),
    KeyInfo(
        "PrepareEnvironment",
        "Whether the run makes its conda environment first; without it one prepares by hand, once for each change.",
        Holds.BOOLEAN,
        values=("true", "false"),
        effect="only for compute targets with Docker; none for `local`.",
    ),
    KeyInfo(
        "TrackedRun",
        "Whether status, logs, metrics and outputs of the run are kept.",
        Holds.BOOLEAN,
        values=("true", "false"),
        default="`true`.",
    ),
    KeyInfo(
        "UseSampling",
        "Whether data sources give their active sample instead of all their data.",
        Holds.BOOLEAN,
        values=("true", "false"),
        effect="only for `.dsource` and `.dprep` files.",
    ),
    KeyInfo(
        "DataSourceSettings",
        "The sample that each data source uses, by the name of its `.dsource` file.",
        Holds.MAPPING,
        nullable=True,
        each=(
            KeyInfo(
                "Sampling",
                "How the source is sampled.",
                Holds.MAPPING,
                nullable=True,
                keys=(KeyInfo("Sample", "The name of the sample.", nullable=True),),
            ),
        ),
    ),
    KeyInfo(
        "DataSourceSubstitutions",
        "Data sources to be used in place of others: `one.dsource: other.dsource`.",
        Holds.MAPPING,
        nullable=True,
    ),
    KeyInfo(
        "AutoPrepareEnvironment",
        "An older name of `PrepareEnvironment`.",
        Holds.BOOLEAN,
        values=("true", "false"),
        effect="only read by the first releases of the SDK.",
        successor="PrepareEnvironment",
    ),
    KeyInfo("Description", "A note for people, from before the preview.", effect="none in the preview."),
    KeyInfo(
        "CondaFile",
        "The name of `CondaDependenciesFile` before the preview.",
        effect="none in the preview.",
        path="conda file",
        nullable=True,
        successor="CondaDependenciesFile",
    ),
    KeyInfo(
        "ManagedEnvironment",
        "Whether the environment is made for the run; `userManagedEnvironment` of the compute target says the opposite.",
        Holds.BOOLEAN,
        effect="none in the preview.",
        successor="",
    ),
)
COMPUTE_KEYS = (
    KeyInfo("type", "What kind of machine runs the script.", values=TYPES, effect="decides which other keys are read."),
    KeyInfo(
        "baseDockerImage",
        "The image that the run's container is made from.",
        effect="for the types with Docker; the `mmlspark:plus` images are the supported ones.",
    ),
    KeyInfo("address", "IP address or name of the remote machine, with its port if it is not 22."),
    KeyInfo("username", "The SSH user on the remote machine."),
    KeyInfo(
        "password",
        "A reference into the key store of the machine (`ServiceName=…#user#…`), never the password itself.",
        default="empty, when SSH keys are used.",
    ),
    KeyInfo(
        "sharedVolumes",
        "Whether the container sees the project folder itself instead of a copy.",
        Holds.BOOLEAN,
        values=("true", "false"),
        default="`false` on Windows, `true` elsewhere.",
        effect="for the types with Docker.",
    ),
    KeyInfo(
        "nvidiaDocker",
        "Whether the container may use the machine's GPU.",
        Holds.BOOLEAN,
        values=("true", "false"),
        default="`false`.",
        effect="for `remotedocker` on Linux, with a GPU image.",
    ),
    KeyInfo(
        "nativeSharedDirectory",
        "A folder that is kept between runs; scripts find it in `AZUREML_NATIVE_SHARE_DIRECTORY`.",
        default="`~/.azureml/share/`.",
        effect="with Docker only together with `sharedVolumes: true`.",
    ),
    KeyInfo(
        "pythonLocation",
        "The Python interpreter of the run, a full path; `%USERPROFILE%` and the like are understood on Windows.",
        default="`python`: the interpreter that Workbench or its command line runs in.",
        effect="for the types `local` and `remote`.",
        path="interpreter",
    ),
    KeyInfo("sparkSubmitLocation", "The `spark-submit` of the run.", default="`spark-submit`.", effect="for `local`."),
    KeyInfo(
        "yarnDeployMode",
        "Where Spark's driver runs.",
        values=("cluster", "client"),
        default="`cluster`.",
        effect="for `cluster`; notebooks need `client`.",
    ),
    KeyInfo(
        "userManagedEnvironment",
        "Whether the environment on the target is made by its user; the conda file is then not read.",
        Holds.BOOLEAN,
        values=("true", "false"),
        default="`false`.",
        effect="for `remote` and `remotedocker`.",
    ),
    KeyInfo("nodeCount", "A number of nodes.", Holds.INTEGER, effect="only read by the first releases of the SDK."),
    KeyInfo("priority", "A priority.", Holds.INTEGER, effect="only read by the first releases of the SDK."),
)
SPARK_KEYS = (
    KeyInfo(
        "configuration",
        "Spark's properties.",
        Holds.MAPPING,
        effect="the tuning of a cluster goes here too.",
        nullable=True,
    ),
    KeyInfo("repositories", "The Maven repositories that packages come from.", Holds.LIST, nullable=True),
    KeyInfo(
        "packages",
        "Maven coordinates of packages.",
        Holds.LIST,
        nullable=True,
        keys=(
            KeyInfo("group", "The Maven group."),
            KeyInfo("artifact", "The Maven artifact."),
            KeyInfo("version", "The version; in quotes, since YAML reads `0.10` as the number 0.1."),
        ),
    ),
)
_ROOT_INTERPRETER = re.compile(
    r"(?:mini|ana)conda\d?[\\/]+(?:bin[\\/]+)?python\d?(?:\.exe)?$|(?:miniforge\d?|mambaforge|amlworkbench[\\/]+python)"
    r"[\\/]+(?:bin[\\/]+)?python\d?(?:\.exe)?$",
    re.IGNORECASE,
)
_TITLE_KEYS = frozenset(info.name for info in RUN_KEYS)
TELLING = _TITLE_KEYS - {"Target", "Framework", "Description", "EnvironmentVariables"}
"""Keys of a run configuration that nothing else has."""


@dataclass(frozen=True, slots=True)
class InterpreterRef:
    """The interpreter that a compute target names."""

    node: Scalar

    @property
    def span(self) -> Span:
        return self.node.span

    @property
    def environment(self) -> str:
        """The name of the conda environment that the interpreter is in, "" where the path names none."""
        parts = [part for part in re.split(r"[\\/]+", self.node.value) if part]
        lowered = [part.lower() for part in parts]
        at = len(lowered) - 1 - lowered[::-1].index("envs") if "envs" in lowered else -1
        return parts[at + 1] if 0 <= at < len(parts) - 2 else ""

    @property
    def is_root(self) -> bool:
        """Whether it is the root interpreter of a conda installation, or whichever the caller runs in."""
        written = self.node.value.strip()
        return written in ("python", "python.exe", "python3", "") or bool(_ROOT_INTERPRETER.search(written))


@dataclass(frozen=True, slots=True)
class RunConfiguration:
    root: Mapping | None
    project: PurePath
    keys: tuple[Key, ...] = ()
    values: tuple[Value, ...] = ()
    paths: tuple[PathRef, ...] = ()

    def scalar(self, key: str) -> Scalar | None:
        node = self.root.get(key) if self.root else None
        return node if isinstance(node, Scalar) and not node.is_null else None

    @property
    def framework(self) -> str:
        found = self.scalar("Framework")
        return found.value if found else "PySpark"

    def path(self, key: str) -> PathRef | None:
        return next((path for path in self.paths if path.key == key), None)

    def mentions(self) -> Iterator[Mention]:
        yield from self.paths
        yield from self.keys
        yield from self.values


@dataclass(frozen=True, slots=True)
class Compute:
    root: Mapping | None
    project: PurePath
    keys: tuple[Key, ...] = ()
    values: tuple[Value, ...] = ()
    interpreter: InterpreterRef | None = None

    def scalar(self, key: str) -> Scalar | None:
        node = self.root.get(key) if self.root else None
        return node if isinstance(node, Scalar) and not node.is_null else None

    @property
    def type(self) -> str:
        found = self.scalar("type")
        return found.value if found else ""

    @property
    def user_managed(self) -> bool:
        found = self.scalar("userManagedEnvironment")
        return found is not None and found.value.lower() == "true"

    @property
    def reads_conda_file(self) -> bool | None:
        """Whether a run on this target is made from the conda file of its run configuration; None of an unknown type."""
        if self.type not in TYPES:
            return None
        return self.type not in ("local", "remote") and not self.user_managed

    def mentions(self) -> Iterator[Mention]:
        if self.interpreter:
            yield self.interpreter
        yield from self.keys
        yield from self.values


@dataclass(frozen=True, slots=True)
class SparkDependencies:
    root: Mapping | None
    keys: tuple[Key, ...] = ()
    values: tuple[Value, ...] = ()

    def mentions(self) -> Iterator[Mention]:
        yield from self.keys
        yield from self.values


def is_run_configuration(root: Mapping, by_name: bool) -> bool:
    """Whether a mapping is a Workbench run configuration: title-case keys, as SDK v1 wrote none."""
    names = {entry.key.value for entry in root.entries}
    if by_name:
        return bool(names & TELLING) or (bool(names & _TITLE_KEYS) and "Environment" not in names) or not names
    return len(names & TELLING) >= 2


def project_of(path: PurePath) -> PurePath:
    """The project that a configuration file belongs to: the folder that holds its `aml_config`."""
    return path.parent.parent if path.parent.name == FOLDER else path.parent


def read_run_configuration(path: PurePath, tree: Tree) -> RunConfiguration:
    project = project_of(path)
    root = tree.root
    if not isinstance(root, Mapping):
        return RunConfiguration(None, project)
    names, values = _table(root, RUN_KEYS)
    return RunConfiguration(root, project, names, values, tuple(_paths(root, project, path)))


def _paths(root: Mapping, project: PurePath, path: PurePath) -> Iterator[PathRef]:
    for key, kind in (("CondaDependenciesFile", "conda file"), ("SparkDependenciesFile", "Spark file")):
        node = root.get(key)
        if isinstance(node, Scalar) and not node.is_null:
            yield PathRef(node, key, kind, project)
    target = root.get("Target")
    if isinstance(target, Scalar) and not target.is_null:
        folder = path.parent if path.parent.name == FOLDER else project / FOLDER
        yield PathRef(target, "Target", "compute target", folder, ".compute")
    arguments = root.get("ArgumentVector")
    if isinstance(arguments, Sequence) and arguments.items:
        script = resolve_alias(arguments.items[0])
        if isinstance(script, Scalar) and script.value and not script.value.startswith("$"):
            yield PathRef(script, "ArgumentVector", "script", project)


def read_compute(path: PurePath, tree: Tree) -> Compute:
    root = tree.root
    if not isinstance(root, Mapping):
        return Compute(None, project_of(path))
    names, values = _table(root, COMPUTE_KEYS)
    location = root.get("pythonLocation")
    interpreter = InterpreterRef(location) if isinstance(location, Scalar) and not location.is_null else None
    return Compute(root, project_of(path), names, values, interpreter)


def read_spark_dependencies(tree: Tree) -> SparkDependencies:
    root = tree.root
    if not isinstance(root, Mapping):
        return SparkDependencies(None)
    names, values = _table(root, SPARK_KEYS)
    return SparkDependencies(root, names, values)


def _table(root: Mapping, table: keys.Table) -> tuple[tuple[Key, ...], tuple[Value, ...]]:
    read = tuple(keys.read(root, table))
    return tuple(k for k in read if isinstance(k, Key)), tuple(v for v in read if isinstance(v, Value))
