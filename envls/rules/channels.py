"""ENV2: the channels of an environment."""

from __future__ import annotations

from collections.abc import Iterator

from envls.facts import Facts
from envls.formats.conda.environment import ChannelRef, EnvironmentFile
from envls.rules.rule import Finding, Fix, Related, Severity, rule
from envls.write import Remove


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
