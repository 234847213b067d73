"""AML4: paths that lead nowhere, and where they may have been meant to lead."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher, get_close_matches
from pathlib import PurePath

from envls.document import Document
from envls.facts import Absent, Facts, FileAt, FolderAt, Known, ProjectFiles
from envls.formats.azureml.inference import InferenceConfiguration
from envls.formats.azureml.v1 import EnvironmentSection
from envls.formats.azureml.v2 import REFERENCES, Definition
from envls.formats.azureml.workbench import project_of
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.paths import PathRef, join, relative
from envls.rules.project.created import creations, needed_in
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.runs import paths_of, run_of
from envls.write import Replace, scalar


@rule("AML401", on=Document, severity=Severity.ERROR, patient=True)
def missing_file(document: Document, facts: Facts) -> Iterator[Finding]:
    """A file that another one points to is not there.

    Paths in a Workbench run configuration are relative to the project, the folder above `aml_config`; those of
    CLI v2 are relative to the file that writes them, folders of code and build contexts included (azure-ai-ml 1.35
    refuses the file; a missing script is noticed later, and a warning). Those of SDK v1 are relative to the project folder
    when that is what the SDK is given, and to the run configuration's own folder when it is given the file; a file that is
    nowhere is missing, also where the user manages the packages. The scripts of Workbench and SDK v1 may be named when a run
    is started, or come from another folder: of these only what is misspelt is said. A conda file that is made has what the
    runs in it need (see AML405).

    ```yaml aml_config/docker.runconfig
    ArgumentVector: [train.py]
    Target: docker
    CondaDependenciesFile: aml_config/conda_dependencies.yaml  # <- AML401
    ```

    ```yaml fixed
    ArgumentVector: [train.py]
    Target: docker
    CondaDependenciesFile: aml_config/conda_dependencies.yml
    ```

    ```yaml aml_config/conda_dependencies.yml
    name: project_environment
    dependencies:
      - python=3.5.2
    ```

    ```yaml aml_config/docker.compute
    type: localdocker
    ```
    """
    for path in paths_of(document):
        if not _is_missing(path, document, facts):
            continue
        fixes = [fix for candidate in _candidates(path, facts) for fix in _syncs(path, candidate)]
        if "\\" not in path.node.value:
            fixes += creations(path, document, facts)
        shown = path.target.name if path.suffix else path.node.value
        where = f" in `{path.base.name}`" if path.suffix else ""
        if path.others:
            where = f" below `{path.base.name}`, nor below `{path.others[0].name}`"
        needed = needed_in(path, facts)
        message = f"there is no {path.kind} `{shown}`{where}" + (f"; {needed} in it" if needed else "")
        if _with_slashes(path, facts):
            message = f"`\\` separates folders on Windows only; elsewhere there is no {path.kind} `{shown}`"
        if isinstance(document.content, Definition):
            late = path.kind == "script" or (path.key == "code" and document.content.kind.endswith("Deployment"))
            yield Finding(path.node.span, message, tuple(fixes), severity=Severity.WARNING if late else None)
        elif path.kind == "script":  # the command line may name another one
            yield Finding(path.node.span, message, tuple(fixes), severity=Severity.WARNING)
        elif _is_read(path, document, facts):
            loose = isinstance(document.content, InferenceConfiguration)  # relative to where the command is called
            yield Finding(path.node.span, message, tuple(fixes), severity=Severity.WARNING if loose else None)
        else:
            yield Finding(
                path.node.span, message + "; this run does not read it", tuple(fixes), severity=Severity.WARNING
            )


def _is_missing(path: PathRef, document: Document, facts: Facts) -> bool:
    """Whether nothing is where a path leads.

    A script of the older dialects may come from another folder, or be named when the run is started: it is missing where
    what was meant is there.
    """
    if path.kind == "folder" and not isinstance(document.content, Definition):
        return False
    if path.kind == "script" and not isinstance(document.content, Definition) and not _candidates(path, facts):
        return False
    if path.kind == "script" and not isinstance(facts.ask(FolderAt(path.base)), Known):
        return False
    if not all(isinstance(facts.ask(FileAt(one)), Absent) for one in path.targets):
        return False
    return path.kind not in ("folder", "model") or isinstance(facts.ask(FolderAt(path.target)), Absent)


def _beside(path: PathRef, facts: Facts) -> list[PurePath]:
    """The folders, or the scripts, of a similar name in the folder of the missing one.

    A script of SDK v1 is looked for in a folder that only its caller knows: similar is then what differs in case alone.
    """
    is_folder, name = path.kind == "folder", path.target.name
    there = facts.value(FolderAt(path.target.parent)) or ()
    names = [one.rstrip("/") for one in there if one.endswith("/") == is_folder]
    if not is_folder:
        names = [one for one in names if PurePath(one).suffix.lower() == path.target.suffix.lower()]
    same = [one for one in names if one.lower() == name.lower()]
    if path.others:
        return [path.target.parent / one for one in same]
    near = get_close_matches(name, names, 2, 0.6 if is_folder else 0.8)
    return [path.target.parent / one for one in dict.fromkeys((*same, *near))]


def _is_read(path: PathRef, document: Document, facts: Facts) -> bool:
    """Whether the run needs the file; a file that is named in vain only misleads."""
    run = run_of(document, facts)
    if run is None:
        return True
    if path.kind == "conda file":
        return run.reads_conda is not False
    return path.kind != "Spark file" or run.configuration.framework != "Python"


def _syncs(path: PathRef, target: PurePath) -> list[Fix]:
    """Pointing to a file from each folder that the path may be relative to and the file is below, else from the first."""
    near = [base for base in (path.base, *path.others[:1]) if target.is_relative_to(base)]
    return [point_to(path, target, base) for base in near or [path.base]]


def point_to(path: PathRef, target: PurePath, base: PurePath | None = None) -> Fix:
    """Writes the path of `target` instead, relative to `base` or else to what the path is relative to."""
    from_here = "./" if path.node.value.removeprefix(path.prefix).startswith("./") else ""
    written = relative(target, base or path.base)
    written = path.prefix + ("" if written.startswith("..") else from_here) + written
    if path.suffix:
        written = written.removesuffix(path.suffix)
    return Fix(f"Point to `{written}`", (Replace(path.node.span, scalar(written, like=path.node)),), sure=True)


def _candidates(path: PathRef, facts: Facts) -> list[PurePath]:
    """What the path may have meant, best first: of the same kind, of a similar name, and near."""
    if path.kind in ("script", "folder"):
        return [*_with_slashes(path, facts), *_beside(path, facts)]
    projects = (project_of(path.base / "x"),) if path.suffix else (path.base, *path.others[:1])
    if path.key in REFERENCES:
        projects = (
            *projects,
            *path.base.parents[:2],
        )  # a definition and what it names often stand in folders side by side
    found: list[PurePath] = []
    for other in facts.value(ProjectFiles(path.base / "x")) or ():
        if not any(other.is_relative_to(project) for project in projects) or other in path.targets:
            continue
        if _is_of_kind(path, other, facts):
            found.append(other)
    wanted = path.target.name.lower()

    def likeness(other: PurePath) -> tuple[bool, float, int, str]:
        alike = SequenceMatcher(None, wanted, other.name.lower()).ratio()
        return other.parent != path.target.parent, -alike, len(other.parts), other.as_posix()

    slashes = _with_slashes(path, facts)
    return [*slashes, *(other for other in sorted(found, key=likeness)[:5] if other not in slashes)]


def _with_slashes(path: PathRef, facts: Facts) -> list[PurePath]:
    """Where a path with backslashes leads on Windows alone."""
    if "\\" not in path.node.value:
        return []
    targets = (join(base, path.written.replace("\\", "/")) for base in (path.base, *path.others))
    return [target for target in targets if _is_there(path, target, facts)][:1]


def _is_there(path: PathRef, target: PurePath, facts: Facts) -> bool:
    answer = facts.ask(FolderAt(target)) if path.kind == "folder" else facts.ask(FileAt(target))
    return isinstance(answer, Known)


def _is_of_kind(path: PathRef, other: PurePath, facts: Facts) -> bool:
    if path.kind == "compute target":
        return other.suffix == ".compute" and other.parent == path.target.parent
    if path.kind in ("script", "folder", "model"):
        return False
    if path.kind == "Spark file":
        return other.name.startswith("spark_dependencies")
    if other.suffix.lower() not in (".yml", ".yaml"):
        return False
    document = facts.value(FileAt(other))
    if path.kind in ("component", "environment definition"):
        content = document.content if document else None
        ending = "Component" if path.kind == "component" else "environment"
        return isinstance(content, Definition) and content.kind.endswith(ending)
    wanted = EnvironmentSection if path.kind == "environment section" else EnvironmentFile
    return document is not None and isinstance(document.content, wanted)
