"""AML4: what only several files together show: paths, interpreters, required packages."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher, get_close_matches
from pathlib import PurePath

from envls.document import Document
from envls.facts import Absent, Facts, FileAt, FolderAt, Known, ProjectFiles
from envls.formats.azureml.v1 import EnvironmentSection
from envls.formats.azureml.v2 import REFERENCES, Definition
from envls.formats.azureml.workbench import Compute, InterpreterRef, RunConfiguration, project_of
from envls.formats.conda.environment import EnvironmentFile
from envls.formats.conda.requirement import normalised
from envls.formats.paths import PathRef, relative
from envls.known.required import WORKBENCH_LOCAL, Required
from envls.rules.rule import Finding, Fix, Related, Severity, rule
from envls.runs import Run, environment_files, meant_environment, name_of, paths_of, run_of, runs_of_project, uses_of
from envls.syntax import Node, Scalar
from envls.text import Span
from envls.write import Add, Change, Create, Replace, scalar

_COMPUTES = {
    "docker": "type: localdocker\nbaseDockerImage: microsoft/mmlspark:plus-0.9.9\nsharedVolumes: true\n",
    "local": "type: local\npythonLocation: python\n",
}
_CONDA = "name: {name}\ndependencies:\n  - python=3.5.2\n  - ipykernel=4.6.1\n"


@rule("AML401", on=Document, severity=Severity.ERROR)
def missing_file(document: Document, facts: Facts) -> Iterator[Finding]:
    """A file that another one points to is not there.

    Paths in a Workbench run configuration are relative to the project, the folder above `aml_config`; those of
    CLI v2 are relative to the file that writes them, folders of code and build contexts included (azure-ai-ml 1.35
    refuses the file; a missing script is noticed later, and a warning). Those of SDK v1 are relative to the project folder when that is what
    the SDK is given, and to the run configuration's own folder when it is given the file; a file that is nowhere is missing,
    also where the user manages the packages.

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
        fixes = [_sync(path, folder) for folder in _folders_like(path, facts)] if path.kind == "folder" else []
        fixes += [fix for candidate in candidates(path, facts) for fix in _syncs(path, candidate)]
        if "\\" not in path.node.value:
            fixes += _create(path)
        shown = path.target.name if path.suffix else path.node.value
        where = f" in `{path.base.name}`" if path.suffix else ""
        if path.others:
            where = f" below `{path.base.name}`, nor below `{path.others[0].name}`"
        message = f"there is no {path.kind} `{shown}`{where}"
        if isinstance(document.content, Definition):
            late = path.kind == "script" or (path.key == "code" and document.content.kind.endswith("Deployment"))
            yield Finding(path.node.span, message, tuple(fixes), severity=Severity.WARNING if late else None)
        elif _is_read(path, document, facts):
            yield Finding(path.node.span, message, tuple(fixes))
        else:
            yield Finding(
                path.node.span, message + "; this run does not read it", tuple(fixes), severity=Severity.WARNING
            )


def _is_missing(path: PathRef, document: Document, facts: Facts) -> bool:
    """Whether nothing is where a path leads. Of scripts and folders CLI v2's alone must be there before the run."""
    if path.kind in ("script", "folder") and not isinstance(document.content, Definition):
        return False
    if path.kind == "script" and not isinstance(facts.ask(FolderAt(path.base)), Known):
        return False
    if not all(isinstance(facts.ask(FileAt(one)), Absent) for one in path.targets):
        return False
    return path.kind not in ("folder", "model") or isinstance(facts.ask(FolderAt(path.target)), Absent)


def _folders_like(path: PathRef, facts: Facts) -> list[PurePath]:
    """The folders beside the missing one with a similar name."""
    beside = facts.value(FolderAt(path.target.parent)) or ()
    names = [name.rstrip("/") for name in beside if name.endswith("/")]
    return [path.target.parent / name for name in get_close_matches(path.target.name, names, 2, 0.6)]


