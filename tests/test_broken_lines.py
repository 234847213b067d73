"""The law of the broken line: it costs only itself; every other dependency keeps its place and its meaning.

By default a sample of the real files is broken; `ENVLS_ALL_LINES=1` breaks every line of every file in every way.
"""

from __future__ import annotations

import os
import random
from pathlib import PurePosixPath

import pytest
from corpus import FILES

from envls.document import Format, read
from envls.formats.conda.environment import EnvironmentFile

EVERYTHING = os.environ.get("ENVLS_ALL_LINES") == "1"
PATH = PurePosixPath("/project/environment.yml")
WAYS = {
    "a bracket that is not closed": lambda line: line.replace("- ", "- [", 1),
    "a quote that is not closed": lambda line: line.replace("- ", '- "', 1),
    "a second colon": lambda line: line + ": x: y",
    "no colon": lambda line: line.replace(":", "", 1),
    "one blank more": lambda line: " " + line,
    "one blank less": lambda line: line.removeprefix(" "),
    "a reserved character": lambda line: line.replace("- ", "- @", 1),
    "half typed": lambda line: line[: len(line) // 2],
    "gone but for its first letter": lambda line: line[: len(line) - len(line.lstrip()) + 1],
}


def said(text: str) -> dict[int, tuple[str, str]]:
    """Line number to what kind of package stands there."""
    document = read(PATH, text)
    content = document.content
    assert document.format is Format.ENVIRONMENT and isinstance(content, EnvironmentFile)
    place = document.lines.place
    found = {place(item.span.start)[0]: ("conda", item.node.value) for item in content.dependencies}
    found |= {place(item.span.start)[0]: ("pip", item.node.value) for item in content.requirements}
    return found


def conda_files() -> list[str]:
    texts = []
    for path in FILES:
        text = path.read_bytes().decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n")
        document = read(PATH, text)
        if document.format is Format.ENVIRONMENT and not document.tree.problems and not document.template and text:
            texts.append(text)
    return texts


@pytest.mark.parametrize("way", WAYS)
def test_costs_only_itself(way: str) -> None:
    chance = random.Random(way)
    failures = []
    for text in conda_files():
        lines = text.split("\n")
        whole = said(text)
        numbers = [n for n, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")]
        for number in numbers if EVERYTHING else chance.sample(numbers, min(3, len(numbers))):
            broken = WAYS[way](lines[number])
            if broken == lines[number]:
                continue
            now = said("\n".join((*lines[:number], broken, *lines[number + 1 :])))
            lost = {n: what for n, what in whole.items() if n != number and now.get(n, ("", ""))[1] != what[1]}
            if lost:
                failures.append((lines[max(0, number - 1) : number + 2], broken, dict(list(lost.items())[:3])))
    assert not failures, f"{len(failures)}: {failures[:5]}"
