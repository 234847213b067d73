"""One line of the `pip` section: where its parts stand, and whether pip takes it.

The grammar is that of a requirements file (pip 26.3, tried): a requirement of PEP 508, an option, an address or
a path. Most lines are read by one pattern; `packaging` is asked about a line only where that pattern says no,
and only its verdict counts. Offsets count in the value of the item.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from envls.formats.conda import matchspec
from envls.formats.conda.matchspec import NOWHERE, Part, SpecProblem
from envls.url import SCHEME, Url

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_CLAUSE = r"(?:(?:==|!=)\s*v?(?:\d+!)?\d(?:[\w+!-]|\.(?!\*))*(?:\.\*)?|(?:<=|>=|<|>)\s*v?(?:\d+!)?\d[\w.!-]*|~=\s*v?\d+\.\d[\w.!-]*|===\s*\S+)"
_PLAIN = re.compile(
    rf"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[(?P<extras>[\w\s,.-]*)\])?\s*"
    rf"(?P<version>{_CLAUSE}(?:\s*,\s*{_CLAUSE})*)?\s*"
)
_CONDITION = (
    r"(?:python_version|python_full_version|sys_platform|platform_system|platform_machine|os_name|implementation_name"
    r"|platform_python_implementation)\s*(?:[<>]=?|[=!~]=|not\s+in\b|in\b)\s*(?:\"[^\"\\]*\"|'[^'\\]*')"
)
_MARKER = re.compile(rf";\s*{_CONDITION}(?:\s+(?:and|or)\s+{_CONDITION})*\s*")
_NUMBERS = r"(?:==|>=|<=|!=|>|<)\s*\d+(?:\.\d+)*(?:(?:a|b|rc|\.post|\.dev)\d+)?"
_ORDINARY = re.compile(rf"{_NUMBERS}(?:\s*,\s*{_NUMBERS})*")  # the versions of most lines
_CLAUSES = re.compile(r"\s*(===|==|!=|<=|>=|~=|<|>)\s*([^,\s;]+)\s*")
_COMMENT = re.compile(r"(?:^|\s)#")
_OPTION = re.compile(r"(-[A-Za-z]|--[A-Za-z][A-Za-z0-9-]*)(?:\s*=\s*|\s+|(?<=^-[a-zA-Z])|$)(.*)", re.DOTALL)
_ADDRESS = re.compile(r"(?:(?:git|hg|svn|bzr)\+)?[A-Za-z][A-Za-z0-9+.-]*://\S+|file:\S+", re.DOTALL)
_AT = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*@\s*(?P<url>\S+)")
_REMOTE = re.compile(r"([\w.-]+):([\w./~-]+)")
_WHEEL = re.compile(r"([A-Za-z0-9._]+?)-(\d[A-Za-z0-9._!+]*)(?:-\d\w*)?-\w+(?:\.\w+)*-\w+(?:\.\w+)*-\w+(?:\.\w+)*\.whl")

# What pip reads on a line of a requirements file, with what its value is; "" for a switch.
OPTIONS = {
    "--index-url": "url", "--extra-index-url": "url", "--no-index": "", "--constraint": "file",
    "--requirement": "file", "--editable": "path", "--find-links": "url", "--no-binary": "names",
    "--only-binary": "names", "--prefer-binary": "", "--require-hashes": "", "--no-require-hashes": "", "--pre": "",
    "--all-releases": "names", "--only-final": "names", "--trusted-host": "host", "--use-feature": "word",
}  # fmt: skip
SHORT = {
    "-i": "--index-url",
    "--pypi-url": "--index-url",
    "-c": "--constraint",
    "-r": "--requirement",
    "-e": "--editable",
    "-f": "--find-links",
}
PER_REQUIREMENT = ("--hash", "--config-settings", "--config-setting", "-C")
_TOKEN = re.compile(r"(?:[^\s'\"]|'[^']*'|\"[^\"]*\")+|\S+")
_HASH = re.compile(r"sha(?:256|384|512):\S+")


@dataclass(frozen=True, slots=True)
class PipLine:
    """A line apart from its place; `kind` is "requirement", "option", "address", "path" or "" (nothing on it).

    `name` is normalised as PEP 503 says, and "" where the line names no package; `version` is the specifier set as it
    is written. `option` is the long form, `value` what stands behind it. A wheel's file name tells name and version.
    `ignored` is what pip reads over in silence: a requirement behind an option, or an option behind a requirement.
    """

    text: str
    kind: str = "requirement"
    name: str = ""
    name_part: Part = NOWHERE
    extras: tuple[str, ...] = ()
    version: Part | None = None
    marker: Part | None = None
    option: str = ""
    value: Part | None = None
    url: Url | None = None
    wheel_version: str = ""
    ignored: Part | None = None
    problem: SpecProblem | None = field(default=None)

    @property
    def pinned(self) -> str:
        """The version of a `==` pin without glob; "" for everything else."""
        if self.version is None:
            return self.wheel_version
        found = _CLAUSES.fullmatch(self.version.text)
        return found.group(2) if found and found.group(1) in ("==", "===") and "*" not in found.group(2) else ""


@lru_cache(maxsize=1 << 16)
def normalised(name: str) -> str:
    """The name of a package as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


