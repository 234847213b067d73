"""The keys of Azure ML SDK v1: a run configuration, and the environment section that may stand in a file of its own.

The order is that of the files which the SDK writes. What the SDK drops without a word has a `successor`.
"""

from __future__ import annotations

from envls.formats.keys import Holds, KeyInfo

TRUE_FALSE = ("true", "false")


def _text(name: str, meaning: str, default: str = "", effect: str = "", values: tuple[str, ...] = ()) -> KeyInfo:
    return KeyInfo(name, meaning, values=values, default=default, effect=effect, nullable=True)


def _flag(name: str, meaning: str, default: str = "`false`.", effect: str = "") -> KeyInfo:
    return KeyInfo(name, meaning, Holds.BOOLEAN, TRUE_FALSE, default, effect, nullable=True)


def _count(name: str, meaning: str, default: str = "", effect: str = "") -> KeyInfo:
    return KeyInfo(name, meaning, Holds.INTEGER, default=default, effect=effect, nullable=True)


def _list(name: str, meaning: str, default: str = "", effect: str = "", keys: tuple[KeyInfo, ...] = ()) -> KeyInfo:
    return KeyInfo(name, meaning, Holds.LIST, default=default, effect=effect, nullable=True, keys=keys)


def _mapping(
    name: str, meaning: str, keys: tuple[KeyInfo, ...] = (), each: tuple[KeyInfo, ...] = (), effect: str = ""
) -> KeyInfo:
    return KeyInfo(name, meaning, Holds.MAPPING, effect=effect, nullable=True, keys=keys, each=each)


def _given_up(name: str, meaning: str, successor: str, holds: Holds = Holds.ANYTHING) -> KeyInfo:
    return KeyInfo(name, meaning, holds, nullable=True, successor=successor)


# -- the environment section ----------------------------------------------------------------------------------

