"""What a line of the conda list asks for as pip writes it, and the other way round.

Only texts, and only what both say alike (tried): `=1.2` is `==1.2.*`; `==`, `!=`, `~=` and bounds are the same, but for what
pip makes of pre- and post-releases next to a bound. What one of them cannot say, such as an alternative, a marker or an
extra, has no translation. A build is left out: whoever asks says so.
"""

from __future__ import annotations

import re

from envls.formats.conda import matchspec, requirement
from envls.formats.conda.matchspec import MatchSpec
from envls.formats.conda.requirement import PipLine

_VERSION = r"\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?(?:\.post\d+)?"
_CLAUSE = re.compile(rf"\s*(?P<operator>==|!=|~=|<=|>=|<|>|=|)\s*(?P<version>{_VERSION})(?P<star>\.?\*)?\s*")


def to_pip(spec: MatchSpec, name: str) -> str | None:
    """The line of pip that asks for the same versions of `name`; None where pip cannot say that."""
    if spec.problem or spec.archive or spec.feature or spec.fields or spec.dropped or spec.channel or spec.namespace:
        return None
    if spec.brackets or not spec.name or "*" in spec.name or "#" in spec.text:
        return None
    written = spec.version.text if spec.version else ""
    clauses: list[str] = []
    for clause in written.split(",") if written.strip() not in ("", "*", "=*", "==*") else ():
        found = _CLAUSE.fullmatch(clause)
        if found is None:
            return None
        translated = _for_pip(found["operator"], found["version"], bool(found["star"]), built=spec.build is not None)
        if translated is None:
            return None
        clauses.append(translated)
    line = name + ",".join(clauses)
    return None if requirement.parse(line).problem else line


def _for_pip(operator: str, version: str, star: bool, *, built: bool) -> str | None:
    prefix = star or (operator == "=" and not built)
    if operator in ("", "=", "=="):
        return f"=={version}.*" if prefix and version.replace(".", "").isdigit() else None if prefix else f"=={version}"
    if operator == "!=":
        return f"!={version}.*" if star else f"!={version}"
    return None if star else operator + version  # conda reads over the star of a bound


def to_conda(line: PipLine, name: str) -> str | None:
    """The spec of conda that asks for the same versions of `name`; None where conda cannot say that."""
    if line.kind != "requirement" or line.problem or line.ignored or line.options or line.continued:
        return None
    if not line.name or any(mark in line.text for mark in "[;#"):  # extras, a marker, a comment
        return None
    clauses: list[str] = []
    written = line.version.text if line.version else ""
    for clause in written.split(",") if written else ():
        found = _CLAUSE.fullmatch(clause)
        if found is None or found["operator"] in ("", "="):
            return None
        prefix = found["star"] and found["operator"] == "==" and "," not in written
        clauses.append("=" + found["version"] if prefix else clause.strip().replace(" ", ""))
    spec = name + ",".join(clauses)
    return None if matchspec.parse(spec).problem else spec
