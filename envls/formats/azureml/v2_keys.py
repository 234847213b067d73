"""The keys of Azure ML CLI v2 that several kinds of definitions share, and those of an environment.

What the loader of azure-ai-ml takes without using it, it has written itself: such a key's effect begins with "none".
The completeness of these tables is proved by `make differential`, which compares each with the loader's own schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from envls.formats.keys import Chosen, Holds, KeyInfo, Table
from envls.syntax import Mapping, Scalar

TRUE_FALSE = ("true", "false")


def snake(text: str) -> str:
    """A word as the loader looks it up where it takes camelCase for snake_case."""
    text = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", text)
    return re.sub("([a-z0-9])([A-Z])", r"\1_\2", text).lower()


def word(node: Mapping | None, key: str) -> str:
    """The scalar at a key of a mapping in small letters, "" where there is none."""
    value = node.get(key) if node else None
    return value.value.lower() if isinstance(value, Scalar) else ""


def has(node: Mapping | None, *keys: str) -> bool:
    return node is not None and any(node.entry(key) for key in keys)


# -- how a key is told ----------------------------------------------------------------------------------------


def text(
    name: str, meaning: str, default: str = "", effect: str = "", *, required: bool = False, path: str = ""
) -> KeyInfo:
    return KeyInfo(name, meaning, default=default, effect=effect, required=required, path=path)


def choice(
    name: str,
    meaning: str,
    values: tuple[str, ...],
    default: str = "",
    *,
    required: bool = False,
    spelled: Callable[[str], str] = str.lower,
) -> KeyInfo:
    return KeyInfo(name, meaning, values=values, default=default, required=required, spelled=spelled)


def flag(name: str, meaning: str, default: str = "`false`.") -> KeyInfo:
    return KeyInfo(name, meaning, Holds.BOOLEAN, TRUE_FALSE, default)


def count(name: str, meaning: str, default: str = "", *, required: bool = False, nullable: bool = False) -> KeyInfo:
    return KeyInfo(name, meaning, Holds.INTEGER, default=default, required=required, nullable=nullable)


def number(name: str, meaning: str, default: str = "", *, required: bool = False, nullable: bool = False) -> KeyInfo:
    return KeyInfo(name, meaning, Holds.NUMBER, default=default, required=required, nullable=nullable)


def listed(name: str, meaning: str, of: KeyInfo | None = None, default: str = "") -> KeyInfo:
    return KeyInfo(name, meaning, Holds.LIST, default=default, of=of)


def nested(
    name: str, meaning: str, keys: Table | Chosen, default: str = "", effect: str = "", *, required: bool = False
) -> KeyInfo:
    return KeyInfo(name, meaning, Holds.MAPPING, default=default, effect=effect, keys=keys, required=required)


def named(
    name: str,
    meaning: str,
    of: KeyInfo | None = None,
    each: Table | Chosen = (),
    *,
    default: str = "",
    effect: str = "",
) -> KeyInfo:
    """A key that holds values under names of the user's own."""
    return KeyInfo(name, meaning, Holds.MAPPING, default=default, effect=effect, of=of, each=each)


def written(name: str, meaning: str) -> KeyInfo:
    """A key that Azure ML writes when it shows what it has; a file that says it changes nothing."""
    return KeyInfo(name, meaning, Holds.ANYTHING, effect="none: Azure ML writes it, and takes no notice of yours.")


A_TEXT = KeyInfo("", "", nullable=True)
ONLY_TEXT = KeyInfo("", "")

# -- what all have --------------------------------------------------------------------------------------------

SCHEMA = KeyInfo(
    "$schema",
    "Which kind of definition it is, for editors; Azure ML itself takes no notice.",
    Holds.ANYTHING,
)
WRITTEN = (
    written("creation_context", "Who made it, and when."),
    written("id", "Its identity in Azure."),
)
DESCRIPTION = text("description", "What it is for, in your words.")
ASSET_TAGS = named("tags", "Words to find it by.")
TAGS = named("tags", "Words to find it by.", A_TEXT)
PROPERTIES = named("properties", "Further properties; unlike tags they never change.", A_TEXT)
VERSION = KeyInfo(
    "version",
    "The version under which it is registered. Quote it: YAML reads `1.10` as the number 1.1, and `2024-01-31` as a date.",
    also=(Holds.INTEGER, Holds.NUMBER, Holds.BOOLEAN),
    default="the number after the newest one.",
)
AUTO_DELETE = nested(
    "auto_delete_setting",
    "When Azure ML deletes it by itself; experimental.",
    (
        choice(
            "condition",
            "What the time is counted from.",
            ("created_greater_than", "last_accessed_greater_than"),
            spelled=snake,
        ),
        text("value", "How long after that, such as `30d`."),
    ),
)
VARIABLES = named("environment_variables", "Environment variables of the process.")
CODE = text(
    "code",
    "The folder that is uploaded and is the working folder of the command; relative to this file. Also a `git+` or"
    " `https:` address, or code that is registered (`azureml:`).",
    "nothing is uploaded.",
    path="code",
)

