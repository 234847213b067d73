"""Small projects of every dialect: each package that something needs is found once, and added by one action."""

from __future__ import annotations

import json

import pytest
from toy import ROOT, World, package

from envls.check import Found, changes_of, check
from envls.config import Configuration
from envls.document import Document
from envls.facts import Known, Package, PipPackage
from envls.text import apply

QUIET = Configuration(ignore=("AML109", "AML218"))
IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1"


def conda(*pip: str, python: str = "3.10", name: str = "training") -> str:
    lines = "".join(f"      - {line}\n" for line in pip)
    section = f"  - pip=24.2\n  - pip:\n{lines}" if pip else ""
    return f"name: {name}\nchannels:\n  - conda-forge\ndependencies:\n  - python={python}\n  - numpy=1.26\n{section}"


def job(command: str = "python train.py", **more: str) -> str:
    keys = "".join(f"{key}: {value}\n" for key, value in more.items())
    return f"type: command\ncommand: {command}\ncode: src\nenvironment:\n  image: {IMAGE}\n  conda_file: conda.yml\ncompute: azureml:cpu\n{keys}"


def scripted(kind: str = "managedOnlineDeployment", **more: str) -> str:
    keys = "".join(f"{key}: {value}\n" for key, value in more.items())
    schema = f"$schema: https://azuremlschemas.azureedge.net/latest/{kind}.schema.json\n"
    scoring = "code_configuration:\n  code: src\n  scoring_script: score.py\n"
    if kind == "managedOnlineDeployment":
        keys += "instance_type: Standard_DS3_v2\ninstance_count: 1\n"
    return f"{schema}name: blue\nendpoint_name: taxi\nmodel: azureml:taxi:1\n{scoring}environment:\n  image: {IMAGE}\n  conda_file: conda.yml\n{keys}"


def world(**files: str) -> World:
    return World({ROOT / name: text for name, text in files.items()})


def findings(there: World, name: str, *families: str) -> list[Found]:
    found = check(there.document(ROOT / name), there.facts(), QUIET)
    return [one for one in found if one.rule.code.startswith(families or "AML4")]


def mended(there: World, name: str, one: Found) -> World:
    """The world after the first fix of a finding."""
    document: Document = there.document(ROOT / name)
    changes = changes_of([one.finding.fixes[0]], document, there.facts())
    files = dict(there.files)
    for path, edits in changes.edits.items():
        files[path] = apply(files[path], edits)
    return World(files, packages=dict(there.packages))


def assert_one(there: World, name: str, *lines: str) -> None:
    """One finding stands in a file; its first fix adds the lines and leaves nothing to find."""
    before = there.files[ROOT / name]
    (one,) = findings(there, name)
    assert one.rule.code == "AML405"
    after = mended(there, name, one)
    text = after.files[ROOT / name]
    added = [line.strip() for line in text.splitlines() if line not in before.splitlines()]
    assert added == list(lines)
    for path in after.files:
        left = findings(after, path.relative_to(ROOT).as_posix(), "AML", "ENV4")
        assert not left, [(path, found.rule.code, found.finding.message) for found in left]


# -- SDK v1 ---------------------------------------------------------------------------------------------------

V1 = "script: train.py\ntarget: cpu\ncommunicator: None\nenvironment:\n  docker:\n    baseImage: {image}\n  python:\n    condaDependenciesFile: .azureml/conda_dependencies.yml\n"


