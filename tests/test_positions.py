"""A place inside a scalar is the place of the very characters, however the scalar is written."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from envls.document import read
from envls.formats.conda.environment import EnvironmentFile
from envls.syntax import Scalar, Sequence, parse

WRITTEN = {
    "plain": ("numpy >=1.2", ">=1.2"),
    "single quotes": ("'numpy >=1.2'", ">=1.2"),
    "a doubled quote before it": ("'it''s >=1.2'", ">=1.2"),
    "double quotes": ('"numpy >=1.2"', ">=1.2"),
    "escapes before it": (r'"\x6eump\u0079 >=1.2"', ">=1.2"),
    "a tab before it": (r'"numpy\t>=1.2"', ">=1.2"),
    "a joined line": ('"numpy \\\n      >=1.2"', ">=1.2"),
    "a folded line": ("numpy\n      >=1.2", ">=1.2"),
    "a folded line in quotes": ("'numpy\n      >=1.2'", ">=1.2"),
    "a literal text": ("|\n      numpy >=1.2", ">=1.2"),
    "a literal text with a blank line": ("|\n      numpy\n\n      >=1.2\n", ">=1.2"),
    "a folded text": (">-\n      numpy\n      >=1.2", ">=1.2"),
    "beyond the first plane": ("'🐍🐍 >=1.2'", ">=1.2"),
    "an escape beyond the first plane": (r'"\U0001F40D >=1.2"', ">=1.2"),
    "a tag and an anchor": ("!!str &a numpy >=1.2", ">=1.2"),
}


@pytest.mark.parametrize("before", ["", "\ufeff", "# 🐍 é\n", "---\n"], ids=["nothing", "mark", "emoji", "document"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("how", WRITTEN)
def test_what_is_within_is_where_it_is_written(how: str, line_end: str, before: str) -> None:
    written, wanted = WRITTEN[how]
    text = (before + "dependencies:\n  - " + written + "\n  - pandas\n").replace("\n", line_end)
    tree = parse(text)
    assert not tree.problems
    root = tree.root
    assert root is not None and not isinstance(root, Scalar | Sequence) and hasattr(root, "get")
    listed = root.get("dependencies")
    assert isinstance(listed, Sequence) and len(listed.items) == 2
    node, after = listed.items
    assert isinstance(node, Scalar) and isinstance(after, Scalar)
    at = node.value.index(wanted)
    span = node.within(at, at + len(wanted))
    assert text[span.start : span.end] == wanted
    assert node.index_at(span.start) == at
    assert text[after.span.start : after.span.end] == "pandas"


def test_a_finding_in_an_escaped_spec_stands_on_its_characters() -> None:
    text = 'dependencies:\n  - "\\x6eumpy\\x20=> 1"\n'
    content = read(PurePosixPath("/project/environment.yml"), text).content
    assert isinstance(content, EnvironmentFile)
    (item,) = content.dependencies
    assert text[slice(*item.name_span)] == "\\x6eumpy"