LONGEST = 20_000
"""Characters of a line: a package with the hashes of all its files needs some."""


@lru_cache(maxsize=1 << 16)
def parse(text: str) -> PipLine:
    """What a line of the `pip` section says. Never fails: what pip does not take has a `problem`."""
    if len(text) > LONGEST:
        line = PipLine(text, kind="address")
        return _invalid(line, 0, len(text), f"longer than {LONGEST:,} characters; too long to be read")
    comment = _COMMENT.search(text)
    body = (text[: comment.start()] if comment else text).rstrip()
    start = len(body) - len(body.lstrip())
    if not body.strip():
        return PipLine(text, kind="")
    plain = _PLAIN.match(body, start)
    if plain and plain.end() == len(body) and (plain["version"] or not _looks_like_path(plain.group())):
        line = _requirement(text, plain)
        if line.version is None or _ORDINARY.fullmatch(line.version.text) or rejected(body[start:]) is None:
            return line
        message, where, wanted = _why(line, body, start, line.version.start)
        return _invalid(line, *where, message, wanted)
    if plain and body[plain.end() : plain.end() + 1] == ";" and _MARKER.fullmatch(body, plain.end()):
        line = _requirement(text, plain)
        if line.version is None or _ORDINARY.fullmatch(line.version.text):
            marker = body[plain.end() + 1 :]
            return replace(line, marker=Part(marker.strip(), plain.end() + 1))
    if body[start] == "-":
        return _option(text, body, start)
    at = _AT.match(body, start)
    address = _ADDRESS.match(body, start)
    if at or address:
        return _address(text, body, start, at)
    if _looks_like_path(body[start:]):
        return PipLine(text, kind="path", value=Part(body[start:], start))
    return _odd(text, body, start, plain)


def _looks_like_path(body: str) -> bool:
    return (
        body.startswith((".", "/", "~", "\\"))
        or bool(re.match(r"[A-Za-z]:[\\/]", body))
        or (
            body.split(" ")[0].split(";")[0].endswith((".whl", ".zip", ".tar.gz"))
            or "/" in re.split(r";| @| -", body, maxsplit=1)[0]
        )
    )


def _requirement(text: str, found: re.Match[str]) -> PipLine:
    extras = tuple(extra.strip() for extra in (found["extras"] or "").split(",") if extra.strip())
    version = Part(found["version"].rstrip(), found.start("version")) if found["version"] else None
    name = Part(found["name"], found.start("name"))
    return PipLine(text, name=normalised(name.text), name_part=name, extras=extras, version=version)


def _option(text: str, body: str, start: int) -> PipLine:
    found = _OPTION.match(body[start:])
    if not found:
        return _invalid(PipLine(text, kind="option"), start, len(body), "pip knows no such option")
    written = found.group(1)
    option = _long_form(written)
    rest = found.group(2).strip()
    token = _TOKEN.match(rest) if OPTIONS.get(option, "-") else None
    value = Part(token.group(), start + found.start(2)) if token else None
    line = PipLine(text, kind="option", option=option, value=value)
    end = start + len(written)
    if option in PER_REQUIREMENT:
        return _invalid(line, start, end, f"`{written}` stands behind a requirement, not on a line of its own")
    if option not in OPTIONS:
        message = f"pip does not take `{written}` in a requirements file; only on its command line"
        return _invalid(line, start, end, message)
    if OPTIONS[option] and value is None:
        return _invalid(line, start, end, f"`{written}` needs a value")
    if value and OPTIONS[option] == "url" and SCHEME.match(value.text):
        line = replace(line, url=Url(value.text))
    if value and OPTIONS[option] == "file" and value.text.startswith("file:") and value.text[5:7] != "//":
        bare = body[: value.start] + body[value.start + 5 :]
        return _invalid(line, value.start, value.start + 5, "pip takes a path here, without `file:`", bare)
    return _behind(line, body, value.end if value else end, after_option=True)


