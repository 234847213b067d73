"""A file or an environment gets another name: what points to it follows, and nothing else changes."""

from __future__ import annotations

from pathlib import PureWindowsPath

import pytest
from toy import ROOT, World, at_cursor

from envls.assist.environment_names import name_at, rename, why_not
from envls.assist.moves import Move, moved
from envls.assist.written import WrittenPath
from envls.document import read
from envls.facts import ProjectFiles
from envls.syntax import Scalar, Text
from envls.text import apply

CONDA = "name: e\ndependencies:\n  - python=3.5.2\n"
RUN = "Target: docker\nCondaDependenciesFile: {}\nTrackedRun: true\n"


def after(moves: dict[str, str], files: dict[str, str]) -> dict[str, str]:
    """The texts that change when files or folders are moved; no file is made."""
    world = World({ROOT / name: text for name, text in files.items()})
    wanted = [Move(ROOT / old, ROOT / new) for old, new in moves.items()]
    changes = moved(wanted, world.facts())
    assert not changes.created
    return {path.relative_to(ROOT).as_posix(): apply(world.files[path], edits) for path, edits in changes.edits.items()}


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ("aml_config/conda.yml", "aml_config/my deps.yml"),
        ('"aml_config/conda.yml"', '"aml_config/my deps.yml"'),
        ("'aml_config/conda.yml' # why", "'aml_config/my deps.yml' # why"),
        ("./aml_config/conda.yml", "./aml_config/my deps.yml"),
        ("aml_config/../aml_config/conda.yml", "aml_config/my deps.yml"),
        ("/project/aml_config/conda.yml", "/project/aml_config/my deps.yml"),
        ("aml_config/other.yml", ""),
        ("aml_config/conda.yaml", ""),
    ],
)
def test_a_renamed_file_is_followed_in_the_style_of_each_path(before: str, behind: str) -> None:
    files = {"aml_config/conda.yml": CONDA, "aml_config/other.yml": CONDA, "aml_config/a.runconfig": RUN.format(before)}
    expected = {"aml_config/a.runconfig": RUN.format(behind)} if behind else {}
    assert after({"aml_config/conda.yml": "aml_config/my deps.yml"}, files) == expected


def test_a_name_that_yaml_would_misread_is_quoted() -> None:
    files = {"conda.yml": CONDA, "aml_config/a.runconfig": "ArgumentVector: [conda.py]\nTrackedRun: true\n"}
    assert after({"conda.py": "a, b.py"}, files) == {
        "aml_config/a.runconfig": "ArgumentVector: ['a, b.py']\nTrackedRun: true\n"
    }


def test_all_that_point_to_a_file_follow_it() -> None:
    files = {
        "envs/conda.yml": CONDA,
        "aml_config/a.runconfig": RUN.format("envs/conda.yml"),
        "jobs/job.yml": "command: x\nenvironment:\n  image: i:1\n  conda_file: ../envs/conda.yml\n",
        ".azureml/b.runconfig": "environment:\n  python:\n    condaDependenciesFile: envs/conda.yml\n",
        "values.yml": "conda: envs/conda.yml\n",
    }
    assert after({"envs/conda.yml": "deps/new.yml"}, files) == {
        "aml_config/a.runconfig": RUN.format("deps/new.yml"),
        "jobs/job.yml": "command: x\nenvironment:\n  image: i:1\n  conda_file: ../deps/new.yml\n",
        ".azureml/b.runconfig": "environment:\n  python:\n    condaDependenciesFile: deps/new.yml\n",
    }


def test_a_renamed_folder_takes_its_files_along() -> None:
    files = {
        "envs/conda.yml": CONDA,
        "envs/job.yml": "command: x\nenvironment:\n  image: i:1\n  conda_file: conda.yml\n",
        "environment.yml": "dependencies:\n  - pip:\n    - -r envs/sub/reqs.txt\n    - -e ./envs/pkg[dev]\n    - ./envs/lib\n",
        "aml_config/a.runconfig": RUN.format("envs/conda.yml"),
    }
    assert after({"envs": "deep/deps"}, files) == {
        "environment.yml": "dependencies:\n  - pip:\n    - -r deep/deps/sub/reqs.txt\n    - -e ./deep/deps/pkg[dev]\n"
        "    - ./deep/deps/lib\n",
        "aml_config/a.runconfig": RUN.format("deep/deps/conda.yml"),
    }


