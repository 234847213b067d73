"""SDK v1: every key of the table with values of every kind, and what only a whole file can have wrong."""

from __future__ import annotations

from collections.abc import Iterator

from envls.formats.azureml import v1_keys
from envls.formats.keys import Holds, KeyInfo, Table, table_of

REQUIREMENTS = ("azureml-core==1.61.0.post4",)
LOADER = "load_sdk_v1.py"
JUDGED = ".azureml/train.runconfig"

VALUES = (
    *("word", "''", "'2'", "2", "2.5", "-1", "0x10", "true", "no", "'false'", "null", "~", "2024-01-31", ".inf", "1e3"),
    *(
        "[]",
        "[a]",
        "[2]",
        "[null]",
        "[{}]",
        "[{a: 1}]",
        "{}",
        "{a: 1}",
        "{a: null}",
        "{a: {}}",
        "{a: text}",
        "{a: [b]}",
    ),
    *("!!str 3", "mount", "git", "storageAccount", "Python"),
)
_BESIDE = {
    ("dataReferences", "mine"): "dataStoreName: store",
    ("environment", "databricks", "cluster"): "numWorkers: 2",
    ("environment",): "python: {userManagedDependencies: true}",
    (): "environment: {name: mine}",
}
"""What stands beside a key so that the rest of its mapping can be loaded."""


def _routes(table: Table, route: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], KeyInfo]]:
    """Every key with the keys that lead to it; `-` is a list."""
    for info in table:
        yield (*route, info.name), info
        step = (info.name, "-") if info.holds is Holds.LIST else (info.name,)
        yield from _routes(table_of(info.keys, None), (*route, *step))
        yield from _routes(table_of(info.each, None), (*route, info.name, "mine"))


def _text(route: tuple[str, ...], value: str, before: tuple[str, ...] = ()) -> str:
    """A key with a value in the mappings that lead to it, on one line below the first."""
    name, *rest = route
    inner = value
    if rest and rest[0] == "-":
        inner = f"[{_text(tuple(rest[1:]), value, (*before, name, '-'))}]"
    elif rest:
        inner = _text(tuple(rest), value, (*before, name))
    beside = _BESIDE.get(before, "")
    there = beside.partition(":")[0] != name and beside
    return f"{{{name}: {inner}{', ' + beside if there else ''}}}"


def _with_values() -> Iterator[tuple[str, dict[str, str]]]:
    for route, _ in _routes(v1_keys.RUN_KEYS):
        for value in VALUES:
            yield f"{'.'.join(route)}: {value}", {JUDGED: _text(route, value) + "\n"}


