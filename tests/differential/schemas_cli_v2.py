"""Writes what the schemas of azure-ai-ml say of their keys, as JSON; the Python that has it runs this.

A schema is a mapping of keys to what is required, allowed and refused, and whether it takes keys that it does not know. Of a
union each schema is written; who compares finds the one that a table stands for by its name.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from typing import Any

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

from azure.ai.ml._schema._deployment.batch.batch_deployment import BatchDeploymentSchema  # type: ignore[import-not-found]  # noqa: E402
from azure.ai.ml._schema._deployment.batch.model_batch_deployment import ModelBatchDeploymentSchema  # type: ignore[import-not-found]  # noqa: E402
from azure.ai.ml._schema._deployment.batch.pipeline_component_batch_deployment_schema import (  # type: ignore[import-not-found]  # noqa: E402
    PipelineComponentBatchDeploymentSchema,
)
from azure.ai.ml._schema._deployment.online.online_deployment import (  # type: ignore[import-not-found]  # noqa: E402
    KubernetesOnlineDeploymentSchema,
    ManagedOnlineDeploymentSchema,
)
from azure.ai.ml._schema._sweep.sweep_job import SweepJobSchema  # type: ignore[import-not-found]  # noqa: E402
from azure.ai.ml._schema.assets.environment import EnvironmentSchema  # type: ignore[import-not-found]  # noqa: E402
from azure.ai.ml._schema.component.command_component import CommandComponentSchema  # type: ignore[import-not-found]  # noqa: E402
from azure.ai.ml._schema.component.parallel_component import ParallelComponentSchema  # type: ignore[import-not-found]  # noqa: E402
from azure.ai.ml._schema.component.spark_component import SparkComponentSchema  # type: ignore[import-not-found]  # noqa: E402
from azure.ai.ml._schema.job import CommandJobSchema, ParallelJobSchema, SparkJobSchema  # type: ignore[import-not-found]  # noqa: E402
from azure.ai.ml._schema.pipeline.pipeline_component import PipelineComponentSchema  # type: ignore[import-not-found]  # noqa: E402
from azure.ai.ml._schema.pipeline.pipeline_job import PipelineJobSchema  # type: ignore[import-not-found]  # noqa: E402
from marshmallow import fields  # type: ignore[import-not-found]  # noqa: E402

found: dict[str, Any] = {}


def visit(field: Any) -> None:
    """Notes the schemas that a field leads to."""
    for below in (getattr(field, "_union_fields", None) or []) + [
        one for name in ("inner", "value_field", "_experimental_field") for one in [getattr(field, name, None)] if one
    ]:
        visit(below)
    if isinstance(field, fields.Nested):
        note(field.schema, field.unknown)


def values_of(field: Any) -> list[str]:
    """The allowed values of a field, of all arms of a union; [] where another arm takes any text."""
    experimental = getattr(field, "_experimental_field", None)
    if experimental is not None:
        return values_of(experimental)
    arms = getattr(field, "_union_fields", None)
    if arms:
        told = [
            values_of(arm)
            for arm in arms
            if not isinstance(arm, fields.Nested) and type(arm).__name__ != "DataBindingStr"
        ]
        return sorted({one for arm in told for one in arm}) if told and all(told) else []
    return sorted(str(one) for one in getattr(field, "allowed_values", None) or [])


def note(schema: Any, unknown: str | None = None) -> None:
    name = type(schema).__name__
    if name.startswith("Internal") or name in found:
        return
    found[name] = {}
    keys = {}
    for label, field in schema.fields.items():
        keys[field.data_key or label] = {
            "required": bool(field.required),
            "nullable": bool(field.allow_none),
            "written": bool(field.dump_only),
            "values": values_of(field),
        }
    found[name] = {"keys": keys, "open": (unknown or schema.unknown) == "include"}
    for field in schema.fields.values():
        if not field.dump_only:
            visit(field)


for schema in (
    *(EnvironmentSchema, CommandJobSchema, SparkJobSchema, PipelineJobSchema, SweepJobSchema, ParallelJobSchema),
    *(CommandComponentSchema, ParallelComponentSchema, SparkComponentSchema, PipelineComponentSchema),
    *(ManagedOnlineDeploymentSchema, KubernetesOnlineDeploymentSchema, BatchDeploymentSchema),
    *(ModelBatchDeploymentSchema, PipelineComponentBatchDeploymentSchema),
):
    note(schema(context={"base_path": "."}))
json.dump(found, sys.stdout)
