"""One conda dependency: where its parts stand, and whether conda takes it.

The verdict is that of conda 26.7 with its default solver (CEP 29, and what conda does where it differs): what
conda takes and what it makes of it were tried. Offsets count in the value of the item.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

FIELDS = frozenset(
    (
        *("build", "build_number", "channel", "extras", "features", "flags", "fn", "license", "license_family"),
        *("md5", "name", "namespace", "sha256", "subdir", "track_features", "url", "version", "when"),
    )
)
ARCHIVES = (".conda", ".tar.bz2")
_BRACKETS = re.compile(r"\[.*\]", re.DOTALL)
_PARENTHESES = re.compile(r"\(.*\)", re.DOTALL)
_FIELD = re.compile(r"([A-Za-z0-9_-]+?)=([\"']?)([^'\"]*?)\2(?:[, ]|$)")
_NAME_END = re.compile(r"[ =<>!~]")
_NAME = re.compile(r"(?:[a-z0-9]|_(?!_)|__(?=[a-z0-9]))[a-z0-9]*(?:[._-][a-z0-9]+)*[._-]?")
_GLOB_NAME = re.compile(r"[a-z0-9._*^$-]*\*[a-z0-9._*^$-]*|\^.*\$")
_BUILD = re.compile(r"(?<![=!|,<>~])[ =]([^-=,|<>~ ][^-=,|<>~]*)$")
_OPERATOR = re.compile(r"(==|!=|<=|>=|~=|=|<|>)(?![=<>!~])(\S+)")
_VERSION = re.compile(r"[*.+!_0-9a-z]+")
_ATOM = re.compile(r"[^,|()]+")


class Part(NamedTuple):
    """A part of a spec, and where it stands in it."""

    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


NOWHERE = Part("", 0)


@dataclass(frozen=True, slots=True)
class SpecProblem:
    """Why conda does not take a spec, where, and what to write instead where there is one right answer."""

    start: int
    end: int
    message: str
    replacement: str | None = None


@dataclass(frozen=True, slots=True)
class MatchSpec:
    """A spec apart from its place. `name` is in lower case; `version` is written with its operators.

    `relation` says how the version is meant: "" none, "prefix" (`=1.2`), "exact" (`==1.2`, and `=1.2=build`),
    "range" everything else.
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


@lru_cache(maxsize=1 << 16)
def parse(text: str) -> MatchSpec:
    """The spec that an item says. Never fails: what conda does not take has a `problem`."""
    if text.endswith("@") and len(text) > 1:
        return MatchSpec(text, name="*", name_part=Part(text[:-1], 0))
    end = text.find("#")
    body = text if end < 0 else text[:end]
    condition = body.find(" if ")
    body = (body if condition < 0 else body[:condition]).rstrip()
    offset = len(body) - len(body.lstrip())
    body = body[offset:]
    if body.endswith(ARCHIVES):
        return _archive(text, body, offset)
    return _fields(text, body, offset)


def _archive(text: str, body: str, offset: int) -> MatchSpec:
    stem = re.split(r"[/\\]", body)[-1].rsplit(".tar.bz2")[0].rsplit(".conda")[0]
    parts = stem.rsplit("-", 2)
    if len(parts) < 3:
        return _invalid(text, offset, offset + len(body), "a package file is named `name-version-build`")
    start = offset + body.rindex(stem)
    return MatchSpec(text, name=parts[0].lower(), name_part=Part(parts[0], start), archive=True)


def _fields(text: str, body: str, offset: int) -> MatchSpec:
    brackets: Part | None = None
    fields: list[tuple[str, str]] = []
    found = _BRACKETS.search(body)
    if found:
        brackets = Part(found.group(), offset + found.start())
        for field in _FIELD.finditer(found.group()[1:-1]):
            key, _, value = field.groups()
            start = brackets.start + 1 + field.start()
            if key not in FIELDS:
                return _invalid(text, start, start + len(key), f"`{key}` is no field of a match spec")
            if not value:
                return _invalid(text, start, start + len(key) + 1, f"`{key}` has no value")
            fields.append((key, value))
        body = body[: found.start()] + " " * len(found.group()) + body[found.end() :]
    found = _PARENTHESES.search(body)
    if found:
        if body[found.end() :].strip() and not body[found.end() :].strip()[0].isalnum():
            return _invalid(text, offset + found.start(), offset + len(body), "conda cannot read this version")
        body = body[: found.start()] + " " * len(found.group()) + body[found.end() :]
    body = body.rstrip()
    parts = body.rsplit(":", 2)
    channel = namespace = None
    start = len(body) - len(parts[-1])
    if len(parts) == 3:
        channel = Part(parts[0], offset) if parts[0] else None
    if len(parts) > 1 and parts[-2]:
        namespace = Part(parts[-2], offset + start - 1 - len(parts[-2]))
    named = MatchSpec(text, channel=channel, namespace=namespace, brackets=brackets, fields=tuple(fields))
    return _name(named, parts[-1], offset + start)


def _name(spec: MatchSpec, rest: str, start: int) -> MatchSpec:
    lead = len(rest) - len(rest.lstrip())
    found = _NAME_END.search(rest, lead)
    end = found.start() if found else len(rest)
    name = rest[lead:end]
    name_part = Part(name, start + lead)
    lower = name.lower()
    if not name or (lead and spec.channel):
        message = "no package name stands here" if not name else "a blank stands before the package name"
        return _invalid(spec.text, start, start + max(end, 1), message, spec)
    if not _NAME.fullmatch(lower) and not _GLOB_NAME.fullmatch(lower):
        return _bad_name(spec, name_part)
    spec = replace(spec, name=lower, name_part=name_part)
    version = rest[end:]
    if len(version.strip()) < 1 or (len(version) == 1):
        return spec  # conda reads `numpy=` and `numpy>` as `numpy`
    return _version(spec, version, start + end)


