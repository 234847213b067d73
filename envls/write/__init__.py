"""How to change such a text: what a fix wants done, and the edits that do it in the file's own style.

A rule says what should change (`changes`: `Replace`, `Remove`, `Add`, `Create`, ...); this room knows how the file at hand is
indented, quoted and ended (`style`), and so where things are taken away (`removing`) and put (`adding`, `keys`). Nothing here
decides whether a change is right.
"""

from envls.write.changes import Add, BreakItem, Change, Create, Remove, Replace, SaveAsUtf8, SetKey
from envls.write.making import edits
from envls.write.style import as_text, indentation, newline, scalar

__all__ = [
    "Add",
    "BreakItem",
    "Change",
    "Create",
    "Remove",
    "Replace",
    "SaveAsUtf8",
    "SetKey",
    "as_text",
    "edits",
    "indentation",
    "newline",
    "scalar",
]
