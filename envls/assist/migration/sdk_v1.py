"""A run configuration of SDK v1 as a job: what it runs, for how long, and what can be reached of it.

Where a key of SDK v1 has no successor, `_NOT_CARRIED` says what a reader should know, and at which key of the job.
"""

from __future__ import annotations

from dataclasses import dataclass

from envls.assist.migration.commands import (
    command_line,
    exported,
    set_variables,
    without_secret_options,
    without_secret_words,
)
from envls.assist.migration.draft import Draft
from envls.assist.migration.files import Files
from envls.assist.migration.sdk_v1_compute import (
    OF_CLUSTERS,
    runs_here,
    set_compute,
    set_distribution,
    set_number,
    set_resources,
)
from envls.assist.migration.sdk_v1_data import Data, set_data, usable
from envls.assist.migration.sdk_v1_environment import interpreter_of, section_of, set_environment
from envls.assist.migration.spark import make_spark_job, set_spark_variables, spark_of
from envls.assist.migration.values import says_something, scalars, words
from envls.document import Document
from envls.facts import Facts
from envls.formats.azureml.v1 import EnvironmentSection, RunConfiguration, Section, camel, is_true
from envls.syntax import Mapping, Node, Scalar, Sequence, resolve_alias

_SERVICES = {
    "jupyter": "jupyter_lab",
    "jupyterlab": "jupyter_lab",
    "ssh": "ssh",
    "tensorboard": "tensor_board",
    "vscode": "vs_code",
}


@dataclass(frozen=True)
class _Lost:
    """A key without a successor: where its comment stands, what it says, and which values need none.

    The value is `shown` unless it may have a secret in it.
    """

    route: tuple[str, ...]
    place: str
    why: str
    unless: tuple[str, ...] = ()
    shown: bool = True


_NOT_CARRIED = (
    _Lost(("history", "outputCollection"), "type", "what a job logs and writes is always kept.", ("true",)),
    _Lost(("history", "snapshotProject"), "code", "`code` is always kept with the job.", ("true",)),
    _Lost(
        ("history", "directoriesToWatch"),
        "outputs",
        "a job sends `./outputs` and `./logs` while it runs; for other folders name outputs.",
        ("logs", "outputs"),
    ),
    _Lost(("priority",), "queue_settings", "a job has no priority in numbers; on serverless compute it has a tier."),
    _Lost(("sourceDirectoryDataStore",), "code", "`code` is kept where the workspace keeps it."),
    _Lost(("datacaches",), "inputs", "a job has no data caches."),
    _Lost(("autoClusterComputeSpecification",), "compute", "name a cluster, or leave it out for serverless compute."),
    _Lost(("hdi", "yarnDeployMode"), "compute", "HDInsight is no compute target of CLI v2.", ("cluster", "none")),
    _Lost(("autoPrepareEnvironment",), "environment", "the environment is always made when it has changed.", ("true",)),
    _Lost(("prepareEnvironment",), "environment", "the environment is always made when it has changed.", ("true",)),
    _Lost(("paralleltask", "maxRetriesPerWorker"), "distribution", "only a parallel job has it.", ("0",)),
    _Lost(("paralleltask", "workerCountPerNode"), "distribution", "only a parallel job has it.", ("1",)),
    _Lost(("paralleltask", "terminalExitCodes"), "distribution", "only a parallel job has it."),
    _Lost(("amlcompute", "name"), "compute", "serverless compute has no name."),
    _Lost(("amlcompute", "clusterMaxNodeCount"), "compute", "serverless compute takes what the job asks for.", ("1",)),
    _Lost(("amlcompute", "retainCluster"), "compute", "serverless compute does not stay.", ("false",)),
    _Lost(("batchai",), "compute", "Batch AI has ended."),
    _Lost(("containerInstance",), "compute", "container instances are no compute target of CLI v2."),
    _Lost(("exposedPorts",), "services", "a job names the services that answer."),
    _Lost(("docker", "sharedVolumes"), "compute", "a local job always sees a copy of `code`.", ("true",)),
)
_NOT_IN_SPARK = (
    _Lost(("command",), "entry", "a Spark job runs a script.", shown=False),
    _Lost(("communicator",), "type", "Spark sees to its processes by itself.", ("none",)),
    _Lost(("nodeCount",), "resources", "a Spark job counts executors (`spark.executor.instances`).", ("1",)),
    _Lost(("maxRunDurationSeconds",), "type", "a Spark job has no limit of time."),
    _Lost(("amlcompute", "vmSize"), "resources", "serverless Spark has a list of machines of its own."),
    _Lost(("amlcompute", "vmPriority"), "resources", "serverless Spark has no priority."),
    _Lost(("kubernetescompute", "instanceType"), "resources", "Spark does not run on Kubernetes."),
    _Lost(("docker", "shmSize"), "resources", "Spark starts no container.", ("2g",)),
    _Lost(("docker", "arguments"), "resources", "Spark starts no container.", shown=False),
    _Lost(("applicationEndpoints",), "services", "a Spark job has none of these services."),
)


