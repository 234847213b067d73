"""ENV3: the match specs of an environment: grammar, pitfalls, repetition, pins."""

from __future__ import annotations

from collections.abc import Iterator

from envls import target
from envls.facts import Facts, Installed
from envls.formats.conda.environment import Dependency, EnvironmentFile, Requirement
from envls.rules.rule import Finding, Fix, Related, Severity, rule
from envls.syntax import Scalar, Style
from envls.text import Span
from envls.write import BreakItem, Remove, Replace, scalar

SHOWN_SINGLY = 3


@rule("ENV301", on=Dependency, severity=Severity.ERROR)
def invalid_spec(dependency: Dependency, facts: Facts) -> Iterator[Finding]:
    """conda cannot read a match spec.

    The verdict is that of conda 26.7 with its default solver.

    ```yaml
    dependencies:
      - python >=3.10 <3.13  # <- ENV301
      - -r requirements.txt  # <- ENV301
    ```
    """
    del facts
    problem, node = dependency.spec.problem, dependency.node
    if problem is None or _is_joined(node):
        return
    fixes: tuple[Fix, ...] = ()
    if problem.replacement is not None:
        written = scalar(problem.replacement, like=node)
        fixes = (Fix(f"Write `{problem.replacement}`", (Replace(node.span, written),), safe=True),)
    yield Finding(node.within(problem.start, problem.end), problem.message, fixes)


@rule("ENV302", on=Dependency, severity=Severity.WARNING)
def misread_spec(dependency: Dependency, facts: Facts) -> Iterator[Finding]:
    """conda takes a spec for something that was surely not meant.

    A single colon, an extra, a version in words or the start of the next line: conda accepts them, and installs
    something else or anything at all.

    ```yaml
    channels: [conda-forge]
    dependencies:
      - conda-forge:numpy=1.26    # <- ENV302
      - uvicorn[standard]>=0.30   # <- ENV302
      - scipy=latest              # <- ENV302
    ```
    """
    del facts
    spec, node = dependency.spec, dependency.node
    if spec.problem or _is_joined(node):
        return
    if spec.namespace:
        part = spec.namespace
        written = spec.text[: part.end] + "::" + spec.text[part.end + 1 :]
        fix = Fix(f"Write `{written}`", (Replace(node.span, scalar(written, like=node)),))
        message = f"conda takes `{part.text}` for a namespace and ignores it; a channel stands before two colons"
        yield Finding(node.within(part.start, part.end + 1), message, (fix,))
    elif spec.brackets and not spec.fields:
        part = spec.brackets
        written = spec.text[: part.start] + spec.text[part.end :]
        fix = Fix("Remove the extra", (Replace(node.span, scalar(written, like=node)),), safe=True)
        yield Finding(node.within(part.start, part.end), "conda packages have no extras; conda drops this", (fix,))
    elif spec.version is None and spec.text.rstrip()[-1:] in "=<>" and not spec.fields:
        at = len(spec.text.rstrip()) - 1
        yield Finding(node.within(at, at + 1), "no version follows; conda takes any")
    elif spec.version and not any(letter.isdigit() for letter in spec.version.text) and spec.relation:
        part = spec.version
        message = f"conda looks for a version called `{part.text.lstrip('= ')}`"
        yield Finding(node.within(part.start, part.end), message)
    elif spec.version and spec.version.text.lstrip().startswith(("=>", "=<")):
        part = spec.version
        written = spec.text[: part.start] + part.text[1] + "=" + part.text[2:] + spec.text[part.end :]
        fix = Fix(f"Write `{written}`", (Replace(node.span, scalar(written, like=node)),))
        message = f"conda reads this as `{part.text[1:]}*`; the operator is written the other way round"
        yield Finding(node.within(part.start, part.end), message, (fix,))


def _is_joined(node: Scalar) -> bool:
    """Whether an item goes on on the next line, as it does where that lacks its dash."""
    text = node.text
    return text.raw is not text.value and text.style is Style.PLAIN and ("\n" in text.raw or "\r" in text.raw)


