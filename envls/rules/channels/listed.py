"""ENV2: the list of channels: whether there is one, what stands in it, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from envls.document import Document
from envls.facts import Facts
from envls.formats import keys
from envls.formats.azureml.workbench import FOLDER as OF_WORKBENCH
from envls.formats.conda.environment import ChannelRef, Dependency, EnvironmentFile
from envls.formats.conda.matchspec import PLATFORMS
from envls.formats.conda.misreading import misreading
from envls.rules.binder import FOLDERS as OF_BINDER
from envls.rules.channels.names import channel_name, channel_names
from envls.rules.rule import Finding, Fix, Related, Severity, rule
from envls.syntax import Kind, Mapping, Scalar, Sequence, resolve_alias, resolved
from envls.text import Span
from envls.write import Add, Remove, Replace, indentation, newline


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
    name = channel_name(written)
    if not name or "*" in name or name in channel_names(dependency.within.channels) or misreading(spec.text):
        return
    start = spec.text.find(written)
    listed = written.rpartition("/")[0] if written.rpartition("/")[2] in PLATFORMS else written
    fix = Fix(f"Add `{listed}` to the channels", (Add(("channels",), listed),))
    message = f"`{listed}` is not among the channels; not every tool looks there"
    yield Finding(dependency.node.within(start, start + len(written)), message, (fix,))


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
        line_end = newline(document.text) + " " * document.lines.place(key.node.start)[1]
        above = f"channels:{line_end}{' ' * indentation(document.text)}- conda-forge{line_end}"
        fixes = (Fix("List conda-forge as the channel", (Replace(Span(key.node.start, key.node.start), above),)),)
    whose = (
        "Azure ML takes those of the image's conda" if facts.managed else "every machine takes those of its own user"
    )
    yield Finding(key.node.span, f"no `channels`: {whose}", fixes)


_NO_ADVICE = OF_BINDER | {OF_WORKBENCH}


def _is_near_channels(name: str) -> bool:
    return bool(get_close_matches(name.lower(), ("channels",), 1, 0.7))
