"""CLI v2: every table beside the loader's own schema, every key with values of every kind, and files with a mistake."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from copy import deepcopy
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
    "ModelBatchDeploymentSchema": v2_deployments.MODEL_BATCH,
    "ModelBatchDeploymentSettingsSchema": v2_deployments.MODEL_BATCH_SETTINGS,
    "PipelineComponentBatchDeploymentSchema": v2_deployments.PIPELINE_BATCH,
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
ASKED_BY_CLASSES = frozenset(("nodes",))
"""Keys whose values the loader's own classes limit, and its schemas do not."""
WANTED_BY_CLASSES = frozenset(
    ("ModelBatchDeploymentSettingsSchema.mini_batch_size", "PipelineComponentBatchDeploymentSchema.name")
)
"""Keys that the loader's own classes cannot do without, and its schemas can."""
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


_LOADED_OPEN = frozenset(f"{kind}ComponentSchema" for kind in ("Command", "Parallel", "Spark", "Pipeline"))
"""Schemas that know their keys, but whose loader takes others as well."""


def _differences(name: str, table: Table, schema: dict[str, dict[str, dict[str, object]]]) -> list[str]:
    theirs, ours = schema["keys"], {info.name: info for info in table}
    wrong = []
    takes_more = bool(schema["open"]) or name in _LOADED_OPEN
    if v2.is_open(table) != takes_more:
        wrong.append(f"{name}: takes unknown keys: {takes_more}")
    if not takes_more:
        wrong += [f"{name}.{key}: the loader knows no such key" for key in ours.keys() - theirs.keys() - _trimmed(name)]
    wrong += [f"{name}.{key}: the table lacks it" for key in theirs.keys() - ours.keys()]
    for key, said in theirs.items():
        if (info := ours.get(key)) and not said["written"]:
            wanted = said["required"] or f"{name}.{key}" in WANTED_BY_CLASSES
            wrong += [f"{name}.{key}: {what}" for what in _unlike(info, {**said, "required": wanted})]
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
    allowed = list(info.values) if info.name in ASKED_BY_CLASSES else said["values"]
    ours = sorted(info.values) if info.values != v2_keys.TRUE_FALSE or allowed else []
    assert isinstance(allowed, list)
    if (info.name in UNION and not set(allowed) <= set(ours or allowed)) or (
        info.name not in UNION and allowed != ours
    ):
        wrong.append(f"values: {allowed}, not {ours}")
    return wrong


# -- every key with values of every kind ----------------------------------------------------------------------

VALUES = (
    *("word", "''", "'2'", "2", "2.5", "true", "'false'", "null", "2024-01-31", ".inf", "!!str 3", "'1.5'", "Linux"),
    *("[]", "[a]", "[2]", "{}", "{a: 1}", "{a: text}", "{a: null}", "{unknown: 1}"),
    *("azureml:x:1", "azureml:x", "file:./none.yml", "./none.yml", "x:1"),
)
_ENVIRONMENT = "azureml:sklearn:1"
_NEEDED: dict[str, dict[str, object]] = {
    "environment": {"name": "mine", "image": "image:1"},
    "commandJob": {"command": "echo", "environment": _ENVIRONMENT},
    "sweepJob": {
        "type": "sweep",
        "trial": {"command": "echo", "environment": _ENVIRONMENT},
        "objective": {"goal": "minimize", "primary_metric": "loss"},
        "limits": {"max_total_trials": 4},
        "sampling_algorithm": "random",
        "search_space": {"mine": {"type": "choice", "values": [1]}},
    },
    "sparkJob": {"type": "spark", "entry": {"file": "main.py"}, "resources": {"runtime_version": "3.4"}},
    "pipelineJob": {"type": "pipeline", "jobs": {"mine": {"command": "echo", "environment": _ENVIRONMENT}}},
    "commandComponent": {"name": "mine", "command": "echo", "environment": _ENVIRONMENT},
    "parallelComponent": {
        "name": "mine",
        "type": "parallel",
        "task": {"type": "run_function", "environment": _ENVIRONMENT},
    },
    "sparkComponent": {"name": "mine", "type": "spark", "entry": {"file": "main.py"}},
    "pipelineComponent": {"name": "mine", "type": "pipeline", "jobs": {}},
    "managedOnlineDeployment": {"name": "blue", "endpoint_name": "mine", "instance_type": "Standard_DS3_v2"},
    "kubernetesOnlineDeployment": {"name": "blue", "endpoint_name": "mine", "type": "kubernetes"},
    "batchDeployment": {"name": "blue", "endpoint_name": "mine"},
    "modelBatchDeployment": {
        "name": "blue",
        "endpoint_name": "mine",
        "compute": "azureml:cpu",
        "settings": {"mini_batch_size": 2},
    },
    "pipelineComponentBatchDeployment": {"name": "blue", "type": "pipeline", "settings": {}},
}
"""The smallest definition of each kind that is loaded."""
_BESIDE: dict[tuple[str, ...], dict[str, object]] = {
    ("environment",): {"image": "image:1"},
    ("liveness_route",): {"port": 1, "path": "/"},
    ("readiness_route",): {"port": 1, "path": "/"},
    ("scoring_route",): {"port": 1, "path": "/"},
    ("inference_config",): {
        name: {"port": 1, "path": "/"} for name in ("liveness_route", "readiness_route", "scoring_route")
    },
    ("distribution",): {"type": "pytorch"},
    ("identity",): {"type": "managed"},
    ("early_termination",): {"type": "bandit"},
    ("scale_settings",): {"type": "target_utilization"},
    ("collections", "mine"): {"enabled": "true"},
    ("sampling_algorithm",): {"type": "random"},
}
"""What stands beside a key so that the rest of its mapping can be loaded, by the end of the way to it."""


