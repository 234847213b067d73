"""ENV2: the channels of an environment. `secrets` tells what everybody who gets the file can read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from envls.document import Document
from envls.facts import Facts
from envls.formats import keys
from envls.formats.conda.environment import ChannelRef, Dependency, EnvironmentFile, Requirement
from envls.formats.conda.matchspec import PLATFORMS
from envls.formats.conda.misreading import misreading
from envls.rules.dependencies.specs import rewrite
from envls.rules.rule import Finding, Fix, Related, Severity, rule
from envls.rules.secrets import secret
from envls.syntax import Kind, Mapping, Scalar, Sequence, resolve_alias, resolved
from envls.text import Span
from envls.write import Add, Remove

__all__ = ["channel_type", "mixed_channels", "plain_http", "repeated_channel", "secret", "unlisted_channel"]


@rule("ENV201", on=EnvironmentFile, severity=Severity.WARNING)
def repeated_channel(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """A channel is listed twice.

    conda 26.7 and mamba 2 take channels in their order, so the second mention does nothing.

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

    ```yaml
    channels: [conda-forge, conda-forge/label/rc]
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
    if not name or "*" in name or name in _channel_names(dependency.within.channels) or misreading(spec.text):
        return
    start = spec.text.find(written)
    listed = written.rpartition("/")[0] if written.rpartition("/")[2] in PLATFORMS else written
    fix = Fix(f"Add `{listed}` to the channels", (Add(("channels",), listed),))
    message = f"`{listed}` is not among the channels; not every tool looks there"
    yield Finding(dependency.node.within(start, start + len(written)), message, (fix,))


@rule("ENV205", on=EnvironmentFile, severity=Severity.HINT)
def mixed_channels(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """The channels of Anaconda and of conda-forge are mixed.

    Their packages are built with different compilers and libraries. With `defaults` first, conda 26.7 takes from it what
    both have, and what only conda-forge has meets libraries that it was not built with; that is a warning. The terms of
    `defaults` also ask larger organisations for a licence.

    ```yaml
    channels:
      - defaults  # <- ENV205
      - conda-forge
    dependencies:
      - python=3.11
    ```

    ```yaml
    channels:
      - conda-forge
      - nodefaults
    dependencies:
      - python=3.11
    ```
    """
    del facts
    places: dict[str, tuple[int, ChannelRef]] = {}
    for number, channel in enumerate(file.channels):
        places.setdefault(_channel_name(channel.node.value), (number, channel))
    if "conda-forge" not in places or "defaults" not in places:
        return
    (forge, other), (default, channel) = places["conda-forge"], places["defaults"]
    related = (Related(other.span, "conda-forge stands here"),)
    shown = channel.node.value
    fix = Fix(f"Remove `{shown}`", (Remove(channel.dash),))
    if default < forge:
        message = f"`{shown}` stands before `conda-forge`: conda mixes packages that were not built for each other"
        yield Finding(channel.node.span, message, (fix,), related, severity=Severity.WARNING)
    else:
        yield Finding(
            channel.node.span, f"`{shown}` and `conda-forge` are built with different libraries", (fix,), related
        )


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
