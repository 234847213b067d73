"""What repo2docker, which makes the images of Binder, reads otherwise than conda does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from envls.document import Document
from envls.facts import Facts, FolderAt
from envls.formats.conda.environment import EnvironmentFile
from envls.rules.rule import Finding, Severity, rule

FOLDERS = frozenset(("binder", ".binder"))
NAME = "environment.yml"
_READ = re.compile(r"python\s*=+\s*\d")


def is_for_binder(path: PurePath) -> bool:
    """Whether a file stands where only repo2docker looks."""
    return path.parent.name in FOLDERS


@rule("ENV117", on=Document, severity=Severity.WARNING)
def unread_by_binder(document: Document, facts: Facts) -> Iterator[Finding]:
    """A file in the folder `binder` is not read by repo2docker, or a part of it.

    It reads `environment.yml` by exactly that name, and makes an image without any of the packages where it is called
    `environment.yaml` (repo2docker's issue 1373, open). conda 26.7 takes any name. Two things are hints: with an
    `environment.yml` it reads neither `requirements.txt` nor `Pipfile` beside it, though it does read `apt.txt` and
    `postBuild`; and it begins with the packages that it has for `python=3.11`, but reads no range, so that a part of them is
    installed once more (issue 1301).

    ```yaml binder/environment.yaml
    channels: [conda-forge]  # <- ENV117
    dependencies:
      - python=3.11
    ```

    ```yaml .binder/environment.yml
    channels: [conda-forge]
    dependencies:
      - python>=3.11,<3.12  # <- ENV117
    ```

    ```yaml sub/binder/environment.yml
    channels: [conda-forge]
    dependencies:
      - python=3.11
    ```
    """
    file = document.content
    if not isinstance(file, EnvironmentFile) or not file.keys or not is_for_binder(document.path):
        return
    beside = facts.value(FolderAt(document.path.parent)) or ()
    start = file.keys[0].node.span
    if document.path.name in ("environment.yaml", "conda.yml", "conda.yaml") and NAME not in beside:
        message = f"repo2docker reads `{NAME}` only, and makes an image without these packages"
        yield Finding(start, message, severity=Severity.WARNING)
    elif document.path.name == NAME:
        unread = [name for name in ("requirements.txt", "Pipfile") if name in beside]
        if unread:
            message = f"with this file repo2docker does not read `{unread[0]}` beside it"
            yield Finding(start, message, severity=Severity.HINT)
        pythons = [item for item in file.dependencies if item.spec.name == "python" and item.spec.version]
        if pythons and not any(_READ.match(item.node.value) for item in pythons):
            message = "repo2docker reads no such version, and begins with its own Python; it reads `python=3.11`"
            yield Finding(pythons[0].span, message, severity=Severity.HINT)
