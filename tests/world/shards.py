"""A channel in shards (CEP 16) that is written by hand, so that it can say what py-rattler's indexer never would."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

from world.loopback import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from world.loopback import Request

INDEX = "repodata_shards.msgpack.zst"
_MAGIC = b"\x28\xb5\x2f\xfd"
_LARGEST_BLOCK = 1 << 17


def zst(data: bytes) -> bytes:
    """`data` as a zst stream, not packed."""
    blocks = [data[at : at + 100_000] for at in range(0, len(data), 100_000)] or [b""]
    packed = [_block(0, len(block), block, last=at == len(blocks) - 1) for at, block in enumerate(blocks)]
    return _MAGIC + b"\xa0" + struct.pack("<I", len(data)) + b"".join(packed)


def bomb(size: int) -> bytes:
    """A zst stream that unpacks to so many bytes (a multiple of 128 KiB), and has a thirty thousandth of it."""
    count = size // _LARGEST_BLOCK
    return _MAGIC + b"\x00\x70" + b"".join(_block(1, _LARGEST_BLOCK, b" ", last=at == count - 1) for at in range(count))


class Endless:
    """A zst stream that never ends, not packed; from its start each time."""

    def __iter__(self) -> Iterator[bytes]:
        return chain([_MAGIC + b"\x00\x70"], repeat(_block(0, 100_000, b" " * 100_000, last=False)))


def msgpack(value: Any) -> bytes:
    match value:
        case None:
            return b"\xc0"
        case int():
            return b"\xd3" + struct.pack(">q", value)
        case str():
            return b"\xdb" + struct.pack(">I", len(value.encode())) + value.encode()
        case bytes():
            return b"\xc6" + struct.pack(">I", len(value)) + value
        case list():
            return b"\xdd" + struct.pack(">I", len(value)) + b"".join(map(msgpack, value))
        case dict():
            items = (msgpack(key) + msgpack(item) for key, item in value.items())
            return b"\xdf" + struct.pack(">I", len(value)) + b"".join(items)
        case _:
            raise TypeError


def shard(name: str, version: str) -> bytes:
    return shard_of({"name": name, "version": version, "build": "0", "depends": []})


def shard_of(*records: dict[str, Any]) -> bytes:
    """One package's shard, of what is not the same for all in its records."""
    listed = {
        "{name}-{version}-{build}.tar.bz2".format_map(record): {"build_number": 0, "subdir": "linux-64", **record}
        for record in records
    }
    return zst(msgpack({"packages": listed, "packages.conda": {}, "removed": []}))


@dataclass
class Sharded:
    """Answers for a channel at any path; its packages are on linux-64. `more` are answers for ends of paths."""

    shards: dict[str, bytes]
    base: str = "./shards/"
    digests: dict[str, bytes] = field(default_factory=dict)
    more: dict[str, Callable[[Request], Reply]] = field(default_factory=dict)

    def digest(self, name: str) -> bytes:
        return self.digests.get(name) or hashlib.sha256(self.shards[name]).digest()

    def index(self, subdir: str) -> bytes:
        info = {"base_url": "", "shards_base_url": self.base, "subdir": subdir, "created_at": "2024-01-01T00:00:00Z"}
        listed = {name: self.digest(name) for name in self.shards} if subdir == "linux-64" else {}
        return zst(msgpack({"info": info, "shards": listed}))

    def __call__(self, request: Request) -> Reply:
        for end, answer in self.more.items():
            if request.path.endswith(end):
                return answer(request)
        *_, folder, file = request.path.split("/")
        if file == INDEX:
            return Reply(200, self.index(folder))
        for name, content in self.shards.items():
            if file == f"{self.digest(name).hex()}.msgpack.zst":
                return Reply(200, content)
        return Reply(404)


def _block(kind: int, size: int, content: bytes, *, last: bool) -> bytes:
    return struct.pack("<I", size << 3 | kind << 1 | last)[:3] + content
