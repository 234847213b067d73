"""What a script imports: its import statements with their places, and what stands around them.

Nothing is run, and nothing is parsed with `ast`: that knows one version of Python, costs several times as much, and its
manual warns that a text can crash the interpreter. Strings and comments are blanked, statements are read where a line, or
what stands behind a colon or a semicolon, begins with `import` or `from`, and blocks by their indentation; the whole
statement must be one, or it is none. In the tests `ast` is the judge.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from envls.formats.python.program import LARGEST, MOST, NOTHING, Import, Program
from envls.text import Span

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
    rf"(?<![^\s;:\ufeff])(?P<word>import|from)(?:"
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
_CLAUSES = ("except", "finally", "else", "elif")
_LINE_START = re.compile(r"^[ \t\f\ufeff]*", re.MULTILINE)
_CATCHES = re.compile(r"except[ \t*]*(?::|.*\b(?:ImportError|ModuleNotFoundError|Exception|BaseException|error)\b)")
_TYPING = re.compile(r"if[ \t(]+(?:\w+\.)?TYPE_CHECKING[ \t)]*:")
_MAIN = re.compile(r"if[ \t(]+__name__\b|if[ \t(]+(?:True|1)[ \t)]*:")
_INSTALL = re.compile(r"\b(?:pip3?|conda|mamba)\b[^\n]{0,200}?\binstall\b|[\"']install[\"']")


@lru_cache(maxsize=2048)
def read(text: str) -> Program:
    if "\0" in text or len(text) > LARGEST:
        return NOTHING  # Python refuses the one, nobody wrote the other
    strings: list[str] = []
    code = _code_of(text, strings) if "import" in text else ""
    return Program(tuple(_imports(code)), installs_more=any(_INSTALL.search(one) for one in strings))


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
    """The heads of the blocks of a code, in their order.

    Of each, `outer` is the nearest one before it that is indented less (-1 for none), and `first` where its statement
    begins: the `try` of an `except`. `catching` are those statements that go on where an import fails.
    """

    def __init__(self, code: str) -> None:
        self._code = code
        self._heads = list(_HEAD.finditer(code))
        self._starts = [head.start("word") for head in self._heads]
        self._columns = [_column(head["indent"]) for head in self._heads]
        self._outer: list[int] = []
        self._first: list[int] = []
        self._catching: set[int] = set()
        opened: list[int] = []
        for index, column in enumerate(self._columns):
            beside = -1
            while opened and self._columns[opened[-1]] >= column:
                last = opened.pop()
                beside = last if self._columns[last] == column else -1
            self._outer.append(opened[-1] if opened else -1)
            opened.append(index)
            word = self._heads[index]["word"]
            self._first.append(self._first[beside] if word in _CLAUSES and beside >= 0 else index)
            if word == "except" and _CATCHES.match(self._line(index)):
                self._catching.add(self._first[index])

    def around(self, line: int, place: int) -> _Around:
        """Of a statement at `place`, in the line that begins at `line`: the nearest head before it that is indented less is
        the head of its block."""
        indent = _LINE_START.match(self._code, line)
        start = indent.end() if indent else line
        column = _column(self._code[line:start])
        index = bisect_left(self._starts, start)
        if start < place and index < len(self._starts) and self._starts[index] == start:
            column, index = column + 1, index + 1  # behind the colon of a head, in its line
        guarded = typing = lazy = conditional = False
        index -= 1
        while index >= 0:
            if self._columns[index] < column:
                column = self._columns[index]
                word = self._heads[index]["word"]
                begun = self._first[index]
                if self._heads[begun]["word"] == "try":
                    guarded = guarded or (begun in self._catching and word != "finally")
                elif word.endswith("with"):
                    guarded = guarded or "suppress" in self._line(index)
                elif word.endswith("def"):
                    lazy = True
                elif word == "if" and _TYPING.match(self._line(index)):
                    typing = True
                elif word in ("elif", "else", "case") or (word == "if" and not _MAIN.match(self._line(index))):
                    conditional = True
            index = self._outer[index]
        return _Around(guarded, typing, lazy, conditional)

    def _line(self, index: int) -> str:
        return self._code[self._starts[index] : self._starts[index] + 300].splitlines()[0]


def _column(indent: str) -> int:
    return len(indent.replace("\ufeff", "").expandtabs(8))
