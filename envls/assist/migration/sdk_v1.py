"""A run configuration of SDK v1 as a job: what it runs, where, in how many processes, and for how long.

Where a key of SDK v1 has no successor, `_NOT_CARRIED` says what a reader should know, and at which key of the job.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from envls.assist.migration.commands import (
    command_line,
    exported,
    set_variables,
    without_secret_options,
    without_secret_words,
)
from envls.assist.migration.draft import Draft
from envls.assist.migration.files import Files, set_compute
from envls.assist.migration.sdk_v1_data import Data, set_data, usable
from envls.assist.migration.sdk_v1_environment import section_of, set_environment
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
_TIERS = {"lowpriority": "spot", "dedicated": "standard"}


@dataclass(frozen=True)
class _Lost:
    """A key without a successor: where its comment stands, what it says, and which values need none."""

    route: tuple[str, ...]
    place: str
    why: str
    unless: tuple[str, ...] = ()


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
_OF_CLUSTERS = "amlcompute"


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
        _set_compute(run, section, job)
        _set_resources(run, section, job)
        _set_distribution(run, job)
        if seconds := run.text("maxRunDurationSeconds"):
            _set_number(job.part("limits"), "timeout", seconds)
        _set_services(run, job)
    _set_identity(run, job)
    if name := run.text("jobName"):
        job.set("display_name", name)
    for lost in _NOT_CARRIED:
        _note_lost(lost, run, job)
    set_environment(document, run, section, files, facts)


def _note_lost(lost: _Lost, run: RunConfiguration, job: Draft) -> None:
    if lost.route[0] == _OF_CLUSTERS and run.target.lower() != _OF_CLUSTERS:
        return
    node = run.node(*lost.route)
    if not says_something(node):
        return
    said = words(node) if isinstance(node, Sequence) else [node.value] if isinstance(node, Scalar) else []
    if said and all(one.lower() in lost.unless for one in said):
        return
    value = f": {', '.join(said)}" if said else ""
    job.note(lost.place, f"`{'.'.join(lost.route)}{value}`: {lost.why}")


# -- what runs ------------------------------------------------------------------------------------------------


def _set_command(run: RunConfiguration, section: EnvironmentSection | None, job: Draft, data: Data) -> None:
    given = run.node("command")
    script = run.text("script")
    python = section.text("python", "interpreterPath") if section and section.user_managed else ""
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
    for name, expression in data.unheard.items():
        if expression not in command:
            job.note(
                key,
                f"The script gets `{name}` from SDK v1 (`Run.get_context().input_datasets`); give it the path: {expression}",
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
    target = run.target if run.target.lower() not in ("local", _OF_CLUSTERS) else ""
    make_spark_job(
        files, script, arguments, spark_of(run.node("spark", "configuration"), packages, repositories), target
    )
    set_spark_variables(job, _variables(run, section))
    said = " ".join(arguments)
    _note_unheard(data, said, job, "args")
    for name, expression in data.variables.items():
        if expression not in said:
            job.note(
                "args",
                f"The script found `{name}` in its environment; a Spark job gives it as an argument: {expression}",
            )
    if run.text("maxRunDurationSeconds"):
        job.note(
            "type", f"`maxRunDurationSeconds: {run.text('maxRunDurationSeconds')}`: a Spark job has no limit of time."
        )


def _variables(run: RunConfiguration, section: EnvironmentSection | None) -> dict[str, str]:
    """The environment variables of the run; the run configuration's own win."""
    return scalars(section.node("environmentVariables") if section else None) | scalars(
        run.node("environmentVariables")
    )


# -- where, and in how many processes -------------------------------------------------------------------------


def _set_compute(run: RunConfiguration, section: EnvironmentSection | None, job: Draft) -> None:
    target = run.target
    if target.lower() == "local":
        job.set("compute", "local")
        if not _in_docker(run, section):
            job.note("compute", "A local job runs in a container, so Docker must be there; the run needed none.")
    elif target.lower() == _OF_CLUSTERS:
        job.note("compute", "The cluster was made for the run; without `compute`, a job runs on serverless compute.")
    else:
        set_compute(job, target)


def _in_docker(run: RunConfiguration, section: EnvironmentSection | None) -> bool:
    """Whether a run on this machine is in a container."""
    enabled = section is not None and is_true(section.node("docker", "enabled"))
    return is_true(run.node("docker", "useDocker")) or enabled


