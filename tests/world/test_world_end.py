"""The terminal command ends when it has said what it knows, however its sources hang."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from world.loopback import Reply, serving

SCRIPT = """
import asyncio, pathlib, sys
from envls.facts import Channels, CondaPackage, Indexes, PipPackage
from envls.world import Settings, World, settle

questions = [PipPackage(f"a{n}", Indexes()) for n in range(10)]
questions += [CondaPackage(f"a{n}", Channels(("toy", "x"), "linux-64")) for n in range(10)]

async def go():
    world = World(Settings(cache=pathlib.Path(sys.argv[1]), timeout=100))
    answers, _ = await settle(lambda facts: [facts.ask(question) for question in questions], world, 1.0)
    print(len(answers), *{type(answer).__name__ for answer in answers})
    if sys.argv[2] == "close":
        await world.aclose()

asyncio.run(go())
"""


@pytest.mark.parametrize("end", ["close", "leave"])
def test_the_process_ends_although_nobody_answers(tmp_path: Path, end: str) -> None:
    with serving(lambda _: Reply(500)) as server:
        server.answer = server.hang
        environment = {
            "PIP_INDEX_URL": f"{server.url}/simple",
            "PIP_CONFIG_FILE": os.devnull,
            "CONDA_CHANNEL_ALIAS": server.url,
            **os.environ,
        }
        # asyncio leaves a connection that comes in while its server is closed to the collector, which complains
        strictly = ["-W", "error", "-W", "ignore::ResourceWarning"]
        done = subprocess.run(
            [sys.executable, *strictly, "-c", SCRIPT, str(tmp_path), end],
            env=environment,
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "20 Pending\n", "")
