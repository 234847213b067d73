"""Completes a line of the pip section: an option and its value, a path, a name, extras, a version, a marker."""

from __future__ import annotations

import re

from envls.assist.complete_markers import complete_marker
from envls.assist.complete_names import complete_pip_name
from envls.assist.complete_paths import WANTED, complete_path
from envls.assist.complete_versions import complete_version, other_conditions, upper_bounds
from envls.assist.items import NONE, Completions, Here, Item, ItemKind, offered
from envls.assist.surroundings import Choice, content_of, environments_beside, pip_package
from envls.facts import Known, Pending
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.conda.pipoption import OPTIONS, PER_REQUIREMENT, SHORT
from envls.formats.conda.requirement import normalised
from envls.known.pip_options import MEANINGS
from envls.text import Span
from envls.url import SCHEME, redact

_OPTION = re.compile(r"[ \t]*(?P<option>--?[A-Za-z0-9-]*)(?P<blank>[ \t]*=?[ \t]*)(?P<value>\S*)")
_NAME = re.compile(r"[ \t]*(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)?")
_EXTRAS = re.compile(r"[ \t]*\[[^\]]*\]")
_EXTRA = re.compile(r"[ \t]*\[(?P<there>[^\]]*?,)?[ \t]*(?P<typed>[A-Za-z0-9._-]*)")
_TOKEN_END = re.compile(r"[^=<>!~,\s()\[\]#;@]*")
_NAME_END = re.compile(r"[A-Za-z0-9._-]*")
_CLAUSES = re.compile(r"[ \t]*(?:(?:===?|!=|<=|>=|~=|<|>)[ \t]*[^=<>!~,\s;@]+[ \t]*,[ \t]*)*")
_CLAUSE = re.compile(r"(?P<operator>===?|!=|<=|>=|~=|<|>|=|)[ \t]*(?P<typed>[^=<>!~,\s()\[\]#;@]*)")
_RANGE = re.compile(r">=?[ \t]*(?P<lower>[^=<>!~,\s]+)[ \t]*,[ \t]*(?P<upper><=?)?$")
_MARKER = re.compile(r"(?:[^;@]*|[^;]*?@[^;]*?[ \t]);")
_ABOUT_ONE = re.compile(r".*[ \t](?P<option>-[-\w]*)")
_PATHS = {
    "--requirement": "requirements",
    "--constraint": "requirements",
    "--editable": "folder",
    "--find-links": "folder",
}


def complete_requirement(here: Here) -> Completions:
    prefix = here.cursor.prefix
    content = content_of(here)
    option = _OPTION.fullmatch(prefix)
    if option:
        return _option(here, option)
    if re.match(r"[ \t]*\.{1,2}[/\\]", prefix):
        start = here.cursor.span.start + len(prefix) - len(prefix.lstrip())
        return complete_path(here, here.document.path.parent, WANTED["package"], start)
    name = _NAME.match(prefix)
    if name and name.end() == len(prefix):
        span = Span(
            here.cursor.span.start + name.start("name") if name["name"] else here.cursor.offset, _end(here, _NAME_END)
        )
        names = complete_pip_name(here, span, content)
        return names + (NONE if here.cursor.text.strip() else _options(here, span))
    return _behind_name(here, content, name["name"], name.end()) if name and name["name"] else NONE


def _end(here: Here, token: re.Pattern[str]) -> int:
    found = token.match(here.cursor.text, len(here.cursor.prefix))
    return here.cursor.span.start + (found.end() if found else len(here.cursor.prefix))


def _behind_name(here: Here, content: EnvironmentFile, name: str, at: int) -> Completions:
    prefix = here.cursor.prefix
    if about := _ABOUT_ONE.fullmatch(prefix):
        return _about_requirement(here, about["option"])
    if marker := _MARKER.match(prefix, at):
        return complete_marker(here, marker.end())
    extras = _EXTRAS.match(prefix, at)
    if extra := _EXTRA.fullmatch(prefix, at):
        return _extras(here, pip_package(name, content, here.facts), extra)
    versions_begin = extras.end() if extras else at
    clauses = _CLAUSES.match(prefix, versions_begin)
    at = clauses.end() if clauses else at
    clause = _CLAUSE.fullmatch(prefix, at)
    if not clause:
        return NONE
    begin, operator = here.cursor.span.start + clause.start("typed"), clause["operator"]
    end = _end(here, _TOKEN_END)
    choice = pip_package(name, content, here.facts)
    lower = _RANGE.search(prefix, 0, at + len(operator))
    if lower and not operator:
        span = Span(begin, end)
        bounds = upper_bounds(here, span, lower)
        return bounds + complete_version(here, span, choice, operator="<", above=lower["lower"])
    behind = re.split(r"[;@]|\s(?:#|--)", here.cursor.text[len(prefix) :], maxsplit=1)[0]
    others = other_conditions(prefix[versions_begin:], behind)
    if operator in ("", "="):
        # pip pins with two of them; one is conda's
        begin = here.cursor.span.start + clause.start("operator")
        return complete_version(here, Span(begin, end), choice, operator="==", others=others)
    bounds = upper_bounds(here, Span(begin, end), lower) if lower and operator[0] == "<" else NONE
    return bounds + complete_version(here, Span(begin, end), choice, others=others)


