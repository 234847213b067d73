"""ENV1: the keys at the top: unknown, missing, without effect."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from envls.document import Document
from envls.facts import Facts
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.conda.environment_keys import KEYS, KNOWN_TO_OTHERS
from envls.formats.keys import Key
from envls.rules.binder import is_for_binder
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.rules.structure.values import shown_at
from envls.syntax import Entry, Mapping, Scalar, Sequence, resolve_alias
from envls.text import Span
from envls.write import Remove, Replace, scalar


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


@rule("ENV104", on=Document, severity=Severity.ERROR)
def missing_dependencies(document: Document, facts: Facts) -> Iterator[Finding]:
    """The file has no `dependencies`.

    conda 26.7 refuses a file without them: `Missing required field 'dependencies'`; and an empty one, too.

    ```yaml
    name: demo  # <- ENV104
    channels:
      - conda-forge
    ```

    ```yaml
    ---  # <- ENV104
    # nothing yet
    ```

    ```yaml
    dependencies: []
    ```
    """
    del facts
    file = document.content
    if not isinstance(file, EnvironmentFile):
        return
    if file.root is not None and not isinstance(file.root, Mapping):
        yield Finding(
            shown_at(file.root), "conda wants keys here, first of all `dependencies:` with a list of packages"
        )
        return
    if not file.keys:
        yield Finding(Span(0, 0), "the file is empty; conda demands the key `dependencies`, a list of packages")
        return
    if file.key("dependencies"):
        return
    if any(_near(key.node.value, ["dependencies"]) for key in file.keys if key.info is None):
        return  # the misspelt key is the finding
    yield Finding(file.keys[0].node.span, "conda demands the key `dependencies`, a list of packages")


@rule("ENV115", on=Document, severity=Severity.HINT, opt_in=True)
def missing_name(document: Document, facts: Facts) -> Iterator[Finding]:
    """The environment has no name.

    conda 26.7 and mamba 2 then make none, unless they are told `--name` or `--prefix`. Not said of a file that a run of
    Azure ML uses, or repo2docker in a folder `binder`: they give the name.

    ```yaml
    channels:  # <- ENV115
      - conda-forge
    dependencies:
      - python=3.11
    ```

    ```yaml
    name: demo
    dependencies:
      - python=3.11
    ```
    """
    file = document.content
    if not isinstance(file, EnvironmentFile) or facts.managed is not False or is_for_binder(document.path):
        return
    if file.key("dependencies") and not file.key("name") and not file.key("prefix"):
        yield Finding(file.keys[0].node.span, "the file has no `name`; `conda env create` then needs `--name`")


@rule("ENV108", on=Key, severity=Severity.HINT)
def ignored_prefix(key: Key, facts: Facts) -> Iterator[Finding]:
    """The file names the folder of the environment that it was exported from.

    conda 26.7 and mamba 2 ignore `prefix`, and it tells everybody a path of your machine.

    ```yaml
    dependencies:
      - python=3.11
    prefix: /home/me/envs/demo  # <- ENV108
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
    ```

    ```yaml
    name: demo
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


def _near(name: str, candidates: list[str]) -> str:
    same = [known for known in candidates if known == name.lower()]
    return next(iter(same or get_close_matches(name.lower(), candidates, 1, 0.7)), "")
