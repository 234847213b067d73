"""`envls check | fix | explain` in a terminal and in CI: the same findings and fixes as in the editor.

Exit status: 0 no error found, 1 an error found, 2 wrong usage. Findings go to standard output; what could not be
checked, and what is wrong with the configuration, to standard error.
"""

from __future__ import annotations

import argparse
import asyncio
import difflib
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from envls import __version__, config
from envls.check import Found, check, explain, fixed, similar_codes
from envls.config import Configuration
from envls.document import Document, known_name, read
from envls.facts import Answer, CondaNames, CondaPackage, Facts, Pending, PipPackage, Question, Unavailable
from envls.rules import rules
from envls.rules.rule import Severity
from envls.text import Span
from envls.url import SECRETS
from envls.world import Settings, World, settle

PATIENCE = 20.0
"""Seconds that facts are waited for."""
_SKIPPED = frozenset(("node_modules", "__pycache__", "site-packages", ".git", ".venv", "venv", ".tox", ".nox"))
_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFORMATION: "36", Severity.HINT: "36"}


@dataclass(frozen=True)
class Source:
    """A file as it is on disk: how it is encoded, so that it can be written back in the same way."""

    path: Path
    encoding: str
    document: Document


def run(arguments: Sequence[str]) -> int:
    """Do what the command line says; returns the exit status. Raises SystemExit(2) on wrong usage."""
    try:
        status = _run(_parser().parse_args(arguments))
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # whoever read the output has seen enough; Python would complain once more when it closes the stream
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except OSError as error:
        _complain(f"{_shown(Path(error.filename))}: {error.strerror}" if error.filename else str(error))
        return 2
    return status


def _run(options: argparse.Namespace) -> int:
    if options.command == "explain":
        return _explain(options.code)
    configurations = _Configurations(options)
    if configurations.wrong_usage:
        return 2
    sources: list[Source] = []
    unread = 0
    for path in _files(options.paths):
        try:
            sources.append(_read(path))
        except (OSError, UnicodeError) as error:
            unread += 1
            _complain(f"{_shown(path)}: {error.strerror if isinstance(error, OSError) else error}")
    settings = Settings(offline=options.offline, trust_all=options.trust, trusted=options.trust)
    command = _check if options.command == "check" else _fix
    status = asyncio.run(_with_world(settings, command, sources, configurations, options))
    return 2 if unread else status


def _complain(message: str) -> None:
    print(f"envls: {message}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="envls",
        description="Checks and repairs conda environment files and Azure ML run configurations.",
    )
    parser.add_argument("--version", action="version", version=f"envls {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "paths", nargs="+", metavar="PATH", help="a file, or a folder that is searched for files envls knows"
    )
    common.add_argument("--offline", action="store_true", help="ask no network; only what is known here counts")
    common.add_argument("--trust", action="store_true", help="ask also the hosts that only the files themselves name")
    common.add_argument(
        "--select", action="append", default=[], metavar="CODE", help="run only these rules (a beginning is enough)"
    )
    common.add_argument("--ignore", action="append", default=[], metavar="CODE", help="leave out these rules")
    commands.add_parser("check", parents=[common], help="print what is wrong")
    fix = commands.add_parser("fix", parents=[common], help="repair what is safe to repair")
    fix.add_argument("--diff", action="store_true", help="show the changes instead of making them")
    fix.add_argument("--unsafe", action="store_true", help="make also changes that may install something else")
    explaining = commands.add_parser("explain", help="show the page of a rule")
    explaining.add_argument("code", metavar="CODE", help="such as ENV301; `all` lists every rule")
    commands.add_parser("server", help="start the language server on standard input and output")
    return parser


def _explain(code: str) -> int:
    if code.lower() == "all":
        for one in rules().values():
            print(f"{one.code}  {one.severity.value:<8} {one.name}: {one.summary}")
        return 0
    rule = explain(code)
    if rule is None:
        near = ", ".join(similar_codes(code))
        _complain(f"there is no rule {code}" + (f"; did you mean {near}?" if near else ""))
        return 2
    print(f"{rule.code} {rule.name} ({rule.severity.value})\n\n{rule.doc.rstrip()}")
    return 0


