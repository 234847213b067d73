"""What a conda package says of itself, from the packages that conda, mamba or pixi have unpacked on this machine.

Channels serve no summaries; `info/about.json` of any unpacked build has one. Nothing is asked over a network.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LARGEST = 1_000_000
_LINKS = (("Homepage", "home"), ("Documentation", "doc_url"), ("Source", "dev_url"))
_LONGEST_TEXT = 500


class About(NamedTuple):
    """`links` are (label, address)."""

    summary: str = ""
    licence: str = ""
    links: tuple[tuple[str, str], ...] = ()


class UnpackedPackages:
    """Finds what packages say of themselves. Used in lanes; a folder of packages is listed again when it changed."""

    def __init__(self) -> None:
        self._listed: dict[Path, tuple[int, dict[str, list[str]]]] = {}

    def about(self, name: str, folders: Iterable[Path]) -> About:
        """Of the newest unpacked build (by time) of `name`; empty where there is none."""
        found: list[tuple[float, Path]] = []
        for folder in folders:
            for package in self._packages(folder).get(name, ()):
                file = folder / package / "info" / "about.json"
                try:
                    found.append((file.stat().st_mtime, file))
                except OSError:
                    continue
        for _, file in sorted(found, reverse=True):
            content = _content(file)
            if content:
                return read_about(content)
        return About()

    def builds(self, name: str, folders: Iterable[Path]) -> dict[str, list[str]]:
        """The unpacked builds of `name` by their versions."""
        found: dict[str, list[str]] = {}
        for folder in folders:
            for package in self._packages(folder).get(name, ()):
                _, version, build = package.rsplit("-", 2)
                builds = found.setdefault(version, [])
                if build not in builds and (folder / package / "info" / "index.json").is_file():
                    builds.append(build)
        return {version: builds for version, builds in found.items() if builds}

    def _packages(self, folder: Path) -> dict[str, list[str]]:
        """The folders of packages, by the name of the package."""
        try:
            changed = folder.stat().st_mtime_ns
        except OSError:
            return {}
        former = self._listed.get(folder)
        if former is None or former[0] != changed:
            former = self._listed[folder] = changed, _by_name(folder)
        return former[1]


def package_folders(configured: Sequence[Path], roots: Iterable[Path], home: Path) -> Iterator[Path]:
    """Where conda, mamba and pixi unpack packages: as configured, in each installation, in the user's home."""
    yield from configured
    yield from (root / "pkgs" for root in roots)
    yield home / ".conda" / "pkgs"
    yield from (folder / "pkgs" for folder in rattler_folders())


def rattler_folders() -> Iterator[Path]:
    """Where pixi and other users of rattler keep what they have fetched."""
    import platformdirs  # noqa: PLC0415 - only here

    yield from (Path(folder) for name in ("PIXI_CACHE_DIR", "RATTLER_CACHE_DIR") if (folder := os.environ.get(name)))
    yield Path(platformdirs.user_cache_dir("rattler", appauthor=False, opinion=False)) / "cache"


def read_about(content: dict[str, Any]) -> About:
    """What an `about.json` says, as far as it is text."""

    def text(key: str) -> str:
        value = content.get(key)
        if isinstance(value, list):
            value = next((item for item in value if isinstance(item, str)), "")
        return value.strip()[:_LONGEST_TEXT] if isinstance(value, str) else ""

    links = ((label, text(key)) for label, key in _LINKS)
    return About(
        text("summary").partition("\n")[0],
        text("license"),
        tuple((label, address) for label, address in links if address.startswith(("https://", "http://"))),
    )


def _by_name(folder: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    try:
        names = os.listdir(folder)  # noqa: PTH208 - names are enough, there are thousands
    except OSError:
        return {}
    for name in names:
        parts = name.rsplit("-", 2)
        if len(parts) == 3 and not name.endswith((".conda", ".tar.bz2")):
            found.setdefault(parts[0].lower(), []).append(name)
    return found


def _content(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:
            content = json.loads(opened.read(LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
