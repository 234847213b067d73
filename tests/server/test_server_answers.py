"""What the core offers, as the protocol has it: for editors of today and for those that can less."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import Any

import pytest
from lsprotocol import types as lsp
from lsprotocol.converters import get_converter

from envls.assist.actions import Action
from envls.assist.completion import Completions, Item, ItemKind
from envls.assist.inlay_hints import Hint
from envls.assist.references import Definition, Location
from envls.check import Changes, Found, check
from envls.document import read
from envls.facts import Facts
from envls.rules.rule import Finding, Related, Severity
from envls.server.client import Client, client_of
from envls.server.convert import Border, Encoding
from envls.server.uris import uri_of
from envls.text import Edit, Span

HERE = read(PurePath("/project/environment.yml"), "name: é😀\nchannels: []\n")
OTHER = read(PurePath("/project/other.yml"), "😀: x\n")
URI = uri_of(HERE.path)
ABLE = Client(
    related=True,
    tags=True,
    markdown=True,
    markdown_items=True,
    snippets=True,
    literal_items=True,
    deprecated_items=True,
    document_changes=True,
    creates_files=True,
    action_objects=True,
    triggers_suggest=True,
)


def border(client: Client = ABLE) -> Border:
    documents = {document.path: document for document in (HERE, OTHER)}
    return Border(client, Encoding.of("utf-16"), documents.get, uri_of, {HERE.path: 7}.get)


def plain(answer: object) -> Any:
    return get_converter().unstructure(answer)


def offered(item: Item, client: Client = ABLE) -> dict[str, Any]:
    (made,) = plain(border(client).completions(Completions((item,)), HERE, URI, incomplete=False))["items"]
    return dict(made)


ITEM = Item(
    "conda-forge",
    ItemKind.CHANNEL,
    Edit(Span(9, 17), "${1:a\\$b}:\n  - $0${2:}\\}"),
    "detail",
    "**bold**",
    sort="0001",
    filter="forge",
    snippet=True,
    retrigger=True,
    deprecated=True,
)


def test_an_item_has_everything_that_the_editor_can_use() -> None:
    assert offered(ITEM) == {
        "label": "conda-forge",
        "kind": 8,
        "tags": [1],
        "detail": "detail",
        "documentation": {"kind": "markdown", "value": "**bold**"},
        "sortText": "0001",
        "filterText": "forge",
        "insertTextFormat": 2,
        "insertTextMode": 1,
        "textEdit": {
            "range": {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 8}},
            "newText": "${1:a\\$b}:\n  - $0${2:}\\}",
        },
        "command": {"title": "Suggest", "command": "editor.action.triggerSuggest"},
    }


def test_an_item_for_an_editor_that_knows_no_snippets() -> None:
    made = offered(ITEM, Client())
    assert made["textEdit"]["newText"] == "a$b:\n  - }"
    assert made["insertTextFormat"] == 1
    assert made["documentation"]["kind"] == "plaintext"
    assert not {"tags", "command", "insertTextMode"} & made.keys()


def test_what_an_item_is_stands_at_every_row_where_the_editor_can_show_it() -> None:
    assert offered(ITEM, replace(ABLE, described_labels=True))["labelDetails"] == {"description": "detail"}
    assert "labelDetails" not in offered(replace(ITEM, detail=""), replace(ABLE, described_labels=True))


def test_a_package_can_be_asked_about() -> None:
    assert offered(replace(ITEM, package="conda"))["data"] == {"uri": URI, "list": "conda"}


@pytest.mark.parametrize("kind", ItemKind)
def test_every_kind_of_item_has_an_icon(kind: ItemKind) -> None:
    assert offered(replace(ITEM, kind=kind))["kind"]


@pytest.mark.parametrize(("incomplete", "told"), [(False, False), (True, True)])
def test_a_list_is_incomplete_when_facts_are_missing(incomplete: bool, told: bool) -> None:
    assert border().completions(Completions(), HERE, URI, incomplete=incomplete).is_incomplete is told
    assert border().completions(Completions(incomplete=True), HERE, URI, incomplete=False).is_incomplete


# -- inlay hints ----------------------------------------------------------------------------------------------


def test_a_hint_stands_behind_its_text() -> None:
    (made,) = plain(border().hints([Hint(8, "installed 2.0", "**there**")], HERE))
    assert made == {
        "position": {"line": 0, "character": 9},
        "label": "installed 2.0",
        "tooltip": {"kind": "markdown", "value": "**there**"},
        "paddingLeft": True,
    }


# -- findings -------------------------------------------------------------------------------------------------


def found(**more: Any) -> Found:
    """A finding of some rule, made to order."""
    one = check(read(HERE.path, "dependencies:\n  - 1\n"), Facts())[0]
    return Found(one.rule, Finding(Span(6, 8), "wrong", **more), Severity.WARNING)


def test_related_places_may_lie_in_other_files() -> None:
    related = (
        Related(Span(2, 3), "there", OTHER.path),
        Related(Span(9, 17), "here"),
        Related(Span(0, 1), "gone", PurePath("/gone")),
    )
    (made,) = border().diagnostics([found(related=related, unused=True)], HERE)
    assert made["range"] == {"start": {"line": 0, "character": 6}, "end": {"line": 0, "character": 9}}
    assert made["severity"] == 2
    assert made["tags"] == [1]
    assert [(one["location"]["uri"], one["message"]) for one in made["relatedInformation"]] == [
        (uri_of(OTHER.path), "there"),
        (uri_of(HERE.path), "here"),
    ]
    assert made["relatedInformation"][0]["location"]["range"]["start"]["character"] == 3

    (made,) = border(Client()).diagnostics([found(related=related, unused=True)], HERE)
    assert not {"tags", "relatedInformation"} & made.keys()


# -- code actions ---------------------------------------------------------------------------------------------

CHANGES = Changes({HERE.path: (Edit(Span(6, 8), "x"),), OTHER.path: (Edit(Span(1, 1), "y"),)})
CREATES = Changes({HERE.path: (Edit(Span(0, 0), "x"),)}, {PurePath("/project/new.yml"): "name: x\n"})


def test_edits_carry_the_version_of_what_is_open() -> None:
    edit = plain(border().workspace_edit(CHANGES))
    first, second = edit["documentChanges"]
    assert first["textDocument"] == {"uri": uri_of(HERE.path), "version": 7}
    assert first["edits"] == [
        {"range": {"start": {"line": 0, "character": 6}, "end": {"line": 0, "character": 9}}, "newText": "x"}
    ]
    assert second["textDocument"] == {"uri": uri_of(OTHER.path), "version": None}
    assert second["edits"][0]["range"]["start"] == {"line": 0, "character": 2}


def test_an_older_editor_gets_edits_without_versions() -> None:
    edit = plain(border(Client()).workspace_edit(CHANGES))
    assert set(edit) == {"changes"}
    assert set(edit["changes"]) == {uri_of(HERE.path), uri_of(OTHER.path)}


def test_a_file_is_made_before_it_is_written() -> None:
    edit = plain(border().workspace_edit(CREATES))
    _, create, write = edit["documentChanges"]
    assert create == {"kind": "create", "uri": "file:///project/new.yml"}
    assert write["edits"][0]["newText"] == "name: x\n"
    assert border(replace(ABLE, creates_files=False)).workspace_edit(CREATES) is None


def test_files_that_want_a_confirmation_are_shown_first_where_the_editor_can() -> None:
    asking = replace(CREATES, confirm="Two files")
    edit = plain(border(replace(ABLE, confirms=True)).workspace_edit(asking))
    ((name, told),) = edit["changeAnnotations"].items()
    assert told == {"label": "Two files", "needsConfirmation": True}
    change, create, write = edit["documentChanges"]
    assert [create["annotationId"], change["edits"][0]["annotationId"], write["edits"][0]["annotationId"]] == [name] * 3
    assert plain(border().workspace_edit(asking)) == plain(border().workspace_edit(CREATES))


def test_an_editor_that_makes_no_files_is_not_offered_any() -> None:
    action = Action("Write", "refactor.rewrite", lambda: CREATES, later=True, creates=True)
    able = replace(ABLE, resolves_edits=True)
    assert len(border(able).actions([action], HERE, [], {})) == 1
    assert border(replace(able, creates_files=False)).actions([action], HERE, [], {}) == []


def test_a_change_of_what_is_not_known_any_more_is_not_offered() -> None:
    gone = Changes({PurePath("/gone.yml"): (Edit(Span(0, 0), "x"),)})
    assert border().workspace_edit(gone) is None
    assert border().actions([Action("Fix", "quickfix", lambda: gone)], HERE, [], {}) == []


def test_an_action_is_tied_to_the_finding_that_the_editor_shows() -> None:
    one = found()
    shown = get_converter().structure(border().diagnostics([one], HERE)[0], lsp.Diagnostic)
    elsewhere = lsp.Diagnostic(lsp.Range(lsp.Position(1, 0), lsp.Position(1, 1)), "wrong", code=one.rule.code)
    action = Action("Fix", "quickfix", lambda: CHANGES, one, preferred=True)
    (made,) = border().actions([action], HERE, [elsewhere, shown], {})
    assert made.diagnostics == [shown]
    assert made.is_preferred
    (made,) = border().actions([action], HERE, [elsewhere], {})
    assert made.diagnostics is None


# -- the editor -----------------------------------------------------------------------------------------------


def introduced(capabilities: dict[str, Any], options: Any = None) -> Client:
    said = {"processId": None, "rootUri": None, "capabilities": capabilities, "initializationOptions": options}
    return client_of(get_converter().structure(said, lsp.InitializeParams))


def test_an_editor_that_says_nothing_can_nothing() -> None:
    assert introduced({}) == Client()
    assert (
        introduced({"textDocument": {"hover": {}, "publishDiagnostics": {"tagSupport": {"valueSet": [2]}}}}) == Client()
    )


@pytest.mark.parametrize("options", [None, {}, {"commands": None}, {"commands": 1}, {"commands": ["other"]}, []])
def test_a_command_of_the_client_is_used_only_where_it_is_named(options: Any) -> None:
    assert introduced({}, options) == Client()
    assert introduced({}, {"commands": ["editor.action.triggerSuggest"]}) == Client(triggers_suggest=True)


def test_places_in_other_files_are_told_in_their_own_columns() -> None:
    found = Definition(Span(6, 8), Location(OTHER.path, Span(1, 4)))
    there = {"start": {"line": 0, "character": 2}, "end": {"line": 0, "character": 5}}
    assert plain(border(Client()).definition(found, HERE)) == {"uri": uri_of(OTHER.path), "range": there}
    (link,) = plain(border(replace(ABLE, definition_links=True)).definition(found, HERE))
    assert link["targetRange"] == link["targetSelectionRange"] == there
    assert link["originSelectionRange"]["end"] == {"line": 0, "character": 9}
    gone = plain(border().location(Location(PurePath("/gone"), Span(3, 9))))
    assert gone["range"]["end"] == {"line": 0, "character": 0}
