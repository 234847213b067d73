"""What a Python program imports: its import statements with their places, and what a notebook installs by itself.

Nothing is run, and nothing is parsed with `ast`: that knows one version of Python, costs several times as much, and its
manual warns that a text can crash the interpreter. Strings and comments are blanked, statements are read where a line, or
what stands behind a colon or a semicolon, begins with `import` or `from`, and blocks by their indentation; the whole
statement must be one, or it is none. In the tests `ast` is the judge.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import PurePath

from envls.formats.conda.requirement import normalised
from envls.text import Span

SUFFIXES = (".py", ".ipynb")
LARGEST = 1_000_000
"""Characters of the largest program that is read."""
LARGEST_NOTEBOOK = 8_000_000
"""The same of a notebook, where most of it is what its cells have shown."""
MOST = 2_000
"""Imports of one program that are looked at."""


@dataclass(frozen=True, slots=True)
class Import:
    """One module that a program imports. `name` is dotted, without the `level` dots before it; `names` are those that
    `from ... import` takes out of it. `span` is where the name stands; in a notebook, its line.

    `guarded`: it may fail, as in `try: ... except ImportError`. `typing`: only type checkers see it. `lazy`: it stands in
    a function. `conditional`: under an `if` or `case`, such as one on the platform or the version of Python.
    """

    name: str
    span: Span
    level: int = 0
    names: tuple[str, ...] = ()
    guarded: bool = False
    typing: bool = False
    lazy: bool = False
    conditional: bool = False

    @property
    def top(self) -> str:
        """The first part of the name: "sklearn" of `sklearn.linear_model`; "" of what is relative."""
        return "" if self.level else self.name.partition(".")[0]

    @property
    def certain(self) -> bool:
        """Whether the program fails without the module, at least where a function is called."""
        return not (self.guarded or self.typing or self.conditional)


@dataclass(frozen=True)
class Program:
    """What is known of a program without running it.

    `installs` are the packages that it installs itself, as PEP 503 compares them; `installs_more`: others too, that are
    not told. `writes` are the modules that a notebook writes (`%%writefile`). `moves`: it changes where modules are
    looked for (`sys.path`).
    """

    imports: tuple[Import, ...] = ()
    installs: frozenset[str] = frozenset()
    installs_more: bool = False
    writes: frozenset[str] = frozenset()
    moves: bool = False

    @cached_property
    def modules(self) -> frozenset[str]:
        """The dotted names of all that it imports, those that it takes out of a package among them."""
        absolute = [one for one in self.imports if not one.level]
        taken = (f"{one.name}.{name}" for one in absolute for name in one.names)
        return frozenset((*(one.name for one in absolute), *taken))


NOTHING = Program()


def is_program(path: PurePath) -> bool:
    """Whether a file is a Python program or a notebook, by its name."""
    return path.suffix.lower() in SUFFIXES


def read(path: PurePath, text: str) -> Program:
    """What the text of a program says; a pure function of it, and remembered. Never fails: of what is no Python nothing."""
    if path.suffix.lower() == ".ipynb":
        return _notebook(text) if len(text) <= LARGEST_NOTEBOOK else NOTHING
    return _script(text) if len(text) <= LARGEST else NOTHING


# -- scripts --------------------------------------------------------------------------------------------------

_NOT_CODE = re.compile(
    r"""
      \#[^\r\n]*
    | \"{3} [^\\"]* (?: (?: \\(?:.|\Z) | "(?!"") ) [^\\"]* )* (?: \"{3} | \Z )
    | '{3}  [^\\']* (?: (?: \\(?:.|\Z) | '(?!'') ) [^\\']* )* (?: '{3}  | \Z )
    | " [^\\"\r\n]* (?: \\(?:\r\n|.|\Z) [^\\"\r\n]* )* "?
    | ' [^\\'\r\n]* (?: \\(?:\r\n|.|\Z) [^\\'\r\n]* )* '?
    """,
    re.VERBOSE | re.DOTALL,
)
_BLANK = r"(?:[ \t\f]|\\(?:\r\n|\r|\n))"
_DOTTED = rf"[^\W\d]\w*(?:{_BLANK}*\.{_BLANK}*[^\W\d]\w*)*"
_AS = rf"(?:{_BLANK}+as{_BLANK}+[^\W\d]\w*)?"
_END = rf"{_BLANK}*(?=[;\r\n]|\Z)"
_ONE = rf"[^\W\d]\w*{_AS}"
_SPACE = r"(?:\s|\\(?:\r\n|\r|\n))*"
_STATEMENT = re.compile(
    rf"(?P<word>import|from)(?:"
    rf"(?<=\bimport){_BLANK}+(?P<modules>{_DOTTED}{_AS}(?:{_BLANK}*,{_BLANK}*{_DOTTED}{_AS})*){_END}"
    rf"|(?<=\bfrom){_BLANK}*(?P<dots>(?:\.{_BLANK}*)*)(?P<package>(?:{_DOTTED})?){_BLANK}*\bimport\b"
    rf"{_BLANK}*(?:(?P<star>\*)|\((?P<inside>{_SPACE}{_ONE}(?:{_SPACE},{_SPACE}{_ONE})*{_SPACE},?{_SPACE})\)"
    rf"|(?P<plain>{_ONE}(?:{_BLANK}*,{_BLANK}*{_ONE})*)){_END})"
)
_MODULE = re.compile(rf"({_DOTTED}){_AS}")
_JOINT = re.compile(rf"{_BLANK}+")
_HEAD = re.compile(
    r"^(?P<indent>[ \t\f]*)(?P<word>try|except|finally|else|elif|if|case|(?:async[ \t]+)?(?:def|with|for)|while|match|class)\b",
    re.MULTILINE,
)
_LINE_START = re.compile(r"^[ \t\f\ufeff]*", re.MULTILINE)
_CATCHES = re.compile(r"except[ \t*]*(?::|.*\b(?:ImportError|ModuleNotFoundError|Exception|BaseException|error)\b)")
_TYPING = re.compile(r"if[ \t(]+(?:\w+\.)?TYPE_CHECKING[ \t)]*:")
_MAIN = re.compile(r"if[ \t(]+__name__\b|if[ \t(]+(?:True|1)[ \t)]*:")
_INSTALL = re.compile(r"\b(?:pip3?|conda|mamba)\b[^\n]*\binstall\b|[\"']install[\"']")
_PATHS = ("sys.path", "addsitedir", "addPyFile")


@lru_cache(maxsize=2048)
def _script(text: str) -> Program:
    if "\0" in text:
        return NOTHING  # Python refuses it
    strings: list[str] = []
    code = _code_of(text, strings) if "import" in text else ""
    return Program(
        tuple(_imports(code)),
        installs_more=any(_INSTALL.search(one) for one in strings),
        moves=any(one in code for one in _PATHS),
    )


def _code_of(text: str, strings: list[str]) -> str:
    """The text with blanks in the place of comments and strings; strings that speak of an installation are gathered."""

    def blanked(found: re.Match[str]) -> str:
        there = found.group()
        if there[0] == "#":
            return " " * len(there)
        if "install" in there:
            strings.append(there)
        if "\n" in there or "\r" in there:
            return "'" + re.sub(r"[^\r\n]", " ", there[1:])
        return "'" + " " * (len(there) - 1)

    return _NOT_CODE.sub(blanked, text)


def _imports(code: str) -> Iterator[Import]:
    """The imports of what is code alone."""
    blocks: _Blocks | None = None
    made = 0
    for found in _STATEMENT.finditer(code):
        line = _line_of(code, found.start())
        if code[line : found.start()].rstrip(" \t\f\ufeff")[-1:] not in ("", ";", ":"):
            continue
        around = _OUTERMOST
        if line < found.start():
            blocks = blocks or _Blocks(code)
            around = blocks.around(line, found.start())
        for one in _of_statement(found):
            yield one if around is _OUTERMOST else around.of(one)
            made += 1
        if made >= MOST:
            return


def _line_of(code: str, offset: int) -> int:
    """Where the line begins that a place is in."""
    return max(code.rfind("\n", 0, offset), code.rfind("\r", 0, offset)) + 1


def _of_statement(found: re.Match[str]) -> Iterator[Import]:
    if found["word"] == "import":
        for module in _MODULE.finditer(found["modules"]):
            start = found.start("modules") + module.start(1)
            yield Import(_joined(module[1]), Span(start, start + len(module[1])))
        return
    names = () if found["star"] else tuple(one[1] for one in _MODULE.finditer(found["inside"] or found["plain"]))
    level, start = found["dots"].count("."), found.start("dots")
    if level or found["package"]:
        yield Import(_joined(found["package"]), Span(start, found.end("package")), level, names)


def _joined(dotted: str) -> str:
    """A dotted name without the blanks that may stand in it."""
    return _JOINT.sub("", dotted)


@dataclass(frozen=True, slots=True)
class _Around:
    """What the blocks around a statement make of it."""

    guarded: bool = False
    typing: bool = False
    lazy: bool = False
    conditional: bool = False

    def of(self, one: Import) -> Import:
        return replace(one, guarded=self.guarded, typing=self.typing, lazy=self.lazy, conditional=self.conditional)


_OUTERMOST = _Around()


class _Blocks:
    """The heads of the blocks of a code that matter to an import, in their order."""

    def __init__(self, code: str) -> None:
        self._code = code
        self._heads = list(_HEAD.finditer(code))
        self._starts = [head.start("word") for head in self._heads]
        self._columns = [_column(head["indent"]) for head in self._heads]

    def around(self, line: int, place: int) -> _Around:
        """Of a statement at `place`, in the line that begins at `line`: the nearest head before it that is indented less is
        the head of its block."""
        indent = _LINE_START.match(self._code, line)
        start = indent.end() if indent else line
        column = _column(self._code[line:start])
        index = bisect_left(self._starts, start)
        guarded = typing = lazy = conditional = False
        if start < place and index < len(self._starts) and self._starts[index] == start:
            column, index = column + 1, index + 1  # behind the colon of a head, in its line
        while column > 0 and index > 0:
            index -= 1
            if self._columns[index] >= column:
                continue
            column = self._columns[index]
            word = self._heads[index]["word"]
            if word in ("try", "except") or (word == "else" and self._word_before(index) in ("try", "except")):
                guarded = guarded or self._catches(index)
            elif word.endswith("with"):
                guarded = guarded or "suppress" in self._line(index)
            elif word.endswith("def"):
                lazy = True
            elif word == "if" and _TYPING.match(self._line(index)):
                typing = True
            elif word in ("elif", "else", "case") or (word == "if" and not _MAIN.match(self._line(index))):
                conditional = True
        return _Around(guarded, typing, lazy, conditional)

    def _line(self, index: int) -> str:
        return self._code[self._starts[index] : self._starts[index] + 300].splitlines()[0]

    def _word_before(self, index: int) -> str:
        """The word of the clause before, at the same indentation."""
        for before in range(index - 1, -1, -1):
            if self._columns[before] <= self._columns[index]:
                return self._heads[before]["word"] if self._columns[before] == self._columns[index] else ""
        return ""

    def _catches(self, index: int) -> bool:
        """Whether the statement that a `try`, `except` or `else` belongs to goes on where an import fails."""
        column = self._columns[index]
        first = index
        while self._heads[first]["word"] != "try" and first > 0:
            first -= 1
        for after in range(first + 1, len(self._heads)):
            if self._columns[after] > column:
                continue
            word = self._heads[after]["word"]
            if self._columns[after] < column or word not in ("except", "else", "finally"):
                return False
            if word == "except" and _CATCHES.match(self._line(after)):
                return True
        return False


def _column(indent: str) -> int:
    return len(indent.replace("\ufeff", "").expandtabs(8))


# -- notebooks ------------------------------------------------------------------------------------------------

_OF_PYTHON = frozenset(("time", "timeit", "capture", "prun", "python", "python3", "pyspark", "local", "debug"))
"""The cell magics whose cell is Python all the same."""
_WRITES = re.compile(r"%%(?:writefile|file)\b.*?([\w-]+)\.py[\"']?\s*$")
_MAGIC = re.compile(r"^[ \t]*(?:[!%?]|(?:pip|conda)[ \t]+install\b).*|^.*\?[ \t]*$", re.MULTILINE)
_INSTALLS = re.compile(r"\b(?:pip3?|conda|mamba)\b.*?\binstall\b(?P<words>.*)")
_WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*')+""")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_TAKES_VALUE = frozenset(
    ("-i", "--index-url", "--extra-index-url", "-c", "--channel", "-t", "--target", "-f", "-n", "-p")
)


@lru_cache(maxsize=256)
def _notebook(text: str) -> Program:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return NOTHING
    if not isinstance(content, dict) or not _is_of_python(content.get("metadata")):
        return NOTHING
    imports: list[Import] = []
    installs: set[str] = set()
    writes: set[str] = set()
    more = moves = False
    at = 0
    for cell in _code_cells(content):
        first, _, rest = cell.lstrip().partition("\n")
        if first.startswith("%%"):
            writes |= {found[1] for found in (_WRITES.match(first),) if found}
            if first[2:].split(" ", 1)[0].strip() not in _OF_PYTHON:
                continue
            cell = rest  # noqa: PLW2901 - what is left of it is Python
        for line in _MAGIC.findall(cell):
            names, complete = _installed_by(line)
            installs |= names
            more = more or not complete
        program = _script(_MAGIC.sub(lambda found: " " * len(found.group()), cell))
        more, moves = more or program.installs_more, moves or program.moves
        for one in program.imports:
            place = _place_in_json(text, _line_around(cell, one.span.start), at)
            at = max(at, place.start)
            imports.append(replace(one, span=place))
    return Program(tuple(imports[:MOST]), frozenset(installs), more, frozenset(writes), moves)


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
