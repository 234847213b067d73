"""What to do with an error of our own: say so once in the log, with its place and without what was being read."""

from __future__ import annotations

import logging
import traceback

LOG = logging.getLogger(__name__)
_said: set[tuple[str, str, str]] = set()


def report(doing: str, error: BaseException) -> None:
    """Log `error` unless the same has been logged. Its message stays out: it may quote a file or an address."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "?"
    kind = type(error).__name__
    if (doing, kind, place) not in _said:
        _said.add((doing, kind, place))
        LOG.error("%s failed: %s (an error of envls itself)\n%s", doing, kind, "".join(traceback.format_list(frames)))
