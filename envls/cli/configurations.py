"""The configuration of each file: the nearest `.envls.toml` or pyproject.toml upwards, and the command line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from envls import config
from envls.cli.screen import complain, shown
from envls.config import Configuration


class Configurations:
    """`wrong_usage` says that the command line names what does not exist."""

    def __init__(self, select: Sequence[str], ignore: Sequence[str]) -> None:
        self.known: dict[Path, Configuration] = {}
        written = {"select": select, "ignore": ignore}
        data = {
            key: [code for one in codes for code in re.split(r"[\s,]+", one) if code] for key, codes in written.items()
        }
        self.command, wrong = config.from_data(data, "the command line")
        self.wrong_usage = bool(wrong)
        _say_wrong(wrong)

    def of(self, path: Path) -> Configuration:
        found = self._in(path.parent)
        select = self.command.select or found.select
        return replace(found, select=select, ignore=(*found.ignore, *self.command.ignore))

    def _in(self, folder: Path) -> Configuration:
        if folder not in self.known:
            self.known[folder] = self._read(folder) or (
                self._in(folder.parent) if folder.parent != folder else Configuration()
            )
        return self.known[folder]

    @staticmethod
    def _read(folder: Path) -> Configuration | None:
        for name in config.FILES:
            path = folder / name
            if path.is_file():
                parsed = config.parse(path.read_text("utf-8", "replace"), name, folder)
                if parsed is not None:
                    _say_wrong(message.replace(name, shown(path), 1) for message in parsed[1])
                    return parsed[0]
        return None


def _say_wrong(messages: Iterable[str]) -> None:
    for message in messages:
        complain(message)
