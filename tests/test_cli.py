"""The terminal command, run as a user runs it, on the samples."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the samples, in a home of its own."""
    return Path(shutil.copytree(EXAMPLES, tmp_path / "work"))


def envls(project: Path, *arguments: str) -> tuple[int, str, str]:
    environment = {**os.environ, "HOME": str(project.parent), "XDG_CACHE_HOME": str(project.parent), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "envls", *arguments]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_check_shows_place_severity_code_and_a_marker(project: Path) -> None:
    status, out, err = envls(project, "check", "--offline", "hello_bootcamp")
    assert status == 1
    assert "aml_config/conda_dependencies.yml:22:23: error ENV401 pip pins with `==`; a single `=` is conda's\n" in out
    lines = out.splitlines()
    at = next(i for i, line in enumerate(lines) if "ENV401" in line)
    assert lines[at + 1][lines[at + 2].index("^")] == "="
    assert "offline" in err


def test_every_mistake_of_a_learner_is_found(project: Path) -> None:
    _, out, _ = envls(project, "check", "--offline", "hello_bootcamp")
    found = {(Path(line.split(":")[0]).name, line.split()[2]) for line in out.splitlines() if line[:1] not in ("", " ")}
    assert found == {
        ("conda_dependencies.yml", "ENV304"),
        ("conda_dependencies.yml", "ENV303"),
        ("conda_dependencies.yml", "ENV402"),
        ("conda_dependencies.yml", "ENV401"),
        ("docker.runconfig", "AML401"),
        ("hello_env.runconfig", "AML402"),
        ("local.compute", "AML403"),
        ("local.runconfig", "AML404"),
        ("localenv_conda_dependencies.yml", "AML405"),
    }


def test_fix_repairs_what_is_safe_and_fixing_twice_is_fixing_once(project: Path) -> None:
    path = project / "modern" / "environment.yml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    status, out, _ = envls(project, "fix", "--offline", "modern/environment.yml")
    assert (status, out) == (0, "modern/environment.yml: repaired\n")
    text = path.read_bytes().decode()
    assert "scikit-learn >=1.4,<1.6\r\n  - pip\r\n  - pip:\r\n" in text
    assert "requests==2.32.3\r\n" in text
    assert text.count("\r\n") == text.count("\n")
    assert envls(project, "fix", "--offline", "modern/environment.yml")[1] == ""
    assert path.read_bytes().decode() == text
    assert not list(path.parent.glob("*.envls-new"))


def test_diff_changes_nothing(project: Path) -> None:
    path = project / "modern" / "environment.yml"
    before = path.read_bytes()
    status, out, _ = envls(project, "fix", "--offline", "--diff", "modern")
    assert status == 1  # the missing conda file is left
    assert "-      - requests=2.32.3\n+      - requests==2.32.3\n" in out
    assert path.read_bytes() == before


def test_unsafe_fixes_only_when_asked_for(project: Path) -> None:
    envls(project, "fix", "--offline", "hello_bootcamp")
    path = project / "hello_bootcamp" / "aml_config" / "docker.runconfig"
    assert "conda_dependencis.yml" in path.read_text("utf-8")
    envls(project, "fix", "--offline", "--unsafe", "hello_bootcamp")
    assert '"aml_config/conda_dependencies.yml"' in path.read_text("utf-8")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_the_encoding_of_a_file_stays(project: Path, encoding: str) -> None:
    path = project / "environment.yml"
    path.write_bytes("dependencies:\n  - python=3.11\n  - numpy >=1 <2\n".encode(encoding))
    envls(project, "fix", "--offline", "environment.yml")
    assert path.read_bytes().decode(encoding) == "dependencies:\n  - python=3.11\n  - numpy >=1,<2\n"


def test_wrong_usage(project: Path) -> None:
    assert envls(project, "check", "no-such-file.yml")[0] == 2
    assert envls(project, "check")[0] == 2
    assert envls(project, "explode")[0] == 2
    status, _, err = envls(project, "explain", "ENV310")
    assert status == 2
    assert "did you mean" in err


def test_explain(project: Path) -> None:
    status, out, _ = envls(project, "explain", "env401")
    assert status == 0
    assert out.startswith("ENV401 invalid-requirement (error)\n\npip cannot read a line.")
    assert "AML405" in envls(project, "explain", "all")[1]


def test_configuration_beside_the_files(project: Path) -> None:
    (project / ".envls.toml").write_text('ignore = ["ENV4", "AML"]\nselct = []\n', "utf-8")
    status, out, err = envls(project, "check", "--offline", "hello_bootcamp")
    assert status == 0
    assert "ENV304" in out
    assert "ENV401" not in out
    assert "did you mean `select`?" in err


def test_a_file_that_is_no_text(project: Path) -> None:
    (project / "environment.yml").write_bytes(b"name: \xff\xfe\x00")
    status, _, err = envls(project, "check", "--offline", "environment.yml")
    assert status == 2
    assert "not utf-8" in err