def _extras(here: Here, choice: Choice, found: re.Match[str]) -> Completions:
    """The extras of a package, within the brackets behind its name; the bracket is closed where it is not yet."""
    if not isinstance(choice.answer, Known):
        return Completions(incomplete=isinstance(choice.answer, Pending))
    cursor = here.cursor
    begin, end = cursor.span.start + found.start("typed"), _end(here, _NAME_END)
    behind = cursor.text[end - cursor.span.start :]
    close = "" if re.match(r"[^\[]*\]", behind) else "]"
    there = {normalised(extra.strip()) for extra in (found["there"] or "").split(",")}
    package = choice.answer.value
    return offered(
        Item(
            extra,
            ItemKind.VALUE,
            cursor.edit(Span(begin, end), extra + close),
            detail=f"{package.name} {package.newest}",
        )
        for extra in package.extras
        if normalised(extra) not in there and normalised(extra).startswith(normalised(found["typed"]))
    )


def _option(here: Here, found: re.Match[str]) -> Completions:
    cursor = here.cursor
    option = SHORT.get(found["option"], found["option"])
    if not found["blank"]:
        begin = cursor.span.start + found.start("option")
        end = re.compile(r"[A-Za-z0-9-]*").match(cursor.text, len(cursor.prefix))
        return _options(here, Span(begin, cursor.span.start + (end.end() if end else len(cursor.prefix))))
    start = cursor.span.start + found.start("value")
    if kind := _PATHS.get(option):
        return complete_path(here, here.document.path.parent, WANTED[kind], start)
    words = _values_of(here, option)
    typed = found["value"].rpartition(",")[2] if OPTIONS.get(option) == "names" else found["value"]
    end = re.compile(r"[^\s,]*").match(cursor.text, len(cursor.prefix))
    span = Span(cursor.offset - len(typed), cursor.span.start + (end.end() if end else len(cursor.prefix)))
    return offered(Item(word, ItemKind.VALUE, cursor.edit(span, word)) for word in words if word.startswith(typed))


def _values_of(here: Here, option: str) -> list[str]:
    """What an option may be given: packages of the section, or addresses that the project has already, without secrets."""
    content = content_of(here)
    files = (content, *environments_beside(here))
    given = [(one.name, one.meant) for file in files for line in file.requirements for one in line.line.options]
    addresses = [meant for _, meant in given if SCHEME.match(meant) and redact(meant) == meant]
    match OPTIONS.get(option):
        case "names":
            return list(dict.fromkeys((":all:", *(line.line.name for line in content.requirements if line.line.name))))
        case "url":
            return list(dict.fromkeys(meant for name, meant in given if name == option and meant in addresses))
        case "host":
            return list(dict.fromkeys(SCHEME.sub("", one).partition("/")[0] for one in addresses))
    return []


def _about_requirement(here: Here, typed: str) -> Completions:
    """The options that stand behind a requirement and are about it alone."""
    cursor = here.cursor
    end = re.compile(r"[-\w]*").match(cursor.text, len(cursor.prefix))
    span = Span(cursor.offset - len(typed), cursor.span.start + (end.end() if end else len(cursor.prefix)))
    values = {"--hash": "--hash=sha256:"}
    return offered(
        Item(option, ItemKind.OPTION, cursor.edit(span, values.get(option, option + " ")), detail=kind)
        for option, kind in PER_REQUIREMENT.items()
        if option.startswith(typed)
    )


def _options(here: Here, span: Span) -> Completions:
    """The options that a line may begin with, each short form beside its long one."""
    text = here.document.text
    typed = text[span.start : here.cursor.offset]
    short = {long: letter for letter, long in SHORT.items() if len(letter) == 2}
    written = [form for option in MEANINGS for form in (option, short.get(option, ""))]
    followed = text[span.end : span.end + 1] in (" ", "\t", "=")
    return offered(
        Item(
            form,
            ItemKind.OPTION,
            here.cursor.edit(span, form + (" " if OPTIONS[long] and not followed else "")),
            detail=OPTIONS[long],
            documentation=MEANINGS[long],
            retrigger=long in _PATHS and not followed,
        )
        for form in written
        if form and form.startswith(typed)
        for long in (SHORT.get(form, form),)
    )
