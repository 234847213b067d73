"""ENV1: the structure of an environment file: YAML, keys, types, and what conda drops in silence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from envls.document import Document, Format
from envls.facts import Facts
from envls.formats import keys
from envls.formats.conda.environment import KEYS, KNOWN_TO_OTHERS, SUBDIRS, EnvironmentFile, OddItem
from envls.formats.conda.matchspec import PLATFORMS
from envls.formats.keys import Key, Value
from envls.rules.rule import Finding, Fix, Related, Severity, rule
from envls.syntax import Entry, Kind, Mapping, Node, Scalar, Sequence, Style, mappings, resolve_alias, resolved
from envls.text import Span
from envls.write import Remove, Replace, scalar

SELECTORS = ("sel(linux)", "sel(osx)", "sel(unix)", "sel(win)")
DEMANDED = frozenset(("name", "channels", "dependencies", "variables", "prefix"))
"""The keys whose values conda itself judges."""


def yaml_problems(document: Document) -> Iterator[Finding]:
    """The problems of a text; what only makes YAML of a line that still says nothing sensible is not safe."""
    for problem in document.tree.problems:
        safe = problem.fix is not None and not problem.fix[0].startswith("Put quotes")
        fixes = (Fix(problem.fix[0], (Replace(*problem.fix[1]),), safe),) if problem.fix else ()
        yield Finding(problem.span, problem.message, fixes)


def repeated_keys(document: Document) -> Iterator[tuple[Entry, Entry]]:
    """Each key that stands twice in one mapping, with its first mention."""
    for node in mappings(document.tree.root):
        if len(node.entries) > 1:
            first: dict[str, Entry] = {}
            for entry in node.entries:
                if entry.key.value in first and entry.key.value != "<<":
                    yield first[entry.key.value], entry
                first.setdefault(entry.key.value, entry)


@rule("ENV101", on=Document, severity=Severity.ERROR)
def not_yaml(document: Document, facts: Facts) -> Iterator[Finding]:
    """A line is not YAML.

    conda refuses the whole file. Everything else in it is read and judged all the same.

    ```yaml
    dependencies:
      - python=3.11
      - >=1.2  # <- ENV101
      - pandas=2.2
    ```

    ```yaml
    channels: [conda-forge, bioconda  # <- ENV101
    dependencies:
      - python=3.11
    ```
    """
    del facts
    if document.format is Format.ENVIRONMENT and not document.template:
        yield from yaml_problems(document)


@rule("ENV102", on=Document, severity=Severity.HINT)
def template(document: Document, facts: Facts) -> Iterator[Finding]:
    """The file is a template.

    What stands in `{{ }}` and `{% %}` is filled in later. envls reads what it can, and keeps quiet about YAML.

    ```yaml
    name: {{ name }}  # <- ENV102
    dependencies:
      - python=3.11
    ```
    """
    del facts
    if document.format is Format.ENVIRONMENT and document.template:
        start = min(at for mark in ("{{", "{%") if (at := document.text.find(mark)) >= 0)
        yield Finding(Span(start, start + 2), "this is a template; envls reads what is not filled in later")


@rule("ENV103", on=Document, severity=Severity.WARNING)
def unknown_key(document: Document, facts: Facts) -> Iterator[Finding]:
    """conda does not know a key.

    conda 26.7 warns and goes on without it, mamba says nothing, so everything below a misspelt key is lost. A misspelt
    `dependencies` is an error: without it conda refuses the file. So is a `pip` outside of the `dependencies`: none of
    its packages is installed.

    ```yaml
    name: demo
    chanels:  # <- ENV103
      - conda-forge
    dependencies:
      - python=3.11
    ```

    ```yaml fixed
    name: demo
    channels:
      - conda-forge
    dependencies:
      - python=3.11
    ```

    ```yaml
    dependencies:
      - python=3.11
      - pip
    pip:  # <- ENV103
      - requests==2.31.0
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
      - pip
      - pip:
          - requests==2.31.0
    ```

    conda-lock and mamba know more keys than conda, which warns of them:

    ```yaml
    platforms: [linux-64]
    category: dev
    dependencies:
      - python=3.11
    ```
    """
    del facts
    file = document.content
    if not isinstance(file, EnvironmentFile):
        return
    names = {key.node.value for key in file.keys}
    for key in file.keys:
        name = key.node.value
        if key.info is not None or name in KNOWN_TO_OTHERS or name == "<<" or not name:
            continue
        if name == "pip":
            yield _pip_outside(document, file, key)
            continue
        missing = [info.name for info in key.allowed if info.name not in names]
        near = _near(name, missing)
        lost = Severity.ERROR if near == "dependencies" else None
        if near:
            renamed = Replace(key.node.span, scalar(near, like=key.node))
            fix = Fix(f"Rename to `{near}`", (renamed,), safe=lost is not None, sure=True)
            yield Finding(key.node.span, f"conda ignores `{name}`; did you mean `{near}`?", (fix,), severity=lost)
        else:
            yield Finding(key.node.span, f"conda ignores `{name}`; it knows no such key")


def _pip_outside(document: Document, file: EnvironmentFile, key: Key) -> Finding:
    """`pip:` beside the `dependencies`; where it follows them, it only has to be indented."""
    message = "`pip:` is an item of the `dependencies`; here conda ignores it"
    before = next((entry for entry in reversed(_entries(file)) if entry.span.end <= key.node.start), None)
    listed = resolve_alias(before.value) if before and before.key.value == "dependencies" else None
    fixes: tuple[Fix, ...] = ()
    if isinstance(listed, Sequence) and not listed.flow and listed.items and isinstance(key.entry.value, Sequence):
        lines = document.lines
        column = lines.place(listed.dashes[0])[1]
        first, last = (lines.place(at)[0] for at in (key.node.start, max(key.entry.span.end - 1, 0)))
        starts = [lines.span(line) for line in range(first, last + 1)]
        changes = tuple(
            Replace(Span(line.start, line.start), " " * column + ("- " if number == 0 else "  "))
            for number, line in enumerate(starts)
            if line.end > line.start
        )
        fixes = (Fix("Make it an item of the `dependencies`", changes, sure=True),)
    lost = Severity.ERROR if isinstance(key.entry.value, Sequence) and key.entry.value.items else None
    return Finding(key.node.span, message, fixes, severity=lost)


def _entries(file: EnvironmentFile) -> tuple[Entry, ...]:
    return file.root.entries if isinstance(file.root, Mapping) else ()


def _near(name: str, candidates: list[str]) -> str:
    same = [known for known in candidates if known == name.lower()]
    return next(iter(same or get_close_matches(name.lower(), candidates, 1, 0.7)), "")


@rule("ENV104", on=EnvironmentFile, severity=Severity.ERROR)
def missing_dependencies(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """The file has no `dependencies`.

    conda refuses a file without them.

    ```yaml
    name: demo  # <- ENV104
    channels:
      - conda-forge
    ```
    """
    del facts
    if file.root is not None and not isinstance(file.root, Mapping):
        yield Finding(_shown(file.root), "conda wants keys here, first of all `dependencies:` with a list of packages")
        return
    if not file.keys or file.key("dependencies"):
        return
    if any(_near(key.node.value, ["dependencies"]) for key in file.keys if key.info is None):
        return  # the misspelt key is the finding
    yield Finding(file.keys[0].node.span, "conda demands the key `dependencies`, a list of packages")


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
    yield Finding(_shown(node), f"`{info.name}` must be {info.holds.value}, not {shown}", fixes, severity=quiet)


def _as_list(node: Scalar) -> Iterator[Fix]:
    """The text as a list of one item, or of one item for each line; nothing where its dashes are only misplaced."""
    lines = [line.strip() for line in node.text.raw.splitlines()]
    if node.style in (Style.LITERAL, Style.FOLDED) or any(line.startswith("-") for line in lines):
        return
    yield Fix("Make it a list", (Replace(node.span, f"[{', '.join(lines)}]"),), safe=True)


def _shown(node: Node) -> Span:
    """Where to point at a node: at all of it if it is short, else at its beginning."""
    return node.span if isinstance(node, Scalar) else Span(node.span.start, min(node.span.end, node.span.start + 1))


@rule("ENV106", on=OddItem, severity=Severity.ERROR)
def dropped_item(item: OddItem, facts: Facts) -> Iterator[Finding]:
    """An item of a list is no package.

    A colon makes an item a mapping, and conda 26.7 drops a mapping in silence: the package is never installed, nor is
    what stands in a section such as `npm:`. A number, an empty item or one with a tag makes it refuse the file. In the
    `pip` section nothing but text can be handed to pip.

    ```yaml
    dependencies:
      - python=3.11
      - numpy: 1.26  # <- ENV106
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
      - numpy=1.26
    ```

    ```yaml
    dependencies:
      - python=3.11
      - 3.10              # <- ENV106
      - npm: [typescript] # <- ENV106
    ```

    ```yaml
    dependencies:
      - python=3.10
      - "numpy=1.26"
      - pip
      - pip: [requests]
    ```
    """
    del facts
    node = item.node
    operator = "==" if item.section == "pip" else "="
    if isinstance(node, Mapping):
        yield from _dropped_mapping(item, node, operator)
    elif isinstance(node, Sequence):
        yield Finding(_shown(node), "a list in the list is no package")
    elif isinstance(node, Scalar):
        if node.is_null and not node.value:
            if item.dash < node.start or node.span.start == node.span.end:
                fix = Fix("Remove the empty item", (Remove(item.dash),), safe=True)
                yield Finding(Span(item.dash, item.dash + 1), "an empty item; conda refuses the file", (fix,))
            return
        if node.tag:
            yield Finding(node.span, f"conda refuses an item with a tag such as `{node.tag}`")
            return
        shown = keys.described(node, yaml="1.2")
        yield Finding(node.span, f"`{node.value}` is {shown}, not a package; put its name before it")


def _as_text(name: str, value: str, operator: str) -> str:
    """What a mapping in a list was meant to say; "" where that is a guess."""
    name = name.rstrip("=")
    if name.startswith("-"):
        return f"{name}: {value}".rstrip()  # an option of pip whose value has a colon: it wants quotes
    if not value:
        return name
    if value[0] in "=<>!~":
        return name + value
    return name + operator + value if value[0].isdigit() and " " not in value else ""


def _dropped_mapping(item: OddItem, node: Mapping, operator: str) -> Iterator[Finding]:
    if not node.entries:
        return
    entry = node.entries[0]
    name = entry.key.value
    if name.startswith("sel("):
        if name in SELECTORS:
            message = f"only micromamba understands `{name}`; conda drops the item in silence"
            yield Finding(entry.key.span, message, severity=Severity.WARNING)
        else:
            known = ", ".join(f"`{selector}`" for selector in SELECTORS)
            yield Finding(entry.key.span, f"micromamba refuses `{name}`, since it knows {known}; conda drops the item")
        return
    value = entry.value
    if len(node.entries) == 1 and isinstance(value, Scalar) and not any(mark in name for mark in "[]{}"):
        does = "conda drops it in silence" if item.section == "dependencies" else "pip takes text only"
        written = _as_text(name, value.value.strip(), operator)
        alone = item.dash != entry.key.start  # else it is one key of several, and the others would stand below text
        change = Replace(node.span, scalar(written)) if written else None
        fixes = (Fix(f"Write `{written}`", (change,), sure=True),) if change and alone else ()
        instead = f"; write `{written}`" if written else ""
        yield Finding(entry.span, f"the colon makes this a mapping, and {does}{instead}", fixes)
        return
    known = "conda drops this section in silence; `pip` is the only one it knows"
    yield Finding(entry.key.span, known if item.section == "dependencies" else "a mapping is no line for pip")


@rule("ENV107", on=Document, severity=Severity.ERROR)
def repeated_key(document: Document, facts: Facts) -> Iterator[Finding]:
    """A key stands twice in one mapping.

    conda refuses the file; other readers take the last one and forget what stands under the first.

    ```yaml
    dependencies:
      - python=3.11
    dependencies:  # <- ENV107
      - numpy=1.26
    ```
    """
    del facts
    if document.format is Format.ENVIRONMENT and not document.template:
        for first, again in repeated_keys(document):
            name = again.key.value
            related = (Related(first.key.span, f"`{name}` stands here first"),)
            yield Finding(again.key.span, f"`{name}` stands twice; conda refuses the file", related=related)


@rule("ENV108", on=Key, severity=Severity.HINT)
def ignored_prefix(key: Key, facts: Facts) -> Iterator[Finding]:
    """The file names the folder of the environment that it was exported from.

    conda and mamba ignore `prefix`, and it tells everybody a path of your machine.

    ```yaml
    dependencies:
      - python=3.11
    prefix: /home/me/envs/demo  # <- ENV108
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
    ```
    """
    del facts
    if key.info is None or key.info not in KEYS or key.node.value != "prefix":
        return
    if isinstance(key.entry.value, Scalar) and key.entry.value.is_null:
        return  # the wrong type is the finding
    fix = Fix("Remove `prefix`", (Remove(key.node.start),), safe=True)
    yield Finding(key.entry.span, "conda ignores `prefix`; it only shows a path of your machine", (fix,), unused=True)


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
