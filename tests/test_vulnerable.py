"""`envls check --vulnerabilities`, as a user runs it: an index and a database of vulnerabilities on loopback."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from world.loopback import Reply, serving
from world.osv_server import Osv, advisory
from world.simple_index import FILES, Index

from envls.cli.command import run
from envls.world import twins, vulnerabilities

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = """\
name: demo
channels: [conda-forge]
dependencies:
  - python=3.11
  - pip
  - pip:
    - alpha-beta==1.0
"""
KNOWN = {
    ("alpha-beta", "1.0"): [
        advisory("GHSA-1", "Alpha.Beta", "1.5", aliases=["CVE-2024-1"], database_specific={"severity": "HIGH"}),
        advisory("PYSEC-1", "alpha-beta", "1.5", aliases=["CVE-2024-1", "GHSA-1"]),
        advisory("GHSA-0", "alpha-beta", withdrawn="2024-02-02T00:00:00Z"),
    ],
    ("alpha-beta", "1.5"): [advisory("GHSA-2", "alpha-beta", "2.0")],
}


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Osv]:
    """Nobody else is reached: no channel can be, and the index stands for the public one."""
    for name in list(os.environ):
        if name.startswith(("PIP_", "CONDA", "XDG_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    told = {"HOME": tmp_path, "USERPROFILE": tmp_path, "XDG_CACHE_HOME": tmp_path / "cache", "LOCALAPPDATA": tmp_path}
    for name, value in told.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    (tmp_path / ".condarc").write_text("channel_alias: http://127.0.0.1:9/\n")
    monkeypatch.chdir(tmp_path)
    Path("environment.yml").write_text(TEXT)
    osv = Osv(KNOWN)
    with serving(osv) as database, serving(Index(FILES)) as index, serving(lambda _: Reply(404)) as names:
        monkeypatch.setattr("pypi_simple.PYPI_SIMPLE_ENDPOINT", f"{index.url}/simple/")
        monkeypatch.setattr(vulnerabilities, "ADDRESS", database.url)
        monkeypatch.setattr(twins, "ADDRESS", names.url)
        yield osv


def test_a_vulnerable_pin_is_found_and_repaired(database: Osv, capsys: pytest.CaptureFixture[str]) -> None:
    run(["check", "--select", "ENV513", "environment.yml"])
    assert capsys.readouterr().out == ""
    assert database.told == [], "the user has not asked for it"
    run(["check", "--vulnerabilities", "--select", "ENV513", "environment.yml"])
    said = capsys.readouterr()
    assert said.out.startswith(
        "environment.yml:7:17: warning ENV513 `alpha-beta` 1.0 has a known vulnerability: CVE-2024-1 (high)"
        " (What GHSA-1 is); the first without is 2.0\n"
    )
    assert "checked for vulnerabilities: 1 package\n" in said.err
    run(["fix", "--vulnerabilities", "--unsafe", "--select", "ENV513", "environment.yml"])
    assert Path("environment.yml").read_text() == TEXT.replace("==1.0", "==2.0")
    assert {package for told in database.told for package in told} == {
        ("alpha-beta", version) for version in ("1.0", "1.5", "2.0")
    }


def test_a_package_of_a_private_index_is_not_checked_and_that_is_said(
    database: Osv, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(Index(FILES)) as private:
        monkeypatch.setenv("PIP_INDEX_URL", f"{private.url}/simple")
        run(["check", "--vulnerabilities", "environment.yml"])
    said = capsys.readouterr()
    assert "ENV513" not in said.out
    assert (
        "checked for vulnerabilities: 0 packages\nnot checked for vulnerabilities: alpha-beta (it may be private)"
        in said.err
    )
    assert database.told == []


def test_no_file_of_a_project_switches_it_on(database: Osv, capsys: pytest.CaptureFixture[str]) -> None:
    Path(".envls.toml").write_text('vulnerabilities = true\nname-mapping = true\nselect = ["ENV513"]\n')
    run(["check", "environment.yml"])
    assert "ENV513" not in capsys.readouterr().out
    assert database.told == []
