"""The variables that an environment marker (PEP 508) may ask about: what each is, and values that it has.

The values are those that Python gives on the systems people build for; an editor offers them, no rule judges by them.
"""

from __future__ import annotations

from typing import NamedTuple

_PYTHONS = tuple(f"3.{minor}" for minor in range(15, 6, -1))


class Variable(NamedTuple):
    """`meaning` is Markdown; with `ordered` its values are versions, which can be compared."""

    meaning: str
    values: tuple[str, ...] = ()
    ordered: bool = False


VARIABLES = {
    "python_version": Variable("The version of Python, major and minor: `3.11`.", _PYTHONS, ordered=True),
    "python_full_version": Variable("The whole version of Python: `3.11.4`.", ordered=True),
    "sys_platform": Variable(
        "The system, as `sys.platform` has it.", ("linux", "darwin", "win32", "cygwin", "emscripten")
    ),
    "platform_system": Variable("The system, as `platform.system()` has it.", ("Linux", "Darwin", "Windows")),
    "platform_machine": Variable(
        "The kind of processor, as `platform.machine()` has it: each system has its own word.",
        ("x86_64", "AMD64", "arm64", "aarch64", "ppc64le"),
    ),
    "os_name": Variable("The family of systems, as `os.name` has it.", ("posix", "nt")),
    "implementation_name": Variable("Which Python it is, as `sys.implementation.name` has it.", ("cpython", "pypy")),
    "platform_python_implementation": Variable(
        "Which Python it is, as `platform.python_implementation()` has it.", ("CPython", "PyPy")
    ),
    "platform_release": Variable("The release of the system's kernel, as `platform.release()` has it."),
    "platform_version": Variable("The build of the system's kernel, as `platform.version()` has it."),
    "implementation_version": Variable("The version of the Python implementation.", ordered=True),
    "extra": Variable("An extra that was asked for; on a line of the `pip` section it is never set."),
}
"""Those that people ask about most come first."""
OPERATORS = {
    "==": "the same",
    "!=": "another",
    ">=": "this one or newer",
    "<": "older",
    "<=": "this one or older",
    ">": "newer",
    "~=": "this one or newer within the series",
    "in": "part of this text",
    "not in": "no part of this text",
}
ORDERING = frozenset((">=", "<", "<=", ">", "~="))
"""Those that compare versions."""
