"""Completes an item of the conda list: a channel before `::`, a name, a version, a build, what stands in brackets, the
`pip:` section.

What stands before the cursor decides; what stands behind it stays, but for the token under the cursor.
"""

from __future__ import annotations

import re

from envls import write
from envls.assist.complete_channels import channels_before_name
from envls.assist.complete_fields import complete_field
from envls.assist.complete_names import complete_conda_name
from envls.assist.complete_versions import complete_build, complete_version, other_conditions, upper_bounds
from envls.assist.cursor import Cursor
from envls.assist.items import NONE, Completions, Here, Item, ItemKind, offered
from envls.assist.surroundings import channels_of, conda_package, content_of
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.conda.environment_keys import PIP
from envls.text import Span

_SPEC = re.compile(r"[ \t]*(?:(?P<channel>[^\s=<>!~]*?)::)?(?P<name>[A-Za-z0-9_.*-]*)(?P<rest>.*)", re.DOTALL)
_VERSION = re.compile(r"(?P<lead>.*[=<>!~,|\s])(?P<typed>[^=<>!~,|\s()\[\]#;]*)", re.DOTALL)
_VERSION_END = re.compile(r"[^=<>!~,|\s()\[\]#;]*")
_NAME_END = re.compile(r"[A-Za-z0-9_.*-]*")
_CHANNEL_END = re.compile(r"[^\s=<>!~]*?(?=::)")
_OPERATOR = re.compile(r"(==|!=|<=|>=|~=|=|<|>|,|\|)[ \t]*$")
_BUILD_FOLLOWS = re.compile(r"[ \t]*={0,2}[ \t]*(?P<version>[^=<>!~,|\s]+)(?:=|[ \t]+)")
_IN_BRACKETS = re.compile(r"[^\[\]#]*\[[^\[\]]*")
_RANGE = re.compile(r">=?[ \t]*(?P<lower>[^=<>!~,|\s]+)[ \t]*,[ \t]*(?P<upper><=?)?[ \t]*$")


def complete_spec(here: Here) -> Completions:
    cursor = here.cursor
    found = _SPEC.fullmatch(cursor.prefix)
    if not found:
        return NONE
    content = content_of(here)
    channel, name, rest = found["channel"] or "", found["name"], found["rest"]
    if _IN_BRACKETS.fullmatch(rest) and name and (cursor.quote or not cursor.flow):
        return complete_field(here, content, name, channel, found.start("rest") + rest.index("["))
    if rest:
        return _behind_name(here, content, channel, name, rest)
    begin = cursor.span.start + found.start("name")
    follows = _CHANNEL_END.match(cursor.text, len(cursor.prefix))
    if follows and not channel:
        return channels_before_name(here, Span(begin, cursor.span.start + follows.end()), content)
    span = Span(begin, cursor.span.start + _end(_NAME_END, cursor))
    names = complete_conda_name(here, span, channels_of(content, here.facts, channel), content)
    if channel:
        return names
    section = _pip_section(here, content) if span == cursor.span and not cursor.flow else NONE
    return names + section + channels_before_name(here, span, content)


def _end(token: re.Pattern[str], cursor: Cursor) -> int:
    """Where the token under the cursor ends, counted in the item."""
    found = token.match(cursor.text, len(cursor.prefix))
    return found.end() if found else len(cursor.prefix)


def _behind_name(here: Here, content: EnvironmentFile, channel: str, name: str, rest: str) -> Completions:
    """`rest` stands between the name and the cursor, and begins with a blank or an operator."""
    found = _VERSION.fullmatch(rest)
    if not found or not name or rest[0] not in " \t=<>!~" or (here.cursor.flow and "," in rest):
        return NONE
    cursor = here.cursor
    begin = cursor.offset - len(found["typed"])
    span = Span(begin, cursor.span.start + _end(_VERSION_END, cursor))
    lead = found["lead"]
    build = _BUILD_FOLLOWS.fullmatch(lead)
    if build:
        return complete_build(here, span, build["version"], conda_package(name, channel, content, here.facts))
    operator = _OPERATOR.search(lead)
    if not operator and lead.strip():
        return NONE  # behind a range, or behind half an operator
    choice = conda_package(name, channel, content, here.facts)
    behind = re.split(r"\s#", cursor.text[len(cursor.prefix) :], maxsplit=1)[0]
    others = other_conditions(rest, behind)
    lower = _RANGE.search(lead)
    if lower:
        bounds = upper_bounds(here, span, lower)
        if lower["upper"]:
            return bounds + complete_version(here, span, choice, others=others)
        return bounds + complete_version(here, span, choice, operator="<", above=lower["lower"])
    if operator and operator[1] == "," and not found["typed"]:
        return complete_version(here, span, choice, operator="!=", others=others)
    return complete_version(here, span, choice, others=others, series=bool(operator) and lead.strip() == "=")


def _pip_section(here: Here, content: EnvironmentFile) -> Completions:
    """The item `pip:`, where the list has none yet and nothing else is being typed."""
    cursor = here.cursor
    if content.pip_sections or not "pip:".startswith(cursor.text) or cursor.quote:
        return NONE
    text = here.document.text
    column = here.document.lines.place(cursor.begin)[1]
    below = write.newline(text) + " " * (column + 2 if cursor.before != "- " else column + 4) + "- $0"
    edit = cursor.edit(cursor.span, "pip:" + below)
    return offered([Item("pip:", ItemKind.SNIPPET, edit, "packages from pip", PIP.meaning, snippet=True)])
