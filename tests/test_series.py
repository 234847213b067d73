"""Packages of Azure ML beside each other: series, generations, Pythons; each mistake once, and mended by one action."""

from __future__ import annotations

import pytest
from toy import ROOT, World

from envls.check import changes_of, check
from envls.document import Document, read
from envls.text import apply

FAMILY = ("AML407", "AML408", "AML409", "AML410")


def listing(*pip: str, python: str = "3.8", conda: str = "pip=24.2") -> str:
    lines = "".join(f"      - {line}\n" for line in pip)
    return f"channels:\n  - conda-forge\ndependencies:\n  - python={python}\n  - {conda}\n  - pip:\n{lines}"


def told(text: str, world: World | None = None) -> list[tuple[str, str]]:
    facts = (world or World()).facts()
    return [
        (one.rule.code, one.severity.value)
        for one in check(read(ROOT / "environment.yml", text), facts)
        if one.rule.code in FAMILY
    ]


def mended(text: str) -> str:
    document: Document = read(ROOT / "environment.yml", text)
    facts = World().facts()
    (one,) = (found for found in check(document, facts) if found.rule.code in FAMILY)
    return apply(text, changes_of([one.finding.fixes[0]], document, facts).edits[document.path])


@pytest.mark.parametrize(
    ("pip", "clash"),
    [
        (("azureml-defaults==1.43.0", "azureml-core==1.30.0"), True),
        (("azureml-sdk==1.43.0", "azureml-defaults==1.42.0"), True),
        (("azureml-sdk[notebooks]==1.43.0", "azureml-widgets==1.42.0"), True),
        (("azureml-telemetry==1.39.0", "azureml-core==1.38.0"), True),
        (("azureml-core==1.33.0", "azureml-mlflow==1.40.0"), True),
        (("azureml-defaults==1.27.*", "azureml-sdk~=1.27.0"), False),
        (("azureml-core==1.57.0.post1", "azureml-defaults==1.57.0"), False),
        (("azureml-core==1.61.0", "azureml-defaults==1.62.0"), False),
        (("azureml-core==1.57.0", "azureml-mlflow==1.43.0"), False),
        (("azureml-core==1.57.0", "azureml-dataset-runtime==1.43.0"), False),
        (("azureml-defaults==1.57.0", "azureml-dataset-runtime==1.43.0"), True),
        (("azureml-core>=1.30", "azureml-defaults==1.43.0"), False),
        (("azureml-core~=1.30", "azureml-defaults==1.43.0"), False),
        (("azureml-inference-server-http==0.8.4", "azureml-core==1.43.0"), False),
    ],
)
def test_series_that_do_not_go_together(pip: tuple[str, ...], clash: bool) -> None:
    text = listing(*pip)
    assert told(text) == ([("AML407", "error")] if clash else [])
    if clash:
        assert told(mended(text)) == []


def test_the_others_follow_the_package_that_brings_them() -> None:
    text = listing("azureml-core==1.60.0", "azureml-defaults==1.43.0", "azureml-telemetry==1.60.0")
    assert mended(text) == listing("azureml-core~=1.43.0", "azureml-defaults==1.43.0", "azureml-telemetry~=1.43.0")


def test_an_old_pip_warns_only() -> None:
    text = listing("azureml-core==1.20.0", "azureml-defaults==1.19.0", conda="pip=19.3")
    assert told(text) == [("AML407", "warning")]


@pytest.mark.parametrize(
    ("pip", "python", "wrong"),
    [
        (("azureml-core==1.30.0",), "3.9", True),
        (("azureml-core==1.35.0",), "3.9", False),  # between one that takes it and one that does not
        (("azureml-core==1.38.0",), "3.9", False),
        (("azureml-defaults==1.30.0", "azureml-core==1.30.0"), "3.9", True),
        (("azureml-core==1.60.0",), "3.7", True),
        (("azureml-core==1.60.0",), ">=3.7", False),
        (("azureml-core==1.70.0",), "3.7", False),  # newer than what is known
        (("azureml-inference-server-http==1.4.1",), "3.8", True),
        (("azureml-inference-server-http==1.2.2",), "3.8", False),
        (("inference-schema==1.3.0",), "3.10", True),
    ],
)
def test_versions_that_are_not_for_the_python(pip: tuple[str, ...], python: str, wrong: bool) -> None:
    text = listing(*pip, python=python)
    assert told(text) == ([("AML409", "error")] if wrong else [])
    if wrong and "inference-schema" not in pip[0]:
        assert told(mended(text)) == []


def test_an_index_that_answers_speaks_instead() -> None:
    world = World(
        pip={"azureml-core": ("1.61.0[python:>=3.8]", "1.30.0[python:>=3.6,<3.9]")}, conda={"python": ("3.9.19",)}
    )
    text = listing("azureml-core==1.30.0", python="3.9")
    assert told(text, world) == []
    found = check(read(ROOT / "environment.yml", text), world.facts())
    assert "ENV509" in [one.rule.code for one in found]
    world.pip["azureml-defaults"] = ("1.62.0", "1.30.0")
    brings_it = listing("azureml-defaults==1.30.0", python="3.9")
    assert told(brings_it, world) == [("AML409", "error")], "its own metadata say nothing of Python"


@pytest.mark.parametrize(
    ("python", "instead"),
    [("3.10", "azureml-inference-server-http>=1.4"), ("3.8", "azureml-inference-server-http>=1.0,<1.3")],
)
def test_a_server_that_does_not_start(python: str, instead: str) -> None:
    text = listing("azureml-inference-server-http==1.3.2", python=python)
    assert told(text) == [("AML410", "warning")]
    assert mended(text) == listing(instead, python=python)
    assert told(mended(text)) == []
