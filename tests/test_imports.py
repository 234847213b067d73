"""AML415 on small projects: what scripts import, what their environment may have, and what is added."""

from __future__ import annotations

import pytest
from toy import ROOT, World

from envls.check import check, fixed
from envls.config import Configuration
from envls.facts import Environment, Indexes, Installed, InstalledPackage, Known, Package, PipPackage
from envls.rules.project.distributions import is_pythons_own
from envls.runs import imports_of, workloads_of
from envls.write import Create

ONLY = Configuration(select=("AML415",))
JOB = """\
$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
command: python train.py
code: src
compute: azureml:cpu
environment:
  image: some/image:1
  conda_file: conda.yml
"""
CONDA = "channels: [conda-forge]\ndependencies:\n  - python=3.10\n  - pip\n"


def world(script: str, conda: str = CONDA, **files: str) -> World:
    there = {"src/train.py": script, "conda.yml": conda, "job.yml": JOB, **files}
    return World({ROOT / name: text for name, text in there.items()})


def said(there: World, name: str = "conda.yml") -> list[str]:
    """What is said of a file, of each finding the first part."""
    document = there.document(ROOT / name)
    return [one.finding.message.partition(";")[0] for one in check(document, there.facts(), ONLY)]


def mended(there: World, name: str = "conda.yml") -> str:
    document = there.document(ROOT / name)
    return fixed(document, there.facts(), ONLY, wanted=lambda *_: True).text


@pytest.mark.parametrize(
    ("script", "missing"),
    [
        ("import os, sys\nimport cv2\n", "`cv2`"),
        ("from sklearn.svm import SVC\n", "`sklearn`"),
        ("from azure.storage import blob\nfrom google.cloud import storage\n", "`azure.storage.blob` and `google.cloud.storage`"),
        ("import azure\nimport google.cloud\nimport our_own_sdk\n", ""),
        ("import mpl_toolkits.mplot3d\n", "`mpl_toolkits.mplot3d`"),
        ("def main():\n    import lightgbm\n", "`lightgbm`"),
        ("if ARGS.boost:\n    import lightgbm\n", ""),
        ("try:\n    import lightgbm\nexcept ImportError:\n    lightgbm = None\n", ""),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pandas\n", ""),
        ("import pkg_resources, distutils, setuptools\nimport dataclasses, tomllib, _thread\n", ""),
        ("import subprocess\nsubprocess.run(['pip', 'install', 'lightgbm'])\nimport lightgbm\n", ""),
        ("import yaml, PIL, attr, dateutil\n", "`yaml`, `PIL`, `attr` and `dateutil`"),
        ("this is no python\nimport lightgbm if you can\n", ""),
    ],
)  # fmt: skip
def test_what_a_script_lacks(script: str, missing: str) -> None:
    assert said(world(script)) == ([f"`train.py` imports {missing}"] if missing else [])


@pytest.mark.parametrize(
    ("listed", "script"),
    [
        ("pandas", "import numpy, pandas, dateutil\n"),
        ("scikit-learn", "import joblib, scipy.stats\n"),
        ("py-opencv", "import cv2\n"),
        ("pytorch", "import torch\n"),
        ("matplotlib-base", "import matplotlib.pyplot, pylab\n"),
        ("tensorflow-gpu", "import tensorflow, keras\n"),
        ("pip: [onnxruntime-gpu]", "import onnxruntime\n"),
        ("pip: [azureml-defaults]", "import azureml.core, flask, requests\n"),
        ("pip: ['transformers[torch]']", "import torch\n"),
        ("pip: ['-e .']", "import lightgbm\n"),
        ("pip: ['-r gone.txt']", "import lightgbm\n"),
        ("pip: ['git+https://example.com/a.git']", "import lightgbm\n"),
        ("pip: [our-own-sdk]", "import lightgbm\n"),
        ("anaconda", "import lightgbm\n"),
        ("kedro", "import yaml\n"),
    ],
)
def test_what_comes_or_may_come_along_is_not_missing(listed: str, script: str) -> None:
    assert said(world(script, CONDA + f"  - {listed}\n")) == []


