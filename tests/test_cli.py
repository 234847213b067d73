"""The terminal command, run as a user runs it, on the samples."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the samples, in a home of its own."""
    return Path(shutil.copytree(EXAMPLES, tmp_path / "work"))


def envls(project: Path, *arguments: str, home: Path | None = None) -> tuple[int, str, str]:
    home = home or project.parent
    told = {"HOME": str(home), "USERPROFILE": str(home), "XDG_CACHE_HOME": str(home), "NO_COLOR": "1"}
    environment = {**os.environ, **told}
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
    ended = {name for name, code in found if code == "AML109"}
    assert ended == {"docker.runconfig"}, "that Workbench has ended is said once in a project"
    assert {one for one in found if one[1] != "AML109"} == {
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


WRONG = "dependencies:\r\n  - python=3.11\r\n  - numpy >=1 <2  # Größe\r\n"
RIGHT = WRONG.replace("1 <", "1,<")


def test_the_mark_of_a_file_in_utf_8_stays(project: Path) -> None:
    path = project / "environment.yml"
    path.write_bytes(WRONG.encode("utf-8-sig"))
    assert envls(project, "fix", "--offline", "environment.yml")[0] == 0
    assert path.read_bytes() == RIGHT.encode("utf-8-sig")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_a_file_in_utf_16_is_told_shown_and_saved_as_utf_8(project: Path, encoding: str) -> None:
    path = project / "environment.yml"
    before = WRONG.encode(encoding)
    path.write_bytes(before)
    status, out, _ = envls(project, "check", "--offline", "environment.yml")
    assert status == 1
    assert out.startswith(f"environment.yml:1:1: error ENV112 the file is {encoding[:6].upper()}")
    status, out, err = envls(project, "fix", "--offline", "--diff", "environment.yml")
    assert out.startswith(f"environment.yml: saved as UTF-8 instead of {encoding[:6].upper()}\n--- a/environment.yml\n")
    assert "1 would change, 0 errors left" in err
    assert path.read_bytes() == before
    status, out, _ = envls(project, "fix", "--offline", "environment.yml")
    assert (status, out) == (0, f"environment.yml: repaired, now UTF-8 instead of {encoding[:6].upper()}\n")
    assert path.read_bytes() == RIGHT.encode()
    assert envls(project, "check", "--offline", "environment.yml")[:2] == (0, "")


def test_bytes_of_windows_are_kept_unless_a_guess_is_asked_for(project: Path) -> None:
    path = project / "environment.yml"
    path.write_bytes(WRONG.encode("cp1252"))
    status, out, _ = envls(project, "check", "--offline", "environment.yml")
    assert status == 1
    assert "environment.yml:3:23: error ENV112 the byte 0xF6 is not UTF-8" in out
    assert out.count("error") == 1
    assert envls(project, "fix", "--offline", "environment.yml")[0] == 1
    assert path.read_bytes() == WRONG.encode("cp1252")
    assert envls(project, "fix", "--offline", "--unsafe", "environment.yml")[0] == 0
    assert path.read_bytes() == RIGHT.encode()


def test_what_cannot_be_written_back_is_not_written(project: Path) -> None:
    path = project / "environment.yml"
    before = WRONG.encode("utf-16") + b"\n"
    path.write_bytes(before)
    status, _, err = envls(project, "fix", "--offline", "environment.yml")
    assert status == 2
    assert "environment.yml: not repaired: a part of it could not be read" in err
    assert path.read_bytes() == before


def test_a_terminal_that_has_not_every_letter(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    (project / "environment.yml").write_bytes(WRONG.encode())
    status, out, _ = envls(project, "check", "--offline", "environment.yml")
    assert status == 1
    assert "numpy >=1 <2  # Gr??e" in out


def test_a_file_cannot_command_the_terminal(project: Path) -> None:
    (project / "environment.yml").write_text(
        "dependencies:\n  - pip\n  - pip:\n    - a=1 # \x1b[2J\u202e\x9b\n", "utf-8"
    )
    _, out, _ = envls(project, "check", "--offline", "environment.yml")
    assert "    - a=1 # \ufffd[2J\ufffd\ufffd" in out
    assert not set("\x1b\u202e\x9b") & set(out)


# -- what other files say -------------------------------------------------------------------------------------


@pytest.fixture
def pointing(project: Path) -> Path:
    """A run configuration and a job that point to conda files of odd names, and some that nobody points to."""
    folder = project / "train"
    for name, text in {
        "aml_config/docker.runconfig": "ArgumentVector: [a.py]\nTarget: d\nCondaDependenciesFile: deps/train_reqs.yml\n",
        "aml_config/d.compute": "type: localdocker\nbaseDockerImage: x\n",
        "jobs/my_job.yml": "command: a\nenvironment:\n  conda_file: ../deps/job_reqs\n  image: x\n",
        "jobs/far_job.yml": "command: a\nenvironment:\n  conda_file: ../../far_reqs.yml\n  image: x\n",
        "deps/train_reqs.yml": WRONG,
        "deps/job_reqs": WRONG,
        "deps/other_reqs.yml": WRONG,
        "../far_reqs.yml": WRONG,
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return folder


def reported(out: str) -> set[str]:
    return {line.split(":")[0] for line in out.splitlines() if " ENV301 " in line}


def test_a_folder_is_searched_for_what_its_files_point_to(pointing: Path) -> None:
    _, out, _ = envls(pointing, "check", "--offline", ".")
    assert reported(out) == {"deps/train_reqs.yml", "deps/job_reqs"}
    _, out, _ = envls(pointing.parent, "check", "--offline", "train", "far_reqs.yml")
    assert reported(out) == {"train/deps/train_reqs.yml", "train/deps/job_reqs", "far_reqs.yml"}


@pytest.mark.parametrize("inside", [".", "jobs"])
@pytest.mark.parametrize("repository", [False, True])
def test_a_file_that_is_named_is_what_its_project_says(pointing: Path, repository: bool, inside: str) -> None:
    """Whose folder is that of a repository or has an `aml_config` in it."""
    here = pointing / inside
    if repository:
        (pointing / ".git").mkdir()
        (pointing / "aml_config").rename(pointing / "jobs" / "aml_config")
        moved = pointing / "jobs" / "aml_config" / "docker.runconfig"
        moved.write_bytes(moved.read_bytes().replace(b"deps/", b"../deps/"))
    run = partial(envls, here, home=pointing.parent.parent)
    name = os.path.relpath(pointing / "deps" / "train_reqs.yml", here)
    other = os.path.relpath(pointing / "deps" / "other_reqs.yml", here)
    status, _, err = run("check", "--offline", other)
    assert status == 0
    assert "no file that envls knows" in err
    status, out, _ = run("check", "--offline", name, other)
    assert status == 1
    assert len(reported(out)) == 1
    assert run("fix", "--offline", name)[0] == 0
    assert (pointing / "deps" / "train_reqs.yml").read_bytes() == RIGHT.encode()


def test_without_any_project_the_working_folder_is_one(pointing: Path) -> None:
    shutil.rmtree(pointing / "aml_config")
    status, out, _ = envls(pointing, "check", "--offline", "deps/job_reqs")
    assert status == 1
    assert reported(out) == {"deps/job_reqs"}


def test_wrong_usage(project: Path) -> None:
    assert envls(project, "check", "no-such-file.yml")[0] == 2
    assert envls(project, "check")[0] == 2
    assert envls(project, "explode")[0] == 2
    status, _, err = envls(project, "explain", "ENV399")
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
    (project / "conda.yml").write_bytes(WRONG.encode())
    status, out, err = envls(project, "check", "--offline", "environment.yml", "conda.yml")
    assert status == 2
    assert "environment.yml: this is no text" in err
    assert "larger than 20 MB" in envls(project, "check", "--offline", "/dev/zero")[2] or not Path("/dev/zero").exists()
    assert "conda.yml:3:" in out
