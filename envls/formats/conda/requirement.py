"""One line of the `pip` section: where its parts stand, and whether pip takes it.

The grammar is that of a requirements file (pip 26.3, tried): what stands before the first option is a requirement of
PEP 508, an address or a path. Most lines are read by one pattern; `packaging` is asked about a line only where that
pattern says no, and only its verdict counts. Offsets count in the value of the item.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from envls.formats.conda import pipaddress, pipoption, whynot
from envls.formats.conda.parts import NOWHERE, Part, SpecProblem
from envls.formats.conda.pipoption import OPTIONS, PER_REQUIREMENT, PipOption
from envls.url import SCHEME, Url

_WORD = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_CLAUSE = (
    r"(?:(?:==|!=)[ \t]*v?(?:\d+!)?\d(?:[\w+!-]|\.(?!\*))*(?:\.\*)?|(?:<=|>=|<|>)[ \t]*v?(?:\d+!)?\d[\w.!-]*"
    r"|~=[ \t]*v?\d+\.\d[\w.!-]*|===[ \t]*\S+)"
)
_PLAIN = re.compile(
    rf"(?P<name>{_WORD})[ \t]*(?:\[(?P<extras>[ \t]*(?:{_WORD}(?:[ \t]*,[ \t]*{_WORD})*)?[ \t]*)\])?[ \t]*"
    rf"(?P<version>{_CLAUSE}(?:[ \t]*,[ \t]*{_CLAUSE})*)?[ \t]*",
    re.ASCII,
)
_CONDITION = (
    r"(?:python_version|python_full_version|sys_platform|platform_system|platform_machine|os_name|implementation_name"
    r"|platform_python_implementation)[ \t]*(?:[<>]=?|[=!~]=|not[ \t]+in\b|in\b)[ \t]*(?:\"[^\"\\]*\"|'[^'\\]*')"
)
_MARKER = re.compile(rf";[ \t]*{_CONDITION}(?:[ \t]+(?:and|or)[ \t]+{_CONDITION})*[ \t]*")
_NUMBERS = r"(?:==|>=|<=|!=|>|<)[ \t]*\d+(?:\.\d+)*(?:(?:a|b|rc|\.post|\.dev)\d+)?"
_ORDINARY = re.compile(rf"{_NUMBERS}(?:[ \t]*,[ \t]*{_NUMBERS})*", re.ASCII)  # the versions of most lines
_CLAUSES = re.compile(r"\s*(===|==|!=|<=|>=|~=|<|>)\s*([^,\s;]+)\s*")
_COMMENT = re.compile(r"(?:^|\s)#")
_AT = re.compile(rf"(?P<name>{_WORD})[ \t]*(?:\[[^\]]*\])?[ \t]*@[ \t]*(?=[^\s;])")
_MARKER_OF_ADDRESS = re.compile(r"[ \t]+;|;[ \t]+|;$")
_NPM = re.compile(r"v?(\d[\w.]*)|latest")


@dataclass(frozen=True, slots=True)
class PipLine:
    """A line apart from its place; `kind` is "requirement", "option", "address", "path", "lines" or "" (nothing on it).

    `name` is normalised as PEP 503 says, and "" where the line names no package; `version` is the specifier set as it
    is written. A wheel's file name tells name and version. `ignored` is what pip reads over in silence: a requirement
    behind an option, an option behind a requirement, a second one where pip takes the first. "lines" are several in one
    item, as in a block: pip reads each, and nothing but their problem is told here.
    """

    text: str
    kind: str = "requirement"
    name: str = ""
    name_part: Part = NOWHERE
    extras: tuple[str, ...] = ()
    version: Part | None = None
    marker: Part | None = None
    options: tuple[PipOption, ...] = ()
    value: Part | None = None
    url: Url | None = None
    wheel_version: str = ""
    ignored: Part | None = None
    problem: SpecProblem | None = field(default=None)

    @property
    def option(self) -> str:
        """The long form of the first option of an option line; its value is `value`."""
        return self.options[0].name if self.kind == "option" and self.options else ""

    @property
    def continued(self) -> bool:
        """Whether pip joins the next line of the section to this one."""
        return self.text.endswith("\\") and not self.text.lstrip().startswith("#")

    @property
    def pinned(self) -> str:
        """The version of a `==` pin without glob; "" for everything else."""
        if self.version is None:
            return self.wheel_version
        found = _CLAUSES.fullmatch(self.version.text)
        return found.group(2) if found and found.group(1) in ("==", "===") and "*" not in found.group(2) else ""

    def addresses(self, option: str) -> tuple[Url, ...]:
        """The addresses that an option line gives with `option`."""
        given = self.options if self.kind == "option" and not self.problem else ()
        return tuple(Url(one.meant) for one in given if one.name == option and SCHEME.match(one.meant))


@lru_cache(maxsize=1 << 16)
def normalised(name: str) -> str:
    """The name of a package as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def indexes(lines: Iterable[PipLine]) -> tuple[Url | None, tuple[Url, ...]]:
    """The index that lines with options leave pip with, None for the configured one, and the further ones.

    The last `--index-url` counts, and takes away those that stand above it (pip 26.3, tried).
    """
    index: Url | None = None
    extra: list[Url] = []
    for line in lines:
        if given := line.addresses("--index-url"):
            index, extra = given[-1], []
        extra += line.addresses("--extra-index-url")
    return index, tuple(extra)


