"""Azure ML CLI v2: environments, jobs, components and deployments, as far as they name a conda file.

Paths are relative to the file that writes them. The `file:` prefix is taken literally before a conda file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from envls.formats import Mention
from envls.formats.paths import PathRef
from envls.syntax import Mapping, Node, Scalar, Tree, resolve_alias, walk
from envls.url import SCHEME

SCHEMA_HOST = "azuremlschemas.azureedge.net"
TELLING = frozenset((SCHEMA_HOST, "conda_file", "environment", "pipeline", "inference_config"))
"""Words of which a definition has one at least (see `is_definition`)."""
_DEEP = 200  # entries that are looked at for a conda file


@dataclass(frozen=True, slots=True)
class Definition:
    root: Mapping
    paths: tuple[PathRef, ...] = ()

    def mentions(self) -> Iterator[Mention]:
        yield from self.paths


def is_definition(root: Mapping) -> bool:
    """Whether a mapping is a definition of CLI v2, by its schema line or by keys that nothing else has together."""
    schema = root.get("$schema")
    if isinstance(schema, Scalar) and SCHEMA_HOST in schema.value:
        return True
    names = {entry.key.value for entry in root.entries}
    if names & {"channels", "dependencies", "runs-on", "steps"}:
        return False
    return (
        "conda_file" in names
        or {"command", "environment"} <= names
        or ({"jobs", "type"} <= names and _is(root, "type", "pipeline"))
        or (bool({"image", "build"} & names) and "inference_config" in names)
    )


def _is(root: Mapping, key: str, value: str) -> bool:
    node = root.get(key)
    return isinstance(node, Scalar) and node.value == value


def read(path: PurePath, tree: Tree) -> Definition:
    root = tree.root
    assert isinstance(root, Mapping)
    return Definition(root, tuple(_paths(root, path.parent)))


def _paths(root: Node, base: PurePath) -> Iterator[PathRef]:
    for count, node in enumerate(walk(root)):
        if count > _DEEP * 10:
            return
        if not isinstance(node, Mapping):
            continue
        for entry in node.entries:
            value = resolve_alias(entry.value)
            if entry.key.value != "conda_file" or not isinstance(value, Scalar) or not value.value:
                continue
            if not SCHEME.match(value.value) and not value.value.startswith("azureml:"):
                yield PathRef(value, "conda_file", "conda file", base)