_HEAD = "script: train.py\nenvironment:\n  name: mine\n"
_MADE = "environment:\n  python:\n    condaDependenciesFile: conda.yml\n"
_TEXTS = {
    "snake case": "script: a\nenvironment:\n  python:\n    user_managed_dependencies: true\nnode_count: 2\n",
    "snake case, refused": _HEAD + "node_count: two\n",
    "title case, refused": _HEAD + "NodeCount: two\n",
    "the same key in two cases": _HEAD + "nodeCount: two\nnode_count: 2\n",
    "the same key in two cases, the last is refused": _HEAD + "nodeCount: 2\nnode_count: two\n",
    "a key twice": _HEAD + "history: {}\nhistory: {}\n",
    "an unknown key twice": _HEAD + "foo: {a: 1, a: 2}\n",
    "a tab": _HEAD + "target:\tlocal\n",
    "a bracket that is not closed": _HEAD + "arguments: [a\n",
    "an alias to nothing": _HEAD + "target: *nowhere\n",
    "an alias": _HEAD + "history: &h {}\nspark: *h\n",
    "an anchor twice": _HEAD + "target: &a local\nframework: &a Python\n",
    "two documents": _HEAD + "---\na: b\n",
    "a version of YAML": "%YAML 1.1\n---\n" + _HEAD,
    "JSON": '{"script": "a", "environment": {"name": "mine"}, "nodeCount": 2}',
    "JSON without a comma": '{"script": "a" "environment": {"name": "mine"}}',
    "a byte order mark": "\ufeff" + _HEAD,
    "windows": _HEAD.replace("\n", "\r\n"),
    "a number as key": _HEAD + "3: a\n",
    "null as key": _HEAD + "null: a\n",
    "a boolean as key": _HEAD + "true: a\n",
    "yes as key": _HEAD + "yes: a\n",
    "an empty key": _HEAD + "'': a\n",
    "a key with an underscore": _HEAD + "_a: b\n",
    "a number as name of data": _HEAD + "data: {2024: {mechanism: mount}}\n",
    "variables with strange names": _HEAD + "environmentVariables: {_A: 1, 3: b}\n",
    "variables of the environment with strange names": "environment:\n  environmentVariables: {_A: 1}\n  name: a\n",
    "unknown keys": _HEAD + "foo: 1\nbar: {b: [1]}\n",
    "no environment": "script: a\ntarget: b\n",
    "an environment that is null": "script: a\nenvironment:\n",
    "an environment by path": "script: a\nenvironment: section.yml\n",
    "a list": "- a\n",
    "a text": "script\n",
    "a name that is a number": "environment:\n  name: 3\n  python: {}\n",
    "a reference whose name is a number": "environment:\n  name: 3\n",
    "python is null": "environment:\n  python:\n  name: a\n",
    "a conda file": _MADE,
    "no such conda file": _MADE.replace("conda.yml", "nowhere.yml"),
    "no such conda file, user managed": _MADE.replace("conda.yml", "nowhere.yml\n    userManagedDependencies: true"),
    "a conda file with backslash": _MADE.replace("conda.yml", ".\\conda.yml"),
    "packages": "environment:\n  python:\n    condaDependencies: {dependencies: [python=3.10]}\n",
    "packages with an unknown key": "environment:\n  python:\n    condaDependencies: {dependencis: [python=3.10]}\n",
    "packages in title case": "environment:\n  python:\n    condaDependencies: {Dependencies: [python=3.10]}\n",
    "packages without a value": "environment:\n  python:\n    condaDependencies: {dependencies: }\n",
    "a name where a mapping has its keys": _HEAD + "history: outputCollection\n",
    "both refused and unknown": _HEAD + "nodeCount: two\nfoo: 1\n",
    "a data reference in capitals": _HEAD + "dataReferences: {a: {dataStoreName: b, mode: Mount}}\n",
    "a data reference without store": _HEAD + "dataReferences: {a: {mode: mount}}\n",
    "a cluster that exists": "environment: {databricks: {cluster: {existingClusterId: a}}}\n",
    "a cluster that exists, and more": "environment: {databricks: {cluster: {existingClusterId: a, numWorkers: 2}}}\n",
    "a cluster with a range": "environment: {databricks: {cluster: {minWorkers: 1, maxWorkers: 2}}}\n",
    "a cluster with half a range": "environment: {databricks: {cluster: {minWorkers: 1}}}\n",
    "nothing": "",
    "comments": "# nothing yet\n",
}
_SECTION = "name: mine\npython:\n  userManagedDependencies: true\n"
_FILES = {".azureml/conda.yml": "dependencies: [python=3.10]\n", ".azureml/section.yml": _SECTION}

CASES = {**dict(_with_values()), **{name: {JUDGED: text, **_FILES} for name, text in _TEXTS.items()}}
_BEGUN = "a file that is being begun has no mistake yet"
_CONDA = "the SDK loads it, conda in the service does not; one does not wait for an image to be told"
_LISTED = "environment.python.condaDependencies.dependencies"
INTENDED = {
    "nothing": _BEGUN,
    "comments": _BEGUN,
    f"{_LISTED}: [2]": _CONDA,
    f"{_LISTED}: [null]": _CONDA,
    f"{_LISTED}: [{{a: 1}}]": _CONDA,
    "the same key in two cases": "of two that differ in their case the SDK never looks at the first; it is wrong all the same",
}
REAL: dict[str, str] = {}
"""Real files on which the two may differ, and why."""
