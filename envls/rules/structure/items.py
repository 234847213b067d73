"""ENV1: items of the lists that are no text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envls.facts import Facts
from envls.formats import keys
from envls.formats.conda.environment import OddItem
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.rules.structure.values import as_item, shown_at
from envls.syntax import Mapping, Scalar, Sequence
from envls.text import Span
from envls.write import Remove, Replace, scalar

_PYTHON = re.compile(r"2\.7|3\.\d{1,2}")
SELECTORS = ("sel(linux)", "sel(osx)", "sel(unix)", "sel(win)")


@rule("ENV106", on=OddItem, severity=Severity.ERROR)
def dropped_item(item: OddItem, facts: Facts) -> Iterator[Finding]:
    """An item of a list is no package.

    A colon makes an item a mapping, and conda 26.7 drops a mapping in silence: the package is never installed, nor is
    what stands in a section such as `npm:`. A number, an empty item or one with a tag makes it refuse the file. In the
    `pip` section nothing but text can be handed to pip.

    ```yaml
    dependencies:
      - python=3.11
      - numpy: 1.26  # <- ENV106
    ```

    ```yaml fixed
    dependencies:
      - python=3.11
      - numpy=1.26
    ```

    ```yaml
    dependencies:
      - python=3.11
      - 3.10              # <- ENV106
      - npm: [typescript] # <- ENV106
    ```

    ```yaml
    dependencies:
      - python=3.10
      - "numpy=1.26"
      - pip
      - pip: [requests]
    ```
    """
    del facts
    node = item.node
    operator = "==" if item.section == "pip" else "="
    if isinstance(node, Mapping):
        yield from _dropped_mapping(item, node, operator)
    elif isinstance(node, Sequence):
        yield Finding(shown_at(node), "a list in the list is no package")
    elif isinstance(node, Scalar):
        if node.is_null and not node.value:
            if item.dash < node.start or node.span.start == node.span.end:
                fix = Fix("Remove the empty item", (Remove(item.dash),), safe=True)
                yield Finding(Span(item.dash, item.dash + 1), "an empty item; conda refuses the file", (fix,))
            return
        if node.tag:
            yield Finding(node.span, f"conda refuses an item with a tag such as `{node.tag}`")
            return
        if node.is_null:
            yield Finding(node.span, f"`{node.value}` is nothing; conda refuses the file")
            return
        shown = keys.described(node, yaml="1.2")
        written = (
            f"python={node.text.raw}" if _PYTHON.fullmatch(node.text.raw) and item.section == "dependencies" else ""
        )
        fixes = (Fix(f"Write `{written}`", (Replace(node.span, written),)),) if written else ()
        yield Finding(node.span, f"`{node.value}` is {shown}, not a package; put its name before it", fixes)


def _dropped_mapping(item: OddItem, node: Mapping, operator: str) -> Iterator[Finding]:
    if not node.entries:
        return
    entry = node.entries[0]
    name = entry.key.value
    if name.startswith("sel("):
        if name in SELECTORS:
            message = f"only micromamba understands `{name}`; conda drops the item in silence"
            yield Finding(entry.key.span, message, severity=Severity.WARNING)
        else:
            known = ", ".join(f"`{selector}`" for selector in SELECTORS)
            yield Finding(entry.key.span, f"micromamba refuses `{name}`, since it knows {known}; conda drops the item")
        return
    if name == "if" and node.entry("then"):
        message = "only recipes (rattler-build) know `if` and `then`; conda drops the item in silence"
        yield Finding(entry.key.span, message)
        return
    value = entry.value
    if len(node.entries) == 1 and isinstance(value, Scalar) and not any(mark in name for mark in "[]{}"):
        does = "conda drops it in silence" if item.section == "dependencies" else "pip takes text only"
        written = as_item(name, value.value.strip(), operator)
        alone = item.dash != entry.key.start  # else it is one key of several, and the others would stand below text
        change = Replace(node.span, scalar(written)) if written else None
        fixes = (Fix(f"Write `{written}`", (change,), sure=True),) if change and alone else ()
        instead = f"; write `{written}`" if written else ""
        yield Finding(entry.span, f"the colon makes this a mapping, and {does}{instead}", fixes)
        return
    known = "conda drops this section in silence; `pip` is the only one it knows"
    yield Finding(entry.key.span, known if item.section == "dependencies" else "a mapping is no line for pip")
