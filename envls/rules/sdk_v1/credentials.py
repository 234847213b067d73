"""Credentials in a file of SDK v1: given in part, or for everybody to see."""

from __future__ import annotations

from collections.abc import Iterator

from envls.document import Document
from envls.facts import Facts
from envls.formats.azureml.v1 import RunConfiguration, Section
from envls.formats.azureml.v1_keys import AMBIENT, DATASET
from envls.formats.keys import Value
from envls.rules.rule import Finding, Severity, rule
from envls.rules.sdk_v1.sections import is_said, section_of
from envls.rules.secrets import is_filled_in, secrets_in
from envls.syntax import Mapping, Scalar

_NEEDED = {"aadtoken": ("secret",), "runtoken": (), "serviceprincipal": ("appId", "secret", "tenant")}
_ALLOWED = {"aadtoken": ("secret", "deleteSecretAfterRun"), "runtoken": ()}


@rule("AML209", on=Document, severity=Severity.WARNING)
def half_credentials(document: Document, facts: Facts) -> Iterator[Finding]:
    """Credentials, or the name of a dataset, are only given in part.

    The service refuses a registry with a user and no password, and the reverse; azureml-core 1.61 refuses each way to sign in
    without what it needs. A dataset is named by its ID, or by name and version.

    ```yaml .azureml/train.runconfig
    script: train.py
    history:
      ambientAuthentication:
        method: serviceprincipal  # <- AML209
        appId: mine
    data:
      images:
        dataLocation:
          dataset:
            name: images  # <- AML209
    environment:
      python:
        userManagedDependencies: true
      docker:
        baseImage: example.azurecr.io/team/image:1
        baseImageRegistry:
          address: example.azurecr.io
          username: me  # <- AML209
    ```
    """
    del facts
    section = section_of(document)
    if section:
        registry = ("docker", "baseImageRegistry")
        user, password = section.entry(*registry, "username"), section.entry(*registry, "password")
        has_user, has_password = is_said(section, *registry, "username"), is_said(section, *registry, "password")
        alone = user if has_user else password
        if alone and has_user != has_password:
            missing = "password" if has_user else "username"
            yield Finding(alone.key.span, f"`{alone.key.value}` needs `{missing}` beside it")
    if isinstance(document.content, RunConfiguration):
        for value in document.content.values:
            if value.info is AMBIENT and isinstance(value.node, Mapping):
                yield from _signs_in(Section(value.node, document.content.spelling))
            elif value.info is DATASET and isinstance(value.node, Mapping):
                yield from _dataset(value, Section(value.node, document.content.spelling))


def _signs_in(section: Section) -> Iterator[Finding]:
    method = section.entry("method")
    name = section.text("method").lower()
    there = [key for key in ("appId", "secret", "tenant") if is_said(section, key)]
    if method is None or not name:
        if there and (first := section.entry(there[0])):
            yield Finding(first.key.span, f"`{there[0]}` needs a `method` beside it")
        return
    missing = [f"`{key}`" for key in _NEEDED.get(name, ()) if key not in there]
    if missing:
        yield Finding(method.key.span, f"`{section.text('method')}` needs {', '.join(missing)}")
    for key in there:
        if key not in _ALLOWED.get(name, there) and (entry := section.entry(key)):
            yield Finding(entry.key.span, f"`{key}` is not allowed with `{section.text('method')}`")


def _dataset(value: Value, section: Section) -> Iterator[Finding]:
    if not section.text("id") and bool(section.text("name")) != bool(section.text("version")):
        start = section.root.entries[0].key.span if section.root.entries else value.span
        wanted = "version" if section.text("name") else "name"
        yield Finding(start, f"a dataset without `id` needs `{wanted}` as well")


@rule("AML210", on=Document, severity=Severity.WARNING)
def plaintext_credentials(document: Document, facts: Facts) -> Iterator[Finding]:
    """A password or a token stands in a run configuration.

    Whoever gets the file gets it. A registry is opened by the workspace's identity or its connection; a secret of a run
    belongs into the key vault of the workspace, where `Run.get_secret` of azureml-core 1.61 finds it.

    ```yaml .azureml/train.runconfig
    script: train.py
    environmentVariables:
      STORAGE_KEY_FILE: /run/key
      API_TOKEN: 9c1185a5c5e9fc54612808977ee8f548  # <- AML210
    environment:
      python:
        userManagedDependencies: true
      docker:
        baseImage: example.azurecr.io/team/image:1
        baseImageRegistry:
          username: me
          password: hunter2-hunter2  # <- AML210
    ```
    """
    del facts
    section = section_of(document)
    if section is None and not isinstance(document.content, RunConfiguration):
        return
    run = document.content if isinstance(document.content, RunConfiguration) else None
    variables = [one.node("environmentVariables") for one in (run, section) if one]
    spans = [*secrets_in(document.text, *variables)]
    password = section.node("docker", "baseImageRegistry", "password") if section else None
    if isinstance(password, Scalar) and password.value and not is_filled_in(password.value):
        spans += [password.span] if not any(password.span.overlaps(span) for span in spans) else []
    for span in spans:
        yield Finding(span, "a secret stands here, for everybody who gets the file")
