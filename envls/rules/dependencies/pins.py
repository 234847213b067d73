"""ENV3: versions that are pinned or not, and how a pin is written. `packages` and the actions pin with it too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from envls import target
from envls.document import Document
from envls.facts import Absent, Facts, LockBeside
from envls.formats.conda import repin
from envls.formats.conda.environment import Dependency, EnvironmentFile, Requirement
from envls.formats.conda.misreading import misreading
from envls.formats.conda.whynot import misnamed
from envls.ignoring import quiet_at
from envls.known.packages import METAPACKAGES
from envls.known.stdlib import NEVER_A_PACKAGE, NEVER_FROM_PYPI
from envls.known.twins import CONDA_NAME, ONLY_CONDA, PYPI_NAME
from envls.rules.dependencies.specs import is_joined, rewrite
from envls.rules.rule import Finding, Fix, Gathered, Severity, rule
from envls.versions import versions_of

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


def _wants_a_version(item: Dependency | Requirement) -> bool:
    return is_unpinned(item) and not (isinstance(item, Dependency) and item.spec.name in _OTHERS_JUDGE)


_OTHERS_JUDGE = METAPACKAGES | {"python"}


@rule("ENV304", on=Gathered, of=_wants_a_version, severity=Severity.HINT)
def unpinned(gathered: Gathered, facts: Facts) -> Iterator[Finding]:
    """A package has no version.

    conda 26.7 and pip 26.3 take the newest, so the environment made today and the one made next year differ. Said once for a
    file, and where versions are wanted: in one that gives at least half of its packages a version, and in one that a managed run
    uses, since Azure ML's own check of environments asks for them. Of `python` ENV313 says it. A lock file beside the file
    keeps the versions for it.

    ```yaml
    dependencies:
      - python=3.11
      - numpy=1.26
      - matplotlib  # <- ENV304
    ```

    ```yaml
    dependencies:
      - python=3.11
      - numpy=1.26
      - matplotlib >=3.8
      - pip
    ```

    ```yaml
    dependencies:
      - python=3.11
      - numpy
      - matplotlib
      - pandas
    ```
    """
    document, file = gathered.document, gathered.file
    names = {item.spec.name for item in gathered.dependencies}
    pinned = {item.spec.name for item in file.dependencies if item.spec.name in names and item.spec.version}
    found = [item for item in gathered.items if not (isinstance(item, Dependency) and item.spec.name in pinned)]
    if "envls:" in document.text:  # an item that is quietened does not speak for the others
        quiet = quiet_at(document, unpinned.code)
        found = [item for item in found if not quiet(item.name_span.start)]
    if not found or not (facts.managed or 2 * len(found) <= _counted(file)) or is_locked(document, facts):
        return
    first = next((item for item in found if not _is_nowhere(item, facts)), None)
    if first is None:
        return  # that they have no version is their least trouble
    others = len(found) - 1
    message = f"`{first.node.value.strip()}`"
    message += (
        f" and {others} other package{'s' if others > 1 else ''} have no version" if others else " has no version"
    )
    yield Finding(first.name_span, message, tuple(pins(first, facts)))


def _counted(file: EnvironmentFile) -> int:
    """How many of the packages in a file could have a version."""
    listed = [name for name in file.conda_names if name and name not in NEVER_PINNED]
    return len(listed) + sum(line.line.kind == "requirement" for line in file.requirements)


def is_locked(document: Document, facts: Facts) -> bool:
    """Whether a lock file was made from this one."""
    lock = facts.value(LockBeside(document.path))
    return lock is not None and document.path in lock.sources


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
