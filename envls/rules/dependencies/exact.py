"""ENV3: specs that are more exact than was meant, or less: builds of one platform, versions of two numbers, of three."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envls import target
from envls.facts import Facts, Known, Unavailable
from envls.formats.conda.environment import Dependency
from envls.formats.conda.matchspec import MatchSpec
from envls.formats.conda.misreading import misreading
from envls.known.systems import exported_on
from envls.rules.dependencies.specs import rewrite
from envls.rules.rule import Finding, Fix, Gathered, Item, Severity, rule
from envls.write import Replace

FEWEST = 5
"""Builds that make a file an export."""
_OF_ONE_PLATFORM = re.compile(r"[^*^$]*(?:h[0-9a-f]{5,}|py\d|[a-z])[^*^$]*|\d{3,}")
_HASH = re.compile(r"[^*^$]*h[0-9a-f]{7}(?![0-9a-z])[^*^$]*")
_TWO_NUMBERS = re.compile(r"(?:==)?(\d+\.\d+)")
_TWO_BEFORE_BUILD = re.compile(r"=?(\d+\.\d+)")
_FULL = re.compile(r"=(\d+\.\d+\.\d+[.\w]*)")
_THREE_NUMBERS = frozenset(
    """
    python numpy pandas scipy scikit-learn matplotlib matplotlib-base pytorch torchvision torchaudio tensorflow keras
    jupyterlab ipython ipykernel seaborn xgboost lightgbm pyarrow transformers django flask sqlalchemy dask
    """.split()  # noqa: SIM905 - names are read as prose
)
"""Packages all of whose releases have a third number."""


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
    it uses such a file from elsewhere, that is a warning, and the builds of Linux are right. So they are in a file whose
    `platforms` are one. A few builds among other packages are a hint, where their names are made by a machine.

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
      - python=3.11
      - matplotlib=3.9
      - numpy=1.26.4=py311h64a7726_0  # <- ENV311
    ```

    ```yaml
    dependencies:
      - python=3.11.9=*_cpython
      - libblas=*=*mkl
      - pytorch=2.3.1=py3.11_cuda12.1_cudnn8.9.2_0
    ```
    """
    exported, file = gathered.dependencies, gathered.file
    versioned = sum(item.spec.version is not None for item in file.dependencies)
    few = len(exported) < FEWEST or 2 * len(exported) < versioned
    if few:
        exported = [item for item in exported if item.spec.build and _HASH.fullmatch(item.spec.build.text)]
    if not exported:
        return
    system = exported_on(file.conda_names)
    elsewhere = system in ("Windows", "macOS")
    if (facts.managed and system == "Linux") or (not facts.managed and len(exported[0].within.platforms) == 1):
        return
    without = []
    for item in exported:
        version, build = item.spec.version, item.spec.build
        if version and build:
            without.append(rewrite(item, item.spec.text[: version.end] + item.spec.text[build.end :]))
    first = exported[0]
    if len(exported) == 1:
        message = f"only one build of `{first.spec.name}` will do, which no other platform has"
        fix = Fix("Remove the build", tuple(without), sure=True)
    else:
        whose = system or "one platform"
        message = f"{len(exported)} packages are asked for in the builds of {whose}, which no other platform has"
        fix = Fix("Remove all these builds", tuple(without), sure=True)
    start, end = (first.spec.build.start, first.spec.build.end) if first.spec.build else (0, 1)
    severity = Severity.WARNING if facts.managed and elsewhere and not few else Severity.HINT if few else None
    yield Finding(first.node.within(start, end), message, (fix,), severity=severity)


def _asks_for_two(item: Item) -> bool:
    return isinstance(item, Dependency) and bool(_two_numbers(item.spec))


def _two_numbers(spec: MatchSpec) -> str:
    """The version that a spec asks for exactly, with two numbers where more must have been meant; "" for any other."""
    version, build = spec.version, spec.build
    if version is None or spec.problem or spec.brackets or spec.dropped or misreading(spec.text):
        return ""
    if build is None:
        matched = _TWO_NUMBERS.fullmatch(version.text)
    else:
        matched = _TWO_BEFORE_BUILD.fullmatch(version.text) if "*" in build.text else None
    return matched[1] if matched else ""


