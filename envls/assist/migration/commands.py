"""The command line of a job, as a shell takes it, made from a script and its arguments."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence

from envls.assist.migration.draft import Draft
from envls.assist.migration.secrets import is_secret, without_secrets

_EXPRESSION = re.compile(r"\$\{\{[^}]*\}\}")
_VARIABLE = re.compile(r"\$\{?[A-Za-z_]\w*\}?")
_OPTION = re.compile(
    r"(?P<option>--?[A-Za-z][\w-]*|\b[A-Z][A-Z_]+)(?P<mark>=|[ \t]+)(?P<value>\"[^\"]*\"|'[^']*'|[^\s;&|]+)"
)
_NAME = re.compile(r"[A-Za-z_]\w*")
_ELSEWHERE = "keep it in the key vault of the workspace, or give it when the job is started"


def command_line(words: Sequence[str]) -> str:
    return " ".join(map(quoted, words))


def quoted(word: str) -> str:
    """A word as a shell reads it: variables are filled in, as SDK v1 does; all else stays."""
    if _EXPRESSION.search(word):
        rest = _EXPRESSION.sub("", word)
        return word if not rest or rest == shlex.quote(rest) else f'"{_escaped(word)}"'
    if _VARIABLE.search(word):
        return word if _VARIABLE.fullmatch(word) else f'"{_escaped(word)}"'
    return shlex.quote(word)


def _escaped(word: str) -> str:
    return re.sub(r'([\\"`])', r"\\\1", word)


def without_secret_words(words: Sequence[str], job: Draft, key: str) -> list[str]:
    """Arguments without those that are secrets: a variable stands in the place of each."""
    kept: list[str] = []
    for number, word in enumerate(words):
        option, mark, value = word.partition("=")
        before = words[number - 1] if number else ""
        if mark and is_secret(option, value):
            kept.append(f"{option}=${_hidden(option, job, key)}")
        elif before.startswith("-") and not word.startswith("-") and is_secret(before, word):
            kept.append(f"${_hidden(before, job, key)}")
        elif without_secrets(word)[1]:
            kept.append(f"$SECRET_{number}")
            job.note(key, f"The secret of argument {number} was not copied: {_ELSEWHERE}.")
        else:
            kept.append(word)
    return kept


def without_secret_options(command: str, job: Draft) -> str:
    """A command line as it is written, without the secrets that its options name."""

    def shown(found: re.Match[str]) -> str:
        if not is_secret(found["option"], found["value"].strip("\"'")):
            return found.group()
        return f"{found['option']}{found['mark']}${_hidden(found['option'], job, 'command')}"

    return _OPTION.sub(shown, command)


def _hidden(option: str, job: Draft, key: str) -> str:
    name = re.sub(r"\W+", "_", option.strip("-")).upper() or "SECRET"
    job.note(key, f"The secret of `{option}` was not copied: {_ELSEWHERE} (`--set environment_variables.{name}=…`).")
    return name


def set_variables(draft: Draft, variables: Mapping[str, str]) -> None:
    """Environment variables under a draft's key; those that are secrets stay behind."""
    for name, value in variables.items():
        if is_secret(name, value):
            draft.note(name, f"`{name}` is a secret and was not copied: {_ELSEWHERE}.")
        else:
            draft.set(name, value)


def exported(variables: Mapping[str, str], command: str) -> str:
    """A command that finds variables set."""
    said = " ".join(f"{name}={value}" for name, value in variables.items())
    return f"export {said} && {command}" if said else command


def is_name(word: str) -> bool:
    """Whether a shell, and an input of a job, takes a word as a name."""
    return _NAME.fullmatch(word) is not None


def as_name(word: str) -> str:
    """A word as the name of an input or an output."""
    plain = re.sub(r"\W", "_", word, flags=re.ASCII) or "data"
    return plain if is_name(plain) else f"_{plain}"
