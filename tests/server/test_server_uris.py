"""Addresses to paths and back, on every system."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

import pytest

from envls.server.uris import path_of, uri_of


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///home/me/environment.yml", "/home/me/environment.yml"),
        ("file:///a%20b/%C3%A9%23%3F.yml", "/a b/é#?.yml"),
        ("file://localhost/a.yml", "/a.yml"),
        ("FILE:///a.yml", "/a.yml"),
        ("file:///%FF.yml", "/\udcff.yml"),
        ("file:///c%3A/a.yml", "/c:/a.yml"),
        ("file://[broken/a.yml", "/[broken/a.yml"),
    ],
)
def test_paths_of_posix(uri: str, path: str) -> None:
    assert path_of(uri, PurePosixPath).as_posix().lstrip("/") == path.lstrip("/")


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///c%3A/Users/me/environment.yml", "C:/Users/me/environment.yml"),
        ("file:///C:/a%20b.yml", "C:/a b.yml"),
        ("file:///c%3A", "C:/"),
        ("file://server/share/a.yml", "//server/share/a.yml"),
    ],
)
def test_paths_of_windows(uri: str, path: str) -> None:
    made = path_of(uri, PureWindowsPath)
    assert made == PureWindowsPath(path)
    assert made.is_absolute()


def test_case_folds_where_windows_folds_it() -> None:
    assert path_of("file:///c%3A/A.yml", PureWindowsPath) == path_of("file:///C:/a.yml", PureWindowsPath)


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        (PurePosixPath("/home/é #1%/a.yml"), "file:///home/%C3%A9%20%231%25/a.yml"),
        (PurePosixPath("/\udcff.yml"), "file:///%FF.yml"),
        (PureWindowsPath("C:/Users/me/a b.yml"), "file:///C:/Users/me/a%20b.yml"),
        (PureWindowsPath("//server/share/a.yml"), "file://server/share/a.yml"),
    ],
)
def test_there_and_back(path: PurePosixPath | PureWindowsPath, uri: str) -> None:
    assert uri_of(path) == uri
    assert path_of(uri, type(path)) == path


@pytest.mark.parametrize("flavour", [PurePosixPath, PureWindowsPath])
def test_what_is_no_file_keeps_its_name_and_is_on_no_disk(flavour: type[PurePosixPath | PureWindowsPath]) -> None:
    unsaved = path_of("untitled:environment.yml", flavour)
    assert unsaved.name == "environment.yml"
    assert unsaved.parts[1] == "untitled:"
    revision = path_of("git:/c%3A/x/../environment.yml?%7B%22ref%22%3A%22HEAD%22%7D", flavour)
    assert revision != path_of("file:///c:/x/environment.yml", flavour)
    assert revision.name == "environment.yml"
    assert ".." not in revision.parts
