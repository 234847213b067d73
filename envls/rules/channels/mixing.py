"""ENV2: channels that do not go well together, and whose terms they have."""

from __future__ import annotations

from collections.abc import Iterator

from envls.facts import Facts
from envls.formats.conda.environment import ChannelRef, EnvironmentFile
from envls.rules.channels.names import channel_name, conda_forge
from envls.rules.rule import Finding, Fix, Related, Severity, rule
from envls.write import Add, Remove, Replace


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
        places.setdefault(channel_name(channel.node.value), (number, channel))
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
    forge = conda_forge(file)
    if forge is None:
        return
    for channel in file.channels[: forge[1]]:
        if channel_name(channel.node.value) == "bioconda":
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
    if conda_forge(file):
        return
    of_anaconda = [channel for channel in file.channels if channel_name(channel.node.value) in _OF_ANACONDA]
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
    forge = conda_forge(file)
    names = {channel_name(channel.node.value) for channel in file.channels}
    if forge is None or facts.managed or names & {"nodefaults", "defaults"}:
        return
    fix = Fix("Add `nodefaults`", (Add(("channels",), "nodefaults"),))
    yield Finding(forge[0].span, "the channels of each user's configuration follow these", (fix,))