def _bad_name(spec: MatchSpec, name: Part) -> MatchSpec:
    text = name.text
    if spec.namespace and text.startswith("//"):
        message = "conda cannot install from an address like this; it belongs into the `pip` section"
        return _invalid(spec.text, 0, len(spec.text), message, spec)
    if text.startswith("-") and len(text) > 1 and not text[1].isdigit():
        message = "this is an option of pip; it belongs into the `pip` section"
        return _invalid(spec.text, 0, len(spec.text), message, spec)
    if text.endswith(";"):
        message = "conda has no environment markers; this belongs into the `pip` section"
        return _invalid(spec.text, name.end - 1, len(spec.text), message, spec)
    if text.endswith(",") and len(text) > 1 and name.end >= len(spec.text):
        return _invalid(spec.text, name.end - 1, name.end, "nothing follows the comma", spec, spec.text[: name.end - 1])
    return _invalid(
        spec.text, name.start, max(name.end, name.start + 1), f"`{text}` is no name of a conda package", spec
    )


def _version(spec: MatchSpec, rest: str, start: int) -> MatchSpec:
    """`rest` begins with the blank or the operator behind the name."""
    lead = len(rest) - len(rest.lstrip())
    written = rest[lead:].rstrip()
    start += lead
    found = _BUILD.search(written)
    build = None
    version = written
    if found and found.start() > 0:
        build = Part(found.group(1).strip(), start + found.start(1))
        version = written[: found.start()].rstrip()
    spec = replace(spec, version=Part(version, start), build=build)
    compact = version.replace(" ", "")
    if compact.startswith("="):
        inner = compact[1:]
        if compact.startswith("==") and build is None:
            if not compact[2:]:
                return _invalid(spec.text, start, start + len(version), "no version follows the operator", spec)
            compact = compact[2:]
        elif not any(mark in inner for mark in "=,|"):
            compact = inner if build is not None or inner.endswith("*") else inner + "*"
    problem = _judge(compact, version)
    if problem is None:
        return spec
    message, replacement = problem
    whole = None
    if replacement is not None:
        whole = spec.text[:start] + replacement + spec.text[start + len(version) :]
    return _invalid(spec.text, start, start + len(version), message, spec, whole)


def _judge(compact: str, written: str) -> tuple[str, str | None] | None:
    """Why conda cannot read a version, and what it should be; None where it can."""
    atoms = _ATOM.findall(compact)
    if not atoms or compact[0] in ",|)" or compact[-1] in ",|(" or re.search(r"[,|]{2}", compact):
        trimmed = re.sub(r"^[,|\s]+|[,|\s]+$", "", re.sub(r"([,|])\s*[,|]+", r"\1", written))
        return "a version is missing beside the comma", trimmed if trimmed and trimmed != written else None
    for atom in atoms:
        problem = _judge_atom(atom, written)
        if problem:
            return problem
    return None


def _judge_atom(atom: str, written: str) -> tuple[str, str | None] | None:
    if atom[0] == "^" or atom[-1] == "$":
        return None if atom[0] == "^" and atom[-1] == "$" else (f"`{atom}` is no version of conda", None)
    if atom[0] in "=<>!~":
        found = _OPERATOR.fullmatch(atom)
        if not found:
            return _bad_operator(written)
        operator, version = found.groups()
        if operator == "~=" and version.endswith(".*"):
            return "`~=` takes no `.*`", written.replace(".*", "")
        version = version[:-2] if version.endswith(".*") else version.rstrip("*")
    elif atom == "*":
        return None
    else:
        version = atom.rstrip("*")
        if "*" in version:
            return None
        version = version[:-1] if version.endswith(".") and atom.endswith("*") else version
    if not version:
        return "no version follows the operator", None
    return _bad_version(version, written)


def _bad_operator(written: str) -> tuple[str, str | None]:
    swapped = re.sub(r"=([<>])=?", r"\1=", written)
    if swapped != written:
        return "the operator is written the other way round", swapped
    if re.match(r"[~^]\s*\d", written):
        return f"`{written[0]}` is no operator of conda; `~=` is", None
    return "conda does not know this operator", None


def _bad_version(version: str, written: str) -> tuple[str, str | None] | None:
    plain = version.lower()
    if "-" in plain and "_" not in plain:
        plain = plain.replace("-", "_")
    if not _VERSION.fullmatch(plain):
        if re.search(r"[<>=!~]", version):
            joined = re.sub(r"(?<=[\w.*])\s+(?=[<>!=~])", ",", written)
            return "a comma is missing between the two conditions", joined if joined != written else None
        if ";" in version:
            return "conda has no environment markers; this belongs into the `pip` section", None
        return f"`{version}` is no version", None
    epoch, _, rest = plain.rpartition("!")
    if "!" in epoch or (epoch and not epoch.isdigit()) or rest.count("+") > 1:
        return f"`{version}` is no version", None
    if any(not part for part in re.split(r"[.+]", rest.rstrip("_"))):
        return f"`{version}` has an empty part", re.sub(r"\.{2,}", ".", written) if ".." in written else None
    return None


def _invalid(
    text: str, start: int, end: int, message: str, spec: MatchSpec | None = None, replacement: str | None = None
) -> MatchSpec:
    return replace(spec or MatchSpec(text), problem=SpecProblem(start, end, message, replacement))
