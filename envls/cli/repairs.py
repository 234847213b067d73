"""`envls fix`: what is mended, and how; with `--diff` it is shown only."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from pathlib import Path

from envls.check import check, fixed
from envls.cli.configurations import Configurations
from envls.cli.files import PATIENCE, NotWrittenError, Source, write
from envls.cli.findings import say_unknown
from envls.cli.screen import complain, counted, shown
from envls.document import Document
from envls.encoding import UTF8
from envls.facts import Facts
from envls.rules.rule import Severity
from envls.world import World, settle


async def repair(
    world: World, sources: Sequence[Source], configurations: Configurations, *, unsafe: bool, only_show: bool
) -> int:
    """Mend files of ours, or show how. Returns the exit status."""

    def view(facts: Facts) -> list[Document]:
        return [_mended(source, facts, configurations, unsafe=unsafe) for source in sources]

    everything, facts = await settle(view, world, PATIENCE)
    errors = changed = failed = 0
    for source, mended in zip(sources, everything, strict=True):
        left = mended
        if mended is not source.document and only_show:
            changed += 1
            print(_diff(source, mended), end="")
        elif mended is not source.document:
            try:
                write(source, mended)
                changed += 1
                print(f"{shown(source.path)}: repaired{_reencoded(source, mended)}")
            except (NotWrittenError, OSError) as error:
                failed += 1
                left = source.document
                complain(f"{shown(source.path)}: not repaired: {getattr(error, 'strerror', None) or error}")
        found = check(left, facts, configurations.of(source.path))
        errors += sum(one.severity is Severity.ERROR for one in found)
    verb = "would change" if only_show else "changed"
    print(
        f"{counted(len(sources), 'file')} looked at, {changed} {verb}, {counted(errors, 'error')} left", file=sys.stderr
    )
    say_unknown(facts.asked)
    return 2 if failed else 1 if errors else 0


def _mended(source: Source, facts: Facts, configurations: Configurations, *, unsafe: bool) -> Document:
    configuration = configurations.of(source.path)
    return fixed(source.document, facts, configuration, wanted=lambda _, fix: unsafe or fix.safe)


def _reencoded(source: Source, mended: Document) -> str:
    """That the file is in another encoding now, where it is."""
    before, after = source.document.encoding or UTF8, mended.encoding or UTF8
    return f", now {after.name} instead of {before.name}" if before.name != after.name else ""


def _diff(source: Source, mended: Document) -> str:
    """What changes, as a patch. What a patch of text cannot say stands in a line before it."""
    name = Path(shown(source.path)).as_posix()
    before, after = (text.splitlines(keepends=True) for text in (source.document.text, mended.text))
    lines = difflib.unified_diff(before, after, f"a/{name.lstrip('/')}", f"b/{name.lstrip('/')}")
    diff = "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)
    reencoded = _reencoded(source, mended)
    return f"{name}{reencoded.replace(', now', ': saved as')}\n{diff}" if reencoded else diff
