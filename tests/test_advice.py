"""Advice is quiet: one finding for a file, for the target that it is right for, and opinions only where they are asked for."""

from __future__ import annotations

import statistics
from collections import Counter
from pathlib import PurePath
from typing import NamedTuple

import ecosystem
import pytest
from corpus import FILES, FOLDER, text_of
from toy import ROOT, World

from envls.check import Found, check, fixed
from envls.config import Configuration
from envls.document import Format, read
from envls.rules import rules
from envls.rules.rule import Fix

C = "channels: [conda-forge]\n"
D = "dependencies:\n  - python=3.11\n"
MANAGED = "$schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json\nimage: a:1\nconda_file: environment.yml\n"
ONCE = (
    *("ENV116", "ENV207", "ENV208", "ENV209", "ENV210", "ENV304", "ENV311", "ENV312", "ENV313", "ENV314", "ENV317"),
    *("ENV318", "ENV418"),
)
"""Said once for a file, however many lines it is about."""
MOST_OF_MEDIAN = 2


class Advice(NamedTuple):
    """What is said of a text, and what its first fix makes of it; a `+` stands before a code that has to be asked for."""

    what: str
    text: str
    said: tuple[str, ...]
    after: str = ""
    path: str = "environment.yml"
    managed: bool = False


ADVICE = (
    Advice("few have a version", C + D + "  - a\n  - b\n  - c\n", ()),
    Advice("most have a version", C + D + "  - a=1\n  - b\n", ("ENV304 hint",)),
    Advice("few have a version, in a managed run", C + D + "  - a\n  - b\n  - c\n", ("ENV304 hint",), managed=True),
    Advice("any Python", C + "dependencies:\n  - python\n  - a=1\n", ("ENV313 hint",)),
    Advice(
        "any Python, in a managed run", C + "dependencies:\n  - python=3\n  - a=1\n", ("ENV313 warning",), managed=True
    ),
    Advice("any Python of a range", C + "dependencies:\n  - python>=3.9\n  - a=1\n", ()),
    Advice(
        "exact behind a blank",
        C + "dependencies:\n  - python 3.11\n",
        ("ENV312 hint",),
        C + "dependencies:\n  - python=3.11\n",
    ),
    Advice("exact before a build", C + "dependencies:\n  - python=3.11=*_cpython\n", ("ENV312 hint",)),
    Advice("a version that has two numbers", C + D + "  - kalign2==2.04\n", ()),
    Advice(
        "one build",
        C + D + "  - numpy=1.26.4=py311h64a7726_0\n  - a=1\n",
        ("ENV311 hint",),
        C + D + "  - numpy=1.26.4\n  - a=1\n",
    ),
    Advice("a build that was chosen", C + D + "  - pytorch=2.3.1=py3.11_cuda12.1_cudnn8.9.2_0\n  - a=1\n", ()),
    Advice(
        "one build, for one platform",
        C + "platforms: [linux-64]\n" + D + "  - numpy=1.26.4=py311h64a7726_0\n  - a=1\n",
        (),
    ),
    Advice(
        "packages of Windows, for Linux",
        C + "platforms: [linux-64]\n" + D + "  - ucrt=10\n  - vs2015_runtime=14\n",
        ("ENV318 error",),
        C + "platforms: [linux-64]\n" + D,
    ),
    Advice("packages of Windows, for nobody knows whom", C + D + "  - ucrt=10\n", ()),
    Advice("two spellings", C + D + "  - a-b=1\n  - a_b>=1\n", ("ENV315 hint",)),
    Advice("two spellings in an export", C + D + "  - a-b=1.0\n  - a_b=1.0\n", ()),
    Advice("a distribution", C + D + "  - anaconda\n", ("ENV316 hint",)),
    Advice("no channels", "name: x\n" + D, ("ENV207 hint",), "name: x\nchannels:\n  - conda-forge\n" + D),
    Advice("no channels, in a part", D, ()),
    Advice("no channels, in a managed run", D, ("ENV207 hint",), managed=True),
    Advice("no channels, for Binder", "name: x\n" + D, (), path="binder/environment.yml"),
    Advice("a misspelt key", "name: x\nchanels: [conda-forge]\n" + D, ("ENV103 warning",)),
    Advice(
        "bioconda first",
        "channels: [bioconda, conda-forge]\n" + D,
        ("ENV208 hint",),
        "channels: [conda-forge, bioconda]\n" + D,
    ),
    Advice("a name that Binder does not read", C + D, ("ENV117 warning",), path="binder/environment.yaml"),
    Advice(
        "a range for Binder",
        C + "dependencies:\n  - python>=3.9,<3.10\n",
        ("ENV117 hint",),
        path=".binder/environment.yml",
    ),
    Advice("a Python for Binder", C + "dependencies:\n  - python =3.9\n", (), path=".binder/environment.yml"),
    Advice("any name elsewhere", C + D, (), path="docs/environment.yaml"),
    Advice(
        "values that arrive changed",
        C + D + "variables:\n  A: true\n  B: 1.10\n  C: 8080\n  D: 0.5\n  E: 007\n",
        ("ENV116 warning",),
        C + D + 'variables:\n  A: "true"\n  B: "1.10"\n  C: 8080\n  D: 0.5\n  E: "007"\n',
    ),
    Advice("a selector of a recipe", C + D + "  - a=1  # [py<39]\n", ("ENV310 information",)),
    Advice("a condition of a recipe", C + D + "  - if: win\n    then: b\n", ("ENV106 error",)),
    Advice("whose terms", "channels: [defaults]\n" + D, ("+ENV209 hint",), C + D),
    Advice("what follows", C + D, ("+ENV210 hint",), "channels: [conda-forge, nodefaults]\n" + D),
    Advice("what follows in a managed run", C + D, (), managed=True),
    Advice("capitals", C + D + "  - PyYAML=6\n", ("+ENV210 hint", "+ENV314 hint")),
    Advice("a whole version", C + D + "  - a=1.2.3\n", ("+ENV210 hint", "+ENV317 hint")),
    Advice("pip in the middle", C + D + "  - pip\n  - pip:\n    - a==1\n  - b=1\n", ("+ENV210 hint", "+ENV418 hint")),
)


