"""Every rule keeps the promise of its page: the marked lines are found, nothing else is, and the fix mends it.

A mark stands behind the line it is about, or on a line of its own above it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
import yaml
from toy import ROOT, Fence, World, fences

from envls.check import check, fixed
from envls.config import Configuration
from envls.document import Document, read
from envls.encoding import Encoding
from envls.facts import Twin, Vulnerability
from envls.rules import families, rules
from envls.rules.rule import AnyRule, Rule
from envls.text import Lines

SAID_OF_EVERY_FILE = ("AML109", "AML218", "ENV207")
"""That a service has ended: of the first file of a project; and examples are shorter without channels."""
MARK = re.compile(r"# <- ((?:[A-Z]{3}\d{3}[ ,]*)+)")


@dataclass
class Example:
    """A judged file in its world; `fixed` is what the fixes of the page's rule make of it.

    A fence without a mark and without a name is a file that the rule has nothing to say about.
    """

    world: World
    judged: Document
    fixed: str | None = None


def examples(rule: AnyRule) -> list[Example]:
    """The examples of a page: each fence without a name is one; all with a name together are one project."""
    known = [fence for fence in fences(rule.doc) if fence.info == "facts"]
    project = _world(known)
    found: list[Example] = []
    for fence in fences(rule.doc):
        if fence.name == "fixed":
            found[-1].fixed = fence.body
        elif fence.info != "facts":
            world = project if fence.name else _world(known)
            path = ROOT / (fence.name or "environment.yml")
            world.files[path] = fence.body
            if MARK.search(fence.body) or not fence.name:
                found.append(Example(world, read(path, fence.body)))
    return found


def _world(known: list[Fence]) -> World:
    world = World()
    for where, name, *said in (line.split() for fence in known for line in fence.body.strip().splitlines()):
        match where:
            case "encoding":
                world.encoding = Encoding(name)
            case "installed":
                world.installed[name] = said[0]
            case "locked":
                world.locked[name] = said[0]
            case "twin":
                world.twins[Twin(said[0], name)] = said[1]
            case "vulnerable":
                version, advisory, _, fixed_in = said
                world.vulnerable[name, version] = (Vulnerability(advisory, fixed=(fixed_in,)),)
            case "conda" | "pip":
                versions = None if said == ["absent"] else tuple(reversed(said))
                {"conda": world.conda, "pip": world.pip}[where][name] = versions
            case platform:
                world.only_on[platform, name] = tuple(reversed(said))
    return world


@pytest.mark.parametrize("code", rules())
def test_page(code: str) -> None:
    rule = rules()[code]
    pages = examples(rule)
    assert any(MARK.search(example.judged.text) for example in pages), "a page needs an example"
    for example in pages:
        text = example.judged.text
        expected = [
            (number + line.lstrip().startswith("#"), marked)
            for number, line in enumerate(text.splitlines())
            for found in MARK.findall(line)
            for marked in re.findall(r"[A-Z]{3}\d{3}", found)
        ]
        lines = Lines(text)
        quiet = tuple(one for one in SAID_OF_EVERY_FILE if one != code)
        configuration = Configuration(select=("ENV", "AML", code), ignore=quiet)
        heard = [
            (lines.place(one.finding.span.start)[0], one.rule.code)
            for one in check(example.judged, example.world.facts(), configuration)
        ]
        if not expected:
            assert code not in {said for _, said in heard}, text
            continue
        assert heard == expected
        if example.fixed is not None:
            mended = fixed(example.judged, example.world.facts(), configuration, wanted=lambda one, _: one.rule is rule)
            assert re.sub(r"(?m)^ *# <- .*\n| *# <- .*", "", mended.text) == example.fixed
            again = fixed(mended, example.world.facts(), configuration, wanted=lambda one, _: one.rule is rule)
            assert again.text == mended.text, "fixing twice is fixing once"


EVIDENCE = re.compile(r"\b(?:conda|mamba|pip|conda-lock)[^.\n]{0,12}? \d[\d.]*|CEP \d+|PEP \d+")


@pytest.mark.parametrize("code", [code for code in rules() if re.match("ENV[1-4]", code)])
def test_page_says_which_tool_does_what(code: str) -> None:
    """A page has evidence (a tool with its version), something that is found and something that is not."""
    page = rules()[code].doc
    assert EVIDENCE.search(re.sub(r"```.*?```", "", page, flags=re.DOTALL))
    shown = [fence for fence in fences(page) if fence.name != "fixed"]
    assert any(MARK.search(fence.body) for fence in shown)
    bytes_are_wrong = any(fence.body.startswith("encoding") for fence in shown if fence.info == "facts")
    assert bytes_are_wrong or any(not MARK.search(fence.body) for fence in shown if fence.info != "facts")


@pytest.mark.parametrize("code", rules())
def test_code_stands_in_its_family(code: str) -> None:
    family, module = families()[code[:4]]
    assert rules()[code] in vars(module).values(), family


@pytest.mark.parametrize("code", rules())
def test_page_begins_with_one_sentence(code: str) -> None:
    summary = rules()[code].summary
    assert summary.endswith(".") and len(summary) < 120
    assert summary[0].isupper() or summary.startswith(("conda ", "pip "))


def test_codes_are_unique() -> None:
    made = [value for _, module in families().values() for value in vars(module).values() if isinstance(value, Rule)]
    assert sorted(one.code for one in made) == sorted(rules())


def test_names_are_unique() -> None:
    names = [rule.name for rule in rules().values()]
    assert len(set(names)) == len(names)


def test_fixed_examples_are_yaml() -> None:
    for rule in rules().values():
        for fence in fences(rule.doc):
            if fence.name == "fixed":
                yaml.safe_load(fence.body)
