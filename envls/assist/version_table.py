"""The versions of the listed packages, as Markdown: as the file asks for them, and as they are or would be.

No index is asked for a table: what channels have stands in it where somebody has asked before.
"""

from __future__ import annotations

from collections.abc import Callable

from envls import target
from envls.assist.markdown import code, escaped
from envls.document import Document
from envls.facts import Environment, Facts, Lock, Locked
from envls.formats.conda.environment import Dependency, EnvironmentFile, Requirement
from envls.rules.packages.agreement import name_of
from envls.rules.packages.locks import lock_of, locked_package
from envls.rules.rule import Item
from envls.versions import versions_of

SHOWN = 40


def version_table(
    file: EnvironmentFile,
    head: str,
    facts: Facts,
    *,
    document: Document | None = None,
    installed: Environment | None = None,
    managed: bool = False,
) -> str:
    """A line for each package that is listed. `document` is the conda file, None where it stands in another.

    With `managed` the environment is made on linux-64; else it is one of this machine.
    """
    items = [item for item in file.packages if name_of(item)]
    if not items:
        return ""
    columns: list[tuple[str, Callable[[Item], str]]] = [("version", asked)]
    if installed is not None:
        columns.append(("installed", lambda item: _installed(item, installed)))
    locked = _locked(document, facts, managed=managed)
    if locked is not None:
        columns.append(("locked", lambda item: _of_lock(item, locked)))
    heard = Facts(facts.look, facts.moment, managed=managed, platform=facts.platform)  # whoever asks here is not heard
    if installed is None and any(_fitting(item, heard) for item in items[:SHOWN]):
        columns.append(("newest that fits", lambda item: _fitting(item, heard)))
    rows = [_row([escaped(name_of(item)), *(tell(item) for _, tell in columns)]) for item in items[:SHOWN]]
    more = f"\n\n… and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
    return "\n".join((_row([head, *(title for title, _ in columns)]), "|---" * (len(columns) + 1) + "|", *rows)) + more


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def asked(item: Item) -> str:
    """What an item asks for of its package, as code; "any"."""
    if isinstance(item, Requirement):
        said = item.line.version.text if item.line.version else item.line.wheel_version
    else:
        version, build = item.spec.version, item.spec.build
        said = (version.text if version else "") + (f"={build.text}" if build else "")
    return code(said.replace("|", "\\|")) if said else "any"


def _installed(item: Item, environment: Environment) -> str:
    there = environment.find(name_of(item), pip=isinstance(item, Requirement))
    return code(there.version) if there and there.version else "unknown" if there else "**missing**"


def _locked(document: Document | None, facts: Facts, *, managed: bool) -> Locked | None:
    lock: Lock | None = lock_of(document, facts) if document else None
    return lock.platforms.get(target.MANAGED if managed else target.this_platform()) if lock else None


def _of_lock(item: Item, locked: Locked) -> str:
    there = locked_package(item, locked)
    return code(there.version) if there else "not locked"


def _fitting(item: Item, facts: Facts) -> str:
    """The newest version that the item lets in; nothing where it lets in just one."""
    if isinstance(item, Dependency) and item.spec.relation == "exact":
        return ""
    if isinstance(item, Requirement) and item.line.pinned:
        return ""
    versions = versions_of(item, facts)
    usable = versions.usable if versions else None
    return code(usable[0]) if usable else ""
