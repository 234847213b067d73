"""Addresses of documents to paths and back.

Pure, and the same on every system: the flavour of a path is an argument. A document that is no file (not saved yet,
a revision in a diff) gets a path that no disk has, so that its name still says what it is.
"""

from __future__ import annotations

import re
from pathlib import PurePath, PureWindowsPath
from urllib.parse import quote, unquote, urlsplit

_DRIVE = re.compile(r"/[A-Za-z]:(?=/|$)")
_AS_THEY_ARE = "/:!$&'()*+,;=@~"


def path_of(uri: str, flavour: type[PurePath] = PurePath) -> PurePath:
    """The path of a document. A host is a Windows share; where paths know none it is left out."""
    scheme, _, rest = uri.partition(":")
    if scheme.lower() != "file":
        steps = re.split(r"[\\/]", _decoded(re.split("[?#]", rest)[0]))
        return flavour("/", f"{scheme}:", *(step for step in steps if step.strip(".")))
    try:
        host, path = urlsplit(uri)[1:3]
    except ValueError:  # brackets that are no address
        host, path = "", rest
    path = _decoded(path) or "/"
    if not isinstance(flavour(), PureWindowsPath):
        return flavour(path)
    if _DRIVE.match(path):
        return flavour(path[1:3].upper() + (path[3:] or "/"))
    return flavour(f"//{host}{path}" if host and host.lower() != "localhost" else path)


def uri_of(path: PurePath) -> str:
    """The address of a file."""
    text = quote(path.as_posix().encode("utf-8", "surrogateescape"), safe=_AS_THEY_ARE)
    if text.startswith("//"):
        return "file:" + text
    return "file://" + (text if text.startswith("/") else "/" + text)


def _decoded(text: str) -> str:
    """Without percent signs; a name that is not UTF-8 is kept the way Python keeps such names."""
    return unquote(text, errors="surrogateescape")
