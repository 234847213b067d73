"""The start of the process: what must be set before anything large is imported."""

from __future__ import annotations

import gc
import logging
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def start(arguments: Sequence[str] = ()) -> None:
    """Serve one editor on standard input and output, then exit. Editors may pass `--stdio` or ids; all is ignored."""
    del arguments
    # Classes of the protocol and what is read of a large file are many objects that live long: looking through them
    # again and again costs a tenth of the start and a quarter of each edit of a large file.
    gc.set_threshold(50_000, 20, 20)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("pygls").setLevel(logging.CRITICAL)  # its errors quote messages, and these hold files

    from envls.server import stdio  # noqa: PLC0415 - see above
    from envls.server.app import create  # noqa: PLC0415

    server = create()
    sys.exit(stdio.serve(server, server.end))
