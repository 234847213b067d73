"""What the editor at the other end can do, read once from its first message.

Whoever converts asks here and never looks into the protocol's tree of optional capabilities.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lsprotocol.types import ClientCapabilities, InitializeParams

AS_IS = 1
DEPRECATED = 1
UNNECESSARY = 1
"""The numbers of the protocol for what a client may say that it knows."""
MOST_FOLDS = 5000
"""Folds of a file for an editor that does not say how many it wants: as many as VS Code does."""
SHOW_REFERENCES = "envls.showReferences"
COMPARE_FILES = "envls.compareFiles"
TRIGGER_SUGGEST = "editor.action.triggerSuggest"
"""Commands that list places, show two files, and open completion again after an item: the protocol knows none. A client
says in its options which of them it has; others would complain of a command they do not know."""


@dataclass(frozen=True)
class Client:
    """False throughout is the oldest editor there is."""

    related: bool = False
    tags: bool = False
    markdown: bool = False
    markdown_items: bool = False
    snippets: bool = False
    literal_items: bool = False
    deprecated_items: bool = False
    described_labels: bool = False
    document_changes: bool = False
    creates_files: bool = False
    confirms: bool = False
    action_objects: bool = False
    resolves_edits: bool = False
    configuration: bool = False
    registers_configuration: bool = False
    registers_watchers: bool = False
    triggers_suggest: bool = False
    shows_progress: bool = False
    refreshes_hints: bool = False
    refreshes_lenses: bool = False
    refreshes_tokens: bool = False
    registers_formatting: bool = False
    nests_symbols: bool = False
    most_folds: int = MOST_FOLDS
    definition_links: bool = False
    shows_references: bool = False
    compares_files: bool = False
    watches_elsewhere: bool = False
    sends_more: bool = False

    @property
    def makes_files(self) -> bool:
        """Whether an edit may make files: only a list of changes can tell of them."""
        return self.document_changes and self.creates_files


def client_of(params: InitializeParams) -> Client:
    """What `params` says of its sender."""
    said = params.capabilities
    options = params.initialization_options
    commands = options.get("commands") if isinstance(options, dict) else None

    def has(path: str, wanted: object = True) -> bool:
        at: Any = said
        for step in path.split("."):
            at = getattr(at, step, None)
            if at is None:
                return False
        return wanted in at if isinstance(at, list | tuple) else bool(at)

    return Client(
        related=has("text_document.publish_diagnostics.related_information"),
        tags=has("text_document.publish_diagnostics.tag_support.value_set", UNNECESSARY),
        markdown=has("text_document.hover.content_format", "markdown"),
        markdown_items=has("text_document.completion.completion_item.documentation_format", "markdown"),
        snippets=has("text_document.completion.completion_item.snippet_support"),
        literal_items=has("text_document.completion.completion_item.insert_text_mode_support.value_set", AS_IS),
        deprecated_items=has("text_document.completion.completion_item.tag_support.value_set", DEPRECATED),
        described_labels=has("text_document.completion.completion_item.label_details_support"),
        document_changes=has("workspace.workspace_edit.document_changes"),
        creates_files=has("workspace.workspace_edit.resource_operations", "create"),
        confirms=said.workspace is not None
        and said.workspace.workspace_edit is not None
        and said.workspace.workspace_edit.change_annotation_support is not None,
        action_objects=has("text_document.code_action.code_action_literal_support"),
        resolves_edits=has("text_document.code_action.resolve_support.properties", "edit")
        and has("text_document.code_action.data_support"),
        configuration=has("workspace.configuration"),
        registers_configuration=has("workspace.did_change_configuration.dynamic_registration"),
        registers_watchers=has("workspace.did_change_watched_files.dynamic_registration"),
        watches_elsewhere=has("workspace.did_change_watched_files.relative_pattern_support"),
        sends_more=has("text_document.synchronization.dynamic_registration"),
        refreshes_hints=has("workspace.inlay_hint.refresh_support"),
        refreshes_lenses=has("workspace.code_lens.refresh_support"),
        refreshes_tokens=has("workspace.semantic_tokens.refresh_support"),
        registers_formatting=has("text_document.formatting.dynamic_registration")
        and has("text_document.range_formatting.dynamic_registration"),
        nests_symbols=has("text_document.document_symbol.hierarchical_document_symbol_support"),
        most_folds=_most_folds(said),
        definition_links=has("text_document.definition.link_support"),
        shows_references=isinstance(commands, list) and SHOW_REFERENCES in commands,
        compares_files=isinstance(commands, list) and COMPARE_FILES in commands,
        shows_progress=has("window.work_done_progress"),
        triggers_suggest=isinstance(commands, list) and TRIGGER_SUGGEST in commands,
    )


def _most_folds(said: ClientCapabilities) -> int:
    folding = said.text_document.folding_range if said.text_document else None
    return folding.range_limit if folding and folding.range_limit else MOST_FOLDS
