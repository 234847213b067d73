"""Which files belong to a project: a bounded walk, nearest folders first. Whether a file is wanted, another room says."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import PurePath

DEEPEST = 8
"""How many folders below its root a project is searched."""
DEEPEST_LOOSE = 2
"""The same for a file that belongs to no workspace: its folder may be the user's home."""
MOST_LOOKED_AT = 20_000
MOST_FOUND = 2_000
_CONFIGURATION = frozenset({"aml_config", ".azureml"})
_SKIPPED = frozenset({"node_modules", "venv", "__pycache__", "site-packages", "dist-packages", "conda-meta", "pkgs"})
_HIDDEN_BUT_SEARCHED = frozenset({".azureml", ".binder", ".ci", ".devcontainer", ".github"})
_MARKS_OF_AN_ENVIRONMENT = frozenset({"conda-meta", "pyvenv.cfg"})


def project_root(near: PurePath, folders: Sequence[PurePath]) -> tuple[PurePath, int]:
    """The root of the project that the file `near` belongs to, and how deep to search below it.

    The innermost workspace folder around it; without one, the folder beside which its `aml_config` or `.azureml`
    stands; else its own folder.
    """
    around = [folder for folder in folders if folder == near or folder in near.parents]
    if around:
        return max(around, key=lambda folder: len(folder.parts)), DEEPEST
    for parent in near.parents:
        if parent.name in _CONFIGURATION:
            return parent.parent, DEEPEST_LOOSE + 1
    return near.parent, DEEPEST_LOOSE


def walk(root: PurePath, depth: int, wanted: Callable[[PurePath], bool]) -> Iterator[PurePath]:
    """The files below `root` that are `wanted`, at most MOST_FOUND of them."""
    looked_at = found = 0
    level = [root]
    for left in range(depth, -1, -1):
        below: list[PurePath] = []
        for folder in level:
            entries = _entries(folder)
            looked_at += len(entries)
            if looked_at > MOST_LOOKED_AT:
                return
            if folder != root and not _MARKS_OF_AN_ENVIRONMENT.isdisjoint(entries):
                continue
            for name, is_folder in entries.items():
                if is_folder:
                    if left and _searched(name):
                        below.append(folder / name)
                elif wanted(folder / name):
                    yield folder / name
                    found += 1
                    if found >= MOST_FOUND:
                        return
        level = below


def _entries(folder: PurePath) -> dict[str, bool]:
    """The names in a folder, sorted, and whether each is a folder (a link to one is not); {} where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return dict(sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries))
    except (OSError, ValueError):
        return {}


def _searched(name: str) -> bool:
    return name not in _SKIPPED and (not name.startswith(".") or name in _HIDDEN_BUT_SEARCHED)
