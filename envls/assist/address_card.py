"""What to show of an address that pip installs from: which package, which file or repository, at which state of it."""

from __future__ import annotations

import re

from envls.assist.markdown import code, escaped
from envls.formats.conda.requirement import PipLine, normalised
from envls.url import SCHEME, Url

_REPOSITORY = re.compile(
    r"(?P<system>git|hg|svn|bzr)\+(?P<root>[a-z-]+://[^/]*)(?P<path>[^#]*)(?:#(?P<fragment>.*))?", re.IGNORECASE
)
_SYSTEMS = {"git": "git", "hg": "Mercurial", "svn": "Subversion", "bzr": "Bazaar"}


def address_card(line: PipLine) -> str:
    """About a line that is an address, or an editable one; "" for any other."""
    written = line.options[0].meant if line.option == "--editable" else ""
    url = line.url or (Url(written) if SCHEME.match(written) else None)
    if url is None:
        return ""
    found = _REPOSITORY.fullmatch(str(url))
    if found is None:
        named = " ".join(
            filter(None, (f"**{escaped(line.name)}**", code(line.wheel_version) if line.wheel_version else ""))
        )
        return f"{named if line.name else '**An address**'} from {code(str(url))}\n\npip fetches this file; no index is asked."
    path, _, state = found["path"].partition("@")
    fragment = dict(part.partition("=")[::2] for part in (found["fragment"] or "").split("&"))
    name = line.name or normalised(fragment.get("egg", ""))
    system = _SYSTEMS[found["system"].lower()]
    where = f"{f'**{escaped(name)}** from' if name else 'From'} the {system} repository {code(found['root'] + path)}"
    folder = f", folder {code(fragment['subdirectory'])}" if fragment.get("subdirectory") else ""
    at = f"at {code(state)}" if state else "at the newest state of its main branch"
    return f"{where}{folder}, {at}\n\npip fetches the repository; no index is asked."
