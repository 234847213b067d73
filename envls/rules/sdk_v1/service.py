"""What the SDK loads, and the service refuses or advises against."""

from __future__ import annotations

from collections.abc import Iterator

from envls.facts import Facts
from envls.formats.azureml.v1 import EnvironmentSection
from envls.rules.rule import Finding, Severity, rule
from envls.rules.sdk_v1.sections import is_said
from envls.rules.secrets import is_filled_in
from envls.syntax import Mapping, Scalar, resolve_alias

_LONGEST = {"name": 255, "baseDockerfile": 100 * 1024}
"""In bytes."""


@rule("AML222", on=EnvironmentSection, severity=Severity.WARNING)
def incomplete_build_context(section: EnvironmentSection, facts: Facts) -> Iterator[Finding]:
    """A build context does not say where it is.

    azureml-core 1.61 loads it; the service refuses it ("missing build-context location"). What kind of place it is,
    `locationType` says: `git` or `storageAccount`.

    ```yaml .azureml/train.runconfig
    script: train.py
    environment:
      docker:
        buildContext:  # <- AML222
          dockerfilePath: docker/Dockerfile
      python:
        userManagedDependencies: true
    ```
    """
    del facts
    context = section.entry("docker", "buildContext")
    if context is None or not isinstance(resolve_alias(context.value), Mapping) or section.is_reference:
        return
    missing = [key for key in ("locationType", "location") if not is_said(section, "docker", "buildContext", key)]
    if missing:
        names = " and ".join(f"`{key}`" for key in missing)
        yield Finding(context.key.span, f"the service refuses a build context without {names}")


@rule("AML223", on=EnvironmentSection, severity=Severity.HINT)
def discouraged_environment_setting(section: EnvironmentSection, facts: Facts) -> Iterator[Finding]:
    """The service does not want a setting of an environment any more.

    It takes no login of a registry from an environment: a connection of the workspace, or its identity, opens the registry.
    It advises against `baseCondaEnvironment`: what is added to an environment of the image changes with the image.

    ```yaml .azureml/train.runconfig
    script: train.py
    environment:
      docker:
        baseImage: example.azurecr.io/team/image:1
        baseImageRegistry:
          address: example.azurecr.io
          username: me  # <- AML223
          password: ${REGISTRY_PASSWORD}
      python:
        userManagedDependencies: true
    ```

    ```yaml .azureml/other.runconfig
    script: train.py
    environment:
      python:
        baseCondaEnvironment: base  # <- AML223
        condaDependenciesFile: .azureml/conda.yml
    ```

    ```yaml .azureml/conda.yml
    dependencies: [python=3.10]
    ```
    """
    del facts
    registry = ("docker", "baseImageRegistry")
    user = section.entry(*registry, "username")
    password = section.text(*registry, "password")
    if user and password and is_filled_in(password):  # of a secret itself more is said than this
        yield Finding(
            user.key.span, "the service takes no login of a registry any more; use a connection of the workspace"
        )
    base = section.entry("python", "baseCondaEnvironment")
    if base and is_said(section, "python", "baseCondaEnvironment") and not section.user_managed:
        yield Finding(base.key.span, "the service advises against packages on top of an environment of the image")


@rule("AML224", on=EnvironmentSection, severity=Severity.WARNING)
def overlong_environment_text(section: EnvironmentSection, facts: Facts) -> Iterator[Finding]:
    """The name of an environment, or its Dockerfile, is longer than the service takes.

    A name has 255 characters at most, a Dockerfile 100 KB.

    ```yaml .azureml/train.runconfig
    script: train.py
    environment:
      # <- AML224
      name: "a-name-of-a-model-of-a-team-of-a-company-in-a-town
        a-name-of-a-model-of-a-team-of-a-company-in-a-town
        a-name-of-a-model-of-a-team-of-a-company-in-a-town
        a-name-of-a-model-of-a-team-of-a-company-in-a-town
        a-name-of-a-model-of-a-team-of-a-company-in-a-town
        a-name-of-a-model-of-a-team-of-a-company-in-a-town"
      python:
        userManagedDependencies: true
    ```
    """
    del facts
    for route in (("name",), ("docker", "baseDockerfile")):
        node, most = section.node(*route), _LONGEST[route[-1]]
        if isinstance(node, Scalar) and len(node.value.encode()) > most:
            yield Finding(node.span, f"`{route[-1]}` is longer than the {most} bytes that the service takes")
