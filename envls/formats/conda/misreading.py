"""What conda 26.7 takes for something else in a spec that it accepts, tried; and what was surely meant.

The law: only what nobody can have meant. What is unusual is none of its business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from envls.formats.conda import matchspec
from envls.formats.conda.matchspec import FIELDS, PLATFORMS, MatchSpec
from envls.formats.conda.noname import CHANNELS
from envls.formats.conda.parts import Part

_WITH_VERSION = re.compile(r"(.*[a-z].*?)[-_]v?(\d+(?:\.\d+)+[a-z0-9]*)(?:-([a-z0-9_]+))?|(python)-?(\d+(?:\.\d+)*)")
_FILE = re.compile(r".*\.(?:txt|toml|whl|zip|tar\.gz)|(?:.*[-_.])?(?:env|environment|conda)\.ya?ml")
_BLANK_INSIDE = re.compile(r"[\w.*-]\s+[\w.*]")
_PLACEHOLDER = re.compile(r"(?<=\d)(?:\.[xX])+(?![\w.])")
_NO_EQUALS = re.compile(r"([a-z_]+)\s*([<>!~]=?)\s*(.*)")
_BUILD = re.compile(r"(?:py\d{2,}(?:h[0-9a-f]{7})?|h[0-9a-f]{7})(?:_\d+)?")
_VERSION = re.compile(r"v?\d+(?:\.\d+)+")
_PLATFORM = re.compile(r"(?:linux|osx|macos|win)[-_]?(?:\d+|arm64|aarch64|x86_64)?")
_CLAUSE = re.compile(r"(==|=|>=|<=|<|>|)(\d+(?:\.\d+)*)(\.\*|\*|)")


class Misread(NamedTuple):
    """What conda takes for something else, why, and what was meant where that can be told."""

    part: Part
    message: str
    meant: str | None = None
    same: bool = False  # conda installs the same for what was meant
    sure: bool = True  # nothing else can have been meant


@lru_cache(maxsize=1 << 14)
def misreading(text: str) -> Misread | None:
    """What conda takes for something else in a spec that it accepts; None where it does not, or rejects it."""
    spec = matchspec.parse(text)
    if spec.problem:
        return None
    readings = (_dropped, _fields, _channel, _name, *((_version, _build) if spec.version else ()))
    return next((found for reading in readings for found in reading(spec)), None)


def _dropped(spec: MatchSpec) -> Iterator[Misread]:
    """What conda reads over in silence."""
    text = spec.text
    for kind, part in spec.dropped:
        if kind == "comment":
            spaced = text[: part.start] + "  " + part.text if spec.version else None
            yield Misread(part, "conda cuts the spec here; a comment stands behind a blank", spaced, same=True)
        elif kind == "condition":
            without = (text[: part.start] + text[part.end :]).rstrip()
            yield Misread(part, f"conda drops `{part.text}` and always installs the package", without, sure=False)
        elif kind == "parentheses":
            bare = text[: part.start].rstrip() + " " + part.text[1:-1] + text[part.end :]
            wanted = bare if part.text[1:2] in "<>=!~0123456789" and not matchspec.parse(bare).problem else None
            yield Misread(part, "conda drops the parentheses with all that stands in them", wanted)
        elif kind == "operator":
            without = (text[: part.start] + text[part.end :]).rstrip()
            yield Misread(part, "no version follows; conda takes any", without, sure=False)
        else:
            yield _in_brackets(spec, kind, part)


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


def _fields(spec: MatchSpec) -> Iterator[Misread]:
    """Fields in brackets that say nothing."""
    for key, value in spec.fields:
        place = Part(value, max(spec.text.find(value, spec.brackets.start if spec.brackets else 0), 0))
        if key == "name" and spec.name != value.lower():
            yield Misread(place, f"conda forgets this name; it takes `{spec.name_part.text}`")
        elif key == "subdir" and value not in PLATFORMS and "*" not in value:
            yield Misread(place, f"conda knows no platform `{value}`, so it finds no package")
        elif key == "version" and spec.version:
            yield Misread(spec.version, f"conda forgets `{spec.version.text}`; the version in the brackets counts")


def _channel(spec: MatchSpec) -> Iterator[Misread]:
    text = spec.text
    if spec.namespace and not spec.feature:
        where, part = spec.namespace, spec.name_part
        if re.fullmatch(r"v?\d[\d.*]*", spec.name) and not spec.version:
            meant = f"{where.text}={text[part.start :]}"
            yield Misread(part, f"conda takes `{part.text}` for the name of the package", meant, sure=False)
        known = where.text in CHANNELS or "/" in where.text
        shown = f"`{where.text}`" if re.fullmatch(r"[\w.-]+", where.text) else "this"  # else it may hold a password
        message = f"conda takes {shown} for a namespace and ignores it; a channel stands before two colons"
        meant = text[: where.end] + "::" + text[where.end + 1 :]
        yield Misread(Part(where.text + ":", where.start), message, meant, sure=known)
    channel = spec.channel
    if channel is None:
        return
    if channel.text != channel.text.strip():
        meant = text[: channel.start] + channel.text.strip() + text[channel.end :]
        yield Misread(channel, "the blank becomes a part of the channel's name", meant)
    if "::" in channel.text:
        yield Misread(channel, "conda takes all this for the channel; there is one, before the last two colons")
    tail = channel.text.rpartition("/")[2]
    if _PLATFORM.fullmatch(tail) and tail not in PLATFORMS and "/" in channel.text:
        yield Misread(
            Part(tail, channel.end - len(tail)), f"conda knows no platform `{tail}`; it is a part of the channel"
        )


def _name(spec: MatchSpec) -> Iterator[Misread]:
    part, name, text = spec.name_part, spec.name, spec.text
    if spec.feature:
        message = "conda takes this for a feature, not for a package" if text else "an empty text is no package"
        yield Misread(part if text else Part(" ", 0), message)
    elif "*" in name and not spec.fields:
        yield Misread(part, "a pattern instead of a name; conda installs no packages by pattern")
    elif re.fullmatch(r"v?\d+(?:\.\d+)*", name):
        yield Misread(part, f"`{part.text}` is a version; conda takes it for the name of a package")
    elif spec.archive:
        return
    elif _FILE.fullmatch(name):
        yield Misread(part, f"`{part.text}` is a file; conda takes it for the name of a package")
    elif spec.version is None and (glued := _WITH_VERSION.fullmatch(name)):
        package, version, *build = filter(None, glued.groups())
        if package == "python" and "." not in version and version[1:]:
            version = f"{version[0]}.{version[1:]}"
        meant = text[: part.start] + "=".join((package, version, *build)) + text[part.end :]
        yield Misread(part, f"conda takes `{part.text}` for the whole name; a version stands behind `=`", meant)
    elif name[-1:] in ("-", ".") and len(name) > 1:
        meant = text[: part.start] + part.text.rstrip("-.") + text[part.end :]
        yield Misread(part, f"no package is called `{part.text}`", meant)


def _version(spec: MatchSpec) -> Iterator[Misread]:
    part = spec.version
    assert part is not None
    written = part.text

    def instead(version: str) -> str:
        return spec.text[: part.start] + version + spec.text[part.end :]

    bare = written.lstrip("= ")
    if not any(letter.isdigit() for letter in written):
        if spec.relation:
            yield Misread(part, f"conda looks for a version called `{bare}`")
        return
    if written.startswith(("=>", "=<")):
        message = f"conda reads this as `{written[1:]}*`; the operator is written the other way round"
        yield Misread(part, message, instead(written[1] + "=" + written[2:]))
    elif "@" in written or _BUILD.fullmatch(bare):
        yield Misread(part, f"conda looks for a version called `{bare}`")
    elif _BLANK_INSIDE.search(written):
        yield Misread(part, f"conda reads this as one version, `{written.replace(' ', '')}`")
    elif found := _PLACEHOLDER.search(written):
        message = f"conda knows no `x` for any number; `{found.group().lower().replace('x', '*')}` means it"
        yield Misread(part, message, instead(_PLACEHOLDER.sub(".*", written)))
    elif written.endswith("-"):
        yield Misread(part, "a version ends in a dash; no package has such a one", instead(written.rstrip("-")))
    elif "," in written and "|" not in written and _never(written):
        clauses = written.replace(" ", "").split(",")
        equal = all("." in clause and clause.lstrip("=")[0].isdigit() for clause in clauses)
        either = "|".join(clause.lstrip("=").rstrip(".*") + ".*" for clause in clauses)
        meant = spec.text[: part.start].rstrip("= ") + " " + either + spec.text[part.end :] if equal else None
        yield Misread(part, "a comma means *and*, and no version is all of this; `|` means *or*", meant, sure=False)


def _build(spec: MatchSpec) -> Iterator[Misread]:
    build, version = spec.build, spec.version
    if build and version and build.text.startswith("or ") and not version.text.startswith("="):
        meant = f"{spec.text[: version.end]}|{build.text[3:].strip()}{spec.text[build.end :]}"
        yield Misread(build, "conda takes this for the build; it writes *or* as `|`", meant)
    elif build and " " in build.text:
        yield Misread(build, f"conda looks for a build called `{build.text}`; an item names one package")
    elif build and _VERSION.fullmatch(build.text):
        yield Misread(
            build, f"conda takes `{build.text}` for the build, which is no version; a comma or `|` joins versions"
        )


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
