"""What can be written at the cursor: every kind of place goes to the one who completes it.

It never raises and never waits: what is not known is not offered, and the answer says that it is incomplete. Nothing
is offered in ordinary comments, in files that are not ours, and where nothing is allowed.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from envls import target
from envls import write as writing
from envls.assist.complete_channels import complete_channel
from envls.assist.complete_comments import complete_comment
from envls.assist.complete_keys import complete_key, complete_value, complete_word, node_at
from envls.assist.complete_paths import WANTED, complete_path
from envls.assist.complete_pip import complete_requirement
from envls.assist.complete_specs import complete_spec
from envls.assist.complete_variables import HOLDERS, complete_setting, complete_variable
from envls.assist.cursor import DASH, Cursor, Kind, read
from envls.assist.items import LIMIT, NONE, Completions, Here, Item, ItemKind, matching, numbered, offered
from envls.assist.surroundings import channels_of
from envls.document import Document, Format, known_name
from envls.facts import CondaNames, Facts, Question
from envls.formats.azureml import v1, v2
from envls.formats.azureml.inference import KEYS as INFERENCE_KEYS
from envls.formats.azureml.v1_keys import ENVIRONMENT_KEYS, INLINE_CONDA
from envls.formats.azureml.v1_keys import RUN_KEYS as V1_KEYS
from envls.formats.azureml.workbench import project_of
from envls.formats.azureml.workbench_keys import COMPUTE_KEYS, RUN_KEYS, SPARK_KEYS
from envls.formats.conda import environment_keys
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.keys import Chosen, Holds, KeyInfo, Table, find, table_of
from envls.syntax import Mapping, Sequence

__all__ = ["LIMIT", "Completions", "Item", "ItemKind", "complete", "foreseen"]

_TABLES: dict[Format, Table | Chosen] = {
    Format.ENVIRONMENT: environment_keys.KEYS,
    Format.RUN_CONFIGURATION: RUN_KEYS,
    Format.COMPUTE: COMPUTE_KEYS,
    Format.SPARK: SPARK_KEYS,
    Format.V1: V1_KEYS,
    Format.V1_ENVIRONMENT: ENVIRONMENT_KEYS,
    Format.V1_INFERENCE: INFERENCE_KEYS,
}
_LONGEST = 1000  # characters of what a person types at one place; patterns are not tried on more
_DEPENDENCY = ("dependencies", DASH)
_REQUIREMENT = (*_DEPENDENCY, "pip", DASH)


def complete(document: Document, offset: int, facts: Facts) -> Completions:
    """What can be written at `offset` (a number of characters), best first, at most `LIMIT` items."""
    format_ = _format_of(document)
    if format_ is Format.FOREIGN:
        return NONE
    cursor = read(document.text, document.lines, offset)
    here = Here(document, cursor, facts)
    if cursor.kind is Kind.NOTHING or len(cursor.text) > _LONGEST:
        return NONE
    if cursor.kind is Kind.COMMENT:
        return numbered(complete_comment(here))
    facts.managed = target.is_managed_perhaps(document, facts)
    return numbered(_in_table(here, _table_of(document, format_)))


def foreseen(document: Document, facts: Facts) -> list[Question[Any]]:
    """What will be asked of indexes as soon as somebody completes a name, whatever is typed."""
    content = document.content
    if not isinstance(content, EnvironmentFile):
        return []
    facts.managed = target.is_managed_perhaps(document, facts)
    channels = channels_of(content, facts)
    return [CondaNames(channels)] if channels.platform else []


def _format_of(document: Document) -> Format:
    """What the file is, or will be: one whose name is likely and that says nothing else yet."""
    path, root = document.path, document.tree.root
    if document.format is not Format.FOREIGN:
        return document.format
    if _begins_a_definition(document):
        return Format.V2
    if not known_name(path):
        return Format.FOREIGN
    likely = re.search(r"conda|env", path.name, re.IGNORECASE) or path.parent.name.lower() in _FOLDERS
    keys = [entry.key.value for entry in root.entries] if isinstance(root, Mapping) else []
    ours = all(any(info.name.startswith(key) for info in environment_keys.KEYS) for key in keys)
    return Format.ENVIRONMENT if likely and ours else Format.FOREIGN


_FOLDERS = frozenset(("binder", ".binder", "conda-envs", "envs"))


def _begins_a_definition(document: Document) -> bool:
    """Whether nothing but a schema line is begun, in a file that may be a definition of CLI v2."""
    words = re.sub(r"(?m)#.*$|^---", "", document.text[:_LONGEST]).split()
    if not words:
        return v2.may_be_called(document.path)
    first = words[0].strip("\"'")
    schema = re.fullmatch(r"(\$s?c?h?e?m?a?)[\"']?:?", first) is not None and "$schema".startswith(first.rstrip("\"':"))
    value = words[1].strip("\"'") if len(words) > 1 else ""
    return schema and len(words) <= 2 and v2.SCHEMA.startswith(value[: v2.SCHEMA.index("{")])


def _table_of(document: Document, format_: Format) -> Table | Chosen:
    """The keys of a document; a definition of CLI v2 has those of its kind, and at first only the line that tells it."""
    content = document.content
    if isinstance(content, v2.Definition):
        return content.table or v2.UNKNOWN
    return v2.UNKNOWN if format_ is Format.V2 else _TABLES[format_]


def _in_table(here: Here, table: Table | Chosen) -> Completions:
    cursor = here.cursor
    conda = table is environment_keys.KEYS
    info, below = _reached(here, cursor.route, table)
    if cursor.kind is Kind.VALUE and cursor.route[-2:-1] and cursor.route[-2] in HOLDERS:
        return complete_setting(here)
    if cursor.kind is Kind.VALUE and conda and cursor.route == ("name",):
        return complete_word(here, [_folder_name(here)] if matching(_folder_name(here), cursor.prefix) else [])
    if cursor.kind is Kind.VALUE:
        return complete_value(here, info) if info and info.holds is not Holds.LIST else NONE
    if cursor.kind is Kind.ITEM:
        return _in_list(here, info, below)
    if cursor.route and info and info.holds is Holds.LIST and cursor.route[-1] != DASH:
        return _without_dash(here, cursor, info, below)
    if cursor.route and cursor.route[-1] in HOLDERS:
        return complete_variable(here)
    found = complete_key(here, below)
    if not cursor.route:
        return (_new_file(here) if conda else NONE) + found
    if not found.items and cursor.opened and not cursor.colon:
        opened, below = _reached(here, cursor.opened, table)
        return _without_dash(here, replace(cursor, route=cursor.opened), opened, below)
    return found


def _without_dash(here: Here, cursor: Cursor, info: KeyInfo | None, below: Table) -> Completions:
    """An item whose dash is not typed yet: offered with it, where the list's other dashes stand."""
    if cursor.colon or cursor.flow or info is None:
        return NONE
    place = here.document.lines.place
    other = node_at(here, cursor.route)
    if isinstance(other, Sequence) and other.dashes and place(other.dashes[0])[1] != place(cursor.begin)[1]:
        return NONE
    return _in_list(replace(here, cursor=cursor.as_item()), info, below)


