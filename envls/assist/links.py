"""What in a document can be followed with a click: paths to files that are there, and addresses of web pages.

An address with a secret in it is left alone: a browser would send it, and keep it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from envls.assist.written import written_paths
from envls.document import Document
from envls.facts import Facts, FileAt
from envls.syntax import Scalar, walk
from envls.text import Span
from envls.url import redact

_ADDRESS = re.compile(r"https?://[^\s'\"<>{}\\]+")
MOST = 500
"""Links of a document: an editor keeps them all, and asks for them at every change."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where a click on the words at `span` leads: a file, or an address."""

    span: Span
    target: PurePath | str


def links(document: Document, facts: Facts) -> list[Link]:
    """The links of a document. A path that leads to no text file is none."""
    if document.content is None:
        return []
    found = [*_files(document, facts), *_addresses(document)]
    return found[:MOST]


def _files(document: Document, facts: Facts) -> Iterator[Link]:
    for path in written_paths(document):
        target = path.target(facts) if path.leads_to_text else None
        if target is not None and facts.value(FileAt(target)) is not None:
            yield Link(path.span, target)


def _addresses(document: Document) -> Iterator[Link]:
    if "://" not in document.text:
        return
    for node in walk(document.tree.root):
        if isinstance(node, Scalar) and "://" in node.value:
            for found in _ADDRESS.finditer(node.value):
                address = found.group()
                if redact(address) == address:
                    yield Link(node.within(*found.span()), address)