LONGEST = 20_000
"""Characters of a line: a package with the hashes of all its files needs some."""


@lru_cache(maxsize=1 << 16)
def parse(text: str) -> PipLine:
    """What a line of the `pip` section says. Never fails: what pip does not take has a `problem`."""
    if len(text) > LONGEST:
        line = PipLine(text, kind="address")
        return _invalid(line, 0, len(text), f"longer than {LONGEST:,} characters; too long to be read")
    if "\n" in text and "\n" in text.strip():
        return _several(text)
    body = text.rstrip("\\")  # the next line is joined there
    comment = _COMMENT.search(body)
    body = (body[: comment.start()] if comment else body).rstrip()
    start = len(body) - len(body.lstrip())
    if start == len(body):
        return PipLine(text, kind="")
    if ordinary := _ordinary(text, body, start):
        return ordinary
    if body[start] == "-":
        return _with_options(PipLine(text, kind="option"), body, start)
    behind = body.find(" -", start) + 1
    line = _required(text, body[:behind].rstrip() if behind else body, start)
    return _with_options(line, body, behind) if behind and not line.problem else line


def _several(text: str) -> PipLine:
    at = 0
    for one in text.splitlines(keepends=True):
        if problem := parse(one.rstrip("\r\n")).problem:
            return _invalid(PipLine(text, kind="lines"), problem.start + at, problem.end + at, problem.message)
        at += len(one)
    return PipLine(text, kind="lines")


def _ordinary(text: str, body: str, start: int) -> PipLine | None:
    """A requirement of the usual form; None for every other line, whether pip takes it or not."""
    plain = _PLAIN.match(body, start)
    if not plain:
        return None
    end = plain.end()
    if end < len(body) and not _MARKER.fullmatch(body, end):
        return None
    if plain["version"] and not _ORDINARY.fullmatch(plain["version"].rstrip()):
        return None
    if plain["version"] is None and pipaddress.is_path(plain.group().rstrip()):
        return None
    line = _requirement(text, plain)
    return replace(line, marker=Part(body[end + 1 :].strip(), end + 1)) if end < len(body) else line


def _requirement(text: str, found: re.Match[str]) -> PipLine:
    extras = tuple(extra.strip() for extra in (found["extras"] or "").split(",") if extra.strip())
    version = Part(found["version"].rstrip(), found.start("version")) if found["version"] else None
    name = Part(found["name"], found.start("name"))
    return PipLine(text, name=normalised(name.text), name_part=name, extras=extras, version=version)


def _required(text: str, body: str, start: int) -> PipLine:
    """What stands before the options: an address, a path, or a requirement of PEP 508."""
    at = _AT.match(body, start)
    if at or SCHEME.match(body, start) or body.startswith("file:", start) or pipaddress.repository(body[start:]):
        return _address(text, body, start, at)
    required = body[start:].partition(";")[0].rstrip()
    if pipaddress.is_path(required):
        line = PipLine(text, kind="path", value=Part(required, start))
        line = _with_wheel(line, required)
        line = replace(line, problem=pipaddress.bad_path(required, start))
        return _with_marker(line, body, body.find(";", start))
    return _of_pep_508(text, body, start)


def _of_pep_508(text: str, body: str, start: int) -> PipLine:
    plain = _PLAIN.match(body, start)
    line = _requirement(text, plain) if plain else PipLine(text)
    marker = body.find(";", start)
    if marker >= 0:
        line = replace(line, marker=Part(body[marker + 1 :].strip(), marker + 1))
        body = body if body[marker + 1 :].strip() else body[:marker].rstrip()  # pip takes an empty one
    if pipaddress.VARIABLE.search(body) or rejected(body[start:]) is None:
        return line
    if start >= len(body):
        return _invalid(line, start, len(text), "no name of a package stands here")
    end = len(body[: plain.end()].rstrip()) if plain else start
    version = line.version.start if line.version else end
    return replace(line, problem=whynot.why(whynot.Read(body, start, version, end, bool(line.name))))


def _with_marker(line: PipLine, body: str, at: int) -> PipLine:
    """The line with the marker that stands behind the semicolon `at`, if there is one."""
    if at < 0:
        return line
    marker = Part(body[at + 1 :].strip(), at + 1)
    line = replace(line, marker=marker)
    if line.problem or not marker.text or not rejected(f"x;{marker.text}"):
        return line
    return replace(line, problem=whynot.why(whynot.Read(body, 0, at, at, named=True)))


