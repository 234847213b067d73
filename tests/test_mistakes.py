"""Mistakes that people make in conda environment files: each is found once, at its place, as loud as its consequence.

What stands in `«»` is marked in the editor. A row says the code, the severity, and what the first fix makes of the text:
"safe" before it where `envls fix` makes it too, "" where there is no one right answer.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest
from toy import ROOT, World

from envls.check import check, fixed
from envls.config import Configuration
from envls.document import read
from envls.syntax import parse

D = "dependencies:\n  - python=3.11\n"
C = "channels: [conda-forge]\n" + D
P = D + "  - pip\n  - pip:\n"


class Mistake(NamedTuple):
    what: str
    text: str
    code: str
    severity: str
    after: str = ""
    safe: bool = False


MISTAKES = (
    Mistake(
        "pip section without pip",
        D + "  - «pip»:\n      - flask==3.0.0\n",
        "ENV402",
        "warning",
        D + "  - pip\n  - pip:\n      - flask==3.0.0\n",
        safe=True,
    ),
    Mistake(
        "pip section without python",
        "dependencies:\n  - pip\n  - «pip»:\n    - flask==3.0.0\n",
        "ENV415",
        "hint",
        "dependencies:\n  - pip\n  - python\n  - pip:\n    - flask==3.0.0\n",
        safe=True,
    ),
    Mistake(
        "an export of Windows",
        "dependencies:\n  - a=1=«h0abcde_0»\n"
        + "".join(f"  - p{i}=1=h{i}abcde_{i}\n" for i in range(4))
        + "  - vc=14\n",
        "ENV311",
        "information",
        "dependencies:\n  - a=1\n" + "".join(f"  - p{i}=1\n" for i in range(4)) + "  - vc=14\n",
    ),
    Mistake(
        "a requirement that is no list, with a comma",
        D + "  - pip\n  - pip: «a>=1,<2»\n",
        "ENV404",
        "error",
        D + "  - pip\n  - pip: ['a>=1,<2']\n",
        safe=True,
    ),
    Mistake(
        "requirements that are no list, one deeper than the other",
        D + "  - pip\n  - pip:\n        «a==1\n      b==2»\n",
        "ENV404",
        "error",
        D + "  - pip\n  - pip:\n        - a==1\n        - b==2\n",
        safe=True,
    ),
    Mistake("a sign for the colon", "«dependencies»=\n  - python=3.11\n", "ENV101", "error", D, safe=True),
    Mistake("the folder of the exporting machine", D + "«prefix: /home/me/x»\n", "ENV108", "hint", D, safe=True),
    Mistake(
        "defaults before conda-forge",
        "channels: [«defaults», conda-forge]\n" + D,
        "ENV205",
        "warning",
        "channels: [conda-forge]\n" + D,
    ),
    Mistake("conda's pin in the pip section", P + "    - a«=»2\n", "ENV401", "error", P + "    - a==2\n", safe=True),
    Mistake("two numbers, exactly", D + "  - numpy«==1.20»\n", "ENV312", "hint", D + "  - numpy=1.20\n"),
    Mistake("a name of PyPI", D + "  - «torch»=2.3\n", "ENV308", "warning", D + "  - pytorch=2.3\n"),
    Mistake("a name of conda", P + "    - «pytorch»==2.3\n", "ENV408", "warning", P + "    - torch==2.3\n"),
    Mistake(
        "a package in both lists",
        D + "  - numpy=1.26\n  - pip\n  - pip:\n    - «numpy==1.26.4»\n    - a==1\n",
        "ENV406",
        "warning",
        D + "  - numpy=1.26\n  - pip\n  - pip:\n    - a==1\n",
    ),
    Mistake("-r file:", P + "    - -r «file:»a.txt\n", "ENV401", "error", P + "    - -r a.txt\n", safe=True),
    Mistake(
        "no dash below pip:", P + "    «-r https://x/a»\n", "ENV101", "error", P + "    - -r https://x/a\n", safe=True
    ),
    Mistake(
        "pip at the top",
        D + "  - pip\n«pip»:\n  - a==1\n",
        "ENV103",
        "error",
        D + "  - pip\n  - pip:\n      - a==1\n",
    ),
    Mistake(
        "pip beside the items", D + "  - pip\n  «pip:»\n    - a==1\n", "ENV101", "error", P + "    - a==1\n", safe=True
    ),
    Mistake(
        "a misspelt dependencies",
        "«dependancies»:\n  - a=1\n",
        "ENV103",
        "error",
        "dependencies:\n  - a=1\n",
        safe=True,
    ),
    Mistake("a misspelt key", "«channel»:\n  - x\n" + D, "ENV103", "warning", "channels:\n  - x\n" + D),
    Mistake("an unknown key", "«condname»: x\n" + D, "ENV103", "warning"),
    Mistake("a tab", "dependencies:\n«\t»- a=1\n", "ENV101", "error", "dependencies:\n  - a=1\n", safe=True),
    Mistake(
        "no blank behind the dash", D + "  «-a=1»\n  - b=1\n", "ENV101", "error", D + "  - a=1\n  - b=1\n", safe=True
    ),
    Mistake(
        "no blank behind any dash",
        "dependencies:\n  «-a=1\n  -b=1»\n",
        "ENV105",
        "error",
        "dependencies:\n  - a=1\n  - b=1\n",
        safe=True,
    ),
    Mistake("no dash", D + "  «a=1»\n  - b=1\n", "ENV101", "error", D + "  - a=1\n  - b=1\n", safe=True),
    Mistake("two joined lines", D + "  - «a=1»\n    b=1\n", "ENV305", "error", D + "  - a=1\n  - b=1\n"),
    Mistake("no blank behind the colon", "«name:x»\n" + C, "ENV101", "error", "name: x\n" + C, safe=True),
    Mistake(
        "a repository in the conda list",
        D + "  - pip\n  - «git+https://x/y.git»\n",
        "ENV301",
        "error",
        D + "  - pip\n  - pip:\n      - git+https://x/y.git\n",
    ),
    Mistake(
        "an option of pip in the conda list",
        D + "  - pip\n  - «-r https://x/y.txt»\n",
        "ENV301",
        "error",
        D + "  - pip\n  - pip:\n      - -r https://x/y.txt\n",
    ),
    Mistake(
        "a package of pip",
        D + "  - pip\n  - torch=1.8=«pypi_0»\n",
        "ENV306",
        "error",
        D + "  - pip\n  - pip:\n      - torch==1.8\n",
    ),
    Mistake(
        "an option of the command line", P + "    - «--no-deps»\n    - a==1\n", "ENV401", "error", P + "    - a==1\n"
    ),
    Mistake("an option behind a package", P + "    - a==1 «-U»\n", "ENV401", "error", P + "    - a==1\n", safe=True),
    Mistake("a password", "channels:\n  - https://me:«hunter2»@example.com/x\n" + D, "ENV203", "warning"),
    Mistake("extras", D + "  - uvicorn«[standard]»=0.3\n", "ENV302", "warning", D + "  - uvicorn=0.3\n", safe=True),
    Mistake(
        "a marker",
        D + "  - pip\n  - a«>=1; os_name=='nt'»\n",
        "ENV301",
        "error",
        D + "  - pip\n  - pip:\n      - a>=1; os_name=='nt'\n",
    ),
    Mistake("a number", "dependencies:\n  - «3.10»\n", "ENV106", "error", "dependencies:\n  - python=3.10\n"),
    Mistake("a colon", "dependencies:\n  - «python: 3.10»\n", "ENV106", "error", "dependencies:\n  - python=3.10\n"),
    Mistake("a colon at the end", D + "  - «numpy=1.2:»\n", "ENV106", "error", D + "  - numpy=1.2\n"),
    Mistake("the operator turned round", D + "  - a «=>3.8»\n", "ENV302", "warning", D + "  - a >=3.8\n"),
    Mistake("a missing comma", D + "  - a «>=1 <2»\n", "ENV301", "error", D + "  - a >=1,<2\n", safe=True),
    Mistake("no version", D + "  - a«=»\n", "ENV302", "warning", D + "  - a\n"),
    Mistake("no version behind an operator", D + "  - a«>=»\n", "ENV301", "error"),
    Mistake("a trailing comma", D + "  - a«<3.8,»\n", "ENV301", "error", D + "  - a<3.8\n", safe=True),
    Mistake("npm's tilde", D + "  - a«~1.0»\n", "ENV301", "error", D + "  - a~=1.0\n"),
    Mistake("npm's caret", D + "  - «a^1.2»\n", "ENV301", "error", D + "  - a>=1.2,<2\n", safe=True),
    Mistake("npm's at", P + "    - a«@1.2»\n", "ENV401", "error", P + "    - a==1.2\n", safe=True),
    Mistake("a glob behind an operator", D + "  - a«<=3.9.*»\n", "ENV309", "information", D + "  - a<3.10\n"),
    Mistake("no name", "«dependencies»:\n  - python=3.11\n", "ENV115", "hint"),
    Mistake("the name of conda's own", "name: «base»\n" + C, "ENV109", "warning"),
    Mistake("a name with a blank", "name: «my env»\n" + C, "ENV109", "error", "name: my-env\n" + C),
    Mistake("a package in two versions", D + "  - a=1\n  - «a=2»\n", "ENV303", "error", D + "  - a=1\n"),
    Mistake("a package twice", D + "  - a=1\n  - «a>=1.2»\n", "ENV303", "warning", D + "  - a=1\n"),
    Mistake("a package once more", D + "  - a=1\n  - «a»\n", "ENV303", "hint", D + "  - a=1\n", safe=True),
    Mistake("two versions for pip", P + "    - a==1.0\n    - «a==1.1»\n", "ENV405", "error", P + "    - a==1.0\n"),
    Mistake(
        "twice the same for pip", P + "    - a==1\n    - «A==1»\n", "ENV405", "hint", P + "    - a==1\n", safe=True
    ),
    Mistake(
        "two pip sections",
        D + "  - pip\n  - «pip»:\n    - a==1\n  - pip:\n    - b==1\n",
        "ENV403",
        "error",
        P + "    - a==1\n    - b==1\n",
    ),
    Mistake(
        "two pip sections with something between",
        D + "  - pip\n  - «pip»:\n    - a==1\n  - c=1\n  - pip:\n    - b==1\n",
        "ENV403",
        "error",
        P + "    - a==1\n    - b==1\n  - c=1\n",
    ),
    Mistake("pip: as text", D + "  - pip\n  - pip: «a»\n", "ENV404", "error", D + "  - pip\n  - pip: [a]\n", safe=True),
    Mistake(
        "nothing below pip:",
        D + "  - pip\n  - «pip»:\n  - a=1\n",
        "ENV409",
        "warning",
        D + "  - pip\n  - pip:\n      - a=1\n",
    ),
    Mistake("a section that conda does not know", D + "  - «npm»: [typescript]\n", "ENV106", "error"),
    Mistake("micromamba's selector", D + "  - «sel(linux)»: a=1\n", "ENV106", "warning"),
    Mistake("an unknown selector", D + "  - «sel(windows)»: a=1\n", "ENV106", "error"),
    Mistake("conda-lock's selector", D + "  - a=1  # «[win]»\n", "ENV310", "information"),
    Mistake(
        "a bare repository for conda-lock",
        "platforms: [linux-64]\n" + P + "    - «git+https://x/y.git#egg=y»\n",
        "ENV414",
        "warning",
        "platforms: [linux-64]\n" + P + "    - y @ git+https://x/y.git\n",
    ),
    Mistake(
        "a platform that is none", "platforms: [«linux64»]\n" + D, "ENV110", "warning", "platforms: [linux-64]\n" + D
    ),
    Mistake("a module of Python", D + "  - «json»\n  - a=1\n", "ENV307", "warning", D + "  - a=1\n"),
    Mistake("a module of Python for pip", P + "    - «uuid»\n    - a==1\n", "ENV416", "warning", P + "    - a==1\n"),
    Mistake(
        "an editable without its name",
        P + "    - -e «git+https://x/y.git»\n",
        "ENV401",
        "error",
        P + "    - -e git+https://x/y.git#egg=y\n",
    ),
    Mistake(
        "an unlisted channel",
        "channels: [a]\n" + D + "  - «b»::c=1\n",
        "ENV204",
        "information",
        "channels: [a, b]\n" + D + "  - b::c=1\n",
    ),
    Mistake("a single colon", D + "  - «conda-forge:»a=1\n", "ENV302", "warning", D + "  - conda-forge::a=1\n"),
    Mistake("a nested variable", D + "variables:\n  «A»: [b]\n", "ENV111", "warning"),
    Mistake(
        "a package behind an option",
        P + "    - -f https://x «a==1»\n",
        "ENV407",
        "error",
        P + "    - -f https://x\n    - a==1\n",
    ),
    Mistake(
        "an option behind a package that has no effect there",
        P + "    - a==1 «-f https://x»\n",
        "ENV407",
        "warning",
        P + "    - a==1\n    - -f https://x\n",
    ),
    Mistake(
        "a file without -r", P + "    - «requirements.txt»\n", "ENV412", "warning", P + "    - -r requirements.txt\n"
    ),
    Mistake("a file that is not there", P + "    - -r «requirements.txt»\n", "ENV413", "warning"),
    Mistake(
        "plain http", "channels: [«http://»x.org/y]\n" + D, "ENV206", "warning", "channels: [https://x.org/y]\n" + D
    ),
    Mistake("a variable that pip does not fill in", P + "    - -i https://«$USER»@x.org\n", "ENV410", "warning"),
    Mistake("a template", "name: «{{» name }}\n" + D, "ENV102", "hint"),
    # YAML
    Mistake("an operator alone", D + "  - «>»=1.2\n", "ENV101", "error", D + "  - '>=1.2'\n"),
    Mistake("an operator behind a colon", D + "  - numpy: «>»=1.2\n", "ENV101", "error", D + "  - numpy: '>=1.2'\n"),
    Mistake("a star", D + "  - «*numpy»\n", "ENV101", "error", D + "  - '*numpy'\n"),
    Mistake("an at", D + "  - «@»x\n", "ENV101", "error", D + "  - '@x'\n"),
    Mistake("a per cent", D + "  - «%»x\n", "ENV101", "error", D + "  - '%x'\n"),
    Mistake("a float", D + "  - «1e5»\n", "ENV106", "error"),
    Mistake("a boolean", D + "  - «true»\n", "ENV106", "error"),
    Mistake("an empty item", D + "  «-»\n", "ENV106", "error", D, safe=True),
    Mistake("a list in the list", D + "  - «[»a]\n", "ENV106", "error"),
    Mistake("a tag", D + "  - !!str «a»\n", "ENV106", "error"),
    Mistake("a block", D + "  - |\n    «a»\n", "ENV301", "error", D + "  - a\n", safe=True),
    Mistake("a tab before a comment", D + "  - a=1«\t»# c\n", "ENV101", "error", D + "  - a=1 # c\n", safe=True),
    Mistake(
        "a tab behind a dash", "dependencies:\n  -«\t»a=1\n", "ENV101", "error", "dependencies:\n  - a=1\n", safe=True
    ),
    Mistake("a glued comment", D + "  - numpy=1.2«#c»\n", "ENV302", "warning", D + "  - numpy=1.2  #c\n", safe=True),
    Mistake("a key twice", D + "«dependencies»:\n  - b=1\n", "ENV107", "error"),
    Mistake("two documents", D + "«---»\n" + D, "ENV101", "error"),
    Mistake(
        "brackets in a flow list",
        "dependencies: [python=3.11, a«[»version=1]]\n",
        "ENV101",
        "error",
        "dependencies: [python=3.11, 'a[version=1]']\n",
    ),
    # types
    Mistake("no dependencies", "«name»: x\n", "ENV104", "error"),
    Mistake("an empty file", "«»\n", "ENV104", "error"),
    Mistake("dependencies: text", "dependencies: «a=1»\n", "ENV105", "error", "dependencies: [a=1]\n", safe=True),
    Mistake(
        "dependencies: a mapping",
        "dependencies:\n  «p»ython: 3.11\n  a:\n",
        "ENV105",
        "error",
        "dependencies:\n  - python=3.11\n  - a\n",
        safe=True,
    ),
    Mistake("dependencies: nothing", "dependencies: «null»\n", "ENV105", "error"),
    Mistake("channels: text", "channels: «a»\n" + D, "ENV105", "error", "channels: [a]\n" + D, safe=True),
    Mistake("a channel that is none", "channels: [«1»]\n" + D, "ENV202", "error"),
    Mistake("name: a number", "name: «3»\n" + C, "ENV105", "error", 'name: "3"\n' + C, safe=True),
    Mistake("variables: a list", D + "variables: «[»a]\n", "ENV105", "error"),
    Mistake(
        "platforms: text", "platforms: «linux-64»\n" + D, "ENV105", "warning", "platforms: [linux-64]\n" + D, safe=True
    ),
    Mistake("a channel twice", "channels: [a, «a»]\n" + D, "ENV201", "hint", "channels: [a]\n" + D, safe=True),
)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: one.what)
def test_mistake(mistake: Mistake) -> None:
    start, end = mistake.text.index("«"), mistake.text.index("»") - 1
    text = mistake.text.replace("«", "").replace("»", "")
    document = read(ROOT / "environment.yml", text)
    configuration = Configuration(select=("ENV", mistake.code), ignore=("ENV304",))
    (one,) = check(document, World().facts(), configuration)
    assert (one.rule.code, one.severity.value, tuple(one.finding.span)) == (
        mistake.code,
        mistake.severity,
        (start, end),
    ), one.finding
    first = one.finding.fixes[0] if one.finding.fixes else None
    assert (first is not None and first.safe) == mistake.safe
    mended = fixed(document, World().facts(), configuration, wanted=lambda found, _: found.rule.code == mistake.code)
    assert (mended.text if first else "") == mistake.after
    assert not parse(mistake.after).problems
