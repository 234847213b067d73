"""Where pip looks for packages: a pure function of what the file says and of pip's configuration, as pip has it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from envls.url import SCHEME, Url
from envls.world.shelf import FailedError, source_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from envls.facts import Indexes
    from envls.world.pip_config import PipConfig


class Place(NamedTuple):
    """An index, or with `links` a page or a folder of files. `name` is how the store knows it.

    `own`: the user's configuration (or pip's default) names it, not only a file. `public`: it serves everybody.
    `problem` says why it cannot be asked at all.
    """

    url: Url
    name: str
    links: bool = False
    own: bool = False
    public: bool = False
    problem: str = ""

    @property
    def is_local(self) -> bool:
        return self.url.scheme == "file"

    @property
    def vouched(self) -> frozenset[str]:
        """Its host, where somebody other than a file vouches for it."""
        return frozenset((self.url.host,)) if self.own else frozenset()

    def __str__(self) -> str:
        return self.url.host or str(self.url)


def places(indexes: Indexes, config: PipConfig) -> Sequence[Place]:
    """Where pip looks, in order, each place once.

    An index that the file names replaces all that are configured; `no-index`, wherever it stands, leaves only
    `find-links`, which add up. Runs in a thread (it may import requests). Raises FailedError when pip is told to look
    nowhere.
    """
    default = default_index()
    configured = [config.index or default, *config.extra]
    if config.no_index or indexes.no_index:
        asked: list[Url] = []
    elif indexes.index is not None:
        asked = [indexes.index, *indexes.extra]
    else:
        asked = [*configured, *indexes.extra]
    own = {_plain(url) for url in (default, *configured, *config.links)}
    found: dict[str, Place] = {}
    for url in asked:
        plain = _plain(url)
        found.setdefault(plain, Place(url, source_name(url), own=plain in own, public=plain == _plain(default)))
    for url in (*config.links, *indexes.links):
        place = _links(url)
        found.setdefault(f"links {_plain(place.url)}", place._replace(own=_plain(url) in own))
    if not found:
        raise FailedError("pip is told to ask no index")
    return list(found.values())


def default_index() -> Url:
    """Where pip looks when nothing is configured."""
    from pypi_simple import PYPI_SIMPLE_ENDPOINT  # noqa: PLC0415 - imports requests; in a thread

    return Url(PYPI_SIMPLE_ENDPOINT)


def _links(written: Url) -> Place:
    """What `--find-links` names: an address, or a path."""
    if SCHEME.match(written.revealed):
        return Place(written, source_name(written), links=True)
    text = written.revealed.removeprefix("file:")  # pip reads an address without its slashes as well
    path = Path(os.path.expanduser(text))  # noqa: PTH111 - Path.expanduser raises where there is no home
    if not path.is_absolute():
        return Place(written, text, links=True, problem=f"{text} is a relative path, which is not looked at")
    url = Url(path.as_uri())
    return Place(url, source_name(url), links=True)


def _plain(url: Url) -> str:
    return url.revealed.rstrip("/")
