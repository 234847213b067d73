"""How py-rattler reaches channels: through the proxy of this room, with a client that knows no other way.

Imports py-rattler: only ever imported in a thread, or in a process of its own.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rattler import Client, Config
from rattler.exceptions import AuthenticationStorageError

from envls.world.credentials import rattler_file
from envls.world.lanes import Lane
from envls.world.proxy import PARALLEL, Proxy
from envls.world.remote import Remote
from envls.world.shelf import FailedError
from envls.world.store import default_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envls.url import Url
    from envls.world.configuration import Configuration


class State(NamedTuple):
    """What a client takes at its start: a new one is needed where this has changed. `mirrors` are the hosts that
    channels have their files on, `time` is that of rattler's credentials."""

    mirrors: Mapping[str, str]
    keyring: bool
    time: float


class Egress:
    """One proxy, and clients that use it. Used on one event loop, that of whoever asks first."""

    def __init__(self, configuration: Configuration, *, shards_only: bool = False) -> None:
        self._configuration = configuration
        self._lane = Lane("channels", PARALLEL)
        self._remote = Remote(configuration)
        self._proxy = Proxy(self._remote, self._lane, shards_only=shards_only)
        self._address = ""
        self._temporary: tempfile.TemporaryDirectory[str] | None = None

    def known_as(self, url: Url) -> str:
        """The address by which py-rattler knows a channel. Raises FailedError."""
        return url.revealed.rstrip("/") if url.scheme == "file" else self._proxy.routes.enter(url)

    def fault(self, channel: str, since: float) -> FailedError | None:
        """Why something of a channel could not be had since that moment of the monotonic clock."""
        return self._proxy.fault(channel, since)

    def hang_up(self, channel: str) -> None:
        """Break off all that is under way for a channel."""
        self._proxy.drop(channel)

    def state(self) -> State:
        try:
            time = rattler_file(os.environ).stat().st_mtime
        except OSError:
            time = 0.0
        return State(self._proxy.routes.mirrors, self._configuration.settings.keyring, time)

    def client(self, state: State) -> Client:
        """A client with what rattler keeps of credentials: from rattler's own file, unless the user wants the system's
        keyring asked as well. Raises FailedError."""
        if not self._address:
            self._address = self._proxy.start()
        problem = ""
        try:
            return _client(self._address, state.mirrors, None if state.keyring else rattler_file(os.environ))
        except AuthenticationStorageError:
            problem = "the credentials that rattler keeps cannot be read"
            return _client(self._address, state.mirrors, self.folder() / "no-credentials")
        finally:
            self._configuration.note("rattler", problem)

    def folder(self) -> Path:
        """Where py-rattler keeps what it has read; a temporary folder where the cache cannot be written."""
        folder = (self._configuration.settings.cache or default_folder()) / "channels"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            if self._temporary is None:
                self._temporary = tempfile.TemporaryDirectory(prefix="envls-", ignore_cleanup_errors=True)
            return Path(self._temporary.name)
        return folder

    def close(self) -> None:
        """Hang up on every channel. What py-rattler is at ends by itself, soon."""
        self._proxy.close()
        self._lane.close()
        self._remote.close()
        if self._temporary is not None:
            self._temporary.cleanup()


def _client(address: str, mirrors: Mapping[str, str], credentials: Path | None) -> Client:
    """A client that speaks to the proxy only, asks once (whether to ask again is for the shelf to say), and looks for
    credentials in the one file; with None wherever rattler does, in the system's keyring too."""
    lines = [f"authentication-override-file = {json.dumps(str(credentials))}"] if credentials is not None else []
    lines += ["[mirrors]", *(f"{json.dumps(there)} = [{json.dumps(here)}]" for there, here in mirrors.items())]
    lines += ["[proxy-config]", f"http = {json.dumps(address)}", f"https = {json.dumps(address)}"]
    return Client.from_config(Config.from_toml("\n".join(lines)), max_retries=0, user_agent="envls")


def failed(message: str) -> FailedError:
    """What py-rattler finds wrong itself, in a phrase that shows no address."""
    if "could not find subdir" in message:
        return FailedError("there is no such channel (404)", everything=True)
    if "os error" in message:
        return FailedError("what it answers cannot be kept on this disk", everything=True)
    return FailedError("its answer cannot be read", everything=True)