def _routes(table: Table, route: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], KeyInfo]]:
    """Every key with the keys that lead to it, in the tables that nothing has to be said for."""
    for info in table:
        yield (*route, info.name), info
        if len(route) < _DEEPEST:
            yield from _routes(table_of(info.keys, None), (*route, info.name))
            yield from _routes(table_of(info.each, None), (*route, info.name, "mine"))


_DEEPEST = 3


def _with(kind: str, route: tuple[str, ...], value: str) -> str:
    """The smallest definition of a kind with a value at a route; flow style, so that a value is written as it stands."""
    definition = deepcopy(_NEEDED[kind])
    below: dict[str, object] = definition
    for depth, name in enumerate(route[:-1], 1):
        inner = below.get(name)
        beside = next((there for end, there in _BESIDE.items() if route[:depth][-len(end) :] == end), {})
        below[name] = inner = dict(deepcopy(beside)) | (inner if isinstance(inner, dict) else {})
        below = inner
    below[route[-1]] = _HERE
    lines = (f"{json.dumps(name)}: {json.dumps(said)}\n" for name, said in definition.items())
    return _schema(kind) + "".join(lines).replace(json.dumps(_HERE), value)


_HERE = "(here)"


def _schema(kind: str) -> str:
    return f"$schema: {v2.SCHEMA.format(kind)}\n"


def _with_values() -> Iterator[tuple[str, dict[str, str]]]:
    seen: set[tuple[KeyInfo, str]] = set()
    for kind in _NEEDED:
        for route, info in _routes(v2.KINDS[kind]):
            if (
                ((info, route[-1]) in seen and len(route) > 1)
                or info.effect.startswith("none")
                or info.name == "$schema"
            ):
                continue
            seen.add((info, route[-1]))
            for value in (*VALUES, *(f"'{one.upper()}'" for one in info.values[:2])):
                yield f"{kind} {'.'.join(route)}: {value}", {JUDGED: _with(kind, route, value)}


# -- files with a mistake -------------------------------------------------------------------------------------