def test_several_at_once_are_followed_and_their_project_is_looked_through_once() -> None:
    files = {f"envs/{name}.yml": CONDA for name in "abc"}
    files |= {f"aml_config/{name}.runconfig": RUN.format(f"envs/{name}.yml") for name in "abc"}
    world = World({ROOT / name: text for name, text in files.items()})
    facts = world.facts()
    changes = moved([Move(ROOT / f"envs/{name}.yml", ROOT / f"deps/{name}.yml") for name in "abc"], facts)
    assert [path.name for path in changes.edits] == ["a.runconfig", "b.runconfig", "c.runconfig"]
    assert len([one for one in facts.asked if isinstance(one, ProjectFiles)]) == 1


def test_a_compute_target_is_named_without_its_extension() -> None:
    files = {"aml_config/docker.compute": "type: localdocker\n", "aml_config/a.runconfig": RUN.format("c.yml")}
    target = {"aml_config/docker.compute": "aml_config/gpu.compute"}
    assert after(target, files) == {"aml_config/a.runconfig": RUN.format("c.yml").replace("docker", "gpu")}
    assert after({"aml_config/docker.compute": "aml_config/docker.txt"}, files) == {}


def test_a_file_that_moves_finds_what_it_points_to() -> None:
    job = "command: x\nenvironment:\n  image: i:1\n  conda_file: {}\n"
    files = {"conda.yml": CONDA, "job.yml": job.format("./conda.yml")}
    assert after({"job.yml": "jobs/train.yml"}, files) == {"job.yml": job.format("../conda.yml")}
    assert after({"job.yml": "jobs/train.yml", "conda.yml": "jobs/conda.yml"}, files) == {}
    assert after({"job.yml": "train.yml"}, files) == {}
    assert after({"job.yml": "jobs/train.yml"}, {"job.yml": job.format("conda.yml")}) == {}, "it led nowhere"


def test_a_run_configuration_that_stays_in_its_project_keeps_its_paths() -> None:
    files = {"aml_config/conda.yml": CONDA, "aml_config/a.runconfig": RUN.format("aml_config/conda.yml")}
    assert after({"aml_config/a.runconfig": "aml_config/b.runconfig"}, files) == {}


DEPLOYMENT = "endpoint_name: e\nmodel:\n  path: ./model.pkl\nenvironment: file:{}\ncode_configuration:\n  code: {}\n  scoring_script: {}\n"


def test_a_script_stays_relative_to_its_code() -> None:
    files = {
        "deployment.yml": DEPLOYMENT.format("./env.yml", "./src", "score.py"),
        "env.yml": "image: x:1\nconda_file: c.yml\n",
        "src/score.py": "",
        "model.pkl": "",
    }

    def said(environment: str, code: str, script: str) -> dict[str, str]:
        return {"deployment.yml": DEPLOYMENT.format(environment, code, script)}

    assert after({"src": "lib"}, files) == said("./env.yml", "./lib", "score.py")
    assert after({"src/score.py": "src/run.py"}, files) == said("./env.yml", "./src", "run.py")
    assert after({"env.yml": "deep/e.yml"}, files) == said("./deep/e.yml", "./src", "score.py")
    moved_down = said("../env.yml", "../src", "score.py")["deployment.yml"].replace("./model", "../model")
    assert after({"deployment.yml": "jobs/deployment.yml"}, files) == {"deployment.yml": moved_down}
    whole = {**files, "deployment.yml": DEPLOYMENT.format("env.yml", ".", "score.py"), "score.py": ""}
    moved_down = DEPLOYMENT.format("../env.yml", "..", "score.py").replace("./model", "../model")
    assert after({"deployment.yml": "jobs/deployment.yml"}, whole) == {"deployment.yml": moved_down}


