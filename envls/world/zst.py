"""How much a zst stream unpacks to at most: read from its block headers as it passes, without unpacking (RFC 8878).

Each block tells how large it is packed, and regenerates its own size or at most 128 KiB; so a few bytes that would
fill the memory are known before anybody unpacks them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

_MAGIC = 0xFD2FB528
_SKIPPABLE = 0x184D2A50
_LARGEST_BLOCK = 1 << 17
_REPEATED, _COMPRESSED, _RESERVED = 1, 2, 3


class NoZstError(ValueError):
    """These bytes are no zst stream."""


class Unpacked:
    """`feed` it the stream; `size` is then an upper bound of the bytes that what was fed unpacks to.

    The bound is close for streams of large blocks, and 128 KiB for a small one.
    """

    def __init__(self) -> None:
        self.size = 0
        self._between = True
        self._kept = bytearray()
        self._skipped = 0
        self._headers = self._walk()
        self._wanted = next(self._headers)

    @property
    def is_whole(self) -> bool:
        """Whether what was fed ends where a frame ends."""
        return self._between and not self._kept and not self._skipped

    def feed(self, block: bytes) -> None:
        """Raises NoZstError."""
        view = memoryview(block)
        while True:
            passed = min(self._skipped, len(view))
            view, self._skipped = view[passed:], self._skipped - passed
            missing = self._wanted - len(self._kept)
            if self._skipped or len(view) < missing:
                self._kept += view
                return
            self._kept += view[:missing]
            view = view[missing:]
            header = bytes(self._kept)
            self._kept.clear()
            self._wanted = self._headers.send(header)

    def _walk(self) -> Generator[int, bytes, None]:
        """Asks for so many bytes; what may be passed over before them goes to `_skipped`."""
        while True:
            self._between = True
            magic = _number((yield 4))
            self._between = False
            if magic & ~0xF == _SKIPPABLE:
                self._skipped = _number((yield 4))
                continue
            if magic != _MAGIC:
                raise NoZstError
            (descriptor,) = yield 1
            single = bool(descriptor & 0x20)
            content_size = (1 if single else 0, 2, 4, 8)[descriptor >> 6]
            yield (not single) + (0, 1, 2, 4)[descriptor & 3] + content_size
            is_last = 0
            while not is_last:
                header = _number((yield 3))
                is_last, kind, size = header & 1, header >> 1 & 3, header >> 3
                if kind == _RESERVED:
                    raise NoZstError
                self.size += _LARGEST_BLOCK if kind == _COMPRESSED else size
                self._skipped = 1 if kind == _REPEATED else size
            if descriptor & 4:
                self._skipped += 4  # a checksum


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")
