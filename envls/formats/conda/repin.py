"""A spec or a requirement with another version, in the style it has: the same operators, as many numbers, blanks kept.

Only texts: whether there is such a version, others know. A build string belongs to one version and goes with it.
"""

from __future__ import annotations

import re

from envls.formats.conda import matchspec, requirement
from envls.formats.conda.matchspec import MatchSpec
from envls.formats.conda.requirement import PipLine

_CLAUSE = re.compile(
    r"\s*(?P<operator>===|==|<=|>=|~=|=|<|)\s*(?P<version>v?(?:\d+!)?\d+(?:\.\d+)*)(?P<rest>[^\s,|*]*?)(?P<star>\.\*|\*|)\s*"
)
_EXACT = re.compile(r"(\s*(?:===?|=|)\s*)[^\s,|<>!~=*]+(?:\.\*|\*|)")


def can_have_version(line: MatchSpec | PipLine) -> bool:
    """Whether a version can be written behind the name, and means something there."""
    if isinstance(line, MatchSpec):
        return not (line.problem or line.archive or line.fields or line.brackets or line.dropped) and (
            bool(line.name) and "*" not in line.name and not line.feature
        )
    hashed = "--hash" in line.text  # the hash of one version's files
    return line.kind == "requirement" and not (line.problem or line.ignored or hashed) and bool(line.name)


def pinned(line: MatchSpec | PipLine, version: str) -> str:
    """The line with exactly this version; an operator that pins is kept."""
    exact = _EXACT.fullmatch(line.version.text) if line.version else None
    end = _end(line) if isinstance(line, MatchSpec) else line.version.end if line.version else _end_of_name(line)
    if line.version and exact:
        return line.text[: line.version.start] + exact[1] + version + line.text[end:]
    start = line.name_part.end if isinstance(line, MatchSpec) else _end_of_name(line)
    return line.text[:start] + ("=" if isinstance(line, MatchSpec) else "==") + version + line.text[end:]


def updated(line: MatchSpec | PipLine, version: str) -> str | None:
    """The line moved on to this version in its own style; None where its style does not say how."""
    if line.version is None:
        return None
    moved = _moved(line.version.text, version)
    if moved is None:
        return None
    end = _end(line) if isinstance(line, MatchSpec) else line.version.end
    text = line.text[: line.version.start] + moved + line.text[end:]
    read = matchspec.parse(text) if isinstance(line, MatchSpec) else requirement.parse(text)
    return None if read.problem else text


def _end(spec: MatchSpec) -> int:
    """Where the version of a spec ends, with its build."""
    return (spec.build or spec.version or spec.name_part).end


def _end_of_name(line: PipLine) -> int:
    """Behind the name and its extras."""
    end = line.name_part.end
    bracket = line.text.find("]", end)
    return bracket + 1 if line.text[end:].lstrip().startswith("[") and bracket >= 0 else end


def _moved(written: str, version: str) -> str | None:
    """A version with its operators, moved on; only where each clause says what it means."""
    clauses = [_CLAUSE.fullmatch(clause) for clause in written.split(",")]
    operators = [clause["operator"] if clause else None for clause in clauses]
    if operators not in (["="], ["=="], ["==="], [""], ["~="], [">="], ["<"], ["<="], [">=", "<"], [">=", "<="]):
        return None
    parts = []
    for clause in clauses:
        assert clause is not None
        operator, old, rest = clause["operator"], clause["version"], clause["rest"]
        if operator == "<":
            new = _above(version, old) + rest
        elif operator == "<=" or (operator in ("==", "===", "") and not clause["star"]):
            new = version
        else:
            new = _as_long_as(version, old, 2 if operator == "~=" else 1)
        start, end = clause.start("version"), clause.end("rest")
        parts.append(clause.string[:start] + new + clause.string[end:])
    return ",".join(parts)


def _as_long_as(version: str, old: str, least: int) -> str:
    """As many numbers of a version as another one has."""
    parts = version.split(".")
    count = max(old.count(".") + 1, least)
    return version if count >= len(parts) else ".".join(parts[:count])