# -- environments ---------------------------------------------------------------------------------------------

_ROUTE = (
    count("port", "The port that answers.", required=True),
    text("path", "The path of the address, with its first slash.", required=True),
)
CONDA_FILE = KeyInfo(
    "conda_file",
    "The conda environment that is made on top of the image: the path of its file, relative to this one, or the"
    " environment itself.",
    also=(Holds.MAPPING,),
    default="the packages of the image as they are.",
    effect="together with `image`.",
    path="conda file",
)
IMAGE = text("image", "The Docker image that the environment is made on, with its tag.", effect="instead of `build`.")
BUILD = nested(
    "build",
    "What the image is built from.",
    (
        text(
            "path",
            "The folder with the Dockerfile, relative to this file; or an `https:` address.",
            path="build context",
        ),
        text("dockerfile_path", "The Dockerfile, relative to `path`.", "`Dockerfile`.", path="Dockerfile"),
    ),
    effect="instead of `image`.",
)
_ENVIRONMENT: Table = (
    SCHEMA,
    DESCRIPTION,
    ASSET_TAGS,
    IMAGE,
    CONDA_FILE,
    BUILD,
    choice("os_type", "The operating system of the image.", ("linux", "windows"), "`linux`."),
    nested(
        "inference_config",
        "How an online deployment reaches the server in an image of your own.",
        (
            nested("liveness_route", "Where it says that it is alive.", _ROUTE, required=True),
            nested("readiness_route", "Where it says that it is ready.", _ROUTE, required=True),
            nested("scoring_route", "Where it scores.", _ROUTE, required=True),
        ),
        effect="in online deployments only.",
    ),
    text("datastore", "The datastore that the build context is uploaded to.", "the workspace's own."),
    AUTO_DELETE,
    *WRITTEN,
    written("latest_version", "The newest registered version."),
    written("intellectual_property", "Who owns it."),
)
ENVIRONMENT_KEYS: Table = (
    _ENVIRONMENT[0],
    text("name", "The name under which the environment is registered.", required=True),
    VERSION,
    *_ENVIRONMENT[1:],
)
INLINE_ENVIRONMENT_KEYS: Table = (
    *_ENVIRONMENT,
    KeyInfo(
        "name",
        "A name.",
        Holds.ANYTHING,
        effect="none: an environment that is written here stays without a name.",
        nullable=True,
    ),
    KeyInfo(
        "version",
        "A version.",
        Holds.ANYTHING,
        effect="none: an environment that is written here has no version.",
        nullable=True,
    ),
)


REGISTERED_ENVIRONMENT_KEYS: Table = (
    *_ENVIRONMENT,
    KeyInfo(
        "name",
        "The name under which the deployment registers the environment.",
        Holds.ANYTHING,
        default="it stays without a name.",
        nullable=True,
    ),
    replace(VERSION, nullable=True),
)
"""An environment that is written in a deployment: with a name it is registered."""
ENVIRONMENTS = (ENVIRONMENT_KEYS, INLINE_ENVIRONMENT_KEYS, REGISTERED_ENVIRONMENT_KEYS)


def is_environment(table: Table) -> bool:
    """Whether a table is that of an environment, wherever it stands."""
    return any(table is one for one in ENVIRONMENTS)


def environment(*, required: bool = False, nullable: bool = False, keys: Table = INLINE_ENVIRONMENT_KEYS) -> KeyInfo:
    return KeyInfo(
        "environment",
        "What the process runs in: `azureml:name:version`, `azureml:name@latest`, an environment of a registry"
        " (`azureml://registries/…`), `file:` with the path of a definition, or the definition itself.",
        also=(Holds.MAPPING,),
        path="environment",
        keys=keys,
        required=required,
        nullable=nullable,
    )


def component(meaning: str, *, required: bool = False, keys: Table | Chosen = ()) -> KeyInfo:
    also = (Holds.MAPPING,) if keys else ()
    return KeyInfo("component", meaning, also=also, path="component", keys=keys, required=required)


# -- data -----------------------------------------------------------------------------------------------------

