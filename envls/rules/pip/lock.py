"""ENV4: what conda-lock makes of the `pip` section, in files that are its own: those that list `platforms` or have a lock."""

from __future__ import annotations

from collections.abc import Iterator

from envls.facts import Facts
from envls.formats.conda.environment import Dependency, Requirement
from envls.rules.dependencies.pins import is_locked
from envls.rules.dependencies.specs import rewrite
from envls.rules.rule import Finding, Fix, Gathered, Item, Severity, rule


def _concerns_conda_lock(item: Item) -> bool:
    if isinstance(item, Dependency):
        return item.spec.name == "pip" and item.spec.version is not None
    return item.line.kind in ("option", "path", "address")


@rule("ENV414", on=Gathered, of=_concerns_conda_lock, severity=Severity.WARNING)
def unread_by_conda_lock(gathered: Gathered, facts: Facts) -> Iterator[Finding]:
    """A line says less to conda-lock than to conda.

    conda-lock 4.0 (tried) reads each line as a requirement of PEP 508. Options of pip and paths make it fail; so does an
    address with a `#egg=`, since it takes the end of an address for the name. An editable project is left out of the lock,
    and where there is a `pip` section the version of `pip` itself is forgotten; these two are informations. Said in files
    that list `platforms`, which conda-lock reads and conda ignores; and where a lock was made from the file, what fails is
    an error.

    ```yaml
    platforms: [linux-64]
    dependencies:
      - python=3.11
      - pip=24  # <- ENV414
      - pip:
        - --index-url https://example.com/simple  # <- ENV414
        - git+https://example.com/tool.git#egg=tool  # <- ENV414
        - -e git+https://example.com/x.git#egg=x   # <- ENV414
    ```

    ```yaml
    platforms: [linux-64]
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests==2.31.0; sys_platform == "linux"
        - tool @ git+https://example.com/tool.git
        - git+https://example.com/other.git@main
    ```
    """
    file = gathered.file
    locked = is_locked(gathered.document, facts)
    if not locked and not file.key("platforms"):
        return
    for dependency in gathered.dependencies if file.requirements else ():
        part = dependency.spec.version
        assert part is not None
        message = "conda-lock forgets this version where there is a `pip` section"
        yield Finding(dependency.node.within(part.start, part.end), message, severity=Severity.INFORMATION)
    for requirement in gathered.requirements:
        yield from _unread(requirement, Severity.ERROR if locked else None)


def _unread(requirement: Requirement, failure: Severity | None) -> Iterator[Finding]:
    line, node = requirement.line, requirement.node
    if line.problem:
        return
    if line.option == "--editable":
        yield Finding(node.span, "conda-lock leaves this out of the lock", severity=Severity.INFORMATION)
    elif line.kind == "option":
        yield Finding(node.span, "conda-lock knows no options of pip, and fails", severity=failure)
    elif line.kind == "path":
        yield Finding(node.span, "conda-lock reads no paths, and fails; it does `name @ file:///...`", severity=failure)
    elif line.kind == "address" and line.url and not line.name_part.start < line.text.find("@") < line.text.find("://"):
        address = line.url.revealed
        if address.startswith(("git+", "ssh://")) and "#" not in address:
            return
        egg = address.partition("#egg=")[2].partition("&")[0]
        fixes: tuple[Fix, ...] = ()
        if egg or line.name:
            written = f"{egg or line.name} @ {line.text.strip().replace(f'#egg={egg}', '', 1)}"
            fixes = (Fix(f"Write `{written}`", (rewrite(requirement, written),)),)
        message = "conda-lock wants a name before such an address, as in `name @ https://...`"
        yield Finding(node.span, message, fixes, severity=failure)
