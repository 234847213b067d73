"""ENV4: what conda-lock makes of the `pip` section, in files that are its own: those that list `platforms`."""

from __future__ import annotations

from collections.abc import Iterator

from envls.facts import Facts
from envls.formats.conda.environment import EnvironmentFile, Requirement
from envls.rules.dependencies.specs import rewrite
from envls.rules.rule import Finding, Fix, Severity, rule


@rule("ENV414", on=EnvironmentFile, severity=Severity.INFORMATION)
def unread_by_conda_lock(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """A line says less to conda-lock than to conda.

    conda-lock 4 takes requirements of PEP 508 only: an address needs a name before it, a project in a folder is left out of
    the lock, options of pip are not known. Where there is a `pip` section it also forgets the version of `pip` itself
    (conda-lock#919). Said in files that list `platforms`, which only conda-lock reads.

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
    ```
    """
    del facts
    if not file.key("platforms"):
        return
    if file.requirements:
        for dependency in file.dependencies:
            if dependency.spec.name == "pip" and dependency.spec.version:
                part = dependency.spec.version
                place = dependency.node.within(part.start, part.end)
                yield Finding(place, "conda-lock forgets this version where there is a `pip` section")
    for requirement in file.requirements:
        yield from _unread(requirement)


def _unread(requirement: Requirement) -> Iterator[Finding]:
    line, node = requirement.line, requirement.node
    if line.problem:
        return
    if line.kind == "option":
        left_out = line.option == "--editable"
        message = "conda-lock leaves this out of the lock" if left_out else "conda-lock knows no options of pip"
        yield Finding(node.span, message)
    elif line.kind in ("address", "path") and not line.name:
        egg = line.url.revealed.partition("#egg=")[2].partition("&")[0] if line.url and line.value else ""
        fixes: tuple[Fix, ...] = ()
        if egg and line.value:
            written = f"{egg} @ {line.text.strip().replace(f'#egg={egg}', '', 1)}"
            fixes = (Fix(f"Write `{written}`", (rewrite(requirement, written),)),)
        yield Finding(node.span, "conda-lock wants a name before an address, as in `name @ https://...`", fixes)
