"""Hears from the editor when packages come or go in the environments that documents describe.

They stand outside of the workspace, and whoever installs something does so in a terminal: without being told, an editor
would show what was there before until somebody types.
"""

from __future__ import annotations

import asyncio
from pathlib import PurePath
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from envls.server.uris import uri_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

QUIET = 1.0
"""Seconds without a change after which an installation counts as finished."""
_RECORDS, _HISTORY, _METADATA = "conda-meta", "history", "*.dist-info"


class Environments:
    """`register` asks the editor to watch; `changed` hears of folders in which something was installed or removed."""

    def __init__(
        self, register: Callable[[lsp.Registration], None], changed: Callable[[Iterable[PurePath]], None]
    ) -> None:
        self._register = register
        self._changed = changed
        self._watched: set[PurePath] = set()
        self._touched: set[PurePath] = set()
        self._quiet: asyncio.TimerHandle | None = None

    def watch(self, folders: Iterable[PurePath]) -> None:
        """From now on, what happens in these folders of an environment is told."""
        new = [folder for folder in folders if folder not in self._watched]
        if not new:
            return
        self._watched.update(new)
        # no folder below another one, and no pattern with a slash: an editor would watch all that is in them
        watchers = [
            lsp.FileSystemWatcher(
                lsp.RelativePattern(uri_of(folder), _HISTORY if folder.name == _RECORDS else _METADATA)
            )
            for folder in new
        ]
        options = lsp.DidChangeWatchedFilesRegistrationOptions(watchers)
        identifier = f"environment-{len(self._watched)}"
        self._register(lsp.Registration(identifier, lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, options))

    def others(self, paths: Iterable[PurePath]) -> list[PurePath]:
        """Something has happened to these files. What happened in an environment is told when it is finished; the others."""
        paths = list(paths)
        touched = {path.parent for path in paths} & self._watched
        if touched:
            self._touched |= touched
            if self._quiet is not None:
                self._quiet.cancel()
            self._quiet = asyncio.get_running_loop().call_later(QUIET, self._finished)
        return [path for path in paths if path.parent not in touched]

    def _finished(self) -> None:
        touched, self._touched = self._touched, set()
        self._changed(touched)

    def cancel(self) -> None:
        if self._quiet is not None:
            self._quiet.cancel()
