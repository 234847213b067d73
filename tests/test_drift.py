"""A file beside the environment that it describes and the lock that was made from it: only what surely differs is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy import ROOT, World

from envls.assist.inlay_hints import inlay_hints
from envls.check import changes_of, check
from envls.document import read
from envls.facts import Environment, Facts, Installed, InstalledPackage, Known, Lock, LockBeside, Locked, Satisfies
from envls.formats.conda import matchspec
from envls.target import this_platform
from envls.text import Span, apply
from envls.versions import lets_in
from envls.world.matching import satisfies

PATH = ROOT / "environment.yml"
HEAD = "name: demo\nchannels: [conda-forge]\ndependencies:\n"
ELSEWHERE = "osx-64" if this_platform() == "linux-64" else "linux-64"


def packages(versions: Mapping[str, str]) -> dict[str, InstalledPackage]:
    """`version`, `version build`; with a `!` behind it somebody asked for it."""
    found = {}
    for name, said in versions.items():
        version, _, build = said.rstrip("!").partition(" ")
        found[name] = InstalledPackage(name, version, build or "py311_0", requested=said.endswith("!"))
    return found


def by_pip(versions: Mapping[str, str]) -> dict[str, InstalledPackage]:
    return {name: replace(package, build="") for name, package in packages(versions).items()}


def environment(
    conda: Mapping[str, str] = {}, pip: Mapping[str, str] = {}, brought: Mapping[str, str] = {}
) -> Environment:
    return Environment(PurePath("/envs/demo"), packages(conda), by_pip(pip), by_pip(brought))


def lock(
    conda: Mapping[str, str] = {},
    pip: Mapping[str, str] = {},
    *,
    sources: tuple[PurePath, ...] = (PATH,),
    **more: Locked,
) -> Lock:
    platforms = {this_platform(): Locked(packages(conda), by_pip(pip))}
    platforms |= {platform.replace("_", "-"): locked for platform, locked in more.items()}
    return Lock(ROOT / "conda-lock.yml", platforms, ("conda-forge",), sources)


def world(text: str, there: Environment | Lock | None = None, **files: str) -> World:
    made = World({PATH: text, **{ROOT / name.replace("__", "."): other for name, other in files.items()}})
    if isinstance(there, Environment):
        made.packages[Installed("demo")] = Known(there)
    elif there is not None:
        made.packages[LockBeside(PATH)] = Known(there)
    return made


def messages(text: str, there: Environment | Lock, code: str, **files: str) -> list[str]:
    found = check(read(PATH, text), world(text, there, **files).facts())
    return [one.finding.message for one in found if one.rule.code == code]


def drift(text: str, there: Environment, **files: str) -> str:
    """What ENV510 says differs, "" for nothing."""
    found = messages(text, there, "ENV510", **files)
    return found[0].partition(": ")[2] if found else ""


def stale(text: str, there: Lock, **files: str) -> str:
    found = messages(text, there, "ENV511", **files)
    return found[0].partition(": it ")[2].removesuffix("; lock again") if found else ""


def hints(text: str, *there: Environment | Lock, span: Span | None = None) -> dict[str, str]:
    """The labels by their lines."""
    here = world(text)
    for one in there:
        here.packages |= world(text, one).packages
    found = inlay_hints(read(PATH, text), span or Span(0, len(text)), here.facts())
    return {text[: hint.offset].rpartition("\n")[2].strip(" -"): hint.label for hint in found}


def listed(*items: str, pip: tuple[str, ...] = ()) -> str:
    below = "".join(f"      - {item}\n" for item in pip)
    return HEAD + "".join(f"  - {item}\n" for item in items) + (f"  - pip:\n{below}" if pip else "")


# -- installed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "installed", "said"),
    [
        ("numpy=1.26", "1.26.4", ""),
        ("numpy=1.2", "1.26.4", "`numpy` is 1.26.4"),
        ("numpy==1.26", "1.26.4", "`numpy` is 1.26.4"),
        ("numpy==1.26.0", "1.26", ""),
        ("numpy=1.26.4=py311_0", "1.26.4 py311_0", ""),
        ("numpy=1.26.4=py310_0", "1.26.4 py311_0", "`numpy` is 1.26.4"),
        ("numpy>=1.20,<2", "2.0.1", "`numpy` is 2.0.1"),
        ("numpy >=1.20, <2", "1.26.4", ""),
        ("numpy[version='>=2']", "1.26.4", "`numpy` is 1.26.4"),
        ("conda-forge::numpy", "1.26.4", ""),
        ("numpy", "1.26.4", ""),
        # nobody knows, or it is another rule's business
        ("numpy=>2", "1.26.4", ""),
        ("numpy >=2 if win", "1.26.4", ""),
        ("numpy=2  # [win]", "1.26.4", ""),
        ("numpy=2.*.1", "1.26.4", ""),
    ],
)
def test_an_installed_version(item: str, installed: str, said: str) -> None:
    assert drift(listed(item), environment({"numpy": installed})) == said


_VERSION = st.lists(st.sampled_from(["0", "1", "2", "3", "10", "20"]), min_size=1, max_size=4).map(".".join)
_CLAUSE = st.builds(
    "{}{}{}".format,
    st.sampled_from(["=", "==", "!=", "<", "<=", ">", ">=", "~="]),
    _VERSION,
    st.sampled_from(["", ".*"]),
)
_SPEC = st.lists(st.lists(_CLAUSE, min_size=1, max_size=2).map(",".join), min_size=1, max_size=2).map("|".join)


@given(_SPEC, _VERSION)
def test_of_plain_numbers_conda_need_not_be_asked(spec: str, version: str) -> None:
    version_spec, build = matchspec.parse("x" + spec).wanted
    plain = lets_in(version_spec, version)
    answer = satisfies(Satisfies(version_spec, build, version))
    assert plain is None or not isinstance(answer, Known) or plain is answer.value


def test_what_pip_asks_for() -> None:
    text = listed(
        "python",
        pip=(
            "torch>=2",
            "Flask_SQLAlchemy==3.0",
            "requests==2.31.0",
            "gone",
            "winonly; sys_platform == 'win32'",
            "a @ https://example.com/a.zip",
        ),
    )
    there = environment(
        {"python": "3.11", "pytorch": "2.3"},
        {"flask-sqlalchemy": "3.1", "requests": "2.31.0+local", "a": "1"},
        {"torch": "2.3"},
    )
    assert drift(text, there) == "`flask-sqlalchemy` is 3.1 and `gone` is not installed"


def test_what_somebody_installed_and_nobody_listed() -> None:
    there = environment(
        {"python": "3.11!", "numpy": "1.26!", "scipy": "1.14!", "libblas": "3.9", "pip": "24!"},
        {"rich": "13.7!", "mdurl": "0.1"},
    )
    assert drift(listed("python", "numpy"), there) == "`scipy` and `rich` are not listed"
    assert drift(listed("python", "numpy", "scipy", pip=("Rich",)), there) == ""
    assert drift(listed("python", "numpy", pip=("-r requirements.txt",)), there) == "`scipy` is not listed", (
        "may be there"
    )
    assert drift(listed("python", "numpy", "{sel(linux): scipy}"), there) == "", "may be there"
    more = {"dev__yml": "name: demo\ndependencies: [scipy]\n", "env-2__yml": "name: other\ndependencies: [rich]\n"}
    assert drift(listed("python", "numpy"), there, **more) == "`rich` is not listed", "one environment of two files"


def test_many_differences_are_one_short_hint() -> None:
    there = environment({f"p{number}": "1.0" for number in range(10)})
    text = listed(*(f"p{number}=2" for number in range(10)))
    (message,) = messages(text, there, "ENV510")
    assert message.endswith(": `p0` is 1.0, `p1` is 1.0, `p2` is 1.0 and 7 more")


@pytest.mark.parametrize(
    ("text", "there"),
    [
        (listed("numpy=2"), replace(environment({"numpy": "1.26"}), sure=False)),
        (listed("numpy=2").replace("demo", "base"), environment({"numpy": "1.26"})),
        (listed("numpy=2") + f"platforms: [{ELSEWHERE}]\n", environment({"numpy": "1.26"})),
        (listed("numpy=2", "{{ package }}"), environment({"numpy": "1.26"})),
        (listed("numpy=2", "numpy=1.26"), environment({"numpy": "1.26"})),
        (listed("a", "b", "numpy=2"), environment({"numpy": "1.26"})),  # it only has the same name
        (listed("__cuda", "numpy"), environment({"numpy": "1.26"})),
    ],
)
def test_what_is_not_sure_is_not_said(text: str, there: Environment) -> None:
    assert drift(text, there) == ""
    assert not {label for label in hints(text, there).values() if "installed" in label and label != "1.26 installed"}


def test_a_managed_run_has_its_environment_elsewhere() -> None:
    text = listed("numpy=2")
    job = "command: python x.py\nenvironment:\n  conda_file: environment.yml\n  image: x\ncompute: azureml:c\n"
    assert drift(text, environment({"numpy": "1.26"}))
    assert drift(text, environment({"numpy": "1.26"}), job__yml=job) == ""


def test_its_fixes_say_what_the_environment_is() -> None:
    text = listed("python", "numpy=2  # fast", "scipy==1.13", pip=("rich==12",))
    there = environment(
        {"python": "3.11", "numpy": "1.26.4", "scipy": "1.14", "polars": "1.0!"}, {"rich": "13.7", "typer": "0.12!"}
    )
    document, here = read(PATH, text), world(text, there)
    (found,) = (one for one in check(document, here.facts()) if one.rule.code == "ENV510")
    take_over, add = found.finding.fixes
    assert take_over.title == "Write the installed versions of 3 packages into the file"
    assert add.title == "Add `polars` and `typer` to the file"
    assert not take_over.safe and not add.safe
    assert apply(text, changes_of((take_over, add), document, here.facts()).edits[PATH]) == listed(
        "python", "numpy=1.26.4  # fast", "scipy==1.14", "polars=1.0", pip=("rich==13.7", "typer==0.12")
    )


# -- locked ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "locked", "said"),
    [
        (listed("numpy=1.26", "pandas>=2"), lock({"numpy": "1.26.4", "pandas": "2.2"}), ""),
        (listed("numpy=2"), lock({"numpy": "1.26.4"}), "has `numpy` 1.26.4"),
        (listed("numpy", "polars"), lock({"numpy": "1.26.4"}), "lacks `polars`"),
        (listed("numpy=2", "polars"), lock({"numpy": "1.26.4"}), "has `numpy` 1.26.4 and lacks `polars`"),
        (
            listed("numpy", pip=("rich>=13", "typer")),
            lock({"numpy": "1"}, {"rich": "12"}),
            "has `rich` 12 and lacks `typer`",
        ),
        # on another platform of the lock
        (
            listed("numpy=2"),
            lock({"numpy": "2.0"}, osx_64=Locked(packages({"numpy": "1.26"}), {})),
            "has `numpy` 1.26 on osx-64",
        ),
        (
            listed("numpy=2") + f"platforms: [{this_platform()}]\n",
            lock({"numpy": "2.0"}, zos_z=Locked(packages({"numpy": "1"}), {})),
            "",
        ),
        (listed("numpy=2"), lock({"numpy": "2.0"}, zos_z=Locked({}, {})), ""),
        # what was added around
        (
            listed("numpy").replace("conda-forge]", "conda-forge, bioconda, nodefaults]"),
            lock({"numpy": "2"}),
            "was made without the channel `bioconda`",
        ),
        (listed("numpy") + f"platforms: [{this_platform()}, zos-z]\n", lock({"numpy": "2"}), "has nothing for zos-z"),
        # what conda-lock takes otherwise, or nobody knows
        (listed("numpy", "pip=23", pip=("rich",)), lock({"numpy": "1", "pip": "24"}, {"rich": "13"}), ""),
        (listed("numpy", "__glibc>=2.17", "-e ."), lock({"numpy": "1"}), ""),
        (listed("numpy", "pywin32  # [win]", "polars  #[osx]"), lock({"numpy": "1"}), ""),
        (
            listed("numpy", pip=("torch", "msgpack", "-e .", "x; python_version < '3.8'")),
            lock({"numpy": "1", "pytorch": "2", "msgpack-python": "1"}),
            "",
        ),
        (listed("numpy", "polars") + "category: dev\n", lock({"numpy": "1"}), ""),
        (listed("numpy=>2"), lock({"numpy": "1"}), ""),
    ],
)
def test_a_lock_that_fits_or_not(text: str, locked: Lock, said: str) -> None:
    assert stale(text, locked) == said


def test_of_several_sources_the_last_decides() -> None:
    text, there, both = listed("numpy=2", "polars"), {"numpy": "1.26"}, "has `numpy` 1.26 and lacks `polars`"
    dev = ROOT / "environment-dev.yml"
    assert stale(text, lock(there, sources=(dev, PATH))) == both
    for other, said in (("[numpy=1.26]", "lacks `polars`"), ("[pytest]", both)):
        files = {"environment-dev__yml": f"dependencies: {other}\n"}
        assert stale(text, lock(there, sources=(PATH, dev)), **files) == said
    assert stale(text, lock(there, sources=(PATH, ROOT / "pyproject.toml"))) == "lacks `polars`"


def test_it_stands_where_the_first_difference_is() -> None:
    text = listed("python", "numpy=2", "polars")
    found = check(read(PATH, text), world(text, lock({"python": "3.11", "numpy": "1.26"})).facts())
    (place,) = (one.finding.span for one in found if one.rule.code == "ENV511")
    assert text[place.start : place.end] == "numpy"


# -- hints ----------------------------------------------------------------------------------------------------


def test_hints_tell_what_the_lines_do_not() -> None:
    text = listed("python=3.11", "numpy=2", "scipy", "gone", "pandas>=2", pip=("rich", "typer==0.9"))
    there = environment(
        {"python": "3.11.9", "numpy": "1.26.4", "scipy": "1.14", "pandas": "2.2"}, {"rich": "13.7", "typer": "0.12"}
    )
    assert hints(text, there) == {
        "numpy=2": "installed 1.26.4",
        "scipy": "1.14 installed",
        "gone": "not installed",
        "rich": "13.7 installed",
        "typer==0.9": "installed 0.12",
    }
    locked = lock(
        {"python": "3.10", "numpy": "1.26.4", "scipy": "1.13", "pandas": "2.2"}, {"rich": "13.7", "typer": "0.9"}
    )
    assert hints(text, locked) == {
        "python=3.11": "locked 3.10",
        "numpy=2": "locked 1.26.4",
        "scipy": "locked 1.13",
        "gone": "not locked",
        "rich": "locked 13.7",
    }
    assert hints(text, there, locked) == {
        "python=3.11": "locked 3.10",
        "numpy=2": "installed 1.26.4",
        "scipy": "1.14 installed · locked 1.13",
        "gone": "not installed · not locked",
        "rich": "13.7 installed",
        "typer==0.9": "installed 0.12",
    }


def test_hints_are_for_the_lines_that_are_shown() -> None:
    text = listed("scipy", "numpy", "pandas")
    there = environment({"scipy": "1", "numpy": "2", "pandas": "3"})
    at = text.index("numpy")
    assert hints(text, there, span=Span(at, at + 1)) == {"numpy": "2 installed"}


def test_a_tooltip_says_whence() -> None:
    text = listed("numpy=2")
    here = world(text, environment({"numpy": "1.26.4"}))
    (hint,) = inlay_hints(read(PATH, text), Span(0, len(text)), here.facts())
    assert hint.offset == text.index("=2") + 2
    assert hint.tooltip == (
        "`numpy 1.26.4` (`py311_0`) is in the environment `demo` on this machine (`/envs/demo`); this line asks for `=2`."
    ).replace("/envs/demo", str(PurePath("/envs/demo")))


def test_a_tooltip_tells_of_the_environment_and_the_lock() -> None:
    text = listed("numpy")
    here = world(text, environment({"numpy": "1.26.4"}))
    here.packages |= world(text, lock({"numpy": "1.26.4"})).packages
    (hint,) = inlay_hints(read(PATH, text), Span(0, len(text)), here.facts())
    assert hint.label == "1.26.4 installed"
    assert "on this machine" in hint.tooltip and "`conda-lock.yml` has `numpy 1.26.4`" in hint.tooltip


def test_without_an_answer_there_is_no_hint() -> None:
    text = listed("numpy")
    assert inlay_hints(read(PATH, text), Span(0, len(text)), Facts()) == []
