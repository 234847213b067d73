"""What cannot be read of a definition of CLI v2, and what stands twice."""

from __future__ import annotations

from collections.abc import Iterator

from envls.document import Document, Format
from envls.facts import Facts
from envls.formats.azureml.v2 import Definition
from envls.rules.rule import Finding, Severity, rule
from envls.rules.structure import repeated_keys, unreadable_bytes, yaml_problems


def definition_of(document: Document) -> Definition | None:
    """The definition that a document is, None for a template: what is filled in may be anything."""
    content = document.content
    return content if isinstance(content, Definition) and not document.template else None


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
