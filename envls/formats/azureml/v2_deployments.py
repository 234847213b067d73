"""The keys of Azure ML CLI v2's deployments: online (managed, Kubernetes) and batch."""

from __future__ import annotations

from dataclasses import replace

from envls.formats.azureml.v2_keys import (
    COMPUTE,
    ONLY_TEXT,
    REGISTERED_ENVIRONMENT_KEYS,
    RESOURCES,
    SCHEMA,
    TRUE_FALSE,
    VARIABLES,
    VERSION,
    WRITTEN,
    choice,
    component,
    count,
    environment,
    flag,
    listed,
    named,
    nested,
    number,
    snake,
    text,
    word,
    written,
)
from envls.formats.azureml.v2_pipelines import SETTINGS as SETTINGS_OF_STEPS
from envls.formats.keys import Holds, KeyInfo, Table
from envls.syntax import Mapping

_TEMPLATE: Table = (text("asset_id", "The identity of the template."),)
MODEL: Table = (
    SCHEMA,
    KeyInfo("name", "The name of the model."),
    VERSION,
    choice("type", "What kind of model it is.", ("custom_model", "mlflow_model", "triton_model"), "`custom_model`."),
    text("path", "Where it is: a local path, or an address of Azure ML.", path="model"),
    text("description", "What it is for, in your words."),
    named("tags", "Words to find it by."),
    named("properties", "Further properties."),
    text("stage", "How far it is, such as `Production`."),
    named("flavors", "How MLflow can load it."),
    text("datastore", "The datastore that it is uploaded to."),
    named("system_metadata", "What Azure ML notes about it."),
    nested("default_deployment_template", "The template that deployments are made from; experimental.", _TEMPLATE),
    listed("allowed_deployment_templates", "The templates that are allowed; experimental."),
    *WRITTEN,
    written("intellectual_property", "Who owns it."),
    written("latest_version", "The newest registered version."),
    written("utc_time_created", "When it was made."),
    written("job_name", "The job that made it."),
)
CODE_CONFIGURATION: Table = (
    SCHEMA,
    text("code", "The folder with the scoring script, relative to this file.", path="scoring code"),
    text("scoring_script", "The script with `init()` and `run()`, relative to `code`.", path="scoring script"),
)
_MADE = written("creation_context", "Who made it, and when.")
DEPLOYMENT: Table = (
    SCHEMA,
    text("name", "The name of the deployment.", required=True),
    text("endpoint_name", "The endpoint that it stands behind.", required=True),
    text("description", "What it is for, in your words."),
    named("tags", "Words to find it by."),
    named("properties", "Further properties."),
    KeyInfo(
        "model",
        "The model: `azureml:name:version`, `azureml:name@latest`, a registry's, or its definition.",
        also=(Holds.MAPPING,),
        path="registered",
        keys=MODEL,
    ),
    nested("code_configuration", "The code that scores.", CODE_CONFIGURATION, effect="not needed for MLflow models."),
    environment(keys=REGISTERED_ENVIRONMENT_KEYS),
    VARIABLES,
    text("id", "Its identity in Azure.", effect="none: Azure ML writes it."),
)

# -- online ---------------------------------------------------------------------------------------------------

_PROBE: Table = (
    count("initial_delay", "Seconds before it is asked at first.", "10."),
    count("period", "Seconds between two questions.", "10."),
    count("timeout", "Seconds that the answer may take.", "2."),
    count("success_threshold", "How many good answers in a row count.", "1."),
    count("failure_threshold", "How many bad answers in a row count.", "30."),
)
PROBE = _PROBE
_SCALE_TYPE = choice(
    "type",
    "How the number of machines follows the load.",
    ("default", "target_utilization"),
    required=True,
    spelled=snake,
)
DEFAULT_SCALE: Table = (_SCALE_TYPE,)
TARGET_SCALE: Table = (
    _SCALE_TYPE,
    count("polling_interval", "Seconds between two looks.", "1."),
    count("target_utilization_percentage", "How busy the machines shall be.", "70."),
    count("min_instances", "The fewest machines.", "1."),
    count("max_instances", "The most machines.", "1."),
)


def _scale(node: Mapping | None) -> Table:
    return DEFAULT_SCALE if word(node, "type") == "default" else TARGET_SCALE