def _is_read(path: PathRef, document: Document, facts: Facts) -> bool:
    """Whether the run needs the file; a file that is named in vain only misleads."""
    run = run_of(document, facts)
    if run is None:
        return True
    if path.kind == "conda file":
        return run.reads_conda is not False
    return path.kind != "Spark file" or run.configuration.framework != "Python"


def _create(path: PathRef) -> Iterator[Fix]:
    """Making the file, where what it must say at least is clear from its name."""
    if path.kind == "conda file" and path.target.suffix in (".yml", ".yaml"):
        text = _CONDA.format(name="project_environment")
        yield Fix(f"Create `{path.node.value}`", (Create(path.target, text),))
    elif path.kind == "compute target":
        for word, text in _COMPUTES.items():
            if word in path.target.name.lower():
                yield Fix(f"Create `{path.target.name}`", (Create(path.target, text),))
                return


def _syncs(path: PathRef, target: PurePath) -> list[Fix]:
    """Pointing to a file from each folder that the path may be relative to and the file is below, else from the first."""
    near = [base for base in (path.base, *path.others[:1]) if target.is_relative_to(base)]
    return [_sync(path, target, base) for base in near or [path.base]]


def _sync(path: PathRef, target: PurePath, base: PurePath | None = None) -> Fix:
    written = path.prefix + relative(target, base or path.base)
    if path.suffix:
        written = written.removesuffix(path.suffix)
    return Fix(f"Point to `{written}`", (Replace(path.node.span, scalar(written, like=path.node)),), sure=True)


def candidates(path: PathRef, facts: Facts) -> list[PurePath]:
    """The files that the path may have meant, best first: of the same kind, of a similar name, and near."""
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

    return sorted(found, key=likeness)[:5]


def _is_of_kind(path: PathRef, other: PurePath, facts: Facts) -> bool:
    if path.kind == "compute target":
        return other.suffix == ".compute" and other.parent == path.target.parent
    if path.kind in ("script", "folder", "model"):
        return False
    if path.kind == "Spark file":
        return other.name.startswith("spark_dependencies")
    if other.suffix not in (".yml", ".yaml"):
        return False
    document = facts.value(FileAt(other))
    if path.kind in ("component", "environment definition"):
        content = document.content if document else None
        ending = "Component" if path.kind == "component" else "environment"
        return isinstance(content, Definition) and content.kind.endswith(ending)
    wanted = EnvironmentSection if path.kind == "environment section" else EnvironmentFile
    return document is not None and isinstance(document.content, wanted)


@rule("AML402", on=Document, severity=Severity.WARNING)
def disagreeing_environment(document: Document, facts: Facts) -> Iterator[Finding]:
    """The interpreter of a local run is in another environment than the one its conda file describes.

    A local run reads no conda file; it runs in the environment that its interpreter is in. When the run
    configuration names the file of another environment, what stands there and what runs differ.

    ```yaml aml_config/local.runconfig
    ArgumentVector: [train.py]
    Target: local
    CondaDependenciesFile: aml_config/conda_dependencies.yml  # <- AML402
    ```

    ```yaml fixed
    ArgumentVector: [train.py]
    Target: local
    CondaDependenciesFile: aml_config/localenv_conda_dependencies.yml
    ```

    ```yaml aml_config/local.compute
    type: local
    pythonLocation: "%USERPROFILE%/AppData/Local/amlworkbench/Python/envs/hello_env/python.exe"
    ```

    ```yaml aml_config/conda_dependencies.yml
    name: project_environment
    dependencies:
      - python=3.5.2
    ```

    ```yaml aml_config/localenv_conda_dependencies.yml
    name: hello_env
    dependencies:
      - python=3.5.2
      - psutil=5.2.2
      - scipy=0.18.1
      - ipykernel=4.6.1
      - pip
      - pip:
        - azure-ml-api-sdk==0.1.0a10
        - applicationinsights==0.11.0
        - azureml.assets
        - azureml.logging
        - azureml.dataprep
    ```
    """
    run = run_of(document, facts)
    if run is None or run.conda_ref is None or run.interpreter is None or run.reads_conda is not False:
        return
    lives_in = run.interpreter.environment
    if not lives_in or not run.conda_name or lives_in == run.conda_name:
        return
    fixes = tuple(
        _sync(run.conda_ref, there.path) for there in environment_files(run.path, facts) if name_of(there) == lives_in
    )
    related = (Related(run.interpreter.node.span, f"the interpreter is in `{lives_in}`", run.compute_path),)
    message = f"this file describes `{run.conda_name}`, but the run's interpreter is in the environment `{lives_in}`"
    yield Finding(run.conda_ref.node.span, message, fixes, related)


