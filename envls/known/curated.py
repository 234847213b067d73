"""The environments of Azure ML's own registry `azureml` that people train and score in, the newest first.

From the sources of that registry (the repository azureml-assets) and from what published projects name. New ones come every
few months, so whoever asks may say that a name is one of them, never that it is none. The names that begin with `AzureML-`
are those from before there was a registry; a workspace finds them by themselves.
"""

from __future__ import annotations

REGISTRY = "azureml://registries/azureml/environments/"
CURATED = (
    "sklearn-1.5",
    "acpt-pytorch-2.8-cuda12.6",
    "lightgbm-3.3",
    "tensorflow-2.16-cuda12",
    "minimal-py312-inference",
    "minimal-py312-cuda12.4-inference",
    "acpt-pytorch-2.7-cuda12.6",
    "acpt-pytorch-2.5-cuda12.4",
    "acpt-pytorch-2.4-cuda12.4",
    "acpt-pytorch-2.3-cuda12.1",
    "acpt-pytorch-2.2-cuda12.1",
    "acpt-pytorch-2.1-cuda12.1",
    "acpt-pytorch-2.0-cuda11.7",
    "acpt-pytorch-1.13-cuda11.7",
    "acpt-pytorch-1.12-py39-cuda11.6",
    "sklearn-1.1",
    "sklearn-1.0",
    "tensorflow-2.12-cuda11",
    "tensorflow-2.11-cuda11",
    "acft-hf-nlp-gpu",
    "acft-mmdetection-image-gpu",
    "acft-transformers-image-gpu",
    "ai-ml-automl",
)


def in_registry(name: str, version: str = "", label: str = "latest") -> str:
    """How a definition of CLI v2 refers to a curated environment."""
    return f"{REGISTRY}{name}/" + (f"versions/{version}" if version else f"labels/{label}")
