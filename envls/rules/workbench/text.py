"""The text of Workbench's files, what stands twice in them, and that their service has ended."""

from __future__ import annotations

from collections.abc import Iterator

from envls.document import Document, Format
from envls.facts import Facts
from envls.formats.azureml.workbench import RunConfiguration
from envls.rules.once import is_first
from envls.rules.rule import Finding, Severity, rule
from envls.rules.secrets import secrets_in
from envls.rules.structure import repeated_keys, unreadable_bytes, yaml_problems
from envls.syntax import Mapping

_FORMATS = (Format.RUN_CONFIGURATION, Format.COMPUTE, Format.SPARK)


@rule("AML101", on=Document, severity=Severity.ERROR)
def not_yaml_in_workbench(document: Document, facts: Facts) -> Iterator[Finding]:
    """A line of a run configuration is not YAML, or not text.

    The run does not start. JSON is as good as YAML here; a forgotten comma is found where it is missing.

    ```yaml aml_config/docker.runconfig
    ArgumentVector: ["train.py"  # <- AML101
    Target: docker
    TrackedRun: true
    ```

    ```yaml aml_config/docker.compute
    type: localdocker
    ```
    """
    if document.format in _FORMATS and not document.template:
        yield from unreadable_bytes(document, facts)
        yield from yaml_problems(document)


@rule("AML104", on=Document, severity=Severity.WARNING)
def repeated_workbench_key(document: Document, facts: Facts) -> Iterator[Finding]:
    """A key stands twice in one mapping.

    Only the last one counts.

    ```yaml aml_config/docker.runconfig
    ArgumentVector: [train.py]
    Target: docker
    Target: docker  # <- AML104
    ```

    ```yaml aml_config/docker.compute
    type: localdocker
    ```
    """
    del facts
    if document.format in _FORMATS:
        yield from repeated_keys(document, "only the last one counts")


@rule("AML109", on=Document, severity=Severity.HINT)
def retired_workbench(document: Document, facts: Facts) -> Iterator[Finding]:
    """The service that a run configuration of Workbench was for has ended.

    Workbench ended on 9 January 2019; SDK v1 (azureml-core 1.61) loads its files and reads nothing of what they say. In CLI
    v2 a job says `command` for `ArgumentVector`, `compute` for `Target`, and `environment` with an `image` and a `conda_file`
    for the rest: in the editor, an action on a run configuration writes both beside it. Locally, the conda file can be made
    and the script be run by hand. It is said once in a project, on the first run configuration.

    ```yaml aml_config/docker.runconfig
    ArgumentVector: [train.py]  # <- AML109
    Target: docker
    ```

    ```yaml aml_config/docker.compute
    type: localdocker
    ```

    ```yaml aml_config/local.runconfig
    ArgumentVector: [train.py]
    Target: docker
    ```
    """
    content = document.content
    if isinstance(content, RunConfiguration) and content.keys and is_first(document, facts):
        message = "Azure ML Workbench ended on 2019-01-09; a job of CLI v2 says `command`, `compute` and `environment`"
        yield Finding(content.keys[0].node.span, message)


@rule("AML115", on=Document, severity=Severity.WARNING)
def secret_in_workbench(document: Document, facts: Facts) -> Iterator[Finding]:
    """A password or a token stands in a file of Workbench.

    Whoever gets the file gets it, and so does the record of each run. Set the variable where the script runs, and let the
    file say its name only.

    ```yaml aml_config/docker.runconfig
    ArgumentVector: [train.py]
    Target: docker
    EnvironmentVariables:
      API_TOKEN: 9c1185a5c5e9fc54612808977ee8f548  # <- AML115
    ```

    ```yaml aml_config/docker.compute
    type: localdocker
    ```
    """
    del facts
    if document.format not in _FORMATS:
        return
    root = document.tree.root
    variables = root.get("EnvironmentVariables") if isinstance(root, Mapping) else None
    for span in secrets_in(document.text, variables):
        yield Finding(span, "a secret stands here, for everybody who gets the file")


@rule("AML117", on=Document, severity=Severity.HINT)
def template_of_workbench_file(document: Document, facts: Facts) -> Iterator[Finding]:
    """The file is a template.

    What stands in `{{ }}` is filled in before Workbench sees the file; of these lines envls says nothing.

    ```yaml aml_config/docker.runconfig
    ArgumentVector: [train.py]
    Target: {{ target }}  # <- AML117
    TrackedRun: true
    ```
    """
    del facts
    if document.format in _FORMATS and document.template:
        yield Finding(document.template, "this is a template; envls reads what is not filled in later")
