"""CLI v2: every table beside the loader's own schema, every key with values of every kind, and files with a mistake."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from envls.formats.azureml import v2, v2_components, v2_deployments, v2_jobs, v2_keys, v2_pipelines
from envls.formats.keys import Holds, KeyInfo, Table, find, table_of

REQUIREMENTS = ("azure-ai-ml==1.35.2",)
LOADER = "load_cli_v2.py"
JUDGED = "definition.yml"


def _below(table: Table, *names: str) -> Table:
    """The table that the keys of a table lead to."""
    for name in names:
        info = find(table, name)
        assert info is not None
        table = table_of(info.keys or info.each, None)
    return table


SCHEMAS: dict[str, Table] = {
    "EnvironmentSchema": v2_keys.ENVIRONMENT_KEYS,
    "AnonymousEnvironmentSchema": v2_keys.INLINE_ENVIRONMENT_KEYS,
    "BuildContextSchema": _below(v2_keys.ENVIRONMENT_KEYS, "build"),
    "InferenceConfigSchema": _below(v2_keys.ENVIRONMENT_KEYS, "inference_config"),
    "RouteSchema": _below(v2_keys.ENVIRONMENT_KEYS, "inference_config", "liveness_route"),
    "AutoDeleteSettingSchema": _below(v2_keys.ENVIRONMENT_KEYS, "auto_delete_setting"),
    "DataInputSchema": v2_keys.DATA_INPUT,
    "ModelInputSchema": v2_keys.MODEL_INPUT,
    "MLTableInputSchema": v2_keys.TABLE_INPUT,
    "InputLiteralValueSchema": v2_keys.LITERAL_INPUT,
    "OutputSchema": v2_keys.OUTPUT_KEYS,
    "ParameterSchema": v2_keys.PARAMETER,
    "InputPortSchema": v2_keys.INPUT_PORT,
    "OutputPortSchema": v2_keys.OUTPUT_PORT,
    "JobResourceConfigurationSchema": v2_keys.RESOURCE_KEYS,
    "ComponentResourceSchema": table_of(v2_components.COMPONENT_RESOURCES.keys, None),
    "QueueSettingsSchema": _below(v2_jobs.COMMAND_JOB, "queue_settings"),
    "ManagedIdentitySchema": v2_keys.MANAGED_IDENTITY,
    "AMLTokenIdentitySchema": v2_keys.OTHER_IDENTITY,
    "UserIdentitySchema": v2_keys.OTHER_IDENTITY,
    "PyTorchDistributionSchema": v2_keys.PYTORCH,
    "MPIDistributionSchema": v2_keys.PYTORCH,
    "TensorFlowDistributionSchema": v2_keys.TENSORFLOW,
    "RayDistributionSchema": v2_keys.RAY,
    "SshJobServiceSchema": v2_keys.SSH,
    "TensorBoardJobServiceSchema": v2_keys.TENSOR_BOARD,
    "JupyterLabJobServiceSchema": v2_keys.SERVICE,
    "VsCodeJobServiceSchema": v2_keys.SERVICE,
    "JobServiceSchema": v2_keys.SERVICE,
    "CommandJobSchema": v2_jobs.COMMAND_JOB,
    "CommandJobLimitsSchema": _below(v2_jobs.COMMAND_JOB, "limits"),
    "SweepJobSchema": v2_jobs.SWEEP_JOB,
    "ParameterizedCommandSchema": v2_jobs.TRIAL_KEYS,
    "SweepObjectiveSchema": _below(v2_jobs.SWEEP_JOB, "objective"),
    "SweepJobLimitsSchema": _below(v2_jobs.SWEEP_JOB, "limits"),
    "RandomSamplingAlgorithmSchema": v2_jobs.RANDOM,
    "GridSamplingAlgorithmSchema": v2_jobs.SAMPLING,
    "BayesianSamplingAlgorithmSchema": v2_jobs.SAMPLING,
    "ChoiceSchema": v2_jobs.CHOICE,
    "UniformSchema": v2_jobs.UNIFORM,
    "QUniformSchema": v2_jobs.QUNIFORM,
    "NormalSchema": v2_jobs.NORMAL,
    "QNormalSchema": v2_jobs.QNORMAL,
    "RandintSchema": v2_jobs.RANDINT,
    "BanditPolicySchema": v2_jobs.BANDIT,
    "MedianStoppingPolicySchema": v2_jobs.MEDIAN,
    "TruncationSelectionPolicySchema": v2_jobs.TRUNCATION,
    "ParallelJobSchema": v2_jobs.PARALLEL_JOB,
    "ComponentParallelTaskSchema": _below(v2_jobs.PARALLEL_JOB, "task"),
    "RetrySettingsSchema": _below(v2_jobs.PARALLEL_JOB, "retry_settings"),
    "SparkJobSchema": v2_jobs.SPARK_JOB,
    "SparkEntryFileSchema": v2_jobs.FILE_ENTRY,
    "SparkEntryClassSchema": v2_jobs.CLASS_ENTRY,
    "SparkResourceConfigurationSchema": _below(v2_jobs.SPARK_JOB, "resources"),
    "CommandComponentSchema": v2_components.COMMAND_COMPONENT,
    "ParallelComponentSchema": v2_components.PARALLEL_COMPONENT,
    "SparkComponentSchema": v2_components.SPARK_COMPONENT,
    "AnonymousCommandComponentSchema": v2_components.INLINE_COMMAND,
    "AnonymousParallelComponentSchema": v2_components.INLINE_PARALLEL,
    "AnonymousSparkComponentSchema": v2_components.INLINE_SPARK,
    "PipelineJobSchema": v2_pipelines.PIPELINE_JOB,
    "PipelineJobSettingsSchema": v2_pipelines.SETTINGS,
    "PipelineComponentSchema": v2_pipelines.PIPELINE_COMPONENT,
    "CommandSchema": v2_pipelines.COMMAND_NODE,
    "SweepSchema": v2_pipelines.SWEEP_NODE,
    "ParallelSchema": v2_pipelines.PARALLEL_NODE,
    "SparkSchema": v2_pipelines.SPARK_NODE,
    "PipelineSchema": v2_pipelines.PIPELINE_NODE,
    "PipelineCommandJobSchema": v2_pipelines.COMMAND_STEP,
    "PipelineParallelJobSchema": v2_pipelines.PARALLEL_STEP,
    "PipelineSparkJobSchema": v2_pipelines.SPARK_STEP,
    "ManagedOnlineDeploymentSchema": v2_deployments.MANAGED,
    "KubernetesOnlineDeploymentSchema": v2_deployments.KUBERNETES,
    "BatchDeploymentSchema": v2_deployments.BATCH,
    "AnonymousModelSchema": v2_deployments.MODEL,
    "CodeConfigurationSchema": v2_deployments.CODE_CONFIGURATION,
    "LivenessProbeSchema": v2_deployments.PROBE,
    "RequestSettingsSchema": v2_deployments.REQUEST,
    "DefaultScaleSettingsSchema": v2_deployments.DEFAULT_SCALE,
    "TargetUtilizationScaleSettingsSchema": v2_deployments.TARGET_SCALE,
    "DataCollectorSchema": v2_deployments.COLLECTOR,
    "DeploymentCollectionSchema": v2_deployments.COLLECTION,
    "DataAssetSchema": v2_deployments.COLLECTED_DATA,
    "RequestLoggingSchema": _below(v2_deployments.COLLECTOR, "request_logging"),
    "ResourceRequirementsSchema": v2_deployments.LIMITS_AND_REQUESTS,
    "ResourceSettingsSchema": v2_deployments.SETTINGS,
    "BatchRetrySettingsSchema": v2_deployments.RETRY,
}
UNION = frozenset(("type",))
"""Keys that tell the kinds of a union apart: the table says all kinds, each schema its own."""
LEFT_ALONE = frozenset(
    (
        "DeploymentTemplateReferenceSchema",
        "PrimitiveOutputSchema",
        "FlowComponentSchema",
        "SparkResourceConfigurationForNodeSchema",
    )
)
_OTHER_JOBS = (
    "AutoML",
    "Image",
    "Nlp",
    "Import",
    "Transfer",
    "Database",
    "FileSystem",
    "FileImport",
    "Training",
    "Forecast",
)


def unproved(python: Path) -> list[str]:
    """Where a table and the schema it stands for differ, and schemas without a table."""
    script = Path(__file__).with_name("schemas_cli_v2.py")
    done = subprocess.run([python, script], capture_output=True, text=True, check=True, encoding="utf-8")
    schemas = json.loads(done.stdout)
    wrong = [line for name, table in SCHEMAS.items() for line in _differences(name, table, schemas[name])]
    reached = [name for name in _without_table(schemas) if name not in LEFT_ALONE]
    wrong += [f"{name}: no table stands for it" for name in reached]
    print(f"cli_v2: {len(SCHEMAS)} tables, {sum(map(len, SCHEMAS.values()))} keys compared with the loader's schemas")
    return wrong


def _without_table(schemas: dict[str, object]) -> list[str]:
    others = (
        *_OTHER_JOBS,
        "Featurization",
        "StackEnsemble",
        "ColumnTransformer",
        "StoredProcedure",
        "CustomChoice",
        "Integer",
    )
    return [name for name in schemas if name not in SCHEMAS and not any(word in name for word in others)]


def _differences(name: str, table: Table, schema: dict[str, dict[str, dict[str, object]]]) -> list[str]:
    theirs, ours = schema["keys"], {info.name: info for info in table}
    wrong = []
    if v2.is_open(table) != bool(schema["open"]):
        wrong.append(f"{name}: takes unknown keys: {schema['open']}")
    if not schema["open"]:
        wrong += [f"{name}.{key}: the loader knows no such key" for key in ours.keys() - theirs.keys() - _trimmed(name)]
    wrong += [f"{name}.{key}: the table lacks it" for key in theirs.keys() - ours.keys()]
    for key, said in theirs.items():
        if (info := ours.get(key)) and not said["written"]:
            wrong += [f"{name}.{key}: {what}" for what in _unlike(info, said)]
    return wrong


def _trimmed(name: str) -> set[str]:
    """What the loader takes away before the schema is asked."""
    return {"name", "version"} if name.startswith("Anonymous") else set()


def _unlike(info: KeyInfo, said: dict[str, object]) -> list[str]:
    wrong = []
    if info.required != said["required"] and info.values != (
        "pipeline",
    ):  # without it the loader takes it for a command
        wrong.append(f"required: {said['required']}")
    if said["nullable"] != info.nullable and info.holds is not Holds.ANYTHING:
        wrong.append(f"nullable: {said['nullable']}")
    allowed = said["values"]
    ours = sorted(info.values) if info.values != v2_keys.TRUE_FALSE or allowed else []
    assert isinstance(allowed, list)
    if (info.name in UNION and not set(allowed) <= set(ours or allowed)) or (
        info.name not in UNION and allowed != ours
    ):
        wrong.append(f"values: {allowed}, not {ours}")
    return wrong


CASES: dict[str, dict[str, str]] = {}
INTENDED: dict[str, str] = {}
