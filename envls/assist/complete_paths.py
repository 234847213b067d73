"""Completes a path step by step: folders to go on with, and first the files that suit the key."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from envls.assist.items import NONE, Completions, Here, Item, ItemKind, matching, offered
from envls.document import known_name
from envls.facts import FolderAt, Known, Pending
from envls.formats.azureml.workbench import FOLDER, project_of
from envls.formats.paths import join
from envls.text import Span

_YAML = (".yml", ".yaml")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a path should lead to: `best` files stand first, `fitting` ones behind them; other files are not offered."""

    best: Callable[[PurePath], bool]
    fitting: Callable[[PurePath], bool]
    meaning: str


def _suffix(*suffixes: str) -> Callable[[PurePath], bool]:
    return lambda path: path.suffix.lower() in suffixes


def _conda(path: PurePath) -> bool:
    return known_name(path) and re.search("conda|env", path.name, re.IGNORECASE) is not None and _suffix(*_YAML)(path)


def _is_dockerfile(path: PurePath) -> bool:
    return "dockerfile" in path.name.lower()


_FOLDER = Wanted(lambda _: False, lambda _: False, "")
WANTED = {
    "conda file": Wanted(_conda, _suffix(*_YAML), "conda environment file"),
    "Spark file": Wanted(lambda path: path.name.lower().startswith("spark"), _suffix(*_YAML), "Spark dependencies"),
    "environment section": Wanted(_conda, _suffix(*_YAML), "environment section"),
    "script": Wanted(_suffix(".py"), _suffix(".py", ".r", ".sh"), "script"),
    "requirements": Wanted(
        lambda path: path.suffix == ".txt" and re.search("requirement|constraint", path.name.lower()) is not None,
        _suffix(".txt", ".in", ".pip"),
        "requirements file",
    ),
    "Dockerfile": Wanted(_is_dockerfile, _is_dockerfile, "Dockerfile"),
    "package": Wanted(_suffix(".whl"), _suffix(".whl", ".zip", ".gz"), "package file"),
    "folder": _FOLDER,
    "definition": Wanted(_conda, _suffix(*_YAML), "definition"),
    "component": Wanted(lambda path: "component" in path.name.lower(), _suffix(*_YAML), "component"),
    **dict.fromkeys(("code", "build context", "scoring code", "model"), _FOLDER),
}


def complete_path(here: Here, base: PurePath, wanted: Wanted, start: int | None = None) -> Completions:
    """The next step of a path that is relative to `base` and begins at `start` (the token's start by default)."""
    cursor = here.cursor
    text = here.document.text
    start = cursor.span.start if start is None else start
    typed = text[start : cursor.offset]
    if "://" in typed or typed.startswith(("~", "$", "%")):
        return NONE
    cut = max(typed.rfind("/"), typed.rfind("\\")) + 1
    rest = re.match(r"[^/\\]*", text[cursor.offset : cursor.span.end])
    span = Span(start + cut, cursor.offset + (rest.end() if rest else 0))
    folder = join(base, typed[:cut])
    answer = here.facts.ask(FolderAt(folder))
    if not isinstance(answer, Known):
        return Completions(incomplete=isinstance(answer, Pending))
    return offered(_steps(here, span, typed[cut:], folder, answer.value, wanted))


def _steps(here: Here, span: Span, typed: str, folder: PurePath, names: tuple[str, ...], wanted: Wanted) -> list[Item]:
    cursor = here.cursor
    best: list[Item] = []
    fitting: list[Item] = []
    folders: list[Item] = []
    goes_on = here.document.text[span.end : span.end + 1] in ("/", "\\")
    for name in names:
        if not matching(name, typed) or (name.startswith(".") and not typed.startswith(".")) or name == "__pycache__/":
            continue
        if name.endswith("/"):
            edit = cursor.edit(span, name.rstrip("/") if goes_on else name)
            folders.append(Item(name, ItemKind.FOLDER, edit, retrigger=not goes_on))
        elif not goes_on and wanted.fitting(path := folder / name) and path != here.document.path:
            last = cursor.whole(name) if span == cursor.span else cursor.edit(span, name)
            suits = wanted.best(path)
            (best if suits else fitting).append(Item(name, ItemKind.FILE, last, wanted.meaning if suits else ""))
    return [*best, *fitting, *folders]


def complete_target(here: Here) -> Completions:
    """The compute targets of the project: the `.compute` files beside the run configuration, without extension."""
    path = here.document.path
    folder = path.parent if path.parent.name == FOLDER else project_of(path) / FOLDER
    answer = here.facts.ask(FolderAt(folder))
    if not isinstance(answer, Known):
        return Completions(incomplete=isinstance(answer, Pending))
    targets = [name.removesuffix(".compute") for name in answer.value if name.endswith(".compute")]
    twin = path.name.removesuffix(".runconfig")
    targets.sort(key=lambda name: name != twin)
    return offered(
        Item(name, ItemKind.FILE, here.cursor.whole(name), f"{folder.name}/{name}.compute")
        for name in targets
        if matching(name, here.cursor.prefix)
    )