_TEXTS = {
    "environment": {
        "no image": "name: mine\n",
        "image and build": "name: mine\nimage: image:1\nbuild: {path: https://github.com/example/context}\n",
        "conda keys": "name: mine\nimage: image:1\nchannels: [conda-forge]\ndependencies: [python]\n",
        "path beside build": "name: mine\nbuild:\npath: https://github.com/example/context\n",
        "twice": "name: mine\nname: yours\nimage: image:1\n",
        "tab": "name: mine\nimage:\timage:1\n\tos_type: linux\n",
        "merge": "x-common: &c {os_type: linux}\nname: mine\nimage: image:1\n<<: *c\n",
        "conda file": "name: mine\nimage: image:1\nconda_file: conda.yml\n",
        "conda file with file:": "name: mine\nimage: image:1\nconda_file: file:./conda.yml\n",
        "conda file that is not there": "name: mine\nimage: image:1\nconda_file: none.yml\n",
        "build folder": "name: mine\nbuild: {path: src}\n",
        "build folder that is not there": "name: mine\nbuild: {path: nowhere}\n",
        "reserved": "name: AzureML-mine\nimage: image:1\n",
        "SDK v1": "name: mine\npython:\n  userManagedDependencies: true\n",
    },
    "commandJob": {
        "no environment": "command: echo\n",
        "code": "command: echo\nenvironment: azureml:x:1\ncode: src\n",
        "code that is not there": "command: echo\nenvironment: azureml:x:1\ncode: nowhere\n",
        "definition": "command: echo\nenvironment: file:environment.yml\n",
        "a registry without slashes": "command: echo\nenvironment: azureml:registries/azureml/environments/x/labels/latest\n",
        "a path behind azureml:": "command: echo\nenvironment: azureml:envs/mine.yml\n",
        "an identity of Azure": "command: echo\nenvironment: azureml:/subscriptions/a/environments/b/versions/1\n",
        "a conda file in place of a definition": "command: echo\nenvironment: file:conda.yml\n",
        "code with a label": "command: echo\nenvironment: azureml:x:1\ncode: azureml:x@latest\n",
        "Workbench": "ArgumentVector: [a]\nTrackedRun: true\nTarget: docker\n",
        "bare definition": "command: echo\nenvironment: environment.yml\n",
        "inline": "command: echo\nenvironment:\n  image: image:1\n  conda_file: conda.yml\n",
        "inline with name": "command: echo\nenvironment:\n  name: x\n  version: 2024-01-31\n  image: image:1\n",
        "inline conda": "command: echo\nenvironment:\n  image: image:1\n  conda_file:\n    dependencies: [python]\n",
        "inputs": "command: echo\nenvironment: azureml:x:1\ninputs:\n  a: 1\n  b:\n    type: uri_file\n    path: https://example.com/x\n",
        "a component's inputs": "command: echo\nenvironment: azureml:x:1\ninputs:\n  a:\n    type: number\n    default: 1\n",
        "SDK v1": "script: train.py\nenvironment:\n  python:\n    userManagedDependencies: true\ntarget: local\n",
        "preview of 2021": "command: echo\nenvironment: azureml:x:1\ncode:\n  local_path: src\n",
        "distribution": "command: echo\nenvironment: azureml:x:1\ndistribution: {type: ray, process_count_per_instance: 2}\n",
        "service": "command: echo\nenvironment: azureml:x:1\nservices: {a: {type: ssh, ssh_public_keys: x}}\n",
        "Command": "type: Command\ncommand: echo\nenvironment: azureml:x:1\n",
    },
    "pipelineJob": {
        "no type": "jobs: {}\n",
        "component": "type: pipeline\njobs:\n  one:\n    component: ./component.yml\n    inputs: {a: ${{parent.inputs.a}}}\n".replace(
            "{a: ${{parent.inputs.a}}}", "\n      a: ${{parent.inputs.a}}"
        ),
        "component with type": "type: pipeline\njobs:\n  one:\n    type: command\n    component: file:component.yml\n",
        "component that is not there": "type: pipeline\njobs:\n  one:\n    component: ./none.yml\n",
        "a step's unknown key": "type: pipeline\njobs:\n  one:\n    component: azureml:x:1\n    inputz: {}\n",
        "a command's unknown key": "type: pipeline\njobs:\n  one:\n    type: command\n    command: echo\n    environment: azureml:x:1\n    inputz: {}\n",
        "a component of a registry without slashes": "type: pipeline\njobs:\n  one:\n    component: azureml:registries/azureml/components/x/versions/1\n",
        "a step without environment": "type: pipeline\njobs:\n  one:\n    type: command\n    command: echo\n",
        "unknown kind": "type: pipeline\njobs:\n  one:\n    type: nothing\n    command: echo\n",
        "a name with a dash": "type: pipeline\njobs:\n  step-one:\n    component: azureml:x:1\n",
        "settings": "type: pipeline\njobs: {}\nsettings:\n  default_compute: azureml:cpu\n  unknown: 1\n",
        "bare compute": "type: pipeline\njobs: {}\nsettings:\n  default_compute: cpu\n",
        "bare datastore": "type: pipeline\njobs: {}\nsettings:\n  default_datastore: blob\n",
        "jobs and component": "type: pipeline\njobs: {a: {component: azureml:x:1}}\ncomponent: azureml:x:1\n",
        "inline component": "type: pipeline\njobs:\n  one:\n    type: command\n    component:\n      command: echo\n      environment: azureml:x:1\n",
        "bound": "type: pipeline\ninputs: {n: 2}\njobs:\n  one:\n    type: command\n    component: azureml:x:1\n    resources:\n      instance_count: ${{parent.inputs.n}}\n",
        "sweep": "type: pipeline\njobs:\n  one:\n    type: sweep\n    trial: azureml:x:1\n    objective: {goal: minimize, primary_metric: x}\n    limits: {max_total_trials: 2}\n    sampling_algorithm: random\n    search_space: {a: {type: choice, values: [1]}}\n",
        "parallel": "type: pipeline\njobs:\n  one:\n    type: parallel\n    task: {type: run_function, environment: azureml:x:1, entry_script: a.py, code: src}\n    mini_batch_size: 1kb\n",
        "number for a batch": "type: pipeline\njobs:\n  one:\n    type: parallel\n    task: {type: run_function, environment: azureml:x:1}\n    mini_batch_size: 10\n",
    },
    "commandComponent": {
        "inputs": "name: mine\ncommand: echo\nenvironment: azureml:x:1\ninputs:\n  a: {type: number, default: 1, min: 0}\n  b: {type: uri_file, mode: ro_mount}\n",
        "a job's inputs": "name: mine\ncommand: echo\nenvironment: azureml:x:1\ninputs:\n  a: 1\n",
        "capitals": "name: mine\ncommand: echo\nenvironment: azureml:x:1\ninputs:\n  a: {type: Number}\n",
        "primitive output": "name: mine\ncommand: echo\nenvironment: azureml:x:1\noutputs:\n  a: {type: boolean, is_control: true}\n",
        "a dash": "name: my-component\ncommand: echo\nenvironment: azureml:x:1\n",
        "date": "name: mine\nversion: 2024-01-31\ncommand: echo\nenvironment: azureml:x:1\n",
        "compute": "name: mine\ncommand: echo\nenvironment: azureml:x:1\ncompute: azureml:x\n",
        "Command": "type: Command\nname: mine\ncommand: echo\nenvironment: azureml:x:1\n",
    },
    "managedOnlineDeployment": {
        "environment": "name: a\nendpoint_name: b\ninstance_type: c\nenvironment:\n  image: image:1\n  conda_file: conda.yml\n",
        "bare model": "name: a\nendpoint_name: b\ninstance_type: c\nmodel: mine:1\n",
        "inline model": "name: a\nendpoint_name: b\ninstance_type: c\nmodel: {path: ./model}\n",
        "model's folder": "name: a\nendpoint_name: b\ninstance_type: c\nmodel:\n  path: ./model\n  kind: x\n",
        "code": "name: a\nendpoint_name: b\ninstance_type: c\ncode_configuration: {code: src, scoring_script: a.py}\n",
        "code that is not there": "name: a\nendpoint_name: b\ninstance_type: c\ncode_configuration: {code: nowhere, scoring_script: a.py}\n",
        "no instance type": "name: a\nendpoint_name: b\n",
    },
}
_PROJECT = {
    "conda.yml": "dependencies:\n- python=3.11\n",
    "src/a.py": "",
    "environment.yml": "name: mine\nimage: image:1\n",
    "component.yml": "name: mine\ntype: command\ncommand: echo\nenvironment: azureml:x:1\ninputs: {a: {type: number, optional: true}}\n",
}


