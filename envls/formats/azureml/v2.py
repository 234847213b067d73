"""Azure ML CLI v2: environments, jobs, components and deployments.

Which kind of definition a file is, its `$schema` line says, else its `type`, else its keys; a kind without a table here is
left alone. The loader reads YAML 1.1 (PyYAML). Paths are relative to the file that writes them, scripts to the `code`
beside them; `file:` begins the path of another definition, and is taken literally before a conda file. What begins
with `azureml:` is registered somewhere, and no path. All of it tried on azure-ai-ml 1.35.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import PurePath

from envls.formats import Mention, keys
from envls.formats.azureml import v2_deployments
from envls.formats.azureml.v2_components import (
    COMMAND_COMPONENT,
    PARALLEL_COMPONENT,
    SPARK_COMPONENT,
)
from envls.formats.azureml.v2_deployments import BATCH, KUBERNETES, MANAGED, MODEL_BATCH, PIPELINE_BATCH, kind_of_batch
from envls.formats.azureml.v2_jobs import COMMAND_JOB, PARALLEL_JOB, SPARK_JOB, SWEEP_JOB
from envls.formats.azureml.v2_keys import ENVIRONMENT_KEYS, is_environment, word
from envls.formats.azureml.v2_keys import SCHEMA as SCHEMA_KEY
from envls.formats.azureml.v2_pipelines import OPEN, PIPELINE_COMPONENT, PIPELINE_JOB
from envls.formats.conda import environment as conda
from envls.formats.keys import Key, Placed, Table, Value
from envls.formats.paths import PathRef, join
from envls.syntax import Mapping, Scalar, Tree, resolve_alias
from envls.text import Span
from envls.url import SCHEME

SCHEMA_HOST = "azuremlschemas.azureedge.net"
SCHEMA = f"https://{SCHEMA_HOST}/latest/{{}}.schema.json"
YAML = "1.1"
KINDS: dict[str, Table] = {
    "environment": ENVIRONMENT_KEYS,
    "commandJob": COMMAND_JOB,
    "sweepJob": SWEEP_JOB,
    "parallelJob": PARALLEL_JOB,
    "sparkJob": SPARK_JOB,
    "pipelineJob": PIPELINE_JOB,
    "commandComponent": COMMAND_COMPONENT,
    "parallelComponent": PARALLEL_COMPONENT,
    "sparkComponent": SPARK_COMPONENT,
    "pipelineComponent": PIPELINE_COMPONENT,
    "managedOnlineDeployment": MANAGED,
    "kubernetesOnlineDeployment": KUBERNETES,
    "batchDeployment": BATCH,
    "modelBatchDeployment": MODEL_BATCH,
    "pipelineComponentBatchDeployment": PIPELINE_BATCH,
}
"""The table of each kind, by the name of its schema."""
TELLING = ("conda_file", "environment", "endpoint_name", "image", "build", "jobs", "trial", "task", "entry")
"""Keys of which a definition has one at least."""
REFERENCES = frozenset(("conda_file", "environment", "component", "trial"))
"""The keys whose values may be paths of other files that envls reads."""
BEGINNING = re.compile(
    rf"\"?\$schema\"?\s*:.*{re.escape(SCHEMA_HOST)}|^(?:environment|conda_file|endpoint_name|trial)\s*:", re.MULTILINE
)
"""What stands at the beginning of a definition, whatever its file is called."""
_LIKELY = re.compile(r".*(?:job|pipeline|component|deployment).*\.ya?ml", re.IGNORECASE)
_SCHEMAS = {name.lower(): name for name in KINDS}
_NOTHING: Table = ()
_MOST = 20_000  # keys and values that are read of one definition
_ENVIRONMENT_NAMES = frozenset(info.name for info in ENVIRONMENT_KEYS)
_NEEDED = {"pipeline": "jobs", "sweep": "trial", "parallel": "task", "spark": "entry"}
"""The key that a definition of a type has for certain."""
_OF_COMPONENTS = frozenset(("version", "is_deterministic", "additional_includes"))
_OF_OTHERS = frozenset(("channels", "dependencies", "runs-on", "steps", "stages", "apiVersion", "services", "pool"))
_NO_PATH = re.compile(r"azureml:|git\+|https?://|.*\$\{\{", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition. `kind` is the name of its schema, "" for one without a table, which has no keys then.

    `inline` are the conda environments that are written in it.
    """

    root: Mapping
    kind: str = ""
    keys: tuple[Key, ...] = ()
    values: tuple[Value, ...] = ()
    paths: tuple[PathRef, ...] = ()
    inline: tuple[conda.EnvironmentFile, ...] = ()
    placed: tuple[Placed, ...] = field(default=(), repr=False)

    @property
    def span(self) -> Span:
        return self.root.span

    @property
    def table(self) -> Table:
        return KINDS.get(self.kind, _NOTHING)

    @property
    def is_pipeline(self) -> bool:
        return self.kind in ("pipelineJob", "pipelineComponent")

    def environments(self) -> Iterator[Placed]:
        """Each environment that is defined here: the definition itself, or what stands under `environment`."""
        yield from (one for one in self.placed if is_environment(one.table))

    def mentions(self) -> Iterator[Mention]:
        yield from self.paths
        yield from self.keys
        yield from self.values
        for environment in self.inline:
            yield from environment.channels
            yield from environment.items()


UNKNOWN: Table = (SCHEMA_KEY,)
"""What a definition of a kind without a table may have."""


def is_open(table: Table) -> bool:
    """Whether the loader takes keys that a table does not have."""
    return any(table is one for one in (*OPEN, *v2_deployments.OPEN))


# -- recognising ----------------------------------------------------------------------------------------------


