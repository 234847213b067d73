"""ENV2: the channels of an environment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from envls.document import Document
from envls.facts import Facts
from envls.formats import keys
from envls.formats.conda.environment import ChannelRef, Dependency, EnvironmentFile
from envls.formats.conda.matchspec import PLATFORMS
from envls.rules.rule import Finding, Fix, Related, Severity, rule
from envls.syntax import Kind, Mapping, Scalar, Sequence, resolve_alias, resolved
from envls.text import Span
from envls.write import Add, Remove

_SECRET = re.compile(
    r"://(?P<user>[^/@\s:]*:)?(?P<word>[^/@\s]+)@"  # a password, or a token alone
    r"|/t/(?P<token>[^/\s]+)/"  # conda's own form
    r"|[?&](?:token|sig|password|api[-_]?key|access_token)=(?P<query>[^&#\s]+)",
    re.IGNORECASE,
)
_FILLED_IN = re.compile(r"\$\{?\w+\}?|%\w+%|<[^>]*>|\{\{.*\}\}|\*+|x+", re.IGNORECASE)
_TOKEN_LENGTH = 20


@rule("ENV201", on=EnvironmentFile, severity=Severity.WARNING)
def repeated_channel(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """A channel is listed twice.

    conda takes channels in their order, so the second mention does nothing.

    ```yaml
    channels:
      - conda-forge
      - bioconda
      - conda-forge  # <- ENV201
    dependencies:
      - python=3.11
    ```

    ```yaml fixed
    channels:
      - conda-forge
      - bioconda
    dependencies:
      - python=3.11
    ```
    """
    del facts
    first: dict[str, ChannelRef] = {}
    for channel in file.channels:
        name = channel.node.value.rstrip("/")
        if name in first:
            related = (Related(first[name].node.span, "it stands here first"),)
            fix = Fix("Remove the second mention", (Remove(channel.dash),), safe=True)
            yield Finding(channel.node.span, f"`{name}` is listed twice", (fix,), related, unused=True)
        first.setdefault(name, channel)


@rule("ENV202", on=EnvironmentFile, severity=Severity.ERROR)
def channel_type(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """An item of the channels is no text.

    conda 26.7 refuses the file: `` `channels` key must only contain strings ``. mamba cannot read the list either.

    ```yaml
    channels:
      - conda-forge
      -                # <- ENV202
      - bioconda: main # <- ENV202
    dependencies:
      - python=3.11
    ```

    ```yaml fixed
    channels:
      - conda-forge
      - bioconda: main
    dependencies:
      - python=3.11
    ```

    ```yaml
    channels: [conda-forge, "file:///srv/channel", ./local]
    dependencies:
      - python=3.11
    ```
    """
    del facts
    listed = file.root.get("channels") if isinstance(file.root, Mapping) else None
    if not isinstance(listed, Sequence):
        return
    for item, dash in zip(listed.items, listed.dashes, strict=True):
        node = resolve_alias(item)
        if isinstance(node, Scalar) and resolved(node) is Kind.TEXT:
            continue
        if isinstance(node, Scalar) and node.is_null and not node.value:
            if listed.flow:
                continue
            fix = Fix("Remove the empty item", (Remove(dash),), safe=True)
            yield Finding(Span(dash, dash + 1), "an empty item; conda refuses the file", (fix,))
            continue
        shown = keys.described(node, yaml="1.2")
        end = item.span.end if isinstance(item, Scalar) else min(item.span.end, item.span.start + 1)
        yield Finding(Span(item.span.start, end), f"a channel is a text, not {shown}; conda refuses the file")


@rule("ENV203", on=Document, severity=Severity.WARNING)
def secret(document: Document, facts: Facts) -> Iterator[Finding]:
    """An address holds a password or a token.

    Whoever gets the file gets it, and so does every log: mamba prints all lines of the `pip` section. conda and mamba
    fill `$NAME` into the channels from the environment; pip fills `${NAME}` into its lines, in capitals only. A login can
    also stand in the keyring, in `.netrc`, or be made with `anaconda login`.

    ```yaml
    channels:
      - https://me:hunter2@conda.example.com/team  # <- ENV203
      - https://conda.example.com/t/ab-1234/team   # <- ENV203
    dependencies:
      - python=3.11
      - pip
      - pip:
        - --index-url https://me:hunter2@pip.example.com/simple  # <- ENV203
    ```

    ```yaml
    channels:
      - https://me:$TOKEN@conda.example.com/team
    dependencies:
      - python=3.11
      - pip
      - pip:
        - --index-url https://${PIP_USER}:${PIP_TOKEN}@pip.example.com/simple
        - git+ssh://git@example.com/team/tool.git
    ```
    """
    del facts
    file = document.content
    if not isinstance(file, EnvironmentFile) or "://" not in document.text:
        return
    nodes = [channel.node for channel in file.channels]
    nodes += [item.node for item in file.dependencies if "://" in item.node.text.value]
    nodes += [item.node for item in file.requirements if "://" in item.node.text.value]
    for node in nodes:
        found = next((one for one in _SECRET.finditer(node.value) if _is_secret(one)), None)
        if found:
            kind = "word" if found["word"] else "token" if found["token"] else "query"
            message = "a secret stands in this address, for everybody who gets the file; put it into a variable"
            yield Finding(node.within(*found.span(kind)), message)


_PLACEHOLDER = re.compile(r"redacted|x{4,}|\*{3}|<[^>]*>|…|\.\.\.|your[_-]", re.IGNORECASE)


def _is_secret(found: re.Match[str]) -> bool:
    word = found["word"] or found["token"] or found["query"]
    if _FILLED_IN.fullmatch(word) or _PLACEHOLDER.search(word):
        return False
    return not found["word"] or bool(found["user"]) or len(word) >= _TOKEN_LENGTH


@rule("ENV204", on=Dependency, severity=Severity.INFORMATION)
def unlisted_channel(dependency: Dependency, facts: Facts) -> Iterator[Finding]:
    """A package names a channel that the file does not list.

    conda 26 with libmamba, mamba 2 and pixi look there all the same, behind all others; conda's classic solver and
    older versions find nothing, and conda-lock may not either.

    ```yaml
    channels: [conda-forge]
    dependencies:
      - python=3.11
      - bioconda::samtools=1.20  # <- ENV204
    ```

    ```yaml
    channels: [conda-forge, bioconda]
    dependencies:
      - python=3.11
      - bioconda::samtools=1.20
    ```
    """
    del facts
    spec = dependency.spec
    if (spec.channel is None and not spec.fields) or spec.problem or not dependency.within.channels:
        return
    written = spec.channel.text if spec.channel else dict(spec.fields).get("channel", "")
    name = _channel_name(written)
    if not name or "*" in name or name in _channel_names(dependency.within.channels):
        return
    start = spec.text.find(written)
    listed = written.rpartition("/")[0] if written.rpartition("/")[2] in PLATFORMS else written
    fix = Fix(f"Add `{listed}` to the channels", (Add(("channels",), listed),))
    message = f"`{listed}` is not among the channels; not every tool looks there"
    yield Finding(dependency.node.within(start, start + len(written)), message, (fix,))


@lru_cache(maxsize=256)
def _channel_names(channels: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_channel_name(channel) for channel in channels)


@lru_cache(maxsize=1024)
def _channel_name(channel: str) -> str:
    """A channel without its host and platform; the parts of `defaults` as one."""
    parts = [part for part in channel.strip().rstrip("/").split("/") if part]
    if parts and parts[-1] in PLATFORMS:
        parts.pop()
    if len(parts) > 1 and parts[-2] == "pkgs":
        return "defaults"
    return parts[-1] if parts else ""
