"""What a card and a lens say of what runs: one text for all dialects."""

from __future__ import annotations

from pathlib import PurePath

import pytest
from toy import ROOT, World, at_cursor, online

from envls.assist.hover import hover
from envls.assist.lenses import lenses
from envls.facts import PENDING, Environment, Facts, FileAt, Installed, InstalledPackage, Known

ENV = "name: training\nchannels: [conda-forge]\ndependencies:\n  - python=3.11\n  - numpy>=1.20,<2\n  - pip:\n    - requests\n"
DEFINITION = "name: training\nimage: some/image:1\nconda_file: conda/env.yml\n"
JOB = "type: command\ncommand: python train.py\ncompute: azureml:cpu\nenvironment: {}\n"
FILES = {"conda/env.yml": ENV, "training.yml": DEFINITION}
USED = (
    "Conda file: `conda/env.yml`, which describes `training`. **Used**: the environment is made from it, on linux-64."
)
IN_IMAGE = "Interpreter: the one of the conda environment that is made in the image `some/image:1`."


def card(name: str, text: str, **files: str) -> str:
    there = online(**{**FILES, **files})
    return card_in(there, name, text, there.facts())


def card_in(there: World, name: str, text: str, facts: Facts) -> str:
    plain, offset = at_cursor(text)
    there.files[ROOT / name] = plain
    found = hover(there.document(ROOT / name), offset, facts)
    return found.markdown if found else ""


def lens(name: str, text: str, **files: str) -> list[tuple[str, str]]:
    """What stands where a lens is, and its words."""
    there = online(**{**FILES, **files, name: text})
    found = lenses(there.document(ROOT / name), there.facts())
    return [(text[one.span.start : one.span.end], one.title) for one in found]


# -- every dialect --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("\n  image: some/image:1\n  conda_file: conda/env.yml", (IN_IMAGE, USED)),
        ("file:training.yml", (IN_IMAGE, USED)),
        ("azureml:training@latest", (IN_IMAGE, USED, "Environment: `training` of the workspace; described by `training.yml`")),
        ("azureml:other:3", ("Environment: `other:3` of the workspace; its packages are not known here.",)),
        ("azureml:AzureML-Minimal:3", ("Environment: `AzureML-Minimal:3` of Azure ML;",)),
        (
            "azureml://registries/azureml/environments/sklearn-1.5/labels/latest",
            ("Environment: `sklearn-1.5@latest` of the registry azureml; its packages are not known here.",),
        ),
        ("azureml://registries/*mine*/environments/a/versions/1", ("Environment: `a@1` of the registry \\*mine\\*;",)),
        ("\n  image: some/image:1", ("Interpreter: the one in the image `some/image:1`.", "the packages are those of the image")),
        ("\n  build:\n    path: docker", ("Interpreter: the one in the image that is built from its Dockerfile.",)),
        ("\n  image: some/image:1\n  conda_file: no.yml", ("`no.yml`, which is not there. **The run cannot start**",)),
        (
            "\n  image: some/image:1\n  conda_file:\n    dependencies: [python=3.11]",
            ("Packages: listed in `job.yml` itself. **Used**", "| python | `=3.11` |"),
        ),
    ],
)  # fmt: skip
def test_what_a_job_says_of_its_environment(written: str, said: tuple[str, ...]) -> None:
    shown = card("job.yml", JOB.format(written).replace("command: python", "comm$0and: python"))
    assert "**job.yml**: what this job will use" in shown
    for part in said:
        assert part in shown


PIPELINE = """\
type: pipeline
jobs:
  prepare:
    type: command
    command: python prepare.py
    environment:
      image: other/image:2
  train:
    type: command
    component: components/train.yml
  score:
    type: parallel
    task:
      type: run_function
      entry_script: score.py
      environment: azureml:training@latest
"""


def test_each_step_of_a_pipeline_has_its_own() -> None:
    component = "command: python train.py\nis_deterministic: true\nenvironment: file:../training.yml\n"
    files = {"components/train.yml": component}
    shown = card("pipeline.yml", PIPELINE.replace("  prepare:", "  pre$0pare:"), **files)
    assert "**prepare**: what this job will use" in shown and "`other/image:2`" in shown
    shown = card("pipeline.yml", PIPELINE.replace("components/", "comp$0onents/"), **files)
    assert "**train**" in shown and "Component: `components/train.yml`" in shown and USED in shown
    shown = card("pipeline.yml", PIPELINE.replace("azureml:training", "azureml:tra$0ining"), **files)
    assert "**score**: what this parallel job will use" in shown and USED in shown
    assert lens("pipeline.yml", PIPELINE, **files) == [
        ("prepare", "python in other/image:2"),
        ("train", "python in some/image:1 · packages from env.yml"),
        ("score", "python in some/image:1 · packages from env.yml"),
    ]


V1 = "script: train.py\ntarget: {}\ncommunicator: None\nenvironment:\n  docker:\n    baseImage: some/image:1\n  python:\n    {}\n"