def is_definition(root: Mapping) -> bool:
    """Whether a mapping is a definition of CLI v2, by its schema line or by keys that nothing else has together."""
    return has_schema(root) or bool(_kind_by_keys(root))


def may_be_called(path: PurePath) -> bool:
    """Whether a name is one that a definition is likely to have."""
    return _LIKELY.fullmatch(path.name) is not None


def may_be_definition(names: frozenset[str], text: str) -> bool:
    """Whether a text with these outermost keys may be a definition."""
    if "$schema" in names and SCHEMA_HOST in text:
        return True
    if names & _OF_OTHERS:
        return False
    return (
        _is_named_environment(names)
        or "endpoint_name" in names
        or names >= {"command", "environment"}
        or ("type" in names and bool(names & set(_NEEDED.values())))
    )


def _is_named_environment(names: set[str] | frozenset[str]) -> bool:
    if "conda_file" in names:
        return True
    has_image = bool(names & {"image", "build"})
    return has_image and ("inference_config" in names or ("name" in names and names <= _ENVIRONMENT_NAMES))


def kind_of(root: Mapping) -> str:
    """Which kind of definition a mapping is; "" for one that has no table here."""
    if not has_schema(root):
        return _kind_by_keys(root)
    schema = root.get("$schema")
    name = schema.value.rpartition("/")[2].removesuffix(".schema.json") if isinstance(schema, Scalar) else ""
    kind = _SCHEMAS.get(name.lower(), "")
    return kind_of_batch(root, kind) if kind.lower().endswith("batchdeployment") else kind


def has_schema(root: Mapping) -> bool:
    """Whether a mapping says itself that it is a definition."""
    schema = root.get("$schema")
    return isinstance(schema, Scalar) and SCHEMA_HOST in schema.value


def _kind_by_keys(root: Mapping) -> str:
    names = {entry.key.value for entry in root.entries}
    if names & _OF_OTHERS:
        return ""
    if _is_named_environment(names):
        return "environment"
    if "endpoint_name" in names and names & {"model", "environment", "code_configuration"}:
        return _deployment(root, names)
    thing = "Component" if names & _OF_COMPONENTS else "Job"
    kind = word(root, "type")
    if kind in _NEEDED:
        return kind + thing if _NEEDED[kind] in names and kind + thing in KINDS else ""
    if {"command", "environment"} <= names and kind in ("", "command"):
        return "command" + ("Component" if thing == "Component" or _has_ports(root) else "Job")
    return ""


def _deployment(root: Mapping, names: set[str]) -> str:
    if names & {"output_action", "mini_batch_size", "retry_settings", "compute"}:
        return kind_of_batch(root, "batchDeployment")
    return "kubernetesOnlineDeployment" if word(root, "type") == "kubernetes" else "managedOnlineDeployment"


def _has_ports(root: Mapping) -> bool:
    """Whether the inputs say which values they take, as a component's do, and not which ones they have."""
    inputs = root.get("inputs")
    described = [resolve_alias(entry.value) for entry in inputs.entries] if isinstance(inputs, Mapping) else []
    kinds = [one for one in described if isinstance(one, Mapping)]
    return bool(kinds) and all(one.entry("type") and not (one.entry("path") or one.entry("value")) for one in kinds)


# -- reading --------------------------------------------------------------------------------------------------


def read(path: PurePath, tree: Tree) -> Definition:
    root = tree.root if isinstance(tree.root, Mapping) else Mapping(Span(0, 0), ())
    kind = kind_of(root)
    table = KINDS.get(kind, _NOTHING)
    found = tuple(islice(keys.read(root, table), _MOST)) if table else ()
    placed = tuple(islice(keys.placed(root, table), _MOST)) if table else ()
    values = tuple(one for one in found if isinstance(one, Value))
    return Definition(
        root,
        kind,
        tuple(one for one in found if isinstance(one, Key)),
        values,
        tuple(one for each in placed for one in _paths(each, path.parent)),
        tuple(
            conda.read(Tree(one.node))
            for one in values
            if one.info.path == "conda file" and isinstance(one.node, Mapping)
        ),
        placed,
    )


def _paths(placed: Placed, base: PurePath) -> Iterator[PathRef]:
    """The paths that a mapping writes."""
    code = placed.mapping.get("code")
    beside = join(base, code.value) if isinstance(code, Scalar) and is_local(code.value) else None
    for entry in placed.mapping.entries:
        info = keys.find(placed.table, entry.key.value)
        node = resolve_alias(entry.value)
        if info is None:
            continue
        if info.name == "entry" and isinstance(node, Mapping) and beside:
            script = node.get("file")
            if isinstance(script, Scalar) and is_local(script.value):
                yield PathRef(script, "file", "script", beside)
        if not isinstance(node, Scalar) or not is_local(node.value) or node.is_null:
            continue
        prefix = "file:" if node.value.startswith("file:") else ""
        match info.path:
            case "conda file" if not prefix and not SCHEME.match(node.value):
                yield PathRef(node, info.name, "conda file", base)
            case "model" if not SCHEME.match(node.value):
                yield PathRef(node, info.name, "model", base)
            case "code" | "build context" | "scoring code":
                yield PathRef(node, info.name, "folder", base)
            case "environment" if prefix:
                yield PathRef(node, info.name, "environment definition", base, prefix=prefix)
            case "component":
                yield PathRef(node, info.name, "component", base, prefix=prefix)
            case "entry script" | "scoring script" if beside:
                yield PathRef(node, info.name, "script", beside)


def is_local(written: str) -> bool:
    """Whether a value is the path of a local file: no address, nothing registered, nothing that is filled in."""
    return bool(written) and not _NO_PATH.match(written)
