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
from envls.formats.azureml.workbench_keys import COMPUTE_KEYS, RUN_KEYS, SPARK_KEYS, TYPES
from envls.formats.keys import Key, Value
from envls.formats.paths import PathRef
from envls.syntax import Mapping, Scalar, Sequence, Tree, resolve_alias
from envls.text import Span

FOLDER = "aml_config"
DEFAULT_NAME = "project_environment"
_ROOT_INTERPRETER = re.compile(
    r"(?:mini|ana)conda\d?[\\/]+(?:bin[\\/]+)?python\d?(?:\.exe)?$|(?:miniforge\d?|mambaforge|amlworkbench[\\/]+python)"
    r"[\\/]+(?:bin[\\/]+)?python\d?(?:\.exe)?$",
    re.IGNORECASE,
)
_TITLE_KEYS = frozenset(info.name for info in RUN_KEYS)
TELLING = _TITLE_KEYS - {"Target", "Framework", "Description", "EnvironmentVariables"}
"""Keys of a run configuration that nothing else has."""
_ENOUGH = 2


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
    return may_be_run_configuration(frozenset(names))


def may_be_run_configuration(names: frozenset[str]) -> bool:
    """Whether a text with these outermost keys may be one, by its content alone."""
    return len(names & TELLING) >= _ENOUGH


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
