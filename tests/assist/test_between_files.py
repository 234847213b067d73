"""From a path to its file and back, who uses a file, and what a run will run in."""

from __future__ import annotations

import pytest
from toy import ROOT, World, at_cursor

from envls.assist.lenses import lenses
from envls.assist.links import links
from envls.assist.references import Location, definition, references

DOCKER = 'ArgumentVector:\n  - "train.py"\nTarget: docker\nCondaDependenciesFile: "aml_config/conda.yml"\n'
PROJECT = {
    "train.py": "print()\n",
    "aml_config/conda.yml": "# made for all\nname: project_environment\ndependencies:\n  - python=3.5.2\n",
    "aml_config/here.yml": "name: hello_env\ndependencies:\n  - python=3.5.2\n",
    "aml_config/docker.compute": "type: localdocker\nbaseDockerImage: mml:1\n",
    "aml_config/local.compute": "type: local\npythonLocation: '%HOME%/envs/hello_env/python.exe'\n",
    "aml_config/spark.compute": "type: cluster\n",
    "aml_config/docker.runconfig": DOCKER,
    "aml_config/local.runconfig": "Target: local\nCondaDependenciesFile: aml_config/conda.yml\nTrackedRun: true\n",
    "job.yml": "command: python train.py\nenvironment:\n  image: x:1\n  conda_file: ./aml_config/conda.yml\n",
}


def world(**more: str) -> World:
    return World({ROOT / name: text for name, text in {**PROJECT, **more}.items()})


def opened(name: str, text: str, **more: str) -> tuple[World, int]:
    plain, offset = at_cursor(text)
    there = world(**more)
    there.files[ROOT / name] = plain
    return there, offset


def place(there: World, location: Location) -> str:
    """A location as a test writes it: the file, and what stands at the place."""
    path, span = location.path, location.span
    said = there.files[path][span.start : span.end]
    return path.relative_to(ROOT).as_posix() + (f": {said}" if said else "")


def goes_to(name: str, text: str, **more: str) -> str:
    """Where the words at the `$0` lead, and which words these are; "" for nowhere."""
    there, offset = opened(name, text, **more)
    found = definition(there.document(ROOT / name), offset, there.facts())
    if found is None:
        return ""
    return f"{there.files[ROOT / name][found.span.start : found.span.end]} -> {place(there, found.location)}"


def referred(name: str, text: str, **more: str) -> list[str]:
    there, offset = opened(name, text, **more)
    return [place(there, one) for one in references(there.document(ROOT / name), offset, there.facts())]


def lens(name: str, text: str = "", **more: str) -> list[str]:
    there = world(**more)
    there.files[ROOT / name] = text or there.files[ROOT / name]
    return [one.title for one in lenses(there.document(ROOT / name), there.facts())]


# -- go to definition -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "there"),
    [
        ("aml_config/a.runconfig", DOCKER.replace("conda.yml", "co$0nda.yml"), "aml_config/conda.yml"),
        ("aml_config/a.runconfig", DOCKER.replace("docker", "$0docker"), "aml_config/docker.compute"),
        ("aml_config/a.runconfig", DOCKER.replace('"train', '$0"train'), "train.py"),
        ("aml_config/a.runconfig", DOCKER.replace("conda.yml", "no$0where.yml"), ""),
        ("jobs/a.yml", "image: x:1\nconda_file: ../aml_config/conda.yml$0\n", "aml_config/conda.yml"),
        (".azureml/a.runconfig", "environment: {python: {condaDependenciesFile: $0aml_config/conda.yml}}", "aml_config/conda.yml"),
        ("aml_config/x.compute", "type: local\npythonLocation: /opt/en$0vs/hello_env/bin/python\n", "here.yml: hello_env"),
        ("aml_config/x.compute", "type: local\npythonLocation: /opt/en$0vs/other/bin/python\n", ""),
        ("environment.yml", "dependencies:\n  - pip:\n    - -r re$0qs.txt\n", "reqs.txt"),
        ("environment.yml", "dependencies:\n  - pip:\n    - --constraint='reqs.txt'$0\n", "reqs.txt"),
        ("environment.yml", "dependencies:\n  - pip:\n    - ./pkg-1.0-py3-none-any.w$0hl\n", ""),
        ("environment.yml", "dependencies:\n  - pip:\n    - -r https://example.com/re$0qs.txt\n", ""),
        ("job.yml", "command: x\nenvironment: file:./en$0v.yml\n", "env.yml"),
        ("values.yml", "CondaDependenciesFile: aml_config/co$0nda.yml\n", ""),
    ],
)  # fmt: skip
def test_a_path_leads_to_its_file(name: str, text: str, there: str) -> None:
    files = {"reqs.txt": "requests\n", "pkg-1.0-py3-none-any.whl": "", "env.yml": "image: x:1\nconda_file: c.yml\n"}
    found = goes_to(name, text, **files)
    assert found.endswith(there) if there else not found


