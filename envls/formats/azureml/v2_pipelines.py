"""The keys of Azure ML CLI v2's pipelines, as a job and as a component, and of their steps.

A step is told from its kind (`type`) and from whether it names a component. The kinds that have no table here (AutoML,
import, data transfer) are left alone.
"""

from __future__ import annotations

from envls.formats.azureml.v2_components import (
    COMMAND_COMPONENT,
    COMPONENT,
    COMPONENT_RESOURCES,
    INLINE_COMMAND,
    INLINE_PARALLEL,
    INLINE_SPARK,
    PARALLEL_COMPONENT,
    SPARK_COMPONENT,
    component_type,
)
from envls.formats.azureml.v2_jobs import (
    ANY_SPREAD,
    COMMAND_JOB,
    ENTRY,
    JOB,
    LIMITS,
    PARALLEL,
    PARALLEL_VARIABLES,
    RETRY,
    SPARK,
    SPARK_JOB,
    SPARK_RESOURCES,
    SWEEP,
    TASK,
    kind,
)
from envls.formats.azureml.v2_keys import (
    COMPUTE,
    DESCRIPTION,
    DISTRIBUTION,
    IDENTITY,
    INPUTS,
    NODE_OUTPUTS,
    OUTPUT_PORTS,
    OUTPUTS,
    PROPERTIES,
    QUEUE,
    RESOURCES,
    SCHEMA,
    SERVICES,
    TAGS,
    VARIABLES,
    choice,
    component,
    environment,
    flag,
    has,
    nested,
    text,
    word,
)
from envls.formats.keys import Chosen, Holds, KeyInfo, Table
from envls.syntax import Mapping

_RUNS = "What the step runs: `azureml:name:version`, a registry's (`azureml://registries/…`), or the path of its file"
_NODE: Table = (
    SCHEMA,
    INPUTS,
    NODE_OUTPUTS,
    PROPERTIES,
    text("comment", "A note on the step."),
    text("name", "The name of the step."),
    text("display_name", "The name that the studio shows."),
    DESCRIPTION,
    TAGS,
)
_ENVIRONMENT = environment()
_NODE_CODE = KeyInfo("code", "The code, in place of the component's.", nullable=True)


def _step_type(value: str, *, required: bool = False) -> KeyInfo:
    return choice("type", "Which kind of step it is.", (value,), "told from what it runs.", required=required)


def _runs(keys: Table) -> KeyInfo:
    return component(f"{_RUNS}; or the component itself.", required=True, keys=keys)


COMMAND_NODE: Table = (
    SCHEMA,
    _step_type("command"),
    _runs(INLINE_COMMAND),
    *_NODE,
    text("command", "The command line, in place of the component's."),
    _NODE_CODE,
    _ENVIRONMENT,
    VARIABLES,
    RESOURCES,
    DISTRIBUTION,
    QUEUE,
    COMPUTE,
    LIMITS,
    SERVICES,
    IDENTITY,
)
SWEEP_NODE: Table = (
    SCHEMA,
    _step_type("sweep"),
    KeyInfo(
        "trial",
        "What each trial runs: a command component, as `azureml:name:version`, the path of its file, or written here.",
        also=(Holds.MAPPING,),
        path="component",
        keys=INLINE_COMMAND,
        required=True,
    ),
    *_NODE,
    *SWEEP,
    COMPUTE,
)
PARALLEL_NODE: Table = (
    SCHEMA,
    _step_type("parallel"),
    _runs(INLINE_PARALLEL),
    *_NODE,
    *PARALLEL,
    PARALLEL_VARIABLES,
    COMPUTE,
    IDENTITY,
)
SPARK_NODE: Table = (
    SCHEMA,
    _step_type("spark"),
    _runs(INLINE_SPARK),
    *_NODE,
    KeyInfo("entry", ENTRY.meaning, Holds.MAPPING, keys=ENTRY.keys),
    *(_NODE_CODE if info.name == "code" else info for info in SPARK),
    COMPUTE,
    SPARK_RESOURCES,
    IDENTITY,
)
PIPELINE_NODE: Table = (_step_type("pipeline"), component(f"{_RUNS}.", required=True), *_NODE)


def _as_step(table: Table, value: str, *optional: str) -> Table:
    """A job as a step; the keys in `optional` are the pipeline's to say where the step does not."""
    changed = {"type": _step_type(value, required=value == "spark"), "outputs": NODE_OUTPUTS}
    if optional:
        changed["environment"] = _ENVIRONMENT
    return tuple(changed.get(info.name, info) for info in table)