@pytest.mark.parametrize(
    ("script", "pip", "added"),
    [
        ("from azureml.core import Run\nrun = Run.get_context()\n", ["pandas==2.2"], ["- azureml-defaults~=1.62"]),
        ("from azureml.core import Run\n", ["azureml-mlflow~=1.60"], ["- azureml-defaults~=1.62"]),
        ("from azureml.core import Run, Dataset\n", ["pandas==2.2"], ["- azureml-defaults~=1.62"]),
        (
            "from azureml.core import Run\nRun.get_context().input_datasets['taxi']\n",
            ["azureml-core==1.57.0"],
            ["- azureml-dataset-runtime[fuse]~=1.57.0"],
        ),
        (
            "import mlflow\nmlflow.autolog()\n",
            ["mlflow==2.16"],
            ["- azureml-mlflow~=1.60"],
        ),
    ],
)
def test_a_training_of_sdk_v1(script: str, pip: list[str], added: list[str]) -> None:
    there = world(
        **{
            ".azureml/train.runconfig": V1.format(image=IMAGE),
            ".azureml/conda_dependencies.yml": conda(*pip),
            "train.py": script,
        }
    )
    assert_one(there, ".azureml/conda_dependencies.yml", *added)


@pytest.mark.parametrize(
    "script",
    [
        "print('hello')\n",
        "try:\n    from azureml.core import Run\nexcept ImportError:\n    Run = None\n",
        "import mlflow\nmodel = mlflow.pyfunc.load_model('model')\n",
        "import mlflow\nmlflow.set_tracking_uri('sqlite:///runs.db')\nmlflow.autolog()\n",
    ],
)
def test_a_script_that_needs_nothing_of_azure_ml(script: str) -> None:
    there = world(
        **{
            ".azureml/train.runconfig": V1.format(image=IMAGE),
            ".azureml/conda_dependencies.yml": conda("mlflow==2.16"),
            "train.py": script,
        }
    )
    assert not findings(there, ".azureml/conda_dependencies.yml")


@pytest.mark.parametrize(
    "pip",
    [
        ("azureml-core==1.60.0",),
        ("azureml-sdk~=1.60.0",),
        ("azureml-sdk==1.0.85",),
        ("azureml-telemetry==1.55.0",),
        ("-r requirements.txt",),
        ("-r missing.txt",),
        ("-e .",),
        ("azureml-something-new==1.60.0",),
    ],
)
def test_what_brings_the_sdk_or_may(pip: tuple[str, ...]) -> None:
    there = world(
        **{
            ".azureml/train.runconfig": V1.format(image=IMAGE),
            ".azureml/conda_dependencies.yml": conda(*pip),
            ".azureml/requirements.txt": "azureml-defaults==1.60.0\n",
            "train.py": "from azureml.core import Run, Dataset\n",
        }
    )
    found = findings(there, ".azureml/conda_dependencies.yml")
    assert bool(found) is (pip[0] in ("azureml-core==1.60.0", "azureml-telemetry==1.55.0"))


SERVICE = (
    "inferencingStackVersion: latest\npython:\n  condaDependenciesFile: conda.yml\ndocker:\n  baseImage: {image}\n"
)


@pytest.mark.parametrize(
    ("pip", "added"),
    [
        (["azureml-core==1.57.0"], ["- azureml-defaults~=1.57.0"]),
        (["azureml-sdk==1.57.0"], ["- azureml-defaults~=1.57.0"]),
        (["pandas==2.2"], ["- azureml-defaults~=1.62"]),
        (["azureml-sdk==1.0.85"], ["- azureml-defaults==1.0.85.*"]),
        (["azureml-core==1.3.0"], ["- azureml-defaults~=1.3.0"]),
        (["azureml-defaults==1.0.39"], ["- azureml-defaults~=1.62"]),
    ],
)
def test_a_web_service_of_sdk_v1(pip: list[str], added: list[str]) -> None:
    """That another package brings azureml-defaults, or its SDK, is not enough."""
    there = world(**{"section.yml": SERVICE.format(image=IMAGE), "conda.yml": conda(*pip)})
    assert_one(there, "conda.yml", *added)


def test_a_web_service_needs_no_older_defaults() -> None:
    there = world(**{"section.yml": SERVICE.format(image=IMAGE), "conda.yml": conda("azureml-defaults==1.0.39")})
    (one,) = findings(there, "conda.yml")
    assert "1.0.45 or newer" in one.finding.message


# -- CLI v2 ---------------------------------------------------------------------------------------------------

