"""How a compute target of Workbench may write the path of the interpreter of a named environment. No rule stands here.

The likeliest first: as this file, or another of the project, writes such paths; what is on this machine; then where
Workbench's own conda has its environments, on the platform of this machine before the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from envls import target
from envls.document import Document
from envls.facts import Facts, Installed, Known
from envls.formats.azureml.workbench import Compute, InterpreterRef
from envls.rules.rule import Fix
from envls.runs import project_documents
from envls.write import Replace, scalar

_ROOT = re.compile(
    r"(?P<root>.*?)(?P<slash>[\\/]+)(?P<bin>bin[\\/]+)?(?P<python>python[\d.]*(?:\.exe)?)", re.IGNORECASE
)
_IN_ENVIRONMENT = re.compile(r"(?P<before>.*[\\/]envs[\\/]+)[^\\/]+(?P<after>[\\/].*)", re.IGNORECASE)
_SYSTEMS = {
    "win": ("Windows", "%USERPROFILE%/AppData/Local/amlworkbench/Python/envs/{}/python.exe"),
    "osx": ("macOS", "~/Library/Caches/AmlWorkbench/Python/envs/{}/bin/python"),
    "linux": ("Linux", "~/miniconda3/envs/{}/bin/python"),
}
"""Where the environments of Workbench are; on Linux it had none of its own, so where conda's most common installer puts them."""


def point_at(interpreter: InterpreterRef, name: str, document: Document, facts: Facts) -> Iterator[Fix]:
    """What to write for `interpreter` so that it is the one of the environment `name`; nothing twice."""
    offered: set[str] = set()
    for where, path in _paths(interpreter.node.value, name, document, facts):
        if path not in offered:
            offered.add(path)
            change = Replace(interpreter.node.span, scalar(path, like=interpreter.node))
            yield Fix(f"Point to the interpreter of `{name}` ({where})", (change,))


def _paths(written: str, name: str, document: Document, facts: Facts) -> Iterator[tuple[str, str]]:
    root = _ROOT.fullmatch(written)
    if root is not None:
        slash = root["slash"]
        yield "of this installation", slash.join((root["root"], "envs", name, (root["bin"] or "") + root["python"]))
    for other in project_documents(document.path, facts, ".compute"):
        there = other.content.interpreter if isinstance(other.content, Compute) else None
        found = _IN_ENVIRONMENT.fullmatch(there.node.value) if there and there.environment else None
        if found is not None:
            yield f"as in {other.path.name}", f"{found['before']}{name}{found['after']}"
    here = facts.ask(Installed(name))
    if isinstance(here, Known) and here.value.sure:
        prefix = here.value.prefix.as_posix()
        yield (
            "on this machine",
            f"{prefix}/python.exe" if target.this_platform().startswith("win") else f"{prefix}/bin/python",
        )
    ours = target.this_platform().partition("-")[0]
    for system in sorted(_SYSTEMS, key=lambda one: (one != _told(written, ours), one != ours)):
        said, path = _SYSTEMS[system]
        yield said, path.format(name)


def _told(written: str, ours: str) -> str:
    """The platform that the form of a path tells, else this machine's."""
    return "win" if written.lower().endswith(".exe") or "\\" in written or "%" in written else ours
