"""The environment section of a file of SDK v1, and what it says. No rule stands here."""

from __future__ import annotations

from envls.document import Document
from envls.formats.azureml.v1 import EnvironmentSection, RunConfiguration, Section
from envls.syntax import Mapping, Scalar


def section_of(document: Document) -> EnvironmentSection | None:
    """The environment section of a document."""
    content = document.content
    if isinstance(content, RunConfiguration):
        return content.environment
    return content if isinstance(content, EnvironmentSection) else None


def is_said(section: Section, *route: str) -> bool:
    """Whether a setting has a value that is not empty."""
    node = section.node(*route)
    if isinstance(node, Scalar):
        return bool(node.value)
    return node is not None and bool(node.entries if isinstance(node, Mapping) else getattr(node, "items", ()))