_DATA_TYPES = ("uri_file", "uri_folder")
_MODEL_TYPES = ("custom_model", "mlflow_model", "triton_model")
INPUT_TYPES = (*_DATA_TYPES, "mltable", *_MODEL_TYPES)
OUTPUT_TYPES = INPUT_TYPES
PARAMETER_TYPES = ("string", "number", "integer", "boolean")
PORT_TYPES = (*INPUT_TYPES, "path")
_PORT_MODES = ("ro_mount", "rw_mount", "download", "upload", "mount", "direct", "eval_mount", "eval_download", "link")


def _input(modes: tuple[str, ...], *more: KeyInfo) -> Table:
    return (
        choice("type", "What kind of data it is.", INPUT_TYPES, "`uri_folder`."),
        text("path", "Where it is: a local path, an `azureml:` asset, `azureml://datastores/…`, or an address."),
        choice("mode", "How the data gets to the compute.", modes, "`ro_mount`."),
        *more,
        text("datastore", "The datastore that local data is uploaded to.", "the workspace's own."),
    )


_PATH_ON_COMPUTE = text("path_on_compute", "Where it appears on the compute.")
_READ = ("ro_mount", "download", "direct")
DATA_INPUT = _input(_READ, _PATH_ON_COMPUTE)
MODEL_INPUT = _input(_READ)
TABLE_INPUT = _input((*_READ, "eval_mount", "eval_download"), _PATH_ON_COMPUTE)
LITERAL_INPUT = (KeyInfo("value", "The value itself.", also=(Holds.BOOLEAN, Holds.INTEGER, Holds.NUMBER)),)


def _job_input(node: Mapping | None) -> Table:
    kind = word(node, "type")
    if kind in _MODEL_TYPES:
        return MODEL_INPUT
    if not kind and has(node, "value"):
        return LITERAL_INPUT
    return DATA_INPUT if kind in _DATA_TYPES else TABLE_INPUT


_VALUE = KeyInfo("", "", also=(Holds.INTEGER, Holds.NUMBER, Holds.BOOLEAN, Holds.MAPPING))
INPUTS = named(
    "inputs",
    "What goes in, under names that the command takes as `${{inputs.name}}`: a value, or data.",
    _VALUE,
    _job_input,
)
OUTPUT_KEYS: Table = (
    choice("type", "What kind of data it is.", OUTPUT_TYPES, "`uri_folder`."),
    text(
        "path", "Where it goes, as `azureml://datastores/…`.", "a folder of the job in the workspace's own datastore."
    ),
    choice("mode", "How the data leaves the compute.", ("rw_mount", "mount", "upload", "direct"), "`rw_mount`."),
    SCHEMA,
    text("name", "The name under which the output is registered."),
    KeyInfo("version", "The version under which it is registered.", also=(Holds.INTEGER, Holds.NUMBER, Holds.BOOLEAN)),
)
OUTPUTS = named(
    "outputs",
    "What comes out, under names that the command takes as `${{outputs.name}}`.",
    KeyInfo("", "", Holds.MAPPING, nullable=True),
    OUTPUT_KEYS,
)
NODE_OUTPUTS = named(
    "outputs",
    "What comes out, or an output of the pipeline that it becomes (`${{parent.outputs.name}}`).",
    KeyInfo("", "", Holds.MAPPING, also=(Holds.TEXT,), nullable=True),
    OUTPUT_KEYS,
)
PARAMETER: Table = (
    choice("type", "What kind of value it is.", PARAMETER_TYPES, required=True, spelled=str),
    text("description", "What it is for."),
    KeyInfo("default", "What it is where nothing is said.", also=(Holds.INTEGER, Holds.NUMBER, Holds.BOOLEAN)),
    flag("optional", "Whether it may be left out."),
    KeyInfo("min", "The smallest value.", Holds.NUMBER, also=(Holds.TEXT,)),
    KeyInfo("max", "The largest value.", Holds.NUMBER, also=(Holds.TEXT,)),
    listed("enum", "The values that are allowed.", ONLY_TEXT),
)
_PORT_MODE = choice("mode", "How the data gets there.", _PORT_MODES, spelled=str)
INPUT_PORT: Table = (
    choice("type", "What kind of data it is.", (*PARAMETER_TYPES, *PORT_TYPES), required=True, spelled=str),
    text("description", "What it is for."),
    flag("optional", "Whether it may be left out."),
    text("default", "What it is where nothing is said."),
    _PORT_MODE,
)
OUTPUT_PORT: Table = (INPUT_PORT[0], text("description", "What it is."), _PORT_MODE)


def _port(node: Mapping | None) -> Table:
    return PARAMETER if word(node, "type") in PARAMETER_TYPES else INPUT_PORT


def _output_port(node: Mapping | None) -> Table:
    """An output that is a value may say more: its schema takes keys that it does not know."""
    return () if word(node, "type") in PARAMETER_TYPES else OUTPUT_PORT


