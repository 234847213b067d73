"""Packages whose names differ on PyPI and in conda's channels: only those where the wrong name surely finds nothing,
or an empty shell.
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

# What is on PyPI and on no well-known channel.
ONLY_PYPI = frozenset(
    (
        *(
            "azureml-automl-core",
            "azureml-contrib-services",
            "azureml-core",
            "azureml-dataprep",
            "azureml-dataset-runtime",
        ),
        *("azureml-defaults", "azureml-interpret", "azureml-pipeline", "azureml-sdk", "azureml-telemetry"),
        *("azureml-train-automl", "azureml-train-automl-client", "azureml-train-core", "azureml-widgets"),
        "azure-ml-api-sdk",
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
