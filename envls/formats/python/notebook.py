"""What a notebook imports, installs and writes: the code of its cells is read as a script, its magics as what they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from envls.formats.conda.requirement import normalised
from envls.formats.python import script
from envls.formats.python.program import LARGEST, MOST, NOTHING, Import, Program
from envls.text import Span

LARGEST_NOTEBOOK = 8_000_000
"""Characters of the largest notebook that is read: most of it is what its cells have shown."""

_OF_PYTHON = frozenset(("time", "timeit", "capture", "prun", "python", "python3", "pyspark", "local", "debug"))
"""The cell magics whose cell is Python all the same."""
_WRITES = re.compile(r"%%(?:writefile|file)\b.*?(?<![\w-])([\w-]+)\.py[\"']?\s*$")
_MAGIC = re.compile(r"^[ \t]*(?:(?:[!?]|%[A-Za-z_]|(?:pip|conda)[ \t]+install\b).*|[\w.]+\?{1,2}[ \t]*$)", re.MULTILINE)
_SHELL = re.compile(r"^", re.MULTILINE)
_INSTALLS = re.compile(r"\b(?:pip3?|conda|mamba)\b.{0,200}?\binstall\b(?P<words>.*)")
_WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*')+""")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_TAKES_VALUE = frozenset(
    ("-i", "--index-url", "--extra-index-url", "-c", "--channel", "-t", "--target", "-f", "-n", "-p")
)


@lru_cache(maxsize=256)
def read(text: str) -> Program:
    if len(text) > LARGEST_NOTEBOOK:
        return NOTHING
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return NOTHING
    if not isinstance(content, dict) or not _is_of_python(content.get("metadata")):
        return NOTHING
    imports: list[Import] = []
    installs: set[str] = set()
    writes: set[str] = set()
    more = False
    at = 0
    for cell in _code_cells(content):
        first, _, rest = cell.lstrip().partition("\n")
        if first.startswith("%%"):
            writes |= {found[1] for found in (_WRITES.match(first),) if found}
            of_python = first[2:].split(" ", 1)[0].strip() in _OF_PYTHON
            cell = rest if of_python else _SHELL.sub("!", rest)  # noqa: PLW2901 - what is left of it
        for line in _MAGIC.findall(cell):
            names, complete = _installed_by(line)
            installs |= names
            more = more or not complete
        program = script.read(_MAGIC.sub(lambda found: " " * len(found.group()), cell))
        more = more or program.installs_more
        for one in program.imports:
            place = _place_in_json(text, _line_around(cell, one.span.start), at)
            at = max(at, place.start)
            imports.append(replace(one, span=place))
    return Program(tuple(imports[:MOST]), frozenset(installs), more, frozenset(writes))


def _is_of_python(metadata: object) -> bool:
    """Whether a notebook's language is Python, or not told."""
    if not isinstance(metadata, dict):
        return True
    told = [metadata.get("language_info"), metadata.get("kernelspec")]
    named = [one.get(key) for one, key in zip(told, ("name", "language"), strict=True) if isinstance(one, dict)]
    language = next((name for name in named if isinstance(name, str) and name), "python")
    return language.lower() in ("python", "python2", "python3", "ipython")


def _code_cells(content: dict[str, object]) -> Iterator[str]:
    """The texts of the code cells of a notebook of nbformat 4, or of 3 and older, which has worksheets."""
    worksheets = content.get("worksheets")
    pages: Sequence[object] = worksheets if isinstance(worksheets, list) else [content]
    for page in pages:
        cells = page.get("cells") if isinstance(page, dict) else None
        for cell in cells if isinstance(cells, list) else ():
            if not isinstance(cell, dict) or cell.get("cell_type") != "code":
                continue
            if cell.get("language", "python") != "python":
                continue
            source = cell.get("source", cell.get("input"))
            if isinstance(source, list):
                source = "".join(line for line in source if isinstance(line, str))
            if isinstance(source, str) and len(source) <= LARGEST:
                yield source


def _installed_by(line: str) -> tuple[set[str], bool]:
    """The names that a line of a notebook installs, and whether these are all."""
    found = _INSTALLS.search(line)
    if found is None:
        return set(), True
    names: set[str] = set()
    complete = True
    before = ""
    for word in _WORD.findall(found["words"].split("#")[0]):
        bare = word.strip("\"'")
        if bare in ("&&", ";", "|", ">", "2>&1"):
            break
        name = _NAME.match(bare)
        if bare.startswith("-"):
            complete = complete and bare not in ("-r", "--requirement", "-e", "--editable", "--file")
        elif before not in _TAKES_VALUE:
            if name is None or "/" in bare or "{" in bare or "$" in bare:
                complete = False
            else:
                names.add(normalised(name.group()))
        before = bare
    return names, complete


def _line_around(text: str, offset: int) -> str:
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    return text[start : end if end >= 0 else len(text)].strip()


def _place_in_json(text: str, line: str, start: int) -> Span:
    """Where a line of a cell stands in the notebook's own text, from `start` on; its beginning where that is not found."""
    for ascii_only in (False, True):
        written = json.dumps(line, ensure_ascii=ascii_only)[1:-1]
        at = text.find(written, start)
        if at >= 0:
            return Span(at, at + len(written))
    return Span(0, 0)
