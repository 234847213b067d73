"""What a package in the list of completion is: asked for when its name is looked at, so the list need not wait for it."""

from __future__ import annotations

from envls import target
from envls.assist.package_card import dependency_card, requirement_card
from envls.assist.surroundings import packages_in, unlisted_dependency, unlisted_requirement
from envls.document import Document
from envls.facts import Facts


def described(document: Document, list_: str, name: str, facts: Facts) -> str:
    """The card of a package that may become an item of the conda list or (`list_` is "pip") of the pip section."""
    facts.managed = target.is_managed_perhaps(document, facts)
    content = packages_in(document)
    if list_ == "pip":
        return requirement_card(unlisted_requirement(name, content), facts)
    return dependency_card(unlisted_dependency(name, content), facts)
