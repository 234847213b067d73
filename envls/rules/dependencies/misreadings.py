"""ENV3: match specs that conda takes, but not for what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from envls.facts import Facts
from envls.formats.conda import matchspec
from envls.formats.conda.environment import Dependency
from envls.formats.conda.matchspec import FIELDS, MatchSpec, Part
from envls.rules.dependencies.specs import is_joined, rewrite, to_pip
from envls.rules.rule import Finding, Fix, Severity, rule

_WITH_VERSION = re.compile(r"(.*[a-z].*?)[-_]v?(\d+(?:\.\d+)+[a-z0-9]*)(?:-([a-z0-9_]+))?|(python)-?(\d+(?:\.\d+)*)")
_FILE = re.compile(r".*\.(?:txt|toml|whl|zip|tar\.gz)|(?:.*[-_.])?(?:env|environment|conda)\.ya?ml")
_BLANK_INSIDE = re.compile(r"[\w.*-]\s+[\w.*]")
_PLACEHOLDER = re.compile(r"(?<=\d)(?:\.[xX])+(?![\w.])")
_NO_EQUALS = re.compile(r"([a-z_]+)\s*([<>!~]=?)\s*(.*)")
# Most specs: a channel, a name, a version of numbers and letters or a range, a build. Nothing can be misread in them.
_ORDINARY = re.compile(
    r"(?:[\w.-]+::)?(?!python\d)[A-Za-z_][A-Za-z0-9_-]*"
    r"(?: ?(?:==?|[<>]=?|!=)\d+(?:\.\d\w*)*(?:\.\*)?(?:=\w+)?| ?>=(?P<low>\d+)[.\d]*,<(?P<high>\d+)[.\d]*)?"
)
_CLAUSE = re.compile(r"(==|=|>=|<=|<|>|)(\d+(?:\.\d+)*)(\.\*|\*|)")


class Misread(NamedTuple):
    """What conda takes for something else, why, and what was meant where that can be told."""

    part: Part
    message: str
    meant: str | None = None
    same: bool = False  # conda installs the same for what was meant
    sure: bool = True  # nothing else can have been meant


@rule("ENV302", on=Dependency, severity=Severity.WARNING)
def misread_spec(dependency: Dependency, facts: Facts) -> Iterator[Finding]:
    """conda takes a spec for something that was surely not meant.

    conda 26.7 accepts all of these, and installs something else, or any version at all: it takes what stands before a
    single colon for a namespace and forgets it, cuts at `#` and at ` if `, forgets extras and parentheses, reads a
    comma as *and*, and takes words for a version.

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


@lru_cache(maxsize=1 << 14)
def misreading(text: str) -> Misread | None:
    """What conda takes for something else in a spec that it accepts."""
    spec = matchspec.parse(text)
    if spec.problem:
        return None
    return _dropped(spec) or _name(spec) or (_version(spec) if spec.version else None)


def _dropped(spec: MatchSpec) -> Misread | None:
    """What conda reads over in silence."""
    text = spec.text
    for kind, part in spec.dropped:
        without = (text[: part.start] + text[part.end :]).rstrip()
        if kind == "comment":
            spaced = text[: part.start] + "  " + part.text if spec.version else None
            message = "conda cuts the spec here; a comment stands behind a blank"
            return Misread(part, message, spaced, same=True)
        if kind == "condition":
            return Misread(part, f"conda drops `{part.text}` and always installs the package", without, sure=False)
        if kind == "parentheses":
            bare = text[: part.start].rstrip() + " " + part.text[1:-1] + text[part.end :]
            version = part.text[1:2] in "<>=!~0123456789"
            return Misread(part, "conda drops the parentheses with all that stands in them", bare if version else None)
        if kind == "operator":
            return Misread(part, "no version follows; conda takes any")
        return _in_brackets(spec, kind, part)
    return None


def _in_brackets(spec: MatchSpec, kind: str, part: Part) -> Misread:
    text, brackets = spec.text, spec.brackets or part
    field = _NO_EQUALS.fullmatch(part.text)
    if field and field.group(1) in FIELDS:
        written = f"{field.group(1)}='{field.group(2)}{field.group(3)}'"
        meant = text[: part.start] + written + text[part.end :] if "'" not in part.text else None
        return Misread(part, f"a field without `=`, which conda gives up; write `{written}`", meant)
    if kind == "extra" and re.fullmatch(r"[\w\s,.-]+", part.text):
        without = text[: brackets.start] + text[brackets.end :]
        return Misread(brackets, "conda packages have no extras; conda drops this", without.rstrip(), same=True)
    return Misread(part, f"conda reads over `{part.text}`; a value with a comma or a blank needs quotes, both of them")


