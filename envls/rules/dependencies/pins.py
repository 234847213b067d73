"""ENV3: versions that are pinned or not, and how a pin is written. `packages` and the actions pin with it too."""

from __future__ import annotations

from collections.abc import Iterator

from envls import target
from envls.facts import Facts
from envls.formats.conda.environment import Dependency, EnvironmentFile, Requirement
from envls.formats.conda.misreading import misreading
from envls.formats.conda.whynot import misnamed
from envls.known.stdlib import NEVER_A_PACKAGE
from envls.known.twins import CONDA_NAME, ONLY_CONDA, PYPI_NAME
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.text import Span
from envls.versions import versions_of
from envls.write import Replace, scalar

SHOWN_SINGLY = 3


@rule("ENV304", on=EnvironmentFile, severity=Severity.HINT)
def unpinned(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """A package has no version.

    The environment made today and the one made next year differ. Few such packages are shown singly, many as one
    hint on the first of them.

    ```yaml
    dependencies:
      - python=3.11
      - matplotlib  # <- ENV304
    ```
    """
    pinned = {item.spec.name for item in file.dependencies if item.spec.version}
    found: list[Dependency | Requirement] = [
        item for item in file.dependencies if is_unpinned(item) and item.spec.name not in pinned
    ]
    found += [item for item in file.requirements if is_unpinned(item)]
    for item in found if len(found) <= SHOWN_SINGLY else found[:1]:
        name = item.node.value.strip()
        rest = len(found) - 1 if len(found) > SHOWN_SINGLY else 0
        message = f"`{name}` and {rest} other packages have no version" if rest else f"`{name}` has no version"
        yield Finding(item.name_span, message, tuple(pins(item, facts)))


NEVER_PINNED = frozenset(("pip", "setuptools", "wheel", "nodefaults", "azureml-requirements"))


def is_unpinned(item: Dependency | Requirement) -> bool:
    if isinstance(item, Dependency):
        spec = item.spec
        if spec.version is not None or spec.problem or spec.archive or spec.fields or "*" in spec.name:
            return False
        if spec.name in NEVER_PINNED or spec.name in CONDA_NAME or spec.name in NEVER_A_PACKAGE:
            return False
        return misreading(spec.text) is None
    line = item.line
    if line.version is not None or line.name in PYPI_NAME or line.name in ONLY_CONDA:
        return False
    if line.kind != "requirement" or line.problem or line.name in NEVER_PINNED:
        return False
    return misnamed(line.name_part.text) is None


def pins(item: Dependency | Requirement, facts: Facts) -> Iterator[Fix]:
    """Fixes that pin a package to what is installed and to what its index has newest, where known and not there yet."""
    if not can_pin(item):
        return
    current = item.spec.pinned if isinstance(item, Dependency) else item.line.pinned
    installed, newest = installed_version(item, facts), newest_version(item, facts)
    if installed not in ("", current):
        where = f" in `{item.within.name}`" if item.within.name else ""
        yield pin(item, installed, f"the installed{where}")
    if newest not in ("", current, installed):
        yield pin(item, newest, "the newest")


def can_pin(item: Dependency | Requirement) -> bool:
    """Whether a version can be written behind the name, and means something there."""
    if isinstance(item, Dependency):
        spec = item.spec
        return not (spec.problem or spec.archive or spec.fields or spec.brackets or "*" in spec.name or not spec.name)
    return item.line.kind == "requirement" and not item.line.problem and bool(item.line.name)


def installed_version(item: Dependency | Requirement, facts: Facts) -> str:
    """The version of the package in the environment that the file names; "" where that is not known."""
    question = target.installed(item.within)
    environment = facts.value(question) if question else None
    name = item.spec.name if isinstance(item, Dependency) else item.line.name
    there = environment.find(name, pip=isinstance(item, Requirement)) if environment else None
    return there.version if there else ""


def newest_version(item: Dependency | Requirement, facts: Facts) -> str:
    """The newest version that the channels or the index have; "" where that is not known."""
    versions = versions_of(item, facts)
    return (versions.newest or "") if versions else ""


def pin(item: Dependency | Requirement, version: str, why: str) -> Fix:
    """Give an item the version; an operator that it has is kept where it pins."""
    node = item.node
    if isinstance(item, Dependency):
        spec = item.spec
        operator = "==" if spec.version and spec.version.text.startswith("==") else "="
        end = spec.build.end if spec.build else spec.version.end if spec.version else spec.name_part.end
        written = spec.text[: spec.name_part.end] + operator + version + spec.text[end:]
    else:
        line = item.line
        start = line.version.start if line.version else _end_of_name(line.text, line.name_part.end)
        end = line.version.end if line.version else start
        written = line.text[:start].rstrip() + "==" + version + line.text[end:]
    place = Span(node.span.start, node.span.end)
    return Fix(f"Pin to {why}: `{written}`", (Replace(place, scalar(written, like=node)),))


def _end_of_name(text: str, end: int) -> int:
    """Behind the name and its extras."""
    bracket = text.find("]", end)
    return bracket + 1 if text[end:].lstrip().startswith("[") and bracket >= 0 else end
