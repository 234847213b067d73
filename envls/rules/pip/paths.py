"""ENV4: the files and folders that lines of the `pip` section point to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from envls.facts import Absent, Facts, FolderAt
from envls.formats.conda.environment import Requirement
from envls.formats.conda.parts import Part
from envls.formats.conda.pipaddress import VARIABLE
from envls.formats.conda.requirement import PipLine
from envls.formats.paths import join
from envls.rules.rule import Finding, Gathered, Item, Severity, rule
from envls.url import SCHEME

_PROJECT = frozenset(("pyproject.toml", "setup.py"))
_ARCHIVE = re.compile(r".*\.(?:whl|zip|tar|tgz|t\w\w|tar\.\w+)", re.IGNORECASE)


def _may_have_a_path(item: Item) -> bool:
    return isinstance(item, Requirement) and item.line.kind in ("option", "path")


@rule("ENV413", on=Gathered, of=_may_have_a_path, severity=Severity.WARNING, patient=True)
def missing_target(gathered: Gathered, facts: Facts) -> Iterator[Finding]:
    """A line of the `pip` section points to a file or a folder that is not there.

    conda 26.7 and mamba 2 run pip in the folder of the environment file, and paths begin there. pip 26.3 fails as a whole
    for a file that is missing, and for a folder without `pyproject.toml` or `setup.py`. A warning, since it is there perhaps
    when pip runs: what a build makes, or a checkout brings that is not here.

    ```yaml environment.yml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - -r requirements/base.txt
        - -r requirements/dev.txt  # <- ENV413
        - -e ./package
        - -e .                     # <- ENV413
    ```

    ```text requirements/base.txt
    requests==2.31.0
    ```

    ```toml package/pyproject.toml
    [project]
    ```
    """
    for requirement in gathered.requirements:
        for part, written, is_file in paths_of_line(requirement.line):
            reason = _why_not(gathered.document.path.parent, written, facts, is_file=is_file)
            if reason:
                yield Finding(requirement.node.within(part.start, part.end), f"{reason}; pip fails")


def paths_of_line(line: PipLine) -> Iterator[tuple[Part, str, bool]]:
    """The paths of a line as they are meant, and whether each must lead to a file."""
    if line.problem or VARIABLE.search(line.text):
        return
    if line.kind == "path" and line.value and not line.marker:
        bare = re.sub(r"\[[^\]]*\]$", "", line.value.text)
        yield line.value, bare, bool(_ARCHIVE.fullmatch(bare))
    for option in line.options if line.kind == "option" else ():
        meant, value = option.meant, option.value
        if value is None or SCHEME.search(meant) or meant.lower().startswith("file:") or "@" in meant:
            continue
        if option.name in ("--requirement", "--constraint"):
            yield value, meant, True
        elif option.name == "--editable":
            yield value, re.sub(r"\[[^\]]*\]$", "", meant), False


def _why_not(folder: PurePath, written: str, facts: Facts, *, is_file: bool) -> str:
    """Why pip finds nothing at a path; "" where it does, or where that is not known."""
    target = join(folder, written.replace("\\", "/"))
    if not is_file:
        there = facts.ask(FolderAt(target))
        if isinstance(there, Absent):
            return f"there is no folder `{written}` beside this file"
        names = facts.value(FolderAt(target))
        missing = names is not None and not _PROJECT.intersection(names)
        return f"`{written}` has neither `pyproject.toml` nor `setup.py`" if missing else ""
    names = facts.value(FolderAt(target.parent))
    known = names is not None or isinstance(facts.ask(FolderAt(target.parent)), Absent)
    missing = known and target.name not in (names or ())
    return f"there is no file `{written}` beside this one" if missing else ""
