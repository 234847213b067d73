"""Packages whose names differ on PyPI and in conda's channels.

`CONDA_NAME`, `ONLY_PYPI`, `PYPI_NAME` and `ONLY_CONDA` hold only those where the wrong name surely finds nothing, or an
empty shell; `ON_CONDA` others too, for whoever looks whether there is such a package.
"""

from __future__ import annotations

# What people write in a conda list, and what conda calls it.
CONDA_NAME = {
    "cv2": "opencv",
    "dotenv": "python-dotenv",
    "opencv-contrib-python": "opencv",
    "opencv-python": "opencv",
    "opencv-python-headless": "opencv",
    "pil": "pillow",
    "pyqt5": "pyqt",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "tables": "pytables",
    "torch": "pytorch",
}

# What is on PyPI and on no well-known channel: none of the packages of Azure ML is.
ONLY_PYPI = frozenset(
    (
        *("azureml-accel-models", "azureml-ai-monitoring", "azureml-automl-core", "azureml-automl-runtime"),
        *(
            "azureml-contrib-dataset",
            "azureml-contrib-interpret",
            "azureml-contrib-notebook",
            "azureml-contrib-services",
        ),
        *("azureml-contrib-pipeline-steps", "azureml-contrib-server", "azureml-core", "azureml-datadrift"),
        *("azureml-dataprep", "azureml-dataprep-native", "azureml-dataprep-rslex", "azureml-dataset-runtime"),
        *("azureml-defaults", "azureml-evaluate-mlflow", "azureml-explain-model", "azureml-fsspec"),
        *("azureml-inference-server-http", "azureml-interpret", "azureml-metrics", "azureml-mlflow"),
        *("azureml-model-management-sdk", "azureml-monitoring", "azureml-opendatasets", "azureml-pipeline"),
        *(
            "azureml-pipeline-core",
            "azureml-pipeline-steps",
            "azureml-responsibleai",
            "azureml-sdk",
            "azureml-telemetry",
        ),
        *("azureml-tensorboard", "azureml-train", "azureml-train-automl", "azureml-train-automl-client"),
        *("azureml-train-automl-runtime", "azureml-train-core", "azureml-train-restclients-hyperdrive"),
        *("azureml-widgets", "azure-ml-api-sdk", "mltable"),
    )
)

# What people write in a `pip` section, and what PyPI calls it. These install nothing or fail.
PYPI_NAME = {
    "cv2": "opencv-python",
    "dotenv": "python-dotenv",
    "pil": "pillow",
    "pytables": "tables",
    "pytorch": "torch",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}

# What only conda installs.
ONLY_CONDA = frozenset(("cudatoolkit", "cudnn", "mkl-fft", "python"))

# What packages of PyPI are called on conda-forge; under some of their names conda has something else, or nothing.
_DIFFERENT = {
    "annoy": "python-annoy",
    "blosc": "python-blosc",
    "build": "python-build",
    "confluent-kafka": "python-confluent-kafka",
    "docker": "docker-py",
    "duckdb": "python-duckdb",
    "flatbuffers": "python-flatbuffers",
    "graphviz": "python-graphviz",
    "igraph": "python-igraph",
    "kaleido": "python-kaleido",
    "kubernetes": "python-kubernetes",
    "lmdb": "python-lmdb",
    "msgpack": "msgpack-python",
    "neo4j": "neo4j-python-driver",
    "ortools": "ortools-python",
    "ray": "ray-default",
    "redis": "redis-py",
    "sounddevice": "python-sounddevice",
    "soundfile": "pysoundfile",
    "tables": "pytables",
    "torch": "pytorch",
    "torch-cluster": "pytorch_cluster",
    "torch-geometric": "pytorch_geometric",
    "torch-scatter": "pytorch_scatter",
    "torch-sparse": "pytorch_sparse",
    "xxhash": "python-xxhash",
}
ON_CONDA = {**CONDA_NAME, **_DIFFERENT, "psycopg2-binary": "psycopg2", "zmq": "pyzmq"}
ON_PYPI = {conda.replace("_", "-"): pypi for pypi, conda in _DIFFERENT.items()}
