"""A tiny world: files with names, one imaginary index, and text with a cursor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath, PurePosixPath
from textwrap import dedent
from typing import Any

from envls import document
from envls.document import Document
from envls.encoding import UTF8, Encoding
from envls.facts import (
    Absent,
    Answer,
    Channels,
    CondaNames,
    CondaPackage,
    EncodingAt,
    Environment,
    Facts,
    FileAt,
    FolderAt,
    Installed,
    InstalledPackage,
    Known,
    Lock,
    LockBeside,
    Locked,
    ModuleNames,
    Package,
    PipPackage,
    ProjectFiles,
    Question,
    Release,
    Satisfies,
    Satisfying,
    Twin,
    Unavailable,
    Vulnerabilities,
    Vulnerability,
)
from envls.formats.conda.versionspec import is_prerelease
from envls.world.matching import satisfies
from envls.world.satisfying import versions

ROOT = PurePosixPath("/project")
CONDA = {
    "python": ("3.12.4", "3.11.9", "3.10.14"),
    "numpy": ("2.1.0", "1.26.4", "1.20.3", "1.2.1"),
    "matplotlib": ("3.9.1", "3.8.4"),
    "pandas": ("2.2.2",),
    "psutil": ("6.0.0", "5.2.2"),
    "pip": ("24.2",),
}
PIP = {"requests": ("2.32.3", "2.31.0"), "flask": ("3.0.3",), "matplotlib": ("3.9.1",)}


@dataclass
class World:
    """Answers from what a test says; what it does not mention is unavailable, as without a network."""

    files: dict[PurePath, str] = field(default_factory=dict)
    packages: dict[Question[Any], Answer[Any]] = field(default_factory=dict)
    conda: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    pip: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    only_on: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    twins: dict[Twin, str] = field(default_factory=dict)
    vulnerable: dict[tuple[str, str], tuple[Vulnerability, ...]] = field(default_factory=dict)
    read: dict[PurePath, Document] = field(default_factory=dict)
    encoding: Encoding = UTF8
    installed: dict[str, str] = field(default_factory=dict)
    locked: dict[str, str] = field(default_factory=dict)

    def look(self, question: Question[Any]) -> Answer[Any]:
        if question in self.packages:
            return self.packages[question]
        match question:
            case FileAt(path):
                return Known(self.document(path)) if path in self.files else Absent()
            case EncodingAt():
                return Known(self.encoding)
            case ProjectFiles():
                return Known(tuple(sorted(self.files)))
            case ModuleNames():
                return Known(frozenset(_modules(self.files)))
            case FolderAt(path):
                children = tuple(sorted(set(self._children(path))))
                return Known(children) if children or path == ROOT else Absent()
            case CondaPackage(name, Channels(platform=platform)) if (platform, name) in self.only_on:
                return package(name, self.only_on[platform, name], "conda-forge")
            case CondaPackage(name) if name in self.conda:
                return package(name, self.conda[name], "conda-forge")
            case PipPackage(name) if name in self.pip:
                return package(name, self.pip[name], "the index")
            case CondaNames() if self.conda:
                return Known(tuple(sorted(name for name, versions in self.conda.items() if versions)))
            case Installed() if self.installed:
                return Known(Environment(PurePosixPath("/envs/demo"), packages(self.installed), {}))
            case LockBeside(path) if self.locked:
                there = {"linux-64": Locked(packages(self.locked), {})}
                return Known(Lock(path.with_name("conda-lock.yml"), there, ("conda-forge",), (path,)))
            case Installed() | LockBeside():
                return Absent()
            case Satisfies():
                return satisfies(question)
            case Satisfying(of, version, build, python):
                answer = self.look(of)
                found = versions(answer.value, version, build, python) if isinstance(answer, Known) else answer
                return Known(found) if isinstance(found, tuple) else found
            case Twin() if question in self.twins:
                return Known(self.twins[question])
            case Vulnerabilities(of) if isinstance(known := self.look(of), Known) and not known.value.public:
                return Unavailable("it may be private")
            case Vulnerabilities(PipPackage(name), version) if self.vulnerable:
                return Known(self.vulnerable.get((name, version), ()))
            case Vulnerabilities(CondaPackage(name), version) if Twin(name, "conda") in self.twins:
                return Known(self.vulnerable.get((self.twins[Twin(name, "conda")], version), ()))
        return Unavailable("the toy world has no network")

    def _children(self, folder: PurePath) -> Iterator[str]:
        for path in self.files:
            if path.is_relative_to(folder):
                rest = path.relative_to(folder).parts
                yield rest[0] if len(rest) == 1 else rest[0] + "/"

    def document(self, path: PurePath) -> Document:
        if path not in self.read:
            self.read[path] = document.read(path, self.files[path])
        return self.read[path]

    def facts(self) -> Facts:
        return Facts(self.look)


def _modules(files: Iterable[PurePath]) -> Iterator[str]:
    for path in files:
        if path.suffix == ".py":
            yield path.stem
            yield from path.parent.relative_to(ROOT).parts


def packages(versions: dict[str, str]) -> dict[str, InstalledPackage]:
    """Packages of conda that somebody asked for."""
    return {name: InstalledPackage(name, version, "0", requested=True) for name, version in versions.items()}


def package(name: str, versions: tuple[str, ...] | None, where: str) -> Answer[Package]:
    if versions is None:
        return Absent(where)
    releases = tuple(map(release, versions))
    finals = (one.version for one in releases if one.yanked is None and not is_prerelease(one.version))
    newest = next(finals, releases[0].version)
    summary = f"What {name} is."
    return Known(Package(name, releases, newest=newest, summary=summary, where=where, public=True), where)


def release(told: str) -> Release:
    """A release as tests write it: `1.2`, with `[python:>=3.9]`, `[build:py39_0]`, `[yanked:why]` behind it."""
    version, _, marks = told.partition("[")
    said = dict(mark.split(":", 1) for mark in marks.rstrip("]").split("][") if mark)
    python = said.get("python", "")
    return Release(
        version,
        builds=tuple(filter(None, said.get("build", "").split(","))),
        requires_python=python,
        yanked=said["yanked"].replace("_", " ") if "yanked" in said else None,
        pythons=(python,) if python else (),
    )


def online(**files: str) -> World:
    """A world whose index knows the toy packages."""
    return World({ROOT / name: text for name, text in files.items()}, conda=dict(CONDA), pip=dict(PIP))


def at_cursor(text: str) -> tuple[str, int]:
    """The text without its `$0`, and where that stood."""
    text = dedent(text).removeprefix("\n")
    offset = text.index("$0")
    return text.replace("$0", "", 1), offset


@dataclass(frozen=True)
class Fence:
    """A block of a rule's page: `info` is what stands behind the backticks."""

    info: str
    body: str

    @property
    def name(self) -> str:
        words = self.info.split()
        return words[1] if len(words) > 1 else ""


def fences(page: str) -> list[Fence]:
    return [Fence(info.strip(), body) for info, body in re.findall(r"```([^\n]*)\n(.*?)```", page, re.DOTALL)]
