"""Loads definitions with azure-ai-ml, whose Python runs this: folders (or files, behind their kind) come in, refusals go out."""

import contextlib
import io
import logging
import re
import sys
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

import azure.ai.ml as sdk  # type: ignore[import-not-found]  # noqa: E402 (it warns when it is imported)
from azure.ai.ml.entities import _load_functions as loaders  # type: ignore[import-not-found]  # noqa: E402

LOADERS = {
    "environment": sdk.load_environment,
    "Job": sdk.load_job,
    "Component": sdk.load_component,
    "OnlineDeployment": sdk.load_online_deployment,
    "batchDeployment": sdk.load_batch_deployment,
    "modelBatchDeployment": loaders.load_model_batch_deployment,
    "pipelineComponentBatchDeployment": loaders.load_pipeline_component_batch_deployment,
}

for line in sys.stdin:
    kind, _, path = line.strip().rpartition("\t")
    if not kind:
        path = str(Path(path, sys.argv[1]))
        told = re.search(r"latest/(\w+)\.schema", Path(path).read_text("utf-8"))
        kind = told.group(1) if told else ""
    load = next(load for name, load in LOADERS.items() if kind.endswith(name))
    said = ""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            load(path)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a refusal
            said = " ".join(f"{type(error).__name__}: {error}".split())[:400]
    print("=> " + said)
