"""The version of a match spec: whether conda takes it, and what to write where it does not.

The verdict is that of conda 26.7, tried: an expression of `,` (and), `|` (or) and parentheses; its atoms are a
regular expression, an operator with a version, a glob, or a version.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_COMPOUND = re.compile(r"[()|,^$]")
_TOKEN = re.compile(r"\s*\^[^$]*\$|\s*[()|,]|[^()|,]+")
_OPERATOR = re.compile(r"(==|!=|<=|>=|~=|=|<|>)(?![=<>!~])(\S+)")
_VERSION = re.compile(r"[*.+!_0-9a-z]+")
_PRERELEASE = re.compile(r"(?i)(?:^|[\d._])(?:rc|dev|alpha|beta|pre|preview)(?:[._]?\d|[._]|$)|\d[abc]\d")
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9a-z]+)*(?:\.\*|\*)?")


class Rejection(NamedTuple):
    """Why conda does not take a version, and what the whole of it should be where there is one right answer."""

    message: str
    replacement: str | None = None
    safe: bool = True


def sanitised(version: str, *, build: bool) -> str:
    """What conda makes of a version without blanks before it reads it: `=1.2` is `1.2*`, `==1.2` is `1.2`."""
    if version[:1] != "=" or version in ("=", "=="):
        return version
    bare = version.lstrip("=")
    if version.startswith("==") and not build:
        return bare
    if "=" in bare or "," in bare or "|" in bare:
        return version
    return bare if build or bare.endswith("*") else bare + "*"


def is_prerelease(version: str) -> bool:
    """conda has no such notion: `1.0rc1` and `2.0a1` are, openssl's `1.0.2b` and tzdata's `2024a` are not."""
    return _PRERELEASE.search(version) is not None


def judge(version: str, written: str) -> Rejection | None:
    """Why conda cannot read a (sanitised) version, which the file writes as `written`; None where it can."""
    if _PLAIN.fullmatch(version):
        return None
    if not _COMPOUND.search(version):
        return _judge_atom(version, written)
    atoms = _atoms(version)
    if isinstance(atoms, Rejection):
        trimmed = re.sub(r"^[,|\s]+|[,|\s]+$", "", re.sub(r"([,|])\s*[,|]+", r"\1", written))
        return Rejection(atoms.message, trimmed if trimmed and trimmed != written and "(" not in trimmed else None)
    return next((problem for atom in atoms if (problem := _judge_atom(atom, written))), None)


def _atoms(version: str) -> list[str] | Rejection:
    """The atoms that conda judges. Of expressions with no operator between them it forgets all but the first."""
    done: list[list[str]] = []
    waiting: list[str] = []

    def join(outer: str) -> bool:
        while waiting and waiting[-1] not in outer:
            if len(done) < 2:
                return False
            waiting.pop()
            last = done.pop()
            done[-1] = done[-1] + last
        return True

    for token in _TOKEN.findall(f"({version})"):
        mark = token.strip()
        if mark in ("|", ","):
            if not join("(" if mark == "|" else "|("):
                return Rejection("a version is missing beside `,` or `|`")
            waiting.append(mark)
        elif mark == "(":
            waiting.append(mark)
        elif mark == ")":
            if not join("("):
                return Rejection("a version is missing beside `,` or `|`")
            if not waiting:
                return Rejection("a parenthesis is closed that was never opened")
            waiting.pop()
        else:
            done.append([mark])
    if waiting:
        return Rejection("a parenthesis is not closed")
    return done[0] if done else Rejection("no version stands here")


def _judge_atom(atom: str, written: str) -> Rejection | None:
    atom = atom.strip()
    if not atom:
        return Rejection("a version is missing")
    if atom[0] == "^" or atom[-1] == "$":
        if atom[0] == "^" and atom[-1] == "$":
            return bad_pattern(atom)
        caret = re.fullmatch(r"\^(([1-9]\d*)(?:\.\d+)*)", written)
        wanted = f">={caret.group(1)},<{int(caret.group(2)) + 1}" if caret else None
        return Rejection("`^` begins a regular expression, which `$` ends; as an operator conda has none", wanted)
    if atom[0] in "=<>!~":
        found = _OPERATOR.fullmatch(atom)
        if not found:
            return _bad_operator(atom, written)
        operator, version = found.groups()
        if version.endswith(".*"):
            if operator == "~=":
                return Rejection("`~=` takes no `.*`", written.replace(".*", ""))
            version = version[:-2]
        return _bad_version(version, written)
    if atom == "*" or (atom[-1] != "*" and "@" in atom and "*" not in atom):
        return None  # with an at sign conda compares it as text
    if "*" in atom.rstrip("*"):
        return bad_pattern(atom.replace(".", r"\.").replace("+", r"\+").replace("*", ".*"))
    if atom[-1] == "*":
        atom = (atom if atom.endswith(".*") else atom[:-1] + ".*").rstrip("*").rstrip(".")
    return _bad_version(atom, written)


def bad_pattern(pattern: str) -> Rejection | None:
    """Why a regular expression is none."""
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return Rejection(f"this is no regular expression: {error}")
    return None


def _bad_operator(atom: str, written: str) -> Rejection:
    swapped = re.sub(r"=([<>!])=?", r"\1=", written)
    if swapped != written:
        return Rejection("the operator is written the other way round", swapped)
    if re.search(r"[<>=!~]\s+=", written):
        return Rejection("a blank parts the operator", re.sub(r"(?<=[<>=!~])\s+=", "=", written))
    if re.fullmatch(r"(?:[<>]=?|[=!~]=|=|!)\s*", atom):
        return Rejection("no version follows the operator")
    if parted := _parted(written):
        return Rejection("a comma is missing between the two conditions", parted)
    if re.match(r"~\s*\d", atom):
        wanted = re.sub(r"~\s*(?=\d)", "~=", written) if re.fullmatch(r"=?~\s*\d[\w.]*", written) else None
        return Rejection("`~` is no operator of conda; `~=` is", wanted and wanted.lstrip("="), safe=False)
    if re.match(r"(?:[<>]=?|[=!~]=|=|!)\s", atom):
        return Rejection("no blank may stand behind an operator in brackets", re.sub(r"(?<=[<>=])\s+", "", written))
    return Rejection("conda does not know this operator")


def _parted(written: str) -> str | None:
    """`written` with a comma between its conditions, where that is what it lacks."""
    comma = re.sub(r"\s+and\s+(?=[<>!~=])|\s*&&?\s*(?=[<>!~=])", ",", written)
    comma = re.sub(r"(?<=[\w.*])\s*(?=(?:[<>]=?|[!~]=)\s*\d)", ",", comma)
    return comma if comma != written else None


def _bad_version(version: str, written: str) -> Rejection | None:
    plain = version.strip().lower()
    if not plain:
        return Rejection("no version follows the operator")
    if "-" in plain and "_" not in plain:
        plain = plain.replace("-", "_")
    if not _VERSION.fullmatch(plain):
        return _bad_letters(version, written)
    epoch, _, rest = plain.rpartition("!")
    if "!" in epoch or ("!" in plain and not epoch.isdigit()):
        return Rejection(f"`{version}` is no version; before `!` stands a number")
    release, _, local = rest.partition("+")
    if "+" in local:
        return Rejection(f"`{version}` is no version; it has two `+`")
    parts = release[:-1].replace("_", ".") + release[-1:]  # an underscore at the end counts as a letter
    if not all(parts.split(".")) or ("+" in rest and not all(local.replace("_", ".").split("."))):
        mended = re.sub(r"\.{2,}", ".", written) if ".." in written else None
        return Rejection(f"`{version}` has an empty part", mended)
    return None


def _bad_letters(version: str, written: str) -> Rejection:
    if ";" in version:
        return Rejection("conda has no environment markers; this belongs into the `pip` section")
    if re.search(r"\sor\s", written):
        return Rejection("conda writes *or* as `|`", re.sub(r"\s+or\s+", "|", written))
    if re.search(r"[\w.*]\s+(?!and\b)[A-Za-z]", written):
        return Rejection("an item names one package")
    if built := re.fullmatch(r"(=*[^<>!~=]*[^<>!~= ])\s*(=+)\s*([^<>!~]*)", written):
        whole, equals, build = built.groups()
        if not build:
            return Rejection("no build follows the `=`", whole)
        wanted = f"{whole}={build}" if equals != "=" and "=" not in build else None
        return Rejection("a spec is a name, a version and a build at most", wanted)
    if re.search(r"[<>=!~]\s*$", written):
        return Rejection("no version follows the operator")
    if re.search(r"[<>=!~]", version):
        return Rejection("a comma is missing between the two conditions", _parted(written))
    if "'" in version or '"' in version:
        return Rejection("quotes are no part of a version", re.sub(r"[\"']", "", written))
    if "$" in version or "%" in version:
        return Rejection("conda fills in no variables here")
    if " " in version:
        return Rejection(f"`{version}` is no version; inside brackets no blank may stand in it")
    return Rejection(f"`{version}` is no version")
