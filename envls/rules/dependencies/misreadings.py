"""ENV3: match specs that conda takes, but not for what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envls.facts import Facts
from envls.formats.conda.environment import Dependency
from envls.formats.conda.misreading import misreading
from envls.rules.dependencies.specs import is_joined, rewrite, to_pip
from envls.rules.rule import Finding, Fix, Severity, rule

# Most specs: a channel, a name, a version of numbers and letters or a range, a build. Nothing can be misread in them.
_ORDINARY = re.compile(
    r"(?:[\w.-]+::)?(?!python\d)[A-Za-z_][A-Za-z0-9_-]*(?<!-)"
    r"(?: ?(?:==?|[<>]=?|!=)\d+(?:\.\d\w*)*(?:\.\*)?(?:=\w+)?| ?>=(?P<low>\d+)[.\d]*,<(?P<high>\d+)[.\d]*)?"
)
_GLOB = re.compile(r"(?<![=<>!~])(<=|<|>)\s*(\d+(?:\.\d+)*)\.\*")


@rule("ENV302", on=Dependency, severity=Severity.WARNING)
def misread_spec(dependency: Dependency, facts: Facts) -> Iterator[Finding]:
    """conda takes a spec for something that was surely not meant.

    conda 26.7 accepts all of these, and installs something else, or any version at all: it takes what stands before a
    single colon for a namespace and forgets it, cuts at `#` and at ` if `, forgets extras and parentheses, reads a
    comma as *and*, and takes words for a version or a build.

    ```yaml
    channels: [conda-forge]
    dependencies:
      - conda-forge:numpy=1.26    # <- ENV302
      - uvicorn[standard]>=0.30   # <- ENV302
      - scipy=latest              # <- ENV302
      - python=3.7,3.8            # <- ENV302
      - pandas (>=2)              # <- ENV302
      - pyarrow=15.x              # <- ENV302
      - dask>=2024 if unix        # <- ENV302
      - scikit-learn-1.5          # <- ENV302
      - jupyter*                  # <- ENV302
      - polars=                   # <- ENV302
      - xarray 2024.1 or 2024.2   # <- ENV302
      - zarr[subdir=linux64]      # <- ENV302
    ```

    These mean what they say:

    ```yaml
    dependencies:
      - python=3.11
      - numpy 1.26.*|2.0.*
      - blas=*=openblas
      - gcc_linux-64
    ```
    """
    del facts
    spec, node = dependency.spec, dependency.node
    ordinary = _ORDINARY.fullmatch(spec.text)
    if ordinary and (ordinary["low"] is None or int(ordinary["low"]) < int(ordinary["high"])):
        return
    found = None if is_joined(node) else misreading(spec.text)
    if found is None:
        return
    fixes: tuple[Fix, ...] = ()
    if found.meant is not None and found.meant != spec.text:
        fixes = (Fix(f"Write `{found.meant}`", (rewrite(dependency, found.meant),), safe=found.same, sure=found.sure),)
    if spec.dropped and spec.dropped[0][0] == "extra":
        fixes = (*fixes, *to_pip(dependency, spec.text))
    yield Finding(node.within(found.part.start, found.part.end), found.message, fixes)


@rule("ENV309", on=Dependency, severity=Severity.INFORMATION)
def glob_behind_operator(dependency: Dependency, facts: Facts) -> Iterator[Finding]:
    """A `.*` stands behind `<`, `<=` or `>`.

    conda 26.7 reads `<=3.9.*` as `<=3.9`, which 3.9.1 is not, and says on every run that a future version will not take it.

    ```yaml
    dependencies:
      - python <=3.9.*  # <- ENV309
      - numpy <2.*      # <- ENV309
    ```

    ```yaml
    dependencies:
      - python <3.10
      - numpy >=1.26.*,<2
      - pandas 2.2.*
    ```
    """
    del facts
    spec = dependency.spec
    if spec.version is None or "*" not in spec.version.text or spec.problem:
        return
    found = _GLOB.search(spec.version.text)
    if found is None:
        return
    operator, digits = found.group(1), found.group(2)
    start, end = spec.version.start + found.start(), spec.version.start + found.end()
    *first, last = digits.split(".")
    upto = ".".join((*first, str(int(last) + 1)))
    wanted = {"<": f"<{digits}", "<=": f"<{upto}", ">": f">={upto}"}[operator]
    written = spec.text[:start] + wanted + spec.text[end:]
    fix = Fix(f"Write `{written}`", (rewrite(dependency, written),), safe=operator == "<", sure=operator == "<")
    message = f"conda reads this as `{operator}{digits}`, and will not take the `.*` for ever"
    yield Finding(dependency.node.within(start, end), message, (fix,))
