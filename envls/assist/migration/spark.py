"""A run of PySpark as a Spark job.

What a Spark job cannot do without, azure-ai-ml 1.35 checks before it sends it: the cores and memory of the driver and the
executors, how many executors there are, a machine from its list, data that is read and written directly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from envls.assist.migration.commands import command_line, without_secret_words
from envls.assist.migration.draft import Draft
from envls.assist.migration.files import Files, set_compute
from envls.assist.migration.secrets import is_secret
from envls.assist.migration.values import scalars, words
from envls.formats.azureml import v2
from envls.syntax import Node, resolve_alias
from envls.syntax import Sequence as Items

_NEEDED = {
    "spark.driver.cores": "1",
    "spark.driver.memory": "2g",
    "spark.executor.cores": "2",
    "spark.executor.memory": "2g",
    "spark.executor.instances": "2",
}
_DYNAMIC = "spark.dynamicAllocation."
_INSTANCE = "standard_e4s_v3"
_RUNTIME = "3.4"


@dataclass
class Spark:
    """What a run says of Spark: its properties, Maven packages (`group:artifact:version`) and where these come from."""

    properties: dict[str, str] = field(default_factory=dict)
    packages: list[str] = field(default_factory=list)
    repositories: list[str] = field(default_factory=list)


def spark_of(properties: Node | None, packages: Node | None, repositories: Node | None) -> Spark:
    """What a file says of Spark, in either dialect: the nodes under `configuration`, `packages` and `repositories`."""
    listed = packages.items if isinstance(packages, Items) else ()
    coordinates = (scalars(resolve_alias(item)) for item in listed)
    return Spark(
        scalars(properties),
        [":".join(one.get(key, "") for key in ("group", "artifact", "version")) for one in coordinates if one],
        words(repositories),
    )


def make_spark_job(files: Files, script: str, arguments: Sequence[str], spark: Spark, cluster: str) -> None:
    """Makes the job one of Spark; `cluster` names its compute target, "" where it has none of the workspace."""
    job = files.job
    job.set("$schema", v2.SCHEMA.format("sparkJob"))
    job.set("type", "spark")
    files.environment.note("image", "Of this, Spark only takes the packages; it starts no container.")
    entry = Draft()
    entry.set("file", script)
    job.set("entry", entry)
    if arguments:
        job.set("args", command_line(without_secret_words(arguments, job, "args")))
    _set_properties(job.part("conf"), spark)
    if cluster:
        set_compute(job, cluster)
    if "compute" in job:
        job.note(
            "compute", "It must be a Synapse Spark pool that is attached; `resources` instead means serverless Spark."
        )
    else:
        resources = Draft()
        resources.set("instance_type", _INSTANCE)
        resources.set("runtime_version", _RUNTIME)
        job.set("resources", resources, "Serverless Spark: choose the machines and the version of Spark.")


def _set_properties(conf: Draft, spark: Spark) -> None:
    """The properties with those that must not be missing."""
    properties = dict(spark.properties)
    if spark.packages and "spark.jars.packages" not in properties:
        properties["spark.jars.packages"] = ",".join(spark.packages)
    if spark.repositories and "spark.jars.repositories" not in properties:
        properties["spark.jars.repositories"] = ",".join(spark.repositories)
    needed = dict(_NEEDED)
    if properties.get(f"{_DYNAMIC}enabled", "").lower() == "true":
        del needed["spark.executor.instances"]
        needed |= {f"{_DYNAMIC}minExecutors": "1", f"{_DYNAMIC}maxExecutors": "2"}
    else:
        for name in [name for name in properties if re.fullmatch(re.escape(_DYNAMIC) + "m(?:in|ax)Executors", name)]:
            del properties[name]
            conf.note(name, f"`{name}` only counts with `{_DYNAMIC}enabled: true`, and is refused without.")
    missing = [name for name in needed if name not in properties]
    if missing:
        named = ", ".join(name.removeprefix("spark.") for name in missing)
        conf.note(missing[0], f"A Spark job must say what it needs; nothing was said of {named}. Choose them.")
    for name, value in (needed | properties).items():
        if is_secret(name, value):
            conf.note(name, f"`{name}` is a secret and was not copied: keep it in the key vault of the workspace.")
            continue
        conf.set(name, int(value) if re.fullmatch(r"[1-9]\d*", value) else value)
    if any("mmlspark" in package for package in spark.packages):
        conf.note("spark.jars.packages", "`mmlspark` has been renamed to SynapseML; the old packages are for Spark 2.")


def set_spark_variables(job: Draft, variables: Mapping[str, str]) -> None:
    """Environment variables of the driver and the executors: a Spark job has no others."""
    conf = job.part("conf")
    for name, value in variables.items():
        if is_secret(name, value):
            conf.note(name, f"`{name}` is a secret and was not copied: keep it in the key vault of the workspace.")
        else:
            conf.set(f"spark.yarn.appMasterEnv.{name}", value)
            conf.set(f"spark.executorEnv.{name}", value)
