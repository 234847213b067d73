"""Files made of lines that people write, right and wrong, in every style: what their fixes do, and what they leave alone."""

from __future__ import annotations

from asking import lost
from hypothesis import assume, example, given
from hypothesis import strategies as st
from test_verdicts import MISREAD, PIP_REJECTED, PIP_TAKEN, REJECTED, TAKEN
from toy import ROOT, World

from envls.check import Found, changes_of, check, fixed
from envls.document import Document, read
from envls.rules.rule import Fix
from envls.text import apply

PATH = ROOT / "environment.yml"
GOOD = (
    "python=3.11",
    "numpy",
    "numpy=1.26",
    "scipy >=1.10,<2",
    "conda-forge::pandas=2.2",
    "blas=*=openblas",
    "torch",
    "json",
)
SPEC = st.sampled_from((*GOOD, *GOOD, *TAKEN, *REJECTED, *MISREAD))
LINE = st.sampled_from(
    (*PIP_TAKEN, *PIP_TAKEN[:6], *PIP_REJECTED, "numpy==1.26.4", "sklearn", "requests==2 -f https://example.com")
)
ODD = st.sampled_from(("a: 1.2", "b=1:", "3.10", "", "c: '>=2'", "npm: [x]", "sel(win): d", "null", "e=1\n        f=2"))
COMMENT = st.sampled_from(("", "", "", "  # why", "  # [win]", "  # envls: ignore"))


def _quoted(value: str, style: str) -> str:
    """`value` as an item in a style; in double quotes where it needs them."""
    if style == "'" and "\n" not in value:
        return "'" + value.replace("'", "''") + "'"
    plain = style == "" and value and value == value.strip() and not set(value) & set("#:,[]{}&*!|>'\"%@`\\\t\n\xa0?")
    if plain and not value.startswith(("-", "=", "~", ".", "$")) and not value.replace(".", "").isdigit():
        return value
    escaped = (
        value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t").replace("\xa0", "\\_")
    )
    return f'"{escaped}"'


@st.composite
def files(draw: st.DrawFn) -> str:
    style = st.sampled_from(("", "", "'", '"'))
    conda = [_quoted(draw(SPEC), draw(style)) for _ in range(draw(st.integers(0, 4)))]
    pip = [_quoted(draw(LINE), draw(style)) for _ in range(draw(st.integers(0, 3)))]
    newline = draw(st.sampled_from(("\n", "\n", "\r\n")))
    end = draw(st.sampled_from((newline, "")))
    head = draw(st.sampled_from(("", "name: x\n", "channels: [conda-forge, conda-forge]\n", "prefix: /x\n")))
    key = draw(st.sampled_from(("dependencies", "dependencies", "dependecies")))
    if draw(st.integers(0, 4)) == 0:
        section = [f"{{pip: [{', '.join(pip)}]}}"] if pip else []
        text = f"{head}{key}: [{', '.join((*conda, *section))}]"
        return text.replace("\n", newline) + end
    dash = " " * draw(st.integers(0, 2)) + "- "
    conda += draw(st.lists(ODD, max_size=2))
    lines = [f"{dash}{item}{draw(COMMENT)}" for item in conda]
    if pip:
        lines.append(f"{dash}pip:")
        inner = " " * (len(dash) + draw(st.integers(0, 2))) + "- "
        lines += [f"{inner}{item}{draw(COMMENT)}" for item in pip]
        if draw(st.integers(0, 5)) == 0:
            lines += [*(f"{dash}{item}" for item in conda[:1]), f"{dash}pip:", f"{inner}more==1"]
    if draw(st.booleans()):
        lines.insert(draw(st.integers(0, len(lines))), "# a line of its own")
    return (head + "\n".join((f"{key}:", *lines))).replace("\n", newline) + end


def mended(document: Document, *, safe: bool) -> Document:
    def wanted(found: Found, fix: Fix) -> bool:
        del found
        return fix.safe or not safe

    return fixed(document, World().facts(), wanted=wanted)


@given(files())
@example('dependencies:\n- "numpy"\n- numpy=1.26')
def test_safe_fixes_lose_nothing(text: str) -> None:
    before = read(PATH, text)
    assume(not before.tree.problems)
    after = mended(before, safe=True)
    assert not after.tree.problems, after.text
    assert not lost(before, after), after.text
    assert after.text.count("# a line of its own") == text.count("# a line of its own")
    assert ("\r\n" in text) >= ("\r\n" in after.text) and after.text.count("\r") <= after.text.count("\n")


@given(files(), st.booleans())
@example("dependencies:\n- pip\n- pip:\n  - more==1\n- git+ssh://git@example.com/x.git", False)
def test_fixing_twice_is_fixing_once(text: str, safe: bool) -> None:
    before = read(PATH, text)
    once = mended(before, safe=safe)
    assert len(once.tree.problems) <= len(before.tree.problems), once.text
    assert mended(once, safe=safe).text == once.text


@given(files())
def test_each_fix_mends_its_finding(text: str) -> None:
    """No fix leaves the same finding on the same words; one at a time, safe or not."""
    document = read(PATH, text)
    assume(not document.tree.problems and "envls:" not in text)
    found = check(document, World().facts())
    for one in found:
        for fix in one.finding.fixes:
            edits = changes_of([fix], document, World().facts()).edits.get(PATH, ())
            after = read(PATH, apply(text, edits))
            assert not after.tree.problems, (fix.title, after.text)
            again = check(after, World().facts())
            assert _times(again, one) < _times(found, one), (fix.title, after.text)


def _times(found: list[Found], one: Found) -> int:
    return sum(other.rule is one.rule and other.finding.message == one.finding.message for other in found)


def test_what_is_pasted_below_a_list_in_a_list_goes_to_neither_by_itself() -> None:
    text = "dependencies:\n  - python=3.11\n  - pip\n  - pip:\n    - rich==13.7\nnumpy==1.26.4\nscipy==1.13\n"
    document = read(PATH, text)
    assert fixed(document, World().facts()).text == text
    there = [one for one in check(document, World().facts()) if one.rule.code == "ENV101"]
    assert [one.finding.fixes[0].title for one in there] == ["Insert the dash", "Insert the dash"]
    plain = read(PATH, "dependencies:\n  - python=3.11\n  - pip\nnumpy==1.26.4\n")
    assert fixed(plain, World().facts()).text == "dependencies:\n  - python=3.11\n  - pip\n  - numpy==1.26.4\n"