def test_what_pip_would_misread_is_left_alone() -> None:
    text = "dependencies:\n  - pip:\n    - -r reqs.txt\n"
    files = {"environment.yml": text, "reqs.txt": ""}
    assert after({"reqs.txt": "my reqs.txt"}, files) == {}
    assert after({"reqs.txt": "base.txt"}, files) == {"environment.yml": text.replace("reqs", "base")}


def test_windows_paths_keep_their_slashes() -> None:
    project = PureWindowsPath("C:/code/project")

    def written(path: str) -> str | None:
        node = Scalar(0, Text(path, path))
        old = WrittenPath(node, 0, len(path), path, "conda file", (project,))
        return old.rewritten(project / "deps" / "new.yml", project, path)

    assert written("envs\\conda.yml") == "deps\\new.yml"
    assert written(".\\envs\\conda.yml") == ".\\deps\\new.yml"
    assert written("C:\\code\\project\\envs\\conda.yml") == "C:\\code\\project\\deps\\new.yml"
    assert written("C:/code/project/envs/conda.yml") == "C:/code/project/deps/new.yml"


# -- the name of an environment -------------------------------------------------------------------------------


def renamed(text: str, new: str, **files: str) -> dict[str, str] | None:
    plain, offset = at_cursor(text)
    world = World({ROOT / "aml_config/here.yml": plain, **{ROOT / name: said for name, said in files.items()}})
    document = read(ROOT / "aml_config/here.yml", plain)
    changes = rename(document, offset, new, world.facts())
    if changes is None:
        assert name_at(document, offset) is None
        return None
    span = name_at(document, offset)
    assert span and plain[span.start : span.end] == "hello_env"
    return {path.relative_to(ROOT).as_posix(): apply(world.files[path], edits) for path, edits in changes.edits.items()}


def test_the_interpreters_of_an_environment_follow_its_name() -> None:
    local = "type: local\npythonLocation: '%HOME%/envs/{}/python.exe'\n"
    v1 = "environment:\n  python:\n    userManagedDependencies: true\n    interpreterPath: /opt/envs/{}/bin/python\n"
    text = 'name: "hello$0_env"\nprefix: /opt/conda/envs/{}\ndependencies:\n  - python=3.5.2\n'
    found = renamed(
        text.replace("{}", "hello_env"),
        "other",
        **{
            "aml_config/local.compute": local.format("hello_env"),
            "aml_config/near.compute": local.format("hello_env2"),
            ".azureml/a.runconfig": v1.format("hello_env"),
            "aml_config/docker.compute": "type: localdocker\n",
            "elsewhere/aml_config/local.compute": local.format("hello_env"),
        },
    )
    assert found == {
        "aml_config/here.yml": 'name: "other"\nprefix: /opt/conda/envs/other\ndependencies:\n  - python=3.5.2\n',
        "aml_config/local.compute": local.format("other"),
        ".azureml/a.runconfig": v1.format("other"),
        "elsewhere/aml_config/local.compute": local.format("other"),
    }


@pytest.mark.parametrize("text", ["na$0me: a\ndependencies:\n  - python\n", "name: a\ndependencies:\n  - pyt$0hon\n"])
def test_only_the_name_can_be_renamed(text: str) -> None:
    assert renamed(text, "other") is None


@pytest.mark.parametrize("new", ["no", "null", "1e3", "3.10"])
def test_a_name_stays_a_text(new: str) -> None:
    found = renamed("name: hello$0_env\ndependencies:\n  - python\n", new)
    assert found == {"aml_config/here.yml": f"name: '{new}'\ndependencies:\n  - python\n"}


@pytest.mark.parametrize("new", ["", "a b", "a/b", "a:b", "#a"])
def test_a_name_that_conda_refuses_is_refused(new: str) -> None:
    assert why_not(new).startswith("conda refuses")
    assert not why_not("a_b-3.11")
