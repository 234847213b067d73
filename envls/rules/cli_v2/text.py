"""What cannot be read of a definition of CLI v2, and what stands twice."""

from __future__ import annotations

from collections.abc import Iterator

from envls.document import Document, Format
from envls.facts import Facts
from envls.formats.azureml import v1, workbench
from envls.formats.azureml.v2 import Definition
from envls.rules.rule import Finding, Severity, rule
from envls.rules.secrets import secrets_in
from envls.rules.structure import repeated_keys, unreadable_bytes, yaml_problems


def definition_of(document: Document) -> Definition | None:
    """The definition that a document is.

    None for a template: what is filled in may be anything; and for what is of an older kind, of which nothing fits.
    """
    content = document.content
    return content if isinstance(content, Definition) and not document.template and not _older(content) else None


def _older(definition: Definition) -> str:
    """What a definition really is, if that is a file of an older dialect; "" if it is none."""
    if definition.kind.endswith("Job") and v1.resembles_run_configuration(definition.root):
        return "a run configuration of SDK v1"
    if definition.kind == "environment" and v1.resembles_section(definition.root):
        return "an environment section of SDK v1"
    if definition.kind and workbench.is_run_configuration(definition.root, by_name=False):
        return "a run configuration of Workbench"
    return ""


@rule("AML301", on=Document, severity=Severity.ERROR)
def not_yaml_in_definition(document: Document, facts: Facts) -> Iterator[Finding]:
    """A line of a definition is not YAML, or not text.

    azure-ai-ml 1.35 (PyYAML) refuses the whole file.

    ```yaml job.yml
    $schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
    command: python train.py
    environment: azureml:AzureML-sklearn@latest
    compute: [azureml:cluster  # <- AML301
    ```
    """
    if document.format is Format.V2 and not document.template:
        yield from unreadable_bytes(document, facts)
        yield from yaml_problems(document)


@rule("AML302", on=Document, severity=Severity.HINT)
def template_of_definition(document: Document, facts: Facts) -> Iterator[Finding]:
    """The definition is a template.

    What stands in `{{ }}` is filled in before Azure ML sees the file; of the rest envls says nothing. What Azure ML fills in
    itself stands in `${{ }}`.

    ```yaml deployment.yml
    $schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json
    name: blue
    endpoint_name: {{ endpoint }}  # <- AML302
    instance_type: Standard_DS3_v2
    ```
    """
    del facts
    if document.format is Format.V2 and document.template:
        yield Finding(document.template, "this is a template; envls does not judge what it becomes")


@rule("AML306", on=Document, severity=Severity.WARNING)
def repeated_definition_key(document: Document, facts: Facts) -> Iterator[Finding]:
    """A key stands twice in one mapping.

    azure-ai-ml 1.35 (PyYAML) takes the last one and forgets the others without a word.

    ```yaml job.yml
    $schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
    command: python train.py
    environment: azureml:sklearn:1
    compute: azureml:small
    compute: azureml:large  # <- AML306
    ```
    """
    del facts
    if definition_of(document) is not None:
        yield from repeated_keys(document, "only the last one counts")


@rule("AML317", on=Document, severity=Severity.ERROR)
def older_dialect_as_definition(document: Document, facts: Facts) -> Iterator[Finding]:
    """A file of an older dialect is given as a definition of CLI v2.

    A job of CLI v2 says `command` for `script` and `arguments`, `compute` for `target`, and below `environment` an `image` and
    a `conda_file`. azure-ai-ml 1.35 refuses the file for each key of the other dialect; this is said once.

    ```yaml job.yml
    $schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
    script: train.py  # <- AML317
    target: cpu-cluster
    environment:
      python:
        condaDependenciesFile: conda.yml
    ```
    """
    del facts
    content = document.content
    if isinstance(content, Definition) and not document.template and (older := _older(content)):
        entries = [entry for entry in content.root.entries if entry.key.value != "$schema"]
        message = (
            f"this is {older}; a definition of CLI v2 says `command`, `compute`, and `environment` with an `image`"
        )
        yield Finding(entries[0].key.span, message)


@rule("AML316", on=Document, severity=Severity.WARNING)
def secret_in_definition(document: Document, facts: Facts) -> Iterator[Finding]:
    """A password or a token stands in a definition.

    Whoever gets the file gets it, and everybody who may see the job in the workspace. A secret belongs into the key vault of the
    workspace, or into a connection; the identity of the compute opens both.

    ```yaml job.yml
    $schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
    command: python train.py
    environment: azureml:training:1
    environment_variables:
      API_TOKEN: 9c1185a5c5e9fc54612808977ee8f548  # <- AML316
    ```
    """
    del facts
    if isinstance(document.content, Definition):
        variables = [one.node for one in document.content.values if one.info.name == "environment_variables"]
        for span in secrets_in(document.text, *variables):
            yield Finding(span, "a secret stands here, for everybody who gets the file")
