"""Azure ML SDK v1 (2018 to 2026): run configurations, and environment sections in files of their own.

A run configuration's keys may be in camelCase, snake_case or Title-case; a section that stands in its own file is read
as it is written, so only camelCase counts there. Scalars are those of YAML 1.2, and JSON is as good. Paths are relative
to the project folder when the project is loaded by its folder (`RunConfiguration.load(folder, name)`), and to the run
configuration's own folder when it is loaded as a file: the text does not say which. All of it tried on azureml-core 1.61.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath

from envls.formats import Mention, keys
from envls.formats.azureml.v1_keys import (
    BASE_DOCKERFILE,
    BASE_IMAGE,
    BUILD_CONTEXT,
    ENVIRONMENT_KEYS,
    PYTHON,
    REGISTRY,
    RUN_KEYS,
)
from envls.formats.conda import environment as conda
from envls.formats.keys import Key, Spelling, Value
from envls.formats.paths import PathRef
from envls.syntax import Entry, Kind, Mapping, Node, Scalar, Sequence, Tree, resolve_alias, resolved
from envls.text import Span

FOLDERS = frozenset((".azureml", "aml_config"))
"""Where a project keeps its run configurations."""
YAML = "1.2"
_ANCESTORS = 4  # folders above the project that a path is tried from
_RUN_NAMES = frozenset(info.name for info in RUN_KEYS)
_SECTION_NAMES = frozenset(info.name for info in ENVIRONMENT_KEYS)
_PYTHON_NAMES = frozenset(info.name for info in PYTHON.keys) if isinstance(PYTHON.keys, tuple) else frozenset[str]()
_IMAGE_NAMES = frozenset(info.name for info in (BASE_IMAGE, BASE_DOCKERFILE, BUILD_CONTEXT, REGISTRY))
_COMMON_WORDS = frozenset(
    ("script", "arguments", "command", "target", "environment", "docker", "spark", "data", "priority", "jobName")
)
_UNMISTAKABLE = frozenset(
    (
        *("communicator", "nodeCount", "maxRunDurationSeconds", "dataReferences", "hdi", "paralleltask", "amlcompute"),
        *("sourceDirectoryDataStore", "kubernetescompute", "credentialPassthrough", "autoPrepareEnvironment"),
    )
)
_OF_OTHERS = frozenset(("$schema", "jobs", "compute", "code", "type", "steps", "stages", "services", "channels"))
_ENOUGH = 3  # keys of a run configuration where none of them is unmistakable
_EMPTY = Mapping(Span(0, 0), ())
TELLING = ("environment", "Environment", "script", "Script", "python", "Python", "docker", "Docker")
"""Keys of which a run configuration or a section has one at least."""
_SECTION_WORDS = re.compile("|".join(sorted(name.lower() for name in _PYTHON_NAMES | _IMAGE_NAMES)), re.IGNORECASE)


@lru_cache(maxsize=4096)
def camel(key: str) -> str:
    """A key as the SDK looks it up: camelCase, whatever it was. One that begins with `_` or is empty crashes it."""
    first, *rest = key.split("_")
    return first[:1].lower() + first[1:] + "".join(part.title() for part in rest)


def entry_of(mapping: Mapping, name: str, spelling: Spelling) -> Entry | None:
    """The entry that the SDK takes for the key `name`: the last one, where two are spelt differently."""
    return next((entry for entry in reversed(mapping.entries) if spelling(entry.key.value) == name), None)


def is_true(node: Node | None) -> bool:
    """Whether the SDK takes a value for true: like Python, so a text always is, `"false"` and `no` included."""
    if not isinstance(node, Scalar):
        return (isinstance(node, Sequence) and bool(node.items)) or (isinstance(node, Mapping) and bool(node.entries))
    match resolved(node, yaml=YAML):
        case Kind.NOTHING:
            return False
        case Kind.BOOLEAN:
            return node.value.lower() == "true"
        case Kind.INTEGER | Kind.NUMBER:
            return node.value.strip("+-0.") != ""
    return bool(node.value) or bool(node.tag)


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping as the SDK looks into it."""

    root: Mapping
    spelling: Spelling

    @property
    def span(self) -> Span:
        return self.root.span

    def entry(self, *route: str) -> Entry | None:
        """The entry that a route of camelCase keys leads to."""
        node: Node | None = self.root
        found: Entry | None = None
        for name in route:
            found = entry_of(node, name, self.spelling) if isinstance(node, Mapping) else None
            node = resolve_alias(found.value) if found else None
        return found

    def node(self, *route: str) -> Node | None:
        """The value that a route leads to; None also where it is null."""
        found = self.entry(*route)
        node = resolve_alias(found.value) if found else None
        return None if isinstance(node, Scalar) and node.is_null else node

    def text(self, *route: str) -> str:
        """The scalar that a route leads to, as it is written; "" where there is none."""
        node = self.node(*route)
        return node.value if isinstance(node, Scalar) else ""


