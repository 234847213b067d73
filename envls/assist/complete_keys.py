"""Completes a key that may stand here, and the value of a key, by the format's table of keys."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePath

from envls import write
from envls.assist.complete_paths import WANTED, Wanted, complete_path, complete_target
from envls.assist.cursor import DASH, Kind
from envls.assist.items import NONE, Completions, Here, Item, ItemKind, matching, offered
from envls.assist.key_card import about_key
from envls.assist.used_names import are_awaited, used_names
from envls.document import Format
from envls.formats.azureml import v2
from envls.formats.azureml.v1 import bases, camel
from envls.formats.azureml.workbench import project_of
from envls.formats.keys import Holds, KeyInfo, Table
from envls.formats.paths import join
from envls.syntax import Kind as Means
from envls.syntax import Mapping, Node, Scalar, Sequence, resolve_alias, resolved
from envls.text import Edit, Span

_BOOLEANS = ("true", "false")


# -- keys -----------------------------------------------------------------------------------------------------


def complete_key(here: Here, table: Table) -> Completions:
    """The keys of `table` that the mapping around the cursor does not have yet, those without effect last.

    One that is given up is not offered.
    """
    cursor = here.cursor
    if cursor.text and not cursor.prefix:
        return NONE
    mapping = mapping_at(here)
    spelling = camel if here.document.format is Format.V1 else str
    present = {
        spelling(entry.key.value)
        for entry in (mapping.entries if mapping else ())
        if not entry.key.span.touches(cursor.offset)
    }
    typed = {cursor.prefix, spelling(cursor.prefix)}
    fitting = [
        info
        for info in table
        if info.successor is None and info.name not in present and any(matching(info.name, one) for one in typed)
    ]
    fitting.sort(key=lambda info: info.effect.startswith(("none", "only read by the first")))
    return offered(_key(here, info) for info in fitting)


def _key(here: Here, info: KeyInfo) -> Item:
    cursor = here.cursor
    edit, snippet = _written(here, info)
    return Item(
        info.name,
        ItemKind.KEY,
        edit,
        detail="" if info.holds in (Holds.TEXT, Holds.ANYTHING) else info.holds.value,
        documentation=about_key(info),
        filter=_compared(here, info, edit),
        snippet=snippet,
        retrigger=not cursor.colon and bool(info.values or info.path or info.holds in (Holds.BOOLEAN, Holds.LIST)),
    )


def _compared(here: Here, info: KeyInfo, edit: Edit) -> str:
    """What an editor compares with the text before the cursor: with the quote that the edit begins at, in the case typed."""
    cursor = here.cursor
    if edit.span.start < cursor.span.start:
        return cursor.quote + info.name
    return "" if matching(info.name, cursor.prefix) else cursor.prefix


def _written(here: Here, info: KeyInfo) -> tuple[Edit, bool]:
    """What writes the key with its colon and the beginning of its value, and whether that has a tab stop."""
    cursor = here.cursor
    if cursor.colon:
        return cursor.whole(info.name), False
    quote = cursor.quote or ('"' if cursor.flow and _is_json(here) else "")
    value, snippet = _opening(here, info)
    text = f"{quote}{info.name}{quote}:{value}"
    if cursor.quote:
        return Edit(Span(cursor.span.start - 1, cursor.span.end + cursor.closed), text), snippet
    return cursor.edit(cursor.span, text), snippet


def _opening(here: Here, info: KeyInfo) -> tuple[str, bool]:
    cursor = here.cursor
    if cursor.flow:
        brackets = {Holds.LIST: " [$0]", Holds.MAPPING: " {$0}"}.get(info.holds, " ")
        return brackets, len(brackets) > 1
    if info.holds not in (Holds.LIST, Holds.MAPPING):
        return " ", False
    lines, text = here.document.lines, here.document.text
    line, column = lines.place(cursor.span.start - bool(cursor.quote))
    column += len(cursor.before)
    if _goes_on_below(here, line, column):
        return "", False
    step = list_indentation(here) if info.holds is Holds.LIST else write.indentation(text)
    dash = "- " if info.holds is Holds.LIST else ""
    return write.newline(text) + " " * (column + step) + dash + "$0", True


def _goes_on_below(here: Here, line: int, column: int) -> bool:
    """Whether the next line is what the key will hold: it lost only its key."""
    lines, text = here.document.lines, here.document.text
    if line + 1 >= len(lines):
        return False
    below = text[slice(*lines.span(line + 1))]
    bare = below.lstrip(" ")
    return bool(bare) and (len(below) - len(bare) > column or (len(below) - len(bare) == column and bare[:2] == "- "))


def list_indentation(here: Here) -> int:
    """How far the dashes of a list stand behind the key of the list, as the file's first list has it."""
    root = here.document.tree.root
    for entry in root.entries if isinstance(root, Mapping) else ():
        value = entry.value
        if isinstance(value, Sequence) and not value.flow and value.dashes:
            place = here.document.lines.place
            return max(0, place(value.dashes[0])[1] - place(entry.key.start)[1])
    return write.indentation(here.document.text)