def test_a_requirements_file_counts_as_what_it_lists() -> None:
    conda = CONDA + "  - pip:\n    - -r requirements.txt\n"
    there = world("import pandas, lightgbm\n", conda, **{"requirements.txt": "pandas==2.2\n# more\n"})
    assert said(there) == ["`train.py` imports `lightgbm`"]


def test_what_an_index_says_of_a_package_counts() -> None:
    there = world("import yaml, lightgbm\n", CONDA + "  - pip:\n    - our-own-sdk\n")
    package = Package("our-own-sdk", (), requires=("PyYAML>=5", 'lightgbm; extra == "boost"'))
    there.packages[PipPackage("our-own-sdk", Indexes())] = Known(package)
    assert said(there) == ["`train.py` imports `lightgbm`"]


def test_modules_of_the_project_are_followed_and_never_missing() -> None:
    there = world(
        "import helper, datasets, keras\nfrom models.net import Net\nfrom models import *\n",
        **{
            "src/helper.py": "import lightgbm\ndef late():\n    import seaborn\n",
            "src/models/__init__.py": "from . import blocks\n",
            "src/models/net.py": "import xgboost\nfrom .. import nothing\n",
            "src/models/blocks/__init__.py": "import catboost\nfrom ..net import Net\n",
            "src/datasets/reader.py": "",
            "lib/keras.py": "import statsmodels\n",
        },
    )
    found = said(there)
    assert found == ["`helper.py` imports `lightgbm`, `net.py` imports `xgboost` and `__init__.py` imports `catboost`"]


def test_a_finding_tells_where_and_adds_each_or_all() -> None:
    there = world("import cv2\nimport lightgbm\n")
    (one,) = check(there.document(ROOT / "conda.yml"), there.facts(), ONLY)
    assert [fix.title for fix in one.finding.fixes] == ["Add `opencv` and `lightgbm`", "Add `opencv`", "Add `lightgbm`"]
    text = there.files[ROOT / "src/train.py"]
    places = [(text[slice(*related.span)], related.path) for related in one.finding.related]
    assert places == [("cv2", ROOT / "src/train.py"), ("lightgbm", ROOT / "src/train.py")]
    assert mended(there).endswith("  - pip\n  - opencv\n  - lightgbm\n")


@pytest.mark.parametrize(
    ("conda", "added"),
    [
        ("dependencies:\n  - python=3.10\n  - numpy=1.26\n  - pip\n", "  - numpy=1.26\n  - pip\n  - pip:\n      - lightgbm\n"),
        ("channels: [conda-forge]\ndependencies:\n  - python\n  - numpy==1.26.4\n", "  - numpy==1.26.4\n  - lightgbm==4.5.0\n"),
        ("channels: [conda-forge]\ndependencies:\n  - python\n  - pip\n  - pip:\n    - numpy\n", "    - numpy\n    - lightgbm\n"),
        ("channels: [conda-forge]\ndependencies:\n  - python\n  - pip\n  - pip:\n    - numpy==2.0\n", "    - lightgbm==4.5.0\n"),
    ],
)  # fmt: skip
def test_the_right_list_and_the_style_of_the_file(conda: str, added: str) -> None:
    there = world("import lightgbm\n", conda)
    there.conda["lightgbm"] = ("4.5.0",) if "conda-forge" in conda else None
    there.pip["lightgbm"] = ("4.5.0",)
    assert mended(there).endswith(added)


@pytest.mark.parametrize(
    "job",
    [
        JOB.replace("  conda_file: conda.yml\n", "").replace("  image", "  build: {path: .}\n  other"),
        JOB.replace("environment:", "environment: azureml:registered:1\nother:"),
        JOB.replace("python train.py", "bash run.sh"),
    ],
)
def test_of_what_runs_elsewhere_nothing_is_known(job: str) -> None:
    assert said(world("import lightgbm\n", **{"job.yml": job})) == []


