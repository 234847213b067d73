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

EVERYWHERE = frozenset(
    """
    abc antigravity argparse array ast asyncio atexit base64 bdb binascii bisect builtins bz2 calendar cmath cmd code
    codecs codeop collections colorsys compileall concurrent configparser contextlib copy copyreg cProfile csv ctypes
    curses datetime dbm decimal difflib dis doctest email encodings ensurepip enum errno faulthandler fcntl filecmp
    fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob grp gzip hashlib heapq hmac
    html http idlelib imaplib importlib inspect io ipaddress itertools json keyword linecache locale logging lzma
    mailbox marshal math mimetypes mmap modulefinder msvcrt multiprocessing netrc nt ntpath nturl2path numbers opcode
    operator optparse os pathlib pdb pickle pickletools pkgutil platform plistlib poplib posix posixpath pprint profile
    pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource
    rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtplib socket socketserver sqlite3
    sre_compile sre_constants sre_parse ssl stat statistics string stringprep struct subprocess symtable sys sysconfig
    syslog tabnanny tarfile tempfile termios textwrap this threading time timeit tkinter token tokenize trace traceback
    tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib uuid venv warnings wave weakref
    webbrowser winreg winsound wsgiref xml xmlrpc zipapp zipfile zipimport zlib
    """.split()  # noqa: SIM905 - as above
)
"""The modules of every Python from 3.6 to 3.14, on any platform; those that begin with an underscore left out."""
SINCE = {
    "dataclasses": 7,
    "contextvars": 7,
    "graphlib": 9,
    "zoneinfo": 9,
    "tomllib": 11,
    "annotationlib": 14,
    "compression": 14,
}
"""The minor version of Python 3 that a module came with."""
BEFORE = {
    "macurl2path": 7,
    "macpath": 8,
    "dummy_threading": 9,
    "formatter": 10,
    "parser": 10,
    "symbol": 10,
    "binhex": 11,
    **dict.fromkeys(("asynchat", "asyncore", "distutils", "imp", "smtpd"), 12),
    **dict.fromkeys(
        """
        aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap msilib nis nntplib ossaudiodev pipes sndhdr spwd sunau
        telnetlib uu xdrlib
        """.split(),  # noqa: SIM905 - as above
        13,
    ),
}
"""The minor version of Python 3 that a module left with."""
