"""Which credentials an index is asked with: those of its own address, of the user's netrc file, or of the keyring.

They go to the scheme, host and port that they belong to and nowhere else, also not along a redirect. The keyring is
asked only where the user has opted in, and an index has said that it wants credentials (401), as it may ask back.
What the user keeps for a host is not sent unencrypted because a file says so (`may_see`).
Imports requests: only ever imported in a thread.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from requests.auth import AuthBase, HTTPBasicAuth

from envls.url import Url
from envls.world.credentials import netrc_login

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest

PATIENCE = 60.0
"""Seconds that the keyring may take: it may ask the user."""
_PORTS = {"http": 80, "https": 443}


class _Credentials(NamedTuple):
    """`path` is the part of the address below which they count most."""

    path: str
    user: str
    password: str


class IndexAuth(AuthBase):
    """Puts the credentials into each request that has some. Used in several threads."""

    def __init__(self, may_see: Callable[[Url], bool]) -> None:
        self._may_see = may_see
        self._known: dict[tuple[str, str, int | None], dict[str, _Credentials]] = {}
        self._users: dict[tuple[str, str, int | None], str] = {}

    def remember(self, index: Url) -> str:
        """Take the credentials from the address of an index; returns the rest of it."""
        parts = urlsplit(index.revealed)
        before, at, place = parts.netloc.rpartition("@")
        if at:
            user, colon, password = (unquote(part) for part in before.partition(":"))
            if colon:
                self._keep(index.revealed, _Credentials(parts.path, user, password))
            else:
                self._users[_origin(index.revealed)] = user
        return urlunsplit(parts._replace(netloc=place))

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        address = Url(request.url or "")
        found = self._of(address.revealed)
        login = found[1:] if found else netrc_login(address.host, os.environ) if self._may_see(address) else None
        if login is None:
            return request
        user, password = login
        signed: PreparedRequest = HTTPBasicAuth(user.encode(), password.encode())(request)
        return signed

    def ask_keyring(self, url: str, index: str) -> bool:
        """Whether the user's keyring has credentials for where `url` leads to; they are used from now on.

        pip asks it for the address of the index first, then for its host.
        """
        if not self._may_see(Url(url)):
            return False
        parts = urlsplit(url)
        user = self._users.get(_origin(url))
        services = [parts.netloc] if _origin(index) != _origin(url) else [index.rstrip("/") + "/", parts.netloc]
        for service in services:
            found = of_keyring(service, user)
            if found is not None:
                former = self._of(url)
                self._keep(url, found)
                return self._of(url) != former
        return False

    def _keep(self, url: str, credentials: _Credentials) -> None:
        self._known.setdefault(_origin(url), {})[credentials.path] = credentials

    def _of(self, url: str) -> _Credentials | None:
        """Of an origin that several are known for, those of the address nearest by."""
        path = urlsplit(url).path
        known = list(self._known.get(_origin(url), {}).values())
        return max(known, key=lambda one: _in_common(one.path, path), default=None)


def of_keyring(service: str, user: str | None) -> _Credentials | None:
    """What the keyring has: the library where it is installed beside envls, else the command, as for pip."""
    try:
        import keyring  # type: ignore[import-not-found] # noqa: PLC0415 - the user's own, no part of envls
    except ImportError:
        return _of_command(service, user)
    try:
        found = keyring.get_credential(service, user)
    except Exception:  # noqa: BLE001 - its backends raise what they like, with secrets in it
        return None
    return _Credentials("", str(found.username), str(found.password)) if found else None


def _of_command(service: str, user: str | None) -> _Credentials | None:
    command = shutil.which("keyring")
    if command is None or not Path(command).is_absolute():
        return None  # one of the folder that is worked in is not the user's
    asked = [command, "--mode=creds", "--output=json", "get", service, *([user] if user else [])]
    try:
        done = subprocess.run(  # noqa: S603 - the user's own command, which the user has opted for
            asked, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=True
        )
        said = json.loads(done.stdout)
        return _Credentials("", str(said["username"]), str(said["password"]))
    except (OSError, subprocess.SubprocessError, ValueError, LookupError, TypeError):
        return None


def _in_common(one: str, other: str) -> int:
    """How many folders two paths share."""
    pairs = zip(one.strip("/").split("/"), other.strip("/").split("/"), strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def _origin(url: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(url)
        return parts.scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme)
    except ValueError:  # an address that nobody can ask
        return "", "", None
