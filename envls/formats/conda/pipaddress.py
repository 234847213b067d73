"""What pip takes for an address or a path, and what it does not find there (pip 26.3, tried).

Only what can be told from the text: whether a file or a host is there is not known here.
"""

from __future__ import annotations

import re

from envls.formats.conda.parts import SpecProblem

ADDRESS = re.compile(r"(?:https?|ftp)://|file:|(?:git|hg|svn|bzr)\+[a-z-]+://", re.IGNORECASE)
VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")
"""What pip fills in from the environment: nothing is known of the text round it."""
_REPOSITORY = re.compile(r"(?:(?:git|hg|svn|bzr)\+[a-z-]+|git|hg|svn|bzr)://", re.IGNORECASE)
_EGG = re.compile(r"[#&]egg=(?P<egg>[^&]*)")
_EGG_NAME = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?", re.IGNORECASE)
_EGG_EXTRAS = re.compile(r"[\w.-]+\[[\w,.-]+\]")
_GLUED_MARKER = re.compile(r";\s*(?=(?:python|sys|os|platform|implementation)[_.])")
_SCP = re.compile(
    r"(?:git\+(?:ssh://)?|ssh://)?(?P<user>[\w.-]+)@(?P<host>[\w.-]+):(?P<path>(?!//|\d+/)[\w./~-]+)(?P<rest>.*)"
)
_FOREIGN = re.compile(r"(?P<scheme>git|ssh|hg|svn)://(?P<rest>\S+)")
_GIT_PAGE = re.compile(r"https?://\S+\.git(?:@[\w./-]+)?(?:#\S*)?")
_ARCHIVES = (
    *(".whl", ".zip", ".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tbz"),
    *(".tar.xz", ".txz", ".tlz", ".tar.lz", ".tar.lzma"),
)
_WHEEL = re.compile(r"([A-Za-z0-9._]+?)-(\d[A-Za-z0-9._!+]*)(?:-\d\w*)?-\w+(?:\.\w+)*-\w+(?:\.\w+)*-\w+(?:\.\w+)*\.whl")
_NO_SCHEME = "an address begins with a scheme that pip knows, such as `https://` or `git+ssh://`"


def is_path(text: str) -> bool:
    """Whether pip looks for a file or a folder (on one platform at least)."""
    if re.sub(r"\[[^\]]*\]$", "", text.rstrip()).lower().endswith(_ARCHIVES):
        return True
    return text.startswith((".", "~", "\\")) or "/" in text or bool(re.match(r"[A-Za-z]:\\", text))


def repository(address: str) -> str | None:
    """The address of a repository as pip takes it, for one that only git takes."""
    if found := _SCP.fullmatch(address):
        return f"git+ssh://{found['user']}@{found['host']}/{found['path']}{found['rest']}"
    if found := _FOREIGN.fullmatch(address):
        vcs, scheme = {"ssh": ("git", "ssh"), "svn": ("svn", "svn")}.get(found["scheme"], (found["scheme"], "https"))
        return f"{vcs}+{scheme}://{found['rest']}"
    return None


def bad_address(address: str, start: int) -> SpecProblem | None:
    """Why pip does not take an address, or surely finds nothing there; its replacement is that of the address."""
    end = start + len(address)
    mended = repository(address)
    if mended or not ADDRESS.match(address):
        return None if VARIABLE.match(address) else SpecProblem(start, end, _NO_SCHEME, mended)
    if glued := _GLUED_MARKER.search(address):
        message = "pip takes the marker for a part of the address; blanks belong round `;`"
        wanted = f"{address[: glued.start()]} ; {address[glued.end() :]}"
        return SpecProblem(start + glued.start(), end, message, wanted)
    if " " in address:
        return SpecProblem(start + address.index(" "), end, "a blank stands in the address")
    return _bad_egg(address, start) or bad_wheel(address, start)