@pytest.mark.parametrize(
    ("target", "python", "said"),
    [
        ("cpu", "condaDependenciesFile: conda/env.yml", (IN_IMAGE, USED)),
        ("local", "condaDependenciesFile: conda/env.yml", ("that is made on this machine.", "made from it, on this machine.")),
        ("cpu", "condaDependencies: {dependencies: [python=3.11]}", (IN_IMAGE, "| python | `=3.11` |")),
        (
            "cpu",
            "{userManagedDependencies: true, condaDependenciesFile: conda/env.yml}",
            ("`python`, the first that is found in the image `some/image:1`.", "**Not used**: userManagedDependencies is true;"),
        ),
        (
            "local",
            "{userManagedDependencies: true, condaDependenciesFile: no.yml}",
            ("the first that is found on this machine", "without it the SDK does not load"),
        ),
        ("cpu", "condaDependenciesFile: null", ("Conda file: none is named",)),
    ],
)  # fmt: skip
def test_what_a_run_of_sdk_v1_says(target: str, python: str, said: tuple[str, ...]) -> None:
    shown = card("run.runconfig", V1.format(target, python).replace("script:", "scr$0ipt:"))
    assert "**run.runconfig**: what this run will use" in shown
    for part in said:
        assert part in shown


def test_an_environment_of_its_own_says_who_runs_in_it() -> None:
    shown = card("training.yml", DEFINITION.replace("some/", "so$0me/"), **{"job.yml": JOB.format("file:training.yml")})
    assert shown.startswith("**training.yml**: an environment of Azure ML CLI v2") and USED in shown
    assert shown.endswith("Used by\n\n- `job.yml` (job, Azure ML CLI v2)")


# -- versions -------------------------------------------------------------------------------------------------


def test_versions_are_shown_as_listed_as_locked_and_as_far_as_somebody_asked_for_them() -> None:
    there = online(**FILES)
    there.locked = {"python": "3.11.9", "numpy": "1.26.4"}
    facts = there.facts()
    shown = card_in(there, "job.yml", JOB.format("file:trai$0ning.yml"), facts)
    assert "| listed in conda/env.yml | version | locked | newest that fits |" in shown
    assert "| numpy | `>=1.20,<2` | `1.26.4` | `1.26.4` |" in shown
    assert "| requests | any | not locked | `2.32.3` |" in shown
    assert not [one for one in facts.asked if "Package" in type(one).__name__], "nobody is asked for a card"


def test_a_local_run_shows_what_is_installed() -> None:
    there = online(**FILES)
    python = PurePath("/opt/conda/envs/mine/bin/python")
    installed = Environment(python.parent.parent, {"python": InstalledPackage("python", "3.11.9", "0")}, {})
    there.packages[Installed("mine", interpreter=python)] = Known(installed)
    said = f"{{userManagedDependencies: true, interpreterPath: {python}, condaDependenciesFile: conda/env.yml}}"
    shown = card_in(
        there, "run.runconfig", V1.format("local", said).replace("interpreterPath", "interp$0reterPath"), there.facts()
    )
    assert f"Interpreter: `{python}`, in the environment `mine`; on this machine `/opt/conda/envs/mine`." in shown
    assert "| python | `=3.11` | `3.11.9` |" in shown and "| numpy | `>=1.20,<2` | **missing** |" in shown


# -- who uses a conda file ------------------------------------------------------------------------------------


def test_the_name_of_an_environment_says_who_uses_it_and_for_what_it_is_made() -> None:
    files = {
        "job.yml": JOB.format("file:training.yml"),
        "aml_config/here.runconfig": "ArgumentVector: [a.py]\nTarget: local\n",
        "aml_config/local.compute": "type: local\npythonLocation: /opt/conda/envs/training/bin/python\n",
    }
    shown = card("aml_config/conda.yml", ENV.replace("training", "trai$0ning"), **files)
    assert (
        "- `here.runconfig` (Spark job, Azure ML Workbench): its interpreter is in this environment; nothing is made"
        in shown
    )
    shown = card("conda/env.yml", ENV.replace("name", "na$0me"), **files)
    assert "The name of the environment." in shown
    assert "- `../job.yml` (job, Azure ML CLI v2), through `../training.yml`: made from this file on linux-64" in shown


def test_a_lens_is_short() -> None:
    text = JOB.format("\n  image: mcr.example.com/azureml/openmpi:20\n  conda_file: conda/env.yml")
    assert lens("job.yml", text) == [("type", "python in openmpi:20 · packages from conda/env.yml")]


def test_a_registered_environment_has_no_lens_before_the_project_is_read() -> None:
    text = JOB.format("azureml:training@latest")
    there = online(**{**FILES, "job.yml": text})
    document = there.document(ROOT / "job.yml")
    waiting = Facts(lambda question: PENDING if isinstance(question, FileAt) else there.look(question))
    assert lenses(document, waiting) == []
    assert len(lenses(document, there.facts())) == 1
