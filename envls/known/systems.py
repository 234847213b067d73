"""Packages that belong to one operating system, by their names (in lower case).

Most are what an export has of the system it was made on, and tell which one that was. Of some it is certain that no
channel has them for another system.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_EXPORTED = (
    (
        "Windows",
        re.compile(
            r"vs\d{4}_runtime|vc|vc14_runtime|ucrt|wincertstore|win_inet_pton|pywin32|pywinpty|winpty|m2w64-.*|msys2-.*"
            r"|console_shortcut|powershell_shortcut"
        ),
    ),
    ("macOS", re.compile(r"libcxx|libcxxabi|appnope|pyobjc-.*|libgfortran5-osx|llvm-openmp-osx|.*_osx-(?:64|arm64)")),
    (
        "Linux",
        re.compile(
            r"libgcc-ng|libgcc|libstdcxx-ng|libstdcxx|libgomp|libgfortran-ng|_libgcc_mutex|ld_impl_linux-.*|.*_linux-64"
        ),
    ),
)
_NOWHERE_ELSE = {
    "Windows": re.compile(
        r"vs\d{4}_runtime|vc14_runtime|ucrt|pywin32|pywinpty|winpty|m2w64-(?!.*_win-64).*|msys2-conda-epoch"
        r"|console_shortcut|powershell_shortcut"
    ),
    "macOS": re.compile(r"pyobjc-.*|libcxxabi"),
    "Linux": re.compile(r"_libgcc_mutex"),
}
SUBDIR = {"Windows": "win-", "macOS": "osx-", "Linux": "linux-"}
"""How the platforms of a system begin, as conda names them."""


def exported_on(names: Iterable[str]) -> str:
    """The system that a list of packages was exported on; "" where it does not tell."""
    listed = list(names)
    return next((system for system, known in _EXPORTED if any(map(known.fullmatch, listed))), "")


def only_on(name: str) -> str:
    """The only system that any channel has the package for; "" where there may be others."""
    return next((system for system, known in _NOWHERE_ELSE.items() if known.fullmatch(name)), "")
