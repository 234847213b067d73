"""YAML text to a tree that knows where everything stands. Parsing never fails.

`tree` says what a text is made of, `lines` finds the lines with content, `heads` says how a line begins. `block` goes
from line to line: `frames` knows whether a line fits what is open, `builder` adds it. Where it does not, `recovery` asks
the lines behind it which of the ways to take it is right; `astray`, `hindsight` and `regrouping` know the ways. `values`
reads what stands behind a dash or a colon, `flow` brackets, `unbalanced` those that do not add up; `scalars` says what a
scalar means and where each of its characters stands. `glance` sees the outermost keys without all this. PyYAML is the judge of this room: the tests compare it with PyYAML
on every file they have.
"""

from envls.syntax.block import parse
from envls.syntax.glance import outer_keys
from envls.syntax.scalars import bad_escape
from envls.syntax.tree import (
    EMPTY,
    Alias,
    Entry,
    Kind,
    Mapping,
    Node,
    Problem,
    Scalar,
    Sequence,
    Style,
    Text,
    Tree,
    mappings,
    resolve_alias,
    resolved,
    walk,
)

__all__ = [
    "EMPTY",
    "Alias",
    "Entry",
    "Kind",
    "Mapping",
    "Node",
    "Problem",
    "Scalar",
    "Sequence",
    "Style",
    "Text",
    "Tree",
    "bad_escape",
    "mappings",
    "outer_keys",
    "parse",
    "resolve_alias",
    "resolved",
    "walk",
]
