"""What the tests of the world share: a home of their own, and files that need no reader of documents."""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from world.doubles import PlainDocument
from world.loopback import Loopback, serving
from world.simple_index import FILES, Index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_KEPT = ("PATH", "LANG", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "SYSTEMDRIVE", "COVERAGE_PROCESS_START")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new, empty home, and none of the variables by which this machine configures conda and pip."""
    folder = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name not in _KEPT and not name.startswith(("PYTEST", "COV_", "ENVLS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(folder / "etc"))
    return folder


@pytest.fixture
def pip(home: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """pip without any configuration, and a store in the home of the test."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    return monkeypatch


@pytest.fixture
def server(pip: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """An index that pip is configured for."""
    with serving(Index(FILES, described=("2.0",))) as loopback:
        pip.setenv("PIP_INDEX_URL", f"{loopback.url}/simple")
        yield loopback


@pytest.fixture(autouse=True)
def plain_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    """The world reads and recognises files through `envls.document`; these tests care for neither."""
    module = ModuleType("envls.document")
    module.__dict__["read"] = PlainDocument
    module.__dict__["known_name"] = lambda path: path.name.endswith((".yml", ".yaml", ".runconfig"))
    module.__dict__["may_be_listed"] = lambda _: False
    monkeypatch.setitem(sys.modules, "envls.document", module)
