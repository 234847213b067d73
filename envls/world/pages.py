"""Reads a page of a simple index (PEP 503, 691, 700) or of `--find-links`, one file after the other.

An entry that cannot be understood costs itself only, and a field that is wrong only the field. What a page says of its
kind is believed less than how it begins. Time and memory grow with the page, and other threads get their turn: pages
of real packages have megabytes, and a hostile one has more.
"""

from __future__ import annotations

import json
import re
import time
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version
from pypi_simple import SUPPORTED_REPOSITORY_VERSION, DistributionPackage, Link

from envls.world.shelf import FailedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    Json = Any

NO_INDEX = "its answer is no package index"
NEWER = "its answer is of a newer kind than envls reads"
LONGEST = 20.0
"""Seconds that reading a page may take."""
INSTALLABLE = ("wheel", "sdist")
"""The kinds of files that pip installs."""
_AT_ONCE = 65536
_SPACE = re.compile(r"[ \t\r\n]*")
_LEGACY = ("data-dist-info-metadata", "dist-info-metadata")
"""How `core-metadata` was called at first (PEP 658 before PEP 714)."""


class Page(NamedTuple):
    """`files` are those that pip may install; `sure` says that this is a page of an index, even without any."""

    files: list[DistributionPackage]
    sure: bool


def read_page(body: bytes, content_type: str, url: str, name: str | None = None) -> Page:
    """The files of a page; with `name` (normalised) those of this package only. Raises FailedError for what is none."""
    text = body.decode("utf-8", "replace")
    if text[:100].lstrip("\ufeff \t\r\n").startswith("{"):
        found = _from_json(text, url, name)
    else:
        found = _from_html(text, content_type, url, name)
    files: list[DistributionPackage] = []
    sure = False
    for file in found:
        if file is None:
            sure = True
        elif file.package_type in INSTALLABLE and (name is None or canonicalize_name(file.project or "") == name):
            files.append(file)
    return Page(files, sure)


def file_of(
    url: str, name: str | None = None, attributes: dict[str, str | list[str]] | None = None
) -> DistributionPackage:
    """What a link to a file says. Its name is the last part of the address, as for pip, whatever the link shows."""
    path = urlsplit(url).path
    return DistributionPackage.from_link(Link(unquote(path.rpartition("/")[2]), url, attributes or {}), name)


# -- JSON -----------------------------------------------------------------------------------------------------


def _from_json(text: str, url: str, name: str | None) -> Iterator[DistributionPackage | None]:
    """The files; None where it is certain that this is a page of an index."""
    for key, value in _members(text):
        if key == "meta" and isinstance(value, dict):
            _check_version(value.get("api-version"))
        elif key == "files":
            yield None
        elif key == "" and isinstance(value, dict) and (file := _file(value, url, name)):
            yield file


def _members(text: str) -> Iterator[tuple[str, Json]]:
    """The members of the object that `text` is, and after "files" its items, each with the key "".

    The items are read one by one: as a whole, they would hold up all threads for as long as it takes.
    """
    decode = json.JSONDecoder().raw_decode
    end = time.monotonic() + LONGEST
    try:
        at = _after(text, _SPACE.match(text, text.find("{")).end(), "{")  # type: ignore[union-attr] # matches always
        while not text.startswith("}", at):
            key, at = decode(text, at)
            at = _after(text, at, ":")
            if key == "files" and text.startswith("[", at):
                yield "files", None
                at = _after(text, at, "[")
                while not text.startswith("]", at):
                    value, at = decode(text, at)
                    yield "", value
                    at = _next(text, at, "]")
                    _check_time(end)
                at = _after(text, at, "]")
            else:
                value, at = decode(text, at)
                yield str(key) or "?", value
            at = _next(text, at, "}")
    except (ValueError, RecursionError) as error:
        raise FailedError("its answer cannot be read") from error


def _after(text: str, at: int, sign: str) -> int:
    """Where it goes on after `sign` and the space around it."""
    at = _SPACE.match(text, at).end()  # type: ignore[union-attr] # matches always
    if not text.startswith(sign, at):
        raise ValueError(f"no {sign}")
    return _SPACE.match(text, at + len(sign)).end()  # type: ignore[union-attr] # as above


def _next(text: str, at: int, end: str) -> int:
    """Where the next item stands, or the `end`."""
    at = _SPACE.match(text, at).end()  # type: ignore[union-attr] # as above
    return at if text.startswith(end, at) else _after(text, at, ",")


def _file(data: dict[str, Json], url: str, name: str | None) -> DistributionPackage | None:
    for legacy in _LEGACY:
        data.setdefault("core-metadata", data.get(legacy))
    try:
        return DistributionPackage.from_json_data(data, name, url)
    except ValueError:  # pydantic's: some field is of the wrong type
        kept = {key: value for key, value in data.items() if key in ("filename", "url", "yanked", "requires-python")}
    try:
        return DistributionPackage.from_json_data({**kept, "hashes": {}}, name, url)
    except ValueError:
        return None


# -- HTML -----------------------------------------------------------------------------------------------------


class _Links(HTMLParser):
    """What a page links to, and the version of the repository that it names."""

    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=False)
        self.url = url
        self.found: list[tuple[str, dict[str, str]]] = []
        self.version: str | None = None
        self._base: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {key: value or "" for key, value in attrs}
        href = attributes.get("href", "").strip()
        if tag == "a" and href:
            self.found.append((href, attributes))
        elif tag == "base" and href and self._base is None:
            self.url = self._base = urljoin(self.url, href)
        elif tag == "meta" and attributes.get("name") == "pypi:repository-version":
            self.version = attributes.get("content", "")


def _from_html(text: str, content_type: str, url: str, name: str | None) -> Iterator[DistributionPackage | None]:
    parser = _Links(url)
    if content_type.startswith("application/vnd.pypi.simple.v1+html"):
        yield None
    end = time.monotonic() + LONGEST
    for start in range(0, len(text), _AT_ONCE):
        _check_time(end)
        parser.feed(text[start : start + _AT_ONCE])
        if parser.version is not None:
            _check_version(parser.version)
            parser.version = None
            yield None
        links, parser.found = parser.found, []
        for href, attributes in links:
            for legacy in _LEGACY:
                if legacy in attributes:
                    attributes.setdefault("data-core-metadata", attributes[legacy])
            try:
                yield file_of(urljoin(parser.url, href), name, {**attributes})
            except ValueError:  # an address that is none
                continue


def _check_time(end: float) -> None:
    if time.monotonic() > end:
        raise FailedError("its answer takes too long to read")


def _check_version(written: Json) -> None:
    """Of a page with a greater first number nothing is certain; a greater second one only adds to it (PEP 629)."""
    try:
        version = Version(str(written))
    except InvalidVersion:
        return
    if version.major > Version(SUPPORTED_REPOSITORY_VERSION).major:
        raise FailedError(NEWER)
