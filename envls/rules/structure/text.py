"""ENV1: the text as YAML: how it is encoded, lines that are none, templates, keys that stand twice."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from envls.document import Document, Format
from envls.encoding import Encoding, stray_bytes
from envls.facts import EncodingAt, Facts
from envls.rules.rule import Finding, Fix, Related, Severity, rule
from envls.syntax import Entry, mappings
from envls.text import Span
from envls.write import Replace, SaveAsUtf8

MOST_STRAY = 500
"""Bytes that are no UTF-8 beyond which a file is hardly a text in another encoding."""


def yaml_problems(document: Document) -> Iterator[Finding]:
    """The problems of a text; what only makes YAML of a line that still says nothing sensible is not safe."""
    damaged = document.encoding and document.encoding.stray
    stray = {damaged.offset, *(one.offset for one in stray_bytes(document.text))} if damaged else ()
    for problem in document.tree.problems:
        if problem.span.start in stray:
            continue  # told for the whole file
        safe = problem.sure and problem.fix is not None and not problem.fix[0].startswith("Put quotes")
        fixes = (Fix(problem.fix[0], (Replace(*problem.fix[1]),), safe),) if problem.fix else ()
        yield Finding(problem.span, problem.message, fixes)


def encoding_of(document: Document, facts: Facts) -> Encoding | None:
    """How the bytes of a document are its text; None while that is not known."""
    return document.encoding or facts.value(EncodingAt(document.path))


def unreadable_bytes(document: Document, facts: Facts) -> Iterator[Finding]:
    """The first byte that is no text, for all of them. Which text they should be is a guess, so the fix is not safe.

    An editor shows replacement characters there, and no bytes.
    """
    encoding = encoding_of(document, facts)
    if encoding is None or not encoding.is_utf8 or encoding.stray is None:
        return
    offset, byte = encoding.stray
    message = f"the byte 0x{byte:02X} is not UTF-8: the file cannot be read"
    meant = _as_windows_1252(document.text) if document.encoding else {}
    if meant:
        message += f"; as Windows-1252 it is `{meant[offset]}`"
    elif document.encoding is None and document.text[offset : offset + 1] != "\ufffd":
        offset = max(document.text.find("\ufffd"), 0)  # the text has changed since it was saved
    changes = tuple(Replace(Span(at, at + 1), character) for at, character in meant.items())
    fixes = (Fix("Read the file as Windows-1252 and save it as UTF-8", changes),) if meant else ()
    yield Finding(Span(offset, min(offset + 1, len(document.text))), message, fixes)


def _as_windows_1252(text: str) -> dict[int, str]:
    """What the stray bytes of a text are in the old encoding of Western Windows, by offset; {} if that has no such byte."""
    stray = list(islice(stray_bytes(text), MOST_STRAY + 1))
    try:
        return {one.offset: bytes([one.byte]).decode("cp1252") for one in stray} if len(stray) <= MOST_STRAY else {}
    except UnicodeDecodeError:
        return {}


def repeated_keys(document: Document, effect: str) -> Iterator[Finding]:
    """That a key stands twice in one mapping. `effect` is what becomes of the file then."""
    for first, again in _repeated(document):
        name = again.key.value
        related = (Related(first.key.span, f"`{name}` stands here first"),)
        yield Finding(again.key.span, f"`{name}` stands twice; {effect}", related=related)


def _repeated(document: Document) -> Iterator[tuple[Entry, Entry]]:
    """Each key that stands again in one mapping, behind its first mention."""
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

    conda 26.7 (ruamel.yaml, YAML 1.2), mamba 2 (yaml-cpp) and conda-lock 4 (PyYAML) refuse the whole file. Everything else
    in it is read and judged all the same.

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

    ```yaml
    channels: [conda-forge, bioconda]
    dependencies:
      - "python >=3.11"
    ```
    """
    del facts
    if document.format is Format.ENVIRONMENT and not document.template:
        yield from yaml_problems(document)


