"""What the compute target of a run of SDK v1 needs, and does not have."""

from __future__ import annotations

from collections.abc import Iterator

from envls.facts import Facts
from envls.formats.azureml.v1 import RunConfiguration
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.rules.sdk_v1.environments import set_user_managed
from envls.write import SetKey


@rule("AML216", on=RunConfiguration, severity=Severity.HINT)
def conda_of_this_machine(configuration: RunConfiguration, facts: Facts) -> Iterator[Finding]:
    """A local run has its environment made, and no container.

    azureml-core 1.61 then needs conda 4.4 or newer on the path of the machine: "Unable to run Conda package manager". In a
    container, or with an environment of one's own, it needs none.

    ```yaml .azureml/train.runconfig
    script: train.py
    target: local  # <- AML216
    environment:
      python:
        condaDependenciesFile: .azureml/conda.yml
    ```

    ```yaml .azureml/conda.yml
    dependencies: [python=3.10]
    ```
    """
    del facts
    section, target = configuration.environment, configuration.entry("target")
    if section is None or section.is_reference or section.user_managed or configuration.target != "local":
        return
    if section.node("python", "condaDependenciesFile") is None and section.node("python", "condaDependencies") is None:
        return
    docker = configuration.text("docker", "useDocker") or section.text("docker", "enabled")
    if docker.lower() in ("", "false") and target:
        fixes: list[Fix] = []
        if not configuration.entry("docker", "useDocker"):
            fixes.append(Fix("Run it in a container", (SetKey(("docker", "useDocker"), "true"),)))
        fixes.append(Fix("Use an environment of your own", tuple(set_user_managed(section, ("environment", "python")))))
        yield Finding(target.key.span, "this local run needs conda on the path of the machine", tuple(fixes))


@rule("AML217", on=RunConfiguration, severity=Severity.WARNING)
def missing_machine_size(configuration: RunConfiguration, facts: Facts) -> Iterator[Finding]:
    """A cluster is to be made for a run, and no size of its machines is given.

    azureml-core 1.61 refuses the run when it is submitted: "Must specify VM size". A cluster of the workspace, named by
    `target`, is what to use today.

    ```yaml .azureml/train.runconfig
    script: train.py
    target: amlcompute  # <- AML217
    environment:
      name: mine
    ```
    """
    del facts
    target = configuration.entry("target")
    if target and configuration.text("target") == "amlcompute" and not configuration.text("amlcompute", "vmSize"):
        yield Finding(target.value.span, "`amlcompute.vmSize` is missing: the run is refused when it is submitted")
