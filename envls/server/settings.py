"""What the user has set, in the editor and in the project's own file, and what it means for the core.

`SETTINGS` is the table of what the server reads; package.json declares the same and a test compares the two. A wrong
value counts as not set and gives a message, never an exception.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from envls.config import Configuration
    from envls.text import Span
    from envls.world import Settings

SECTION = "envls"


class Setting(NamedTuple):
    """A setting as JSON has it: its name below `envls.`, its type there, and what holds without it."""

    name: str
    type: str
    default: object


SETTINGS = (
    Setting("offline", "boolean", False),
    Setting("trustedHosts", "array", []),
    Setting("vulnerabilities", "boolean", False),
    Setting("nameMapping", "boolean", False),
    Setting("keyring", "boolean", False),
    Setting("inlayHints", "boolean", True),
    Setting("installedHints", "boolean", True),
    Setting("lockedHints", "boolean", True),
    Setting("usedByLens", "boolean", True),
    Setting("runLens", "boolean", True),
    Setting("packageLinks", "boolean", True),
    Setting("outline", "boolean", True),
    Setting("semanticHighlighting", "boolean", True),
    Setting("formatting", "boolean", False),
    Setting("select", "array", []),
    Setting("ignore", "array", []),
    Setting("severity", "object", {}),
    Setting("platform", "string", ""),
)
OTHERWISE_IN_VS_CODE = {"packageLinks": False}
"""What VS Code declares and sends without anybody's wish: it underlines each link, other editors show none of it."""
OF_THE_CLIENT = ("interpreter", "path", "trace.server")
"""Declared settings that only the client reads: how the server is started and watched."""
_TYPES: Mapping[str, type] = {"boolean": bool, "array": list, "object": dict, "string": str}
_LEAST_TRUST = False
"""Whether a workspace is trusted where the editor says nothing of it: as in the terminal, only what the user names."""


@dataclass(frozen=True)
class Display:
    """What the user wants to see in a file, and to have done to it: each can be switched off, or on, by itself."""

    installed_hints: bool = True
    locked_hints: bool = True
    used_by_lens: bool = True
    run_lens: bool = True
    package_links: bool = True
    outline: bool = True
    semantic_highlighting: bool = True
    formatting: bool = False


@dataclass(frozen=True)
class Wishes:
    """The settings of the editor for one folder, or for all of them."""

    offline: bool = False
    trusted: bool = _LEAST_TRUST
    trusted_hosts: tuple[str, ...] = ()
    vulnerabilities: bool = False
    name_mapping: bool = False
    keyring: bool = False
    display: Display = Display()
    rules: Mapping[str, object] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()

    def for_world(self) -> Settings:
        from envls.world import Settings  # noqa: PLC0415 - the core is imported late

        return Settings(
            offline=self.offline,
            trusted=self.trusted,
            trusted_hosts=self.trusted_hosts,
            vulnerabilities=self.vulnerabilities,
            name_mapping=self.name_mapping,
            keyring=self.keyring,
        )


def read(said: object, *, trusted: bool | None = None) -> Wishes:
    """The wishes in what an editor says of the section `envls`. `trusted` holds where it says nothing of that."""
    given = said if isinstance(said, dict) else {}
    wrong: list[str] = []
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        value = given.get(setting.name)
        if value is None:
            value = setting.default
        elif not isinstance(value, _TYPES[setting.type]):
            wrong.append(f"the setting `{SECTION}.{setting.name}` must be of type {setting.type}")
            value = setting.default
        values[setting.name] = value
    hosts = [host.strip().lower() for host in values["trustedHosts"] if isinstance(host, str) and host.strip()]
    if len(hosts) != len(values["trustedHosts"]):
        wrong.append(f"the setting `{SECTION}.trustedHosts` must be a list of host names")
    said_trusted = given.get("trusted", trusted)
    return Wishes(
        offline=values["offline"],
        trusted=said_trusted if isinstance(said_trusted, bool) else _LEAST_TRUST,
        trusted_hosts=tuple(hosts),
        vulnerabilities=values["vulnerabilities"],
        name_mapping=values["nameMapping"],
        keyring=values["keyring"],
        display=Display(
            installed_hints=values["inlayHints"] and values["installedHints"],
            locked_hints=values["inlayHints"] and values["lockedHints"],
            used_by_lens=values["usedByLens"],
            run_lens=values["runLens"],
            package_links=values["packageLinks"],
            outline=values["outline"],
            semantic_highlighting=values["semanticHighlighting"],
            formatting=values["formatting"],
        ),
        rules={name: values[name] for name in ("select", "ignore", "severity", "platform")},
        wrong=tuple(wrong),
    )