PIPELINE = """$schema: https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json
type: pipeline
inputs:
  taxi:
    type: mltable
    path: azureml:taxi:1
jobs:
  train:
    type: command
    component: ./components/train.yml
  score:
    type: parallel
    mini_batch_size: "1"
    input_data: ${{inputs.taxi}}
    inputs:
      taxi:
        type: mltable
        path: ${{parent.inputs.taxi}}
    outputs:
      scores:
        type: uri_folder
    task:
      type: run_function
      code: src
      entry_script: score.py
      environment:
        image: IMAGE
        conda_file: conda.yml
""".replace("IMAGE", IMAGE)
COMPONENT = f"""$schema: https://azuremlschemas.azureedge.net/latest/commandComponent.schema.json
name: train
version: "1"
type: command
code: ../src
command: python train.py
environment:
  image: {IMAGE}
  conda_file: ../environment/train.yml
"""


def pipeline() -> World:
    return world(
        **{
            "pipeline.yml": PIPELINE,
            "components/train.yml": COMPONENT,
            "environment/train.yml": conda("scikit-learn==1.5"),
            "conda.yml": conda("scikit-learn==1.5", "mlflow==2.16"),
            "src/train.py": "import mlflow\n\nwith mlflow.start_run():\n    mlflow.log_metric('loss', 1)\n",
            "src/score.py": "import mlflow\n\ndef run(batch):\n    return mlflow.pyfunc.load_model('m').predict(batch)\n",
        }
    )


def test_a_component_that_logs_with_mlflow() -> None:
    (one,) = findings(pipeline(), "environment/train.yml")
    after = mended(pipeline(), "environment/train.yml", one)
    assert after.files[ROOT / "environment/train.yml"].endswith("      - azureml-mlflow~=1.60\n")
    assert not findings(after, "environment/train.yml", "AML", "ENV4")


def test_a_parallel_step_over_a_table() -> None:
    added = ["- azureml-core~=1.61", "- azureml-dataset-runtime[fuse,pandas]~=1.62", "- mltable>=1.5"]
    (one,) = findings(pipeline(), "conda.yml")
    assert "parallel job step `score` of `pipeline.yml`" in one.finding.message
    assert len(one.finding.fixes) == 4, "all together, then each"
    after = mended(pipeline(), "conda.yml", one)
    text = after.files[ROOT / "conda.yml"]
    assert [line.strip() for line in text.splitlines()][-3:] == added
    assert not findings(after, "conda.yml", "AML", "ENV4")


@pytest.mark.parametrize(
    ("python", "added"),
    [
        ("3.11", "- azureml-inference-server-http>=1.4"),
        ("3.8", "- azureml-inference-server-http>=1.0,<1.3"),
        ("3.7", "- azureml-inference-server-http~=0.8.4"),
    ],
)
def test_a_scripted_deployment_needs_its_server(python: str, added: str) -> None:
    there = world(
        **{"deployment.yml": scripted(), "conda.yml": conda("pandas==2.0", python=python), "src/score.py": ""}
    )
    assert_one(there, "conda.yml", added)


@pytest.mark.parametrize(
    ("pip", "found"),
    [
        (("azureml-defaults==1.43.0",), False),
        (("azureml-defaults",), False),
        (("azureml-defaults==1.30.0",), True),
        (("azureml-defaults~=1.30.0",), True),
        (("azureml-defaults>=1.30",), False),
        (("azureml-core==1.43.0",), True),
    ],
)
def test_azureml_defaults_brings_the_server_since_1_36(pip: tuple[str, ...], found: bool) -> None:
    there = world(**{"deployment.yml": scripted(), "conda.yml": conda(*pip, python="3.7"), "src/score.py": ""})
    assert bool(findings(there, "conda.yml")) is found


def test_an_image_with_a_server_of_its_own() -> None:
    routes = "".join(f"    {one}_route: {{path: /, port: 5001}}\n" for one in ("liveness", "readiness", "scoring"))
    text = scripted().replace("  conda_file", f"  inference_config:\n{routes}  conda_file")
    there = world(**{"deployment.yml": text, "conda.yml": conda("pandas==2.0"), "src/score.py": ""})
    assert not findings(there, "conda.yml")


