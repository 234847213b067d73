"""What stands at a key of a definition of CLI v2: as its loader takes it, which is Marshmallow's way with YAML 1.1.

A number may stand in quotes, a truth may be `"yes"` or `1`; but a text must be text, and nothing may be empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from envls.document import Document
from envls.facts import Facts
from envls.formats import keys
from envls.formats.azureml import v2
from envls.formats.keys import Holds, KeyInfo, Value
from envls.rules.cli_v2.keys import outdented
from envls.rules.cli_v2.text import definition_of
from envls.rules.keys import wrong_type
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.syntax import Kind, Mapping, Node, Scalar, resolved
from envls.text import Span
from envls.write import Replace, scalar

_TRUTHS = frozenset(
    ("t", "true", "on", "y", "yes", "1", "f", "false", "off", "n", "no", "0", "1.0", "0.0")
)  # in small letters, with a capital, in capitals


@rule("AML305", on=Document, severity=Severity.ERROR, patient=True)
def wrong_definition_value(document: Document, facts: Facts) -> Iterator[Finding]:
    """A value is not what its key takes.

    azure-ai-ml 1.35 refuses the file: a number where a text must stand, a word that is none of those it knows, or nothing
    at all.

    ```yaml environment.yml
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
    os_type: linus  # <- AML305
    description: 2024  # <- AML305
    ```

    ```yaml fixed
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
    os_type: linux
    description: "2024"
    ```
    """
    del facts
    definition = definition_of(document)
    if definition is None:
        return
    above = {group.above for placed in definition.placed for group in outdented(placed)}
    for value in definition.values:
        node = value.node
        empty_above = isinstance(node, Scalar) and node.is_null and value.info.name in above
        filled_in = definition.is_pipeline or value.path[-1:] in (("queue_settings",), ("retry_settings",))
        if not empty_above and not (filled_in and _is_bound(node)):
            yield from _wrong(value, document)


def _is_bound(node: Node) -> bool:
    """Whether a value is filled in by the pipeline."""
    return isinstance(node, Scalar) and "${{" in node.value


def _wrong(value: Value, document: Document) -> Iterator[Finding]:
    node, info = value.node, value.info
    name = f"`{info.name}`" if info.name else "this"
    if isinstance(node, Scalar) and node.is_null:
        if not info.nullable:
            yield Finding(node.span, f"{name} is empty, and the file is refused; give it a value, or leave it out")
    elif not _fits(node, info):
        if isinstance(node, Scalar) and resolved(node, yaml=v2.YAML) is Kind.DATE and info.name == "version":
            fix = Fix("Put it in quotes", (Replace(node.span, f'"{node.value}"'),), safe=True, sure=True)
            yield Finding(
                node.span, "YAML reads this version as a date, and the file is refused: put it in quotes", (fix,)
            )
        else:
            yield _not_fitting(node, info, name, document)
    elif info.values and isinstance(node, Scalar) and info.holds is Holds.TEXT:
        yield from _not_allowed(node, info)


def _not_fitting(node: Node, info: KeyInfo, name: str, document: Document) -> Finding:
    found = wrong_type(node, info, yaml=v2.YAML)
    fixes: tuple[Fix, ...] = ()
    if isinstance(node, Scalar) and info.holds is Holds.TEXT:
        fixes = (Fix("Put it in quotes", (Replace(node.span, f'"{node.value}"'),), safe=True, sure=True),)
    if isinstance(node, Mapping) and (before := _OF_THE_PREVIEW.get(info.name)):
        fixes = tuple(_unwrapped(node, node.get(before), document))
    wanted = found.message if info.name else found.message.replace("``", name, 1)
    return Finding(found.span, wanted, fixes)


_OF_THE_PREVIEW = {"code": "local_path", "compute": "target"}
"""Keys that took a mapping in the preview of 2021, and which of its keys has what they take today."""


def _unwrapped(node: Mapping, inner: Node | None, document: Document) -> Iterator[Fix]:
    """What stands in a mapping, in its place; not where anything else would be lost."""
    if not isinstance(inner, Scalar) or inner.is_null or len(node.entries) > 1:
        return
    start = document.text.rfind(":", 0, node.span.start) + 1
    end = max(inner.span.end, node.span.end) if node.flow else inner.span.end
    change = Replace(Span(start, end), " " + scalar(inner.value, like=inner))
    yield Fix(f"Write `{inner.value}`", (change,), safe=True, sure=True)


def _not_allowed(node: Scalar, info: KeyInfo) -> Iterator[Finding]:
    if info.spelled(node.value) in map(info.spelled, info.values):
        return
    lowered = {allowed.lower(): allowed for allowed in info.values}
    near = lowered.get(node.value.lower()) or next(iter(get_close_matches(node.value, info.values, 1, 0.6)), "")
    fixes = (Fix(f"Write `{near}`", (Replace(node.span, scalar(near, like=node)),), sure=True),) if near else ()
    yield Finding(node.span, f"`{info.name}` is one of {', '.join(f'`{allowed}`' for allowed in info.values)}", fixes)


def _fits(node: Node, info: KeyInfo) -> bool:
    """Whether the loader takes a value that is not empty for what the key holds."""
    held = {info.holds, *info.also}
    if not isinstance(node, Scalar) or Holds.ANYTHING in held:
        return keys.fits(node, info, yaml=v2.YAML)
    match resolved(node, yaml=v2.YAML):
        case Kind.TEXT | Kind.OTHER:
            return Holds.TEXT in held or _reads_as(node.value, held)
        case Kind.BOOLEAN:
            return Holds.BOOLEAN in held
        case Kind.INTEGER | Kind.NUMBER:
            endless = any(word in node.value.lower() for word in ("inf", "nan"))
            number = bool(held & {Holds.INTEGER, Holds.NUMBER}) and (not endless or Holds.TEXT in held)
            return number or (Holds.BOOLEAN in held and node.value in _TRUTHS)
    return False


def _reads_as(text: str, held: set[Holds]) -> bool:
    """Whether a text is read as the number or the truth that a key holds."""
    if Holds.BOOLEAN in held and text.lower() in _TRUTHS and text in (text.lower(), text.title(), text.upper()):
        return True
    try:
        if Holds.NUMBER in held:
            return abs(float(text)) < float("inf")
        return Holds.INTEGER in held and isinstance(int(text), int)
    except ValueError:
        return False


@rule("AML307", on=Document, severity=Severity.WARNING)
def version_that_changes(document: Document, facts: Facts) -> Iterator[Finding]:
    """YAML reads a version as a number, which is written otherwise.

    azure-ai-ml 1.35 makes a text of the number again: `1.10` becomes version 1.1.

    ```yaml environment.yml
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    version: 1.10  # <- AML307
    image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
    ```

    ```yaml fixed
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    version: "1.10"
    image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
    ```
    """
    del facts
    definition = definition_of(document)
    for value in definition.values if definition else ():
        node = value.node
        if value.info.name not in ("version", "runtime_version") or not isinstance(node, Scalar):
            continue
        becomes = _as_number(node)
        if becomes and becomes != node.value and not value.info.effect:
            fix = Fix("Put it in quotes", (Replace(node.span, f'"{node.value}"'),), sure=True)
            yield Finding(node.span, f"YAML reads this version as a number, {becomes}; put it in quotes", (fix,))


def _as_number(node: Scalar) -> str:
    """What a number becomes that is written as text again; "" for what is no number."""
    written = node.value.replace("_", "")
    match resolved(node, yaml=v2.YAML):
        case Kind.NUMBER if ":" not in written:
            return str(float(written.lower().replace(".inf", "inf").replace(".nan", "nan")))
        case Kind.INTEGER if ":" not in written:
            sign, digits = (written[:1], written[1:]) if written[:1] in "+-" else ("", written)
            octal = len(digits) > 1 and digits[0] == "0" and digits.isdigit()
            return str(int(sign + (digits if not octal else "0o" + digits), 8 if octal else 0))
    return ""