@rule("AML403", on=Document, severity=Severity.WARNING)
def root_interpreter(document: Document, facts: Facts) -> Iterator[Finding]:
    """A local run takes the root interpreter, though the project describes an environment of its own for it.

    `pythonLocation: "python"` is whichever interpreter Workbench or its command line runs in; the packages of a named
    environment are not there.

    ```yaml aml_config/local.compute
    type: local
    pythonLocation: "python"  # <- AML403
    ```

    ```yaml aml_config/local.runconfig
    ArgumentVector: [train.py]
    Target: local
    CondaDependenciesFile: aml_config/localenv_conda_dependencies.yml
    ```

    ```yaml aml_config/localenv_conda_dependencies.yml
    name: hello_env
    dependencies:
      - python=3.5.2
    ```
    """
    compute = document.content
    if not isinstance(compute, Compute) or compute.type != "local" or compute.interpreter is None:
        return
    if not compute.interpreter.is_root:
        return
    for run in runs_of_project(document.path, facts):
        meant = meant_environment(run, facts) if run.compute_path == document.path else None
        if meant is None:
            continue
        name = name_of(meant)
        related = (Related(Span(0, 0), f"it describes `{name}`", meant.path),)
        message = f"this is the root interpreter; the packages of `{name}` are not there"
        yield Finding(compute.interpreter.node.span, message, tuple(_point_at(compute.interpreter, name)), related)
        return


def _point_at(interpreter: InterpreterRef, name: str) -> Iterator[Fix]:
    """Where Workbench's own conda keeps the interpreter of a named environment, on each platform that it ran on."""
    for system, path in (
        ("Windows", f"%USERPROFILE%/AppData/Local/amlworkbench/Python/envs/{name}/python.exe"),
        ("macOS", f"~/Library/Caches/AmlWorkbench/Python/envs/{name}/bin/python"),
    ):
        change = Replace(interpreter.node.span, scalar(path, like=interpreter.node))
        yield Fix(f"Point to the interpreter of `{name}` ({system})", (change,))


@rule("AML404", on=Document, severity=Severity.HINT)
def no_effect(document: Document, facts: Facts) -> Iterator[Finding]:
    """A key has no effect in this run.

    `PrepareEnvironment` needs a compute target with Docker or a cluster; a Spark file is read with `PySpark` only; a conda
    file by no local run.

    ```yaml aml_config/local.runconfig
    ArgumentVector: [train.py]
    Target: local
    Framework: Python
    PrepareEnvironment: true  # <- AML404
    ```

    ```yaml aml_config/local.compute
    type: local
    ```
    """
    configuration = document.content
    if not isinstance(configuration, RunConfiguration) or configuration.root is None:
        return
    run = run_of(document, facts)
    prepare = configuration.root.entry("PrepareEnvironment")
    if prepare and run and run.compute and run.reads_conda is False and _is_true(prepare.value):
        why = "manages its environment itself" if run.compute.user_managed else f"is `{run.compute.type}`"
        yield Finding(prepare.span, f"`PrepareEnvironment` has no effect: the compute target {why}", unused=True)
    if run and run.conda_ref and run.reads_conda is False and _misleads(run, facts):
        entry = configuration.root.entry("CondaDependenciesFile")
        if entry:
            yield Finding(entry.span, "this run reads no conda file", unused=True)
    spark = configuration.path("SparkDependenciesFile")
    if spark and configuration.framework == "Python":
        entry = configuration.root.entry("SparkDependenciesFile")
        if entry:
            yield Finding(entry.span, "the Spark file is not read: `Framework` is `Python`", unused=True)


