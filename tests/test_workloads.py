"""What runs, and in what environment, whatever the dialect."""

from __future__ import annotations

import pytest
from toy import ROOT, World

from envls.runs import Role, Workload, environment_of, workloads_in, workloads_of

CONDA = "name: training\ndependencies:\n  - python=3.11\n"
V1 = "script: train.py\ntarget: cpu\nenvironment: section.yml\ncommunicator: None\n"


def world(**files: str) -> World:
    return World({ROOT / name: text for name, text in files.items()})


def workloads(world: World, name: str) -> list[Workload]:
    return workloads_of(world.document(ROOT / name), world.facts())


def told(workload: Workload) -> tuple[str, str, bool, bool | None]:
    environment = workload.environment
    path = environment.path.relative_to(ROOT).as_posix() if environment.path else ""
    return workload.role.value, path, environment.packages is not None, environment.made


def test_a_managed_run_of_workbench_is_made_from_its_conda_file() -> None:
    there = world(
        **{
            "aml_config/docker.runconfig": 'ArgumentVector: ["train.py"]\nTarget: docker\nFramework: Python\n'
            "CondaDependenciesFile: aml_config/conda_dependencies.yml\n",
            "aml_config/docker.compute": "type: localdocker\nbaseDockerImage: some/image:1\n",
            "aml_config/conda_dependencies.yml": CONDA,
        }
    )
    (found,) = workloads(there, "aml_config/docker.runconfig")
    assert told(found) == ("run", "aml_config/conda_dependencies.yml", True, True)
    assert [script.path for script in found.scripts] == [ROOT / "train.py"]
    assert found.environment.image == "some/image:1"


def test_a_local_run_of_workbench_lives_in_the_environment_of_its_interpreter() -> None:
    there = world(
        **{
            "aml_config/local.runconfig": "ArgumentVector: [train.py]\nTarget: local\nFramework: Python\n"
            "CondaDependenciesFile: aml_config/conda_dependencies.yml\n",
            "aml_config/local.compute": "type: local\npythonLocation: /home/me/conda/envs/training/bin/python\n",
            "aml_config/conda_dependencies.yml": "name: other\ndependencies: [python]\n",
            "aml_config/training_conda_dependencies.yml": CONDA,
        }
    )
    (found,) = workloads(there, "aml_config/local.runconfig")
    assert told(found) == ("run", "aml_config/training_conda_dependencies.yml", True, False)


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("python:\n  condaDependenciesFile: env.yml\n", ("run", "env.yml", True, True)),
        ("python:\n  condaDependencies:\n    dependencies: [python]\n", ("run", "section.yml", True, True)),
        ("python:\n  userManagedDependencies: true\n  condaDependenciesFile: env.yml\n", ("run", "", False, False)),
        ("python:\n  condaDependenciesFile: gone.yml\n", ("run", "gone.yml", False, True)),
    ],
)
def test_the_environment_of_a_v1_run(section: str, expected: tuple[str, str, bool, bool]) -> None:
    there = world(**{"run.runconfig": V1, "section.yml": section, "env.yml": CONDA})
    (found,) = workloads(there, "run.runconfig")
    assert told(found) == expected


def test_a_section_for_web_services_is_a_workload() -> None:
    section = "python:\n  condaDependenciesFile: env.yml\ninferencingStackVersion: latest\n"
    there = world(**{"section.yml": section, "env.yml": CONDA})
    assert [told(one) for one in workloads(there, "section.yml")] == [("web service", "env.yml", True, True)]


@pytest.mark.parametrize(
    "environment",
    [
        "file:environments/training.yml",
        "azureml:training@latest",
        "azureml:training:3",
        "\n  image: some/image:1\n  conda_file: environments/env.yml",
    ],
)
def test_a_job_finds_its_conda_file(environment: str) -> None:
    there = world(
        **{
            "job.yml": f"type: command\ncommand: python train.py\ncode: src\nenvironment: {environment}\ncompute: azureml:cpu\n",
            "environments/training.yml": "name: training\nimage: some/image:1\nconda_file: env.yml\n",
            "environments/env.yml": CONDA,
        }
    )
    (found,) = workloads(there, "job.yml")
    assert told(found) == ("job", "environments/env.yml", True, True)
    (same,) = workloads_in(there.document(ROOT / "environments/env.yml"), there.facts()) or []
    assert same == found


def test_what_is_registered_elsewhere_has_no_conda_file() -> None:
    curated = "azureml://registries/azureml/environments/sklearn-1.5/labels/latest"
    there = world(**{"job.yml": f"command: python train.py\nenvironment: {curated}\ncompute: azureml:cpu\n"})
    (found,) = workloads(there, "job.yml")
    assert told(found) == ("job", "", False, None)
    assert found.environment.registered == curated.removeprefix("azureml:")


