"""A channel of conda-forge's size, made from nothing but a seed, and a server process that serves it on loopback.

30,000 names and 800,000 records over linux-64 and noarch, as plain JSON, as zst, and sharded (CEP-16). py-rattler's
indexer wants package archives, so the files are written here. `make` takes a minute, and what it made is used again.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from shutil import copyfileobj, rmtree
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES, RECORDS = 30_000, 800_000
FORMS = {"sharded": (), "zst": ("repodata_shards.msgpack.zst",), "json": (".zst", ".bz2")}
"""What a channel that is served in a form lacks, by how the address ends."""
SHARE = {"linux-64": (0.5, 0.625), "noarch": (0.5667, 0.375)}
"""The part of all names and of all records that a subdir has; one name in fifteen is in both, as in real channels."""
FIRST = ("python", "numpy", "pandas", "scipy", "pytorch", "scikit-learn", "matplotlib-base", "openssl", "zlib", "pip")
PYTHONS = ("3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
WORDS = (
    *("data", "core", "fast", "net", "py", "geo", "bio", "stream", "graph", "cloud", "test", "auth", "image", "text"),
    *("model", "flow", "array", "plot", "web", "http", "file", "cache", "async", "proto", "spec", "tool", "kit", "lab"),
    *("learn", "vision", "audio", "math", "stat", "signal", "chem", "astro", "sim", "grid", "mesh", "sparse", "index"),
)
_NEWEST = 1_780_000_000_000


def make(folder: Path, names: int = NAMES, records: int = RECORDS) -> Path:
    """The channel in `folder`, with about so many names and records; what stands there already is kept."""
    done = folder / f"made-{names}-{records}-{hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]}"
    if not done.exists():
        rmtree(folder, ignore_errors=True)
        for subdir, chosen in names_by_subdir(names).items():
            _subdir(folder / subdir, chosen, round(records * SHARE[subdir][1]))
        done.touch()
    return folder


def names_by_subdir(count: int) -> dict[str, list[str]]:
    """Which packages each subdir of a channel of so many names has; those with the most records first."""
    everything = _names(count)
    linux, noarch = (round(count * SHARE[subdir][0]) for subdir in SHARE)
    return {"linux-64": everything[:linux], "noarch": everything[-noarch:]}


def _names(count: int) -> list[str]:
    random = Random(1)
    found = dict.fromkeys(FIRST)
    while len(found) < count:
        name = "-".join(random.choices(WORDS, k=random.choice((1, 2, 2, 2, 3))))
        found[name + str(random.randrange(100)) if name in found else name] = None
    return list(found)


def _subdir(folder: Path, names: list[str], records: int) -> None:
    """Few packages have most of the records, as in real channels."""
    from msgpack import packb  # type: ignore[import-untyped]  # noqa: PLC0415 - has no types; only who makes needs it
    from zstandard import ZstdCompressor  # noqa: PLC0415 - as above

    zstd = ZstdCompressor(level=3)
    shards = folder / "shards"
    shards.mkdir(parents=True)
    weights = [1 / (place + 40) for place in range(len(names))]
    fair = (records - len(names)) / sum(weights)
    index: dict[str, bytes] = {}
    lines: tuple[list[str], list[str]] = [], []
    for name, weight in zip(names, weights, strict=True):
        made = dict(_records(name, folder.name, names, 1 + round(fair * weight)))
        shard: dict[str, Any] = {"packages": {}, "packages.conda": {}, "removed": []}
        for file, record in made.items():
            is_new = file.endswith(".conda")
            lines[is_new].append(f"{json.dumps(file)}:{json.dumps(record, separators=(',', ':'))}")
            digests = {key: bytes.fromhex(record[key]) for key in ("md5", "sha256")}
            shard["packages.conda" if is_new else "packages"][file] = {**record, **digests}
        packed = zstd.compress(packb(shard))
        digest = hashlib.sha256(packed)
        (shards / f"{digest.hexdigest()}.msgpack.zst").write_bytes(packed)
        index[name] = digest.digest()
    info = {"subdir": folder.name, "base_url": "", "shards_base_url": "./shards/", "created_at": "2026-01-01T00:00:00Z"}
    (folder / "repodata_shards.msgpack.zst").write_bytes(zstd.compress(packb({"info": info, "shards": index})))
    old, new = (",".join(sorted(part)) for part in lines)
    start = f'{{"info":{{"subdir":"{folder.name}"}},"packages":{{'
    whole = f'{start}{old}}},"packages.conda":{{{new}}},"removed":[],"repodata_version":1}}'.encode()
    (folder / "repodata.json").write_bytes(whole)
    (folder / "repodata.json.zst").write_bytes(zstd.compress(whole))


def _records(name: str, subdir: str, names: list[str], count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """`count` records of one package: versions, and builds of each for several Pythons unless it is noarch."""
    random = Random(name + subdir)
    needs = random.choices(names[:3000], k=random.randrange(1, 8))
    licence = random.choice(("MIT", "BSD-3-Clause", "Apache-2.0", "GPL-3.0-or-later", "LGPL-2.1-only"))
    pythons = [""] if subdir == "noarch" or random.random() < 0.3 else PYTHONS[random.randrange(5) :]
    versions = -(-count // len(pythons))
    for number in range(count):
        at, python = divmod(number, len(pythons))
        version = f"{1 + at // 40}.{at % 40 // 4}.{at % 4}"
        short = pythons[python].replace(".", "")
        digest = hashlib.md5(f"{name}{subdir}{number}".encode()).hexdigest()
        build = (
            f"py{short}h{digest[:7]}_0" if short else f"pyh{digest[:7]}_0" if subdir == "noarch" else f"h{digest[:7]}_0"
        )
        record: dict[str, Any] = {
            "build": build,
            "build_number": 0,
            "depends": [f"{other} >={1 + len(other) % 4}.{number % 9}" for other in needs]
            + _python(pythons[python], subdir),
            "license": licence,
            "license_family": licence[:3],
            "md5": digest,
            "name": name,
            "sha256": hashlib.sha256(digest.encode()).hexdigest(),
            "size": 10_000 + number,
            "subdir": subdir,
            "timestamp": _NEWEST - (versions - at) * 1_000_000_000,
            "version": version,
        }
        if subdir == "noarch":
            record["noarch"] = "python"
        yield f"{name}-{version}-{build}.{'tar.bz2' if at < versions / 4 else 'conda'}", record


def _python(version: str, subdir: str) -> list[str]:
    if version:
        following = f"3.{int(version.partition('.')[2]) + 1}"
        return [f"python >={version},<{following}.0a0", f"python_abi {version}.* *_cp{version.replace('.', '')}"]
    return ["python >=3.9"] if subdir == "noarch" else ["libgcc >=13"]


# -- serving it -----------------------------------------------------------------------------------------------


@dataclass
class Served:
    """A channel on loopback in all its forms; `requests` are the paths that were asked for since the last look."""

    base: str

    def channel(self, form: str) -> str:
        return f"{self.base}/{form}/large"

    def requests(self) -> list[str]:
        with urlopen(f"{self.base}/requests") as answer:
            found: list[str] = json.load(answer)
            return found


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """A process of its own, so that it takes no turn of whoever is measured."""
    command = [sys.executable, __file__, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Served(process.stdout.readline().strip())
        finally:
            process.kill()


def serve(folder: Path) -> None:
    """Serve `folder` as `/FORM/large/…` until the process is killed; prints the address."""
    asked: list[str] = []
    lock = Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16

        def do_GET(self) -> None:
            if self.path == "/requests":
                with lock:
                    body = json.dumps(asked).encode()
                    asked.clear()
                self._head(200, len(body))
                self.wfile.write(body)
                return
            with lock:
                asked.append(self.path)
            _, form, _, rest = (self.path + "///").split("/", 3)
            file = folder / rest.strip("/")
            if self.path.endswith(FORMS.get(form, ("",)) or ("\0",)) or ".." in rest or not file.is_file():
                self._head(404, 0)
                return
            status = file.stat()
            etag = f'"{status.st_size:x}-{status.st_mtime_ns:x}"'
            if self.headers.get("If-None-Match") == etag:
                self._head(304, 0, etag)
                return
            self._head(200, status.st_size, etag)
            if self.command == "GET":
                with file.open("rb") as opened:
                    copyfileobj(opened, self.wfile, 1 << 20)

        do_HEAD = do_GET  # noqa: N815 - the name is the library's

        def _head(self, status: int, length: int, etag: str = "") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(length))
            if etag:
                self.send_header("ETag", etag)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """A client that goes away is its own affair."""

    with Server(("127.0.0.1", 0), Handler) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


def default_folder() -> Path:
    return Path(tempfile.gettempdir()) / "envls-large-channel"


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
