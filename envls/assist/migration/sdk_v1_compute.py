"""Where a run of SDK v1 runs, on how many machines, and in how many processes, as a job says it.

A cluster that was made for the run has serverless compute as its successor. SDK v1 counts PyTorch's processes altogether,
CLI v2 on each machine.
"""

from __future__ import annotations

import re

from envls.assist.migration import files
from envls.assist.migration.commands import command_line, without_secret_words
from envls.assist.migration.draft import Draft
from envls.assist.migration.values import words
from envls.formats.azureml.v1 import EnvironmentSection, RunConfiguration, Section, is_true

OF_CLUSTERS = "amlcompute"
"""The target of a run that gets a cluster of its own."""
_TIERS = {"lowpriority": "spot", "dedicated": "standard"}


def set_compute(run: RunConfiguration, section: EnvironmentSection | None, job: Draft) -> None:
    target = run.target
    if target.lower() == "local":
        job.set("compute", "local")
        if runs_here(run, section):
            job.note("compute", "A local job runs in a container, so Docker must be there; the run needed none.")
    elif target.lower() == OF_CLUSTERS:
        job.note("compute", "The cluster was made for the run; without `compute`, a job runs on serverless compute.")
    else:
        files.set_compute(job, target)


def runs_here(run: RunConfiguration, section: EnvironmentSection | None) -> bool:
    """Whether the run is a process of this machine, in no container."""
    enabled = section is not None and is_true(section.node("docker", "enabled"))
    return run.target.lower() == "local" and not enabled and not is_true(run.node("docker", "useDocker"))


def set_resources(run: RunConfiguration, section: EnvironmentSection | None, job: Draft) -> None:
    resources = job.part("resources", "instance_count", "instance_type", "shm_size", "docker_args")
    nodes = _nodes(run)
    if nodes > 1:
        resources.set("instance_count", nodes)
    if run.target.lower() == OF_CLUSTERS:
        if size := run.text("amlcompute", "vmSize"):
            resources.set("instance_type", size)
        if tier := _TIERS.get(run.text("amlcompute", "vmPriority").lower()):
            job.part("queue_settings").set("job_tier", tier)
    if instance := run.text("kubernetescompute", "instanceType"):
        resources.set("instance_type", instance)
    sources: list[Section] = [one for one in (run, section) if one is not None]
    if runs_here(run, section):
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


def set_distribution(run: RunConfiguration, job: Draft) -> None:
    kind = _kind(run)
    if run.text("communicator").lower() == "paralleltask":
        job.note("distribution", "`communicator: ParallelTask`: see the parallel job of CLI v2 (`type: parallel`).")
    if not kind:
        return
    distribution = Draft("type")
    distribution.set("type", kind)
    if kind == "mpi":
        set_number(distribution, "process_count_per_instance", run.text("mpi", "processCountPerNode") or "1")
        if "intel" in run.text("communicator").lower() + run.framework.lower():
            distribution.note("type", "The run used Intel's MPI; the images of Azure ML have Open MPI.")
    elif kind == "pytorch":
        _set_processes(run, distribution)
    else:
        set_number(distribution, "parameter_server_count", run.text("tensorflow", "parameterServerCount") or "1")
        set_number(distribution, "worker_count", run.text("tensorflow", "workerCount") or "1")
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


def set_number(draft: Draft, key: str, written: str) -> None:
    if re.fullmatch(r"\d+", written):
        draft.set(key, int(written))
    else:
        draft.note(key, f"`{written}` is no whole number.")
