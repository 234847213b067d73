"""Properties of reading, of places and of edits, tried on generated texts. Derandomized: the same in every run."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from test_syntax import oracle, ours, same

from envls import write
from envls.document import read
from envls.syntax import Mapping, Node, Scalar, Sequence, Style, parse, walk
from envls.text import Edit, Lines, Span, apply

settings.register_profile(
    "the same everywhere",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=100,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("the same everywhere")

PATH = PurePosixPath("/project/environment.yml")

# -- what texts are made of -----------------------------------------------------------------------------------

PIECES = st.sampled_from(
    (
        *("- ", "-", ": ", ":", "  ", " ", "\n", "\r\n", "\n  ", "\n    ", "\n- ", "#", " #", "[", "]", "{", "}", ","),
        *("'", '"', "|", ">", "|-", ">+", "&a ", "*a", "!x ", "? ", "---", "...", "%", "@", "\t", "\\", "\ufeff", "\0"),
        *("a", "pip", "name", "dependencies:", "numpy=1.2", "é", "🐍", "\x85", "\u2028", "\ud800"),
    )
)
NOISE = st.lists(PIECES, max_size=30).map("".join)
WORD = st.from_regex(r"[a-z][a-z0-9._=<>-]{0,8}[a-z0-9]", fullmatch=True)
PHRASE = st.text(st.sampled_from("ab -:#'\"\\,[]{}&*!|>%@`=.~?é🐍\n\t\x07\x85\xa0"), max_size=12)
PLAIN_LINES = st.lists(WORD, min_size=1, max_size=3)


@st.composite
def scalars(draw: st.DrawFn, indent: int) -> str:
    """A scalar behind a dash or a colon in every style; what stands on further lines is indented by `indent`."""
    style = draw(st.sampled_from(("plain", "lines", "single", "double", "escaped", "literal", "folded")))
    pad = "\n" + " " * indent
    if style == "plain":
        return draw(WORD)
    if style == "lines":
        return draw(st.sampled_from((pad, "\n" + pad))).join(draw(PLAIN_LINES))
    if style == "single":
        return "'" + draw(PHRASE).replace("'", "''").replace("\n", "\n" + pad).replace("\x07", "") + "'"
    if style == "double":
        text = draw(PHRASE).replace("\\", "\\\\").replace('"', '\\"').replace("\x07", "\\a")
        return '"' + text.replace("\n", draw(st.sampled_from(("\\n", pad, "\\" + pad, "\n" + pad)))) + '"'
    if style == "escaped":
        return '"' + "".join(_escaped(c, draw(st.integers(0, 3))) for c in draw(PHRASE)) + '"'
    header = ("|" if style == "literal" else ">") + draw(st.sampled_from(("", "-", "+")))
    body = "".join(draw(st.sampled_from(("", "  ", "\n"))) + word + "\n" for word in draw(PLAIN_LINES))
    lines = (" " * indent + line if line else "" for line in body.split("\n")[:-1])
    return header + "\n" + "\n".join((" " * indent + "x", *lines)) + draw(st.sampled_from(("", "\n", "\n\n")))


def _escaped(character: str, how: int) -> str:
    code = ord(character)
    if how == 0 and code < 256:
        return f"\\x{code:02x}"
    if how == 1 and code < 65536:
        return f"\\u{code:04X}"
    if how == 2 or not character.isprintable():
        return f"\\U{code:08x}"
    return {"\\": "\\\\", '"': '\\"'}.get(character, character)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """An environment file in many styles; most are YAML."""
    step = draw(st.sampled_from((0, 2, 4)))
    lines = [f"name: {draw(scalars(2))}"] if draw(st.booleans()) else []
    lines.append("dependencies:")
    count = draw(st.integers(1, 4))
    for _ in range(count):
        comment = draw(st.sampled_from(("", "", "  # why")))
        value = draw(scalars(step + 3))
        lines.append(" " * step + "- " + value + (comment if "\n" not in value else ""))
    if draw(st.booleans()):
        lines.append(" " * step + "- pip:")
        lines += [" " * (step + 4) + "- " + draw(scalars(step + 7)) for _ in range(draw(st.integers(1, 3)))]
    if draw(st.booleans()):
        lines.append("channels: [" + ", ".join(draw(st.lists(WORD, max_size=3))) + "]")
    text = "\n".join(lines) + draw(st.sampled_from(("", "\n", "\n\n")))
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return draw(st.sampled_from(("", "", "# 🐍 é\n", "---\n"))) + text


ODD = st.sampled_from(
    (
        *(
            "a",
            "b c",
            "''",
            '\\"',
            "\\n",
            "\\x41",
            "\\u00e9",
            "\\U0001F40D",
            "\\ ",
            "\\\\",
            "\\\n   ",
            "é",
            "🐍",
            "\t",
            " ",
            "  ",
        ),
        *(
            "\n",
            "\n\n",
            "\n  ",
            "\n    ",
            "\r\n    ",
            "\r    ",
            '"',
            "'",
            "#",
            " # c",
            ": ",
            ":",
            "- ",
            "-",
            "[",
            "]",
            "{",
        ),
        *("}", ",", "|", ">", "%", "@", "x", "1", "~"),
    )
)


@st.composite
def odd_texts(draw: st.DrawFn) -> str:
    """Odd pieces in quotes, in brackets, in texts of several lines, or plain: what is YAML and what is not lies close."""
    inner = "".join(draw(st.lists(ODD, min_size=1, max_size=6)))
    pad = draw(st.sampled_from(("  ", "    ")))
    header = draw(st.sampled_from("|>")) + draw(st.sampled_from(("", "-", "+", "2")))
    text = draw(
        st.sampled_from(
            (
                *(f"- '{inner}'\n- z\n", f'- "{inner}"\n- z\n', f"- {inner}\n- z\n", f'{{"k": "{inner}", z: 1}}\n'),
                f"k: {header}\n{pad}" + inner.replace("\n", "\n" + pad) + "\nz: 1\n",
            )
        )
    )
    return draw(st.sampled_from(("", "\ufeff", "# é\n"))) + text


# What somebody meant who wrote it: an item or a key on a line of its own, though YAML takes it for text there.
MEANT_OTHERWISE = re.compile(
    r"[\r\n][ \t\xa0\ufeff]*(?!- z\n\Z|z: 1\n\Z)(?:- |-(?:$|[\r\n])|[^\r\n]*:(?:[ \t\r\n]|$))|\A[ \ufeff]*:|\A- +:"
)
BREAKS_OF_1_1 = set("\x85\u2028\u2029")  # they end a line in YAML 1.1, and are text in 1.2, which conda reads


# -- reading --------------------------------------------------------------------------------------------------


@given(NOISE)
def test_reading_never_fails(text: str) -> None:
    document = read(PATH, text)
    for node in walk(document.tree.root):
        assert 0 <= node.span.start <= node.span.end <= len(text)
    for problem in document.tree.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(text)


@given(texts())
def test_what_is_written_is_read_as_pyyaml_reads_it(text: str) -> None:
    theirs = oracle(text)
    assume(theirs != "error" and not BREAKS_OF_1_1 & set(text))
    assert same(ours(text), theirs)


@given(NOISE)
def test_what_we_take_for_yaml_is_yaml(text: str) -> None:
    """Where we see no problem PyYAML sees none, and reads the same."""
    theirs, mine = oracle(text), ours(text)
    assume(mine not in ("error", None) and not (BREAKS_OF_1_1 | set("?%&!")) & set(text))
    assert theirs == "error" or same(mine, theirs)


@settings(max_examples=400)
@given(odd_texts())
def test_odd_texts_are_read_as_pyyaml_reads_them(text: str) -> None:
    theirs, mine = oracle(text), ours(text)
    assume(not MEANT_OTHERWISE.search(text))
    assert (theirs == "error") is (mine == "error"), (theirs, mine)
    assert theirs == "error" or same(mine, theirs)


# -- places ---------------------------------------------------------------------------------------------------

_SIMPLE = {"\\n": "\n", "\\a": "\a", '\\"': '"', "\\\\": "\\"}


def _decoded(written: str, style: Style) -> str:
    """What one character of a scalar says, from the characters that it is written with."""
    if style is Style.DOUBLE and written.startswith("\\") and len(written) > 1:
        return _SIMPLE[written] if written in _SIMPLE else chr(int(f"0x{written[2:]}", 16))
    return "'" if style is Style.SINGLE and written == "''" else written


@given(texts())
def test_each_character_is_where_it_is_written(text: str) -> None:
    for node in walk(parse(text).root):
        if not isinstance(node, Scalar):
            continue
        last = node.start
        for index, character in enumerate(node.value):
            span = node.within(index, index + 1)
            assert last <= span.start <= span.end <= node.span.end
            last = span.start
            written = text[span.start : span.end]
            if character not in "\n " and "\n" not in written:
                if node.style is Style.DOUBLE:
                    written = re.match(r"\\x..|\\u....|\\U.{8}|\\.|.", written, re.DOTALL)[0]  # type: ignore[index]
                elif node.style is Style.SINGLE:
                    written = "''" if written.startswith("''") else written[:1]
                else:
                    written = written[:1]
                assert _decoded(written, node.style) == character
            if character not in "\n ":
                assert node.index_at(span.start) == index


@given(NOISE)
def test_offsets_and_places_are_two_names_of_one_thing(text: str) -> None:
    lines = Lines(text)
    for offset in range(len(text) + 1):
        line, column = lines.place(offset)
        if offset <= lines.span(line).end:
            assert lines.offset(line, column) == offset
    assert "".join(text[slice(*lines.whole(line))] for line in range(len(lines))) == text


@given(
    st.text(max_size=30), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.text(max_size=3)), max_size=5)
)
def test_edits_are_made_as_if_from_the_last(text: str, wanted: list[tuple[int, int, str]]) -> None:
    edits: list[Edit] = []
    for a, b, new in wanted:
        span = Span(min(a, b, len(text)), min(max(a, b), len(text)))
        if all(not span.overlaps(other.span) for other in edits):
            edits.append(Edit(span, new))
    naive = text
    for edit in sorted(edits, reverse=True):
        naive = naive[: edit.span.start] + edit.text + naive[edit.span.end :]
    assert apply(text, edits) == naive


# -- changes --------------------------------------------------------------------------------------------------


def _values(node: Node | None) -> list[str]:
    """What the scalars say; that the file may end without a line end is no part of it."""
    return [one.value.rstrip("\n") for one in walk(node) if isinstance(one, Scalar)]


def _sound(text: str) -> Mapping:
    tree = parse(text)
    assume(not tree.problems and isinstance(tree.root, Mapping) and isinstance(tree.root.get("dependencies"), Sequence))
    assert isinstance(tree.root, Mapping)
    return tree.root


def _changed(text: str, change: write.Change) -> str:
    return apply(text, write.edits([change], text, parse(text)))


@given(texts(), WORD)
def test_an_added_item_changes_nothing_else(text: str, item: str) -> None:
    root = _sound(text)
    new = _changed(text, write.Add(("dependencies",), item))
    tree = parse(new)
    assert not tree.problems, new
    before, after = _values(root), _values(tree.root)
    after.remove(item)
    assert sorted(after) == sorted(before)


@given(texts(), WORD)
def test_what_is_missing_of_the_way_is_written_too(text: str, item: str) -> None:
    root = _sound(text)
    new = _changed(text, write.Add(("dependencies", "pip"), item))
    tree = parse(new)
    assert not tree.problems, new
    assert isinstance(tree.root, Mapping)
    pip = [one.get("pip") for one in walk(tree.root) if isinstance(one, Mapping) and one.entry("pip")]
    assert item in _values(pip[0])
    assert [v for v in _values(root) if v not in ("pip", item)] == [
        v for v in _values(tree.root) if v not in ("pip", item)
    ]


@given(texts(), st.integers(0, 6))
def test_a_removed_item_takes_nothing_else_along(text: str, number: int) -> None:
    listed = _sound(text).get("dependencies")
    assert isinstance(listed, Sequence)
    assume(number < len(listed.items) and len(listed.items) > 1)
    new = _changed(text, write.Remove(listed.dashes[number]))
    tree = parse(new)
    assert not tree.problems, new
    assert isinstance(tree.root, Mapping)
    left = tree.root.get("dependencies")
    assert isinstance(left, Sequence)
    expected = [_values(item) for i, item in enumerate(listed.items) if i != number]
    assert [_values(item) for item in left.items] == expected


@given(PHRASE, st.sampled_from((None, "'x'", '"x"')))
def test_a_written_scalar_says_what_was_meant(value: str, like: str | None) -> None:
    assume(value.isprintable() and (like != '"x"' or "\t" not in value))
    model = parse(f"- {like}").root
    assert model is None or isinstance(model, Sequence)
    example = model.items[0] if like and model else None
    written = write.scalar(value, like=example if isinstance(example, Scalar) else None)
    assert yaml.safe_load(f"- {written}") == [value]