def said(one: Advice, configuration: Configuration) -> list[Found]:
    world = World(files={ROOT / one.path: one.text, **({ROOT / "job.yml": MANAGED} if one.managed else {})})
    return check(world.document(ROOT / one.path), world.facts(), configuration)


@pytest.mark.parametrize("one", ADVICE, ids=lambda one: one.what)
def test_advice(one: Advice) -> None:
    wanted = {code.strip("+").split()[0] for code in one.said if code.startswith("+")}
    by_default = sorted(f"{found.rule.code} {found.severity.value}" for found in said(one, Configuration()))
    assert by_default == sorted(code for code in one.said if not code.startswith("+"))
    configuration = Configuration(severity=dict.fromkeys(wanted, "hint"))
    asked_for = sorted(f"{found.rule.code} {found.severity.value}" for found in said(one, configuration))
    assert asked_for == sorted(code.strip("+") for code in one.said)
    if one.after:
        (found,) = said(one, configuration)

        def first(other: Found, fix: Fix) -> bool:
            return other.rule is found.rule and fix.title == found.finding.fixes[0].title

        document = read(ROOT / one.path, one.text)
        assert fixed(document, World().facts(), configuration, wanted=first).text == one.after


@pytest.mark.parametrize("beside", ["requirements.txt", "Pipfile", "apt.txt"])
def test_what_stands_beside_the_file_of_binder(beside: str) -> None:
    path = ROOT / "binder" / "environment.yml"
    world = World(files={path: C + D, path.with_name(beside): "numpy\n"})
    found = [one.finding.message for one in check(world.document(path), world.facts())]
    assert any(f"`{beside}`" in message for message in found) == (beside != "apt.txt")


@pytest.mark.skipif(not FILES, reason="the real files are not here")
def test_real_files_are_left_in_peace() -> None:
    lines, kinds = ecosystem.findings()
    quiet = Counter(line.path for line in lines if line.severity != "error")
    counts = [quiet[path] for path, kind in kinds.items() if kind is Format.ENVIRONMENT]
    assert statistics.median(counts) <= MOST_OF_MEDIAN
    assert not {line.code for line in lines} & {rule.code for rule in rules().values() if rule.opt_in}
    repeated = [(line.path, line.code) for line in lines if line.code in ONCE]
    assert len(set(repeated)) == len(repeated)


@pytest.mark.skipif(not FILES, reason="the real files are not here")
def test_what_advice_offers_for_real_files_can_be_done() -> None:
    """Each fix of each advice, opinions too: the result has no new problem, and the advice is not given again."""
    opinions = Configuration(severity={rule.code: "hint" for rule in rules().values() if rule.opt_in})
    for path in FILES:
        document = read(PurePath("/project") / path.relative_to(FOLDER), text_of(path))
        if document.format is not Format.ENVIRONMENT:
            continue
        for one in check(document, World().facts(), opinions):
            if one.rule.code not in ONCE or not one.finding.fixes:
                continue

            def first(other: Found, fix: Fix, one: Found = one) -> bool:
                return other.rule is one.rule and fix is other.finding.fixes[0]

            after = fixed(document, World().facts(), opinions, wanted=first)
            assert len(after.tree.problems) <= len(document.tree.problems), path
            assert one.rule.code not in {other.rule.code for other in check(after, World().facts(), opinions)}, path
