"""ENV1: the values of the keys at the top."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from envls.facts import Facts
from envls.formats import keys
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.conda.environment_keys import KEYS, SUBDIRS
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

    ```yaml
    dependencies:
      python: 3.11  # <- ENV105
      numpy: ">=1.26"
      pip:
        - requests==2.31.0
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
      - numpy>=1.26
      - pip:
          - requests==2.31.0
    ```

    ```yaml
    name: "3"
    channels: [conda-forge]
    dependencies:
      - python=3.11
    variables: {MODE: fast}
    ```
    """
    del facts
    if value.info not in KEYS or keys.fits(value.node, value.info, yaml="1.2"):
        return
    info, node = value.info, value.node
    shown = keys.described(node, yaml="1.2")
    if isinstance(node, Scalar) and node.is_null:
        if info.name in DEMANDED:
            wanted = "a list of packages" if info.name == "dependencies" else f"{info.holds.value}, or no such key"
            yield Finding(node.span, f"`{info.name}` is empty; conda demands {wanted}")
        return
    fixes: tuple[Fix, ...] = ()
    if info.holds is keys.Holds.LIST and isinstance(node, Scalar) and resolved(node) is Kind.TEXT:
        fixes = tuple(_as_list(node))
    elif info.name == "dependencies" and isinstance(node, Mapping):
        fixes = tuple(_as_items(node))
    elif info.holds is keys.Holds.TEXT and isinstance(node, Scalar):
        fixes = (Fix("Put quotes round it", (Replace(node.span, f'"{node.text.raw}"'),), safe=True),)
    quiet = None if info.name in DEMANDED else Severity.WARNING
    yield Finding(shown_at(node), f"`{info.name}` must be {info.holds.value}, not {shown}", fixes, severity=quiet)


def as_item(name: str, value: str, operator: str) -> str:
    """What a mapping in a list was meant to say; "" where that is a guess."""
    name = name.rstrip("=")
    if name.startswith("-"):
        return f"{name}: {value}".rstrip()  # an option of pip whose value has a colon: it wants quotes
    if not value or value == "*":
        return name
    if value[0] in "=<>!~":
        return name + value
    return name + operator + value if value[0].isdigit() and " " not in value else ""


def _as_items(node: Mapping) -> Iterator[Fix]:
    """The packages of a mapping as a list; nothing where one of them cannot be told."""
    changes: list[Replace] = []
    for entry in node.entries:
        value = resolve_alias(entry.value)
        if isinstance(value, Scalar):
            bare = "" if value.is_null else value.value.strip()
            written = as_item(entry.key.value, bare, "=") if value.style in _ON_ONE_LINE else ""
            if not written or "\n" in value.text.raw:
                return
            changes.append(Replace(entry.span, "- " + scalar(written)))
        elif entry.key.value == "pip" and isinstance(value, Sequence) and not node.flow:
            if not all(isinstance(item, Scalar) and "\n" not in item.text.raw for item in value.items):
                return
            changes.append(Replace(Span(entry.key.start, entry.key.start), "- "))
            changes += [Replace(Span(dash, dash), "  ") for dash in value.dashes if not value.flow]
        else:
            return
    if node.flow:
        written = ", ".join(change.text.removeprefix("- ") for change in changes)
        changes = [Replace(node.span, f"[{written}]")] if "," not in written.replace(", ", "") else []
    if changes:
        yield Fix("Make it a list", tuple(changes), safe=True)


_ON_ONE_LINE = (Style.PLAIN, Style.SINGLE, Style.DOUBLE)


def _as_list(node: Scalar) -> Iterator[Fix]:
    """The text as a list of one item, or of one item for each line; nothing where its dashes are only misplaced."""
    lines = [line.strip() for line in node.text.raw.splitlines()]
    if node.style is Style.PLAIN and all(re.match(r"-[^\s-]", line) for line in lines):
        glued = [found.end() for found in re.finditer(r"(?m)^[ \t]*-", node.text.raw)]
        blanks = tuple(Replace(Span(node.start + at, node.start + at), " ") for at in glued)
        yield Fix("Insert a blank behind each dash", blanks, safe=True)
        return
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
    channels: [conda-forge]
    dependencies:
      - python=3.11
    ```

    ```yaml fixed
    name: my-env
    channels: [conda-forge]
    dependencies:
      - python=3.11
    ```

    ```yaml
    name: base  # <- ENV109
    channels: [conda-forge]
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
