"""The options on a line of the `pip` section, as pip reads them (pip 26.3, tried).

pip parts them as a shell does and takes the beginning of a long name for the name. Offsets count in the value of the item.
"""

from __future__ import annotations

import re
import shlex
from typing import NamedTuple

from envls.formats.conda.parts import Part, SpecProblem

OPTIONS = {
    "--index-url": "url", "--extra-index-url": "url", "--no-index": "", "--constraint": "file",
    "--requirement": "file", "--editable": "path", "--find-links": "url", "--no-binary": "names",
    "--only-binary": "names", "--prefer-binary": "", "--require-hashes": "", "--no-require-hashes": "", "--pre": "",
    "--all-releases": "names", "--only-final": "names", "--trusted-host": "host", "--use-feature": "word",
}  # fmt: skip
"""What pip reads on a line of a requirements file, with what its value is; "" for a switch."""
SHORT = {
    "-i": "--index-url",
    "--pypi-url": "--index-url",
    "-c": "--constraint",
    "-r": "--requirement",
    "-e": "--editable",
    "-f": "--find-links",
    "-C": "--config-settings",
    "--config-setting": "--config-settings",
}
PER_REQUIREMENT = {"--hash": "hash", "--config-settings": "setting"}
"""What stands behind a requirement and is about it alone."""
_KINDS = {**OPTIONS, **PER_REQUIREMENT}
# Switches of pip's command line: conda gives the first itself, and those of the first line change nothing in what is installed.
_NO_LOSS = frozenset(
    ("-U", "--upgrade", "--no-cache-dir", "-q", "--quiet", "-v", "--verbose", "--no-input", "--no-color")
)
_SWITCHES = _NO_LOSS | frozenset(
    (
        *(
            "--user",
            "--no-deps",
            "--no-build-isolation",
            "--force-reinstall",
            "--ignore-installed",
            "-I",
            "--use-pep517",
        ),
        *("--no-use-pep517", "--no-compile", "--isolated", "--no-warn-script-location", "--break-system-packages"),
        *("--ignore-requires-python", "--disable-pip-version-check"),
    )
)
_WORD = re.compile(r"(?:\\.|'[^']*'|\"(?:\\.|[^\"\\])*\"|[^ \t\r\n'\"\\])+", re.DOTALL)
_HASH = re.compile(r"sha(?:256|384|512):.*", re.DOTALL)


class PipOption(NamedTuple):
    """An option by its long name, or (`name` is "") a word that is none; `value` is as the file writes it."""

    name: str
    written: Part
    value: Part | None = None
    meant: str = ""  # the value as a shell reads it

    @property
    def part(self) -> tuple[int, int]:
        return self.written.start, self.value.end if self.value else self.written.end


class Options(NamedTuple):
    """What stands on a line from its first option on, up to what pip does not take."""

    options: tuple[PipOption, ...]
    problem: SpecProblem | None = None


def read(body: str, start: int) -> Options:
    """The options of a line, which begin at `start`."""
    places = list(_WORD.finditer(body, start))
    try:
        words = shlex.split(body[start:])
    except ValueError:
        return Options((), _problem(start, len(body), "a quote is not closed, or a backslash stands last"))
    options: list[PipOption] = []
    waiting = list(zip(words, places, strict=False))
    while waiting:
        word, place = waiting.pop(0)
        if not word.startswith("-") or word in ("-", "--"):
            options.append(PipOption("", Part(place.group(), place.start()), meant=word))
            continue
        option, problem = _option(word, place, waiting)
        if problem is None:
            problem = _bad_value(option)
        if problem:
            return Options((*options, option), problem)
        options.append(option)
    return Options(tuple(options))


def _option(
    word: str, place: re.Match[str], waiting: list[tuple[str, re.Match[str]]]
) -> tuple[PipOption, SpecProblem | None]:
    """The option that begins with `word`, with its value taken from those `waiting`."""
    if word.startswith("--"):
        written, equals, meant = word.partition("=")
        name = _long_form(written)
    else:
        written, equals, meant = word[:2], "", word[2:]
        name = SHORT.get(written, written)
    part = Part(place.group()[: len(written)], place.start())
    glued = Part(place.group()[len(written) + len(equals) :], part.end + len(equals))
    option = PipOption(name, part, glued if equals or meant else None, meant)
    if name not in _KINDS:
        return option, _unknown(option, written, place.string)
    if not _KINDS[name]:
        return option, _problem(*option.part, f"`{written}` takes no value") if equals else None
    if option.value is None:
        if not waiting:
            return option, _problem(part.start, part.end, f"`{written}` needs a value")
        meant, place = waiting.pop(0)
        option = PipOption(name, part, Part(place.group(), place.start()), meant)
    return option, None


def _long_form(written: str) -> str:
    if written in SHORT or written in _KINDS:
        return SHORT.get(written, written)
    fitting = {SHORT.get(name, name) for name in (*_KINDS, *SHORT) if name.startswith(written)}
    return fitting.pop() if len(fitting) == 1 and len(written) > len("--") else written


def _unknown(option: PipOption, written: str, body: str) -> SpecProblem:
    start, end = option.written.start, option.written.end
    fitting = sorted(name for name in _KINDS if name.startswith(written)) if len(written) > len("--") else []
    if fitting:
        return _problem(start, end, f"`{written}` could be " + " or ".join(f"`{name}`" for name in fitting))
    message = f"pip does not take `{written}` in a requirements file; only on its command line"
    if written not in _SWITCHES and option.value is None:
        return _problem(start, end, message)  # what follows may be its value
    without = (body[:start].rstrip() + body[option.part[1] :]).strip()
    return SpecProblem(start, end, message, without, safe=written in _NO_LOSS)


def _bad_value(option: PipOption) -> SpecProblem | None:
    """Why pip does not take the value of an option, or takes it for something else."""
    value, meant, kind = option.value, option.meant, _KINDS[option.name]
    if value is None:
        return None
    start, end = value.start, value.end
    if kind == "hash" and not _HASH.fullmatch(meant):
        return _problem(option.written.start, end, "pip takes a hash as `--hash=sha256:…`, `sha384` or `sha512`")
    if kind == "setting" and "=" not in meant:
        return _problem(start, end, f"`{option.written.text}` takes a setting as `key=value`")
    if kind == "names" and meant.startswith("-"):
        return _problem(start, end, f"`{option.written.text}` needs a value")
    return None


def _problem(start: int, end: int, message: str) -> SpecProblem:
    return SpecProblem(start, max(end, start + 1), message)
