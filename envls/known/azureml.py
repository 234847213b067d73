"""The packages of Azure ML on the Python index: what each brings, which Python it is for, and which versions to take.

From their metadata, read version by version, and the matrices of Azure's own pages. A series is the first two numbers of
a version: its packages are made for each other. What is not here is not known.
"""

from __future__ import annotations

from typing import NamedTuple

Series = tuple[int, int]
ALWAYS: Series = (99, 0)


class Brought(NamedTuple):
    """A package that another one brings, in the series `since` to `until`; up to `same` in its own series only."""

    name: str
    extras: tuple[str, ...] = ()
    since: Series = (0, 0)
    until: Series = ALWAYS
    same: Series = ALWAYS


_NEVER: Series = (0, 0)
_UNPINNED_SINCE_1_62: Series = (1, 61)
_CORE = Brought("azureml-core", same=_UNPINNED_SINCE_1_62)
_DATASETS = Brought("azureml-dataset-runtime", ("fuse",), since=(1, 10))
_DATAPREP = Brought("azureml-dataprep", ("fuse",), until=(1, 9), same=_NEVER)
_TELEMETRY = Brought("azureml-telemetry")
_KERNEL = Brought("ipykernel", same=_NEVER)

SURELY_BRINGS: dict[str, tuple[Brought, ...]] = {
    "azureml-defaults": (
        *(_CORE, _DATASETS, _DATAPREP._replace(since=(1, 1))),
        Brought("azureml-inference-server-http", since=(1, 36), same=_NEVER),
    ),
    "azureml-sdk": (
        *(_CORE, _DATASETS, _DATAPREP, Brought("azureml-train-core"), Brought("azureml-train-automl-client")),
        Brought("azureml-pipeline"),
    ),
    "azureml-train": (Brought("azureml-train-core"),),
    "azureml-train-core": (_CORE, _TELEMETRY),
    "azureml-train-automl-client": (
        *(_CORE, Brought("azureml-automl-core"), Brought("azureml-dataset-runtime", since=(1, 10)), _DATAPREP),
        *(_TELEMETRY, Brought("azureml-train-core")),
    ),
    "azureml-train-automl-runtime": (
        *(_CORE, _TELEMETRY, Brought("azureml-defaults"), Brought("azureml-interpret")),
        *(
            Brought("azureml-dataset-runtime", ("fuse", "pandas"), since=(1, 10)),
            Brought("azureml-train-automl-client"),
        ),
    ),
    "azureml-automl-core": (Brought("azureml-dataset-runtime", since=(1, 10)), _TELEMETRY),
    "azureml-dataset-runtime": (Brought("azureml-dataprep", same=_NEVER),),
    "azureml-telemetry": (Brought("azureml-core", until=(1, 61)),),
    "azureml-widgets": (_CORE, _TELEMETRY),
    "azureml-interpret": (_CORE,),
    "azureml-explain-model": (Brought("azureml-interpret"),),
    "azureml-tensorboard": (_CORE,),
    "azureml-pipeline": (Brought("azureml-pipeline-core"), Brought("azureml-pipeline-steps")),
    "azureml-pipeline-core": (_CORE,),
    "azureml-pipeline-steps": (
        *(Brought("azureml-pipeline-core"), Brought("azureml-train-core"), Brought("azureml-train-automl-client")),
    ),
    "azureml-contrib-pipeline-steps": (
        *(_CORE, Brought("azureml-dataset-runtime", since=(1, 10)), Brought("azureml-pipeline-core")),
    ),
    "azureml-mlflow": (Brought("azureml-core", until=(1, 40), same=(1, 40)), Brought("mlflow-skinny", same=_NEVER)),
    "mlflow": (Brought("mlflow-skinny", same=_NEVER),),
    "jupyter": (_KERNEL, Brought("nbconvert", same=_NEVER)),
    "jupyterlab": (_KERNEL, Brought("nbconvert", same=_NEVER)),
    "notebook": (_KERNEL, Brought("nbconvert", same=_NEVER)),
    "qtconsole": (_KERNEL,),
    "spyder-kernels": (_KERNEL,),
    "anaconda": (_KERNEL, Brought("nbconvert", same=_NEVER)),
}
"""azureml-defaults and azureml-sdk of 1.62 take any azureml-core; azureml-mlflow needs none since 1.43 at the latest."""

