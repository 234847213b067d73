"""One file as the user has it now: its text, its tree, and what it says."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum
from functools import cached_property
from pathlib import PurePath
from typing import TypeAlias

from envls import syntax
from envls.formats import Mention
from envls.formats.azureml import v2, workbench
from envls.formats.conda import environment
from envls.formats.conda.environment import EnvironmentFile
from envls.syntax import Mapping, Scalar, Sequence, Tree
from envls.text import Lines

Content: TypeAlias = (
    "EnvironmentFile | workbench.RunConfiguration | workbench.Compute | workbench.SparkDependencies | v2.Definition"
)


class Format(Enum):
    """What kind of file it is, as a phrase for a person."""

    ENVIRONMENT = "conda environment"
    RUN_CONFIGURATION = "Azure ML Workbench run configuration"
    COMPUTE = "Azure ML Workbench compute target"
    SPARK = "Spark dependencies"
    V2 = "Azure ML definition"
    FOREIGN = "another file"


@dataclass(frozen=True)
class Document:
    """A file that was read. `content` is None for a file that is not ours; `template` says that it is one of Jinja."""

    path: PurePath
    text: str
    tree: Tree
    format: Format
    content: Content | None
    template: bool = False
    mentions: tuple[Mention, ...] = field(default=(), repr=False)

    @cached_property
    def lines(self) -> Lines:
        return Lines(self.text)

    def mentions_at(self, offset: int) -> list[Mention]:
        """What is said where the cursor stands, the narrowest first."""
        here = [mention for mention in self.mentions if mention.span.start <= offset <= mention.span.end]
        return sorted(here, key=lambda mention: mention.span.end - mention.span.start)


_EXACT = re.compile(
    r"(?:conda[-_]?)?environment\.ya?ml|conda_dependencies\.yml|.*conda_dependencies.*\.ya?ml", re.IGNORECASE
)
_LIKELY = re.compile(
    r".*conda.*\.ya?ml|environment[-_.].*\.ya?ml|.*[-_.]environment\.ya?ml|(?:.*[-_])?env\.ya?ml|env[-_].*\.ya?ml",
    re.IGNORECASE,
)
_FOLDERS = frozenset(("conda-envs", "binder", ".binder", "envs"))
_NEVER = re.compile(
    r"(?:conda-lock|pixi|anaconda-project|meta|recipe|python_env|conda_build_config|chart|galaxy|mkdocs|_config)\.(?:ya?ml|lock)"
    r"|(?:docker-)?compose.*\.ya?ml|\.pre-commit-config\.yaml",
    re.IGNORECASE,
)
_AZUREML = re.compile(r".*\.(?:runconfig|compute)|spark_dependencies\.ya?ml", re.IGNORECASE)
_JOB = re.compile(r".*(?:job|pipeline|component|deployment|env)[^/]*\.ya?ml", re.IGNORECASE)
_KEYS = tuple(info.name for info in environment.KEYS)
_TEMPLATE = re.compile(r"\{%|(?<!\$)\{\{")


def known_name(path: PurePath) -> bool:
    """Whether a file of this name may be one of ours: cheap, and true for some that are not."""
    name = path.name
    if _NEVER.fullmatch(name):
        return False
    if _AZUREML.fullmatch(name) or _EXACT.fullmatch(name) or _LIKELY.fullmatch(name) or _JOB.fullmatch(name):
        return True
    return path.suffix.lower() in (".yml", ".yaml") and path.parent.name in _FOLDERS


def read(path: PurePath, text: str) -> Document:
    """The document of a text. Never fails: a file that is not ours has no content."""
    tree = syntax.parse(text, _KEYS, ("pip",))
    format_ = recognise(path, tree)
    content = _content(format_, path, tree)
    template = "{" in text and _TEMPLATE.search(text) is not None and format_ is not Format.V2
    mentions = tuple(content.mentions()) if content is not None else ()
    return Document(path, text, tree, format_, content, template, mentions)


def recognise(path: PurePath, tree: Tree) -> Format:
    """What a file is, by its name and what it says. An exact name is enough for one that says nothing yet."""
    name = path.name.lower()
    if name.endswith(".compute"):
        return Format.COMPUTE
    if name.startswith("spark_dependencies."):
        return Format.SPARK
    root = tree.root
    if isinstance(root, Mapping) and workbench.is_run_configuration(root, name.endswith(".runconfig")):
        return Format.RUN_CONFIGURATION
    if name.endswith(".runconfig"):
        return Format.RUN_CONFIGURATION if root is None or not isinstance(root, Mapping) else Format.FOREIGN
    if _NEVER.fullmatch(path.name):
        return Format.FOREIGN
    if isinstance(root, Mapping) and v2.is_definition(root):
        return Format.V2
    if environment.looks_like_one(tree):
        return Format.ENVIRONMENT
    if _EXACT.fullmatch(path.name) and _may_become_one(tree):
        return Format.ENVIRONMENT
    if _LIKELY.fullmatch(path.name) and isinstance(root, Mapping) and _may_become_one(tree) and _names_packages(root):
        return Format.ENVIRONMENT
    return Format.FOREIGN


def _names_packages(root: Mapping) -> bool:
    """Whether a mapping has a list under `dependencies`, however that is misspelt."""
    lists = [entry.key.value.lower() for entry in root.entries if isinstance(entry.value, Sequence)]
    return bool(get_close_matches("dependencies", lists, 1, 0.7))


def _may_become_one(tree: Tree) -> bool:
    """Whether a file with the exact name of an environment file says nothing else yet."""
    root = tree.root
    if isinstance(root, Mapping):
        names = [entry.key.value for entry in root.entries[:50]]
        if any(name in environment.NOT_OURS for name in names):
            return False
        # an application's settings or translations may have the same name: all of it is written, none of it is ours
        begun = any(
            isinstance(entry.value, Sequence) or not entry.value.span.end > entry.key.span.end + 1
            for entry in root.entries
        )
        return begun or any(get_close_matches(name, _KEYS, 1, 0.5) for name in names)
    return root is None or isinstance(root, Scalar | Sequence)


def _content(format_: Format, path: PurePath, tree: Tree) -> Content | None:
    if format_ is Format.ENVIRONMENT:
        return environment.read(tree)
    if format_ is Format.RUN_CONFIGURATION:
        return workbench.read_run_configuration(path, tree)
    if format_ is Format.COMPUTE:
        return workbench.read_compute(path, tree)
    if format_ is Format.SPARK:
        return workbench.read_spark_dependencies(tree)
    if format_ is Format.V2:
        return v2.read(path, tree)
    return None
