"""Where the compiled parts are missing, as in what the editor's extension brings along, envls says what it lacks."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from envls.facts import Channels, CondaPackage, Indexes, PipPackage, Question, Unavailable
from envls.world import Settings, World


@pytest.mark.parametrize(
    ("module", "question"),
    [
        ("pypi_simple", PipPackage("requests", Indexes())),
        ("rattler", CondaPackage("numpy", Channels(("conda-forge",), "linux-64"))),
    ],
)
def test_a_missing_part_is_named(
    module: str, question: Question[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name == module or name.startswith(module + ".")]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("envls.world.simple", "envls.world.gateway"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setenv("HOME", str(tmp_path))

    async def asked() -> object:
        world = World(Settings(cache=tmp_path))
        await world.learn([question], lambda _: None)
        answer = world.look(question)
        await world.aclose()
        return answer

    answer = asyncio.run(asked())
    assert isinstance(answer, Unavailable)
    assert f"lacks {module}" in answer.reason
