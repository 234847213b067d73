"""The Python programs that a command starts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from envls.formats.azureml import v2
from envls.formats.paths import join
from envls.formats.python import is_program
from envls.runs.workload import Script
from envls.syntax import Node, Scalar, Sequence, resolve_alias
from envls.text import Span

_WORD = re.compile(r"""[^\s"';&|<>()]+""")


def programs(command: Node, folder: PurePath, text: str) -> Iterator[Script]:
    """The Python programs of a command, a text or a list, that is run in `folder`: `train.py`, `-m package.module`."""
    command = resolve_alias(command)
    if isinstance(command, Sequence):
        for item in command.items:
            yield from programs(item, folder, text)
        return
    if not isinstance(command, Scalar):
        return
    words = _WORD.findall(command.value)
    for before, word in zip(("", *words), words, strict=False):
        if not v2.is_local(word) or "$" in word:
            continue
        if is_program(PurePath(word)):
            yield Script(join(folder, word), _place(command, word, text))
        elif before == "-m":
            parts = word.split(".")
            place = _place(command, word, text)
            yield Script(join(folder, "/".join(parts) + ".py"), place)
            yield Script(join(folder, "/".join((*parts, "__main__.py"))), place)


def _place(node: Scalar, word: str, text: str) -> Span:
    at = text.find(word, node.span.start, node.span.end)
    return Span(at, at + len(word)) if at >= 0 else node.span


def named(node: Node | None, folder: PurePath) -> tuple[Script, ...]:
    """The Python program that the value of a key names, if it does."""
    node = resolve_alias(node) if node else None
    if not isinstance(node, Scalar) or not v2.is_local(node.value) or not is_program(PurePath(node.value)):
        return ()
    return (Script(join(folder, node.value), node.span),)


def text_of(node: Node) -> str:
    """A command as one text."""
    node = resolve_alias(node)
    if isinstance(node, Sequence):
        return " ".join(map(text_of, node.items))
    return node.value if isinstance(node, Scalar) else ""
