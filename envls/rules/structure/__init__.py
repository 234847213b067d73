"""ENV1: the structure of an environment file: `text` as YAML, keys (`toplevel`), their `values`,
`items` of the lists, `variables`, `comments` for envls.
"""

from envls.rules.binder import unread_by_binder
from envls.rules.structure.comments import unknown_code
from envls.rules.structure.items import dropped_item
from envls.rules.structure.text import (
    not_utf_8,
    not_yaml,
    repeated_key,
    repeated_keys,
    template,
    unreadable_bytes,
    wrong_extension,
    yaml_problems,
)
from envls.rules.structure.toplevel import ignored_prefix, missing_dependencies, missing_name, unknown_key
from envls.rules.structure.values import illegal_name, unknown_platform, wrong_type
from envls.rules.structure.variables import changed_variable, nested_variable

__all__ = [
    "changed_variable",
    "dropped_item",
    "ignored_prefix",
    "illegal_name",
    "missing_dependencies",
    "missing_name",
    "nested_variable",
    "not_utf_8",
    "not_yaml",
    "repeated_key",
    "repeated_keys",
    "template",
    "unknown_code",
    "unknown_key",
    "unknown_platform",
    "unread_by_binder",
    "unreadable_bytes",
    "wrong_extension",
    "wrong_type",
    "yaml_problems",
]