def test_the_steps_of_a_pipeline_and_their_scripts() -> None:
    text = """
type: pipeline
jobs:
  prepare:
    type: command
    code: src
    command: >-
      python prepare.py
      --data ${{inputs.data}}
    environment:
      image: some/image:1
      conda_file: env.yml
  train:
    type: parallel
    mini_batch_size: "1"
    task:
      type: run_function
      code: src
      entry_script: score.py
      environment:
        image: some/image:1
        conda_file:
          dependencies: [python]
"""
    there = world(**{"pipeline.yml": text, "env.yml": CONDA})
    prepare, train = workloads(there, "pipeline.yml")
    assert (prepare.step, told(prepare)) == ("prepare", ("job", "env.yml", True, True))
    assert (train.role, train.environment.path) == (Role.PARALLEL, ROOT / "pipeline.yml")
    (script,) = prepare.scripts
    assert script.path == ROOT / "src/prepare.py"
    assert text[script.span.start : script.span.end] == "prepare.py"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("python train.py --rate 0.1", ["src/train.py"]),
        ("pip install . && python -u './a/train.py' --out ${{outputs.model}}", ["src/a/train.py"]),
        ("torchrun --nproc_per_node 4 train.py", ["src/train.py"]),
        ("python -m package.train", ["src/package/train.py", "src/package/train/__main__.py"]),
        ("Rscript train.R", []),
        ("python ${{inputs.code}}/train.py", []),
    ],
)
def test_the_programs_of_a_command(command: str, expected: list[str]) -> None:
    there = world(**{"job.yml": f'command: "{command}"\ncode: src\nenvironment: azureml:x:1\ncompute: azureml:cpu\n'})
    (found,) = workloads(there, "job.yml")
    assert [script.path.relative_to(ROOT).as_posix() for script in found.scripts] == expected


@pytest.mark.parametrize(("kind", "role"), [("managed", Role.ONLINE), ("kubernetes", Role.ONLINE)])
def test_a_scripted_deployment(kind: str, role: Role) -> None:
    text = f"""
type: {kind}
name: blue
endpoint_name: taxi
model: azureml:taxi:1
code_configuration:
  code: src
  scoring_script: score.py
environment:
  image: some/image:1
  conda_file: env.yml
"""
    there = world(**{"deployment.yml": text, "env.yml": CONDA})
    (found,) = workloads(there, "deployment.yml")
    assert (found.role, found.environment.path) == (role, ROOT / "env.yml")
    assert [script.path for script in found.scripts] == [ROOT / "src/score.py"]


def test_a_deployment_of_an_mlflow_model_has_the_environment_of_the_model() -> None:
    text = "name: blue\nendpoint_name: taxi\nmodel:\n  type: mlflow_model\n  path: model\n"
    there = world(**{"deployment.yml": text, "model/conda.yaml": CONDA})
    (found,) = workloads(there, "deployment.yml")
    assert (found.role, found.environment.path) == (Role.ONLINE_MLFLOW, ROOT / "model/conda.yaml")
    assert found.environment.packages is not None


def test_a_deployment_without_a_scoring_script_has_its_own_environment() -> None:
    text = "name: blue\nendpoint_name: taxi\nmodel: azureml:taxi:1\nenvironment:\n  image: server:1\n"
    (found,) = workloads(world(**{"deployment.yml": text}), "deployment.yml")
    assert (found.role, found.environment.image) == (Role.DEPLOYMENT, "server:1")


def test_why_a_conda_file_is_not_read_and_whose_interpreter_runs() -> None:
    section = "python:\n  userManagedDependencies: true\n  interpreterPath: ~/envs/mine/bin/python\n  condaDependenciesFile: env.yml\n"
    there = world(**{"run.runconfig": V1, "section.yml": section, "env.yml": CONDA})
    environment = workloads(there, "run.runconfig")[0].environment
    assert (environment.because, environment.lives_in) == ("userManagedDependencies is true", "mine")
    assert environment.reference is not None and environment.path is None
    described = environment_of(there.document(ROOT / "section.yml"), there.facts())
    assert described and described.lives_in == "mine"
    assert environment_of(there.document(ROOT / "env.yml"), there.facts()) is None


def test_a_step_is_known_by_its_name_however_deep_it_says_what_runs() -> None:
    text = "type: pipeline\njobs:\n  score:\n    type: parallel\n    task:\n      type: run_function\n      entry_script: a.py\n"
    (found,) = workloads(world(**{"pipeline.yml": text}), "pipeline.yml")
    assert found.step == "score"
