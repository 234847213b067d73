"""The keys of Azure ML Workbench: a run configuration, a compute target, Spark dependencies."""

from __future__ import annotations

from envls.formats.keys import Holds, KeyInfo

DEFAULT_CONDA_FILE = "aml_config/conda_dependencies.yml"
DEFAULT_SPARK_FILE = "aml_config/spark_dependencies.yml"
USES: dict[str, tuple[str, ...]] = {
    "baseDockerImage": ("docker", "localdocker", "remotedocker"),
    "sharedVolumes": ("docker", "localdocker", "remotedocker"),
    "nvidiaDocker": ("remotedocker",),
    "nativeSharedDirectory": ("local", "docker", "localdocker", "remotedocker"),
    "address": ("remote", "remotedocker", "cluster"),
    "username": ("remote", "remotedocker", "cluster"),
    "password": ("remote", "remotedocker", "cluster"),
    "pythonLocation": ("local", "remote"),
    "sparkSubmitLocation": ("local",),
    "yarnDeployMode": ("cluster",),
    "userManagedEnvironment": ("remote", "remotedocker"),
}
"""Which types of compute targets read a key of theirs; the others are read by all."""
DOCKER = frozenset(("docker", "localdocker", "remotedocker"))
TYPES = ("local", "localdocker", "docker", "remotedocker", "remote", "cluster")