def test_what_is_underlined_is_the_path_alone() -> None:
    found = goes_to("environment.yml", "dependencies:\n  - pip:\n    - '-r reqs$0.txt'\n", **{"reqs.txt": ""})
    assert found == "reqs.txt -> reqs.txt"
    found = goes_to("aml_config/a.runconfig", DOCKER.replace("conda.yml", "co$0nda.yml"))
    assert found == "aml_config/conda.yml -> aml_config/conda.yml"


# -- references -----------------------------------------------------------------------------------------------

USES = [
    "aml_config/docker.runconfig: aml_config/conda.yml",
    "aml_config/local.runconfig: aml_config/conda.yml",
    "job.yml: ./aml_config/conda.yml",
]


def test_who_uses_a_conda_file() -> None:
    assert referred("aml_config/conda.yml", "name: pro$0ject_environment\ndependencies:\n  - python=3.5.2\n") == USES
    assert referred("aml_config/docker.runconfig", DOCKER.replace("conda.yml", "co$0nda.yml")) == USES
    assert referred("aml_config/conda.yml", "name: project_environment\ndependencies:\n  - pyt$0hon=3.5.2\n") == []
    interpreter = "aml_config/local.compute: %HOME%/envs/hello_env/python.exe"
    assert referred("aml_config/here.yml", "na$0me: hello_env\ndependencies:\n  - python=3.5.2\n") == [interpreter]
    assert referred("aml_config/docker.compute", "ty$0pe: localdocker\n") == ["aml_config/docker.runconfig: docker"]
    assert referred("reqs.yml", "dependencies:\n  - pip:\n    - -r re$0qs.txt\n", **{"reqs.txt": ""}) == [
        "reqs.yml: reqs.txt"
    ]


def test_the_default_file_is_used_by_a_run_that_names_none() -> None:
    text = "na$0me: p\ndependencies:\n  - python=3.5.2\n"
    found = referred(
        "aml_config/conda_dependencies.yml",
        text,
        **{"aml_config/docker.runconfig": "Target: docker\nTrackedRun: true\nPrepareEnvironment: true\n"},
    )
    assert found == ["aml_config/docker.runconfig"]


# -- links ----------------------------------------------------------------------------------------------------


def test_what_can_be_clicked() -> None:
    text = (
        "channels:\n  - https://example.com/channel\n  - https://me:word@example.com/secret\ndependencies:\n"
        "  - pip:\n    - -r reqs.txt\n    - -r gone.txt\n    - x @ https://example.com/x.whl?sig=1\n"
    )
    there = world(**{"environment.yml": text, "reqs.txt": ""})
    found = [(text[one.span.start : one.span.end], one.target) for one in links(
        there.document(ROOT / "environment.yml"), there.facts()
    )]  # fmt: skip
    assert found == [("reqs.txt", ROOT / "reqs.txt"), ("https://example.com/channel", "https://example.com/channel")]


# -- lenses ---------------------------------------------------------------------------------------------------


def test_a_conda_file_says_who_uses_it() -> None:
    assert lens("aml_config/conda.yml") == ["used by docker.runconfig, job.yml"]
    assert lens("aml_config/here.yml") == ["used by local.runconfig"]
    assert lens("environment.yml", "name: a\ndependencies:\n  - python\n") == []
    more = {f"aml_config/{name}.runconfig": DOCKER for name in "abc"}
    assert lens("aml_config/conda.yml", **more) == ["used by a.runconfig, b.runconfig, c.runconfig and 2 more"]
    same = {f"{name}/job.yml": "command: x\nenvironment:\n  conda_file: ../aml_config/conda.yml\n" for name in "ab"}
    shown = "used by docker.runconfig, ../a/job.yml, ../b/job.yml and 1 more"
    assert lens("aml_config/conda.yml", **same) == [shown]


