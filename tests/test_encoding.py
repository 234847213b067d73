"""Files in every encoding: read, told at the right place, and written back as they were or as UTF-8."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import pytest
from corpus import FOLDER
from hypothesis import given, settings
from hypothesis import strategies as st
from toy import World

from envls.assist.hover import hover
from envls.check import check, fixed
from envls.document import Document, Format, read
from envls.encoding import UTF8, Encoding, Stray, decode, encode
from envls.rules.rule import Severity

TEXT = "name: demo\r\nchannels:\r\n  - conda-forge\r\ndependencies:\r\n  - python=3.11  # Größe 3 €\r\n"
ASCII = TEXT.encode("ascii", "ignore").decode()
MARKS = {"utf-8": "", "utf-16-le": "fffe", "utf-16-be": "feff", "utf-32-le": "fffe0000", "utf-32-be": "0000feff"}
UTF_16_IN_CORPUS = FOLDER / "conda" / "daveshap__raven__environment.yml"


def document(raw: bytes, name: str = "environment.yml") -> Document:
    text, encoding = decode(raw)
    return read(PurePosixPath("/project", name), text, encoding=encoding)


def found(raw: bytes, name: str = "environment.yml") -> list[str]:
    """What is said of the encoding or of YAML: line, column, code and message."""
    file = document(raw, name)
    told = []
    for one in check(file, World().facts()):
        if one.rule.name in ("not-utf-8", "not-yaml", "not-yaml-in-workbench"):
            line, column = file.lines.place(one.finding.span.start)
            told.append(f"{line + 1}:{column + 1} {one.rule.code} {one.finding.message}")
            assert one.severity is Severity.ERROR
    return told


@given(st.binary() | st.text().flatmap(lambda text: st.sampled_from([text.encode(c, "replace") for c in MARKS])))
@settings(derandomize=True, database=None, deadline=None)
def test_what_is_read_is_written_back_byte_for_byte(raw: bytes) -> None:
    text, encoding = decode(raw)
    if encoding.is_utf8 or encoding.stray is None:
        assert encode(text, encoding) == raw
    if encoding.stray is not None:
        assert raw[len(encoding.mark) :].find(encoding.stray.byte) >= 0
        assert encoding.stray.offset < len(text)


@pytest.mark.parametrize("codec", MARKS)
@pytest.mark.parametrize("text", [TEXT, "", "name", "# 環境\r\n" + ASCII], ids=["plain", "empty", "half", "chinese"])
def test_a_mark_tells(codec: str, text: str) -> None:
    mark = bytes.fromhex(MARKS[codec])
    assert decode(mark + text.encode(codec)) == (text, Encoding(codec, mark))


@pytest.mark.parametrize("codec", MARKS)
def test_without_a_mark_the_zeros_tell(codec: str) -> None:
    assert decode(TEXT.encode(codec)) == (TEXT, Encoding(codec))
    assert decode("na".encode(codec)) == ("na", Encoding(codec))


@pytest.mark.parametrize("raw", [b"a\0b: c\n" * 9, b"\0", b"\0\0", b"a\0bcd", b"\0\0\0\0", b"a\0\0"])
def test_a_zero_alone_makes_no_utf_16(raw: bytes) -> None:
    assert decode(raw) == (raw.decode(), UTF8)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (TEXT.encode(), []),
        (TEXT.encode("utf-8-sig"), []),
        (
            b"\xff\xfe" + TEXT.encode("utf-16-le"),
            ["1:1 ENV112 the file is UTF-16, not UTF-8: conda reads it, but Azure ML, conda-lock and pixi do not"],
        ),
        (
            TEXT.encode("utf-16-be"),
            ["1:1 ENV112 the file is UTF-16 without a byte order mark, not UTF-8: conda takes it for UTF-8"],
        ),
        (TEXT.encode("utf-32"), ["1:1 ENV112 the file is UTF-32, not UTF-8: conda refuses it"]),
        (
            b"\xff\xfe" + TEXT.encode("utf-16-le") + b"\n",
            ["1:1 ENV112 the file is UTF-16 and damaged, not UTF-8: conda refuses it"],
        ),
        (
            TEXT.encode("cp1252"),
            ["5:22 ENV112 the byte 0xF6 is not UTF-8: the file cannot be read; as Windows-1252 it is `ö`"],
        ),
        (
            TEXT.replace("demo", "dämo").encode("cp1252"),
            ["1:8 ENV112 the byte 0xE4 is not UTF-8: the file cannot be read; as Windows-1252 it is `ä`"],
        ),
        (TEXT.encode() + b"# \x81\n", ["6:3 ENV112 the byte 0x81 is not UTF-8: the file cannot be read"]),
    ],
    ids=["utf-8", "mark", "utf-16", "be", "utf-32", "damaged", "1252", "in a name", "not 1252"],
)
def test_it_is_told_once_and_where_it_is(raw: bytes, told: list[str]) -> None:
    assert found(raw) == told


def test_it_is_told_once_however_often_it_is_there() -> None:
    raw = "dependencies:\n  - python=3.11\n" + "  - größe=1\n" * 60
    assert [one.split()[1] for one in found(raw.encode("cp1252"))] == ["ENV112"]
    everything = check(document(raw.encode("cp1252")), World().facts())
    assert [one.rule.code for one in everything] == ["ENV112"]


def test_a_byte_that_is_no_text_is_told_in_a_run_configuration() -> None:
    raw = "Target: docker\n# Größe\n".encode("cp1252")
    assert [one[:8] for one in found(raw, "aml_config/docker.runconfig")] == ["2:5 AML101"[:8]]
    assert found("Target: docker\n".encode("utf-16"), "aml_config/docker.runconfig") == []


def test_an_error_on_the_first_line_does_not_hide_it() -> None:
    told = found("channels: [a, b\r\ndependencies:\r\n  - python=3.11\r\n".encode("utf-16"))
    assert [one.split()[1] for one in told] == ["ENV112", "ENV101"]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("marked", [True, False])
def test_the_fix_keeps_the_text_and_is_safe(codec: str, marked: bool) -> None:
    raw = (bytes.fromhex(MARKS[codec]) if marked else b"") + TEXT.encode(codec)
    mended = fixed(document(raw), World().facts())
    assert encode(mended.text, mended.encoding or UTF8) == TEXT.encode()
    assert fixed(mended, World().facts()) is mended


def test_what_is_damaged_is_not_saved_in_another_encoding() -> None:
    file = document(b"\xff\xfe" + TEXT.encode("utf-16-le") + b"\n")
    assert fixed(file, World().facts(), wanted=lambda *_: True).encoding == file.encoding


def test_bytes_of_windows_are_read_as_such_only_when_asked_for() -> None:
    file = document(TEXT.encode("cp1252"))
    assert file.encoding == Encoding(stray=Stray(TEXT.index("ö"), 0xF6))
    assert fixed(file, World().facts()) is file
    mended = fixed(file, World().facts(), wanted=lambda one, _: one.rule.code == "ENV112")
    assert mended.text == TEXT
    assert mended.encoding == UTF8


def test_the_editor_hears_it_from_the_disk() -> None:
    """It shows a text without bytes, and so offers no fix."""
    world = World(encoding=Encoding("utf-16-le", b"\xff\xfe"))
    (one,) = check(read(PurePosixPath("/project/environment.yml"), TEXT), world.facts())
    assert (one.rule.code, one.finding.span, one.finding.fixes) == ("ENV112", (0, 1), ())
    world = World(encoding=Encoding(stray=Stray(TEXT.index("ö"), 0xF6)))
    shown = "\r\n" + TEXT.replace("ö", "\ufffd").replace("ß", "\ufffd").replace("€", "\ufffd")
    (one,) = check(read(PurePosixPath("/project/environment.yml"), shown), world.facts())
    assert one.finding.span.start == shown.index("\ufffd")


@pytest.mark.skipif(not UTF_16_IN_CORPUS.is_file(), reason=f"the real files are not there: {FOLDER}")
def test_the_real_file_in_utf_16() -> None:
    raw = UTF_16_IN_CORPUS.read_bytes()
    file = document(raw)
    assert file.format is Format.ENVIRONMENT
    facts = World().facts()
    assert [one.rule.code for one in check(file, facts) if one.severity is Severity.ERROR] == ["ENV112"]
    tokens = re.finditer(r"[^\s=]+", file.text)
    cards = [hover(file, token.start(), World().facts()) for token in tokens]
    assert sum(card is not None for card in cards) > 100
    mended = fixed(file, facts)
    assert encode(mended.text, mended.encoding or UTF8).startswith(b"name: RAVEN\r\nchannels:\r\n")
    assert encode(file.text, file.encoding or UTF8) == raw
