"""What to do with an error of our own: say so once in the log, with its place and without what was being read."""

from __future__ import annotations

import logging
import traceback

LOG = logging.getLogger(__name__)
_said: set[tuple[str, str, str]] = set()


def report(doing: str, error: BaseException) -> None:
    """Log `error` unless the same has been logged. Its message stays out: it may quote a file or an address."""
    kept = getattr(error, "data", None)  # pygls keeps only the text of the traceback of what a handler raised
    frames = kept["traceback"] if isinstance(kept, dict) else traceback.format_tb(error.__traceback__)
    said = doing, type(error).__name__, frames[-1] if frames else ""
    if said not in _said:
        _said.add(said)
        LOG.error("%s failed: %s (an error of envls itself)\n%s", doing, type(error).__name__, "".join(frames))