def _name(spec: MatchSpec) -> Misread | None:
    part, name, text = spec.name_part, spec.name, spec.text
    if spec.feature:
        message = "conda takes this for a feature, not for a package" if text else "an empty text is no package"
        return Misread(part if text else Part(" ", 0), message)
    if spec.namespace:
        where = spec.namespace
        if re.fullmatch(r"v?\d[\d.*]*", name) and not spec.version:
            meant = f"{where.text}={text[part.start :]}"
            return Misread(part, f"conda takes `{part.text}` for the name of the package", meant)
        shown = f"`{where.text}`" if re.fullmatch(r"[\w.-]+", where.text) else "this"  # else it may hold a password
        message = f"conda takes {shown} for a namespace and ignores it; a channel stands before two colons"
        return Misread(Part(where.text + ":", where.start), message, text[: where.end] + "::" + text[where.end + 1 :])
    if "*" in name and not spec.fields:
        return Misread(part, "a pattern instead of a name; conda installs no packages by pattern")
    if spec.channel and spec.channel.text != spec.channel.text.strip():
        meant = text[: spec.channel.start] + spec.channel.text.strip() + text[spec.channel.end :]
        return Misread(spec.channel, "the blank becomes a part of the channel's name", meant)
    if re.fullmatch(r"v?\d+(?:\.\d+)*", name):
        return Misread(part, f"`{part.text}` is a version; conda takes it for the name of a package")
    if spec.archive:
        return None
    if _FILE.fullmatch(name):
        return Misread(part, f"`{part.text}` is a file; conda takes it for the name of a package")
    glued = _WITH_VERSION.fullmatch(name) if spec.version is None else None
    if glued:
        meant = text[: part.start] + "=".join(filter(None, glued.groups())) + text[part.end :]
        return Misread(part, f"conda takes `{part.text}` for the whole name; a version stands behind `=`", meant)
    return None


def _version(spec: MatchSpec) -> Misread | None:
    part = spec.version
    assert part is not None
    written = part.text

    def instead(version: str) -> str:
        return spec.text[: part.start] + version + spec.text[part.end :]

    if any(key == "version" for key, _ in spec.fields):
        return Misread(part, f"conda forgets `{written}`; the version in the brackets counts")
    if not any(letter.isdigit() for letter in written):
        return Misread(part, f"conda looks for a version called `{written.lstrip('= ')}`") if spec.relation else None
    if written.startswith(("=>", "=<")):
        message = f"conda reads this as `{written[1:]}*`; the operator is written the other way round"
        return Misread(part, message, instead(written[1] + "=" + written[2:]))
    if "@" in written:
        return Misread(part, f"conda looks for a version called `{written.lstrip('= ')}`")
    if _BLANK_INSIDE.search(written):
        return Misread(part, f"conda reads this as one version, `{written.replace(' ', '')}`")
    if found := _PLACEHOLDER.search(written):
        message = f"conda knows no `x` for any number; `{found.group().lower().replace('x', '*')}` means it"
        return Misread(part, message, instead(_PLACEHOLDER.sub(".*", written)))
    if written.endswith("-"):
        return Misread(part, "a version ends in a dash; no package has such a one", instead(written.rstrip("-")))
    if "," in written and "|" not in written and _never(written):
        clauses = written.replace(" ", "").split(",")
        equal = all("." in clause and clause.lstrip("=")[0].isdigit() for clause in clauses)
        either = "|".join(clause.lstrip("=").rstrip(".*") + ".*" for clause in clauses)
        meant = spec.text[: part.start].rstrip("= ") + " " + either + spec.text[part.end :] if equal else None
        return Misread(part, "a comma means *and*, and no version is all of this; `|` means *or*", meant, sure=False)
    return None


def _never(written: str) -> bool:
    """Whether no version meets all conditions at once. Said of plain numbers only."""
    low: tuple[tuple[int, ...], bool] = ((), False)  # a bound, and whether it is excluded
    high: tuple[tuple[int, ...], bool] | None = None
    for clause in written.replace(" ", "").split(","):
        found = _CLAUSE.fullmatch(clause)
        if not found:
            return False
        operator, digits, star = found.groups()
        version = tuple(int(number) for number in digits.split("."))
        bare = _bare(version)
        prefix = bool(star) or operator == "="
        lows, highs = [], []
        if operator in ("", "=", "=="):
            lows = [(bare, False)]
            highs = [((*version[:-1], version[-1] + 1), True)] if prefix else [(bare, False)]
        elif operator[0] == ">":
            lows = [(bare, operator == ">")]
        else:
            highs = [(bare, operator == "<" and not star)]
        for bound in lows:
            low = max(low, bound)
        for bound in highs:
            high = bound if high is None else min(high, (bound[0], bound[1]), key=lambda one: (one[0], not one[1]))
    if high is None:
        return False
    return low[0] > high[0] or (low[0] == high[0] and (low[1] or high[1]))


def _bare(version: tuple[int, ...]) -> tuple[int, ...]:
    while version and not version[-1]:
        version = version[:-1]
    return version
