"""A run configuration of Workbench or SDK v1 as a job and an environment of CLI v2, written beside it.

`offered` puts the files together, which asks for everything that they rest on; `Files.texts` writes them, when somebody
wants them. What goes into which file is in `files`, each dialect has modules of its own. What has no equivalent becomes a
comment where a reader looks for it; no secret is copied (`secrets`), no file of the user's is changed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import TYPE_CHECKING

from envls.check import Changes
from envls.document import Document
from envls.facts import Facts, FileAt, Known, Pending
from envls.formats.azureml import v1
from envls.formats.azureml.workbench import RunConfiguration
from envls.formats.paths import join
from envls.runs import run_of
from envls.syntax import Mapping
from envls.write import newline

if TYPE_CHECKING:
    from envls.assist.migration.files import Files

TITLE = "Write this run as a job of CLI v2, in new files beside this one"
WHY = "A job and an environment of CLI v2"
TOLD_BY = frozenset(("retired-workbench", "retired-sdk-v1"))
"""The rules that tell of the end of a service: this is what can be done about it."""


def offered(document: Document, facts: Facts) -> Callable[[], Changes] | None:
    """How to make the files; None of what is no run configuration, is no YAML, or rests on what is not known yet."""
    if document.tree.problems or not isinstance(document.tree.root, Mapping) or not document.tree.root.entries:
        return None
    here = Facts(facts.ask)
    files, dialect = None, ""
    # each dialect is imported when there is a file of it: a light bulb is asked for at every move of the cursor
    if isinstance(document.content, RunConfiguration):
        files, dialect = _of_workbench(document, here), "Workbench"
    elif isinstance(document.content, v1.RunConfiguration):
        files, dialect = _of_sdk_v1(document, document.content, here), "SDK v1"
    if files is None or any(isinstance(answer, Pending) for answer in here.asked.values()):
        return None
    return lambda: Changes(created=files.texts(dialect, newline(document.text)), confirm=WHY)


def _of_workbench(document: Document, facts: Facts) -> Files | None:
    from envls.assist.migration.files import begun  # noqa: PLC0415
    from envls.assist.migration.workbench import migrate  # noqa: PLC0415

    run = run_of(document, facts)
    if run is None:
        return None
    files = begun(document, run.configuration.project, facts)
    migrate(run, files, facts)
    return files


def _of_sdk_v1(document: Document, run: v1.RunConfiguration, facts: Facts) -> Files:
    from envls.assist.migration.files import begun  # noqa: PLC0415
    from envls.assist.migration.sdk_v1 import migrate  # noqa: PLC0415

    folder = _source_folder(document.path, run, facts)
    files = begun(document, folder or v1.bases(document.path)[0], facts)
    if folder is None and run.text("script"):
        files.job.note("code", f"`{run.text('script')}` was not found: this must be the folder that it is relative to.")
    migrate(document, run, files, facts)
    return files


def _source_folder(path: PurePath, run: v1.RunConfiguration, facts: Facts) -> PurePath | None:
    """The folder that the script is relative to: the first of those it may be where there is such a script."""
    bases = v1.bases(path)
    script = next((one for one in run.paths if one.kind == "script"), None)
    if script is not None:
        for base, target in zip(bases, (join(base, script.written) for base in bases), strict=True):
            if isinstance(facts.ask(FileAt(target)), Known):
                return base
    return None
