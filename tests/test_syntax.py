"""PyYAML is the judge: what it reads we read alike, what it rejects we reject, and a broken line costs only itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from corpus import FILES

from envls import syntax
from envls.syntax import Alias, Mapping, Scalar, Sequence
from envls.text import apply


def oracle(text: str) -> Any:
    """PyYAML's tree as (kind, start, value); "error" where it rejects the text."""
    try:
        documents = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError):
        return "error"
    if len(documents) > 1:
        return "error"
    return plain_oracle(documents[0]) if documents else None


def plain_oracle(node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return (node.start_mark.index, node.value)
    if isinstance(node, yaml.SequenceNode):
        return [plain_oracle(item) for item in node.value]
    return {"entries": [(plain_oracle(key), plain_oracle(value)) for key, value in node.value]}


def ours(text: str) -> Any:
    tree = syntax.parse(text)
    if tree.problems:
        return "error"
    return plain_ours(tree.root) if tree.root else None


def plain_ours(node: syntax.Node) -> Any:
    if isinstance(node, Alias):
        return plain_ours(syntax.resolve_alias(node))
    if isinstance(node, Scalar):
        return (node.start, node.value)
    if isinstance(node, Sequence):
        return [plain_ours(item) for item in node.items]
    assert isinstance(node, Mapping)
    return {"entries": [(plain_ours(entry.key), plain_ours(entry.value)) for entry in node.entries]}


def same(left: Any, right: Any) -> bool:
    """Equal but for the place of a scalar that is not written: PyYAML puts it where it noticed."""
    if (
        isinstance(left, tuple)
        and isinstance(right, tuple)
        and len(left) == len(right) == 2
        and left[1] == right[1] == ""
    ):
        return True
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return same([list(pair) for pair in left["entries"]], [list(pair) for pair in right["entries"]])
    return bool(left == right)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_reads_real_files_as_pyyaml_does(path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "replace").removeprefix("\ufeff")
    assert same(ours(text), oracle(text))


TABS = (
    "- a\t\n- b\n",
    'a: "x"\t\nb: 1\n',
    "a: [x,\t\n  y]\n",
    "a: b\t\n  c\n",
    "a: b\n\t\n",
    "a:\t\n  b: c\n",
    "a: b \t ",
)
TABS_THAT_ARE_TEXT = ("a: |\n  x\t\n", "# x\t\na: b\n", "a: b # x\t\n", 'a: "x\t\n  y"\n')


@pytest.mark.parametrize("text", TABS + TABS_THAT_ARE_TEXT)
def test_a_tab_at_the_end_of_a_line_is_refused_where_pyyaml_refuses_it(text: str) -> None:
    problems = syntax.parse(text).problems
    if text in TABS_THAT_ARE_TEXT:
        assert not problems
        return
    with pytest.raises(yaml.YAMLError):
        yaml.safe_load(text)
    (problem,) = problems
    assert problem.fix
    assert yaml.safe_load(apply(text, [problem.fix[1]])) is not None
