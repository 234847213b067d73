"""ENV2: the channels of an environment. `secrets` tells what everybody who gets the file can read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache

from envls.document import Document
from envls.facts import Facts
from envls.formats import keys
from envls.formats.azureml.workbench import FOLDER as OF_WORKBENCH
from envls.formats.conda.environment import ChannelRef, Dependency, EnvironmentFile, Requirement
from envls.formats.conda.matchspec import PLATFORMS
from envls.formats.conda.misreading import misreading
from envls.rules.binder import FOLDERS as OF_BINDER
from envls.rules.dependencies.specs import rewrite
from envls.rules.rule import Finding, Fix, Related, Severity, rule
from envls.rules.secrets import secret
from envls.syntax import Kind, Mapping, Scalar, Sequence, resolve_alias, resolved
from envls.text import Span
from envls.write import Add, Remove, Replace, indentation, newline

__all__ = [
    "anaconda_terms",
    "channel_order",
    "channel_type",
    "configured_channels",
    "mixed_channels",
    "no_channels",
    "plain_http",
    "repeated_channel",
    "secret",
    "unlisted_channel",
]


@rule("ENV201", on=EnvironmentFile, severity=Severity.HINT)
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
    `defaults` also ask larger organisations for a licence. `nodefaults` in the list takes away the channels of the user's
    own configuration, not what stands beside it.

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


@rule("ENV207", on=Document, severity=Severity.HINT)
def no_channels(document: Document, facts: Facts) -> Iterator[Finding]:
    """The file lists no channels.

    conda 26.7 and mamba 2 then take those of the user's configuration: conda-forge with Miniforge, `defaults` with Miniconda,
    and none at all where nobody has set any, since conda 25.9. What is installed differs from machine to machine. Azure ML's
    check of environments misses them, too. Not said of a file in a folder `binder`, where repo2docker sets conda-forge, or
    `aml_config`, where Workbench wrote it so, nor of one without a name that no managed run uses: who gives it a name on the
    command line may give it channels, too.

    ```yaml
    name: demo
    dependencies:  # <- ENV207
      - python=3.11
      - numpy=1.26
    ```

    ```yaml fixed
    name: demo
    channels:
      - conda-forge
    dependencies:
      - python=3.11
      - numpy=1.26
    ```

    ```yaml
    name: demo
    channels: [conda-forge]
    dependencies:
      - python=3.11
      - numpy=1.26
    ```

    ```yaml
    name: demo
    dependencies:
      - conda-forge::python=3.11
    ```
    """
    file = document.content
    if not isinstance(file, EnvironmentFile) or not file.dependencies or document.path.parent.name in _NO_ADVICE:
        return
    key = file.key("dependencies")
    if (
        key is None
        or not (facts.managed or file.name)
        or any(_is_near_channels(other.node.value) for other in file.keys)
    ):
        return  # a misspelt key is the finding
    if all(item.spec.channel for item in file.dependencies):
        return
    fixes: tuple[Fix, ...] = ()
    if isinstance(file.root, Mapping) and not file.root.flow:
        line_end = newline(document.text)
        above = f"channels:{line_end}{' ' * indentation(document.text)}- conda-forge{line_end}"
        fixes = (Fix("List conda-forge as the channel", (Replace(Span(key.node.start, key.node.start), above),)),)
    whose = (
        "Azure ML takes those of the image's conda" if facts.managed else "every machine takes those of its own user"
    )
    yield Finding(key.node.span, f"no `channels`: {whose}", fixes)


_NO_ADVICE = OF_BINDER | {OF_WORKBENCH}


def _is_near_channels(name: str) -> bool:
    return bool(get_close_matches(name.lower(), ("channels",), 1, 0.7))


def _forge(file: EnvironmentFile) -> tuple[ChannelRef, int] | None:
    """Where conda-forge stands in the channels."""
    for number, channel in enumerate(file.channels):
        if _channel_name(channel.node.value) == "conda-forge":
            return channel, number
    return None


@rule("ENV208", on=EnvironmentFile, severity=Severity.HINT)
def channel_order(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """The channel bioconda stands before conda-forge.

    Its packages are built against conda-forge's. conda 26.7 and mamba 2 take a package from the first channel that has it, and
    bioconda still has old builds of some that have moved to conda-forge since. bioconda's own instructions put conda-forge
    first, with strict priority.

    ```yaml
    channels:
      - bioconda  # <- ENV208
      - conda-forge
    dependencies:
      - samtools=1.20
    ```

    ```yaml fixed
    channels:
      - conda-forge
      - bioconda
    dependencies:
      - samtools=1.20
    ```

    ```yaml
    channels:
      - conda-forge
      - bioconda
    dependencies:
      - samtools=1.20
    ```
    """
    del facts
    forge = _forge(file)
    if forge is None:
        return
    for channel in file.channels[: forge[1]]:
        if _channel_name(channel.node.value) == "bioconda":
            first, second = channel.node, forge[0].node
            swapped = (Replace(first.span, second.text.raw), Replace(second.span, first.text.raw))
            fix = Fix("Put conda-forge first", swapped)
            related = (Related(second.span, "conda-forge stands here"),)
            yield Finding(channel.span, "bioconda is built on conda-forge, which belongs before it", (fix,), related)
            return


@rule("ENV209", on=EnvironmentFile, severity=Severity.HINT, opt_in=True)
def anaconda_terms(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """A channel is Anaconda's, whose terms ask larger organisations for a licence.

    It is `defaults` with its parts (`main`, `r`, `msys2`), which conda 26.7 fetches from repo.anaconda.com, and `anaconda`;
    the terms count 200 people. A file without channels uses them too, where the user's configuration says so. Where
    conda-forge stands beside it, ENV205 says so already.

    ```yaml
    channels:
      - defaults  # <- ENV209
    dependencies:
      - python=3.11
    ```

    ```yaml
    channels:
      - conda-forge
    dependencies:
      - python=3.11
    ```
    """
    del facts
    if _forge(file):
        return
    of_anaconda = [channel for channel in file.channels if _channel_name(channel.node.value) in _OF_ANACONDA]
    if of_anaconda:
        first = of_anaconda[0]
        shown = first.node.value
        fix = Fix("Write `conda-forge`", (Replace(first.span, "conda-forge"),))
        message = f"the terms of `{shown}` ask organisations of 200 people and more for a licence"
        yield Finding(first.span, message, (fix,) if len(of_anaconda) == 1 else ())


_OF_ANACONDA = frozenset(("defaults", "anaconda", "main", "r", "msys2"))


@rule("ENV210", on=EnvironmentFile, severity=Severity.HINT, opt_in=True)
def configured_channels(file: EnvironmentFile, facts: Facts) -> Iterator[Finding]:
    """The channels of the user's configuration follow those of the file.

    conda 26.7 and mamba 2 append them, `defaults` with Miniconda, unless `nodefaults` stands in the list (CEP 24). Said where
    conda-forge is listed, and `defaults` is not. A managed run knows no user's configuration; of its files nothing is said.

    ```yaml
    channels:
      - conda-forge  # <- ENV210
    dependencies:
      - python=3.11
    ```

    ```yaml fixed
    channels:
      - conda-forge
      - nodefaults
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
    forge = _forge(file)
    names = {_channel_name(channel.node.value) for channel in file.channels}
    if forge is None or facts.managed or names & {"nodefaults", "defaults"}:
        return
    fix = Fix("Add `nodefaults`", (Add(("channels",), "nodefaults"),))
    yield Finding(forge[0].span, "the channels of each user's configuration follow these", (fix,))


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
