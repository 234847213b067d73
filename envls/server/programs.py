"""Hears from the editor of the programs that documents have asked about: what is typed in them, and what happens on disk.

An editor shows us no Python files, and there may be thousands. Only the folders of those that a run starts or imports are
watched, and only files in them are sent while they are open.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from envls.server.uris import uri_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import PurePath

GATHER = 0.1
"""Seconds in which folders are gathered before the editor hears of them: modules are found one by one."""
_PATTERN = "*.{py,ipynb}"
_SPECIAL = re.compile(r"[*?\[\]{}]")


class Programs:
    """`register` asks the editor; it is asked to watch folders if it `watches`, and to send texts if it `sends`."""

    def __init__(self, register: Callable[[list[lsp.Registration]], None]) -> None:
        self._register = register
        self._known: set[PurePath] = set()
        self._new: set[PurePath] = set()
        self._gathering: asyncio.TimerHandle | None = None
        self.watches = False
        self.sends = False

    def follow(self, folders: Iterable[PurePath]) -> None:
        """From now on, what happens to the programs in these folders is told."""
        new = set(folders) - self._known
        if not new or not (self.watches or self.sends):
            return
        self._known |= new
        self._new |= new
        if self._gathering is None:
            self._gathering = asyncio.get_running_loop().call_later(GATHER, self._ask)

    def _ask(self) -> None:
        self._gathering = None
        folders, self._new = sorted(self._new), set()
        number = len(self._known)
        registrations = []
        if self.watches:
            watchers = [lsp.FileSystemWatcher(lsp.RelativePattern(uri_of(folder), _PATTERN)) for folder in folders]
            options = lsp.DidChangeWatchedFilesRegistrationOptions(watchers)
            registrations.append(
                lsp.Registration(f"programs-{number}", lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            )
        if self.sends:
            registrations += _texts(folders, number)
        self._register(registrations)

    def cancel(self) -> None:
        if self._gathering is not None:
            self._gathering.cancel()


def _texts(folders: Iterable[PurePath], number: int) -> list[lsp.Registration]:
    """What has an editor send the scripts in folders as it sends documents of ours."""
    selector = [
        lsp.TextDocumentFilterPattern(pattern=f"{_SPECIAL.sub(_plain, folder.as_posix())}/*.py", scheme="file")
        for folder in folders
    ]
    opened = lsp.TextDocumentRegistrationOptions(selector)
    changed = lsp.TextDocumentChangeRegistrationOptions(lsp.TextDocumentSyncKind.Incremental, selector)
    methods = {
        lsp.TEXT_DOCUMENT_DID_OPEN: opened,
        lsp.TEXT_DOCUMENT_DID_CHANGE: changed,
        lsp.TEXT_DOCUMENT_DID_CLOSE: opened,
    }
    return [lsp.Registration(f"{method}-{number}", method, options) for method, options in methods.items()]


def _plain(found: re.Match[str]) -> str:
    return f"[{found.group()}]"
