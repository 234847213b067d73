"""What a spec or a line for pip asks for, in words: Markdown phrases that a person can hold against what was meant.

Pure functions of the grammar. Where the versions of the package are known, what is taken for part of a series and is none
is named by an example that there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from envls.assist.markdown import code
from envls.formats.conda.matchspec import MatchSpec
from envls.formats.conda.requirement import PipLine

_CONDITION = re.compile(r"\s*(?P<operator>===|==|!=|<=|>=|~=|=|<|>|)\s*(?P<version>[^\s,|<>=!~()]+)\s*")
_GLOB = re.compile(r"(?P<before>\*?)(?P<text>[^*]+)(?P<behind>\*?)")
_COMPARED = {">=": "{} or newer", ">": "newer than {}", "<=": "{} or older", "<": "older than {}"}
_MARKER = re.compile(
    r"\s*(?P<left>\"[^\"]*\"|'[^']*'|[\w.]+)\s*(?P<operator>[<>=!~]+|not\s+in|in)\s*(?P<right>\"[^\"]*\"|'[^']*'|[\w.]+)\s*"
    r"(?P<joint>and|or|$)\s*"
)
_IS = {
    "==": "is {}",
    "!=": "is not {}",
    ">=": "is {} or newer",
    ">": "is newer than {}",
    "<=": "is {} or older",
    "<": "is older than {}",
    "~=": "is {} or newer within its series",
    "===": "is {}",
    "in": "is part of {}",
    "not in": "is no part of {}",
}


def spec_in_words(spec: MatchSpec, versions: Sequence[str] = ()) -> str:
    """What a match spec takes, without its name; "" for any version. `versions` are those that there are, newest first."""
    wanted, build = spec.wanted
    fields = dict(spec.fields)
    exact = bool(spec.build) and "version" not in fields
    parts = [conditions(wanted, versions, series_operator="" if exact else "="), _build(build)]
    channel = fields.get("channel", spec.channel.text if spec.channel else "")
    parts.append(f"from {code(channel)} only" if channel else "")
    parts.append(f"for {code(fields['subdir'])} only" if fields.get("subdir") else "")
    parts.append(f"build number {code(fields['build_number'])}" if fields.get("build_number") else "")
    return _together(parts, unbound=not wanted)


def line_in_words(line: PipLine, versions: Sequence[str] = ()) -> str:
    """What a line for pip asks for, without its name; "" for any version."""
    parts = [conditions(line.version.text, versions, series_operator="") if line.version else ""]
    if line.extras:
        parts.append(f"with the extra{'s' if len(line.extras) > 1 else ''} {', '.join(map(code, line.extras))}")
    if line.marker and (where := _marker(line.marker.text)):
        parts.append(f"only where {where}")
    return _together(parts, unbound=line.version is None)


def _together(parts: Sequence[str], *, unbound: bool) -> str:
    said = ", ".join(filter(None, parts))
    return f"any version, {said}" if said and unbound else said


# -- versions -------------------------------------------------------------------------------------------------


def conditions(text: str, versions: Sequence[str] = (), *, series_operator: str = "=") -> str:
    """Conditions on a version; "" where they are grouped by parentheses or cannot be read.

    `series_operator` is the one that means a series without a `*`: conda's single `=`.
    """
    choices = []
    for choice in text.split("|"):
        said = [_condition(one, versions, series_operator) for one in choice.split(",")]
        if not all(said):
            return ""
        choices.append(", ".join(said))
    return ", or ".join(choices)


def _condition(text: str, versions: Sequence[str], series_operator: str) -> str:
    found = _CONDITION.fullmatch(text)
    if found is None:
        return ""
    operator, version = found["operator"], found["version"]
    stem = version.rstrip("*").rstrip(".")
    if not stem:
        return "any version"
    if "*" in stem or stem[0] == "^":
        return f"what {code(version)} matches"
    if operator in _COMPARED:
        return _COMPARED[operator].format(code(stem))
    if operator == "~=":
        return f"{code(stem)} or newer within {code(stem.rpartition('.')[0] + '.x')}" if "." in stem else ""
    in_series = version != stem or (operator == series_operator and operator != "")
    if operator == "!=":
        return f"no {code(stem + '.x')}" if in_series else f"not {code(stem)}"
    return _series(stem, versions) if in_series else f"{code(stem)} only"


def _series(stem: str, versions: Sequence[str]) -> str:
    """`1.20` is every 1.20.x: neither 1.2, as a number would have it, nor what only begins with the same letters."""
    # few versions have four numbers: of a longer series the one that it names is meant
    said = f"{code(stem)} and every {code(stem + '.x')}" if stem.count(".") > 1 else f"every {code(stem + '.x')}"
    head, dot, last = stem.rpartition(".")
    if dot and last.isdigit() and len(last) > 1 and last.endswith("0"):
        return f"{said}, not {code(head + dot + last.rstrip('0'))} and not {code(f'{head}.{int(last) + 1}')}"
    alike = next((one for one in versions if one.startswith(stem) and one[len(stem) :][:1].isdigit()), "")
    return f"{said}, not {code(alike)}" if alike else said


def _build(build: str) -> str:
    if not build:
        return ""
    if build.startswith("^"):
        return f"a build that {code(build)} matches"
    found = _GLOB.fullmatch(build)
    if found is None:
        return f"a build like {code(build)}"
    named = code(found["text"])
    match bool(found["before"]), bool(found["behind"]):
        case True, True:
            return f"any build whose name contains {named}"
        case False, True:
            return f"any build whose name begins with {named}"
        case True, False:
            return f"any build whose name ends with {named}"
    return f"the build {named} only"


# -- markers --------------------------------------------------------------------------------------------------


def _marker(text: str) -> str:
    """A marker without parentheses; "" for another."""
    return " ".join(_clauses(text)) if "(" not in text else ""


def _clauses(text: str) -> Iterator[str]:
    at = 0
    while at < len(text) and (found := _MARKER.match(text, at)):
        left, right = found["left"], found["right"]
        how = _IS.get(re.sub(r"\s+", " ", found["operator"]))
        if how is None or found.end() == at:
            return
        yield f"{_side(left)} {how.format(_side(right))}"
        if found["joint"]:
            yield found["joint"]
        at = found.end()


def _side(text: str) -> str:
    return code(text[1:-1]) if text[0] in "\"'" else text.replace("_", "\\_")
