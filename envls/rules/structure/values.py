"""ENV1: the values of the keys at the top."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from envls.facts import Facts
from envls.formats import keys
from envls.formats.conda.environment import KEYS, SUBDIRS, EnvironmentFile
from envls.formats.conda.matchspec import PLATFORMS
from envls.formats.keys import Value
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.syntax import Kind, Mapping, Node, Scalar, Sequence, Style, resolve_alias, resolved
from envls.text import Span
from envls.write import Replace, scalar

DEMANDED = frozenset(("name", "channels", "dependencies", "variables", "prefix"))
"""The keys whose values conda itself judges."""


def shown_at(node: Node) -> Span:
    """Where to point at a node: at all of it if it is short, else at its beginning."""
    return node.span if isinstance(node, Scalar) else Span(node.span.start, min(node.span.end, node.span.start + 1))


@rule("ENV105", on=Value, severity=Severity.ERROR)
def wrong_type(value: Value, facts: Facts) -> Iterator[Finding]:
    """A value is not of the type that conda demands.

    conda 26.7 refuses the file: `Invalid type for 'channels', expected a list`. A key without a value holds nothing,
    which is neither text nor a list.

    ```yaml
    channels: conda-forge  # <- ENV105
    dependencies:
      - python=3.11
    ```

    ```yaml fixed
    channels: [conda-forge]
    dependencies:
      - python=3.11
    ```
    """
    del facts
    if value.info not in KEYS or keys.fits(value.node, value.info, yaml="1.2"):
        return
    info, node = value.info, value.node
    shown = keys.described(node, yaml="1.2")
    if isinstance(node, Scalar) and node.is_null:
        if info.name in DEMANDED:
            wanted = "a list of packages" if info.name == "dependencies" else info.holds.value
            yield Finding(node.span, f"`{info.name}` is empty; conda demands {wanted}, or no such key")
        return
    fixes: tuple[Fix, ...] = ()
    if info.holds is keys.Holds.LIST and isinstance(node, Scalar) and resolved(node) is Kind.TEXT:
        fixes = tuple(_as_list(node))
    elif info.holds is keys.Holds.TEXT and isinstance(node, Scalar):
        fixes = (Fix("Put quotes round it", (Replace(node.span, f'"{node.text.raw}"'),), safe=True),)
    quiet = None if info.name in DEMANDED else Severity.WARNING
    yield Finding(shown_at(node), f"`{info.name}` must be {info.holds.value}, not {shown}", fixes, severity=quiet)


def _as_list(node: Scalar) -> Iterator[Fix]:
    """The text as a list of one item, or of one item for each line; nothing where its dashes are only misplaced."""
    lines = [line.strip() for line in node.text.raw.splitlines()]
    if node.style in (Style.LITERAL, Style.FOLDED) or any(line.startswith("-") for line in lines):
        return
    yield Fix("Make it a list", (Replace(node.span, f"[{', '.join(lines)}]"),), safe=True)


@rule("ENV109", on=EnvironmentFile, severity=Severity.ERROR)
def illegal_name(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """The name of the environment has a letter that none may have.

    A name becomes a folder: conda refuses `/`, `:`, `#` and blanks in it (CEP 24), unless `--name` gives another. `base`
    and `root` are those of the installation itself: conda then changes it, or refuses; that is a warning.

    ```yaml
    name: my env  # <- ENV109
    dependencies:
      - python=3.11
    ```

    ```yaml fixed
    name: my-env
    dependencies:
      - python=3.11
    ```

    ```yaml
    name: base  # <- ENV109
    dependencies:
      - python=3.11
    ```

    ```yaml
    name: my_env-3.11
    dependencies:
      - python=3.11
    ```
    """
    del facts
    node = file.name
    if node is None or resolved(node) is not Kind.TEXT or not node.value:
        return
    bad = next((letter for letter in "/:#" if letter in node.value), "a blank" if " " in node.value else "")
    if bad:
        better = "-".join(part for part in re.split(r"[\s/:#-]+", node.value) if part)
        fixes = (Fix(f"Rename to `{better}`", (Replace(node.span, scalar(better, like=node)),)),) if better else ()
        shown = bad if bad == "a blank" else f"`{bad}`"
        yield Finding(node.span, f"conda refuses a name with {shown} in it", fixes)
    elif node.value in ("base", "root"):
        message = f"`{node.value}` is conda's own environment; this changes the installation, or is refused"
        yield Finding(node.span, message, severity=Severity.WARNING)


@rule("ENV110", on=EnvironmentFile, severity=Severity.WARNING)
def unknown_platform(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """A platform is none that can be solved for.

    conda-lock solves for each of the `platforms`, and fails for a name that no channel knows. `noarch` is part of every
    platform, and CEP 24 forbids it here. conda itself ignores the key.

    ```yaml
    platforms:
      - linux64  # <- ENV110
      - noarch   # <- ENV110
      - osx-arm64
    dependencies:
      - python=3.11
    ```

    ```yaml
    platforms: [linux-64, win-64]
    dependencies:
      - python=3.11
    ```
    """
    del facts
    listed = file.root.get("platforms") if isinstance(file.root, Mapping) else None
    for item in listed.items if isinstance(listed, Sequence) else ():
        if not isinstance(item, Scalar) or not item.value:
            continue
        if item.value == "noarch":
            yield Finding(item.span, "`noarch` is part of every platform; it is none to solve for")
        elif item.value not in PLATFORMS:
            near = get_close_matches(item.value, SUBDIRS, 1, 0.7)
            fixes = tuple(Fix(f"Write `{name}`", (Replace(item.span, scalar(name, like=item)),)) for name in near)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            yield Finding(item.span, f"conda knows no platform `{item.value}`{hint}", fixes)


@rule("ENV111", on=EnvironmentFile, severity=Severity.WARNING)
def nested_variable(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """The value of an environment variable is a list or a mapping.

    mamba refuses the file; conda sets the variable to what Python would print.

    ```yaml
    dependencies:
      - python=3.11
    variables:
      PATHS: [data, models]  # <- ENV111
      MODE: fast
    ```

    ```yaml
    dependencies:
      - python=3.11
    variables:
      PATHS: data:models
    ```
    """
    del facts
    variables = file.root.get("variables") if isinstance(file.root, Mapping) else None
    for entry in variables.entries if isinstance(variables, Mapping) else ():
        if isinstance(resolve_alias(entry.value), Mapping | Sequence):
            yield Finding(entry.key.span, f"`{entry.key.value}` must be text; mamba refuses the file")
