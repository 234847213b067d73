"""ENV4: the `pip` section as a whole: lost, empty, no list, and how its lines fit together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from envls.document import Document
from envls.facts import Facts
from envls.formats.conda.environment import Dependency, EnvironmentFile, PipSection
from envls.formats.conda.environment_keys import PIP
from envls.rules.rule import Finding, Fix, Related, Severity, rule
from envls.syntax import Kind, Scalar, Sequence, Style, resolved
from envls.text import Span
from envls.write import Add, Remove, Replace, scalar


@rule("ENV403", on=Document, severity=Severity.ERROR)
def lost_pip_section(document: Document, facts: Facts) -> Iterator[Finding]:
    """There are two `pip` sections.

    conda 26.7 installs the last one only; what stands in the others is lost in silence. mamba installs both.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:  # <- ENV403
        - requests==2.31.0
      - pip:
        - flask==3.0.0
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests==2.31.0
        - flask==3.0.0
    ```

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - requests==2.31.0
        - flask==3.0.0
    ```
    """
    del facts
    file = document.content
    if not isinstance(file, EnvironmentFile) or len(file.pip_sections) < 2:
        return
    sections = [section for section in file.pip_sections if section.entry.key.value == "pip"]
    for section, following in pairwise(sections):
        if not section.requirements:
            continue  # nothing is lost
        related = (Related(sections[-1].entry.key.span, "this is the one that conda installs"),)
        message = "conda drops this `pip` section; only the last one counts"
        yield Finding(section.entry.key.span, message, _joined(document, file, section, following), related)


def _joined(document: Document, file: EnvironmentFile, first: PipSection, second: PipSection) -> tuple[Fix, ...]:
    """The fix that makes one section of two: without the head of the second, or with its lines in the first."""
    if not first.requirements or not second.requirements:
        return ()
    last, begin = first.requirements[-1], second.requirements[0].dash
    dashes = [item.dash for item in file.dependencies] + [item.dash for item in file.odd]
    between = any(last.dash < dash < begin for dash in dashes)
    line, column = document.lines.place(begin)
    head = Span(document.lines.whole(document.lines.place(second.dash)[0]).start, document.lines.whole(line).start)
    text = document.text[head.start : head.end]
    if not (between or "#" in text or document.lines.place(last.dash)[1] != column or "\n" not in text):
        return (Fix("Join the two sections", (Replace(head, ""),), sure=True),)
    whole = document.text[second.dash : second.entry.span.end]
    lines = [one.node.text.raw for one in second.requirements]
    odd = any(second.dash < item.dash < second.entry.span.end for item in file.odd)
    if odd or "#" in whole or any("\n" in raw for raw in lines) or first is not file.pip_sections[0]:
        return ()  # something would be lost
    moved = [Add(("dependencies", "pip"), raw) for raw in lines]
    return (Fix("Join the two sections", (Remove(second.dash), *moved), sure=True),)


@rule("ENV404", on=Document, severity=Severity.ERROR)
def pip_section_type(document: Document, facts: Facts) -> Iterator[Finding]:
    """The `pip` section is no list.

    conda 26.7 hands a text to pip one letter at a time; mamba 2 refuses the file.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip: requests==2.31.0  # <- ENV404
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
      - pip
      - pip: [requests==2.31.0]
    ```

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
          # <- ENV404
          requests==2.31.0
          flask==3.0.0
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
      - pip
      - pip:
          - requests==2.31.0
          - flask==3.0.0
    ```

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip: [requests==2.31.0]
    ```
    """
    del facts
    file = document.content
    for section in file.pip_sections if isinstance(file, EnvironmentFile) else ():
        node = section.node
        if isinstance(node, Sequence) or (isinstance(node, Scalar) and resolved(node) is Kind.NOTHING):
            continue
        changes = tuple(_as_items(node, document)) if isinstance(node, Scalar) and node is section.entry.value else ()
        fixes = (Fix("Make it a list", changes, safe=True),) if changes else ()
        message = f"`{PIP.name}` must be a list of requirements, one item each"
        yield Finding(node.span if isinstance(node, Scalar) else section.entry.key.span, message, fixes)


def _as_items(node: Scalar, document: Document) -> Iterator[Replace]:
    """Each line of a text as an item: in brackets where it begins behind its key, else below the first; nothing where line
    ends are a part of the text, or in quotes."""
    lines, text = document.lines, document.text
    if node.style in (Style.SINGLE, Style.DOUBLE) and "\n" not in node.text.raw:
        yield Replace(node.span, f"[{text[slice(*node.span)]}]")
    if node.style is not Style.PLAIN:
        return
    first, last = (lines.place(offset)[0] for offset in node.span)
    spans = [
        Span(max(lines.starts[n], node.span.start), min(lines.span(n).end, node.span.end))
        for n in range(first, last + 1)
    ]
    indent = text[lines.starts[first] : node.span.start]
    if indent.strip():
        told = (text[slice(*span)].strip() for span in spans)
        written = (scalar(line) if not re.search(r"[,\[\]{}]", line) else _quoted(line) for line in told if line)
        yield Replace(node.span, f"[{', '.join(written)}]")
        return
    for span in spans:
        line = text[slice(*span)]
        at = span.start + len(line) - len(line.lstrip())
        if line.strip():
            yield Replace(Span(span.start, at), ("" if span.start == node.span.start else indent) + "- ")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@rule("ENV409", on=Document, severity=Severity.WARNING)
def empty_pip_section(document: Document, facts: Facts) -> Iterator[Finding]:
    """The `pip` section holds nothing, and packages follow at its side.

    What stands at the same indentation as `- pip:` is conda's: conda 26.7 ignores the empty section, and looks for the
    packages on its channels. mamba refuses an empty section.

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:  # <- ENV409
      - requests==2.31.0
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
      - pip
      - pip:
          - requests==2.31.0
    ```

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
          - requests==2.31.0
    ```
    """
    del facts
    file = document.content
    if not isinstance(file, EnvironmentFile):
        return
    for section in file.pip_sections:
        node = section.node
        empty = isinstance(node, Scalar) and node.is_null and section.entry.key.value == "pip"
        following = [item for item in file.dependencies if item.dash > section.dash]
        if empty and following:
            message = "nothing stands below `pip:`; what follows at its side is conda's"
            yield Finding(section.entry.key.span, message, _indented(document, file, section, following))


def _indented(
    document: Document, file: EnvironmentFile, section: PipSection, following: list[Dependency]
) -> tuple[Fix, ...]:
    """The fix that puts what follows below the section, where that is all on lines of its own."""
    lines = document.lines
    first, last = (lines.place(item.dash)[0] for item in (following[0], following[-1]))
    others = any(one.dash > section.dash for one in file.pip_sections) or any(
        one.dash > section.dash for one in file.odd
    )
    if others or first == lines.place(section.dash)[0] or any("\n" in item.node.text.raw for item in following):
        return ()
    starts = [lines.span(number) for number in range(first, last + 1)]
    moved = tuple(Replace(Span(line.start, line.start), "    ") for line in starts if line.end > line.start)
    return (Fix("Indent what follows", moved),)
