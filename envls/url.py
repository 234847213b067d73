"""Addresses that may carry a secret.

An address read from a file or a setting is a `Url` from that moment on. Its text form is redacted, so that no
message, log or hover can show a secret by accident; only who connects asks for `revealed`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+(?=@)")
_TOKEN = re.compile(r"(?<=/t/)[^/\s]+")
_QUERY = re.compile(r"\?[^#\s]+")


def redact(text: str) -> str:
    """`text` with the secret parts of every address in it replaced: credentials, conda tokens (`/t/…/`), queries."""
    if "://" not in text:
        return text
    return _QUERY.sub("?…", _TOKEN.sub("…", _CREDENTIALS.sub("…", text)))


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
