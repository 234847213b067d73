"""Why conda finds no name of a package in a spec, where, and what was meant (CEP 26; conda 26.7, tried)."""

from __future__ import annotations

import re

from envls.formats.conda.parts import Part, SpecProblem

CHANNELS = frozenset(("anaconda", "bioconda", "conda-forge", "defaults", "nvidia", "pytorch"))
"""Names that surely mean a channel."""
_PIP_OPTION = re.compile(r"-[a-zA-Z](?:[\s=.]|$)|--[a-z]+(?:-[a-z]+)*(?:[\s=]|$)")
_REPOSITORY = re.compile(r"(?:git|hg|svn|bzr)\+[a-z]+:")
_SCP = re.compile(r"([\w.-]+@[\w.-]+):(?=[\w.-]+/)")
_VALUE = re.compile(r"\s*([<>=!~]*)\s*(\d\S*)")
_CARET = re.compile(r"([a-z0-9._-]+)\^(([1-9]\d*)(?:\.\d+)*)")
_BLANKS = {"\t": "tab", "\xa0": "non-breaking blank"}


def why(text: str, name: Part, namespace: Part | None, rest: str) -> SpecProblem:
    """The problem of a spec whose name is none.

    `namespace` is what stands before a single colon, `rest` what stands behind it: the name and all that follows.
    """
    if namespace and (value := _VALUE.fullmatch(rest)):
        wanted = f"{namespace.text}{value.group(1) or '='}{value.group(2)}"
        return SpecProblem(namespace.end, len(text), "a colon parts no name from its version", wanted)
    if not name.text:
        late = bool(rest.strip()) and rest[:1] == " "
        message = "a blank stands before the package name" if late else "no package name stands here"
        colons = ":" if namespace and namespace.text in CHANNELS else ""
        mended = text[: name.start] + colons + text[name.start :].lstrip() if late else None
        return SpecProblem(name.start, name.start + 1, message, mended)
    return _of_pip(text, name) or _letters(text, name)


def _of_pip(text: str, name: Part) -> SpecProblem | None:
    """What belongs into the `pip` section."""
    bare = text.strip()
    there = "belongs into the `pip` section"
    if _PIP_OPTION.match(bare):
        return SpecProblem(0, len(text), f"this is an option of pip; it {there}", pip=bare)
    if _REPOSITORY.match(bare) or "://" in bare or _SCP.match(bare):
        message = f"conda cannot install from an address like this; it {there}"
        return SpecProblem(0, len(text), message, pip=_SCP.sub(r"git+ssh://\1/", bare))
    if bare == "." or bare.startswith(("./", "../", ".\\", "..\\")):
        return SpecProblem(0, len(text), f"conda installs no folders; this {there}", pip=bare)
    if ";" in name.text:
        message = f"conda has no environment markers; this {there}"
        return SpecProblem(text.find(";", name.start), len(text), message, pip=bare)
    return None


def _letters(text: str, name: Part) -> SpecProblem:
    """What no name may have in it."""
    bare = text.strip()
    if len(bare) > 2 and bare[0] in "'\"" and bare[-1] == bare[0]:
        message = "the quotes inside the quotes are a part of the name for conda"
        return SpecProblem(name.start, name.end, message, bare[1:-1])
    if blank := next((letter for letter in name.text if letter.isspace()), ""):
        mended = re.sub(r"\s+", " ", text).strip()
        if blank == "\n":
            message = "the line break of this block becomes a part of the name; write the package behind the dash"
            return SpecProblem(0, 1, message, mended)
        message = f"conda takes no {_BLANKS.get(blank, 'such blank')} in a spec; write an ordinary blank"
        return SpecProblem(text.find(blank), text.find(blank) + 1, message, mended)
    message, replacement = _written_wrong(name.text, text)
    return SpecProblem(name.start, max(name.end, name.start + 1), message, replacement)


def _written_wrong(name: str, text: str) -> tuple[str, str | None]:
    if "[" in name:
        return "conda takes one pair of brackets, closed, with no other inside", None
    if name.endswith(",") and text.rstrip().endswith(name):
        return "nothing follows the comma", text.rstrip()[:-1]
    if "," in name:
        return "an item names one package; conda reads the comma as a part of the name", None
    if name.startswith("-"):
        return "a dash begins no name", text.replace(name, name.lstrip("-"), 1)
    if "$" in name and "^" not in name:
        return "conda fills in no variables here", None
    channel, _, rest = name.partition("/")
    if channel in CHANNELS and rest:
        return "a channel stands before two colons", text.replace(name, f"{channel}::{rest}", 1)
    if (caret := _CARET.fullmatch(name)) and text.endswith(name):
        wanted = f"{caret.group(1)}>={caret.group(2)},<{int(caret.group(3)) + 1}"
        return "conda has no operator `^`", text.replace(name, wanted, 1)
    return f"`{name}` is no name of a conda package", None
