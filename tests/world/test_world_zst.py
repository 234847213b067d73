"""How much a zst stream unpacks to, read from its headers: never less than it really does."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from envls.world.zst import NoZstError, Unpacked
from world.archives import index, package
from world.shards import bomb, zst

if TYPE_CHECKING:
    from pathlib import Path

SKIPPABLE = b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc"


def unpacked(stream: bytes, *, pieces: int = 1) -> Unpacked:
    """The stream, fed in pieces of random lengths."""
    chance = random.Random(pieces)
    cuts = sorted(chance.randrange(len(stream) + 1) for _ in range(pieces - 1))
    found = Unpacked()
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found.feed(stream[start:end])
    return found


@pytest.mark.parametrize("pieces", [1, 2, 50, 1000])
def test_streams_however_they_come(pieces: int) -> None:
    for stream, size in (
        (zst(b"x" * 250_001), 250_001),
        (zst(b""), 0),
        (SKIPPABLE + zst(b"abc") + SKIPPABLE + zst(b"de"), 5),
        (bomb(1 << 27), 1 << 27),
    ):
        found = unpacked(stream, pieces=pieces)
        assert (found.size, found.is_whole) == (size, True)


def test_what_the_indexer_packs(tmp_path: Path) -> None:
    for number in range(20):
        package(tmp_path, f"package-{number}", "1.0")
    index(tmp_path)
    streams = list(tmp_path.rglob("*.zst"))
    assert len(streams) > 20
    for stream in streams:
        found = unpacked(stream.read_bytes(), pieces=7)
        assert found.is_whole
        assert found.size <= 1 << 17, "one block each"
        plain = stream.with_suffix("")
        assert not plain.exists() or found.size >= plain.stat().st_size


def test_a_stream_that_is_cut_off_is_not_whole_wherever_it_is_cut() -> None:
    stream = zst(b"x" * 100_050)
    assert not any(unpacked(stream[:end]).is_whole for end in [*range(1, 30), 99_999, 100_020, len(stream) - 1])


@pytest.mark.parametrize("stream", [b"<html>", b"\x28\xb5\x2f\xfd\x00\x70\x07\x00\x00", zst(b"x") + b"more"])
def test_what_is_no_stream(stream: bytes) -> None:
    with pytest.raises(NoZstError):
        unpacked(stream)