GENERATION_1 = frozenset(
    (
        *("azureml-core", "azureml-defaults", "azureml-sdk", "azureml-train", "azureml-train-core", "azureml-widgets"),
        *("azureml-train-automl", "azureml-train-automl-client", "azureml-train-automl-runtime", "azureml-pipeline"),
        *("azureml-pipeline-core", "azureml-pipeline-steps", "azureml-contrib-services", "azureml-telemetry"),
    )
)
"""SDK v1: its documentation advises against having it beside `azure-ai-ml`, the SDK v2."""

PYTHONS: dict[str, tuple[tuple[Series, str], ...]] = {
    "azureml-core": (
        *(((1, 20), ">=3.5,<3.9"), ((1, 30), ">=3.6,<3.9"), ((1, 33), ">=3.6,<3.9"), ((1, 36), ">=3.6,<4")),
        *(((1, 43), ">=3.6,<4"), ((1, 51), ">=3.7,<4"), ((1, 58), ">=3.8,<4"), ((1, 61), ">=3.8,<4")),
    ),
    "azureml-sdk": (*(((1, 20), ">=3.5,<4"), ((1, 55), ">=3.7,<4"), ((1, 60), ">=3.8,<4"), ((1, 62), ">=3.8,<4")),),
    "azureml-train-automl-client": (((1, 43), ">=3.6,<3.9"),),
    "azureml-train-automl-runtime": (((1, 43), ">=3.6,<3.9"),),
    "azureml-mlflow": (((1, 51), ">=3.7,<4"), ((1, 60), ">=3.8,<4"), ((1, 62), ">=3.8,<4")),
    "azureml-inference-server-http": (
        *(((0, 7), ">=3.6"), ((0, 8), ">=3.7"), ((1, 0), ">=3.8"), ((1, 2), ">=3.8"), ((1, 3), ">=3.8")),
        *(((1, 4), ">=3.9"), ((1, 5), ">=3.9")),
    ),
    "inference-schema": (((1, 3), ">=3.6,<3.9"), ((1, 8), ">=3.8")),
}
"""The Python that a series asks for, oldest first. Between two that agree the others do, too."""

VERSIONS: dict[str, tuple[tuple[Series, str], ...]] = {
    "azureml-core": (((3, 8), "~=1.61"), ((3, 7), "~=1.51.0"), ((3, 6), "~=1.43.0"), ((3, 5), "~=1.20.0")),
    "azureml-defaults": (
        *(((3, 10), "~=1.62"), ((3, 9), "~=1.61.0"), ((3, 8), "~=1.55.0"), ((3, 7), "~=1.51.0")),
        *(((3, 6), "~=1.43.0"), ((3, 5), "~=1.20.0")),
    ),
    "azureml-dataset-runtime": (
        *(((3, 10), "~=1.62"), ((3, 8), "~=1.60.0"), ((3, 7), "~=1.51.0"), ((3, 6), "~=1.43.0"), ((3, 5), "~=1.20.0")),
    ),
    "azureml-mlflow": (((3, 8), "~=1.60"), ((3, 7), "~=1.51.0"), ((3, 6), "~=1.43.0"), ((3, 5), "~=1.20.0")),
    "azureml-inference-server-http": (
        *(((3, 9), ">=1.4"), ((3, 8), ">=1.0,<1.3"), ((3, 7), "~=0.8.4"), ((3, 6), "~=0.7.7")),
    ),
    "azureml-ai-monitoring": (((3, 8), ">=1.0"),),
    "mltable": (((3, 8), ">=1.5"), ((3, 6), ">=1.0")),
    "ipykernel": (((3, 7), ">=6"), ((3, 5), ">=5")),
    "papermill": (((3, 7), ">=2.4"), ((3, 5), ">=2.0")),
    "nbconvert": (((3, 7), ">=6.5"), ((3, 5), ">=5.6")),
}
"""Which versions to ask for, by the oldest Python that they are for, the newest first.

azureml-defaults of 1.58 to 1.60 would bring a scoring server of 1.3 on Python 3.8, see `BROKEN`.
"""

EXTRAS_UNTIL: dict[tuple[str, str], Series] = {("azureml-dataset-runtime", "pandas"): (3, 11)}
"""The newest Python for which there is what an extra asks for: pandas below 2 has no wheels for a newer one (tried)."""


class Broken(NamedTuple):
    """Releases that install and do not work: `why`, and what to ask for instead, by the oldest Python it is for."""

    name: str
    releases: str
    why: str
    instead: tuple[tuple[Series, str], ...]


BROKEN = (
    Broken(
        "azureml-inference-server-http",
        ">=1.3,<1.4",
        "1.3 imports `azureml.contrib.services`, which it does not bring",
        (((3, 9), ">=1.4"), ((3, 8), ">=1.0,<1.3")),
    ),
)