COMMAND_STEP = _as_step(COMMAND_JOB, "command", "environment")
SPARK_STEP = _as_step(SPARK_JOB, "spark")
PARALLEL_STEP: Table = (
    _step_type("parallel"),
    *PARALLEL,
    PARALLEL_VARIABLES,
    *_NODE,
    COMPUTE,
    _ENVIRONMENT,
)
_COMPONENT_NODES = {
    "command": COMMAND_NODE,
    "parallel": PARALLEL_NODE,
    "spark": SPARK_NODE,
    "pipeline": PIPELINE_NODE,
}
_STEPS = {"command": COMMAND_STEP, "parallel": PARALLEL_STEP, "spark": SPARK_STEP, "pipeline": PIPELINE_NODE}
_KNOWN_BY = {"command": COMMAND_STEP, "task": PARALLEL_STEP, "entry": SPARK_STEP, "trial": SWEEP_NODE}
_ANY_TYPE = choice(
    "type",
    "Which kind of step it is.",
    ("command", "sweep", "parallel", "spark", "pipeline", "automl", "import", "data_transfer"),
)
_ANY_NODE: Table = (
    SCHEMA,
    _ANY_TYPE,
    component(f"{_RUNS}.", required=True),
    *{
        info.name: info
        for node in (PARALLEL_NODE, SPARK_NODE, COMMAND_NODE)
        for info in node
        if info.name not in ("type", "component", "resources")
    }.values(),
    nested("resources", RESOURCES.meaning, ()),
)
"""A step whose kind is the kind of its component, which another file tells."""
_LEFT_ALONE = frozenset(("automl", "import", "data_transfer", "do_while", "if_else", "parallel_for"))
_UNKNOWN_STEP: Table = (_ANY_TYPE,)
_NEW_STEP: Table = (
    _ANY_TYPE,
    component(f"{_RUNS}."),
    text("command", "The command line that runs, in a shell on the compute."),
    *(info for info in _ANY_NODE if info.name not in ("type", "component", "command")),
)


def step(node: Mapping | None) -> Table:
    """The keys of a step; none for a kind that has no table."""
    if node is not None and node.entry("<<"):
        return ()
    kind_of_step = word(node, "type")
    if kind_of_step == "sweep":
        return SWEEP_NODE
    if kind_of_step in _LEFT_ALONE:
        return ()
    if has(node, "component"):
        return _COMPONENT_NODES.get(kind_of_step, _ANY_NODE)
    if kind_of_step:
        return _STEPS.get(kind_of_step, _UNKNOWN_STEP)
    return next((table for key, table in _KNOWN_BY.items() if has(node, key)), _NEW_STEP)


JOBS = KeyInfo(
    "jobs",
    "The steps, under names of your own; what one takes from another as `${{parent.jobs.name.outputs.output}}` puts them"
    " in order.",
    Holds.MAPPING,
    each=step,
    of=KeyInfo("", "", Holds.MAPPING),
)
SETTINGS: Table = (
    text(
        "default_compute",
        "The compute of the steps that name none: `azureml:name`, or `serverless`.",
        path="registered",
    ),
    text("default_datastore", "The datastore of the steps that name none: `azureml:name`.", path="registered"),
    flag("continue_on_step_failure", "Whether the other steps go on when one fails."),
    flag("force_rerun", "Whether every step runs again, though its inputs are the same."),
)
PIPELINE_JOB: Table = (
    kind("pipeline", required=True),
    JOBS,
    component(
        "A pipeline component to run in place of `jobs`: `azureml:name:version`, a registry's, or the path of its file."
    ),
    INPUTS,
    OUTPUTS,
    nested("settings", "What holds for all steps.", SETTINGS),
    *JOB,
)
PIPELINE_COMPONENT: Table = (*COMPONENT[:3], component_type("pipeline"), JOBS, OUTPUT_PORTS, *COMPONENT[3:])
OPEN: tuple[Table | Chosen, ...] = (
    *(COMMAND_NODE, SWEEP_NODE, PARALLEL_NODE, SPARK_NODE, PIPELINE_NODE, PARALLEL_STEP, _ANY_NODE),
    *(INLINE_COMMAND, INLINE_PARALLEL, INLINE_SPARK, COMPONENT_RESOURCES.keys),
    *(COMMAND_COMPONENT, PARALLEL_COMPONENT, SPARK_COMPONENT, PIPELINE_COMPONENT),
    *(SETTINGS, TASK, RETRY.keys, ANY_SPREAD, _UNKNOWN_STEP, _NEW_STEP),
)
"""The tables of schemas that take keys which they do not know, and those of things whose kind nobody knows."""