def mapping_at(here: Here) -> Mapping | None:
    """The mapping that the cursor's key or value stands in, as far as the tree has it."""
    route = here.cursor.route
    node = node_at(here, route[:-1] if here.cursor.kind is Kind.VALUE else route)
    return node if isinstance(node, Mapping) else None


def node_at(here: Here, route: tuple[str, ...]) -> Node | None:
    """Where a route leads in the tree: of a list, into the item at or before the cursor."""
    node = here.document.tree.root
    for step in route:
        node = resolve_alias(node) if node is not None else None
        if step == DASH and isinstance(node, Sequence) and node.items:
            node = node.items[max(0, bisect_right(node.dashes, here.cursor.offset) - 1)]
        else:
            node = node.get(step) if isinstance(node, Mapping) else None
    return node


# -- values ---------------------------------------------------------------------------------------------------


def complete_value(here: Here, info: KeyInfo) -> Completions:
    """What a key of the table may have as its value."""
    if info.path == "compute target":
        return complete_target(here)
    if info.name == "$schema":
        return complete_word(here, (v2.SCHEMA.format(kind) for kind in v2.KINDS))
    if here.document.format is Format.V2:
        return _value_of_definition(here, info)
    if info.path in WANTED:
        return sum((complete_path(here, base, WANTED[info.path]) for base in _bases(here)), NONE)
    return _word_of_table(here, info)


def _value_of_definition(here: Here, info: KeyInfo) -> Completions:
    """A value of CLI v2: the path of a file begins with `file:` where something registered may stand as well."""
    folder, cursor = here.document.path.parent, here.cursor
    if info.path == "environment" and cursor.prefix.startswith("file:"):
        return complete_path(here, folder, WANTED["definition"], cursor.span.start + len("file:"))
    if info.path in ("entry script", "scoring script", "spark entry"):
        return _inside(here, "code", WANTED["script"])
    if info.path == "Dockerfile":
        return _inside(here, "path", WANTED["Dockerfile"])
    paths = complete_path(here, folder, WANTED[info.path]) if info.path in WANTED else NONE
    return paths + _word_of_table(here, info)


def _inside(here: Here, key: str, wanted: Wanted) -> Completions:
    """The files of the folder that another key of the same mapping names."""
    beside = mapping_at(here)
    folder = beside.get(key) if beside else None
    if not isinstance(folder, Scalar) or not v2.is_local(folder.value):
        return NONE
    return complete_path(here, join(here.document.path.parent, folder.value), wanted)


def _word_of_table(here: Here, info: KeyInfo) -> Completions:
    """One of the words that a key allows, or of the names that the project has for what it wants."""
    words = info.values or (_BOOLEANS if info.holds is Holds.BOOLEAN else ())
    if words:
        return complete_word(here, words, info)
    names = used_names(here, info)
    found = complete_word(here, names, info)
    return replace(found, incomplete=True) if names and are_awaited(here) else found


def _bases(here: Here) -> tuple[PurePath, ...]:
    """The folders that paths of the file are relative to; in SDK v1 who loads it decides between two."""
    path = here.document.path
    of_v1 = here.document.format in (Format.V1, Format.V1_ENVIRONMENT, Format.V1_INFERENCE)
    return bases(path)[:2] if of_v1 else (project_of(path),)


def complete_word(here: Here, words: Iterable[str], info: KeyInfo | None = None) -> Completions:
    """One of some words, quoted as the file does it. Behind a finished word it shows what else there is."""
    cursor = here.cursor
    words = tuple(words)
    finished = bool(cursor.text) and cursor.text in words and cursor.offset == cursor.span.end
    quote = "" if cursor.quote or (info and info.holds is Holds.BOOLEAN) else _quote(here)
    fitting = [word for word in words if matching(word, cursor.prefix)]
    if finished:
        fitting += [word for word in words if word not in fitting]
    default = info.default if info else ""
    return offered(
        (
            Item(
                word,
                ItemKind.VALUE,
                cursor.whole(quote + word + quote),
                detail="default" if default.rstrip(".") == f"`{word}`" else "",
                filter=cursor.prefix if finished else "",
            )
            for word in fitting
        ),
        incomplete=finished,
    )


def _quote(here: Here) -> str:
    """The quotes that the texts around the cursor are in, "" where one of them has none."""
    if here.cursor.flow and _is_json(here):
        return '"'
    mapping = mapping_at(here)
    styles = {
        entry.value.style.value
        for entry in (mapping.entries if mapping else ())
        if isinstance(entry.value, Scalar)
        and resolved(entry.value) is Means.TEXT
        and not entry.value.span.touches(here.cursor.offset)
    }
    return next(iter(styles)) if len(styles) == 1 and styles <= {"'", '"'} else ""


def _is_json(here: Here) -> bool:
    return re.search(r'[{,]\s*"', here.document.text) is not None
