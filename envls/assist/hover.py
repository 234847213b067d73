"""What to show under the pointer, by the kind of mention that stands there."""

from __future__ import annotations

from dataclasses import dataclass

from envls import target
from envls.assist.address_card import address_card
from envls.assist.channel_card import channel_card
from envls.assist.delta_card import delta_card
from envls.assist.explained import Explanation, explained, explained_selector, option_card
from envls.assist.key_card import key_card
from envls.assist.markdown import RULE
from envls.assist.package_card import dependency_card, requirement_card
from envls.assist.run_card import has_run_card, run_card, users_card
from envls.document import Document
from envls.facts import Facts
from envls.formats import Mention
from envls.formats.azureml import v2
from envls.formats.azureml.workbench import InterpreterRef
from envls.formats.conda.environment import ChannelRef, Dependency, EnvironmentFile, PipSection, Requirement
from envls.formats.conda.environment_keys import PIP
from envls.formats.keys import Key, KeyInfo, Value
from envls.formats.paths import PathRef
from envls.ignoring import ignore_comments
from envls.rules import rules
from envls.rules.rule import AnyRule
from envls.runs import steps_of
from envls.syntax import Scalar
from envls.text import Span

_OF_FILE = {"name": users_card, "dependencies": delta_card}
"""What the keys of a conda file show of other files."""


@dataclass(frozen=True, slots=True)
class Card:
    """Markdown about what stands at `span`."""

    span: Span
    markdown: str


def hover(document: Document, offset: int, facts: Facts) -> Card | None:
    """The card at `offset`, None where there is nothing to say. Asks facts; run it again when they are known."""
    for comment in ignore_comments(document):
        for written, span in comment.codes:
            rule = rules().get(written)
            if rule and span.touches(offset):
                return Card(span, rule_page(rule))
    if document.content is None:
        return None
    facts.managed = target.is_managed_perhaps(document, facts)
    content = document.content
    items = content.packages_at(Span(offset, offset)) if isinstance(content, EnvironmentFile) else []
    for mention in items or document.mentions_at(offset):
        there = explained(mention, offset) if isinstance(mention, Dependency | Requirement) else None
        markdown = there.markdown if there else _card(mention, document, offset, facts)
        if markdown:
            return Card(there.span if there else mention.span, markdown)
    if isinstance(content, EnvironmentFile) and not items and (there := _of_comment(content, document, offset)):
        return Card(there.span, there.markdown)
    return _of_step(content, document, offset, facts) if isinstance(content, v2.Definition) else None


def _of_comment(content: EnvironmentFile, document: Document, offset: int) -> Explanation | None:
    """What the comment behind an item does, where that is a selector."""
    line = document.lines.span(document.lines.place(offset)[0])
    if "[" not in document.text[line.start : line.end]:
        return None
    found = (explained_selector(item, document.text, offset) for item in content.packages_at(line))
    return next((one for one in found if one), None)


def _of_step(content: v2.Definition, document: Document, offset: int, facts: Facts) -> Card | None:
    """The card of a step of a pipeline, on its name: that is a key of the user's own, and no table has it."""
    step = next((step for step in steps_of(content) if step.key.span.touches(offset)), None)
    markdown = run_card(document, offset, facts) if step else ""
    return Card(step.key.span, markdown) if step and markdown else None


def _card(mention: Mention, document: Document, offset: int, facts: Facts) -> str:
    match mention:
        case Dependency():
            return dependency_card(mention, facts)
        case Requirement(line=line) if line.kind == "option":
            return "\n\n".join(filter(None, (option_card(line.option), address_card(line))))
        case Requirement():
            return requirement_card(mention, facts)
        case ChannelRef(node=node):
            return channel_card(node.value)
        case PathRef(key=key) if has_run_card(document, key):
            return run_card(document, offset, facts)
        case InterpreterRef():
            return run_card(document, offset, facts)
        case Key(info=KeyInfo() as info):
            return RULE.join(filter(None, (key_card(info), _below(info, document, offset, facts))))
        case Value(info=info, node=Scalar()):
            return _below(info, document, offset, facts) or key_card(info)
        case PipSection():
            return key_card(PIP)
    return ""


def _below(info: KeyInfo, document: Document, offset: int, facts: Facts) -> str:
    """What several files together say of a key, beside what it means."""
    if has_run_card(document, info.name):
        return run_card(document, offset, facts)
    if isinstance(document.content, EnvironmentFile) and info.name in _OF_FILE:
        return _OF_FILE[info.name](document, facts)
    return ""


def rule_page(rule: AnyRule) -> str:
    """The page of a rule."""
    return f"**{rule.code}** {rule.name} ({rule.severity.value})\n\n{rule.doc}"