def test_a_deployed_mlflow_model() -> None:
    deployment = (
        "$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json\n"
        "name: blue\nendpoint_name: taxi\nmodel:\n  type: mlflow_model\n  path: model\n"
    )
    there = world(**{"deployment.yml": deployment, "model/conda.yaml": conda("mlflow==2.16", name="mlflow-env")})
    (one,) = findings(there, "model/conda.yaml")
    after = mended(there, "model/conda.yaml", one)
    tail = after.files[ROOT / "model/conda.yaml"].splitlines()[-2:]
    assert [line.strip() for line in tail] == ["- azureml-inference-server-http>=1.4", "- azureml-ai-monitoring>=1.0"]
    assert not findings(after, "model/conda.yaml", "AML", "ENV4")


def test_a_scripted_batch_deployment() -> None:
    text = scripted("batchDeployment", compute="azureml:cpu")
    pip = "azureml-dataset-runtime~=1.60.0"
    there = world(**{"deployment.yml": text, "conda.yml": conda("azureml-core==1.60.0", pip), "src/score.py": ""})
    assert_one(there, "conda.yml", "- azureml-dataset-runtime[fuse]~=1.60.0")


def test_packages_in_the_definition_itself() -> None:
    inline = "conda_file:\n    channels: [conda-forge]\n    dependencies:\n      - python=3.10\n      - numpy=1.26\n"
    text = scripted().replace("conda_file: conda.yml\n", inline)
    assert_one(
        world(**{"deployment.yml": text, "src/score.py": ""}),
        "deployment.yml",
        *(
            "- pip",
            "- pip:",
            "- azureml-inference-server-http>=1.4",
        ),
    )


def test_the_packages_of_an_environment_in_a_file_of_its_own() -> None:
    inline = "name: taxi\nimage: some/image:1\nconda_file: {channels: [conda-forge], dependencies: [python=3.8, pip, pip: [pandas==1.5]]}\n"
    text = scripted().replace(
        f"environment:\n  image: {IMAGE}\n  conda_file: conda.yml", "environment: file:environment.yml"
    )
    there = world(**{"deployment.yml": text, "environment.yml": inline, "src/score.py": ""})
    (one,) = findings(there, "environment.yml")
    after = mended(there, "environment.yml", one)
    assert "[pandas==1.5, 'azureml-inference-server-http>=1.0,<1.3']" in after.files[ROOT / "environment.yml"]
    assert not findings(after, "environment.yml", "AML", "ENV4")


def test_a_command_job_needs_nothing() -> None:
    there = world(**{"job.yml": job(), "conda.yml": conda("pandas==2.0"), "src/train.py": "import pandas\n"})
    assert not findings(there, "conda.yml")


@pytest.mark.parametrize(
    ("command", "added"),
    [
        ("papermill train.ipynb out.ipynb", ["- ipykernel>=6", "- papermill>=2.4"]),
        ("jupyter nbconvert --execute train.ipynb", ["- ipykernel>=6", "- nbconvert>=6.5"]),
    ],
)
def test_a_job_that_runs_a_notebook(command: str, added: list[str]) -> None:
    there = world(**{"job.yml": job(command), "conda.yml": conda("pandas==2.0"), "src/train.ipynb": "{}"})
    assert_one(there, "conda.yml", *added)


# -- Workbench and notebooks ----------------------------------------------------------------------------------


def notebook(kernel: str) -> str:
    return json.dumps({"cells": [], "metadata": {"kernelspec": {"display_name": kernel, "name": "k"}}})


def workbench(kernel: str) -> World:
    return world(
        **{
            "aml_config/docker.runconfig": "ArgumentVector: [train.py]\nTarget: docker\nFramework: Python\n"
            "CondaDependenciesFile: aml_config/conda_dependencies.yml\n",
            "aml_config/docker.compute": "type: localdocker\nbaseDockerImage: microsoft/mmlspark:plus-0.9.9\n",
            "aml_config/conda_dependencies.yml": conda("requests==2.18", python="3.5.2", name="project_environment"),
            "train.py": "import numpy\n",
            "iris.ipynb": notebook(kernel),
        }
    )