def test_packages_that_a_job_lists_itself() -> None:
    job = JOB.replace(
        "  conda_file: conda.yml\n", "  conda_file:\n    dependencies:\n      - python=3.10\n      - pip\n"
    )
    there = world("import lightgbm\n", **{"job.yml": job})
    assert said(there, "job.yml") == ["`train.py` imports `lightgbm`"]
    assert mended(there, "job.yml").endswith("      - pip\n      - pip:\n          - lightgbm\n")
    assert said(there) == []


def test_what_comes_with_another_that_is_added_is_not_added() -> None:
    there = world("import joblib, sklearn, azureml.opendatasets\n", CONDA + "  - pip: [azureml-core==1.43.0]\n")
    assert said(there) == ["`train.py` imports `sklearn` and `azureml.opendatasets`"]
    assert mended(there).endswith("  - scikit-learn\n  - pip: [azureml-core==1.43.0, azureml-opendatasets~=1.43.0]\n")


def test_a_conda_file_that_is_made_has_what_is_imported() -> None:
    there = world("import lightgbm, numpy\nimport mlflow\nmlflow.autolog()\n")
    del there.files[ROOT / "conda.yml"]
    (one,) = check(there.document(ROOT / "job.yml"), there.facts(), Configuration(select=("AML401",)))
    made = next(fix for fix in one.finding.fixes if fix.title.startswith("Create"))
    (file,) = (change for change in made.changes if isinstance(change, Create))
    assert "\n  - lightgbm\n" in file.text
    assert "- azureml-mlflow" in file.text
    there.files[ROOT / "conda.yml"] = file.text
    assert said(there) == []


def test_what_another_rule_asks_for_is_not_asked_for_twice() -> None:
    there = world("import mlflow\nimport azureml.core\nmlflow.autolog()\n")
    codes = [one.rule.code for one in check(there.document(ROOT / "conda.yml"), there.facts())]
    assert "AML405" in codes
    assert "AML415" not in codes


def test_a_local_run_has_what_its_environment_has() -> None:
    files = {
        "aml_config/local.runconfig": "ArgumentVector: [src/train.py]\nTarget: local\nFramework: Python\n",
        "aml_config/local.compute": "type: local\npythonLocation: /home/me/conda/envs/training/bin/python\n",
        "aml_config/conda.yml": "name: training\n" + CONDA,
    }
    there = world("import lightgbm, seaborn, numpy\n", **files)
    del there.files[ROOT / "job.yml"]
    assert said(there, "aml_config/conda.yml") == ["`train.py` imports `lightgbm` and `seaborn`"]
    prefix = ROOT / "envs/training"
    installed = {"seaborn": InstalledPackage("seaborn", "0.13", "py_0")}
    there.packages[Installed("training")] = Known(Environment(prefix, installed, {}))
    assert said(there, "aml_config/conda.yml") == ["`train.py` imports `lightgbm`"]


@pytest.mark.parametrize(
    ("module", "python", "own"),
    [
        ("json", "", True), ("dataclasses", "3.6.*", False), ("dataclasses", "3.7.*", True), ("imp", "3.12.*", False),
        ("imp", ">=3.8", True), ("tomllib", "3.10.*", False), ("tomllib", "", True), ("numpy", "", False),
    ],
)  # fmt: skip
def test_modules_of_python_itself_by_its_version(module: str, python: str, own: bool) -> None:
    assert is_pythons_own(module, python) is own


def test_what_was_found_is_remembered_until_a_file_changes() -> None:
    there = world("import helper\n", **{"src/helper.py": "import lightgbm\n"})
    answers: dict[object, object] = {}

    def look(question):  # type: ignore[no-untyped-def]
        return answers.setdefault(question, there.look(question))

    facts = there.facts()
    facts.look = look
    (workload,) = workloads_of(there.document(ROOT / "job.yml"), facts)
    first = imports_of(workload, facts)
    assert imports_of(workload, facts) is first
    answers.clear()
    there.files[ROOT / "src/helper.py"] = "import xgboost\n"
    there.read.clear()
    facts.asked.clear()
    assert [one.imported.name for one in imports_of(workload, facts).outside] == ["xgboost"]