@rule("ENV102", on=Document, severity=Severity.HINT)
def template(document: Document, facts: Facts) -> Iterator[Finding]:
    """The file is a template.

    What stands in `{{ }}` and `{% %}` is filled in later; conda 26.7 fills in nothing, and refuses the file as it is. envls
    reads what it can, each item on its own. It says nothing of YAML, nor of what the whole file lacks or repeats.

    ```yaml
    name: {{ name }}  # <- ENV102
    dependencies:
      - python=3.11
    ```

    ```yaml
    name: demo
    dependencies:
      - python=3.11
    ```
    """
    del facts
    if document.format is Format.ENVIRONMENT and document.template:
        yield Finding(document.template, "this is a template; envls reads what is not filled in later")


@rule("ENV107", on=Document, severity=Severity.ERROR)
def repeated_key(document: Document, facts: Facts) -> Iterator[Finding]:
    """A key stands twice in one mapping.

    conda 26.7 refuses the file; mamba 2 and conda-lock 4 take one and forget what stands under the other.

    ```yaml
    dependencies:
      - python=3.11
    dependencies:  # <- ENV107
      - numpy=1.26
    ```

    ```yaml
    name: demo
    dependencies:
      - python=3.11
    ```
    """
    del facts
    if document.format is Format.ENVIRONMENT and not document.template:
        yield from repeated_keys(document, "conda refuses the file")


@rule("ENV112", on=Document, severity=Severity.ERROR)
def not_utf_8(document: Document, facts: Facts) -> Iterator[Finding]:
    """The file is not UTF-8.

    PowerShell 5 writes UTF-16 where a program's output goes into a file (`conda env export > environment.yml`). conda 26.7
    tries UTF-16 when UTF-8 fails, and so reads such a file as long as its byte order mark is there. Azure ML, conda-lock,
    pixi and most tools of CI read UTF-8 only. UTF-16 without a mark, UTF-32, and bytes of older encodings such as
    Windows-1252 conda refuses, too. A byte order mark of UTF-8 does no harm.

    An editor can save the file in another encoding; `envls fix` saves it as UTF-8.

    ```facts
    encoding utf-16-le
    ```

    ```yaml
    name: demo  # <- ENV112
    dependencies:
      - python=3.11
    ```
    """
    if document.format is not Format.ENVIRONMENT:
        return
    encoding = encoding_of(document, facts)
    if encoding and not encoding.is_utf8:
        # which bytes make the text is known in the terminal only; what could not be read is not to be lost
        mendable = document.encoding and not encoding.stray
        fixes = (Fix("Save the file as UTF-8", (SaveAsUtf8(),), safe=True),) if mendable else ()
        yield Finding(Span(0, min(1, len(document.text))), _not_utf_8(encoding), fixes)
    yield from unreadable_bytes(document, facts)


def _not_utf_8(encoding: Encoding) -> str:
    if encoding.stray or encoding.name == "UTF-32":
        who = "conda refuses it"
    else:
        who = (
            "conda reads it, but Azure ML, conda-lock and pixi do not" if encoding.mark else "conda takes it for UTF-8"
        )
    what = encoding.name + ("" if encoding.mark else " without a byte order mark")
    return f"the file is {what}{' and damaged' if encoding.stray else ''}, not UTF-8: {who}"


@rule("ENV113", on=Document, severity=Severity.ERROR)
def wrong_extension(document: Document, facts: Facts) -> Iterator[Finding]:
    """The file is not called `.yml` or `.yaml`.

    conda 26.7 reads an environment from such files only (CEP 24), though it exports `environment.json` as well; a `.txt` is
    a list of match specs to it. JSON is fine in a `.yml`. What an Azure ML job points to may have any extension.

    ```yaml environment.txt
    channels: [conda-forge]  # <- ENV113
    dependencies:
      - python=3.11
    ```

    ```yaml
    {"channels": ["conda-forge"], "dependencies": ["python=3.11"]}
    ```
    """
    del facts
    suffix = document.path.suffix.lower()
    if document.format is Format.ENVIRONMENT and document.told is None and suffix in (".json", ".txt"):
        message = f"conda reads an environment from `.yml` and `.yaml` files only, not from `{suffix}`"
        yield Finding(Span(0, min(1, len(document.text))), message)
