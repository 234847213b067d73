"""A match spec and a line for pip with the blanks that belong there, and no others.

Only what can be proved to say the same: both are read again, and where the reading differs nothing is changed.
"""

from __future__ import annotations

import re

from envls.formats.conda import matchspec, requirement
from envls.formats.conda.environment import ChannelRef, Dependency, Requirement

_JOINED = re.compile(r"[ \t]*([,|])[ \t]*")
_BEHIND_OPERATOR = re.compile(r"([<>=!~]=?|===)[ \t]+(?=[\w*.])")
_BLANKS = re.compile(r"[ \t]+")


def spaced(item: Dependency | Requirement | ChannelRef) -> str:
    """The value of an item with its blanks in order; as it is where a tool does not take it."""
    value = item.node.value
    if isinstance(item, ChannelRef):
        return value
    new = _of_spec(item.spec) if isinstance(item, Dependency) else _of_line(item.line)
    return new if new != value and _says(item, new) else value


def _says(item: Dependency | Requirement, new: str) -> bool:
    """Whether `new` is the same for conda or pip."""
    if isinstance(item, Dependency):
        return _meaning(item.spec) == _meaning(matchspec.parse(new))
    return _meaning_for_pip(item.line) == _meaning_for_pip(requirement.parse(new))


def _of_spec(spec: matchspec.MatchSpec) -> str:
    """`numpy  >= 1.2, < 2` is `numpy >=1.2,<2`; brackets and what conda drops are left as they are."""
    text = spec.text
    if spec.problem or spec.brackets or spec.dropped or spec.archive or spec.feature or not spec.version:
        return text
    start, end = spec.version.start, spec.version.end
    version = _BEHIND_OPERATOR.sub(r"\1", _JOINED.sub(r"\1", text[start:end]))
    before = _BLANKS.sub(" ", text[:start])
    return before + version + _BLANKS.sub(" ", text[end:])


def _of_line(line: requirement.PipLine) -> str:
    """`requests [a, b] >= 2 , < 3 ;x` is `requests[a,b]>=2,<3; x`, as pip's own tools write it."""
    if (
        line.kind != "requirement"
        or line.problem
        or line.options
        or line.continued
        or "#" in line.text
        or not line.name
    ):
        return line.text
    extras = f"[{','.join(line.extras)}]" if line.extras else ""
    version = _BLANKS.sub("", line.version.text) if line.version else ""
    marker = f"; {line.marker.text}" if line.marker and line.marker.text else ""
    return f"{line.name_part.text}{extras}{version}{marker}"


def _meaning(spec: matchspec.MatchSpec) -> tuple[object, ...]:
    channel = spec.channel.text if spec.channel else ""
    return spec.name, spec.wanted, spec.relation, channel, spec.fields, spec.dropped, spec.problem


def _meaning_for_pip(line: requirement.PipLine) -> tuple[object, ...]:
    version = _BLANKS.sub("", line.version.text) if line.version else ""
    marker = line.marker.text if line.marker else ""
    return line.kind, line.name, line.extras, version, marker, line.url, line.problem is None, line.ignored
