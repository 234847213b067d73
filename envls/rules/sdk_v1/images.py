"""The base image of an environment of SDK v1: whether it is still made, which one it is, and what it must bring along."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envls.facts import Facts
from envls.formats.azureml.v1 import EnvironmentSection
from envls.formats.azureml.v1_keys import BASE_IMAGE
from envls.formats.keys import Value
from envls.known import base_images
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.rules.sdk_v1.sections import is_said
from envls.syntax import Scalar
from envls.write import Replace, scalar


@rule("AML212", on=Value, severity=Severity.WARNING)
def deprecated_base_image(value: Value, facts: Facts) -> Iterator[Finding]:
    """A base image of Azure ML is given up.

    It gets no repairs of security any more, and the service warns of it. What azureml-core 1.61 takes today stands on Ubuntu
    22.04; the fix changes what is installed, so it is not made without being asked for.

    ```yaml .azureml/train.runconfig
    script: train.py
    environment:
      docker:
        baseImage: mcr.microsoft.com/azureml/base:0.2.4  # <- AML212
      python:
        userManagedDependencies: true
    ```

    ```yaml fixed
    script: train.py
    environment:
      docker:
        baseImage: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
      python:
        userManagedDependencies: true
    ```
    """
    del facts
    if (
        value.info is BASE_IMAGE
        and isinstance(value.node, Scalar)
        and (today := base_images.successor(value.node.value))
    ):
        fix = Fix(f"Write `{today}`", (Replace(value.node.span, scalar(today, like=value.node)),), sure=True)
        yield Finding(value.node.span, "this base image is given up, and gets no repairs any more", (fix,))


@rule("AML213", on=Value, severity=Severity.WARNING)
def image_without_tag(value: Value, facts: Facts) -> Iterator[Finding]:
    """A base image has neither a tag nor a digest.

    The service warns of it: what is built today is another image tomorrow.

    ```yaml .azureml/train.runconfig
    script: train.py
    environment:
      docker:
        baseImage: example.azurecr.io:5000/team/image  # <- AML213
      python:
        userManagedDependencies: true
    ```

    ```yaml .azureml/fine.runconfig
    script: train.py
    environment:
      docker:
        baseImage: example.azurecr.io/team/image@sha256:0123
      python:
        userManagedDependencies: true
    ```
    """
    del facts
    node = value.node
    image = node.value if value.info is BASE_IMAGE and isinstance(node, Scalar) and not node.is_null else ""
    if image and not (base_images.has_tag(image) or base_images.successor(image) or re.search(r"[<>{}$%\s]", image)):
        today = base_images.tagged(image)
        fixes = (
            (Fix(f"Write `{today}`", (Replace(value.span, scalar(today, like=node)),)),)
            if today and isinstance(node, Scalar)
            else ()
        )
        yield Finding(value.span, "this image has no tag and no digest: which one it is changes from day to day", fixes)


@rule("AML220", on=EnvironmentSection, severity=Severity.HINT)
def image_without_conda(section: EnvironmentSection, facts: Facts) -> Iterator[Finding]:
    """An environment is to be made with conda, in an image of one's own.

    The service runs the image's own conda: "conda not found" is how the build ends where it has none. Azure ML's images have
    one; where the packages are in the image already, `userManagedDependencies` is true.

    ```yaml .azureml/train.runconfig
    script: train.py
    environment:
      docker:
        baseImage: example.azurecr.io/team/image:1  # <- AML220
      python:
        condaDependenciesFile: .azureml/conda.yml
    ```

    ```yaml .azureml/fine.runconfig
    script: train.py
    environment:
      docker:
        baseImage: example.azurecr.io/team/image:1
      python:
        userManagedDependencies: true
    ```

    ```yaml .azureml/conda.yml
    dependencies: [python=3.10]
    ```
    """
    del facts
    image = section.node("docker", "baseImage")
    if not isinstance(image, Scalar) or not image.value or section.is_reference or section.user_managed:
        return
    has_conda = base_images.is_of_azureml(image.value) or re.search("conda|mamba|mmlspark", image.value, re.IGNORECASE)
    if not has_conda and (is_said(section, "python", "condaDependenciesFile") or section.inline):
        yield Finding(image.span, "the environment is made with conda in this image: it must have one")
