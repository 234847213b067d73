"""The conversation over standard input and output, and what of pygls' way of holding it is done differently.

- Input is read by one thread in whole chunks: pygls hops into a thread pool three times for each message, and on
  Windows an event loop cannot wait for a pipe.
- Of a burst of messages one is taken in a turn of the loop, so that each request meets the text it is about.
- The process ends with the status that the protocol demands, also when the editor dies.
- Whatever prints to standard output prints to standard error: a stray word would break the conversation.
- What is plain already goes out as it is.
- A request that cannot be understood gets an error for an answer, and no error is shown in a message box.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.io_ import StdoutWriter, run_async
from pygls.protocol import LanguageServerProtocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pygls.lsp.server import LanguageServer

LOG = logging.getLogger(__name__)
CHUNK = 1 << 16


class Plain(NamedTuple):
    """An answer that is plain already: lists, dictionaries, numbers, texts."""

    value: Any


class Protocol(LanguageServerProtocol):
    """pygls' protocol without its own copy of the texts, which breaks lines where the protocol does not."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        for method in (
            lsp.TEXT_DOCUMENT_DID_OPEN,
            lsp.TEXT_DOCUMENT_DID_CHANGE,
            lsp.TEXT_DOCUMENT_DID_CLOSE,
            *(name for name in self.fm.builtin_features if name.startswith("notebookDocument/")),
        ):
            self.fm.builtin_features.pop(method, None)

    def structure_message(self, data: dict[str, Any]) -> Any:
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(data["id"], None, error.to_response_error())
            raise

    def _send_response(self, msg_id: Any, result: Any = None, error: Any = None) -> None:
        if not isinstance(result, Plain):
            super()._send_response(msg_id, result, error)
            return
        self._result_types.pop(msg_id, None)
        self._send_data({"jsonrpc": "2.0", "id": msg_id, "result": result.value})

    def publish(self, params: dict[str, Any]) -> None:
        """Send diagnostics that are plain already: lsprotocol's classes cost ten times as much."""
        self._send_data({"jsonrpc": "2.0", "method": lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, "params": params})


def serve(server: LanguageServer, ended: Callable[[], Awaitable[None]]) -> int:
    """Talk until the editor says `exit` or is gone; then `ended`. Returns the exit status."""
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    server.protocol.set_writer(StdoutWriter(output))
    try:
        asyncio.run(_talk(server, ended))
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else 1
    except (KeyboardInterrupt, BrokenPipeError):
        pass
    return 1  # nobody has said `exit`


async def _talk(server: LanguageServer, ended: Callable[[], Awaitable[None]]) -> None:
    reader = _Turns()
    loop = asyncio.get_running_loop()
    threading.Thread(target=_feed, args=(reader, loop), name="envls-input", daemon=True).start()
    try:
        await run_async(threading.Event(), reader, server.protocol, error_handler=_misunderstood)
    finally:
        await ended()


class _Turns(asyncio.StreamReader):
    """Hands out the messages of a burst one in a turn of the loop: a request begins, and takes the text that it is about,
    before the next change of that text is read."""

    async def readexactly(self, n: int) -> bytes:
        await asyncio.sleep(0)
        return await super().readexactly(n)


def _feed(reader: asyncio.StreamReader, loop: asyncio.AbstractEventLoop) -> None:
    try:
        while data := os.read(sys.stdin.fileno(), CHUNK):
            loop.call_soon_threadsafe(reader.feed_data, data)
        loop.call_soon_threadsafe(reader.feed_eof)
    except (OSError, RuntimeError):  # the input is broken, or the loop has ended
        pass


def _misunderstood(error: Exception, source: object) -> None:
    del source
    LOG.warning("a message of the editor was not understood: %s", type(error).__name__)
