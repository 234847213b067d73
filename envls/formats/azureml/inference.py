"""Inference configurations of SDK v1 (2019 to 2026): which script a web service runs, and what its image is made from.

`az ml model deploy --ic` reads them, as JSON or YAML; the keys are those of `InferenceConfig` of azureml-core, and of what
its users have. Paths are relative to `sourceDirectory`, else to the folder that the command is called in, which the text does not tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from envls.formats import Mention, keys
from envls.formats.azureml.v1 import bases
from envls.formats.keys import Holds, Key, KeyInfo
from envls.formats.paths import PathRef, join
from envls.syntax import Entry, Mapping, Scalar, Tree, resolve_alias
from envls.text import Span

SCRIPT = "entryScript"
KEYS = (
    KeyInfo(SCRIPT, "The script that answers requests, with its `init` and `run`.", path="script"),
    KeyInfo("runtime", "What runs the script.", values=("python", "spark-py"), nullable=True),
    KeyInfo(
        "condaFile",
        "The conda file that the service's environment is made from.",
        path="conda file",
        effect="it must list `azureml-defaults` 1.0.45 or newer, which brings the scoring server.",
        nullable=True,
    ),
    KeyInfo(
        "sourceDirectory",
        "The folder that is copied into the image; the other paths are relative to it.",
        nullable=True,
    ),
    KeyInfo(
        "environment", "An environment section, instead of the conda file and the image.", Holds.MAPPING, nullable=True
    ),
    KeyInfo("extraDockerfileSteps", "A file with further lines of the Dockerfile.", nullable=True),
    KeyInfo("schemaFile", "A file that describes the requests and answers.", nullable=True),
    KeyInfo("dependencies", "Further files for the image.", Holds.LIST, nullable=True),
    KeyInfo("enableGpu", "Whether the image has CUDA.", Holds.BOOLEAN, default="`false`.", nullable=True),
    KeyInfo("cudaVersion", "The version of CUDA in the image.", default="`9.1`.", nullable=True),
    KeyInfo("baseImage", "The Docker image that the service's image is made from.", nullable=True),
    KeyInfo("baseImageRegistry", "The registry of that image.", Holds.MAPPING, also=(Holds.TEXT,), nullable=True),
    KeyInfo("description", "A text for people.", nullable=True),
)
_BESIDE = frozenset(("condaFile", "runtime", "environment", "sourceDirectory"))
_PATHS = {info.name: info.path for info in KEYS if info.path}


@dataclass(frozen=True, slots=True)
class InferenceConfiguration:
    """What a web service is made from."""

    root: Mapping
    keys: tuple[Key, ...] = ()
    paths: tuple[PathRef, ...] = ()

    @property
    def span(self) -> Span:
        return self.root.span

    @property
    def script(self) -> Entry | None:
        return self.root.entry(SCRIPT)

    def mentions(self) -> Iterator[Mention]:
        yield from self.paths
        yield from self.keys


def is_one(root: Mapping) -> bool:
    """Whether a mapping is an inference configuration."""
    return may_be_one(frozenset(entry.key.value for entry in root.entries))


def may_be_one(names: frozenset[str]) -> bool:
    return SCRIPT in names and not names.isdisjoint(_BESIDE)


def read(path: PurePath, tree: Tree) -> InferenceConfiguration:
    root = tree.root if isinstance(tree.root, Mapping) else Mapping(Span(0, 0), ())
    found = tuple(one for one in keys.read(root, KEYS) if isinstance(one, Key))
    return InferenceConfiguration(root, found, tuple(_paths(root, path)))


def _paths(root: Mapping, path: PurePath) -> Iterator[PathRef]:
    source = root.get("sourceDirectory")
    folders = bases(path)
    if isinstance(source, Scalar) and source.value and not source.is_null:
        folders = (*(join(folder, source.value) for folder in folders[:2]), *folders)
    for entry in root.entries:
        kind, node = _PATHS.get(entry.key.value), resolve_alias(entry.value)
        if kind and isinstance(node, Scalar) and node.value and not node.is_null:
            yield PathRef(node, entry.key.value, kind, folders[0], others=folders[1:])