@rule("ENV305", on=EnvironmentFile, severity=Severity.ERROR)
def joined_lines(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """A line lacks its dash, so that it belongs to the one above.

    conda reads both lines as one item: a package and a version or build of the other's name.

    ```yaml
    dependencies:
      - python=3.11
      # <- ENV305
      - numpy=1.26
        pandas=2.2
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
      - numpy=1.26
      - pandas=2.2
    ```
    """
    del facts
    items: list[Dependency | Requirement] = [*file.dependencies, *file.requirements]
    for item in items:
        node = item.node
        if not _is_joined(node):
            continue
        raw = node.text.raw
        at = min(place for mark in "\r\n" if (place := raw.find(mark)) >= 0)
        rest = raw[at:].lstrip()
        line_end = raw[at : at + 2] if raw.startswith("\r\n", at) else raw[at]
        where = Span(node.start + at, node.start + len(raw) - len(rest))
        fix = Fix("Begin an item on the next line", (BreakItem(item.dash, where, line_end),))
        shown = Span(node.start + len(raw) - len(rest), node.start + len(raw))
        first = rest.split()[0]
        message = f"the line with `{first}` lacks its dash; conda reads it as a part of this item"
        yield Finding(Span(node.start, node.start + at), message, (fix,), (Related(shown, "this line lacks its dash"),))


@rule("ENV303", on=EnvironmentFile, severity=Severity.WARNING)
def repeated_package(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """A package stands twice in the conda list.

    conda wants a version that fits both; where they contradict each other, there is none.

    ```yaml
    dependencies:
      - python=3.11
      - numpy
      - numpy=1.26  # <- ENV303
    ```
    """
    del facts
    first: dict[str, Dependency] = {}
    for dependency in file.dependencies:
        name = dependency.spec.name
        if not name or dependency.spec.problem or "*" in name:
            continue
        known = first.setdefault(name, dependency)
        if known is dependency:
            continue
        same = known.spec.text == dependency.spec.text
        related = (Related(known.span, f"`{known.node.value}` stands here"),)
        fixes = [Fix("Remove this one", (Remove(dependency.dash),), safe=same)]
        if not same and not known.spec.version:
            fixes.insert(0, Fix("Remove the one without a version", (Remove(known.dash),), safe=True))
        elif not same and not dependency.spec.version and not dependency.spec.fields:
            fixes = [Fix("Remove the one without a version", (Remove(dependency.dash),), safe=True)]
        yield Finding(dependency.span, f"`{name}` stands twice", tuple(fixes), related)


@rule("ENV304", on=EnvironmentFile, severity=Severity.HINT)
def unpinned(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """A package has no version.

    The environment made today and the one made next year differ. Few such packages are shown singly, many as one
    hint on the first of them.

    ```yaml
    dependencies:
      - python=3.11
      - matplotlib  # <- ENV304
    ```
    """
    pinned = {item.spec.name for item in file.dependencies if item.spec.version}
    found: list[Dependency | Requirement] = [
        item for item in file.dependencies if is_unpinned(item) and item.spec.name not in pinned
    ]
    found += [item for item in file.requirements if is_unpinned(item)]
    for item in found if len(found) <= SHOWN_SINGLY else found[:1]:
        name = item.node.value.strip()
        rest = len(found) - 1 if len(found) > SHOWN_SINGLY else 0
        message = f"`{name}` and {rest} other packages have no version" if rest else f"`{name}` has no version"
        yield Finding(item.name_span, message, tuple(pins(item, facts)))


NEVER_PINNED = frozenset(("pip", "setuptools", "wheel", "nodefaults", "azureml-requirements"))


def is_unpinned(item: Dependency | Requirement) -> bool:
    if isinstance(item, Dependency):
        spec = item.spec
        if spec.version is not None or spec.problem or spec.archive or spec.fields or "*" in spec.name:
            return False
        return spec.name not in NEVER_PINNED and spec.text.rstrip()[-1] not in "=<>@"
    line = item.line
    if line.version is not None:
        return False
    return line.kind == "requirement" and not line.problem and line.name not in NEVER_PINNED


def pins(item: Dependency | Requirement, facts: Facts) -> Iterator[Fix]:
    """Fixes that pin a package to what is installed and to what its index has newest, where known and not there yet."""
    if not can_pin(item):
        return
    current = item.spec.pinned if isinstance(item, Dependency) else item.line.pinned
    installed, newest = installed_version(item, facts), newest_version(item, facts)
    if installed not in ("", current):
        yield pin(item, installed, f"the installed in `{item.within.name}`")
    if newest not in ("", current, installed):
        yield pin(item, newest, "the newest")


def can_pin(item: Dependency | Requirement) -> bool:
    """Whether a version can be written behind the name, and means something there."""
    if isinstance(item, Dependency):
        spec = item.spec
        return not (spec.problem or spec.archive or spec.fields or spec.brackets or "*" in spec.name or not spec.name)
    return item.line.kind == "requirement" and not item.line.problem and bool(item.line.name)


def installed_version(item: Dependency | Requirement, facts: Facts) -> str:
    """The version of the package in the environment that the file names; "" where that is not known."""
    environment = facts.value(Installed(name=item.within.name)) if item.within.name else None
    there = (
        environment.find(item.spec.name if isinstance(item, Dependency) else item.line.name) if environment else None
    )
    return there.version if there else ""


def newest_version(item: Dependency | Requirement, facts: Facts) -> str:
    """The newest version that the channels or the index have; "" where that is not known."""
    if facts.managed is None:
        return ""  # for which platform is not known yet
    question = (
        target.conda_package(item, managed=facts.managed) if isinstance(item, Dependency) else target.pip_package(item)
    )
    package = facts.value(question) if question else None
    return package.newest if package else ""


def pin(item: Dependency | Requirement, version: str, why: str) -> Fix:
    """Give an item the version; an operator that it has is kept where it pins."""
    node = item.node
    if isinstance(item, Dependency):
        spec = item.spec
        operator = "==" if spec.version and spec.version.text.startswith("==") else "="
        end = spec.build.end if spec.build else spec.version.end if spec.version else spec.name_part.end
        written = spec.text[: spec.name_part.end] + operator + version + spec.text[end:]
    else:
        line = item.line
        start = line.version.start if line.version else _end_of_name(line.text, line.name_part.end)
        end = line.version.end if line.version else start
        written = line.text[:start].rstrip() + "==" + version + line.text[end:]
    place = Span(node.span.start, node.span.end)
    return Fix(f"Pin to {why}: `{written}`", (Replace(place, scalar(written, like=node)),))


def _end_of_name(text: str, end: int) -> int:
    """Behind the name and its extras."""
    bracket = text.find("]", end)
    return bracket + 1 if text[end:].lstrip().startswith("[") and bracket >= 0 else end
