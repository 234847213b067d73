"""The keys of Azure ML CLI v2's components that run one thing: command, parallel, spark; registered, or inside a step."""

from __future__ import annotations

from envls.formats.azureml.v2_jobs import ANY_PROPERTIES, COMMAND, ENTRY, PARALLEL, SPARK
from envls.formats.azureml.v2_keys import (
    AUTO_DELETE,
    CODE,
    DESCRIPTION,
    DISTRIBUTION,
    INPUT_PORTS,
    ONLY_TEXT,
    OUTPUT_PORTS,
    QUEUE,
    RESOURCE_KEYS,
    RESOURCES,
    SCHEMA,
    VARIABLES,
    VERSION,
    WRITTEN,
    choice,
    environment,
    flag,
    listed,
    named,
    nested,
    text,
    written,
)
from envls.formats.keys import Holds, KeyInfo, Table

COMPONENT_VERSION = KeyInfo("version", VERSION.meaning, Holds.ANYTHING, default=VERSION.default, nullable=True)
_UNUSED = "none: a component that is written here stays without {}."
COMPONENT: Table = (
    SCHEMA,
    text(
        "name",
        "The name under which the component is registered: small letters, digits and `_`, with a letter first.",
        required=True,
    ),
    COMPONENT_VERSION,
    text("display_name", "The name that the studio shows."),
    DESCRIPTION,
    named("tags", "Words to find it by.", ONLY_TEXT),
    flag("is_deterministic", "Whether the same inputs give the same outputs, so that a run may be reused.", "`true`."),
    INPUT_PORTS,
    AUTO_DELETE,
    *WRITTEN,
    written("latest_version", "The newest registered version."),
)
ANONYMOUS: Table = (
    *(info for info in COMPONENT if info.name not in ("name", "version")),
    KeyInfo("name", "A name.", Holds.ANYTHING, effect=_UNUSED.format("a name"), nullable=True),
    KeyInfo("version", "A version.", Holds.ANYTHING, effect=_UNUSED.format("a version"), nullable=True),
)
INCLUDES = listed("additional_includes", "Further files and folders that are put beside the code.", ONLY_TEXT)
COMPONENT_RESOURCES = nested("resources", RESOURCES.meaning, (*RESOURCE_KEYS,))
"""Its schema takes keys that it does not know."""


def component_type(value: str, *, required: bool = False) -> KeyInfo:
    return choice("type", "Which kind of component it is.", (value,), required=required)


_COMMAND: Table = (
    component_type("command"),
    COMMAND,
    CODE,
    environment(required=True),
    OUTPUT_PORTS,
    COMPONENT_RESOURCES,
    DISTRIBUTION,
    QUEUE,
    ANY_PROPERTIES,
    INCLUDES,
)
_PARALLEL: Table = (
    component_type("parallel", required=True),
    *(COMPONENT_RESOURCES if info is RESOURCES else info for info in PARALLEL),
    OUTPUT_PORTS,
)
_SPARK: Table = (component_type("spark"), ENTRY, *SPARK, OUTPUT_PORTS, ANY_PROPERTIES, INCLUDES)
COMMAND_COMPONENT: Table = (*COMPONENT[:3], *_COMMAND, *COMPONENT[3:])
PARALLEL_COMPONENT: Table = (*COMPONENT[:3], *_PARALLEL, *COMPONENT[3:])
SPARK_COMPONENT: Table = (*COMPONENT[:3], *_SPARK, *COMPONENT[3:])
INLINE_COMMAND: Table = (*_COMMAND, VARIABLES, *ANONYMOUS)
INLINE_PARALLEL: Table = (*_PARALLEL, *ANONYMOUS)
INLINE_SPARK: Table = (*_SPARK, *ANONYMOUS)