def migrate(document: Document, run: RunConfiguration, files: Files, facts: Facts) -> None:
    job = files.job
    section = section_of(run, facts)
    spark = run.framework.lower().startswith("pyspark")
    data = set_data(run, job, spark=spark)
    if spark:
        _make_spark_job(run, section, files, data)
    else:
        _set_command(run, section, job, data)
        set_variables(job.part("environment_variables"), _variables(run, section))
        set_compute(run, section, job)
        set_resources(run, section, job)
        set_distribution(run, job)
        if seconds := run.text("maxRunDurationSeconds"):
            set_number(job.part("limits"), "timeout", seconds)
        _set_services(run, job)
    _set_identity(run, job)
    if name := run.text("jobName"):
        job.set("display_name", name)
    for lost in (*_NOT_CARRIED, *(_NOT_IN_SPARK if spark else ())):
        _note_lost(lost, run, job)
    set_environment(document, run, section, files, facts)


def _note_lost(lost: _Lost, run: RunConfiguration, job: Draft) -> None:
    if lost.route[0] == OF_CLUSTERS and run.target.lower() != OF_CLUSTERS:
        return
    node = run.node(*lost.route)
    if not says_something(node):
        return
    said = words(node) if isinstance(node, Sequence) else [node.value] if isinstance(node, Scalar) else []
    if said and all(one.lower() in lost.unless for one in said):
        return
    value = f": {', '.join(said)}" if said and lost.shown else ""
    job.note(lost.place, f"`{'.'.join(lost.route)}{value}`: {lost.why}")


# -- what runs ------------------------------------------------------------------------------------------------


def _set_command(run: RunConfiguration, section: EnvironmentSection | None, job: Draft, data: Data) -> None:
    given = run.node("command")
    script = run.text("script")
    python = interpreter_of(section) if section and not runs_here(run, section) else ""
    arguments = _arguments(run)
    if isinstance(given, Sequence):
        arguments, started = words(given), []
    else:
        started = [python or "python", script] if script else []
    written = [*started, *without_secret_words(arguments, job, "command")]
    filled = [data.filled_in(word) for word in written]
    command = command_line(filled)
    if isinstance(given, Scalar) and given.value:
        command = data.filled_in(without_secret_options(given.value.strip(), job))
    elif not isinstance(given, Sequence) and not script:
        command = "python script.py"
        job.note("command", "The run configuration names no script: put it in place of `script.py`.")
    if run.framework.lower() == "cntk":
        job.note("command", "CNTK is given up.")
    used = usable(data, job)
    command = exported({name: said for name, said in used.items() if said not in command}, command)
    job.set("command", command)
    _note_unheard(data, command, job, "command")