def _behind(line: PipLine, body: str, start: int, *, after_option: bool) -> PipLine:
    """The line with what stands from `start` on: options that pip knows, and what it reads over."""
    tokens = list(_TOKEN.finditer(body, start))
    while tokens:
        token = tokens.pop(0)
        written, equals, value = token.group().partition("=")
        if not written.startswith("-"):
            if after_option and line.ignored is None:
                line = replace(line, ignored=Part(body[token.start() :].split(" -")[0].rstrip(), token.start()))
            continue
        option = _long_form(written)
        if option not in OPTIONS and option not in PER_REQUIREMENT:
            message = f"pip does not take `{written}` in a requirements file; only on its command line"
            return _invalid(line, token.start(), token.start() + len(written), message)
        taken = OPTIONS.get(option, "value")
        if taken and not equals and tokens:
            value = tokens.pop(0).group()
        if option == "--hash" and not _HASH.fullmatch(value):
            message = "pip takes a hash as `--hash=sha256:…`, `sha384` or `sha512`"
            return _invalid(line, token.start(), token.end(), message)
        if not after_option and option in OPTIONS and line.ignored is None:
            line = replace(line, ignored=Part(token.group(), token.start()))
    return line


def _long_form(written: str) -> str:
    """pip takes an unambiguous beginning of an option's name."""
    if written in SHORT or written in OPTIONS or written in PER_REQUIREMENT:
        return SHORT.get(written, written)
    fitting = [option for option in OPTIONS if option.startswith(written)] if written.startswith("--") else []
    return fitting[0] if len(fitting) == 1 else written


def _address(text: str, body: str, start: int, at: re.Match[str] | None) -> PipLine:
    url_start = at.start("url") if at else start
    url = Url(body[url_start:].split(" ;")[0].split()[0])
    if at and not SCHEME.search(url.revealed) and not url.revealed.startswith("file:"):
        remote = _REMOTE.fullmatch(url.revealed) if at["name"] == "git" else None
        wanted = f"git+ssh://git@{remote.group(1)}/{remote.group(2)}" if remote else None
        line = PipLine(text, kind="address", name_part=Part(at["name"], at.start("name")))
        return _invalid(line, start, len(body), "an address begins with a scheme, such as `git+ssh://`", wanted)
    line = PipLine(text, kind="address", value=Part(url.revealed, url_start), url=url)
    wheel = _WHEEL.match(re.split(r"[?#]", url.revealed)[0].rsplit("/", 1)[-1].replace("%2B", "+"))
    if at:
        line = replace(line, name=normalised(at["name"]), name_part=Part(at["name"], at.start("name")))
    elif wheel:
        place = body.find(wheel.group(1), start)
        line = replace(line, name=normalised(wheel.group(1)), name_part=Part(wheel.group(1), max(place, 0)))
    return replace(line, wheel_version=wheel.group(2)) if wheel else line


def _odd(text: str, body: str, start: int, plain: re.Match[str] | None) -> PipLine:
    """A line that the pattern does not read: a marker, options behind it, something rare, or a mistake."""
    requirement = re.split(r"\s--?[A-Za-z]", body, maxsplit=1)[0].rstrip()
    line = _requirement(text, plain) if plain else PipLine(text)
    reason = rejected(requirement[start:])
    marker = requirement.find(";", start)
    if marker >= 0:
        line = replace(line, marker=Part(requirement[marker + 1 :].strip(), marker + 1))
    if reason is None:
        return _behind(line, body, len(requirement), after_option=False)
    end = len(body[: plain.end()].rstrip()) if plain else start
    message, where, wanted = _why(line, body, start, end)
    return _invalid(line, *where, message, wanted)


def rejected(requirement: str) -> str | None:
    """Why PEP 508, as `packaging` has it, does not take a requirement; None where it does."""
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 (slow, and seldom needed)

    try:
        Requirement(requirement)
    except InvalidRequirement as error:
        return str(error).splitlines()[0]
    return None


Why = tuple[str, tuple[int, int], str | None]


