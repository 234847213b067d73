"""What a definition of CLI v2 says of things that stand elsewhere: registered, in a registry, or in a file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envls.document import Document
from envls.facts import Facts
from envls.formats.azureml import v2
from envls.formats.keys import Value
from envls.rules.cli_v2.text import definition_of
from envls.rules.rule import Finding, Fix, Severity, rule
from envls.syntax import Kind, Scalar, resolved
from envls.write import Replace, scalar

_NAME = re.compile(r"[\w.-]+(?::[\w.-]+|@[\w.-]+)?")
_FILE = re.compile(r".*[/\\].*|.*\.ya?ml", re.IGNORECASE)


@rule("AML308", on=Document, severity=Severity.ERROR, patient=True)
def unknown_reference(document: Document, facts: Facts) -> Iterator[Finding]:
    """A reference says neither that it is a registered name nor that it is a file.

    azure-ai-ml 1.35 refuses a bare name and a bare path: what is registered begins with `azureml:`, the path of a definition
    with `file:`. Names of curated environments need the version or `@latest`, and most live in the registry `azureml`.

    ```yaml job.yml
    $schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
    command: python train.py
    environment: sklearn:1  # <- AML308
    ```

    ```yaml fixed
    $schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
    command: python train.py
    environment: azureml:sklearn:1
    ```
    """
    del facts
    definition = definition_of(document)
    for value in definition.values if definition else ():
        node, info = value.node, value.info
        if info.path not in ("environment", "registered") or not isinstance(node, Scalar) or not _is_text(node):
            continue
        file = info.path == "environment" and node.value.startswith("file:")
        bound = "${{" in node.value and definition is not None and definition.is_pipeline
        serverless = info.name == "default_compute" and node.value.lower() == "serverless"
        if not (node.value.startswith("azureml:") or file or bound or serverless):
            yield _bare(node, value)


def _is_text(node: Scalar) -> bool:
    return resolved(node, yaml=v2.YAML) is Kind.TEXT


def _bare(node: Scalar, value: Value) -> Finding:
    name, written = value.info.name, node.value
    prefix = "azureml:"
    if name == "environment" and _FILE.fullmatch(written):
        prefix = "file:"
    if not (prefix == "file:" or _NAME.fullmatch(written)):
        what = "what is registered begins with `azureml:`" + (", a path with `file:`" if name == "environment" else "")
        return Finding(node.span, f"`{written}` is no {name}: {what}" if written else f"`{name}` is empty: {what}")
    what = (
        "the path of a definition" if prefix == "file:" else f"the name of a registered {name.removeprefix('default_')}"
    )
    better = prefix + written
    fix = Fix(f"Write `{better}`", (Replace(node.span, scalar(better, like=node)),), safe=True, sure=True)
    return Finding(node.span, f"{what} begins with `{prefix}`; without it the file is refused", (fix,))


@rule("AML309", on=Document, severity=Severity.ERROR)
def file_prefix_before_conda_file(document: Document, facts: Facts) -> Iterator[Finding]:
    """The path of a conda file begins with `file:`.

    The preview of 2021 wrote it so; azure-ai-ml 1.35 takes `file:` for a part of the path, and finds no such file.

    ```yaml environment.yml
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
    conda_file: file:./conda.yml  # <- AML309
    ```

    ```yaml fixed
    $schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
    name: training
    image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1
    conda_file: ./conda.yml
    ```

    ```yaml conda.yml
    dependencies:
      - python=3.11
    ```
    """
    del facts
    definition = definition_of(document)
    for value in definition.values if definition else ():
        node = value.node
        if value.info.path == "conda file" and isinstance(node, Scalar) and node.value.startswith("file:"):
            path = node.value.removeprefix("file:")
            fix = Fix(f"Write `{path}`", (Replace(node.span, scalar(path, like=node)),), safe=True, sure=True)
            yield Finding(node.span, "`file:` is taken for a part of this path, and nothing is found", (fix,))
