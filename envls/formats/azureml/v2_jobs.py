"""The keys of Azure ML CLI v2's jobs that run one thing: command, sweep, parallel, spark."""

from __future__ import annotations

from envls.formats.azureml.v2_keys import (
    CODE,
    COMPUTE,
    DESCRIPTION,
    DISTRIBUTION,
    IDENTITY,
    INPUTS,
    ONLY_TEXT,
    OUTPUTS,
    PROPERTIES,
    QUEUE,
    RESOURCES,
    SCHEMA,
    SERVICES,
    TAGS,
    VARIABLES,
    WRITTEN,
    choice,
    count,
    environment,
    has,
    listed,
    named,
    nested,
    number,
    snake,
    text,
    word,
    written,
)
from envls.formats.keys import Holds, KeyInfo, Table
from envls.syntax import Mapping


def kind(value: str, *, required: bool = False) -> KeyInfo:
    """The kind of a definition. The loader of a job chooses by the word as it is written, capitals included."""
    return choice("type", "Which kind of definition it is.", (value,), required=required, spelled=str)


COMMAND = text("command", "The command line that runs, in a shell on the compute.", required=True)
LIMITS = nested(
    "limits", "When the job is stopped.", (count("timeout", "Seconds after which the job is stopped.", "no limit."),)
)
JOB: Table = (
    SCHEMA,
    text("name", "The name of the job in the workspace; once used it is taken.", "a name that Azure ML makes."),
    text("display_name", "The name that the studio shows."),
    text("experiment_name", "The experiment that the job is shown in.", "the name of the folder."),
    DESCRIPTION,
    TAGS,
    PROPERTIES,
    COMPUTE,
    IDENTITY,
    SERVICES,
    *WRITTEN,
    written("status", "How far it is."),
    written("log_files", "Its logs."),
)
_PARENT = (
    text("parent_job_name", "The job that this one is shown below."),
    written("parameters", "The values of its inputs."),
)
COMMAND_JOB: Table = (
    kind("command"),
    COMMAND,
    CODE,
    environment(required=True),
    INPUTS,
    OUTPUTS,
    VARIABLES,
    RESOURCES,
    DISTRIBUTION,
    LIMITS,
    QUEUE,
    *_PARENT,
    *JOB,
)

# -- sweep ----------------------------------------------------------------------------------------------------

_ALGORITHM_TYPE = choice(
    "type", "How the values are chosen.", ("random", "grid", "bayesian"), required=True, spelled=snake
)
RANDOM: Table = (
    _ALGORITHM_TYPE,
    count("seed", "The seed of the random numbers."),
    KeyInfo("logbase", "The base of logarithmic samples: a number, or `e`.", Holds.NUMBER, also=(Holds.TEXT,)),
    choice("rule", "How the random numbers are made.", ("random", "sobol"), "`random`.", spelled=snake),
)
SAMPLING: Table = (_ALGORITHM_TYPE,)
ALGORITHM = KeyInfo(
    "sampling_algorithm",
    "How the values are chosen: `random`, `grid`, `bayesian`, or a mapping that says more.",
    values=("random", "grid", "bayesian"),
    also=(Holds.MAPPING,),
    spelled=str.lower,
    keys=lambda node: RANDOM if word(node, "type") == "random" else SAMPLING,
)
_EXPRESSIONS = (
    *("choice", "uniform", "loguniform", "quniform", "qloguniform", "normal", "lognormal"),
    *("qnormal", "qlognormal", "randint"),
)
_EXPRESSION = choice("type", "How the values are spread.", _EXPRESSIONS, required=True)
_STEP = number("q", "The distance between values.", required=True)
_MU = number("mu", "The mean.", required=True)
_SIGMA = number("sigma", "The standard deviation.", required=True)
_BOUNDS = (
    number("min_value", "The smallest value.", required=True),
    number("max_value", "The largest.", required=True),
)
CHOICE: Table = (_EXPRESSION, listed("values", "The values to choose from."))
UNIFORM: Table = (_EXPRESSION, *_BOUNDS)
QUNIFORM: Table = (*UNIFORM, _STEP)
NORMAL: Table = (_EXPRESSION, _MU, _SIGMA)
QNORMAL: Table = (*NORMAL, _STEP)
RANDINT: Table = (_EXPRESSION, count("upper", "The first number that is too large.", required=True))
_SPREADS = {
    **dict.fromkeys(("uniform", "loguniform"), UNIFORM),
    **dict.fromkeys(("quniform", "qloguniform"), QUNIFORM),
    **dict.fromkeys(("normal", "lognormal"), NORMAL),
    **dict.fromkeys(("qnormal", "qlognormal"), QNORMAL),
    "randint": RANDINT,
    "choice": CHOICE,
}


ANY_SPREAD: Table = (_EXPRESSION,)
"""One whose kind is not told: nothing is said of its other keys."""


def _spread(node: Mapping | None) -> Table:
    return _SPREADS.get(word(node, "type"), ANY_SPREAD)


SEARCH_SPACE = named(
    "search_space",
    "The values to try, under the names that the command takes as `${{search_space.name}}`.",
    KeyInfo("", "", Holds.MAPPING),
    _spread,
)
_POLICY: Table = (
    choice(
        "type",
        "How trials are found that need not go on.",
        ("bandit", "median_stopping", "truncation_selection"),
        required=True,
        spelled=snake,
    ),
    count("evaluation_interval", "After how many measurements it looks again.", "1.", nullable=True),
    count("delay_evaluation", "How many measurements it waits at first.", "0.", nullable=True),
)
BANDIT: Table = (
    *_POLICY,
    number("slack_factor", "How far behind the best one a trial may be, as a ratio.", nullable=True),
    number("slack_amount", "How far behind the best one a trial may be.", nullable=True),
)
TRUNCATION: Table = (
    *_POLICY,
    count("truncation_percentage", "How many of a hundred trials are stopped each time.", required=True),
)
MEDIAN: Table = _POLICY