def test_a_notebook_whose_kernel_is_a_run_configuration_of_workbench() -> None:
    assert_one(workbench("iris docker"), "aml_config/conda_dependencies.yml", "- ipykernel=4.6.1")
    assert not findings(workbench("Python 3"), "aml_config/conda_dependencies.yml")


@pytest.mark.parametrize("kernel", ["training", "Python (training)", "Python [conda env:training]"])
def test_a_notebook_whose_kernel_is_in_the_environment(kernel: str) -> None:
    there = world(**{"environment.yml": conda("requests==2.31"), "notebooks/explore.ipynb": notebook(kernel)})
    assert_one(there, "environment.yml", "- ipykernel>=6")


# -- versions -------------------------------------------------------------------------------------------------


def served(there: World, name: str, *releases: str, requires: tuple[str, ...] = ()) -> World:
    """The world with an index that has a package."""
    answer = package(name, releases, "the index")
    assert isinstance(answer, Known) and isinstance(answer.value, Package)
    known = answer.value
    found = Package(known.name, known.releases, known.newest, requires=requires, where="the index")
    there.packages.update({question: Known(found) for question in _asked(there, name)})
    return there


def _asked(there: World, name: str) -> list[PipPackage]:
    facts = there.facts()
    check(there.document(ROOT / "conda.yml"), facts, QUIET)
    return [asked for asked in facts.asked if isinstance(asked, PipPackage) and asked.name == name]


@pytest.mark.parametrize(
    ("releases", "requires", "added"),
    [
        (("1.5.1", "1.4.1"), (), "azureml-inference-server-http==1.5.1"),
        (("1.5.1[python:>=3.12]", "1.4.1[python:>=3.9]", "1.3.4"), (), "azureml-inference-server-http==1.4.1"),
        (("1.5.1", "1.4.1"), ("flask~=3.1.0",), "azureml-inference-server-http>=1.4"),
        (("1.5.1", "1.4.1"), ("flask~=3.1.0; extra == 'dev'",), "azureml-inference-server-http==1.5.1"),
    ],
)
def test_the_newest_that_fits(releases: tuple[str, ...], requires: tuple[str, ...], added: str) -> None:
    files = {"deployment.yml": scripted(), "conda.yml": conda("flask==2.0.3"), "src/score.py": ""}
    there = served(world(**files), "azureml-inference-server-http", *releases, requires=requires)
    (one,) = findings(there, "conda.yml")
    assert one.finding.fixes[0].title == f"Add `{added}`"


def test_no_version_is_guessed() -> None:
    there = world(**{"deployment.yml": scripted(), "conda.yml": conda("six==1.16", python="2.7"), "src/score.py": ""})
    (one,) = findings(there, "conda.yml")
    assert not one.finding.fixes


# -- the wrong list -------------------------------------------------------------------------------------------


def test_what_is_moved_to_pip_brings_pip_along() -> None:
    there = world(**{"environment.yml": conda().replace("numpy=1.26", "azureml-defaults=1.60.0")})
    (one,) = findings(there, "environment.yml", "ENV")
    assert one.rule.code == "ENV308"
    after = mended(there, "environment.yml", one)
    assert after.files[ROOT / "environment.yml"].endswith("  - pip\n  - pip:\n      - azureml-defaults==1.60.0\n")
    assert not findings(after, "environment.yml", "AML", "ENV")


def test_what_is_moved_in_a_definition_stays_in_its_environment() -> None:
    inline = "conda_file:\n    channels: [conda-forge]\n    dependencies:\n      - python=3.10\n      - azureml-core=1.60.0\n"
    there = world(**{"job.yml": job().replace("conda_file: conda.yml\n", inline), "src/train.py": ""})
    (one,) = findings(there, "job.yml", "ENV")
    text = mended(there, "job.yml", one).files[ROOT / "job.yml"]
    assert "      - python=3.10\n      - pip\n      - pip:\n        - azureml-core==1.60.0\ncompute" in text.replace(
        "          -", "        -"
    )