REQUEST: Table = (
    count("request_timeout_ms", "Milliseconds that a request may take.", "5000."),
    count("max_concurrent_requests_per_instance", "How many requests a machine takes at a time.", "1."),
    count("max_queue_wait_ms", "Milliseconds that a request may wait.", "500."),
)
COLLECTED_DATA: Table = (
    text("name", "The name of the data asset."),
    text("path", "Where the data goes."),
    text("version", "The version of the data asset."),
    text("data_id", "Its identity in Azure."),
)
COLLECTION: Table = (
    KeyInfo(
        "enabled",
        'Whether it is collected, in quotes: `"true"` or `"false"`.',
        values=TRUE_FALSE,
        required=True,
        spelled=str.lower,
    ),
    KeyInfo("data", "Where it is kept.", also=(Holds.MAPPING,), keys=COLLECTED_DATA),
    text("client_id", "The identity that writes it."),
)
COLLECTOR: Table = (
    named("collections", "What is collected, such as `model_inputs`.", KeyInfo("", "", Holds.MAPPING), COLLECTION),
    choice("rolling_rate", "How often a new file is begun.", ("minute", "hour", "day"), "`hour`."),
    number("sampling_rate", "The share of the requests that is collected, from 0 to 1.", "1."),
    nested(
        "request_logging",
        "What of the requests is kept.",
        (listed("capture_headers", "The headers that are kept.", ONLY_TEXT),),
    ),
)
_ONLINE: Table = (
    *DEPLOYMENT,
    count("instance_count", "How many machines it runs on.", "1."),
    nested("request_settings", "How requests are taken.", REQUEST),
    nested("liveness_probe", "How often it is asked whether it is alive.", _PROBE),
    nested("readiness_probe", "How often it is asked whether it is ready.", _PROBE),
    nested("scale_settings", "How the number of machines follows the load.", _scale),
    flag("app_insights_enabled", "Whether Application Insights gets logs."),
    text("model_mount_path", "Where the model appears in the container."),
    nested("data_collector", "Which requests and answers are kept.", COLLECTOR),
    text("provisioning_state", "How far it is.", effect="none: Azure ML writes it."),
)
ONLINE_TYPE = choice("type", "On what it runs.", ("managed", "kubernetes"), "`managed`.", spelled=snake)
MANAGED: Table = (
    ONLINE_TYPE,
    *_ONLINE[:-1],
    text("instance_type", "The size of the machines.", required=True),
    choice("egress_public_network_access", "Whether it may reach out.", ("enabled", "disabled"), "`enabled`."),
    flag("private_network_connection", "Whether it is reached over a private network; experimental."),
    _ONLINE[-1],
    _MADE,
)
SETTINGS: Table = (
    text("cpu", 'How many cores, such as `"0.5"`.'),
    text("memory", "How much memory, such as `1Gi`."),
    text("gpu", 'How many GPUs, such as `"1"`.'),
)
LIMITS_AND_REQUESTS: Table = (
    nested("requests", "What it has at least.", SETTINGS),
    nested("limits", "What it may have.", SETTINGS),
)
KUBERNETES: Table = (
    ONLINE_TYPE,
    *_ONLINE,
    text("instance_type", "The instance type of the cluster."),
    nested("resources", "What a container has of a machine.", LIMITS_AND_REQUESTS),
)

# -- batch ----------------------------------------------------------------------------------------------------

RETRY: Table = (
    count("max_retries", "How often a mini batch is tried again.", "3."),
    count("timeout", "Seconds that a mini batch may take.", "30."),
)
_BATCH_TYPE = choice("type", "What it runs.", ("model", "pipeline"))
_ERRORS = count("error_threshold", "How many files may fail; -1 for all.", "-1.")
SCORING: Table = (
    count("mini_batch_size", "How many files a call of `run()` gets.", "10."),
    count("max_concurrency_per_instance", "How many processes each machine runs.", "1."),
    choice(
        "output_action", "Whether results are gathered in one file.", ("append_row", "summary_only"), "`append_row`."
    ),
    text("output_file_name", "The file that results are gathered in.", "`predictions.csv`.", "with `append_row`."),
    nested("retry_settings", "What happens to a mini batch that fails.", RETRY),
    _ERRORS,
    text("logging_level", "How much is logged: `warning`, `info`, `debug`.", "`info`."),
)
"""How a model scores in small batches."""
_JOB_TO_RUN = text("job_definition", "The registered job to run, as `azureml:name`.", path="registered")
_COMPONENT = component("The pipeline component to run: `azureml:name:version`, a registry's, or the path of its file.")
BATCH: Table = (
    _BATCH_TYPE,
    *DEPLOYMENT,
    COMPUTE,
    RESOURCES,
    *SCORING,
    _JOB_TO_RUN,
    _COMPONENT,
    written("provisioning_state", "How far it is."),
    _MADE,
)
MODEL_BATCH_SETTINGS: Table = (
    count("instance_count", "How many machines it runs on.", "1."),
    replace(SCORING[0], default="", required=True),
    *SCORING[1:],
    VARIABLES,
)
MODEL_BATCH: Table = (
    _BATCH_TYPE,
    *DEPLOYMENT,
    text("compute", "The compute that it runs on: `azureml:name`.", required=True),
    RESOURCES,
    _ERRORS,
    nested("settings", "How the model scores.", MODEL_BATCH_SETTINGS),
)
PIPELINE_BATCH_SETTINGS: Table = tuple(
    KeyInfo(info.name, info.meaning, Holds.ANYTHING, nullable=True) for info in SETTINGS_OF_STEPS
)
PIPELINE_BATCH: Table = (
    SCHEMA,
    _BATCH_TYPE,
    text("name", "The name of the deployment.", required=True),
    text("endpoint_name", "The endpoint that it stands behind."),
    _COMPONENT,
    _JOB_TO_RUN,
    nested("settings", "What holds for all steps.", PIPELINE_BATCH_SETTINGS),
    text("description", "What it is for, in your words."),
    named("tags", "Words to find it by."),
)
OPEN: tuple[Table, ...] = (PIPELINE_BATCH_SETTINGS,)
"""The tables of schemas that take keys which they do not know."""


def kind_of_batch(root: Mapping, told: str) -> str:
    """Which of the three forms of a batch deployment a mapping has; `told` is what its schema line says.

    The flat one is the oldest. The others have `settings`; by their `type` the CLI takes the loader that knows it, by
    their schema line it takes none, and flat files with the new line are common.
    """
    names = {entry.key.value for entry in root.entries}
    if names & _ONLY_FLAT or (told == "batchDeployment" and "settings" not in names):
        return "batchDeployment"
    if names & _OF_MODELS:
        return "modelBatchDeployment"
    runs_pipeline = word(root, "type") == "pipeline" or bool(names & {_COMPONENT.name, _JOB_TO_RUN.name})
    return (
        "pipelineComponentBatchDeployment" if runs_pipeline or told.startswith("pipeline") else "modelBatchDeployment"
    )


_OF_MODELS = frozenset(("model", "compute", "code_configuration", "environment", "resources"))
_ONLY_FLAT = frozenset(info.name for info in SCORING) - {_ERRORS.name}
