"""ENV1: the text as YAML: lines that are none, templates, keys that stand twice."""

from __future__ import annotations

from collections.abc import Iterator

from envls.document import Document, Format
from envls.facts import Facts
from envls.rules.rule import Finding, Fix, Related, Severity, rule
from envls.syntax import Entry, mappings
from envls.text import Span
from envls.write import Replace


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