def _misleads(run: Run, facts: Facts) -> bool:
    """Whether a conda file that is not read says nothing of the run either, and no other rule speaks of it."""
    if run.interpreter and run.interpreter.environment:
        return False
    return isinstance(facts.ask(FileAt(run.conda_path)), Known) and meant_environment(run, facts) is None


def _is_true(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value.lower() == "true"


@rule("AML405", on=Document, severity=Severity.WARNING)
def missing_required_package(document: Document, facts: Facts) -> Iterator[Finding]:
    """An environment lacks a package that a local Workbench run needs.

    Workbench starts a local run in an environment of one's own only if its SDK and what that imports are there.

    ```yaml aml_config/localenv_conda_dependencies.yml
    name: hello_env
    dependencies:  # <- AML405
      - python=3.5.2
      - scipy=0.18.1
      - ipykernel=4.6.1
      - pip
      - pip:
        - azure-ml-api-sdk==0.1.0a10
        - applicationinsights==0.11.0
    ```

    ```yaml fixed
    name: hello_env
    dependencies:
      - python=3.5.2
      - scipy=0.18.1
      - ipykernel=4.6.1
      - pip
      - psutil=5.2.2
      - pip:
        - azure-ml-api-sdk==0.1.0a10
        - applicationinsights==0.11.0
    ```

    ```yaml aml_config/local.runconfig
    ArgumentVector: [train.py]
    Target: local
    CondaDependenciesFile: aml_config/localenv_conda_dependencies.yml
    ```

    ```yaml aml_config/local.compute
    type: local
    pythonLocation: "%USERPROFILE%/AppData/Local/amlworkbench/Python/envs/hello_env/python.exe"
    ```
    """
    file = document.content
    if not isinstance(file, EnvironmentFile):
        return
    listed = file.key("dependencies")
    name = file.name.value if file.name else ""
    if listed is None or not (file.dependencies or file.pip_sections):
        return
    uses = [use for use in uses_of(document.path, name, facts) or () if use.local_run]
    missing = _lacking(file) if uses else []
    if not missing:
        return
    runs = ", ".join(f"`{use.by.name}`" for use in uses[:3])
    verb = "needs" if len(uses) == 1 else "need"
    names = " and ".join(filter(None, (", ".join(f"`{one.name}`" for one in missing[:-1]), f"`{missing[-1].name}`")))
    related = tuple(_needing(use.local_run) for use in uses[:3] if use.local_run)
    fixes = [_add(missing, f"Add {names}")] if len(missing) > 1 else []
    fixes += [_add([one], f"Add `{one.spec}`") for one in missing]
    message = f"{runs}, run in this environment, {verb} {names}, which it lacks"
    yield Finding(listed.node.span, message, tuple(fixes), related)


def _lacking(file: EnvironmentFile) -> list[Required]:
    present = {normalised(dependency.spec.name) for dependency in file.dependencies}
    present |= {requirement.line.name for requirement in file.requirements}
    return [one for one in WORKBENCH_LOCAL if normalised(one.name) not in present]


def _needing(run: Run) -> Related:
    target = run.configuration.path("Target")
    return Related(target.node.span if target else Span(0, 0), "this run needs it", run.path)


def _add(required: list[Required], title: str) -> Fix:
    changes: list[Change] = []
    for one in required:
        route = ("dependencies",) if one.section == "conda" else ("dependencies", "pip")
        changes.append(Add(route, one.spec))
    return Fix(title, tuple(changes), sure=True)