_MANAGED = "only where Azure ML makes the environment (`userManagedDependencies` is not true)."
CONDA_FILE = KeyInfo(
    "condaDependenciesFile",
    "The conda environment file that the environment is made from. Loaded by its project folder it is relative to that"
    " folder, loaded as a file to the folder of the run configuration.",
    default="no conda file: the service then refuses an environment that it shall make.",
    effect="its packages count " + _MANAGED + " It must be there all the same.",
    path="conda file",
    nullable=True,
)
INLINE_CONDA = KeyInfo(
    "condaDependencies",
    "The conda environment itself, instead of a file.",
    Holds.MAPPING,
    effect="none where `condaDependenciesFile` names a file; " + _MANAGED,
    nullable=True,
    keys=(
        KeyInfo("name", "The name of the environment.", nullable=True),
        KeyInfo("channels", "Where conda looks for packages, best first.", Holds.LIST, nullable=True),
        KeyInfo("dependencies", "The packages, and a `pip` section.", Holds.LIST),
        KeyInfo("prefix", "Where the environment was.", effect="none.", nullable=True),
        KeyInfo("variables", "Environment variables.", Holds.MAPPING, effect="from SDK 1.38 on.", nullable=True),
    ),
)
USER_MANAGED = _flag(
    "userManagedDependencies",
    "Whether you see to the packages yourself: then Azure ML makes no environment, and runs `interpreterPath`.",
)
INTERPRETER = _text(
    "interpreterPath",
    "The Python interpreter of the run.",
    "`python`.",
    "only where `userManagedDependencies` is true.",
)
PYTHON = _mapping(
    "python",
    "Which Python packages the run has, and who sees to them.",
    (
        USER_MANAGED,
        INTERPRETER,
        CONDA_FILE,
        INLINE_CONDA,
        _text(
            "baseCondaEnvironment", "A conda environment of the image that the packages are added to.", effect=_MANAGED
        ),
    ),
)
LOCATION_TYPE = _text("locationType", "Where the build context is kept.", values=("git", "storageAccount"))
BUILD_CONTEXT = _mapping(
    "buildContext",
    "What the image is built from.",
    (
        LOCATION_TYPE,
        _text("location", "The address of the build context."),
        _text("dockerfilePath", "The Dockerfile in the build context.", "`Dockerfile`."),
    ),
    effect="instead of `baseImage` and `baseDockerfile`; conda, Spark and R sections are then refused.",
)
BASE_IMAGE = _text(
    "baseImage",
    "The image that the environment is made on; with a tag or a digest.",
    "none in a file; Ubuntu 22.04 with OpenMPI where the environment is made in code.",
    "instead of `baseDockerfile` and `buildContext`.",
)
BASE_DOCKERFILE = _text(
    "baseDockerfile",
    "The text of a Dockerfile (not its path) that the image is built from.",
    effect="instead of `baseImage` and `buildContext`.",
)
REGISTRY = _mapping(
    "baseImageRegistry",
    "The registry that has the base image.",
    (
        _text("address", "Its host name."),
        _text("username", "Its user; only together with `password`."),
        _text("password", "The password, for everybody who gets the file."),
        _mapping(
            "registryIdentity",
            "The managed identity that opens the registry.",
            (_text("resourceId", "Its resource ID."), _text("clientId", "Its client ID.")),
        ),
    ),
)
DOCKER_ENABLED = KeyInfo(
    "enabled",
    "Whether the run is in a container.",
    Holds.BOOLEAN,
    TRUE_FALSE,
    "`false`.",
    nullable=True,
    successor="docker.useDocker",
)
GPU_SUPPORT = _given_up("gpuSupport", "Whether the container has a GPU; found out by itself today.", "")
ENVIRONMENT_DOCKER = _mapping(
    "docker",
    "The image that the run's environment is made on.",
    (
        BASE_IMAGE,
        BASE_DOCKERFILE,
        BUILD_CONTEXT,
        REGISTRY,
        _mapping(
            "platform",
            "The platform of the image.",
            (
                _text("os", "Its operating system.", "`Linux`.", values=("Linux", "Windows", "OSX")),
                _text("architecture", "Its processor.", "`amd64`."),
            ),
        ),
        DOCKER_ENABLED,
        KeyInfo(
            "sharedVolumes",
            "Whether the container sees the project folder itself.",
            Holds.BOOLEAN,
            TRUE_FALSE,
            "`true`.",
            nullable=True,
            successor="docker.sharedVolumes",
        ),
        _given_up("shmSize", "The shared memory of the container.", "docker.shmSize", Holds.TEXT),
        _given_up("arguments", "Further arguments of `docker run`.", "docker.arguments", Holds.LIST),
        GPU_SUPPORT,
    ),
)
_SPARK_PACKAGE = (
    _text("group", "The Maven group."),
    _text("artifact", "The Maven artifact."),
    _text("version", "The version; in quotes, since YAML reads `0.10` as the number 0.1."),
)
PACKAGES_OF_SPARK = _mapping(
    "spark",
    "What Spark needs to run the script.",
    (
        _list("repositories", "The Maven repositories that packages come from."),
        _list("packages", "Maven coordinates of packages.", keys=_SPARK_PACKAGE),
        _flag("precachePackages", "Whether the packages are put into the image.", "`true`."),
    ),
    effect="only with `framework: PySpark`.",
)
_REPO = _text("repo", "The repository that has the package.")
_LIBRARY = (_text("library", "The URI of the library, in DBFS."),)
INIT_SCRIPTS = _list("initScripts", "Scripts that each node runs first. The SDK cannot load a file that has any.")
CLUSTER = _mapping(
    "cluster",
    "The Databricks cluster: one that exists, or what a new one is like.",
    (
        _text("existingClusterId", "The ID of a cluster that exists; nothing else is then allowed."),
        _text("sparkVersion", "The version of Spark."),
        _text("nodeType", "The type of the nodes."),
        _text("instancePoolId", "The pool that nodes come from."),
        _count("numWorkers", "A fixed number of workers."),
        _count("minWorkers", "The fewest workers."),
        _count("maxWorkers", "The most workers."),
        _mapping("sparkEnvVariables", "Environment variables of Spark."),
        _mapping("sparkConf", "Properties of Spark."),
        INIT_SCRIPTS,
        _text("clusterLogDbfsPath", "Where logs go in DBFS."),
        _flag("permitClusterRestart", "Whether an existing cluster may be restarted."),
    ),
)
_DATABRICKS = _mapping(
    "databricks",
    "The libraries of a run on Databricks.",
    (
        _list(
            "mavenLibraries",
            "Libraries of Maven.",
            keys=(
                _text("coordinates", "Maven coordinates, `group:artifact:version`."),
                _REPO,
                _list("exclusions", "What is left out of the dependencies."),
            ),
        ),
        _list("pypiLibraries", "Packages of pip.", keys=(_text("package", "The package, with its version."), _REPO)),
        _list("rcranLibraries", "Packages of CRAN.", keys=(_text("package", "The package."), _REPO)),
        _list("jarLibraries", "Jar files.", keys=_LIBRARY),
        _list("eggLibraries", "Egg files.", keys=_LIBRARY),
        CLUSTER,
    ),
    effect="only on Databricks.",
)
_R = KeyInfo(
    "r",
    "Which R packages the run has.",
    Holds.MAPPING,
    nullable=True,
    keys=(
        _text("rVersion", "The version of R."),
        _flag("userManaged", "Whether you see to R yourself."),
        _text("rscriptPath", "The `Rscript` of an environment of your own."),
        _text("snapshotDate", "The day whose packages are taken."),
        _list(
            "cranPackages",
            "Packages of CRAN.",
            keys=(
                _text("name", "The package."),
                _text("version", "Its version."),
                _text("repository", "The repository that has it."),
            ),
        ),
        _list(
            "githubPackages",
            "Packages from GitHub.",
            keys=(
                _text("repository", "`user/repository`, with a subfolder or a reference behind it."),
                _text("authToken", "A token, for everybody who gets the file."),
            ),
        ),
        _list("customUrlPackages", "Addresses of packages."),
        _list("bioconductorPackages", "Packages of Bioconductor."),
    ),
    successor="",
)
ENVIRONMENT_NAME = _text(
    "name",
    "The name of the environment. With nothing but `version` beside it, the registered environment of that name is used.",
    effect="`AzureML` and `Microsoft` are reserved at its beginning.",
)
ENVIRONMENT_KEYS = (
    ENVIRONMENT_NAME,
    _text("version", "The version of the environment.", "the newest."),
    PYTHON,
    KeyInfo(
        "environmentVariables",
        "Environment variables of the run.",
        Holds.MAPPING,
        nullable=True,
        successor="environmentVariables",
    ),
    ENVIRONMENT_DOCKER,
    PACKAGES_OF_SPARK,
    _DATABRICKS,
    _text(
        "inferencingStackVersion",
        "The web server that is added to the image of a web service.",
        effect="only for web services; with an image of your own write `latest`.",
        values=("latest",),
    ),
    _R,
    _text("assetId", "The ID of the registered environment.", effect="written by the service."),
)

