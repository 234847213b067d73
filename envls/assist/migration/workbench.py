"""A run configuration of Workbench as a job: with its compute target, its conda file and its Spark file.

A run in Docker on this machine is a local job, one on a cluster of HDInsight or with PySpark a Spark job. A machine that was
reached over SSH has no successor: the job names a compute target of the same name.
"""

from __future__ import annotations

from pathlib import PurePath

from envls.assist.migration.commands import command_line, set_variables, without_secret_words
from envls.assist.migration.files import Files, set_compute, set_conda_file, set_image
from envls.assist.migration.spark import Spark, make_spark_job, set_spark_variables, spark_of
from envls.assist.migration.values import scalars
from envls.document import Document, Format
from envls.facts import Facts, FileAt, FolderAt
from envls.formats.azureml.workbench import Compute, RunConfiguration, SparkDependencies
from envls.formats.azureml.workbench_keys import DEFAULT_SPARK_FILE, DOCKER
from envls.formats.paths import join
from envls.known import base_images
from envls.runs import Run, environment_files, meant_environment, name_of
from envls.syntax import Mapping, Scalar, Sequence, resolve_alias

CHOSEN = "$file"
_OWN_IMAGES = "microsoft/mmlspark"
_NOT_CARRIED = {
    "sharedVolumes": "`sharedVolumes`: a local job always sees a copy of `code`.",
    "nativeSharedDirectory": "`nativeSharedDirectory` and AZUREML_NATIVE_SHARE_DIRECTORY are no more: what is to be kept goes"
    " to an output of the job.",
    "yarnDeployMode": "`yarnDeployMode`: a Spark job runs its driver on the cluster.",
    "nodeCount": "`nodeCount` had no effect in Workbench.",
    "priority": "`priority` had no effect in Workbench.",
}


def migrate(run: Run, files: Files, facts: Facts) -> None:
    configuration, job = run.configuration, files.job
    if description := _text(configuration, "Description"):
        job.set("description", description)
    _note_what_ends(configuration, files)
    script, *arguments = _arguments(run, files, facts) or [""]
    variables = _under(configuration, "EnvironmentVariables")
    if configuration.framework.lower() == "pyspark":
        if not configuration.scalar("Framework"):
            job.note(
                "type", "Without `Framework` a run is one of PySpark; for a script without Spark, use a command job."
            )
        cluster = run.compute.scalar("address") if run.compute and run.compute.type == "cluster" else None
        if cluster:
            job.note("resources", f"The cluster of HDInsight ({cluster.value}) cannot be a compute target of CLI v2.")
        make_spark_job(files, script, arguments, _spark(run, files, facts), "")
        set_spark_variables(job, variables)
    else:
        words = without_secret_words(("python", script, *arguments), job, "command")
        job.set("command", command_line(words))
        set_variables(job.part("environment_variables"), variables)
        _set_compute(run, files)
    _set_environment(run, files, facts)


def _note_what_ends(configuration: RunConfiguration, files: Files) -> None:
    """What a run configuration says that a job has no word for."""
    job = files.job
    if _text(configuration, "TrackedRun").lower() == "false":
        job.note("type", "`TrackedRun: false`: status, logs and outputs of a job are always kept.")
    sources = [key for key in ("DataSourceSettings", "DataSourceSubstitutions") if _has_entries(configuration, key)]
    if sources or _text(configuration, "UseSampling").lower() == "true":
        named = ", ".join(f"`{key}`" for key in ("UseSampling", *sources))
        job.note(
            "inputs", f"{named}: data sources (`.dsource`, `.dprep`) and their samples are no more; name the data here."
        )
    if _text(configuration, "PrepareEnvironment").lower() == "false":
        job.note(
            "environment", "`PrepareEnvironment: false`: the environment of a job is always made when it has changed."
        )
    if _text(configuration, "ManagedEnvironment").lower() == "false":
        job.note(
            "environment", "`ManagedEnvironment: false`: a job runs in an image, with the conda file made on top of it."
        )


def _arguments(run: Run, files: Files, facts: Facts) -> list[str]:
    """The script and its arguments; what was chosen in the app is the only script of the folder, where there is one."""
    node = run.configuration.root.get("ArgumentVector") if run.configuration.root else None
    items = [resolve_alias(item) for item in node.items] if isinstance(node, Sequence) else []
    words = [item.value for item in items if isinstance(item, Scalar)]
    if words and CHOSEN not in words:
        return words
    listed = facts.value(FolderAt(run.configuration.project)) or ()
    scripts = [name for name in listed if name.endswith(".py")]
    chosen = scripts[0] if scripts else "script.py"
    key = "entry" if run.configuration.framework.lower() == "pyspark" else "command"
    others = f" There are also {', '.join(scripts[1:6])}." if scripts[1:] else ""
    what = f"`{CHOSEN}` was the file selected in Workbench" if words else "`ArgumentVector` names no script"
    files.job.note(key, f"{what}: put its name in place of `{chosen}`.{others}")
    return [chosen if word == CHOSEN else word for word in words] or [chosen]