# -- files ----------------------------------------------------------------------------------------------------


def _files(paths: Iterable[str]) -> list[Path]:
    """The files named, and those that envls knows in the folders named, each once, sorted within a folder."""
    found: dict[Path, None] = {}
    for name in paths:
        path = Path(os.path.abspath(name))  # noqa: PTH100 (resolve() would follow links, and show another path)
        if path.is_dir():
            for folder, folders, names in os.walk(path):
                folders[:] = sorted(f for f in folders if f not in _SKIPPED)
                here = (Path(folder, name) for name in sorted(names))
                found.update(dict.fromkeys(file for file in here if known_name(file) and file.is_file()))
        elif path.exists():
            found[path] = None
        else:
            raise FileNotFoundError(f"no such file or folder: {name}")
    return list(found)


def _read(path: Path) -> Source:
    data = path.read_bytes()
    encoding = "utf-8"
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            encoding = name
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnicodeError(f"not {encoding} at byte {error.start}") from error
    return Source(path, encoding, read(path, text))


def _write(source: Source, text: str) -> None:
    """Write the whole file or nothing of it; where it is a link, what it leads to."""
    target = source.path.resolve()
    beside = target.with_name(f".envls-{os.getpid()}")
    try:
        beside.write_bytes(text.encode(source.encoding))
        beside.chmod(target.stat().st_mode)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _shown(path: Path) -> str:
    """A path as a person in this folder would write it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


class _Configurations:
    """The configuration of each file: the nearest `.envls.toml` or pyproject.toml upwards, and the command line."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.known: dict[Path, Configuration] = {}
        data = {
            key: [code for codes in getattr(options, key) for code in re.split(r"[\s,]+", codes) if code]
            for key in ("select", "ignore")
        }
        self.command, wrong = config.from_data(data, "the command line")
        self.wrong_usage = bool(wrong)
        _say_wrong(wrong)

    def of(self, path: Path) -> Configuration:
        found = self._in(path.parent)
        select = self.command.select or found.select
        return replace(found, select=select, ignore=(*found.ignore, *self.command.ignore))

    def _in(self, folder: Path) -> Configuration:
        if folder not in self.known:
            self.known[folder] = self._read(folder) or (
                self._in(folder.parent) if folder.parent != folder else Configuration()
            )
        return self.known[folder]

    @staticmethod
    def _read(folder: Path) -> Configuration | None:
        for name in config.FILES:
            path = folder / name
            if path.is_file():
                parsed = config.parse(path.read_text("utf-8", "replace"), name, folder)
                if parsed is not None:
                    _say_wrong(message.replace(name, _shown(path), 1) for message in parsed[1])
                    return parsed[0]
        return None


def _say_wrong(messages: Iterable[str]) -> None:
    for message in messages:
        _complain(message)


# -- checking -------------------------------------------------------------------------------------------------


async def _with_world(settings: Settings, command: Any, sources: list[Source], *rest: Any) -> int:
    world = World(settings)
    try:
        status: int = await command(world, sources, *rest)
    finally:
        await world.aclose()
    return status


async def _check(
    world: World, sources: list[Source], configurations: _Configurations, options: argparse.Namespace
) -> int:
    del options
    ours = [source for source in sources if source.document.content is not None]

    def view(facts: Facts) -> list[list[Found]]:
        return [check(source.document, facts, configurations.of(source.path)) for source in ours]

    everything, facts = await settle(view, world, PATIENCE)
    counts: Counter[Severity] = Counter()
    for source, found in zip(ours, everything, strict=True):
        for one in found:
            counts[one.severity] += 1
            print(_finding(source, one))
    _say_summary(len(ours), counts)
    _say_unknown(facts.asked)
    return 1 if counts[Severity.ERROR] else 0


