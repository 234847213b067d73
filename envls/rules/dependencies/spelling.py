"""ENV3: how names in the conda list are spelt, and names that stand for hundreds of packages."""

from __future__ import annotations

from collections.abc import Iterator

from envls.facts import Facts
from envls.formats.conda.environment import Dependency
from envls.formats.conda.requirement import normalised
from envls.known.packages import METAPACKAGES
from envls.rules.dependencies.specs import rewrite
from envls.rules.rule import Finding, Fix, Gathered, Item, Related, Severity, rule


def _has_capitals(item: Item) -> bool:
    if not isinstance(item, Dependency):
        return False
    spec = item.spec
    return not (spec.problem or spec.archive) and spec.name_part.text != spec.name


@rule("ENV314", on=Gathered, of=_has_capitals, severity=Severity.HINT, opt_in=True)
def capitals(gathered: Gathered, facts: Facts) -> Iterator[Finding]:
    """A name in the conda list has capitals.

    Names of conda packages have none (CEP 26). conda 26.7 and mamba 2 read `PyYAML` as `pyyaml`; who searches the files of
    a project for a name may not find it. Said once for a file.

    ```yaml
    dependencies:
      - python=3.11
      - PyYAML=6.0  # <- ENV314
      - Pillow=10
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
      - pyyaml=6.0
      - pillow=10
    ```

    ```yaml
    dependencies:
      - python=3.11
      - pyyaml=6.0
      - pip
      - pip:
        - Flask==3.0.3
    ```
    """
    del facts
    found = gathered.dependencies
    changes = []
    for item in found:
        spec, part = item.spec, item.spec.name_part
        changes.append(rewrite(item, spec.text[: part.start] + spec.name + spec.text[part.end :]))
    name = found[0].spec.name
    title = f"Write `{name}`" if len(found) == 1 else "Write all names in small letters"
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    fix = Fix(title, tuple(changes), safe=True)
    yield Finding(found[0].name_span, f"for conda the name is `{name}`{more}", (fix,))


def _may_be_spelt_otherwise(item: Item) -> bool:
    return isinstance(item, Dependency) and normalised(item.spec.name) != item.spec.name and not item.spec.problem


@rule("ENV315", on=Gathered, of=_may_be_spelt_otherwise, severity=Severity.HINT)
def two_spellings(gathered: Gathered, facts: Facts) -> Iterator[Finding]:
    """Two names in the conda list differ only in their hyphens, underscores or dots.

    For pip they are one package (PEP 503); for conda 26.7 and mamba 2 they are two, which some channels have both of:
    conda-forge's `typing-extensions` only brings `typing_extensions` along. A version that one of them is given need not
    hold for the other. An export lists both, each in the same version.

    ```yaml
    dependencies:
      - python=3.11
      - typing_extensions=4.12
      - typing-extensions>=4  # <- ENV315
    ```

    ```yaml
    dependencies:
      - python=3.11
      - typing_extensions=4.12
      - importlib-metadata>=8
    ```
    """
    del facts
    spelt: dict[str, list[Dependency]] = {}
    for item in gathered.dependencies:
        spelt.setdefault(normalised(item.spec.name), []).append(item)
    for hyphened in spelt.keys() & set(gathered.file.conda_names):
        spelt[hyphened] += [item for item in gathered.file.dependencies if item.spec.name == hyphened]
    for items in spelt.values():
        first, *others = sorted(items, key=lambda item: item.dash)
        for item in others:
            if item.spec.name == first.spec.name or (item.spec.pinned and item.spec.pinned == first.spec.pinned):
                continue
            related = (Related(first.span, f"`{first.node.value}` stands here"),)
            message = f"for conda `{item.spec.name}` is another package than `{first.spec.name}`"
            yield Finding(item.name_span, message, related=related)


def _is_metapackage(item: Item) -> bool:
    return isinstance(item, Dependency) and item.spec.name in METAPACKAGES and not item.spec.problem


@rule("ENV316", on=Gathered, of=_is_metapackage, severity=Severity.HINT)
def metapackage(gathered: Gathered, facts: Facts) -> Iterator[Finding]:
    """A package stands for a whole distribution.

    `anaconda` is empty itself, and demands hundreds of others: conda 26.7 downloads gigabytes, and next to other packages
    often finds no solution. A release of it demands each in one version, so that none of these can be updated; without a
    version it gives in, and may bring an old one. Only the channels of Anaconda have it, on terms of their own.

    ```yaml
    dependencies:
      - python=3.11
      - anaconda  # <- ENV316
    ```

    ```yaml
    dependencies:
      - python=3.11
      - anaconda-client
      - jupyterlab
    ```
    """
    del facts
    for item in gathered.dependencies:
        message = f"`{item.spec.name}` brings a whole distribution of hundreds of packages; list those that are needed"
        yield Finding(item.name_span, message)
