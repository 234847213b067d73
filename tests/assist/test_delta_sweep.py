"""Real conda files, each beside two others as if they were of one project: what is taken over is there afterwards, and
nothing else is broken."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from corpus import FILES, FOLDER, text_of
from toy import World

from envls.assist.actions import actions
from envls.assist.delta import Aspect, Delta, delta
from envls.config import Configuration
from envls.document import Document, read
from envls.formats.conda.environment import EnvironmentFile
from envls.rules.packages.agreement import name_of
from envls.text import Span, apply

HERE, THERE = PurePosixPath("/project/environment.yml"), PurePosixPath("/project/environment-other.yml")


def conda_files() -> list[Document]:
    documents = (read(HERE, text_of(path)) for path in FILES)
    return [one for one in documents if isinstance(one.content, EnvironmentFile) and one.content.key("dependencies")]


@pytest.mark.skipif(not FOLDER.exists(), reason="no corpus beside the project")
def test_what_another_file_says_is_taken_over() -> None:
    documents = conda_files()
    offered = 0
    for number, document in enumerate(documents):
        for other in (documents[number - 1], documents[number * 7 % len(documents)]):
            offered += taken_over(document, other)
    assert 2 * offered > len(documents), "files have something in common"


def taken_over(document: Document, beside: Document) -> int:
    """How many actions were offered; each makes the file what its title says."""
    there = World({HERE: document.text, THERE: beside.text})
    other = there.document(THERE).content
    file = document.content
    assert isinstance(file, EnvironmentFile)
    key = file.key("dependencies")
    if key is None or not isinstance(other, EnvironmentFile):
        return 0
    before = delta(file, other)
    found = actions(
        document, Span(key.span.start, key.span.start), there.facts(), Configuration(), ("refactor.rewrite",), []
    )
    mine = [one for one in found if "environment-other.yml" in one.title]
    for action in mine:
        made = document.with_text(apply(document.text, action.changes.edits[HERE]))
        assert len(made.tree.problems) <= len(document.tree.problems), (action.title, made.text)
        assert isinstance(made.content, EnvironmentFile)
        after = delta(made.content, other)
        if action.title.startswith("Align"):
            fewer = versions(before) - versions(after)
            assert 0 < fewer <= int(action.title.split()[1]), (action.title, made.text)
        else:
            count = len(before.only_there) - len(after.only_there)
            assert count >= 1, (action.title, made.text)
            assert others(after) == others(before)
    return len(mine)


def versions(made: Delta) -> int:
    return sum(Aspect.VERSION in one.aspects for one in made.differing)


def others(made: Delta) -> list[str]:
    return [name_of(one) for one in made.only_here if name_of(one) != "pip"]
