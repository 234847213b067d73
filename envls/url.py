"""Addresses that may carry a secret.

An address read from a file or a setting is a `Url` from that moment on. Its text form is redacted, so that no
message, log or hover can show a secret by accident; only who connects asks for `revealed`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
SECRETS = re.compile(r"(?<=://)[^/@\s]+(?=@)|(?<=/t/)[^/\s]+|(?<=\?)(?:[\w.~-]+=[^#\s]*)")
"""The parts of an address that may be secret: credentials, a conda token (`/t/…/`), a query."""


def redact(text: str) -> str:
    """`text` with the secret parts of every address in it replaced."""
    return SECRETS.sub("…", text) if "://" in text else text


@dataclass(frozen=True, slots=True)
class Url:
    """An address; `str()` shows it without its secrets."""

    revealed: str

    def __str__(self) -> str:
        return redact(self.revealed)

    def __repr__(self) -> str:
        return f"Url({str(self)!r})"

    @property
    def scheme(self) -> str:
        return self.revealed.partition("://")[0].lower()

    @property
    def host(self) -> str:
        """The host in lower case, without port or credentials; "" where there is none or it cannot be read."""
        try:
            return (urlsplit(self.revealed).hostname or "").lower()
        except ValueError:
            return ""
