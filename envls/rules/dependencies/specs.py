"""ENV3: match specs that conda rejects."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envls.facts import Facts
from envls.formats.conda import matchspec, requirement
from envls.formats.conda.environment import ChannelRef, Dependency, Requirement
from envls.formats.conda.misreading import misreading
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.syntax import Scalar, Style
from envls.text import Span
from envls.write import Add, Remove, Replace, scalar


@rule("ENV301", on=Dependency, severity=Severity.ERROR)
def invalid_spec(dependency: Dependency, facts: Facts) -> Iterator[Finding]:
    """conda cannot read a match spec.

    The verdict is that of conda 26.7 with its default solver: it reads all specs first, and refuses the file for one
    that it cannot read. What belongs to pip (an address, an option, a marker, a folder) goes to the `pip` section.

    ```yaml
    dependencies:
      - pip
      - python >=3.10 <3.13  # <- ENV301
      - numpy==              # <- ENV301
      - scipy[foo=bar]       # <- ENV301
      - git+https://example.com/tool.git  # <- ENV301
    ```

    ```yaml fixed
    dependencies:
      - pip
      - python >=3.10,<3.13
      - numpy==
      - scipy[foo=bar]
      - pip:
          - git+https://example.com/tool.git
    ```

    conda takes more than one would think:

    ```yaml
    dependencies:
      - python 3.11.* *_cpython
      - numpy >=1.26,<2|==1.24.4
      - conda-forge/linux-64::blas=*=openblas
      - openssl[version='>=3', build_number='>=1']
    ```
    """
    del facts
    problem, node = dependency.spec.problem, dependency.node
    if problem is None or is_joined(node):
        return
    fixes: tuple[Fix, ...] = ()
    if problem.replacement is not None and _is_good(problem.replacement):
        fixes = (
            Fix(
                f"Write `{problem.replacement}`",
                (rewrite(dependency, problem.replacement),),
                safe=problem.safe,
                sure=True,
            ),
        )
    elif problem.pip:
        fixes = to_pip(dependency, problem.pip)
    yield Finding(node.within(problem.start, problem.end), problem.message, fixes)


def _is_good(spec: str) -> bool:
    return matchspec.parse(spec).problem is None and misreading(spec) is None


_LINE_BREAK = re.compile(r"[ \t]*(?:\r\n|\n|\r)\s*(?!(?:if|and|or)\b)(?=[A-Za-z_])")  # `if`, `and`, `or` begin no item


def is_joined(node: Scalar) -> bool:
    """Whether an item goes on on the next line with what begins like another, as it does where that lacks its dash.

    A version, a marker or an option may well stand on a line of its own.
    """
    return joined_at(node) is not None


def joined_at(node: Scalar) -> Span | None:
    """The line break in `node` behind which a dash is missing, with the blanks round it."""
    text = node.text
    if text.raw is text.value or text.style is not Style.PLAIN:
        return None
    found = _LINE_BREAK.search(text.raw)
    return Span(node.start + found.start(), node.start + found.end()) if found else None


def rewrite(item: ChannelRef | Dependency | Requirement, value: str) -> Replace:
    """Put `value` where the text of an item is, in its style and with quotes where its list needs them."""
    node = item.node
    if node.style in (Style.LITERAL, Style.FOLDED):
        raw = node.text.raw
        return Replace(node.span, in_any_list(value) + raw[len(raw.rstrip("\r\n")) :])
    flow = node.style is Style.PLAIN and item.dash == node.start
    if node.style is Style.PLAIN and not flow and " #" in value and scalar(value.partition(" #")[0].rstrip()) in value:
        return Replace(node.span, value)  # with a comment, which is one for YAML too
    return Replace(node.span, in_any_list(value) if flow else scalar(value, like=node))


def in_any_list(value: str) -> str:
    """`value` as an item that can stand in brackets too, where a comma would part it."""
    written = scalar(value)
    return "'" + value + "'" if written == value and any(mark in value for mark in ",[]{}") else written


PIP_SECTION = ("dependencies", "pip")


def to_pip(dependency: Dependency, line: str) -> tuple[Fix, ...]:
    """The fix that moves an item into the `pip` section, where pip takes the line; never a safe one."""
    if requirement.parse(line).problem:
        return ()
    move = (Remove(dependency.dash), Add(PIP_SECTION, in_any_list(line), beside="pip", near=dependency.dash))
    return (Fix(f"Move to the `pip` section: `{line}`", move, sure=True),)