# -- data -----------------------------------------------------------------------------------------------------

_LOCATION = (
    _mapping(
        "dataset",
        "A dataset; its ID, or its name and version.",
        (_text("id", "Its ID."), _text("name", "Its name."), _text("version", "Its version.")),
    ),
    _mapping(
        "dataPath",
        "A path on a datastore.",
        (_text("datastoreName", "The datastore."), _text("relativePath", "The path on it.")),
    ),
    _mapping("uri", "An address.", (_text("path", "The address."), _flag("isFile", "Whether it is a single file."))),
)
DATASET = _LOCATION[0]
DATA_STORE = _text("dataStoreName", "The datastore that has the data.")
DATA_REFERENCE_MODE = _text(
    "mode", "How the data come to the run or go from it.", "`mount`.", values=("mount", "download", "upload")
)
DATA_REFERENCES = _mapping(
    "dataReferences",
    "Data on a datastore, by a name of your own that arguments refer to.",
    each=(
        DATA_STORE,
        DATA_REFERENCE_MODE,
        _text("pathOnDataStore", "The path on the datastore.", "all of it."),
        _text("pathOnCompute", "Where the run finds it."),
        _flag("overwrite", "Whether data that are there are written over."),
    ),
)
DATA = _mapping(
    "data",
    "Input data, by a name of your own.",
    each=(
        _mapping("dataLocation", "Where the data are.", _LOCATION),
        _flag("createOutputDirectories", "Whether the folder is made."),
        _text(
            "mechanism",
            "How the data come to the run.",
            "`direct`.",
            values=("direct", "mount", "download", "upload"),
        ),
        _text("environmentVariableName", "The variable in which the run finds the path."),
        _text("pathOnCompute", "Where the run finds the data."),
        _flag("overwrite", "Whether data that are there are written over."),
        _mapping("options", "Options of mounting."),
    ),
)
DATA_CACHES = _list(
    "datacaches",
    "Data caches of the run; an experiment of the service.",
    keys=(
        _text("datacacheId", "The ID of the cache."),
        _text("datacacheStore", "The store of the cache."),
        _text("datasetId", "The ID of the dataset."),
        _text("mode", "How the data come to the run."),
        _count("replica", "How many replicas there are."),
        _flag("failureFallback", "Whether the data are read where there is no cache."),
        _text("pathOnCompute", "Where the run finds the data."),
    ),
)
OUTPUT_DATA = _mapping(
    "outputData",
    "Output data, by a name of your own.",
    each=(
        _mapping("outputLocation", "Where the data go.", _LOCATION),
        _text("mechanism", "How the data go there.", "`mount`.", values=("mount", "upload")),
        KeyInfo("additionalOptions", "Options of mounting, of uploading, of registering.", Holds.ANYTHING),
    ),
)

