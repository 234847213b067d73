"""ENV3: specs that are more exact than was meant: builds of one platform, versions of two numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envls import target
from envls.facts import Facts, Unavailable
from envls.formats.conda.environment import Dependency
from envls.rules.dependencies.specs import rewrite
from envls.rules.rule import Finding, Fix, Gathered, Item, Severity, rule

FEWEST = 5
"""Builds that make a file an export."""
_OF_ONE_PLATFORM = re.compile(r"[^*^$]*(?:h[0-9a-f]{5,}|py\d|[a-z])[^*^$]*|\d{3,}")
_SYSTEMS = (
    ("Windows", re.compile(r"vs\d{4}_runtime|vc|ucrt|wincertstore|pywin32|win_inet_pton|pywinpty|m2w64-.*|msys2-.*")),
    ("macOS", re.compile(r"libcxx|appnope|libgfortran5-osx|llvm-openmp-osx|.*_osx-(?:64|arm64)")),
    (
        "Linux",
        re.compile(r"libgcc-ng|libgcc|libstdcxx-ng|libstdcxx|libgomp|_libgcc_mutex|ld_impl_linux-.*|.*_linux-64"),
    ),
)
_TWO_NUMBERS = re.compile(r"==\d+\.\d+")


def _is_exported(item: Item) -> bool:
    if not isinstance(item, Dependency):
        return False
    spec = item.spec
    build = spec.build
    return bool(build and not spec.problem and spec.relation == "exact" and _OF_ONE_PLATFORM.fullmatch(build.text))


@rule("ENV311", on=Gathered, of=_is_exported, severity=Severity.INFORMATION)
def locked_to_platform(gathered: Gathered, facts: Facts) -> Iterator[Finding]:
    """The file asks for the builds of one platform.

    `conda env export` writes them. On every other platform conda 26.7 finds no such packages, and later not even on this one.
    `conda env export --no-builds` leaves them out, `--from-history` all that came along. A run of Azure ML is on Linux: where
    it uses such a file from elsewhere, that is a warning.

    ```yaml
    dependencies:
      - ca-certificates=2024.7.4=hbcca054_0  # <- ENV311
      - libgcc-ng=14.1.0=h77fa898_0
      - numpy=1.26.4=py311h64a7726_0
      - openssl=3.3.1=h4bc722e_2
      - python=3.11.9=hb806964_0_cpython
    ```

    ```yaml
    dependencies:
      - python=3.11.9=*_cpython
      - libblas=*=*mkl
      - pytorch=2.3.1=py3.11_cuda12.1_cudnn8.9.2_0
    ```
    """
    exported, file = gathered.dependencies, gathered.file
    if len(exported) < FEWEST:
        return
    versioned = sum(item.spec.version is not None for item in file.dependencies)
    if 2 * len(exported) < versioned:
        return
    names = file.conda_names
    system = next(
        (system for system, known in _SYSTEMS if any(known.fullmatch(name) for name in names)), "one platform"
    )
    message = f"{len(exported)} packages are asked for in the builds of {system}, which no other platform has"
    without = []
    for item in exported:
        version, build = item.spec.version, item.spec.build
        if version and build:
            without.append(rewrite(item, item.spec.text[: version.end] + item.spec.text[build.end :]))
    fix = Fix("Remove all these builds", tuple(without), sure=True)
    first = exported[0]
    start, end = (first.spec.build.start, first.spec.build.end) if first.spec.build else (0, 1)
    severity = Severity.WARNING if facts.managed and system in ("Windows", "macOS") else None
    yield Finding(first.node.within(start, end), message, (fix,), severity=severity)


def _asks_for_two(item: Item) -> bool:
    if not isinstance(item, Dependency):
        return False
    spec = item.spec
    if spec.version is None or not spec.version.text.startswith("==") or not _TWO_NUMBERS.fullmatch(spec.version.text):
        return False
    return not (spec.build or spec.problem or spec.brackets or spec.dropped)


@rule("ENV312", on=Gathered, of=_asks_for_two, severity=Severity.HINT)
def exact_version(gathered: Gathered, facts: Facts) -> Iterator[Finding]:
    """A version of two numbers is asked for exactly.

    For conda 26.7 `==1.26` is 1.26 and 1.26.0, but not 1.26.4; `=1.26` is all of them. Told once for a file, and not where the
    channels have answered: they know whether there is such a version.

    ```yaml
    dependencies:
      - python=3.11
      - numpy==1.26  # <- ENV312
    ```

    ```yaml
    dependencies:
      - python=3.11
      - numpy=1.26
      - pandas==2.2.2
    ```
    """
    found = [item for item in gathered.dependencies if not _is_known(item, facts)]
    if not found:
        return
    item = found[0]
    version = item.spec.version
    assert version is not None
    written = item.spec.text[: version.start] + version.text[1:] + item.spec.text[version.end :]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    message = f"`{version.text}` is exact: no version with a third number is meant{more}"
    fix = Fix(f"Write `{written}`", (rewrite(item, written),))
    yield Finding(item.node.within(version.start, version.end), message, (fix,))


def _is_known(item: Dependency, facts: Facts) -> bool:
    return any(not isinstance(facts.ask(question), Unavailable) for question in target.conda_packages(item, facts))
