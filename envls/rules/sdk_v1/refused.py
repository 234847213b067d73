"""What SDK v1 cannot load: where azureml-core 1.61 raises an error, and why. Tried value by value against the SDK itself.

The SDK looks into values by the type that their key wants: a mapping or a list is looked through (a text passes, a number
raises), a number is converted, and of a text nothing is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isfinite

from envls.formats.azureml import v1, v1_keys
from envls.formats.azureml.v1 import YAML, Section
from envls.formats.azureml.v1_keys import CLUSTER
from envls.formats.keys import Holds, KeyInfo, table_of
from envls.syntax import Kind, Mapping, Node, Scalar, Sequence, resolve_alias, resolved

MODES = ("mount", "download", "upload")
_NEVER_LOADED = frozenset((v1_keys.TERMINAL_EXIT_CODES, v1_keys.INIT_SCRIPTS))
_ONLY_MAPPINGS = frozenset((v1_keys.ENVIRONMENT_VARIABLES, v1_keys.ENDPOINT_PROPERTIES))
_NOT_LOOKED_INTO = frozenset((Kind.TEXT, Kind.NOTHING))


def refusal(node: Node, info: KeyInfo) -> tuple[Node, str] | None:
    """Where and why the SDK cannot load the value of a key; None where it can."""
    node = resolve_alias(node)
    if special := _SPECIAL.get(info):
        return special(node)
    if _kind(node) is Kind.NOTHING:
        return None
    if info in _NEVER_LOADED:
        return node, f"the SDK cannot load `{info.name}` from a file; leave it empty"
    if info.holds is Holds.INTEGER:
        return None if is_integer(node) else (node, f"`{info.name}` must be a whole number")
    if info in _ONLY_MAPPINGS and not isinstance(node, Mapping):
        return node, f"`{info.name}` must be a mapping"
    if info.each:
        return _of_named(node, info)
    if table_of(info.keys, None):
        return _of_list(node, info) if info.holds is Holds.LIST else _of_object(node, info)
    return None


def _kind(node: Node) -> Kind | None:
    return resolved(node, yaml=YAML) if isinstance(node, Scalar) else None


def is_integer(node: Node) -> bool:
    """Whether Python makes a whole number of it: of a fraction too, and of a text of digits."""
    match _kind(node):
        case Kind.INTEGER | Kind.BOOLEAN:
            return True
        case Kind.NUMBER if isinstance(node, Scalar):
            return isfinite(float(node.value.lower().replace(".inf", "inf").replace(".nan", "nan")))
        case Kind.TEXT if isinstance(node, Scalar):
            return any(_converts(node.value, base) for base in ((10, 0) if not node.style.value else (10,)))
    return False


def _converts(text: str, base: int) -> bool:
    try:
        int(text, base)
    except ValueError:
        return False
    return True


def _of_object(node: Node, info: KeyInfo) -> tuple[Node, str] | None:
    """A text or a list is taken for a mapping that has none of the keys, unless it has their names in it."""
    if isinstance(node, Mapping):
        return None
    names = [below.name for below in table_of(info.keys, None)]
    if isinstance(node, Scalar):
        passes = _kind(node) is Kind.TEXT and not any(name in node.value for name in names)
    else:
        items = node.items if isinstance(node, Sequence) else ()
        passes = not any(isinstance(item, Scalar) and item.value in names for item in items)
    return None if passes else (node, f"`{info.name}` must be a mapping")


def _of_list(node: Node, info: KeyInfo) -> tuple[Node, str] | None:
    if isinstance(node, Scalar) and _kind(node) is not Kind.TEXT:
        return node, f"`{info.name}` must be a list"
    for item in map(resolve_alias, node.items) if isinstance(node, Sequence) else ():
        if isinstance(item, Scalar) and _kind(item) is not Kind.TEXT:
            return item, f"each item of `{info.name}` must be a mapping"
    return None


def _of_named(node: Node, info: KeyInfo) -> tuple[Node, str] | None:
    if not isinstance(node, Mapping):
        return node, f"`{info.name}` must be a mapping"
    for entry in node.entries:
        value = resolve_alias(entry.value)
        if isinstance(value, Scalar) and _kind(value) is not Kind.TEXT:
            return (entry.key if _kind(value) is Kind.NOTHING else value), f"`{entry.key.value}` must be a mapping"
    return None


# -- keys with rules of their own -------------------------------------------------------------------------------


def _environment(node: Node) -> tuple[Node, str] | None:
    if isinstance(node, Mapping) or (_kind(node) in _NOT_LOOKED_INTO and not _is_empty_text(node)):
        return None
    return node, "`environment` must be a mapping, or the path of a file"


def _is_empty_text(node: Node) -> bool:
    return isinstance(node, Scalar) and not node.value and _kind(node) is Kind.TEXT


def _python(node: Node) -> tuple[Node, str] | None:
    return None if isinstance(node, Mapping) else (node, "`python` must be a mapping")


def _conda_file(node: Node) -> tuple[Node, str] | None:
    if _kind(node) in _NOT_LOOKED_INTO and not _is_empty_text(node):
        return None
    return node, "`condaDependenciesFile` must be the path of a file; packages themselves go below `condaDependencies`"


def _inline_conda(node: Node) -> tuple[Node, str] | None:
    if not isinstance(node, Mapping):
        return None if _kind(node) is Kind.NOTHING else (node, "`condaDependencies` must be a mapping")
    listed = node.get("dependencies")
    if listed is not None and isinstance(listed, Scalar) and _kind(listed) is not Kind.TEXT:
        return listed, "`dependencies` must be a list"
    return None


def _location_type(node: Node) -> tuple[Node, str] | None:
    if _kind(node) is Kind.NOTHING or (isinstance(node, Scalar) and node.value in ("git", "storageAccount")):
        return None
    return node, "`locationType` is `git` or `storageAccount`"


def _data_references(node: Node) -> tuple[Node, str] | None:
    if _kind(node) is Kind.NOTHING:
        return None
    found = _of_named(node, v1_keys.DATA_REFERENCES)
    for entry in node.entries if not found and isinstance(node, Mapping) else ():
        value = resolve_alias(entry.value)
        reference = Section(value, v1.camel) if isinstance(value, Mapping) else None
        if reference is None or not v1.is_true(reference.node("dataStoreName")):
            return entry.key, f"`{entry.key.value}` needs a `dataStoreName`"
        mode = reference.entry("mode")
        written = resolve_alias(mode.value) if mode else None
        if written and not (
            isinstance(written, Scalar) and _kind(written) is Kind.TEXT and written.value.lower() in MODES
        ):
            return (written if not _is_nothing(written) else entry.key), "`mode` is `mount`, `download` or `upload`"
    return found


def _is_nothing(node: Node) -> bool:
    return _kind(node) is Kind.NOTHING


def _cluster(node: Node) -> tuple[Node, str] | None:
    if not isinstance(node, Mapping):
        return node, "`cluster` must be a mapping that says `existingClusterId`, or what a new cluster is like"
    there = Section(node, v1.camel)
    said = {info.name: value for info in table_of(CLUSTER.keys, None) if (value := there.node(info.name)) is not None}
    for info in table_of(CLUSTER.keys, None):
        if info.name in said and not _suits_cluster(said[info.name], info):
            return said[info.name], f"`{info.name}` must be {info.holds.value}"
    return next(((node, why) for why in _of_cluster(set(said))), None)


def _suits_cluster(node: Node, info: KeyInfo) -> bool:
    if info.holds is Holds.TEXT:
        return _kind(node) is Kind.TEXT
    return isinstance(node, Mapping) if info.holds is Holds.MAPPING else True


def _of_cluster(said: set[str]) -> Iterator[str]:
    range_ = {"minWorkers", "maxWorkers"}
    if "existingClusterId" in said:
        if said - {"existingClusterId", "permitClusterRestart"}:
            yield "beside `existingClusterId` only `permitClusterRestart` is allowed"
    elif not said - {"permitClusterRestart"}:
        yield "`cluster` needs `existingClusterId`, or what a new cluster is like"
    elif ("numWorkers" in said) == bool(range_ & said) or (range_ & said and not range_ <= said):
        yield "a new cluster needs either `numWorkers`, or both `minWorkers` and `maxWorkers`"
    elif "permitClusterRestart" in said:
        yield "`permitClusterRestart` needs `existingClusterId`"


_SPECIAL: dict[KeyInfo, Callable[[Node], tuple[Node, str] | None]] = {
    v1_keys.ENVIRONMENT: _environment,
    v1_keys.PYTHON: _python,
    v1_keys.CONDA_FILE: _conda_file,
    v1_keys.INLINE_CONDA: _inline_conda,
    v1_keys.LOCATION_TYPE: _location_type,
    v1_keys.DATA_REFERENCES: _data_references,
    v1_keys.CLUSTER: _cluster,
}