# -- the run configuration ------------------------------------------------------------------------------------

COMMAND = KeyInfo(
    "command", "What is run, instead of `script` and `arguments`.", also=(Holds.LIST,), nullable=True, default="none."
)
SCRIPT = KeyInfo(
    "script",
    "The script to run, relative to the source folder.",
    effect="instead of `command`.",
    path="script",
    nullable=True,
)
FRAMEWORKS = ("Python", "PySpark", "CNTK", "TensorFlow", "PyTorch")
FRAMEWORK = _text("framework", "What starts the script.", "`Python`.", values=FRAMEWORKS)
FURTHER = {
    "framework": ("Cntk", "TensorFlowParameterServer", "PythonMpi", "PythonIntelMpi", "PySparkInteractive"),
    "communicator": ("Gloo", "Mpi", "Nccl", "ParallelTask"),
    "yarnDeployMode": ("None",),
}
"""Values that the service has and that are not for a person to write."""
COMMUNICATOR = _text(
    "communicator",
    "How the processes of a distributed run talk to each other.",
    "`None`.",
    "`OpenMpi` and `IntelMpi` need an image that has them.",
    values=("None", "ParameterServer", "OpenMpi", "IntelMpi"),
)
AMBIENT = _mapping(
    "ambientAuthentication",
    "As whom the run signs in by default.",
    (
        _text("method", "How.", "none.", values=("aadtoken", "runtoken", "serviceprincipal")),
        _text("appId", "The application, for `serviceprincipal`."),
        _text("secret", "The name of a secret in the key vault of the workspace."),
        _text("tenant", "The tenant, for `serviceprincipal`."),
        _flag("deleteSecretAfterRun", "Whether the secret is deleted after the run."),
    ),
)
HISTORY = _mapping(
    "history",
    "What is kept of the run.",
    (
        _flag("outputCollection", "Whether status, logs, metrics and outputs are kept.", "`true`."),
        _flag("snapshotProject", "Whether the source folder is kept.", "`true`."),
        _list("directoriesToWatch", "Folders whose files are sent while the run goes on.", "`[logs]`."),
        AMBIENT,
        _given_up("enabled", "Whether anything is kept.", "history.outputCollection", Holds.BOOLEAN),
    ),
)
DOCKER = _mapping(
    "docker",
    "Whether and how the run is in a container.",
    (
        _flag("useDocker", "Whether the run is in a container.", effect="on the targets where that can be chosen."),
        _flag("sharedVolumes", "Whether the container sees the project folder itself.", "`true`."),
        _list("arguments", "Further arguments of `docker run`.", "`[]`."),
        _text("shmSize", "The shared memory of the container.", "`2g`."),
    ),
)
TERMINAL_EXIT_CODES = _list(
    "terminalExitCodes",
    "Exit codes after which a worker is not started again. The SDK cannot load a file that has any.",
)
TENSORFLOW = _mapping(
    "tensorflow",
    "The tasks of a distributed TensorFlow run.",
    (_count("workerCount", "Worker tasks.", "1."), _count("parameterServerCount", "Parameter servers.", "1.")),
    effect="only with `framework: TensorFlow` and `communicator: ParameterServer`.",
)
MPI = _mapping(
    "mpi",
    "The processes of a distributed MPI run.",
    (_count("processCountPerNode", "Processes on each node.", "1."), _count("nodeCount", "Nodes.", "1.")),
    effect="only with `communicator: OpenMpi` or `IntelMpi`.",
)
ENDPOINT_PORT = _count("port", "The port in the container.", "a free one.")
ENVIRONMENT_VARIABLES = _mapping("environmentVariables", "Environment variables of the run.")
ENDPOINT_PROPERTIES = _mapping("properties", "What else the service needs.")
ENDPOINTS = _mapping(
    "applicationEndpoints",
    "Services of the run that one can connect to, by a name of your own.",
    each=(
        _text(
            "type",
            "Which service.",
            values=("Jupyter", "JupyterLab", "SSH", "TensorBoard", "VSCode", "Grafana", "Custom"),
        ),
        ENDPOINT_PORT,
        ENDPOINT_PROPERTIES,
    ),
)
ENVIRONMENT = KeyInfo(
    "environment",
    "The environment of the run: described here, registered (only `name` and `version`), or the path of a file that"
    " describes it, relative to the run configuration.",
    Holds.MAPPING,
    also=(Holds.TEXT,),
    nullable=True,
    keys=ENVIRONMENT_KEYS,
    path="environment section",
    required=True,
)
RUN_KEYS = (
    SCRIPT,
    _list("arguments", "The arguments of the script.", "`[]`."),
    COMMAND,
    _text("target", "Where the script runs: `local`, or the name of a compute target of the workspace.", "`local`."),
    FRAMEWORK,
    COMMUNICATOR,
    _count("maxRunDurationSeconds", "After how many seconds the run is ended.", "never."),
    _count("nodeCount", "On how many nodes the script runs.", "1."),
    _count("priority", "The priority of the run."),
    ENVIRONMENT,
    HISTORY,
    _mapping(
        "spark",
        "Spark's properties.",
        (_mapping("configuration", "Spark's properties."),),
        effect="only with `framework: PySpark`.",
    ),
    DOCKER,
    _mapping(
        "hdi",
        "What HDInsight needs.",
        (_text("yarnDeployMode", "Where Spark's driver runs.", "`cluster`.", values=("cluster", "client")),),
        effect="only on HDInsight.",
    ),
    TENSORFLOW,
    MPI,
    _mapping(
        "pytorch",
        "The processes of a distributed PyTorch run.",
        (
            _text("communicationBackend", "What the processes talk through.", "`nccl`.", values=("nccl", "gloo")),
            _count("processCount", "Processes of the whole run.", "one for each node."),
            _count("nodeCount", "Nodes.", "1."),
        ),
        effect="only with `framework: PyTorch`.",
    ),
    _mapping(
        "paralleltask",
        "The workers of a parallel run.",
        (
            _count("maxRetriesPerWorker", "How often a worker is started again.", "0."),
            _count("workerCountPerNode", "Workers on each node.", "1."),
            TERMINAL_EXIT_CODES,
        ),
    ),
    DATA_REFERENCES,
    DATA,
    OUTPUT_DATA,
    DATA_CACHES,
    _text("sourceDirectoryDataStore", "The datastore that the source folder is shared through."),
    KeyInfo(
        "amlcompute",
        "The cluster that is made for the run.",
        Holds.MAPPING,
        effect="only with `target: amlcompute`; a cluster of the workspace is what to use today.",
        nullable=True,
        keys=(
            _text("vmSize", "The size of the machines; needed."),
            _text("vmPriority", "What the machines are paid for.", values=("dedicated", "lowpriority")),
            _flag("retainCluster", "Whether the cluster stays after the run."),
            _text("name", "The name of the cluster.", "the ID of the run."),
            _count("clusterMaxNodeCount", "The most nodes."),
        ),
    ),
    _mapping(
        "kubernetescompute", "What a Kubernetes target needs.", (_text("instanceType", "The type of the instance."),)
    ),
    _flag("credentialPassthrough", "Whether the run signs in as the one who starts it."),
    ENVIRONMENT_VARIABLES,
    ENDPOINTS,
    _mapping("autoClusterComputeSpecification", "What a cluster is made like for the run."),
    _given_up("autoPrepareEnvironment", "Whether the environment is made by itself.", "", Holds.BOOLEAN),
    _given_up("prepareEnvironment", "Whether the environment is made by the run.", "", Holds.BOOLEAN),
    _given_up("batchai", "What Batch AI needed.", ""),
    _given_up("containerInstance", "What a container instance needed.", ""),
    _given_up("jobName", "The name of the job.", ""),
    _given_up("exposedPorts", "Ports of the container.", "applicationEndpoints"),
)
