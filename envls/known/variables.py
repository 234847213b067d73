"""Environment variables that machine-learning projects set, what each does, and values that it has.

They are offered where a file sets variables; any other name is as good.
"""

from __future__ import annotations

from typing import NamedTuple


class Variable(NamedTuple):
    """`meaning` is Markdown."""

    meaning: str
    values: tuple[str, ...] = ()


VARIABLES = {
    "PYTHONPATH": Variable("Folders that Python looks for modules in, before its own."),
    "PYTHONUNBUFFERED": Variable("Python writes its output at once: a log shows it while the run goes on.", ("1",)),
    "PYTHONHASHSEED": Variable("A number makes the order of sets the same in each run.", ("0",)),
    "PYTHONNOUSERSITE": Variable("Python leaves the user's own packages alone.", ("1",)),
    "CUDA_VISIBLE_DEVICES": Variable("The GPUs that a program sees, by number; none with `-1`.", ("0", "-1")),
    "CUDA_HOME": Variable("Where the CUDA toolkit is."),
    "LD_LIBRARY_PATH": Variable("Folders that Linux looks for libraries in, before its own."),
    "NCCL_DEBUG": Variable("How much NCCL says about the traffic between GPUs.", ("INFO", "WARN")),
    "OMP_NUM_THREADS": Variable("How many threads OpenMP takes.", ("1",)),
    "MKL_NUM_THREADS": Variable("How many threads Intel's MKL takes.", ("1",)),
    "OPENBLAS_NUM_THREADS": Variable("How many threads OpenBLAS takes.", ("1",)),
    "KMP_DUPLICATE_LIB_OK": Variable("Intel's OpenMP goes on where two copies of it are loaded.", ("TRUE",)),
    "TF_CPP_MIN_LOG_LEVEL": Variable("How much TensorFlow leaves out of its log, from 0 to 3.", ("0", "1", "2", "3")),
    "TF_FORCE_GPU_ALLOW_GROWTH": Variable("TensorFlow takes a GPU's memory as it needs it.", ("true",)),
    "TOKENIZERS_PARALLELISM": Variable("Whether Hugging Face's tokenizers take several threads.", ("false", "true")),
    "HF_HOME": Variable("Where Hugging Face keeps models and data."),
    "TRANSFORMERS_OFFLINE": Variable("Transformers fetches nothing.", ("1",)),
    "MLFLOW_TRACKING_URI": Variable("Where MLflow keeps what runs have logged."),
    "MLFLOW_EXPERIMENT_NAME": Variable("The experiment that MLflow logs to."),
    "WANDB_MODE": Variable("Whether Weights & Biases sends what it logs.", ("offline", "online", "disabled")),
    "PIP_INDEX_URL": Variable("The index that pip asks."),
    "CONDA_OVERRIDE_CUDA": Variable("The version of CUDA that conda takes this machine to have."),
    "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": Variable("Which implementation protobuf takes.", ("python", "upb")),
    "SETUPTOOLS_USE_DISTUTILS": Variable("Which `distutils` setuptools takes.", ("stdlib", "local")),
    "AZUREML_ARTIFACTS_DEFAULT_TIMEOUT": Variable("Seconds that Azure ML waits for a file to be uploaded."),
    "WORKER_COUNT": Variable("How many processes of Azure ML's inference server answer.", ("1",)),
    "AZUREML_APP_ROOT": Variable("Where Azure ML's inference server looks for the scoring script."),
}
