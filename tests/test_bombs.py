"""Hostile texts: each is answered, in time that grows as the text does, and what was too much is said in its place."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from pathlib import PurePath, PurePosixPath

import pytest
from toy import World

from envls.assist.completion import complete
from envls.assist.hover import hover
from envls.check import check, judging
from envls.document import Document, known_name, read
from envls.encoding import decode
from envls.formats.conda import matchspec, requirement
from envls.formats.conda.environment import EnvironmentFile
from envls.syntax import block
from envls.url import Url

PATH = PurePosixPath("/project/environment.yml")
D = "dependencies:\n"
SHAPES: dict[str, Callable[[int], str]] = {
    "block mappings in one another": lambda n: "".join(" " * i + "a:\n" for i in range(min(n, 1000))),
    "brackets in one another": lambda n: D + "- " + "[" * n,
    "braces in one another": lambda n: "{" * n,
    "closed brackets in one another": lambda n: D + "- " + "[" * n + "]" * n,
    "dashes in one another": lambda n: D + "- " * n + "x",
    "aliases of aliases": lambda n: (
        "a0: &a0 [x]\n"
        + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, n // 10 + 2))
        + f"dependencies: *a{n // 10}\n"
    ),
    "a list that holds itself": lambda n: "dependencies: &a\n" + "- *a\n" * n,
    "a mapping that holds itself": lambda n: "dependencies:\n- &a\n  pip: *a\n" + "- *a\n" * n,
    "items that are misplaced": lambda n: D + "  - a\n     - b\n" * n,
    "keys that are misplaced": lambda n: "a:\n  b: 1\n   c: 2\n" * n,
    "quotes that are not closed": lambda n: D + "- 'a\n" * n,
    "double quotes that are not closed": lambda n: D + '- "a\n' * n,
    "brackets that are not closed": lambda n: D + "- [a\n" * n,
    "quotes in a bracket": lambda n: "a: [" + "'b\n" * n,
    "quoted texts and comments": lambda n: D + "- 'a\n  b'\n# c\n" * n,
    "block texts and comments": lambda n: D + "- |\n  a\n# c\n" * n,
    "a text of many lines": lambda n: D + "- a\n" + "  b\n # c\n" * n,
    "a literal text": lambda n: "a: |\n" + "  x\n" * n,
    "a folded text": lambda n: "a: >\n" + "  x\n\n" * n,
    "blank lines in a folded text": lambda n: "a: >\n  x\n" + "\n" * n,
    "words without colon": lambda n: "abc\n" * n,
    "words without dash": lambda n: D + "  abc\n  - d\n" * n,
    "keys without colon": lambda n: D + "- p\n    - a\n" * n,
    "dashes without blank": lambda n: D + "  -abc\n  - d\n" * n,
    "tabs": lambda n: D + "\t- a\n" * n,
    "the same key": lambda n: "a: b\n" * n,
    "the same package": lambda n: D + "- numpy\n" * n,
    "pip sections": lambda n: D + "- pip:\n  - a\n" * n,
    "packages": lambda n: D + "".join(f"- pkg{i}=1.{i}\n" for i in range(n)),
    "pip lines": lambda n: D + "- pip:\n" + "".join(f"  - pkg{i}==1.{i}\n" for i in range(n)),
    "documents": lambda n: "---\n" * n,
    "zeros": lambda n: D + "- a\0b\n" * n,
    "statements": lambda n: "{% if\n" * n,
    "an open statement": lambda n: D + "{% " + "- a\n" * n,
    "bytes that are no text": lambda n: decode((D + "- a\udc80\udcffb\n" * n).encode("utf-8", "surrogateescape"))[0],
    "surrogates": lambda n: D + "- a\ud800b\n" * n,
    "control characters": lambda n: D + "- \x07\x1b[31m\n" * n,
    "byte order marks": lambda n: "\ufeff" * n + D,
    "carriage returns": lambda n: D + "- a\r" * n,
    "one long line": lambda n: D + "- " + "a" * n * 10,
    "one long line of words": lambda n: D + "- " + "a " * n * 5,
    "comments to ignore": lambda n: D + "- a # envls: ignore ENV1\n" * n,
    "templates": lambda n: D + "- {{ a }}\n" * n,
}


def cost(work: Callable[[], object]) -> float:
    """Seconds, the best of three: what else the machine does only adds."""
    best = 1e9
    for _ in range(3):
        judging._memories.clear()  # noqa: SLF001 (what is remembered costs nothing the second time)
        begun = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begun)
    return best


def grows_as_its_text(work: Callable[[int], Callable[[], object]], size: int) -> bool:
    """Whether eight times the text costs far less than the sixty-four times that a square would be."""
    gc.disable()
    try:
        small, large = cost(work(size)), cost(work(8 * size))
    finally:
        gc.enable()
    return large < 0.05 or large < 28 * max(small, 0.001)


def judged(text: str) -> Document:
    document = read(PATH, text)
    check(document, World().facts())
    return document


@pytest.mark.parametrize("shape", SHAPES)
def test_cost_grows_as_the_text(shape: str) -> None:
    def work(size: int) -> Callable[[], object]:
        text = SHAPES[shape](size)
        return lambda: judged(text)

    assert grows_as_its_text(work, 300)


@pytest.mark.parametrize("shape", SHAPES)
def test_everything_answers(shape: str) -> None:
    text = SHAPES[shape](200)
    document = judged(text)
    for offset in (0, 1, len(D) + 3, len(text) // 2, len(text) - 1, len(text)):
        hover(document, min(offset, len(text)), World().facts())
        complete(document, min(offset, len(text)), World().facts())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n" * (block.SIZE + 1), "too long"),
        (D + "- " + "[" * 100, "too deeply"),
        (D + "".join(" " * i + "a:\n" for i in range(1, 100)), "too deeply"),
        (D + "- a\0b\n", "U+0000"),
        (D + "- a\ud800b\n", "U+D800"),
    ],
    ids=["long", "brackets", "mappings", "zero", "surrogate"],
)
def test_what_is_too_much_is_said(text: str, message: str) -> None:
    found = check(read(PATH, text), World().facts())
    assert any(message in one.finding.message for one in found)


def test_ten_megabytes_are_read() -> None:
    line = "  - " + "a" * 60 + "=1.2  # why\n"
    document = read(PATH, D + line * (10_000_000 // len(line)))
    assert isinstance(document.content, EnvironmentFile)
    assert len(document.content.dependencies) > 100_000


def test_twenty_thousand_dependencies_are_read() -> None:
    content = judged(SHAPES["packages"](20_000)).content
    assert isinstance(content, EnvironmentFile) and len(content.dependencies) == 20_000


def test_a_line_of_a_megabyte_leaves_the_others_alone() -> None:
    content = judged(D + "- " + "a" * 1_000_000 + "\n- numpy\n- 'b" + " c" * 500_000 + "'\n- pandas\n").content
    assert isinstance(content, EnvironmentFile)
    assert [item.spec.name for item in content.dependencies][1::2] == ["numpy", "pandas"]


RUNS = [
    *"-_.=<>!~*|,()[]{}'\"\\/:;@#$%^&+? a1",
    "\t",
    "é",
    "a,",
    "=1",
    "[a",
    "(a",
    ">=1,",
    "a=",
    " ;",
    "1.",
    "a.",
    "--",
    "$ {",
    "{{",
]


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize(
    "frame", ["{}", "numpy{}", "numpy {} x", "numpy[{}]", "https://example.com/{}", "--hash={}", "c::{}"]
)
def test_no_expression_runs_away(run: str, frame: str) -> None:
    def work(size: int) -> Callable[[], object]:
        text = frame.format(run * size)
        quoted = D + "- '" + text.replace("'", "''") + "'\n- pip:\n  - '" + text.replace("'", "''") + "'\n"
        name = PurePath(text.replace("/", "-") + ".yml")

        def read_all() -> None:
            matchspec.parse.cache_clear()
            requirement.parse.cache_clear()
            judged(quoted)
            Url(text)
            known_name(name)

        return read_all

    assert grows_as_its_text(work, 400)