def _why(line: PipLine, body: str, start: int, end: int) -> Why:
    """What is wrong with a requirement, where, and what it should be; `end` is where what pip can read ends."""
    here = (end if line.name else start, len(body))
    wanted: str | None
    if "::" in body:
        spec = matchspec.parse(body.strip())
        wanted = (f"{spec.name}=={spec.pinned}" if spec.pinned else spec.name) if not spec.problem else None
        return "a channel belongs to conda; pip knows none", (start, body.index("::") + 2), wanted
    if body.startswith("pip install ", start):
        return "only what stands behind `pip install` is wanted", (start, start + 11), body[start + 12 :].strip()
    if body[start] in "'\"" and body[-1] == body[start]:
        return "the quotes inside the quotes are a part of the name for pip", here, body[start + 1 : -1]
    if line.marker and rejected(body[start : line.marker.start - 1]) is None:
        quoted = re.sub(r"([<>=!~]=?|===)\s*(?![\s'\"<>=])([\w.]+)", r"\1 '\2'", line.marker.text)
        wanted = body[: line.marker.start] + " " + quoted
        return "pip cannot read the marker; its values need quotes", (line.marker.start, len(body)), wanted
    return _why_version(line, body, end, here)


def _why_version(line: PipLine, body: str, end: int, here: tuple[int, int]) -> Why:
    rest = body[end:].lstrip()
    place = len(body) - len(rest)
    wanted: str | None
    if line.version and place > line.version.start and (joined := re.sub(r"\s+(?:and|&&?)\s+", ",", body)) != body:
        return "a comma joins two conditions", here, joined
    if line.version and place > line.version.start and rest[:1] in "<>=!~" and rest:
        if rest[0] == "=" and rest[1:2] not in ("=", "<", ">"):
            return "a build string is conda's; pip knows none", (place, len(body)), body[:end]
        return "a comma is missing between the two conditions", here, body[:end] + "," + rest
    if swapped := re.match(r"=\s*([<>])=?", rest):
        wanted = body[:place] + swapped.group(1) + "=" + rest[swapped.end() :]
        return "the operator is written the other way round", (place, place + swapped.end()), wanted
    if re.match(r"=(?!=)", rest):
        pinned = re.fullmatch(r"=\s*([^=\s,;]+)(?:=[\w.*]+)?", rest)
        wanted = f"{body[:end]}=={pinned.group(1)}" if pinned else None
        return "pip pins with `==`; a single `=` is conda's", (place, place + 1), wanted
    if glued := re.match(r"#", rest) or re.search(r"(?<=\S)#", rest):
        at = place + glued.start()
        message = "pip takes this for a part of the version; a comment needs a blank before it"
        return message, (at, len(body)), body[:at] + "  " + body[at:]
    if rest[:1].isdigit():
        return "a version follows an operator such as `==`", (place, len(body)), f"{body[:end]}=={rest}"
    if re.fullmatch(r"(?:.*,\s*)?(?:[<>]=?|[=!~]=|===)", rest):
        return "no version follows the operator", (place, len(body)), None
    if single := re.fullmatch(r"~=\s*v?(\d+)", rest):
        return "`~=` needs two numbers at least", (place, len(body)), f"{body[:end]}~={single.group(1)}.0"
    whole = body[line.version.start :] if line.version else rest
    before = body[: len(body) - len(whole)]
    if globbed := re.fullmatch(r"(>=|<|<=|>)\s*([\d.]+?)\.\*", whole):
        wanted = before + globbed.group(1) + globbed.group(2) if globbed.group(1) in (">=", "<") else None
        return "`.*` stands behind `==` and `!=` only", (place, len(body)), wanted
    if re.search(r"[<>~]=?\s*[\w.]*\+", whole):
        return "a version with `+` stands behind `==` and `!=` only", (place, len(body)), None
    if caret := re.fullmatch(r"\^\s*(([1-9]\d*)(?:\.\d+)*)", rest):
        wanted = f"{body[:end]}>={caret.group(1)},<{int(caret.group(2)) + 1}"
        return "pip has no operator `^`", (place, len(body)), wanted
    if re.fullmatch(r"==\s*latest", rest):
        return "pip knows no version `latest`; without one it takes the newest", (place, len(body)), body[:end]
    if re.search(r"\.[xX](?![\w.])", whole):
        return "pip knows no `x` for any number", (len(before), len(body)), before + re.sub(r"(?:\.[xX])+", ".*", whole)
    if rest[:1] == "~":
        return "`~` is no operator of pip; `~=` is", (place, len(body)), None
    if rest[:1] == "*":
        return "pip takes no patterns", (place, len(body)), None
    if rest[:1] == "\\":
        return "a backslash joins this line with the next; an item is one line", (place, len(body)), body[:end]
    if rest[:1] == "," or (line.name and re.match(r"\s+[A-Za-z]", body[end:])):
        return "an item names one package", (place, len(body)), None
    return "pip cannot read this requirement", here, None


def _invalid(line: PipLine, start: int, end: int, message: str, replacement: str | None = None) -> PipLine:
    return replace(line, problem=SpecProblem(start, max(end, start + 1), message, replacement))
