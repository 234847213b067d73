"""The pure parts beside py-rattler: which versions are pre-releases, how channels are put together, what went wrong."""

from __future__ import annotations

import pytest

from envls.formats.conda.versionspec import is_prerelease
from envls.world.about import read_about
from envls.world.egress import failed
from envls.world.releases import merge, newest_of, python_of


@pytest.mark.parametrize(
    "version",
    [
        "1.0rc1",
        "2.0a1",
        "2.0b2",
        "3.0.dev1",
        "1.0.0.beta.2",
        "1.0alpha",
        "2.0.dev20240101",
        "1.0rc",
        "4.0.pre1",
        "1.0dev",
    ],
)
def test_pre_releases(version: str) -> None:
    assert is_prerelease(version)


@pytest.mark.parametrize(
    "version",
    ["1.0", "1.0.2b", "9e", "2024a", "1.1.1w", "1.0.post1", "2021.03.01", "5.9_1", "0.1.0post", "1!2.0", "2.0.1+cu118"],
)
def test_releases(version: str) -> None:
    assert not is_prerelease(version)


def test_the_newest_is_a_release_if_there_is_one() -> None:
    assert newest_of(["2.0rc1", "1.0"]) == "1.0"
    assert newest_of(["2.0rc1"]) == "2.0rc1"
    assert newest_of([]) == ""


def test_channels_together() -> None:
    one = {
        "releases": [["1.10", "2020-01-01T00:00:00+00:00", ["a"], [">=3.9"]], ["1.9", None, ["b"], [""]]],
        "newest": "1.10",
        "licence": "MIT",
    }
    two = {
        "releases": [["2.0", None, ["c"], [""]], ["1.10", None, ["d", "a"], ["3.8.*", ">=3.9"]]],
        "newest": "2.0",
        "licence": "GPL",
    }
    assert merge([one, two]) == {
        "releases": [
            ["2.0", None, ["c"], [""]],
            ["1.10", "2020-01-01T00:00:00+00:00", ["a", "d"], [">=3.9", "3.8.*"]],
            ["1.9", None, ["b"], [""]],
        ],
        "newest": "2.0",
        "licence": "GPL",
    }
    assert one["releases"][0] == ["1.10", "2020-01-01T00:00:00+00:00", ["a"], [">=3.9"]], "what is kept stays as it is"


@pytest.mark.parametrize(
    ("depends", "asked"),
    [
        (["libgcc >=13", "python >=3.9,<3.10.0a0", "python_abi 3.9.* *_cp39"], ">=3.9,<3.10.0a0"),
        (["python"], ""),
        (["python *"], ""),
        (["python-dateutil >=2", "python.app"], ""),
        ([], ""),
        (["python 3.9.* *_cpython"], "3.9.*"),
        (["python 2.7*"], "2.7.*"),
        (["python>=3.6", "python <3.12"], ">=3.6,<3.12"),
        (["python >=3.8", "python 3.8.*|3.10.*"], ">=3.8,(3.8.*|3.10.*)"),
        (["python ]["], ""),
    ],
)
def test_what_a_build_asks_of_python(depends: list[str], asked: str) -> None:
    assert python_of(depends) == asked


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("could not find subdir 'noarch' in channel 'http://h/x/'", "there is no such channel (404)"),
        ("could not find subdir 'linux-64' in channel 'http://h/x/'", "there is no such channel (404)"),
        ("failed to write shard: No space left on device (os error 28)", "what it answers cannot be kept on this disk"),
        ("something with http://user:secret@h/x", "its answer cannot be read"),
    ],
)
def test_what_went_wrong_in_our_own_words(message: str, reason: str) -> None:
    assert str(failed(message)) == reason


def test_what_a_package_says_of_itself_is_text_or_nothing() -> None:
    about = read_about(
        {
            "summary": 7,
            "license": ["MIT", "x"],
            "home": "https://a.example.com",
            "dev_url": {"x": 1},
            "doc_url": "ftp://x",
        }
    )
    assert about == ("", "MIT", (("Homepage", "https://a.example.com"),))