_PORT = KeyInfo("", "", Holds.MAPPING)
INPUT_PORTS = named("inputs", "What the component takes, under the names of its inputs.", _PORT, _port)
OUTPUT_PORTS = named("outputs", "What the component gives, under the names of its outputs.", _PORT, _output_port)

# -- where it runs --------------------------------------------------------------------------------------------

COMPUTE = text("compute", "The compute that it runs on: `azureml:name`, or `local`.", "serverless compute.")
SHM_SIZE = text("shm_size", "The shared memory of the container, such as `2g`.", "`2g`.")
RESOURCE_KEYS: Table = (
    count("instance_count", "How many machines it runs on.", "1."),
    text("instance_type", "The size of the machines, on serverless or Kubernetes compute."),
    SHM_SIZE,
    KeyInfo("docker_args", "Further arguments of `docker run`.", also=(Holds.LIST,), of=ONLY_TEXT),
    listed("locations", "The regions that it may run in.", ONLY_TEXT),
    count("max_instance_count", "How many machines it may grow to."),
    named("properties", "Further properties of the compute."),
)
RESOURCES = nested("resources", "How many machines, and which.", RESOURCE_KEYS)
QUEUE = nested(
    "queue_settings",
    "How urgent the job is on serverless compute; experimental.",
    (
        choice("job_tier", "How reliably machines are there.", ("null", "spot", "basic", "standard", "premium")),
        choice("priority", "Which jobs go first.", ("low", "medium", "high")),
    ),
)
_IDENTITY_TYPE = choice(
    "type",
    "Whose rights the job has.",
    ("managed_identity", "managed", "aml_token", "user_identity"),
    required=True,
    spelled=snake,
)
MANAGED_IDENTITY: Table = (
    _IDENTITY_TYPE,
    text("client_id", "The client ID of the managed identity."),
    text("object_id", "Its object ID."),
    text("msi_resource_id", "Its resource ID."),
)
OTHER_IDENTITY: Table = (_IDENTITY_TYPE,)


def _identity(node: Mapping | None) -> Table:
    return (
        OTHER_IDENTITY
        if word(node, "type") in ("amltoken", "aml_token", "useridentity", "user_identity")
        else MANAGED_IDENTITY
    )


IDENTITY = nested("identity", "Whose rights the job has when it reaches for data.", _identity, "the compute's.")
_DISTRIBUTION_TYPE = choice(
    "type", "How the processes find each other.", ("pytorch", "tensorflow", "mpi", "ray"), required=True
)
_PROCESSES = count("process_count_per_instance", "How many processes each machine runs.", "1.")
PYTORCH: Table = (_DISTRIBUTION_TYPE, _PROCESSES)
TENSORFLOW: Table = (
    _DISTRIBUTION_TYPE,
    count("parameter_server_count", "How many parameter servers there are.", "0."),
    count("worker_count", "How many workers there are.", "one on each machine."),
)
RAY: Table = (
    _DISTRIBUTION_TYPE,
    count("port", "The port of the head node."),
    text("address", "The address of the head node."),
    flag("include_dashboard", "Whether Ray's dashboard is started."),
    count("dashboard_port", "The port of the dashboard."),
    text("head_node_additional_args", "Further arguments of `ray start` on the head node."),
    text("worker_node_additional_args", "Further arguments of `ray start` on the others."),
)


def _distribution(node: Mapping | None) -> Table:
    return {"tensorflow": TENSORFLOW, "ray": RAY}.get(word(node, "type"), PYTORCH)


DISTRIBUTION = nested("distribution", "How the job runs in several processes.", _distribution, "one process.")
_SERVICE: Table = (
    KeyInfo("type", "What can be reached while the job runs: `jupyter_lab`, `ssh`, `tensor_board`, `vs_code`."),
    count("port", "The port that it answers on."),
    choice("nodes", "Where it runs: `all` is every machine.", ("all",), "the first machine.", spelled=str),
    named("properties", "Further properties."),
    SCHEMA,
    written("status", "How far it is."),
    written("error_message", "What went wrong."),
    written("endpoint", "Where it is reached."),
)
SSH: Table = (*_SERVICE, text("ssh_public_keys", "Who may come in."))
TENSOR_BOARD: Table = (*_SERVICE, text("log_dir", "The folder that TensorBoard reads."))
SERVICE: Table = _SERVICE


def _service(node: Mapping | None) -> Table:
    return {"ssh": SSH, "tensor_board": TENSOR_BOARD}.get(
        word(node, "type"), SERVICE if has(node, "type") else (*SSH, TENSOR_BOARD[-1])
    )


SERVICES = named("services", "What can be reached while the job runs.", KeyInfo("", "", Holds.MAPPING), _service)
