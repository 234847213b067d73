"""What stands under the pointer explains itself, and what is not known is said to be unknown."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import PurePath
from typing import Any

import pytest
from toy import PIP, ROOT, World, at_cursor, online

from envls.assist.completion import complete
from envls.assist.hover import hover
from envls.assist.package_card import ago
from envls.document import read
from envls.facts import (
    Answer,
    Environment,
    Indexes,
    Installed,
    InstalledPackage,
    Known,
    Package,
    PipPackage,
    Question,
    Release,
    Unpacked,
    Vulnerabilities,
    Vulnerability,
)
from envls.world import vulnerabilities


def card(text: str, *, name: str = "environment.yml", world: World | None = None) -> str:
    """The card at the `$0` of a text, "" for none."""
    plain, offset = at_cursor(text)
    world = world or World()
    world.files[ROOT / name] = plain
    shown = hover(read(ROOT / name, plain), offset, world.facts())
    if shown is None:
        return ""
    assert shown.span.touches(offset)
    return shown.markdown


def test_a_package_shows_what_its_channel_knows() -> None:
    shown = card("channels: [conda-forge]\ndependencies:\n  - num$0py=1.26\n", world=online())
    assert "**numpy** · newest `2.1.0`" in shown
    assert "What numpy is." in shown
    assert "`1.20.3`" in shown
    assert "Takes every `1.26.x`  \n1 version: today `1.26.4`" in shown
    assert "conda\\-forge · " in shown.splitlines()[-1]


@pytest.mark.parametrize(
    ("item", "line"),
    [
        ("num$0py", "Any version: today `2.0.0` for Python `3.9`"),
        ("num$0py >=1.20", "Takes `1.20` or newer  \n3 versions: today `2.0.0` for Python `3.9`"),
        ("num$0py==1.26.4", "Takes `1.26.4` only"),
        ("num$0py=2.1", "Takes every `2.1.x`  \n1 version: none is built for Python `3.9`"),
        ("num$0py>=3", "Takes `3` or newer  \nNo such version is there"),
        ("num$0py=2.0", "`2.0.0` is built for Python 3.9 and newer"),
        ("pyt$0hon=3.9", "Takes every `3.9.x`  \n1 version: today `3.9.19`"),
        ("pip:\n    - fla$0sk", "Any version: today `2.0.0` for Python `3.9`"),
        ("pip:\n    - fla$0sk>=3", "Takes `3` or newer  \n1 version: none takes Python `3.9`"),
        ("pip:\n    - fla$0sk==1.0", "Takes `1.0` only  \n**Withdrawn**: broken"),
        ("pip:\n    - fla$0sk", "`2.0.0` needs Python `>=3.6`"),
    ],
)
def test_what_an_item_takes_today(item: str, line: str) -> None:
    world = online()
    world.conda |= {
        "python": ("3.12.4", "3.9.19"),
        "numpy": ("2.1.0[python:>=3.10]", "2.0.0[python:>=3.9]", "1.26.4[python:>=3.9,<3.13.0a0]"),
    }
    world.pip["flask"] = ("3.0.3[python:>=3.10]", "2.0.0[python:>=3.6]", "1.0[yanked:broken]")
    shown = card(f"channels: [conda-forge]\ndependencies:\n  - {item}\n  - python=3.9\n", world=world)
    assert line in shown


def test_the_platforms_are_named_and_why() -> None:
    world = online()
    text = "channels: [conda-forge]\n{}dependencies:\n  - num$0py\n"
    assert "linux-64, win-64 (the file's `platforms`)" in card(
        text.format("platforms: [linux-64, win-64]\n"), world=world
    )
    shown = card(text.format(""), name="aml_config/conda_dependencies.yml", world=world)
    assert "linux-64 (a managed run uses this file)" in shown


def test_not_checked_differs_from_none_known() -> None:
    text = "dependencies:\n  - pip:\n    - req$0uests==2.31.0\n"
    world = online()
    assert "vulnerabilities not checked: the toy world has no network" in card(text, world=world)
    world.vulnerable["flask", "1"] = ()
    assert "no vulnerability of 2\\.31.0 is known" in card(text, world=world)
    advisory = Vulnerability("GHSA-1", aliases=("CVE-2024-1",))
    world.vulnerable["requests", "2.31.0"] = (advisory,)
    assert "**1 known vulnerability** of `2.31.0`: [CVE\\-2024\\-1](https://osv.dev/" in card(text, world=world)
    advisory = Vulnerability("GHSA-1", "<img src=x> [a](javascript:b) `c`", "high")
    world.vulnerable["requests", "2.31.0"] = (advisory,)
    said = r"(high: \<img src=x\> \[a\]\(javascript:b\) \`c\`)"
    assert f"[GHSA\\-1](https://osv.dev/vulnerability/GHSA-1) {said}" in card(text, world=world)
    private = card("dependencies:\n  - pip:\n    - fla$0sk\n", world=_private(world))
    assert "vulnerabilities not checked: it may be private" in private


def test_what_nobody_asked_for_is_not_said_to_be_off() -> None:
    shown = card("dependencies:\n  - pip:\n    - req$0uests==2.31.0\n", world=Uncurious(pip=dict(PIP)))
    assert "2.31.0" in shown and "vulnerabilit" not in shown


class Uncurious(World):
    """A world where nobody may be asked about vulnerabilities."""

    def look(self, question: Question[Any]) -> Answer[Any]:
        return vulnerabilities.OFF if isinstance(question, Vulnerabilities) else super().look(question)


def _private(world: World) -> World:
    (answer,) = [world.look(PipPackage("flask", Indexes()))]
    assert isinstance(answer, Known)
    world.packages[PipPackage("flask", Indexes())] = Known(replace(answer.value, public=False))
    return world


def test_what_a_release_brings_along() -> None:
    world = online()
    package = Package(
        "flask", (Release("3.0.3"),), "3.0.3", requires=("jinja2>=3", "a; extra == 'async'"), extras=("async",)
    )
    world.packages[PipPackage("flask", Indexes())] = Known(package)
    shown = card("dependencies:\n  - pip:\n    - fla$0sk\n", world=world)
    assert "`3.0.3` requires `jinja2`  \nIts extras are `async`" in shown


def test_an_index_that_could_not_be_asked_again_is_named() -> None:
    world = online()
    package = Package("flask", (Release("3.0.3"),), "3.0.3", where="example.com")
    world.packages[PipPackage("flask", Indexes())] = Known(package, failing="example.com: answered 500 <b>")
    shown = card("dependencies:\n  - pip:\n    - fla$0sk\n", world=world)
    assert "*example.com · not renewed: example.com: answered 500 \\<b\\> · " in shown


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "just now"), (1, "1 minute ago"), (119, "1 hour ago"), (49 * 60, "2 days ago"), (60 * 24 * 30, "2026-02-01")],
)
def test_ages(minutes: int, said: str) -> None:
    now = datetime(2026, 3, 3, 12, tzinfo=timezone.utc)
    assert ago(now - timedelta(minutes=minutes), now) == said


def test_without_a_network_it_says_what_it_does_not_know() -> None:
    shown = card("channels: [conda-forge, nodefaults]\ndependencies:\n  - num$0py=1\n")
    assert shown == "**numpy**\n\nTakes every `1.x`\n\n*Its versions are not known: the toy world has no network*"


def test_a_package_that_no_channel_has() -> None:
    world = online()
    world.conda["nunpy"] = None
    assert "Not on" in card("channels: [conda-forge]\ndependencies:\n  - nun$0py\n", world=world)


def test_a_pip_line_shows_what_the_index_knows() -> None:
    assert "**requests** · newest `2.32.3`" in card(
        "dependencies:\n  - pip:\n    - req$0uests==2.31.0\n", world=online()
    )


def test_a_wheel_shows_its_version_and_no_secret() -> None:
    shown = card("dependencies:\n  - pip:\n    - https://example.com/we$0b-1.2.3-py3-none-any.whl?sig=SECRET\n")
    assert "**web** `1.2.3`" in shown
    assert "SECRET" not in shown


def test_what_is_installed_in_the_environment_that_the_file_names() -> None:
    world = online()
    there = Environment(PurePath("/envs/demo"), {"numpy": InstalledPackage("numpy", "1.20.3", "py39_0")}, {})
    world.packages[Installed(name="demo")] = Known(there)
    text = "name: demo\nchannels: [conda-forge]\ndependencies:\n  - {}\n"
    assert "Installed in `demo`: `1.20.3` (`py39_0`)" in card(text.format("num$0py"), world=world)
    assert "Not installed in `demo`" in card(text.format("pan$0das"), world=world)


def test_text_from_an_index_cannot_become_markup() -> None:
    world = online()
    world.conda["evil](http://x)"] = ("1",)
    shown = card("channels: [conda-forge]\ndependencies:\n  - 'num$0py'\n", world=world)
    assert "](http://x)" not in shown


def test_keys_say_what_they_mean_and_when_they_count() -> None:
    shown = card("chan$0nels:\n  - conda-forge\n")
    assert "Where conda looks for packages" in shown
    shown = card("ArgumentVector: [a.py]\nTarget: local\nPrepare$0Environment: true\n", name="aml_config/x.runconfig")
    assert "only for compute targets with Docker" in shown


def test_a_key_in_the_list_says_what_it_says_on_hover() -> None:
    document = read(ROOT / "aml_config/docker.compute", "ty")
    item = next(item for item in complete(document, 2, World().facts()).items if item.label == "type")
    assert "Values: `local`" in item.documentation
    assert item.documentation in card("ty$0pe: local\n", name="aml_config/docker.compute")


def test_channels_and_options() -> None:
    assert "their terms" in card("channels: [def$0aults]\ndependencies: [python]\n")
    assert "[packages](https://anaconda.org/conda-forge)" in card("channels: [conda-$0forge]\ndependencies: [python]\n")
    shown = card("channels: [https://repo.prefix.dev/mi$0ne]\ndependencies: [python]\n")
    assert shown == "**channel** `https://repo.prefix.dev/mine`\n\n[packages](https://prefix.dev/channels/mine)"
    assert "takes the best version" in card("dependencies:\n  - pip:\n    - --extra-index$0-url https://example.com\n")


def test_a_code_in_an_ignore_comment_shows_the_rule() -> None:
    shown = card("dependencies:\n  - numpy  # envls: ignore ENV$0304\n")
    assert shown.startswith("**ENV304** unpinned (hint)")
    assert "```yaml" in shown


RUN = {
    "aml_config/local.compute": 'type: local\npythonLocation: "/opt/conda/envs/hello_env/bin/python"\n',
    "aml_config/docker.compute": "type: localdocker\nbaseDockerImage: example/image:1\n",
    "aml_config/conda_dependencies.yml": "name: project_environment\ndependencies:\n  - python=3.5.2\n  - matplotlib\n",
    "aml_config/localenv.yml": "name: hello_env\ndependencies:\n  - python=3.5.2\n  - psutil=5.2.2\n",
}


def test_a_docker_run_says_that_it_uses_the_conda_file() -> None:
    world = online(**RUN)
    text = "ArgumentVector: [a.py]\nTar$0get: docker\nPrepareEnvironment: true\n"
    shown = card(text, name="aml_config/docker.runconfig", world=world)
    assert "in the image `example/image:1`" in shown
    assert "**Used**" in shown and "`aml_config/conda_dependencies.yml` (the default)" in shown
    assert "| python | `=3.5.2` |" in shown and "| matplotlib | any |" in shown


def test_a_local_run_says_that_it_does_not_and_what_it_has() -> None:
    world = online(**RUN)
    there = Environment(PurePath("/opt/conda/envs/hello_env"), {"python": InstalledPackage("python", "3.5.2", "0")}, {})
    python = PurePath("/opt/conda/envs/hello_env/bin/python")
    world.packages[Installed("hello_env", interpreter=python)] = Known(there)
    shown = card("ArgumentVector: [a.py]\nTarget: lo$0cal\n", name="aml_config/local.runconfig", world=world)
    assert "in the environment `hello_env`" in shown
    assert "**Not used**" in shown
    assert "| python | `=3.5.2` | `3.5.2` |" in shown
    assert "| psutil | `=5.2.2` | **missing** |" in shown


def test_a_compute_target_shows_the_runs_on_it() -> None:
    world = online(**RUN)
    world.files[ROOT / "aml_config/one.runconfig"] = "ArgumentVector: [a.py]\nTarget: local\n"
    shown = card('type: local\npythonLoc$0ation: "python"\n', name="aml_config/local.compute", world=world)
    assert "one.runconfig" in shown.replace("\\", "")


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("numpy=1.20", "every `1.20.x`, not `1.2` and not `1.21`"),
        ("numpy==1.20", "`1.20` only"),
        ("numpy 1.20.*", "every `1.20.x`, not `1.2` and not `1.21`"),
        (
            "numpy=1.20[build='*cuda*']",
            "every `1.20.x`, not `1.2` and not `1.21`, any build whose name contains `cuda`",
        ),
        ("numpy>=1.20,<2", "`1.20` or newer, older than `2`"),
        ("numpy>=2|==1.4", "`2` or newer, or `1.4` only"),
        ("numpy!=1.5.*", "no `1.5.x`"),
        ("numpy~=1.4.2", "`1.4.2` or newer within `1.4.x`"),
        ("numpy=1.20=py39_0", "`1.20` only, the build `py39_0` only"),
        ("numpy=*=py39*", "any version, any build whose name begins with `py39`"),
        ("numpy[version='>=1', subdir=linux-64]", "`1` or newer, for `linux-64` only"),
        ("numpy=1.20.3", "`1.20.3` and every `1.20.3.x`"),
        ("conda-forge::numpy", "any version, from `conda-forge` only"),
        ("pip:\n    - numpy==1.*", "every `1.x`"),
        ("pip:\n    - numpy[a,b]~=1.4", "`1.4` or newer within `1.x`, with the extras `a`, `b`"),
        (
            "pip:\n    - numpy ; python_version < '3.9' and sys_platform == 'win32'",
            "any version, only where python\\_version is older than `3.9` and sys\\_platform is `win32`",
        ),
    ],
)
def test_an_item_is_said_in_words(item: str, words: str) -> None:
    shown = card(f"channels: [a]\ndependencies:\n  - {item.replace('numpy', 'num$0py', 1)}\n")
    assert f"Takes {words}" in shown.splitlines()


@pytest.mark.parametrize(
    ("item", "shown"),
    [
        (
            "git+https://example.com/openai/CLIP.git@feature/x#egg=clip",
            "**clip** from the git repository `https://example.com/openai/CLIP.git`, at `feature/x`",
        ),
        (
            "clip @ git+https://user:secret@example.com/CLIP.git",
            "**clip** from the git repository `https://…@example.com/CLIP.git`, at the newest state of its main branch",
        ),
        (
            "-e git+ssh://git@example.com/CLIP.git@main#egg=Cl_ip&subdirectory=src/x",
            "**cl\\-ip** from the git repository `ssh://…@example.com/CLIP.git`, folder `src/x`, at `main`",
        ),
        ("hg+https://example.com/a", "From the Mercurial repository `https://example.com/a`, at the newest"),
        ("https://example.com/torch-2.0.0-py3-none-any.whl", "**torch** `2.0.0` from `https://example.com/torch-2.0.0"),
        ("https://example.com/a.zip?token=abc", "**An address** from `https://example.com/a.zip?…`"),
        ("clip @ https://example.com/a.zip", "**clip** from `https://example.com/a.zip`"),
    ],
)
def test_an_address_shows_what_comes_from_there(item: str, shown: str) -> None:
    there = card(f"dependencies:\n  - pip:\n    - {item[:6]}$0{item[6:]}\n")
    assert shown in there
    assert ("installed in place" in there) is item.startswith("-e")


def test_what_only_begins_like_a_series_is_named() -> None:
    shown = card("channels: [conda-forge]\ndependencies:\n  - num$0py=1.2\n", world=online())
    assert "Takes every `1.2.x`, not `1.26.4`" in shown
    world = online()
    world.conda["numpy"] = ("1.26", "1.2")
    shown = card("channels: [conda-forge]\ndependencies:\n  - num$0py=1.2\n", world=world)
    assert "Takes every `1.2.x`, not `1.26`" in shown


@pytest.mark.parametrize(
    ("item", "begin"),
    [
        ("numpy$0=1.20", "`=`: Any version of the series"),
        ("numpy>=1.20$0,<2", "`,`: And"),
        ("numpy>=1.20,$0<2", "`<`: An older version. A pre-release counts as older"),
        ("numpy[ver$0sion='1']", "`version`: The versions to take"),
        ("conda$0-forge::numpy", "**conda\\-forge**:"),
        ("conda-forge$0::numpy", "`::`: The package comes from the channel"),
        ("pip:\n    - numpy$0<2", "`<`: An older version; no pre-release"),
        ("pip:\n    - numpy[so$0cks]", "`socks`: an extra of `numpy`"),
        ("pip:\n    - numpy; pyt$0hon_version < '3.9'", "`python_version`: The version of Python"),
        ("pip:\n    - numpy; python_version $0< '3.9'", "`<`: older"),
        ("pip:\n    - numpy==1 --ha$0sh=sha256:" + "0" * 64, "`--hash`: an option of this requirement"),
        ("pip:\n    - --pr$0e", "`--pre`: pip may take"),
    ],
)
def test_each_piece_of_an_item_is_explained(item: str, begin: str) -> None:
    assert card(f"dependencies:\n  - {item}\n").startswith(begin)


@pytest.mark.parametrize(
    ("comment", "said"),
    [("# [wi$0n]", "conda-lock keeps this line"), ("# [py$0<39]", "drops the line"), ("# see [1$0]", "")],
)
def test_a_selector_is_explained(comment: str, said: str) -> None:
    shown = card(f"dependencies:\n  - numpy  {comment}\n")
    assert (said in shown) if said else (shown == "")


def test_nothing_is_said_where_nothing_stands() -> None:
    assert card("# just $0a comment\ndependencies:\n  - python\n") == ""
    assert card("hosts: a$0ll\ntasks: []\n", name="playbook.yml") == ""


def test_without_a_channel_what_is_unpacked_here_is_shown_and_offered() -> None:
    world = World()
    releases = (Release("1.26.4"), Release("1.24.0"))
    world.packages[Unpacked("numpy")] = Known(
        Package("numpy", releases, summary="Arrays.", where="a cache", complete=False)
    )
    text = "channels: [conda-forge]\ndependencies:\n  - nump$0y=1\n"
    shown = card(text, world=world)
    assert "not known" in shown and "Arrays" in shown
    assert "Takes every `1.x`  \nArrays." in shown
    assert "In a cache: `1.26.4`, `1.24.0`" in shown
    plain, offset = at_cursor(text.replace("nump$0y=1", "numpy=$0"))
    offered = complete(read(ROOT / "environment.yml", plain), offset, world.facts())
    assert {"1.26.4", "1.24.0"} <= {item.label for item in offered.items}
    assert "newest" not in {item.detail for item in offered.items}
