"""What a run needs in its environment, as plain data, with the evidence for each."""

from __future__ import annotations

from typing import NamedTuple


class Required(NamedTuple):
    """A package that a kind of run needs. `section` is "conda" or "pip"; `why` is a phrase.

    `spec` is what to add, "" where the versions of `known.azureml` say so. `at_least` is the oldest version that will do;
    one of the packages `also` does as well. It has to be listed by its own name where `explicit`.
    """

    name: str
    section: str
    why: str
    spec: str = ""
    extras: tuple[str, ...] = ()
    at_least: str = ""
    also: tuple[str, ...] = ()
    explicit: bool = False


# A Workbench run with `type: local` in a conda environment of one's own: the app's logging and data preparation
# import these, and the wheels that need them were not on any index. SciPy and psutil come from conda, since pip
# would compile them on Windows.
WORKBENCH_LOCAL = (
    Required("psutil", "conda", "Workbench's logging imports it", "psutil=5.2.2"),
    Required("scipy", "conda", "Workbench's logging imports it", "scipy=0.18.1"),
    Required("ipykernel", "conda", "notebooks start their kernel with it", "ipykernel=4.6.1"),
    Required("azure-ml-api-sdk", "pip", "it is Workbench's SDK", "azure-ml-api-sdk==0.1.0a10"),
    Required("applicationinsights", "pip", "Workbench's logging sends with it", "applicationinsights==0.11.0"),
)

# A notebook's kernel is started from the environment that it runs in. Workbench's template
# says so of every notebook, and has 4.6.1 for its Python 3.5.
NOTEBOOK = Required("ipykernel", "conda", "its kernel is started with it")
WORKBENCH_NOTEBOOK = NOTEBOOK._replace(spec="ipykernel=4.6.1")
PAPERMILL = Required("papermill", "pip", "the command runs the notebook with it")
NBCONVERT = Required("nbconvert", "pip", "the command runs the notebook with it")

# Azure's pages on deployment, environments and custom images of SDK v1 all say it: at least 1.0.45, by its own name.
V1_SERVICE = (Required("azureml-defaults", "pip", "it brings the scoring server", at_least="1.0.45", explicit=True),)

# `azureml.core` comes with azureml-core; what a run needs beside it (datasets, the scoring server) azureml-defaults has.
V1_SDK = Required("azureml-defaults", "pip", "it brings `azureml.core`", also=("azureml-core",))
CORE = Required("azureml-core", "pip", "it brings `azureml.core`")

# A dataset is read, mounted and downloaded by azureml-dataprep, which azureml-dataset-runtime chooses since 1.9.
DATASETS = Required(
    "azureml-dataset-runtime", "pip", "datasets are read with it", extras=("fuse",), also=("azureml-dataprep",)
)

# The plugin through which mlflow finds the workspace. It brings mlflow-skinny.
MLFLOW = Required("azureml-mlflow", "pip", "MLflow reaches the workspace through it")

# A scoring script runs inside this server, which must stand in the conda environment even where the image has it, too:
# "A required package azureml-inference-server-http is missing".
SCORING = (Required("azureml-inference-server-http", "pip", "the scoring script runs in it"),)

# The scoring script that Azure ML makes for an MLflow model imports azureml.ai.monitoring since spring 2026.
MLFLOW_SCORING = (
    *SCORING,
    Required("azureml-ai-monitoring", "pip", "the scoring script that Azure ML makes imports it"),
)

# Azure's page on batch deployments calls both required for a scoring script; its samples of parallel jobs list both, with
# pandas, and mltable where the input is a table.
BATCH = (
    CORE._replace(why="the batch driver imports it"),
    DATASETS._replace(why="the batches are mounted and read with it", also=()),
)
PARALLEL = (
    CORE._replace(why="the driver of parallel jobs imports it"),
    DATASETS._replace(why="the mini batches are read with it", extras=("fuse", "pandas"), also=()),
)
TABLE = Required("mltable", "pip", "the input is an `mltable`")
