"""Pages of indexes, as they really come: each entry says what it can, and what is none says so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from envls.world.core_metadata import describe
from envls.world.pages import NEWER, read_page
from envls.world.shelf import FailedError
from envls.world.simple import files_by_version, releases

JSON = "application/vnd.pypi.simple.v1+json"
URL = "https://example.com/simple/a/"


def page(text: str, content_type: str = "text/html", name: str | None = "a") -> list[str]:
    return [file.url for file in read_page(text.encode(), content_type, URL, name).files]


def files(*entries: Any, meta: Any = None) -> str:
    return json.dumps({"name": "a", "files": entries, "meta": meta or {"api-version": "1.1"}})


WHEEL = {"filename": "a-1.0-py3-none-any.whl", "url": "a-1.0-py3-none-any.whl", "hashes": {}}
AT = "https://example.com/simple/a/a-1.0-py3-none-any.whl"


@pytest.mark.parametrize(
    "entry",
    [
        WHEEL,
        {**WHEEL, "url": AT},
        {**WHEEL, "url": "/simple/a/a-1.0-py3-none-any.whl"},
        {**WHEEL, "hashes": None},
        {"filename": WHEEL["filename"], "url": WHEEL["url"]},
        {**WHEEL, "size": "large", "upload-time": "yesterday", "provenance": 7},
        {**WHEEL, "yanked": "", "something": {"new": [1]}},
    ],
)
def test_an_entry_says_what_it_can(entry: Any) -> None:
    assert page(files(entry), JSON) == [AT]


@pytest.mark.parametrize(
    "entry",
    [7, None, [], {}, {**WHEEL, "filename": 7}, {**WHEEL, "filename": "b-1.0-py3-none-any.whl"},
     {**WHEEL, "filename": "a-1.0.exe"}, {**WHEEL, "filename": "a-1.0-py3.8.egg"}, {**WHEEL, "url": None}],
)  # fmt: skip
def test_an_entry_that_is_none_costs_itself_only(entry: Any) -> None:
    assert page(files(entry, WHEEL, entry), JSON) == [AT]


def test_keys_of_a_page_come_in_any_order_and_with_any_space() -> None:
    spaced = json.dumps({"files": [WHEEL], "versions": ["1.0"], "meta": {"api-version": "1.0"}}, indent=3)
    assert page(spaced, JSON) == page(f"\ufeff \n{spaced}\n", JSON) == [AT]
    assert page(files(WHEEL), "text/html") == page(files(WHEEL), "") == [AT], (
        "how it begins counts, not how it is called"
    )


@pytest.mark.parametrize("version", ["1.99", "not a version", None, []])
def test_a_newer_index_of_the_same_kind_is_read(version: Any) -> None:
    assert page(files(WHEEL, meta={"api-version": version}), JSON) == [AT]


def test_an_index_of_another_kind_is_not_read() -> None:
    with pytest.raises(FailedError, match=NEWER):
        page(
            files(WHEEL, meta={"api-version": "2.0"}).replace('"files"', '"meta": {"api-version": "2.0"}, "files"', 1),
            JSON,
        )
    with pytest.raises(FailedError, match=NEWER):
        page('<meta name="pypi:repository-version" content="2.1"><a href="a-1.0.tar.gz">a</a>')


@pytest.mark.parametrize(
    "text",
    ["{", "{}x" * 3, '{"files": [', '{"files": [{}', '{"files": [' + "[" * 100_000, '{"a": ' + "[" * 100_000,
     '{"files": 7} x', '{"files" 7}', '{"meta": ' + '{"a":' * 100_000],
)  # fmt: skip
def test_json_that_is_broken_or_too_deep_is_no_answer(text: str) -> None:
    try:
        assert page(text, JSON) == []
    except FailedError as error:
        assert str(error) == "its answer cannot be read"


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<a href="a-1.0.tar.gz">a-1.0.tar.gz</a>', [URL + "a-1.0.tar.gz"]),
        ('<A HREF="../../f/a-1.0.tar.gz#sha256=00">whatever it shows</A>', ["https://example.com/f/a-1.0.tar.gz"]),
        ('<base href="https://files.example.com/x/"><a href="a-1.0.tar.gz">', ["https://files.example.com/x/a-1.0.tar.gz"]),
        ('<base href="/y/"><base href="/z/"><a href=a-1.0.tar.gz>', ["https://example.com/y/a-1.0.tar.gz"]),
        ("<a href='a%2D1.0%2Blocal.tar.gz'>a-1.0..&gt;</a>", [URL + "a%2D1.0%2Blocal.tar.gz"]),
        ('<!-- <a href="a-1.0.tar.gz"> --><p><a><a href=""><a href="https://[::1/a-1.0.tar.gz">', []),
        ('<a href="/login">Log in</a> to <a href="b-1.0.tar.gz">our hotel</a>', []),
        ('<a href="a-1.0.tar.gz"', []),
    ],
)  # fmt: skip
def test_html_is_read_for_its_links(html: str, found: list[str]) -> None:
    assert page(html) == found


def test_what_html_says_of_a_file() -> None:
    (one, other) = read_page(
        b'<a href="a-1.0.tar.gz" data-requires-python="&gt;=3.8" data-yanked="bad &amp; old" data-core-metadata="sha256=ab">'
        b'<a href="a-1.1.tar.gz" data-yanked data-dist-info-metadata="true">',
        "text/html",
        URL,
        "a",
    ).files
    assert (one.requires_python, one.yanked_reason, one.metadata_digests) == (">=3.8", "bad & old", {"sha256": "ab"})
    assert (other.is_yanked, other.yanked_reason, other.has_metadata) == (True, "", True)


def test_a_page_is_sure_to_be_of_an_index_or_not() -> None:
    assert read_page(b'{"files": []}', JSON, URL, "a").sure
    assert read_page(b"", "application/vnd.pypi.simple.v1+html", URL, "a").sure
    assert read_page(b'<meta name="pypi:repository-version" content="1.0">', "text/html", URL, "a").sure
    assert not read_page(b"{}", "application/json", URL, "a").sure
    assert not read_page(b"<h1>Welcome</h1>", "text/html", URL, "a").sure


def test_a_page_of_many_packages() -> None:
    listed = "".join(
        f'<a href="{name}">{name}' for name in ("A.b-1.0-py3-none-any.whl", "a_b-2.0.zip", "c-d-1.0.tar.gz", "x")
    )
    found = read_page(listed.encode(), "text/html", URL).files
    assert [(file.project, file.version) for file in found] == [("A.b", "1.0"), ("a_b", "2.0"), ("c-d", "1.0")]


def test_what_python_a_release_needs_is_said_where_all_its_files_agree() -> None:
    entries = [
        {**WHEEL, "requires-python": ">=3.8"},
        {**WHEEL, "filename": "a-1.0.tar.gz"},
        {**WHEEL, "filename": "a-2.0.tar.gz", "requires-python": ">=3.9", "upload-time": "0001-01-01T00:00:00+14:00"},
    ]
    found = releases(files_by_version(read_page(files(*entries).encode(), JSON, URL, "a").files))
    assert found == {"newest": "2.0", "releases": [["2.0", None, ">=3.9", None], ["1.0", None, "", None]]}


# -- metadata -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ("License-Expression: MIT OR Apache-2.0\nLicense: whatever", "MIT OR Apache-2.0"),
        ("License: BSD", "BSD"),
        ("License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License", "MIT License"),
        (
            "License: Copyright\n        and so on\nClassifier: License :: OSI Approved\nClassifier: License :: Other",
            "Other",
        ),
        ("License: " + "x" * 100, ""),
        ("", ""),
    ],
)
def test_the_licence(fields: str, licence: str) -> None:
    assert describe(f"Metadata-Version: 2.4\n{fields}\n\n".encode())["licence"] == licence


def test_metadata_of_anybody_are_bounded_and_clean() -> None:
    lines = [
        "Metadata-Version: 2.4",
        "Summary: " + "s" * 10_000,
        *(f"Project-URL: {number}{'l' * 100}, https://example.com/{number}" for number in range(50)),
        "Project-URL: Evil, javascript:alert(1)",
        *(f"Requires-Dist: p{number}>={number}" for number in range(5000)),
        "Requires-Dist: a; " + "(" * 400,
        *(f"Provides-Extra: e{number}" for number in range(5000)),
        "Provides-Extra: E0",
    ]
    found = describe("\n".join(lines).encode() + b"\n\n")
    assert len(found["summary"]) == 500
    assert len(found["links"]) == 12
    assert max(len(label) for label, _ in found["links"]) == 60
    assert len(found["requires"]) == 1000
    assert len(found["extras"]) == 500
    for content in (
        b"Summary: \xff \xed\xa0\x80\n\n",
        b"\x00\xff garbage",
        "Summary: ü\ud800".encode("utf-8", "surrogatepass"),
    ):
        json.dumps(describe(content), ensure_ascii=False).encode()
