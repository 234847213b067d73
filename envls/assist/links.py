"""What in a document can be followed with a click: paths to files that are there, addresses, and pages of channels and packages.

An address with a secret in it is left alone: a browser would send it, and keep it. Where the page of a package is, its
index says; that is asked when somebody clicks (`page_of`), and where nobody knows it there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath

from envls import target
from envls.assist.channel_card import channel_page
from envls.assist.written import written_paths
from envls.document import Document
from envls.facts import Facts, FileAt
from envls.formats.conda.environment import ChannelRef, Dependency, Requirement
from envls.syntax import Scalar, walk
from envls.text import Span
from envls.url import redact

_ADDRESS = re.compile(r"(?P<of_git>git\+)?(?P<address>https?://[^\s'\"<>{}\\]+)")
_REPOSITORY = re.compile(r"(?P<page>https?://[^/\s]+/[^@#\s]+?)(?:\.git)?(?:[@#].*)?")
_PAGES = ("anaconda.org", "prefix.dev", "PyPI", "Homepage", "homepage", "Home")
"""What links to the page of a package are called, the best first."""
MOST = 500
"""Links of a document: an editor keeps them all, and asks for them at every change."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where a click on the words at `span` leads: a file, or an address; None for the page of a package (`page_of`)."""

    span: Span
    target: PurePath | str | None


def links(document: Document, facts: Facts, *, packages: bool = False) -> list[Link]:
    """The links of a document, with those of its `packages` if wanted. A path that leads to no text file is none."""
    if document.content is None:
        return []
    channels = list(_channels(document))
    known = {link.span for link in channels}
    found = [*_files(document, facts), *channels, *(link for link in _addresses(document) if link.span not in known)]
    if packages:
        found += islice(_packages(document), max(MOST - len(found), 0))
    return found[:MOST]


def page_of(document: Document, offset: int, facts: Facts) -> str | None:
    """The address of a page about the package whose name begins at `offset`, as its channel or index has told."""
    item = next((one for one in _with_pages(document) if one.name_span.start == offset), None)
    if item is None:
        return None
    facts.managed = target.is_managed_perhaps(document, facts)
    question = target.pip_package(item) if isinstance(item, Requirement) else None
    questions = [question] if question else target.conda_packages(item, facts) if isinstance(item, Dependency) else []
    for package in filter(None, map(facts.value, questions)):
        by_label = {label: address for label, address in reversed(package.links) if _is_safe(address)}
        for label in (*_PAGES, *by_label):
            if label in by_label:
                return by_label[label]
    return None


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
                address = found["address"]
                if _is_safe(address):
                    repository = _REPOSITORY.fullmatch(address) if found["of_git"] else None
                    yield Link(node.within(*found.span("address")), repository["page"] if repository else address)


def _is_safe(address: str) -> bool:
    return address.startswith(("https://", "http://")) and redact(address) == address


def _channels(document: Document) -> Iterator[Link]:
    for mention in document.mentions:
        if isinstance(mention, ChannelRef) and (page := channel_page(mention.node.value)):
            yield Link(mention.node.within(0, len(mention.node.value)), page)


def _packages(document: Document) -> Iterator[Link]:
    for item in _with_pages(document):
        span = item.name_span
        if document.text[span.start : span.end].strip():
            yield Link(span, None)


def _with_pages(document: Document) -> Iterator[Dependency | Requirement]:
    """The packages that an index may know."""
    for mention in document.mentions:
        if isinstance(mention, Dependency):
            if target.is_package(mention.spec):
                yield mention
        elif isinstance(mention, Requirement) and target.pip_package(mention) is not None:
            yield mention