@dataclass(frozen=True, slots=True)
class EnvironmentSection(Section):
    """What `environment` of a run configuration says, there or in a file of its own (then with `keys` and so on).

    `inline` is the conda environment that stands in it.
    """

    keys: tuple[Key, ...] = ()
    values: tuple[Value, ...] = ()
    paths: tuple[PathRef, ...] = ()
    inline: conda.EnvironmentFile | None = None

    @property
    def is_reference(self) -> bool:
        """Whether it only names a registered environment."""
        return all(entry.key.value in ("name", "version") for entry in self.root.entries)

    @property
    def user_managed(self) -> bool:
        return is_true(self.node("python", "userManagedDependencies"))

    def mentions(self) -> Iterator[Mention]:
        yield from self.paths
        yield from self.keys
        yield from self.values
        if self.inline:
            yield from self.inline.channels
            yield from self.inline.items()


@dataclass(frozen=True, slots=True)
class RunConfiguration(Section):
    keys: tuple[Key, ...] = ()
    values: tuple[Value, ...] = ()
    paths: tuple[PathRef, ...] = ()
    environment: EnvironmentSection | None = None

    @property
    def target(self) -> str:
        return self.text("target") or "local"

    @property
    def framework(self) -> str:
        return self.text("framework") or "Python"

    def mentions(self) -> Iterator[Mention]:
        yield from self.paths
        yield from self.keys
        yield from self.values
        if self.environment:
            yield self.environment
            if self.environment.inline:
                yield from self.environment.inline.channels
                yield from self.environment.inline.items()


# -- recognising ----------------------------------------------------------------------------------------------


def may_have_no_suffix(path: PurePath) -> bool:
    """Whether a file stands where a run configuration needs no extension: `.azureml/docker`."""
    return path.parent.name in FOLDERS and not path.suffix and not path.name.startswith(".")


def is_run_configuration(root: Mapping, by_name: bool, *, in_folder: bool = False) -> bool:
    """Whether a mapping is a run configuration; of a file whose name says so, one of its keys is enough.

    `in_folder` says that it stands in one of the `FOLDERS`: common words are then enough.
    """
    written = {entry.key.value for entry in root.entries}
    names = set(map(camel, written))
    if by_name:
        return not names or bool(names & _RUN_NAMES)
    if written & _OF_OTHERS or not names & {"environment", "script"}:
        return False
    described = entry_of(root, "environment", camel)
    section = resolve_alias(described.value) if described else None
    if isinstance(section, Mapping) and _has_section_keys(section, camel):
        return True
    if names & _UNMISTAKABLE or (in_folder and {"script", "environment"} <= names):
        return True
    return "environment" in names and len(names & _RUN_NAMES) >= _ENOUGH and bool(names & (_RUN_NAMES - _COMMON_WORDS))


