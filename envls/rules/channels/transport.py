"""ENV2: the way that packages come, from channels and from pip's indexes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envls.document import Document
from envls.facts import Facts
from envls.formats.conda.environment import ChannelRef, Dependency, EnvironmentFile, Requirement
from envls.rules.dependencies.specs import rewrite
from envls.rules.rule import Finding, Fix, Severity, rule

_PLAIN_HTTP = re.compile(r"\bhttp://(?:[^/\s@]*@)?(?P<host>\[[^\]\s]*\]|[^/\s:]+)")
_LOOPBACK = re.compile(r"localhost|127\.[\d.]+|\[::1\]|.*\.localhost|host\.docker\.internal")


@rule("ENV206", on=Document, severity=Severity.WARNING)
def plain_http(document: Document, facts: Facts) -> Iterator[Finding]:
    """Packages come over a connection that anybody on the way can change.

    A channel or an index with `http://` is neither encrypted nor proven to be who it says; conda 26.7 and pip 26.3 run what they
    get from it. `--trusted-host` takes the proof away from `https://` too.

    ```yaml
    channels:
      - http://conda.example.com/team  # <- ENV206
    dependencies:
      - python=3.11
      - pip
      - pip:
        - --index-url http://pip.example.com/simple  # <- ENV206
        - --trusted-host pip.example.com             # <- ENV206
    ```

    ```yaml
    channels:
      - https://conda.example.com/team
      - http://localhost:8000/team
    dependencies:
      - python=3.11
    ```
    """
    del facts
    file = document.content
    told = "http://" in document.text or "--trusted-host" in document.text
    if not isinstance(file, EnvironmentFile) or not told:
        return
    items: list[ChannelRef | Dependency | Requirement] = [*file.channels, *file.dependencies, *file.requirements]
    for item in items:
        value = item.node.text.value
        trusted = isinstance(item, Requirement) and item.line.option == "--trusted-host" and item.line.value
        if trusted and not _LOOPBACK.fullmatch(trusted.text.partition(":")[0]):
            message = f"pip takes whatever answers as `{trusted.text}`"
            yield Finding(item.node.within(trusted.start, trusted.end), message)
        found = _PLAIN_HTTP.search(value) if "http://" in value else None
        if found and not _LOOPBACK.fullmatch(found["host"]):
            start, end = found.start(), found.start() + len("http://")
            secure = (Fix("Write `https://`", (rewrite(item, value[:start] + "https://" + value[end:]),)),)
            yield Finding(item.node.within(start, end), "anybody on the way can change what comes from here", secure)
