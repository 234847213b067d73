"""`make demo`, as somebody sees it who has just fetched the project."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

DEMO = Path(__file__).parents[1] / "examples" / "demo.py"


def test_each_step_of_the_bootcamp_that_goes_wrong_is_mended_by_one_action(tmp_path: Path) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "PYTHONUTF8": "1"}
    command = [sys.executable, str(DEMO)]
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    told, _, left = done.stdout.rpartition("$ envls check")
    assert " error " in told
    assert " error " not in left
    assert " warning " not in left