RUN_KEYS = (
    KeyInfo(
        "ArgumentVector",
        "The script to run and its arguments, one list item each; `$file` stands for the file selected in the app.",
        Holds.LIST,
        default='`["$file"]` in the template; an empty list is refused.',
        effect="used where the command line names no script.",
    ),
    KeyInfo(
        "Target",
        "The compute target of the run: the name of a `.compute` file in `aml_config`, without its extension.",
        path="compute target",
    ),
    KeyInfo("EnvironmentVariables", "Environment variables that are set for the run.", Holds.MAPPING, nullable=True),
    KeyInfo(
        "Framework",
        "What starts the script.",
        values=("Python", "PySpark"),
        default="`PySpark`.",
        effect="`Python` starts faster, and is what a run on a GPU needs.",
    ),
    KeyInfo(
        "CondaDependenciesFile",
        "The conda environment file that the run's environment is made from, relative to the project folder.",
        default=f"`{DEFAULT_CONDA_FILE}`.",
        effect="none when the compute target is `local`, or manages its own environment.",
        path="conda file",
        nullable=True,
    ),
    KeyInfo(
        "SparkDependenciesFile",
        "The packages and settings of Spark, relative to the project folder.",
        default=f"`{DEFAULT_SPARK_FILE}`.",
        effect="only with `Framework: PySpark`.",
        path="Spark file",
        nullable=True,
    ),
    KeyInfo(
        "PrepareEnvironment",
        "Whether the run makes its conda environment first; without it one prepares by hand, once for each change.",
        Holds.BOOLEAN,
        values=("true", "false"),
        default="not documented; templates write either.",
        effect="only for compute targets with Docker; none for `local`.",
    ),
    KeyInfo(
        "TrackedRun",
        "Whether status, logs, metrics and outputs of the run are kept.",
        Holds.BOOLEAN,
        values=("true", "false"),
        default="`true`.",
    ),
    KeyInfo(
        "UseSampling",
        "Whether data sources give their active sample instead of all their data.",
        Holds.BOOLEAN,
        values=("true", "false"),
        default="`true` in the template.",
        effect="only for `.dsource` and `.dprep` files.",
    ),
    KeyInfo(
        "DataSourceSettings",
        "The sample that each data source uses, by the name of its `.dsource` file.",
        Holds.MAPPING,
        nullable=True,
        each=(
            KeyInfo(
                "Sampling",
                "How the source is sampled.",
                Holds.MAPPING,
                nullable=True,
                keys=(KeyInfo("Sample", "The name of the sample.", nullable=True),),
            ),
        ),
    ),
    KeyInfo(
        "DataSourceSubstitutions",
        "Data sources to be used in place of others: `one.dsource: other.dsource`.",
        Holds.MAPPING,
        nullable=True,
    ),
    KeyInfo(
        "AutoPrepareEnvironment",
        "An older name of `PrepareEnvironment`.",
        Holds.BOOLEAN,
        values=("true", "false"),
        effect="only read by the first releases of the SDK.",
        successor="PrepareEnvironment",
    ),
    KeyInfo("Description", "A note for people, from before the preview.", effect="none in the preview."),
    KeyInfo(
        "CondaFile",
        "The name of `CondaDependenciesFile` before the preview.",
        effect="none in the preview.",
        path="conda file",
        nullable=True,
        successor="CondaDependenciesFile",
    ),
    KeyInfo(
        "ManagedEnvironment",
        "Whether the environment is made for the run; `userManagedEnvironment` of the compute target says the opposite.",
        Holds.BOOLEAN,
        effect="none in the preview.",
        successor="",
    ),
)
COMPUTE_KEYS = (
    KeyInfo("type", "What kind of machine runs the script.", values=TYPES, effect="decides which other keys are read."),
    KeyInfo(
        "baseDockerImage",
        "The image that the run's container is made from.",
        default="`microsoft/mmlspark:plus-0.7.91` as documented; later templates write `plus-0.9.9`.",
        effect="for the types with Docker; the `mmlspark:plus` images are the supported ones.",
    ),
    KeyInfo("address", "IP address or name of the remote machine, with its port if it is not 22."),
    KeyInfo("username", "The SSH user on the remote machine."),
    KeyInfo(
        "password",
        "A reference into the key store of the machine (`ServiceName=…#user#…`), never the password itself.",
        default="empty, when SSH keys are used.",
    ),
    KeyInfo(
        "sharedVolumes",
        "Whether the container sees the project folder itself instead of a copy.",
        Holds.BOOLEAN,
        values=("true", "false"),
        default="`false` on Windows, `true` elsewhere.",
        effect="for the types with Docker.",
    ),
    KeyInfo(
        "nvidiaDocker",
        "Whether the container may use the machine's GPU.",
        Holds.BOOLEAN,
        values=("true", "false"),
        default="`false`.",
        effect="for `remotedocker` on Linux, with a GPU image.",
    ),
    KeyInfo(
        "nativeSharedDirectory",
        "A folder that is kept between runs; scripts find it in `AZUREML_NATIVE_SHARE_DIRECTORY`.",
        default="`~/.azureml/share/`.",
        effect="with Docker only together with `sharedVolumes: true`.",
    ),
    KeyInfo(
        "pythonLocation",
        "The Python interpreter of the run, a full path; `%USERPROFILE%` and the like are understood on Windows.",
        default="`python`: the interpreter that Workbench or its command line runs in.",
        effect="for the types `local` and `remote`.",
        path="interpreter",
    ),
    KeyInfo("sparkSubmitLocation", "The `spark-submit` of the run.", default="`spark-submit`.", effect="for `local`."),
    KeyInfo(
        "yarnDeployMode",
        "Where Spark's driver runs.",
        values=("cluster", "client"),
        default="`cluster`.",
        effect="for `cluster`; notebooks need `client`.",
    ),
    KeyInfo(
        "userManagedEnvironment",
        "Whether the environment on the target is made by its user; the conda file is then not read.",
        Holds.BOOLEAN,
        values=("true", "false"),
        default="`false`.",
        effect="for `remote` and `remotedocker`.",
    ),
    KeyInfo("nodeCount", "A number of nodes.", Holds.INTEGER, effect="only read by the first releases of the SDK."),
    KeyInfo("priority", "A priority.", Holds.INTEGER, effect="only read by the first releases of the SDK."),
)
SPARK_KEYS = (
    KeyInfo(
        "configuration",
        "Spark's properties.",
        Holds.MAPPING,
        effect="the tuning of a cluster goes here too.",
        nullable=True,
    ),
    KeyInfo(
        "repositories",
        "The Maven repositories that packages come from.",
        Holds.LIST,
        default="`https://mmlspark.azureedge.net/maven`.",
        nullable=True,
    ),
    KeyInfo(
        "packages",
        "Maven coordinates of packages.",
        Holds.LIST,
        nullable=True,
        keys=(
            KeyInfo("group", "The Maven group."),
            KeyInfo("artifact", "The Maven artifact."),
            KeyInfo("version", "The version; in quotes, since YAML reads `0.10` as the number 0.1."),
        ),
    ),
)