def _cases() -> Iterator[tuple[str, dict[str, str]]]:
    yield from _with_values()
    for kind, texts in _TEXTS.items():
        for name, text in texts.items():
            yield f"{kind}: {name}", {JUDGED: _schema(kind) + text, **_PROJECT}


CASES: dict[str, dict[str, str]] = dict(_cases())
_NOT_JUDGED: dict[str, tuple[str, tuple[str, ...]]] = {
    "environment conda_file": (
        "a value that is false is none to the loader",
        ("[]",),
    ),
    "commandJob inputs.mine.path_on_compute": (
        "the loader looks for it on this machine, which can only be a mistake",
        (
            "word",
            "'2'",
            "'false'",
            "!!str 3",
            "azureml:x:1",
            "azureml:x",
            "file:./none.yml",
            "./none.yml",
            "x:1",
            "Linux",
            "'1.5'",
        ),
    ),
    "commandJob outputs.mine.name": (
        "the characters of the name are not judged",
        ("azureml:x:1", "azureml:x", "file:./none.yml", "./none.yml", "x:1", "'1.5'"),
    ),
    "commandJob outputs.mine.version": (
        "that a version needs a name is not judged",
        (
            "word",
            "'2'",
            "2",
            "2.5",
            "true",
            "'false'",
            "!!str 3",
            "azureml:x:1",
            "azureml:x",
            "file:./none.yml",
            "./none.yml",
            "x:1",
            "Linux",
            "'1.5'",
        ),
    ),
    "commandJob identity.msi_resource_id": (
        "the loader's own schema takes it, and its own class does not",
        (
            "word",
            "''",
            "'2'",
            "'false'",
            "!!str 3",
            "azureml:x:1",
            "azureml:x",
            "file:./none.yml",
            "./none.yml",
            "x:1",
            "Linux",
            "'1.5'",
        ),
    ),
    "sparkJob conf": ("the loader's own classes want more than its schema says", ("{a: null}",)),
    "sparkJob resources.runtime_version": (
        "the grammar of versions is not judged",
        ("word", "''", "'false'", "azureml:x:1", "azureml:x", "file:./none.yml", "./none.yml", "x:1", "Linux"),
    ),
    "sparkJob properties": ("the loader's own classes want more than its schema says", ("{a: null}",)),
    "pipelineJob jobs.mine.component": ("an empty reference to a component is not judged", ("''",)),
    "commandComponent version": (
        "nothing is no version to it; envls takes anything for a component's version",
        ("null", "[]", "{}"),
    ),
    "commandComponent type": ("the loader takes nothing for a command", ("null",)),
    "commandComponent outputs.mine.type": (
        "the loader's own classes want more than its schema says",
        ("'STRING'", "'NUMBER'"),
    ),
    "commandComponent properties": ("the loader's own classes want more than its schema says", ("{a: null}",)),
    "parallelComponent version": (
        "nothing is no version to it; envls takes anything for a component's version",
        ("null", "[]", "{}"),
    ),
    "parallelComponent mini_batch_size": (
        "the grammar of sizes is not judged",
        ("word", "''", "'false'", "azureml:x:1", "azureml:x", "file:./none.yml", "./none.yml", "x:1", "Linux", "'1.5'"),
    ),
    "sparkComponent version": (
        "nothing is no version to it; envls takes anything for a component's version",
        ("null", "[]", "{}"),
    ),
    "sparkComponent conf": ("the loader's own classes want more than its schema says", ("{a: null}",)),
    "sparkComponent properties": ("the loader's own classes want more than its schema says", ("{a: null}",)),
    "pipelineComponent version": (
        "nothing is no version to it; envls takes anything for a component's version",
        ("null", "[]", "{}"),
    ),
    "managedOnlineDeployment model.allowed_deployment_templates": (
        "the loader's own classes want more than its schema says",
        ("[a]", "[2]"),
    ),
    "managedOnlineDeployment data_collector": ("what the loader's own classes want of it is not judged", ("{}",)),
    "managedOnlineDeployment data_collector.rolling_rate": (
        "what the loader's own classes want of it is not judged",
        ("'MINUTE'", "'HOUR'"),
    ),
    "managedOnlineDeployment data_collector.sampling_rate": (
        "the range of the number is not judged",
        ("'2'", "2", "2.5", "!!str 3", "'1.5'"),
    ),
    "managedOnlineDeployment data_collector.request_logging": (
        "what the loader's own classes want of it is not judged",
        ("{}",),
    ),
    "managedOnlineDeployment data_collector.request_logging.capture_headers": (
        "what the loader's own classes want of it is not judged",
        ("[]", "[a]"),
    ),
    "kubernetesOnlineDeployment type": (
        "the loader's own classes want more than its schema says",
        ("'MANAGED'", "'KUBERNETES'"),
    ),
    "kubernetesOnlineDeployment data_collector": ("what the loader's own classes want of it is not judged", ("{}",)),
    "batchDeployment job_definition": (
        "the loader's own classes want more than its schema says",
        ("azureml:x:1", "azureml:x"),
    ),
    "pipelineComponentBatchDeployment component": (
        "the loader's own reading of references to components is not judged",
        ("''",),
    ),
    "batchDeployment component": (
        "the loader's own reading of references to components is not judged",
        ("''", "azureml:x:1", "azureml:x"),
    ),
}
"""By kind and key: why a verdict may differ, and for which values."""
INTENDED: dict[str, str] = {
    f"{key}: {value}": why for key, (why, values) in _NOT_JUDGED.items() for value in values
} | {
    "commandJob outputs.mine.version: .inf": _NOT_JUDGED["commandJob outputs.mine.version"][0],
    "sparkJob resources.runtime_version: .inf": _NOT_JUDGED["sparkJob resources.runtime_version"][0],
}
REAL: dict[str, str] = {}
"""Real files on which the two may differ, and why."""
