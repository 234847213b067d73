"""Which rules run, and how loud: `[tool.envls]` in pyproject.toml, or `.envls.toml`, before the editor's settings.

Keys: `select` and `ignore` (codes or their beginnings), `severity` (a table of code to level), `per-file-ignores`
(a table of glob to codes), `platform` (the conda subdir that files are judged for). Reading a wrong configuration gives messages, never an exception.
"""

from __future__ import annotations

import fnmatch
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import PurePath

from envls.formats.conda.environment_keys import SUBDIRS
from envls.formats.conda.matchspec import PLATFORMS

LEVELS = ("error", "warning", "information", "hint", "off")
KEYS = ("select", "ignore", "severity", "per-file-ignores", "platform")
FILES = (".envls.toml", "pyproject.toml")
_CODE = re.compile(r"[A-Z]{3}(?:\d{1,3})?")


@dataclass(frozen=True)
class Configuration:
    """What a team or a user decided. `select` empty means all rules but those to opt in to.

    `platform` is the conda subdir that a file is judged for which says nothing of it; "" for this machine's.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, str] = field(default_factory=dict)
    per_file: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    folder: PurePath | None = None
    platform: str = ""

    def level(self, code: str, default: str, path: PurePath, *, opt_in: bool = False) -> str:
        """How loud `code` is in the file at `path`: one of `LEVELS`. One that is `opt_in` is off until it is named."""
        prefixes = (code,) if opt_in else _prefixes(code)
        chosen = next((self.severity[prefix] for prefix in prefixes if prefix in self.severity), None)
        if chosen == "off" or self._ignored(code, path):
            return "off"
        if chosen is not None:
            return chosen
        if self.select:
            return default if any(prefix in self.select for prefix in prefixes) else "off"
        return "off" if opt_in else default

    def _ignored(self, code: str, path: PurePath) -> bool:
        if any(code.startswith(prefix) for prefix in self.ignore):
            return True
        if not self.per_file:
            return False
        shown = path.as_posix()
        if self.folder and path.is_relative_to(self.folder):
            shown = path.relative_to(self.folder).as_posix()
        return any(
            any(code.startswith(prefix) for prefix in codes)
            for pattern, codes in self.per_file.items()
            if fnmatch.fnmatch(shown, pattern) or fnmatch.fnmatch(path.name, pattern)
        )


def _prefixes(code: str) -> tuple[str, ...]:
    """The code itself, then its beginnings, longest first."""
    return tuple(code[:length] for length in range(len(code), 0, -1))


def parse(text: str, name: str, folder: PurePath | None = None) -> tuple[Configuration, tuple[str, ...]] | None:
    """The configuration in a TOML text and what is wrong with it; None where a pyproject.toml has none."""
    try:
        data: object = _toml(text)
    except ValueError as error:
        return Configuration(folder=folder), (f"{name}: {error}",)
    if name == "pyproject.toml":
        tools = data.get("tool", {}) if isinstance(data, dict) else {}
        if not isinstance(tools, dict) or "envls" not in tools:
            return None
        data = tools["envls"]
    return from_data(data, name, folder)


def _toml(text: str) -> object:
    if sys.version_info >= (3, 11):
        import tomllib  # noqa: PLC0415 (only where there is a configuration)
    else:
        import tomli as tomllib  # noqa: PLC0415 (same)
    return tomllib.loads(text)


def from_data(data: object, name: str, folder: PurePath | None = None) -> tuple[Configuration, tuple[str, ...]]:
    """The configuration that a table says, and what is wrong with it; a wrong value counts as not written."""
    wrong: list[str] = []
    if not isinstance(data, dict):
        return Configuration(folder=folder), (f"{name}: the configuration of envls must be a table",)
    for key in data:
        if key not in KEYS:
            near = get_close_matches(str(key), KEYS, 1)
            known = f"did you mean `{near[0]}`?" if near else "it knows " + ", ".join(f"`{known}`" for known in KEYS)
            wrong.append(f"{name}: envls has no setting `{key}`; {known}")
    severity: dict[str, str] = {}
    for code, level in _table(data, "severity", name, wrong).items():
        if level in LEVELS:
            severity.update(dict.fromkeys(_codes([code], f"{name}: `severity`", wrong), str(level)))
        else:
            wrong.append(
                f"{name}: `severity.{code}` is {level!r}; it can be " + ", ".join(f"`{known}`" for known in LEVELS)
            )
    per_file = {
        pattern: _codes(codes, f"{name}: `per-file-ignores.{pattern}`", wrong)
        for pattern, codes in _table(data, "per-file-ignores", name, wrong).items()
    }
    configuration = Configuration(
        _codes(data.get("select", []), f"{name}: `select`", wrong),
        _codes(data.get("ignore", []), f"{name}: `ignore`", wrong),
        severity,
        per_file,
        folder,
        _platform(data.get("platform", ""), name, wrong),
    )
    return configuration, tuple(wrong)


def _platform(value: object, name: str, wrong: list[str]) -> str:
    if value == "" or (isinstance(value, str) and value in PLATFORMS and value != "noarch"):
        return str(value)
    known_ones = [one for one in SUBDIRS if one != "noarch"]
    near = get_close_matches(str(value), known_ones, 1)
    known = f"did you mean `{near[0]}`?" if near else "it can be " + ", ".join(f"`{one}`" for one in known_ones)
    wrong.append(f"{name}: `platform` is {value!r}; {known}")
    return ""


def _table(data: dict[str, object], key: str, name: str, wrong: list[str]) -> dict[str, object]:
    table = data.get(key, {})
    if isinstance(table, dict):
        return table
    wrong.append(f"{name}: `{key}` must be a table")
    return {}


def _codes(codes: object, where: str, wrong: list[str]) -> tuple[str, ...]:
    if not isinstance(codes, list):
        wrong.append(f"{where} must be a list of codes such as `ENV303`, or of their beginnings")
        return ()
    good = tuple(code for code in codes if isinstance(code, str) and _CODE.fullmatch(code))
    wrong += [
        f"{where}: {code!r} is no code such as `ENV303` or the beginning of one" for code in codes if code not in good
    ]
    return good