def _reached(here: Here, route: tuple[str, ...], table: Table | Chosen) -> tuple[KeyInfo | None, Table]:
    """The key that a route leads to, and the keys that may stand below it."""
    info: KeyInfo | None = None
    spelling = v1.camel if here.document.format is Format.V1 else str
    allowed = table_of(table, _mapping_at(here, ()))
    for depth, step in enumerate(route, 1):
        below = _mapping_at(here, route[:depth])
        if step == DASH:
            pip = info is not None and info.name == "dependencies" and not allowed
            allowed = (environment_keys.PIP,) if pip else table_of(info.keys, below) if info else ()
        elif (found := find(allowed, step, spelling)) is not None:
            info = found
            allowed = table_of(found.keys, below)
        elif info is not None and info.each:
            allowed = table_of(info.each, below)  # the step is a name of the user's own
            info = None
        else:
            return None, ()
    return info, allowed


def _mapping_at(here: Here, route: tuple[str, ...]) -> Mapping | None:
    node = node_at(here, route)
    return node if isinstance(node, Mapping) else None


def _in_list(here: Here, info: KeyInfo | None, below: Table) -> Completions:
    """An item of the list that the key `info` holds."""
    route = here.cursor.route
    if info is None:
        return NONE
    if here.document.format in (Format.V1, Format.V1_ENVIRONMENT):
        route = _among_packages(route)
    if route == _DEPENDENCY:
        return complete_spec(here)
    if route == _REQUIREMENT:
        return complete_requirement(here)
    if route == ("channels", DASH):
        return complete_channel(here)
    if route == ("platforms", DASH):
        return _platforms(here)
    if route == ("ArgumentVector", DASH):
        return _script(here)
    return complete_key(here, below) if below else NONE


def _among_packages(route: tuple[str, ...]) -> tuple[str, ...]:
    """The part of a route that lies in the conda environment that SDK v1 takes inside its own files."""
    names = [v1.camel(step) for step in route]
    return route[names.index(INLINE_CONDA.name) + 1 :] if INLINE_CONDA.name in names else route


def _script(here: Here) -> Completions:
    """What a run starts: the first item of its arguments."""
    arguments = node_at(here, here.cursor.route[:-1])
    if isinstance(arguments, Sequence) and arguments.dashes and arguments.dashes[0] < here.cursor.begin:
        return NONE
    scripts = complete_path(here, project_of(here.document.path), WANTED["script"])
    return scripts + complete_word(here, ["$file"] if matching("$file", here.cursor.prefix) else [])


def _platforms(here: Here) -> Completions:
    mapping = here.document.tree.root
    listed = mapping.get("platforms") if isinstance(mapping, Mapping) else None
    there = here.document.text[listed.span.start : listed.span.end] if listed else ""
    words = (name for name in environment_keys.SUBDIRS if name != "noarch")
    return complete_word(here, (name for name in words if name not in there or name == here.cursor.text))


def _folder_name(here: Here) -> str:
    """What an environment is called most often: as the folder of its file."""
    return re.sub(r"[^a-z0-9_-]+", "-", here.document.path.parent.name.lower()).strip("-") or "my-env"


def _new_file(here: Here) -> Completions:
    """A whole environment file, where nothing but the word under the cursor stands."""
    cursor, text = here.cursor, here.document.text
    label = "conda environment"
    rest = here.document.tree.root
    if isinstance(rest, Mapping) or cursor.quote or cursor.colon or not matching(label, cursor.prefix):
        return NONE
    lines = (
        f"name: ${{1:{_folder_name(here)}}}",
        "channels:",
        "  - conda-forge",
        "dependencies:",
        "  - python=${2:3.12}",
        "  - $0",
    )
    edit = cursor.whole(writing.newline(text).join(lines))
    return offered([Item(label, ItemKind.SNIPPET, edit, "name, channels, dependencies", snippet=True)])