def test_the_lens_stands_at_the_first_key_and_knows_its_places() -> None:
    there = world()
    (found,) = lenses(there.document(ROOT / "aml_config/conda.yml"), there.facts())
    assert there.files[ROOT / "aml_config/conda.yml"][found.span.start :].startswith("name:")
    assert [place(there, one) for one in found.places] == [USES[0], USES[2]], "the local run only names it"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (DOCKER, "python in mml:1 · packages from aml_config/conda.yml"),
        (
            DOCKER.replace("conda.yml", "no.yml"),
            "python in mml:1 · packages from aml_config/no.yml, which is not there",
        ),
        (DOCKER.replace("docker", "spark"), "python on the cluster · packages from aml_config/conda.yml"),
        (
            DOCKER.replace("docker", "local"),
            "python in hello_env · aml_config/conda.yml is not used: the target is local",
        ),
        ("Target: local\nTrackedRun: true\n", "python in hello_env"),
        ("Target: nowhere\nTrackedRun: true\n", ""),
        ("TrackedRun: true\n", ""),
    ],
)
def test_a_run_configuration_says_what_it_runs_in(text: str, title: str) -> None:
    assert lens("aml_config/a.runconfig", text) == ([title] if title else [])


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("command: x\nenvironment:\n  image: i:1\n  conda_file: aml_config/conda.yml\n", "python in i:1 · packages from aml_config/conda.yml"),
        ("name: e\nimage: i:1\nconda_file: no.yml\n", "python in i:1 · packages from no.yml, which is not there"),
        ("image: i:1\nconda_file: {name: x, dependencies: [python]}\n", "python in i:1 · packages listed here"),
        ("command: x\nenvironment: file:e.yml\n", "python in e:1 · packages from conda.yml"),
        ("command: x\nenvironment: azureml:curated@latest\n", "environment curated@latest of the workspace"),
    ],
)  # fmt: skip
def test_a_job_says_what_its_environment_is(text: str, title: str) -> None:
    defined = "image: e:1\nconda_file: aml_config/conda.yml\n"
    assert lens("train_job.yml", text, **{"e.yml": defined}) == ([title] if title else [])


V1 = "script: train.py\ntarget: cpu\nenvironment:\n  docker:\n    baseImage: az:1\n  python:\n    {}\n"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (
            V1.format("condaDependenciesFile: aml_config/conda.yml"),
            "python in az:1 · packages from aml_config/conda.yml",
        ),
        (
            V1.format("userManagedDependencies: true\n    interpreterPath: python3\n    condaDependenciesFile: no.yml"),
            "python3 · no.yml is not used: userManagedDependencies is true",
        ),
        ("script: a.py\ntarget: cpu\nenvironment: {}\n", ""),
        (V1.format("condaDependencies:\n      dependencies: [python=3.8]"), "python in az:1 · packages listed here"),
        (
            "script: a.py\ntarget: cpu\nenvironment:\n  name: AzureML-Minimal\n",
            "environment AzureML-Minimal of Azure ML",
        ),
        (
            V1.format("condaDependenciesFile: conda.yml").replace("cpu", "local"),
            "python on this machine · packages from conda.yml, which is not there",
        ),
    ],
)
def test_a_run_configuration_of_sdk_v1_says_it_too(text: str, title: str) -> None:
    assert lens(".azureml/a.runconfig", text) == ([title] if title else [])


REGISTERED = "name: taxi\nimage: x:1\nconda_file: aml_config/conda.yml\n"


def test_the_name_of_a_registered_environment_leads_to_the_file_that_registers_it() -> None:
    job = "command: a\nenvironment: azureml:ta$0xi@latest\n"
    assert goes_to("jobs/job.yml", job, **{"env.yml": REGISTERED}) == "azureml:taxi@latest -> env.yml: taxi"
    assert not goes_to("jobs/job.yml", job, **{"env.yml": REGISTERED, "other.yml": REGISTERED}), (
        "which one, nobody knows"
    )
    registry = "command: a\nenvironment: azureml://registries/azureml/environments/ta$0xi/labels/latest\n"
    assert not goes_to("jobs/job.yml", registry, **{"env.yml": REGISTERED})