def _set_compute(run: Run, files: Files) -> None:
    job, compute = files.job, run.compute
    target = run.configuration.path("Target")
    name = target.node.value if target else ""
    if compute is None or not compute.type:
        missing = f"`{name}.compute` is not there" if name else "no target is named"
        job.note("compute", f"What kind of target the run had is not known: {missing}.")
        if name:
            set_compute(job, name)
        return
    if compute.type == "local" or compute.type in DOCKER - {"remotedocker"}:
        job.set("compute", "local")
        if compute.type == "local":
            job.note(
                "compute", "A local job runs in a container, so Docker must be there; or start the script by hand."
            )
    else:
        set_compute(job, name)
        address = compute.scalar("address")
        what = "A cluster of HDInsight" if compute.type == "cluster" else "A machine that is reached over SSH"
        where = f" ({address.value})" if address else ""
        job.note(
            "compute",
            f"{what}{where} cannot be attached as it was: make a compute of that name.",
        )
    if compute.scalar("password"):
        job.note("compute", "`username` and `password` are not copied: a compute target of the workspace needs none.")
    for key, why in _NOT_CARRIED.items():
        said = compute.scalar(key)
        if said and not (key == "sharedVolumes" and said.value.lower() == "true"):
            job.note("compute", why)


def _set_environment(run: Run, files: Files, facts: Facts) -> None:
    environment, compute = files.environment, run.compute
    image = compute.scalar("baseDockerImage") if compute and compute.type in DOCKER else None
    if image and image.value.lower().startswith(_OWN_IMAGES):
        gpu = "gpu" in image.value or (compute is not None and _flag(compute, "nvidiaDocker"))
        environment.set("image", base_images.CURRENT_GPU if gpu else base_images.CURRENT)
        environment.note("image", f"In place of `{image.value}`, which was made for Workbench.")
    else:
        set_image(environment, image.value if image else "")
    if run.reads_conda is not False:
        set_conda_file(files, run.conda_path, facts)
        return
    described = _described(run, facts)
    if described is None:
        set_conda_file(files, run.conda_path, facts)
        environment.note("conda_file", "The run did not read it, and took the packages of its interpreter instead.")
    else:
        environment.set("conda_file", files.written(described.path))
        environment.note(
            "conda_file", "The packages of the interpreter that the run took, as this file describes them."
        )
    if run.interpreter and not run.interpreter.is_root:
        environment.note("conda_file", f"The interpreter was `{run.interpreter.node.value}`.")


def _described(run: Run, facts: Facts) -> Document | None:
    """The file that describes the environment of the interpreter that a run takes as it is."""
    interpreter = run.interpreter
    if interpreter is None or interpreter.is_root:
        return meant_environment(run, facts)
    lives_in = interpreter.environment
    files = environment_files(run.path, facts)
    return next((file for file in files if lives_in and name_of(file) == lives_in), None)


def _spark_path(run: Run) -> PurePath:
    reference = run.configuration.path("SparkDependenciesFile")
    return reference.target if reference else join(run.configuration.project, DEFAULT_SPARK_FILE)


def _spark(run: Run, files: Files, facts: Facts) -> Spark:
    """What the Spark file of a run says."""
    path = _spark_path(run)
    there = facts.value(FileAt(path))
    content = there.as_told(Format.SPARK).content if there else None
    if not isinstance(content, SparkDependencies) or content.root is None:
        if run.configuration.path("SparkDependenciesFile"):
            files.job.note("conf", f"`{files.written(path)}` says what Spark needs, but could not be read.")
        return Spark()
    return spark_of(content.root.get("configuration"), content.root.get("packages"), content.root.get("repositories"))


def _text(configuration: RunConfiguration, key: str) -> str:
    found = configuration.scalar(key)
    return found.value if found else ""


def _flag(compute: Compute, key: str) -> bool:
    found = compute.scalar(key)
    return found is not None and found.value.lower() == "true"


def _has_entries(configuration: RunConfiguration, key: str) -> bool:
    node = configuration.root.get(key) if configuration.root else None
    return isinstance(node, Mapping) and bool(node.entries)


def _under(configuration: RunConfiguration, key: str) -> dict[str, str]:
    return scalars(configuration.root.get(key) if configuration.root else None)