def _bad_egg(address: str, start: int) -> SpecProblem | None:
    found = _EGG.search(address)
    if not found or _EGG_NAME.fullmatch(found["egg"]) or VARIABLE.search(found["egg"]):
        return None
    message = "pip takes a name alone behind `egg=`; more is written as `name[extra] @ git+https://…`"
    rest = address[: found.start()] + re.sub(r"^&", "#", address[found.end() :])
    wanted = f"{found['egg']} @ {rest}" if _EGG_EXTRAS.fullmatch(found["egg"]) else None
    at = start + found.start("egg")
    return SpecProblem(at, max(start + found.end("egg"), at + 1), message, wanted)


def bad_path(path: str, start: int) -> SpecProblem | None:
    """Why pip never finds what stands at a path."""
    if path == "~" or re.match(r"~\w*[/\\]", path):
        message = "pip does not read `~` as your home folder; a path begins at the folder of this file"
        return SpecProblem(start, start + 1, message)
    return bad_wheel(path, start)


def bad_wheel(address: str, start: int) -> SpecProblem | None:
    bare = re.split(r"[?#]", address)[0]
    file = re.split(r"[/\\]", bare)[-1]
    if not file.lower().endswith(".whl") or wheel(address) or VARIABLE.search(file) or _is_wheel(file):
        return None
    message = "this is no name of a wheel; pip wants `name-version-python-abi-platform.whl`"
    return SpecProblem(start + len(bare) - len(file), start + len(bare), message)


def wheel(address: str) -> tuple[str, str] | None:
    """The name and the version that the file name of a wheel tells."""
    found = _WHEEL.match(re.split(r"[/\\]", re.split(r"[?#]", address)[0])[-1].replace("%2B", "+"))
    return (found.group(1), found.group(2)) if found else None


def _is_wheel(file: str) -> bool:
    from urllib.parse import unquote  # noqa: PLC0415 (slow, and seldom needed)

    from packaging.utils import InvalidWheelFilename, parse_wheel_filename  # noqa: PLC0415 (same)

    try:
        parse_wheel_filename(unquote(file))
    except InvalidWheelFilename:
        return False
    return True


def bad_editable(written: str, meant: str, start: int) -> SpecProblem | None:
    """Why pip does not take the value of `--editable`, which the file writes as `written` and a shell reads as `meant`."""
    end = start + len(written)
    if VARIABLE.search(meant):
        return None
    at = re.match(r"[\w.-]+(?:\[[^\]]*\])?\s*@\s*(?=[\w+.-]+://|file:)", meant)
    address = meant[at.end() :] if at else meant
    if mended := _SCP.fullmatch(address) and repository(address):
        return SpecProblem(start, end, _NO_SCHEME, written.replace(address, mended))
    if _REPOSITORY.match(address):
        if problem := _bad_egg(address, start + max(written.find(address), 0)):
            return problem if at else SpecProblem(problem.start, problem.end, problem.message)
        if at or _EGG.search(address):
            return None
        message = "pip needs the name of the package too, behind `#egg=`"
        name = re.sub(r"@[\w./-]*$", "", address.partition("#")[0].rstrip("/")).rsplit("/", 1)[-1].removesuffix(".git")
        wanted = (
            f"{written}#egg={name}" if _EGG_NAME.fullmatch(name) and "#" not in written and written == meant else None
        )
        return SpecProblem(start, end, message, wanted, safe=False)
    if "://" in address and not address.lower().startswith("file:"):
        wanted = (
            f"git+{address}" if _GIT_PAGE.fullmatch(address) and written == meant and _EGG.search(address) else None
        )
        message = "an editable project is a folder or a repository such as `git+https://…#egg=name`"
        return SpecProblem(start, end, message, wanted)
    if re.search(r"[<>=!~]=", meant):
        return SpecProblem(
            start, end, "an editable project is a folder or a repository; its version is that of its files"
        )
    return bad_option_path(written, meant, start)


def bad_option_path(written: str, meant: str, start: int) -> SpecProblem | None:
    """Why pip never finds the path behind an option."""
    if re.search(r"(?<!\\)\\(?![\s\\'\"])", written) and not written.startswith("'"):
        message = "pip reads a backslash behind an option as an escape, on every platform; write `/`"
        return SpecProblem(start, start + len(written), message, written.replace("\\", "/"))
    return bad_path(meant, start)
