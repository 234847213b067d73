"""Why pip does not take a requirement, where, and what was meant; and what it takes for a name (pip 26.3, tried)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from envls.formats.conda import matchspec
from envls.formats.conda.parts import SpecProblem

VARIABLES = frozenset(
    (
        *("python_version", "python_full_version", "os_name", "sys_platform", "platform_release", "platform_system"),
        *("platform_version", "platform_machine", "platform_python_implementation", "implementation_name"),
        *("implementation_version", "extra", "os.name", "sys.platform", "platform.version", "platform.machine"),
        *("platform.python_implementation", "python_implementation", "extras", "dependency_groups"),
    )
)
_UNQUOTED = re.compile(r"(===|[<>=!~]=|[<>]|\bnot in\b|\bin\b|(?<![<>=!~])=(?!=))\s*(?![\s'\"<>=])([\w.]+)")
_WITH_VERSION = re.compile(r"(?P<name>.*[A-Za-z].*?)[-_]v?(?P<version>\d+(?:\.\d+)+[a-z0-9]*)")
_FILE = re.compile(r".*\.(?:txt|toml|ya?ml|cfg)", re.IGNORECASE)


class Misnamed(NamedTuple):
    """Why something that pip takes for the name of a package is surely none, and what was meant."""

    message: str
    meant: str


@lru_cache(maxsize=1 << 14)
def misnamed(name: str) -> Misnamed | None:
    if _FILE.fullmatch(name) and name.lower() != "ruamel.yaml":
        return Misnamed("`-r` stands before a file; pip takes this for the name of a package", f"-r {name}")
    found = _WITH_VERSION.fullmatch(name)
    if not found:
        return None
    message = f"pip takes `{name}` for the whole name; a version stands behind `==`"
    return Misnamed(message, f"{found['name']}=={found['version']}")


class Read(NamedTuple):
    """A refused requirement with its options and comment off, and how far its beginning makes sense."""

    body: str
    start: int  # where it begins
    version: int  # where its version begins; as `end` where it has none
    end: int  # where what can be read ends
    named: bool

    @property
    def rest(self) -> str:
        return self.body[self.end :].lstrip()

    @property
    def at(self) -> int:
        """Where `rest` begins."""
        return len(self.body) - len(self.rest)

    @property
    def before(self) -> str:
        """What stands before the version: the name, its extras."""
        return self.body[: self.version].rstrip()


Why = tuple[str, tuple[int, int], str | None]


def why(read: Read) -> SpecProblem:
    """The problem of a requirement; the first explanation that fits it."""
    for explain in (_as_a_whole, _marker, _conditions, _version, _behind):
        for message, (start, end), wanted in explain(read):
            return SpecProblem(start, max(end, start + 1), message, wanted)
    here = (read.end if read.named else read.start, len(read.body))
    return SpecProblem(here[0], max(here[1], here[0] + 1), "pip cannot read this requirement")


def _as_a_whole(read: Read) -> Iterator[Why]:
    body, start = read.body, read.start
    bare = body[start:]
    if "::" in body:
        spec = matchspec.parse(body.strip())
        wanted = (f"{spec.name}=={spec.pinned}" if spec.pinned else spec.name) if not spec.problem else None
        yield "a channel belongs to conda; pip knows none", (start, body.index("::") + 2), wanted
    if found := re.match(r"(?:pip3?|conda|mamba) install ", bare):
        shown = found.group().strip()
        yield f"only what stands behind `{shown}` is wanted", (start, start + len(shown)), bare[found.end() :].strip()
    if bare[0] in "'\"" and bare[-1] == bare[0] and len(bare) > 2:
        yield "the quotes inside the quotes are a part of the name for pip", (start, len(body)), bare[1:-1]
    if found := re.search(r"\$\w+|\$\{\w+\}", bare):
        written = re.sub(r"[${}]", "", found.group()).upper()
        yield f"pip does not fill this in; it does `${{{written}}}`", (start + found.start(), start + found.end()), None


def _marker(read: Read) -> Iterator[Why]:
    at = read.body.find(";", read.start)
    if at < 0 or read.end < len(read.body[:at].rstrip()):
        return
    here, text = (at + 1, len(read.body)), read.body[at + 1 :].strip()
    words = re.findall(r"[A-Za-z_][\w.]*", re.sub(r"\"[^\"]*\"|'[^']*'", "", text))
    if not re.search(r"[<>=!~]|\bin\b", text):
        yield "a marker stands behind `;`, such as `python_version < '3.10'`", here, None
    quoted = _UNQUOTED.sub(_with_quotes, text)
    quoted = re.sub(r"(?<![<>=!~])=(?![=])", "==", quoted)
    if quoted != text:
        yield "pip cannot read the marker; its values need quotes", here, f"{read.body[: at + 1]} {quoted}"
    unknown = next((word for word in words if word not in VARIABLES | {"and", "or", "in", "not"}), "")
    if unknown:
        yield f"markers have no variable `{unknown}`", here, None
    yield "pip cannot read the marker", here, None


def _with_quotes(found: re.Match[str]) -> str:
    operator, value = found.groups()
    return found.group() if value in VARIABLES else f"{operator} '{value}'"


def _conditions(read: Read) -> Iterator[Why]:
    """Several conditions, joined as pip does not join them."""
    body, rest, here = read.body, read.rest, (read.at, len(read.body))
    if read.version < read.end:  # a condition could be read
        if (joined := re.sub(r"\s+(?:and|&&?)\s+", ",", body)) != body:
            yield "a comma joins two conditions", here, joined
        if re.match(r"(?:or|\|\|?)\s", rest):
            yield "pip knows no *or*", here, None
        if re.match(r"(?:[<>]=?|[!~=]=)", rest):
            yield "a comma is missing between the two conditions", here, f"{body[: read.end]},{rest}"
        if rest[:1] == "=":
            yield "a build string is conda's; pip knows none", here, body[: read.end]
        if found := re.fullmatch(r"(\[[\w\s,.-]+\])", rest):
            yield "extras stand behind the name", here, read.before + found.group(1) + body[read.version : read.end]
    if re.match(r",\s*[<>=!~]", rest) or re.search(r",\s*,", rest):
        wanted = body[: read.end] + re.sub(r"^\s*,\s*" if read.version == read.end else r",\s*(?=,)", "", rest)
        yield "a condition is missing beside the comma", here, wanted


def _version(read: Read) -> Iterator[Why]:
    """One condition that pip does not read."""
    rest, at, here = read.rest, read.at, (read.at, len(read.body))
    before = read.body[: read.end]
    if swapped := re.match(r"=\s*([<>])=?", rest):
        wanted = read.body[:at] + swapped.group(1) + "=" + rest[swapped.end() :]
        yield "the operator is written the other way round", (at, at + swapped.end()), wanted
    if rest[:1] == "=" and rest[1:2] != "=":
        pinned = re.fullmatch(r"=\s*([^=\s,;]+)(?:=[\w.*]+)?", rest)
        wanted_pin = f"{before}=={pinned.group(1)}" if pinned else None
        yield "pip pins with `==`; a single `=` is conda's", (at, at + 1), wanted_pin
    if glued := re.match(r"#", rest) or re.search(r"(?<=\S)#", rest):
        cut = at + glued.start()
        message = "pip takes this for a part of the version; a comment needs a blank before it"
        yield message, (cut, len(read.body)), read.body[:cut] + "  " + read.body[cut:]
    if re.search(r"[<>=~]\s*['\"]", rest) or re.match(r"['\"]", rest):
        yield "quotes are no part of a version", here, read.body[:at] + re.sub(r"[\"']", "", rest)
    if rest[:1].isdigit():
        yield "a version follows an operator such as `==`", here, f"{before}=={rest}"
    if re.fullmatch(r"(?:.*,\s*)?(?:[<>]=?|[=!~]=|===)", rest):
        yield "no version follows the operator", here, None
    yield from _odd_version(read)


def _odd_version(read: Read) -> Iterator[Why]:
    rest, here, before = read.rest, (read.at, len(read.body)), read.body[: read.end]
    whole = read.body[read.version :] if read.version < read.end else rest
    if single := re.fullmatch(r"~=\s*v?(\d+)", rest):
        yield "`~=` needs two numbers at least", here, f"{before}~={single.group(1)}.0"
    if globbed := re.fullmatch(r"(>=|<|<=|>|~=)\s*([\d.]+?)\.\*", whole.strip()):
        operator = {">=": ">=", "<": "<", "~=": "=="}.get(globbed.group(1))
        glob = ".*" if operator == "==" else ""
        wanted = read.before + operator + globbed.group(2) + glob if operator else None
        yield "`.*` stands behind `==` and `!=` only", (read.version, len(read.body)), wanted
    if re.search(r"[<>~]=?\s*[\w.]*\+", whole):
        yield "a version with `+` stands behind `==` and `!=` only", (read.version, len(read.body)), None
    if caret := re.fullmatch(r"\^\s*(([1-9]\d*)(?:\.\d+)*)", rest):
        wanted = f"{before}>={caret.group(1)},<{int(caret.group(2)) + 1}"
        yield "pip has no operator `^`", here, wanted
    if re.fullmatch(r"==\s*(?:latest|\*)", rest):
        yield f"pip knows no version `{rest.lstrip('= ')}`; without one it takes the newest", here, before
    if re.search(r"\.[xX](?![\w.])", whole):
        wanted = read.body[: read.version] + re.sub(r"(?:\.[xX])+", ".*", whole)
        yield "pip knows no `x` for any number", (read.version, len(read.body)), wanted
    if rest[:1] == "~":
        wanted = f"{before}~={rest[1:].strip()}" if re.fullmatch(r"~\s*\d+(?:\.\d+)+", rest) else None
        yield "`~` is no operator of pip; `~=` is", here, wanted
    if unreadable := re.match(r"(?:===?|[<>!~]=|[<>])\s*([^\s,;]+)", rest):
        yield f"`{unreadable.group(1)}` is no version of PEP 440", here, None


def _behind(read: Read) -> Iterator[Why]:
    """Something that belongs to no requirement."""
    rest, here, before = read.rest, (read.at, len(read.body)), read.body[: read.end]
    if rest[:1] == "*":
        yield "pip takes no patterns", here, None
    if rest[:1] == "\\":
        yield "a backslash joins this line with the next; an item is one line", here, before
    if rest[:1] in (",", "|", "&") or (read.named and re.match(r"\s+[A-Za-z]", read.body[read.end :])):
        yield "an item names one package", here, None
    if rest[:1] in ("-", "_", ".") or not read.named:
        yield "this is no name of a package", (read.start, len(read.body)), None
