"""ENV3: the Python that an environment asks for."""

from __future__ import annotations

from collections.abc import Iterator

from envls.facts import Facts
from envls.formats.conda.environment import Dependency, EnvironmentFile
from envls.formats.conda.misreading import misreading
from envls.rules.dependencies.pins import can_pin, installed_version, newest_version
from envls.rules.dependencies.specs import rewrite
from envls.rules.rule import Finding, Fix, Severity, rule


@rule("ENV313", on=EnvironmentFile, severity=Severity.HINT)
def any_python(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """The list asks for any Python, or any Python 3.

    conda 26.7 then takes the newest that all other packages have a build for; a package of the `pip` section may have none
    for it. A new Python comes every October, and `=3.12` is all of 3.12. Where a managed run uses the file that is a
    warning: Azure ML's check of environments wants a version, and SDK v1 (azureml-core 1.61, tried) puts its own default
    in the place of `python=3`.

    ```yaml
    dependencies:
      - python  # <- ENV313
      - numpy=1.26
    ```

    ```yaml
    dependencies:
      - python=3  # <- ENV313
      - numpy=1.26
    ```

    ```yaml
    dependencies:
      - python>=3.10
      - numpy=1.26
    ```
    """
    if "python" not in file.conda_names:
        return
    asked = [item for item in file.dependencies if item.spec.name == "python"]
    if not all(_is_any(item) for item in asked):
        return
    item = asked[0]
    which = item.spec.pinned
    message = f"this is any Python {which}".rstrip() + "; which one comes changes with every release"
    severity = Severity.WARNING if facts.managed else None
    yield Finding(item.span, message, tuple(_fixes(item, facts)), severity=severity)


def _is_any(item: Dependency) -> bool:
    spec = item.spec
    if spec.problem or spec.archive or spec.fields or spec.build or misreading(spec.text):
        return False
    return spec.relation == "" or (spec.relation == "prefix" and "." not in spec.pinned)


def _fixes(item: Dependency, facts: Facts) -> Iterator[Fix]:
    """The Python of the environment, and the newest, by their first two numbers: the third brings repairs only."""
    if not can_pin(item):
        return
    given: set[str] = set()
    part = item.spec.name_part
    for version, why in ((installed_version(item, facts), "installed"), (newest_version(item, facts), "newest")):
        minor = ".".join(version.split(".")[:2])
        if "." in minor and minor not in given:
            given.add(minor)
            written = f"{item.spec.text[: part.end]}={minor}"
            yield Fix(f"Write the {why}: `{written}`", (rewrite(item, written),))