class Configurations:
    """The configuration of each file: the nearest `.envls.toml` or pyproject.toml upwards, then the editor's.

    As the terminal finds it, so that both say the same. `complain(path, text, messages)` hears once of what is wrong
    with a file, and again with no messages when it has been mended; path and text are None for the editor's settings.
    """

    def __init__(self, complain: Callable[[Path | None, str, tuple[str, ...]], None]) -> None:
        self._complain = complain
        self._editors: list[tuple[PurePath | None, Configuration]] = []
        self._folders: dict[PurePath, Configuration | None] = {}
        self._complained: dict[Path | None, tuple[str, ...]] = {}

    def wish(self, wishes: list[tuple[PurePath | None, Wishes]]) -> None:
        """The editor's settings: for all files (None) first, then for those of single workspace folders."""
        from envls import config  # noqa: PLC0415 - the core is imported late

        self._editors.clear()
        wrong: list[str] = []
        for folder, wish in wishes:
            configuration, messages = config.from_data(dict(wish.rules), "the settings of the editor")
            self._editors.append((folder, configuration))
            wrong += (*wish.wrong, *messages)
        self._hear(None, "", tuple(dict.fromkeys(wrong)))

    def forget(self) -> None:
        """The project's files may have changed."""
        self._folders.clear()

    def of(self, path: PurePath) -> Configuration:
        """The configuration of the file at `path`; `wish` has been called before."""
        editor = next(one for folder, one in reversed(self._editors) if folder is None or folder in path.parents)
        project = self._in(path.parent)
        if project is None:
            return editor
        return replace(
            project,
            select=project.select or editor.select,
            ignore=project.ignore or editor.ignore,
            severity={**editor.severity, **project.severity},
            platform=project.platform or editor.platform,
        )

    def _in(self, folder: PurePath) -> Configuration | None:
        if folder not in self._folders:
            found = self._read(Path(folder))
            if found is None and folder.parent != folder:
                found = self._in(folder.parent)
            self._folders[folder] = found
        return self._folders[folder]

    def _read(self, folder: Path) -> Configuration | None:
        from envls import config  # noqa: PLC0415 - the core is imported late

        for name in config.FILES:
            path = folder / name
            try:
                text = path.read_text("utf-8", "replace") if path.is_file() else None
            except (OSError, ValueError):
                continue
            parsed = config.parse(text, name, folder) if text is not None else None
            if parsed is not None and text is not None:
                self._hear(path, text, parsed[1])
                return parsed[0]
            self._hear(path, text or "", ())
        return None

    def _hear(self, path: Path | None, text: str, wrong: tuple[str, ...]) -> None:
        if self._complained.get(path, ()) != wrong:
            self._complained[path] = wrong
            self._complain(path, text, wrong)


_TOML_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")
_NAMED = re.compile(r"`(?:[\w-]+\.)*([^`]+)`|'([^']+)'")


def place_of(message: str, text: str) -> Span:
    """Where in a configuration the thing stands that a message complains of; its start where that is not found."""
    from envls.text import Lines, Span  # noqa: PLC0415 - the core is imported late

    if found := _TOML_PLACE.search(message):
        start = Lines(text).offset(int(found[1]) - 1, int(found[2]) - 1)
        return Span(start, start)
    for named in reversed(list(_NAMED.finditer(message.partition(";")[0]))):
        word = named[1] or named[2]
        if found := re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text):
            return Span(*found.span())
    return Span(0, 0)