def _note_unheard(data: Data, command: str, job: Draft, key: str) -> None:
    """Says which data a script must be given otherwise than SDK v1 gave it."""
    lacking = {name: expression for name, expression in data.unheard.items() if expression not in command}
    if lacking:
        names = ", ".join(f"`{name}`" for name in lacking)
        job.note(
            key,
            f"SDK v1 gave the script {names} (`Run.get_context().input_datasets`); a job gives paths in its command:"
            f" {', '.join(lacking.values())}",
        )


def _arguments(run: RunConfiguration) -> list[str]:
    """The arguments of the script; a text instead of a list is one, as its author meant it."""
    node = run.node("arguments")
    return words(node) if not isinstance(node, Scalar) else node.value.split()


def _make_spark_job(run: RunConfiguration, section: EnvironmentSection | None, files: Files, data: Data) -> None:
    job = files.job
    arguments = [data.filled_in(argument) for argument in _arguments(run)]
    script = run.text("script")
    if not script:
        script = "script.py"
        job.note("entry", "The run configuration names no script: put it in place of `script.py`.")
    packages = section.node("spark", "packages") if section else None
    repositories = section.node("spark", "repositories") if section else None
    target = run.target if run.target.lower() not in ("local", OF_CLUSTERS) else ""
    make_spark_job(
        files, script, arguments, spark_of(run.node("spark", "configuration"), packages, repositories), target
    )
    set_spark_variables(job, _variables(run, section))
    said = " ".join(arguments)
    _note_unheard(data, said, job, "args")
    lacking = {name: expression for name, expression in data.variables.items() if expression not in said}
    if lacking:
        names = ", ".join(f"`{name}`" for name in lacking)
        paths = ", ".join(lacking.values())
        job.note("args", f"The script found {names} in its environment; a Spark job gives paths as arguments: {paths}")


def _variables(run: RunConfiguration, section: EnvironmentSection | None) -> dict[str, str]:
    """The environment variables of the run; the run configuration's own win."""
    return scalars(section.node("environmentVariables") if section else None) | scalars(
        run.node("environmentVariables")
    )


# -- who, and what can be reached -----------------------------------------------------------------------------


def _set_identity(run: RunConfiguration, job: Draft) -> None:
    ambient = ("history", "ambientAuthentication")
    method = run.text(*ambient, "method").lower()
    if is_true(run.node("credentialPassthrough")) or method == "aadtoken":
        identity = Draft()
        identity.set("type", "user_identity")
        job.set("identity", identity)
    elif method == "runtoken":
        identity = Draft()
        identity.set("type", "aml_token")
        job.set("identity", identity)
    elif method:
        job.note(
            "identity", f"`ambientAuthentication: {method}`: a job signs in as its user or with a managed identity."
        )
    if run.text(*ambient, "secret"):
        job.note("identity", "The secret of `ambientAuthentication` stays in the key vault of the workspace.")


def _set_services(run: RunConfiguration, job: Draft) -> None:
    node = run.node("applicationEndpoints")
    for entry in node.entries if isinstance(node, Mapping) else ():
        value: Node = resolve_alias(entry.value)
        if not isinstance(value, Mapping):
            continue
        described = Section(value, camel)
        kind = described.text("type")
        services = job.part("services")
        if kind.lower() not in _SERVICES:
            services.note(entry.key.value, f"`{entry.key.value}`: a job has no service of the type `{kind}`.")
            continue
        service = services.part(entry.key.value, "type", "port")
        service.set("type", _SERVICES[kind.lower()])
        if port := described.text("port"):
            set_number(service, "port", port)
        properties = scalars(described.node("properties"))
        if kind.lower() == "ssh" and (keys := properties.get("sshPublicKeys") or properties.get("ssh_public_keys")):
            service.set("ssh_public_keys", keys)
        if kind.lower() == "tensorboard" and (folder := properties.get("logDir") or properties.get("log_dir")):
            service.set("log_dir", folder)
