"""Modules of Python itself that people list as packages. Names that are a conda package of their own are left out:
`argparse`, `enum34`, `readline`, `time`, `typing` and the like.
"""

from __future__ import annotations

NEVER_A_PACKAGE = frozenset(
    """
    base64 bisect collections contextlib csv ctypes datetime difflib fnmatch functools getpass hashlib heapq inspect io
    itertools json logging math multiprocessing os os.path pickle pprint random re shutil sqlite3 subprocess sys
    tempfile textwrap threading tkinter traceback unittest urllib warnings zipfile
    """.split()  # noqa: SIM905 - names are read as prose
)
NEVER_FROM_PYPI = (NEVER_A_PACKAGE - {"datetime", "os.path"}) | {"argparse", "asyncio", "pathlib", "uuid"}
"""Those that are no package of PyPI, or one that Python has outgrown: `DateTime` is Zope's, and alive."""