def _with_wheel(line: PipLine, file: str) -> PipLine:
    """The line with what the file name of a wheel tells."""
    told = pipaddress.wheel(file)
    if told is None:
        return line
    if not line.name:
        place = max(line.text.find(told[0]), 0)
        line = replace(line, name=normalised(told[0]), name_part=Part(told[0], place))
    return replace(line, wheel_version=told[1])


def _address(text: str, body: str, start: int, at: re.Match[str] | None) -> PipLine:
    begin = at.end() if at else start
    found = _MARKER_OF_ADDRESS.search(body, begin)
    written = body[begin : found.start() if found else len(body)].rstrip()
    line = PipLine(text, kind="address", value=Part(written, begin), url=Url(written))
    if at:
        line = replace(line, name=normalised(at["name"]), name_part=Part(at["name"], at.start("name")))
    line = _with_wheel(line, written)
    whole = body[start:]
    if at and pipaddress.repository(whole):  # `git@host:path` reads as a package called git
        return replace(line, problem=pipaddress.bad_address(whole, start))
    if at and (version := _NPM.fullmatch(written)):
        wanted = body[: at.end("name")] + (f"=={version.group(1)}" if version.group(1) else "")
        return _invalid(line, at.end("name"), len(body), "an address stands behind `@`; a version behind `==`", wanted)
    if problem := pipaddress.bad_address(written, begin):
        wanted_address = problem.replacement
        wanted_line = None
        if wanted_address is not None and not (at and " @ " in wanted_address):
            wanted_line = body[:begin] + wanted_address + body[begin + len(written) :]
        return replace(line, problem=replace(problem, replacement=wanted_line))
    return _with_marker(line, body, body.index(";", found.start()) if found else -1)


def _with_options(line: PipLine, body: str, start: int) -> PipLine:
    """The line with the options that begin at `start`, and with what pip reads over."""
    options, problem = pipoption.read(body, start)
    line = replace(line, options=options, problem=problem)
    if line.kind == "option" and options:
        value = options[0].value
        line = replace(line, value=value)
        if value and OPTIONS.get(options[0].name) == "url" and SCHEME.match(options[0].meant):
            line = replace(line, url=Url(options[0].meant))
    if problem:
        return line
    for option in options:
        if option.name == "--editable" and line.kind != "option":
            return _invalid(line, *option.part, f"`{option.written.text}` needs an item of its own")
        wrong = _bad_target(option)
        if wrong and option.value:
            wanted = wrong.replacement
            if wanted is not None:
                wanted = body[: option.value.start] + wanted + body[option.value.end :]
            return replace(line, problem=replace(wrong, replacement=wanted))
    return replace(line, ignored=_read_over(line.kind, options, body))


def _bad_target(option: PipOption) -> SpecProblem | None:
    """Why pip does not find what an option points to."""
    value, kind = option.value, OPTIONS.get(option.name)
    if value is None or kind not in ("file", "path"):
        return None
    if kind == "path":
        return pipaddress.bad_editable(value.text, option.meant, value.start)
    if option.meant.startswith("file:") and option.meant[5:7] != "//":
        message = "pip takes a path here, without `file:`"
        return SpecProblem(value.start, value.start + 5, message, value.text.replace("file:", "", 1))
    return None if SCHEME.match(option.meant) else pipaddress.bad_option_path(value.text, option.meant, value.start)


def _read_over(kind: str, options: tuple[PipOption, ...], body: str) -> Part | None:
    """The first thing that pip does nothing with. Of several editables or files of one line it takes the first."""
    names = [option.name for option in options]
    first = next((name for name in ("--editable", "--requirement", "--constraint") if name in names), "")
    if kind != "option":
        first, taken = "", frozenset(PER_REQUIREMENT)
    elif first:
        taken = frozenset(("--config-settings",)) if first == "--editable" else frozenset()
    else:
        first, taken = "--find-links", frozenset(OPTIONS) - {"--find-links"}
    waiting = bool(first)
    for number, option in enumerate(options):
        if waiting and option.name == first:
            waiting = False
        elif option.name not in taken:
            last = number
            while not option.name and last + 1 < len(options) and not options[last + 1].name:
                last += 1
            start = option.written.start
            return Part(body[start : options[last].part[1]], start)
    return None


def rejected(requirement: str) -> str | None:
    """Why PEP 508, as `packaging` has it, does not take a requirement; None where it does."""
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 (slow, and seldom needed)

    try:
        Requirement(requirement)
    except InvalidRequirement as error:
        return str(error).splitlines()[0]
    return None


def _invalid(line: PipLine, start: int, end: int, message: str, replacement: str | None = None) -> PipLine:
    return replace(line, problem=SpecProblem(start, max(end, start + 1), message, replacement))
