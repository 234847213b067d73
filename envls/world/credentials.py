"""Which credentials the user keeps for a host, beside those that stand in an address: netrc, and anaconda-client's.

What rattler keeps (its own file, and the system's keyring when the user says so) rattler adds itself, see `egress`.
What is read here goes only to the very host that it is kept for.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping


def netrc_login(host: str, environment: Mapping[str, str]) -> tuple[str, str] | None:
    """Name and password for `host` in the user's netrc, as requests and so conda finds it.

    The entry that netrc calls `default` does not count: it would go to every host that a file names.
    """
    import netrc  # noqa: PLC0415 - only when a host is asked

    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.expanduser raises where there is no home
    own = environment.get("NETRC")
    for file in [Path(own)] if own else [home / ".netrc", home / "_netrc"]:
        try:
            entry = netrc.netrc(str(file)).hosts.get(host)
        except (OSError, UnicodeError, netrc.NetrcParseError):
            continue
        if entry is not None:
            login, account, password = entry
            return login or account or "", password or ""
    return None


def anaconda_token(address: str, environment: Mapping[str, str]) -> tuple[str, str]:
    """anaconda-client's token for an address, as conda finds it, and the path of the place that it is for; ("", "")
    where there is none. In the address the token stands right after that path, as `/t/TOKEN`."""
    for place, token in anaconda_tokens(environment).items():
        if address == place or address.startswith(place + "/"):
            return urlsplit(place).path, token
    return "", ""


def anaconda_tokens(environment: Mapping[str, str]) -> dict[str, str]:
    """The tokens by the address that they are for; one for the API counts for the channels beside it."""
    found: dict[str, str] = {}
    for folder in _token_folders(environment):
        try:
            files = sorted(file for file in folder.iterdir() if file.suffix == ".token")
            read = [(unquote_plus(file.stem).rstrip("/"), file.read_text("utf-8").strip()) for file in files]
        except (OSError, UnicodeError):
            continue
        for place, token in read:
            if re.fullmatch(r"[A-Za-z0-9_.~-]+", token):
                found[place] = found[re.sub(r"([./])api([./]|$)", r"\1conda\2", place, count=1)] = token
    return found


def are_kept(host: str, environment: Mapping[str, str]) -> bool:
    """Whether the user keeps credentials that `host` may be asked with: its channels need not be public then."""
    if netrc_login(host, environment) is not None:
        return True
    if any((urlsplit(address).hostname or address) == host for address in anaconda_tokens(environment)):
        return True
    return any(
        host == name or (name.startswith("*.") and host.endswith(name[1:])) for name in _kept_by_rattler(environment)
    )


def rattler_file(environment: Mapping[str, str]) -> Path:
    """Where rattler keeps credentials, unless in the system's keyring."""
    own = environment.get("RATTLER_AUTH_FILE")
    return Path(own or Path(os.path.expanduser("~"), ".rattler", "credentials.json"))  # noqa: PTH111 - as above


def _kept_by_rattler(environment: Mapping[str, str]) -> list[str]:
    import json  # noqa: PLC0415 - rarely needed

    try:
        content = json.loads(rattler_file(environment).read_bytes())
    except (OSError, ValueError, RecursionError):
        return []
    return list(content) if isinstance(content, dict) else []


def _token_folders(environment: Mapping[str, str]) -> list[Path]:
    """Where conda looks: in the folder of configurations; former versions in that of data."""
    import platformdirs  # noqa: PLC0415 - only when a channel is asked

    if own := environment.get("BINSTAR_CONFIG_DIR"):
        return [Path(own) / "data"]
    former = platformdirs.user_data_dir("binstar", "ContinuumIO")
    return [Path(former), Path(platformdirs.user_config_dir("binstar", "ContinuumIO"))]