def _policy(node: Mapping | None) -> Table:
    return {"bandit": BANDIT, "truncation_selection": TRUNCATION}.get(snake(word(node, "type")), MEDIAN)


EARLY_TERMINATION = nested(
    "early_termination", "When trials are given up early.", _policy, "every trial runs to its end."
)
OBJECTIVE = nested(
    "objective",
    "What the trials shall reach.",
    (
        choice(
            "goal",
            "Whether the metric shall be large or small.",
            ("minimize", "maximize"),
            required=True,
            spelled=snake,
        ),
        text("primary_metric", "The metric that the trials log.", required=True),
    ),
    required=True,
)
SWEEP_LIMITS = nested(
    "limits",
    "How many trials run, and how long.",
    (
        count("max_total_trials", "How many trials run altogether.", required=True),
        count("max_concurrent_trials", "How many run at a time.", "all."),
        count("timeout", "Seconds after which the whole is stopped."),
        count("trial_timeout", "Seconds after which a trial is stopped."),
    ),
    required=True,
)
TRIAL_KEYS: Table = (
    SCHEMA,
    COMMAND,
    CODE,
    environment(required=True),
    VARIABLES,
    RESOURCES,
    DISTRIBUTION,
    QUEUE,
)
SWEEP: Table = (
    ALGORITHM,
    SEARCH_SPACE,
    OBJECTIVE,
    EARLY_TERMINATION,
    SWEEP_LIMITS,
    QUEUE,
    RESOURCES,
)
SWEEP_JOB: Table = (
    kind("sweep", required=True),
    nested("trial", "What each trial runs.", TRIAL_KEYS, required=True),
    *SWEEP,
    INPUTS,
    OUTPUTS,
    *JOB,
)

# -- parallel -------------------------------------------------------------------------------------------------

TASK: Table = (
    choice("type", "What a task is.", ("run_function", "model", "function"), required=True),
    CODE,
    text("entry_script", "The script with `run(mini_batch)`, relative to `code`.", path="entry script"),
    text("program_arguments", "Arguments of the script."),
    text("model", "The model, for a task that is one."),
    text("append_row_to", "The output that the results are gathered in."),
    environment(required=True),
)
RETRY = nested(
    "retry_settings",
    "What happens to a mini batch that fails.",
    (count("max_retries", "How often it is tried again.", "2."), count("timeout", "Seconds that it may take.", "60.")),
)
PARALLEL: Table = (
    nested("task", "What is done with each mini batch.", TASK),
    text("mini_batch_size", "How much a mini batch has: a number of files, or a size such as `1kb`."),
    listed("partition_keys", "The keys that data is divided by, in place of sizes.", ONLY_TEXT),
    text("input_data", "The input that is divided: `${{inputs.name}}`."),
    RESOURCES,
    RETRY,
    count("max_concurrency_per_instance", "How many processes each machine runs.", "as many as it has cores."),
    count("error_threshold", "How many items may fail; -1 for all.", "-1."),
    count("mini_batch_error_threshold", "How many mini batches may fail; -1 for all.", "-1."),
    choice("logging_level", "How much is logged.", ("DEBUG", "INFO", "WARNING"), "`INFO`.", spelled=str),
)
PARALLEL_VARIABLES = named("environment_variables", "Environment variables of the process.", ONLY_TEXT)
PARALLEL_JOB: Table = (
    kind("parallel"),
    *PARALLEL,
    PARALLEL_VARIABLES,
    INPUTS,
    OUTPUTS,
    *JOB,
)

# -- spark ----------------------------------------------------------------------------------------------------

_ENTRY_KIND = written("spark_job_entry_type", "What kind of entry it is.")
FILE_ENTRY: Table = (
    text("file", "The script that runs, relative to `code`.", required=True, path="spark entry"),
    _ENTRY_KIND,
)
CLASS_ENTRY: Table = (text("class_name", "The class that runs.", required=True), _ENTRY_KIND)
_FILE = KeyInfo("", "")


def _entry(node: Mapping | None) -> Table:
    return CLASS_ENTRY if has(node, "class_name") else FILE_ENTRY


ENTRY = nested("entry", "What runs.", _entry, required=True)
SPARK_CONF = named("conf", "Spark's own settings, such as `spark.executor.instances`.")
SPARK: Table = (
    CODE,
    listed("py_files", "Python files that are put on the path.", _FILE),
    listed("jars", "JAR files.", _FILE),
    listed("files", "Files that are copied beside the program.", _FILE),
    listed("archives", "Archives that are unpacked beside the program.", _FILE),
    SPARK_CONF,
    environment(nullable=True),
    text("args", "Arguments of the program."),
)
SPARK_RESOURCES = nested(
    "resources",
    "Which machines it runs on, where there is no `compute`.",
    (
        text("instance_type", "The size of the machines."),
        KeyInfo(
            "runtime_version",
            "The version of Spark. Quote it: YAML reads `3.10` as 3.1.",
            also=(Holds.INTEGER, Holds.NUMBER),
        ),
    ),
)
ANY_PROPERTIES = named("properties", "Further properties.")
SPARK_JOB: Table = (
    kind("spark", required=True),
    ENTRY,
    *SPARK,
    SPARK_RESOURCES,
    INPUTS,
    OUTPUTS,
    *(ANY_PROPERTIES if info is PROPERTIES else info for info in JOB),
)
