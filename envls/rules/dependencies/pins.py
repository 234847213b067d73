"""ENV3: versions that are pinned or not, and how a pin is written. `packages` and the actions pin with it too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from envls import target
from envls.facts import Absent, Facts
from envls.formats.conda import repin
from envls.formats.conda.environment import Dependency, Requirement
from envls.formats.conda.misreading import misreading
from envls.formats.conda.whynot import misnamed
from envls.ignoring import quiet_at
from envls.known.stdlib import NEVER_A_PACKAGE, NEVER_FROM_PYPI
from envls.known.twins import CONDA_NAME, ONLY_CONDA, PYPI_NAME
from envls.rules.dependencies.specs import is_joined, rewrite
from envls.rules.rule import Finding, Fix, Gathered, Severity, rule
from envls.versions import versions_of

SHOWN_SINGLY = 3


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
    if line.version is not None or line.name in PYPI_NAME or line.name in ONLY_CONDA or line.name in NEVER_FROM_PYPI:
        return False
    if line.kind != "requirement" or line.problem or line.name in NEVER_PINNED:
        return False
    return misnamed(line.name_part.text) is None


@rule("ENV304", on=Gathered, of=is_unpinned, severity=Severity.HINT)
def unpinned(gathered: Gathered, facts: Facts) -> Iterator[Finding]:
    """A package has no version.

    conda 26.7 and pip 26.3 take the newest, so the environment made today and the one made next year differ. Few such
    packages are shown singly, many as one hint on the first of them.

    ```yaml
    dependencies:
      - python=3.11
      - matplotlib  # <- ENV304
    ```

    ```yaml
    dependencies:
      - python=3.11
      - matplotlib >=3.8
      - pip
    ```
    """
    document = gathered.document
    names = {item.spec.name for item in gathered.dependencies}
    pinned = {item.spec.name for item in gathered.file.dependencies if item.spec.name in names and item.spec.version}
    found = [item for item in gathered.items if not (isinstance(item, Dependency) and item.spec.name in pinned)]
    if "envls:" in document.text:  # an item that is quietened does not speak for the others
        quiet = quiet_at(document, unpinned.code)
        found = [item for item in found if not quiet(item.name_span.start)]
    for item in found if len(found) <= SHOWN_SINGLY else found[:1]:
        if _is_nowhere(item, facts):
            continue  # that it has no version is its least trouble
        name = item.node.value.strip()
        rest = len(found) - 1 if len(found) > SHOWN_SINGLY else 0
        message = f"`{name}` and {rest} other packages have no version" if rest else f"`{name}` has no version"
        yield Finding(item.name_span, message, tuple(pins(item, facts)))


def _is_nowhere(item: Dependency | Requirement, facts: Facts) -> bool:
    question = target.pip_package(item) if isinstance(item, Requirement) else None
    questions = target.conda_packages(item, facts) if isinstance(item, Dependency) else (question,)
    return any(isinstance(facts.ask(one), Absent) for one in questions if one)


# -- what to pin to -------------------------------------------------------------------------------------------


def pins(item: Dependency | Requirement, facts: Facts) -> Iterator[Fix]:
    """Fixes that pin a package to what is installed and to the newest that can be had, where known and not there yet."""
    if not can_pin(item):
        return
    current = item.spec.pinned if isinstance(item, Dependency) else item.line.pinned
    installed, newest = installed_version(item, facts), newest_version(item, facts)
    if installed not in ("", current):
        where = f" in `{item.within.name}`" if item.within.name else ""
        yield pin(item, installed, f"the installed{where}")
    if newest not in ("", current, installed):
        yield pin(item, newest, "the newest")


def installed_version(item: Dependency | Requirement, facts: Facts) -> str:
    """The version of the package in the environment that the file names; "" where that is not known."""
    question = target.installed(item.within)
    environment = facts.value(question) if question else None
    name = item.spec.name if isinstance(item, Dependency) else item.line.name
    there = environment.find(name, pip=isinstance(item, Requirement)) if environment else None
    return there.version if there else ""


def newest_version(item: Dependency | Requirement, facts: Facts) -> str:
    """The newest version that can be had on the file's platforms, for its Python; "" where that is not known."""
    versions = versions_of(item, facts)
    return (versions.newest or "") if versions else ""


# -- how to write it ------------------------------------------------------------------------------------------


def can_pin(item: Dependency | Requirement) -> bool:
    """Whether a version can be written behind the name, and means something there."""
    line = item.spec if isinstance(item, Dependency) else item.line
    return repin.can_have_version(line) and not is_joined(item.node)


def pin(item: Dependency | Requirement, version: str, why: str) -> Fix:
    """Give an item exactly that version, with the operator that it has where that pins. Only where it `can_pin`."""
    written = repin.pinned(item.spec if isinstance(item, Dependency) else item.line, version)
    return Fix(f"Pin to {why}: `{written}`{_loss(item)}", (rewrite(item, written),))


def pins_to(item: Dependency | Requirement, reasons: Mapping[str, str]) -> tuple[Fix, ...]:
    """Pins to each of some versions (with why), where the item can be pinned at all."""
    return tuple(pin(item, version, why) for version, why in reasons.items()) if can_pin(item) else ()


def update(item: Dependency | Requirement, version: str, why: str) -> Fix | None:
    """Move what an item asks for on to that version, in its own style; None where that does not say how."""
    written = (
        repin.updated(item.spec if isinstance(item, Dependency) else item.line, version) if can_pin(item) else None
    )
    return Fix(f"Update to {why}: `{written}`{_loss(item)}", (rewrite(item, written),)) if written else None


def _loss(item: Dependency | Requirement) -> str:
    """What goes with the version."""
    return ", any build" if isinstance(item, Dependency) and item.spec.build else ""
