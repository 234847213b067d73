"""Findings, cards, hints, completions and changes as the editor at the other end can take them.

Findings become plain dictionaries, since a file may have thousands and lsprotocol's classes cost ten times as much;
everything else is typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from envls.server.client import COMPARE_FILES, SHOW_REFERENCES, TRIGGER_SUGGEST, UNNECESSARY
from envls.server.convert.places import Encoding, Places
from envls.text import Lines, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import PurePath

    from envls.assist.actions import Action
    from envls.assist.completion import Completions, Item
    from envls.assist.hover import Card
    from envls.assist.inlay_hints import Hint
    from envls.assist.lenses import Lens
    from envls.assist.links import Link
    from envls.assist.project_symbols import PackageAt
    from envls.assist.references import Definition, Location
    from envls.check import Changes, Found
    from envls.document import Document
    from envls.rules.rule import Related
    from envls.server.client import Client

_SEVERITIES = {"error": 1, "warning": 2, "information": 3, "hint": 4}
_KINDS = {
    "key": lsp.CompletionItemKind.Property,
    "value": lsp.CompletionItemKind.Value,
    "channel": lsp.CompletionItemKind.Interface,
    "package": lsp.CompletionItemKind.Module,
    "version": lsp.CompletionItemKind.Constant,
    "build": lsp.CompletionItemKind.Constant,
    "file": lsp.CompletionItemKind.File,
    "folder": lsp.CompletionItemKind.Folder,
    "option": lsp.CompletionItemKind.Keyword,
    "code": lsp.CompletionItemKind.EnumMember,
    "snippet": lsp.CompletionItemKind.Snippet,
}
_TAB_STOP = re.compile(r"(?<!\\)\$(?:\{\d+:((?:\\.|[^}\\])*)\}|\{?\d+\}?)")
_CONFIRMED = "confirmed"
_ESCAPED = re.compile(r"\\([$}\\])")


@dataclass(frozen=True)
class Border:
    """What every conversion needs: the editor's abilities, its columns, and the other files."""

    client: Client
    encoding: Encoding
    look: Callable[[PurePath], Document | None]
    uri: Callable[[PurePath], str]
    version: Callable[[PurePath], int | None]

    def places(self, document: Document) -> Places:
        return Places(document.lines, self.encoding)

    # -- findings ---------------------------------------------------------------------------------------------

    def diagnostics(self, found: Iterable[Found], document: Document) -> list[dict[str, Any]]:
        places = self.places(document)
        return [self._diagnostic(one, document, places) for one in found]

    def _diagnostic(self, one: Found, document: Document, places: Places) -> dict[str, Any]:
        finding = one.finding
        diagnostic = {
            "range": places.plain_range(finding.span),
            "severity": _SEVERITIES[one.severity.value],
            "code": one.rule.code,
            "source": "envls",
            "message": finding.message,
        }
        if finding.unused and self.client.tags:
            diagnostic["tags"] = [UNNECESSARY]
        if finding.related and self.client.related:
            related = (self._related(other, document, places) for other in finding.related)
            diagnostic["relatedInformation"] = [other for other in related if other]
        return diagnostic

    def _related(self, related: Related, document: Document, places: Places) -> dict[str, Any] | None:
        path = related.path or document.path
        if path != document.path:
            there = self.look(path)
            if there is None:
                return None
            places = self.places(there)
        location = {"uri": self.uri(path), "range": places.plain_range(related.span)}
        return {"location": location, "message": related.message}

    def complaints(self, text: str, wrong: Iterable[tuple[Span, str]]) -> list[dict[str, Any]]:
        """Diagnostics for a file that is no document of ours: what is wrong with a configuration."""
        places = Places(Lines(text), self.encoding)
        return [
            {
                "range": places.plain_range(span),
                "severity": _SEVERITIES["warning"],
                "source": "envls",
                "message": message,
            }
            for span, message in wrong
        ]

    # -- hover ------------------------------------------------------------------------------------------------

    def hover(self, card: Card, document: Document) -> lsp.Hover:
        kind = lsp.MarkupKind.Markdown if self.client.markdown else lsp.MarkupKind.PlainText
        return lsp.Hover(lsp.MarkupContent(kind, card.markdown), self.places(document).range(card.span))

    # -- inlay hints ------------------------------------------------------------------------------------------

    def hints(self, found: Iterable[Hint], document: Document) -> list[lsp.InlayHint]:
        places = self.places(document)
        kind = lsp.MarkupKind.Markdown
        return [
            lsp.InlayHint(
                lsp.Position(*places.place(one.offset)),
                one.label,
                tooltip=lsp.MarkupContent(kind, one.tooltip),
                padding_left=True,
            )
            for one in found
        ]

    # -- between files ----------------------------------------------------------------------------------------

    def definition(self, found: Definition, document: Document) -> lsp.Location | list[lsp.LocationLink]:
        there = self.location(found.location)
        if not self.client.definition_links:
            return there
        words = self.places(document).range(found.span)
        return [lsp.LocationLink(there.uri, there.range, there.range, words)]

    def location(self, one: Location) -> lsp.Location:
        """A place in another file; in one whose text is not known its beginning."""
        there = self.look(one.path)
        start = lsp.Position(0, 0)
        return lsp.Location(
            self.uri(one.path), self.places(there).range(one.span) if there else lsp.Range(start, start)
        )

    def package(self, one: PackageAt) -> lsp.SymbolInformation:
        """A package of the workspace; it is the file's name that tells it from others."""
        container = one.place.path.name
        return lsp.SymbolInformation(
            self.location(one.place), one.name, lsp.SymbolKind.Package, container_name=container
        )

    def links(self, found: Iterable[Link], document: Document) -> list[lsp.DocumentLink]:
        """One without a target is resolved when somebody follows it."""
        places = self.places(document)
        uri = self.uri(document.path)
        return [
            lsp.DocumentLink(places.range(one.span), data={"uri": uri})
            if one.target is None
            else lsp.DocumentLink(
                places.range(one.span), one.target if isinstance(one.target, str) else self.uri(one.target)
            )
            for one in found
        ]

    def lenses(self, found: Iterable[Lens], document: Document) -> list[lsp.CodeLens]:
        """A lens shows its places where the client has a command for that; else it is only words."""
        places = self.places(document)
        return [lsp.CodeLens(places.range(one.span), self._command(one, document, places)) for one in found]

    def _command(self, lens: Lens, document: Document, places: Places) -> lsp.Command:
        if not lens.places or not self.client.shows_references:
            return lsp.Command(lens.title, "")
        position = lsp.Position(*places.place(lens.span.start))
        listed = [self.location(place) for place in lens.places]
        return lsp.Command(lens.title, SHOW_REFERENCES, arguments=[self.uri(document.path), position, listed])

    # -- completion -------------------------------------------------------------------------------------------

    def completions(self, found: Completions, document: Document, uri: str, *, incomplete: bool) -> lsp.CompletionList:
        """What a package is, the editor asks for when its name is looked at (`completionItem/resolve`)."""
        places = self.places(document)
        ranges: dict[Span, lsp.Range] = {}
        items = []
        for item in found.items:
            span = item.edit.span
            if span not in ranges:
                ranges[span] = places.range(span)
            made = self._item(item, ranges[span])
            if item.package:
                made.data = {"uri": uri, "list": item.package}
            items.append(made)
        return lsp.CompletionList(incomplete or found.incomplete, items)

    def _item(self, item: Item, range_: lsp.Range) -> lsp.CompletionItem:
        text = item.edit.text
        snippet = item.snippet and self.client.snippets
        if item.snippet and not snippet:
            text = _ESCAPED.sub(r"\1", _TAB_STOP.sub(r"\1", text))
        made = lsp.CompletionItem(
            item.label,
            kind=_KINDS[item.kind.value],
            detail=item.detail or None,
            sort_text=item.sort or None,
            filter_text=item.filter or None,
            insert_text_format=lsp.InsertTextFormat.Snippet if snippet else lsp.InsertTextFormat.PlainText,
            text_edit=lsp.TextEdit(range_, text),
        )
        if item.detail and self.client.described_labels:
            made.label_details = lsp.CompletionItemLabelDetails(description=item.detail)  # shown at every item
        if item.documentation:
            made.documentation = self.documentation(item.documentation)
        if "\n" in text and self.client.literal_items:
            made.insert_text_mode = lsp.InsertTextMode.AsIs
        if item.deprecated and self.client.deprecated_items:
            made.tags = [lsp.CompletionItemTag.Deprecated]
        if item.retrigger and self.client.triggers_suggest:
            made.command = lsp.Command("Suggest", TRIGGER_SUGGEST)
        return made

    def documentation(self, markdown: str) -> lsp.MarkupContent:
        kind = lsp.MarkupKind.Markdown if self.client.markdown_items else lsp.MarkupKind.PlainText
        return lsp.MarkupContent(kind, markdown)

    # -- code actions -----------------------------------------------------------------------------------------

    def actions(
        self, offered: Iterable[Action], document: Document, shown: Iterable[lsp.Diagnostic], data: dict[str, Any]
    ) -> list[lsp.CodeAction]:
        """`shown` are the diagnostics that the editor has at the place: an action is tied to those it mends.

        With `data` the editor asks for the edit of an action that is made `later`, if it can.
        """
        places = self.places(document)
        by_place = {(one.code, str(one.range)): one for one in shown}
        made = []
        for action in offered:
            if action.creates and not self.client.makes_files:
                continue
            if action.beside is not None:
                made += self._comparison(action, document, action.beside)
                continue
            later = action.later and self.client.resolves_edits
            edit = None if later else self.workspace_edit(action.changes)
            if edit is None and not later:
                continue
            one = lsp.CodeAction(action.title, kind=action.kind, edit=edit, is_preferred=action.preferred or None)
            one.data = data if later else None
            if action.found:
                key = (action.found.rule.code, str(places.range(action.found.finding.span)))
                one.diagnostics = [by_place[key]] if key in by_place else None
            made.append(one)
        return made

    def _comparison(self, action: Action, document: Document, beside: PurePath) -> list[lsp.CodeAction]:
        """An action that shows two files side by side, where the client has a command for that: the protocol has none."""
        if not self.client.compares_files:
            return []
        arguments = [self.uri(beside), self.uri(document.path), f"{beside.name} ↔ {document.path.name}"]
        command = lsp.Command(action.title, COMPARE_FILES, arguments=arguments)
        return [lsp.CodeAction(action.title, kind=action.kind, command=command)]

    def workspace_edit(self, changes: Changes) -> lsp.WorkspaceEdit | None:
        """The changes as an edit; None where the editor cannot make them, or a text is not known any more."""
        edits: dict[str, list[lsp.TextEdit]] = {}
        done: list[lsp.TextDocumentEdit | lsp.CreateFile | lsp.RenameFile | lsp.DeleteFile] = []
        told = _CONFIRMED if changes.confirm and self.client.confirms else None
        for path, wanted in changes.edits.items():
            there = self.look(path)
            if there is None:
                return None
            places = self.places(there)
            edits[self.uri(path)] = new = [lsp.TextEdit(places.range(edit.span), edit.text) for edit in wanted]
            done.append(_text_edit(self.uri(path), self.version(path), new, told))
        if changes.created and not self.client.makes_files:
            return None
        start = lsp.Range(lsp.Position(0, 0), lsp.Position(0, 0))
        for path, text in changes.created.items():
            done += (
                lsp.CreateFile(self.uri(path), annotation_id=told),
                _text_edit(self.uri(path), None, [lsp.TextEdit(start, text)], told),
            )
        if not self.client.document_changes:
            return lsp.WorkspaceEdit(changes=edits)
        shown = {told: lsp.ChangeAnnotation(changes.confirm, needs_confirmation=True)} if told else None
        return lsp.WorkspaceEdit(document_changes=done, change_annotations=shown)


def _text_edit(
    uri: str, version: int | None, edits: Sequence[lsp.TextEdit], told: str | None = None
) -> lsp.TextDocumentEdit:
    """The edits of one file; with `told` they are shown before they are made."""
    shown = [lsp.AnnotatedTextEdit(told, edit.range, edit.new_text) for edit in edits] if told else edits
    return lsp.TextDocumentEdit(lsp.OptionalVersionedTextDocumentIdentifier(uri, version), shown)
