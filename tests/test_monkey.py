"""A sample of what the monkey does (`monkey.py`, `server/monkey.py`), and the smallest texts that it has failed on."""

from __future__ import annotations

from pathlib import Path, PurePath, PurePosixPath

import pytest
from corpus import FILES, FOLDER
from monkey import Case, case, tried
from server.monkey import played

ENVIRONMENT: PurePath = PurePosixPath("/project/environment.yml")
BESIDE = {
    ENVIRONMENT.with_name("environment-dev.yml"): "dependencies:\n  - python=3.11\n  - flask\n  - pip:\n    - tqdm\n"
}
FOUND = (
    *("channels=\n- i", "dependencies+\n- h", "s:\n{%%}", "dependencies: []\n"),
    *("channels:\n- &it defaults\n- *it\n- conda-forge\ndependencies:\n- a\n", "dependencies\n- pyyaml=6\n\tpip:"),
    *("dependencies:\n- d\nd\n - h", "dependencies:\n  - pip:\n      # so\n        b=>1\n      flask==3\n"),
    "dependencies:\n  - py2\n      - ==0.1.0b4\n      - watchdog==\r\n      - --extra-index-url=https://example.com",
    "dependencies:\n  - python=3.9\n  - pip:\n      - numpy==1.23.5\n              - scipy\n      - smplx==0.1.28\n",
)
MOODS = range(5)


@pytest.mark.parametrize("text", FOUND)
def test_what_has_failed_once_is_mended(text: str) -> None:
    for seed in MOODS:
        assert not list(map(str, tried(Case(seed, ENVIRONMENT, text, BESIDE)).failures))


@pytest.mark.skipif(not FILES, reason=f"NO REAL FILES at {FOLDER}: the monkey has no keyboard")
def test_a_monkey_breaks_nothing() -> None:
    for seed in range(15):
        assert not list(map(str, tried(case(seed)).failures))


@pytest.mark.skipif(not FILES, reason=f"NO REAL FILES at {FOLDER}: the monkey has no keyboard")
def test_a_monkey_at_a_real_server_gets_its_answers(tmp_path: Path) -> None:
    answered, *_ = played(1, tmp_path, 60)
    assert answered.total() > 5
