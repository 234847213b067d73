"""ENV5: packages that exist nowhere any more, and the hosts that have ended with them. None is mended by a namesake."""

from __future__ import annotations

from collections.abc import Iterator

from envls import target
from envls.facts import Facts, Pending, Unavailable
from envls.formats.conda.environment import Requirement
from envls.known.retired import GONE, GONE_HOSTS
from envls.rules.packages.answered import AnsweredRequirement, Standing
from envls.rules.rule import Finding, Fix, Gathered, Item, Related, Severity, rule
from envls.versions import numbers, possible_pythons
from envls.write import Remove


@rule("ENV519", on=Requirement, severity=Severity.WARNING, patient=True)
def gone_requirement(requirement: Requirement, facts: Facts) -> Iterator[Finding]:
    """A package of the `pip` section is on no index any more.

    `envls` brings the list along: packages of Azure ML Workbench, which its templates list. What the index has today as
    `azureml-assets` is another package of that name (1.16 and newer, for Python 3.8 and newer), which must not take the
    place of the old one. An error once the index has said so itself: pip then installs nothing.

    ```yaml
    dependencies:
      - python=3.5.2
      - pip
      - pip:
        - azureml-requirements    # <- ENV519
        - azureml.assets==1.0.0   # <- ENV519
    ```

    ```yaml
    dependencies:
      - python=3.11
      - pip
      - pip:
        - azureml-assets==1.17.1
    ```

    ```facts
    conda python 3.5.2 3.11.9
    conda pip 24.2
    pip azureml-requirements absent
    pip azureml-assets 1.16.0 1.17.1
    ```
    """
    line = requirement.line
    one = GONE.get(line.name)
    question = target.pip_package(requirement)
    if one is None or question is None:
        return
    answered = AnsweredRequirement.of(requirement, facts)
    answer = facts.ask(question)
    if isinstance(answer, Pending) or (answered is not None and answered.standing is not Standing.GONE):
        return
    if answered is None and not (isinstance(answer, Unavailable) and _is_old(requirement)):
        return
    message = f"`{line.name_part.text}` is gone: {one.why}"
    message += "; what the index has by this name is another package" if one.since else ""
    fix = Fix("Remove it", (Remove(requirement.dash),))
    yield Finding(requirement.name_span, message, (fix,), severity=Severity.ERROR if answered else None)


def _is_old(requirement: Requirement) -> bool:
    """Whether a line does not mean the package that has the name today, nor one of an index that only its file knows."""
    within = requirement.within
    named = [address for address in (within.index, *within.extra_indexes, *within.find_links) if address]
    if any(address.host not in GONE_HOSTS for address in named):
        return False
    one, pinned = GONE[requirement.line.name], requirement.line.pinned
    if not one.since:
        return True
    if pinned:
        return numbers(pinned) < numbers(one.since)
    there = possible_pythons(requirement.within.python)
    return bool(there) and all(numbers(version) < numbers(one.python) for version in there)


def _is_at_a_gone_host(item: Item) -> bool:
    return isinstance(item, Requirement) and _host(item) in GONE_HOSTS


def _host(item: Requirement) -> str:
    return item.line.url.host if item.line.url else ""


@rule("ENV520", on=Gathered, of=_is_at_a_gone_host, severity=Severity.HINT)
def gone_host(gathered: Gathered, facts: Facts) -> Iterator[Finding]:
    """An address is one of a service that has ended.

    The templates of Azure ML Workbench have wheels and an index there; what has no name on a public index cannot be had
    anywhere else. Said once for a file. Whether such a host still answers is not known here.

    ```yaml
    dependencies:
      - python=3.5.2
      - pip
      - pip:
        - --index-url https://azuremldownloads.azureedge.net/python-repository/preview  # <- ENV520
        - azure-ml-api-sdk==0.1.0a10
    ```

    ```yaml
    dependencies:
      - python=3.5.2
      - pip
      - pip:
        - azure-ml-api-sdk==0.1.0a10
    ```
    """
    del facts
    first, *others = gathered.requirements
    host = _host(first)
    related = tuple(Related(item.span, "so is this") for item in others)
    yield Finding(first.span, f"`{host}` belonged to {GONE_HOSTS[host]}", related=related)