def resembles_run_configuration(root: Mapping) -> bool:
    """Whether a mapping that says it is something else has what only a run configuration has."""
    described = entry_of(root, "environment", camel)
    section = resolve_alias(described.value) if described else None
    names = {camel(entry.key.value) for entry in root.entries}
    return (isinstance(section, Mapping) and resembles_section(section)) or (
        "script" in names and bool(names & _UNMISTAKABLE | names & {"framework", "target"})
    )


def resembles_section(root: Mapping) -> bool:
    """Whether a mapping that says it is something else has what only an environment section has."""
    return _has_section_keys(root, camel)


def may_be_one(names: frozenset[str], text: str) -> bool:
    """Whether a text with these outermost keys may be a run configuration or a section, by its content alone."""
    if names & _OF_OTHERS or names.isdisjoint(TELLING):
        return False
    looked_up = set(map(camel, names))
    if looked_up & _UNMISTAKABLE or len(looked_up & _RUN_NAMES) >= _ENOUGH:
        return True
    return _SECTION_WORDS.search(text.replace("_", "")) is not None


def is_section(root: Mapping) -> bool:
    """Whether a mapping is an environment section."""
    names = {entry.key.value for entry in root.entries}
    return not names & _OF_OTHERS and 2 * len(names & _SECTION_NAMES) >= len(names) and _has_section_keys(root, camel)


def _has_section_keys(section: Mapping, spelling: Spelling) -> bool:
    return _names_at(section, "python", spelling) & _PYTHON_NAMES != set() or bool(
        _names_at(section, "docker", spelling) & _IMAGE_NAMES
    )


def _names_at(mapping: Mapping, key: str, spelling: Spelling) -> set[str]:
    found = entry_of(mapping, key, spelling)
    below = resolve_alias(found.value) if found else None
    return {spelling(entry.key.value) for entry in below.entries} if isinstance(below, Mapping) else set()


# -- reading --------------------------------------------------------------------------------------------------


def read_run_configuration(path: PurePath, tree: Tree) -> RunConfiguration:
    root = tree.root if isinstance(tree.root, Mapping) else _EMPTY
    names, values = _of_table(root, RUN_KEYS, camel)
    described = entry_of(root, "environment", camel)
    section = resolve_alias(described.value) if described else None
    environment = (
        EnvironmentSection(section, camel, inline=_inline(section, camel)) if isinstance(section, Mapping) else None
    )
    return RunConfiguration(root, camel, names, values, tuple(_paths(values, path)), environment)


def read_section(path: PurePath, tree: Tree) -> EnvironmentSection:
    root = tree.root if isinstance(tree.root, Mapping) else _EMPTY
    names, values = _of_table(root, ENVIRONMENT_KEYS, str)
    return EnvironmentSection(root, str, names, values, tuple(_paths(values, path)), _inline(root, str))


def _of_table(root: Mapping, table: keys.Table, spelling: Spelling) -> tuple[tuple[Key, ...], tuple[Value, ...]]:
    read = tuple(keys.read(root, table, spelling=spelling))
    return tuple(k for k in read if isinstance(k, Key)), tuple(v for v in read if isinstance(v, Value))


def _inline(section: Mapping, spelling: Spelling) -> conda.EnvironmentFile | None:
    node = Section(section, spelling).node("python", "condaDependencies")
    return conda.read(Tree(node)) if isinstance(node, Mapping) else None


def _paths(values: tuple[Value, ...], path: PurePath) -> Iterator[PathRef]:
    first, *others = bases(path)
    for value in values:
        node, kind = value.node, value.info.path
        if kind and isinstance(node, Scalar) and node.value and resolved(node, yaml=YAML) is Kind.TEXT:
            yield PathRef(node, value.info.name, kind, first, others=tuple(others))


def bases(path: PurePath) -> tuple[PurePath, ...]:
    """The folders that a path of the run configuration at `path` may be relative to, the likeliest first."""
    own, above = path.parent, path.parent.parent
    near = (above, own) if own.name in FOLDERS else (own, above)
    further = [folder for folder in above.parents[:_ANCESTORS] if folder.name]
    return tuple(dict.fromkeys((*near, *further)))
