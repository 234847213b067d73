"""One conda dependency: where its parts stand, whether conda takes it, and what conda drops of it.

The verdict is that of conda 26.7 with its default solver (CEP 29, and what conda does where it differs): what
conda takes and what it makes of it were tried. Offsets count in the value of the item.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from envls.formats.conda import noname
from envls.formats.conda.parts import NOWHERE, Part, SpecProblem
from envls.formats.conda.versionspec import bad_pattern, judge, sanitised

FIELDS = frozenset(
    (
        *("build", "build_number", "channel", "extras", "features", "flags", "fn", "license", "license_family"),
        *("md5", "name", "optional", "sha256", "subdir", "target", "track_features", "url", "version", "when"),
    )
)
ARCHIVES = (".conda", ".tar.bz2")
PLATFORMS = frozenset(
    (
        *("noarch", "linux-32", "linux-64", "linux-aarch64", "linux-armv6l", "linux-armv7l", "linux-ppc64"),
        *("linux-ppc64le", "linux-riscv32", "linux-riscv64", "linux-s390x", "osx-64", "osx-arm64", "win-32", "win-64"),
        *("win-arm64", "emscripten-wasm32", "wasi-wasm32", "freebsd-64", "zos-z"),
    )
)
_BRACKETS = re.compile(r".*(\[.*\])")
_PARENTHESES = re.compile(r".*(\(.*\))")
_FIELD = re.compile(r"([A-Za-z0-9_-]+?)=([\"']?)([^'\"]*?)\2(?:[, ]|$)")
_NAME_END = re.compile(r"[ =<>!~]")
_NAME = re.compile(r"(?:[a-z0-9]|_(?!_)|__(?=[a-z0-9]))[a-z0-9]*(?:[._-][a-z0-9]+)*[._-]?")
_BUILD = re.compile(r"(?<![=!|,<>~])[ =]( *[^-=,|<>~ ][^-=,|<>~]*)$")
_NUMBER = re.compile(r"[<>]=?|[!=]=|=")


@dataclass(frozen=True, slots=True)
class MatchSpec:
    """A spec apart from its place. `name` is in lower case; `version` is written with its operators.

    `relation` says how the version is meant: "" none, "prefix" (`=1.2`), "exact" (`==1.2`, and `=1.2=build`),
    "range" everything else. `dropped` is what conda reads over in silence, by kind: "comment" (one that is glued to
    what it follows), "condition" (` if …`), "parentheses", "extra" (brackets without a field), "field" (what stands
    beside the fields in brackets), "operator" (one without a version).
    """

    text: str
    name: str = ""
    name_part: Part = NOWHERE
    channel: Part | None = None
    namespace: Part | None = None
    version: Part | None = None
    build: Part | None = None
    brackets: Part | None = None
    fields: tuple[tuple[str, str], ...] = ()
    archive: bool = False
    problem: SpecProblem | None = None
    dropped: tuple[tuple[str, Part], ...] = ()
    feature: bool = False

    @property
    def relation(self) -> str:
        if self.version is None:
            return "range" if any(key == "version" for key, _ in self.fields) else ""
        text = self.version.text
        if text.strip() in ("*", "=*", "==*"):
            return ""
        if any(mark in text for mark in ",|<>!~"):
            return "range"
        if text.startswith("=="):
            return "range" if text.endswith("*") else "exact"
        if text.startswith("="):
            return "exact" if self.build and not text.endswith("*") else "prefix"
        return "prefix" if text.endswith("*") else "exact"

    @property
    def pinned(self) -> str:
        """The version of a prefix or exact pin, without operator and glob; "" for none or a range."""
        if self.version is None or self.relation not in ("prefix", "exact"):
            return ""
        return self.version.text.lstrip("= ").rstrip("*").rstrip(".")

    @property
    def wanted(self) -> tuple[str, str]:
        """The version and the build that conda looks for, as it reads them; "" for any. What stands in brackets counts."""
        fields = dict(self.fields)
        build = fields.get("build", self.build.text if self.build else "")
        version = fields.get("version", self.version.text if self.version else "").replace(" ", "")
        read = sanitised(version, build="version" not in fields and self.build is not None)
        return ("" if read in ("*", "=*", "==*") else read), ("" if build == "*" else build)


LONGEST = 2_000
"""Characters of a spec: more is no spec, and expressions that look back would take their time over it."""


@lru_cache(maxsize=1 << 16)
def parse(text: str) -> MatchSpec:
    """The spec that an item says. Never fails: what conda does not take has a `problem`."""
    if len(text) > LONGEST:
        return _invalid(MatchSpec(text), 0, len(text), f"longer than {LONGEST:,} characters; too long to be read")
    if text.endswith("@") or not text:
        return MatchSpec(text, name="*", name_part=Part(text[:-1], 0), feature=True)
    dropped: tuple[tuple[str, Part], ...] = ()
    body = text
    if "#" in text:
        body = text[: text.index("#")]
        if body.strip() and not body[-1].isspace() and not body.endswith(ARCHIVES):
            dropped = (("comment", Part(text[len(body) :], len(body))),)
    if " if " in body:
        at = body.index(" if ")
        dropped = (*dropped, ("condition", Part(body[at + 1 :].rstrip(), at + 1)))
        body = body[:at]
    if body.endswith(ARCHIVES):
        return _archive(text, body)
    spec = _bracketed(text, body) if "[" in body or "(" in body else _located(MatchSpec(text), body, range(len(body)))
    return replace(spec, dropped=dropped + spec.dropped) if dropped and not spec.problem else spec


def _archive(text: str, body: str) -> MatchSpec:
    """A package file. Conda reads its name only in the folder of a platform; elsewhere it takes what it finds."""
    *folders, name = re.split(r"[/\\]", body)
    stem = name.removesuffix(".tar.bz2").removesuffix(".conda")
    parts = stem.rsplit("-", 2)
    start = len(body) - len(name)
    spec = MatchSpec(text, name=parts[0].lower(), name_part=Part(parts[0], start), archive=True)
    if not PLATFORMS.intersection(folders):
        return spec
    if len(parts) < 3:
        return _invalid(spec, start, len(body), "a package file is named `name-version-build`")
    problem = judge(parts[1], parts[1])
    return _invalid(spec, start, len(body), problem.message) if problem else spec


def _bracketed(text: str, body: str) -> MatchSpec:
    """A spec with brackets or parentheses: conda takes the last pair of each away before it reads the rest."""
    spec = MatchSpec(text)
    places: Sequence[int] = range(len(body))
    found = _BRACKETS.match(body)
    if found:
        brackets = Part(found.group(1), found.start(1))
        fields, left, problem = _fields(brackets)
        dropped = (("field" if fields else "extra", left),) if left else ()
        spec = MatchSpec(text, brackets=brackets, fields=fields, dropped=dropped, problem=problem)
        body, places = _without(body, places, brackets.text)
    found = _PARENTHESES.match(body)
    if found:
        part = Part(found.group(1), places[found.start(1)])
        spec = replace(spec, dropped=(*spec.dropped, ("parentheses", part)))
        body, places = _without(body, places, part.text)
    return _located(spec, body, places)


def _without(body: str, places: Sequence[int], part: str) -> tuple[str, Sequence[int]]:
    """`body` without every occurrence of `part`, and where each remaining character stood."""
    kept: list[int] = []
    at = 0
    while (found := body.find(part, at)) >= 0:
        kept += places[at:found]
        at = found + len(part)
    return body.replace(part, ""), [*kept, *places[at:]]


def _fields(brackets: Part) -> tuple[tuple[tuple[str, str], ...], Part | None, SpecProblem | None]:
    """The fields in brackets, the first thing in them that is none, and what conda does not take."""
    inside = brackets.text[1:-1]
    fields: list[tuple[str, str]] = []
    done, left = 0, None
    for found in _FIELD.finditer(inside):
        key, _, value = found.groups()
        start = brackets.start + 1 + found.start()
        if not value or key not in FIELDS:
            message = f"`{key}` is no field of a match spec" if value else f"`{key}` has no value"
            return (), None, SpecProblem(start, start + len(key), message)
        reason = _bad_value(key, value)
        if reason:
            at = brackets.start + 1 + found.start(3)
            return (), None, SpecProblem(at, at + len(value), *reason)
        fields.append((key, value))
        left = left or _left(inside, done, found.start(), brackets.start + 1)
        done = found.end()
    return tuple(fields), left or _left(inside, done, len(inside), brackets.start + 1), None


def _left(inside: str, start: int, end: int, offset: int) -> Part | None:
    rest = inside[start:end]
    kept = rest.strip(", ")
    return Part(kept, offset + start + rest.index(kept)) if kept else None


def _bad_value(key: str, value: str) -> tuple[str] | None:
    """Why conda does not take the value of a field."""
    problem = None
    if key == "version":
        problem = judge(sanitised(value, build=False), value)
    elif key == "build_number":
        number = value.strip()
        operator = _NUMBER.match(number)
        if operator:
            problem = judge(number, number)
        elif number[:1] in ("!", "^") or number[-1:] == "$":
            return ("a build number is a number, or an operator with one",)
    elif key in ("build", "license", "license_family") and value[0] == "^" and value[-1] == "$":
        problem = bad_pattern(value)
    elif key == "channel" and "*" in value:
        problem = bad_pattern(value.replace("*", ".*"))
    return (problem.message,) if problem else None


def _located(spec: MatchSpec, body: str, places: Sequence[int]) -> MatchSpec:
    """`body` is a spec without brackets and parentheses; `places` says where each of its characters stands."""
    channel = namespace = None
    rest = body
    if ":" in body:
        before = body.rsplit(":", 2)
        rest = before.pop()
        if before[-1]:
            namespace = Part(before[-1], places[len(body) - len(rest) - 1 - len(before[-1])])
        if len(before) > 1 and before[0]:
            channel = Part(before[0], places[0])
    offset = len(body) - len(rest)
    end = found.start() if (found := _NAME_END.search(rest)) else len(rest)
    name = rest[:end]
    lower = name.lower()
    at = places[offset] if offset < len(places) else len(spec.text)
    name_part = Part(name, at)
    if spec.problem:
        return replace(spec, name=lower if _NAME.fullmatch(lower) else "", name_part=name_part)
    if not name or ("*" not in lower and not _NAME.fullmatch(lower)):
        problem = noname.why(spec.text, name_part, None if channel else namespace, rest)
        return replace(spec, channel=channel, namespace=namespace, name_part=name_part, problem=problem)
    if lower[0] == "^" and lower[-1] == "$" and (reason := bad_pattern(lower)):
        return _invalid(spec, name_part.start, name_part.end, reason.message)
    if channel and "*" in channel.text and (reason := bad_pattern(channel.text.replace("*", ".*"))):
        return _invalid(spec, channel.start, channel.end, reason.message)
    tail = rest[end:].partition("\n")[0] if "\n" in rest else rest[end:]
    lead = len(tail) - len(tail.lstrip())
    written = tail[lead:].rstrip()
    dropped = spec.dropped
    if len(tail) < 2 or not written:
        if written:  # conda reads `numpy=` and `numpy>` as `numpy`
            dropped = (*dropped, ("operator", Part(written, places[offset + end])))
        version = None
    else:
        version = Part(written, places[offset + end + lead])
    made = MatchSpec(
        spec.text, lower, name_part, channel, namespace, version, None, spec.brackets, spec.fields, dropped=dropped
    )
    return _version(made, written, places[offset + end + lead :]) if version else made


def _version(spec: MatchSpec, written: str, places: Sequence[int]) -> MatchSpec:
    """`written` is what stands behind the name, from the version on."""
    if "[" in written:
        start = places[written.index("[")]
        return _invalid(spec, start, start + 1, "conda takes one pair of brackets, and it must be closed")
    found = _BUILD.search(written, 1)
    version, build = written, None
    if found:
        text = found.group(1).strip()
        build = Part(text, places[found.end(1) - len(found.group(1).lstrip())])
        version = written[: found.start()].rstrip()
    part = Part(version, places[0])
    compact = version.replace(" ", "")
    fields = dict(spec.fields)  # what stands in brackets counts instead
    problem = None if "version" in fields else judge(sanitised(compact, build=build is not None), version)
    if problem is None and build and "build" not in fields and build.text[0] == "^" and build.text[-1] == "$":
        problem = bad_pattern(build.text)
    if problem is None:
        return replace(spec, version=part, build=build)
    lost = next((part for kind, part in spec.dropped if kind == "parentheses"), None)
    if lost:  # what remains without them is no mistake of its own
        message = f"conda drops `{lost.text}` and cannot read the rest; it knows parentheses in `[version='…']` only"
        bare = spec.text[spec.name_part.end :].strip()
        whole = f"{spec.text[: spec.name_part.end]}[version='{bare}']" if not judge(bare, bare) else None
        return _invalid(replace(spec, version=part, build=build), lost.start, lost.end, message, whole)
    whole = None
    if problem.replacement is not None and places[len(version) - 1] == part.end - 1:
        whole = spec.text[: part.start] + problem.replacement + spec.text[part.end :]
    pip = re.sub(r"^([^=<>!~;]*?)\s*=(?!=)", r"\1==", spec.text.strip()) if ";" in version else ""
    made = SpecProblem(part.start, max(part.end, part.start + 1), problem.message, whole, pip, problem.safe)
    return replace(spec, version=part, build=build, problem=made)


def _invalid(
    spec: MatchSpec, start: int, end: int, message: str, replacement: str | None = None, pip: str = ""
) -> MatchSpec:
    return replace(spec, problem=SpecProblem(start, max(end, start + 1), message, replacement, pip))
