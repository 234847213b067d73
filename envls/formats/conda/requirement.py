"""One line of the `pip` section: where its parts stand, and whether pip takes it.

The grammar is that of a requirements file (pip 26.3, tried): a requirement of PEP 508, an option, an address or
a path. Most lines are read by one pattern; `packaging` is asked about a line only where that pattern says no,
and only its verdict counts. Offsets count in the value of the item.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from envls.formats.conda.matchspec import NOWHERE, Part, SpecProblem
from envls.url import SCHEME, Url

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_CLAUSE = r"(?:(?:==|!=)\s*v?(?:\d+!)?\d[\w.+!-]*(?:\.\*)?|(?:<=|>=|<|>)\s*v?(?:\d+!)?\d[\w.!-]*|~=\s*v?\d+\.\d[\w.!-]*|===\s*\S+)"
_PLAIN = re.compile(
    rf"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[(?P<extras>[\w\s,.-]*)\])?\s*"
    rf"(?P<version>{_CLAUSE}(?:\s*,\s*{_CLAUSE})*)?\s*"
)
_CLAUSES = re.compile(r"\s*(===|==|!=|<=|>=|~=|<|>)\s*([^,\s;]+)\s*")
_COMMENT = re.compile(r"(?:^|\s)#")
_OPTION = re.compile(r"(-[A-Za-z]|--[A-Za-z][A-Za-z0-9-]*)(?:\s*=\s*|\s+|(?<=^-[a-zA-Z])|$)(.*)", re.DOTALL)
_ADDRESS = re.compile(r"(?:(?:git|hg|svn|bzr)\+)?[A-Za-z][A-Za-z0-9+.-]*://\S+|file:\S+", re.DOTALL)
_AT = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*@\s*(?P<url>\S+)")
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


@dataclass(frozen=True, slots=True)
class PipLine:
    """A line apart from its place; `kind` is "requirement", "option", "address", "path" or "" (nothing on it).

    `name` is normalised as PEP 503 says, and "" where the line names no package; `version` is the specifier set as it
    is written. `option` is the long form, `value` what stands behind it. A wheel's file name tells name and version.
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


@lru_cache(maxsize=1 << 16)
def parse(text: str) -> PipLine:
    """What a line of the `pip` section says. Never fails: what pip does not take has a `problem`."""
    comment = _COMMENT.search(text)
    body = (text[: comment.start()] if comment else text).rstrip()
    start = len(body) - len(body.lstrip())
    if not body.strip():
        return PipLine(text, kind="")
    plain = _PLAIN.match(body, start)
    if plain and plain.end() == len(body) and (plain["version"] or not _looks_like_path(plain.group())):
        return _requirement(text, plain)
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
            or "/" in body.split(";")[0].split(" @")[0]
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
    value = Part(found.group(2).strip(), start + found.start(2)) if found.group(2).strip() else None
    option = _long_form(written)
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
        line = replace(line, url=Url(value.text.split()[0]))
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
    line = PipLine(text, kind="address", value=Part(url.revealed, url_start), url=url)
    wheel = _WHEEL.search(re.split(r"[?#]", url.revealed)[0].rsplit("/", 1)[-1].replace("%2B", "+"))
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
        return line
    return _why(line, body, start, plain.end() if plain else start)


def rejected(requirement: str) -> str | None:
    """Why PEP 508, as `packaging` has it, does not take a requirement; None where it does."""
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 (slow, and seldom needed)

    try:
        Requirement(requirement)
    except InvalidRequirement as error:
        return str(error).splitlines()[0]
    return None


def _why(line: PipLine, body: str, start: int, end: int) -> PipLine:
    rest = body[end:]
    single = re.match(r"\s*=\s*(?=[^=\s])", rest)
    if single and "::" not in body:
        pinned = re.match(r"\s*=\s*([^=\s,;]+)(?:=[\w.]+)?\s*$", rest)
        replacement = body[:end].rstrip() + "==" + pinned.group(1) if pinned else None
        place = end + rest.index("=")
        return _invalid(line, place, place + 1, "pip pins with `==`; a single `=` is conda's", replacement)
    swapped = re.match(r"\s*=([<>])", rest)
    if swapped:
        replacement = body[:end] + rest.replace("=" + swapped.group(1), swapped.group(1) + "=", 1)
        return _invalid(line, end, end + swapped.end(), "the operator is written the other way round", replacement)
    if "::" in body:
        return _invalid(line, start, body.index("::") + 2, "a channel belongs to conda; pip knows none")
    if re.match(r"\s+[\d*]", rest):
        return _invalid(line, end, len(body), "a version follows an operator such as `==`")
    glued = re.match(r"\s*#", rest) or re.search(r"(?<=\S)#", rest)
    if glued:
        place = end + glued.start()
        fix = body[:place] + "  " + body[place:]
        return _invalid(
            line, place, len(body), "pip takes this for a part of the version; a comment needs a blank before it", fix
        )
    clause = re.search(r"[<>]=?\s*[\d.]+(?=\s+[<>=!~])", rest)
    if clause:
        place = end + clause.end()
        fix = body[:place] + "," + body[place:].lstrip()
        return _invalid(line, end, len(body), "a comma is missing between the two conditions", fix)
    return _invalid(line, end if line.name else start, len(body), "pip cannot read this requirement")


def _invalid(line: PipLine, start: int, end: int, message: str, replacement: str | None = None) -> PipLine:
    return replace(line, problem=SpecProblem(start, max(end, start + 1), message, replacement))