@rule("ENV312", on=Gathered, of=_asks_for_two, severity=Severity.HINT)
def exact_version(gathered: Gathered, facts: Facts) -> Iterator[Finding]:
    """A version of two numbers is asked for exactly.

    For conda 26.7 `==1.26`, `numpy 1.26` with a blank, and `=1.26` before a build are 1.26 and 1.26.0, but not 1.26.4; `=1.26`
    alone is all of them. Said where the channels have further versions that begin so; where they have not answered, only of
    packages whose versions all have a third number. Once for a file.

    ```yaml
    dependencies:
      - python=3.11
      - numpy==1.26  # <- ENV312
      - pandas 2.2
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
      - numpy=1.26
      - pandas=2.2
    ```

    ```yaml
    dependencies:
      - python=3.11=*_cpython  # <- ENV312
    ```

    ```yaml fixed
    dependencies:
      - python=3.11.*=*_cpython
    ```

    ```yaml
    dependencies:
      - python=3.11
      - numpy=1.26
      - pandas==2.2.2
      - kalign2==2.04
    ```
    """
    found = [item for item in gathered.dependencies if _has_more(item, facts)]
    if not found:
        return
    item = found[0]
    version = item.spec.version
    assert version is not None
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    how = "" if version.text.startswith("==") else " before a build" if item.spec.build else " behind a blank"
    message = f"`{version.text}`{how} is exact: no version with a third number is meant{more}"
    alone = _as_prefix(item)
    fixes = [Fix(f"Write `{_prefix_of(item.spec)}`", (alone,))]
    if len(found) > 1:
        fixes.insert(0, Fix("Let in the third numbers of all of these", tuple(map(_as_prefix, found))))
    yield Finding(item.node.within(version.start, version.end), message, tuple(fixes))


def _as_prefix(item: Dependency) -> Replace:
    return rewrite(item, _prefix_of(item.spec))


def _prefix_of(spec: MatchSpec) -> str:
    """The spec with all versions that begin so."""
    version, build = spec.version, spec.build
    assert version is not None
    if build is not None:
        return spec.text[: version.end] + ".*" + spec.text[version.end :]
    return f"{spec.text[: version.start].rstrip()}={version.text.lstrip('=')}{spec.text[version.end :]}"


def _has_more(item: Dependency, facts: Facts) -> bool:
    """Whether there are versions that begin as the one that is asked for, and go on; as far as is known."""
    asked = _two_numbers(item.spec)
    answers = [facts.ask(question) for question in target.conda_packages(item, facts)]
    if all(isinstance(answer, Unavailable) for answer in answers):
        return item.spec.name in _THREE_NUMBERS
    for answer in answers:
        versions = answer.value.versions if isinstance(answer, Known) else ()
        if (
            f"{asked}.0" in versions
            and asked not in versions
            and any(version.startswith(f"{asked}.") and version != f"{asked}.0" for version in versions)
        ):
            return True
    return False


def _is_full(item: Item) -> bool:
    if not isinstance(item, Dependency):
        return False
    spec = item.spec
    plain = spec.version and not (spec.problem or spec.build or spec.brackets or spec.dropped)
    return bool(plain and spec.version and _FULL.fullmatch(spec.version.text))


@rule("ENV317", on=Gathered, of=_is_full, severity=Severity.HINT, opt_in=True)
def full_version_as_prefix(gathered: Gathered, facts: Facts) -> Iterator[Finding]:
    """A whole version is asked for with a single `=`.

    For conda 26.7 and mamba 2 `=1.26.4` is also 1.26.4.1 and 1.26.4.post1, and so is what conda-lock 4 locks; `==1.26.4` is
    that version alone, and means the same to pip. Said once for a file.

    ```yaml
    dependencies:
      - python=3.11
      - numpy=1.26.4  # <- ENV317
      - pandas=2.2.2
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
      - numpy==1.26.4
      - pandas==2.2.2
    ```

    ```yaml
    dependencies:
      - python=3.11
      - numpy==1.26.4
      - pandas=2.2
      - scipy=1.14.0=py311h517d4fd_1
    ```
    """
    del facts
    found = gathered.dependencies
    first = found[0].spec.version
    assert first is not None
    changes = []
    for item in found:
        spec = item.spec
        at = spec.version.start if spec.version else 0
        changes.append(rewrite(item, spec.text[:at] + "=" + spec.text[at:]))
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    title = f"Write `={first.text}`" if len(found) == 1 else "Write `==` before all whole versions"
    message = f"`{first.text}` also lets in versions that go on behind it{more}"
    place = found[0].node.within(first.start, first.end)
    yield Finding(place, message, (Fix(title, tuple(changes)),))
