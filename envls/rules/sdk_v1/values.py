"""What stands at a known key of SDK v1: what the SDK refuses, what it takes for something else, what the service refuses."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from difflib import get_close_matches

from envls.facts import Facts
from envls.formats import keys
from envls.formats.azureml.v1 import YAML, EnvironmentSection, is_true
from envls.formats.azureml.v1_keys import (
    CLUSTER,
    ENVIRONMENT_KEYS,
    ENVIRONMENT_NAME,
    FURTHER,
    LOCATION_TYPE,
    RUN_KEYS,
)
from envls.formats.keys import Holds, KeyInfo, Value
from envls.rules.keys import not_allowed, wrong_type
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.rules.sdk_v1.refused import MODES, is_integer, refusal
from envls.syntax import Kind, Node, Scalar, resolved
from envls.text import Span
from envls.write import Replace

KEYS = frozenset(keys.all_of((*RUN_KEYS, *ENVIRONMENT_KEYS)))
_IN_CLUSTER = frozenset(CLUSTER.keys) if isinstance(CLUSTER.keys, tuple) else frozenset[KeyInfo]()
MEANT_FALSE = frozenset(("false", "no", "off", "n", "f"))
_ANY_CASE = frozenset(
    (
        *(*MODES, "direct", "aadtoken", "runtoken", "serviceprincipal"),
        *("nccl", "gloo", "cluster", "client", "dedicated", "lowpriority"),
    )
)
"""Values that the SDK or the service takes whatever their case."""
_PLAIN = re.compile(
    r"--?[A-Za-z][\w./=-]*|(?!(?:true|false|null|yes|no|on|off|y|n)$)[A-Za-z_./][\w./=-]*", re.IGNORECASE
)
"""A word that YAML reads as a text without quotes."""


@rule("AML203", on=Value, severity=Severity.ERROR)
def wrong_sdk_v1_value(value: Value, facts: Facts) -> Iterator[Finding]:
    """A value is not what its key takes.

    azureml-core 1.61 converts what it needs as a number, and looks into what it needs as a mapping: where that fails, the
    run configuration cannot be loaded. Of a text it asks nothing; `framework: Foo` is first refused by the service. What is
    `true` or `false` it decides as Python does, so that any text is true: `"false"`, and `no`, which is a text in YAML 1.2.

    ```yaml .azureml/train.runconfig
    script: train.py
    framework: python  # <- AML203
    nodeCount: two  # <- AML203
    environment:
      python:
        userManagedDependencies: "false"  # <- AML203
    history:
      outputCollection: no  # <- AML203
    paralleltask:
      terminalExitCodes: [1]  # <- AML203
    dataReferences:
      images:  # <- AML203
        mode: mount
    ```

    ```yaml .azureml/fine.runconfig
    script: train.py
    framework: Python
    nodeCount: "2"
    environment:
      name: mine
      version: "1"
    ```
    """
    del facts
    info, node = value.info, value.node
    if info not in KEYS:
        return
    refused = refusal(node, info)
    if refused:
        where, why = refused
        yield Finding(_shown(where), f"{why}; the SDK cannot load this", tuple(_of_values(where, info)))
    elif not (isinstance(node, Scalar) and node.is_null) and info not in _IN_CLUSTER:
        yield from _misread(node, info)


def _shown(node: Node) -> Span:
    return node.span if isinstance(node, Scalar) else Span(node.span.start, node.span.start + 1)


def _of_values(node: Node, info: KeyInfo) -> Iterator[Fix]:
    """The allowed value that a refused one resembles."""
    values = {one.lower(): one for one in (info.values if info is LOCATION_TYPE else ())}
    if isinstance(node, Scalar) and (near := get_close_matches(node.value.lower(), values, 1, 0.6)):
        yield Fix(f"Write `{values[near[0]]}`", (Replace(node.span, values[near[0]]),), sure=True)


def _misread(node: Node, info: KeyInfo) -> Iterator[Finding]:
    """What the SDK loads and takes for something else, or the service refuses."""
    warning = Severity.WARNING
    if info.holds is Holds.BOOLEAN:
        yield from _no_boolean(node, info)
    elif info.values and isinstance(node, Scalar):
        any_case = _ANY_CASE.issuperset(info.values)
        if node.value not in FURTHER.get(info.name, ()):
            for finding in not_allowed(node, info, yaml=YAML, any_case=any_case):
                yield Finding(finding.span, finding.message, finding.fixes, severity=warning)
    elif info.holds is Holds.INTEGER:
        kind = resolved(node, yaml=YAML) if isinstance(node, Scalar) else None
        if kind in (Kind.BOOLEAN, Kind.NUMBER) and is_integer(node):
            yield Finding(node.span, f"`{info.name}` is a whole number; the SDK makes one of this", severity=warning)
    elif not keys.fits(node, info, yaml=YAML) and not _is_text_enough(node, info):
        found = wrong_type(node, info, yaml=YAML)
        yield Finding(found.span, found.message, tuple(_as_list(node, info)), severity=warning)


def _as_list(node: Node, info: KeyInfo) -> Iterator[Fix]:
    """The arguments of a command line, one item each."""
    if info.name != "arguments" or not isinstance(node, Scalar) or "\n" in node.value:
        return
    try:
        words = shlex.split(node.value)
    except ValueError:
        return
    if words:
        items = ", ".join(word if _PLAIN.fullmatch(word) else json.dumps(word) for word in words)
        yield Fix("Write a list", (Replace(node.span, f"[{items}]"),), sure=True)


def _no_boolean(node: Node, info: KeyInfo) -> Iterator[Finding]:
    if not isinstance(node, Scalar):
        found = wrong_type(node, info, yaml=YAML)
        yield Finding(found.span, found.message, severity=Severity.WARNING)
    elif resolved(node, yaml=YAML) is Kind.TEXT and node.value.lower() in MEANT_FALSE and is_true(node):
        fix = Fix("Write `false`", (Replace(node.span, "false"),), sure=True)
        yield Finding(node.span, "the SDK takes every text for true, this one too", (fix,), severity=Severity.WARNING)
    elif resolved(node, yaml=YAML) is Kind.TEXT and node.value.lower() not in ("true", "yes", "on", "y", "t"):
        message = f"`{info.name}` is `true` or `false`; the SDK takes this text for true"
        yield Finding(
            node.span, message if node.value else f"`{info.name}` is `true` or `false`", severity=Severity.WARNING
        )


def _is_text_enough(node: Node, info: KeyInfo) -> bool:
    """A number or date where a text is wanted is read as it is written, but for a version that loses its zeros."""
    if info.holds is not Holds.TEXT or not isinstance(node, Scalar):
        return False
    return info.name != "version" or resolved(node, yaml=YAML) is not Kind.NUMBER


@rule("AML219", on=EnvironmentSection, severity=Severity.ERROR)
def environment_name_that_is_no_text(section: EnvironmentSection, facts: Facts) -> Iterator[Finding]:
    """The name of an environment is no text.

    azureml-core 1.61 cannot load the run configuration. A name that only refers to a registered environment may be a number.

    ```yaml .azureml/train.runconfig
    script: train.py
    environment:
      name: 2024  # <- AML219
      python:
        userManagedDependencies: true
    ```

    ```yaml fixed
    script: train.py
    environment:
      name: "2024"
      python:
        userManagedDependencies: true
    ```
    """
    del facts
    name = section.node(ENVIRONMENT_NAME.name)
    if name is None or section.is_reference or (isinstance(name, Scalar) and resolved(name, yaml=YAML) is Kind.TEXT):
        return
    fix = (
        Fix("Put it in quotes", (Replace(name.span, f'"{name.value}"'),), safe=True)
        if isinstance(name, Scalar)
        else None
    )
    yield Finding(
        _shown(name), "the name of an environment must be a text; the SDK cannot load this", (fix,) if fix else ()
    )
