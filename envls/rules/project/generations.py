"""AML4: packages of Azure ML that do not go together: of different series, or of both generations."""

from __future__ import annotations

from collections.abc import Iterator

from envls.facts import Facts
from envls.formats.conda.environment import EnvironmentFile, Requirement
from envls.known.azureml import GENERATION_1, SURELY_BRINGS, Series
from envls.rules.dependencies.specs import rewrite
from envls.rules.project.provided import series_asked
from envls.rules.rule import Finding, Fix, Gathered, Item, Related, Severity, rule
from envls.runs import needs_of, workloads_in
from envls.versions import numbers
from envls.write import Change, Remove

_METAPACKAGES = ("azureml-sdk", "azureml-defaults")
_STRICT_PIP = (20, 3)


def _is_of_a_series(item: Item) -> bool:
    if not isinstance(item, Requirement) or item.line.problem or item.line.marker or not item.line.version:
        return False
    return item.line.name.startswith("azureml-") and series_asked(item.line.version.text) is not None


@rule("AML407", on=Gathered, of=_is_of_a_series, severity=Severity.ERROR)
def mixed_series(gathered: Gathered, facts: Facts) -> Iterator[Finding]:
    """Packages of Azure ML's SDK v1 are asked for in versions that do not go together.

    The packages of one series, 1.43 say, ask for each other with `~=1.43.0`: so their metadata up to 1.61; since then
    `azureml-defaults` and `azureml-sdk` take any `azureml-core`. pip 20.3 and newer finds no set that fits, and installs
    nothing; an older one warns and installs what does not work.

    ```yaml
    dependencies:
      - python=3.8
      - pip
      - pip:
        - azureml-defaults==1.43.0
        - azureml-core==1.30.0  # <- AML407
    ```

    ```yaml fixed
    dependencies:
      - python=3.8
      - pip
      - pip:
        - azureml-defaults==1.43.0
        - azureml-core~=1.43.0
    ```

    ```yaml
    dependencies:
      - python=3.10
      - pip
      - pip:
        - azureml-defaults==1.62.0
        - azureml-core==1.61.0
        - azureml-mlflow==1.60.0
    ```
    """
    del facts
    there = {item.line.name: item for item in gathered.requirements}
    series = {name: one for name, item in there.items() if (one := series_asked(asked_version(item)))}
    clashing = _clashing(series)
    if not clashing:
        return
    wanted = _leading(clashing, series)
    wrong = [there[name] for name in there if name in clashing and series[name] != series[wanted]]
    if not wrong:
        return
    bound = "~={}.{}.0".format(*series[wanted])
    changes: list[Change] = []
    for item in wrong:
        end = item.line.version.start if item.line.version else item.line.name_part.end
        changes.append(rewrite(item, item.line.text[:end].rstrip() + bound))
    others = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
    fix = Fix(f"Ask for `{bound}`" + (" of all of them" if others else ""), tuple(changes), sure=True)
    shown = f"`{there[wanted].node.value.strip()}`"
    message = f"`{wrong[0].line.name}`{others} must be of the same series as {shown}, whose packages ask for each other"
    related = tuple(Related(item.span, "this is of another series") for item in (there[wanted], *wrong[1:]))
    old = _pip_of(gathered.file)
    warns = bool(old) and old < _STRICT_PIP
    yield Finding(wrong[0].span, message, (fix,), related, severity=Severity.WARNING if warns else None)


def asked_version(item: Requirement) -> str:
    return item.line.version.text if item.line.version else ""


def _pip_of(file: EnvironmentFile) -> tuple[int, ...]:
    return next((numbers(item.spec.pinned) for item in file.dependencies if item.spec.name == "pip"), ())


def _clashing(series: dict[str, Series]) -> set[str]:
    """The packages that ask for one package in different series, by themselves or through what they bring."""
    asked: dict[str, dict[Series, set[str]]] = {}
    for name, own in series.items():
        for needed in in_series_of(name, own):
            asked.setdefault(needed, {}).setdefault(own, set()).add(name)
    return {
        name for by_series in asked.values() if len(by_series) > 1 for names in by_series.values() for name in names
    }


def in_series_of(name: str, series: Series) -> set[str]:
    """The packages that a package of a series has in that series, itself among them."""
    found = {name}
    todo = [name]
    while todo:
        for one in SURELY_BRINGS.get(todo.pop(), ()):
            if one.since <= series <= min(one.until, one.same) and one.name not in found:
                found.add(one.name)
                todo.append(one.name)
    return found


def _leading(clashing: set[str], series: dict[str, Series]) -> str:
    """The package whose series the others shall have: one that is there to bring the others, else the newest."""
    metapackage = next((name for name in _METAPACKAGES if name in clashing), "")
    return metapackage or max(sorted(clashing), key=lambda name: series[name])


def _is_of_a_generation(item: Item) -> bool:
    return isinstance(item, Requirement) and (item.line.name == "azure-ai-ml" or item.line.name in GENERATION_1)


@rule("AML408", on=Gathered, of=_is_of_a_generation, severity=Severity.HINT)
def both_generations(gathered: Gathered, facts: Facts) -> Iterator[Finding]:
    """The SDKs v1 and v2 of Azure ML stand in one environment.

    Azure's own introduction advises against it: both have packages below `azure` and `azureml` that clash, and ask for
    different versions of what they share. What runs in Azure ML needs `azure-ai-ml` only if it submits jobs itself. Nothing is
    said where something that runs in the environment is known to need a package of v1, as parallel jobs do.

    ```yaml
    dependencies:
      - python=3.10
      - pip
      - pip:
        - azure-ai-ml==1.35.2  # <- AML408
        - azureml-core==1.61.0
    ```

    ```yaml
    dependencies:
      - python=3.10
      - pip
      - pip:
        - azure-ai-ml==1.35.2
        - azureml-mlflow==1.60.0
    ```
    """
    newer = next((item for item in gathered.requirements if item.line.name == "azure-ai-ml"), None)
    older = [item for item in gathered.requirements if item.line.name in GENERATION_1]
    if newer is None or not older:
        return
    running = workloads_in(gathered.document, facts) or ()
    if any(need.package.name in GENERATION_1 for workload in running for need in needs_of(workload, facts)):
        return
    written = list(dict.fromkeys(f"`{item.line.name}`" for item in older))
    names = ", ".join(written)
    of_v1 = tuple(Remove(item.dash) for item in older)
    fixes = (Fix(f"Remove {names}", of_v1), Fix("Remove `azure-ai-ml`", (Remove(newer.dash),)))
    related = tuple(Related(item.span, "this is of SDK v1") for item in older)
    message = (
        f"`azure-ai-ml` is SDK v2, {names} {'is' if len(written) == 1 else 'are'} SDK v1: better not in one environment"
    )
    yield Finding(newer.name_span, message, fixes, related)
