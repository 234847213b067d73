"""Completes an environment marker (PEP 508), what stands behind the `;` of a line of the `pip` section.

The text before the cursor is read word by word: what may come next is a variable, an operator, a value, or what joins
conditions. Values are quoted with the quotes that the item itself is not in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from envls.assist.items import NONE, Completions, Here, Item, ItemKind, offered
from envls.known.markers import OPERATORS, ORDERING, VARIABLES, Variable
from envls.text import Span

_TOKEN = re.compile(
    r"[ \t]*(?:(?P<text>\"[^\"]*\"?|'[^']*'?)|(?P<operator>[<>=!~]+|(?:not[ \t]+in|in)\b)|(?P<joint>(?:and|or)\b)"
    r"|(?P<bracket>[()])|(?P<word>[A-Za-z_][\w.]*))"
)
_WORD_END = re.compile(r"[\w.]*")
_OPERATOR_END = re.compile(r"[<>=!~]*[ \t]*")
_ANY = Variable("")


def complete_marker(here: Here, at: int) -> Completions:
    """`at` is where the marker begins in the item, behind its `;`."""
    prefix = here.cursor.prefix
    variable, token, begin = "", "start", at
    end = at
    while found := _TOKEN.match(prefix, end):
        kind = found.lastgroup or ""
        begin, end = found.start(kind), found.end()
        if end == len(prefix) and not _is_finished(kind, found[kind]):
            return _begun(here, token, kind, begin, variable)
        variable = found[kind] if kind == "word" else variable
        token = "start" if kind == "joint" or found[kind] == "(" else kind
    if prefix[end:].strip():
        return NONE
    return _next(here, token, variable, Span(here.cursor.offset, here.cursor.offset))


def _is_finished(kind: str, written: str) -> bool:
    """Whether what stands just before the cursor is whole: another letter would not belong to it."""
    return kind == "bracket" or (kind == "text" and len(written) > 1 and written[-1] == written[0])


def _begun(here: Here, before: str, kind: str, begin: int, variable: str) -> Completions:
    """The rest of a word that is being typed; `before` is what stands in front of it."""
    cursor = here.cursor
    start = cursor.span.start + begin
    if kind == "text" and before == "operator":
        return _values(here, variable, start)
    ending = (_OPERATOR_END if kind == "operator" and cursor.prefix[begin] in "<>=!~" else _WORD_END).match(
        cursor.text, len(cursor.prefix)
    )
    span = Span(start, cursor.span.start + (ending.end() if ending else len(cursor.prefix)))
    typed = cursor.prefix[begin:]
    if kind == "operator" and typed in OPERATORS and typed not in ("in", "<", ">"):
        return _next(here, "operator", variable, Span(cursor.offset, cursor.offset))
    return _next(here, before, variable, span, typed)


def _next(here: Here, before: str, variable: str, span: Span, typed: str = "") -> Completions:
    """What may stand behind `before`."""
    lead = " " if before in ("word", "text", "operator") and _is_glued(here, span) else ""
    match before:
        case "start":
            lead = " " if here.document.text[span.start - 1 : span.start] == ";" else ""
            words = {name: known.meaning for name, known in VARIABLES.items()}
        case "word":
            words = dict(_operators(VARIABLES.get(variable, _ANY)))
        case "operator":
            return _values(here, variable, span.start, lead)
        case _:
            words = {"and": "both", "or": "one of both"}
    return offered(
        Item(
            word,
            ItemKind.OPTION if before == "word" else ItemKind.VALUE,
            here.cursor.edit(span, lead + word + (" " if here.document.text[span.end : span.end + 1] != " " else "")),
            detail="" if before == "start" else meaning,
            documentation=meaning if before == "start" else "",
            filter=lead + word if lead else "",
            retrigger=True,
        )
        for word, meaning in words.items()
        if word.startswith(typed)
    )


def _is_glued(here: Here, span: Span) -> bool:
    return here.document.text[span.start - 1 : span.start] not in (" ", "\t", "(")


def _operators(variable: Variable) -> Iterable[tuple[str, str]]:
    """The operators that make sense, what is asked most first."""
    for operator, meaning in OPERATORS.items():
        if variable.ordered or operator not in ORDERING:
            yield operator, meaning if variable.ordered or operator not in ("==", "!=") else f"{meaning} text"


def _values(here: Here, variable: str, start: int, lead: str = "") -> Completions:
    """The values of a variable in quotes, in place of what stands from `start` to the end of the text there."""
    cursor, text = here.cursor, here.document.text
    written = text[start : cursor.offset]
    quote = written[:1] if written[:1] in ("'", '"') else "'" if cursor.quote == '"' else '"'
    end = cursor.offset
    if written:
        rest = re.match(rf"[^{quote}\r\n]*{quote}?", text[end : cursor.span.end])
        end += rest.end() if rest and rest.group().endswith(quote) else 0
    typed = written[1:]
    return offered(
        Item(
            value,
            ItemKind.VALUE,
            cursor.edit(Span(start, end), f"{lead}{quote}{value}{quote}"),
            filter=f"{lead}{quote}{value}",
        )
        for value in VARIABLES.get(variable, _ANY).values
        if value.startswith(typed)
    )
