"""ENV1: the environment variables that a file sets."""

from __future__ import annotations

from collections.abc import Iterator

from envls.facts import Facts
from envls.formats.conda.environment import EnvironmentFile
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.syntax import Entry, Kind, Mapping, Scalar, Sequence, resolve_alias, resolved
from envls.write import Replace


@rule("ENV111", on=EnvironmentFile, severity=Severity.WARNING)
def nested_variable(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """The value of an environment variable is a list or a mapping.

    mamba 2 refuses the file; conda 26.7 sets the variable to what Python would print.

    ```yaml
    dependencies:
      - python=3.11
    variables:
      PATHS: [data, models]  # <- ENV111
      MODE: fast
    ```

    ```yaml
    dependencies:
      - python=3.11
    variables:
      PATHS: data:models
    ```
    """
    del facts
    for entry in _variables(file):
        if isinstance(resolve_alias(entry.value), Mapping | Sequence):
            yield Finding(entry.key.span, f"`{entry.key.value}` must be text; mamba refuses the file")


@rule("ENV116", on=EnvironmentFile, severity=Severity.WARNING)
def changed_variable(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """The value of an environment variable is not what it looks like.

    The programs of the environment get text (CEP 24), and conda 26.7 makes it of what YAML has read, as Python prints it:
    `true` arrives as `True`, `1.10` as `1.1`, and `null` not at all. mamba 2 sets what is written. In quotes it is the same for both. Said once
    for a file, and not of values that arrive as they stand there.

    ```yaml
    dependencies:
      - python=3.11
    variables:
      DEBUG: true   # <- ENV116
      RELEASE: 1.10
      PORT: 8080
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
    variables:
      DEBUG: "true"
      RELEASE: "1.10"
      PORT: 8080
    ```

    ```yaml
    dependencies:
      - python=3.11
    variables:
      DEBUG: "true"
      RELEASE: "1.10"
      PORT: 8080
      RATE: 0.5
    ```
    """
    del facts
    found = [(value, arrives) for value in _scalars(file) if (arrives := _arrives(value)) != value.text.raw]
    if not found:
        return
    value, arrives = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    shown = f"conda sets `{arrives}` for this" if arrives else _NO_TEXT[resolved(value)]
    fix = Fix(
        "Put it in quotes" if len(found) == 1 else "Put these values in quotes", tuple(_quoted(one) for one, _ in found)
    )
    yield Finding(value.span, f"{shown}; in quotes it is what it looks like{more}", (fix,))


_NO_TEXT = {Kind.NOTHING: "conda leaves this variable unset", Kind.DATE: "conda reads a date here"}


def _variables(file: EnvironmentFile) -> tuple[Entry, ...]:
    variables = file.root.get("variables") if isinstance(file.root, Mapping) else None
    return variables.entries if isinstance(variables, Mapping) else ()


def _scalars(file: EnvironmentFile) -> Iterator[Scalar]:
    """The values that are no text for YAML, where they are written out."""
    for entry in _variables(file):
        value = entry.value
        if isinstance(value, Scalar) and value.value and resolved(value) not in (Kind.TEXT, Kind.OTHER):
            yield value


def _arrives(value: Scalar) -> str:
    """What Python prints for a value; "" where that is nothing that anybody means."""
    kind, raw = resolved(value), value.text.raw
    try:
        if kind is Kind.BOOLEAN:
            return raw.capitalize()
        if kind is Kind.INTEGER:
            return str(int(raw, 8) if raw.lower().startswith("0o") else int(raw, 16) if "x" in raw else int(raw))
        if kind is Kind.NUMBER:
            return str(float(raw))
    except ValueError:
        return raw
    return ""


def _quoted(value: Scalar) -> Replace:
    return Replace(value.span, f'"{value.text.raw}"')
