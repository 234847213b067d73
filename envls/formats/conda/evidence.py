"""What a content must say to be a conda environment file, where the name of the file does not tell."""

from __future__ import annotations

import re

from envls.formats.conda.environment_keys import KEYS
from envls.syntax import Mapping, Scalar, Sequence, Tree

_OWN = frozenset(info.name for info in KEYS)
_PIP_SECTION = re.compile(r"\bpip[\"']?[ \t]*:")
# Keys of files that have `dependencies` or `name` too: MLflow's python_env, conda-lock, recipes, Helm, Ansible,
# compose files, anaconda-project, conda-devenv, Azure ML's own files, CI workflows.
NOT_OURS = frozenset(
    (
        *("build_dependencies", "package", "metadata", "apiVersion", "env_specs", "packages", "includes", "services"),
        *("hosts", "tasks", "collections", "jobs", "steps", "requirements", "build", "source", "recipe", "environment"),
        *("image", "conda_file", "python", "docker", "spark", "userManagedDependencies", "$schema", "command", "type"),
        *("galaxy_info", "namespace", "on", "stages", "repos"),
    )
)


def looks_like_one(tree: Tree) -> bool:
    """Whether the content is evidence enough for a file whose name is no proof (see also `document.recognise`)."""
    root = tree.root
    if not isinstance(root, Mapping):
        return False
    names = {entry.key.value for entry in root.entries}
    if names & NOT_OURS:
        return False
    listed = root.get("dependencies")
    if isinstance(listed, Sequence):
        return any(
            isinstance(item, Scalar) or (isinstance(item, Mapping) and item.entry("pip")) for item in listed.items
        )
    return len(names & {"name", "channels", "dependencies", "prefix"}) >= 2


def may_be_one(names: frozenset[str], text: str) -> bool:
    """Whether a text with these outermost keys may surely be one."""
    if "dependencies" not in names or names & NOT_OURS:
        return False
    return "channels" in names or (len(names) > 1 and names <= _OWN) or _PIP_SECTION.search(text) is not None


def is_surely_one(tree: Tree) -> bool:
    """Whether the content is evidence enough for a file whose name says nothing.

    Other files list strings under `dependencies`, too (Ansible's roles, Haskell's packages): a list of channels or a
    `pip` section beside it is conda's alone, and so are its other keys when there is none but them.
    """
    root = tree.root
    if not looks_like_one(tree) or not isinstance(root, Mapping):
        return False
    listed = root.get("dependencies")
    if not isinstance(listed, Sequence):
        return False
    names = {entry.key.value for entry in root.entries}
    with_pip = any(isinstance(item, Mapping) and item.entry("pip") for item in listed.items)
    return with_pip or isinstance(root.get("channels"), Sequence) or (len(names) > 1 and names <= _OWN)