def _finding(source: Source, one: Found) -> str:
    """`file:line:column: severity CODE message`, the line, and a marker below the place; columns count from 1."""
    lines = source.document.lines
    span = one.finding.span
    line, column = lines.place(span.start)
    place = f"{_shown(source.path)}:{line + 1}:{column + 1}"
    head = f"{place}: {_painted(one.severity.value, _COLOURS[one.severity])} {one.rule.code} {one.finding.message}"
    shown = _without_secrets(source.document.text[slice(*lines.span(line))])
    if not shown.strip() or len(shown) > 500:
        return head
    end = min(span.end, lines.span(line).end)
    return "\n".join(
        (head, "    " + shown.replace("\t", " "), "    " + _marker(lines.span(line).start, Span(span.start, end)))
    )


def _without_secrets(line: str) -> str:
    """A line as wide as before, with the secret parts of its addresses replaced: logs of CI are read by many."""
    return SECRETS.sub(lambda found: "*" * len(found.group()), line) if "://" in line else line


def _marker(line_start: int, span: Span) -> str:
    return " " * (span.start - line_start) + _painted("^" * max(1, span.end - span.start), "32")


def _painted(text: str, colour: str) -> str:
    return (
        f"\x1b[{colour}m{text}\x1b[0m"
        if sys.stdout is not None and sys.stdout.isatty() and "NO_COLOR" not in os.environ
        else text
    )


def _say_summary(files: int, counts: Counter[Severity]) -> None:
    if not files:
        _complain("no file that envls knows")
        return
    said = ", ".join(f"{number} {severity.value}{'s' if number != 1 else ''}" for severity, number in counts.items())
    print(f"{files} file{'s' if files != 1 else ''} checked: {said or 'nothing found'}", file=sys.stderr)


def _say_unknown(asked: dict[Question[Any], Answer[Any]]) -> None:
    """What could not be checked, and why; a fact that is not known is no finding."""
    reasons: Counter[str] = Counter()
    for question, answer in asked.items():
        if isinstance(question, CondaPackage | PipPackage | CondaNames):
            if isinstance(answer, Unavailable):
                reasons[answer.reason] += 1
            elif isinstance(answer, Pending):
                reasons["no answer in time"] += 1
    for reason, number in reasons.most_common():
        print(f"not checked against an index: {number} package{'s' if number != 1 else ''} ({reason})", file=sys.stderr)


# -- fixing ---------------------------------------------------------------------------------------------------


async def _fix(
    world: World, sources: list[Source], configurations: _Configurations, options: argparse.Namespace
) -> int:
    ours = [source for source in sources if source.document.content is not None]

    def view(facts: Facts) -> list[str]:
        return [_mended(source, facts, configurations.of(source.path), unsafe=options.unsafe) for source in ours]

    texts, facts = await settle(view, world, PATIENCE)
    errors = changed = 0
    for source, text in zip(ours, texts, strict=True):
        if text != source.document.text:
            changed += 1
            if options.diff:
                print(_diff(source, text), end="")
            else:
                _write(source, text)
                print(f"{_shown(source.path)}: repaired")
        left = check(read(source.path, text), facts, configurations.of(source.path))
        errors += sum(one.severity is Severity.ERROR for one in left)
    verb = "would change" if options.diff else "changed"
    print(
        f"{len(ours)} file{'s' if len(ours) != 1 else ''} looked at, {changed} {verb}, {errors} error{'s' if errors != 1 else ''} left",
        file=sys.stderr,
    )
    _say_unknown(facts.asked)
    return 1 if errors else 0


def _mended(source: Source, facts: Facts, configuration: Configuration, *, unsafe: bool) -> str:
    return fixed(source.document, facts, configuration, wanted=lambda _, fix: unsafe or fix.safe).text


def _diff(source: Source, text: str) -> str:
    name = Path(_shown(source.path)).as_posix()
    lines = difflib.unified_diff(
        source.document.text.splitlines(keepends=True), text.splitlines(keepends=True), f"a/{name}", f"b/{name}"
    )
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)