def _above(version: str, old: str) -> str:
    """The bound above a version that counts what an old bound counted: `2` the majors, `1.27` the minors."""
    numbers = old.split(".")
    counted = max((place for place, number in enumerate(numbers) if number.strip("0v")), default=0)
    found = [int(number) for number in re.findall(r"\d+", version.split("+")[0])] + [0] * len(numbers)
    return ".".join(map(str, (*found[:counted], found[counted] + 1, *[0] * (len(numbers) - counted - 1))))


# -- the same version, asked for in another way ---------------------------------------------------------------

_PLAIN = re.compile(r"\d+(?:\.\d+)*")
_SINGLE = re.compile(r"(?P<equals>=*)\s*(?P<version>[0-9][\w.!+]*?)(?P<star>\.?\*)?")


def numbers(line: str) -> int:
    """Of how many parts the version at the end of a line is."""
    return len(re.split(r"[= ]", line)[-1].split("."))


def prefixes(line: MatchSpec | PipLine) -> tuple[str, ...]:
    """The line with its exact version as a prefix, the shorter one first; none where it asks for none exactly."""
    if line.version is None or (isinstance(line, MatchSpec) and line.build):
        return ()
    found = _SINGLE.fullmatch(line.version.text)
    exact = (
        found
        and not found["star"]
        and (found["equals"] == "==" or (isinstance(line, MatchSpec) and not found["equals"]))
    )
    if not found or not exact:
        return ()
    version = found["version"]
    parts = version.split(".") if _PLAIN.fullmatch(version) else []
    shorter = (".".join(parts[:2]),) if len(parts) > 2 else ()
    if isinstance(line, MatchSpec):
        return tuple(_with(line, "=" + one) for one in (*shorter, version))
    return tuple(_with(line, f"=={one}.*") for one in shorter or ((version,) if parts else ()))


def exact(line: MatchSpec | PipLine) -> str | None:
    """The line with the version of its prefix and no other; None where it asks for no prefix."""
    if line.version is None or (isinstance(line, MatchSpec) and line.build):
        return None
    found = _SINGLE.fullmatch(line.version.text)
    if not found or not (found["star"] or (isinstance(line, MatchSpec) and found["equals"] == "=")):
        return None
    if isinstance(line, PipLine) and found["equals"] != "==":
        return None
    return _with(line, "==" + found["version"])


def at_bound(line: MatchSpec | PipLine) -> str | None:
    """The line pinned to the version where its range begins, or where it ends if that is one it lets in.

    None where there is no such version, or what the pin lets in is more than the range.
    """
    if line.version is None or (isinstance(line, MatchSpec) and line.build):
        return None
    clauses = [found for clause in line.version.text.split(",") if (found := _CLAUSE.fullmatch(clause))]
    if len(clauses) <= line.version.text.count(",") or any(clause["star"] for clause in clauses):
        return None
    pins = "=" if isinstance(line, MatchSpec) else "=="
    bounds = {clause["operator"]: clause["version"] + clause["rest"] for clause in clauses}
    lowest = bounds.get(">=") or bounds.get("~=")
    if lowest:
        above = bounds.get("<") or bounds.get("<=") or ""
        return None if above == lowest or above.startswith(lowest + ".") else _with(line, pins + lowest)
    return _with(line, "==" + bounds["<="]) if "<=" in bounds else None


def without_build(spec: MatchSpec) -> str | None:
    """The spec without what it says of the build behind its version; a version that is any goes with it."""
    if spec.build is None or spec.version is None or spec.dropped:
        return None
    start = spec.name_part.end if spec.version.text.strip("=") == "*" else spec.version.end
    return spec.text[:start] + spec.text[spec.build.end :]


def _with(line: MatchSpec | PipLine, version: str) -> str:
    assert line.version is not None
    return line.text[: line.version.start] + version + line.text[line.version.end :]