def _set_resources(run: RunConfiguration, section: EnvironmentSection | None, job: Draft) -> None:
    resources = job.part("resources", "instance_count", "instance_type", "shm_size", "docker_args")
    nodes = _nodes(run)
    if nodes > 1:
        resources.set("instance_count", nodes)
    if run.target.lower() == _OF_CLUSTERS:
        if size := run.text("amlcompute", "vmSize"):
            resources.set("instance_type", size)
        if tier := _TIERS.get(run.text("amlcompute", "vmPriority").lower()):
            job.part("queue_settings").set("job_tier", tier)
    if instance := run.text("kubernetescompute", "instanceType"):
        resources.set("instance_type", instance)
    sources: list[Section] = [one for one in (run, section) if one is not None]
    if run.target.lower() == "local" and not _in_docker(run, section):
        return
    size = next(filter(None, (one.text("docker", "shmSize") for one in sources)), "")
    if size and size.lower() != "2g":
        resources.set("shm_size", size)
    arguments = next(filter(None, (words(one.node("docker", "arguments")) for one in sources)), [])
    if arguments:
        resources.set("docker_args", command_line(without_secret_words(arguments, job, "resources")))


def _nodes(run: RunConfiguration) -> int:
    """On how many machines it runs: a kind of distribution may say it, too."""
    said = (run.text("nodeCount"), *(run.text(kind, "nodeCount") for kind in _kinds(run)))
    return max((int(one) for one in said if one.isdigit()), default=1)


def _kinds(run: RunConfiguration) -> tuple[str, ...]:
    """The section that says more of the kind of distribution, where there is one."""
    kind = _kind(run)
    return (kind,) if kind in ("mpi", "pytorch") else ()


def _kind(run: RunConfiguration) -> str:
    communicator, framework = run.text("communicator").lower(), run.framework.lower()
    if communicator in ("openmpi", "intelmpi", "mpi") or framework in ("pythonmpi", "pythonintelmpi"):
        return "mpi"
    if communicator in ("nccl", "gloo") or (framework == "pytorch" and communicator in ("", "none")):
        return "pytorch" if communicator in ("nccl", "gloo") or run.text("pytorch", "processCount") else ""
    if communicator == "parameterserver" or framework == "tensorflowparameterserver":
        return "tensorflow"
    return ""


def _set_distribution(run: RunConfiguration, job: Draft) -> None:
    kind = _kind(run)
    if run.text("communicator").lower() == "paralleltask":
        job.note("distribution", "`communicator: ParallelTask`: see the parallel job of CLI v2 (`type: parallel`).")
    if not kind:
        return
    distribution = Draft("type")
    distribution.set("type", kind)
    if kind == "mpi":
        _set_number(distribution, "process_count_per_instance", run.text("mpi", "processCountPerNode") or "1")
        if "intel" in run.text("communicator").lower() + run.framework.lower():
            distribution.note("type", "The run used Intel's MPI; the images of Azure ML have Open MPI.")
    elif kind == "pytorch":
        _set_processes(run, distribution)
    else:
        _set_number(distribution, "parameter_server_count", run.text("tensorflow", "parameterServerCount") or "1")
        _set_number(distribution, "worker_count", run.text("tensorflow", "workerCount") or "1")
    job.set("distribution", distribution)


def _set_processes(run: RunConfiguration, distribution: Draft) -> None:
    """PyTorch's processes, which SDK v1 counts altogether and CLI v2 on each machine."""
    nodes, written = _nodes(run), run.text("pytorch", "processCount")
    count = int(written) if written.isdigit() else nodes
    distribution.set("process_count_per_instance", max(1, count // nodes))
    if count % nodes:
        distribution.note(
            "process_count_per_instance", f"`processCount: {count}` cannot be spread evenly over {nodes} machines."
        )
    backend = run.text("pytorch", "communicationBackend").lower() or run.text("communicator").lower()
    if backend == "gloo":
        distribution.note("type", '`gloo`: the script chooses the backend (`init_process_group("gloo")`).')


def _set_number(draft: Draft, key: str, written: str) -> None:
    if re.fullmatch(r"\d+", written):
        draft.set(key, int(written))
    else:
        draft.note(key, f"`{written}` is no whole number.")


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
            _set_number(service, "port", port)
        properties = scalars(described.node("properties"))
        if kind.lower() == "ssh" and (keys := properties.get("sshPublicKeys") or properties.get("ssh_public_keys")):
            service.set("ssh_public_keys", keys)
        if kind.lower() == "tensorboard" and (folder := properties.get("logDir") or properties.get("log_dir")):
            service.set("log_dir", folder)
