"""Comments such as `# [win]` behind an item: conda-lock 4 reads them as selectors; conda, mamba and pip read none."""

from __future__ import annotations

import re

from envls.formats.conda.matchspec import Part

_SELECTOR = re.compile(r"[^\r\n#]*[ \t]#[^\r\n]*?\[(?P<selector>[^\[\]\r\n]+)\]")
_PLATFORM = r"(?:linux|unix|osx|win)(?:32|64)?|aarch64|arm64|ppc64le|x86(?:_64)?"
_PLATFORMS = re.compile(
    rf"\s*(?:not\s+)?(?:{_PLATFORM})(?:\s+(?:and|or)\s+(?:not\s+)?(?:{_PLATFORM}))*\s*", re.IGNORECASE
)


def selector_behind(text: str, end: int) -> Part | None:
    """What stands in brackets in the comment behind the item that ends at `end`, on the same line."""
    found = _SELECTOR.match(text, end)
    return Part(found["selector"], found.start("selector")) if found else None


def names_platforms(selector: str) -> bool:
    """Whether a selector is surely one: names of platforms, and nothing else."""
    return _PLATFORMS.fullmatch(selector) is not None
