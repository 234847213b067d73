"""No secret of a file is shown: who looks over a shoulder, or at a recording, sees cards, lenses, titles and lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
from toy import ROOT, World, online

from envls.assist.actions import actions
from envls.assist.completion import complete
from envls.assist.hover import hover
from envls.assist.lenses import lenses
from envls.assist.outline import Symbol, outline
from envls.config import Configuration
from envls.document import Document, read
from envls.text import Span

SECRET = "hunter2"
LOGIN = f"https://me:{SECRET}@host.example.com"
FILES = {
    "environment.yml": f"""\
name: demo
channels:
  - {LOGIN}/team
  - https://host.example.com/t/{SECRET}/team
dependencies:
  - python=3.11
  - {LOGIN}/team::numpy=1.26
  - pandas[channel='{LOGIN}/team',version='>=1']
  - pip
  - pip:
    - --index-url {LOGIN}/simple
    - tool @ {LOGIN}/tool-1.0-py3-none-any.whl
    - git+https://{SECRET}@host.example.com/a/b.git@v1#egg=other
variables:
  DB_PASSWORD_OF_TEST: {SECRET}
  STORAGE_PWD: {SECRET}
  PIP_INDEX_URL: {LOGIN}/simple
""",
    "environment-local.yml": "dependencies:\n  - python=3.11\n  - numpy=1.20\n  - pandas\n",
    "job.yml": f"""\
$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
command: python train.py
environment:
  image: {LOGIN}/image:1
  conda_file: environment.yml
""",
    "other.yml": """\
$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
command: python train.py
environment:
  image: reg
""",
}


@pytest.mark.parametrize("name", FILES)
def test_nothing_that_is_shown_has_a_secret_in_it(name: str) -> None:
    world = online()
    world.files.update({ROOT / path: text for path, text in FILES.items()})
    document = read(ROOT / name, FILES[name])
    assert [text for text in _shown(document, world) if SECRET in text] == []


def _shown(document: Document, world: World) -> Iterator[str]:
    """All that the editor is given to show of a document, wherever the pointer or the cursor is."""
    yield from _names(outline(document))
    yield from (lens.title for lens in lenses(document, world.facts()))
    lines = document.lines
    for line in range(len(lines)):
        span = lines.span(line)
        for offset in range(span.start, span.end + 1, 3):
            card = hover(document, offset, world.facts())
            yield card.markdown if card else ""
        for offset in {span.start, (span.start + span.end) // 2, span.end}:
            offered = complete(document, offset, world.facts())
            yield from (f"{one.label} {one.detail} {one.documentation}" for one in offered.items)
        yield from (one.title for one in actions(document, Span(*span), world.facts(), Configuration()))


def _names(symbols: Iterable[Symbol]) -> Iterator[str]:
    for one in symbols:
        yield f"{one.name} {one.detail}"
        yield from _names(one.children)
