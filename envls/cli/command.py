"""The command line: what it may say, and who does it.

Exit status: 0 no error found, 1 an error found, 2 wrong usage, or a file that could not be read or written. Findings go
to standard output; what could not be checked, and what is wrong with the configuration, to standard error.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from envls import __version__
from envls.check import explain, similar_codes
from envls.cli import cache, files
from envls.cli.configurations import Configurations
from envls.cli.findings import print_findings
from envls.cli.repairs import repair
from envls.cli.screen import complain, prepare, shown
from envls.rules import rules
from envls.world import Settings, World


def run(arguments: Sequence[str]) -> int:
    """Do what the command line says; returns the exit status. Raises SystemExit(2) on wrong usage."""
    prepare()
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
        complain(f"{shown(Path(error.filename))}: {error.strerror}" if error.filename else str(error))
        return 2
    return status


def _run(options: argparse.Namespace) -> int:
    if options.command == "explain":
        return _explain(options.code)
    if options.command == "cache":
        return cache.run(options)
    configurations = Configurations(options.select, options.ignore)
    if configurations.wrong_usage:
        return 2
    found = files.find(options.paths)
    status = asyncio.run(_judge(found, configurations, options))
    return 2 if found.unread else status


async def _judge(found: files.Found, configurations: Configurations, options: argparse.Namespace) -> int:
    settings = Settings(
        offline=options.offline,
        trust_all=options.trust,
        trusted=options.trust,
        vulnerabilities=options.vulnerabilities,
        name_mapping=options.name_mapping,
    )
    world = World(settings, folders=files.projects(found.sources))
    try:
        sources = await files.as_their_projects_say(found, world)
        ours = [source for source in sources if source.document.content is not None]
        if options.command == "check":
            return await print_findings(world, ours, configurations)
        return await repair(world, ours, configurations, unsafe=options.unsafe, only_show=options.diff)
    finally:
        await world.aclose()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="envls",
        description="Checks and repairs conda environment files, and Azure ML run configurations and jobs.",
    )
    parser.add_argument("--version", action="version", version=f"envls {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "paths", nargs="+", metavar="PATH", help="a file, or a folder that is searched for files envls knows"
    )
    common.add_argument("--offline", action="store_true", help="ask no network; only what is known here counts")
    common.add_argument("--trust", action="store_true", help="ask also the hosts that only the files themselves name")
    # not in the project's own file: it must not have names sent to somebody whom the user has not chosen
    common.add_argument(
        "--vulnerabilities", action="store_true", help="ask OSV, a public database, about versions of public packages"
    )
    common.add_argument(
        "--name-mapping", action="store_true", help="fetch the public list of which conda package is which of PyPI's"
    )
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
    cache.add_to(commands)
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
        complain(f"there is no rule {code}" + (f"; did you mean {near}?" if near else ""))
        return 2
    print(f"{rule.code} {rule.name} ({rule.severity.value})\n\n{rule.doc.rstrip()}")
    return 0
