"""Completes environment variables: their names and values, where a file of any of our formats sets them."""

from __future__ import annotations

from envls.assist.complete_keys import complete_word, mapping_at
from envls.assist.items import NONE, Completions, Here, Item, ItemKind, matching, offered
from envls.assist.surroundings import environments_beside
from envls.known.variables import VARIABLES
from envls.syntax import Mapping

HOLDERS = frozenset(("variables", "environment_variables", "environmentVariables", "EnvironmentVariables"))
"""The keys whose value is a mapping of variables."""


def complete_variable(here: Here) -> Completions:
    """The names that are not set yet: those that the project's other conda files set first. Their values are not copied."""
    cursor = here.cursor
    mapping = mapping_at(here)
    there = {entry.key.value for entry in mapping.entries} - {cursor.text} if mapping else set()
    beside = [name for file in environments_beside(here) for name in _names(file.root)]
    names = [name for name in dict.fromkeys((*beside, *VARIABLES)) if matching(name, cursor.prefix)]
    return offered(
        Item(
            name,
            ItemKind.KEY,
            cursor.whole(name if cursor.colon else f"{name}: "),
            detail="in this project" if name in beside else "",
            documentation=VARIABLES[name].meaning if name in VARIABLES else "",
            retrigger=not cursor.colon and bool(name in VARIABLES and VARIABLES[name].values),
        )
        for name in names
        if name not in there
    )


def _names(root: object) -> list[str]:
    variables = root.get("variables") if isinstance(root, Mapping) else None
    return [entry.key.value for entry in variables.entries] if isinstance(variables, Mapping) else []


def complete_setting(here: Here) -> Completions:
    """The values that a variable has, in quotes where YAML would take them for something else than a text."""
    known = VARIABLES.get(here.cursor.route[-1])
    if known is None:
        return NONE
    quote = "" if here.cursor.quote else '"'
    return complete_word(here, (f"{quote}{value}{quote}" for value in known.values))
