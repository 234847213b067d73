"""The extension in a real VS Code, driven through its window.

Runs where a Chromium or Chrome is found; in CI it must be. What a scenario does stands in workbench.mjs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from world.loopback import serving
from world.small_indexes import conda_channel, pip_index

TOP = Path(__file__).parents[2]
SAMPLE = TOP / "examples" / "hello_bootcamp"

pytestmark = pytest.mark.editor

ON_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ELSEWHERE = (
    "/usr/bin/chromium",
    "/snap/bin/chromium",
    "/opt/google/chrome/chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
CONDA = ("/opt/conda", "/opt/miniforge3", "/opt/miniconda3", "/opt/mambaforge", "/opt/anaconda3")


@pytest.fixture(scope="session")
def chrome(pytestconfig: pytest.Config) -> str:
    named = os.environ.get("ENVLS_CHROME")
    if named:
        return named
    found = [path for name in ON_PATH if (path := shutil.which(name))]
    found += [path for path in ELSEWHERE if Path(path).exists()]
    if found:
        return found[0]
    missing = "no Chromium or Chrome is found (ENVLS_CHROME may name one): the extension is NOT tested in a real editor"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytestconfig.get_terminal_writer().line(f"\n{missing}", yellow=True, bold=True)
    pytest.skip(missing)


@pytest.fixture(scope="session")
def vsix() -> Path:
    """The extension as it is published, built from this checkout."""
    if not (TOP / "node_modules").exists():
        pytest.fail("the client's tools are not installed: npm ci --ignore-scripts")
    npm = shutil.which("npm")
    assert npm, "npm is not on PATH"
    run([npm, "run", "--silent", "package"], {"PYTHON": sys.executable})
    return TOP / "envls.vsix"


def run(command: list[str], env: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command, cwd=TOP, env=os.environ | (env or {}), capture_output=True, text=True, check=False, timeout=600
    )
    print(done.stdout, done.stderr)
    assert done.returncode == 0, f"{command[0]} exits with {done.returncode}\n{done.stdout}\n{done.stderr}"


def drive(scenario: str, chrome: str, vsix: Path, *more: str) -> None:
    script = str(TOP / "tests" / "editor" / "workbench.mjs")
    node = shutil.which("node")
    assert node, "node is not on PATH"
    run([node, script, scenario, "--chrome", chrome, "--vsix", str(vsix), "--sample", str(SAMPLE), *more])


def test_a_mistake_is_seen_explained_and_repaired(chrome: str, vsix: Path) -> None:
    drive("repair", chrome, vsix, "--interpreter", sys.executable)


MADE = """\
name: forecast
channels:
  - conda-forge
dependencies:
  - python=3.12.12
  - numpy=1.26.4
  - pandas=2.3.3
  - scikit-learn=1.7.2
  - pip=25.3
  - pip:
    - uvicorn[standard]==0.38.0; sys_platform == "linux"
"""


def test_a_file_is_made_from_nothing_with_completions_and_quick_fixes(
    chrome: str, vsix: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, made = tmp_path / "home", tmp_path / "environment.yml"
    home.mkdir()
    with serving(conda_channel()) as channel, serving(pip_index()) as index:
        (home / ".condarc").write_text(f"channel_alias: {channel.url}\n")
        (home / "pip.conf").write_text(f"[global]\nindex-url = {index.url}/simple/\n")
        drive("made", chrome, vsix, "--interpreter", sys.executable, "--home", str(home), "--result", str(made))
        assert made.read_text() + "\n" == MADE
        for name, value in {"HOME": home, "USERPROFILE": home, "PIP_CONFIG_FILE": home / "pip.conf"}.items():
            monkeypatch.setenv(name, str(value))
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
        run([sys.executable, "-m", "envls", "check", str(made)])
    pip = ['uvicorn[standard]==0.38.0; sys_platform == "linux"']
    conda = ["python=3.12.12", "numpy=1.26.4", "pandas=2.3.3", "scikit-learn=1.7.2", "pip=25.3"]
    meant = {"name": "forecast", "channels": ["conda-forge"], "dependencies": [*conda, {"pip": pip}]}
    assert yaml.safe_load(MADE) == meant


def test_what_is_installed_and_locked_is_seen_at_the_lines(chrome: str, vsix: Path) -> None:
    drive("drifted", chrome, vsix)


def test_what_the_extension_brings_along_runs_on_any_python(chrome: str, vsix: Path) -> None:
    drive("bundled", chrome, vsix)


def test_a_file_of_an_odd_name_is_what_a_run_configuration_says(chrome: str, vsix: Path) -> None:
    drive("pointed", chrome, vsix)


def test_files_that_belong_together_are_shown_and_kept_in_sync(chrome: str, vsix: Path) -> None:
    drive("together", chrome, vsix)


def test_a_file_is_shown_as_what_it_consists_of(chrome: str, vsix: Path) -> None:
    drive("structure", chrome, vsix)


def test_other_yaml_starts_no_server(chrome: str, vsix: Path) -> None:
    drive("asleep", chrome, vsix)


def test_without_a_python_one_message_says_what_to_do(chrome: str, vsix: Path) -> None:
    if conda := [path for path in CONDA if Path(path).exists()]:
        pytest.skip(f"the extension would find the Python in {conda[0]}")
    drive("lost", chrome, vsix)
