"""ENV5: how a file and the environment that it describes differ, on this machine. The hints on its lines ask here too.

Said only of the one environment that the file surely names: of this machine's platform, of no managed run, and not
where two have that name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from envls import target
from envls.document import Document
from envls.facts import Environment, Facts, InstalledPackage
from envls.formats.conda.environment import EnvironmentFile, Requirement
from envls.formats.conda.requirement import normalised
from envls.rules.dependencies import can_pin, pin
from envls.rules.dependencies.pins import NEVER_PINNED
from envls.rules.packages.agreement import agrees, comparable, items_of, name_of
from envls.rules.rule import Finding, Fix, Item, Severity, rule
from envls.rules.wording import FEW, enumerated
from envls.runs import name_of as environment_name
from envls.runs import project_documents
from envls.text import Span
from envls.write import Add, Change, scalar

_BASE = frozenset(("base", "root"))
_COMES_ALONG = NEVER_PINNED | {"python"}


class Compared(NamedTuple):
    """An item and what is installed of it; `agrees` is False where that is nothing, None where nobody knows."""

    item: Item
    there: InstalledPackage | None
    agrees: bool | None


class Unlisted(NamedTuple):
    """A package that somebody asked for in the environment and no file lists."""

    package: InstalledPackage
    pip: bool


@rule("ENV510", on=Document, severity=Severity.HINT)
def drift(document: Document, facts: Facts) -> Iterator[Finding]:
    """The environment on this machine is not what its file says.

    A listed package is not installed, another version is, or somebody installed a package that the file does not list.
    One hint for the file; the editor shows at each line what is there instead.

    `conda env update --file environment.yml` makes the environment what the file says; the fixes make the file say what
    the environment is.

    ```yaml
    name: demo  # <- ENV510
    channels: [conda-forge]
    dependencies:
      - python=3.11
      - numpy=1.26
      - pandas=2.2
      - matplotlib=3.9
    ```

    ```yaml fixed
    name: demo
    channels: [conda-forge]
    dependencies:
      - python=3.11
      - numpy=2.1.0
      - pandas=2.2
      - matplotlib=3.9
      - scipy=1.14.0
    ```

    ```facts
    installed python 3.11.9
    installed numpy 2.1.0
    installed pandas 2.2.2
    installed scipy 1.14.0
    ```
    """
    file = document.content
    environment = environment_of(document, facts)
    if environment is None or not isinstance(file, EnvironmentFile):
        return
    compared = differences(document, items_of(document), environment, facts)
    unlisted = list(_unlisted(document, environment, facts))
    if not compared and not unlisted:
        return
    name = file.name.value if file.name else environment.prefix.name
    fixes = tuple(filter(None, (_take_over(compared), _list(unlisted))))
    yield Finding(
        _place(file), f"`{name}` on this machine is not what this file says: {_said(compared, unlisted)}", fixes
    )


def environment_of(document: Document, facts: Facts) -> Environment | None:
    """The environment of this machine that a file surely describes."""
    file = document.content
    if not isinstance(file, EnvironmentFile) or facts.managed is not False or document.template:
        return None
    items = items_of(document)
    question = target.installed(items[0].within) if items else None
    if question is None or question.name in _BASE or not target.is_for_this_machine(items[0].within, facts):
        return None
    environment = facts.value(question)
    if environment is None or not environment.sure:
        return None
    there = sum(1 for item in items if environment.find(name_of(item), pip=isinstance(item, Requirement)))
    return environment if 2 * there >= len(items) else None  # else it only has the same name, or is being made


def compare(document: Document, items: Iterable[Item], environment: Environment, facts: Facts) -> Iterator[Compared]:
    """What the environment has of each of these items of a file, as far as they can be compared."""
    for item in comparable(document, items):
        there = environment.find(name_of(item), pip=isinstance(item, Requirement))
        yield Compared(item, there, there is not None and agrees(item, there, facts))


def differences(document: Document, items: Iterable[Item], environment: Environment, facts: Facts) -> list[Compared]:
    return [one for one in compare(document, items, environment, facts) if one.agrees is False]


# -- what the file lacks --------------------------------------------------------------------------------------


def _unlisted(document: Document, environment: Environment, facts: Facts) -> Iterator[Unlisted]:
    """What somebody asked for and no file of this environment lists; nothing where a file may well list more than it says."""
    name = environment_name(document)
    near = project_documents(document.path, facts, ".yml", ".yaml") if name else ()
    files = [document, *(one for one in near if environment_name(one) == name and one.path != document.path)]
    contents = [file.content for file in files if isinstance(file.content, EnvironmentFile)]
    if any(file.odd or any(item.spec.problem for item in file.dependencies) for file in contents):
        return
    listed = {normalised(name_of(item)) for file in files for item in items_of(file)} | _COMES_ALONG
    for key, package in sorted(environment.conda.items()):
        if package.requested and normalised(key) not in listed:
            yield Unlisted(package, pip=False)
    if all(
        _names_all(line.line.kind, line.line.option, line.line.name) for file in contents for line in file.requirements
    ):
        for key, package in sorted(environment.pip.items()):
            if package.requested and key not in listed and key not in environment.conda:
                yield Unlisted(package, pip=True)


def _names_all(kind: str, option: str, name: str) -> bool:
    """Whether a line of the `pip` section names every package that it installs."""
    if kind == "option":
        return option not in ("--requirement", "--editable")
    return kind != "path" and (kind != "address" or bool(name))


# -- saying it ------------------------------------------------------------------------------------------------


def _said(compared: list[Compared], unlisted: list[Unlisted]) -> str:
    said = [f"`{name_of(one.item)}` is {_state(one.there)}" for one in compared]
    extra = [f"`{one.package.name}`" for one in unlisted]
    parts = [enumerated(said, most=FEW)] if said else []
    if extra:
        parts.append(f"{enumerated(extra, most=FEW)} {'are' if len(extra) > 1 else 'is'} not listed")
    return "; ".join(parts)


def _state(there: InstalledPackage | None) -> str:
    return there.version or "of an unknown version" if there else "not installed"


def _place(file: EnvironmentFile) -> Span:
    if file.name:
        return file.name.span
    prefix = file.key("prefix")
    return prefix.node.span if prefix else file.dependencies[0].span


def _take_over(compared: list[Compared]) -> Fix | None:
    """Write the installed versions into the file."""
    changes: list[Change] = []
    for item, there, _ in compared:
        if there and there.version and can_pin(item):
            changes += pin(item, there.version, "").changes
    if not changes:
        return None
    count = f"the installed versions of {len(changes)} packages" if len(changes) > 1 else "the installed version"
    return Fix(f"Write {count} into the file", tuple(changes))


def _list(unlisted: list[Unlisted]) -> Fix | None:
    """Add what the environment has to the file."""
    if not unlisted:
        return None
    changes = [
        Add(
            ("dependencies", "pip") if one.pip else ("dependencies",),
            scalar(f"{one.package.name}{'==' if one.pip else '='}{one.package.version}"),
        )
        for one in unlisted
    ]
    names = enumerated([f"`{one.package.name}`" for one in unlisted], most=FEW)
    return Fix(f"Add {names} to the file", tuple(changes))