# -- files that are not there ---------------------------------------------------------------------------------


@pytest.mark.parametrize("through", ["", "environment.yml"])
def test_a_conda_file_that_is_made_has_what_is_needed(through: str) -> None:
    """The missing file is the finding; what runs in it is told there, and stands in the file that is made."""
    text = scripted()
    files = {"deployment.yml": text, "src/score.py": "import json\n"}
    if through:
        defined = f"environment:\n  image: {IMAGE}\n  conda_file: conda.yml"
        files["deployment.yml"] = text.replace(defined, f"environment: file:{through}")
        files[through] = f"name: taxi\nimage: {IMAGE}\nconda_file: conda.yml\n"
    there = world(**files)
    name = through or "deployment.yml"
    (one,) = findings(there, name)
    assert one.rule.code == "AML401"
    assert "`deployment.yml` needs `azureml-inference-server-http` in it" in one.finding.message
    made = changes_of([one.finding.fixes[0]], there.document(ROOT / name), there.facts()).created
    after = World({**there.files, **made})
    assert after.files[ROOT / "conda.yml"].endswith("      - azureml-inference-server-http>=1.4\n")
    for path in after.files:
        assert not findings(after, path.relative_to(ROOT).as_posix(), "AML", "ENV")


def test_what_a_module_of_the_project_calls_counts() -> None:
    there = world(
        **{
            "job.yml": job(),
            "conda.yml": conda("mlflow==2.16"),
            "src/train.py": "from tracking.metrics import tell\n\ntell(1)\n",
            "src/tracking/metrics.py": "import mlflow\n\ndef tell(loss):\n    mlflow.log_metric('loss', loss)\n",
        }
    )
    (one,) = findings(there, "conda.yml")
    assert "`metrics.py`, which `job.yml` leads to, needs `azureml-mlflow`" in one.finding.message
    (related,) = one.finding.related
    assert related.path == ROOT / "src/tracking/metrics.py"


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("score/inference_config.yml", "entryScript: score.py\nruntime: python\ncondaFile: conda.yml\nbaseImage:\n"),
        (
            ".azureml/inferenceconfig.json",
            '{"entryScript": "score.py", "runtime": "python", "condaFile": "score/conda.yml", "sourceDirectory": null}',
        ),
        ("inferenceconfig.json", '{"entryScript": "score.py", "condaFile": "conda.yml", "sourceDirectory": "score"}'),
    ],
)
def test_a_web_service_of_an_inference_configuration(where: str, text: str) -> None:
    there = world(**{where: text, "score/conda.yml": conda("azureml-core==1.57.0"), "score/score.py": "import json\n"})
    assert_one(there, "score/conda.yml", "- azureml-defaults~=1.57.0")


def test_both_generations_where_a_parallel_job_needs_the_old_one() -> None:
    pip = ("azure-ai-ml==1.35.2", "azureml-core~=1.61", "azureml-dataset-runtime[fuse,pandas]~=1.62", "mltable>=1.5")
    files = {"pipeline.yml": PIPELINE, "conda.yml": conda(*pip), "src/score.py": "import json\n", "src/train.py": ""}
    assert not findings(world(**files), "conda.yml")
    del files["pipeline.yml"]
    assert [one.rule.code for one in findings(world(**files), "conda.yml")] == ["AML408"]


def test_no_fix_where_an_extra_is_not_to_be_had() -> None:
    """azureml-dataset-runtime[pandas] wants pandas below 2, which is not made for Python 3.12."""
    files = {"pipeline.yml": PIPELINE, "conda.yml": conda("six==1.16", python="3.12"), "src/score.py": ""}
    (one,) = findings(world(**files), "conda.yml")
    assert [fix.title for fix in one.finding.fixes] == ["Add `azureml-core~=1.61`", "Add `mltable>=1.5`"]
