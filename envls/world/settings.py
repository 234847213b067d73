"""What the user allows the world to do. No defaults of other rooms, no reading of files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NOTHING = 900.0
"""Seconds for which "there is no such thing" is believed: it hurts more than an old version when it is wrong."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How far the world may go.

    `trusted`: whether hosts that only a file of the workspace names may be asked (an untrusted workspace causes no
    request to them); `trust_all` is the terminal's `--trust` and says the same. `trusted_hosts` are host names that
    may always be asked. `cache` is the folder of the store (None: the user's cache folder), `timeout` the seconds
    that a source may take for one response. What asks somebody else than the declared channels and indexes is off until
    the user says so: `vulnerabilities` (OSV), `name_mapping` (which conda package is which Python package), and `keyring`
    (the system's store of credentials, which may ask the user back).
    """

    offline: bool = False
    trusted: bool = True
    trusted_hosts: tuple[str, ...] = ()
    trust_all: bool = False
    cache: Path | None = None
    timeout: float = 10.0
    vulnerabilities: bool = False
    name_mapping: bool = False
    keyring: bool = False
